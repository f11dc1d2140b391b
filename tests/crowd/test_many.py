"""Many tasks at once: bounded, flat, each outcome once, and clean however the loop ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from aioturk._core.messages import Request, Response
from aioturk.crowd import (
    CrowdClient,
    CrowdFunctionDoesNotExist,
    CrowdTaskAlreadyExists,
    CrowdTaskFailed,
    CrowdTaskUnfinished,
    Outcome,
    task_name,
)
from aioturk.crowd.many import run_many
from aioturk.crowd.task import CrowdTask
from aioturk.errors import CredentialsRefused, InvalidRequest, ServiceFault, TurkError
from aioturk.marketplace import Faults, Marketplace
from aioturk.testing import CREDENTIALS, JumpingClock, StubTransport, reply


async def collected(outcomes: Any) -> list[Outcome]:
    """All outcomes."""
    async with aclosing(outcomes) as walked:
        return [outcome async for outcome in walked]


def done(name: str, given: Mapping[str, Any]) -> CrowdTask:
    return CrowdTask(name=name, input=given, state="completed", result={"n": given["n"]})


async def test_many_reviews(crowd: CrowdClient) -> None:
    """Every input has one outcome, found by the name that is made of it; names may also be given."""
    inputs: list[Any] = [{"text": f"Review {number}."} for number in range(20)]
    inputs += [(f"named-{number}", {"text": f"Named {number}."}) for number in range(5)]
    outcomes = await collected(crowd.run("sentiment-analysis-test", inputs, concurrency=7))
    assert all(outcome.error is None and set(outcome.result) == {"sentiment"} for outcome in outcomes)
    expected = [task_name(given) if isinstance(given, dict) else given[0] for given in inputs]
    assert sorted(outcome.name for outcome in outcomes) == sorted(expected)


async def test_running_again_finds_what_is_there(market: Marketplace, crowd: CrowdClient) -> None:
    """The same inputs lead to the same tasks, so that a run that was broken off is finished by running it again."""
    called: list[Any] = []

    def count(given: Mapping[str, Any]) -> dict[str, Any]:
        called.append(given["n"])
        return {"n": given["n"]}

    market.add_crowd_function("count", answer=count)
    async with aclosing(crowd.run("count", [{"n": n} for n in range(10)], concurrency=3)) as outcomes:
        async for _ in outcomes:
            break
    again = await collected(crowd.run("count", [{"n": n} for n in range(10)], concurrency=3))
    assert sorted(outcome.result["n"] for outcome in again) == list(range(10))
    assert sorted(called) == list(range(10))


async def test_troubles_on_the_way(market: Marketplace, crowd: CrowdClient) -> None:
    """Lost answers and throttling change nothing about the outcomes."""
    market.faults = Faults(throttle=0.2, drop_reply=0.1, server_error=0.1, seed=5)
    inputs = [{"text": f"Review {number}."} for number in range(15)]
    outcomes = await collected(crowd.run("sentiment-analysis-test", inputs, concurrency=5))
    assert [outcome.error for outcome in outcomes] == [None] * 15


async def test_one_failure_does_not_stop_the_others(market: Marketplace, crowd: CrowdClient) -> None:
    """Failed tasks, refused inputs and names in use are outcomes with errors; the others are answered."""

    def picky(given: Mapping[str, Any]) -> dict[str, Any]:
        if given["n"] == 3:
            raise ValueError("not three")
        return {"n": given["n"]}

    market.add_crowd_function("picky", answer=picky)
    await crowd.put_task("picky", "taken", {"n": 100})
    inputs: list[Any] = [{"n": n} for n in range(6)]
    inputs += [("taken", {"n": 101}), ("a b", {"n": 7}), {"n": float("nan")}, ("x", {"n": 1}, "too many")]
    inputs[3:3] = [None, ("y", 5)]
    outcomes = {str(outcome.input): outcome for outcome in await collected(crowd.run("picky", inputs))}
    kinds = {text: type(outcome.error) for text, outcome in outcomes.items() if outcome.error is not None}
    assert sorted(kind.__name__ for kind in kinds.values()) == sorted(
        ["CrowdTaskFailed", "CrowdTaskAlreadyExists"] + ["InvalidRequest"] * 5
    )
    failed = outcomes["{'n': 3}"]
    assert failed.task is not None
    with pytest.raises(CrowdTaskFailed):
        _ = failed.result
    assert isinstance(outcomes["{'n': 101}"].error, CrowdTaskAlreadyExists)
    assert len(outcomes) == 12


async def test_what_concerns_all_stops_the_run(crowd: CrowdClient) -> None:
    """An unknown function is said once, and not for each of the inputs."""
    taken = 0

    def many() -> Iterator[dict[str, Any]]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield {"n": number}

    with pytest.raises(CrowdFunctionDoesNotExist):
        await collected(crowd.run("no-such-function", many(), concurrency=4))
    assert taken < 50
    async with CrowdClient(await place(crowd), credentials=CREDENTIALS) as stranger:
        with pytest.raises(CredentialsRefused):
            await collected(stranger.run("sentiment-analysis-test", [{"text": "x"}] * 3))


async def place(crowd: CrowdClient) -> str:
    return (await crowd.endpoint()).url


async def test_a_service_that_is_gone_stops_the_run() -> None:
    """When call after call does not reach the service, the rest is not tried; one that fails now and then is."""
    attempts = 0

    async def away(name: str, given: Mapping[str, Any]) -> CrowdTask:
        nonlocal attempts
        attempts += 1
        if given["n"] % 2 and given["n"] < 100:
            return done(name, given)
        raise ServiceFault("gone")

    outcomes: list[Outcome] = []

    async def walk() -> None:
        async with aclosing(run_many(away, ({"n": n} for n in range(1000)), 5)) as walked:
            async for outcome in walked:
                outcomes.append(outcome)

    with pytest.raises(ServiceFault):
        await walk()
    assert sum(outcome.error is None for outcome in outcomes) == 50
    assert attempts < 130


async def test_never_more_than_so_many() -> None:
    """No more are under way than was said, and inputs are taken only when there is room for them."""
    under_way = most = 0
    taken = finished = 0

    async def perform(name: str, given: Mapping[str, Any]) -> CrowdTask:
        nonlocal under_way, most, finished
        under_way += 1
        most = max(most, under_way)
        for _ in range(30 + given["n"] % 5):
            await asyncio.sleep(0)
        under_way -= 1
        finished += 1
        return done(name, given)

    async def inputs() -> AsyncIterator[dict[str, Any]]:
        nonlocal taken
        for number in range(200):
            taken += 1
            assert taken - finished <= 8 + 1
            yield {"n": number}

    outcomes = await collected(run_many(perform, inputs(), 8))
    assert sorted(outcome.result["n"] for outcome in outcomes) == list(range(200))
    assert most == 8


async def test_a_slow_source_does_not_hold_up_outcomes() -> None:
    """What is finished is delivered while the next input is still being waited for."""
    go_on = asyncio.Event()

    async def inputs() -> AsyncIterator[dict[str, Any]]:
        yield {"n": 1}
        await go_on.wait()
        yield {"n": 2}

    async def perform(name: str, given: Mapping[str, Any]) -> CrowdTask:
        return done(name, given)

    found = []
    async with aclosing(run_many(perform, inputs(), 10)) as outcomes:
        async for outcome in outcomes:
            found.append(outcome.result["n"])
            go_on.set()
    assert found == [1, 2]


class Endless:
    """Something that can be walked and is no generator."""

    def __init__(self) -> None:
        self.numbers = iter(range(3))

    def __aiter__(self) -> Endless:
        return self

    async def __anext__(self) -> dict[str, int]:
        for number in self.numbers:
            return {"n": number}
        raise StopAsyncIteration


async def test_anything_that_can_be_walked() -> None:
    """Inputs may come from any iterator, asynchronous or not."""

    async def perform(name: str, given: Mapping[str, Any]) -> CrowdTask:
        return done(name, given)

    assert sorted(outcome.result["n"] for outcome in await collected(run_many(perform, Endless(), 2))) == [0, 1, 2]


@pytest.mark.parametrize("how", ["break", "cancel", "raise in the source", "raise in a task"])
async def test_leaving_is_clean(how: str) -> None:
    """However the loop ends, nothing is left running, and the source is closed."""
    running = 0
    closed = False
    waiting = asyncio.Event()

    async def perform(name: str, given: Mapping[str, Any]) -> CrowdTask:
        nonlocal running
        if given["n"] == 0:
            return done(name, given)
        if given["n"] == 3 and how == "raise in a task":
            raise ZeroDivisionError
        running += 1
        try:
            waiting.set()
            await asyncio.Event().wait()
        finally:
            running -= 1
        raise AssertionError

    async def inputs() -> AsyncIterator[dict[str, Any]]:
        nonlocal closed
        try:
            for number in range(5):
                if number == 4 and how == "raise in the source":
                    raise ZeroDivisionError
                yield {"n": number}
        finally:
            closed = True

    async def walk() -> None:
        async with aclosing(run_many(perform, inputs(), 10)) as outcomes:
            async for _ in outcomes:
                if how == "break":
                    await waiting.wait()
                    break

    walking = asyncio.create_task(walk())
    if how == "cancel":
        await waiting.wait()
        walking.cancel()
    expected = {"break": None, "cancel": asyncio.CancelledError}.get(how, ZeroDivisionError)
    if expected is None:
        await walking
    else:
        with pytest.raises(expected):
            await walking
    assert running == 0
    assert closed
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_each_task_has_its_time() -> None:
    """A task that is not finished in its time is an outcome that says so, with the task as it was seen."""

    def processing(request: Request) -> Response:
        return reply({"taskName": "t", "input": {}, "state": "processing"})

    async with CrowdClient(
        "https://turk.example.org",
        account_id="123456789012",
        credentials=CREDENTIALS,
        transport=StubTransport(processing),
        clock=JumpingClock(),
    ) as crowd:
        outcomes = await collected(crowd.run("f", [{"a": 1}], timeout=30))
    assert isinstance(outcomes[0].error, CrowdTaskUnfinished)
    assert outcomes[0].task is not None


@pytest.mark.parametrize(
    ("inputs", "options", "says"),
    [
        ([], {"concurrency": 0}, "concurrency"),
        ([], {"concurrency": True}, "concurrency"),
        ([], {"timeout": -1}, "timeout"),
        ([], {"longest_wait": 0}, "longest_wait"),
        ({"text": "x"}, {}, "single one"),
        ("text", {}, "single one"),
        (None, {}, "inputs: is NoneType"),
    ],
)
async def test_arguments(inputs: Any, options: dict[str, Any], says: str) -> None:
    """What cannot be is refused before anything begins."""
    crowd = CrowdClient("https://turk.example.org", credentials=CREDENTIALS, transport=StubTransport())
    with pytest.raises(InvalidRequest, match=says):
        crowd.run("f", inputs, **options)
    with pytest.raises(InvalidRequest, match="function"):
        crowd.run("f f", [])
    assert await collected(crowd.run("f", [])) == []


def test_errors_of_an_outcome_are_ours() -> None:
    """An outcome without an error has a result, even an empty one."""
    task = CrowdTask(name="t", input={}, state="completed", result={})
    assert Outcome(name="t", input={}, task=task).result == {}
    error = TurkError("no")
    with pytest.raises(TurkError) as caught:
        _ = Outcome(name="t", input={}, error=error).result
    assert caught.value is error
