"""
`Feed`: events that are handed in one by one, by a web handler or another callback, as something to walk.

What hands them in is in :mod:`aioturk.notifications.receiving`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress

from aioturk.errors import ConfigurationError, TurkError
from aioturk.notifications.events import Event

__all__ = ["Feed"]


class Feed:
    """
    Leads from a callback to a loop.

    ::

        feed = Feed()
        app.router.add_post("/events", notifications.handler(feed, secret=secret))
        async for submission in batch.submissions(events=feed):
            ...

    A call returns when the loop is done with the event, that is when it asks for the next one. So whoever has sent the
    event is not told before that it has arrived, and sends it again should the program die. The event that a loop was
    at when it was left is the first one of the next loop. Several loops share the events.

    Both ends have to be in the same event loop.

    Args:
        most: How many calls may wait for a loop. A call more fails at once, so that its sender tries again later.

    Raises:
        ConfigurationError: `most` is no positive number.
    """

    def __init__(self, most: int = 1000) -> None:
        given: object = most
        if isinstance(given, bool) or not isinstance(given, int) or most < 1:
            raise ConfigurationError(f"most is {most!r}; give the number of calls that may wait, at least 1.")
        self._most = most
        self._handed_in: deque[tuple[Event, asyncio.Future[None]]] = deque()
        self._some = asyncio.Event()

    async def __call__(self, event: Event) -> None:
        """
        Hand an event in, and wait until a loop is done with it.

        Raises:
            TurkError: Too many events wait already; this one does not.
        """
        if len(self._handed_in) >= self._most:
            raise TurkError(
                f"{len(self._handed_in)} events wait for a loop to walk them; another one has to come again."
            )
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        one = (event, done)
        self._handed_in.append(one)
        self._some.set()
        try:
            await done
        finally:
            # Who is not told what became of an event sends it again; it need not be kept here.
            with suppress(ValueError):
                self._handed_in.remove(one)

    async def __aiter__(self) -> AsyncGenerator[Event, None]:
        while True:
            event, done = await self._next()
            try:
                yield event
            except BaseException:
                if not done.done():
                    self._handed_in.appendleft((event, done))
                    self._some.set()
                raise
            if not done.done():
                done.set_result(None)

    async def _next(self) -> tuple[Event, asyncio.Future[None]]:
        while True:
            while self._handed_in:
                event, done = self._handed_in.popleft()
                if not done.done():
                    return event, done
            self._some.clear()
            await self._some.wait()
