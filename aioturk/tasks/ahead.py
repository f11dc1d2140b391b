"""Doing something for many items, several at a time, in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import Any, TypeVar

__all__ = ["ahead", "each"]

A = TypeVar("A")
B = TypeVar("B")


async def each(items: Iterable[A] | AsyncIterable[A]) -> AsyncGenerator[A, None]:
    """Walk what may be walked either way."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


async def ahead(
    items: AsyncIterable[A], perform: Callable[[A], Awaitable[B]], *, most: int
) -> AsyncGenerator[tuple[A, B], None]:
    """
    Do something for each item, with so many under way at once; the outcomes come in the items' order.

    Leaving the loop early cancels what is under way, and does not wait for its end: see `aioturk.paginate`.
    """
    waiting: deque[tuple[A, asyncio.Future[B]]] = deque()
    try:
        async for item in items:
            outcome: asyncio.Future[B] = asyncio.ensure_future(perform(item))
            outcome.add_done_callback(_seen)
            waiting.append((item, outcome))
            if len(waiting) >= most:
                first, outcome = waiting[0]
                yield first, await outcome
                waiting.popleft()
        while waiting:
            first, outcome = waiting[0]
            yield first, await outcome
            waiting.popleft()
    finally:
        for _, outcome in waiting:
            outcome.cancel()


def _seen(outcome: asyncio.Future[Any]) -> None:
    """Look at an outcome, which nobody may ask for any more: it is not logged as forgotten."""
    if not outcome.cancelled():
        outcome.exception()
