"""
`Concurrency`: how many calls a batch has under way at once, as many as are of use.

With too few calls under way a batch waits for answers instead of asking; with too many they only stand in line, at the
service or at the client's own throttle, take memory, and are lost together when something breaks. The right number is
the service's rate times the time of an answer, and nobody knows either. So it is searched for, by its effect.

How it is searched
    Calls that end are counted in windows, one after the other. Between them one other number, higher or lower by a
    fixed factor, is tried for a window. It stays if the calls that ended per second make it worth while: more calls
    under way have to bring more, fewer may bring a little less. When neither direction is better, the next trial waits
    longer each time, unless the pace changes by itself.

What a call is, and what becomes of it, is the business of `aioturk.batch.run`; how fast calls may follow each other,
of :mod:`aioturk.throttle`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aioturk.clock import Clock

__all__ = ["Concurrency"]

_START = 8
"""How many calls are under way at first, if the bounds allow it."""
_STEP = 1.4
"""The factor between a number and the next one that is tried."""
_GAIN = 1.05
"""A higher number has to make the pace so many times what it was. (Where nothing else holds it back, it is `_STEP`.)"""
_LOSS = 0.03
"""A lower number may cost this part of the pace."""
_LEAST_WINDOW = 64
_ROUNDS = 3
"""A window has so many ended calls at least, and so many for each that may be under way."""
_PATIENCE = 8
"""The most windows between two trials."""
_OTHERWISE = 1.3
"""A pace that is so many times what it was, or was so many times what it is, means that the service has changed."""
_MEMORY = 4
"""The pace is averaged over about so many windows."""


class Concurrency:
    """
    Places for calls that are under way: whoever has one may call, and gives it back when the call has ended.

    The order is first come, first served. Somebody who is cancelled while waiting leaves no place behind, taken or
    free. It belongs to one event loop, has no tasks, and needs no closing.

    Args:
        clock: What tells the time.
        least: So many places there always are.
        most: There are never more.
    """

    def __init__(self, clock: Clock, *, least: int = 4, most: int = 50) -> None:
        if not 1 <= least <= most:
            raise ValueError(f"there must be 1 place at least, and no more at least than at most: {least}, {most}")
        self._clock = clock
        self._search = _Search(least, most)
        self._waiting: dict[asyncio.Future[None], None] = {}
        self._taken = 0
        self._unsettled = 0
        self._ended = 0
        self._since = clock.monotonic()
        self._idle_since: float | None = self._since

    @property
    def limit(self) -> int:
        """How many places there are now."""
        return self._search.limit

    @property
    def taken(self) -> int:
        """How many are taken; after the limit has fallen, it may be more than that for a moment."""
        return self._taken

    async def take(self) -> None:
        """Wait for a free place, and take it."""
        if not self._waiting and self._taken < self._search.limit:
            self._occupy()
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[waiter] = None
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.cancelled() or not waiter.done():
                self._waiting.pop(waiter, None)
            else:  # it had just been given a place, and will not use it
                self._leave()
            raise

    def free(self) -> None:
        """Give a place back, since its call has ended."""
        if not self._taken:
            raise RuntimeError("a place was given back that nobody had taken")
        self._count()
        self._leave()

    def _occupy(self) -> None:
        self._taken += 1
        if self._idle_since is not None:
            # Time in which nobody calls says nothing about the service.
            self._since += self._clock.monotonic() - self._idle_since
            self._idle_since = None

    def _leave(self) -> None:
        self._taken -= 1
        while self._waiting and self._taken < self._search.limit:
            waiter = next(iter(self._waiting))
            del self._waiting[waiter]
            if not waiter.done():
                self._occupy()
                waiter.set_result(None)
        if not self._taken:
            self._idle_since = self._clock.monotonic()

    def _count(self) -> None:
        """Count a call that has ended, and let the search go on when the window is full."""
        if self._unsettled:
            self._unsettled -= 1
            if not self._unsettled:
                self._since = self._clock.monotonic()
            return
        self._ended += 1
        before = self._search.limit
        if self._ended < max(_LEAST_WINDOW, _ROUNDS * before):
            return
        now = self._clock.monotonic()
        if now <= self._since:
            return
        self._search.saw(self._ended / (now - self._since))
        self._ended = 0
        self._since = now
        if self._search.limit != before:
            # What is under way was begun under the former limit, and says as much about that as about the new one.
            self._unsettled = max(before, self._search.limit)


class _Search:
    """The search for the best number, as a function of the pace: no clock, no waiting."""

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most
        self._home = self.limit = min(max(_START, least), most)
        self._pace = 0.0
        self._windows = 0
        self._upwards = True
        self._failed = 0
        self._patience = 1
        self._rest = 0

    def saw(self, pace: float) -> None:
        """Take in how many calls a second ended with the present limit, and decide on the next one."""
        if self.limit != self._home:
            self._judge(pace)
        else:
            self._stay(pace)

    def _judge(self, pace: float) -> None:
        """End a trial."""
        if pace > self._pace * (_GAIN if self._upwards else 1 - _LOSS):
            self._settle(pace)
            self._try()
            return
        self.limit = self._home
        self._turn()

    def _settle(self, pace: float) -> None:
        self._home = self.limit
        self._pace, self._windows = pace, 1
        self._failed = 0
        self._patience = 1

    def _stay(self, pace: float) -> None:
        if self._windows and not self._pace / _OTHERWISE < pace < self._pace * _OTHERWISE:
            self._windows = self._rest = self._failed = 0
            self._patience = 1
        self._windows = min(self._windows + 1, _MEMORY)
        self._pace += (pace - self._pace) / self._windows
        self._rest -= 1
        if self._rest <= 0:
            self._try()

    def _try(self) -> None:
        """Set out for the next number, unless it is out of bounds."""
        wanted = self._home * _STEP if self._upwards else self._home / _STEP
        self.limit = min(max(round(wanted), self._least), self._most)
        if self.limit == self._home:
            self._turn()

    def _turn(self) -> None:
        """Look in the other direction next; after a while, if neither was better."""
        self._upwards = not self._upwards
        self._failed += 1
        if self._failed >= 2:
            self._failed = 0
            self._rest = self._patience
            self._patience = min(2 * self._patience, _PATIENCE)
