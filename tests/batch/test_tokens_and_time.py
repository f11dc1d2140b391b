"""Request tokens that grow old: while a computer sleeps, in an upload of days, in a ledger that nobody looked at."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aioturk._core.messages import Request, Response
from aioturk.batch import Bonus
from aioturk.client import Client
from aioturk.errors import ConnectionLost, TurkError
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock, error_reply

from .batches import (
    EXTEND,
    Disturb,
    Line,
    Send,
    batch_of,
    before,
    hits_of,
    lost,
    operation_of,
    performed,
    rerouted,
    submissions_of,
    submitted,
    turn,
    worked,
)
from .tasks import guess_age, rows, urls

HOURS = 25


class Suspended(JumpingClock):
    """A clock whose monotonic side stands still while the computer sleeps, as Linux has it."""

    def __init__(self) -> None:
        super().__init__(time.time())
        self.asleep = 0.0

    def time(self) -> float:
        return super().time() + self.asleep


async def paid_for(mturk: Client, hit_id: str) -> list[str]:
    """List the bonuses that were paid for a HIT."""
    return [str(bonus.bonus_amount) async for bonus in mturk.list_bonus_payments(hit_id=hit_id)]


def silence(ledger: str, holder_id: str) -> None:
    """Let a holder be on another computer of which nothing is heard."""
    performed(ledger, "UPDATE holder SET host = 'laptop', beat = beat - 31000 WHERE id = :id", id=holder_id)


# A computer that sleeps.


async def test_a_laptop_that_sleeps_before_a_first_bonus_is_sent(market: Marketplace, ledger: str) -> None:
    """Taken up once, paid by others meanwhile, and a day later not sent by who wakes: one payment."""
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock) as ours, market.client() as theirs:
        async with batch_of(ours, ledger, clock=clock) as laptop, batch_of(theirs, ledger) as other:
            await laptop.upload(rows(1))
            await worked(market, 1)
            [one] = await submissions_of(laptop)
            bonus = Bonus(one.assignment_id, "0.10", "Good")

            async def sleepy(request: Request, send: Send) -> Response:
                if operation_of(request) != "SendBonus" or clock.asleep:
                    return await send(request)
                silence(ledger, laptop._desk.holder.id)
                assert (await other.bonus_all([bonus])).done == 1
                await market.advance(timedelta(hours=HOURS))
                clock.asleep += HOURS * 3600
                return error_reply(None, "Rate exceeded", kind="ThrottlingException")

            with rerouted(line, sleepy):
                with suppress(TurkError):
                    await laptop.bonus_all([bonus])
        assert await paid_for(theirs, one.hit.hit_id) == ["0.10"]


async def test_a_laptop_that_sleeps_before_a_first_row_is_sent(market: Marketplace, ledger: str) -> None:
    """The same of a row, which waits for its HIT type while the lid is closed: one HIT."""
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock) as ours, market.client() as theirs:
        async with batch_of(ours, ledger, clock=clock) as laptop, batch_of(theirs, ledger) as other:

            async def sleepy(request: Request, send: Send) -> Response:
                if operation_of(request) != "CreateHITType" or clock.asleep:
                    return await send(request)
                silence(ledger, laptop._desk.holder.id)
                assert (await other.upload(rows(1))).published == 1
                await market.advance(timedelta(hours=HOURS))
                clock.asleep += HOURS * 3600
                raise ConnectionLost("the computer woke up")

            with rerouted(line, sleepy):
                with suppress(TurkError):
                    await laptop.upload(rows(1))
        assert urls(await hits_of(theirs)) == Counter({row["url"]: 1 for row in rows(1)})


async def test_a_program_alone_that_sleeps_before_a_first_row_is_sent(market: Marketplace, file: str) -> None:
    """Who was not taken for dead publishes the row all the same, after a look at the service."""
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock) as mturk, batch_of(mturk, file, clock=clock) as batch:

        async def sleepy(request: Request, send: Send) -> Response:
            if operation_of(request) == "CreateHITType" and not clock.asleep:
                await market.advance(timedelta(hours=HOURS))
                clock.asleep += HOURS * 3600
            return await send(request)

        with rerouted(line, sleepy):
            report = await batch.upload(rows(3))
        assert (report.published, report.open) == (3, 0)
        assert len(await hits_of(mturk)) == 3


# An upload that lasts for days.


async def test_another_ledger_during_an_upload_of_days(
    market: Marketplace, tmp_path: Path, clock: JumpingClock
) -> None:
    """What a second ledger of the batch published since the upload began is found, though its tokens are forgotten."""
    async with market.client() as mturk:
        async with (
            batch_of(mturk, str(tmp_path / "one.db"), clock=clock) as batch,
            batch_of(mturk, str(tmp_path / "two.db"), clock=clock) as other,
        ):

            async def source() -> AsyncIterator[dict[str, str]]:
                first, second = rows(2)
                yield first
                await asyncio.sleep(0.5)  # the first row may be taken up now, or wait for more
                await other.upload([first, second])
                await turn(market, clock, hours=HOURS)
                yield second

            report = await batch.upload(source())
        assert report.is_complete
        assert urls(await hits_of(mturk)) == Counter({row["url"]: 1 for row in rows(2)})


async def test_another_ledger_and_a_sleep_between_the_look_and_the_call(market: Marketplace, tmp_path: Path) -> None:
    """A row taken up long after the look, and sent long after that, is not made again: all of it counts together."""
    clock = Suspended()
    line = Line()
    async with market.client(transport=line, clock=clock) as mturk, market.client() as theirs:
        async with (
            batch_of(mturk, str(tmp_path / "one.db"), clock=clock) as batch,
            batch_of(theirs, str(tmp_path / "two.db")) as other,
        ):
            asleep: list[bool] = []

            async def source() -> AsyncIterator[dict[str, str]]:
                [row] = rows(1)
                await other.upload([row])
                await turn(market, clock, hours=12)
                yield row

            async def sleepy(request: Request, send: Send) -> Response:
                if operation_of(request) == "CreateHITType" and not asleep:
                    asleep.append(True)
                    await market.advance(timedelta(hours=15))
                    clock.asleep += 15 * 3600
                return await send(request)

            with rerouted(line, sleepy):
                report = await batch.upload(source())
        assert (report.open, report.refused) == (0, 0)
        assert len(await hits_of(theirs)) == 1


# What was left open for a hundred days.


async def a_bonus_left_open(batch: Any, line: Line, market: Marketplace) -> Bonus:
    """Leave a bonus open whose answer was lost."""
    await batch.upload(rows(1))
    await worked(market, 1)
    [one] = await submissions_of(batch)
    bonus = Bonus(one.assignment_id, "1.00", "Good")
    line.disturb = lost("SendBonus")
    with suppress(TurkError):
        await batch.bonus_all([bonus])
    line.clear()
    return bonus


async def test_a_bonus_left_open_for_long_is_not_sent_without_a_word(
    market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """After a hundred days nobody can tell whether a bonus was paid, so neither many nor one are sent by themselves."""
    line = Line()
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, file, clock=clock) as batch:
            bonus = await a_bonus_left_open(batch, line, market)
        performed(file, "UPDATE unit SET state = 'open', holder_id = NULL WHERE kind = 'bonus'")
        await turn(market, clock, hours=130 * 24)
        async with batch_of(mturk, file, clock=clock) as batch:
            tally = await batch.bonus_all([bonus])
            caught = await asyncio.gather(batch.bonus(bonus.assignment_id, "1.00", "Good"), return_exceptions=True)
    assert tally.unknown == 1
    assert isinstance(caught[0], TurkError)
    assert caught[0].ambiguous
    assert "100 days" in str(caught[0])
    assert line.counts["SendBonus"] == 0
    assert performed(file, "SELECT state FROM unit WHERE kind = 'bonus'") == [("unknown",)]


async def test_one_bonus_left_open_for_long_is_not_sent_without_a_word(
    market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """Paying a single one looks at the days by itself."""
    line = Line()
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, file, clock=clock) as batch:
            bonus = await a_bonus_left_open(batch, line, market)
            performed(file, "UPDATE unit SET state = 'open', holder_id = NULL WHERE kind = 'bonus'")
            await turn(market, clock, hours=130 * 24)
            with suppress(TurkError):
                await batch.bonus(bonus.assignment_id, "1.00", "Good")
    assert line.counts["SendBonus"] == 0
    assert performed(file, "SELECT state FROM unit WHERE kind = 'bonus'") == [("unknown",)]


@pytest.mark.parametrize("trouble", [lost, before])
@pytest.mark.parametrize("operation", [EXTEND, "ApproveAssignment", "RejectAssignment"])
async def test_what_hits_and_assignments_tell_is_never_forgotten(
    market: Marketplace, file: str, clock: JumpingClock, operation: str, trouble: Callable[[str], Disturb]
) -> None:
    """An extension, or a decision, that was left open for a hundred days is looked for where it is to be seen."""
    line = Line()
    task = guess_age(lifetime=timedelta(days=300), max_assignments=3, auto_approval_delay=timedelta(days=30))
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, file, task=task, clock=clock) as batch:
            [one] = await submitted(batch, market, 1)

            async def ask() -> None:
                if operation == EXTEND:
                    assert (await batch.extend(max_assignments=5)).unknown == 0
                elif operation == "ApproveAssignment":
                    await batch.approve(one.assignment_id)
                else:
                    await batch.reject(one.assignment_id, "No.")

            line.disturb = trouble(operation)
            with suppress(TurkError):
                await ask()
            line.clear()
            # What a call that is waited for leaves behind when the program is killed.
            performed(file, "UPDATE unit SET state = 'open', attempts = 2, holder_id = NULL WHERE kind <> 'publish'")
            performed(file, "UPDATE submission SET status = 'Submitted'")
            performed(file, "UPDATE hit SET most = 3")
            await turn(market, clock, hours=20 * 24)
            clock.advance(101 * 86400)
            await ask()
            states = performed(file, "SELECT state FROM unit WHERE kind <> 'publish'")
            found = await mturk.get_assignment(one.assignment_id)
    assert states == [("done",)]
    if operation == EXTEND:
        assert found.hit.max_assignments == 5
    else:
        assert found.assignment.assignment_status == {"A": "Approved", "R": "Rejected"}[operation[0]]
