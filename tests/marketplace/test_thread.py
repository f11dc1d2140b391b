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


async def test_an_act_that_raises_stop_iteration_harms_nobody() -> None:
    """It comes out as a RuntimeError, and what was done in the same batch is still answered."""
    thread = ActThread("test")
    gate = threading.Event()
    tasks = [
        asyncio.ensure_future(thread.run(act)) for act in (gate.wait, partial(next, iter(())), lambda: 7, lambda: 8)
    ]
    await asyncio.sleep(0)
    gate.set()
    ends = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    thread.close()

    assert ends[0] is True
    assert isinstance(ends[1], RuntimeError)
    assert isinstance(ends[1].__cause__, StopIteration)
    assert ends[2:] == [7, 8]


async def test_results_are_handed_out_when_they_are_good() -> None:
    """Nobody gets a result before `finish` has returned, and what is done together is finished together."""
    gate = threading.Event()
    happened: list[str] = []
    thread = ActThread("test", lambda: happened.append("finished"))

    def act(name: str) -> str:
        gate.wait(10)
        happened.append(name)
        return name

    async def ask(name: str) -> None:
        happened.append(f"answered {await thread.run(partial(act, name))}")

    tasks = [asyncio.ensure_future(ask(name)) for name in "abc"]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    thread.close()

    assert happened == ["a", "b", "c", "finished", "answered a", "answered b", "answered c"]


async def test_results_that_cannot_be_made_good_are_none() -> None:
    """When `finish` fails, everybody learns it; who failed before keeps the own error, and the thread goes on."""
    gate = threading.Event()
    broken = [True]

    def finish() -> None:
        if broken[0]:
            raise OSError("disk full")

    thread = ActThread("test", finish)
    acts = (gate.wait, lambda: 1 / 0, lambda: 7)
    tasks = [asyncio.ensure_future(thread.run(act)) for act in acts]
    await asyncio.sleep(0)
    gate.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    broken[0] = False
    assert [type(end) for end in ends] == [OSError, ZeroDivisionError, OSError]
    assert await thread.run(lambda: 8) == 8
    thread.close()
