"""
Functions that people answer, as a user writes calls of them, for type checkers alone: nobody runs this.

Each `assert_type` fails the type check when an annotation becomes vaguer or different.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_type

import aioturk
from aioturk import Client, Credentials, CrowdClient, RetryPolicy, Task, ask
from aioturk.answers import Answers
from aioturk.crowd import Asked, CrowdTask, CrowdTaskFailed, NoAgreement, Outcome, TaskState, inquire, task_name
from aioturk.pricing import Cost
from aioturk.tasks import Submission


@dataclass
class Label:
    """An answer."""

    label: str


async def calls() -> None:
    """A function is called, waited for, and its task deleted."""
    CrowdClient()
    CrowdClient("production", account_id="123456789012", profile="work", timeout=timedelta(minutes=1))
    CrowdClient(endpoint="https://turk.example.org", credentials=Credentials("A", "b"), retries=RetryPolicy(), rate=5)
    async with CrowdClient("local") as crowd:
        assert_type(crowd, CrowdClient)
        assert_type(crowd.with_options(timeout=5, retries=False), CrowdClient)
        assert_type(await crowd.account_id(), str)
        task = await crowd.put_task("f", "t", {"text": "x", "more": [1, 2.5, None]})
        assert_type(task, CrowdTask)
        assert_type(task.state, TaskState | str)
        assert_type(task.input, Mapping[str, Any])
        assert_type(task.result, Mapping[str, Any] | None)
        assert_type(task.is_finished, bool)
        assert_type(await crowd.wait_for_task("f", "t", timeout=timedelta(hours=1)), CrowdTask)
        assert_type(await crowd.wait_for_task("f", "t", timeout=None, longest_wait=5), CrowdTask)
        await crowd.delete_task("f", "t")
    assert_type(task_name({"text": "x"}), str)
    assert_type(aioturk.CrowdClient, type[CrowdClient])


async def many(crowd: CrowdClient) -> None:
    """Inputs come from anything that can be walked, with names or without."""

    async def inputs() -> AsyncIterator[dict[str, str]]:
        yield {"text": "x"}

    assert_type(crowd.run("f", [{"text": "x"}], concurrency=5), AsyncGenerator[Outcome, None])
    crowd.run("f", inputs())
    crowd.run("f", (("name", {"n": 1}), {"n": 2}))
    async for outcome in crowd.run("f", [("name", {"n": 1})]):
        assert_type(outcome.name, str)
        assert_type(outcome.task, CrowdTask | None)
        assert_type(outcome.error, aioturk.TurkError | None)
        assert_type(outcome.result, Mapping[str, Any])


async def questions(mturk: Client, typed: Task[Label], untyped: Task[Answers]) -> None:
    """The answer has the task's type."""
    when = timedelta(minutes=30)
    assert_type(await ask(mturk, typed, {"url": "x"}, name="n", deadline=when, budget="1.00"), Label)
    assert_type(await ask(mturk, untyped, name="n", deadline=1800, budget=1, agreement=2, most=5), Answers)
    await ask(mturk, typed, name="n", deadline=when, budget="1", key=lambda answer: answer.label.lower())
    asked = await inquire(mturk, typed, name="n", deadline=when, budget="1.00")
    assert_type(asked, Asked[Label])
    assert_type(asked.answer, Label)
    assert_type(asked.votes, tuple[Submission[Label], ...])
    assert_type(asked.cost, Cost)


def errors(failed: CrowdTaskFailed, disagreed: NoAgreement) -> None:
    """Errors tell what they know."""
    assert_type(failed.task, CrowdTask | None)
    assert_type(failed.problem_details, Mapping[str, Any] | None)
    assert_type(disagreed.cost, Cost)
    assert_type(disagreed.hit_id, str)
    assert_type(disagreed.votes, tuple[Submission[Any], ...])
