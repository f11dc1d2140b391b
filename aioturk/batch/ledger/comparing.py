"""
What the ledger says was decided and paid, as it can be compared with the service, and taking back what the service does
not have. All of these are acts, as in `units`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from aioturk.batch.ledger.payments import what
from aioturk.batch.ledger.tables import submission, unit
from aioturk.batch.ledger.units import milliseconds
from aioturk.batch.units import Kind, State

__all__ = ["Decided", "Number", "Paid", "Undone", "decided", "decisions", "not_approved", "paid_for", "undo"]

_UNDONE = "The service does not have this decision."
"""The error of decisions that were carried out, and that the service does not have."""


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


class Decided(NamedTuple):
    """An assignment that was decided on, by the ledger: its id and its status."""

    id: str
    status: str


class Undone(NamedTuple):
    """
    An assignment that was decided on by the ledger, and not by the service.

    Attributes:
        id: Its id.
        document: The assignment, in the service's JSON; None if the service does not have it at all.
    """

    id: str
    document: str | None


def decisions(hit_ids: Sequence[str]) -> Callable[[Connection], dict[str, int]]:
    """Count the assignments that were decided on, by their HITs."""
    numbers = (
        select(submission.c.hit_id, func.count())
        .where(submission.c.hit_id.in_(hit_ids), submission.c.status != "Submitted")
        .group_by(submission.c.hit_id)
    )
    return lambda connection: {row[0]: row[1] for row in connection.execute(numbers)}


def decided(hit_id: str) -> Callable[[Connection], list[Decided]]:
    """List the assignments of a HIT that were decided on."""
    chosen = (
        select(submission.c.id, submission.c.status)
        .where(submission.c.hit_id == hit_id, submission.c.status != "Submitted")
        .order_by(submission.c.id)
    )
    return lambda connection: [Decided(*row) for row in connection.execute(chosen)]


def undo(found: Sequence[Undone], now: float) -> Callable[[Connection], None]:
    """Write down that assignments are undecided, so that they can be decided on again."""
    values = [{"one": each.id, "read": each.document} for each in found if each.document is not None]
    ids = [each.id for each in found]
    changed = (
        update(submission)
        .where(submission.c.id == bindparam("one"))
        .values(status="Submitted", document=bindparam("read"))
    )
    taken_back = (
        update(unit)
        .where(
            unit.c.target.in_(ids),
            unit.c.kind.in_((Kind.APPROVE.value, Kind.REJECT.value)),
            unit.c.state == State.DONE.value,
        )
        .values(state=State.REFUSED.value, error=_UNDONE, changed_at=milliseconds(now))
    )

    def act(connection: Connection) -> None:
        if values:
            connection.execute(changed, values)
        if ids:
            connection.execute(taken_back)

    return act


def not_approved(batch_seq: int) -> Callable[[Connection], list[str]]:
    """List the assignments that were approved, by the units, and are not."""
    was_done = or_(
        unit.c.state == State.DONE.value,
        and_(unit.c.state == State.REFUSED.value, unit.c.error == _UNDONE),
    )
    chosen = (
        select(unit.c.target)
        .join(submission, submission.c.id == unit.c.target)
        .where(
            unit.c.batch_seq == batch_seq,
            unit.c.kind == Kind.APPROVE.value,
            was_done,
            submission.c.status != "Approved",
        )
        .order_by(unit.c.target)
    )
    return lambda connection: list(connection.execute(chosen).scalars())
