"""
`Deliveries`: every submission of a batch once, in the order in which they came in, until there are no more.

A submission counts as delivered when the program asks for the next one. So what it was at when it was stopped is
delivered again, and nothing is lost; what another program has in hand is not delivered here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.ledger import hits, submissions, units
from aioturk.batch.ledger.hits import OPEN
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.units import Kind, State
from aioturk.errors import InvalidRequest

if TYPE_CHECKING:
    from aioturk.batch.reviewing import BatchSubmission, Reviewer

__all__ = ["Deliveries", "Until"]

T = TypeVar("T")

Until = Literal["complete", "now"] | None
"""Until the batch is complete, until what is there now was delivered, or for ever."""

_PAGE: Final = 20
"""How many submissions are taken in hand together."""


class _Pace:
    """How long to wait between two looks: longer while nothing comes, and never much of the time itself."""

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

    async def walk(self, until: Until) -> AsyncGenerator[BatchSubmission[T], None]:
        """
        Walk the submissions.

        Args:
            until: When to stop.
        """
        if until not in ("complete", "now", None):
            raise InvalidRequest(f"is {until!r}; give 'complete', 'now' or None.", argument="until")
        pace = _Pace()
        async with self._desk.holder:
            while True:
                began = self._desk.clock.monotonic()
                await self._desk.perform(bury_the_dead)
                new = await self._collector.collect()
                async with aclosing(self._deliver()) as delivered:
                    async for submission in delivered:
                        yield submission
                if until == "now" or (until == "complete" and await self._is_complete()):
                    return
                took = self._desk.clock.monotonic() - began
                await self._desk.clock.sleep(pace.next(new, took))

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
        if (await self._desk.perform(units.counts(seq))).get((Kind.PUBLISH, State.OPEN)):
            return False
        if (await self._desk.perform(hits.count_hits(seq))).get(OPEN):
            return False
        return not await self._desk.perform(submissions.undelivered(seq))
