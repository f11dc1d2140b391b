"""Answers to question forms, as documents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.xml import carried
from aioturk.answers import Answers, read_answers, write_answers
from aioturk.errors import InvalidParameterValue
from aioturk.marketplace.service.form_answers import answers_to, write_form_answers
from aioturk.questions import FreeTextAnswer, Question, QuestionForm, SelectionAnswer
from aioturk.questions.form import check_test

from .exams import TEST

TEXTS = st.text(max_size=20).map(carried)
NAMES = TEXTS.filter(bool)


@given(st.dictionaries(NAMES, TEXTS | st.lists(NAMES, max_size=3).map(tuple)), st.dictionaries(NAMES, TEXTS))
def test_what_is_written_is_read(values: dict[str, str | tuple[str, ...]], other: dict[str, str]) -> None:
    """Whatever the answers are, they are the same when the document is read."""
    other = {name: text for name, text in other.items() if isinstance(values.get(name), tuple)}
    answers = Answers(values, other)
    assert read_answers(write_form_answers(answers)) == answers


def test_answers_stand_in_the_order_of_the_form() -> None:
    """Whatever the order of the fields, with one selection or several; nothing selected is an empty answer."""
    form = check_test(TEST)
    answers = answers_to(form, {"italy": ["rome", "rome", ""], "france": ""})

    assert list(answers.items()) == [("france", ()), ("italy", ("rome",))]
    assert answers_to(form, {}) == {}


def test_several_texts_are_one() -> None:
    """Several values for a question that takes a text are joined, as those of any form."""
    form = QuestionForm(Question("why", "Why?", FreeTextAnswer()))
    assert answers_to(form, {"why": ["a", "b"]}) == {"why": "a|b"}


@pytest.mark.parametrize("value", [5, None, [1], b"x", {"a": "b"}])
def test_what_is_no_text(value: Any) -> None:
    """A form says what it takes in the words that a page has for it."""
    form = QuestionForm(
        [Question("why", "Why?", FreeTextAnswer()), Question("what", "What?", SelectionAnswer(["this"]))]
    )
    for name in ("why", "what"):
        for told in (answers_to, lambda _form, fields: write_answers(fields)):
            with pytest.raises(TypeError) as caught:
                told(form, {name: value})
            assert str(caught.value) == (
                f"The field {name!r} is {value!r}; forms send strings: give one, or a sequence of them."
            )


def test_other_is_for_questions_that_offer_it() -> None:
    """A text beside a question without "other", or without selections, is refused."""
    form = QuestionForm(
        [
            Question("where", "Where?", SelectionAnswer(["here"], other_selection=True)),
            Question("what", "What?", SelectionAnswer(["this"])),
            Question("why", "Why?", FreeTextAnswer()),
        ]
    )
    assert answers_to(form, Answers({}, {"where": "there"})).other == {"where": "there"}
    for name in ("what", "why", "who"):
        with pytest.raises(InvalidParameterValue, match="The form has no"):
            answers_to(form, Answers({}, {name: "x"}))
