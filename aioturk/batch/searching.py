"""
Searching: finding the HITs of a batch on the service that its ledger does not know, and adopting them.

Their annotations tell for which rows they are. They are found in one walk through the list of all HITs.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from aioturk.annotations import annotation_of
from aioturk.batch.desk import PORTION, Desk
from aioturk.batch.documents import hit_document
from aioturk.batch.ledger.adoption import Adopted, adopt
from aioturk.batch.units import token_in
from aioturk.models import HIT
from aioturk.pricing import FeeTable, cost

__all__ = ["adopt_hits", "cost_of", "search"]


async def search(desk: Desk) -> int:
    """
    Adopt all HITs of the batch that are on the service.

    Args:
        desk: Where.

    Returns:
        How many the ledger did not know.
    """
    found: list[HIT] = []
    new = 0
    async with aclosing(aiter(desk.patient.list_hits())) as hits:
        async for hit in hits:
            if token_in(hit, desk.name) is not None:
                found.append(hit)
            if len(found) >= PORTION:
                new += await adopt_hits(desk, found)
                found = []
    return new + await adopt_hits(desk, found)


async def adopt_hits(desk: Desk, found: Sequence[HIT]) -> int:
    """Write HITs of the batch down as those of their rows; return how many were not known to be."""
    if not found:
        return 0
    fees = await desk.fees()
    adopted = [known for hit in found if (known := _adopted(hit, desk.name, fees)) is not None]
    return await desk.perform(adopt(await desk.seq(), adopted, desk.now()))


def _adopted(hit: HIT, batch: str, fees: FeeTable) -> Adopted | None:
    known = token_in(hit, batch)
    if known is None:
        return None
    token, asked = known
    note = annotation_of(hit)
    key = "" if note is None or note.row is None else note.row
    return Adopted(token, key, asked, hit.hit_id, cost_of(hit, fees), hit.max_assignments, hit_document(hit))


def cost_of(hit: HIT, fees: FeeTable) -> int:
    """Return what a HIT can cost, in cents, by what it says itself."""
    requirements = hit.qualification_requirements or ()
    return cost(hit.reward, hit.max_assignments, requirements=requirements, fees=fees).cents
