"""Questions as arguments: which document goes where, and which are refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from aioturk._core.arguments import Converters
from aioturk._generated.tables import OPERATIONS, SHAPES
from aioturk.errors import InvalidRequest
from aioturk.questions import (
    AnswerKey,
    AnswerOption,
    ExternalQuestion,
    FreeTextAnswer,
    HITLayout,
    HTMLQuestion,
    Question,
    QuestionForm,
    ScoredQuestion,
    SelectionAnswer,
)

TASK = {"Title": "t", "Description": "d", "Reward": "0.25"}
TASK |= {"LifetimeInSeconds": 3600, "AssignmentDurationInSeconds": 300}  # type: ignore[dict-item]
TYPE = {"Name": "n", "Description": "d", "QualificationTypeStatus": "Active", "TestDurationInSeconds": 60}
FORM = QuestionForm(Question("a", "?", SelectionAnswer(["x", "y"])))
TEXTS = QuestionForm(Question("a", "?", FreeTextAnswer()))
KEY = AnswerKey((ScoredQuestion("a", (AnswerOption(("x",), 1),)),))
OTHER = AnswerKey((ScoredQuestion("b", (AnswerOption(("x",), 1),)),))


class Written:
    """A value with a document of its own, as libraries for tables have."""

    def __init__(self, document: object) -> None:
        self.document = document

    def to_xml(self) -> object:
        return self.document


def request(operation: str, **given: Any) -> dict[str, Any]:
    """The wire document of a request."""
    base = TASK if operation == "CreateHIT" else TYPE if operation == "CreateQualificationType" else {}
    return Converters(SHAPES).request(OPERATIONS[operation], base | given)


def refusal(operation: str, **given: Any) -> str:
    """The error with which a request is refused."""
    with pytest.raises(InvalidRequest) as caught:
        request(operation, **given)
    assert caught.value.operation == operation
    return f"{caught.value.argument}: {caught.value.text}"


@pytest.mark.parametrize(
    "question",
    [
        ExternalQuestion("https://example.org/"),
        HTMLQuestion("<p>"),
        FORM,
        Written("<?xml version='1.0'?>\n<!-- ours -->\n<m:HTMLQuestion xmlns:m='urn:x'/>"),
    ],
)
def test_questions_are_sent(question: Any) -> None:
    """What asks something is sent as its document; so is what somebody else's class writes as such a document."""
    assert request("CreateHIT", Question=question)["Question"] == question.to_xml()


def test_strings_are_sent_as_they_are() -> None:
    """A string is nobody's business but the service's."""
    assert request("CreateHIT", Question="<x>\U0001f600</x>")["Question"] == "<x>\U0001f600</x>"
    sent = request("CreateQualificationType", Test=FORM.to_xml(), AnswerKey=OTHER.to_xml())
    assert sent["AnswerKey"] == OTHER.to_xml()


@pytest.mark.parametrize(
    ("operation", "given", "says"),
    [
        (
            "CreateHIT",
            {"Question": KEY},
            "question: is AnswerKey, which makes a document 'AnswerKey'; the service takes",
        ),
        ("CreateHIT", {"Question": Written("<data/>")}, "question: is Written, which makes a document 'data'"),
        ("CreateHIT", {"Question": Written("QuestionForm")}, "question: is Written, which makes none"),
        ("CreateHIT", {"Question": Written(None)}, "question: is Written, which makes none"),
        ("CreateHIT", {"Question": QuestionForm}, "question: is the class QuestionForm; give a value of it"),
        ("CreateHIT", {"Question": HITLayout}, "question: is the class HITLayout; give a value of it"),
        ("CreateQualificationType", {"Test": HTMLQuestion("<p>")}, "test: is HTMLQuestion, which makes"),
        ("CreateQualificationType", {"Test": ExternalQuestion("https://x/")}, "test: is ExternalQuestion, which makes"),
        ("CreateQualificationType", {"Test": KEY}, "the service takes QuestionForm here"),
        ("CreateQualificationType", {"Test": FORM, "AnswerKey": FORM}, "the service takes AnswerKey here"),
        ("CreateQualificationType", {"Test": FORM, "AnswerKey": AnswerKey}, "answer_key: is the class AnswerKey"),
        ("CreateQualificationType", {"Test": FORM, "AnswerKey": OTHER}, '("b") is not in the test'),
        (
            "CreateQualificationType",
            {"Test": TEXTS, "AnswerKey": KEY},
            "answer_key: does not fit: the test's Question 1",
        ),
        (
            "UpdateQualificationType",
            {"QualificationTypeId": "3" * 30, "Test": FORM, "AnswerKey": OTHER},
            "answer_key: does not fit",
        ),
    ],
)
def test_documents_in_the_wrong_place(operation: str, given: dict[str, Any], says: str) -> None:
    """What the service would refuse for its kind, or for the test beside it, is refused here with its name."""
    assert says in refusal(operation, **given)


def test_a_key_beside_its_test() -> None:
    """A key that fits its test is sent with it, and so is one without a test, which an update may leave as it is."""
    assert request("CreateQualificationType", Test=FORM, AnswerKey=KEY)["AnswerKey"] == KEY.to_xml()
    sent = request("UpdateQualificationType", QualificationTypeId="3" * 30, AnswerKey=OTHER)
    assert sent["AnswerKey"] == OTHER.to_xml()
