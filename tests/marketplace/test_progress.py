"""How a requester's work gets on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import mean, median

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk.marketplace import HOUSE, Marketplace
from aioturk.marketplace.service.progress import _median, by_day, by_kind, costs, hits, pace, progress

from .acts import act_for
from .support import ANNA, BERT, CARA, Requester, StillClock

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LONG = {"LifetimeInSeconds": 30 * 86400, "AutoApprovalDelayInSeconds": 86400 * 30}


async def work(market: Marketplace, hit_id: str, worker: str, seconds: int) -> str:
    """Do a HIT, and take so long for it."""
    assignment_id = await market.worker(worker).accept(hit_id)
    await market.advance(seconds * SECOND)
    await market.worker(worker).submit(assignment_id, {"a": "b"})
    return assignment_id


async def test_nothing_yet(market: Marketplace) -> None:
    """Who has asked for nothing sees nothing, and nothing fails."""
    found = await act_for(market, progress)
    assert (found.hits, found.kinds, found.days, found.pace) == ({}, (), (), None)
    assert (found.costs.spent, found.costs.may_cost) == (Decimal(0), Decimal(0))


async def test_everything_at_once(database: str | None) -> None:
    """HITs by state, assignments by type, what happened by day, times, pay and costs, all of one's own alone."""
    async with Marketplace(database, clock=StillClock(), balance=100) as market:
        keys = await market.add_requester("other", balance=10)
        other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
        turk = Requester(market)
        theirs = await work(market, (await other.hit(**LONG))["HITId"], ANNA, 299)
        await other("ApproveAssignment", AssignmentId=theirs)
        first = await turk.hit(MaxAssignments=4, Title="first", Reward="0.30", **LONG)
        second = [await turk.hit(Title="second", Reward="0.10", **LONG) for _ in range(3)]
        third = await turk.hit(Title="third")
        today = market.now().date()
        ids = [await work(market, first["HITId"], name, 60) for name in (ANNA, BERT, CARA)]
        ids.append(await work(market, second[0]["HITId"], ANNA, 120))
        await market.worker(BERT).accept(second[1]["HITId"])
        await turk("UpdateExpirationForHIT", HITId=third["HITId"], ExpireAt=0)
        await turk("DeleteHIT", HITId=third["HITId"])
        await turk("ApproveAssignment", AssignmentId=ids[0])
        await market.advance(DAY)
        await turk("RejectAssignment", AssignmentId=ids[1], RequesterFeedback="-")
        await turk("ApproveAssignment", AssignmentId=ids[3])
        await turk("SendBonus", WorkerId=ANNA, AssignmentId=ids[0], BonusAmount="1.00", Reason="r")
        found = await act_for(market, progress)
        balance = await turk("GetAccountBalance")

    assert found.hits == {"Assignable": 3, "Reviewable": 1, "Disposed": 1}
    kinds = {kind.title: kind for kind in found.kinds}
    assert [kind.title for kind in found.kinds] == ["third", "second", "first"]
    one, two = kinds["first"], kinds["second"]
    assert (one.hit_type_id, one.group_id, one.reward) == (first["HITTypeId"], first["HITGroupId"], Decimal("0.30"))
    assert (one.hits, one.offered, one.in_work, one.submitted, one.approved, one.rejected) == (1, 4, 0, 1, 1, 1)
    assert (two.hits, two.offered, two.in_work, two.submitted, two.approved, two.rejected) == (3, 3, 0, 0, 1, 0)
    assert (one.may_cost, two.may_cost, kinds["third"].may_cost) == (Decimal("0.72"), Decimal("0.24"), Decimal(0))
    assert [(day.date, day.submitted, day.approved, day.rejected) for day in found.days] == [
        (today + DAY, 0, 1, 1),
        (today, 4, 1, 0),
    ]
    assert found.pace is not None
    assert (found.pace.submissions, found.pace.median, found.pace.mean) == (4, 60 * SECOND, 75 * SECOND)
    # 30, 30 and 10 cents in 60, 60 and 120 seconds: the rejected one is not paid.
    assert found.pace.hourly_pay == Decimal("10.50")
    assert (found.costs.rewards, found.costs.bonuses, found.costs.fees) == (
        Decimal("0.40"),
        Decimal("1.00"),
        Decimal("0.28"),
    )
    assert found.costs.may_cost == Decimal("0.96") == Decimal(balance["OnHoldBalance"])
    assert found.costs.spent == Decimal("1.68") == 100 - Decimal(balance["AvailableBalance"]) - found.costs.may_cost


async def test_limits(market: Marketplace, turk: Requester) -> None:
    """Lists of types and days have ends; counts have not."""
    for number in range(4):
        hit = await turk.hit(Title=f"t{number}", **LONG)
        await work(market, hit["HITId"], ANNA, 10)
        await market.advance(DAY)
    assert [kind.title for kind in await act_for(market, by_kind, limit=2)] == ["t3", "t2"]
    days = await act_for(market, by_day, limit=2)
    assert [day.date for day in days] == [market.now().date() - DAY, market.now().date() - 2 * DAY]
    assert await act_for(market, hits) == {"Reviewable": 4}


async def test_work_that_took_no_time(market: Marketplace, turk: Requester) -> None:
    """What scripts do at once has no hourly pay."""
    await work(market, (await turk.hit())["HITId"], ANNA, 0)
    found = await act_for(market, pace)
    assert found is not None
    assert (found.submissions, found.median, found.mean, found.hourly_pay) == (1, 0 * SECOND, 0 * SECOND, None)


async def test_approved_after_all(market: Marketplace, turk: Requester) -> None:
    """A rejection that was taken back counts as an approval, on its day."""
    assignment_id = await work(market, (await turk.hit(**LONG))["HITId"], ANNA, 36)
    await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="-")
    await market.advance(DAY)
    await turk("ApproveAssignment", AssignmentId=assignment_id, OverrideRejection=True)
    days = [(day.submitted, day.approved, day.rejected) for day in await act_for(market, by_day)]
    assert days == [(0, 1, 0), (1, 0, 0)]
    found = await act_for(market, pace)
    assert found is not None
    assert found.hourly_pay == Decimal("25.00")


@given(st.lists(st.integers(0, 100), min_size=1))
def test_the_median_of_counts(values: list[int]) -> None:
    """It is that of the values themselves."""
    assert _median(Counter(values)) == median(values)


RESULTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 250), st.sampled_from(["approve", "reject", "wait"])), max_size=6
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work_done=RESULTS)
async def test_sums_agree_with_what_the_operations_say(work_done: Sequence[tuple[int, int, str]]) -> None:
    """Whatever was done: counts are those of the HITs, times those of the assignments, costs those of the ledger."""
    async with Marketplace(clock=StillClock(), rules=HOUSE) as market:
        turk = Requester(market)
        for kind, seconds, outcome in work_done:
            hit_id = (await turk.hit(Title=f"t{kind}", Reward=f"0.{kind}5", MaxAssignments=2, **LONG))["HITId"]
            assignment_id = await work(market, hit_id, ANNA, seconds)
            await market.advance(timedelta(hours=7))
            if outcome == "approve":
                await turk("ApproveAssignment", AssignmentId=assignment_id)
            elif outcome == "reject":
                await turk("RejectAssignment", AssignmentId=assignment_id, RequesterFeedback="-")
        found = await act_for(market, progress)
        there = (await turk("ListHITs", MaxResults=100))["HITs"]
        submitted = [each for hit in there for each in await turk.assignments(hit["HITId"])]

        outcomes = Counter(outcome for _, _, outcome in work_done)
        assert Counter(hit["HITStatus"] for hit in there) == found.hits
        assert sum(kind.hits for kind in found.kinds) == len(there)
        assert sum(kind.offered for kind in found.kinds) == 2 * len(there)
        assert sum(kind.approved for kind in found.kinds) == outcomes["approve"]
        assert sum(kind.may_cost for kind in found.kinds) == found.costs.may_cost
        assert sum(day.submitted for day in found.days) == len(submitted)
        assert sum(day.approved for day in found.days) == outcomes["approve"]
        assert sum(day.rejected for day in found.days) == outcomes["reject"]
        assert found.costs == await act_for(market, costs)
        assert found.costs.spent == (await market.earnings(ANNA)).earned
        if found.pace is None:
            assert not submitted
            return
        times = [each["SubmitTime"] - each["AcceptTime"] for each in submitted]
        assert found.pace.median == median(times)
        assert found.pace.mean == mean(each / SECOND for each in times) * SECOND
