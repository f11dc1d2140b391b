"""Review policies in the marketplace: when they act, what they change, what is told of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from aioturk.marketplace import Marketplace
from aioturk.marketplace.service import Context
from aioturk.marketplace.store.tables import audit

from .policies import actions, known_answers, plurality, results, submit
from .support import ANNA, BERT, CARA, DORA, EMIL, HIT, Refused, Requester, StillClock

HOUR = timedelta(hours=1)
EXTENDING = {
    "ExtendIfHITAgreementScoreIsLessThan": "100",
    "ExtendMaximumAssignments": "4",
    "ExtendMinimumTimeInSeconds": "3600",
}
"""Extend until everybody agrees."""
AUDIT = select(audit.c.actor, audit.c.what, audit.c.subject, audit.c.detail).order_by(audit.c.seq)


async def told(market: Marketplace, hit_id: str) -> list[str]:
    """The events of a HIT and its assignments, as the audit log has them."""
    rows = await audited(market)
    return [what for _, what, subject, detail in rows if hit_id == subject or hit_id in (detail or "")]


async def audited(market: Marketplace) -> list[tuple[Any, ...]]:
    """The audit log: who, what, about what, and more."""
    return await market._house.act(lambda context: context.store.audit._session.all(AUDIT, {}))


async def test_the_last_submission_extends_before_anybody_hears_of_it(market: Marketplace, turk: Requester) -> None:
    """A HIT that known answers extend is never Reviewable in between; the event of the extension comes last."""
    policy = known_answers({"q": "a"}, RejectIfKnownAnswerScoreIsLessThan="1", ExtendIfKnownAnswerScoreIsLessThan="1")
    hit_id = (await turk.hit(AssignmentReviewPolicy=policy, HITReviewPolicy=plurality("q")))["HITId"]
    await submit(market, hit_id, ANNA, q="b")

    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 1)
    assert (await told(market, hit_id))[1:] == [
        "AssignmentAccepted",
        "AssignmentSubmitted",
        "AssignmentRejected",
        "HITExtended",
    ]
    await submit(market, hit_id, BERT, q="a")
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 1)
    assert [name for name, *_ in await actions(turk, hit_id, "HIT")] == ["review"]


async def test_known_answers_extend_up_to_their_limit(market: Marketplace, turk: Requester) -> None:
    """One assignment for each bad submission, until there are as many as the policy allows."""
    policy = known_answers({"q": "a"}, ExtendIfKnownAnswerScoreIsLessThan="101", ExtendMaximumAssignments="3")
    hit_id = (await turk.hit(AssignmentReviewPolicy=policy))["HITId"]
    for worker_id in (ANNA, BERT, CARA):
        await submit(market, hit_id, worker_id, q="a")

    hit = await turk.get(hit_id)
    assert (hit["HITStatus"], hit["MaxAssignments"]) == ("Reviewable", 3)
    done = [name for name, *_ in await actions(turk, hit_id, "Assignment")]
    assert done == ["review", "extend", "review", "extend", "review"]


async def test_a_small_hit_stays_small(market: Marketplace, turk: Requester) -> None:
    """Nine assignments do not become ten by a policy either, as the fee would be another; the report says so."""
    policy = known_answers({"q": "a"}, ExtendIfKnownAnswerScoreIsLessThan="101", ExtendMaximumAssignments="25")
    hit_id = (await turk.hit(MaxAssignments=9, AssignmentReviewPolicy=policy))["HITId"]
    await submit(market, hit_id, ANNA, q="b")

    assert (await turk.get(hit_id))["MaxAssignments"] == 9
    page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, PolicyLevels=["Assignment"])
    extension = page["AssignmentReviewReport"]["ReviewActions"][-1]
    assert (extension["ActionName"], extension["TargetId"], extension["TargetType"]) == ("extend", hit_id, "HIT")
    assert (extension["Status"], extension["ErrorCode"]) == (
        "Failed",
        "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease",
    )
    assert "from below 10 to 10 or more" in extension["Result"]
    assert "HITExtended" not in await told(market, hit_id)


async def test_a_plurality_cannot_cross_ten_either(market: Marketplace, turk: Requester) -> None:
    """It is refused in the same words, once, and the HIT stays Reviewable."""
    compare = plurality("q", **{**EXTENDING, "ExtendMaximumAssignments": "25"})
    hit_id = (await turk.hit(MaxAssignments=9, HITReviewPolicy=compare))["HITId"]
    for number in range(9):
        await submit(market, hit_id, f"A{number}NOBODY0000", q=str(number))

    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)
    page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, PolicyLevels=["HIT"], MaxResults=100)
    done = [(each["ActionName"], each.get("ErrorCode")) for each in page["HITReviewReport"]["ReviewActions"]]
    assert done == [("review", None), ("extend", "AWS.MechanicalTurk.InvalidMaximumAssignmentsIncrease")]


async def test_the_house_lets_policies_cross_ten(database: str | None) -> None:
    """Where small HITs may grow, policies make ten assignments of nine."""
    policy = known_answers({"q": "a"}, ExtendIfKnownAnswerScoreIsLessThan="101", ExtendMaximumAssignments="25")
    async with Marketplace(database, rules="house", clock=StillClock()) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(MaxAssignments=9, AssignmentReviewPolicy=policy))["HITId"]
        await submit(market, hit_id, ANNA, q="b")
        assert (await turk.get(hit_id))["MaxAssignments"] == 10


async def test_scores_of_known_answers_are_what_a_plurality_disregards(market: Marketplace, turk: Requester) -> None:
    """Who fails on known answers does not count when the others are compared, the last submission included."""
    compare = plurality("q", DisregardAssignmentIfKnownAnswerScoreIsLessThan="100")
    hit_id = (
        await turk.hit(MaxAssignments=3, AssignmentReviewPolicy=known_answers({"known": "1"}), HITReviewPolicy=compare)
    )["HITId"]
    anna = await submit(market, hit_id, ANNA, known="1", q="yes")
    bert = await submit(market, hit_id, BERT, known="1", q="yes")
    await submit(market, hit_id, CARA, known="2", q="no")

    found = await results(turk, hit_id, "HIT")
    assert (hit_id, "q", "AnswerAgreementScore", "100") in found
    assert {subject for subject, _, key, _ in found if key == "WorkerAgreementScore"} == {anna, bert}


async def test_a_plurality_decides_and_pays(market: Marketplace, turk: Requester) -> None:
    """Those who agree are approved and paid, the others rejected, with the policy's reasons."""
    compare = plurality(
        "q",
        ApproveIfWorkerAgreementScoreIsAtLeast="100",
        ApproveReason="Thanks!",
        RejectIfWorkerAgreementScoreIsLessThan="1",
        RejectReason="All others say otherwise.",
    )
    hit_id = (await turk.hit(MaxAssignments=3, HITReviewPolicy=compare))["HITId"]
    for worker_id, answer in ((ANNA, "yes"), (BERT, "no"), (CARA, "yes")):
        await submit(market, hit_id, worker_id, q=answer)

    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 3)
    assert [(each["AssignmentStatus"], each["RequesterFeedback"]) for each in await turk.assignments(hit_id)] == [
        ("Approved", "Thanks!"),
        ("Rejected", "All others say otherwise."),
        ("Approved", "Thanks!"),
    ]
    assert [line.cents for line in await market.ledger() if line.reason == "reward"] == [25, 25]
    assert (await told(market, hit_id))[-4:] == [
        "HITReviewable",
        "AssignmentApproved",
        "AssignmentRejected",
        "AssignmentApproved",
    ]
    await turk("DeleteHIT", HITId=hit_id)


async def test_what_a_policy_does_is_not_written_down_as_the_workers_act(market: Marketplace, turk: Requester) -> None:
    """The audit log says that a policy did it."""
    policy = known_answers({"q": "a"}, ApproveIfKnownAnswerScoreIsAtLeast="0")
    await submit(market, (await turk.hit(AssignmentReviewPolicy=policy))["HITId"], ANNA, q="a")

    actors = [actor for actor, what, *_ in await audited(market) if what == "AssignmentApproved"]
    assert actors == ["review policy"]


@pytest.mark.parametrize("end", ["submission", "return", "abandonment", "expiry"])
async def test_submissions_are_compared_whenever_the_hit_becomes_reviewable(
    market: Marketplace, turk: Requester, end: str
) -> None:
    """Whichever act, or time, makes it so."""
    hit_id = (await turk.hit(MaxAssignments=2, LifetimeInSeconds=600, HITReviewPolicy=plurality("q")))["HITId"]
    await submit(market, hit_id, ANNA, q="a")
    if end != "expiry":
        await market.advance(timedelta(seconds=500))
        bert = market.worker(BERT)
        held = await bert.accept(hit_id)
        assert (await turk("ListReviewPolicyResultsForHIT", HITId=hit_id))["HITReviewReport"] == {}
        await market.advance(timedelta(seconds=200))
        assert await turk.counts(hit_id) == ("Unassignable", 0, 1, 0)
        if end == "submission":
            await bert.submit(held, {"q": "a"})
        elif end == "return":
            await bert.return_assignment(held)
        else:
            await market.advance(timedelta(seconds=200))
    else:
        await market.advance(timedelta(seconds=600))

    assert [name for name, *_ in await actions(turk, hit_id, "HIT")] == ["review"]
    assert (await turk.get(hit_id))["HITStatus"] == "Reviewable"


async def test_a_plurality_extends_until_it_is_content(market: Marketplace, turk: Requester) -> None:
    """It looks again each time that the HIT is Reviewable again; what it found is appended."""
    hit_id = (await turk.hit(MaxAssignments=2, HITReviewPolicy=plurality("q", threshold="60", **EXTENDING)))["HITId"]
    await submit(market, hit_id, ANNA, q="a")
    await submit(market, hit_id, BERT, q="b")
    assert await turk.counts(hit_id) == ("Assignable", 1, 0, 0)
    await submit(market, hit_id, CARA, q="a")

    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 0)
    scores = [value for _, _, key, value in await results(turk, hit_id, "HIT") if key == "HitAgreementScore"]
    assert scores == ["0", "100"]
    assert [name for name, *_ in await actions(turk, hit_id, "HIT")] == ["review", "extend", "review"]


async def test_an_expired_hit_is_reopened_for_as_long_as_the_policy_says(market: Marketplace, turk: Requester) -> None:
    """Time that just ran out is given again; it ends when nobody comes."""
    hit_id = (await turk.hit(MaxAssignments=3, LifetimeInSeconds=600, HITReviewPolicy=plurality("q", **EXTENDING)))[
        "HITId"
    ]
    await submit(market, hit_id, ANNA, q="a")
    await submit(market, hit_id, BERT, q="b")
    await market.advance(timedelta(seconds=600))

    hit = await turk.get(hit_id)
    assert (hit["HITStatus"], hit["MaxAssignments"]) == ("Assignable", 4)
    assert hit["Expiration"] == market.now() + HOUR
    await market.advance(HOUR)
    assert await turk.counts(hit_id) == ("Reviewable", 2, 0, 0)
    await market.advance(2 * HOUR)
    assert await turk.counts(hit_id) == ("Reviewable", 2, 0, 0)


async def test_a_hit_that_its_requester_ends_is_not_reopened(market: Marketplace, turk: Requester) -> None:
    """Its policy compares and decides, and extends only after its requester has given it time again."""
    hit_id = (await turk.hit(MaxAssignments=3, HITReviewPolicy=plurality("q", **EXTENDING)))["HITId"]
    await submit(market, hit_id, ANNA, q="a")
    held = await market.worker(BERT).accept(hit_id)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await market.worker(BERT).submit(held, {"q": "b"})

    assert await turk.counts(hit_id) == ("Reviewable", 1, 0, 0)
    assert [name for name, *_ in await actions(turk, hit_id, "HIT")] == ["review"]

    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=market.now() + HOUR)
    await submit(market, hit_id, CARA, q="c")
    assert (await turk.get(hit_id))["MaxAssignments"] == 4
    assert [name for name, *_ in await actions(turk, hit_id, "HIT")] == ["review", "review", "extend"]


async def test_a_mark_taken_back_is_no_new_review(market: Marketplace, turk: Requester) -> None:
    """Reviewing and back to Reviewable compares nothing again."""
    hit_id = (await turk.hit(HITReviewPolicy=plurality("q")))["HITId"]
    await submit(market, hit_id, ANNA, q="a")
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    await turk("UpdateHITReviewStatus", HITId=hit_id, Revert=True)

    assert len(await actions(turk, hit_id, "HIT")) == 1


@pytest.mark.parametrize(
    ("threshold", "status"), [("1", "Rejected"), ("0", "Approved")], ids=["a policy rejects", "no policy decides"]
)
async def test_approval_without_delay_comes_after_the_policy(
    market: Marketplace, turk: Requester, threshold: str, status: str
) -> None:
    """A delay of 0 approves what known answers have not rejected."""
    policy = known_answers({"q": "a"}, RejectIfKnownAnswerScoreIsLessThan=threshold)
    hit_id = (await turk.hit(AutoApprovalDelayInSeconds=0, AssignmentReviewPolicy=policy))["HITId"]
    await submit(market, hit_id, ANNA, q="b")

    (assignment,) = await turk.assignments(hit_id)
    assert assignment["AssignmentStatus"] == status
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 1)


async def test_an_answer_too_large_to_read_answers_nothing(market: Marketplace, turk: Requester) -> None:
    """It is handed in all the same."""
    hit_id = (await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"})))["HITId"]
    anna = await submit(market, hit_id, ANNA, q="a", other="x" * 9_000_000)

    assert (anna, "", "KnownAnswerScore", "0") in await results(turk, hit_id, "Assignment")


class TestMoney:
    """Extensions cost money, which may not be there."""

    @pytest.fixture
    async def market(self, database: str | None) -> AsyncIterator[Marketplace]:
        """A market in which money runs out: a dollar, and 30 cents for an assignment with its fee."""
        async with Marketplace(database, clock=StillClock(), balance=1) as market:
            yield market

    async def test_an_extension_that_cannot_be_paid_fails_alone(self, market: Marketplace, turk: Requester) -> None:
        """The submission and its approval stand; the action is Failed, with the code of the operation."""
        policy = known_answers(
            {"q": "a"}, ApproveIfKnownAnswerScoreIsAtLeast="0", ExtendIfKnownAnswerScoreIsLessThan="101"
        )
        hit_id = (await turk.hit(MaxAssignments=3, AssignmentReviewPolicy=policy))["HITId"]
        anna = await submit(market, hit_id, ANNA, q="a")

        done = await actions(turk, hit_id, "Assignment")
        assert [(name, status) for name, _, status, *_ in done] == [
            ("review", "Succeeded"),
            ("approve", "Succeeded"),
            ("extend", "Failed"),
        ]
        assert done[-1][1:2] + done[-1][4:] == (hit_id, "AWS.MechanicalTurk.InsufficientFunds")
        assert done[-1][3].startswith("This Requester has insufficient funds")
        assert [each["AssignmentId"] for each in await turk.assignments(hit_id)] == [anna]
        assert await turk.counts(hit_id) == ("Assignable", 2, 0, 1)
        assert "HITExtended" not in await told(market, hit_id)
        balance = await turk("GetAccountBalance")
        assert (balance["AvailableBalance"], balance["OnHoldBalance"]) == ("0.10", "0.60")

    async def test_what_a_rejection_sets_free_pays_for_the_extension(
        self, market: Marketplace, turk: Requester
    ) -> None:
        """First the decision, then the extension."""
        policy = known_answers(
            {"q": "a"}, RejectIfKnownAnswerScoreIsLessThan="1", ExtendIfKnownAnswerScoreIsLessThan="1"
        )
        hit_id = (await turk.hit(MaxAssignments=3, AssignmentReviewPolicy=policy))["HITId"]
        await submit(market, hit_id, ANNA, q="b")

        assert (await turk.get(hit_id))["MaxAssignments"] == 4
        balance = await turk("GetAccountBalance")
        assert (balance["AvailableBalance"], balance["OnHoldBalance"]) == ("0.10", "0.90")

    async def test_extensions_count_against_no_keys_cap(self, market: Marketplace, turk: Requester) -> None:
        """Who signs the call that makes a HIT Reviewable has not signed for what its policy then does."""
        hit_id = (await turk.hit(MaxAssignments=2, LifetimeInSeconds=60, HITReviewPolicy=plurality("q", **EXTENDING)))[
            "HITId"
        ]
        key = await market.add_key(spending_cap=0)
        other = Requester(url=market.url, access_key=key.access_key, secret_key=key.secret_key)
        await submit(market, hit_id, ANNA, q="a")
        held = await market.worker(BERT).accept(hit_id)
        await market.advance(timedelta(seconds=60))
        await market.worker(BERT).submit(held, {"q": "b"})
        await other("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

        assert (await turk.get(hit_id))["MaxAssignments"] == 3


async def test_pages_count_results_and_actions_together(market: Marketplace, turk: Requester) -> None:
    """Both reports are walked in one; a page with items has a token, the empty one at the end has none."""
    policy = known_answers({"q": "a"}, ApproveIfKnownAnswerScoreIsAtLeast="0")
    hit_id = (await turk.hit(MaxAssignments=2, AssignmentReviewPolicy=policy, HITReviewPolicy=plurality("q")))["HITId"]
    await submit(market, hit_id, ANNA, q="a")
    await submit(market, hit_id, BERT, q="a")
    whole = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, MaxResults=100)

    found: list[dict[str, Any]] = []
    sizes: list[int] = []
    token: dict[str, str] = {}
    while True:
        page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, MaxResults=6, **token)
        items = [item for level in ("Assignment", "HIT") for item in _items(page[f"{level}ReviewReport"])]
        sizes.append(len(items))
        found += items
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert sizes == [6, 6, 6, 1, 0]
    both = [item for level in ("Assignment", "HIT") for item in _items(whole[f"{level}ReviewReport"])]
    assert len(both) == 19
    assert sorted(map(str, found)) == sorted(map(str, both))
    (foreign,) = [page["NextToken"] for page in [await turk("ListHITs", MaxResults=1)]]
    refusal = await turk.refused("ListReviewPolicyResultsForHIT", HITId=hit_id, NextToken=foreign)
    assert refusal.type == "ParameterValidationError"


def _items(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [*report.get("ReviewResults", []), *report.get("ReviewActions", [])]


async def test_what_is_asked_for_is_listed(market: Marketplace, turk: Requester) -> None:
    """Levels, and whether results and actions are wanted, choose; the policies are named in any case."""
    hit_id = (await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"}), HITReviewPolicy=plurality("q")))["HITId"]
    await submit(market, hit_id, ANNA, q="a")

    async def ask(**members: Any) -> dict[str, Any]:
        page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, **members)
        assert page["AssignmentReviewPolicy"] == {"PolicyName": "ScoreMyKnownAnswers/2011-09-01"}
        assert page["HITReviewPolicy"] == {"PolicyName": "SimplePlurality/2011-09-01"}
        return page

    of_hit = await ask(PolicyLevels=["HIT", "HIT"])
    assert "AssignmentReviewReport" not in of_hit
    assert set(of_hit["HITReviewReport"]) == {"ReviewResults", "ReviewActions"}
    assert set((await ask(RetrieveActions=False))["HITReviewReport"]) == {"ReviewResults"}
    assert set((await ask(RetrieveResults=False))["AssignmentReviewReport"]) == {"ReviewActions"}
    nothing = await ask(RetrieveResults=False, RetrieveActions=False)
    assert (nothing["HITReviewReport"], "NextToken" in nothing) == ({}, False)


async def test_a_review_ties_its_results_to_its_action(market: Marketplace, turk: Requester) -> None:
    """Results carry the id of the action that found them; the time of the action is the market's."""
    hit_id = (await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"})))["HITId"]
    anna = await submit(market, hit_id, ANNA, q="a")
    page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id)

    (action,) = page["AssignmentReviewReport"]["ReviewActions"]
    assert {each["ActionId"] for each in page["AssignmentReviewReport"]["ReviewResults"]} == {action["ActionId"]}
    assert (action["TargetId"], action["TargetType"], action["CompleteTime"]) == (anna, "Assignment", market.now())
    assert action["Result"] == "Reviewed one known answer; 1/1 correct"


async def test_hits_without_policies_have_no_reports(turk: Requester) -> None:
    """The answer is the HIT's id alone; an unknown HIT is refused, and so is a wrong policy."""
    hit_id = (await turk.hit())["HITId"]
    page = await turk("ListReviewPolicyResultsForHIT", HITId=hit_id)
    del page["ResponseMetadata"]

    assert page == {"HITId": hit_id}
    assert (await turk.refused("ListReviewPolicyResultsForHIT", HITId="3NOSUCHHIT")).code == "HITDoesNotExist"
    wrong = {"PolicyName": "SimplePlurality/2011-09-01", "Parameters": []}
    refusal = await turk.refused("CreateHIT", **{**HIT, "Title": "Another"}, HITReviewPolicy=wrong)
    assert refusal.type == "ParameterValidationError"
    assert [hit["HITId"] for hit in (await turk("ListHITs"))["HITs"]] == [hit_id]


async def test_policies_of_the_first_revision(market: Marketplace, turk: Requester) -> None:
    """Stores once kept the request's words, unchecked: sound ones act now, others go on doing nothing."""
    sound = (await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"})))["HITId"]
    wrong = (await turk.hit(AssignmentReviewPolicy=known_answers({"q": "a"})))["HITId"]
    policy = json.dumps(known_answers({"q": "a"}, RejectIfKnownAnswerScoreIsLessThan="1"))

    def go_back(context: Context) -> None:
        for hit_id, text in ((sound, policy), (wrong, policy.replace("AnswerKey", "Answers"))):
            hit = context.store.hits.to_accept("sandbox", hit_id)
            assert hit is not None
            context.store.reviews.set_policies(hit.seq, text, None)

    await market._house.act(go_back)
    await submit(market, sound, ANNA, q="b")
    await submit(market, wrong, ANNA, q="b")
    await turk("UpdateExpirationForHIT", HITId=sound, ExpireAt=0)

    assert [name for name, *_ in await actions(turk, sound, "Assignment")] == ["review", "reject"]
    assert "AssignmentReviewPolicy" not in await turk("ListReviewPolicyResultsForHIT", HITId=wrong)
    assert [each["AssignmentStatus"] for each in await turk.assignments(wrong)] == ["Submitted"]


async def test_requesters_and_policies_decide_at_once(market: Marketplace, turk: Requester) -> None:
    """Approving by hand while the last submission lets a policy approve: everybody is approved and paid once."""
    policy = plurality("q", ApproveIfWorkerAgreementScoreIsAtLeast="0")
    workers = (ANNA, BERT, CARA, DORA, EMIL)
    hit_id = (await turk.hit(MaxAssignments=len(workers), HITReviewPolicy=policy))["HITId"]
    held = {worker_id: await market.worker(worker_id).accept(hit_id) for worker_id in workers}
    for worker_id in workers[:-1]:
        await market.worker(worker_id).submit(held[worker_id], {"q": "a"})

    _, *ends = await asyncio.gather(
        market.worker(EMIL).submit(held[EMIL], {"q": "a"}),
        *(turk("ApproveAssignment", AssignmentId=held[worker_id]) for worker_id in workers[:-1]),
        return_exceptions=True,
    )

    late = [end for end in ends if isinstance(end, BaseException)]
    assert all(isinstance(end, Refused) and end.code == "InvalidAssignmentState" for end in late)
    assert await turk.counts(hit_id) == ("Reviewable", 0, 0, 5)
    assert [line.cents for line in await market.ledger() if line.reason == "reward"] == [25] * 5


async def test_ending_what_has_expired_leaves_a_line(market: Marketplace, turk: Requester) -> None:
    """It is one when it takes the extension from a policy; done again, or without a policy, it changes nothing."""
    extending = (await turk.hit(HITReviewPolicy=plurality("q", **EXTENDING)))["HITId"]
    plain = (await turk.hit())["HITId"]
    await market.advance(HOUR)
    for hit_id in (extending, plain, extending):
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)

    assert (await told(market, extending)).count("HITEndedByRequester") == 1
    assert "HITEndedByRequester" not in await told(market, plain)
