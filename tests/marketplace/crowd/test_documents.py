"""Which inputs are the same, and what is an object in JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.marketplace.crowd import documents

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def told_apart(value: Any) -> Any:
    """A value in a form whose equality is that of JSON values."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, int | float):
        return ("number", Fraction(value))
    if isinstance(value, list):
        return ("list", [told_apart(each) for each in value])
    return ("object", {name: told_apart(each) for name, each in value.items()})


@given(VALUES, VALUES)
def test_two_values(one: Any, other: Any) -> None:
    """Values are the same exactly when they are equal as JSON values, whichever comes first."""
    expected = told_apart(one) == told_apart(other)
    assert documents.same(one, other) == documents.same(other, one) == expected


@given(VALUES)
def test_a_value_and_itself(value: Any) -> None:
    """Written and read, with its members in another order, a value is the same."""
    assert documents.same(value, json.loads(json.dumps(value, sort_keys=True)))
    assert documents.same(value, msgspec.json.decode(msgspec.json.encode(value)))


@given(st.dictionaries(st.text(), VALUES))
def test_objects_are_read_as_they_were_written(value: dict[str, Any]) -> None:
    """What is written is JSON, which says the value."""
    text = documents.written(value)
    assert documents.same(documents.read(text), value)
    assert documents.same(msgspec.json.decode(text), value)


@pytest.mark.parametrize("value", [[], "a", 1, None, {"a": float("nan")}, {"a": {1, object}}])
def test_what_is_no_object(value: object) -> None:
    """Anything else is refused."""
    with pytest.raises(documents.NotJson):
        documents.written(value)
