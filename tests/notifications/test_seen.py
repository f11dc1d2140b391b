"""What was done once is not done again; what failed is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aioturk.errors import ConfigurationError
from aioturk.notifications.seen import Failed, Once, Seen


def test_the_oldest_are_forgotten() -> None:
    """A memory has its size; what is seen again counts as new."""
    seen = Seen(2)
    for key in (("a", 0), ("b", 0), ("a", 0), ("c", 0)):
        seen.add(key)
    assert [key in seen for key in (("a", 0), ("b", 0), ("c", 0), ("a", 1))] == [True, False, True, False]


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "10"])
def test_sizes(size: Any) -> None:
    """A memory for nothing is refused."""
    with pytest.raises(ConfigurationError, match="remember is"):
        Seen(size)


class Act:
    """Something to be done, which ends when it is told to."""

    def __init__(self) -> None:
        self.times = 0
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.twice = asyncio.Event()

    async def __call__(self) -> None:
        self.times += 1
        if self.times == 2:
            self.twice.set()
        await asyncio.shield(self.end)


async def test_at_once() -> None:
    """Of several who ask at once, one does it; the others wait until it is done."""
    once, act = Once(), Act()
    tasks = [asyncio.create_task(once.run(("a", 0), act)) for _ in range(3)]
    await asyncio.sleep(0)
    other = asyncio.create_task(once.run(("a", 1), act))
    await asyncio.sleep(0)
    assert act.times == 2
    assert not any(task.done() for task in tasks)
    act.end.set_result(None)
    await asyncio.gather(*tasks, other)
    await once.run(("a", 0), act)
    assert act.times == 2


async def test_what_is_forgotten_meanwhile() -> None:
    """Who waited while it was done does not do it again, even if it is forgotten before they are told."""
    once, act = Once(1), Act()
    tasks = [asyncio.create_task(once.run(("a", 0), act)) for _ in range(2)]
    await asyncio.sleep(0)
    act.end.set_result(None)
    other = Act()
    other.end.set_result(None)
    await tasks[0]
    await once.run(("b", 0), other)
    await tasks[1]
    assert (act.times, other.times) == (1, 1)


async def test_failures() -> None:
    """When it fails, those who wait hear of it, and the next one tries again."""
    once, act = Once(), Act()
    tasks = [asyncio.create_task(once.run(("a", 0), act)) for _ in range(2)]
    await asyncio.sleep(0)
    act.end.set_exception(ValueError("no"))
    assert [type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == [ValueError, Failed]
    again = Act()
    again.end.set_result(None)
    await once.run(("a", 0), again)
    assert (act.times, again.times) == (1, 1)


async def test_whoever_leaves_is_followed() -> None:
    """When the one who does it is cancelled, one of those who wait does it; a waiter that leaves disturbs nobody."""
    once, act = Once(), Act()
    first, second, third = (asyncio.create_task(once.run(("a", 0), act)) for _ in range(3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    assert not first.done()
    first.cancel()
    await asyncio.wait([first])
    await act.twice.wait()
    act.end.set_result(None)
    await third
    assert (first.cancelled(), second.cancelled(), act.times) == (True, True, 2)
