"""What may stand in a call of a function, and the names that are made of inputs."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.crowd import CrowdTask, TaskState, task_name
from aioturk.crowd.task import body_of, check_name, read_task
from aioturk.errors import InvalidRequest

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcü", max_size=3), inner, max_size=4),
    max_leaves=12,
)
INPUTS = st.dictionaries(st.text("abcdef", max_size=4), VALUES, max_size=5)


def turned_around(value: Any) -> Any:
    """The same value with the members of each object in the opposite order."""
    if isinstance(value, dict):
        return {name: turned_around(inner) for name, inner in reversed(value.items())}
    return [turned_around(inner) for inner in value] if isinstance(value, list) else value


@given(INPUTS)
def test_a_name_made_of_an_input_can_be_sent(values: dict[str, Any]) -> None:
    """It has the form of a name, and does not depend on the order of members."""
    name = task_name(values)
    assert check_name(name, "name") == name
    assert task_name(turned_around(values)) == name


@given(INPUTS, INPUTS)
def test_names_tell_inputs_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Inputs that differ as JSON have different names."""
    if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
        assert task_name(one) == task_name(other)
    else:
        # 1.0 and 1 are one number; true is none.
        as_numbers = json.loads(json.dumps(one), parse_int=float), json.loads(json.dumps(other), parse_int=float)
        same = json.dumps(as_numbers[0], sort_keys=True) == json.dumps(as_numbers[1], sort_keys=True)
        assert same or task_name(one) != task_name(other)


def test_names_stay_what_they_are() -> None:
    """A name is a promise: programs of other versions and languages compute the same."""
    name = task_name({"text": "Everything is wonderful.", "stars": 5.0})
    assert name == "282f9556afdbecfd8d56f33b5c409b90740fdc8175e85626004b8485fc4e8af0"
    assert name == task_name({"stars": 5, "text": "Everything is wonderful."})
    assert name != task_name({"stars": "5", "text": "Everything is wonderful."})
    assert name != task_name({"stars": True, "text": "Everything is wonderful."})


@given(INPUTS)
def test_what_is_sent_is_what_was_given(values: dict[str, Any]) -> None:
    """The request holds the input as JSON, nothing turned into something else."""
    assert json.loads(body_of(values)) == {"input": values}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"a": math.nan}, "nan"),
        ({"a": [{"b": math.inf}]}, r"\['a'\]\[0\]\['b'\]"),
        ({"a": -math.inf}, "no such number"),
        ({"a": {1, 2}}, "holds set"),
        ({"a": b"x"}, "holds bytes"),
        ({1: "a"}, "names are strings"),
        ({"a": 2**64}, "beyond 64 bits"),
        ({"a": "\ud800"}, "half a character"),
        ({"\ud800": 1}, "half a character"),
        ({"a": "x" * 300_000}, "behind a URL"),
        ([1], "is list"),
        ("text", "is str"),
        (None, "is NoneType"),
    ],
)
def test_inputs_that_cannot_be_sent(values: Any, says: str) -> None:
    """What JSON does not have is refused here, with its place; nothing is bent into shape in silence."""
    with pytest.raises(InvalidRequest, match=says):
        body_of(values)


def test_inputs_without_end() -> None:
    """An input that holds itself, or is nested without measure, is refused."""
    values: dict[str, Any] = {}
    values["a"] = values
    with pytest.raises(InvalidRequest, match="levels deep"):
        body_of(values)


def test_reading_a_task() -> None:
    """Every member of a task is read; members that are not known are passed over."""
    document: dict[str, Any] = {
        "taskName": "t",
        "input": {"a": 1},
        "state": "failed",
        "result": None,
        "problemDetails": {"message": "no worker"},
        "more": [],
    }
    assert read_task(json.dumps(document).encode()) == CrowdTask(
        name="t", input={"a": 1}, state=TaskState.FAILED, problem_details={"message": "no worker"}
    )
