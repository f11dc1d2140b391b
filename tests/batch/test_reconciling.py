"""Reconciling: each way in which ledger and service can differ is provoked by a plain client, and found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from decimal import Decimal

import pytest

from aioturk.annotations import Annotation
from aioturk.batch import Batch, BatchSubmission
from aioturk.batch.units import annotation_for
from aioturk.client import Client
from aioturk.errors import TransportError
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from .batches import CREATE, Line, batch_of, before, hits_of, lost, performed, submissions_of, turn, worked
from .tasks import NAME, Guess, guess_age, rows


@pytest.fixture
def line() -> Line:
    """What requests go over."""
    return Line()


@pytest.fixture
async def mturk(market: Marketplace, line: Line) -> AsyncIterator[Client]:
    """A client that makes a single attempt for each call."""
    async with market.client(retries=False, transport=line) as mturk:
        yield mturk


async def answered(batch: Batch[Guess], market: Marketplace, count: int = 2) -> list[BatchSubmission[Guess]]:
    """Publish rows, let them be answered, and walk the answers."""
    await batch.upload(rows(count))
    await worked(market, 1)
    return await submissions_of(batch)


async def test_when_all_is_well(mturk: Client, market: Marketplace, line: Line, ledger: str) -> None:
    """After a whole batch, ledger and service agree, and finding that out changes nothing."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await answered(batch, market)
        await one.approve()
        await one.bonus("0.10", "Fast")
        await one.bonus("0.10", "Fast", key="again")
        await two.reject("No.")
        line.clear()
        found = await batch.reconcile()
    assert found.is_clean
    assert str(found) == "2 HITs; ledger and service agree"
    assert all(operation.startswith(("Get", "List")) for operation in line.counts)


async def test_a_batch_that_was_never_used(mturk: Client, file: str) -> None:
    """There is nothing to differ."""
    async with batch_of(mturk, file) as batch:
        found = await batch.reconcile()
    assert (found.is_clean, found.hits) == (True, 0)


async def test_rows_that_the_ledger_does_not_know(mturk: Client, line: Line, file: str) -> None:
    """HITs whose answers were lost are found and known from now on; rows that never arrived stay open."""
    async with batch_of(mturk, file) as batch:
        line.disturb = lost(CREATE)
        await batch.upload(rows(2))
        line.disturb = before(CREATE)
        with suppress(TransportError):
            await batch.upload(rows(5))
        line.clear()
        found = await batch.reconcile()
        assert (found.hits, found.found, found.open, found.is_clean) == (2, 2, 3, False)
        assert "3 open" in str(found)
        again = await batch.reconcile()
        assert (again.hits, again.found, again.open) == (2, 0, 3)
        status = await batch.status()
        assert (status.published, status.pending) == (2, 3)
    async with batch_of(mturk, f"{file}.2") as batch:
        assert (await batch.reconcile()).found == 2


@pytest.mark.parametrize("looks", [0, 1])
async def test_hits_that_are_gone(mturk: Client, market: Marketplace, file: str, looks: int) -> None:
    """HITs that somebody deleted behind the batch's back are lost, also when its status was asked for meanwhile."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(3))
        one, *_ = await hits_of(mturk)
        await mturk.expire_hit(one.hit_id)
        await mturk.delete_hit(one.hit_id)
        for _ in range(looks):
            await batch.status()
        found = await batch.reconcile()
    assert found.lost == (one.hit_id,)
    assert not found.is_clean


async def test_hits_that_are_gone_stay_lost(mturk: Client, market: Marketplace, file: str) -> None:
    """A second look says the same: nobody has said that it is all right."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(2))
        one, *_ = await hits_of(mturk)
        await mturk.expire_hit(one.hit_id)
        await mturk.delete_hit(one.hit_id)
        assert (await batch.reconcile()).lost == (await batch.reconcile()).lost == (one.hit_id,)


async def test_strangers(mturk: Client, file: str) -> None:
    """A HIT with the batch's name that is for no row is a stranger; one of another batch is none."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
        stranger = await guess_age().publish(mturk, rows(1)[0], batch=NAME)
        await guess_age().publish(mturk, rows(1)[0], batch="another")
        found = await batch.reconcile()
    assert found.strangers == (stranger.hit_id,)
    assert (found.hits, found.is_clean) == (2, False)


async def test_rows_with_two_hits(mturk: Client, file: str) -> None:
    """A second HIT with a row's annotation is told with the first."""
    async with batch_of(mturk, file, key="url") as batch:
        await batch.upload(rows(2))
        first, *_ = await hits_of(mturk)
        annotation = Annotation.read(first.requester_annotation or "")
        second = await mturk.create_hit_with_hit_type(
            first.hit_type_id,
            question=first.question,
            lifetime=600,
            max_assignments=2,
            requester_annotation=str(annotation),
        )
        found = await batch.reconcile()
        assert [(key, set(ids)) for key, ids in found.twice] == [(annotation.row, {first.hit_id, second.hit_id})]
        assert not found.is_clean
        # What is not the row's own HIT is looked after all the same.
        assert (await batch.stop()).ended == 3


async def test_a_row_that_no_file_has(mturk: Client, file: str) -> None:
    """A HIT with a token of this batch's form is adopted as a row, though no row was ever uploaded for it."""
    async with batch_of(mturk, file, key="url") as batch:
        await batch.upload(rows(1))
        [first] = await hits_of(mturk)
        note = annotation_for(NAME, "else", "ab" * 16, "01234567")
        await mturk.create_hit_with_hit_type(
            first.hit_type_id, question=first.question, lifetime=600, requester_annotation=str(note)
        )
        found = await batch.reconcile()
        assert (found.hits, found.found, found.is_clean) == (2, 1, True)
        assert (await batch.status()).published == 2


async def test_bonuses_that_were_not_paid(mturk: Client, market: Marketplace, ledger: str) -> None:
    """A bonus or an approval that the ledger has, and the service has not, is named."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await answered(batch, market)
        await one.bonus("0.10", "Fast")
        await one.approve()
        # As if the ledger were of another time than the service: both units belong to the other assignment.
        performed(ledger, "UPDATE unit SET target = :to WHERE kind IN ('bonus', 'approve')", to=two.assignment_id)
        found = await batch.reconcile()
    assert set(found.unpaid) == {two.assignment_id, f"{two.assignment_id}: 1 bonus of $0.10"}
    assert [paid[0] for paid in found.overpaid] == [one.assignment_id]
    assert "2 unpaid" in str(found)


async def test_bonuses_that_were_paid_too_often(mturk: Client, market: Marketplace, ledger: str) -> None:
    """What a plain client has paid for the batch's work beyond the ledger is named with how many there are."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await answered(batch, market)
        await one.bonus("0.10", "Fast")
        for assignment, amount in ((one, "0.10"), (one, "0.10"), (two, "0.30")):
            await mturk.send_bonus(
                worker_id=assignment.worker_id,
                assignment_id=assignment.assignment_id,
                bonus_amount=amount,
                reason="Fast",
            )
        found = await batch.reconcile()
    assert set(found.overpaid) == {
        (one.assignment_id, one.worker_id, Decimal("0.10"), 2),
        (two.assignment_id, two.worker_id, Decimal("0.30"), 1),
    }
    assert found.unpaid == ()
    assert not found.is_clean


@pytest.mark.parametrize("hours", [0, 25])
async def test_a_bonus_of_which_nothing_was_heard(
    mturk: Client, market: Marketplace, line: Line, file: str, clock: JumpingClock, hours: int
) -> None:
    """A bonus that the ledger has as open is not called paid too often when the service has paid it."""
    async with batch_of(mturk, file, clock=clock) as batch:
        [one, _] = await answered(batch, market)
        line.disturb = lost("SendBonus")
        with pytest.raises(TransportError):
            await one.bonus("0.10", "Fast")
        line.clear()
        await turn(market, clock, hours=hours)
        found = await batch.reconcile()
    assert found.overpaid == ()


async def test_a_bonus_that_is_open_is_not_clean(mturk: Client, market: Marketplace, line: Line, file: str) -> None:
    """As long as nobody knows whether a bonus was paid, something is open."""
    async with batch_of(mturk, file) as batch:
        [one, _] = await answered(batch, market)
        line.disturb = before("SendBonus")
        with pytest.raises(TransportError):
            await one.bonus("0.10", "Fast")
        line.clear()
        assert not (await batch.reconcile()).is_clean


async def test_after_retiring(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """What the batch itself has deleted is not lost, and its payments are not missing."""
    async with batch_of(mturk, file, clock=clock) as batch:
        one, _ = await answered(batch, market)
        await one.bonus("0.10", "Fast")
        await batch.retire(approve_pending=True)
        assert (await batch.reconcile()).is_clean
