"""
`Watch`: following events into the ledger, beside everything else, so that submissions come within seconds.

Events are hints, and nothing but the service and the ledger is believed. Whatever an event says, the assignment or the
HIT is read; what is in the ledger already, what is about HITs of others, and what tells of no work costs no call. So
events may come twice, in any order, be forged or be lost: looking at the service from time to time
(`aioturk.batch.delivering`) goes on, and finds the rest.

The next event is asked for when the one before has done its work, that is when its submission is safely in the ledger.
A queue that keeps a message until then loses nothing to a program that dies. No events are held here, so a program that
is slow with submissions makes nothing grow but the ledger.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.ledger import hits, submissions
from aioturk.batch.ledger.hits import OPEN, Watched
from aioturk.batch.ledger.opening import LedgerFailed
from aioturk.errors import TurkError
from aioturk.models import EventType
from aioturk.notifications import Event

__all__ = ["Watch"]

_log = logging.getLogger("aioturk.batch")

_OF_WORK: Final = frozenset(
    {EventType.ASSIGNMENT_SUBMITTED, EventType.ASSIGNMENT_APPROVED, EventType.ASSIGNMENT_REJECTED}
)
"""Events that tell of an assignment that was handed in."""
_OF_ENDS: Final = frozenset({EventType.HIT_REVIEWABLE, EventType.HIT_EXPIRED, EventType.HIT_DISPOSED})
"""Events that tell of a HIT of which no submissions may come any more."""

_PAUSES: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between reads, because readers may see a thing later than its event is heard."""
_FRESH: Final = 60.0
"""Of what happened longer ago, in seconds, all readers know: it is read once."""

_LONGEST_ID: Final = 64


class _Hint(NamedTuple):
    """What an event says that is of use here."""

    hit_id: str
    assignment_id: str | None
    """The assignment that was handed in; None if the HIT has come to its end."""
    moment: float


class _Known(NamedTuple):
    """What the ledger knows of it."""

    hit: Watched | None
    delivered: bool | None
    """Of the assignment; None if it is not there."""


class Watch:
    """
    Follows events. To be started once, and stopped.

    Args:
        desk: Where.
        collector: Reads from the service.
        events: What to follow.

    Attributes:
        error: Why the events ended, if that was not of their own accord.
    """

    def __init__(self, desk: Desk, collector: Collector, events: AsyncIterable[Event]) -> None:
        self._desk = desk
        self._collector = collector
        self._events = events
        self._open: AsyncIterator[Event] | None = None
        """What is to be closed in the end."""
        self._following: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._brought = False
        self._complained = False
        self.error: Exception | None = None

    def start(self) -> None:
        """Begin to follow."""
        try:
            self._open = events = aiter(self._events)
        except Exception as trouble:  # somebody else's code: whatever it is, the work goes on
            self._give_up(trouble)
            return
        self._following = asyncio.create_task(self._follow(events), name="aioturk-batch-events")
        self._desk.followers.add(self._following)
        self._following.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Stop, and close the events."""
        following, self._following = self._following, None
        if following is None:
            return
        following.cancel()
        await asyncio.wait({following})
        await self._close()  # a task that was cancelled before it began has not done so
        if not following.cancelled() and (trouble := following.exception()) is not None:
            # Whoever leaves has reasons of his own, which matter more.
            _log.warning("what events told of could not be written down any more: %s", trouble)

    def forget(self) -> None:
        """Forget what events have brought so far: it is going to be delivered now."""
        self._brought = False

    async def wait(self, seconds: float) -> bool:
        """
        Wait until an event has brought something that was not forgotten, or for so long.

        Returns:
            Whether an event did.

        Raises:
            ConfigurationError: The ledger cannot be used.
        """
        self._check()
        if seconds <= 0:
            return False  # looks are not put off, however much events bring
        if self._brought:
            return True
        waiting = self._waiting = asyncio.ensure_future(self._desk.clock.sleep(seconds))
        try:
            await asyncio.wait({waiting})
        finally:
            self._waiting = None
            waiting.cancel()
        if not waiting.cancelled():
            waiting.result()
        self._check()
        return waiting.cancelled()

    def _check(self) -> None:
        """Raise what went wrong with the ledger."""
        following = self._following
        if following is not None and following.done() and not following.cancelled():
            self._following = None
            following.result()

    def _bring(self) -> None:
        self._brought = True
        if self._waiting is not None:
            self._waiting.cancel()

    def _ended(self, following: asyncio.Task[None]) -> None:
        self._desk.followers.discard(following)
        if not following.cancelled() and following.exception() is not None:
            self._bring()  # whoever waits is told

    # In the task.

    async def _follow(self, events: AsyncIterator[Event]) -> None:
        try:
            while (hint := await self._next(events)) is not None:
                await self._pursue(hint)
        finally:
            await self._close()

    async def _next(self, events: AsyncIterator[Event]) -> _Hint | None:
        """Return the next hint; None when there are no more events."""
        try:
            while True:
                if (hint := _hint(await anext(events))) is not None:
                    return hint
        except StopAsyncIteration:
            _log.info("there are no more events; submissions are looked for from time to time")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._give_up(TurkError("somebody has cancelled what they come from."))
        except Exception as trouble:  # as above
            self._give_up(trouble)
        return None

    def _give_up(self, trouble: Exception) -> None:
        self.error = trouble
        _log.warning(
            "events cannot be followed any more, so submissions come later, but they all come: %s: %s",
            type(trouble).__name__,
            trouble,
        )

    async def _close(self) -> None:
        events, self._open = self._open, None
        close: Callable[[], Awaitable[object]] | None = getattr(events, "aclose", None)
        if close is None:
            return
        try:
            await close()
        except Exception as trouble:  # as above
            self._give_up(trouble)

    async def _pursue(self, hint: _Hint) -> None:
        """Read what an event tells of, a few times if need be, until it is in the ledger."""
        is_fresh = abs(self._desk.now() - hint.moment) <= _FRESH
        for pause in (0.0, *_PAUSES) if is_fresh else (0.0,):
            if pause:
                await self._desk.clock.sleep(pause)
            known = await self._known(hint)
            if known.hit is None or known.delivered:
                return
            if known.delivered is False:  # others, or a look, have read it
                self._bring()
                return
            if hint.assignment_id is None and known.hit.state != OPEN:
                return
            if await self._read(known.hit, hint.assignment_id):
                self._bring()
                return

    async def _known(self, hint: _Hint) -> _Known:
        seq = await self._desk.seq()
        find_hit = hits.of_batch(seq, hint.hit_id)
        find_work = None if hint.assignment_id is None else submissions.is_delivered(seq, hint.assignment_id)

        def act(connection: Connection) -> _Known:
            return _Known(find_hit(connection), None if find_work is None else find_work(connection))

        return await self._desk.perform(act)

    async def _read(self, known: Watched, assignment_id: str | None) -> bool:
        """Read an assignment, or a HIT that has ended; return whether the service shows it so."""
        try:
            if assignment_id is None:
                return await self._collector.collect_end(known)
            return await self._collector.collect_work(known, assignment_id)
        except LedgerFailed:
            raise
        except TurkError as trouble:
            level = logging.INFO if self._complained else logging.WARNING
            self._complained = True
            _log.log(level, "what an event told of cannot be read now, and will be looked for again: %s", trouble)
            return False


def _hint(event: Event) -> _Hint | None:
    """Return what is of use of an event; None if there is nothing."""
    if event.type in _OF_WORK:
        assignment_id = event.assignment_id
        if not _is_id(assignment_id):
            return None
    elif event.type in _OF_ENDS:
        assignment_id = None
    else:
        return None
    hit_id = event.hit_id
    if hit_id is None or not _is_id(hit_id):
        return None
    moment: datetime = event.time
    return _Hint(hit_id, assignment_id, moment.timestamp())


def _is_id(text: str | None) -> bool:
    """Whether a text can be an id: whoever makes messages up need not stop at texts that databases take."""
    return text is not None and text.isascii() and text.isalnum() and len(text) <= _LONGEST_ID
