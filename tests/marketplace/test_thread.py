"""The one thread on which everything happens."""

from __future__ import annotations

import asyncio
import threading
from functools import partial

import pytest

from aioturk.marketplace.thread import ActThread


async def test_functions_run_in_order_on_one_other_thread() -> None:
    """What is handed over first is done first, and all by the same thread."""
    thread = ActThread("test")
    ran: list[int] = []

    def act(number: int) -> str:
        ran.append(number)
        return threading.current_thread().name

    names = await asyncio.gather(*(thread.run(partial(act, number)) for number in range(50)))
    thread.close()

    assert ran == list(range(50))
    assert set(names) == {"test"}


async def test_exceptions_belong_to_the_caller() -> None:
    """They come out where the result would have, and the thread goes on."""
    thread = ActThread("test")
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 / 0)
    assert await thread.run(lambda: 7) == 7
    thread.close()


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    """A cancelled call that waits in the queue is dropped; one that has begun is finished."""
    thread = ActThread("test")
    gate, begun = threading.Event(), threading.Event()
    ran: list[str] = []

    def hold() -> None:
        begun.set()
        gate.wait(10)
        ran.append("held")

    first = asyncio.ensure_future(thread.run(hold))
    second = asyncio.ensure_future(thread.run(lambda: ran.append("second")))
    await asyncio.to_thread(begun.wait, 10)
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    gate.set()
    await thread.run(lambda: ran.append("third"))
    thread.close()

    assert ran == ["held", "third"]


async def test_closing_finishes_what_was_handed_over() -> None:
    """Nothing is left behind."""
    thread = ActThread("test")
    ran: list[int] = []
    tasks = [asyncio.ensure_future(thread.run(partial(ran.append, number))) for number in range(20)]
    await asyncio.sleep(0)
    thread.close()
    await asyncio.gather(*tasks)

    assert ran == list(range(20))
