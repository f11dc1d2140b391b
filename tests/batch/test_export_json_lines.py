"""Results as JSON Lines: an object for each submission, with everything in its own form."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.batch.export import write_json_lines
from aioturk.batch.ledger.results import Result
from aioturk.questions import FreeTextAnswer, Question, QuestionForm, SelectionAnswer

from .results import ANNA, Filled, a_result, filled_from, told

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=4).filter(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
async def batch(tmp_path: Path) -> AsyncIterator[Filled]:
    """An empty batch."""
    async with filled_from(tmp_path) as batch:
        yield batch


def written(*results: Result) -> list[dict[str, Any]]:
    """Write results, and read the objects back."""
    file = io.StringIO()
    assert asyncio.run(write_json_lines(told(*results), file)) == len(results)
    lines = file.getvalue().split("\n")
    assert lines.pop() == ""
    return [json.loads(line) for line in lines]


async def test_an_object(batch: Filled, tmp_path: Path) -> None:
    """An object has the ids, the state, the times in ISO's form, the row, and the answers with selections as lists."""
    form = QuestionForm(
        [
            Question("age", "How old?", FreeTextAnswer()),
            Question(
                "kinds", "Which?", SelectionAnswer({"c": "Cat", "d": "Dog"}, max_selection_count=2)
            ),
        ]
    )  # fmt: skip
    hit = await batch.publish("img_1", {"url": "https://example.org/ä.jpg", "n": [1, None]}, question=form)
    assignment_id = await batch.submit(hit, ANNA, {"age": "36", "kinds": ["c", "d"]})
    await batch.mturk.reject_assignment(assignment_id, requester_feedback="Not a cat")
    await batch.collect(hit)
    path = tmp_path / "results.jsonl"
    assert await write_json_lines(batch.results, path) == 1
    assert json.loads(path.read_text("utf-8")) == {
        "assignment_id": assignment_id,
        "worker_id": ANNA,
        "hit_id": hit.hit_id,
        "hit_type_id": hit.hit_type_id,
        "status": "Rejected",
        "accept_time": "2019-03-01T12:34:56.250000+00:00",
        "submit_time": "2019-03-01T12:34:56.250000+00:00",
        "auto_approval_time": "2019-03-31T12:34:56.250000+00:00",
        "approval_time": None,
        "rejection_time": "2019-03-01T12:34:56.250000+00:00",
        "requester_feedback": "Not a cat",
        "reward": "0.05",
        "key": "img_1",
        "row": {"url": "https://example.org/ä.jpg", "n": [1, None]},
        "answers": {"age": "36", "kinds": ["c", "d"]},
        "other": {},
    }


@given(st.dictionaries(NAMES, JSON, max_size=3))
def test_a_crowd_form_keeps_its_values(fields: dict[str, Any]) -> None:
    """The fields of a crowd-form are the values that the page sent, objects included."""
    [document] = written(a_result({"taskAnswers": json.dumps([fields])}))
    assert document["answers"] == fields
    assert list(document["answers"]) == list(fields)


def test_a_number_beyond_64_bits() -> None:
    """A worker's number of any length can be written."""
    [document] = written(a_result({"taskAnswers": f'[{{"n": {2**70}}}]'}))
    assert document["answers"]["n"] == 2**70


def test_a_crowd_form_beside_other_answers() -> None:
    """What the document says itself is never replaced by a field of the same name."""
    [document] = written(a_result({"age": "36", "taskAnswers": '[{"age": 1, "tags": {"a": true}}]'}))
    assert document["answers"] == {"age": "36", "tags": {"a": True}}


def test_an_unreadable_answer() -> None:
    """An answer that cannot be read comes with the reason and as the document that came; others have neither."""
    good, bad = written(a_result({"age": "36"}), a_result("<nonsense"))
    assert bad["answers"] is None
    assert bad["document"] == "<nonsense"
    assert "cannot be read" in bad["error"]
    assert not {"error", "document"} & set(good)


def test_what_is_not_known() -> None:
    """A HIT that was never seen and a row that is not known are null."""
    [document] = written(replace(a_result({}), hit=None, row=None, key=None))
    assert [document[name] for name in ("hit_id", "hit_type_id", "reward", "row", "key")] == ["3HIT", *[None] * 4]


def test_line_ends_in_answers() -> None:
    """An object takes one line, whatever a worker types."""
    [document] = written(a_result({"note": "one\r\ntwo\u2028three\x85"}))
    assert document["answers"] == {"note": "one\r\ntwo\u2028three\x85"}
