"""Events posted to programs: what they get, how it is signed, and what becomes of what nobody takes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import socket
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from sqlalchemy import select, update

from aioturk._core.messages import Request
from aioturk._core.webhooks import Secret, check
from aioturk.errors import ConfigurationError, WebhookRefused
from aioturk.marketplace import Delivery, Marketplace, Webhook, new_secret
from aioturk.marketplace.house import House
from aioturk.marketplace.store.tables import notification

from ..postgres import Postgres
from ..queues import KEYS
from .support import ANNA, BERT, CARA, Requester, StillClock, done
from .test_delivery import HandClock, Service, delivered, ping, saying, served, tried, turn, until
from .test_notifications import (
    ASSIGNMENT_EVENTS,
    HIT_EVENTS,
    QUEUE,
    TOPIC,
    TYPE,
    specification,
    subscribed,
)

SECRET = new_secret()


@pytest.fixture
async def program() -> AsyncIterator[Service]:
    """A program that events are posted to."""
    async with served() as program:
        yield program


@pytest.fixture
def clock() -> HandClock:
    """What the courier's time is turned with."""
    return HandClock()


@pytest.fixture
def dead() -> str:
    """The URL of nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
async def posting(database: str | None, program: Service, clock: HandClock) -> AsyncIterator[Marketplace]:
    """A marketplace on either store that posts all events to our program."""
    async with Marketplace(database, clock=StillClock(), delivery=to(program, clock=clock)) as market:
        yield market


def to(program: Service, *, clock: HandClock | None = None, **options: Any) -> Delivery:
    return Delivery(webhooks=[Webhook(program.url, SECRET, **options)], clock=clock or HandClock())


def verified(request: Request, clock: HandClock, secret: str = SECRET) -> str:
    """The id of a request that is signed as it should be: by our own check, and by nothing but hmac."""
    headers = {name.lower(): value for name, value in request.headers}
    now = datetime.fromtimestamp(clock.now, UTC)
    found = check(Secret.parse(secret), request.headers, request.body, now, timedelta(0))
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), request.body))
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    return found.id


def documents(program: Service) -> list[dict[str, Any]]:
    """What was posted, read."""
    return [json.loads(request.body) for request in program.requests]


def kinds(program: Service) -> list[str]:
    """The kinds of events that were posted; those that are posted at once in no order."""
    return sorted(document["Events"][0]["EventType"] for document in documents(program))


async def everything(market: Marketplace, turk: Requester) -> None:
    """Have every kind of event happen."""
    hit_id = (await turk.hit(MaxAssignments=3))["HITId"]
    anna, bert = market.worker(ANNA), market.worker(BERT)
    await anna.return_assignment(await anna.accept(hit_id))
    await bert.accept(hit_id)
    await market.advance(timedelta(seconds=300))
    first, second, _ = await done(market, hit_id, ANNA, BERT, CARA)
    await turk("ApproveAssignment", AssignmentId=first)
    await turk("RejectAssignment", AssignmentId=second, RequesterFeedback="blank")
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=1)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await market.advance(timedelta(days=31))
    await turk("DeleteHIT", HITId=hit_id)


# What is posted.


async def test_every_kind_of_event_is_posted(posting: Marketplace, program: Service, clock: HandClock) -> None:
    """No HIT type asks for anything, and each event arrives once, signed, word for word as the log has it."""
    turk = Requester(posting)
    await everything(posting, turk)
    messages = await delivered(posting)

    assert {message.event for message in messages} == {*ASSIGNMENT_EVENTS, *HIT_EVENTS}
    assert {(message.transport, message.destination) for message in messages} == {("Webhook", program.url)}
    assert {(message.state, message.attempts, message.trouble) for message in messages} == {("delivered", 1, None)}
    assert Counter(request.body.decode() for request in program.requests) == Counter(
        message.body for message in messages
    )
    for request in program.requests:
        headers = dict(request.headers)
        assert verified(request, clock) == json.loads(request.body)["EventDocId"]
        assert (request.method, headers["Content-Type"]) == ("POST", "application/json")


async def test_a_posted_message_says_what_happened(posting: Marketplace, program: Service) -> None:
    """It has the ids of HIT, type, group, assignment and worker, and the requester's."""
    turk = Requester(posting)
    hit = await turk.hit(MaxAssignments=2)
    (group,) = await posting.worker(BERT).find()
    (assignment_id,) = await done(posting, hit["HITId"], ANNA)
    await delivered(posting)

    (document,) = (one for one in documents(program) if one["Events"][0]["EventType"] == "AssignmentSubmitted")
    assert document == {
        "EventDocVersion": "2014-08-15",
        "EventDocId": document["EventDocId"],
        "CustomerId": group.requester_id,
        "SourceAccount": "123456789012",
        "Events": [
            {
                "EventType": "AssignmentSubmitted",
                "EventTimestamp": f"{posting.now():%Y-%m-%dT%H:%M:%SZ}",
                "HITTypeId": hit["HITTypeId"],
                "HITGroupId": hit["HITGroupId"],
                "HITId": hit["HITId"],
                "AssignmentId": assignment_id,
                "WorkerId": ANNA,
            }
        ],
    }


async def test_what_is_declined_is_not_posted(posting: Marketplace, program: Service) -> None:
    """A message is written with what it tells of, or not at all."""
    turk = Requester(posting)
    hit_id = (await turk.hit(UniqueRequestToken="once"))["HITId"]
    await turk.refused("CreateHIT", UniqueRequestToken="once", **{**TYPE, "LifetimeInSeconds": 60, "Question": "x"})
    await turk.refused("DeleteHIT", HITId=hit_id)
    await delivered(posting)

    assert kinds(program) == ["HITCreated"]


async def test_only_the_kinds_that_are_wanted(program: Service) -> None:
    """The others are not even kept."""
    delivery = to(program, events=["AssignmentSubmitted", "HITReviewable"])
    async with Marketplace(clock=StillClock(), delivery=delivery) as market:
        await everything(market, Requester(market))
        messages = await delivered(market)

    assert {message.event for message in messages} == set(kinds(program)) == {"AssignmentSubmitted", "HITReviewable"}


async def test_one_event_has_one_id_wherever_it_goes(program: Service) -> None:
    """A receiver that is told by a queue and by two webhooks knows that it is the same."""
    hooks = [Webhook(f"{program.url}/{name}", SECRET) for name in ("one", "two?a=b")]
    async with served() as queue:
        delivery = Delivery(sqs=queue.url, credentials=KEYS, webhooks=hooks, clock=HandClock())
        async with Marketplace(clock=StillClock(), delivery=delivery) as market:
            turk = Requester(market)
            await subscribed(turk, "HITCreated", Version="2006-05-05")
            await turk.hit()
            await delivered(market)

        assert {request.url for request in program.requests} == {hook.url for hook in hooks}
        bodies = {request.body.decode() for request in program.requests} | set(queue.bodies)
    (body,) = bodies
    assert json.loads(body)["EventDocVersion"] == "2006-05-05"


# The envelope of SNS.


async def test_the_envelope_of_sns(database: str | None, program: Service, clock: HandClock) -> None:
    """A program that was written for SNS finds the members and headers it reads; the signature is a webhook's."""
    delivery = to(program, clock=clock, format="sns", topic=TOPIC)
    async with Marketplace(database, clock=StillClock(), delivery=delivery) as market:
        turk = Requester(market)
        await subscribed(turk, "HITCreated", transport="SNS", destination=TOPIC)
        await turk.hit()
        logged, message = await delivered(market)
        at = market.now()

    assert (logged.transport, logged.state, message.transport, message.state) == (
        "SNS",
        "logged",
        "Webhook",
        "delivered",
    )
    (request,) = program.requests
    envelope = json.loads(request.body)
    identity = str(UUID(hex=message.document["EventDocId"]))
    assert envelope == {
        "Type": "Notification",
        "MessageId": identity,
        "TopicArn": TOPIC,
        "Subject": envelope["Subject"],
        "Message": message.body,
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    assert envelope["Subject"].isdecimal()
    assert verified(request, clock) == message.document["EventDocId"]
    headers = {name.lower(): value for name, value in request.headers}
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert (headers["x-amz-sns-message-id"], headers["x-amz-sns-topic-arn"]) == (identity, TOPIC)
    assert headers["content-type"] == "text/plain; charset=UTF-8"


async def test_an_envelope_without_a_topic_names_one(program: Service) -> None:
    """Old programs look whose topic it is: the requester's AWS account is in it."""
    delivery = Delivery(webhooks=[Webhook(program.url, SECRET, format="sns")], region="eu-west-1", clock=HandClock())
    async with Marketplace(clock=StillClock(), delivery=delivery) as market:
        await Requester(market).hit()
        await delivered(market)

    (request,) = program.requests
    assert json.loads(request.body)["TopicArn"] == "arn:aws:sns:eu-west-1:123456789012:aioturk"


async def test_an_envelope_is_the_same_at_each_attempt(program: Service, clock: HandClock) -> None:
    """Time and signature of the attempt are in the headers alone."""
    program.answers = [saying("busy", 503)]
    async with Marketplace(clock=StillClock(), delivery=to(program, clock=clock, format="sns")) as market:
        await Requester(market).hit()
        await until(market, tried(1))
        turn(market, clock, 1)
        await delivered(market)

    first, second = program.requests
    assert first.body == second.body


# Topics.


async def test_a_webhook_of_a_topic_gets_what_is_sent_there(program: Service) -> None:
    """What specifications list, and only for that topic; nothing that goes to others, or to nobody."""
    other = TOPIC + "-2"
    async with Marketplace(clock=StillClock(), delivery=to(program, topic=TOPIC)) as market:
        turk = Requester(market)
        hit_id = (await turk.hit())["HITId"]
        type_id = (await turk.get(hit_id))["HITTypeId"]
        for wanted in (
            specification("AssignmentAccepted", transport="SNS", destination=other),
            specification("AssignmentAccepted", destination=QUEUE),
            specification("AssignmentAccepted", "HITReviewable", transport="SNS", destination=TOPIC),
        ):
            await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=wanted)
            worker = market.worker(ANNA)
            await worker.return_assignment(await worker.accept(hit_id))
        await done(market, hit_id, BERT)
        await turk("UpdateNotificationSettings", HITTypeId=type_id, Active=False)
        await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=1)
        await done(market, hit_id, CARA)
        await delivered(market)

    assert kinds(program) == ["AssignmentAccepted", "AssignmentAccepted", "HITReviewable"]
    assert {document["Events"][0]["HITId"] for document in documents(program)} == {hit_id}


async def test_test_messages_come_through_the_topic(program: Service) -> None:
    """SendTestEventNotification reaches the topic's webhooks, and no others: nothing has happened."""
    hooks = [
        Webhook(f"{program.url}/topic", SECRET, topic=TOPIC, events=["HITCreated"]),
        Webhook(f"{program.url}/all", SECRET),
    ]
    async with Marketplace(delivery=Delivery(webhooks=hooks, clock=HandClock())) as market:
        turk = Requester(market)
        for event in ("Ping", "HITCreated", "HITDisposed"):
            wanted = specification("HITReviewable", transport="SNS", destination=TOPIC)
            await turk("SendTestEventNotification", Notification=wanted, TestEventType=event)
        await ping(turk)
        await ping(turk, "SNS", TOPIC + "-2")
        await delivered(market)

    assert kinds(program) == ["HITCreated", "Ping"]
    assert {request.url for request in program.requests} == {f"{program.url}/topic"}


# Whose events.


async def test_nobody_reads_what_others_do(database: str | None, program: Service) -> None:
    """A webhook has one requester's events: the first one's, or who is named; None is for the owner of the house."""
    hooks = [
        Webhook(f"{program.url}/default", SECRET),
        Webhook(f"{program.url}/second", SECRET, requester="second"),
        Webhook(f"{program.url}/nobody", SECRET, requester="nobody"),
        Webhook(f"{program.url}/all", SECRET, requester=None),
        Webhook(f"{program.url}/topic", SECRET, topic=TOPIC),
    ]
    delivery = Delivery(webhooks=hooks, clock=HandClock())
    async with Marketplace(database, clock=StillClock(), delivery=delivery) as market:
        keys = await market.add_requester("second")
        turk = Requester(market)
        other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
        # Nor can another requester post to somebody's topic by naming it.
        await subscribed(other, "HITCreated", transport="SNS", destination=TOPIC)
        await ping(other, "SNS", TOPIC)
        first, second = (await turk.hit())["HITId"], (await other.hit())["HITId"]
        await delivered(market)

    got: dict[str, set[str]] = {}
    for request in program.requests:
        (event,) = json.loads(request.body)["Events"]
        got.setdefault(request.url.rpartition("/")[2], set()).add(event["HITId"])
    assert got == {"default": {first}, "second": {second}, "all": {first, second}}


# Trouble.


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_success_is_one(program: Service, status: int) -> None:
    """Whatever is said with it."""
    program.answers = [saying("" if status == 204 else "<html>", status)]
    async with Marketplace(delivery=to(program)) as market:
        await Requester(market).hit()
        (message,) = await delivered(market)

    assert (message.state, message.attempts, message.trouble) == ("delivered", 1, None)


async def test_an_answer_without_end_is_not_waited_for(program: Service) -> None:
    """The status was there: the message is not sent again because somebody goes on talking."""
    let_go = asyncio.Event()

    async def talk(request: web.Request, _body: bytes) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"and then")
        await let_go.wait()
        return answer

    program.answers = [talk]
    async with Marketplace(delivery=to(program)) as market:
        await Requester(market).hit()
        (message,) = await delivered(market)
        let_go.set()

    assert (message.state, message.attempts) == ("delivered", 1)


async def test_what_fails_is_signed_anew_each_time(posting: Marketplace, program: Service, clock: HandClock) -> None:
    """Waits grow; the id stays, the time is the attempt's, so that no receiver takes it for an old message."""
    program.answers = [saying("busy", 500), saying("no", 400), saying("later", 429), saying("who?", 404)]
    await Requester(posting).hit()
    times = []
    for attempt, (wait, trouble) in enumerate(
        [(1, "HTTP 500: busy"), (2, "HTTP 400: no"), (4, "HTTP 429: later"), (8, "HTTP 404: who?")], 1
    ):
        (message,) = await until(posting, tried(attempt))
        assert (message.state, message.trouble) == ("waiting", trouble)
        assert verified(program.requests[-1], clock) == message.document["EventDocId"]
        times.append(clock.now)
        turn(posting, clock, wait - 0.001)
        await until(posting, lambda _messages: True)
        assert len(program.requests) == attempt
        turn(posting, clock, 0.001)
    (message,) = await delivered(posting)

    assert (message.state, message.attempts) == ("delivered", 5)
    assert verified(program.requests[-1], clock) == message.document["EventDocId"]
    with pytest.raises(WebhookRefused):
        check(
            Secret.parse(SECRET),
            program.requests[0].headers,
            program.requests[0].body,
            datetime.fromtimestamp(clock.now, UTC),
            timedelta(seconds=10),
        )


async def test_nobody_there_and_nobody_in_time(
    dead: str, program: Service, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused connection and an answer that does not come are trouble like any other."""
    monkeypatch.setattr("aioturk.marketplace.delivery.courier._TIMEOUT", 0.01)
    let_go = asyncio.Event()

    async def hang(_request: web.Request, _body: bytes) -> web.StreamResponse:
        await let_go.wait()
        return web.Response()

    program.answers = [hang]
    hooks = [Webhook(dead, SECRET), Webhook(program.url, SECRET)]
    async with Marketplace(clock=StillClock(), delivery=Delivery(webhooks=hooks, clock=clock)) as market:
        await Requester(market).hit()
        messages = await until(market, tried(1))
        let_go.set()
        monkeypatch.undo()

    assert {message.state for message in messages} == {"waiting"}
    assert "it took too long" in {message.trouble for message in messages if message.destination == program.url}


async def test_who_is_gone_is_not_asked_again(posting: Marketplace, program: Service) -> None:
    """410 ends a message at once; the next one is tried all the same, as the program may be back."""
    program.answers = [saying("closed for good", 410)]
    turk = Requester(posting)
    await turk.hit()
    (message,) = await delivered(posting)
    assert (message.state, message.attempts) == ("failed", 1)
    assert message.trouble == "HTTP 410, nobody wants it there any more: closed for good"

    await turk.hit()
    assert [message.state for message in await delivered(posting)] == ["failed", "delivered"]


async def test_redirects_are_not_followed(posting: Marketplace, program: Service) -> None:
    """The owner wrote where messages go, and nobody else says so."""
    async with served() as elsewhere:

        async def redirect(_request: web.Request, _body: bytes) -> web.StreamResponse:
            return web.Response(status=308, headers={"Location": elsewhere.url})

        program.answers = [redirect]
        await Requester(posting).hit()
        (message,) = await until(posting, tried(1))

        assert elsewhere.requests == []
    assert (message.trouble or "").startswith("HTTP 308")


async def test_a_slow_program_holds_up_no_other(program: Service) -> None:
    """However many messages wait for the one, the other gets its own at once."""
    let_go = asyncio.Event()

    async def hang(_request: web.Request, _body: bytes) -> web.StreamResponse:
        await let_go.wait()
        return web.Response()

    async with served() as slow:
        slow.answers = [hang] * 12
        hooks = [Webhook(slow.url, SECRET), Webhook(program.url, SECRET)]
        async with Marketplace(delivery=Delivery(webhooks=hooks)) as market:
            turk = Requester(market)
            for _ in range(12):
                await turk.hit()
            messages = await until(
                market, lambda messages: sum(message.state == "delivered" for message in messages) == 12
            )
            assert {message.destination for message in messages if message.state == "waiting"} == {slow.url}
            assert len(slow.requests) <= 8
            let_go.set()
            assert {message.state for message in await delivered(market)} == {"delivered"}
        assert len(slow.requests) == 12


async def test_a_message_that_cannot_be_written_ends(
    program: Service, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that nobody can read, in a database that was worked on by hand, is trouble and holds up nothing."""
    async with Marketplace(clock=StillClock(), delivery=to(program, clock=clock)) as market:
        account = {"at": 0, "account_seq": 1, "event": "HITCreated", "transport": "Webhook", "attempts": 0}
        row = {**account, "destination": program.url, "body": "{}", "state": "waiting", "next_at": 0, "trouble": None}
        await market._house.act(lambda context: context.store.notifications.add(row))
        await Requester(market).hit()
        first, second = await until(market, lambda messages: messages[-1].state == "delivered")

    assert (first.state, first.trouble) == ("waiting", "'EventDocId'")
    assert "could not be written" in caplog.text
    assert second.state == "delivered"


# Several, and again.


async def test_of_two_markets_on_one_store_one_posts(postgres: Postgres, program: Service) -> None:
    """Whichever wrote a message, it is posted once."""
    url = postgres.fresh()
    delivery = Delivery(webhooks=[Webhook(program.url, SECRET)])
    async with Marketplace(url, delivery=delivery) as one, Marketplace(url, delivery=delivery) as two:
        turks = [Requester(one), Requester(two, access_key=one.access_key, secret_key=one.secret_key)]
        hits = await asyncio.gather(*(turks[i % 2].hit() for i in range(12)))
        await asyncio.gather(*(done(one if i % 2 else two, hits[i]["HITId"], ANNA) for i in range(12)))
        messages = await delivered(one)

    assert len(messages) == 48
    assert Counter(request.body.decode() for request in program.requests) == Counter(
        message.body for message in messages
    )
    assert {(message.state, message.attempts) for message in messages} == {("delivered", 1)}


async def test_what_was_not_posted_is_posted_after_the_next_start(
    tmp_path: Path, program: Service, clock: HandClock
) -> None:
    """With the id that it had, and the secret that is good now."""
    path = tmp_path / "market.db"
    program.answers = [saying("busy", 503)]
    async with Marketplace(path, clock=StillClock(), delivery=to(program, clock=clock)) as market:
        await Requester(market).hit()
        await until(market, tried(1))
    clock.turn(1)
    new = new_secret()
    delivery = Delivery(webhooks=[Webhook(program.url, new)], clock=clock)
    async with Marketplace(path, clock=StillClock(), delivery=delivery) as market:
        (message,) = await delivered(market)

    assert (message.state, message.attempts) == ("delivered", 2)
    assert verified(program.requests[1], clock, new) == message.document["EventDocId"]


@pytest.mark.parametrize("transport", ["Webhook", "SQS"])
async def test_what_fell_due_while_the_market_was_closed(tmp_path: Path, program: Service, transport: str) -> None:
    """It happens when the market is opened, and is told then, whoever comes first."""
    path, time = tmp_path / "market.db", StillClock()
    delivery = to(program) if transport == "Webhook" else Delivery(sqs=program.url, credentials=KEYS, clock=HandClock())
    async with Marketplace(path, clock=time) as market:
        turk = Requester(market)
        await subscribed(turk, "HITExpired")
        await turk.hit()
    time.now += 7200
    async with Marketplace(path, clock=time, delivery=delivery) as market:
        messages = await delivered(market)

    expected = ["HITExpired", "HITReviewable"] if transport == "Webhook" else ["HITExpired"]
    assert [message.event for message in messages if message.state == "delivered"] == expected
    assert len(program.requests) == len(expected)


async def test_secrets_are_replaced_without_a_gap(program: Service, clock: HandClock) -> None:
    """Signed with both, a message is good for those who know the old one and those who know the new one."""
    new = new_secret()
    delivery = Delivery(webhooks=[Webhook(program.url, [new, SECRET])], clock=clock)
    async with Marketplace(clock=StillClock(), delivery=delivery) as market:
        await Requester(market).hit()
        await delivered(market)

    (request,) = program.requests
    now = datetime.fromtimestamp(clock.now, UTC)
    ids = {check(Secret.parse(text), request.headers, request.body, now).id for text in (SECRET, new)}
    assert len(ids) == 1


# Webhooks that are no longer there.


@pytest.mark.parametrize("tried_before", [False, True])
async def test_what_is_for_a_webhook_of_old_fails(
    database: str | None, program: Service, clock: HandClock, tmp_path: Path, tried_before: bool
) -> None:
    """After a minute in which nobody else sent it; waiting for delivery does not wait for it."""
    database = database or str(tmp_path / "market.db")
    if tried_before:
        program.answers = [saying("busy", 503)]
    async with Marketplace(database, clock=StillClock(), delivery=to(program, clock=clock)) as market:
        if not tried_before:
            market._house.on_post = None
        await Requester(market).hit()
        if tried_before:
            await until(market, tried(1))
    if not tried_before:
        # As if the market had been killed before it could look.
        await _forget_attempts(database)
        program.requests.clear()
    sent = len(program.requests)
    async with served() as other:
        async with Marketplace(database, clock=StillClock(), delivery=to(other, clock=clock)) as market:
            (message,) = await delivered(market)
            assert message.state == "waiting"
            async with asyncio.timeout(30):
                while (await market.notifications)[0].state == "waiting":
                    clock.turn(30)
            (message,) = await market.notifications
            await Requester(market).hit()
            messages = await delivered(market)

        assert len(program.requests) == sent
        assert len(other.requests) == 1
    assert (message.state, message.attempts) == ("failed", int(tried_before))
    assert message.trouble == "This marketplace has no webhook of that URL any more, so it was not sent."
    assert [message.state for message in messages] == ["failed", "delivered"]


async def _due(market: Marketplace) -> list[int | None]:
    """When messages are to be sent, in the order in which they were written."""
    asked = select(notification.c.next_at).order_by(notification.c.seq)
    found = await market._house.act(lambda context: context.store.notifications._session.all(asked, {}))
    return [moment for (moment,) in found]


async def _forget_attempts(database: str) -> None:
    """Have all messages wait as on their first day."""
    again = update(notification)
    async with Marketplace(database, clock=StillClock()) as market:
        values = {"state": "waiting", "next_at": 0, "attempts": 0}
        await market._house.act(lambda context: context.store.notifications._session.change(again, values))


async def test_a_webhook_that_only_the_other_process_knows(
    postgres: Postgres, program: Service, clock: HandClock
) -> None:
    """While processes are restarted one by one with a new webhook, the old ones leave its messages to the new ones."""
    url = postgres.fresh()
    program.answers = [saying("busy", 503)]
    async with served() as old:
        async with Marketplace(url, clock=StillClock(), delivery=to(old, clock=clock)) as one:
            async with Marketplace(url, clock=StillClock(), delivery=to(program, clock=clock)) as two:
                turk = Requester(two, access_key=one.access_key, secret_key=one.secret_key)
                await turk.hit()
                await until(two, tried(1))
                two._house.on_post = None
                await turk.hit()
            # The new one was stopped. The old one looks: one message was due 59 seconds ago, one is overdue from now.
            assert await _due(one) == [int(clock.now * 1000) + 1000, 0]
            turn(one, clock, 60)
            now = int(clock.now * 1000)
            async with asyncio.timeout(30):
                while (await _due(one))[1:] == [0]:
                    pass  # a turn of the store's thread each, so others get on
            assert await _due(one) == [now - 59_000, now]
            async with Marketplace(url, clock=StillClock(), delivery=to(program, clock=clock)) as two:
                messages = await delivered(two)

        assert [(message.state, message.attempts) for message in messages] == [("delivered", 2), ("delivered", 1)]
        assert old.requests == []


async def test_a_store_in_trouble_is_looked_at_again(
    tmp_path: Path,
    program: Service,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Messages of old webhooks are not forgotten because the store could not be used for a moment."""
    path, act = tmp_path / "market.db", House.act
    failing = True

    async def sometimes(self: House, function: Callable[..., Any], **options: Any) -> Any:
        if failing and function.__name__ == "_sweep":
            raise OSError("the disk is full")
        return await act(self, function, **options)

    monkeypatch.setattr(House, "act", sometimes)
    program.answers = [saying("busy", 503)]
    async with Marketplace(path, clock=StillClock(), delivery=to(program, clock=clock)) as market:
        await Requester(market).hit()
        await until(market, tried(1))
    clock.turn(3600)
    async with Marketplace(path, clock=StillClock(), delivery=Delivery(clock=clock)) as market:
        assert [message.state for message in await until(market, lambda _: "next look in 60 s" in caplog.text)] == [
            "waiting"
        ]
        failing = False
        clock.turn(60)
        await until(market, lambda messages: messages[0].state == "failed")


# Secrets.


async def test_secrets_are_shown_nowhere(
    tmp_path: Path, program: Service, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in logs, reprs, the log of notifications, or the database; not even when the program says them."""
    caplog.set_level(logging.DEBUG)
    key = Secret.parse(SECRET).key
    program.answers = [saying(f"your secret is {SECRET}", 500)]
    path = tmp_path / "market.db"
    delivery = to(program, clock=clock)
    async with Marketplace(path, clock=StillClock(), delivery=delivery) as market:
        await Requester(market).hit()
        (message,) = await until(market, tried(1))
        assert message.trouble == "HTTP 500: your secret is ***"
        turn(market, clock, 1)
        shown = [repr(one) for one in (await delivered(market), delivery, market._courier, market._house)]

    with closing(sqlite3.connect(path)) as connection:
        shown += connection.iterdump()
    shown += [caplog.text, repr(delivery.webhooks[0]), repr(delivery.webhooks[0].subscriber())]
    bare = SECRET.removeprefix("whsec_")
    for text in shown:
        assert bare not in text
        assert key.hex() not in text
        assert repr(key)[2:-1] not in text
    assert bare.encode() not in path.read_bytes()


# What can be asked for.


@pytest.mark.parametrize(
    "url",
    ["", "example.org/hook", "ftp://example.org/", "http://", "https://example.org/#part", "https://example.org/a b",
     "https://example.org/\r\nX: y", "https://exämple.org/", "http://[::1", "http://example.org:0/", "http://a:99999/"],
)  # fmt: skip
def test_a_webhook_has_a_url(url: str) -> None:
    """Anything else is refused when it is written."""
    with pytest.raises(ConfigurationError, match="no URL to post to"):
        Webhook(url, SECRET)


@pytest.mark.parametrize("url", ["https://me:hunter2@example.org/", "https://hunter2@example.org/", "https://@h/"])
def test_a_url_has_no_password(url: str) -> None:
    """It would be in the log of notifications; the refusal does not repeat it."""
    with pytest.raises(ConfigurationError, match="user name or a password") as caught:
        Webhook(url, SECRET)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"format": "xml"}, "choose 'standard' or 'sns'"),
        ({"topic": "events"}, "name of a topic"),
        ({"topic": TOPIC + ".fifo"}, "name of a topic"),
        ({"events": "AssignmentSubmitted"}, "give a list"),
        ({"events": []}, "give a list"),
        ({"events": ["AssignmentSubmited"]}, "'AssignmentSubmited' is none of"),
    ],
)
def test_what_a_webhook_cannot_be(options: dict[str, Any], says: str) -> None:
    """Each with what to write instead."""
    with pytest.raises(ConfigurationError, match=says):
        Webhook("https://example.org/", SECRET, **options)


@pytest.mark.parametrize("secret", ["", "hunter2", [], ["whsec_short"], [SECRET, "hunter2"]])
def test_a_webhook_has_a_secret(secret: Any) -> None:
    """Nothing is posted that anybody could have written, and no bad secret is repeated."""
    with pytest.raises(ConfigurationError, match="secret") as caught:
        Webhook("https://example.org/", secret)
    assert "hunter2" not in str(caught.value)


def test_webhooks_are_told_apart_by_url() -> None:
    """Two of one URL would be sent each other's messages."""
    twice = [Webhook("https://example.org/", SECRET), Webhook("https://example.org/", SECRET, topic=TOPIC)]
    with pytest.raises(ConfigurationError, match="is there twice"):
        Delivery(webhooks=twice)


@pytest.mark.parametrize("webhooks", [Webhook("https://example.org/", SECRET), ["https://example.org/"]])
def test_webhooks_are_a_list(webhooks: Any) -> None:
    """One of them alone, or its URL, is a slip."""
    with pytest.raises(ConfigurationError, match="give a list"):
        Delivery(webhooks=webhooks)
