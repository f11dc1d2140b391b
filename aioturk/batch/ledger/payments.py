"""Bonuses in the ledger, and what a batch costs. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, or_, select, update

from aioturk.batch.ledger.tables import batch, submission, unit
from aioturk.batch.units import Kind, State

__all__ = ["Money", "Paid", "money", "not_approved", "paid_for", "take_for_paid"]


def take_for_paid(seq: int, paid: int) -> Callable[[Connection], bool]:
    """
    Take a bonus for paid, if the service lists more that are like it than are known to be paid.

    That is decided and written down in one, so that no payment stands for two bonuses.

    Args:
        seq: The bonus's unit.
        paid: How many bonuses the service lists for the assignment, with the same worker, amount and reason.
    """

    def act(connection: Connection) -> bool:
        target = select(unit.c.target).where(unit.c.seq == seq).scalar_subquery()
        bonuses = (
            select(unit.c.seq, unit.c.state, unit.c.content)
            .where(unit.c.kind == Kind.BONUS.value, unit.c.target == target)
            .order_by(unit.c.token)
            .with_for_update()
        )
        found = {row.seq: (row.state, _what(row.content)) for row in connection.execute(bonuses)}
        ours = found[seq][1]
        states = {number: state for number, (state, what) in found.items() if what == ours}
        if states[seq] == State.DONE.value:
            return True
        known = sum(state == State.DONE.value for state in states.values())
        if paid <= known:
            return False
        connection.execute(update(unit).where(unit.c.seq == seq).values(state=State.DONE.value))
        return True

    return act


class Money(NamedTuple):
    """
    What a batch costs, in cents.

    Attributes:
        paid: Bonuses that were paid, fees included.
        on_the_way: What is being published, added or paid, and may have been.
        reserved: The most that all of it can cost.
    """

    paid: int
    on_the_way: int
    reserved: int


def money(batch_seq: int) -> Callable[[Connection], Money]:
    """Add up what a batch costs, but for the work that was approved."""
    sums = (
        select(unit.c.kind, unit.c.state, func.sum(unit.c.liability))
        .where(
            unit.c.batch_seq == batch_seq,
            or_(unit.c.kind == Kind.BONUS.value, unit.c.state.in_((State.OPEN.value, State.UNKNOWN.value))),
        )
        .group_by(unit.c.kind, unit.c.state)
    )
    reserved = select(batch.c.reserved).where(batch.c.seq == batch_seq)

    def act(connection: Connection) -> Money:
        found = {(kind, state): int(cents) for kind, state, cents in connection.execute(sums)}
        paid = found.get((Kind.BONUS.value, State.DONE.value), 0)
        settled = (State.DONE.value, State.REFUSED.value)
        on_the_way = sum(cents for (_, state), cents in found.items() if state not in settled)
        return Money(paid, on_the_way, connection.execute(reserved).scalar_one())

    return act


class Paid(NamedTuple):
    """A bonus as it can be compared: the assignment, the worker, and how much."""

    assignment_id: str
    worker_id: str
    amount: Decimal


def paid_for(hit_ids: Sequence[str]) -> Callable[[Connection], dict[Paid, tuple[int, str]]]:
    """Count the bonuses that were paid for assignments of HITs, with the HIT of each."""
    chosen = (
        select(unit.c.target, unit.c.content, submission.c.hit_id)
        .join(submission, submission.c.id == unit.c.target)
        .where(
            unit.c.kind == Kind.BONUS.value,
            unit.c.state == State.DONE.value,
            submission.c.hit_id.in_(hit_ids),
        )
    )

    def act(connection: Connection) -> dict[Paid, tuple[int, str]]:
        found: dict[Paid, tuple[int, str]] = {}
        for target, content, hit_id in connection.execute(chosen):
            worker, amount, _ = _what(content)
            paid = Paid(target, worker, Decimal(amount))
            found[paid] = (found.get(paid, (0, ""))[0] + 1, hit_id)
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


def _what(content: str) -> tuple[str, str, list[str]]:
    """What a bonus is known by in the service's list, which may lay out texts anew."""
    told = msgspec.json.decode(content)
    return told["worker"], told["amount"], told["reason"].split()
