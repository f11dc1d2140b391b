"""The long table: who gave which task which label."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from aioturk.batch.export import Label, labels_in, long_table
from aioturk.models import AssignmentStatus
from aioturk.questions import Question, QuestionForm, SelectionAnswer

from .results import ANNA, BERT, CARL, Filled, a_result, filled_from, told


@pytest.fixture
async def batch(tmp_path: Path) -> AsyncIterator[Filled]:
    """An empty batch."""
    async with filled_from(tmp_path) as batch:
        yield batch


async def test_labels(batch: Filled) -> None:
    """Tasks are rows, by their keys; what was selected twice over is two labels."""
    choice = SelectionAnswer({"c": "Cat", "d": "Dog"}, min_selection_count=0, max_selection_count=2)
    form = QuestionForm([Question("kinds", "Which?", choice)])
    first, second = [await batch.publish(key, {}, question=form) for key in ("img_1", "img_2")]
    await batch.submit(first, ANNA, {"kinds": ["c", "d"]})
    await batch.submit(second, ANNA, {"kinds": "d"})
    await batch.market.advance(timedelta(seconds=1))
    await batch.submit(first, BERT, {"kinds": ["c"]})
    await batch.submit(second, CARL, {"kinds": []})
    await batch.collect(first, second)
    assert await long_table(batch.results, "kinds") == [
        ("img_1", ANNA, "c"),
        ("img_1", ANNA, "d"),
        ("img_1", BERT, "c"),
        ("img_2", ANNA, "d"),
    ]
    assert [label async for label in labels_in(batch.results, "kinds")] == await long_table(batch.results, "kinds")


async def test_a_hit_of_no_row() -> None:
    """A HIT that is for no row is known by its id."""
    assert await long_table(told(a_result({"a": "x"}, key=None)), "a") == [Label("3HIT", ANNA, "x")]


async def test_texts_are_taken_apart_on_request() -> None:
    """A bar in a text is the worker's own unless the caller says that it separates answers; each counts once."""
    results = told(a_result({"a": " x |y||x"}))
    assert [each.label for each in await long_table(results, "a")] == ["x |y||x"]
    assert [each.label for each in await long_table(results, "a", separator="|")] == ["x", "y"]


async def test_rejected_work() -> None:
    """Labels of rejected work count on request only."""
    results = told(a_result({"a": "x"}), a_result({"a": "y"}, assignment_status=AssignmentStatus.REJECTED))
    assert [each.label for each in await long_table(results, "a")] == ["x"]
    assert [each.label for each in await long_table(results, "a", rejected=True)] == ["x", "y"]


async def test_blank_answers(caplog: pytest.LogCaptureFixture) -> None:
    """Who left the question blank, or did not get it, gave no label; and nothing is said of that."""
    results = told(a_result({"a": "  "}), a_result({"b": "y"}), a_result({"a": "x"}))
    assert [each.label for each in await long_table(results, "a")] == ["x"]
    assert caplog.records == []


async def test_what_cannot_be_used_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Answers that cannot be read give no labels, and a question that nobody answered is named: both in the log."""
    caplog.set_level(logging.WARNING)
    results = told(a_result({"age": "36"}), a_result("<nonsense"))
    assert [each.label for each in await long_table(results, "age")] == ["36"]
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == ["1 answers cannot be read"]
    caplog.clear()
    assert await long_table(told(a_result({"age": "36"})), "Age") == []
    [record] = caplog.records
    assert record.getMessage() == "nobody answered 'Age'; there are answers to 'age'"
