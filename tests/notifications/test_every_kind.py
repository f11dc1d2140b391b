"""Every kind of event, from the marketplace to the program, whichever way; and a program that is killed on the way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web

from aioturk import Client, ExternalQuestion
from aioturk._core.webhooks import new_secret
from aioturk.marketplace import Delivery, Marketplace, Webhook
from aioturk.models import EventType
from aioturk.notifications import Certificates, Event, handler, listen
from tests import queues as queue_server
from tests.notifications.support import Fetcher, body, certificate, envelope, send, subscribe
from tests.queues import KEYS, Queues

KINDS = {kind for kind in EventType if kind is not EventType.PING}


@pytest.fixture(scope="module")
def queues() -> Iterator[Queues]:
    """Amazon's queues and topics, as moto plays them."""
    with queue_server.serve() as server:
        yield server


@dataclass(frozen=True)
class Life:
    """What happened to a HIT, in order: kind, assignment and worker of each event."""

    hit_id: str
    hit_type_id: str
    hit_group_id: str | None
    told: list[tuple[str, str | None, str | None]]


async def register(mturk: Client) -> str:
    """Register the HIT type of this file."""
    return await mturk.hit_type(
        title="Guess the age", description="Look at a picture.", reward="0.25", assignment_duration=300
    )


async def live(market: Marketplace, mturk: Client, hit_type_id: str) -> Life:
    """Let a HIT live through everything that there are events for."""
    hit = await mturk.create_hit_with_hit_type(
        hit_type_id,
        lifetime=3600,
        max_assignments=3,
        question=ExternalQuestion("https://example.org/task"),
    )
    anna, bert = market.worker("A1ANNA00000000"), market.worker("A2BERT00000000")
    told: list[tuple[str, str | None, str | None]] = [("HITCreated", None, None)]

    def work(kind: str, assignment_id: str, worker: str) -> None:
        told.append((f"Assignment{kind}", assignment_id, worker))

    returned = await anna.accept(hit.hit_id)
    await anna.return_assignment(returned)
    abandoned = await bert.accept(hit.hit_id)
    await market.advance(timedelta(seconds=300))
    good, bad = await anna.accept(hit.hit_id), await bert.accept(hit.hit_id)
    await anna.submit(good, {"age": "36"})
    await bert.submit(bad, {"age": "one"})
    await mturk.approve_assignment(good)
    await mturk.reject_assignment(bad, requester_feedback="That is no age.")
    work("Accepted", returned, anna.worker_id)
    work("Returned", returned, anna.worker_id)
    work("Accepted", abandoned, bert.worker_id)
    work("Abandoned", abandoned, bert.worker_id)
    for kind in ("Accepted", "Submitted"):
        work(kind, good, anna.worker_id)
        work(kind, bad, bert.worker_id)
    work("Approved", good, anna.worker_id)
    work("Rejected", bad, bert.worker_id)

    await mturk.extend_hit(hit.hit_id, assignments=1)
    await mturk.expire_hit(hit.hit_id)
    await mturk.delete_hit(hit.hit_id)
    told += [(kind, None, None) for kind in ("HITExtended", "HITExpired", "HITReviewable", "HITDisposed")]
    assert {kind for kind, _, _ in told} == KINDS
    return Life(hit.hit_id, hit_type_id, hit.hit_group_id, told)


def check(events: list[Event], life: Life) -> None:
    """See that every event came once, with the right ids."""
    came = sorted((str(each.type), str(each.assignment_id), str(each.worker_id)) for each in events)
    assert came == sorted((kind, str(assignment), str(worker)) for kind, assignment, worker in life.told)
    assert len({each.document_id for each in events}) == len(events)
    ids = {(each.hit_id, each.hit_type_id, each.hit_group_id) for each in events}
    assert ids == {(life.hit_id, life.hit_type_id, life.hit_group_id)}
    assert not any(each.is_test for each in events)


async def heard(url: str, number: int) -> list[Event]:
    """Hear so many events of a queue, and see that nothing is left in it."""
    events: list[Event] = []
    async with asyncio.timeout(60), listen(url, credentials=KEYS, wait=1) as listener:
        async for each in listener:
            events.append(each)
            if len(events) == number:
                await listener.done()
                break
    return events


@asynccontextmanager
async def publishing(queues: Queues) -> AsyncIterator[tuple[Marketplace, Client]]:
    """A marketplace that tells the queues and topics of the tests."""
    delivery = Delivery(sqs=queues.url, sns=queues.url, credentials=KEYS)
    async with Marketplace(delivery=delivery) as market, market.client() as mturk:
        yield market, mturk


@pytest.mark.parametrize("way", ["queue", "topic", "raw topic"])
async def test_every_kind_through_a_queue(queues: Queues, way: str) -> None:
    """Each event arrives once and with the right ids, straight or through a topic, in an envelope or without one."""
    url = await queues.queue()
    topic = None if way == "queue" else await queues.topic(url, raw=way == "raw topic")
    async with publishing(queues) as (market, mturk):
        hit_type_id = await register(mturk)
        await mturk.notify_on(hit_type_id, queue=url if topic is None else None, topic=topic)
        life = await live(market, mturk, hit_type_id)
        async with asyncio.timeout(60):
            await market.notifications.delivered()
        check(await heard(url, len(life.told)), life)
        assert await queues.received(url) == []


async def test_pings(queues: Queues) -> None:
    """Test messages of every kind are heard, and known for what they are."""
    url = await queues.queue()
    wanted = {"Destination": url, "Transport": "SQS", "Version": "2014-08-15", "EventTypes": ["HITCreated"]}
    async with publishing(queues) as (_, mturk):
        for kind in EventType:
            await mturk.send_test_event_notification(notification=wanted, test_event_type=kind)
        events = await heard(url, len(EventType))
    assert {each.type for each in events} == set(EventType)
    assert all(each.is_test for each in events)


@pytest.mark.parametrize("form", ["standard", "sns"])
async def test_every_kind_as_a_webhook(form: Any) -> None:
    """Each event is posted to the handler and called once, in both forms, although some posts fail at first."""
    events: list[Event] = []
    failed: set[str] = set()

    async def call(event: Event) -> None:
        if event.type in ("HITCreated", "AssignmentApproved") and event.document_id not in failed:
            failed.add(event.document_id)
            raise ValueError("not yet")
        events.append(event)

    secret = new_secret()
    app = web.Application()
    app.router.add_post("/", handler(call, secret=secret))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        webhook = Webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/", secret, format=form)
        async with Marketplace(delivery=Delivery(webhooks=[webhook])) as market, market.client() as mturk:
            life = await live(market, mturk, await register(mturk))
            async with asyncio.timeout(60):
                await market.notifications.delivered()
    finally:
        await runner.cleanup()
    assert len(failed) == 2
    check(events, life)


async def test_every_kind_as_a_topics_post(queues: Queues) -> None:
    """Each event that a topic posts is called once; what it posts twice, and what nobody signed, is not."""
    events: list[Event] = []
    answers: list[int] = []

    async def call(event: Event) -> None:
        events.append(event)

    async def as_amazon(request: web.Request) -> web.Response:
        """Pass a post on, signed: moto's signatures are made up."""
        plain = json.loads(await request.text())
        made_up = {name: plain.pop(name) for name in ("Signature", "SignatureVersion", "SigningCertURL")}
        message = envelope(plain.pop("Message"), version="1", **{"Subject": None, **plain})
        url = request.url.with_path("/events")
        async with ClientSession() as session:
            for post in ({**message, **made_up}, message, message):
                async with session.post(url, data=json.dumps(post)) as answer:
                    answers.append(answer.status)
        return web.Response()

    now = datetime.now(UTC)
    fetcher = Fetcher(certificate(begins=now - timedelta(days=1), ends=now + timedelta(days=1)))
    topic = await queues.topic(await queues.queue())
    app = web.Application()
    app.router.add_post("/events", handler(call, topic=topic, certificates=Certificates(transport=fetcher)))
    app.router.add_post("/topic", as_amazon)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await subscribe(queues, topic, f"http://127.0.0.1:{runner.addresses[0][1]}/topic")
        async with publishing(queues) as (market, mturk):
            hit_type_id = await register(mturk)
            await mturk.notify_on(hit_type_id, topic=topic)
            life = await live(market, mturk, hit_type_id)
            async with asyncio.timeout(60):
                await market.notifications.delivered()
    finally:
        await runner.cleanup()
    check(events, life)
    assert sorted(answers) == [204, 204] * len(life.told) + [401] * len(life.told)


async def test_silence_and_sound(queues: Queues) -> None:
    """What is switched off is not told, and what is switched on again is."""
    url = await queues.queue()
    async with publishing(queues) as (market, mturk):
        hit_type_id = await register(mturk)
        question = ExternalQuestion("https://example.org/task")
        await mturk.notify_on(hit_type_id, queue=url, events=["HITCreated"])
        heard_of = []
        for active in (False, True):
            await mturk.notify_on(hit_type_id, active=active)
            hit = await mturk.create_hit_with_hit_type(hit_type_id, lifetime=3600, question=question)
            heard_of += [hit.hit_id] if active else []
        await mturk.notify_on(hit_type_id, queue=url, events=["HITExpired"], active=False)
        await mturk.expire_hit(hit.hit_id)
        async with asyncio.timeout(60):
            await market.notifications.delivered()
        assert [each.hit_id for each in await heard(url, 1)] == heard_of
        assert await queues.received(url) == []


LISTENER = """
import asyncio, sys
from aioturk import Credentials, notifications

async def main():
    async for event in notifications.listen(sys.argv[1], credentials=Credentials("AKIDEXAMPLE", "x"), visibility=1):
        print("got", event.document_id, flush=True)
        if event.document_id == sys.argv[2]:
            await asyncio.Event().wait()
        print("handled", event.document_id, flush=True)

asyncio.run(main())
"""


async def test_a_listener_that_is_killed(queues: Queues) -> None:
    """
    A process that dies between taking and deleting loses nothing: what it was at comes again, and what it had.

    Each event is delivered at least once, the one that the process was at twice, and each is handled exactly once.
    """
    url = await queues.queue()
    docs = [f"doc-{number}" for number in range(5)]
    await send(queues, url, *map(body, docs))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LISTENER, url, "doc-2", stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        printed = [(await process.stdout.readline()).decode().split() for _ in range(5)]
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        assert await process.stdout.read() == b""
    got = [doc for what, doc in printed if what == "got"]
    handled = [doc for what, doc in printed if what == "handled"]
    assert (len(got), len(handled), got[-1]) == (3, 2, "doc-2")
    again = [each.document_id for each in await heard(url, 3)]  # which handles all that it gets
    assert sorted(handled + again) == docs
    assert sorted(got + again) == sorted([*docs, "doc-2"])
    assert await queues.received(url) == []


async def test_the_log_has_what_was_heard(queues: Queues) -> None:
    """What is heard is, word for word, what the marketplace wrote."""
    url = await queues.queue()
    async with publishing(queues) as (market, mturk):
        hit_type_id = await register(mturk)
        await mturk.notify_on(hit_type_id, queue=url, events=["HITCreated"])
        question = ExternalQuestion("https://example.org/task")
        await mturk.create_hit_with_hit_type(hit_type_id, lifetime=3600, question=question)
        async with asyncio.timeout(60):
            await market.notifications.delivered()
        (written,) = await market.notifications
        (event,) = await heard(url, 1)
    document = json.loads(written.body)
    assert (event.document_id, event.customer_id) == (document["EventDocId"], document["CustomerId"])
    assert event.more == {"SourceAccount": document["SourceAccount"]}
    assert event.time == written.at.replace(microsecond=0)
