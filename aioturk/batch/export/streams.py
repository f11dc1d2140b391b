"""What every export reads: a batch's results, some at a time, so that a page of them is all that is held."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias

from aioturk.batch.ledger.results import Result

__all__ = ["Results", "portions"]

Results: TypeAlias = Callable[[], AsyncGenerator[Result, None]]
"""
Begins to read the results of a batch, each time anew: a file's columns are known only after all of them were seen.
"""

_PORTION = 300


async def portions(results: Results) -> AsyncGenerator[list[Result], None]:
    """Read results, some hundred at a time: worth a walk into a thread, and small enough to hold."""
    portion: list[Result] = []
    async with aclosing(results()) as found:
        async for result in found:
            portion.append(result)
            if len(portion) == _PORTION:
                yield portion
                portion = []
    if portion:
        yield portion
