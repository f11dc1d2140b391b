"""What a batch costs. It is an act, as in `units`; how money is reserved is in `aioturk.batch.ledger.purse`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, func, or_, select

from aioturk.batch.ledger.hits import OPEN
from aioturk.batch.ledger.tables import batch, hit, submission, unit
from aioturk.batch.units import Kind, State

__all__ = ["Money", "money"]


class Money(NamedTuple):
    """
    What a batch costs, in cents.

    Attributes:
        spent: Approved work and bonuses, fees included.
        held: What may still have to be paid for what is published, being published, added or paid.
        reserved: The most that all of it can cost.
    """

    spent: int
    held: int
    reserved: int


def money(batch_seq: int) -> Callable[[Connection], Money]:
    """Add up what a batch costs, each assignment with what its HIT pays."""
    of_units = (
        select(unit.c.kind, unit.c.state, func.sum(unit.c.liability))
        .where(
            unit.c.batch_seq == batch_seq,
            or_(unit.c.kind == Kind.BONUS.value, unit.c.state.in_((State.OPEN.value, State.UNKNOWN.value))),
        )
        .group_by(unit.c.kind, unit.c.state)
    )
    of_work = (
        select(hit.c.state, submission.c.status, func.sum(hit.c.cents))
        .select_from(submission)
        .join(hit, hit.c.id == submission.c.hit_id)
        .where(submission.c.batch_seq == batch_seq)
        .group_by(hit.c.state, submission.c.status)
    )
    of_hits = select(func.sum(hit.c.most * hit.c.cents)).where(hit.c.batch_seq == batch_seq, hit.c.state == OPEN)
    reserved = select(batch.c.reserved).where(batch.c.seq == batch_seq)

    def act(connection: Connection) -> Money:
        spent = 0
        held = int(connection.execute(of_hits).scalar() or 0)
        for state, status, cents in connection.execute(of_work):
            spent += int(cents) if status == "Approved" else 0
            if state == OPEN:
                held -= int(cents) if status != "Submitted" else 0
            else:
                held += int(cents) if status == "Submitted" else 0
        for kind, state, cents in connection.execute(of_units):
            if state not in (State.DONE.value, State.REFUSED.value):
                held += int(cents)
            elif (kind, state) == (Kind.BONUS.value, State.DONE.value):
                spent += int(cents)
        return Money(spent, held, connection.execute(reserved).scalar_one())

    return act
