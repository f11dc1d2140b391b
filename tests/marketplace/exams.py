"""Qualification types and their tests, for the tests of qualifications; written out, as requesters write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .support import SCHEMAS, Requester

__all__ = ["KEY", "TEST", "TYPE", "answer_key", "exam", "new_type", "question", "score", "waiting"]

TYPE: Mapping[str, Any] = {
    "Name": "Knows capitals",
    "Description": "Whether somebody knows the capitals of Europe.",
    "QualificationTypeStatus": "Active",
}
"""The least that CreateQualificationType needs."""


def question(name: str, *selections: str, more: str = "") -> str:
    """A question of a test: with selections, or else one that takes a text."""
    if selections:
        offered = "".join(
            f"<Selection><SelectionIdentifier>{each}</SelectionIdentifier><Text>{each}</Text></Selection>"
            for each in selections
        )
        answer = (
            "<SelectionAnswer><MinSelectionCount>0</MinSelectionCount><MaxSelectionCount>9</MaxSelectionCount>"
            f"<Selections>{offered}{more}</Selections></SelectionAnswer>"
        )
    else:
        answer = "<FreeTextAnswer/>"
    return (
        f"<Question><QuestionIdentifier>{name}</QuestionIdentifier><QuestionContent><Text>{name}?</Text>"
        f"</QuestionContent><AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def exam(*questions: str) -> str:
    """A test."""
    return f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd">{"".join(questions)}</QuestionForm>'


def answer_key(mapping: str = "") -> str:
    """A key for `TEST`: France is worth 10 points or -2, cities of Italy 5."""
    options = (
        "<Question><QuestionIdentifier>france</QuestionIdentifier>"
        "<AnswerOption><SelectionIdentifier>paris</SelectionIdentifier><AnswerScore>10</AnswerScore></AnswerOption>"
        "<AnswerOption><SelectionIdentifier>lyon</SelectionIdentifier><AnswerScore>-2</AnswerScore></AnswerOption>"
        "</Question>"
        "<Question><QuestionIdentifier>italy</QuestionIdentifier><AnswerOption>"
        "<SelectionIdentifier>rome</SelectionIdentifier><SelectionIdentifier>milan</SelectionIdentifier>"
        "<AnswerScore>5</AnswerScore></AnswerOption><DefaultScore>1</DefaultScore></Question>"
    )
    if mapping:
        mapping = f"<QualificationValueMapping>{mapping}</QualificationValueMapping>"
    return f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd">{options}{mapping}</AnswerKey>'


TEST = exam(question("france", "paris", "lyon"), question("italy", "rome", "milan", "zurich"))
KEY = answer_key()


async def new_type(turk: Requester, **members: Any) -> str:
    """Create a qualification type; return its id."""
    made = await turk("CreateQualificationType", **{**TYPE, **members})
    type_id: str = made["QualificationType"]["QualificationTypeId"]
    return type_id


async def score(turk: Requester, type_id: str, worker_id: str) -> int:
    """Read the value that a worker has."""
    found = await turk("GetQualificationScore", QualificationTypeId=type_id, WorkerId=worker_id)
    value: int = found["Qualification"]["IntegerValue"]
    return value


async def waiting(turk: Requester, **members: Any) -> list[dict[str, Any]]:
    """List the requests that wait for a decision."""
    found: list[dict[str, Any]] = (await turk("ListQualificationRequests", **members))["QualificationRequests"]
    return found
