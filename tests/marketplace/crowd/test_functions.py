"""Offering functions: what makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from aioturk import HTMLTemplate, Task
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace, MarketplaceInThread
from aioturk.marketplace.crowd.ready_made import PAGE

from .support import Crowd, tasks_of

TASK = Task(
    title="Name an animal",
    description="Write the name of the animal.",
    reward="0.10",
    assignment_duration=60,
    lifetime=3600,
    max_assignments=3,
    question=HTMLTemplate("<!DOCTYPE html><form><img src='${picture}'><input name='animal'></form>"),
)


@pytest.mark.parametrize("name", ["", "a b", "ä", "a" * 65, ".", "..", "a/b", None, 4])
def test_names(name: Any) -> None:
    """A function is called what fits into a path as it is."""
    with pytest.raises(ConfigurationError, match="names no function"):
        Marketplace().add_crowd_function(name, answer=dict)


@dataclass(frozen=True)
class Asked:
    """Something like a task."""

    answer: type[Any] = dict
    properties: Mapping[str, Any] = field(
        default_factory=lambda: {
            "title": "t",
            "description": "d",
            "reward": "0.1",
            "assignment_duration": 60,
            "lifetime": 60,
        }
    )

    def fill(self, row: Mapping[str, Any] | None = None, /) -> str:
        return str(row)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "by code or by people"),
        ({"answer": dict, "task": TASK}, "by code or by people"),
        ({"answer": "text"}, "write a function"),
        ({"answer": dict, "check": 4}, "write a function"),
        ({"task": TASK, "result": {}}, "write a function"),
        ({"task": TASK, "test_answer": {}}, "write a function"),
        ({"answer": dict, "result": dict}, "give them with a task"),
        ({"answer": dict, "enough": 2}, "give them with a task"),
        ({"task": TASK, "enough": 0}, "write how many"),
        ({"task": TASK, "enough": 4}, "write how many"),
        ({"task": TASK, "enough": "2"}, "write how many"),
        ({"task": "Name an animal"}, "write an aioturk.Task"),
        ({"task": replace(Asked(), answer="dict")}, "write an aioturk.Task"),  # type: ignore[arg-type]
        ({"task": replace(Asked(), properties=4)}, "write an aioturk.Task"),  # type: ignore[arg-type]
        ({"task": replace(Asked(), properties={"title": "t"})}, "no HIT can be made of it"),
        ({"answer": dict, "timeout": 0}, "at most a day"),
        ({"answer": dict, "timeout": timedelta(days=2)}, "at most a day"),
        ({"answer": dict, "timeout": True}, "at most a day"),
        ({"answer": dict, "timeout": "60"}, "at most a day"),
        ({"answer": dict, "timeout": float("nan")}, "at most a day"),
    ],
)
def test_what_makes_no_sense(arguments: dict[str, Any], says: str) -> None:
    """It is refused when it is offered, with what to write, and not with the first task."""
    with pytest.raises(ConfigurationError, match=says):
        Marketplace().add_crowd_function("f", **arguments)


async def test_what_is_like_a_task() -> None:
    """Whatever has the properties of a task, its answer and a question for an input, will do; so will layouts."""
    async with Marketplace() as market:
        market.add_crowd_function("f", task=Asked(), timeout=timedelta(seconds=10))
        refused = await Crowd(market, "f").put({"a": 1})
        assert refused.status == 400  # what it fills in is no question, which the service tells
        assert "does not take this input" in refused.message


async def test_a_function_in_the_place_of_another() -> None:
    """One of the same name is replaced, with its twin: also one that was there from the start."""
    async with Marketplace() as market:
        market.add_crowd_function("sentiment-analysis", answer=lambda given: {"sentiment": "sour"})
        crowd = Crowd(market)
        await crowd.put({})
        assert (await crowd.get()).json["result"] == {"sentiment": "sour"}
        market.add_crowd_function("sentiment-analysis", task=TASK)
        assert (await crowd.put({}, task="other")).status == 404


def test_programs_that_cannot_await() -> None:
    """A marketplace in a thread takes functions in the same way."""
    with MarketplaceInThread() as market:
        market.add_crowd_function("f", answer=dict)
        crowd = Crowd(market, "f")
        market.run(crowd.put({"a": 1}))
        market.run(tasks_of(market).idle())
        assert market.run(crowd.get()).json["result"] == {"a": 1}


def test_the_page_of_the_one_that_is_ready_made() -> None:
    """Nothing is wrong with it that can be found."""
    assert PAGE.lint() == ()
