"""
`reconcile`: comparing the ledger with the service, both ways.

What was left open is settled on the way, as far as the service tells; nothing is sent but questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from aioturk.annotations import annotation_of
from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.ledger import hits, payments, units
from aioturk.batch.ledger.hits import GONE, OPEN, OVER
from aioturk.batch.ledger.payments import Paid
from aioturk.batch.units import Kind, State, token_in
from aioturk.errors import HITDoesNotExist
from aioturk.models import HITStatus
from aioturk.tasks.ahead import ahead, each

__all__ = ["Reconciliation", "reconcile"]

_PORTION: Final = 200
_AT_ONCE: Final = 16
"""How many HITs are asked about at once."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """
    How ledger and service differ.

    Attributes:
        hits: HITs of the batch that are on the service.
        found: Rows whose HITs the ledger did not know, and knows now.
        open: Rows of which it is still not known whether they have a HIT; the next upload finds out.
        lost: HITs that the ledger knows and the service does not have any more, though nobody deleted them through this
            ledger. Their submissions are in the ledger as far as they were read.
        strangers: HITs on the service that name this batch but none of its rows.
        twice: Rows with more than one HIT, and those HITs.
        unpaid: Assignments that were approved, and bonuses that were paid, by the ledger but not by the service.
        overpaid: Bonuses of which the service has more than the ledger: assignment, worker, amount, and how many more.
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


async def reconcile(desk: Desk, search: Callable[[], Awaitable[int]]) -> Reconciliation:
    """
    Compare the ledger with the service.

    Args:
        desk: Where.
        search: Adopts HITs of the batch that the ledger does not know.
    """
    seq = await desk.seq()
    async with desk.holder:
        found = await search()
        count, strangers = await _listed(desk)
        lost = await _lost(desk)
        await Collector(desk).collect(decisions=True)
        unpaid = await desk.perform(payments.not_approved(seq))
        missing, overpaid = await _bonuses(desk)
        left = (await desk.perform(units.counts(seq))).get((Kind.PUBLISH, State.OPEN), 0)
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


async def _listed(desk: Desk) -> tuple[int, list[str]]:
    """Count the HITs of the batch on the service, and pick out those that are for none of its rows."""
    count = 0
    strangers = []
    async with aclosing(aiter(desk.patient.list_hits())) as listed:
        async for hit in listed:
            note = annotation_of(hit)
            if note is None or note.batch != desk.name:
                continue
            count += 1
            if token_in(hit, desk.name) is None:
                strangers.append(hit.hit_id)
    return count, strangers


async def _lost(desk: Desk) -> list[str]:
    seq = await desk.seq()

    async def is_lost(hit_id: str) -> bool:
        try:
            return (await desk.patient.get_hit(hit_id)).hit_status == HITStatus.DISPOSED
        except HITDoesNotExist:
            return True

    lost = []
    after = ""
    while known := await desk.perform(hits.in_states(seq, (OPEN, OVER), after=after, most=_PORTION)):
        after = known[-1].id
        async with aclosing(ahead(each([one.id for one in known]), is_lost, most=_AT_ONCE)) as asked:
            lost += [hit_id async for hit_id, gone in asked if gone]
    return lost


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
    while known := await desk.perform(hits.in_states(seq, (OPEN, OVER, GONE), after=after, most=_PORTION)):
        after = known[-1].id
        async with aclosing(ahead(each([one.id for one in known]), on_the_service, most=_AT_ONCE)) as asked:
            there = sum([paid async for _, paid in asked], Counter[Paid]())
        ours = await desk.perform(payments.paid_for([one.id for one in known]))
        gone = {one.id for one in known if one.state == GONE}
        for paid, (number, hit_id) in ours.items():
            if there[paid] < number and hit_id not in gone:
                missing.append(f"{paid.assignment_id}: {number - there[paid]} bonus of ${paid.amount}")
        for paid, number in there.items():
            more = number - ours.get(paid, (0, ""))[0]
            if more > 0:
                overpaid.append((paid.assignment_id, paid.worker_id, paid.amount, more))
    return missing, overpaid
