"""
Units in the ledger: what became of them, and what there is.

How they are taken in hand is in `aioturk.batch.ledger.claims`, how HITs that were found become theirs in
`aioturk.batch.ledger.adoption`. All of these are acts for `aioturk.batch.ledger.opening.LedgerThread.perform`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    update,
)

from aioturk.batch.ledger.hits import add_hits
from aioturk.batch.ledger.many import ForMany
from aioturk.batch.ledger.purse import reserve
from aioturk.batch.ledger.tables import unit
from aioturk.batch.units import Kind, State, Unit

__all__ = [
    "Outcome",
    "by_numbers",
    "by_tokens",
    "by_tokens_statement",
    "count_stale",
    "counts",
    "give_up_old",
    "left_open",
    "milliseconds",
    "not_counted",
    "not_there",
    "open_ones",
    "open_units",
    "start_anew",
    "unit_of",
    "write_outcomes",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of a unit that was performed.

    Attributes:
        unit: The unit.
        state: How far it is now. `State.OPEN` when it may have happened.
        target: The HIT of a published row.
        error: Why it has not happened, if it has not.
        hit: The HIT of a published row, in the service's JSON.
        most: How many assignments it may have.
        content: What was asked for, if the ledger may have something else.
        asked: The digest of what was asked, likewise.
        cents: What it costs, likewise: of a HIT that was found, what that one costs.
        counts: Whether the attempt may have had an effect. One that certainly had none says nothing of the unit, and
            is no attempt.
    """

    unit: Unit
    state: State
    target: str | None = None
    error: str | None = None
    hit: str | None = None
    most: int = 0
    content: dict[str, Any] | None = None
    asked: str | None = None
    cents: int | None = None
    counts: bool = True


def start_anew(seq: int, holder_id: str, now: float) -> Callable[[Connection], bool]:
    """
    Write down that a unit certainly has not happened yet, so that its token is as good as new.

    Args:
        seq: The unit.
        holder_id: Who we are.
        now: The time, in seconds since 1970.

    Returns:
        Whether it is still in our hands; else nothing was changed.
    """
    anew = (
        update(unit)
        .where(unit.c.seq == seq, unit.c.holder_id == holder_id, unit.c.state == State.OPEN.value)
        .values(first_attempt=milliseconds(now), attempts=1)
    )
    return lambda connection: bool(connection.execute(anew).rowcount)


def not_counted(attempts: Any) -> dict[str, Any]:
    """Return what of a unit changes when so many attempts at it were none: without any, its token is as good as new."""
    left = unit.c.attempts - attempts
    return {"attempts": left, "first_attempt": case((left <= 0, null()), else_=unit.c.first_attempt)}


def give_up_old(batch_seq: int, *, before: float, now: float) -> Callable[[Connection], int]:
    """Mark units as unknown that were left open since before a moment; return how many."""
    old = (
        update(unit)
        .where(_is_free_and_open(batch_seq), unit.c.first_attempt < milliseconds(before))
        .values(state=State.UNKNOWN.value, changed_at=milliseconds(now))
    )
    return lambda connection: connection.execute(old).rowcount


def count_stale(batch_seq: int, kind: Kind, trusted: tuple[float, float]) -> Callable[[Connection], int]:
    """Count the units that are open and free, and whose first attempts do not lie where tokens are trusted."""
    numbers = select(func.count()).where(_is_stale(batch_seq, kind, trusted))
    return lambda connection: connection.execute(numbers).scalar_one()


def not_there(batch_seq: int, kind: Kind, trusted: tuple[float, float]) -> Callable[[Connection], int]:
    """Write down of the same units that they have not happened, after all that have were adopted."""
    anew = update(unit).where(_is_stale(batch_seq, kind, trusted)).values(first_attempt=None)
    return lambda connection: connection.execute(anew).rowcount


def _is_free_and_open(batch_seq: int) -> ColumnElement[bool]:
    kinds = [kind.value for kind in Kind]  # all of them, so that the index serves
    return and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind.in_(kinds),
        unit.c.state == State.OPEN.value,
        unit.c.holder_id.is_(None),
    )


def _is_stale(batch_seq: int, kind: Kind, trusted: tuple[float, float]) -> ColumnElement[bool]:
    earliest, latest = map(milliseconds, trusted)
    is_stale = or_(unit.c.first_attempt < earliest, unit.c.first_attempt > latest)
    return and_(_is_free_and_open(batch_seq), unit.c.kind == kind.value, is_stale)


# Writing down what became of units.

_DONE = ForMany(
    lambda _: (
        update(unit)
        .where(unit.c.seq == bindparam("number"))
        .values(
            state=State.DONE.value,
            target=func.coalesce(bindparam("new_target"), unit.c.target),
            error=None,
            changed_at=bindparam("moment"),
            holder_id=None,
        )
    ),
    ("number", "new_target", "moment"),
)
# What is known to have happened stays so, whatever somebody says who was taken for dead in between.
_NOT_DONE = (
    update(unit)
    .where(
        unit.c.seq == bindparam("number"),
        unit.c.state == State.OPEN.value,
        unit.c.holder_id == bindparam("holder"),
    )
    .values(
        state=bindparam("new_state"),
        error=bindparam("new_error"),
        changed_at=bindparam("moment"),
        holder_id=None,
        **not_counted(bindparam("in_vain", type_=BigInteger)),
    )
)
_REPLACED = (
    update(unit)
    .where(unit.c.seq == bindparam("number"))
    .values(content=func.coalesce(bindparam("new_content"), unit.c.content), asked=bindparam("new_asked"))
)


def write_outcomes(batch_seq: int, outcomes: Sequence[tuple[Outcome, str]], now: float) -> Callable[[Connection], None]:
    """
    Write down what became of units, and let go of them.

    Args:
        batch_seq: The batch.
        outcomes: What became of them, with the name under which each was in hand.
        now: The time, in seconds since 1970.
    """

    def act(connection: Connection) -> None:
        ordered = sorted(outcomes, key=lambda each: each[0].unit.token)
        moment = milliseconds(now)
        done = [outcome for outcome, _ in ordered if outcome.state is State.DONE]
        others = [(outcome, lease) for outcome, lease in ordered if outcome.state is not State.DONE]
        _DONE.execute(
            connection, [{"number": each.unit.seq, "new_target": each.target, "moment": moment} for each in done]
        )
        released = _released(connection, others)
        if others:
            connection.execute(
                _NOT_DONE,
                [
                    {
                        "number": each.unit.seq,
                        "holder": lease,
                        "new_state": each.state.value,
                        "new_error": each.error,
                        "moment": moment,
                        "in_vain": int(not each.counts),
                    }
                    for each, lease in others
                ],
            )
        replaced = [
            {
                "number": each.unit.seq,
                "new_content": None if each.content is None else msgspec.json.encode(each.content).decode(),
                "new_asked": each.asked,
            }
            for each in done
            if each.asked is not None
        ]
        if replaced:
            connection.execute(_REPLACED, replaced)
        hits = [
            {
                "id": each.target,
                "unit_seq": each.unit.seq,
                "most": each.most,
                "cents": (each.unit.liability if each.cents is None else each.cents) // max(each.most, 1),
                "document": each.hit,
            }
            for each in done
            if each.hit is not None and each.target is not None
        ]
        add_hits(connection, batch_seq, hits)
        more = _corrected(connection, [each for each in done if each.cents is not None]) - released
        if more:
            reserve(connection, batch_seq, more)

    return act


_CORRECTED = update(unit).where(unit.c.seq == bindparam("number")).values(liability=bindparam("its_cents"))


def _corrected(connection: Connection, outcomes: Sequence[Outcome]) -> int:
    """Have units cost what they were found to cost; return how much more that is than was reserved."""
    cents = {outcome.unit.seq: outcome.cents for outcome in outcomes}
    if not cents:
        return 0
    before = select(func.sum(unit.c.liability)).where(unit.c.seq.in_(list(cents)))
    reserved = int(connection.execute(before).scalar_one())
    connection.execute(_CORRECTED, [{"number": seq, "its_cents": each} for seq, each in cents.items()])
    return sum(each for each in cents.values() if each is not None) - reserved


def _released(connection: Connection, outcomes: Sequence[tuple[Outcome, str]]) -> int:
    """What refused units can cost no more; only those count that are still open, and in these hands."""
    leases = {outcome.unit.seq: lease for outcome, lease in outcomes if outcome.state is State.REFUSED}
    if not leases:
        return 0
    counted = select(unit.c.seq, unit.c.liability, unit.c.holder_id).where(
        unit.c.seq.in_(list(leases)), unit.c.state == State.OPEN.value
    )
    found = connection.execute(counted.order_by(unit.c.token).with_for_update())
    return sum(row.liability for row in found if row.holder_id == leases[row.seq])


# Reading.


def by_tokens(tokens: Sequence[str]) -> Callable[[Connection], dict[str, Unit]]:
    """Find units by their tokens."""
    return lambda connection: {row.token: unit_of(row) for row in connection.execute(by_tokens_statement(tokens))}


def by_numbers(numbers: Sequence[int]) -> Callable[[Connection], dict[int, Unit]]:
    """Find units by their numbers."""
    chosen = select(unit).where(unit.c.seq.in_(numbers))
    return lambda connection: {row.seq: unit_of(row) for row in connection.execute(chosen)}


def counts(batch_seq: int) -> Callable[[Connection], dict[tuple[Kind, State], int]]:
    """Count a batch's units by kind and state."""
    numbers = (
        select(unit.c.kind, unit.c.state, func.count())
        .where(unit.c.batch_seq == batch_seq)
        .group_by(unit.c.kind, unit.c.state)
    )
    return lambda connection: {
        (Kind(kind), State(state)): number for kind, state, number in connection.execute(numbers)
    }


_BY_TOKENS = select(unit).where(unit.c.token.in_(bindparam("tokens", expanding=True))).order_by(unit.c.token)


def left_open(
    batch_seq: int, kind: Kind, *, only: Sequence[str] | None = None
) -> Callable[[Connection], tuple[int, int]]:
    """Count the units that are open, and those among them that somebody has in hand."""
    chosen = open_units(batch_seq, kind, only).subquery()
    numbers = select(func.count(), func.count(chosen.c.holder_id))

    def act(connection: Connection) -> tuple[int, int]:
        left, held = connection.execute(numbers).one()
        return left, held

    return act


def open_ones(batch_seq: int, kind: Kind, *, only: Sequence[str] | None = None) -> Callable[[Connection], list[Unit]]:
    """List units that are open: the first hundred, which is as many as anybody reads."""
    chosen = open_units(batch_seq, kind, only).order_by(unit.c.seq).limit(100)
    return lambda connection: [unit_of(row) for row in connection.execute(chosen)]


def open_units(batch_seq: int, kind: Kind, only: Sequence[str] | None) -> Select[Any]:
    """Return what selects the units of a kind that are open."""
    found = select(unit).where(
        unit.c.batch_seq == batch_seq, unit.c.kind == kind.value, unit.c.state == State.OPEN.value
    )
    return found if only is None else found.where(unit.c.token.in_(only))


def by_tokens_statement(tokens: Sequence[str]) -> Select[Any]:
    """Return what selects units by their tokens."""
    return _BY_TOKENS.params(tokens=tokens)


def unit_of(row: Row[Any]) -> Unit:
    """Read a unit."""
    return Unit(
        row.seq,
        Kind(row.kind),
        row.key,
        row.token,
        State(row.state),
        None if row.first_attempt is None else row.first_attempt / 1000,
        row.attempts,
        row.liability,
        row.asked,
        None if row.content is None else msgspec.json.decode(row.content),
        row.target,
        row.error,
    )


def milliseconds(seconds: float) -> int:
    """Return seconds as the ledger keeps them."""
    return int(seconds * 1000)
