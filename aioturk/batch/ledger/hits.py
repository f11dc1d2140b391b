"""
HITs in the ledger: which there are, and how far they are. All of these are acts, as in `units`, but `add_hits`, which
is a part of others. Giving HITs more assignments is in `aioturk.batch.ledger.extensions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, Text, bindparam, case, func, or_, select, update

from aioturk.batch.ledger.many import insert_unless_there
from aioturk.batch.ledger.tables import hit, unit

__all__ = [
    "AWAY",
    "GONE",
    "LOST",
    "OPEN",
    "OVER",
    "RENEWED",
    "Seen",
    "Watched",
    "add_hits",
    "any_document",
    "count_hits",
    "in_states",
    "known_hits",
    "lost",
    "of_batch",
    "reopen",
    "twice",
    "unseen",
    "write_gone",
    "write_listed",
    "write_lost",
    "write_seen",
]

OPEN, OVER, GONE, LOST = "open", "over", "gone", "lost"
AWAY = (GONE, LOST)

RENEWED: Mapping[str, Any] = {"state": OPEN, "quiet": 0, "quiet_since": None, "generation": hit.c.generation + 1}
"""Of a HIT that was given more assignments or time."""


_ADD_HITS = insert_unless_there(
    hit,
    "id",
    (
        "batch_seq",
        "state",
        "read",
        "quiet",
        "seen_at",
        "generation",
        "id",
        "unit_seq",
        "most",
        "cents",
        "document",
    ),
)


def add_hits(connection: Connection, batch_seq: int, hits: Sequence[Mapping[str, Any]]) -> None:
    """Write down HITs that are not there yet: their ids, units and documents."""
    same = {"batch_seq": batch_seq, "state": "open", "read": 0, "quiet": 0, "seen_at": 0, "generation": 0}
    _ADD_HITS.execute(connection, [{**same, **values} for values in hits])


class Watched(NamedTuple):
    """
    What the ledger knows of a HIT.

    Attributes:
        id: Its id.
        state: ``open``, ``over`` or ``gone``.
        read: How many of its assignments were read.
        quiet: How often nothing new was read of it after it had ended.
        quiet_since: When that began, in seconds since 1970.
        generation: How often it was given more assignments or time.
        most: How many assignments it may have.
    """

    id: str
    state: str
    read: int
    quiet: int
    quiet_since: float | None
    generation: int
    most: int


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What was seen of a HIT.

    Attributes:
        id: Its id.
        state: ``open``, ``over`` or ``gone``.
        read: How many of its assignments were read.
        quiet: How often nothing new was read of it after it had ended.
        quiet_since: When that began, in seconds since 1970.
        generation: Which one was looked at: how often it had been given more assignments or time.
        most: How many assignments it may have; None if it was not seen itself.
        document: The HIT, in the service's JSON; None if it was not seen itself.
    """

    id: str
    state: str
    read: int
    quiet: int
    quiet_since: float | None
    generation: int
    most: int | None
    document: str | None


_WATCHED = select(hit.c.id, hit.c.state, hit.c.read, hit.c.quiet, hit.c.quiet_since, hit.c.generation, hit.c.most)


def _watched(row: Any) -> Watched:
    since = None if row.quiet_since is None else row.quiet_since / 1000
    return Watched(row.id, row.state, row.read, row.quiet, since, row.generation, row.most)


def count_hits(batch_seq: int) -> Callable[[Connection], dict[str, int]]:
    """Count a batch's HITs by their states."""
    numbers = select(hit.c.state, func.count()).where(hit.c.batch_seq == batch_seq).group_by(hit.c.state)
    return lambda connection: {row[0]: row[1] for row in connection.execute(numbers)}


def known_hits(ids: Sequence[str]) -> Callable[[Connection], dict[str, Watched]]:
    """Find HITs by their ids."""
    chosen = _WATCHED.where(hit.c.id.in_(ids))
    return lambda connection: {row.id: _watched(row) for row in connection.execute(chosen)}


def of_batch(batch_seq: int, hit_id: str) -> Callable[[Connection], Watched | None]:
    """Find a HIT of a batch."""
    chosen = _WATCHED.where(hit.c.id == hit_id, hit.c.batch_seq == batch_seq)

    def act(connection: Connection) -> Watched | None:
        row = connection.execute(chosen).first()
        return None if row is None else _watched(row)

    return act


def unseen(
    batch_seq: int, *, since: float, until: float, after: str, most: int, states: Sequence[str] = (OPEN,)
) -> Callable[[Connection], list[Watched]]:
    """
    List a batch's HITs that were not seen between two moments.

    Args:
        batch_seq: The batch.
        since: The first moment.
        until: The second one: what was seen after it, in the future, was seen before the clock was set back.
        after: The id behind which to begin.
        most: How many at most.
        states: In which states; those that are open, unless given.
    """
    is_unseen = or_(hit.c.seen_at < int(since * 1000), hit.c.seen_at > int(until * 1000))
    chosen = (
        _WATCHED.where(hit.c.batch_seq == batch_seq, hit.c.state.in_(states), is_unseen, hit.c.id > after)
        .order_by(hit.c.id)
        .limit(most)
    )
    return lambda connection: [_watched(row) for row in connection.execute(chosen)]


def write_seen(seen: Iterable[Seen], now: float) -> Callable[[Connection], None]:
    """
    Write down what was seen of HITs.

    Looking takes time. A HIT that was given more assignments or time meanwhile keeps its state, and what was known of
    it before another program has read more does not take that back.
    """
    values = [
        {
            "one": each.id,
            "new_state": each.state,
            "now_read": each.read,
            "now_quiet": each.quiet,
            "now_since": None if each.quiet_since is None else int(each.quiet_since * 1000),
            "looked_at": each.generation,
            "moment": int(now * 1000),
            "now_most": each.most,
            "seen_document": each.document,
        }
        for each in sorted(seen, key=lambda each: each.id)
    ]

    def act(connection: Connection) -> None:
        if values:
            connection.execute(_SEEN, values)

    return act


def _unless_renewed(new: Any, column: Column[Any]) -> Any:
    return case((hit.c.generation == bindparam("looked_at", type_=BigInteger), new), else_=column)


def _larger(name: str, column: Column[Any]) -> Any:
    new = bindparam(name, type_=BigInteger)
    return case((new > column, new), else_=column)


_SEEN = (
    update(hit)
    .where(hit.c.id == bindparam("one"))
    .values(
        state=_unless_renewed(bindparam("new_state", type_=Text), hit.c.state),
        quiet=_unless_renewed(bindparam("now_quiet", type_=BigInteger), hit.c.quiet),
        quiet_since=_unless_renewed(bindparam("now_since", type_=BigInteger), hit.c.quiet_since),
        document=_unless_renewed(func.coalesce(bindparam("seen_document", type_=Text), hit.c.document), hit.c.document),
        read=_larger("now_read", hit.c.read),
        most=_larger("now_most", hit.c.most),
        seen_at=bindparam("moment"),
    )
)


def reopen(ids: Sequence[str]) -> Callable[[Connection], None]:
    """Write down that HITs were given more time, so that submissions of them may come again."""
    changed = update(hit).where(hit.c.id.in_(ids), hit.c.state.not_in(AWAY)).values(RENEWED)

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def write_listed(ids: Sequence[str], now: float) -> Callable[[Connection], None]:
    """Write down that HITs are in the list of all HITs; nothing else is learned of them."""
    changed = update(hit).where(hit.c.id.in_(ids)).values(seen_at=int(now * 1000))

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def in_states(batch_seq: int, states: Sequence[str], *, after: str, most: int) -> Callable[[Connection], list[Watched]]:
    """List a batch's HITs in some states, by their ids, from behind one of them."""
    chosen = (
        _WATCHED.where(hit.c.batch_seq == batch_seq, hit.c.state.in_(states), hit.c.id > after)
        .order_by(hit.c.id)
        .limit(most)
    )
    return lambda connection: [_watched(row) for row in connection.execute(chosen)]


def write_gone(batch_seq: int, ids: Sequence[str]) -> Callable[[Connection], None]:
    """Write down that HITs were deleted."""
    return _away(batch_seq, ids, GONE)


def write_lost(batch_seq: int, ids: Sequence[str]) -> Callable[[Connection], None]:
    """Write down that HITs were found deleted."""
    return _away(batch_seq, ids, LOST)


def _away(batch_seq: int, ids: Sequence[str], state: str) -> Callable[[Connection], None]:
    changed = update(hit).where(hit.c.batch_seq == batch_seq, hit.c.id.in_(ids)).values(state=state)

    def act(connection: Connection) -> None:
        connection.execute(changed)

    return act


def lost(batch_seq: int) -> Callable[[Connection], list[str]]:
    """List the HITs that were found deleted, though not by way of this ledger."""
    chosen = select(hit.c.id).where(hit.c.batch_seq == batch_seq, hit.c.state == LOST).order_by(hit.c.id)
    return lambda connection: list(connection.execute(chosen).scalars())


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
