"""Review policies as requesters write them, what is refused, and what came of them in the marketplace."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import Client, ExternalQuestion, ReviewPolicy
from aioturk._core.codec import to_wire
from aioturk.errors import InvalidRequest
from aioturk.marketplace import AMAZON, Marketplace
from aioturk.marketplace.review import read_policies
from aioturk.models import (
    ListReviewPolicyResultsForHITResponse,
    ReviewActionDetail,
    ReviewActionStatus,
    ReviewReport,
    ReviewResultDetail,
)
from aioturk.review_policies import AssignmentReview, QuestionReview, ReviewAction, ReviewResults, extended_to
from aioturk.testing import CREDENTIALS, StubTransport

KEY: Mapping[str, str | list[str]] = {"q1": "a", "q2": ["b", "c"]}
QUESTIONS = ["what", "colour", "size", "surface"]

known = ReviewPolicy.score_my_known_answers
plurality = ReviewPolicy.simple_plurality


def sent(policy: ReviewPolicy) -> dict[str, Any]:
    """The parameters of a policy as they are sent: a text where there is one, else all texts, or the map."""
    found: dict[str, Any] = {}
    for parameter in to_wire(policy)["Parameters"]:
        values = parameter.get("Values", [])
        entries = {entry["Key"]: entry["Values"] for entry in parameter.get("MapEntries", [])}
        found[parameter["Key"]] = entries or (values[0] if len(values) == 1 else values)
    return found


def test_known_answers_alone() -> None:
    """Without thresholds work is scored, and nothing else is done; one text or several are an answer."""
    policy = known(KEY)
    assert policy.policy_name == "ScoreMyKnownAnswers/2011-09-01"
    assert sent(policy) == {"AnswerKey": {"q1": ["a"], "q2": ["b", "c"]}}


def test_known_answers_with_everything() -> None:
    """Every argument is one of the manual's parameters; numbers are sent as texts."""
    policy = known(
        KEY,
        approve_if_at_least=80,
        approve_reason="Thanks!",
        reject_if_less_than=20,
        reject_reason="Too few were right.",
        extend_if_less_than=50,
        extend_maximum_assignments=7,
        extend_minimum_time=timedelta(hours=1),
    )
    assert sent(policy) == {
        "AnswerKey": {"q1": ["a"], "q2": ["b", "c"]},
        "ApproveIfKnownAnswerScoreIsAtLeast": "80",
        "ApproveReason": "Thanks!",
        "RejectIfKnownAnswerScoreIsLessThan": "20",
        "RejectReason": "Too few were right.",
        "ExtendIfKnownAnswerScoreIsLessThan": "50",
        "ExtendMaximumAssignments": "7",
        "ExtendMinimumTimeInSeconds": "3600",
    }


def test_plurality_with_what_it_needs() -> None:
    """What the manual calls required is always sent."""
    policy = plurality(QUESTIONS, 66)
    assert policy.policy_name == "SimplePlurality/2011-09-01"
    assert sent(policy) == {
        "QuestionIds": QUESTIONS,
        "QuestionAgreementThreshold": "66",
        "DisregardAssignmentIfRejected": "F",
    }


def test_plurality_with_everything() -> None:
    """Every argument is one of the manual's parameters."""
    policy = plurality(
        QUESTIONS,
        question_agreement_threshold=100,
        disregard_rejected=True,
        disregard_if_known_answer_score_less_than=50,
        approve_if_at_least=66,
        approve_reason="You agree.",
        reject_if_less_than=66,
        reject_reason="You do not.",
        extend_if_less_than=75,
        extend_maximum_assignments=25,
        extend_minimum_time=60,
    )
    assert sent(policy) == {
        "QuestionIds": QUESTIONS,
        "QuestionAgreementThreshold": "100",
        "DisregardAssignmentIfRejected": "T",
        "DisregardAssignmentIfKnownAnswerScoreIsLessThan": "50",
        "ApproveIfWorkerAgreementScoreIsAtLeast": "66",
        "ApproveReason": "You agree.",
        "RejectIfWorkerAgreementScoreIsLessThan": "66",
        "RejectReason": "You do not.",
        "ExtendIfHITAgreementScoreIsLessThan": "75",
        "ExtendMaximumAssignments": "25",
        "ExtendMinimumTimeInSeconds": "60",
    }


def test_policies_are_values() -> None:
    """Equal when they say the same, usable in sets, and copies are equal."""
    policy = known(KEY, approve_if_at_least=80)
    assert policy == known(dict(KEY), approve_if_at_least=80)
    assert policy != known(KEY, approve_if_at_least=81)
    assert len({policy, known(KEY, approve_if_at_least=80)}) == 1
    assert copy.deepcopy(policy) == pickle.loads(pickle.dumps(policy)) == policy


YEAR = timedelta(days=365)

REFUSED: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: known({}), "answer_key", "give at least one known answer"),
    (lambda: known("a"), "answer_key", "give a mapping"),  # type: ignore[arg-type]
    (lambda: known({"q1": []}), "answer_key['q1']", "an empty string stands for a blank"),
    (lambda: known({"q1": 5}), "answer_key['q1']", "give a string, or several"),  # type: ignore[dict-item]
    (lambda: known({"q1": [5]}), "answer_key['q1']", "answers are strings"),  # type: ignore[list-item]
    (lambda: known({"": "a"}), "answer_key", "a string of 1 to 255 bytes"),
    (lambda: known({"ü" * 128: "a"}), "answer_key", "a string of 1 to 255 bytes"),
    (lambda: known(KEY, approve_if_at_least=102), "approve_if_at_least", "from 0 to 101"),
    (lambda: known(KEY, approve_if_at_least=True), "approve_if_at_least", "is True"),
    (lambda: known(KEY, approve_if_at_least="80"), "approve_if_at_least", "is '80'"),  # type: ignore[arg-type]
    (lambda: known(KEY, reject_if_less_than=-1), "reject_if_less_than", "from 0 to 101"),
    (
        lambda: known(KEY, approve_if_at_least=50, reject_if_less_than=51),
        "approve_if_at_least",
        "which would make a score of 50 both. Give 51 or more",
    ),
    (lambda: known(KEY, approve_reason="Thanks!"), "approve_reason", "given without the score"),
    (lambda: known(KEY, approve_if_at_least=9, reject_reason="No"), "reject_reason", "given without the score"),
    (lambda: known(KEY, reject_if_less_than=9, reject_reason=""), "reject_reason", "1 to 1024 characters"),
    (lambda: known(KEY, reject_if_less_than=9, reject_reason="x" * 1025), "reject_reason", "1 to 1024 characters"),
    (lambda: known(KEY, extend_if_less_than=102), "extend_if_less_than", "from 0 to 101"),
    (lambda: known(KEY, extend_maximum_assignments=5), "extend_maximum_assignments", "without extend_if_less_than"),
    (lambda: known(KEY, extend_minimum_time=60), "extend_minimum_time", "without extend_if_less_than"),
    (
        lambda: known(KEY, extend_if_less_than=9, extend_maximum_assignments=1),
        "extend_maximum_assignments",
        "from 2 to 25",
    ),
    (
        lambda: known(KEY, extend_if_less_than=9, extend_maximum_assignments=26),
        "extend_maximum_assignments",
        "from 2 to 25",
    ),
    (lambda: known(KEY, extend_if_less_than=9, extend_minimum_time=59), "extend_minimum_time", "from 60 to 31536000"),
    (
        lambda: known(KEY, extend_if_less_than=9, extend_minimum_time=YEAR + timedelta(seconds=1)),
        "extend_minimum_time",
        "from 60 to 31536000",
    ),
    (
        lambda: known(KEY, extend_if_less_than=9, extend_minimum_time=timedelta(seconds=60.5)),
        "extend_minimum_time",
        "give a whole number",
    ),
    (lambda: plurality("what", 50), "question_ids", "give a list of question identifiers"),
    (lambda: plurality(5, 50), "question_ids", "give a list"),  # type: ignore[arg-type]
    (lambda: plurality([], 50), "question_ids", "holds 0; give from 1 to 15"),
    (lambda: plurality([str(each) for each in range(16)], 50), "question_ids", "holds 16; give from 1 to 15"),
    (lambda: plurality(["a", "b", "a"], 50), "question_ids", "holds 'a' twice"),
    (lambda: plurality([5], 50), "question_ids", "a string of 1 to 255 bytes"),  # type: ignore[list-item]
    (lambda: plurality(["a"], 101), "question_agreement_threshold", "from 0 to 100"),
    (lambda: plurality(["a"], 50, disregard_rejected="T"), "disregard_rejected", "True or False"),  # type: ignore[arg-type]
    (
        lambda: plurality(["a"], 50, disregard_if_known_answer_score_less_than=102),
        "disregard_if_known_answer_score_less_than",
        "from 0 to 101",
    ),
    (
        lambda: plurality(["a"], 50, approve_if_at_least=50, reject_if_less_than=80),
        "approve_if_at_least",
        "Give 80 or more",
    ),
    (
        lambda: plurality(["a"], 50, extend_if_less_than=0, extend_maximum_assignments=5, extend_minimum_time=60),
        "extend_if_less_than",
        "from 1 to 100",
    ),
    (
        lambda: plurality(["a"], 50, extend_if_less_than=75),
        "extend_if_less_than",
        "needs extend_maximum_assignments and extend_minimum_time beside it",
    ),
    (
        lambda: plurality(["a"], 50, extend_if_less_than=75, extend_minimum_time=60),
        "extend_if_less_than",
        "needs extend_maximum_assignments and extend_minimum_time beside it",
    ),
    (lambda: ReviewResults.read([]), "pages", "give the pages of one HIT"),
]


@pytest.mark.parametrize(("make", "argument", "says"), REFUSED)
def test_what_is_refused(make: Callable[[], Any], argument: str, says: str) -> None:
    """What the service would refuse, or take and never do, is refused at once; the text says what to do."""
    with pytest.raises(InvalidRequest) as caught:
        make()
    assert caught.value.argument == argument
    assert says in str(caught.value)


SCORES = st.integers(0, 101)
REASONS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=50)
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)


@st.composite
def decisions(draw: st.DrawFn) -> dict[str, Any]:
    """Any thresholds that do not overlap, with or without reasons."""
    reject, approve = sorted((draw(SCORES), draw(SCORES)))
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["approve_if_at_least"] = approve
        found["approve_reason"] = draw(st.none() | REASONS)
    if draw(st.booleans()):
        found["reject_if_less_than"] = reject
        found["reject_reason"] = draw(st.none() | REASONS)
    return found


EXTENSIONS = st.fixed_dictionaries(
    {
        "extend_if_less_than": st.integers(1, 100),
        "extend_maximum_assignments": st.integers(2, 25),
        "extend_minimum_time": st.integers(60, 365 * 86400),
    }
)


@given(
    st.dictionaries(NAMES, st.lists(NAMES, min_size=1), min_size=1),
    decisions(),
    st.just({}) | EXTENSIONS,
    st.lists(NAMES, min_size=1, max_size=15, unique=True),
    st.integers(0, 100),
    decisions(),
    st.just({}) | EXTENSIONS,
    st.none() | SCORES,
)
def test_the_marketplace_takes_them_all(
    key: dict[str, list[str]],
    first: dict[str, Any],
    first_extension: dict[str, Any],
    questions: list[str],
    threshold: int,
    second: dict[str, Any],
    second_extension: dict[str, Any],
    disregard: int | None,
) -> None:
    """Whatever can be written, the marketplace understands, number by number."""
    for_assignments = known(key, **first, **first_extension)
    for_hit = plurality(
        questions,
        threshold,
        disregard_if_known_answer_score_less_than=disregard,
        **second,
        **second_extension,
    )
    found = read_policies(for_assignments, for_hit, AMAZON)
    assert found.known_answers is not None
    assert found.plurality is not None
    assert {each.question_id for each in found.known_answers.key} == set(key)
    assert found.plurality.question_ids == tuple(questions)
    assert found.plurality.threshold == threshold
    assert found.plurality.disregard_below == (disregard or 0)
    for policy, given_decisions, given_extension in (
        (found.known_answers, first, first_extension),
        (found.plurality, second, second_extension),
    ):
        assert policy.consequences.approve_from == given_decisions.get("approve_if_at_least", 101)
        assert policy.consequences.approve_reason == given_decisions.get("approve_reason")
        assert policy.consequences.reject_below == given_decisions.get("reject_if_less_than", 0)
        assert policy.consequences.reject_reason == given_decisions.get("reject_reason")
        extension = policy.extension
        assert (extension is None) == (not given_extension)
        if extension is not None:
            assert extension.below == given_extension["extend_if_less_than"]
            assert extension.most_assignments == given_extension["extend_maximum_assignments"]
            assert extension.time == given_extension["extend_minimum_time"]


# With the client.


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A market."""
    async with Marketplace() as market:
        yield market


@pytest.fixture
async def mturk(market: Marketplace) -> AsyncIterator[Client]:
    """A client of it."""
    async with market.client() as client:
        yield client


HIT: Mapping[str, Any] = {
    "lifetime": timedelta(hours=1),
    "question": ExternalQuestion("https://example.org/clothes"),
}
KIND: Mapping[str, Any] = {
    "title": "Describe the garment",
    "description": "Look at a picture.",
    "reward": "0.25",
    "assignment_duration": timedelta(minutes=5),
}


async def publish(mturk: Client, **more: Any) -> str:
    """Publish a HIT; return its id."""
    return (await mturk.create_hit(**KIND, **HIT, **more)).hit_id


async def submit(market: Marketplace, hit_id: str, worker_id: str, **fields: Any) -> str:
    """Let a worker accept and submit; return the assignment's id."""
    worker = market.worker(worker_id)
    assignment_id = await worker.accept(hit_id)
    await worker.submit(assignment_id, fields)
    return assignment_id


@pytest.mark.parametrize(
    ("policies", "argument", "says"),
    [
        (
            {"assignment_review_policy": plurality(["q"], 50)},
            "assignment_review_policy",
            "is SimplePlurality/2011-09-01: give it as hit_review_policy",
        ),
        (
            {"hit_review_policy": known(KEY)},
            "hit_review_policy",
            "is ScoreMyKnownAnswers/2011-09-01: give it as assignment_review_policy",
        ),
        (
            {"hit_review_policy": plurality(["q"], 50, disregard_if_known_answer_score_less_than=50)},
            "hit_review_policy",
            "give assignment_review_policy too",
        ),
    ],
)
async def test_policies_in_the_wrong_place(policies: dict[str, Any], argument: str, says: str) -> None:
    """They are refused before anything is sent, in both operations, and as written by hand too."""
    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        written: dict[str, Any] = {name: to_wire(policy) for name, policy in policies.items()}
        for call in (
            mturk.create_hit(**KIND, **HIT, **policies),
            mturk.create_hit(**KIND, **HIT, **written),
            mturk.create_hit_with_hit_type("3TYPE", **HIT, **policies),
        ):
            with pytest.raises(InvalidRequest) as caught:
                await call
            assert caught.value.argument == argument
            assert says in str(caught.value)
    assert transport.requests == []


async def test_the_manuals_example(market: Marketplace, mturk: Client) -> None:
    """Three workers, four questions: three are agreed by two of three or more, nobody agrees on the fourth."""
    policy = plurality(QUESTIONS, 66, approve_if_at_least=100, approve_reason="All agreed.", reject_if_less_than=50)
    hit_id = await publish(mturk, max_assignments=3, hit_review_policy=policy)
    anna = await submit(market, hit_id, "A1ANNA", what="coat", colour="blue", size="large", surface="furry")
    bert = await submit(market, hit_id, "A2BERT", what="sweater", colour="blue", size="large", surface="fur")
    cara = await submit(market, hit_id, "A3CARA", what="coat", colour="green", size="large", surface="furr")

    results = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id))

    assert results.hit_id == hit_id
    assert results.agreement_score == 75
    assert results.questions == {
        "what": QuestionReview(question_id="what", agreed=True, answer="coat", agreement_score=66),
        "colour": QuestionReview(question_id="colour", agreed=True, answer="blue", agreement_score=66),
        "size": QuestionReview(question_id="size", agreed=True, answer="large", agreement_score=100),
        "surface": QuestionReview(question_id="surface", agreed=False, answer=None, agreement_score=None),
    }
    assert {name: each.agreement_score for name, each in results.assignments.items()} == {anna: 100, bert: 66, cara: 66}
    assert (results.assignments[bert].agreeing, results.assignments[bert].disagreeing) == (2, 1)
    assert results.assignments[bert].known_answer_score is None
    assert [(each.name, each.target_id, each.target_type) for each in results.actions] == [
        ("review", hit_id, "HIT"),
        ("approve", anna, "Assignment"),
    ]
    assert all(each.succeeded and each.completed is not None and not each.error_code for each in results.actions)
    assert results.others == ()
    decided = {each.assignment_id: each async for each in mturk.list_assignments_for_hit(hit_id)}
    assert decided[anna].requester_feedback == "All agreed."
    assert [decided[each].assignment_status for each in (anna, bert, cara)] == ["Approved", "Submitted", "Submitted"]


async def test_known_answers(market: Marketplace, mturk: Client) -> None:
    """Each submission has its score, and what was right; approvals, rejections and extensions are among the actions."""
    policy = known(
        {"q1": "a", "q2": ["b", "c"]},
        approve_if_at_least=100,
        reject_if_less_than=50,
        reject_reason="Nothing was right.",
        extend_if_less_than=50,
        extend_maximum_assignments=3,
        extend_minimum_time=timedelta(hours=2),
    )
    hit_id = await publish(mturk, max_assignments=2, assignment_review_policy=policy)
    good = await submit(market, hit_id, "A1GOOD", q1="a", q2=["c", "b"])
    bad = await submit(market, hit_id, "A2BAD", q1="A", q2="b")
    half = await submit(market, hit_id, "A3HALF", q1="a", q2="b")

    results = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id, max_results=1))

    assert results.assignments == {
        good: AssignmentReview(assignment_id=good, known_answer_score=100, known_answers={"q1": True, "q2": True}),
        bad: AssignmentReview(assignment_id=bad, known_answer_score=0, known_answers={"q1": False, "q2": False}),
        half: AssignmentReview(assignment_id=half, known_answer_score=50, known_answers={"q1": True, "q2": False}),
    }
    assert (results.agreement_score, results.questions) == (None, {})
    assert [(each.name, each.target_id) for each in results.actions] == [
        ("review", good),
        ("approve", good),
        ("review", bad),
        ("reject", bad),
        ("extend", hit_id),
        ("review", half),
    ]
    hit = await mturk.get_hit(hit_id)
    assert hit.max_assignments == 3
    assert hit.expiration - hit.creation_time > timedelta(minutes=119)


@pytest.mark.parametrize(("rules", "most"), [("amazon", 9), ("house", 12)])
async def test_policies_and_the_step_at_ten(rules: str, most: int) -> None:
    """A HIT of fewer than ten may have a policy that goes beyond; by Amazon's rules it stops at nine, and says so."""
    policy = known({"q": "a"}, extend_if_less_than=50, extend_maximum_assignments=12)
    async with Marketplace(rules=rules) as market, market.client() as mturk:
        hit_id = await publish(mturk, max_assignments=8, assignment_review_policy=policy)
        for number in range(most):
            await submit(market, hit_id, f"A{number}WORKER", q="b")
        assert (await mturk.get_hit(hit_id)).max_assignments == most
        results = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id))
    extensions = [each.succeeded for each in results.actions if each.name == "extend"]
    assert extensions.count(True) == most - 8
    assert (False in extensions) == (rules == "amazon")


async def test_reviewed_again(market: Marketplace, mturk: Client) -> None:
    """After an extension the later review counts, also where it finds less than the one before; actions are kept."""
    policy = plurality(
        ["q", "r"],
        51,
        extend_if_less_than=100,
        extend_maximum_assignments=4,
        extend_minimum_time=60,
    )
    hit_id = await publish(mturk, max_assignments=2, hit_review_policy=policy)
    anna = await submit(market, hit_id, "A1ANNA", q="a", r="x")
    await submit(market, hit_id, "A2BERT", q="a", r="y")
    before = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id))
    await submit(market, hit_id, "A3CARA", q="b", r="z")
    await submit(market, hit_id, "A4DORA", q="b", r="w")
    after = await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id, max_results=3))

    assert before.agreement_score == 50
    assert (before.questions["q"].answer, before.questions["r"].answer) == ("a", None)
    assert after.agreement_score == 0
    assert after.questions["q"] == QuestionReview(question_id="q", agreed=False, answer=None, agreement_score=50)
    assert (before.assignments[anna].agreement_score, after.assignments[anna].agreement_score) == (100, 0)
    assert len(after.assignments) == 4
    assert [each.name for each in after.actions] == ["review", "extend", "review", "extend", "review"]


async def test_what_was_not_reviewed(mturk: Client) -> None:
    """A HIT without policies, or without submissions, has empty results."""
    hit_id = await publish(mturk, assignment_review_policy=known(KEY), hit_review_policy=plurality(["q"], 50))
    assert await ReviewResults.of(mturk.list_review_policy_results_for_hit(hit_id)) == ReviewResults(hit_id=hit_id)


def result(key: str, value: str | None, **about: Any) -> ReviewResultDetail:
    """A single result about a HIT."""
    return ReviewResultDetail(
        **{"action_id": "1", "subject_id": "3HIT", "subject_type": "HIT", "key": key, "value": value, **about}
    )


def page(*results: ReviewResultDetail, actions: tuple[ReviewActionDetail, ...] = ()) -> Any:
    """A page with results of the policy for the HIT."""
    report = ReviewReport(review_results=results, review_actions=actions)
    return ListReviewPolicyResultsForHITResponse(hit_id="3HIT", hit_review_report=report)


def test_the_keys_of_older_reports() -> None:
    """They mean the same as today's."""
    about = {"subject_id": "3A", "subject_type": "Assignment", "question_id": "q"}
    results = ReviewResults.read(
        [
            page(
                result("PluralityAnswer", "a|b", question_id="q"),
                result("PluralityLevel", "66", question_id="q"),
                result("AgreedWithPlurality", "true", **about),
            )
        ]
    )
    question = QuestionReview(question_id="q", agreed=True, answer="a|b", agreement_score=66)
    assert results.questions == {"q": question}
    assert question.values == ("a", "b")
    assert results.assignments == {"3A": AssignmentReview(assignment_id="3A", agreed_with_plurality={"q": True})}


@pytest.mark.parametrize(("text", "flag"), [("T", True), ("true", True), ("1", True), ("F", False), ("0", False)])
def test_the_spellings_of_a_flag(text: str, flag: bool) -> None:
    """Services and samples write it in several ways; an answer beside a plain no is no agreement."""
    results = ReviewResults.read(
        [page(result("AgreedAnswerFound", text, question_id="q"), result("AgreedAnswer", "", question_id="q"))]
    )
    assert results.questions["q"] == QuestionReview(question_id="q", agreed=flag, answer="")
    assert results.questions["q"].values == ()


def test_what_is_not_understood_is_kept() -> None:
    """New keys, odd values and missing subjects are handed on as they came."""
    odd = (
        result("Mood", "sunny"),
        result("HitAgreementScore", "very high"),
        result("HitAgreementScore", None, action_id="1"),
        result("AgreedAnswerFound", "perhaps", question_id="q"),
        result("KnownAnswerScore", "5", subject_id=None, subject_type="Assignment"),
        result("KnownAnswerScore", "5"),
    )
    results = ReviewResults.read([page(*odd)])
    assert results == ReviewResults(hit_id="3HIT", others=odd)


def test_failed_actions() -> None:
    """An action says how it ended, and why; the manual's capitals are read as the samples' words."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    detail = ReviewActionDetail(
        action_id="2",
        action_name="APPROVE",
        target_id="3A",
        target_type="Assignment",
        status=ReviewActionStatus("FAILED"),
        complete_time=noon,
        result="Assignment was in an invalid state for this operation.",
        error_code="AWS.MechanicalTurk.InvalidAssignmentState",
    )
    (action,) = ReviewResults.read([page(actions=(detail,))]).actions
    assert action == ReviewAction(
        name="approve",
        target_id="3A",
        target_type="Assignment",
        status=ReviewActionStatus.FAILED,
        completed=noon,
        result="Assignment was in an invalid state for this operation.",
        error_code="AWS.MechanicalTurk.InvalidAssignmentState",
    )
    assert not action.succeeded


@pytest.mark.parametrize(
    ("policies", "most"),
    [
        ((), 0),
        ((None, None), 0),
        ((ReviewPolicy.score_my_known_answers({"q": "a"}, reject_if_less_than=50, reject_reason="No."),), 0),
        ((ReviewPolicy.score_my_known_answers({"q": "a"}, extend_if_less_than=50),), 5),
        (({"PolicyName": "ScoreMyKnownAnswers/2011-09-01", "Parameters": [{"Key": "AnswerKey"}]}, None), 0),
        (
            (
                {
                    "PolicyName": "SimplePlurality/2011-09-01",
                    "Parameters": [
                        {"Key": "ExtendIfHITAgreementScoreIsLessThan", "Values": ["50"]},
                        {"Key": "ExtendMaximumAssignments", "Values": ["25"]},
                    ],
                },
                ReviewPolicy.score_my_known_answers({"q": "a"}, extend_if_less_than=50, extend_maximum_assignments=7),
            ),
            25,
        ),
    ],
)
def test_how_far_policies_extend(policies: tuple[ReviewPolicy | Mapping[str, Any] | None, ...], most: int) -> None:
    """The most assignments that policies may bring a HIT to can be told, in whatever words they are given."""
    assert extended_to(*policies) == most
