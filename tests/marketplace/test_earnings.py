"""What workers see of what they have earned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk.errors import InvalidParameterValue
from aioturk.marketplace import HOUSE, Marketplace
from aioturk.marketplace.service.earnings import Dashboard, State, WorkItem, dashboard, day

from .acts import act
from .support import ANNA, BERT, Requester, StillClock

DAY = timedelta(days=1)
LONG = {"LifetimeInSeconds": 30 * 86400, "AutoApprovalDelayInSeconds": 86400 * 30}


async def all_days(market: Marketplace, found: Dashboard) -> list[WorkItem]:
    """Every piece of work, day by day."""
    return [item for each in found.days for item in await act(market, day, ANNA, each.date)]


async def test_everything_that_can_happen(market: Marketplace, turk: Requester) -> None:
    """Counts are by what came of the work; money is what was paid, in rewards and bonuses, and what may yet come."""
    hits = [(await turk.hit(Reward=f"0.{number}0"))["HITId"] for number in range(1, 8)]
    anna = market.worker(ANNA)
    approved, rejected, pending, forgiven, returned, abandoned, held = hits
    ids = {}
    for hit_id in (approved, rejected, pending, forgiven):
        ids[hit_id] = await anna.accept(hit_id)
        await anna.submit(ids[hit_id], {"a": "b"})
    await anna.return_assignment(await anna.accept(returned))
    await anna.accept(abandoned)
    await market.advance(timedelta(minutes=5))
    await anna.accept(held)
    await turk("ApproveAssignment", AssignmentId=ids[approved], RequesterFeedback="good")
    await turk("RejectAssignment", AssignmentId=ids[rejected], RequesterFeedback="bad")
    await turk("RejectAssignment", AssignmentId=ids[forgiven], RequesterFeedback="hm")
    await turk("ApproveAssignment", AssignmentId=ids[forgiven], OverrideRejection=True)
    for amount in ("1.00", "0.50"):
        await turk("SendBonus", WorkerId=ANNA, AssignmentId=ids[rejected], BonusAmount=amount, Reason="r")
    await market.worker(BERT).find()
    found = await act(market, dashboard, ANNA)

    assert (found.submitted, found.pending, found.approved, found.rejected) == (4, 1, 2, 1)
    assert (found.in_work, found.returned, found.abandoned) == (1, 1, 1)
    assert found.approval_rate == 2 / 3
    assert (found.rewards, found.bonuses) == (Decimal("0.50"), Decimal("1.50"))
    assert (found.earned, found.paid, found.owed) == (Decimal("2.00"), Decimal("0.00"), Decimal("2.00"))
    assert found.expected == Decimal("0.30")
    (only,) = found.days
    assert only.date == market.now().date()
    assert (only.submitted, only.pending, only.approved, only.rejected) == (4, 1, 2, 1)
    assert (only.rewards, only.bonuses, only.earned) == (found.rewards, found.bonuses, found.earned)
    items = {item.hit_id: item for item in await all_days(market, found)}
    assert {hit_id: item.state for hit_id, item in items.items()} == {
        approved: State.APPROVED,
        rejected: State.REJECTED,
        pending: State.SUBMITTED,
        forgiven: State.APPROVED,
    }
    assert [items[hit_id].feedback for hit_id in (approved, rejected, pending)] == ["good", "bad", None]
    assert (items[rejected].reward, items[rejected].bonus) == (Decimal("0.20"), Decimal("1.50"))
    assert (items[pending].decided, items[approved].decided) == (None, market.now())
    assert items[pending].auto_approval - items[pending].submitted == 30 * DAY
    assert items[approved].assignment_id == ids[approved]
    nobody = await act(market, dashboard, BERT)
    assert (nobody.submitted, nobody.earned, nobody.approval_rate, nobody.days) == (0, Decimal(0), None, ())


async def test_a_piece_of_work(market: Marketplace, turk: Requester) -> None:
    """It comes with all that a page shows of it."""
    hit = await turk.hit(Title="Draw")
    anna = market.worker(ANNA)
    accepted = market.now()
    assignment_id = await anna.accept(hit["HITId"])
    await market.advance(timedelta(minutes=1))
    await anna.submit(assignment_id, {"a": "b"})
    (item,) = await act(market, day, ANNA, market.now().date())

    assert (item.assignment_id, item.hit_id, item.group_id) == (assignment_id, hit["HITId"], hit["HITGroupId"])
    assert (item.title, item.requester_name, item.reward) == ("Draw", "default", Decimal("0.25"))
    assert item.requester_id.startswith("A")
    assert (item.accepted, item.submitted) == (accepted, market.now())


async def test_days_are_of_universal_time() -> None:
    """What is submitted a moment before midnight, UTC, is on one day, and a moment later on the next, newest first."""
    midnight = datetime(2030, 5, 2, tzinfo=UTC).timestamp()
    clock = StillClock(midnight - 0.001)
    async with Marketplace(clock=clock, rules=HOUSE) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        for now in (midnight - 0.001, midnight, midnight + 86399.999):
            clock.now = now
            await anna.submit(await anna.accept((await turk.hit(**LONG))["HITId"]), {"a": "b"})
        found = await act(market, dashboard, ANNA)
        assert [(each.date, each.submitted) for each in found.days] == [(date(2030, 5, 2), 2), (date(2030, 5, 1), 1)]
        assert len(await act(market, day, ANNA, date(2030, 5, 2))) == 2
        assert len(await act(market, day, ANNA, date(2030, 5, 1))) == 1
        for empty in (date(2030, 5, 3), date(2030, 4, 30), date.min, date.max):
            assert await act(market, day, ANNA, empty) == ()


async def test_days_go_back_only_so_far(market: Marketplace, turk: Requester) -> None:
    """A limit counts calendar days, today included; totals have no limit."""
    anna = market.worker(ANNA)
    for _ in range(4):
        await anna.submit(await anna.accept((await turk.hit(**LONG))["HITId"]), {"a": "b"})
        await market.advance(DAY)
    today = market.now().date()
    found = await act(market, dashboard, ANNA, days=3)
    assert [each.date for each in found.days] == [today - DAY, today - 2 * DAY]
    assert found.submitted == 4
    assert len((await act(market, dashboard, ANNA)).days) == 4


async def test_what_was_paid_out(market: Marketplace, turk: Requester) -> None:
    """Money that was paid out is for what was earned first, bonuses included; in part is not paid."""
    anna = market.worker(ANNA)
    ids = []
    for number in range(3):
        ids.append(await anna.accept((await turk.hit(Reward="1.00"))["HITId"]))
        await anna.submit(ids[-1], {"a": "b"})
        await turk("ApproveAssignment", AssignmentId=ids[-1])
        if number == 0:
            await turk("SendBonus", WorkerId=ANNA, AssignmentId=ids[0], BonusAmount="0.50", Reason="r")

    async def states() -> list[State]:
        return [item.state for item in await act(market, day, ANNA, market.now().date())]

    assert await states() == [State.APPROVED] * 3
    await market.pay_out(ANNA, "0.99")
    assert await states() == [State.APPROVED] * 3
    await market.pay_out(ANNA, "0.01")
    assert await states() == [State.PAID, State.APPROVED, State.APPROVED]
    await market.pay_out(ANNA, "1.00")
    assert await states() == [State.PAID, State.APPROVED, State.APPROVED]
    await market.pay_out(ANNA)
    assert await states() == [State.PAID] * 3
    found = await act(market, dashboard, ANNA)
    assert (found.paid, found.owed) == (Decimal("3.50"), Decimal(0))


async def test_work_for_nothing(market: Marketplace, turk: Requester) -> None:
    """Without a reward there is nothing to be paid: it stays approved."""
    anna = market.worker(ANNA)
    assignment_id = await anna.accept((await turk.hit(Reward="0.00"))["HITId"])
    await anna.submit(assignment_id, {"a": "b"})
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    (item,) = await act(market, day, ANNA, market.now().date())
    assert (item.state, item.reward) == (State.APPROVED, Decimal(0))


async def test_strangers_have_earned_nothing() -> None:
    """Where workers have to be known, others are refused."""
    async with Marketplace(strict_workers=True) as market:
        for function, more in ((dashboard, ()), (day, (date(2030, 1, 1),))):
            with pytest.raises(InvalidParameterValue):
                await act(market, function, ANNA, *more)  # type: ignore[arg-type]


OUTCOMES = ("approve", "reject", "forgive", "wait", "return", "bonus")
WORK = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 300), st.integers(0, 40)), min_size=1, max_size=8)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=WORK, paid=st.integers(0, 100))
async def test_days_and_pieces_add_up_to_the_totals(work: Sequence[tuple[str, int, int]], paid: int) -> None:
    """Whatever has happened: sums over the days, and over the pieces of work, are the totals, and fit the ledger."""
    async with Marketplace(clock=StillClock(), rules=HOUSE) as market:
        turk, anna = Requester(market), market.worker(ANNA)
        for outcome, cents, hours in work:
            hit = await turk.hit(Reward=f"{cents / 100:.2f}", **LONG)
            assignment_id = await anna.accept(hit["HITId"])
            if outcome == "return":
                await anna.return_assignment(assignment_id)
                continue
            await anna.submit(assignment_id, {"a": "b"})
            await market.advance(timedelta(hours=hours))
            about: dict[str, Any] = {"AssignmentId": assignment_id}
            if outcome in ("approve", "bonus"):
                await turk("ApproveAssignment", **about)
            if outcome == "bonus":
                await turk("SendBonus", **about, WorkerId=ANNA, BonusAmount="0.07", Reason="r")
            if outcome in ("reject", "forgive"):
                await turk("RejectAssignment", **about, RequesterFeedback="-")
            if outcome == "forgive":
                await turk("ApproveAssignment", **about, OverrideRejection=True)
        earned = (await market.earnings(ANNA)).earned
        payout = (earned * paid / 100).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
        await market.pay_out(ANNA, payout)
        found = await act(market, dashboard, ANNA, days=100)
        items = await all_days(market, found)

        for name in ("submitted", "pending", "approved", "rejected", "rewards", "bonuses", "earned"):
            assert sum(getattr(each, name) for each in found.days) == getattr(found, name), name
        assert len(items) == found.submitted
        settled = [item for item in items if item.state in (State.APPROVED, State.PAID)]
        assert (len(settled), sum(item.reward for item in settled)) == (found.approved, found.rewards)
        assert sum(item.bonus for item in items) == found.bonuses
        assert sum(item.reward for item in items if item.state is State.SUBMITTED) == found.expected
        assert sum(item.reward for item in items if item.state is State.PAID) <= payout
        assert (found.earned, found.paid) == (earned, payout)
        assert [each.date for each in found.days] == sorted({item.submitted.date() for item in items}, reverse=True)
