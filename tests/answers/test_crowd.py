"""Crowd-forms: one answer of JSON becomes an answer a field, and nothing a worker sends makes it more than that."""

from __future__ import annotations

import copy
import json
import pickle
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.answers import Answers, read_answers, write_answers
from aioturk.answers import crowd as crowd_module

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def crowd(fields: Any) -> Answers:
    """Read what a crowd-form with these fields submits."""
    return read_answers(write_answers({"taskAnswers": json.dumps([fields])}))


def test_fields_become_answers() -> None:
    """Every field stands under its own name, as in the requester site's results."""
    answers = crowd(
        {
            "country": "United States",
            "sentiment": {"label": "Positive"},
            "agreed": {"on": True},
            "tags": ["cat", "dog"],
            "age": 36,
            "share": 0.25,
            "whole": 5.0,
            "sure": False,
            "nothing": None,
            "none": {},
            "image": {"boxes": [{"left": 1, "label": "cat"}], "size": {"width": 10}},
        }
    )
    assert answers == {
        "country": "United States",
        "sentiment.label": "Positive",
        "agreed.on": "true",
        "tags": ("cat", "dog"),
        "age": "36",
        "share": "0.25",
        "whole": "5",
        "sure": "false",
        "nothing": "",
        "none": "{}",
        "image.boxes": '[{"left":1,"label":"cat"}]',
        "image.size.width": "10",
    }


def test_the_values_are_kept() -> None:
    """What the form sent is there too: as values of JSON, and as the text that the document has."""
    fields = {"mood": {"label": "fine"}, "n": 1, "text": '{"stays": "a text"}'}
    answers = crowd(fields)
    assert answers.nested == fields
    assert answers["text"] == '{"stays": "a text"}'
    assert answers.original == {"taskAnswers": json.dumps([fields])}
    assert answers.original.original is answers.original
    assert not answers.original.nested


def test_other_answers_stay_what_they_are() -> None:
    """Answers beside a crowd-form keep their places, and none is hidden by a field of the same name."""
    answers = read_answers(write_answers({"a": "1", "taskAnswers": '[{"a": "2", "b": "3"}]', "c": "4"}))
    assert answers == {"a": "1", "b": "3", "c": "4"}
    assert list(answers) == ["a", "b", "c"]
    assert answers.nested == {"b": "3"}


def test_a_field_of_that_name() -> None:
    """A field may itself be called taskAnswers."""
    assert crowd({"taskAnswers": "x"}) == {"taskAnswers": "x"}


@pytest.mark.parametrize("text", ['{"a": "1"}', '[{"a": "1"}]', ' [ {"a" : "1"} ] '])
def test_the_object_is_enough(text: str) -> None:
    """The object is understood with and without the array around it."""
    assert read_answers(write_answers({"taskAnswers": text})) == {"a": "1"}


@pytest.mark.parametrize(
    "text",
    [
        *("", "nothing", "[]", "[1]", '[{"a": 1}, {"b": 2}]', '"x"', "null"),
        *('[{"a": 1e999}]', '[{"a": NaN}]', '[{"a": "\\ud800"}]', '[{"a":' + "9" * 5000 + "}]"),
        *("[" * 100_000, '[{"a":' * 50_000, '[{"a":' + "[" * 200 + "]" * 200 + "}]"),
    ],
    ids=range(14),
)
def test_what_is_no_crowd_form_is_a_text(text: str) -> None:
    """A text under that name which is not a form's stays a text."""
    answers = read_answers(write_answers({"taskAnswers": text}))
    assert answers == {"taskAnswers": text}
    assert not answers.nested


def test_what_is_too_long_is_a_text() -> None:
    """A mebibyte of JSON is taken apart; one character more is a text, and never becomes lists."""
    fields = {"a": "x" * (2**20 - 10)}
    text = msgspec.json.encode([fields]).decode()
    assert len(text) == 2**20
    assert read_answers(write_answers({"taskAnswers": text})) == fields
    longer = text + " "
    assert read_answers(write_answers({"taskAnswers": longer})) == {"taskAnswers": longer}


@pytest.mark.parametrize("opens", ["[", '{"a":'])
def test_how_deep_a_form_may_be(opens: str) -> None:
    """A form is read down to a hundred levels, its own two among them, wherever the depth is."""
    for depth, is_form in ((98, True), (99, False)):
        deep = opens * depth + "1" + ("]" if opens == "[" else "}") * depth
        text = '[{"wide":' + "[" + "[]," * 200 + "[]]" + ',"deep":' + deep + ',"z":1}]'
        assert ("z" in read_answers(write_answers({"taskAnswers": text}))) is is_form


def test_wide_forms_take_no_memory_of_their_own() -> None:
    """Looking for depth keeps one place for each level, not the values of a whole level."""
    value = crowd_module.decoded("[" + "[]," * 100_000 + "[]]")
    tracemalloc.start()
    try:
        assert not crowd_module._is_deep(value)
        assert tracemalloc.get_traced_memory()[1] < 10_000
    finally:
        tracemalloc.stop()


def test_a_selection_of_that_name() -> None:
    """A question of a form may have that name."""
    xml = (
        "<QuestionFormAnswers><Answer><QuestionIdentifier>taskAnswers</QuestionIdentifier>"
        "<SelectionIdentifier>a</SelectionIdentifier></Answer></QuestionFormAnswers>"
    )
    assert read_answers(xml) == {"taskAnswers": ("a",)}


def test_names_cannot_be_multiplied() -> None:
    """A long name above many short ones is not repeated with each: megabytes would become terabytes."""
    long = "k" * 500_000
    answers = crowd({long: {str(number): 1 for number in range(9_000)}})
    assert list(answers) == [long]
    assert len(str(answers[long])) < 1_000_000


def test_too_many_names_stay_in_one_piece() -> None:
    """A form with more names than any form has is left as it came."""
    fields = {"a": {str(number): 1 for number in range(20_000)}}
    assert crowd(fields) == {"taskAnswers": json.dumps([fields])}


def test_deep_objects_stay_in_one_piece() -> None:
    """Objects within objects are flattened so far, and no further."""
    value: Any = "x"
    for _ in range(40):
        value = {"a": value}
    ((name, text),) = crowd(value).items()
    assert name == ".".join("a" * 20)
    assert isinstance(text, str)
    assert text.startswith('{"a":')


@given(st.dictionaries(st.text(), JSON))
def test_every_form_can_be_read(fields: dict[str, Any]) -> None:
    """Whatever JSON a form sends, the mapping holds texts and tuples of texts, and loses nothing."""
    answers = crowd(fields)
    assert all(isinstance(value, str) or all(isinstance(each, str) for each in value) for value in answers.values())
    assert answers.original == {"taskAnswers": json.dumps([fields])}
    assert answers.nested == fields or answers is answers.original


@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda answers: pickle.loads(pickle.dumps(answers))])
def test_they_travel(through: Any) -> None:
    """Copies and pickles keep everything, and so does the repr."""
    answers = crowd({"a": {"b": 1}, "c": "x"})
    for back in (through(answers), eval(repr(answers))):
        assert back == answers
        assert back.nested == answers.nested
        assert back.original == answers.original
    assert answers != Answers(dict(answers))
    with pytest.raises(TypeError):
        answers.nested["a"] = 1  # type: ignore[index]
