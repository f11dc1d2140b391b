"""Events that tests tell by hand, a clock that they turn, and a program that follows them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from aioturk.batch import Batch, BatchSubmission
from aioturk.marketplace import Marketplace
from aioturk.marketplace.notifications import Notification
from aioturk.models import HIT
from aioturk.notifications import Event

from .batches import until
from .tasks import Guess

__all__ = [
    "ANNA",
    "BERT",
    "Following",
    "StandingClock",
    "Told",
    "at",
    "following",
    "hand_in",
    "happened",
    "of_log",
    "soon",
]

ANNA = "A1ANNAANNAANNA"
BERT = "A1BERTBERTBERT"

T = TypeVar("T")


async def soon(outcome: Awaitable[T]) -> T:
    """Wait for something that has to happen by itself; only where it never does is this a matter of time."""
    async with asyncio.timeout(60):
        return await outcome


class StandingClock:
    """
    A clock that stands still until it is turned.

    Attributes:
        slept: Every wait that was asked for, in seconds, in order.
    """

    def __init__(self) -> None:
        self._start = time.time()
        self._elapsed = 0.0
        self._sleeping: list[tuple[float, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def time(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._elapsed + seconds, alarm))
        try:
            await alarm
        finally:
            self._sleeping = [each for each in self._sleeping if each[1] is not alarm]

    @property
    def sleeping(self) -> int:
        """How many sleep now."""
        return len(self._sleeping)

    def turn(self, seconds: float) -> None:
        """Turn it, and wake those whose time has come."""
        self._elapsed += seconds
        for moment, alarm in self._sleeping:
            if moment <= self._elapsed and not alarm.done():
                alarm.set_result(None)
        self._sleeping = [each for each in self._sleeping if not each[1].done()]


class Told:
    """
    What a test tells: events, errors to be raised, and None for the end.

    Args:
        before: Is called each time when the next event is asked for.

    Attributes:
        asked: How often an event was asked for.
        closed: Whether it was closed.
    """

    def __init__(self, before: Callable[[], None] | None = None) -> None:
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self._count = 0
        self._before = before
        self.asked = 0
        self.closed = False

    def tell(self, *events: Event | BaseException | object) -> None:
        """Tell something."""
        for event in events:
            self._count += 1
            self._told.put_nowait(event)

    async def heard(self) -> None:
        """Wait until everything was heard and done with, or nobody listens any more."""
        await soon(until(lambda: self.closed or self.asked > self._count))

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        if self._before is not None:
            self._before()
        self.asked += 1
        told = await self._told.get()
        if told is None:
            raise StopAsyncIteration
        if isinstance(told, BaseException):
            raise told
        event: Event = told
        return event

    async def aclose(self) -> None:
        self.closed = True


def happened(
    what: str, hit_id: str | None, assignment_id: str | None = None, *, moment: float | None = None, **more: Any
) -> Event:
    """Make an event."""
    at = datetime.fromtimestamp(time.time() if moment is None else moment, UTC)
    return Event(
        **{"type": what, "time": at, "hit_id": hit_id, "assignment_id": assignment_id, "document_id": "1", **more}
    )


def at(event: Event, moment: float) -> Event:
    """Let an event have happened at another moment."""
    return replace(event, time=datetime.fromtimestamp(moment, UTC))


def of_log(message: Notification) -> Event:
    """Make an event of a message in a marketplace's log."""
    return happened(
        message.event,
        message.hit_id,
        message.assignment_id,
        moment=message.at.timestamp(),
        worker_id=message.worker_id,
        document_id=message.document["EventDocId"],
    )


async def hand_in(market: Marketplace, hit: HIT, worker_id: str = ANNA, *, age: int = 36) -> Event:
    """Let a worker do a HIT; return the event of that."""
    worker = market.worker(worker_id)
    assignment_id = await worker.accept(hit.hit_id)
    await worker.submit(assignment_id, {"age": str(age)})
    return happened("AssignmentSubmitted", hit.hit_id, assignment_id)


class Following:
    """
    A program that follows events, which has delivered what there was and waits.

    Attributes:
        seen: What it was given, in order.
        task: It.
    """

    def __init__(self, batch: Batch[Guess], told: Any, until: Any) -> None:
        self._batch, self._told, self._until = batch, told, until
        self.seen: list[BatchSubmission[Guess]] = []
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async for submission in self._batch.submissions(until=self._until, events=self._told):
            self.seen.append(submission)

    async def has(self, count: int) -> list[str]:
        """Wait until it was given so many; return their assignments."""
        await soon(until(lambda: len(self.seen) >= count or self.task.done()))
        if self.task.done():
            await self.task
        return [one.assignment_id for one in self.seen]


@asynccontextmanager
async def following(
    batch: Batch[Guess], told: Any, clock: StandingClock, until_: Any = "complete"
) -> AsyncIterator[Following]:
    """Start a program, and wait until it waits for its next look."""
    program = Following(batch, told, until_)
    await soon(until(lambda: clock.sleeping or program.task.done()))
    try:
        yield program
    finally:
        program.task.cancel()
        await asyncio.gather(program.task, return_exceptions=True)
