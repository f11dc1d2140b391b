"""How long to wait before looking again: briefly at first, longer and longer, and never in step with others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from aioturk.errors import InvalidRequest

__all__ = ["pauses", "seconds_of"]

_FIRST = 0.5
_FACTOR = 1.5


def pauses(longest: float) -> Iterator[float]:
    """
    Yield the seconds to wait between looks, without end.

    Code answers within a second, people within minutes. So waits grow from half a second to the longest one, and each
    is anything from half of that to all of it, lest a thousand tasks that were begun together be asked about together.

    Args:
        longest: The longest wait.
    """
    wait = _FIRST
    while True:
        wait = min(wait, longest)
        yield wait * random.uniform(0.5, 1.0)
        wait *= _FACTOR


def seconds_of(given: timedelta | float, argument: str) -> float:
    """
    Return a time in seconds.

    Raises:
        InvalidRequest: It is not a positive one. Nothing was sent.
    """
    seconds: Any = given.total_seconds() if isinstance(given, timedelta) else given
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise InvalidRequest(f"is {given!r}; give a positive number of seconds, or a timedelta.", argument=argument)
    return float(seconds)
