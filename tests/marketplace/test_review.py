"""Review policies as values: reading them, scoring, what follows, and the words of the report (reference section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.codec import to_wire
from aioturk._generated.shapes import ParameterMapEntry, PolicyParameter, ReviewPolicy
from aioturk.answers import Answer, Answers, read_answers, write_answers
from aioturk.errors import InvalidParameterValue, MissingParameter, ParameterValidationError, ParameterValueOutOfRange
from aioturk.marketplace import refusals
from aioturk.marketplace.review import (
    SCORE_MY_KNOWN_ANSWERS,
    SIMPLE_PLURALITY,
    Act,
    Consequences,
    Decision,
    Extension,
    KnownAnswer,
    KnownAnswers,
    Plurality,
    PluralityReview,
    Policies,
    Submission,
    assignment_results,
    assignment_reviewed,
    failed,
    hit_results,
    hit_reviewed,
    read_policies,
    review_assignment,
    review_hit,
    succeeded,
)
from aioturk.marketplace.rules import AMAZON, Range

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = {"1": ["a"], "2": ["b", "c"]}
NEEDED: Mapping[str, list[str]] = {
    "QuestionIds": ["1", "2"],
    "QuestionAgreementThreshold": ["66"],
    "DisregardAssignmentIfRejected": ["T"],
}
EXTENDING: Mapping[str, list[str]] = {"ExtendMaximumAssignments": ["5"], "ExtendMinimumTimeInSeconds": ["60"]}


# Reading


def parameters(values: Mapping[str, list[str]]) -> tuple[PolicyParameter, ...]:
    """Parameters with plain values."""
    return tuple(PolicyParameter(key=key, values=tuple(given)) for key, given in values.items())


def answer_key(key: Mapping[str, list[str]]) -> PolicyParameter:
    """The one parameter that is a map."""
    entries = tuple(ParameterMapEntry(key=name, values=tuple(given)) for name, given in key.items())
    return PolicyParameter(key="AnswerKey", map_entries=entries)


def known(values: Mapping[str, list[str]], key: Mapping[str, list[str]] = KEY) -> ReviewPolicy:
    """A policy of known answers."""
    return ReviewPolicy(policy_name=SCORE_MY_KNOWN_ANSWERS, parameters=(answer_key(key), *parameters(values)))


def plural(values: Mapping[str, list[str]]) -> ReviewPolicy:
    """A plurality policy, with all that it needs."""
    return ReviewPolicy(policy_name=SIMPLE_PLURALITY, parameters=parameters({**NEEDED, **values}))


def bare(name: str, *given: PolicyParameter) -> ReviewPolicy:
    """A policy with nothing but this."""
    return ReviewPolicy(policy_name=name, parameters=given)


def read_known(policy: ReviewPolicy) -> KnownAnswers:
    """The policy for assignments, read."""
    found = read_policies(policy, None, AMAZON).known_answers
    assert found is not None
    return found


def read_plural(policy: ReviewPolicy, beside: ReviewPolicy | None = None) -> Plurality:
    """The policy for HITs, read."""
    found = read_policies(beside, policy, AMAZON).plurality
    assert found is not None
    return found


def test_no_policies() -> None:
    """A request without policies has none."""
    assert read_policies(None, None, AMAZON) == Policies()


def test_known_answers_with_their_defaults() -> None:
    """The key alone is enough: then nothing follows from a score."""
    policy = read_known(known({}, {"1": [" a "], "2": ["b", "c|b"], "3": [""]}))

    assert policy == KnownAnswers(
        key=(
            KnownAnswer("1", frozenset({"a"})),
            KnownAnswer("2", frozenset({"b", "c"})),
            KnownAnswer("3", frozenset()),
        ),
        consequences=Consequences(approve_from=101, reject_below=0),
    )


def test_known_answers_with_everything() -> None:
    """Every parameter is read."""
    policy = read_known(
        known(
            {
                "ApproveIfKnownAnswerScoreIsAtLeast": ["80"],
                "ApproveReason": ["Thanks!"],
                "RejectIfKnownAnswerScoreIsLessThan": ["20"],
                "RejectReason": ["Too few\nwere right."],
                "ExtendIfKnownAnswerScoreIsLessThan": ["50"],
                "ExtendMaximumAssignments": ["7"],
                "ExtendMinimumTimeInSeconds": ["3600"],
            }
        )
    )

    assert policy.consequences == Consequences(
        approve_from=80, approve_reason="Thanks!", reject_below=20, reject_reason="Too few\nwere right."
    )
    assert policy.extension == Extension(below=50, most_assignments=7, time=3600)


def test_known_answers_extend_to_five_unless_they_say_otherwise() -> None:
    """The other two parameters have defaults here."""
    policy = read_known(known({"ExtendIfKnownAnswerScoreIsLessThan": ["50"]}))

    assert policy.extension == Extension(below=50, most_assignments=5, time=0)


@pytest.mark.parametrize("values", [{}, {"ExtendIfKnownAnswerScoreIsLessThan": ["0"]}])
def test_extensions_that_never_happen(values: Mapping[str, list[str]]) -> None:
    """No threshold, or one that nothing is below, extends nothing, whatever else is there."""
    assert read_known(known({**values, **EXTENDING})).extension is None


def test_plurality_with_its_defaults() -> None:
    """What the manual calls optional may be left out."""
    assert read_plural(plural({})) == Plurality(question_ids=("1", "2"), threshold=66, disregard_rejected=True)


def test_plurality_with_everything() -> None:
    """Every parameter is read."""
    policy = read_plural(
        plural(
            {
                "DisregardAssignmentIfKnownAnswerScoreIsLessThan": ["30"],
                "ExtendIfHITAgreementScoreIsLessThan": ["100"],
                **EXTENDING,
                "ApproveIfWorkerAgreementScoreIsAtLeast": ["75"],
                "ApproveReason": ["Thanks!"],
                "RejectIfWorkerAgreementScoreIsLessThan": ["25"],
                "RejectReason": ["Others disagree."],
            }
        ),
        beside=known({}),
    )

    assert policy == Plurality(
        question_ids=("1", "2"),
        threshold=66,
        disregard_rejected=True,
        disregard_below=30,
        consequences=Consequences(
            approve_from=75, approve_reason="Thanks!", reject_below=25, reject_reason="Others disagree."
        ),
        extension=Extension(below=100, most_assignments=5, time=60),
    )


@pytest.mark.parametrize(
    ("text", "flag"),
    [("T", True), ("F", False), ("true", True), ("false", False), ("True", True), ("FALSE", False)],
)
def test_flags(text: str, flag: bool) -> None:
    """The manual's letters and what programs send are read alike."""
    assert read_plural(plural({"DisregardAssignmentIfRejected": [text]})).disregard_rejected is flag


def test_the_other_spelling_of_question_ids() -> None:
    """The manual prints QuestionIDs, too."""
    given = parameters({"QuestionIDs" if key == "QuestionIds" else key: found for key, found in NEEDED.items()})

    assert read_plural(bare(SIMPLE_PLURALITY, *given)).question_ids == ("1", "2")


def test_an_empty_reason_is_none() -> None:
    """Nothing said is nothing to show."""
    assert read_known(known({"RejectReason": [""]})).consequences.reject_reason is None


NUMBERS = [
    ("ApproveIfKnownAnswerScoreIsAtLeast", 0, 101, SCORE_MY_KNOWN_ANSWERS),
    ("RejectIfKnownAnswerScoreIsLessThan", 0, 101, SCORE_MY_KNOWN_ANSWERS),
    ("ExtendIfKnownAnswerScoreIsLessThan", 0, 101, SCORE_MY_KNOWN_ANSWERS),
    ("ExtendMaximumAssignments", 2, 25, SCORE_MY_KNOWN_ANSWERS),
    ("ExtendMinimumTimeInSeconds", 60, 31536000, SCORE_MY_KNOWN_ANSWERS),
    ("QuestionAgreementThreshold", 0, 100, SIMPLE_PLURALITY),
    ("DisregardAssignmentIfKnownAnswerScoreIsLessThan", 0, 101, SIMPLE_PLURALITY),
    ("ExtendIfHITAgreementScoreIsLessThan", 1, 100, SIMPLE_PLURALITY),
    ("ExtendMaximumAssignments", 2, 25, SIMPLE_PLURALITY),
    ("ExtendMinimumTimeInSeconds", 60, 31536000, SIMPLE_PLURALITY),
    ("ApproveIfWorkerAgreementScoreIsAtLeast", 0, 101, SIMPLE_PLURALITY),
    ("RejectIfWorkerAgreementScoreIsLessThan", 0, 101, SIMPLE_PLURALITY),
]


def read_number(name: str, key: str, *values: str) -> None:
    """Read a policy with one number in question, and all that may be needed beside it."""
    if name == SCORE_MY_KNOWN_ANSWERS:
        read_policies(known({key: list(values)}), None, AMAZON)
    else:
        read_policies(known({}), plural({**EXTENDING, key: list(values)}), AMAZON)


@pytest.mark.parametrize(("key", "least", "most", "name"), NUMBERS)
def test_numbers_are_bounded(key: str, least: int, most: int, name: str) -> None:
    """Both bounds are allowed, one beyond either is refused with both of them."""
    read_number(name, key, str(least))
    read_number(name, key, str(most))
    for number in (least - 1, most + 1):
        with pytest.raises(ParameterValueOutOfRange) as caught:
            read_number(name, key, str(number))
        member = "AssignmentReviewPolicy" if name == SCORE_MY_KNOWN_ANSWERS else "HITReviewPolicy"
        assert caught.value.parameter == f"{member}.{key}"
        assert caught.value.message == (
            f"The value {number} is invalid for {member}.{key}. Valid values range from {least} to {most}."
        )


@pytest.mark.parametrize("text", ["", "many", "60.0", " 60", "6e1", "٦٠", "1" * 5000])
@pytest.mark.parametrize(("key", "least", "most", "name"), NUMBERS)
def test_what_is_no_number(key: str, least: int, most: int, name: str, text: str) -> None:
    """Numbers are plain digits, and not thousands of them."""
    with pytest.raises(InvalidParameterValue):
        read_number(name, key, text)


@pytest.mark.parametrize(("key", "least", "most", "name"), NUMBERS)
def test_one_number_where_one_is_needed(key: str, least: int, most: int, name: str) -> None:
    """Two values are refused, and so is a key without any."""
    with pytest.raises(InvalidParameterValue, match=f'"{least}, {most}" is not valid'):
        read_number(name, key, str(least), str(most))
    with pytest.raises(MissingParameter, match=key):
        read_number(name, key)


def entry(key: str, name: str | None, *values: str) -> PolicyParameter:
    """A parameter that is a map of one entry."""
    return PolicyParameter(key=key, map_entries=(ParameterMapEntry(key=name, values=values),))


GOOD_KEY = answer_key(KEY)
K, P = SCORE_MY_KNOWN_ANSWERS, SIMPLE_PLURALITY


@pytest.mark.parametrize(
    ("policy", "kind", "says"),
    [
        (bare(P, GOOD_KEY), InvalidParameterValue, "for the parameter AssignmentReviewPolicy.PolicyName"),
        (bare("ScoreMyKnownAnswers", GOOD_KEY), InvalidParameterValue, '"ScoreMyKnownAnswers" is not valid'),
        (bare(K), MissingParameter, "include AnswerKey."),
        (bare(K, PolicyParameter(key="AnswerKey")), MissingParameter, "include AnswerKey."),
        (bare(K, PolicyParameter(key="AnswerKey", values=("a",))), InvalidParameterValue, "Policy.AnswerKey."),
        (bare(K, entry("AnswerKey", None, "a")), InvalidParameterValue, '"" is not valid'),
        (bare(K, entry("AnswerKey", "é" * 128, "a")), InvalidParameterValue, "Policy.AnswerKey."),
        (bare(K, entry("AnswerKey", "1")), MissingParameter, "include 1."),
        (bare(K, GOOD_KEY, GOOD_KEY), InvalidParameterValue, '"AnswerKey (given twice)"'),
        (
            bare(K, PolicyParameter(key="AnswerKey", map_entries=GOOD_KEY.map_entries * 2)),
            InvalidParameterValue,
            '"1 (given twice)"',
        ),
        (bare(K, GOOD_KEY, PolicyParameter(values=("1",))), InvalidParameterValue, '"" is not valid'),
        (known({"QuestionIds": ["1"]}), InvalidParameterValue, '"QuestionIds" is not valid'),
        (known({"approveReason": ["Thanks"]}), InvalidParameterValue, "AssignmentReviewPolicy.Key."),
        (known({"RejectReason": ["a", "b"]}), InvalidParameterValue, "AssignmentReviewPolicy.RejectReason."),
        (known({"RejectReason": ["x" * 1025]}), InvalidParameterValue, "AssignmentReviewPolicy.RejectReason."),
        (known({"ApproveReason": ["bell \x07"]}), InvalidParameterValue, "AssignmentReviewPolicy.ApproveReason."),
        (bare(K, GOOD_KEY, entry("ApproveReason", "1", "a")), InvalidParameterValue, "Policy.ApproveReason."),
    ],
)
def test_known_answers_refused(policy: ReviewPolicy, kind: type[ParameterValidationError], says: str) -> None:
    """Whatever is wrong with the policy for assignments is refused, with the place."""
    with pytest.raises(kind) as caught:
        read_policies(policy, None, AMAZON)
    assert type(caught.value) is kind
    assert says in caught.value.message
    assert (caught.value.parameter or "").startswith("AssignmentReviewPolicy")


@pytest.mark.parametrize(
    ("policy", "kind", "says"),
    [
        (bare(K, *parameters(NEEDED)), InvalidParameterValue, "for the parameter HITReviewPolicy.PolicyName"),
        (bare(P), MissingParameter, "QuestionIds, QuestionAgreementThreshold, DisregardAssignmentIfRejected."),
        (plural({"QuestionIds": []}), MissingParameter, "include QuestionIds."),
        (plural({"QuestionIds": [""]}), InvalidParameterValue, "HITReviewPolicy.QuestionIds."),
        (plural({"QuestionIds": ["1", "1"]}), InvalidParameterValue, '"1 (given twice)"'),
        (plural({"QuestionIds": [str(number) for number in range(16)]}), InvalidParameterValue, '"16 questions"'),
        (plural({"QuestionIDs": ["1"]}), InvalidParameterValue, '"QuestionIds (given twice)"'),
        (plural({"AnswerKey": ["1"]}), InvalidParameterValue, '"AnswerKey" is not valid'),
        (plural({"DisregardAssignmentIfRejected": ["yes"]}), InvalidParameterValue, '"yes" is not valid'),
        (plural({"DisregardAssignmentIfRejected": [""]}), InvalidParameterValue, '"" is not valid'),
        (plural({"DisregardAssignmentIfRejected": ["T", "F"]}), InvalidParameterValue, '"T, F" is not valid'),
        (
            plural({"DisregardAssignmentIfKnownAnswerScoreIsLessThan": ["5"]}),
            MissingParameter,
            "include AssignmentReviewPolicy.",
        ),
        (
            plural({"ExtendIfHITAgreementScoreIsLessThan": ["5"]}),
            MissingParameter,
            "include ExtendMaximumAssignments, ExtendMinimumTimeInSeconds.",
        ),
        (
            plural({"ExtendIfHITAgreementScoreIsLessThan": ["5"], "ExtendMaximumAssignments": ["5"]}),
            MissingParameter,
            "include ExtendMinimumTimeInSeconds.",
        ),
        (plural({"RejectReason": ["\x01"]}), InvalidParameterValue, "HITReviewPolicy.RejectReason."),
        (plural({"ApproveReason": ["x" * 1025]}), InvalidParameterValue, "HITReviewPolicy.ApproveReason."),
    ],
)
def test_plurality_refused(policy: ReviewPolicy, kind: type[ParameterValidationError], says: str) -> None:
    """Whatever is wrong with the policy for HITs is refused, with the place."""
    with pytest.raises(kind) as caught:
        read_policies(None, policy, AMAZON)
    assert type(caught.value) is kind
    assert says in caught.value.message
    assert (caught.value.parameter or "").startswith("HITReviewPolicy")


@pytest.mark.parametrize("key", NEEDED)
def test_what_plurality_needs(key: str) -> None:
    """Each parameter that the manual requires is required."""
    left = {name: found for name, found in NEEDED.items() if name != key}

    with pytest.raises(MissingParameter, match=f"include {key}."):
        read_plural(bare(SIMPLE_PLURALITY, *parameters(left)))


def test_the_limits_themselves_are_allowed() -> None:
    """Fifteen questions, identifiers of 255 bytes, reasons of 1024 characters."""
    questions = [str(number) * 255 for number in range(10)] + [f"q{number}" for number in range(5)]
    policy = read_plural(plural({"QuestionIds": questions, "RejectReason": ["x" * 1024]}))

    assert len(policy.question_ids) == 15
    assert policy.consequences.reject_reason == "x" * 1024


def test_bounds_come_from_the_rules() -> None:
    """An own place may compare more questions."""
    policy = plural({"QuestionIds": [str(number) for number in range(16)]})

    assert read_policies(None, policy, replace(AMAZON, review_questions=Range(1, 16))).plurality is not None


@pytest.mark.parametrize(
    "policies",
    [
        Policies(),
        read_policies(known({**EXTENDING, "ExtendIfKnownAnswerScoreIsLessThan": ["5"]}), plural({}), AMAZON),
    ],
)
def test_policies_can_be_kept_as_json(policies: Policies) -> None:
    """What was read once survives writing and reading, for a store that keeps text."""
    assert msgspec.json.decode(msgspec.json.encode(policies), type=Policies) == policies
    assert hash(policies) == hash(msgspec.json.decode(msgspec.json.encode(policies), type=Policies))


# Known answers


def key_of(count: int, **more: Any) -> KnownAnswers:
    """So many questions "0", "1", ... that all have the answer "yes"."""
    return KnownAnswers(key=tuple(KnownAnswer(str(number), frozenset({"yes"})) for number in range(count)), **more)


def answered(right: int) -> dict[str, str]:
    """So many of those questions answered rightly, in order."""
    return {str(number): "yes" for number in range(right)}


def score_of(policy: KnownAnswers, answers: Mapping[str, Answer]) -> int:
    """The score alone."""
    return review_assignment(policy, answers, max_assignments=2).score


@pytest.mark.parametrize(
    ("expected", "answer", "right"),
    [
        (["a"], "a", True),
        (["a"], "  a\n", True),
        (["a"], "A", False),
        (["a"], "a.", False),
        (["a"], "", False),
        (["a b"], "a  b", False),
        (["a", "b"], "b|a", True),
        (["a", "b"], "a| b |a", True),
        (["a", "b"], "a", False),
        (["a"], "a|b", False),
        (["a", "b"], ("b", "a"), True),
        (["a", "b"], ("a",), False),
        (["a|b"], ("a", "b"), True),
        ([""], "", True),
        ([""], (), True),
        ([""], "  ", True),
        ([""], "a", False),
    ],
)
def test_right_and_wrong(expected: list[str], answer: Answer, right: bool) -> None:
    """Answers are sets of values, trimmed, and nothing else is made equal."""
    policy = read_known(known({}, {"1": expected}))

    assert review_assignment(policy, {"1": answer}, max_assignments=1).correct == {"1": right}


def test_a_question_that_was_left_out() -> None:
    """No answer is a blank one."""
    policy = read_known(known({}, {"1": ["a"], "2": [""]}))

    assert review_assignment(policy, {}, max_assignments=1).correct == {"1": False, "2": True}


def test_answers_as_the_store_keeps_them() -> None:
    """The document that a submission is kept as is read and scored; fields of one name are a set."""
    answers = read_answers(write_answers([("1", "a"), ("2", "c"), ("2", "b"), ("3", "whatever")]))

    assert score_of(read_known(known({})), answers) == 100


def test_what_stands_beside_other_is_a_value() -> None:
    """A selection with a text of the worker's own is not the selection alone."""
    policy = read_known(known({}, {"1": ["a"]}))

    assert score_of(policy, Answers({"1": ("a",)})) == 100
    assert score_of(policy, Answers({"1": ("a",)}, {"1": "and more"})) == 0


@pytest.mark.parametrize(("right", "count", "score"), [(0, 3, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (6, 7, 85)])
def test_scores_are_rounded_down(right: int, count: int, score: int) -> None:
    """A score is the floor of the percentage."""
    assert score_of(key_of(count), answered(right)) == score


@pytest.mark.parametrize(
    ("approve", "reject", "score", "act"),
    [
        (66, 0, 66, Act.APPROVE),
        (67, 0, 66, None),
        (101, 66, 66, None),
        (101, 67, 66, Act.REJECT),
        (101, 0, 0, None),
        (101, 0, 100, None),
        (0, 0, 0, Act.APPROVE),
        (101, 101, 100, Act.REJECT),
        (50, 80, 66, Act.APPROVE),
        (50, 80, 49, Act.REJECT),
        (80, 50, 66, None),
    ],
)
def test_decisions_at_the_thresholds(approve: int, reject: int, score: int, act: Act | None) -> None:
    """Approved from its threshold on, rejected below its own, approved where both apply; 101 and 0 are never."""
    consequences = Consequences(approve_from=approve, approve_reason="good", reject_below=reject, reject_reason="bad")
    reasons = {Act.APPROVE: "good", Act.REJECT: "bad"}

    assert consequences.decide(score) == (None if act is None else Decision(act, reasons[act]))


def test_a_submission_is_decided_by_its_score() -> None:
    """The decision is the one for the score, with its reason."""
    policy = key_of(3, consequences=Consequences(approve_from=66, approve_reason="Thanks!", reject_below=33))

    decisions = [review_assignment(policy, answered(right), max_assignments=1).decision for right in (2, 1, 0)]
    assert decisions == [Decision(Act.APPROVE, "Thanks!"), None, Decision(Act.REJECT, None)]


@pytest.mark.parametrize(
    ("right", "max_assignments", "extend"),
    [(1, 4, True), (2, 4, False), (1, 5, False), (1, 6, False), (0, 1, True)],
)
def test_extension_by_known_answers(right: int, max_assignments: int, extend: bool) -> None:
    """One more below the threshold, but never beyond the most."""
    policy = key_of(3, extension=Extension(below=66, most_assignments=5))

    assert review_assignment(policy, answered(right), max_assignments=max_assignments).extend is extend


@pytest.mark.parametrize(("time", "expires_at", "until"), [(60, 0, 61_000), (60, 99_000, 99_000), (0, 500, 500)])
def test_how_long_an_extended_hit_stays_open(time: int, expires_at: int, until: int) -> None:
    """At least so long from now, never shorter than before, and as before when it does not matter."""
    assert Extension(below=1, most_assignments=2, time=time).until(expires_at, now=1000) == until


# Plurality


def submissions(*rows: Mapping[str, Answer]) -> list[Submission]:
    """Submissions W1, W2, ... with these answers."""
    return [Submission(assignment_id=f"W{place}", answers=row) for place, row in enumerate(rows, 1)]


def compare(policy: Plurality, *rows: Mapping[str, Answer], max_assignments: int = 3) -> PluralityReview:
    """Compare these answers."""
    return review_hit(policy, submissions(*rows), AMAZON, max_assignments=max_assignments)


def plurality(threshold: int = 50, questions: str = "1", **more: Any) -> Plurality:
    """A policy that compares questions with names of one letter."""
    return Plurality(question_ids=tuple(questions), threshold=threshold, disregard_rejected=True, **more)


COATS: list[Mapping[str, Answer]] = [
    {"A": "coat", "B": "blue", "C": "large", "D": "furry"},
    {"A": "sweater", "B": "blue", "C": "large", "D": "fur"},
    {"A": "coat", "B": "green", "C": "large", "D": "furr"},
]


def test_the_worked_example() -> None:
    """The manual's example comes out as the manual says: 66, 66, 100, none; HIT 75; workers 100, 66, 66."""
    review = compare(plurality(66, "ABCD"), *COATS)

    assert [question.share for question in review.questions] == [66, 66, 100, None]
    assert [question.answer for question in review.questions] == ["coat", "blue", "large", None]
    assert review.score == 75
    assert [(worker.score, worker.correct, worker.incorrect) for worker in review.workers] == [
        (100, 3, 0),
        (66, 2, 1),
        (66, 2, 1),
    ]


@pytest.mark.parametrize(("threshold", "agreed"), [(0, True), (66, True), (67, False), (100, False)])
def test_the_threshold_of_a_question_is_reached_not_passed(threshold: int, agreed: bool) -> None:
    """Two of three are 66 percent, which a threshold of 66 is content with."""
    (question,) = compare(plurality(threshold), {"1": "a"}, {"1": "a"}, {"1": "b"}).questions

    assert (question.share, question.answer) == (66, "a" if agreed else None)


def test_all_can_agree() -> None:
    """A threshold of 100 can be met."""
    assert compare(plurality(100), {"1": "a"}, {"1": " a "}).questions[0].answer == "a"


@pytest.mark.parametrize(
    ("answers", "share", "agreed"),
    [
        (["a", "a", "b", "b"], 50, None),
        (["a", "b"], None, None),
        (["a"], 100, "a"),
        ([], None, None),
        (["b|a", ("a", "b"), "a"], 66, "a|b"),
        (["A", "a", "a "], 66, "a"),
        (["", "", "a"], 66, ""),
        (["x" * 256, "x" * 256, "a"], 66, "x" * 256),
        (["x" * 257, "x" * 257, "a", "a", "b"], 66, "a"),
        (["x" * 257, "x" * 257, "a"], None, None),
        (["x" * 257], None, None),
        (["a", "a", "a", "b", "b", "c"], 50, "a"),
    ],
)
def test_agreement_on_a_question(answers: list[Answer], share: int | None, agreed: str | None) -> None:
    """The most frequent answer, if there is one; ties and strangers agree on nothing; endless answers do not count."""
    (question,) = compare(plurality(0), *({"1": answer} for answer in answers)).questions

    assert (question.share, question.answer) == (share, agreed)


def test_boxes_that_nobody_ticked() -> None:
    """A blank field and one that was not sent are the same answer."""
    assert compare(plurality(100), {"1": ""}, {}, {"1": ()}).questions[0].answer == ""


def test_an_endless_answer_is_a_miss() -> None:
    """It takes no part in the question, and its worker did not give the agreed answer."""
    review = compare(plurality(100), {"1": "a"}, {"1": "a"}, {"1": "x" * 257})

    assert [(worker.correct, worker.incorrect) for worker in review.workers] == [(1, 0), (1, 0), (0, 1)]


def test_how_long_is_too_long_comes_from_the_rules() -> None:
    """The length is counted in the rules' characters."""
    given = submissions({"1": "abc"}, {"1": "abc"})

    review = review_hit(plurality(), given, replace(AMAZON, review_answer=2), max_assignments=2)
    assert review.questions[0].answer is None


def test_nothing_happens_to_assignments_where_nothing_is_agreed() -> None:
    """All scores are 0, and yet nobody is rejected for that; the HIT may be extended."""
    policy = plurality(
        consequences=Consequences(approve_from=0, reject_below=101),
        extension=Extension(below=1, most_assignments=5),
    )
    review = compare(policy, {"1": "a"}, {"1": "b"})

    assert review.score == 0
    assert [(worker.score, worker.correct, worker.incorrect, worker.decision) for worker in review.workers] == [
        (0, 0, 0, None)
    ] * 2
    assert review.extend


def test_decisions_about_workers() -> None:
    """Each assignment is decided by its own score, on the agreed questions alone."""
    policy = plurality(
        66, "ABCD", consequences=Consequences(approve_from=67, reject_below=66, reject_reason="Others disagree.")
    )
    stranger = {"A": "hat", "B": "red", "C": "small", "D": "bald"}

    review = compare(replace(policy, threshold=50), *COATS, stranger)
    assert [worker.decision for worker in review.workers] == [
        Decision(Act.APPROVE),
        None,
        None,
        Decision(Act.REJECT, "Others disagree."),
    ]


@pytest.mark.parametrize(
    ("rejected", "known_score", "leave_out_rejected", "below", "takes_part"),
    [
        (False, None, True, 101, True),
        (True, None, True, 0, False),
        (True, None, False, 0, True),
        (False, 49, True, 50, False),
        (False, 50, True, 50, True),
        (False, 0, True, 0, True),
    ],
)
def test_who_is_disregarded(
    rejected: bool, known_score: int | None, leave_out_rejected: bool, below: int, takes_part: bool
) -> None:
    """Rejected work, if so wished, and work below a score of known answers, if it has one."""
    policy = replace(plurality(), disregard_rejected=leave_out_rejected, disregard_below=below)
    doubtful = Submission(assignment_id="W3", answers={"1": "b"}, rejected=rejected, known_answer_score=known_score)
    review = review_hit(policy, [*submissions({"1": "a"}, {"1": "a"}), doubtful], AMAZON, max_assignments=3)

    assert review.questions[0].share == (66 if takes_part else 100)
    assert [worker.assignment_id for worker in review.workers] == ["W1", "W2", "W3"][: 3 if takes_part else 2]


@pytest.mark.parametrize(
    ("below", "max_assignments", "extend"), [(75, 3, False), (76, 3, True), (76, 4, True), (76, 5, False)]
)
def test_extension_by_plurality(below: int, max_assignments: int, extend: bool) -> None:
    """One more below the threshold of the HIT's score, but never beyond the most."""
    policy = plurality(66, "ABCD", extension=Extension(below=below, most_assignments=5))

    assert compare(policy, *COATS, max_assignments=max_assignments).extend is extend


def test_a_hit_that_nobody_submitted_is_not_extended() -> None:
    """Nothing was found that one more worker could mend; where all were disregarded, one more could."""
    policy = plurality(extension=Extension(below=100, most_assignments=5))
    rejected = Submission(assignment_id="W1", answers={"1": "a"}, rejected=True)

    assert not compare(policy).extend
    review = review_hit(policy, [rejected], AMAZON, max_assignments=1)
    assert (review.score, review.workers, review.extend) == (0, (), True)


# In general

ANSWERS: list[Answer] = ["", "a", " a ", "b", "a|b", "b|a", "A", "x" * 257, ("a", "b"), ()]
answers_of_workers = st.sampled_from(ANSWERS)
rows_of_answers = st.lists(st.dictionaries(st.sampled_from("12"), answers_of_workers, max_size=2), max_size=6)
policies_of_plurality = st.builds(
    plurality,
    st.integers(0, 100),
    st.just("12"),
    disregard_below=st.integers(0, 101),
    consequences=st.builds(Consequences, approve_from=st.integers(0, 101), reject_below=st.integers(0, 101)),
    extension=st.none() | st.builds(Extension, below=st.integers(1, 100), most_assignments=st.integers(2, 25)),
)


@st.composite
def given_submissions(draw: st.DrawFn) -> list[Submission]:
    """Any submissions of a HIT."""
    return [
        Submission(
            assignment_id=f"W{place}",
            answers=row,
            rejected=draw(st.booleans()),
            known_answer_score=draw(st.none() | st.integers(0, 100)),
        )
        for place, row in enumerate(draw(rows_of_answers))
    ]


def naive_values(answer: Answer) -> set[str] | None:
    """The values of an answer, the long way round; None when it is too long."""
    text = answer if isinstance(answer, str) else "|".join(answer)
    if len(text) > 256:
        return None
    found = set()
    for part in text.split("|"):
        if part.strip():
            found.add(part.strip())
    return found


def naive_question(policy: Plurality, rows: list[Submission], question_id: str) -> tuple[int | None, set[str] | None]:
    """Share and agreed answer, by comparing everybody with everybody."""
    counted = [found for row in rows if (found := naive_values(row.answers.get(question_id, ""))) is not None]
    supporters = [sum(one == other for other in counted) for one in counted]
    if not counted or (len(rows) > 1 and max(supporters) < 2):
        return None, None
    best = counted[supporters.index(max(supporters))]
    share = int(100 * max(supporters) / len(counted) + 1e-9)
    rivals = [one for one, support in zip(counted, supporters, strict=True) if support == max(supporters)]
    agreed = all(rival == best for rival in rivals) and share >= policy.threshold
    return share, best if agreed else None


@given(policies_of_plurality, given_submissions())
def test_plurality_agrees_with_the_naive_way(policy: Plurality, rows: list[Submission]) -> None:
    """Counting and comparing everybody with everybody find the same."""
    review = review_hit(policy, rows, AMAZON, max_assignments=3)
    kept = [
        row
        for row in rows
        if not row.rejected and (row.known_answer_score is None or row.known_answer_score >= policy.disregard_below)
    ]
    naive = {question_id: naive_question(policy, kept, question_id) for question_id in policy.question_ids}

    for question in review.questions:
        share, answer = naive[question.question_id]
        assert question.share == share
        assert (None if question.answer is None else naive_values(question.answer)) == answer
    agreed = {question_id: answer for question_id, (_, answer) in naive.items() if answer is not None}
    assert review.score == len(agreed) * 50
    assert [worker.assignment_id for worker in review.workers] == [row.assignment_id for row in kept]
    for worker, row in zip(review.workers, kept, strict=True):
        right = sum(naive_values(row.answers.get(name, "")) == answer for name, answer in agreed.items())
        assert (worker.correct, worker.incorrect) == (right, len(agreed) - right)


@given(policies_of_plurality, given_submissions())
def test_scores_are_percentages(policy: Plurality, rows: list[Submission]) -> None:
    """No score is below 0 or above 100, and only agreed questions decide anything."""
    review = review_hit(policy, rows, AMAZON, max_assignments=3)

    shares = [question.share for question in review.questions if question.share is not None]
    assert all(0 <= score <= 100 for score in [review.score, *shares, *(worker.score for worker in review.workers)])
    if not review.agreed:
        assert all(worker.decision is None for worker in review.workers)


@given(policies_of_plurality, given_submissions(), st.randoms(use_true_random=False))
def test_the_order_of_assignments_does_not_matter(policy: Plurality, rows: list[Submission], random: Any) -> None:
    """Whoever submits first has no advantage."""
    shuffled = list(rows)
    random.shuffle(shuffled)

    one, other = (review_hit(policy, given, AMAZON, max_assignments=3) for given in (rows, shuffled))
    assert (one.questions, one.score, one.extend) == (other.questions, other.score, other.extend)
    assert {worker.assignment_id: worker for worker in one.workers} == {
        worker.assignment_id: worker for worker in other.workers
    }


@given(
    st.dictionaries(st.sampled_from("123"), st.frozensets(st.sampled_from("ab")), min_size=1),
    st.dictionaries(st.sampled_from("123"), answers_of_workers),
)
def test_known_answers_agree_with_the_naive_way(
    key: Mapping[str, frozenset[str]], answers: Mapping[str, Answer]
) -> None:
    """A score is the share of questions whose sets are equal, between 0 and 100."""
    policy = KnownAnswers(key=tuple(KnownAnswer(name, expected) for name, expected in key.items()))

    right = sum(naive_values(answers.get(name, "")) == set(expected) for name, expected in key.items())
    assert score_of(policy, answers) == int(100 * right / len(key) + 1e-9)


# Reports


def wire(details: list[Any]) -> list[Any]:
    """Details as they stand in the answer."""
    return [to_wire(detail) for detail in details]


def test_the_report_of_known_answers() -> None:
    """A result for each question, then the score."""
    review = review_assignment(key_of(2), answered(1), max_assignments=1)

    subject = {"ActionId": "R1", "SubjectId": "3A", "SubjectType": "Assignment"}
    assert wire(assignment_results("R1", "3A", review)) == [
        {**subject, "QuestionId": "0", "Key": "KnownAnswerCorrect", "Value": "1"},
        {**subject, "QuestionId": "1", "Key": "KnownAnswerCorrect", "Value": "0"},
        {**subject, "Key": "KnownAnswerScore", "Value": "50"},
    ]


@pytest.mark.parametrize(
    ("right", "count", "text"),
    [
        (1, 1, "Reviewed one known answer; 1/1 correct"),
        (0, 1, "Reviewed one known answer; 0/1 correct"),
        (2, 3, "Reviewed 3 known answers; 2/3 correct"),
    ],
)
def test_the_review_of_an_assignment(right: int, count: int, text: str) -> None:
    """The action says how many were right, in the service's words."""
    review = review_assignment(key_of(count), answered(right), max_assignments=1)

    assert to_wire(assignment_reviewed("R1", "3A", NOON, review)) == {
        "ActionId": "R1",
        "ActionName": "review",
        "TargetId": "3A",
        "TargetType": "Assignment",
        "Status": "Succeeded",
        "CompleteTime": NOON.timestamp(),
        "Result": text,
    }


def test_the_report_of_a_plurality() -> None:
    """Results for each question, the HIT's score, results for each worker; what there is not is left out."""
    rows: list[Mapping[str, Answer]] = [
        {"1": "a|b", "2": "x", "3": "", "4": "p"},
        {"1": "b|a", "2": "y", "3": "", "4": "p"},
        {"1": "b|a", "2": "z", "3": "", "4": "q"},
    ]
    review = compare(plurality(67, "1234"), *rows)

    hit = {"ActionId": "R1", "SubjectId": "3H", "SubjectType": "HIT"}
    results = wire(hit_results("R1", "3H", review))
    assert results[:9] == [
        {**hit, "QuestionId": "1", "Key": "AgreedAnswerFound", "Value": "true"},
        {**hit, "QuestionId": "1", "Key": "AgreedAnswer", "Value": "a|b"},
        {**hit, "QuestionId": "1", "Key": "AnswerAgreementScore", "Value": "100"},
        {**hit, "QuestionId": "2", "Key": "AgreedAnswerFound", "Value": "false"},
        {**hit, "QuestionId": "3", "Key": "AgreedAnswerFound", "Value": "true"},
        {**hit, "QuestionId": "3", "Key": "AgreedAnswer", "Value": ""},
        {**hit, "QuestionId": "3", "Key": "AnswerAgreementScore", "Value": "100"},
        {**hit, "QuestionId": "4", "Key": "AgreedAnswerFound", "Value": "false"},
        {**hit, "QuestionId": "4", "Key": "AnswerAgreementScore", "Value": "66"},
    ]
    assert results[9] == {**hit, "Key": "HitAgreementScore", "Value": "50"}
    assert results[10:] == [
        {"ActionId": "R1", "SubjectId": worker, "SubjectType": "Assignment", "Key": key, "Value": value}
        for worker in ("W1", "W2", "W3")
        for key, value in (
            ("WorkerAgreementScore", "100"),
            ("PluralityAnswersCorrect", "2"),
            ("PluralityAnswersIncorrect", "0"),
        )
    ]


@pytest.mark.parametrize(
    ("questions", "text"),
    [("A", "Reviewed one question; 1/1 agreed"), ("ABCD", "Reviewed 4 questions; 3/4 agreed")],
)
def test_the_review_of_a_hit(questions: str, text: str) -> None:
    """The action says how many questions are agreed."""
    action = hit_reviewed("R1", "3H", NOON, compare(plurality(66, questions), *COATS))

    assert (action.action_name, action.target_id, action.target_type) == ("review", "3H", "HIT")
    assert (action.status, action.complete_time, action.result) == ("Succeeded", NOON, text)


@pytest.mark.parametrize(
    ("act", "already", "target", "text"),
    [
        (Act.APPROVE, False, "Assignment", "Approved"),
        (Act.APPROVE, True, "Assignment", "Already approved"),
        (Act.REJECT, False, "Assignment", "Rejected"),
        (Act.REJECT, True, "Assignment", "Already rejected"),
        (Act.EXTEND, False, "HIT", "Extended"),
    ],
)
def test_what_was_done(act: Act, already: bool, target: str, text: str) -> None:
    """Acts that took effect have succeeded, and so have those whose effect was there before."""
    assert to_wire(succeeded(act, "R2", "3A", NOON, already=already)) == {
        "ActionId": "R2",
        "ActionName": act.value,
        "TargetId": "3A",
        "TargetType": target,
        "Status": "Succeeded",
        "CompleteTime": NOON.timestamp(),
        "Result": text,
    }


def test_what_could_not_be_done() -> None:
    """An act on an assignment in the wrong state has failed, in the service's words and with its code."""
    action = failed(Act.APPROVE, "R2", "3A", NOON, refusals.assignment_state("Submitted"))

    assert to_wire(action) == {
        "ActionId": "R2",
        "ActionName": "approve",
        "TargetId": "3A",
        "TargetType": "Assignment",
        "Status": "Failed",
        "CompleteTime": NOON.timestamp(),
        "Result": "Assignment was in an invalid state for this operation.",
        "ErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState",
    }


def test_other_failures_keep_their_text() -> None:
    """Whatever else refuses an act says so itself."""
    error = refusals.small_must_stay_small()
    action = failed(Act.EXTEND, "R2", "3H", NOON, error)

    assert (action.target_type, action.result) == ("HIT", error.message)
    assert action.error_code == "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease"
