"""
Time as an argument: what tells the time and waits, so that tests need not wait.

Only the protocol and the real clock live here. Clocks that can be turned belong to `aioturk.testing`; the
marketplace has its own idea of what day it is.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Tells the time and waits."""

    def time(self) -> float:
        """Return the seconds since 1970, which may jump when the computer's clock is set."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for measuring durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only lets others run."""
        ...


class SystemClock:
    """The computer's own clock."""

    def time(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds without holding up the event loop."""
        await asyncio.sleep(seconds)
