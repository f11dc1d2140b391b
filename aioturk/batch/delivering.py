"""
`Deliveries`: every submission of a batch once, in the order in which they came in, until there are no more.

A submission counts as delivered when the program asks for the next one. So what it was at when it was stopped is
delivered again, and nothing is lost; what another program has in hand is not delivered here.

The service is looked at from time to time. What events tell of in between is read by `aioturk.batch.watching`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from concurrent.futures import Future
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.ledger import hits, submissions, units
from aioturk.batch.ledger.hits import OPEN
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.units import Kind, State
from aioturk.batch.watching import Watch
from aioturk.errors import InvalidRequest
from aioturk.notifications import Event

if TYPE_CHECKING:
    from aioturk.batch.reviewing import BatchSubmission, Reviewer

__all__ = ["Deliveries", "Until"]

T = TypeVar("T")

Until = Literal["complete", "now"] | None
"""Until the batch is complete, until what is there now was delivered, or for ever."""

_PAGE: Final = 20
"""How many submissions are taken in hand together."""


class _Pace:
    """
    How long to wait between two looks: longer while nothing comes, and never much of the time itself.

    What events have brought counts for nothing here. So looks become rare when events tell of everything, and frequent
    when one of them finds what no event told of.
    """

    shortest = 2.0
    longest = 60.0

    def __init__(self) -> None:
        self._seconds = self.shortest

    def next(self, new: int, took: float) -> float:
        self._seconds = self.shortest if new else min(self._seconds * 1.5, self.longest)
        return max(self._seconds, 4 * took)


class Deliveries(Generic[T]):
    """
    The submissions of a batch.

    Args:
        desk: Where.
        reviewer: Makes submissions of what is in the ledger.
    """

    def __init__(self, desk: Desk, reviewer: Reviewer[T]) -> None:
        self._desk = desk
        self._reviewer = reviewer
        self._collector = Collector(desk)
        self._watch: Watch | None = None

    @property
    def events_error(self) -> Exception | None:
        """Why events are not followed any more, if they failed."""
        return None if self._watch is None else self._watch.error

    async def walk(
        self, until: Until, events: AsyncIterable[Event] | None = None
    ) -> AsyncGenerator[BatchSubmission[T], None]:
        """
        Walk the submissions.

        Args:
            until: When to stop.
            events: What tells of submissions sooner than looks at the service do.
        """
        if until not in ("complete", "now", None):
            raise InvalidRequest(f"is {until!r}; give 'complete', 'now' or None.", argument="until")
        if events is not None and not isinstance(events, AsyncIterable):
            raise InvalidRequest(f"is a {type(events).__name__}; give what `async for` can walk.", argument="events")
        async with self._desk.holder:
            try:
                async with aclosing(self._walk(until, events)) as walked:
                    async for submission in walked:
                        yield submission
            finally:
                if self._watch is not None:
                    await self._watch.stop()

    async def _walk(
        self, until: Until, events: AsyncIterable[Event] | None
    ) -> AsyncGenerator[BatchSubmission[T], None]:
        pace = _Pace()
        clock = self._desk.clock
        pause = 0.0
        next_look: float | None = None
        is_due = True
        while True:
            if is_due:
                began = clock.monotonic()
                await self._desk.perform(bury_the_dead)
                pause = pace.next(await self._collector.collect(), clock.monotonic() - began)
                next_look = None
                if events is not None and until != "now" and self._watch is None:
                    # Not before the first look: it finds more with a call than many events with one each.
                    self._watch = Watch(self._desk, self._collector, events)
                    self._watch.start()
            if self._watch is not None:
                self._watch.forget()
            async with aclosing(self._deliver()) as delivered:
                async for submission in delivered:
                    yield submission
            if until == "now" or (until == "complete" and await self._is_complete()):
                return
            if self._watch is None:
                await clock.sleep(pause)
                continue
            if next_look is None:
                next_look = clock.monotonic() + pause
            is_due = not await self._watch.wait(next_look - clock.monotonic())

    async def _deliver(self) -> AsyncGenerator[BatchSubmission[T], None]:
        seq = await self._desk.seq()
        writing: Future[None] | None = None
        while True:
            taken, lease = await self._desk.take_in_hand(
                lambda lease, ids: submissions.claim_deliveries(
                    seq, holder_id=lease, in_hand=self._desk.in_hand, taken=ids, most=_PAGE
                ),
                submissions.give_back,
            )
            if not taken:
                if writing is not None:
                    await asyncio.wrap_future(writing)
                return
            remaining = {each.id for each in taken}
            try:
                for each in taken:
                    yield self._reviewer.submission(each)
                    # The wait for the disk is shared with whatever the program does next.
                    remaining.discard(each.id)
                    self._desk.in_hand.put_down([each.id])
                    if writing is not None and writing.done():
                        writing.result()
                    writing = self._desk.ledger.submit(submissions.delivered(each.id, self._desk.now()))
            finally:
                if remaining:
                    self._desk.ledger.tidy(submissions.give_back(remaining, self._desk.in_hand, lease))

    async def _is_complete(self) -> bool:
        seq = await self._desk.seq()
        # First what is asked at once, and is mostly the reason: events may come in quick succession.
        if await self._desk.perform(hits.in_states(seq, (OPEN,), after="", most=1)):
            return False
        if (await self._desk.perform(units.counts(seq))).get((Kind.PUBLISH, State.OPEN)):
            return False
        return not await self._desk.perform(submissions.undelivered(seq))
