"""What the mends of the review add: extensions and looks that cross, planned bonuses, sums, texts."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aioturk.batch import Batch, Bonus, Decision, approve, reject
from aioturk.batch.collecting import Collector
from aioturk.batch.ledger import hits, payments
from aioturk.batch.ledger.hits import OPEN, OVER
from aioturk.batch.units import Kind, State
from aioturk.client import Client
from aioturk.errors import BudgetExceeded, InvalidRequest, TurkError
from aioturk.marketplace import Marketplace
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.testing import JumpingClock

from .batches import Line, batch_of, before, hits_of, performed, planned_bonus, submissions_of, worked
from .tasks import Guess, guess_age, rows

EXTEND = "CreateAdditionalAssignmentsForHIT"


@pytest.fixture
def line() -> Line:
    """What requests go over."""
    return Line()


@pytest.fixture
async def mturk(market: Marketplace, line: Line) -> AsyncIterator[Client]:
    """A client that makes a single attempt for each call."""
    async with market.client(retries=False, transport=line) as mturk:
        yield mturk


async def seen_before(batch: Batch[Guess]) -> list[hits.Seen]:
    """What a look of before would write down of a batch's HITs: that all of them are over."""
    desk = batch._desk
    known = await desk.perform(hits.in_states(await desk.seq(), (OPEN, OVER), after="", most=100))
    return [hits.Seen(one.id, OVER, 0, 2, 0.0, one.generation, 1, None) for one in known]


# Looks and extensions that cross.


@pytest.mark.parametrize("more", [{"max_assignments": 4}, {"lifetime": timedelta(days=14)}])
async def test_a_look_of_before_does_not_end_a_hit(mturk: Client, ledger: str, more: Any) -> None:
    """What was seen before a HIT got more assignments, or more time, makes it neither over nor smaller."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        old = await seen_before(batch)
        await batch.extend(**more)
        await batch._desk.perform(hits.write_seen(old, time.time()))
        states = {row.state for row in performed(ledger, "SELECT state FROM hit")}
        most = {row.most for row in performed(ledger, "SELECT most FROM hit")}
        assert (states, most) == ({"open"}, {more.get("max_assignments", 2)})
        await batch._desk.perform(hits.write_seen(await seen_before(batch), time.time()))
        assert {row.state for row in performed(ledger, "SELECT state FROM hit")} == {"over"}


async def test_a_list_of_before_does_not_end_a_hit(
    market: Marketplace, mturk: Client, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A HIT that was extended after the list was read, and before the ledger was, stays open."""
    monkeypatch.setattr("aioturk.batch.collecting._FEW", 0)
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(3))
        await worked(market, ["A1WORKER"])
        listed = {hit.hit_id: hit for hit in await hits_of(mturk)}
        await batch.extend(max_assignments=2)
        await Collector(batch._desk)._look_at(listed, decisions=False)
        assert {row.state for row in performed(file, "SELECT state FROM hit")} == {"open"}
        await worked(market, ["A2WORKER"])
        assert len(await submissions_of(batch)) == 6


async def test_hits_that_were_seen_in_the_future_are_unseen(mturk: Client, file: str, clock: JumpingClock) -> None:
    """After the clock was set back by a day, HITs that no list shows are asked for."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(2))
        now = clock.time()
        seq = await batch._desk.seq()

        async def unseen() -> int:
            return len(await batch._desk.perform(hits.unseen(seq, since=now, until=now + 300, after="", most=10)))

        performed(file, "UPDATE hit SET seen_at = :moment", moment=int(now * 1000) + 1000)
        assert await unseen() == 0
        performed(file, "UPDATE hit SET seen_at = :moment", moment=int(now * 1000) + 86_400_000)
        assert await unseen() == 2


async def test_a_hit_whose_counters_are_wrong_comes_to_its_end(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """Of an ended HIT whose counters tell of work that never shows, two minutes are waited, and then it is over."""
    async with batch_of(mturk, file, clock=clock, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        inner = line._faulty._inner
        send = inner.send

        async def never(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                response = type(response)(response.status, response.headers, b'{"NumResults": 0, "Assignments": []}')
            return response

        inner.send = never  # type: ignore[method-assign]
        began = clock.time()
        assert await submissions_of(batch, "complete") == []
        assert 120 <= clock.time() - began < 300


# What extensions cost.


async def test_extensions_are_counted_once(mturk: Client, line: Line, ledger: str) -> None:
    """An extension to five that never arrived, and one to six, cost together what six assignments cost."""
    each = guess_age().cost().total / 2
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        line.disturb = before(EXTEND)
        with suppress(TurkError):
            await batch.extend(max_assignments=5)
        line.clear()
        await batch.extend(max_assignments=6)
        await batch.extend(max_assignments=5)
        status = await batch.status()
        left = performed(ledger, "SELECT sum(liability) AS cents FROM unit WHERE state <> 'refused'")[0].cents
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {6}
    assert status.reserved == Decimal(int(left)) / 100
    assert status.reserved <= each * 12 + each * 6  # what is still open counts, too


async def test_what_others_added_is_counted(mturk: Client, file: str) -> None:
    """Assignments that a plain client has added are reserved when the batch extends the HIT."""
    each = guess_age().cost().total / 2
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        [hit] = await hits_of(mturk)
        await mturk.create_additional_assignments_for_hit(hit.hit_id, number_of_additional_assignments=2)
        await batch.status()
        await batch.extend(max_assignments=5)
        assert (await batch.status()).reserved == each * 5


async def test_the_step_of_the_fees_is_that_of_the_hits(mturk: Client, file: str) -> None:
    """Whether ten can be reached is told by how many the HITs have, not by the task as it is now."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=10)) as batch:
        await batch.upload(rows(1))
    async with batch_of(mturk, file, task=guess_age(max_assignments=2)) as batch:
        assert (await batch.extend(max_assignments=12)).done == 1
    async with batch_of(mturk, file, name="another", task=guess_age(max_assignments=2)) as batch:
        await batch.upload(rows(1))
    async with batch_of(mturk, file, name="another", task=guess_age(max_assignments=10)) as batch:
        with pytest.raises(InvalidRequest, match="fewer than 10"):
            await batch.extend(max_assignments=12)


# Planned bonuses.


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


async def test_a_planned_bonus_is_given_up_when_it_is_decided_otherwise(
    market: Marketplace, mturk: Client, ledger: str
) -> None:
    """When nothing was approved yet and the work is decided on anew, the newer decision counts, and what it costs."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
        await worked(market)
        given = await submissions_of(batch)
        published = (await batch.status()).reserved
        ids = [one.assignment_id for one in given]
        for _ in range(2):
            for one, amount in zip(given, ("1.00", "2.00"), strict=True):
                assert await planned_bonus(batch, one, amount) == set()
        assert (await batch.status()).reserved == published + cost_of_bonus("3.00").total
        assert not (await batch.reconcile()).is_clean
        await batch.bonus_all([])  # nobody else takes planned bonuses up
        assert await bonuses(mturk) == []

        def judge(submission: Any) -> Decision:
            return approve("Good", bonus="0.50") if submission.assignment_id == ids[0] else reject("Bad")

        await batch.review(judge)
        status = await batch.status()
        assert (status.approved, status.rejected) == (1, 1)
        assert status.reserved == published + cost_of_bonus("0.50").total
        assert (await batch.reconcile()).is_clean
    assert await bonuses(mturk) == [Decimal("0.50")]


async def test_a_planned_bonus_of_what_was_approved_meanwhile(
    market: Marketplace, mturk: Client, file: str, clock: JumpingClock
) -> None:
    """A bonus that was planned, of work that time has approved, is paid by the next review, once."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        await planned_bonus(batch, one, "1.00")
        await mturk.approve_assignment(one.assignment_id)
        for _ in range(2):
            await batch.review(lambda submission: None)
    assert await bonuses(mturk) == [Decimal("1.00")]


async def bonuses(mturk: Client) -> list[Decimal]:
    """List what was paid for the one HIT there is."""
    [hit] = await hits_of(mturk)
    return [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]


# Equal payments.


@pytest.mark.parametrize(
    ("paid", "fresh", "expected"), [(0, 1, False), (1, 1, None), (2, 1, True), (1, 0, True), (0, 0, False)]
)
async def test_whose_payment_it_is(
    market: Marketplace, mturk: Client, ledger: str, paid: int, fresh: int, expected: bool | None
) -> None:
    """While an equal bonus may be on the way, a single payment may be either's."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        for key in ("stale", "other"):
            await batch.bonus_once(one.assignment_id, "0.10", "Fast", key=key)
        performed(ledger, "UPDATE unit SET state = 'open' WHERE kind = 'bonus'")
        old = "UPDATE unit SET first_attempt = 0 WHERE kind = 'bonus'"
        performed(ledger, old if not fresh else f"{old} AND key LIKE '%stale'")
        [[seq]] = performed(ledger, "SELECT seq FROM unit WHERE kind = 'bonus' AND key LIKE '%stale'")
        assert await batch._desk.perform(payments.take_for_paid(seq, paid, batch._desk.trusted())) is expected
        [[state]] = performed(ledger, "SELECT state FROM unit WHERE seq = :seq", seq=seq)
        assert state == ("done" if expected else "open")


# Texts and numbers.


async def test_texts_that_no_ledger_can_hold(market: Marketplace, mturk: Client, ledger: str) -> None:
    """The character NUL, half characters and what is no text are refused everywhere, and one bad bonus alone."""
    bad: list[Any] = ["a\0b", "\ud800", 7, object()]
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        for text in bad:
            for act in (
                batch.approve(text),
                batch.approve(one.assignment_id, text),
                batch.reject(text, "No."),
                batch.reject(one.assignment_id, text),
                batch.bonus(text, "0.10", "Fast"),
                batch.bonus(one.assignment_id, "0.10", text),
                batch.bonus(one.assignment_id, "0.10", "Fast", worker_id=text),
                batch.bonus_once(one.assignment_id, "0.10", "Fast", key=text),
            ):
                with pytest.raises(InvalidRequest) as refused:
                    await act
                assert refused.value.argument
            with pytest.raises(InvalidRequest):
                await batch.review(lambda submission, text=text: Decision(True, text))  # type: ignore[misc]
        given = [Bonus(text, "0.10", "Fast") for text in bad] + [Bonus(one.assignment_id, "0.10", "Fast")]
        tally = await batch.bonus_all(given)
        assert (tally.done, tally.refused) == (1, len(bad))
        for lifetime in (float("nan"), float("inf"), timedelta.max, 10**30):
            with pytest.raises(InvalidRequest):
                await batch.extend(lifetime=lifetime)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest):
            await batch.review(7)  # type: ignore[arg-type]


async def test_stopping_tells_of_rows_on_the_way(mturk: Client, line: Line, file: str) -> None:
    """Rows that may have HITs which no list shows yet are counted."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.disturb = before("CreateHITWithHITType")
        with suppress(TurkError):
            await batch.upload(rows(5))
        line.clear()
        assert (await batch.stop()).pending == 3


async def test_reconciling_settles_decisions_and_extensions(
    market: Marketplace, mturk: Client, line: Line, ledger: str
) -> None:
    """What has happened and was left open in the ledger is done afterwards, with nothing sent but questions."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, two = await submissions_of(batch)
        await one.approve()
        await two.reject("No.")
        await one.bonus("0.10", "Fast")
        await batch.extend(max_assignments=4)
        performed(ledger, "UPDATE unit SET state = 'open' WHERE kind <> 'publish'")
        line.clear()
        assert (await batch.reconcile()).is_clean
        assert set(line.counts).isdisjoint({"ApproveAssignment", "RejectAssignment", "SendBonus", EXTEND})
        counted = performed(ledger, "SELECT DISTINCT kind, state, attempts, holder_id FROM unit")
    assert {row.state for row in counted} == {State.DONE}
    assert {row.kind for row in counted} == set(Kind)
    assert {row.holder_id for row in counted} == {None}
