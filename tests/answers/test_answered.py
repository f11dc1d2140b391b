"""`answers` and `parse` of assignments and qualification requests: lazy, once, and no part of the value."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from aioturk import AnswerError, ExternalQuestion
from aioturk._core.codec import reader, to_wire
from aioturk.answers import reading, write_answers
from aioturk.marketplace import Marketplace
from aioturk.models import (
    Assignment,
    AssignmentStatus,
    ListAssignmentsForHITResponse,
    ParameterMapEntry,
    PolicyParameter,
    QualificationRequest,
    ReviewPolicy,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ID = "3018Q3ZVOIPG7TAIYT4NTY2DLY0001"


HIT: dict[str, Any] = {
    "title": "Guess the age",
    "description": "Look at a picture.",
    "reward": Decimal("0.05"),
    "max_assignments": 1,
    "lifetime": 3600,
    "assignment_duration": 600,
    "question": ExternalQuestion("https://example.org/guess", frame_height=600),
}


@dataclass
class Guess:
    """What a worker was asked for."""

    age: int
    comment: str = ""


def assignment(answer: str) -> Assignment:
    """An assignment with an answer."""
    return Assignment(
        assignment_id=ID,
        worker_id="A143XRCI1Y",
        hit_id="3X7837UUADRXYCA1K7JAJLKC66DJ60",
        assignment_status=AssignmentStatus.SUBMITTED,
        auto_approval_time=NOW,
        accept_time=NOW,
        submit_time=NOW,
        answer=answer,
    )


def request(answer: str | None) -> QualificationRequest:
    """A qualification request with an answer, or without."""
    return QualificationRequest(
        qualification_request_id="3R", qualification_type_id="3T", worker_id="A1", answer=answer, submit_time=NOW
    )


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that are read from now on."""
    seen: list[str] = []

    def watched(xml: str) -> Any:
        seen.append(xml)
        return reading.read_answers(xml)

    monkeypatch.setattr("aioturk.answers.answered.read_answers", watched)
    return seen


def test_read_when_asked_and_once(readings: list[str]) -> None:
    """The document is read on first use; later uses give the same object."""
    one = assignment(write_answers({"age": "36"}))
    assert readings == []
    assert one.answers == {"age": "36"}
    assert one.answers is one.answers
    assert one.parse(Guess) == Guess(36)
    assert readings == [one.answer]


def test_answers_are_no_part_of_the_value() -> None:
    """Reading the answers changes neither equality, hash, repr nor what is sent; copies read for themselves."""
    read, unread = assignment(write_answers({"age": "36"})), assignment(write_answers({"age": "36"}))
    before = repr(read), hash(read), to_wire(read)
    assert read.answers == {"age": "36"}
    assert (repr(read), hash(read), to_wire(read)) == before
    assert read == unread
    assert {read} == {unread}
    for back in (copy.copy(read), copy.deepcopy(read), pickle.loads(pickle.dumps(read))):
        assert back == read
        assert back.answers == read.answers
    changed = msgspec.structs.replace(read, answer=write_answers({"age": "37"}))
    assert changed.answers == {"age": "37"}
    with pytest.raises(AttributeError):
        read.answers = {}  # type: ignore[misc,assignment]


def test_a_page_is_decoded_with_them() -> None:
    """Assignments of a decoded page have their answers."""
    page = ListAssignmentsForHITResponse(num_results=1, assignments=(assignment(write_answers({"age": "36"})),))
    back = reader(ListAssignmentsForHITResponse)(msgspec.json.encode(to_wire(page)))
    assert back == page
    assert back.assignments[0].parse(Guess) == Guess(36)


def test_errors_name_the_assignment() -> None:
    """Whether the document or the answer is to blame, the error tells whose it is."""
    with pytest.raises(AnswerError, match=f"Assignment {ID}: The answer cannot be read") as damaged:
        assignment("<html/>").parse(Guess)
    assert (damaged.value.assignment_id, damaged.value.problems) == (ID, ())
    with pytest.raises(AnswerError, match=f"Assignment {ID}: The answer does not fit Guess: age: 'old'") as misfit:
        assignment(write_answers({"age": "old"})).parse(Guess)
    assert (misfit.value.assignment_id, misfit.value.question, misfit.value.value) == (ID, "age", "old")
    assert misfit.value.expected is int


def test_qualification_requests() -> None:
    """A request has the answers of its test, and none when there was no test."""
    assert request(write_answers({"age": "36"})).parse(Guess) == Guess(36)
    assert request(None).answers == {}
    with pytest.raises(AnswerError, match="age: it was left blank, or is missing") as caught:
        request(None).parse(Guess)
    assert caught.value.assignment_id is None


async def test_the_whole_way() -> None:
    """What a worker submits on a marketplace arrives as a value of the requester's type."""
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit(**HIT)
        worker = market.worker("A1B2C3D4E5F6G7")
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"age": " 36 ", "comment": "a < b"})
        found = [each async for each in mturk.list_assignments_for_hit(hit.hit_id)]
        assert [each.parse(Guess) for each in found] == [Guess(36, "a < b")]
        assert (await mturk.get_assignment(assignment_id)).assignment.answers["age"] == " 36 "


async def test_review_policies_know_no_crowd_form() -> None:
    """Known answers are compared with what the form sent, under the one name that it has in the document."""
    entry = ParameterMapEntry(key="taskAnswers", values=('[{"age":"36"}]',))
    policy = ReviewPolicy(
        policy_name="ScoreMyKnownAnswers/2011-09-01",
        parameters=(
            PolicyParameter(key="AnswerKey", map_entries=(entry,)),
            PolicyParameter(key="ApproveIfKnownAnswerScoreIsAtLeast", values=("100",)),
        ),
    )
    async with Marketplace() as market, market.client() as mturk:
        hit = await mturk.create_hit(**HIT, assignment_review_policy=policy)
        worker = market.worker("A1B2C3D4E5F6G7")
        assignment_id = await worker.accept(hit.hit_id)
        await worker.submit(assignment_id, {"taskAnswers": '[{"age":"36"}]'})
        found = (await mturk.get_assignment(assignment_id)).assignment
        assert found.assignment_status == AssignmentStatus.APPROVED
        assert found.parse(Guess) == Guess(36)
