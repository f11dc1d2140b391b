"""
Reviews that the service makes by itself: policies for new HITs, and what came of them.

A policy is made by `ReviewPolicy.score_my_known_answers` or `ReviewPolicy.simple_plurality` and given to ``create_hit``
or ``create_hit_with_hit_type``; it cannot be changed afterwards. `ReviewResults` gathers what
``list_review_policy_results_for_hit`` tells, bit by bit, into one object. How the marketplace reviews is in
`aioturk.marketplace`.

The policies: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ReviewPoliciesArticle.html
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from aioturk._core.accepted import Duration
from aioturk._generated import shapes
from aioturk._generated.shapes import (
    ListReviewPolicyResultsForHITResponse,
    ParameterMapEntry,
    PolicyParameter,
    ReviewActionDetail,
    ReviewActionStatus,
    ReviewPolicyLevel,
    ReviewResultDetail,
)
from aioturk.errors import InvalidRequest
from aioturk.paginate import Listing

__all__ = ["AssignmentReview", "QuestionReview", "ReviewAction", "ReviewPolicy", "ReviewResults"]

KNOWN_ANSWERS = "ScoreMyKnownAnswers/2011-09-01"
PLURALITY = "SimplePlurality/2011-09-01"

_EXTEND_BY_KNOWN_ANSWERS = "ExtendIfKnownAnswerScoreIsLessThan"
_EXTEND_BY_AGREEMENT = "ExtendIfHITAgreementScoreIsLessThan"


class ReviewPolicy(shapes.ReviewPolicy, kw_only=True, frozen=True):
    """
    Rules by which the service reviews work by itself, made by the two methods below.

    Both methods speak of scores in whole percent, and use the same words: ``approve_if_at_least`` and
    ``reject_if_less_than`` look at an assignment's score, 0 to 101, where 101 is out of every score's reach. Without
    them nothing is approved or rejected. ``extend_if_less_than`` adds one assignment to the HIT.

    Amazon never lets a HIT that was made with fewer than ten assignments grow to ten or more, and policies are no
    exception: an ``extend_maximum_assignments`` of ten or more is accepted for it, but it gets nine at the most, and
    the extension that fails is one of the actions in `ReviewResults`. If more may be needed, make the HIT with ten,
    which have the higher fee. A marketplace with the rules of the house has no such step, so nothing is refused here.
    """

    @classmethod
    def score_my_known_answers(
        cls,
        answer_key: Mapping[str, str | Iterable[str]],
        *,
        approve_if_at_least: int | None = None,
        approve_reason: str | None = None,
        reject_if_less_than: int | None = None,
        reject_reason: str | None = None,
        extend_if_less_than: int | None = None,
        extend_maximum_assignments: int | None = None,
        extend_minimum_time: Duration | None = None,
    ) -> ReviewPolicy:
        """
        Return a policy for ``assignment_review_policy``: each submission is held against answers that you know.

        An assignment's score is its share of right answers. An answer is right when its values are exactly the
        expected ones, blanks around them aside.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_AssignmentReviewPolicies.html

        Args:
            answer_key: The right answers by question identifier: a string, or several for a question with several
                values; an empty string for a question that has to be left blank.
            approve_if_at_least: Approve the assignment from this score on.
            approve_reason: The feedback with it.
            reject_if_less_than: Reject the assignment below this score.
            reject_reason: The feedback with it.
            extend_if_less_than: Ask one more worker when the score is below this.
            extend_maximum_assignments: Never extend beyond so many assignments: 2 to 25; 5 unless given.
            extend_minimum_time: For how long from then on an extended HIT stays open at least: 60 seconds to 365 days.

        Raises:
            InvalidRequest: A rule is broken.
        """
        _refuse_words(answer_key, "answer_key", Mapping, "give a mapping from question identifiers to right answers")
        entries = tuple(_known_answer(question, answer) for question, answer in answer_key.items())
        if not entries:
            raise InvalidRequest("is empty; give at least one known answer.", argument="answer_key")
        return cls(
            policy_name=KNOWN_ANSWERS,
            parameters=(
                PolicyParameter(key="AnswerKey", map_entries=entries),
                *_decisions(
                    "KnownAnswerScore", approve_if_at_least, approve_reason, reject_if_less_than, reject_reason
                ),
                *_extension(
                    _EXTEND_BY_KNOWN_ANSWERS,
                    (0, _NEVER),
                    extend_if_less_than,
                    extend_maximum_assignments,
                    extend_minimum_time,
                ),
            ),
        )

    @classmethod
    def simple_plurality(
        cls,
        question_ids: Iterable[str],
        question_agreement_threshold: int,
        *,
        disregard_rejected: bool = False,
        disregard_if_known_answer_score_less_than: int | None = None,
        approve_if_at_least: int | None = None,
        approve_reason: str | None = None,
        reject_if_less_than: int | None = None,
        reject_reason: str | None = None,
        extend_if_less_than: int | None = None,
        extend_maximum_assignments: int | None = None,
        extend_minimum_time: Duration | None = None,
    ) -> ReviewPolicy:
        """
        Return a policy for ``hit_review_policy``: all submissions of a HIT are held against each other.

        A question is agreed when its most frequent answer is frequent enough. The HIT's score is the share of agreed
        questions. An assignment's score is the share of these in which it has the agreed answer.

        Manual: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HITReviewPolicies.html

        Args:
            question_ids: The questions to compare, 1 to 15.
            question_agreement_threshold: The share of equal answers, 0 to 100 percent, from which a question is agreed.
            disregard_rejected: Leave out assignments that are rejected.
            disregard_if_known_answer_score_less_than: Leave out assignments whose score of known answers is below this,
                0 to 101. The HIT then needs known answers too.
            approve_if_at_least: Approve an assignment from this score on.
            approve_reason: The feedback with it.
            reject_if_less_than: Reject an assignment below this score.
            reject_reason: The feedback with it.
            extend_if_less_than: Ask one more worker when the HIT's score is below this, 1 to 100. The two that follow
                are needed with it.
            extend_maximum_assignments: Never extend beyond so many assignments: 2 to 25.
            extend_minimum_time: For how long from then on an extended HIT stays open at least: 60 seconds to 365 days.

        Raises:
            InvalidRequest: A rule is broken.
        """
        if not isinstance(disregard_rejected, bool):
            raise InvalidRequest(
                f"is {reprlib.repr(disregard_rejected)}; give True or False.", argument="disregard_rejected"
            )
        parameters = [
            PolicyParameter(key="QuestionIds", values=_question_ids(question_ids)),
            _number(
                "QuestionAgreementThreshold", "question_agreement_threshold", question_agreement_threshold, (0, 100)
            ),
            # The manual calls it required, so it is always said.
            PolicyParameter(key="DisregardAssignmentIfRejected", values=("T" if disregard_rejected else "F",)),
        ]
        parameters += _threshold(
            "DisregardAssignmentIfKnownAnswerScoreIsLessThan",
            "disregard_if_known_answer_score_less_than",
            disregard_if_known_answer_score_less_than,
        )
        parameters += _decisions(
            "WorkerAgreementScore", approve_if_at_least, approve_reason, reject_if_less_than, reject_reason
        )
        extension = _extension(
            _EXTEND_BY_AGREEMENT,
            (1, 100),
            extend_if_less_than,
            extend_maximum_assignments,
            extend_minimum_time,
        )
        if len(extension) not in (0, 3):
            raise InvalidRequest(
                "needs extend_maximum_assignments and extend_minimum_time beside it.", argument="extend_if_less_than"
            )
        return cls(policy_name=PLURALITY, parameters=(*parameters, *extension))


_NEVER = 101
_MOST_QUESTIONS = 15
_QUESTION_ID_BYTES = 255
_REASON_CHARACTERS = 1024
_ASSIGNMENTS = (2, 25)
_SECONDS = (60, 365 * 86400)


def _refuse_words(given: object, argument: str, kind: type, remedy: str) -> None:
    if isinstance(given, str) or not isinstance(given, kind):
        raise InvalidRequest(f"is {type(given).__name__}; {remedy}.", argument=argument)


def _known_answer(question_id: object, answer: str | Iterable[str]) -> ParameterMapEntry:
    key = _question_id(question_id, "answer_key")
    place = f"answer_key[{key!r}]"
    if not isinstance(answer, str | Iterable):
        raise InvalidRequest(f"is {type(answer).__name__}; give a string, or several.", argument=place)
    values = (answer,) if isinstance(answer, str) else tuple(answer)
    if not values:
        raise InvalidRequest("has no answer; an empty string stands for a blank.", argument=place)
    for value in values:
        if not isinstance(value, str):
            raise InvalidRequest(f"holds {reprlib.repr(value)}; answers are strings.", argument=place)
    return ParameterMapEntry(key=key, values=values)


def _question_ids(given: Iterable[str]) -> tuple[str, ...]:
    _refuse_words(given, "question_ids", Iterable, "give a list of question identifiers")
    found = tuple(_question_id(each, "question_ids") for each in given)
    if not 1 <= len(found) <= _MOST_QUESTIONS:
        raise InvalidRequest(f"holds {len(found)}; give from 1 to {_MOST_QUESTIONS}.", argument="question_ids")
    twice = {each for each in found if found.count(each) > 1}
    if twice:
        raise InvalidRequest(f"holds {min(twice)!r} twice; give each once.", argument="question_ids")
    return found


def _question_id(given: object, argument: str) -> str:
    if not isinstance(given, str) or not 0 < len(given.encode("utf-8", "surrogatepass")) <= _QUESTION_ID_BYTES:
        raise InvalidRequest(
            f"holds {reprlib.repr(given)}; a question's identifier is a string of 1 to {_QUESTION_ID_BYTES} bytes.",
            argument=argument,
        )
    return given


def _number(key: str, argument: str, given: object, bounds: tuple[int, int]) -> PolicyParameter:
    least, most = bounds
    if not isinstance(given, int) or isinstance(given, bool):
        raise InvalidRequest(
            f"is {reprlib.repr(given)}; give a whole number from {least} to {most}.", argument=argument
        )
    if not least <= given <= most:
        raise InvalidRequest(f"is out of bounds; give a whole number from {least} to {most}.", argument=argument)
    return PolicyParameter(key=key, values=(str(given),))


def _decisions(
    score: str,
    approve_from: int | None,
    approve_reason: str | None,
    reject_below: int | None,
    reject_reason: str | None,
) -> list[PolicyParameter]:
    """Return what a score does to an assignment."""
    parameters = [
        *_threshold(f"ApproveIf{score}IsAtLeast", "approve_if_at_least", approve_from),
        *_reason("ApproveReason", "approve_reason", approve_reason, given=approve_from is not None),
        *_threshold(f"RejectIf{score}IsLessThan", "reject_if_less_than", reject_below),
        *_reason("RejectReason", "reject_reason", reject_reason, given=reject_below is not None),
    ]
    if approve_from is not None and reject_below is not None and approve_from < reject_below:
        raise InvalidRequest(
            f"is {approve_from}, and scores below {reject_below} are to be rejected, which would make a score of "
            f"{approve_from} both. Give {reject_below} or more.",
            argument="approve_if_at_least",
        )
    return parameters


def _threshold(key: str, argument: str, given: int | None) -> list[PolicyParameter]:
    return [] if given is None else [_number(key, argument, given, (0, _NEVER))]


def _reason(key: str, argument: str, reason: object, *, given: bool) -> list[PolicyParameter]:
    if reason is None:
        return []
    if not given:
        raise InvalidRequest("is given without the score that it is for, so nobody would read it.", argument=argument)
    if not isinstance(reason, str) or not 0 < len(reason) <= _REASON_CHARACTERS:
        raise InvalidRequest(f"is no text of 1 to {_REASON_CHARACTERS} characters: shorten it.", argument=argument)
    return [PolicyParameter(key=key, values=(reason,))]


def _extension(
    key: str, bounds: tuple[int, int], below: int | None, most: int | None, time: Duration | None
) -> list[PolicyParameter]:
    """Return when a HIT is extended, and how far."""
    if below is None:
        for argument, given in (("extend_maximum_assignments", most), ("extend_minimum_time", time)):
            if given is not None:
                raise InvalidRequest("is given without extend_if_less_than, so it does nothing.", argument=argument)
        return []
    parameters = [_number(key, "extend_if_less_than", below, bounds)]
    if most is not None:
        parameters.append(_number("ExtendMaximumAssignments", "extend_maximum_assignments", most, _ASSIGNMENTS))
    if time is not None:
        seconds: object = time
        if isinstance(time, timedelta):
            whole, rest = divmod(time, timedelta(seconds=1))
            seconds = time if rest else whole
        parameters.append(_number("ExtendMinimumTimeInSeconds", "extend_minimum_time", seconds, _SECONDS))
    return parameters


_EXTENDED_UNASKED = 5


def extended_to(*policies: shapes.ReviewPolicy | Mapping[str, Any] | None) -> int:
    """
    Return how many assignments policies may bring a HIT to by themselves; 0 if they add none.

    Args:
        policies: The policies of a HIT, as values or in the service's words.
    """
    return max((_extended_to(policy) for policy in policies if policy is not None), default=0)


def _extended_to(policy: shapes.ReviewPolicy | Mapping[str, Any]) -> int:
    given = policy.get("Parameters") if isinstance(policy, Mapping) else policy.parameters
    found = {}
    for each in given or ():
        if isinstance(each, Mapping):
            found[each.get("Key")] = each.get("Values") or ()
        else:
            found[each.key] = each.values or ()
    if _EXTEND_BY_KNOWN_ANSWERS not in found and _EXTEND_BY_AGREEMENT not in found:
        return 0
    most = [text for text in found.get("ExtendMaximumAssignments", ()) if str(text).isdecimal()]
    return int(most[0]) if most else _EXTENDED_UNASKED


# What came of it.


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentReview:
    """
    What was found out about one assignment.

    Attributes:
        assignment_id: The assignment.
        known_answer_score: The share of known answers that were right, in percent; None if none were asked for.
        known_answers: Whether each of them was right, by question identifier.
        agreement_score: The share of agreed questions with the agreed answer, in percent, when workers were compared.
        agreeing: On how many agreed questions the worker gave the agreed answer.
        disagreeing: On how many another one.
        agreed_with_plurality: The same question by question; only old reports say it.
    """

    assignment_id: str
    known_answer_score: int | None = None
    known_answers: Mapping[str, bool] = field(default_factory=dict, hash=False)
    agreement_score: int | None = None
    agreeing: int | None = None
    disagreeing: int | None = None
    agreed_with_plurality: Mapping[str, bool] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionReview:
    """
    How far workers agree on one question.

    Attributes:
        question_id: The question.
        agreed: Whether there is an agreed answer.
        answer: The agreed answer, several values joined with ``|``; None if there is none. The service has been seen to
            write an empty one.
        agreement_score: The share of the most frequent answer, in percent; None when no two are equal.
    """

    question_id: str
    agreed: bool = False
    answer: str | None = None
    agreement_score: int | None = None

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the agreed answer."""
        return tuple(self.answer.split("|")) if self.answer else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAction:
    """
    One thing that a policy did, or tried to do.

    Attributes:
        name: ``"review"``, ``"approve"``, ``"reject"`` or ``"extend"``.
        target_id: The assignment, or the HIT.
        target_type: ``"Assignment"`` or ``"HIT"``, as ``target_id`` is.
        status: How far it has come.
        completed: When it ended, if it has: aware, UTC.
        result: What came of it, in the service's words.
        error_code: The service's code of the reason, if it failed.
    """

    name: str
    target_id: str | None
    target_type: str | None
    status: ReviewActionStatus
    completed: datetime | None
    result: str | None
    error_code: str | None

    @property
    def succeeded(self) -> bool:
        """Whether it was done, or there was no need to."""
        return self.status == ReviewActionStatus.SUCCEEDED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewResults:
    """
    What the review policies of a HIT have found and done so far.

    A HIT is reviewed again after each extension. What is found then takes the place of what was found about the same
    assignment or question before; actions are kept, all of them.

    Attributes:
        hit_id: The HIT.
        agreement_score: The share of agreed questions, in percent; None if workers were not compared, or not yet.
        assignments: What was found out about assignments, by their ids.
        questions: How far workers agree, by question identifier.
        actions: What was done, those for assignments first, each kind in the order in which it was done.
        others: Findings of other kinds, as they came.
    """

    hit_id: str
    agreement_score: int | None = None
    assignments: Mapping[str, AssignmentReview] = field(default_factory=dict, hash=False)
    questions: Mapping[str, QuestionReview] = field(default_factory=dict, hash=False)
    actions: tuple[ReviewAction, ...] = ()
    others: tuple[ReviewResultDetail, ...] = ()

    @classmethod
    async def of(
        cls, listing: Listing[ReviewResultDetail | ReviewActionDetail, ListReviewPolicyResultsForHITResponse]
    ) -> ReviewResults:
        """
        Read all pages of ``list_review_policy_results_for_hit``.

        ::

            results = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id))

        Args:
            listing: What the client's method returned.
        """
        return cls.read([page async for page in listing.pages()])

    @classmethod
    def read(cls, pages: Sequence[ListReviewPolicyResultsForHITResponse]) -> ReviewResults:
        """
        Gather results from pages that were read already.

        Args:
            pages: The pages, at least one, in their order.

        Raises:
            InvalidRequest: There is no page.
        """
        if not pages:
            raise InvalidRequest("is empty; give the pages of one HIT.", argument="pages")
        levels = [
            [page.assignment_review_report for page in pages if page.assignment_review_report is not None],
            [page.hit_review_report for page in pages if page.hit_review_report is not None],
        ]
        found = _Gathering()
        for reports in levels:
            found.add([detail for report in reports for detail in report.review_results])
        return cls(
            hit_id=pages[0].hit_id,
            agreement_score=found.agreement_score,
            assignments={
                name: AssignmentReview(assignment_id=name, **facts) for name, facts in found.assignments.items()
            },
            questions={name: QuestionReview(question_id=name, **facts) for name, facts in found.questions.items()},
            actions=tuple(_action(each) for reports in levels for report in reports for each in report.review_actions),
            others=tuple(found.others),
        )


_Facts: TypeAlias = dict[str, Any]


class _Gathering:
    """Sorts single results into facts about assignments, questions and the HIT."""

    def __init__(self) -> None:
        self.agreement_score: int | None = None
        self.assignments: dict[str, _Facts] = {}
        self.questions: dict[str, _Facts] = {}
        self.others: list[ReviewResultDetail] = []

    def add(self, results: Sequence[ReviewResultDetail]) -> None:
        """Add the results of one policy, in the order in which they were found."""
        self.others += [detail for detail in _latest(results) if not self._take(detail)]

    def _take(self, detail: ReviewResultDetail) -> bool:
        """Take a result in; say whether it was understood."""
        about_assignment = detail.subject_type == ReviewPolicyLevel.ASSIGNMENT
        known = (_OF_ASSIGNMENTS if about_assignment else _OF_HITS).get((detail.key, detail.question_id is not None))
        if known is None or detail.subject_id is None or detail.value is None:
            return False
        name, read = known
        value = read(detail.value)
        if value is None:
            return False
        if about_assignment:
            facts = self.assignments.setdefault(detail.subject_id, {})
            if detail.question_id is not None:
                facts = facts.setdefault(name, {})
                name = detail.question_id
            facts[name] = value
        elif detail.question_id is not None:
            facts = self.questions.setdefault(detail.question_id, {})
            facts[name] = value
            if name == "answer":
                facts.setdefault("agreed", True)  # old reports do not say so in so many words
        else:
            self.agreement_score = value
        return True


def _latest(results: Sequence[ReviewResultDetail]) -> list[ReviewResultDetail]:
    """Leave out what was found again later: of each subject and question, the last review's results count."""
    last = {(detail.subject_id, detail.question_id): detail.action_id for detail in results}
    return [detail for detail in results if last[detail.subject_id, detail.question_id] == detail.action_id]


def _percent(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text.strip()) else None


_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


def _flag(text: str) -> bool | None:
    return _FLAGS.get(text.strip().lower())


# Programs and manuals of twenty years write it in all of these ways.
_FLAGS = {"1": True, "true": True, "t": True, "yes": True, "0": False, "false": False, "f": False, "no": False}

_Readers: TypeAlias = Mapping[tuple[str, bool], tuple[str, Callable[[str], Any]]]
"""What a key means, with and without a question: the name of the fact, and how its value is read."""

_OF_ASSIGNMENTS: _Readers = {
    ("KnownAnswerCorrect", True): ("known_answers", _flag),
    ("KnownAnswerScore", False): ("known_answer_score", _percent),
    ("WorkerAgreementScore", False): ("agreement_score", _percent),
    ("PluralityAnswersCorrect", False): ("agreeing", _percent),
    ("PluralityAnswersIncorrect", False): ("disagreeing", _percent),
    ("AgreedWithPlurality", True): ("agreed_with_plurality", _flag),
}
_OF_HITS: _Readers = {
    ("AgreedAnswerFound", True): ("agreed", _flag),
    ("AgreedAnswer", True): ("answer", str),
    ("AnswerAgreementScore", True): ("agreement_score", _percent),
    ("HitAgreementScore", False): ("agreement_score", _percent),
    ("HITAgreementScore", False): ("agreement_score", _percent),
    # The keys of older samples.
    ("PluralityAnswer", True): ("answer", str),
    ("PluralityLevel", True): ("agreement_score", _percent),
}


def _action(detail: ReviewActionDetail) -> ReviewAction:
    # The manual prints names and states in capitals where samples do not.
    return ReviewAction(
        name=detail.action_name.lower(),
        target_id=detail.target_id,
        target_type=detail.target_type,
        status=ReviewActionStatus(detail.status.capitalize()),
        completed=detail.complete_time,
        result=detail.result,
        error_code=detail.error_code,
    )
