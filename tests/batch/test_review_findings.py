"""What a review of batches found: each test states what should hold, and failed when it was found."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aioturk import HTMLTemplate
from aioturk.batch import Bonus, approve
from aioturk.batch.ledger import claims, holders, units
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.processes import own_process
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.units import State
from aioturk.client import Client
from aioturk.errors import BudgetExceeded, InsufficientFunds, InvalidRequest, PaidOtherwise, TurkError
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock, Trouble, error_reply

from .batches import CREATE, Line, attempt, batch_of, before, hits_of, lost, performed, submissions_of, turn, worked
from .tasks import PAGE, guess_age, rows, urls

EXTEND = "CreateAdditionalAssignmentsForHIT"
ORPHANS = "SELECT holder_id FROM {} WHERE holder_id IS NOT NULL AND holder_id NOT IN (SELECT id FROM holder)"


@pytest.fixture
def line() -> Line:
    """What requests go over."""
    return Line()


@pytest.fixture
async def mturk(market: Marketplace, line: Line) -> AsyncIterator[Client]:
    """A client that makes a single attempt for each call."""
    async with market.client(retries=False, transport=line) as mturk:
        yield mturk


class Sleep:
    """The computer's clocks, as holders see them; `wake` lets time have passed in which nothing ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slept = 0.0
        clocks = SimpleNamespace(time=lambda: time.time() + self.slept, monotonic=time.monotonic)
        monkeypatch.setattr("aioturk.batch.holding.time", clocks)
        monkeypatch.setattr("aioturk.batch.ledger.holders.time", clocks)

    def wake(self) -> None:
        """A minute has passed, in which the monotonic clock stood still, as Linux has it."""
        self.slept += 60


class Impatient(JumpingClock):
    """A clock that gives up when something waits on and on."""

    def __init__(self, most: int = 200) -> None:
        super().__init__(time.time())
        self._most = most

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if len(self.slept) > self._most:
            raise AssertionError("it waits for ever")


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> Sleep:
    """A computer that can be put to sleep."""
    return Sleep(monkeypatch)


# Leases.


async def test_rows_taken_up_by_whom_others_took_for_dead_are_published(
    mturk: Client, file: str, asleep: Sleep
) -> None:
    """A program that was stopped while its source made rows publishes them, though others let go of its leases."""
    other = LedgerThread(file)

    def source() -> Iterator[dict[str, str]]:
        yield from rows(200)  # a chunk
        asleep.wake()
        other.submit(holders.bury_the_dead).result()
        yield {"url": "https://example.org/last.jpg"}

    async with batch_of(mturk, file, clock=JumpingClock(time.time())) as batch:
        report = await batch.upload(source())
        again = await batch.upload([*rows(200), {"url": "https://example.org/last.jpg"}])
    await other.close()
    assert (report.open, again.open) == (0, 0)
    assert len(await hits_of(mturk)) == 201
    assert performed(file, ORPHANS.format("unit")) == []


async def test_a_laptop_that_slept_leaves_no_submission_behind(
    market: Marketplace, mturk: Client, file: str, asleep: Sleep
) -> None:
    """One program, alone, that sleeps between two looks and is killed then, delivers everything the next time."""

    class Sleepy(JumpingClock):
        async def sleep(self, seconds: float) -> None:
            await worked(market)
            asleep.wake()
            await super().sleep(seconds)

    async with batch_of(mturk, file, clock=Sleepy(time.time())) as batch:
        await batch.upload(rows(2))
        walk = batch.submissions(until="complete")
        first = await anext(walk)
        orphans = performed(file, ORPHANS.format("submission"))
        await batch._desk.holder._tell()  # the next heartbeat
        # It is killed here: the next program finds out, and lets go of what it had in hand.
        performed(file, holders.leave(batch._desk.holder.id))
        async with batch_of(mturk, file) as after:
            delivered = [one.assignment_id for one in await submissions_of(after)]
        await walk.aclose()
    assert first.assignment_id in delivered
    assert len(delivered) == 4
    assert orphans == []


async def test_a_living_process_on_this_computer_is_not_buried(file: str, asleep: Sleep) -> None:
    """Silence counts for other computers only: here it can be seen who is alive."""
    ledger = LedgerThread(file)
    await ledger.perform(holders.register("a" * 32, own_process()))
    asleep.wake()
    assert await ledger.perform(holders.bury_the_dead) == 0
    await ledger.close()


async def test_approving_after_a_long_thought_raises_no_stranger(
    market: Marketplace, mturk: Client, file: str, asleep: Sleep
) -> None:
    """Who thought about a submission for a minute, and was taken for dead meanwhile, can approve it."""
    other = LedgerThread(file)
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        async for submission in batch.submissions(until="now"):
            asleep.wake()
            await other.perform(holders.bury_the_dead)
            await submission.approve()
    await other.close()


async def test_a_claim_that_was_cancelled_does_not_keep_others_waiting(
    market: Marketplace, mturk: Client, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval cancelled while its intent is written is free for another program, while the first lives on."""
    async with (
        batch_of(mturk, file) as batch,
        batch_of(mturk, file, clock=Impatient()) as other,
        AsyncExitStack() as stack,
    ):
        await batch.upload(rows(1))
        await worked(market)
        walk = await stack.enter_async_context(aclosing(batch.submissions(until=None)))  # keeps its holder
        one = await anext(walk)
        intend = claims.intend

        def cancelling(*args: Any, **options: Any) -> Any:
            act = intend(*args, **options)
            running.cancel()
            return act

        monkeypatch.setattr("aioturk.batch.ledger.claims.intend", cancelling)
        running = asyncio.ensure_future(one.approve())
        with suppress(asyncio.CancelledError):
            await running
        monkeypatch.setattr("aioturk.batch.ledger.claims.intend", intend)
        await other.approve(one.assignment_id)


# Cancellation.


async def test_two_uploads_at_once_send_each_row_once(mturk: Client, line: Line, file: str) -> None:
    """Two concurrent uploads of one batch send no token twice."""
    async with batch_of(mturk, file) as batch:
        await batch.upload([])
        line.clear()
        await asyncio.gather(batch.upload(rows(40)), batch.upload(rows(40)))
    tokens = Counter(document["UniqueRequestToken"] for document in line.documents(CREATE))
    assert set(tokens.values()) == {1}


# Money.


async def test_an_open_row_that_became_dearer_is_reserved_anew(mturk: Client, line: Line, file: str) -> None:
    """A row left open at five cents and published at five dollars counts with five dollars."""
    each = guess_age().cost().total
    async with batch_of(mturk, file, budget=each) as batch:
        line.disturb = before(CREATE)
        await attempt(batch, rows(1))
    line.clear()
    async with batch_of(mturk, file, budget=each, task=guess_age(reward="5.00")) as batch:
        with pytest.raises(BudgetExceeded):
            await batch.upload(rows(1))
    assert [hit.reward for hit in await hits_of(mturk)] in ([], [Decimal("0.05")])


async def test_an_extension_costs_what_the_hits_pay(mturk: Client, file: str) -> None:
    """The reward of the HITs counts, not that of the task as the program has it now."""
    async with batch_of(mturk, file, task=guess_age(reward="5.00")) as batch:
        await batch.upload(rows(1))
        before = (await batch.status()).reserved
    async with batch_of(mturk, file, budget="15", task=guess_age(reward="0.01")) as batch:
        with pytest.raises(BudgetExceeded):
            await batch.extend(max_assignments=9)
    assert before == Decimal("12.00")


async def test_a_bonus_left_open_is_not_paid_as_another_amount_without_a_word(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A named bonus of a dollar, of which ten cents were left open, is not success when ten cents are paid."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)
        line.disturb = before("SendBonus")
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        line.clear()
        with suppress(PaidOtherwise):
            await batch.bonus_once(one.assignment_id, "1.00", "Well done", key="first")
            paid = [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(assignment_id=one.assignment_id)]
            assert paid == [Decimal("1.00")]


async def test_a_review_that_was_broken_off_pays_its_bonuses(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """What is approved with a bonus gets the bonus, though the program ends between the two."""

    def judge(submission: object) -> Any:
        return approve("Good", bonus="0.10")

    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        running: asyncio.Task[Any]

        def cancel(operation: str) -> None:
            if operation == "ApproveAssignment":
                running.cancel()

        line.disturb = cancel
        running = asyncio.ensure_future(batch.review(judge))
        with suppress(asyncio.CancelledError):
            await running
    line.clear()
    async with batch_of(mturk, file) as batch:
        await batch.review(judge)
        status = await batch.status()
    [hit] = await hits_of(mturk)
    paid = [bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]
    assert (status.approved, len(paid)) == (2, 2)


async def test_no_bonus_for_what_could_not_be_approved(market: Marketplace, mturk: Client, file: str) -> None:
    """When an approval is refused, the bonus that was decided with it is not paid."""

    async def judge(submission: Any) -> Any:
        await mturk.reject_assignment(submission.assignment_id, requester_feedback="Somebody else decided.")
        return approve("Good", bonus="0.10")

    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        tally = await batch.review(judge)
    [hit] = await hits_of(mturk)
    assert tally.refused == 1
    assert [bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)] == []


# What certainly has not happened.


async def test_a_row_that_may_have_been_published_is_not_refused_for_its_form(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """
    Published, its answer lost, and then prepared anew with a page that does not fit it any more: the row may have its
    HIT, so it stays open, is found, and gets no second one.
    """
    async with batch_of(mturk, file, clock=clock) as batch:
        line.disturb = lost(CREATE)
        with suppress(TurkError):
            await batch.upload(rows(1))
    line.clear()
    # As after a kill: nobody looked yet, so the first look at the service was done, and the unit is open.
    performed(file, "UPDATE unit SET state = 'open', target = NULL, error = NULL, holder_id = NULL")
    performed(file, "DELETE FROM hit")
    changed = guess_age(question=HTMLTemplate(PAGE.replace("${url}", "${picture}")))
    async with batch_of(mturk, file, clock=clock, task=changed) as batch:
        await batch.upload([])
    assert performed(file, "SELECT state FROM unit") != [("refused",)]
    await worked(market)
    async with batch_of(mturk, file, clock=clock) as batch:
        delivered = await submissions_of(batch)
        await turn(market, clock, hours=25)
        await batch.upload(rows(1))
    assert len(await hits_of(mturk)) == 1
    assert len(delivered) == 2


async def test_a_refusal_after_a_restart_is_not_certain(
    market: Marketplace, mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """
    A bonus whose first attempt has paid it, and whose repeat by a later program is refused for a reason that says
    nothing of the first, is not taken for unpaid: a day later it is not paid again.
    """
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)
        line.disturb = lost("SendBonus")
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        line.clear()
        inner = line._faulty._inner
        send = inner.send

        async def under_review(request: Any, **options: Any) -> Any:
            if dict(request.headers)["X-Amz-Target"].endswith("SendBonus"):
                return error_reply("AccountUnderReview", "Your account is under review.")
            return await send(request, **options)

        inner.send = under_review  # type: ignore[method-assign]
        with suppress(TurkError):
            await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
        inner.send = send  # type: ignore[method-assign]
        await turn(market, clock, hours=25)
        await batch.bonus_once(one.assignment_id, "0.10", "Well done", key="first")
    paid = [bonus async for bonus in mturk.list_bonus_payments(assignment_id=one.assignment_id)]
    assert len(paid) == 1


class Suspended(JumpingClock):
    """A clock whose monotonic side stands still while the computer sleeps, as Linux has it."""

    def __init__(self) -> None:
        super().__init__(time.time())
        self.asleep = 0.0

    def time(self) -> float:
        return super().time() + self.asleep


async def test_a_laptop_that_sleeps_between_two_attempts_of_a_resumed_row(market: Marketplace, file: str) -> None:
    """
    A row whose HIT was made by an earlier program is not sent again when the computer sleeps for a day in the middle of
    the call that repeats it.
    """
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock, timeout=5) as mturk:
        async with batch_of(mturk.with_options(retries=False), file, clock=clock) as batch:
            line.disturb = lambda operation: (
                None
                if operation != CREATE
                else Trouble.RESET_AFTER
                if line.counts[CREATE] == 1
                else Trouble.RESET_BEFORE
            )
            await attempt(batch, rows(1))
        assert performed(file, "SELECT state FROM unit") == [("open",)]
        line.clear()

        def sleep(operation: str) -> Trouble | None:
            if operation == CREATE and line.counts[CREATE] == 1:
                clock.asleep += 25 * 3600
                return Trouble.THROTTLED
            return None

        line.disturb = sleep
        inner = line._faulty._inner
        send = inner.send

        async def later(request: Any, **options: Any) -> Any:
            if clock.asleep and not later.done:  # type: ignore[attr-defined]
                later.done = True  # type: ignore[attr-defined]
                await market.advance(timedelta(hours=25))
            return await send(request, **options)

        later.done = False  # type: ignore[attr-defined]
        inner.send = later  # type: ignore[method-assign]
        async with batch_of(mturk, file, clock=clock) as batch:
            await attempt(batch, rows(1))
        assert len(await hits_of(mturk)) == 1


async def test_a_refused_row_whose_hit_is_found_is_done(
    market: Marketplace, mturk: Client, file: str, clock: JumpingClock
) -> None:
    """A HIT that reconciling finds stands for its row, though the ledger had it as refused."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(1))
        performed(file, "UPDATE unit SET state = 'refused', target = NULL")
        performed(file, "DELETE FROM hit")
        await batch.reconcile()
        await turn(market, clock, hours=25)
        await batch.upload(rows(1))
    assert len(await hits_of(mturk)) == 1


async def test_what_has_happened_is_not_made_unhappened(mturk: Client, file: str) -> None:
    """The late outcome of somebody who was taken for dead does not overwrite that the unit is done."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        [[token]] = performed(file, "SELECT token FROM unit")
        [found] = (await batch._desk.perform(units.by_tokens([token]))).values()
        late = Outcome(replace(found, state=State.OPEN), State.REFUSED, error="late")
        await batch._desk.perform(units.write_outcomes(await batch._desk.seq(), [(late, "somebody")], time.time()))
        status = await batch.status()
    assert performed(file, "SELECT state FROM unit") == [("done",)]
    assert status.reserved == guess_age().cost().total


async def test_a_ledger_that_breaks_after_the_payment_does_not_say_that_nothing_was_sent(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """The error says that the bonus may be paid."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)

        def breaks(operation: str) -> None:
            if operation == "SendBonus":
                performed(
                    file,
                    "CREATE TRIGGER full BEFORE UPDATE ON unit BEGIN SELECT raise(ABORT, 'disk is full'); END",
                )

        line.disturb = breaks
        with pytest.raises(TurkError) as caught:
            await batch.bonus(one.assignment_id, "0.10", "Well done")
        performed(file, "DROP TRIGGER full")
    assert caught.value.ambiguous
    assert "Nothing was sent" not in str(caught.value)


async def test_a_bonus_whose_answer_was_lost_is_not_called_paid_too_often(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """Reconciling settles bonuses that were left open, and does not report them as paid twice."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)
        line.disturb = lost("SendBonus")
        with suppress(TurkError):
            await one.bonus("0.10", "Good")
        line.clear()
        checked = await batch.reconcile()
    assert checked.overpaid == ()


# Submissions.


async def test_an_extension_while_hits_are_looked_at_is_not_forgotten(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A HIT that is extended between being read and being written down as ended is asked about again."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, ["A1WORKER"])
        inner = line._faulty._inner
        send = inner.send

        async def extending(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                inner.send = send  # type: ignore[method-assign]
                await batch.extend(max_assignments=2)
            return response

        inner.send = extending  # type: ignore[method-assign]
        first = await submissions_of(batch)
        await worked(market, ["A2WORKER"])
        second = await submissions_of(batch)
    assert (len(first), len(second)) == (1, 1)


async def test_looks_in_quick_succession_do_not_end_a_hit_that_has_more(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """A HIT whose counters tell of work that no list shows yet is not given up after a moment."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        inner = line._faulty._inner
        send = inner.send

        async def lagging(request: Any, **options: Any) -> Any:
            response = await send(request, **options)
            if dict(request.headers)["X-Amz-Target"].endswith("ListAssignmentsForHIT"):
                return replace(response, body=b'{"NumResults": 0, "Assignments": []}')
            return response

        inner.send = lagging  # type: ignore[method-assign]
        for _ in range(4):
            await batch.status()
        inner.send = send  # type: ignore[method-assign]
        assert len(await submissions_of(batch)) == 1


# Input.


@pytest.mark.parametrize("decision", [True, "approve", {"approve": True}])
async def test_a_judge_that_returns_no_decision_is_refused(
    market: Marketplace, mturk: Client, file: str, decision: Any
) -> None:
    """What is no decision is wrong input, and said so."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        with pytest.raises(InvalidRequest):
            await batch.review(lambda submission: decision)


@pytest.mark.parametrize(("assignment_id", "feedback"), [("\ud800", None), (None, "\ud800"), (None, object())])
async def test_texts_that_nobody_can_write_are_refused(
    market: Marketplace, mturk: Client, file: str, assignment_id: Any, feedback: Any
) -> None:
    """Half characters, and what is no text, are wrong input."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, _ = await submissions_of(batch)
        with pytest.raises(InvalidRequest):
            await batch.approve(assignment_id or one.assignment_id, feedback)


async def test_an_extension_beyond_all_bounds_is_refused(mturk: Client, file: str) -> None:
    """A number that no ledger can hold is wrong input."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=10)) as batch:
        await batch.upload(rows(1))
        with pytest.raises(InvalidRequest):
            await batch.extend(max_assignments=10**30)


# Other ledgers.


async def test_a_new_ledger_pays_no_bonus_again(
    market: Marketplace, mturk: Client, tmp_path: Path, clock: JumpingClock
) -> None:
    """When the ledger is lost, the same program finds its HITs, and its bonuses too."""
    for ledger in ("first.db", "second.db"):
        async with batch_of(mturk, str(tmp_path / ledger), clock=clock) as batch:
            await batch.upload(rows(1))
            await worked(market)
            given = await submissions_of(batch)
            await batch.bonus_all(Bonus(one.assignment_id, "0.10", "Well done") for one in given)
        await turn(market, clock, hours=25)
    [hit] = await hits_of(mturk)
    assert len([bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]) == 2


async def test_two_ledgers_of_one_batch_do_not_publish_twice(
    market: Marketplace, mturk: Client, tmp_path: Path, clock: JumpingClock
) -> None:
    """Rows that were published through another ledger since this one looked last have their HITs."""
    first, second = str(tmp_path / "first.db"), str(tmp_path / "second.db")
    async with batch_of(mturk, first, clock=clock) as one, batch_of(mturk, second, clock=clock) as other:
        await other.upload(rows(1))
        await one.upload(rows(2))
        await turn(market, clock, hours=25)
        await other.upload(rows(2))
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(2)})


async def test_insufficient_funds_for_one_bonus_are_not_paid_by_the_next_call(file: str) -> None:
    """A bonus that certainly was not paid, and was said not to be, is not paid when others are."""
    async with Marketplace(balance="1.00") as market, market.client(retries=False) as mturk:
        async with batch_of(mturk, file) as batch:
            await batch.upload(rows(1))
            await worked(market)
            one, other = await submissions_of(batch)
            with pytest.raises(InsufficientFunds):
                await one.bonus("5.00", "For the best")
            await market.add_money("20.00")
            await batch.bonus_all([Bonus(other.assignment_id, "0.10", "Well done")])
        paid = [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=one.hit.hit_id)]
    assert paid == [Decimal("0.10")]


async def test_two_extensions_at_once_do_not_add_up(mturk: Client, line: Line, file: str) -> None:
    """Asked for six by one program while another one is about to send that it be five, a HIT does not get nine."""
    async with batch_of(mturk, file) as batch, batch_of(mturk, file, clock=Impatient()) as other:
        await batch.upload(rows(1))
        inner = line._faulty._inner
        send = inner.send

        async def late(request: Any, **options: Any) -> Any:
            if dict(request.headers)["X-Amz-Target"].endswith(EXTEND):
                inner.send = send  # type: ignore[method-assign]
                with suppress(AssertionError):  # it waits for the first one, which is as good
                    await other.extend(max_assignments=6)
            return await send(request, **options)

        inner.send = late  # type: ignore[method-assign]
        await batch.extend(max_assignments=5)
        await other.extend(max_assignments=6)
    assert [hit.max_assignments for hit in await hits_of(mturk)] == [6]


# Found, and mended before this was written down.


async def test_an_upload_that_was_cancelled_goes_on_in_the_same_program(
    mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """After a timeout, the same batch publishes the rest: nothing is thought to be in hand that is not."""
    running: asyncio.Task[Any]

    def cancel(operation: str) -> None:
        if operation == CREATE and line.counts[CREATE] == 3:
            running.cancel()

    async with batch_of(mturk, file, clock=clock) as batch:
        line.disturb = cancel
        running = asyncio.ensure_future(batch.upload(rows(60)))
        with suppress(asyncio.CancelledError):
            await running
        line.clear()
        in_hand = len(batch._desk.in_hand)
        report = await batch.upload(rows(60))
    assert in_hand == 0
    assert report.open == 0
    assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(60)})


async def test_a_payment_that_was_cancelled_twice_can_be_made_again(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """After two cancellations, the second of them while the first is seen to, nothing is thought to be in hand."""
    async with batch_of(mturk, file, clock=Impatient()) as batch:
        await batch.upload(rows(3))
        await worked(market)
        given = await submissions_of(batch)
        running: asyncio.Task[Any]

        def cancel(operation: str) -> None:
            if operation == "SendBonus":
                running.cancel()
                asyncio.get_running_loop().call_later(0, running.cancel)

        line.disturb = cancel
        running = asyncio.ensure_future(batch.bonus_all([Bonus(one.assignment_id, "0.10", "Good") for one in given]))
        with suppress(asyncio.CancelledError):
            await running
        line.clear()
        assert len(batch._desk.in_hand) == 0
        for one in given:
            await one.bonus("0.10", "Good")


async def test_what_the_budget_covers_is_published(mturk: Client, file: str) -> None:
    """A budget for three rows of five publishes three."""
    each = guess_age().cost().total
    async with batch_of(mturk, file, budget=each * 3) as batch:
        for _ in range(2):
            with pytest.raises(BudgetExceeded):
                await batch.upload(rows(5))
    assert len(await hits_of(mturk)) == 3


async def test_equal_bonuses_in_one_call_are_one(market: Marketplace, mturk: Client, line: Line, file: str) -> None:
    """The same bonus twice in a list is sent once, and reserved once."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        [one, *_] = await submissions_of(batch)
        before = (await batch.status()).reserved
        line.clear()
        bonus = Bonus(one.assignment_id, "1.00", "Well done")
        await batch.bonus_all([bonus, bonus])
        after = (await batch.status()).reserved
    assert (line.counts["SendBonus"], after - before) == (1, Decimal("1.20"))


async def test_one_bad_bonus_does_not_stop_the_others(market: Marketplace, mturk: Client, file: str) -> None:
    """A bonus that cannot be paid is reported, and the others are paid."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market)
        one, other = await submissions_of(batch)
        bad = Bonus("3NOSUCHASSIGNMENT00000000000000", "1.00", "Well done")
        good = [Bonus(each.assignment_id, "1.00", "Well done") for each in (one, other)]
        tally = None
        with suppress(TurkError):
            tally = await batch.bonus_all([good[0], bad, good[1]])
    assert tally is not None
    assert (tally.done, tally.refused) == (2, 1)


async def test_a_review_file_of_another_batch_decides_nothing(
    market: Marketplace, mturk: Client, file: str, tmp_path: Path
) -> None:
    """Assignments of other batches are refused, in files too."""
    async with batch_of(mturk, file) as batch, batch_of(mturk, file, name="another") as another:
        await batch.upload(rows(1))
        await another.upload(rows(1))
        await worked(market)
        foreign = [one.assignment_id for one in await submissions_of(another)]
        review = tmp_path / "review.csv"
        lines = ["AssignmentId,Approve,Reject", *(f"{one},,Bad work" for one in foreign)]
        review.write_text("\n".join(lines) + "\n")
        with suppress(TurkError):
            await batch.review(review)
    for one in foreign:
        assert (await mturk.get_assignment(one)).assignment.assignment_status == "Submitted"


async def test_an_extension_that_was_left_open_is_not_added_to_another(
    mturk: Client, line: Line, file: str, clock: JumpingClock
) -> None:
    """Asked for five, which never arrived, and then for six, a HIT has six."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(1))
        line.disturb = before(EXTEND)
        with suppress(TurkError):
            await batch.extend(max_assignments=5)
        line.clear()
        await batch.extend(max_assignments=6)
    assert [hit.max_assignments for hit in await hits_of(mturk)] == [6]
