"""What is certain when a unit has not succeeded: what the error says, and what the ledger goes by."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk._core.messages import Request, Response
from aioturk.batch import Bonus, approve
from aioturk.client import Client
from aioturk.credentials import Credentials
from aioturk.errors import ConnectFailed, ConnectionLost, InsufficientFunds, TurkError
from aioturk.marketplace import Marketplace
from aioturk.testing import Trouble, error_reply

from .batches import (
    CREATE,
    Line,
    Send,
    batch_of,
    before,
    lost,
    operation_of,
    performed,
    rerouted,
    submissions_of,
    worked,
)
from .tasks import rows

OPEN_BONUS = "SELECT state, attempts FROM unit WHERE kind = 'bonus'"


async def paid_for(mturk: Client, hit_id: str) -> list[Decimal]:
    """List the bonuses that were paid for a HIT."""
    return [bonus.bonus_amount async for bonus in mturk.list_bonus_payments(hit_id=hit_id)]


# What an earlier attempt may have done.


@pytest.mark.parametrize("how", ["credentials", "funds", "connection", "throttled"])
async def test_a_later_error_does_not_deny_an_earlier_attempt(
    market: Marketplace, mturk: Client, line: Line, file: str, how: str
) -> None:
    """Paid by a program that never heard of it, a bonus is not called certainly unpaid when it is asked for again."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        line.disturb = lost("SendBonus")
        with pytest.raises(ConnectionLost) as first:
            await batch.bonus(one.assignment_id, "0.10", "Good")
        assert first.value.ambiguous
    line.clear()

    async def refused(request: Request, send: Send) -> Response:
        if operation_of(request) != "SendBonus":
            return await send(request)
        if how == "funds":
            return error_reply("AWS.MechanicalTurk.InsufficientFunds", "This Requester has insufficient funds")
        if how == "throttled":
            return error_reply(None, "Rate exceeded", kind="ThrottlingException")
        raise ConnectFailed("no connection")

    wrong = Credentials(market.access_key, "wrong" * 8) if how == "credentials" else None
    options: dict[str, Any] = {} if wrong is None else {"credentials": wrong}
    second_line = Line()
    async with market.client(retries=False, transport=second_line, **options) as other:
        other._connection.answered = mturk._connection.answered  # it has been here before
        async with batch_of(other, file) as batch:
            if wrong is None:
                with rerouted(second_line, refused), pytest.raises(TurkError) as caught:
                    await batch.bonus(one.assignment_id, "0.10", "Good")
            else:
                with pytest.raises(TurkError) as caught:
                    await batch.bonus(one.assignment_id, "0.10", "Good")
    assert caught.value.ambiguous
    assert "Nothing was sent" not in str(caught.value)
    [(state, _)] = performed(file, OPEN_BONUS)
    assert state == "open"
    async with batch_of(mturk, file) as batch:
        await batch.bonus(one.assignment_id, "0.10", "Good")
    assert await paid_for(mturk, one.hit.hit_id) == [Decimal("0.10")]


# What certainly was not sent.


async def test_a_bonus_that_fails_while_something_is_read_is_not_paid_later(
    market: Marketplace, mturk: Client, line: Line, tmp_path: Path
) -> None:
    """It is said that nothing was paid, and so it stays: who pays it under another name pays once."""
    async with batch_of(mturk, str(tmp_path / "lost.db")) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
    file = str(tmp_path / "new.db")  # the payments are listed, because the old ledger may have known of some
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        [one] = await submissions_of(batch)
        await one.approve()
        line.disturb = before("ListBonusPayments")
        with pytest.raises(TurkError) as caught:
            await one.bonus("1.00", "Good")
        line.clear()
        assert not caught.value.ambiguous
        assert performed(file, "SELECT state FROM unit WHERE kind = 'bonus'") == [("refused",)]
        await one.bonus("1.00", "Good", key="second try")
        await batch.review(lambda submission: None)
    assert await paid_for(mturk, one.hit.hit_id) == [Decimal("1.00")]


@pytest.mark.parametrize("funds", [False, True])
async def test_an_attempt_that_certainly_did_nothing_does_not_count(
    mturk: Client, line: Line, file: str, *, funds: bool
) -> None:
    """A row that was not sent, for want of a connection or of money, and is refused then, is refused and not open."""
    sent = 0

    async def refuse(request: Request, send: Send) -> Response:
        nonlocal sent
        if operation_of(request) != CREATE:
            return await send(request)
        sent += 1
        if sent > 1:
            return error_reply("AWS.MechanicalTurk.XHTMLParseError", "There was an error parsing the XHTML data")
        if funds:
            return error_reply("AWS.MechanicalTurk.InsufficientFunds", "This Requester has insufficient funds")
        raise ConnectFailed("no connection")

    async with batch_of(mturk, file) as batch:
        with rerouted(line, refuse):
            if funds:
                with pytest.raises(InsufficientFunds):
                    await batch.upload(rows(1))
                assert performed(file, "SELECT state, attempts, first_attempt FROM unit") == [("open", 0, None)]
            report = await batch.upload(rows(1))
        assert (report.refused, report.open) == (1, 0)
        [problem] = report.problems
        assert "may have taken effect" not in str(problem.error)
        await batch.retire()  # nothing is on its way


async def test_an_attempt_that_may_have_done_something_counts(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """After a lost answer, one that certainly did nothing takes only itself back."""
    troubles = iter([Trouble.RESET_AFTER, Trouble.REFUSED, Trouble.REFUSED])
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        line.disturb = lambda operation: next(troubles) if operation == "SendBonus" else None
        for _ in range(3):
            with pytest.raises(TurkError) as caught:
                await one.bonus("0.10", "Good")
            assert caught.value.ambiguous
            assert performed(file, OPEN_BONUS) == [("open", 1)]
        line.clear()
        await one.bonus("0.10", "Good")
    assert await paid_for(mturk, one.hit.hit_id) == [Decimal("0.10")]


# What was read, and what was not.


async def test_a_refusal_that_reads_nothing_says_nothing_of_an_approval(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """An approval whose answer was lost, and whose repeat is refused unread, stays open; and so does its bonus."""
    sent = 0

    async def odd(request: Request, send: Send) -> Response:
        nonlocal sent
        if operation_of(request) != "ApproveAssignment":
            return await send(request)
        sent += 1
        if sent == 1:
            await send(request)
            raise ConnectionLost("the answer is lost")
        return error_reply("AccountUnderReview", "Your account is under review.")

    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        with rerouted(line, odd):
            tally = await batch.review(lambda submission: approve(bonus="1.00", reason="Good"))
        assert (tally.refused, tally.open) == (0, 1)
        assert performed(file, "SELECT state FROM unit WHERE kind = 'approve'") == [("open",)]
        assert performed(file, "SELECT state FROM unit WHERE kind = 'bonus'") == [("planned",)]
        await batch.review(lambda submission: None)
    assert await paid_for(mturk, one.hit.hit_id) == [Decimal("1.00")]


async def test_a_ledger_that_breaks_after_the_approval_does_not_take_it_back(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """What was approved before the ledger broke is not written down as refused, and the error says that it may be."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)

        def breaks(operation: str) -> None:
            if operation == "ApproveAssignment":
                when = "BEFORE UPDATE OF status ON submission"
                performed(file, f"CREATE TRIGGER full {when} BEGIN SELECT raise(ABORT, 'disk is full'); END")

        line.disturb = breaks
        with pytest.raises(TurkError) as caught:
            await one.approve()
        line.clear()
        performed(file, "DROP TRIGGER full")
    assert caught.value.ambiguous
    assert performed(file, "SELECT state FROM unit WHERE kind = 'approve'") == [("open",)]


# One key, two bonuses.


@pytest.mark.parametrize("portions", [False, True])
async def test_two_bonuses_of_one_key_in_one_call(
    market: Marketplace, mturk: Client, file: str, monkeypatch: pytest.MonkeyPatch, *, portions: bool
) -> None:
    """The first is paid, and of the second it is said that it was not, wherever the two are in the list."""
    if portions:
        monkeypatch.setattr("aioturk.batch.reviewing.PORTION", 1)
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        await worked(market, 1)
        [one] = await submissions_of(batch)
        tally = await batch.bonus_all(
            [Bonus(one.assignment_id, amount, "Good", key="prize") for amount in ("1.00", "2.00")]
        )
    assert await paid_for(mturk, one.hit.hit_id) == [Decimal("1.00")]
    assert (tally.done, tally.problem_count) == (1, 1)
    [problem] = tally.problems
    assert type(problem.error).__name__ == "PaidOtherwise"
    assert "$1.00" in str(problem.error)
