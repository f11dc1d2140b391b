"""Giving HITs more assignments: which may get some, and what that costs. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, and_, func, or_, select, update

from aioturk.batch.ledger.hits import AWAY, RENEWED
from aioturk.batch.ledger.purse import reserve
from aioturk.batch.ledger.tables import hit, unit
from aioturk.batch.ledger.units import milliseconds, unit_of
from aioturk.batch.units import Kind, State, Unit

__all__ = ["Extensible", "extended", "give_up_of_gone", "how_many_smaller", "left_open", "settle_seen", "smaller_than"]


class Extensible(NamedTuple):
    """
    A HIT that may get more assignments.

    Attributes:
        seq: The number of its row's unit.
        id: Its id.
        most: How many assignments it may have, as far as is known.
        cents: What each of them costs.
    """

    seq: int
    id: str
    most: int
    cents: int


def smaller_than(batch_seq: int, most: int, *, after: int, portion: int) -> Callable[[Connection], list[Extensible]]:
    """List a batch's HITs that may have fewer assignments than so many, in the order of their rows."""
    chosen = (
        select(hit.c.unit_seq, hit.c.id, hit.c.most, hit.c.cents)
        .where(hit.c.batch_seq == batch_seq, hit.c.state.not_in(AWAY), hit.c.most < most, hit.c.unit_seq > after)
        .order_by(hit.c.unit_seq)
        .limit(portion)
    )
    return lambda connection: [Extensible(*row) for row in connection.execute(chosen)]


def left_open(batch_seq: int, *, after: int, portion: int) -> Callable[[Connection], list[Unit]]:
    """
    List the extensions of which nobody knows yet whether they have happened, and that may have been sent.

    Those of HITs that are gone are left out: these get nothing more.
    """
    away = select(hit.c.id).where(hit.c.batch_seq == batch_seq, hit.c.state.in_(AWAY))
    may_be_sent = and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind == Kind.EXTEND.value,
        unit.c.state == State.OPEN.value,
        unit.c.attempts > 0,
        unit.c.target.not_in(away),
    )
    chosen = select(unit).where(may_be_sent, unit.c.seq > after).order_by(unit.c.seq).limit(portion)
    return lambda connection: [unit_of(row) for row in connection.execute(chosen)]


def how_many_smaller(batch_seq: int, most: int) -> Callable[[Connection], int]:
    """Count a batch's HITs that may have fewer assignments than so many."""
    number = select(func.count()).where(hit.c.batch_seq == batch_seq, hit.c.state.not_in(AWAY), hit.c.most < most)
    return lambda connection: connection.execute(number).scalar_one()


def extended(seq: int, hit_id: str, most: int) -> Callable[[Connection], None]:
    """
    Write down that a HIT may have so many assignments, and that submissions of it may come.

    Args:
        seq: The unit of the extension.
        hit_id: The HIT.
        most: How many assignments it may have.
    """

    def act(connection: Connection) -> None:
        connection.execute(select(hit.c.id).where(hit.c.id == hit_id).with_for_update()).all()
        connection.execute(update(hit).where(hit.c.id == hit_id).values(dict(RENEWED)))
        _count(connection, seq, hit_id, most)

    return act


def settle_seen(batch_seq: int, *, after: int, portion: int, now: float) -> Callable[[Connection], int | None]:
    """
    Write down extensions as done that are open, in nobody's hands, and whose HITs were seen with all that they add.

    Args:
        batch_seq: The batch.
        after: The number after which to begin.
        portion: How many to look at.
        now: The time, in seconds since 1970.

    Returns:
        The number after which to go on; None if there is nothing more.
    """
    is_free = and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind == Kind.EXTEND.value,
        unit.c.state == State.OPEN.value,
        unit.c.holder_id.is_(None),
    )
    chosen = (
        select(unit.c.seq, unit.c.content, hit.c.id, hit.c.most)
        .join(hit, hit.c.id == unit.c.target)
        .where(is_free, unit.c.seq > after)
        .order_by(unit.c.seq)
        .limit(portion)
    )
    done = update(unit).values(state=State.DONE.value, error=None, changed_at=milliseconds(now))

    def act(connection: Connection) -> int | None:
        found = connection.execute(chosen).all()
        seen = [row for row in found if row.most >= msgspec.json.decode(row.content)["after"]]
        for row in sorted(seen, key=lambda row: row.id):
            connection.execute(select(hit.c.id).where(hit.c.id == row.id).with_for_update()).all()
            # Somebody may have taken it in hand since it was looked at.
            if connection.execute(done.where(is_free, unit.c.seq == row.seq)).rowcount:
                _count(connection, row.seq, row.id, row.most)
        return found[-1].seq if len(found) == portion else None

    return act


def give_up_of_gone(batch_seq: int, ids: Sequence[str], *, now: float) -> Callable[[Connection], None]:
    """
    Write down that extensions which are open, and in nobody's hands, will not happen, because their HITs were deleted.

    Args:
        batch_seq: The batch.
        ids: The HITs.
        now: The time, in seconds since 1970.
    """
    left = and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind == Kind.EXTEND.value,
        unit.c.state.in_((State.OPEN.value, State.UNKNOWN.value)),
        unit.c.holder_id.is_(None),
        unit.c.target.in_(ids),
    )
    chosen = select(unit.c.seq, unit.c.liability).where(left).order_by(unit.c.token).with_for_update()
    refused = {"state": State.REFUSED.value, "error": "The HIT was deleted.", "changed_at": milliseconds(now)}

    def act(connection: Connection) -> None:
        found = connection.execute(chosen).all()
        if found:
            connection.execute(update(unit).where(unit.c.seq.in_([row.seq for row in found])).values(refused))
            reserve(connection, batch_seq, -sum(row.liability for row in found))

    return act


def _count(connection: Connection, seq: int, hit_id: str, most: int) -> None:
    """
    Count what an extension costs, and how many assignments its HIT, which is locked, may have.

    It costs what the HIT costs now beyond what was counted for it before: some of it may have been counted for another
    extension, and the service may have been asked by others, too.
    """
    found = select(hit.c.batch_seq, hit.c.most, hit.c.cents, hit.c.unit_seq).where(hit.c.id == hit_id)
    one = connection.execute(found).first()
    if one is None:
        return
    larger = max(one.most, most)
    connection.execute(update(hit).where(hit.c.id == hit_id).values(most=larger))
    extensions = and_(unit.c.kind == Kind.EXTEND.value, unit.c.target == hit_id, unit.c.state == State.DONE.value)
    counted = select(func.coalesce(func.sum(unit.c.liability), 0)).where(
        or_(unit.c.seq == one.unit_seq, extensions), unit.c.seq != seq
    )
    before = int(connection.execute(counted).scalar_one())
    reserved = connection.execute(select(unit.c.liability).where(unit.c.seq == seq).with_for_update()).scalar_one()
    cents = max(0, larger * one.cents - before)
    connection.execute(update(unit).where(unit.c.seq == seq).values(liability=cents))
    reserve(connection, one.batch_seq, cents - reserved)
