"""From the marketplace's webhooks to a program's handler: each event once, whatever is lost between them."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aioturk.marketplace import Delivery, Marketplace, Webhook, new_secret
from aioturk.marketplace.notifications import Notification
from aioturk.notifications import Event, handler

from ..postgres import Postgres
from .support import ANNA, Requester, StillClock, done
from .test_delivery import HandClock, turn
from .test_notifications import ASSIGNMENT_EVENTS, HIT_EVENTS, TOPIC, subscribed
from .test_webhooks import everything

SECRET = new_secret()


class Program:
    """
    A program whose handler is behind a line that loses requests and replies.

    Args:
        lost: How many times in ten something is lost: one half before the handler has it, the other half behind it.
        fails: How many times in ten the program itself fails, and has not dealt with an event.

    Attributes:
        events: What it was told of.
        calls: How often it was called.
    """

    def __init__(self, *, lost: int = 0, fails: int = 0, secret: str | Collection[str] = SECRET) -> None:
        self.url = ""
        self.clock = HandClock()
        self.events: list[Event] = []
        self.calls = 0
        self.lost, self.fails = lost, fails
        self._random = random.Random(7)
        self._handle = handler(self._take, secret=secret, clock=self.clock)

    async def _take(self, event: Event) -> None:
        if self._random.random() * 10 < self.fails:
            raise RuntimeError("not now")
        self.events.append(event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        chance = self._random.random() * 10
        answer: web.StreamResponse = web.Response()
        if chance >= self.lost / 2:
            answer = await self._handle(request)
        if chance < self.lost:
            assert request.transport is not None
            request.transport.abort()
        return answer

    def delivery(self, **options: Any) -> Delivery:
        return Delivery(webhooks=[Webhook(self.url, SECRET, **options)], clock=self.clock)


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    """A program that listens, and loses nothing yet."""
    program = Program()
    app = web.Application()
    app.router.add_post("/events", program.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    program.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    try:
        yield program
    finally:
        await runner.cleanup()


def is_posting(market: Marketplace) -> bool:
    """Whether something is on its way."""
    assert market._courier is not None
    return any(each._under_way for each in market._courier._rounds)


async def arrived(market: Marketplace, clock: HandClock) -> list[Notification]:
    """Let time pass until nothing waits to be posted."""
    async with asyncio.timeout(60):
        while True:
            messages = await market.notifications
            if all(message.state != "waiting" for message in messages):
                return [message for message in messages if message.transport == "Webhook"]
            # A second of the clock is nothing to a busy computer, and half a minute for one post too long.
            turn(market, clock, 0 if is_posting(market) else 1)


def told(events: list[Event]) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            event.document_id,
            event.type,
            event.time,
            event.hit_id,
            event.hit_type_id,
            event.hit_group_id,
            event.assignment_id,
            event.worker_id,
            event.customer_id,
        )
        for event in events
    )


def logged(messages: list[Notification]) -> Counter[tuple[object, ...]]:
    return Counter(
        (
            message.document["EventDocId"],
            message.event,
            message.at.replace(microsecond=0),
            message.hit_id,
            message.hit_type_id,
            message.hit_group_id,
            message.assignment_id,
            message.worker_id,
            message.document["CustomerId"],
        )
        for message in messages
    )


@pytest.mark.parametrize("options", [{}, {"format": "sns"}, {"format": "sns", "topic": TOPIC}, {"topic": TOPIC}])
@pytest.mark.parametrize(("lost", "fails"), [(0, 0), (5, 0), (3, 3)])
async def test_each_event_once(
    database: str | None, program: Program, options: dict[str, Any], lost: int, fails: int
) -> None:
    """All kinds arrive with the ids that they have in the log, whatever is lost and however often it is tried."""
    program.lost, program.fails = lost, fails
    async with Marketplace(database, clock=StillClock(), delivery=program.delivery(**options)) as market:
        turk = Requester(market)
        if "topic" in options:
            await subscribed(turk, transport="SNS", destination=TOPIC)
        await everything(market, turk)
        messages = await arrived(market, program.clock)

    assert {message.state for message in messages} == {"delivered"}
    assert {event.type for event in program.events} == {*ASSIGNMENT_EVENTS, *HIT_EVENTS}
    assert told(program.events) == logged(messages)
    assert (program.calls > len(messages)) == (lost + fails > 0)
    assert not any(event.is_test for event in program.events)


async def test_a_marketplace_that_starts_again_and_again(tmp_path: Path, program: Program) -> None:
    """What was lost before a restart comes after it, and what had arrived is known by its id."""
    program.lost = 8
    path = tmp_path / "market.db"
    for number in range(4):
        async with Marketplace(path, clock=StillClock(), delivery=program.delivery()) as market:
            await done(market, (await Requester(market).hit())["HITId"], ANNA)
            turn(market, program.clock, number)
    async with Marketplace(path, clock=StillClock(), delivery=program.delivery()) as market:
        messages = await arrived(market, program.clock)

    assert len(messages) == 16
    assert told(program.events) == logged(messages)


async def test_two_marketplaces_on_one_store(postgres: Postgres, program: Program) -> None:
    """Whoever of them sends what, and again: each event is told once."""
    program.lost = 5
    url = postgres.fresh()
    async with (
        Marketplace(url, clock=StillClock(), delivery=program.delivery()) as one,
        Marketplace(url, clock=StillClock(), delivery=program.delivery()) as two,
    ):
        turks = [Requester(one), Requester(two, access_key=one.access_key, secret_key=one.secret_key)]
        hits = await asyncio.gather(*(turks[i % 2].hit() for i in range(8)))
        await asyncio.gather(*(done(one if i % 2 else two, hits[i]["HITId"], ANNA) for i in range(8)))
        messages = await arrived(one, program.clock)

    assert len(messages) == 32
    assert told(program.events) == logged(messages)


async def test_a_program_with_another_secret_believes_nothing(program: Program) -> None:
    """Its marketplace is told 401 and tries again; when the program knows the secret, everything arrives."""
    other = Program(secret=new_secret())
    right, program._handle = program._handle, other._handle
    async with Marketplace(clock=StillClock(), delivery=program.delivery()) as market:
        await Requester(market).hit()
        async with asyncio.timeout(30):
            while not (message := (await market.notifications)[0]).trouble:
                pass  # a turn of the store's thread each, so others get on
        assert (message.state, program.events, other.events) == ("waiting", [], [])
        assert message.trouble.startswith("HTTP 401")
        program._handle = right
        messages = await arrived(market, program.clock)

    assert told(program.events) == logged(messages)
