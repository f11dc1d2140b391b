"""
`reconcile`: comparing the ledger with the service, both ways.

What was left open is settled on the way, as far as the service tells, and what the ledger alone has as decided is
undecided from then on; nothing is sent but questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from aioturk.annotations import annotation_of
from aioturk.batch.collecting import Collector
from aioturk.batch.deciding import Approving, Rejecting
from aioturk.batch.desk import AHEAD, PORTION, Desk
from aioturk.batch.documents import assignment_document
from aioturk.batch.extending import Extending
from aioturk.batch.ledger import comparing, hits, units
from aioturk.batch.ledger.claims import Claiming, claim_open, give_up
from aioturk.batch.ledger.comparing import Decided, Paid, Undone
from aioturk.batch.ledger.hits import GONE, LOST, OPEN, OVER, Watched
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.paying import Paying
from aioturk.batch.searching import search
from aioturk.batch.units import Kind, State, Unit, token_in
from aioturk.batch.work import Work
from aioturk.errors import AssignmentDoesNotExist, HITDoesNotExist, TurkError
from aioturk.models import AssignmentStatus, HITStatus
from aioturk.tasks.ahead import ahead, each
from aioturk.tasks.publishing import ACCOUNT_LEVEL

__all__ = ["Reconciliation", "reconcile"]

_AT_ONCE: Final = 16
"""How many HITs are asked about at once."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """
    How ledger and service differ.

    Attributes:
        hits: HITs of the batch that are on the service.
        found: Rows whose HITs the ledger did not know, and knows now.
        open: Rows, extensions, decisions and bonuses of which it is still not known whether they have happened, and
            bonuses that wait for the approvals that they were decided on with. Doing the same again finds out, and
            the next review goes on with the bonuses.
        lost: HITs that the ledger knows and the service does not have any more, though nobody deleted them through this
            ledger. Their submissions are in the ledger as far as they were read.
        strangers: HITs on the service that name this batch but none of its rows.
        twice: Rows with more than one HIT, and those HITs.
        unpaid: Assignments that were approved, and bonuses that were paid, by the ledger but not by the service. Such
            assignments are undecided in the ledger now, where the service has them so: approve them again.
        overpaid: Bonuses of which the service has more than the ledger, with all that may have been paid: assignment,
            worker, amount, and how many more.
    """

    hits: int
    found: int
    open: int
    lost: tuple[str, ...]
    strangers: tuple[str, ...]
    twice: tuple[tuple[str, tuple[str, ...]], ...]
    unpaid: tuple[str, ...]
    overpaid: tuple[tuple[str, str, Decimal, int], ...]

    @property
    def is_clean(self) -> bool:
        """Whether ledger and service agree, and nothing is open."""
        return not (self.open or self.lost or self.strangers or self.twice or self.unpaid or self.overpaid)

    def __str__(self) -> str:
        parts = [f"{self.hits:,} HITs"]
        for number, name in (
            (self.found, "found that the ledger did not know"),
            (self.open, "open"),
            (len(self.lost), "lost"),
            (len(self.strangers), "strangers"),
            (len(self.twice), "published twice"),
            (len(self.unpaid), "unpaid"),
            (len(self.overpaid), "paid too often"),
        ):
            if number:
                parts.append(f"{number:,} {name}")
        return ", ".join(parts) + ("; ledger and service agree" if self.is_clean else "")


async def reconcile(desk: Desk) -> Reconciliation:
    """
    Compare the ledger with the service.

    Args:
        desk: Where.
    """
    seq = await desk.seq()
    async with desk.holder:
        found = await search(desk)
        began = desk.now()
        count, strangers, behind = await _listed(desk)
        lost = await _lost(desk, began)
        for work in (Extending(desk, 0), Approving(desk), Rejecting(desk), Paying(desk)):
            await _settle(desk, work)
        await Collector(desk).collect(decisions=True)
        unpaid = dict.fromkeys(await _undo(desk, behind))
        unpaid.update(dict.fromkeys(await desk.perform(comparing.not_approved(seq))))
        missing, overpaid = await _bonuses(desk)
        counted = await desk.perform(units.counts(seq))
        left = sum(number for (_, state), number in counted.items() if state in (State.OPEN, State.PLANNED))
        twice = await desk.perform(hits.twice(seq))
    return Reconciliation(
        hits=count,
        found=found,
        open=left,
        lost=tuple(lost),
        strangers=tuple(strangers),
        twice=tuple(twice),
        unpaid=(*unpaid, *missing),
        overpaid=tuple(overpaid),
    )


async def _settle(desk: Desk, work: Work) -> None:
    """Ask the service about what is open; what has happened is written down, and nothing is sent."""
    seq = await desk.seq()
    await desk.perform(bury_the_dead)
    after = 0
    while True:
        taken, lease = await desk.take_in_hand(_open_after(desk, seq, work.kind, after))
        if not taken:
            return
        after = taken[-1].seq
        left = {unit.token for unit in taken}
        try:
            async with aclosing(ahead(each(taken), partial(_look, work), most=_AT_ONCE)) as looked:
                outcomes = [(outcome, lease) async for _, outcome in looked if outcome is not None]
            await desk.perform(units.write_outcomes(seq, outcomes, desk.now()))
        finally:
            # Whoever asks for the rest again finds it as it was.
            try:
                await desk.perform(give_up(left, desk.in_hand, lease, unsent=True))
            finally:
                desk.in_hand.put_down(left)  # also of those that a ledger which fails could not be told of


def _open_after(desk: Desk, seq: int, kind: Kind, after: int) -> Claiming[list[Unit]]:
    return lambda lease, taken: claim_open(
        seq,
        kind,
        holder_id=lease,
        in_hand=desk.in_hand,
        taken=taken,
        now=desk.now(),
        after=after,
        most=PORTION,
    )


async def _look(work: Work, unit: Unit) -> Outcome | None:
    try:
        return await work.settle(unit)
    except ACCOUNT_LEVEL:
        raise
    except TurkError:
        return None  # it stays open, and is told as that


async def _listed(desk: Desk) -> tuple[int, list[str], list[str]]:
    """
    Walk the HITs of the batch on the service.

    Returns:
        How many there are, those that are for none of its rows, and those of which the service tells of fewer decisions
        than the ledger.
    """
    count = 0
    strangers = []
    behind = []
    async with aclosing(desk.patient.list_hits().pages()) as walked:
        async for page in walked:
            decisions = {}
            for hit in page.items:
                note = annotation_of(hit)
                if note is None or note.batch != desk.name:
                    continue
                count += 1
                if token_in(hit, desk.name) is None:
                    strangers.append(hit.hit_id)
                else:
                    decisions[hit.hit_id] = hit.number_of_assignments_completed or 0
            if decisions:
                await desk.perform(hits.write_listed(list(decisions), desk.now()))
                ours = await desk.perform(comparing.decisions(list(decisions)))
                behind += [hit_id for hit_id, number in ours.items() if number > decisions[hit_id]]
    return count, strangers, behind


async def _lost(desk: Desk, began: float) -> list[str]:
    """Ask for the HITs that were not listed: they are too new for that, or deleted."""
    seq = await desk.seq()

    async def is_lost(one: Watched) -> bool:
        try:
            return (await desk.patient.get_hit(one.id)).hit_status == HITStatus.DISPOSED
        except HITDoesNotExist:
            return True

    lost = await desk.perform(hits.lost(seq))
    after = ""
    until = desk.now() + AHEAD
    while known := await desk.perform(
        hits.unseen(seq, since=began, until=until, after=after, most=PORTION, states=(OPEN, OVER))
    ):
        after = known[-1].id
        async with aclosing(ahead(each(known), is_lost, most=_AT_ONCE)) as asked:
            lost += [one.id async for one, gone in asked if gone]
    return lost


async def _undo(desk: Desk, hit_ids: Sequence[str]) -> list[str]:
    """
    Ask for the assignments of HITs that the ledger has as decided, and write down which of them are not.

    The service was set back, or it is not the one that the ledger was written with. Counters of HITs and lists lag
    behind, but the assignment itself does not.

    Returns:
        Those that were approved, by the ledger.
    """
    unpaid = []

    async def look(one: Decided) -> Undone | None:
        try:
            assignment = (await desk.patient.get_assignment(one.id)).assignment
        except AssignmentDoesNotExist:
            return Undone(one.id, None)
        if assignment.assignment_status != AssignmentStatus.SUBMITTED:
            return None
        return Undone(one.id, assignment_document(assignment))

    for hit_id in hit_ids:
        decided = await desk.perform(comparing.decided(hit_id))
        async with aclosing(ahead(each(decided), look, most=_AT_ONCE)) as looked:
            undone = [(one, found) async for one, found in looked if found is not None]
        await desk.perform(comparing.undo([found for _, found in undone], desk.now()))
        unpaid += [one.id for one, _ in undone if one.status == AssignmentStatus.APPROVED.value]
    return unpaid


async def _bonuses(desk: Desk) -> tuple[list[str], list[tuple[str, str, Decimal, int]]]:
    """Compare bonuses, HIT by HIT; equal ones are counted."""
    seq = await desk.seq()

    async def on_the_service(hit_id: str) -> Counter[Paid]:
        paid: Counter[Paid] = Counter()
        try:
            async for payment in desk.patient.list_bonus_payments(hit_id=hit_id):
                paid[Paid(payment.assignment_id, payment.worker_id, payment.bonus_amount)] += 1
        except HITDoesNotExist:
            paid.clear()
        return paid

    missing: list[str] = []
    overpaid: list[tuple[str, str, Decimal, int]] = []
    after = ""
    while known := await desk.perform(hits.in_states(seq, (OPEN, OVER, GONE, LOST), after=after, most=PORTION)):
        after = known[-1].id
        async with aclosing(ahead(each([one.id for one in known]), on_the_service, most=_AT_ONCE)) as asked:
            there = sum([paid async for _, paid in asked], Counter[Paid]())
        ours = await desk.perform(comparing.paid_for([one.id for one in known]))
        gone = {one.id for one in known if one.state in (GONE, LOST)}
        for alike, number in ours.items():
            if there[alike] < number.paid and number.hit_id not in gone:
                missing.append(f"{alike.assignment_id}: {number.paid - there[alike]} bonus of ${alike.amount}")
        for alike, count in there.items():
            mine = ours.get(alike)
            more = count - (0 if mine is None else mine.paid + mine.perhaps)
            if more > 0:
                overpaid.append((alike.assignment_id, alike.worker_id, alike.amount, more))
    return missing, overpaid
