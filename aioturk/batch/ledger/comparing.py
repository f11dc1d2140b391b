"""
What the ledger says was approved and paid, as it can be compared with the service. All of these are acts, as in
`units`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, select

from aioturk.batch.ledger.payments import what
from aioturk.batch.ledger.tables import submission, unit
from aioturk.batch.units import Kind, State

__all__ = ["Number", "Paid", "not_approved", "paid_for"]


class Paid(NamedTuple):
    """A bonus as it can be compared: the assignment, the worker, and how much."""

    assignment_id: str
    worker_id: str
    amount: Decimal


class Number(NamedTuple):
    """
    How many bonuses there are that are alike.

    Attributes:
        paid: Those that were paid.
        perhaps: Those that may have been.
        hit_id: The HIT of their assignment.
    """

    paid: int
    perhaps: int
    hit_id: str


def paid_for(hit_ids: Sequence[str]) -> Callable[[Connection], dict[Paid, Number]]:
    """Count the bonuses that were paid, or may have been, for assignments of HITs."""
    chosen = (
        select(unit.c.target, unit.c.content, unit.c.state, submission.c.hit_id)
        .join(submission, submission.c.id == unit.c.target)
        .where(
            unit.c.kind == Kind.BONUS.value,
            unit.c.state != State.REFUSED.value,
            submission.c.hit_id.in_(hit_ids),
        )
    )

    def act(connection: Connection) -> dict[Paid, Number]:
        found: dict[Paid, Number] = {}
        for target, content, state, hit_id in connection.execute(chosen):
            worker, amount, _ = what(content)
            alike = Paid(target, worker, Decimal(amount))
            paid, perhaps, _ = found.get(alike, Number(0, 0, hit_id))
            is_paid = state == State.DONE.value
            found[alike] = Number(paid + is_paid, perhaps + (not is_paid), hit_id)
        return found

    return act


def not_approved(batch_seq: int) -> Callable[[Connection], list[str]]:
    """List the assignments that were approved, by the units, and are not."""
    chosen = (
        select(unit.c.target)
        .join(submission, submission.c.id == unit.c.target)
        .where(
            unit.c.batch_seq == batch_seq,
            unit.c.kind == Kind.APPROVE.value,
            unit.c.state == State.DONE.value,
            submission.c.status != "Approved",
        )
        .order_by(unit.c.target)
    )
    return lambda connection: list(connection.execute(chosen).scalars())
