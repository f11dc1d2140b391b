"""
Review policies: what they say, what they find, and what follows from it. Values in, values out.

Nothing here knows the store, the time, or who asks. The road of a policy:

* `reading`: the request's policies, checked, become values (`policies`);
* `known_answers`: one submission against the answers that the requester knows, at each submission;
* `plurality`: all submissions of a HIT against each other, whenever it becomes reviewable;
* `reports`: what was found and done, in the shapes of ListReviewPolicyResultsForHIT.

Approving, rejecting, extending and keeping the reports is done where assignments and HITs change, in
:mod:`aioturk.marketplace.service`.
"""

from __future__ import annotations

from aioturk.marketplace.review.known_answers import KnownAnswerReview, review_assignment
from aioturk.marketplace.review.plurality import (
    PluralityReview,
    QuestionAgreement,
    Submission,
    WorkerAgreement,
    review_hit,
)
from aioturk.marketplace.review.policies import (
    SCORE_MY_KNOWN_ANSWERS,
    SIMPLE_PLURALITY,
    Act,
    Consequences,
    Decision,
    Extension,
    KnownAnswer,
    KnownAnswers,
    Plurality,
    Policies,
)
from aioturk.marketplace.review.reading import read_policies
from aioturk.marketplace.review.reports import (
    assignment_results,
    assignment_reviewed,
    failed,
    hit_results,
    hit_reviewed,
    succeeded,
)

__all__ = [
    "SCORE_MY_KNOWN_ANSWERS",
    "SIMPLE_PLURALITY",
    "Act",
    "Consequences",
    "Decision",
    "Extension",
    "KnownAnswer",
    "KnownAnswerReview",
    "KnownAnswers",
    "Plurality",
    "PluralityReview",
    "Policies",
    "QuestionAgreement",
    "Submission",
    "WorkerAgreement",
    "assignment_results",
    "assignment_reviewed",
    "failed",
    "hit_results",
    "hit_reviewed",
    "read_policies",
    "review_assignment",
    "review_hit",
    "succeeded",
]
