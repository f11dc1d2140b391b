"""Running a batch: its status, which is what the marketplace's books say; extending, stopping, retiring, exporting."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk._core.messages import Request, Response
from aioturk.batch import Batch, BatchSubmission, Decision, approve, reject
from aioturk.batch.units import Kind, State
from aioturk.client import Client
from aioturk.credentials import Credentials
from aioturk.errors import CredentialsRefused, InvalidRequest, NotRetired, TransportError, TurkError
from aioturk.marketplace import Marketplace
from aioturk.models import HITStatus
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.testing import JumpingClock, Trouble, error_reply

from .batches import (
    EXTEND,
    LOST,
    Disturb,
    Impatient,
    Line,
    Send,
    batch_of,
    before,
    deleted,
    hits_of,
    lost,
    only_first,
    operation_of,
    performed,
    planned_bonus,
    rerouted,
    submissions_of,
    submitted,
    turn,
    until,
    worked,
)
from .tasks import Guess, guess_age, rows

MONEY = Decimal(1000)


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace that counts its money."""
    async with Marketplace(balance=MONEY) as market:
        yield market


async def books_agree(mturk: Client, batch: Batch[Guess]) -> tuple[Decimal, Decimal]:
    """Make sure that the status tells what the marketplace has taken and holds back; return both."""
    status = await batch.status()
    balance = await mturk.get_account_balance()
    held = balance.on_hold_balance or Decimal(0)
    assert status.held == held
    assert status.spent == MONEY - balance.available_balance - held
    return status.spent, status.held


# Status.


async def test_the_status_is_what_the_books_say(mturk: Client, market: Marketplace, ledger: str) -> None:
    """At every step of a batch, what is spent and held is to the cent what the marketplace's own accounts show."""
    async with batch_of(mturk, ledger, key="url") as batch:
        assert await books_agree(mturk, batch) == (Decimal(0), Decimal(0))
        await batch.upload(rows(6))
        assert await books_agree(mturk, batch) == (Decimal(0), guess_age().cost().total * 6)
        await worked(market, ["A1ANNAANNAANNA"])
        await books_agree(mturk, batch)
        found = await submissions_of(batch)
        await found[0].approve()
        await found[1].reject("No.")
        await found[2].bonus("1.11", "Fast")
        spent, _ = await books_agree(mturk, batch)
        assert spent == guess_age().cost().total / 2 + cost_of_bonus("1.11").total
        await batch.extend(max_assignments=4)
        await books_agree(mturk, batch)
        await worked(market, ["A1BERTBERTBERT"])
        await batch.approve_all()
        await books_agree(mturk, batch)
        await batch.stop()
        status = await batch.status()
        assert (status.published, status.approved, status.rejected, status.submitted) == (6, 11, 1, 0)
        await books_agree(mturk, batch)


async def test_the_status_of_other_programs_decisions(mturk: Client, market: Marketplace, file: str) -> None:
    """Work that a plain client, or time, has decided on is counted as the service has it."""
    task = guess_age(auto_approval_delay=timedelta(hours=1))
    async with batch_of(mturk, file, task=task) as batch:
        one, two, _ = await submitted(batch, market)
        await mturk.approve_assignment(one.assignment_id)
        await mturk.reject_assignment(two.assignment_id, requester_feedback="No.")
        status = await batch.status()
        assert (status.approved, status.rejected, status.submitted) == (1, 1, 1)
        await market.advance(timedelta(hours=2))
        status = await batch.status()
        assert (status.approved, status.rejected, status.submitted) == (2, 1, 0)
        await books_agree(mturk, batch)


async def test_the_status_of_the_ledger_alone(mturk: Client, line: Line, file: str) -> None:
    """Without a refresh nothing is asked of the service, and the text says the numbers."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.clear()
        status = await batch.status(refresh=False)
        assert line.calls == []
    assert (status.published, status.open, status.pending, status.is_complete) == (2, 2, 0, False)
    assert str(status).startswith("2 published, 2 open; 0 submitted, 0 approved, 0 rejected; $0.00 spent, $0.24 held")


async def test_rows_on_the_way_are_pending(mturk: Client, line: Line, file: str) -> None:
    """A row of which nobody knows is pending, and what it can cost is held."""
    line.disturb = lost("CreateHITWithHITType")
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        status = await batch.status(refresh=False)
        assert (status.published, status.pending, status.held) == (0, 2, guess_age().cost().total * 2)
        line.clear()
        await books_agree(mturk, batch)


async def test_hits_of_another_reward_cost_what_they_cost(mturk: Client, market: Marketplace, file: str) -> None:
    """Where HITs of a batch have different rewards, the status still tells what the books say."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    async with batch_of(mturk, file, task=guess_age(reward="1.00")) as batch:
        await batch.upload(rows(3))
        await books_agree(mturk, batch)
        await worked(market, 1)
        await batch.approve_all()
        await books_agree(mturk, batch)


# Extending.


async def test_more_assignments_for_all_hits(mturk: Client, market: Marketplace, line: Line, ledger: str) -> None:
    """Every HIT has as many as were asked for; asking for the same or for fewer adds nothing."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(5))
        tally = await batch.extend(max_assignments=4)
        assert (tally.done, tally.open) == (5, 0)
        line.clear()
        await batch.extend(max_assignments=4)
        await batch.extend(max_assignments=3)
        assert line.counts[EXTEND] == 0
        assert (await batch.upload(rows(5))).problem_count == 0
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {4}


@pytest.mark.parametrize("hours", [1, 25])
@pytest.mark.parametrize("disturb", [lost, before], ids=["arrived", "never arrived"])
async def test_an_extension_of_which_nothing_was_heard(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock, hours: int, disturb: Any
) -> None:
    """Asked for again, within the day or later, every HIT has as many as were asked for."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        line.disturb = disturb(EXTEND)
        tally = await batch.extend(max_assignments=5)
        assert (tally.done, tally.open) == (0, 3) if disturb is before else (3, 0)
        line.clear()
        await turn(market, clock, hours=hours)
        await batch.extend(max_assignments=5)
        assert (await batch.status()).is_complete is False
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {5}
    sent = {(document["HITId"], document["UniqueRequestToken"]) for document in line.documents(EXTEND)}
    assert len(sent) == (3 if disturb is before else 0)


async def test_an_extension_after_an_open_one(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock
) -> None:
    """Whatever became of an extension to three, one to five makes it five."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(4))
        arrived = iter((LOST, Trouble.RESET_BEFORE, LOST, Trouble.RESET_BEFORE))
        line.disturb = _then_dead(line, arrived)
        await batch.extend(max_assignments=3)
        line.clear()
        await batch.extend(max_assignments=5)
        assert (await batch.status()).pending == 0
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {5}


async def test_an_extension_that_arrives_late_adds_nothing(mturk: Client, line: Line, ledger: str) -> None:
    """What was given up as lost, and comes after a larger extension, does not come on top of that."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        line.disturb = before(EXTEND)
        assert (await batch.extend(max_assignments=3)).open == 2
        late = {document["UniqueRequestToken"]: document for document in line.documents(EXTEND)}
        line.clear()
        assert (await batch.extend(max_assignments=4)).open == 0
        for token, document in late.items():
            with pytest.raises(TurkError):
                await mturk.create_additional_assignments_for_hit(
                    document["HITId"],
                    number_of_additional_assignments=document["NumberOfAdditionalAssignments"],
                    unique_request_token=token,
                )
        await books_agree(mturk, batch)
        assert (await batch.reconcile()).is_clean
    assert len(late) == 2
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {4}


async def test_an_open_extension_of_a_hit_that_is_gone_is_left_alone(mturk: Client, line: Line, file: str) -> None:
    """An extension that was given up as lost is not tried again, each time, on a HIT that was deleted since."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.disturb = before(EXTEND)
        assert (await batch.extend(max_assignments=3)).open == 2
        line.clear()
        one, other = await hits_of(mturk)
        await mturk.expire_hit(one.hit_id)
        await mturk.delete_hit(one.hit_id)
        assert (await batch.status()).open == 1
        tally = await batch.extend(max_assignments=4)
        assert (tally.open, tally.refused) == (0, 0)
        assert {document["HITId"] for document in line.documents(EXTEND)} == {other.hit_id}
        assert (await batch.status()).open == 1


def _then_dead(line: Line, troubles: Any) -> Any:
    """Make troubles for extensions; after the first of them, HITs cannot be read either."""

    def disturb(operation: str) -> Trouble | None:
        if operation == EXTEND:
            return next(troubles, Trouble.REFUSED)
        return Trouble.REFUSED if operation == "GetHIT" and line.counts[EXTEND] >= 4 else None

    return disturb


async def test_what_others_added_counts(mturk: Client, market: Marketplace, file: str) -> None:
    """A HIT that somebody else has extended gets what is missing, not more."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        [one, _] = await hits_of(mturk)
        await mturk.create_additional_assignments_for_hit(one.hit_id, number_of_additional_assignments=2)
        await batch.extend(max_assignments=5)
        await books_agree(mturk, batch)
    assert {hit.max_assignments for hit in await hits_of(mturk)} == {5}


async def test_what_others_add_at_the_same_moment_counts(
    mturk: Client, market: Marketplace, line: Line, ledger: str
) -> None:
    """A HIT that somebody else extends between the look and the call may have more than was asked for, and costs it."""
    async with market.client() as other, batch_of(mturk, ledger) as batch:
        await batch.upload(rows(1))
        send = line._faulty.send

        async def at_once(request: Any, **options: Any) -> Any:
            if dict(request.headers)["X-Amz-Target"].endswith(EXTEND):
                [hit] = await hits_of(other)
                await other.create_additional_assignments_for_hit(hit.hit_id, number_of_additional_assignments=3)
            return await send(request, **options)

        line._faulty.send = at_once  # type: ignore[method-assign]
        await batch.extend(max_assignments=4)
        status = await batch.status(refresh=False)
        assert [hit.max_assignments for hit in await hits_of(other)] == [7]
        assert status.held == status.reserved == guess_age(max_assignments=7).cost().total


async def test_an_extension_that_was_killed_is_done_when_it_is_seen(mturk: Client, line: Line, ledger: str) -> None:
    """That the HIT has its assignments is seen by whoever looks next, and then they are counted once."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        extending: asyncio.Task[Any]

        def kill(operation: str) -> Trouble | None:
            if operation != EXTEND:
                return None
            extending.cancel()
            return Trouble.CANCELLED_AFTER

        line.disturb = kill
        extending = asyncio.create_task(batch.extend(max_assignments=4))
        with suppress(asyncio.CancelledError):
            await extending
        line.clear()
    async with batch_of(mturk, ledger) as batch:
        await batch.status()
        await batch.extend(max_assignments=4)
        status = await batch.status()
        assert {hit.max_assignments for hit in await hits_of(mturk)} == {4}
        assert [row.state for row in performed(ledger, "SELECT DISTINCT state FROM unit")] == [State.DONE]
        assert status.held == status.reserved == 2 * guess_age(max_assignments=4).cost().total
        assert (await batch.reconcile()).is_clean


async def test_the_step_of_the_fees_cannot_be_crossed(mturk: Client, line: Line, file: str) -> None:
    """From fewer than ten to ten or more is refused before anything is sent; so is what is no number."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        line.clear()
        for wrong in (10, 0, -1, True, "3"):
            with pytest.raises(InvalidRequest):
                await batch.extend(max_assignments=wrong)  # type: ignore[arg-type]
        for soon in (0, -5, timedelta(0), "1 day"):
            with pytest.raises(InvalidRequest):
                await batch.extend(lifetime=soon)  # type: ignore[arg-type]
    assert line.calls == []


async def test_more_time_for_all_hits(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """All HITs expire at one moment; those that had expired are offered again, and their work is collected."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        await turn(market, clock, hours=8 * 24)
        assert len(await submissions_of(batch, "complete")) == 0
        assert (await batch.status()).over == 3
        tally = await batch.extend(lifetime=timedelta(days=2))
        assert tally.done == 3
        for hit in await hits_of(mturk):
            assert abs((hit.expiration - market.now()) - timedelta(days=2)) < timedelta(minutes=5)
            assert hit.hit_status is HITStatus.ASSIGNABLE
        await worked(market, 2)
        assert len(await submissions_of(batch, "complete")) == 6
        await batch.extend(lifetime=timedelta(days=3), max_assignments=3)
        await worked(market, ["A1CARLCARLCARL"])
        assert len(await submissions_of(batch, "complete")) == 3


# Stopping.


async def test_stopping(mturk: Client, market: Marketplace, ledger: str) -> None:
    """Nobody can accept a HIT any more; work in hand may be handed in, and the money of the rest is free."""
    async with batch_of(mturk, ledger) as batch:
        await batch.upload(rows(6))
        [one, *_] = await hits_of(mturk)
        anna = market.worker("A1ANNAANNAANNA")
        assignment_id = await anna.accept(one.hit_id)
        stopped = await batch.stop()
        assert (stopped.ended, stopped.gone, stopped.in_work, stopped.failed) == (6, 0, 1, ())
        assert await market.worker("A1BERTBERTBERT").find() == []
        await anna.submit(assignment_id, {"age": "36"})
        assert (await submissions_of(batch))[0].answer == Guess(36)
        await books_agree(mturk, batch)
        assert (await batch.stop()).in_work == 0


async def test_stopping_what_the_ledger_does_not_know(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """HITs whose answers were lost are stopped, too, and so are those that a lost ledger knew."""
    line.disturb = lost("CreateHITWithHITType")
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(3))
        line.clear()
        assert (await batch.stop()).ended == 3
    async with batch_of(mturk, f"{file}.2") as batch:
        stopped = await batch.stop()
        assert stopped.ended == 3
    assert {hit.hit_status for hit in await hits_of(mturk)} <= {HITStatus.REVIEWABLE}


async def test_what_was_deleted_before_is_told(mturk: Client, file: str) -> None:
    """A HIT that somebody has deleted is counted as gone."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(4))
        one, *_ = await hits_of(mturk)
        await deleted(mturk, one.hit_id)
        stopped = await batch.stop()
    assert (stopped.ended, stopped.gone, stopped.failed) == (3, 1, ())


async def test_what_cannot_be_stopped_is_told(mturk: Client, line: Line, file: str) -> None:
    """A HIT that cannot be ended is named with the reason, and the others are ended all the same."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(4))
        line.disturb = only_first("UpdateExpirationForHIT", trouble=Trouble.RESET_BEFORE)
        stopped = await batch.stop()
        assert (stopped.ended, stopped.gone) == (3, 0)
        [(hit_id, reason)] = stopped.failed
        assert (await mturk.get_hit(hit_id)).hit_status is HITStatus.ASSIGNABLE
        assert isinstance(reason, TransportError)
        assert (await batch.stop()).failed == ()


# Retiring.


async def test_retiring(mturk: Client, market: Marketplace, ledger: str, clock: JumpingClock) -> None:
    """Everything is ended, read and deleted, and what was read stays in the ledger."""
    async with batch_of(mturk, ledger, clock=clock) as batch:
        await batch.upload(rows(5))
        await worked(market, 2)
        await batch.approve_all()
        assert await batch.retire() == 5
        assert await batch.retire() == 0
        status = await batch.status()
        assert (status.gone, status.approved, status.open, status.over) == (5, 10, 0, 0)
        assert (await batch.reconcile()).lost == ()
        await books_agree(mturk, batch)
        assert len(await submissions_of(batch)) == 10
        assert (await batch.upload(rows(5))).found == 5
    assert {hit.hit_status for hit in await hits_of(mturk)} <= {HITStatus.DISPOSED}


@pytest.mark.parametrize("trouble", [lost, before])
async def test_extensions_of_hits_that_were_retired_cost_nothing_more(
    mturk: Client, line: Line, ledger: str, clock: JumpingClock, trouble: Callable[[str], Disturb]
) -> None:
    """What was left open when its HIT was deleted will not happen: nothing is held for it, and nothing is open."""
    async with batch_of(mturk, ledger, clock=clock) as batch:
        await batch.upload(rows(2))
        line.disturb = trouble(EXTEND)
        await batch.extend(max_assignments=3)
        line.clear()
        # As a program leaves it that was killed before it saw what became of it.
        performed(ledger, "UPDATE unit SET state = 'open', holder_id = NULL WHERE kind = 'extend'")
        assert await batch.retire() == 2
        status = await batch.status()
        assert (status.gone, status.held) == (2, Decimal(0))
        assert (await batch.reconcile()).is_clean
        await books_agree(mturk, batch)


async def test_undecided_work_is_kept(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """Retiring with undecided work names it, keeps all HITs, rejects nothing; with the word it approves and goes on."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        await worked(market, 2)
        with pytest.raises(NotRetired, match="6 submissions") as kept:
            await batch.retire()
        assert len(kept.value.undecided) == 6
        status = await batch.status()
        assert (status.submitted, status.rejected, status.gone) == (6, 0, 0)
        assert len(await hits_of(mturk)) == 3
        assert await batch.retire(approve_pending=True) == 3
        status = await batch.status()
        assert (status.approved, status.gone) == (6, 3)
        await books_agree(mturk, batch)


async def test_retiring_waits_for_workers(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """Work in hand is waited for, as long as it is said; then it goes on where it was."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(2))
        [one, _] = await hits_of(mturk)
        anna = market.worker("A1ANNAANNAANNA")
        assignment_id = await anna.accept(one.hit_id)
        with pytest.raises(NotRetired, match="in work") as busy:
            await batch.retire(timeout=timedelta(seconds=10))
        assert busy.value.in_work == 1
        assert 9 < sum(clock.slept) < 11
        retiring = asyncio.create_task(batch.retire(approve_pending=True))
        await until(lambda: sum(clock.slept) >= 60)
        await anna.submit(assignment_id, {"age": "36"})
        assert await retiring == 2
        assert (await batch.status()).approved == 1


async def test_rows_on_the_way_are_not_left_behind(mturk: Client, line: Line, file: str) -> None:
    """As long as a row may have a HIT that nobody knows of, nothing is ended or deleted."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.disturb = before("CreateHITWithHITType")
        await batch.upload(rows(4))
        line.clear()
        with pytest.raises(TurkError, match="2 rows"):
            await batch.retire()
        assert {hit.hit_status for hit in await hits_of(mturk)} == {HITStatus.ASSIGNABLE}


async def test_retiring_what_the_ledger_does_not_know(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock
) -> None:
    """HITs whose answers were lost are found before anything is deleted, and are deleted with the others."""
    line.disturb = lost("CreateHITWithHITType")
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        line.clear()
        await worked(market, 1)
        assert await batch.retire(approve_pending=True) == 3
        assert (await batch.status()).approved == 3


async def test_retiring_is_broken_off_and_goes_on(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock
) -> None:
    """When deleting fails in the middle, what is deleted is written down, and the next call deletes the rest."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(6))
        left = [None, LOST, Trouble.RESET_BEFORE]
        line.disturb = lambda operation: left.pop(0) if operation == "DeleteHIT" and left else None
        with pytest.raises(TransportError):
            await batch.retire()
        assert (await batch.status(refresh=False)).gone == 4
        line.clear()
        await batch.retire()
        assert (await batch.status()).gone == 6
        for hit_id in (row.id for row in performed(file, "SELECT id FROM hit")):
            assert (await mturk.get_hit(hit_id)).hit_status is HITStatus.DISPOSED


async def test_bonuses_are_paid_before_their_hits_go(
    mturk: Client, market: Marketplace, line: Line, ledger: str
) -> None:
    """What a review left behind and what was never heard of is paid first, once; then the HITs are deleted."""
    async with batch_of(mturk, ledger) as batch:
        one, two, three = await submitted(batch, market)
        await planned_bonus(batch, one, "1.00")
        await mturk.approve_assignment(one.assignment_id)
        await two.approve()
        await three.approve()
        line.disturb = lost("SendBonus")
        with pytest.raises(TransportError):
            await two.bonus("2.00", "Good")
        line.disturb = before("SendBonus")
        with pytest.raises(TransportError):
            await three.bonus("3.00", "Good")
        line.clear()
        performed(ledger, "UPDATE unit SET state = 'open' WHERE kind = 'bonus' AND state = 'refused'")
        assert await batch.retire() == 3
        sent = [operation for operation, _ in line.calls if operation in ("SendBonus", "DeleteHIT")]
        assert sent == ["SendBonus"] * 3 + ["DeleteHIT"] * 3
        assert performed(ledger, "SELECT DISTINCT state FROM unit WHERE kind = 'bonus'") == [("done",)]
    amounts = [
        bonus.bonus_amount
        for one in (one, two, three)
        async for bonus in mturk.list_bonus_payments(assignment_id=one.assignment_id)
    ]
    assert amounts == [1, 2, 3]


async def test_hits_with_bonuses_that_cannot_be_paid_are_kept(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """While nobody knows whether a bonus is paid, the HITs stay, and whoever asks again can find it out."""
    async with batch_of(mturk, file) as batch:
        [one] = await submitted(batch, market, 1)
        await one.approve()
        line.disturb = lost("SendBonus")
        with pytest.raises(TransportError):
            await one.bonus("1.00", "Good")
        with pytest.raises(NotRetired, match="1 bonuses"):
            await batch.retire()
        line.clear()
        assert len(await hits_of(mturk)) == 1
        assert await batch.retire() == 1
        assert (await batch.status()).spent == guess_age().cost().total / 2 + cost_of_bonus("1.00").total


# Results.


def _judge(submission: BatchSubmission[Guess]) -> Decision | None:
    number = int(submission.key.removesuffix(".jpg").rpartition("/")[2])
    return (approve("Good"), reject("Bad"), None)[number % 3]


async def test_exporting(mturk: Client, market: Marketplace, ledger: str, tmp_path: Path) -> None:
    """A table and lines of JSON have every submission with its row and answer as it is now; other names are refused."""
    async with batch_of(mturk, ledger, key="url") as batch:
        await batch.upload(rows(3))
        await worked(market, 2)
        await batch.review(_judge)
        assert await batch.export(tmp_path / "results.csv") == 6
        assert await batch.export(str(tmp_path / "results.jsonl")) == 6
        with pytest.raises(InvalidRequest, match=r"\.csv"):
            await batch.export(tmp_path / "results.xlsx")
        votes = await batch.votes("age")
    with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as table:
        lines = list(csv.DictReader(table))
    assert [line["Input.url"] for line in lines] == [row["url"] for row in rows(3) for _ in range(2)]
    assert {line["Answer.age"] for line in lines} == {"36"}
    assert [line["AssignmentStatus"] for line in lines] == ["Approved"] * 2 + ["Rejected"] * 2 + ["Submitted"] * 2
    assert [line["RequesterFeedback"] for line in lines[:4]] == ["Good", "Good", "Bad", "Bad"]
    told = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert len(told) == 6
    assert [vote.label for vote in votes] == ["36", "36"]


async def test_a_table_for_pandas(mturk: Client, market: Marketplace, file: str) -> None:
    """The same as a data frame, when pandas is there."""
    pytest.importorskip("pandas")
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        await worked(market, 2)
        frame = await batch.to_pandas()
        labels = await batch.labels("age")
    assert len(frame) == len(labels) == 4


async def test_an_export_before_anything_was_submitted(mturk: Client, file: str, tmp_path: Path) -> None:
    """It has its header, and nothing else."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        assert await batch.export(tmp_path / "results.csv") == 0
    assert "Input.url" in (tmp_path / "results.csv").read_text(encoding="utf-8-sig")


async def test_more_time_for_hits_of_which_one_is_gone(mturk: Client, line: Line, file: str) -> None:
    """A HIT that was deleted behind the batch's back, or that cannot get more time, does not keep it from others."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(5))
        ids = sorted(hit.hit_id for hit in await hits_of(mturk))
        await deleted(mturk, ids[0])

        async def refuse(request: Request, send: Send) -> Response:
            if operation_of(request) == "UpdateExpirationForHIT" and json.loads(request.body)["HITId"] == ids[1]:
                return error_reply("AWS.MechanicalTurk.SomethingElse", "Not this one.")
            return await send(request)

        with rerouted(line, refuse):
            tally = await batch.extend(lifetime=timedelta(days=30))
        assert (tally.done, tally.refused) == (3, 1)
        assert [problem.key for problem in tally.problems] == [ids[1]]
        assert (await batch.extend(lifetime=timedelta(days=30))).done == 4
        assert (await batch.status()).gone == 1


async def test_more_time_needs_the_account(mturk: Client, line: Line, market: Marketplace, file: str) -> None:
    """What concerns the whole account is raised."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
    wrong = Credentials(market.access_key, "wrong" * 8)
    async with market.client(retries=False, credentials=wrong) as other:
        other._connection.answered = mturk._connection.answered  # it has been here before
        async with batch_of(other, file) as batch:
            with pytest.raises(CredentialsRefused):
                await batch.extend(lifetime=timedelta(days=30))


async def test_hits_that_have_the_time_already_are_left_alone(mturk: Client, line: Line, file: str) -> None:
    """Asked for the same time a second time, none of them is changed."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(3))
        await batch.extend(lifetime=timedelta(days=30))
        assert line.counts["UpdateExpirationForHIT"] == 3
        await batch.extend(lifetime=timedelta(days=30))
        assert line.counts["UpdateExpirationForHIT"] == 3


async def test_the_text_of_a_status_leaves_nothing_out(mturk: Client, line: Line, file: str) -> None:
    """Rows without a HIT are told, if there are any: those on the way, refused ones, and those nobody knows of."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        line.disturb = before("CreateHITWithHITType")
        with suppress(TurkError):
            await batch.upload(rows(6))
        line.clear()
        performed(file, "UPDATE unit SET state = 'unknown' WHERE seq = (SELECT max(seq) FROM unit)")
        performed(file, "UPDATE unit SET state = 'refused' WHERE seq = (SELECT max(seq) - 1 FROM unit)")
        told = str(await batch.status(refresh=False))
        assert told.startswith("1 published, 3 pending, 1 refused, 1 unknown, 1 open; ")


async def test_a_plan_tells_of_rows_that_nobody_knows_of(mturk: Client, file: str) -> None:
    """Rows of which nobody can tell are neither published nor paid for in a plan."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        performed(file, "UPDATE unit SET state = 'unknown' WHERE seq = (SELECT max(seq) FROM unit)")
        plan = await batch.plan(rows(3))
        assert (plan.published, plan.unknown, plan.hits) == (1, 1, 1)


async def test_the_text_of_a_report_tells_of_other_questions(mturk: Client, file: str) -> None:
    """Rows that were published before with another question or task are told."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
    async with batch_of(mturk, file, task=guess_age(reward="0.50")) as batch:
        assert str(await batch.upload(rows(2))) == "2 rows, 0 published, 2 published before, 2 asking something else"


async def test_units_of_all_kinds_are_in_the_ledger(mturk: Client, market: Marketplace, file: str) -> None:
    """Publishing, extending, approving, rejecting and paying each leave one row, with what it was for."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        await batch.extend(max_assignments=3)
        await worked(market, 1)
        one, two = await submissions_of(batch)
        await one.approve()
        await two.reject("No.")
        await one.bonus("0.10", "Fast")
    found = performed(file, "SELECT kind, state, attempts, target, first_attempt FROM unit ORDER BY seq")
    assert [row.kind for row in found] == [
        *[Kind.PUBLISH] * 2, *[Kind.EXTEND] * 2, Kind.APPROVE, Kind.REJECT, Kind.BONUS
    ]  # fmt: skip
    assert {row.state for row in found} == {"done"}
    assert {row.attempts for row in found} == {1}
    assert all(row.target and row.first_attempt for row in found)


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


async def test_an_extension_beyond_all_bounds_is_refused(mturk: Client, file: str) -> None:
    """A number that no ledger can hold is wrong input."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=10)) as batch:
        await batch.upload(rows(1))
        with pytest.raises(InvalidRequest):
            await batch.extend(max_assignments=10**30)


async def test_stopping_tells_of_rows_on_the_way(mturk: Client, line: Line, file: str) -> None:
    """Rows that may have HITs which no list shows yet are counted."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        line.disturb = before("CreateHITWithHITType")
        with suppress(TurkError):
            await batch.upload(rows(5))
        line.clear()
        assert (await batch.stop()).pending == 3
