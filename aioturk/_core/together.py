"""
Rules about several members of a request at once. The manual's pages of the operations are their source.

Rules about a single one are in the model, and in `aioturk._core.arguments`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aioturk._core.accepted import Document, Key, Layout
from aioturk._core.schema import Operation
from aioturk.errors import InvalidRequest

__all__ = ["check_key", "check_together", "without_layout"]


def without_layout(operation: Operation, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments with a layout, given as the question, put where the service wants its parts."""
    question = given["Question"]
    if question is None or isinstance(question, str | type | Document) or not isinstance(question, Layout):
        return given
    twice = [name for name in ("HITLayoutId", "HITLayoutParameters") if given.get(name) is not None]
    if twice:
        raise InvalidRequest(
            f"is a layout, and {' and '.join(twice)} given besides: put everything into the layout.",
            argument="question",
            operation=operation.name,
        )
    values = [{"Name": name, "Value": value} for name, value in question.parameters.items()]
    return {**given, "Question": None, "HITLayoutId": question.layout_id, "HITLayoutParameters": values or None}


def check_key(operation: Operation, given: Mapping[str, Any]) -> None:
    """Refuse a key that is not for the test beside it, as far as both are values."""
    key, test = given["AnswerKey"], given.get("Test")
    if isinstance(key, Key) and not isinstance(key, type):
        misfit = key.misfit(test)
        if misfit:
            raise InvalidRequest(f"does not fit: {misfit}.", argument="answer_key", operation=operation.name)


def check_together(operation: Operation, document: Mapping[str, Any]) -> None:
    """
    Refuse a request whose members do not fit each other.

    Raises:
        InvalidRequest: They do not.
    """
    rule = _TOGETHER.get(operation.name)
    if rule is not None:
        rule(operation, document)


def _question_or_layout(operation: Operation, document: Mapping[str, Any]) -> None:
    given = [name for name in ("Question", "HITLayoutId") if name in document]
    if len(given) == 2:
        raise InvalidRequest(
            "both question and hit_layout_id are given; the service takes exactly one of them.",
            argument="question",
            operation=operation.name,
        )
    if not given:
        raise InvalidRequest(
            "neither question nor hit_layout_id is given; workers need one of them.",
            argument="question",
            operation=operation.name,
        )
    if "HITLayoutParameters" in document and "HITLayoutId" not in document:
        raise InvalidRequest(
            "is given without hit_layout_id.", argument="hit_layout_parameters", operation=operation.name
        )


_POLICIES = (
    ("AssignmentReviewPolicy", "assignment_review_policy", "SimplePlurality/", "hit_review_policy"),
    ("HITReviewPolicy", "hit_review_policy", "ScoreMyKnownAnswers/", "assignment_review_policy"),
)
_BY_KNOWN_ANSWERS = "DisregardAssignmentIfKnownAnswerScoreIsLessThan"


def _policies_in_their_places(operation: Operation, document: Mapping[str, Any]) -> None:
    """Refuse a policy in the other's place; names that are neither's are the service's to judge."""
    for member, argument, others, place in _POLICIES:
        name = document.get(member, {}).get("PolicyName", "")
        if name.startswith(others):
            raise InvalidRequest(f"is {name}: give it as {place}.", argument=argument, operation=operation.name)
    parameters = document.get("HITReviewPolicy", {}).get("Parameters", ())
    if "AssignmentReviewPolicy" not in document and any(each.get("Key") == _BY_KNOWN_ANSWERS for each in parameters):
        raise InvalidRequest(
            "disregards assignments by their known answers, and there are none: give assignment_review_policy too.",
            argument="hit_review_policy",
            operation=operation.name,
        )


def _a_hit(operation: Operation, document: Mapping[str, Any]) -> None:
    _question_or_layout(operation, document)
    _policies_in_their_places(operation, document)


def _at_least_one_of(*names: str) -> Callable[[Operation, Mapping[str, Any]], None]:
    def rule(operation: Operation, document: Mapping[str, Any]) -> None:
        if not any(name in document for name in names):
            words = " or ".join(member.python for member in operation.request.members if member.wire in names)
            raise InvalidRequest(f"give {words}.", operation=operation.name)

    return rule


def _more_than_nothing(operation: Operation, document: Mapping[str, Any]) -> None:
    if not float(document["BonusAmount"]):
        raise InvalidRequest("is zero; a bonus is at least a cent.", argument="bonus_amount", operation=operation.name)


_TOGETHER: Mapping[str, Callable[[Operation, Mapping[str, Any]], None]] = {
    "CreateHIT": _a_hit,
    "CreateHITWithHITType": _a_hit,
    "SendBonus": _more_than_nothing,
    "ListBonusPayments": _at_least_one_of("HITId", "AssignmentId"),
    "UpdateNotificationSettings": _at_least_one_of("Notification", "Active"),
}
