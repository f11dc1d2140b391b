"""Submissions: every one once, typed, in order, also for a program that stops in the middle and goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from aioturk.batch import Batch, BatchSubmission
from aioturk.batch.delivering import _PAGE, _Pace
from aioturk.client import Client
from aioturk.errors import AnswerError, InvalidRequest
from aioturk.marketplace import Faults, Marketplace
from aioturk.models import AssignmentStatus
from aioturk.testing import JumpingClock

from .batches import batch_of, deleted, hits_of, performed, submissions_of, turn, until, worked
from .tasks import Guess, guess_age, rows

MANY = 2 * _PAGE + 4
"""More than are taken in hand at once."""


@pytest.fixture
async def mturk(market: Marketplace) -> AsyncIterator[Client]:
    """A client."""
    async with market.client() as mturk:
        yield mturk


async def filled(mturk: Client, market: Marketplace, ledger: str, count: int = MANY // 2, **options: Any) -> None:
    """Publish rows, and let two workers answer each."""
    async with batch_of(mturk, ledger, **options) as batch:
        await batch.upload(rows(count))
    await worked(market, 2)


async def test_each_once_typed_and_in_order(mturk: Client, market: Marketplace, ledger: str) -> None:
    """Every submission comes once, with its answer, its row and its key, in the order in which they came in."""
    async with batch_of(mturk, ledger, key="url") as batch:
        await batch.upload(rows(MANY // 2))
        await worked(market, 2)
        found = await submissions_of(batch)
        assert len({one.assignment_id for one in found}) == len(found) == MANY
        assert [one.assignment.submit_time for one in found] == sorted(one.assignment.submit_time for one in found)
        assert all(one.answer == Guess(36) for one in found)
        assert Counter(one.key for one in found) == Counter({row["url"]: 2 for row in rows(MANY // 2)})
        assert all(one.row == {"url": one.key} for one in found)
        assert await submissions_of(batch) == []


async def test_what_is_new_comes_once(mturk: Client, market: Marketplace, file: str) -> None:
    """Later submissions of the same HITs are delivered when they are there, and the earlier ones are not again."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(5))
        await worked(market, ["A1ANNAANNAANNA"])
        first = await submissions_of(batch)
        await worked(market, ["A1BERTBERTBERT"])
        second = await submissions_of(batch)
    assert {one.worker_id for one in first} == {"A1ANNAANNAANNA"}
    assert {one.worker_id for one in second} == {"A1BERTBERTBERT"}
    assert len(first) == len(second) == 5


async def test_until_complete(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """It goes on until all HITs are published and have ended, waiting meanwhile, and ends when they have."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(4))
        seen = []
        async with aclosing(batch.submissions()) as coming:
            await worked(market, ["A1ANNAANNAANNA"])
            for _ in range(4):
                seen.append(await anext(coming))
            waiting = asyncio.ensure_future(anext(coming))
            await until(lambda: clock.slept)
            assert not waiting.done()
            await worked(market, ["A1BERTBERTBERT"])
            seen.append(await waiting)
            seen += [one async for one in coming]
        assert len({one.assignment_id for one in seen}) == len(seen) == 8
        assert (await batch.status(refresh=False)).open == 0


async def test_hits_that_expire_end_it(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """HITs whose time is over have ended, with what was submitted until then."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        await worked(market, ["A1ANNAANNAANNA"])
        await turn(market, clock, hours=8 * 24)
        assert len(await submissions_of(batch, "complete")) == 3


async def test_a_batch_without_rows_is_complete(mturk: Client, file: str) -> None:
    """There is nothing to wait for."""
    async with batch_of(mturk, file) as batch:
        assert await submissions_of(batch, "complete") == []


async def test_it_waits_longer_while_nothing_comes(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """The pauses between looks grow up to a minute, and are short again when something has come."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(1))
        async with aclosing(batch.submissions()) as coming:
            waiting = asyncio.ensure_future(anext(coming))
            await until(lambda: len(clock.slept) >= 15)
            await worked(market, ["A1ANNAANNAANNA"])
            await waiting
            pauses = clock.slept[:15]
            assert pauses == sorted(pauses)
            assert pauses[0] < 5
            assert pauses[-1] == 60
            before = len(clock.slept)
            waiting = asyncio.ensure_future(anext(coming))
            await until(lambda: len(clock.slept) > before)
            assert clock.slept[before] < 5
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


def test_looks_take_a_fifth_of_the_time_at_most() -> None:
    """A look that took long, in a large account, is followed by four times as long a pause, whatever came of it."""
    pace = _Pace()
    assert [pace.next(1, 0.1), pace.next(1, 90.0), pace.next(0, 90.0)] == [2.0, 360.0, 360.0]


async def test_slow_programs_are_not_kept_waiting(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """The time that the program takes for submissions is no part of a look, and makes no pause longer."""
    await filled(mturk, market, file, 1, task=guess_age(max_assignments=3))
    async with batch_of(mturk, file, clock=clock) as batch, aclosing(batch.submissions()) as coming:
        for _ in range(2):
            await anext(coming)
            clock.advance(3600)
        waiting = asyncio.ensure_future(anext(coming))
        await until(lambda: clock.slept)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert clock.slept[0] == _Pace.shortest


async def test_there_are_three_ways_to_end(mturk: Client, file: str) -> None:
    """Anything else is refused, with what there is."""
    async with batch_of(mturk, file) as batch:
        with pytest.raises(InvalidRequest, match="complete"):
            await submissions_of(batch, "forever")


async def test_approved_in_time_comes_too(mturk: Client, market: Marketplace, ledger: str, clock: JumpingClock) -> None:
    """Work that was approved by the service because nobody decided is delivered, as approved."""
    task = guess_age(auto_approval_delay=timedelta(hours=1))
    await filled(mturk, market, ledger, 3, task=task, clock=clock)
    await turn(market, clock, hours=2)
    async with batch_of(mturk, ledger, task=task, clock=clock) as batch:
        found = await submissions_of(batch, "complete")
        assert [one.assignment.assignment_status for one in found] == [AssignmentStatus.APPROVED] * 6
        assert (await batch.status()).approved == 6


async def test_deciding_inside_hides_none(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """Approving and rejecting inside the loop takes nothing away from it."""
    await filled(mturk, market, file)
    seen = 0
    async with batch_of(mturk, file, clock=clock) as batch:
        async for submission in batch.submissions():
            seen += 1
            if seen % 2:
                await submission.approve()
            else:
                await submission.reject("No.")
        status = await batch.status()
    assert (seen, status.approved, status.rejected) == (MANY, MANY // 2, MANY // 2)


@pytest.mark.parametrize("where", [1, 3, _PAGE, _PAGE + 1, MANY])
async def test_leaving_the_loop(mturk: Client, market: Marketplace, file: str, where: int) -> None:
    """What the loop was at when it was left comes again, and all the others once."""
    await filled(mturk, market, file)
    async with batch_of(mturk, file) as batch:
        seen = []
        async for submission in batch.submissions(until="now"):
            seen.append(submission.assignment_id)
            if len(seen) == where:
                break
        rest = [one.assignment_id for one in await submissions_of(batch)]
    assert rest[0] == seen[-1]
    assert len({*seen, *rest}) == MANY
    assert len(seen) + len(rest) == MANY + 1


async def test_a_program_that_fails_in_the_loop(mturk: Client, market: Marketplace, ledger: str) -> None:
    """The next program gets what this one failed at, and what it approved before is approved once."""
    await filled(mturk, market, ledger)
    approved = []

    async def review(batch: Batch[Guess], failing_at: int | None) -> None:
        async for submission in batch.submissions(until="now"):
            await submission.approve()
            approved.append(submission.assignment_id)
            if len(approved) == failing_at:
                raise LookupError("the program's own")

    async with batch_of(mturk, ledger) as batch:
        with pytest.raises(LookupError):
            await review(batch, 7)
    async with batch_of(mturk, ledger) as batch:
        await review(batch, None)
        status = await batch.status()
    assert len(set(approved)) == MANY
    assert len(approved) == MANY + 1
    assert status.approved == MANY
    assert performed(ledger, "SELECT max(attempts) FROM unit WHERE kind = 'approve'")[0][0] == 1


async def test_a_consumer_that_is_cancelled(mturk: Client, market: Marketplace, file: str) -> None:
    """Ctrl-C inside the loop loses nothing and holds nothing back."""
    await filled(mturk, market, file)
    seen: list[str] = []
    reached = asyncio.Event()

    async def consume(batch: Batch[Guess]) -> None:
        async for submission in batch.submissions():
            seen.append(submission.assignment_id)
            if len(seen) == 5:
                reached.set()
                await asyncio.Event().wait()

    async with batch_of(mturk, file) as batch:
        consuming = asyncio.create_task(consume(batch))
        await reached.wait()
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
        rest = [one.assignment_id for one in await submissions_of(batch)]
    assert len(rest) == MANY - 4
    assert {*seen, *rest} == {*seen[:4], *rest}


async def test_two_consumers_share(mturk: Client, market: Marketplace, ledger: str) -> None:
    """Of two programs that walk at the same time each gets a part, and every submission goes to one of them."""
    await filled(mturk, market, ledger, MANY)
    ours: dict[int, list[str]] = {0: [], 1: []}

    async def consume(number: int) -> None:
        async with batch_of(mturk, ledger, clock=JumpingClock()) as batch:
            async for submission in batch.submissions(until="complete"):
                ours[number].append(submission.assignment_id)
                await asyncio.sleep(0)

    await asyncio.gather(consume(0), consume(1))
    assert len(ours[0]) + len(ours[1]) == len({*ours[0], *ours[1]}) == 2 * MANY


async def test_an_answer_that_does_not_fit(mturk: Client, market: Marketplace, file: str) -> None:
    """It is delivered like the others, with the error in the place of the answer, and can be rejected."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=1)) as batch:
        await batch.upload(rows(2))
        await market.work(lambda hit: {"age": "old" if "/0.jpg" in str(hit.question) else "36"}, workers=1)
        found = await submissions_of(batch)
        wrong = [one for one in found if one.error is not None]
        assert len(found) == 2
        [misfit] = wrong
        assert isinstance(misfit.error, AnswerError)
        assert "age" in str(misfit.error)
        with pytest.raises(AnswerError):
            _ = misfit.answer
        await misfit.reject("An age is a number.")
        assert (await batch.status()).rejected == 1


async def test_what_the_list_does_not_show_yet(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """With an index that lags, work on HITs that are too new to be listed is found by their ids."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(30))
        await worked(market, 2)
        market.faults = Faults(lag=timedelta(days=2))
        assert len(await submissions_of(batch, "complete")) == 60


async def test_hits_of_other_batches_are_left_alone(mturk: Client, market: Marketplace, file: str) -> None:
    """In an account with many HITs, only the work of this batch is delivered."""
    async with batch_of(mturk, file, name="another") as other:
        await other.upload(rows(30))
    await filled(mturk, market, file, 30)
    async with batch_of(mturk, file) as batch:
        found = await submissions_of(batch)
    ours = {hit.hit_id for hit in await hits_of(mturk)}
    assert len(found) == 60
    assert {one.assignment.hit_id for one in found} <= ours


async def test_a_deleted_hit_does_not_hold_it_up(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """A HIT that was deleted behind the batch's back has ended; what was read of it before stays."""
    async with batch_of(mturk, file, clock=clock) as batch:
        await batch.upload(rows(3))
        [gone, *_] = await hits_of(mturk)
        await deleted(mturk, gone.hit_id)
        await worked(market, 2)
        assert len(await submissions_of(batch, "complete")) == 4
        assert (await batch.status()).gone == 1


async def test_work_on_more_assignments_comes(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """HITs that were over are walked again when they get more assignments."""
    await filled(mturk, market, file, 3)
    async with batch_of(mturk, file, clock=clock) as batch:
        assert len(await submissions_of(batch, "complete")) == 6
        await batch.extend(max_assignments=3)
        await worked(market, ["A1CARLCARLCARL"])
        found: list[BatchSubmission[Guess]] = await submissions_of(batch, "complete")
    assert [one.worker_id for one in found] == ["A1CARLCARLCARL"] * 3


async def test_until_nothing_goes_on_for_ever(
    mturk: Client, market: Marketplace, file: str, clock: JumpingClock
) -> None:
    """With no end given it goes on looking, also when all HITs have ended."""
    await filled(mturk, market, file, 2)
    seen = []

    async def consume(batch: Batch[Guess]) -> None:
        async for submission in batch.submissions(until=None):
            seen.append(submission)

    async with batch_of(mturk, file, clock=clock) as batch:
        consuming = asyncio.create_task(consume(batch))
        await until(lambda: len(clock.slept) >= 20)
        assert len(seen) == 4
        assert not consuming.done()
        consuming.cancel()
        await asyncio.gather(consuming, return_exceptions=True)
