"""
Bonuses that were decided on with approvals: they wait for these, or are given up. All of these are acts, as in `units`.

There is one for each assignment at most, whoever decided. Until its assignment is about to be approved, who decides
anew may change it; with the approval it comes due, and is paid like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, not_, or_, select, update

from aioturk.batch.ledger.alike import as_written
from aioturk.batch.ledger.purse import Purse, reserve
from aioturk.batch.ledger.tables import insert_into, submission, unit
from aioturk.batch.ledger.units import milliseconds, unit_of
from aioturk.batch.units import Intent, Kind, State, Unit

__all__ = ["approvals_with_bonuses", "come_due", "due", "give_up", "plan"]

_APPROVING = unit.alias("approving")


def plan(
    batch_seq: int, bonuses: Sequence[Intent], *, now: float, budget: int | None
) -> Callable[[Connection], set[str]]:
    """
    Write down the bonuses that are to be paid when their assignments are approved.

    One that was planned before is replaced, unless somebody has begun to approve its assignment: then the decision that
    it came with may be the one that holds, and whoever pays another one is told.

    Args:
        batch_seq: The batch.
        bonuses: The bonuses.
        now: The time, in seconds since 1970.
        budget: The most cents that all units of the batch may cost together.

    Returns:
        The tokens of those that the budget does not cover; they were not written down.
    """
    begun = select(unit.c.target).where(
        unit.c.target.in_([intent.target for intent in bonuses]),
        unit.c.kind == Kind.APPROVE.value,
        unit.c.state.in_((State.OPEN.value, State.DONE.value)),
    )

    def act(connection: Connection) -> set[str]:
        # First the names, then the purse, as everywhere: who has one of them waits for the other.
        wanted = dict(zip((bonus.token for bonus in bonuses), as_written(connection, bonuses), strict=True))
        purse = Purse(connection, batch_seq, budget)
        there = {row.token: row for row in connection.execute(_by_tokens([one.token for one in wanted.values()]))}
        approved = set(connection.execute(begun).scalars()) if there else set()
        short = set()
        for token, intent in wanted.items():
            before = there.get(intent.token)
            if before is not None and not _may_change(before, intent.target in approved):
                continue
            more = intent.liability - (before.liability if before is not None and _is_planned(before) else 0)
            if not purse.take(more):
                short.add(token)
            elif not connection.execute(_planned(batch_seq, intent, before, connection.dialect.name, now)).rowcount:
                purse.put_back(more)  # somebody was faster
        purse.close()
        return short

    return act


def _by_tokens(tokens: Sequence[str]) -> Select[Any]:
    chosen = select(unit.c.seq, unit.c.token, unit.c.state, unit.c.liability).where(unit.c.token.in_(tokens))
    return chosen.order_by(unit.c.token).with_for_update()


def _is_planned(row: Any) -> bool:
    return bool(row.state == State.PLANNED.value)


def _may_change(row: Any, is_approved: bool) -> bool:
    """Whether a bonus that is there may become another one; what is more than planned stays what it is."""
    return bool(row.state == State.REFUSED.value) or (_is_planned(row) and not is_approved)


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


def give_up(batch_seq: int, assignment_ids: Sequence[str], now: float) -> Callable[[Connection], None]:
    """Give up the bonuses that are planned for assignments, because another decision holds."""
    which = and_(_bonuses(batch_seq, State.PLANNED), unit.c.target.in_(assignment_ids))
    return lambda connection: _give_up(connection, batch_seq, which, now)


def come_due(batch_seq: int, now: float) -> Callable[[Connection], None]:
    """Open the planned bonuses of what is approved, and give up those of what cannot be approved any more."""
    is_planned = _bonuses(batch_seq, State.PLANNED)
    is_approved = or_(_decided("Approved"), _approvals(State.DONE))
    # A refusal says nothing of what was planned after it.
    is_refused = and_(
        _approvals(State.REFUSED, since=True),
        not_(_approvals(State.OPEN, State.UNKNOWN)),
    )
    is_in_vain = or_(_decided("Rejected"), is_refused)
    opened = update(unit).where(is_planned, is_approved).values(state=State.OPEN.value, changed_at=milliseconds(now))

    def act(connection: Connection) -> None:
        connection.execute(opened)
        _give_up(connection, batch_seq, and_(is_planned, is_in_vain), now)

    return act


def _give_up(connection: Connection, batch_seq: int, which: ColumnElement[bool], now: float) -> None:
    chosen = select(unit.c.seq, unit.c.liability).where(which).order_by(unit.c.token)
    found = connection.execute(chosen.with_for_update(of=unit)).all()
    if not found:
        return
    error = "The assignment was not approved with this bonus."
    values = {"state": State.REFUSED.value, "error": error, "changed_at": milliseconds(now)}
    connection.execute(update(unit).where(unit.c.seq.in_([row.seq for row in found])).values(values))
    reserve(connection, batch_seq, -sum(row.liability for row in found))


def _decided(status: str) -> ColumnElement[bool]:
    return exists().where(submission.c.id == unit.c.target, submission.c.status == status)


def _approvals(*states: State, since: bool = False) -> ColumnElement[bool]:
    """Whether there is an approval in one of some states; if asked for, one that changed since the bonus did."""
    found = exists().where(
        _APPROVING.c.target == unit.c.target,
        _APPROVING.c.kind == Kind.APPROVE.value,
        _APPROVING.c.state.in_([state.value for state in states]),
    )
    return found.where(_APPROVING.c.changed_at >= unit.c.changed_at) if since else found


def _bonuses(batch_seq: int, state: State) -> ColumnElement[bool]:
    return and_(unit.c.batch_seq == batch_seq, unit.c.kind == Kind.BONUS.value, unit.c.state == state.value)


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
