"""
What review policies found and did, in the shapes and words of ListReviewPolicyResultsForHIT.

Ids and times come from the caller. The id of the review itself stands in its action and in all of its results; every
other action has an id of its own.

The report: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ListReviewPolicyResultsForHITOperation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aioturk._generated.shapes import ReviewActionDetail, ReviewActionStatus, ReviewPolicyLevel, ReviewResultDetail
from aioturk.errors import InvalidAssignmentState, ServiceError
from aioturk.marketplace.review.known_answers import KnownAnswerReview
from aioturk.marketplace.review.plurality import PluralityReview
from aioturk.marketplace.review.policies import Act

__all__ = ["assignment_results", "assignment_reviewed", "failed", "hit_results", "hit_reviewed", "succeeded"]

_ASSIGNMENT = ReviewPolicyLevel.ASSIGNMENT.value
_HIT = ReviewPolicyLevel.HIT.value

_FOUND = {True: "true", False: "false"}
"""How AgreedAnswerFound is written; ``T`` and ``F`` would be as likely (unverified)."""

_TARGETS: Mapping[Act, str] = {Act.APPROVE: _ASSIGNMENT, Act.REJECT: _ASSIGNMENT, Act.EXTEND: _HIT}

_DONE: Mapping[Act, str] = {Act.APPROVE: "Approved", Act.REJECT: "Rejected", Act.EXTEND: "Extended"}


def assignment_results(action_id: str, assignment_id: str, review: KnownAnswerReview) -> list[ReviewResultDetail]:
    """Return what known answers found, question by question, and the score at the end."""
    results = [
        _result(action_id, assignment_id, _ASSIGNMENT, "KnownAnswerCorrect", int(correct), question_id)
        for question_id, correct in review.correct.items()
    ]
    return [*results, _result(action_id, assignment_id, _ASSIGNMENT, "KnownAnswerScore", review.score)]


def hit_results(action_id: str, hit_id: str, review: PluralityReview) -> list[ReviewResultDetail]:
    """
    Return what a plurality found: question by question, the HIT's score, worker by worker.

    Where nobody agrees there is no AnswerAgreementScore, and no AgreedAnswer where no answer is agreed.
    """
    results = []
    for question in review.questions:
        found = {
            "AgreedAnswerFound": _FOUND[question.answer is not None],
            "AgreedAnswer": question.answer,
            "AnswerAgreementScore": question.share,
        }
        results += [
            _result(action_id, hit_id, _HIT, key, value, question.question_id)
            for key, value in found.items()
            if value is not None
        ]
    results.append(_result(action_id, hit_id, _HIT, "HitAgreementScore", review.score))
    for worker in review.workers:
        scores = {
            "WorkerAgreementScore": worker.score,
            "PluralityAnswersCorrect": worker.correct,
            "PluralityAnswersIncorrect": worker.incorrect,
        }
        results += [_result(action_id, worker.assignment_id, _ASSIGNMENT, key, value) for key, value in scores.items()]
    return results


def _result(
    action_id: str, subject_id: str, subject_type: str, key: str, value: object, question_id: str | None = None
) -> ReviewResultDetail:
    return ReviewResultDetail(
        action_id=action_id,
        subject_id=subject_id,
        subject_type=subject_type,
        question_id=question_id,
        key=key,
        value=str(value),
    )


def assignment_reviewed(
    action_id: str, assignment_id: str, at: datetime, review: KnownAnswerReview
) -> ReviewActionDetail:
    """Return the action that known answers were compared."""
    known, right = len(review.correct), sum(review.correct.values())
    count = "one known answer" if known == 1 else f"{known} known answers"
    return _succeeded(
        Act.REVIEW, action_id, assignment_id, _ASSIGNMENT, at, f"Reviewed {count}; {right}/{known} correct"
    )


def hit_reviewed(action_id: str, hit_id: str, at: datetime, review: PluralityReview) -> ReviewActionDetail:
    """Return the action that submissions were compared with each other. The text of its result is ours."""
    compared = len(review.questions)
    count = "one question" if compared == 1 else f"{compared} questions"
    return _succeeded(Act.REVIEW, action_id, hit_id, _HIT, at, f"Reviewed {count}; {review.agreed}/{compared} agreed")


def succeeded(act: Act, action_id: str, target_id: str, at: datetime, *, already: bool = False) -> ReviewActionDetail:
    """
    Return an approval, rejection or extension that was done.

    Args:
        act: What was done.
        action_id: The action's id.
        target_id: The assignment, or the HIT that was extended.
        at: When.
        already: Whether there was nothing left to do.
    """
    result = f"Already {_DONE[act].lower()}" if already else _DONE[act]
    return _succeeded(act, action_id, target_id, _TARGETS[act], at, result)


def _succeeded(
    act: Act, action_id: str, target_id: str, target_type: str, at: datetime, result: str
) -> ReviewActionDetail:
    return ReviewActionDetail(
        action_id=action_id,
        action_name=act.value,
        target_id=target_id,
        target_type=target_type,
        status=ReviewActionStatus.SUCCEEDED,
        complete_time=at,
        result=result,
    )


def failed(act: Act, action_id: str, target_id: str, at: datetime, error: ServiceError) -> ReviewActionDetail:
    """
    Return an approval, rejection or extension that was refused.

    Args:
        act: What was tried.
        action_id: The action's id.
        target_id: The assignment, or the HIT that was to be extended.
        at: When.
        error: The refusal that the operation of the same effect gives.
    """
    wrong_state = isinstance(error, InvalidAssignmentState)
    return ReviewActionDetail(
        action_id=action_id,
        action_name=act.value,
        target_id=target_id,
        target_type=_TARGETS[act],
        status=ReviewActionStatus.FAILED,
        complete_time=at,
        result="Assignment was in an invalid state for this operation." if wrong_state else error.message,
        error_code=error.turk_error_code or error.code,
    )
