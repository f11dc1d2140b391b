"""
How time passes for robots: the market's clock is turned (`TurnedClock`), or they really wait (`WaitedClock`).

What robots do is in :mod:`aioturk.marketplace.robots`.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from heapq import heappop, heappush
from typing import Protocol

from aioturk.clock import Clock
from aioturk.marketplace.house import House

__all__ = ["RobotClock", "TurnedClock", "WaitedClock"]


class RobotClock(Protocol):
    """How time passes for robots."""

    def begin(self, robots: int) -> None:
        """So many robots are about to begin a round."""
        ...

    async def run(self) -> None:
        """See to it that time passes, until all robots are through."""
        ...

    async def pause(self, milliseconds: int) -> None:
        """Let time pass for the robot that calls."""
        ...

    def leave(self) -> None:
        """A robot is through."""
        ...

    def abandoned(self, milliseconds: int) -> None:
        """A robot has abandoned something for which it had so much time."""
        ...

    async def pass_until_more(self) -> bool:
        """Let time pass until there may be something for robots that found nothing; say whether there may."""
        ...


class TurnedClock:
    """
    Time that nobody waits for: the market's clock is turned.

    Robots rest until their moments, and are woken one at a time, in the order of these. Moments are counted from the
    beginning and know nothing of real time, so that their order is the same in every run.

    Args:
        house: Whose clock is turned.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._began = house.now()
        self._now = 0
        self._awake = 0
        self._all_rest = asyncio.Event()
        self._resting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = 0
        self._deadlines: dict[int, int] = {}
        self._waited_for_lag = False

    def begin(self, robots: int) -> None:
        """Count them."""
        self._resting.clear()
        self._awake = robots
        self._all_rest.clear()
        if not robots:
            self._all_rest.set()

    async def run(self) -> None:
        """Wake whoever comes next, whenever all rest."""
        while True:
            await self._all_rest.wait()
            if not self._resting:
                return
            moment, _, robot = heappop(self._resting)
            await self._turn(moment)
            self._all_rest.clear()
            self._awake = 1
            robot.set_result(None)

    async def _turn(self, moment: int) -> None:
        self._now = moment
        ahead = self._began + moment - self._house.now()
        if ahead > 0:
            await self._house.advance(timedelta(milliseconds=ahead))

    async def pause(self, milliseconds: int) -> None:
        """Rest until the moment has come."""
        if not milliseconds:
            return
        woken = asyncio.get_running_loop().create_future()
        self._order += 1
        heappush(self._resting, (self._now + milliseconds, self._order, woken))
        self.leave()
        await woken

    def leave(self) -> None:
        """Look whether that was the last one awake."""
        self._awake -= 1
        if not self._awake:
            self._all_rest.set()

    def abandoned(self, milliseconds: int) -> None:
        """Remember the moment of the deadline: which it is for robots, and what the market's clock says then."""
        self._deadlines[self._now + milliseconds] = self._house.now() + milliseconds

    async def pass_until_more(self) -> bool:
        """Turn the clock to the earliest deadline of what was abandoned, or past the time for which HITs are hidden."""
        if self._deadlines:
            moment = min(self._deadlines)
            until = self._deadlines.pop(moment)
        elif self._house.lag and not self._waited_for_lag:
            self._waited_for_lag = True
            moment, until = self._now, self._house.now() + self._house.lag
        else:
            return False
        await self._turn(max(moment, self._now, until - self._began))
        return True


class WaitedClock:
    """
    Time that is waited for.

    Args:
        house: The market.
        clock: What waits.
    """

    def __init__(self, house: House, clock: Clock) -> None:
        self._house = house
        self._clock = clock
        self._waited_for_lag = False

    def begin(self, robots: int) -> None:
        """Nothing has to be known of them."""

    async def run(self) -> None:
        """It passes by itself."""

    async def pause(self, milliseconds: int) -> None:
        """Wait."""
        if milliseconds:
            await self._clock.sleep(milliseconds / 1000)

    def leave(self) -> None:
        """Nothing has to be known of that."""

    def abandoned(self, milliseconds: int) -> None:
        """Nobody waits for the deadline."""

    async def pass_until_more(self) -> bool:
        """Wait as long as new HITs are hidden, once."""
        if not self._house.lag or self._waited_for_lag:
            return False
        self._waited_for_lag = True
        await self.pause(self._house.lag)
        return True
