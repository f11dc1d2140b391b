"""
SimplePlurality: the submissions of a HIT against each other.

The policy: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HITReviewPolicies.html

What the manual leaves open is decided here so that nobody is paid or rejected by accident (all of it unverified):

* Two answers that are equally frequent agree on nothing, whatever the threshold.
* A blank is an answer; blanks agree with each other.
* An answer that is too long to be compared counts for nothing in its question, and is a miss for its worker. If it
  leaves a single answer of several, that one agrees with nobody. The answer of an only worker agrees with itself.
* Where no question is agreed, all scores are 0, and no assignment is approved or rejected.
* A HIT that nobody has submitted is not extended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aioturk.answers import Answer
from aioturk.marketplace.review.comparing import answer_text, joined, values
from aioturk.marketplace.review.policies import Decision, Plurality, percent
from aioturk.marketplace.rules import Rules

__all__ = ["PluralityReview", "QuestionAgreement", "Submission", "WorkerAgreement", "review_hit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """
    An assignment that was submitted.

    Attributes:
        assignment_id: Its id.
        answers: What `aioturk.answers.read_answers` made of it.
        rejected: Whether it is rejected now.
        known_answer_score: What known answers said about it, if they were asked.
    """

    assignment_id: str
    answers: Mapping[str, Answer]
    rejected: bool = False
    known_answer_score: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionAgreement:
    """
    How far workers agree on a question.

    Attributes:
        question_id: Its identifier.
        share: The share of the most frequent answer, in whole percent; None when no two answers are equal.
        answer: The agreed answer, several values joined with ``|``; None when there is none, empty when it is a blank.
    """

    question_id: str
    share: int | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class WorkerAgreement:
    """
    How far a worker agrees with the others.

    Attributes:
        assignment_id: The worker's assignment.
        correct: On how many agreed questions the worker gave the agreed answer.
        incorrect: On how many another one.
        score: The share of the former, in whole percent.
        decision: What is to be done with the assignment; None is nothing.
    """

    assignment_id: str
    correct: int
    incorrect: int
    score: int
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class PluralityReview:
    """
    What the submissions of a HIT say about each other.

    Attributes:
        questions: The questions, in the order of the policy.
        score: The share of agreed questions, in whole percent.
        workers: The assignments that took part, in the order in which they were given.
        extend: Whether the HIT gets one more assignment; to be done after the workers' decisions.
    """

    questions: tuple[QuestionAgreement, ...]
    score: int
    workers: tuple[WorkerAgreement, ...]
    extend: bool

    @property
    def agreed(self) -> int:
        """How many questions have an agreed answer."""
        return sum(question.answer is not None for question in self.questions)


def review_hit(
    policy: Plurality, submissions: Iterable[Submission], rules: Rules, *, max_assignments: int
) -> PluralityReview:
    """
    Compare the submissions of a HIT.

    Args:
        policy: What to compare, and when they agree.
        submissions: All of them, decided or not; those to be disregarded are left out here.
        rules: Which answers are too long.
        max_assignments: How many assignments the HIT has now.
    """
    submissions = list(submissions)
    compared = [submission for submission in submissions if not _is_disregarded(policy, submission)]
    answers = [
        [_comparable(submission, question_id, rules) for submission in compared] for question_id in policy.question_ids
    ]
    questions = tuple(
        _agreement(question_id, given, policy.threshold)
        for question_id, given in zip(policy.question_ids, answers, strict=True)
    )
    score = percent(sum(question.answer is not None for question in questions), len(questions))
    extension = policy.extension
    return PluralityReview(
        questions=questions,
        score=score,
        workers=tuple(
            _worker(policy, submission.assignment_id, questions, [given[place] for given in answers])
            for place, submission in enumerate(compared)
        ),
        extend=bool(submissions) and extension is not None and extension.applies(score, max_assignments),
    )


def _is_disregarded(policy: Plurality, submission: Submission) -> bool:
    if submission.rejected and policy.disregard_rejected:
        return True
    score = submission.known_answer_score
    return score is not None and score < policy.disregard_below


def _comparable(submission: Submission, question_id: str, rules: Rules) -> str | None:
    """Return an answer in a form that is the same for equal answers; None if it is too long to be compared."""
    text = answer_text(submission.answers, question_id)
    return None if len(text) > rules.review_answer else joined(values(text))


def _agreement(question_id: str, answers: Sequence[str | None], threshold: int) -> QuestionAgreement:
    counts = Counter(answer for answer in answers if answer is not None)
    most = max(counts.values(), default=0)
    if most == 0 or (most == 1 and len(answers) > 1):
        return QuestionAgreement(question_id, None, None)
    share = percent(most, counts.total())
    winners = [answer for answer, count in counts.items() if count == most]
    agreed = len(winners) == 1 and share >= threshold
    return QuestionAgreement(question_id, share, winners[0] if agreed else None)


def _worker(
    policy: Plurality, assignment_id: str, questions: Sequence[QuestionAgreement], answers: Sequence[str | None]
) -> WorkerAgreement:
    hits = [
        answer == question.answer
        for question, answer in zip(questions, answers, strict=True)
        if question.answer is not None
    ]
    score = percent(sum(hits), len(hits))
    return WorkerAgreement(
        assignment_id=assignment_id,
        correct=sum(hits),
        incorrect=len(hits) - sum(hits),
        score=score,
        decision=policy.consequences.decide(score) if hits else None,
    )
