"""
Reading review policies from a request: every key, value and bound, before a HIT is made.

What the policies mean is in :mod:`aioturk.marketplace.review.policies`, the bounds are in
:mod:`aioturk.marketplace.rules`. Refusals name the place as ``HITReviewPolicy.QuestionIds``, because some keys belong
to both policies; none of their texts was ever seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aioturk._core.xml import unsupported
from aioturk._generated.shapes import ParameterMapEntry, PolicyParameter, ReviewPolicy
from aioturk.marketplace import refusals
from aioturk.marketplace.review.comparing import values
from aioturk.marketplace.review.policies import (
    NEVER,
    SCORE_MY_KNOWN_ANSWERS,
    SIMPLE_PLURALITY,
    Consequences,
    Extension,
    KnownAnswer,
    KnownAnswers,
    Plurality,
    Policies,
)
from aioturk.marketplace.rules import Range, Rules

__all__ = ["read_policies"]

_ASSIGNMENT = "AssignmentReviewPolicy"
_HIT = "HITReviewPolicy"

_KNOWN_ANSWER_KEYS = {
    "AnswerKey",
    "ApproveIfKnownAnswerScoreIsAtLeast",
    "ApproveReason",
    "RejectIfKnownAnswerScoreIsLessThan",
    "RejectReason",
    "ExtendIfKnownAnswerScoreIsLessThan",
    "ExtendMaximumAssignments",
    "ExtendMinimumTimeInSeconds",
}
_KNOWN_ANSWER_NEEDS = ["AnswerKey"]

_PLURALITY_KEYS = {
    "QuestionIds",
    "QuestionAgreementThreshold",
    "DisregardAssignmentIfRejected",
    "DisregardAssignmentIfKnownAnswerScoreIsLessThan",
    "ExtendIfHITAgreementScoreIsLessThan",
    "ExtendMaximumAssignments",
    "ExtendMinimumTimeInSeconds",
    "ApproveIfWorkerAgreementScoreIsAtLeast",
    "ApproveReason",  # unverified
    "RejectIfWorkerAgreementScoreIsLessThan",
    "RejectReason",
}
# The manual's words; whether the service ever insisted on the last two is unverified.
_PLURALITY_NEEDS = ["QuestionIds", "QuestionAgreementThreshold", "DisregardAssignmentIfRejected"]

_SPELLINGS = {"QuestionIDs": "QuestionIds"}
"""Keys that the manual prints in two ways."""

_FLAGS: Mapping[str, bool] = {"t": True, "true": True, "f": False, "false": False}
"""The manual has T and F, programs send what their language makes of a Boolean; compared in lower case."""

_NUMBER = re.compile(r"-?[0-9]{1,18}")


def read_policies(assignment_policy: ReviewPolicy | None, hit_policy: ReviewPolicy | None, rules: Rules) -> Policies:
    """
    Check the two policies of a request and return them as values.

    Args:
        assignment_policy: The request's AssignmentReviewPolicy.
        hit_policy: The request's HITReviewPolicy.
        rules: The bounds.

    Raises:
        MissingParameter: A key is needed and not there, or has no value.
        ParameterValueOutOfRange: A number is out of its bounds.
        InvalidParameterValue: Anything else is wrong with a policy.
    """
    known_answers = None if assignment_policy is None else _known_answers(assignment_policy, rules)
    plurality = None if hit_policy is None else _plurality(hit_policy, rules, scored=known_answers is not None)
    return Policies(known_answers=known_answers, plurality=plurality)


def _known_answers(policy: ReviewPolicy, rules: Rules) -> KnownAnswers:
    given = _Given(_ASSIGNMENT, policy, SCORE_MY_KNOWN_ANSWERS, _KNOWN_ANSWER_KEYS, _KNOWN_ANSWER_NEEDS)
    entries = given.entries("AnswerKey")
    key = tuple(_known_answer(given.path("AnswerKey"), entry, rules) for entry in entries)
    _refuse_twice(given.path("AnswerKey"), [answer.question_id for answer in key])
    return KnownAnswers(
        key=key,
        consequences=_consequences(
            given, "ApproveIfKnownAnswerScoreIsAtLeast", "RejectIfKnownAnswerScoreIsLessThan", rules
        ),
        extension=_extension(
            given, given.number("ExtendIfKnownAnswerScoreIsLessThan", rules.review_threshold, 0), rules
        ),
    )


def _plurality(policy: ReviewPolicy, rules: Rules, *, scored: bool) -> Plurality:
    given = _Given(_HIT, policy, SIMPLE_PLURALITY, _PLURALITY_KEYS, _PLURALITY_NEEDS)
    below = given.number("ExtendIfHITAgreementScoreIsLessThan", rules.review_hit_score, 0)
    if below:
        given.require(["ExtendMaximumAssignments", "ExtendMinimumTimeInSeconds"])
    disregard = "DisregardAssignmentIfKnownAnswerScoreIsLessThan"
    if given.has(disregard) and not scored:
        raise refusals.missing(given.path(disregard), [_ASSIGNMENT])
    return Plurality(
        question_ids=_question_ids(given, rules),
        threshold=given.number("QuestionAgreementThreshold", rules.review_agreement, 0),
        disregard_rejected=given.flag("DisregardAssignmentIfRejected"),
        disregard_below=given.number(disregard, rules.review_threshold, 0),
        consequences=_consequences(
            given, "ApproveIfWorkerAgreementScoreIsAtLeast", "RejectIfWorkerAgreementScoreIsLessThan", rules
        ),
        extension=_extension(given, below, rules),
    )


def _known_answer(path: str, entry: ParameterMapEntry, rules: Rules) -> KnownAnswer:
    question_id = _question_id(path, entry.key or "", rules)
    if not entry.values:
        raise refusals.missing(path, [question_id])
    return KnownAnswer(question_id, values("|".join(entry.values)))


def _question_ids(given: _Given, rules: Rules) -> tuple[str, ...]:
    path, found = given.path("QuestionIds"), given.values("QuestionIds")
    if not rules.review_questions.holds(len(found)):
        raise refusals.invalid(path, f"{len(found)} questions")
    _refuse_twice(path, found)
    return tuple(_question_id(path, question_id, rules) for question_id in found)


def _question_id(path: str, question_id: str, rules: Rules) -> str:
    if not rules.review_question_id.holds(len(question_id.encode("utf-8", "surrogatepass"))):
        raise refusals.invalid(path, question_id)
    return question_id


def _consequences(given: _Given, approve: str, reject: str, rules: Rules) -> Consequences:
    return Consequences(
        approve_from=given.number(approve, rules.review_threshold, NEVER),
        approve_reason=given.reason("ApproveReason", rules),
        reject_below=given.number(reject, rules.review_threshold, 0),
        reject_reason=given.reason("RejectReason", rules),
    )


def _extension(given: _Given, below: int, rules: Rules) -> Extension | None:
    most = given.number(
        "ExtendMaximumAssignments", rules.review_most_assignments, rules.default_review_most_assignments
    )
    time = given.number("ExtendMinimumTimeInSeconds", rules.review_extension, 0)
    # Without a score to go by, the other two are checked and mean nothing.
    return Extension(below=below, most_assignments=most, time=time) if below else None


def _refuse_twice(path: str, words: list[str]) -> None:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            raise refusals.invalid(path, f"{word} (given twice)")
        seen.add(word)


class _Given:
    """
    The parameters of one policy by key, each of them known and there once.

    Args:
        member: The request's member that the policy stands in.
        policy: The policy.
        name: What its name has to be.
        known: The keys that it may have.
        needed: The keys that it must have.
    """

    def __init__(self, member: str, policy: ReviewPolicy, name: str, known: set[str], needed: list[str]) -> None:
        self._member = member
        if policy.policy_name != name:
            raise refusals.invalid(self.path("PolicyName"), policy.policy_name)
        keys = [_SPELLINGS.get(parameter.key or "", parameter.key or "") for parameter in policy.parameters]
        for key in keys:
            if key not in known:
                raise refusals.invalid(self.path("Key"), key)
        _refuse_twice(self.path("Key"), keys)
        self._parameters: dict[str, PolicyParameter] = dict(zip(keys, policy.parameters, strict=True))
        self.require(needed)

    def path(self, key: str) -> str:
        """Return how refusals name a parameter."""
        return f"{self._member}.{key}"

    def has(self, key: str) -> bool:
        """Say whether a parameter was given."""
        return key in self._parameters

    def require(self, keys: list[str]) -> None:
        """Refuse a policy that leaves one of these out."""
        absent = [key for key in keys if not self.has(key)]
        if absent:
            raise refusals.missing(self._member, absent)

    def entries(self, key: str) -> tuple[ParameterMapEntry, ...]:
        """Return the entries of a map."""
        parameter = self._parameters[key]
        if parameter.values:
            raise refusals.invalid(self.path(key), ", ".join(parameter.values))
        if not parameter.map_entries:
            raise refusals.missing(self._member, [key])
        return parameter.map_entries

    def values(self, key: str) -> list[str]:
        """Return the values of a list."""
        parameter = self._parameters[key]
        if parameter.map_entries:
            raise refusals.invalid(self.path(key), ", ".join(entry.key or "" for entry in parameter.map_entries))
        if not parameter.values:
            raise refusals.missing(self._member, [key])
        return list(parameter.values)

    def value(self, key: str) -> str | None:
        """Return the one value of a parameter, if it was given."""
        if not self.has(key):
            return None
        found = self.values(key)
        if len(found) > 1:
            raise refusals.invalid(self.path(key), ", ".join(found))
        return found[0]

    def number(self, key: str, bounds: Range, otherwise: int) -> int:
        """Return a number within bounds, or what it is when it was not given."""
        text = self.value(key)
        if text is None:
            return otherwise
        if not _NUMBER.fullmatch(text):
            raise refusals.invalid(self.path(key), text)
        number = int(text)
        if not bounds.holds(number):
            raise refusals.out_of_range(self.path(key), number, bounds)
        return number

    def flag(self, key: str) -> bool:
        """Return a Boolean that has to be there."""
        text = self.value(key) or ""
        if text.lower() not in _FLAGS:
            raise refusals.invalid(self.path(key), text)
        return _FLAGS[text.lower()]

    def reason(self, key: str, rules: Rules) -> str | None:
        """Return feedback for workers, if there is any: what a requester could not write, a policy cannot either."""
        text = self.value(key)
        if text is not None and (not rules.feedback.holds(len(text)) or unsupported(text) is not None):
            raise refusals.invalid(self.path(key), text)
        return text or None
