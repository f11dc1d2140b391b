"""
What all shortcuts are made with: several steps, of which each may fail.

The shortcuts themselves are next door, by what they are about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from aioturk._conversion import CONVERTERS
from aioturk._core.schema import Operation
from aioturk._generated.operations import Operations
from aioturk.clock import Clock
from aioturk.errors import InvalidRequest, TurkError

__all__ = ["Steps", "checked", "count", "several_at_once", "tell"]


class Steps(Operations):
    """The operations, and time; the client supplies both."""

    __slots__ = ()

    @property
    def _clock(self) -> Clock:
        """What measures and waits."""
        raise NotImplementedError

    def _now(self) -> datetime:
        """Return the service's time, as far as it is known."""
        raise NotImplementedError


async def several_at_once(items: Iterable[str], act: Callable[[str], Awaitable[None]]) -> None:
    """
    Act on all items, several at a time.

    After a failure no other item is begun; those under way come to their end, so that their outcome is known. Then a
    failure is raised, an ambiguous one if there is any.
    """
    waiting = iter(items)
    failures: list[TurkError] = []

    async def work() -> None:
        for item in waiting:
            try:
                await act(item)
            except TurkError as error:
                failures.append(error)
            if failures:
                return

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work()) for _ in range(_AT_ONCE)]
    for task in tasks:
        task.result()  # a task that somebody cancelled by itself has left its item undone, and must not pass in silence
    if failures:
        raise max(failures, key=lambda failure: failure.ambiguous)


def tell(error: TurkError, done: str) -> None:
    """Write on an error what the steps before it have done: it is not true any more that nothing happened (R1)."""
    error.ambiguous = True
    error.add_note(done)


def count(number: int, noun: str) -> str:
    """Write a number of things."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def checked(
    operation: Operation, given: Mapping[str, Any], *, called: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """
    Turn arguments into wire values before the first step, by the rules of a later one.

    Args:
        operation: Whose rules.
        given: The arguments under the service's names.
        called: What the caller calls an argument, by the operation's name for it.
    """
    try:
        return CONVERTERS.request(operation, given)
    except InvalidRequest as refused:
        argument = refused.argument or ""
        raise InvalidRequest(refused.text, argument=(called or {}).get(argument, argument)) from None


_AT_ONCE: Final = 10
"""How many calls a shortcut makes at once; the client's own pace comes on top."""
