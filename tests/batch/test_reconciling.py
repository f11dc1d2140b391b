"""Reconciling: each way in which ledger and service can differ is provoked by a plain client, and found."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from aioturk._core.messages import Request, Response
from aioturk.annotations import Annotation
from aioturk.batch import Bonus
from aioturk.batch.units import Kind, State, annotation_for
from aioturk.client import Client
from aioturk.errors import TransportError, TurkError
from aioturk.marketplace import Marketplace
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.testing import JumpingClock, error_reply

from .batches import (
    CREATE,
    EXTEND,
    Line,
    Send,
    batch_of,
    before,
    deleted,
    hits_of,
    instead,
    lost,
    performed,
    rerouted,
    submissions_of,
    submitted,
    turn,
    worked,
)
from .tasks import NAME, guess_age, rows


async def test_when_all_is_well(mturk: Client, market: Marketplace, line: Line, ledger: str) -> None:
    """After a whole batch, ledger and service agree, and finding that out changes nothing."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await submitted(batch, market, 2)
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
        await deleted(mturk, one.hit_id)
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
        await deleted(mturk, one.hit_id)
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


async def test_decisions_that_the_service_does_not_have(tmp_path: Path, ledger: str) -> None:
    """After the service was set back to a copy of before, what was approved is unpaid, and can be decided on again."""
    database, copy = tmp_path / "market.db", tmp_path / "copy.db"
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, ledger) as batch:
        one, two, three = await submitted(batch, market, 3)
        await three.approve()
    shutil.copy(database, copy)
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, ledger) as batch:
        await batch.approve(one.assignment_id)
        await batch.reject(two.assignment_id, "No.")
        await batch.bonus(one.assignment_id, "1.00", "Good")
        assert (await batch.reconcile()).is_clean
    shutil.copy(copy, database)
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, ledger) as batch:
        each = guess_age().cost().total / 2
        for _ in range(2):  # nobody has said that it is all right
            found = await batch.reconcile()
            assert set(found.unpaid) == {one.assignment_id, f"{one.assignment_id}: 1 bonus of $1.00"}
        status = await batch.status()
        assert (status.submitted, status.approved, status.rejected) == (2, 1, 0)
        assert status.spent == each + cost_of_bonus("1.00").total
        await batch.reject(two.assignment_id, "No.")
        assert (await batch.approve_all()).done == 1
        assert (await mturk.get_assignment(one.assignment_id)).assignment.assignment_status == "Approved"
        assert (await mturk.get_assignment(two.assignment_id)).assignment.assignment_status == "Rejected"
        assert (await batch.reconcile()).unpaid == (f"{one.assignment_id}: 1 bonus of $1.00",)


async def test_work_that_the_service_does_not_have(tmp_path: Path, file: str) -> None:
    """Work that was handed in and approved after the copy was made is unpaid, and stays in the ledger."""
    database, copy = tmp_path / "market.db", tmp_path / "copy.db"
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    shutil.copy(database, copy)
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, file) as batch:
        await worked(market, 1)
        [one] = await submissions_of(batch)
        await one.approve()
    shutil.copy(copy, database)
    async with Marketplace(str(database)) as market, market.client() as mturk, batch_of(mturk, file) as batch:
        found = await batch.reconcile()
        assert found.unpaid == (one.assignment_id,)
        assert await batch.export(tmp_path / "results.csv") == 1


async def test_a_list_that_lags_behind_undoes_nothing(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """A HIT whose counters do not tell of an approval yet has its assignments asked for, and they are approved."""
    async with batch_of(mturk, file) as batch:
        one, _ = await submitted(batch, market, 2)
        await one.approve()

        async def old(request: Request, send: Send) -> Response:
            response = await send(request)
            body = response.body.replace(b'"NumberOfAssignmentsCompleted":1', b'"NumberOfAssignmentsCompleted":0')
            return replace(response, body=body)

        line.clear()
        with rerouted(line, old):
            found = await batch.reconcile()
        assert line.counts["GetAssignment"] == 1
        assert found.unpaid == ()
        assert (await batch.status()).approved == 1


async def test_reconciling_asks_for_no_hit_that_is_listed(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """Of a batch of many HITs, the list tells all there is to know; what is not in it is asked for by itself."""
    async with batch_of(mturk, file) as batch:
        await batch.upload(rows(30))
        line.clear()
        assert (await batch.reconcile()).is_clean
        assert set(line.counts) == {"ListHITs", "ListBonusPayments"}
        one, *_ = await hits_of(mturk)
        await deleted(mturk, one.hit_id)
        line.clear()
        assert (await batch.reconcile()).lost == (one.hit_id,)
        assert {document["HITId"] for document in line.documents("GetHIT")} == {one.hit_id}


async def test_bonuses_that_were_not_paid(mturk: Client, market: Marketplace, ledger: str) -> None:
    """A bonus or an approval that the ledger has, and the service has not, is named."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await submitted(batch, market, 2)
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
        one, two = await submitted(batch, market, 2)
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
        [one, _] = await submitted(batch, market, 2)
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
        [one, _] = await submitted(batch, market, 2)
        line.disturb = before("SendBonus")
        with pytest.raises(TransportError):
            await one.bonus("0.10", "Fast")
        line.clear()
        assert not (await batch.reconcile()).is_clean


async def test_payments_that_nobody_can_list_any_more(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """Of a HIT that the batch has deleted, the service may list no payments: they are not called unpaid."""
    async with batch_of(mturk, file) as batch:
        one, _ = await submitted(batch, market, 2)
        await one.bonus("0.10", "Fast")
        await batch.retire(approve_pending=True)
        gone = error_reply("AWS.MechanicalTurk.HITDoesNotExist", "There is no such HIT.")
        with rerouted(line, instead("ListBonusPayments", gone)):
            assert (await batch.reconcile()).is_clean


async def test_after_retiring(mturk: Client, market: Marketplace, file: str, clock: JumpingClock) -> None:
    """What the batch itself has deleted is not lost, and its payments are not missing."""
    async with batch_of(mturk, file, clock=clock) as batch:
        one, _ = await submitted(batch, market, 2)
        await one.bonus("0.10", "Fast")
        await batch.retire(approve_pending=True)
        assert (await batch.reconcile()).is_clean


async def test_reconciling_settles_decisions_and_extensions(
    market: Marketplace, mturk: Client, line: Line, ledger: str
) -> None:
    """What has happened and was left open in the ledger is done afterwards, with nothing sent but questions."""
    async with batch_of(mturk, ledger) as batch:
        one, two = await submitted(batch, market, 1, 2)
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


async def test_reconciling_settles_decisions_that_another_one_forestalled(
    mturk: Client, market: Marketplace, line: Line, file: str
) -> None:
    """A decision that was left open does not stay so for ever when somebody else has made the other one."""
    async with batch_of(mturk, file) as batch, batch_of(mturk, file) as other:
        one, two = await submitted(batch, market, 2)
        line.disturb = before("RejectAssignment", "ApproveAssignment")
        for decide in (one.reject("No."), two.approve()):
            with pytest.raises(TurkError):
                await decide
        line.clear()
        await other.approve(one.assignment_id)
        await other.reject(two.assignment_id, "No.")
        found = await batch.reconcile()
        status = await batch.status()
    assert found.is_clean
    assert (status.approved, status.rejected) == (1, 1)


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


async def test_a_bonus_whose_answer_was_lost_is_not_called_paid_too_often(
    market: Marketplace, mturk: Client, line: Line, file: str
) -> None:
    """Reconciling settles bonuses that were left open, and does not report them as paid twice."""
    async with batch_of(mturk, file) as batch:
        one, _ = await submitted(batch, market, 1, 2)
        line.disturb = lost("SendBonus")
        with suppress(TurkError):
            await one.bonus("0.10", "Good")
        line.clear()
        checked = await batch.reconcile()
    assert checked.overpaid == ()


async def test_a_new_ledger_pays_no_bonus_again(
    market: Marketplace, mturk: Client, tmp_path: Path, clock: JumpingClock
) -> None:
    """When the ledger is lost, the same program finds its HITs, and its bonuses too."""
    for ledger in ("first.db", "second.db"):
        async with batch_of(mturk, str(tmp_path / ledger), clock=clock) as batch:
            given = await submitted(batch, market, 1, 2)
            await batch.bonus_all(Bonus(one.assignment_id, "0.10", "Well done") for one in given)
        await turn(market, clock, hours=25)
    [hit] = await hits_of(mturk)
    assert len([bonus async for bonus in mturk.list_bonus_payments(hit_id=hit.hit_id)]) == 2
