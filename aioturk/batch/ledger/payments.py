"""Bonuses in the ledger, and what a batch costs. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, or_, select, update

from aioturk.batch.ledger.hits import OPEN
from aioturk.batch.ledger.purse import Purse, reserve
from aioturk.batch.ledger.tables import batch, hit, insert_into, submission, unit
from aioturk.batch.ledger.units import milliseconds, unit_of
from aioturk.batch.units import Intent, Kind, State, Unit

__all__ = [
    "Money",
    "Number",
    "Paid",
    "approvals_with_bonuses",
    "come_due",
    "due",
    "money",
    "not_approved",
    "paid_for",
    "plan",
    "take_for_paid",
    "was_made_here",
]


def take_for_paid(seq: int, paid: int, trusted: tuple[float, float]) -> Callable[[Connection], bool | None]:
    """
    Take a bonus for paid, if the service lists more that are like it than can be others.

    That is decided and written down in one, so that no payment stands for two bonuses.

    Args:
        seq: The bonus's unit.
        paid: How many bonuses the service lists for the assignment, with the same worker, amount and reason.
        trusted: The moments between which a first attempt lies that may be under way.

    Returns:
        Whether it is paid; None if one of these payments is this bonus, or another that is just being paid.
    """
    earliest, latest = map(milliseconds, trusted)

    def act(connection: Connection) -> bool | None:
        target = select(unit.c.target).where(unit.c.seq == seq).scalar_subquery()
        bonuses = (
            select(unit.c.seq, unit.c.state, unit.c.content, unit.c.first_attempt)
            .where(unit.c.kind == Kind.BONUS.value, unit.c.target == target)
            .order_by(unit.c.token)
            .with_for_update()
        )
        found = {row.seq: row for row in connection.execute(bonuses)}
        ours = found.pop(seq)
        if ours.state == State.DONE.value:
            return True
        alike = [row for row in found.values() if _what(row.content) == _what(ours.content)]
        known = sum(row.state == State.DONE.value for row in alike)
        perhaps = sum(
            row.state == State.OPEN.value and row.first_attempt is not None and earliest <= row.first_attempt <= latest
            for row in alike
        )
        if paid <= known:
            return False
        if paid <= known + perhaps:
            return None
        connection.execute(update(unit).where(unit.c.seq == seq).values(state=State.DONE.value))
        return True

    return act


# Bonuses that were decided on together with approvals.


def plan(
    batch_seq: int, decided: Sequence[str], bonuses: Sequence[Intent], *, now: float, budget: int | None
) -> Callable[[Connection], set[str]]:
    """
    Write down the bonuses that are to be paid when their assignments are approved.

    What was planned before for these assignments, and is not among them any more, is given up.

    Args:
        batch_seq: The batch.
        decided: The assignments that are being decided on.
        bonuses: The bonuses.
        now: The time, in seconds since 1970.
        budget: The most cents that all units of the batch may cost together.

    Returns:
        The tokens of those that the budget does not cover; they were not written down.
    """
    wanted = {intent.token: intent for intent in bonuses}
    planned = and_(unit.c.target.in_(decided), unit.c.state == State.PLANNED.value)
    known = (
        select(unit.c.seq, unit.c.token, unit.c.state, unit.c.liability)
        .where(
            unit.c.batch_seq == batch_seq,
            unit.c.kind == Kind.BONUS.value,
            or_(unit.c.token.in_(list(wanted)), planned),
        )
        .order_by(unit.c.token)
        .with_for_update()
    )

    def act(connection: Connection) -> set[str]:
        purse = Purse(connection, batch_seq, budget)
        there = {row.token: row for row in connection.execute(known)}
        for row in there.values():
            if row.state == State.PLANNED.value and row.token not in wanted:
                connection.execute(_given_up([row.seq], now))
                purse.put_back(row.liability)
        short = set()
        for intent in wanted.values():
            before = there.get(intent.token)
            if before is not None and before.state != State.REFUSED.value:
                continue  # it is planned already, or more than that
            if not purse.take(intent.liability):
                short.add(intent.token)
            elif not connection.execute(_planned(batch_seq, intent, before, connection.dialect.name, now)).rowcount:
                purse.put_back(intent.liability)  # somebody was faster
        purse.close()
        return short

    return act


def _planned(batch_seq: int, intent: Intent, before: Any, dialect: str, now: float) -> Any:
    values = {
        "state": State.PLANNED.value,
        "holder_id": None,
        "first_attempt": None,
        "attempts": 0,
        "liability": intent.liability,
        "asked": intent.asked,
        "content": msgspec.json.encode(intent.content).decode(),
        "target": intent.target,
        "error": None,
        "changed_at": milliseconds(now),
    }
    if before is not None:
        return update(unit).where(unit.c.seq == before.seq).values(values)
    row = {"batch_seq": batch_seq, "kind": intent.kind.value, "token": intent.token, "key": intent.key, **values}
    return insert_into(unit, dialect).values(row).on_conflict_do_nothing(index_elements=[unit.c.token])


def _given_up(seqs: Sequence[int], now: float) -> Any:
    error = "The assignment was not approved with this bonus."
    values = {"state": State.REFUSED.value, "error": error, "changed_at": milliseconds(now)}
    return update(unit).where(unit.c.seq.in_(seqs)).values(values)


_APPROVING = unit.alias("approving")


def _decided(status: str) -> ColumnElement[bool]:
    return exists().where(submission.c.id == unit.c.target, submission.c.status == status)


def _approvals(*states: State) -> ColumnElement[bool]:
    return exists().where(
        _APPROVING.c.target == unit.c.target,
        _APPROVING.c.kind == Kind.APPROVE.value,
        _APPROVING.c.state.in_([state.value for state in states]),
    )


def _bonuses(batch_seq: int, state: State) -> ColumnElement[bool]:
    return and_(unit.c.batch_seq == batch_seq, unit.c.kind == Kind.BONUS.value, unit.c.state == state.value)


def come_due(batch_seq: int, now: float) -> Callable[[Connection], None]:
    """Open the planned bonuses of what is approved, and give up those of what cannot be approved any more."""
    is_planned = _bonuses(batch_seq, State.PLANNED)
    is_approved = or_(_decided("Approved"), _approvals(State.DONE))
    is_refused = or_(_decided("Rejected"), and_(_approvals(State.REFUSED), not_(_approvals(State.OPEN, State.UNKNOWN))))
    opened = update(unit).where(is_planned, is_approved).values(state=State.OPEN.value, changed_at=milliseconds(now))
    in_vain = select(unit.c.seq, unit.c.liability).where(is_planned, is_refused).order_by(unit.c.token)

    def act(connection: Connection) -> None:
        connection.execute(opened)
        refused = connection.execute(in_vain.with_for_update(of=unit)).all()
        if refused:
            connection.execute(_given_up([row.seq for row in refused], now))
            reserve(connection, batch_seq, -sum(row.liability for row in refused))

    return act


def due(batch_seq: int, *, after: int, most: int) -> Callable[[Connection], list[Unit]]:
    """List the open bonuses, in nobody's hands, of assignments that are approved, from behind one of them."""
    is_approved = or_(_decided("Approved"), _approvals(State.DONE))
    return _listed(and_(_bonuses(batch_seq, State.OPEN), is_approved, unit.c.holder_id.is_(None)), after, most)


def approvals_with_bonuses(batch_seq: int, *, after: int, most: int) -> Callable[[Connection], list[Unit]]:
    """List the open approvals, in nobody's hands, that bonuses are planned with, from behind one of them."""
    bonus = unit.alias("bonus")
    with_bonus = exists().where(
        bonus.c.target == unit.c.target,
        bonus.c.kind == Kind.BONUS.value,
        bonus.c.state == State.PLANNED.value,
    )
    is_open = and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind == Kind.APPROVE.value,
        unit.c.state == State.OPEN.value,
        unit.c.holder_id.is_(None),
    )
    return _listed(and_(is_open, with_bonus), after, most)


def _listed(which: ColumnElement[bool], after: int, most: int) -> Callable[[Connection], list[Unit]]:
    chosen = select(unit).where(which, unit.c.seq > after).order_by(unit.c.seq).limit(most)
    return lambda connection: [unit_of(row) for row in connection.execute(chosen)]


def was_made_here(hit_id: str) -> Callable[[Connection], bool]:
    """
    Say whether a HIT was published through this ledger.

    Of one that was found on the service, another ledger that is lost may have known more: bonuses, for example.
    """
    attempts = select(unit.c.attempts).join(hit, hit.c.unit_seq == unit.c.seq).where(hit.c.id == hit_id)
    return lambda connection: bool(connection.execute(attempts).scalar())


# Sums.


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


# Comparing with the service.


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
            worker, amount, _ = _what(content)
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


def _what(content: str) -> tuple[str, str, list[str]]:
    """What a bonus is known by in the service's list, which may lay out texts anew."""
    told = msgspec.json.decode(content)
    return told["worker"], told["amount"], told["reason"].split()
