"""
How the figures are taken.

CPU time of this process (`time.process_time`), not wall time, so that other work on the machine counts little. The
candidates take turns, round after round, and each keeps its best round: the minimum is what the code costs, the rest
is the machine. The garbage collector runs as it does in life.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Mapping

__all__ = ["best_async", "best_sync"]


async def best_async(
    candidates: Mapping[str, Callable[[int], Awaitable[None]]], *, operations: int, rounds: int
) -> dict[str, float]:
    """
    Return the least CPU seconds an operation for every candidate.

    Args:
        candidates: Coroutine functions that perform so many operations.
        operations: How many operations a round has.
        rounds: How often everybody takes a turn.
    """
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, perform in candidates.items():
            gc.collect()
            start = time.process_time()
            await perform(operations)
            best[name] = min(best[name], (time.process_time() - start) / operations)
    return best


def best_sync(candidates: Mapping[str, Callable[[], object]], *, operations: int, rounds: int) -> dict[str, float]:
    """Like `best_async`, for plain functions that perform one operation."""
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(rounds):
        for name, perform in candidates.items():
            gc.collect()
            start = time.process_time()
            for _ in range(operations):
                perform()
            best[name] = min(best[name], (time.process_time() - start) / operations)
    return best
