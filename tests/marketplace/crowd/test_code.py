"""Functions that code answers: where it runs, what may go wrong with it, and what happens when a process dies."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk.marketplace import Marketplace
from aioturk.marketplace.crowd import tasks as tasks_module
from aioturk.marketplace.crowd.functions import ByCode
from aioturk.marketplace.service import Context, crowd_tasks

from ...postgres import Postgres
from ..acts import act, act_for, audited
from ..support import StillClock
from .support import Crowd, tasks_of


@dataclass(frozen=True)
class Length:
    """How long a text is."""

    length: int


async def answered(market: Marketplace, given: object = None) -> Any:
    """Make a task of the function ``f``, and read it when the function has ended."""
    crowd = Crowd(market, "f")
    made = await crowd.put(given or {"text": "four"})
    assert (made.status, made.json["state"]) == (201, "processing")
    await tasks_of(market).idle()
    return (await crowd.get()).json


async def test_a_plain_function_runs_in_a_thread(market: Marketplace) -> None:
    """It may take its time: the marketplace does other things meanwhile, and its requests are answered."""
    begun, may_end = threading.Event(), threading.Event()

    def measure(given: Mapping[str, Any]) -> dict[str, int]:
        begun.set()
        may_end.wait()
        return {"length": len(given["text"])}

    market.add_crowd_function("f", answer=measure)
    crowd = Crowd(market, "f")
    await crowd.put({"text": "four"})
    await asyncio.to_thread(begun.wait)
    assert (await crowd.get()).json["state"] == "processing"
    assert (await crowd.delete()).status == 400
    may_end.set()
    await tasks_of(market).idle()
    assert (await crowd.get()).json["result"] == {"length": 4}
    assert "crowd" in {line[0] for line in await audited(market)}


async def test_an_async_function(market: Marketplace) -> None:
    """It is awaited; what it returns may be a dataclass, and whatever else has fields in JSON."""

    async def measure(given: Mapping[str, Any]) -> Length:
        await asyncio.sleep(0)
        return Length(len(given["text"]))

    market.add_crowd_function("f", answer=measure)
    assert (await answered(market))["result"] == {"length": 4}


class Measure:
    """A function that is an instance of a class."""

    async def __call__(self, given: Mapping[str, Any]) -> dict[str, Decimal]:
        return {"length": Decimal(len(given["text"]))}


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Measure(), {"length": "4"}),
        (lambda given: Measure()(given), {"length": "4"}),
        (lambda given: given, {"text": "four"}),
        (lambda given: {}, {}),
        (lambda given: {"big": 2**80}, {"big": 2**80}),
    ],
)
async def test_other_forms_of_functions(answer: Callable[[Any], Any], result: object) -> None:
    """Instances, functions that return something to await, whatever can be called; JSON has what they return."""
    async with Marketplace() as market:
        market.add_crowd_function("f", answer=answer)
        assert (await answered(market))["result"] == result


async def test_a_function_that_fails(market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
    """The task fails; the caller is told that, and nothing of the owner's code, which is in the log."""

    def fail(given: Mapping[str, Any]) -> object:
        raise KeyError("the password is sesame")

    market.add_crowd_function("f", answer=fail)
    task = await answered(market)
    problem = {"code": "FunctionFailed", "message": "The function failed."}
    assert (task["state"], task["problemDetails"], task["result"]) == ("failed", problem, None)
    assert "the password is sesame" in caplog.text
    crowd = Crowd(market, "f")
    assert (await crowd.delete()).status == 204
    assert (await crowd.put({"text": "four"})).status == 201
    assert "CrowdTaskFailed" in {line[1] for line in await audited(market)}


def _stop(given: Mapping[str, Any]) -> object:
    raise StopIteration


def _time_out(given: Mapping[str, Any]) -> object:
    raise TimeoutError("of a connection")


async def _cancel(given: Mapping[str, Any]) -> object:
    raise asyncio.CancelledError


@pytest.mark.parametrize("answer", [_stop, _time_out, _cancel])
async def test_exceptions_that_mean_something_to_asyncio(answer: Callable[[Any], Any]) -> None:
    """A function that raises what futures and timeouts use has failed like any other."""
    async with Marketplace() as market:
        market.add_crowd_function("f", answer=answer)
        assert (await answered(market))["problemDetails"]["code"] == "FunctionFailed"


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        4,
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": object()},
        {"a": "\ud800"},
        {("a", "b"): 1},
        Decimal(4),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_results_that_are_no_objects(value: object, caplog: pytest.LogCaptureFixture) -> None:
    """What JSON has no object for is no result: the task fails, and the owner reads why."""
    async with Marketplace() as market:
        market.add_crowd_function("f", answer=lambda given: value)
        task = await answered(market)
    text = "The function returned something that is no object in JSON."
    assert task["problemDetails"] == {"code": "InvalidResult", "message": text}
    assert "returned no object in JSON" in caplog.text


async def test_a_result_that_never_ends(market: Marketplace) -> None:
    """An object in itself is no object in JSON either."""
    endless: dict[str, Any] = {}
    endless["again"] = endless
    market.add_crowd_function("f", answer=lambda given: endless)
    assert (await answered(market))["problemDetails"]["code"] == "InvalidResult"


async def test_functions_that_take_too_long(market: Marketplace) -> None:
    """After its time a function, async or plain, is given up, and the task has failed; nothing waits for it."""
    never = threading.Event()

    async def wait(given: Mapping[str, Any]) -> object:
        return await asyncio.Event().wait()

    for answer in (wait, lambda given: never.wait()):
        market.add_crowd_function("f", answer=answer, timeout=0.01)
        task = await answered(market)
        text = "The function gave no answer within 0.01 seconds."
        assert task["problemDetails"] == {"code": "Timeout", "message": text}
        await Crowd(market, "f").delete()
    never.set()


async def test_many_run_at_once_and_none_is_left_out(market: Marketplace) -> None:
    """More tasks than functions that run at once: each gets its turn, and its time counts from there."""
    at_once = most = 0

    async def count(given: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return dict(given)

    market.add_crowd_function("f", answer=count)
    crowd = Crowd(market, "f")
    await asyncio.gather(*(crowd.put({"n": n}, task=f"t{n}") for n in range(40)))
    await tasks_of(market).idle()
    done = await asyncio.gather(*(crowd.get(task=f"t{n}") for n in range(40)))
    assert [answer.json["result"] for answer in done] == [{"n": n} for n in range(40)]
    assert most <= 32


class TestTwins:
    """The twins of functions, ``x-test``."""

    async def test_they_answer_when_they_are_asked(self, market: Marketplace) -> None:
        """Nothing is begun by PUT; the first GET waits for the answer, and so do others that come meanwhile."""
        calls = []

        async def answer(given: Mapping[str, Any]) -> dict[str, int]:
            calls.append(given)
            await asyncio.sleep(0)
            return {"calls": len(calls)}

        market.add_crowd_function("f", answer=answer)
        crowd = Crowd(market, "f-test")
        await crowd.put({})
        assert (await crowd.put({})).json["state"] == "processing"
        await tasks_of(market).look()
        assert calls == []
        done = await asyncio.gather(*(crowd.get() for _ in range(3)))
        assert [answer.json["result"] for answer in done] == [{"calls": 1}] * 3

    async def test_who_has_read_it_before_it_was_answered(
        self, market: Marketplace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They get the answer as well, though somebody else's GET has brought it about."""
        market.add_crowd_function("f", answer=dict)
        crowd = Crowd(market, "f-test")
        await crowd.put({"n": 1})
        house = tasks_of(market)._house
        unhindered, is_read, may_go_on = house.act_for, asyncio.Event(), asyncio.Event()

        async def held_up(*given: Any) -> Any:
            found = await unhindered(*given)
            if not is_read.is_set():
                is_read.set()
                await may_go_on.wait()
            return found

        monkeypatch.setattr(house, "act_for", held_up)
        slow = asyncio.create_task(crowd.get())
        await is_read.wait()
        assert (await crowd.get()).json["result"] == {"n": 1}
        may_go_on.set()
        assert (await slow).json["result"] == {"n": 1}

    async def test_they_are_other_tasks(self, market: Marketplace) -> None:
        """A function's tasks and its twin's have names of their own; what answers them may be other code."""
        market.add_crowd_function("f", answer=lambda given: {"by": "f"}, test_answer=lambda given: {"by": "test"})
        assert (await answered(market))["result"] == {"by": "f"}
        twin = Crowd(market, "f-test")
        assert (await twin.get()).status == 404
        await twin.put({})
        assert (await twin.get()).json["result"] == {"by": "test"}

    async def test_a_function_of_that_name_goes_first(self, market: Marketplace) -> None:
        """Who offers ``f-test`` has said what it is."""
        market.add_crowd_function("f", answer=lambda given: {"by": "f"})
        market.add_crowd_function("f-test", answer=lambda given: {"by": "itself"})
        crowd = Crowd(market, "f-test")
        await crowd.put({})
        await tasks_of(market).idle()
        assert (await crowd.get()).json["result"] == {"by": "itself"}

    async def test_they_check_their_input(self, market: Marketplace) -> None:
        """What the function does not take, the twin does not take either."""

        def check(given: Mapping[str, Any]) -> None:
            if "text" not in given:
                raise ValueError("it needs a text.")

        market.add_crowd_function("f", answer=dict, check=check)
        for function in ("f", "f-test"):
            refused = await Crowd(market, function).put({"txt": "x"})
            assert refused.status == 400
            assert refused.message == (
                f"The function '{function}' does not take this input: it needs a text. Nothing was done."
            )

    async def test_a_check_that_fails_by_itself(self, market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
        """Anything but a ValueError is the owner's mistake: a 500, without a task."""
        market.add_crowd_function("f", answer=dict, check=lambda given: given["missing"])
        crowd = Crowd(market, "f")
        assert (await crowd.put({})).status == 500
        assert "KeyError" in caplog.text
        assert (await crowd.get()).status == 404


class TestProcesses:
    """Processes that end, and several of them."""

    async def test_a_process_that_ends_meanwhile(self, database: str | None, tmp_path: Path) -> None:
        """What a function was at is begun anew by the next process, at once, and finished there."""
        database = database or str(tmp_path / "market.db")

        async def wait(given: Mapping[str, Any]) -> object:
            return await asyncio.Event().wait()

        async with Marketplace(database, clock=StillClock()) as market:
            market.add_crowd_function("f", answer=wait)
            await Crowd(market, "f").put({})
        async with Marketplace(database, clock=StillClock()) as market:
            assert (await Crowd(market, "f").get()).json["state"] == "processing"
            market.add_crowd_function("f", answer=lambda given: {"by": "the second"})
            await tasks_of(market).look()
            await tasks_of(market).idle()
            assert (await Crowd(market, "f").get()).json["result"] == {"by": "the second"}

    async def test_a_process_that_is_killed(
        self, database: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It leaves its claim behind: void when it was alone, else it ends after the function's time and a bit more."""
        is_alone = database is None
        database = database or str(tmp_path / "market.db")
        async with Marketplace(database, clock=StillClock()) as market:
            market.add_crowd_function("f", answer=lambda given: {"by": "f"})
            assert (await Crowd(market, "f-test").put({})).status == 201
            now = tasks_module._real_now()
            claimed = await act(market, lambda context: context.store.crowd_tasks.claim(1, now, now + 60_000))
            assert claimed
            assert (await Crowd(market, "f-test").get()).json["state"] == "processing"
        async with Marketplace(database, clock=StillClock()) as market:
            market.add_crowd_function("f", answer=lambda given: {"by": "f"})
            first = (await Crowd(market, "f-test").get()).json["state"]
            assert first == ("completed" if is_alone else "processing")
            monkeypatch.setattr(tasks_module, "_real_now", lambda: now + 60_000)
            assert (await Crowd(market, "f-test").get()).json["result"] == {"by": "f"}

    async def test_two_processes_do_not_do_it_twice(self, postgres: Postgres) -> None:
        """While one process is at a task the other leaves it alone, and tells what came of it afterwards."""
        url = postgres.fresh()
        begun, may_end = asyncio.Event(), asyncio.Event()
        calls = []

        async def wait(given: Mapping[str, Any]) -> dict[str, str]:
            calls.append("first")
            begun.set()
            await may_end.wait()
            return {"by": "the first"}

        async with Marketplace(url) as first, Marketplace(url) as second:
            first.add_crowd_function("f", answer=wait)
            await Crowd(first, "f").put({})
            await begun.wait()
            second.add_crowd_function("f", answer=lambda given: calls.append("second"))
            await tasks_of(second).look()
            await tasks_of(second).idle()
            may_end.set()
            await tasks_of(first).idle()
            assert calls == ["first"]
            assert (await Crowd(second, "f").get()).json["result"] == {"by": "the first"}

    async def test_ending_while_a_claim_is_made(self, market: Marketplace) -> None:
        """A claim of one's own is given back when the end comes while it is made; another's is left as it is."""
        await act_for(market, crowd_tasks.add, "f", "t", "{}")
        now = tasks_module._real_now()

        def is_claimed(context: Context) -> bool:
            return not crowd_tasks.unfinished(context, now)

        async def interrupted() -> None:
            work = ByCode(dict, timeout=60.0)
            running = asyncio.create_task(tasks_of(market)._claimed(work, 1, "t", "{}"))
            await asyncio.sleep(0)  # until it waits for its claim
            running.cancel()
            await asyncio.wait([running])
            assert running.cancelled()

        await interrupted()
        assert not await act(market, is_claimed)
        await act(market, lambda context: context.store.crowd_tasks.claim(1, now, now + 60_000))
        await interrupted()
        assert await act(market, is_claimed)

    async def test_functions_that_are_not_offered_any_more(self, database: str | None, tmp_path: Path) -> None:
        """Their tasks are still told and deleted; new ones are not made."""
        database = database or str(tmp_path / "market.db")
        async with Marketplace(database, clock=StillClock()) as market:
            market.add_crowd_function("f", answer=dict)
            assert (await answered(market))["state"] == "completed"
        async with Marketplace(database, clock=StillClock()) as market:
            crowd = Crowd(market, "f")
            assert (await crowd.get()).json["result"] == {"text": "four"}
            assert (await crowd.put({"text": "four"})).status == 404
            assert (await crowd.delete()).status == 204

    async def test_a_store_that_fails(self, market: Marketplace, caplog: pytest.LogCaptureFixture) -> None:
        """When the answer cannot be kept, that is logged, and the task is not lost: it is begun anew later."""
        market.add_crowd_function("f", answer=dict)
        tasks = tasks_of(market)
        house = market._house
        crowd = Crowd(market, "f")

        async def fail(*_: object, **__: object) -> None:
            raise OSError("the disk is full")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tasks, "_finish", fail)
            await crowd.put({})
            await tasks.idle()
        assert "a task could not be finished" in caplog.text
        await house.act(lambda context: context.store.crowd_tasks.unclaim(None))
        await tasks.look()
        await tasks.idle()
        assert (await crowd.get()).json["state"] == "completed"

    async def test_looking_goes_on_after_a_failure(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A look that fails is logged, and is not the last one."""
        looks = asyncio.Queue[None]()

        async def look(self: tasks_module.Tasks) -> None:
            looks.put_nowait(None)
            raise OSError("the disk is full")

        monkeypatch.setattr(tasks_module.Tasks, "look", look)
        monkeypatch.setattr(tasks_module, "_LOOK", 0.0)
        async with Marketplace():
            await looks.get()
            await looks.get()
        assert "unfinished tasks could not be seen to" in caplog.text


def test_a_program_does_not_wait_for_functions() -> None:
    """A plain function that goes on after everything has ended hinders nobody, and nobody hears of it."""
    begun, may_end = threading.Event(), threading.Event()

    def work(given: Mapping[str, Any]) -> Mapping[str, Any]:
        begun.set()
        may_end.wait()
        return given

    async def serve() -> None:
        async with Marketplace() as market:
            market.add_crowd_function("f", answer=work)
            await Crowd(market, "f").put({})
            await asyncio.to_thread(begun.wait)

    asyncio.run(serve())
    (thread,) = (each for each in threading.enumerate() if each.name == "aioturk-crowd-function")
    assert thread.daemon
    may_end.set()
    thread.join()
