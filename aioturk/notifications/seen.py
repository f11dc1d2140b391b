"""
What was dealt with already: a memory of the last so many ids, for senders that send again.

Both ways of receiving stand on it: the web handler (:mod:`aioturk.notifications.receiving`) and the queue
(:mod:`aioturk.notifications.listening`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aioturk.errors import ConfigurationError
from aioturk.notifications.events import Event

__all__ = ["REMEMBERED", "Failed", "Key", "Once", "Seen", "key_of"]

REMEMBERED = 10_000
"""How many events are remembered, unless somebody says otherwise: a few megabytes."""

Key: TypeAlias = tuple[str, int]
"""An event's message, by its id, and the event's place in it."""


def key_of(event: Event, place: int) -> Key:
    """Return what tells an event from all others."""
    return event.document_id, place


class Seen:
    """
    The last so many keys.

    Args:
        size: How many.

    Raises:
        ConfigurationError: It is no positive number.
    """

    __slots__ = ("_keys", "_size")

    def __init__(self, size: int = REMEMBERED) -> None:
        given: object = size
        if isinstance(given, bool) or not isinstance(given, int) or size < 1:
            raise ConfigurationError(f"remember is {size!r}; give the number of events to be remembered, at least 1.")
        self._size = size
        self._keys: OrderedDict[Key, None] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._keys

    def add(self, key: Key) -> None:
        """Remember a key as the latest; the oldest one is forgotten when there are too many."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        while len(self._keys) > self._size:
            self._keys.popitem(last=False)


class Failed(Exception):
    """Somebody else has just tried the same, and failed."""


class Once:
    """
    Does things once each, however many ask for them at once; what has failed may be tried again.

    Args:
        size: How many things that were done are remembered.
    """

    __slots__ = ("_done", "_under_way")

    def __init__(self, size: int = REMEMBERED) -> None:
        self._done = Seen(size)
        self._under_way: dict[Key, asyncio.Future[bool | None]] = {}

    async def run(self, key: Key, act: Callable[[], Awaitable[object]]) -> None:
        """
        Do it, unless it was done; while somebody else does it, wait for the outcome.

        Raises:
            Failed: Somebody else did it meanwhile, and it raised. Whatever it raises itself comes out as it is.
        """
        while key not in self._done:
            other = self._under_way.get(key)
            if other is None:
                await self._do(key, act)
                return
            if (done := await asyncio.shield(other)) is not None:
                # It is not looked up again: so much may be done meanwhile that it is forgotten.
                if not done:
                    raise Failed
                return

    async def _do(self, key: Key, act: Callable[[], Awaitable[object]]) -> None:
        outcome = self._under_way[key] = asyncio.get_running_loop().create_future()
        done: bool | None = None  # stays so when it is cancelled: then one of those who wait does it
        try:
            await act()
            done = True
            self._done.add(key)
        except Exception:
            done = False
            raise
        finally:
            del self._under_way[key]
            outcome.set_result(done)
