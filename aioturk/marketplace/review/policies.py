"""
Review policies as values, and what a score leads to.

How they are read from a request and checked is in :mod:`aioturk.marketplace.review.reading`; scores are worked out in
`known_answers` and `plurality`.

The parameters: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ReviewPoliciesArticle.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "NEVER",
    "SCORE_MY_KNOWN_ANSWERS",
    "SIMPLE_PLURALITY",
    "Act",
    "Consequences",
    "Decision",
    "Extension",
    "KnownAnswer",
    "KnownAnswers",
    "Plurality",
    "Policies",
    "percent",
]

SCORE_MY_KNOWN_ANSWERS = "ScoreMyKnownAnswers/2011-09-01"
"""The one policy for assignments."""

SIMPLE_PLURALITY = "SimplePlurality/2011-09-01"
"""The one policy for HITs."""


NEVER = 101
"""A score that nothing reaches."""


class Act(StrEnum):
    """What a policy does, by the ActionName of its report. The lower case is that of samples; manuals capitalise."""

    REVIEW = "review"
    APPROVE = "approve"
    REJECT = "reject"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What is to be done with an assignment.

    Attributes:
        act: `Act.APPROVE` or `Act.REJECT`.
        reason: The feedback for the worker, if the policy has one.
    """

    act: Act
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """
    What a worker's score does to the assignment. As it stands: nothing, because scores go from 0 to 100.

    Attributes:
        approve_from: The least score that is approved, or `NEVER`.
        approve_reason: The feedback with it.
        reject_below: Scores below it are rejected; 0 is never.
        reject_reason: The feedback with it.
    """

    approve_from: int = NEVER
    approve_reason: str | None = None
    reject_below: int = 0
    reject_reason: str | None = None

    def decide(self, score: int) -> Decision | None:
        """Return what is to be done; where both thresholds are met the worker is paid (unverified)."""
        if score >= self.approve_from:
            return Decision(Act.APPROVE, self.approve_reason)
        if score < self.reject_below:
            return Decision(Act.REJECT, self.reject_reason)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """
    When a HIT is offered to one more worker.

    Attributes:
        below: Scores below it extend the HIT.
        most_assignments: How many assignments the HIT may have afterwards.
        time: The seconds from now that the extended HIT has to stay open at least; 0 if it does not matter.
    """

    below: int
    most_assignments: int
    time: int = 0

    def applies(self, score: int, max_assignments: int) -> bool:
        """
        Say whether a HIT is to be extended by one assignment.

        A HIT that has as many as its policy wants stays as it is: that is no failure. Whether the house lets it grow is
        found out when that is tried.

        Args:
            score: What the policy found.
            max_assignments: How many assignments the HIT has now.
        """
        return score < self.below and max_assignments < self.most_assignments

    def until(self, expires_at: int, now: int) -> int:
        """Return when an extended HIT expires: never earlier than before. In the store's milliseconds."""
        return max(expires_at, now + self.time * 1000) if self.time else expires_at


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """The values that a worker has to give to a question, all of them and no others; none of them is a blank answer."""

    question_id: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswers:
    """
    ScoreMyKnownAnswers: every submission is held against answers that the requester knows.

    Attributes:
        key: The known answers, at least one.
        consequences: What the score does to the assignment.
        extension: When the HIT is extended; None is never.
    """

    key: tuple[KnownAnswer, ...]
    consequences: Consequences = Consequences()
    extension: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plurality:
    """
    SimplePlurality: the submissions of a HIT are held against each other.

    Attributes:
        question_ids: The questions to compare, at least one.
        threshold: The share of equal answers, in percent, from which a question is agreed.
        disregard_rejected: Whether rejected assignments are left out.
        disregard_below: Assignments with a lower score of known answers are left out; 0 leaves out none.
        consequences: What a worker's score does to the assignment.
        extension: When the HIT is extended; None is never.
    """

    question_ids: tuple[str, ...]
    threshold: int
    disregard_rejected: bool
    disregard_below: int = 0
    consequences: Consequences = Consequences()
    extension: Extension | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """
    The policies of a HIT.

    Attributes:
        known_answers: For each of its assignments, if there is one.
        plurality: For all of them together, if there is one.
    """

    known_answers: KnownAnswers | None = None
    plurality: Plurality | None = None


def percent(part: int, whole: int) -> int:
    """Return a share in whole percent, rounded down; nothing of nothing is 0."""
    return 100 * part // whole if whole else 0
