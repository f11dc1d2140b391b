"""Budgets: the most that can become due is reserved before each call, and never more than was allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk.batch import Batch, Bonus, Plan, approve
from aioturk.client import Client
from aioturk.errors import BudgetExceeded, InvalidRequest, TurkError
from aioturk.marketplace import Marketplace
from aioturk.pricing import AMAZON, HOUSE, bonus, cost
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.review_policies import ReviewPolicy
from aioturk.testing import CREDENTIALS, StubTransport, Trouble

from .batches import (
    CREATE,
    Disturb,
    Line,
    batch_of,
    before,
    hits_of,
    lost,
    only_first,
    performed,
    submissions_of,
    worked,
)
from .tasks import Guess, guess_age, rows

EACH = guess_age().cost().total
"""What a HIT can cost."""


@pytest.fixture
async def mturk(market: Marketplace) -> AsyncIterator[Client]:
    """A client."""
    async with market.client() as mturk:
        yield mturk


async def test_it_stops_before_the_limit(mturk: Client, ledger: str) -> None:
    """What fits is published, the next row is not sent, and the error says so and how to go on."""
    async with batch_of(mturk, ledger, budget=EACH * 4 + EACH / 2) as batch:
        with pytest.raises(BudgetExceeded, match="Nothing was sent") as stopped:
            await batch.upload(rows(10))
        assert any("Run the same program again" in note for note in stopped.value.__notes__)
        assert len(await hits_of(mturk)) == 4
        assert (await batch.status()).reserved == EACH * 4
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(10))
        assert len(await hits_of(mturk)) == 4


async def test_the_exact_limit_is_enough(mturk: Client, file: str) -> None:
    """A budget of just what it can cost publishes everything; what is published counts no second time."""
    async with batch_of(mturk, file, budget=EACH * 5) as batch:
        for _ in range(2):
            assert (await batch.upload(rows(5))).is_complete
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(6))
    async with batch_of(mturk, file, budget=EACH * 6) as batch:
        assert (await batch.upload(rows(6))).published == 1
        assert (await batch.status()).reserved == EACH * 6


async def test_policies_that_extend_are_counted(mturk: Client, file: str) -> None:
    """Assignments that a review policy may add by itself are reserved before a HIT is published, and planned."""
    policy = ReviewPolicy.score_my_known_answers(
        {"age": "36"}, extend_if_less_than=80, extend_maximum_assignments=5, extend_minimum_time=timedelta(hours=1)
    )
    one = replace(guess_age(), max_assignments=2, assignment_review_policy=policy)
    most = replace(guess_age(), max_assignments=5).cost().total
    async with Batch(mturk, one, name="growing", ledger=file, budget=most * 2, progress=False) as batch:
        assert (await batch.plan(rows(3))).cost.total == most * 3
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(3))
        assert (await batch.status()).reserved == most * 2


async def test_two_batches_at_once_share_it(market: Marketplace, ledger: str) -> None:
    """Two programs cannot both spend the rest."""
    async with market.client() as first, market.client() as second:
        async with (
            batch_of(first, ledger, budget=EACH * 30) as one,
            batch_of(second, ledger, budget=EACH * 30) as other,
        ):
            outcomes = await asyncio.gather(
                one.upload(rows(50)), other.upload(reversed(rows(50))), return_exceptions=True
            )
            assert all(isinstance(outcome, BudgetExceeded) for outcome in outcomes)
            assert (await one.status()).reserved == EACH * 30
        assert len(await hits_of(first)) == 30


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reward=st.integers(1, 300),
    assignments=st.integers(1, 12),
    budget=st.integers(1, 5000),
    fees=st.sampled_from([0, 1]),
)
async def test_never_more_than_the_budget(mturk: Client, reward: int, assignments: int, budget: int, fees: int) -> None:
    """Whatever reward, assignments, fees and limit are: as many HITs as it allows, and not one more."""
    table = (AMAZON, HOUSE)[fees]
    task = guess_age(reward=Decimal(reward) / 100, max_assignments=assignments)
    each = cost(Decimal(reward) / 100, assignments, fees=table).total
    limit = Decimal(budget) / 100
    name = f"batch {reward} {assignments} {budget} {fees}"
    with TemporaryDirectory() as folder:
        async with batch_of(mturk, f"{folder}/l.db", task=task, name=name, budget=limit, fees=table) as batch:
            try:
                await batch.upload(rows(6))
            except BudgetExceeded:
                stopped = True
            else:
                stopped = False
            status = await batch.status()
        published = len(await hits_of(mturk, name))
    assert published == min(6, int(limit / each))
    assert stopped == (published < 6)
    assert status.reserved == each * published <= limit


async def test_bonuses_and_extensions_count(mturk: Client, market: Marketplace, file: str) -> None:
    """What is paid on top, with its fee, and what is added, are reserved like the HITs."""
    task = guess_age(max_assignments=1)
    each = task.cost().total
    limit = each * 4 + bonus("0.50").total
    async with batch_of(mturk, file, task=task, budget=limit) as batch:
        await batch.upload(rows(2))
        await worked(market, 1)
        [first, second] = await submissions_of(batch)
        await first.bonus("0.50", "Well done")
        with pytest.raises(BudgetExceeded):
            await second.bonus("2.00", "Well done")
        assert (await batch.extend(max_assignments=2)).done == 2
        status = await batch.status()
        assert status.reserved == limit
        with pytest.raises(BudgetExceeded):
            await second.bonus("0.01", "Well done")
        with pytest.raises(BudgetExceeded):
            await batch.extend(max_assignments=3)
        assert {hit.max_assignments for hit in await hits_of(mturk)} == {2}
        await first.approve()
        await second.approve()
    payments = [payment async for payment in mturk.list_bonus_payments(assignment_id=second.assignment_id)]
    assert payments == []


async def test_what_was_refused_is_free_again(market: Marketplace, file: str) -> None:
    """A bonus that certainly was not paid is not reserved any more."""
    async with market.client() as mturk, batch_of(mturk, file, budget=EACH + bonus("1.00").total) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        with pytest.raises(InvalidRequest, match="is the work of"):
            await batch.bonus(one.assignment_id, "1.00", "Well done", worker_id="A1SOMEBODYELSE")
        assert (await batch.status()).reserved == EACH
        await batch.bonus(one.assignment_id, "1.00", "Well done", worker_id=one.worker_id)


async def test_equal_bonuses_are_reserved_once(mturk: Client, market: Marketplace, file: str) -> None:
    """Two bonuses that are the same are one, also in the budget, and also when both are in one call."""
    async with batch_of(mturk, file, budget=EACH + bonus("1.00").total) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        tally = await batch.bonus_all([Bonus(one.assignment_id, "1.00", "Well done")] * 3)
        assert (tally.done, tally.refused, tally.open) == (1, 0, 0)
        assert (await batch.status()).reserved == EACH + bonus("1.00").total


async def test_what_is_open_is_asked_again_with_what_it_costs_now(market: Marketplace, file: str) -> None:
    """A row that was left open and is dearer now is published within the budget, or not at all."""
    line = Line(before(CREATE))
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, file, budget=EACH * 2) as batch:
            assert (await batch.upload(rows(2))).open == 2
        line.clear()
        async with batch_of(mturk, file, budget=EACH * 2, task=guess_age(reward="5.00")) as batch:
            with pytest.raises(BudgetExceeded):
                await batch.upload(rows(2))
        assert sum(hit.reward * hit.max_assignments for hit in await hits_of(mturk)) <= EACH * 2


@pytest.mark.parametrize("disturbed", [before, lost])
async def test_a_bonus_that_was_asked_for_otherwise_costs_what_was_paid(
    market: Marketplace, file: str, disturbed: Callable[[str], Disturb]
) -> None:
    """What is reserved because a dearer one was asked for under its name is free when the cheaper one is paid."""
    line = Line()
    async with market.client(transport=line, retries=False) as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        line.disturb = disturbed("SendBonus")
        with pytest.raises(TurkError):
            await one.bonus("0.10", "Good", key="extra")
        line.clear()
        with suppress(TurkError):
            await one.bonus("0.20", "Good", key="extra")
        [paid] = [payment async for payment in mturk.list_bonus_payments(assignment_id=one.assignment_id)]
        status = await batch.status()
    assert status.spent == bonus(paid.bonus_amount).total
    assert status.reserved == EACH + bonus(paid.bonus_amount).total


async def test_adopted_hits_count(mturk: Client, file: str) -> None:
    """What another ledger published is part of what the batch costs."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(3))
    async with batch_of(mturk, f"{file}.2", budget=EACH * 4) as batch:
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(5))
        assert (await batch.status()).reserved == EACH * 4
    assert len(await hits_of(mturk)) == 4


@pytest.mark.parametrize("budget", ["-1", "0.001", float("nan"), "much"])
def test_a_budget_is_an_amount_of_money(file: str, budget: Any) -> None:
    """Anything else is refused at once."""
    mturk = Client("sandbox", credentials=CREDENTIALS, transport=StubTransport())
    with pytest.raises(InvalidRequest, match="budget"):
        batch_of(mturk, file, budget=budget)


# Confirmation.


def producing(file: str, confirm: Callable[[Plan], Any], transport: StubTransport) -> Batch[Guess]:
    """A batch in production, where nothing is to arrive."""
    mturk = Client("production", credentials=CREDENTIALS, transport=transport)
    return batch_of(mturk, file, confirm=confirm)


@pytest.mark.parametrize("later", [False, True])
async def test_in_production_the_plan_is_confirmed(file: str, later: bool) -> None:
    """Who says no sends nothing, and has seen what it would have cost; the answer may take its time."""
    transport = StubTransport()
    shown: list[Plan] = []

    def confirm(plan: Plan) -> Any:
        shown.append(plan)
        return _no() if later else False

    async with producing(file, confirm, transport) as batch:
        with pytest.raises(BudgetExceeded, match="not confirmed"):
            await batch.upload(rows(7))
        with pytest.raises(InvalidRequest, match="only once"):
            await batch.upload(row for row in rows(7))
    assert transport.requests == []
    [plan] = shown
    assert (plan.hits, plan.cost.total) == (7, EACH * 7)


async def test_in_production_each_part_is_confirmed(file: str) -> None:
    """Who says no to a part of a batch has seen what that part costs, and none of it is sent."""
    transport = StubTransport()
    shown: list[Plan] = []

    def confirm(plan: Plan) -> bool:
        shown.append(plan)
        return False

    mturk = Client("production", credentials=CREDENTIALS, transport=transport)
    async with batch_of(mturk, file, confirm=confirm, key="url") as batch:
        with pytest.raises(BudgetExceeded, match="not confirmed"):
            await batch.upload_partition(rows(3))
    assert transport.requests == []
    assert [plan.hits for plan in shown] == [3]


async def _no() -> bool:
    await asyncio.sleep(0)
    return False


async def test_confirmed_it_is_sent(file: str) -> None:
    """Who says yes lets it go on: the first request is made."""
    transport = StubTransport()
    async with producing(file, lambda plan: True, transport) as batch:
        with pytest.raises(AssertionError, match="no answer to request 1"):
            await batch.upload(rows(1))
    assert len(transport.requests) == 1


async def test_elsewhere_nobody_is_asked(mturk: Client, file: str) -> None:
    """Outside of production there is nothing to confirm."""

    def confirm(plan: Plan) -> bool:
        raise AssertionError("asked")

    async with batch_of(mturk, file, confirm=confirm) as batch:
        assert (await batch.upload(rows(2))).published == 2


async def test_another_table_of_fees_is_another_price(mturk: Client, file: str) -> None:
    """A marketplace of one's own that takes less leaves more of the budget."""
    table = replace(HOUSE, share=Decimal("0.10"), minimum=Decimal("0.01"))
    async with batch_of(mturk, file, fees=table, budget="0.24") as batch:
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(3))
    assert len(await hits_of(mturk)) == 2


# HITs that are found, and cost something else.


DEAR = guess_age(reward="5.00").cost().total


async def test_a_hit_that_was_made_cheaper_counts_as_cheap(mturk: Client, market: Marketplace, file: str) -> None:
    """Published at five cents by a program that was killed, a row does not count with the five dollars of now."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    # As after a kill: the answer never came.
    performed(file, "UPDATE unit SET state = 'open', target = NULL")
    performed(file, "DELETE FROM hit")
    async with batch_of(mturk, file, task=guess_age(reward="5.00"), budget=DEAR + EACH) as batch:
        report = await batch.upload(rows(1))
        assert report.problem_count == 1
        assert (await batch.status()).reserved == EACH
        await market.work(lambda hit: {"age": "36"}, workers=2)
        await batch.approve_all()
        status = await batch.status()
        assert (status.spent, status.reserved) == (EACH, EACH)
        await batch.upload([*rows(1), {"url": "https://example.org/another.jpg"}])  # the budget covers it
        assert (await batch.status()).reserved == DEAR + EACH


async def test_a_hit_that_was_made_dearer_counts_as_dear(mturk: Client, market: Marketplace, file: str) -> None:
    """What another ledger published since the last look, at five dollars, is reserved as that when it is met."""
    async with batch_of(mturk, f"{file}.2", budget=DEAR) as late:
        await late.upload([])  # it has looked
        async with batch_of(mturk, file, task=guess_age(reward="5.00")) as batch:
            await batch.upload(rows(1))
        await late.upload(rows(1))
        assert (await late.status()).reserved == DEAR
        with pytest.raises(BudgetExceeded):
            await late.upload(rows(2))
        await market.work(lambda hit: {"age": "36"}, workers=2)
        await late.approve_all()
        assert (await late.status()).spent == DEAR


async def test_the_answer_of_a_repeat_may_be_a_hit_of_before(market: Marketplace, file: str) -> None:
    """When the answer to the first attempt is lost, and its repeat tells of the HIT, it counts with what that costs."""
    async with market.client() as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    performed(file, "UPDATE unit SET state = 'open', target = NULL")
    performed(file, "DELETE FROM hit")
    line = Line(only_first(CREATE, trouble=Trouble.RESET_AFTER))
    async with (
        market.client(transport=line) as mturk,
        batch_of(mturk, file, task=guess_age(reward="5.00")) as batch,
    ):
        await batch.upload(rows(1))
        assert (await batch.status()).reserved == EACH


async def test_every_hit_of_a_row_is_reserved(mturk: Client, file: str) -> None:
    """Of a row that has two HITs, both are what the batch may cost; finding them again adds nothing."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        [hit] = await hits_of(mturk)
        more = await mturk.create_hit_with_hit_type(
            await guess_age().hit_type(mturk),
            lifetime=timedelta(days=7),
            max_assignments=5,
            question=hit.question,
            requester_annotation=hit.requester_annotation,
        )
        both = guess_age().cost().total + guess_age(max_assignments=5).cost().total
        for _ in range(2):
            await batch.reconcile()
            assert (await batch.status()).reserved == both
    assert more.hit_id != hit.hit_id
    async with batch_of(mturk, f"{file}.2") as other:
        for _ in range(2):
            await other.reconcile()
            assert (await other.status()).reserved == both


async def test_a_row_that_was_left_open_is_reserved_as_it_is_found(mturk: Client, file: str) -> None:
    """A look that finds the HIT of an open row counts what that HIT costs, not what the row was written down with."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    performed(file, "UPDATE unit SET state = 'open', target = NULL, liability = liability + 500")
    performed(file, "UPDATE batch SET reserved = reserved + 500")
    performed(file, "DELETE FROM hit")
    async with batch_of(mturk, file) as batch:
        await batch.reconcile()
        assert (await batch.status()).reserved == EACH


async def test_an_extension_costs_what_the_hits_pay(mturk: Client, file: str) -> None:
    """The reward of the HITs counts, not that of the task as the program has it now."""
    async with batch_of(mturk, file, task=guess_age(reward="5.00")) as batch:
        await batch.upload(rows(1))
        before = (await batch.status()).reserved
    async with batch_of(mturk, file, budget="15", task=guess_age(reward="0.01")) as batch:
        with pytest.raises(BudgetExceeded):
            await batch.extend(max_assignments=9)
    assert before == Decimal("12.00")


async def test_who_cannot_get_the_bonus_is_not_approved_without_it(
    market: Marketplace, mturk: Client, ledger: str
) -> None:
    """With a budget for one bonus of two, one submission is approved with its bonus, and the other stays undecided."""
    each = guess_age(max_assignments=2)
    bonus = cost_of_bonus("1.00").total
    async with batch_of(mturk, ledger, task=each, budget=each.cost().total + bonus) as batch:
        await batch.upload(rows(1))
        await worked(market)
        with pytest.raises(BudgetExceeded):
            await batch.review(lambda submission: approve("Good", bonus="1.00"))
        status = await batch.status()
        assert (status.approved, status.submitted) == (1, 1)
        assert status.spent == each.cost().total / 2 + bonus
        await batch.review(lambda submission: approve("Good"))
        assert (await batch.status()).approved == 2
