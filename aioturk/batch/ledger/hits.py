"""HITs in the ledger: which there are, and how far they are. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from aioturk.batch.ledger.tables import hit, unit

__all__ = [
    "GONE",
    "OPEN",
    "OVER",
    "Extensible",
    "Seen",
    "Watched",
    "any_document",
    "count_hits",
    "extended",
    "in_states",
    "known_hits",
    "reopen",
    "slots",
    "smaller_than",
    "twice",
    "unseen",
    "write_gone",
    "write_seen",
]

OPEN, OVER, GONE = "open", "over", "gone"


class Watched(NamedTuple):
    """
    What the ledger knows of a HIT.

    Attributes:
        id: Its id.
        state: ``open``, ``over`` or ``gone``.
        read: How many of its assignments were read.
        quiet: How often nothing new was read of it after it had ended.
    """

    id: str
    state: str
    read: int
    quiet: int


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What was seen of a HIT.

    Attributes:
        id: Its id.
        state: ``open``, ``over`` or ``gone``.
        read: How many of its assignments were read.
        quiet: How often nothing new was read of it after it had ended.
        most: How many assignments it may have; None if it was not seen itself.
        document: The HIT, in the service's JSON; None if it was not seen itself.
    """

    id: str
    state: str
    read: int
    quiet: int
    most: int | None
    document: str | None


_WATCHED = select(hit.c.id, hit.c.state, hit.c.read, hit.c.quiet)


def count_hits(batch_seq: int) -> Callable[[Connection], dict[str, int]]:
    """Count a batch's HITs by their states."""
    numbers = select(hit.c.state, func.count()).where(hit.c.batch_seq == batch_seq).group_by(hit.c.state)
    return lambda connection: {row[0]: row[1] for row in connection.execute(numbers)}


def known_hits(ids: Sequence[str]) -> Callable[[Connection], dict[str, Watched]]:
    """Find HITs by their ids."""
    chosen = _WATCHED.where(hit.c.id.in_(ids))
    return lambda connection: {row.id: Watched(*row) for row in connection.execute(chosen)}


def unseen(batch_seq: int, *, since: float, after: str, most: int) -> Callable[[Connection], list[Watched]]:
    """List a batch's open HITs that were not seen since a moment."""
    chosen = (
        _WATCHED.where(
            hit.c.batch_seq == batch_seq, hit.c.state == OPEN, hit.c.seen_at < int(since * 1000), hit.c.id > after
        )
        .order_by(hit.c.id)
        .limit(most)
    )
    return lambda connection: [Watched(*row) for row in connection.execute(chosen)]


def write_seen(seen: Iterable[Seen], now: float) -> Callable[[Connection], None]:
    """Write down what was seen of HITs."""
    values = [
        {
            "one": each.id,
            "new_state": each.state,
            "now_read": each.read,
            "now_quiet": each.quiet,
            "moment": int(now * 1000),
            "now_most": each.most,
            "seen_document": each.document,
        }
        for each in sorted(seen, key=lambda each: each.id)
    ]
    changed = (
        update(hit)
        .where(hit.c.id == bindparam("one"))
        .values(
            state=bindparam("new_state"),
            read=bindparam("now_read"),
            quiet=bindparam("now_quiet"),
            seen_at=bindparam("moment"),
            most=func.coalesce(bindparam("now_most"), hit.c.most),
            document=func.coalesce(bindparam("seen_document"), hit.c.document),
        )
    )

    def act(connection: Connection) -> None:
        if values:
            connection.execute(changed, values)

    return act


def reopen(ids: Sequence[str]) -> Callable[[Connection], None]:
    """Write down that submissions of HITs may come again."""
    changed = update(hit).where(hit.c.id.in_(ids), hit.c.state == OVER).values(state=OPEN, quiet=0)

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


class Extensible(NamedTuple):
    """
    A HIT that may get more assignments.

    Attributes:
        seq: The number of its row's unit.
        id: Its id.
        most: How many assignments it may have, as far as is known.
    """

    seq: int
    id: str
    most: int


def smaller_than(batch_seq: int, most: int, *, after: int, portion: int) -> Callable[[Connection], list[Extensible]]:
    """List a batch's HITs that may have fewer assignments than so many, in the order of their rows."""
    chosen = (
        select(hit.c.unit_seq, hit.c.id, hit.c.most)
        .where(hit.c.batch_seq == batch_seq, hit.c.state != GONE, hit.c.most < most, hit.c.unit_seq > after)
        .order_by(hit.c.unit_seq)
        .limit(portion)
    )
    return lambda connection: [Extensible(*row) for row in connection.execute(chosen)]


def extended(hit_id: str, most: int) -> Callable[[Connection], None]:
    """Write down that a HIT may have so many assignments, and that submissions of it may come."""
    changed = update(hit).where(hit.c.id == hit_id).values(most=most, state=OPEN, quiet=0)

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def slots(batch_seq: int) -> Callable[[Connection], dict[str, int]]:
    """Add up how many assignments a batch's HITs may have, by the HITs' states."""
    numbers = select(hit.c.state, func.sum(hit.c.most)).where(hit.c.batch_seq == batch_seq).group_by(hit.c.state)
    return lambda connection: {state: int(number) for state, number in connection.execute(numbers)}


def in_states(batch_seq: int, states: Sequence[str], *, after: str, most: int) -> Callable[[Connection], list[Watched]]:
    """List a batch's HITs in some states, by their ids, from behind one of them."""
    chosen = (
        _WATCHED.where(hit.c.batch_seq == batch_seq, hit.c.state.in_(states), hit.c.id > after)
        .order_by(hit.c.id)
        .limit(most)
    )
    return lambda connection: [Watched(*row) for row in connection.execute(chosen)]


def write_gone(batch_seq: int, ids: Sequence[str]) -> Callable[[Connection], None]:
    """Write down that HITs were deleted."""
    changed = update(hit).where(hit.c.batch_seq == batch_seq, hit.c.id.in_(ids)).values(state=GONE)

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def any_document(batch_seq: int) -> Callable[[Connection], str | None]:
    """Return the document of one of a batch's HITs; those of one task have most things in common."""
    chosen = select(hit.c.document).where(hit.c.batch_seq == batch_seq, hit.c.document.is_not(None)).limit(1)
    return lambda connection: connection.execute(chosen).scalar()


def twice(batch_seq: int) -> Callable[[Connection], list[tuple[str, tuple[str, ...]]]]:
    """List the rows of a batch that have several HITs, with these."""
    several = (
        select(hit.c.unit_seq).where(hit.c.batch_seq == batch_seq).group_by(hit.c.unit_seq).having(func.count() > 1)
    )
    chosen = (
        select(unit.c.key, hit.c.id)
        .join(unit, unit.c.seq == hit.c.unit_seq)
        .where(hit.c.unit_seq.in_(several))
        .order_by(unit.c.seq, hit.c.id)
    )

    def act(connection: Connection) -> list[tuple[str, tuple[str, ...]]]:
        found: dict[str, list[str]] = {}
        for key, hit_id in connection.execute(chosen):
            found.setdefault(key, []).append(hit_id)
        return [(key, tuple(ids)) for key, ids in found.items()]

    return act
