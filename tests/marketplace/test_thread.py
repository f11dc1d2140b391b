"""The threads on which everything happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import pytest

from aioturk.marketplace.thread import ActThreads


class Desk:
    """A desk that says when it is to make something good, and fails when it is told to."""

    batch = 16

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.trouble: Exception | None = None

    def commit(self) -> None:
        self.happened.append("finished")
        if self.trouble is not None:
            raise self.trouble

    def close(self) -> None:
        self.happened.append("closed")


def one(desk: Desk | None = None) -> ActThreads[Desk]:
    """One thread."""
    return ActThreads("test", [desk or Desk()])


async def test_functions_run_in_order_on_one_other_thread() -> None:
    """What is handed over first is done first, and all by the same thread."""
    thread = one()
    ran: list[int] = []

    def act(number: int, _: Desk) -> str:
        ran.append(number)
        return threading.current_thread().name

    names = await asyncio.gather(*(thread.run(partial(act, number)) for number in range(50)))
    thread.close()

    assert ran == list(range(50))
    assert set(names) == {"test"}


async def test_exceptions_belong_to_the_caller() -> None:
    """They come out where the result would have, and the thread goes on."""
    thread = one()
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda _: 1 / 0)
    assert await thread.run(lambda _: 7) == 7
    thread.close()


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    """A cancelled call that waits in the queue is dropped; one that has begun is finished."""
    thread = one()
    gate, begun = threading.Event(), threading.Event()
    ran: list[str] = []

    def hold(_: Desk) -> None:
        begun.set()
        gate.wait(10)
        ran.append("held")

    first = asyncio.ensure_future(thread.run(hold))
    second = asyncio.ensure_future(thread.run(lambda _: ran.append("second")))
    await asyncio.to_thread(begun.wait, 10)
    first.cancel()
    second.cancel()
    await asyncio.sleep(0)
    gate.set()
    await thread.run(lambda _: ran.append("third"))
    thread.close()

    assert ran == ["held", "third"]


async def test_closing_finishes_what_was_handed_over() -> None:
    """Nothing is left behind."""
    thread = one()
    ran: list[int] = []

    def append(number: int, _: Desk) -> None:
        ran.append(number)

    tasks = [asyncio.ensure_future(thread.run(partial(append, number))) for number in range(20)]
    await asyncio.sleep(0)
    thread.close()
    await asyncio.gather(*tasks)

    assert ran == list(range(20))


async def test_an_act_that_raises_stop_iteration_harms_nobody() -> None:
    """It comes out as a RuntimeError, and what was done in the same batch is still answered."""
    thread = one()
    gate = threading.Event()
    acts: list[Callable[[Desk], object]] = [lambda _: gate.wait(10), lambda _: next(iter(())), lambda _: 7, lambda _: 8]
    tasks = [asyncio.ensure_future(thread.run(act)) for act in acts]
    await asyncio.sleep(0)
    gate.set()
    ends = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 10)
    thread.close()

    assert ends[0] is True
    assert isinstance(ends[1], RuntimeError)
    assert isinstance(ends[1].__cause__, StopIteration)
    assert ends[2:] == [7, 8]


async def test_results_are_handed_out_when_they_are_good() -> None:
    """Nobody gets a result before the desk has returned, and what is done together is finished together."""
    gate = threading.Event()
    desk = Desk()
    happened = desk.happened
    thread = one(desk)

    def act(name: str, _: Desk) -> str:
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

    assert happened == ["a", "b", "c", "finished", "answered a", "answered b", "answered c", "closed"]


async def test_results_that_cannot_be_made_good_are_none() -> None:
    """When the desk fails, everybody learns it; who failed before keeps the own error, and the thread goes on."""
    gate = threading.Event()
    desk = Desk()
    desk.trouble = OSError("disk full")
    thread = one(desk)
    acts = (lambda _: gate.wait(10), lambda _: 1 / 0, lambda _: 7)
    tasks = [asyncio.ensure_future(thread.run(act)) for act in acts]
    await asyncio.sleep(0)
    gate.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    desk.trouble = None
    assert [type(end) for end in ends] == [OSError, ZeroDivisionError, OSError]
    assert await thread.run(lambda _: 8) == 8
    thread.close()


async def test_several_threads_have_a_desk_each() -> None:
    """What one waits for does not hold up the others, and each commits and closes its own desk."""
    desks = [Desk(), Desk()]
    threads = ActThreads("test", desks)
    both = threading.Barrier(2)

    def meet(desk: Desk) -> Desk:
        both.wait(10)
        return desk

    met = await asyncio.gather(threads.run(meet), threads.run(meet))
    threads.close()

    assert {id(desk) for desk in met} == {id(desk) for desk in desks}
    assert [desk.happened for desk in desks] == [["finished", "closed"]] * 2
