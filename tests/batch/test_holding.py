"""Who is at work: leases, computers that sleep, and what is cancelled in the middle."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, aclosing, closing, suppress
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from aioturk._databases import database_url
from aioturk.batch import Bonus
from aioturk.batch.ledger import claims, holders
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.processes import own_process
from aioturk.client import Client
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from ..postgres import Postgres
from .batches import CREATE, Impatient, Line, Sleep, batch_of, before, hits_of, performed, submissions_of, worked
from .tasks import rows

ORPHANS = "SELECT holder_id FROM {} WHERE holder_id IS NOT NULL AND holder_id NOT IN (SELECT id FROM holder)"


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


async def test_two_uploads_at_once_send_each_row_once(mturk: Client, line: Line, file: str) -> None:
    """Two concurrent uploads of one batch send no token twice."""
    async with batch_of(mturk, file) as batch:
        await batch.upload([])
        line.clear()
        await asyncio.gather(batch.upload(rows(40)), batch.upload(rows(40)))
    tokens = Counter(document["UniqueRequestToken"] for document in line.documents(CREATE))
    assert set(tokens.values()) == {1}


async def test_rows_that_another_program_is_just_taking_are_waited_for(
    mturk: Client, line: Line, postgres: Postgres
) -> None:
    """Open rows that are locked, and that nobody is yet written down to have in hand, are not given up."""
    ledger = postgres.empty()
    async with batch_of(mturk, ledger) as batch:
        line.disturb = before(CREATE)
        assert (await batch.upload(rows(3))).open == 3
    line.clear()
    engine = create_engine(database_url(ledger), poolclass=NullPool)
    other = engine.connect()
    other.execute(text("SELECT seq FROM unit FOR UPDATE"))

    class Waiting(JumpingClock):
        async def sleep(self, seconds: float) -> None:
            other.rollback()  # it did not come to it
            await super().sleep(seconds)

    with closing(other):
        async with batch_of(mturk, ledger, clock=Waiting(time.time())) as batch:
            assert (await batch.upload([])).is_complete
    engine.dispose()
    assert len(await hits_of(mturk)) == 3


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
