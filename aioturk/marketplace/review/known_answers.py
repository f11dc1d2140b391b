"""
ScoreMyKnownAnswers: one submission against the answers that the requester knows.

The policy: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_AssignmentReviewPolicies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aioturk.answers import Answer
from aioturk.marketplace.review.comparing import answer_text, values
from aioturk.marketplace.review.policies import Decision, KnownAnswers, percent

__all__ = ["KnownAnswerReview", "review_assignment"]


@dataclass(frozen=True, slots=True)
class KnownAnswerReview:
    """
    What known answers say about a submission. What is to be done, is done in this order: `decision`, `extend`.

    Attributes:
        correct: Whether the answer was right, by question identifier, in the order of the policy.
        score: The share of right answers, in whole percent.
        decision: What is to be done with the assignment; None is nothing.
        extend: Whether the HIT gets one more assignment.
    """

    correct: Mapping[str, bool]
    score: int
    decision: Decision | None
    extend: bool


def review_assignment(
    policy: KnownAnswers, answers: Mapping[str, Answer], *, max_assignments: int
) -> KnownAnswerReview:
    """
    Score a submission.

    Args:
        policy: The known answers.
        answers: What `aioturk.answers.read_answers` made of the submission.
        max_assignments: How many assignments the HIT has now.
    """
    correct = {
        known.question_id: values(answer_text(answers, known.question_id)) == known.values for known in policy.key
    }
    score = percent(sum(correct.values()), len(correct))
    extension = policy.extension
    return KnownAnswerReview(
        correct=correct,
        score=score,
        decision=policy.consequences.decide(score),
        extend=extension is not None and extension.applies(score, max_assignments),
    )
