"""
Units in the ledger: writing intents down, taking them in hand, and writing down what became of them.

All of these are acts for `aioturk.batch.ledger.opening.LedgerThread.perform`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from aioturk.batch.ledger.tables import batch, hit, unit
from aioturk.batch.units import Intent, Kind, State, Unit

__all__ = [
    "Adopted",
    "Claim",
    "Outcome",
    "Standing",
    "add_hits",
    "adopt",
    "by_token",
    "by_tokens",
    "claim_open",
    "count_stale",
    "counts",
    "give_up_old",
    "intend",
    "left_open",
    "let_go",
    "not_there",
    "reserve",
    "start_anew",
    "unit_of",
    "write_outcomes",
]


class Standing(Enum):
    """What a claim found."""

    OURS = "ours"
    """The unit is in our hands, to be performed."""
    DONE = "done"
    """It has happened."""
    ELSEWHERE = "elsewhere"
    """Somebody else has it in hand."""
    UNKNOWN = "unknown"
    """It was left open for too long; nobody can tell."""
    OTHERWISE = "otherwise"
    """It has happened, but something else was asked for."""
    TOO_DEAR = "too dear"
    """The budget does not cover it; it was not written down."""


class Claim(NamedTuple):
    """
    What became of an intent when it was written down.

    Attributes:
        standing: What was found.
        unit: The unit; None where it was not written down.
        other: Whether something else was asked for before.
    """

    standing: Standing
    unit: Unit | None
    other: bool = False


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
        asked: The digest of what was asked, if the ledger may have another one.
        content: What was asked for, likewise.
    """

    unit: Unit
    state: State
    target: str | None = None
    error: str | None = None
    hit: str | None = None
    most: int = 0
    content: dict[str, Any] | None = None
    asked: str | None = None


# Writing intents down.


def intend(
    batch_seq: int,
    intents: Sequence[Intent],
    *,
    holder_id: str,
    in_hand: Collection[str],
    now: float,
    budget: int | None,
    resend_unknown: bool = False,
) -> Callable[[Connection], list[Claim]]:
    """
    Write intents down before they are carried out, and take them in hand; those of units that are there already too,
    unless they have happened or somebody else is at it.

    Args:
        batch_seq: The batch.
        intents: What is to happen; each token once.
        holder_id: Who we are.
        in_hand: Tokens that this program is at already.
        now: The time, in seconds since 1970.
        budget: The most cents that all units of the batch may cost together.
        resend_unknown: Whether units of which nobody can tell whether they happened are to be carried out again.
    """

    def act(connection: Connection) -> list[Claim]:
        tokens = [intent.token for intent in intents]
        there = {found.token: found for found in connection.execute(_by_tokens(tokens))}
        purse = _Purse(connection, batch_seq, budget)
        claims: dict[str, Claim] = {}
        # In the order of the rows, which results are listed in. Should two processes thereby wait for each other, the
        # database breaks that up, and one of them begins anew.
        fresh: list[Intent] = []
        for intent in intents:
            if intent.token not in there:
                if purse.take(intent.liability):
                    fresh.append(intent)
                else:
                    claims[intent.token] = Claim(Standing.TOO_DEAR, None)
        made = _insert(connection, batch_seq, fresh, holder_id, now)
        for intent in fresh:
            if intent.token in made:
                claims[intent.token] = Claim(Standing.OURS, made[intent.token])
            else:
                purse.put_back(intent.liability)  # somebody was faster
        rest = [intent for intent in intents if intent.token not in claims]
        for intent, found in _lock(connection, sorted(rest, key=_token)):
            claims[intent.token] = _claim(connection, intent, found, purse, holder_id, in_hand, now, resend_unknown)
        purse.close()
        return [claims[token] for token in tokens]

    return act


def _token(intent: Intent) -> str:
    return intent.token


class _Purse:
    """What the batch may still cost; what is taken is written at the end, when no other lock is waited for."""

    def __init__(self, connection: Connection, batch_seq: int, budget: int | None) -> None:
        self._connection = connection
        self._batch_seq = batch_seq
        self._budget = budget
        self._taken = 0
        self._reserved: int = 0
        if budget is not None:
            # With a limit, whoever reserves waits for the one before, so that no two think that the rest is theirs.
            reserved = select(batch.c.reserved).where(batch.c.seq == batch_seq).with_for_update()
            self._reserved = connection.execute(reserved).scalar_one()

    def take(self, cents: int) -> bool:
        if self._budget is not None and cents and self._reserved + self._taken + cents > self._budget:
            return False
        self._taken += cents
        return True

    def put_back(self, cents: int) -> None:
        self._taken -= cents

    def close(self) -> None:
        if self._taken:
            reserve(self._connection, self._batch_seq, self._taken)


def reserve(connection: Connection, batch_seq: int, cents: int) -> None:
    """Add to what a batch can cost, or, with less than nothing, take from it."""
    connection.execute(update(batch).where(batch.c.seq == batch_seq).values(reserved=batch.c.reserved + cents))


def _insert(
    connection: Connection, batch_seq: int, intents: Sequence[Intent], holder_id: str, now: float
) -> dict[str, Unit]:
    """Insert units that are not there; return those that were inserted, by their tokens."""
    if not intents:
        return {}
    rows = [
        {
            "batch_seq": batch_seq,
            "kind": intent.kind.value,
            "token": intent.token,
            "key": intent.key,
            "state": State.OPEN.value,
            "holder_id": holder_id,
            "first_attempt": _milliseconds(now),
            "attempts": 1,
            "liability": intent.liability,
            "asked": intent.asked,
            "content": msgspec.json.encode(intent.content).decode(),
            "target": intent.target,
            "changed_at": _milliseconds(now),
        }
        for intent in intents
    ]
    if connection.dialect.name == "postgresql":
        statement: Any = postgresql.insert(unit).on_conflict_do_nothing(index_elements=[unit.c.token])
    else:
        statement = sqlite.insert(unit).on_conflict_do_nothing(index_elements=[unit.c.token])
    connection.execute(statement, rows)
    seqs = _seqs(connection, [intent.token for intent in intents], holder_id)
    return {
        intent.token: Unit(
            seqs[intent.token],
            intent.kind,
            intent.key,
            intent.token,
            State.OPEN,
            now,
            1,
            intent.liability,
            intent.asked,
            intent.content,
            intent.target,
            None,
        )
        for intent in intents
        if intent.token in seqs
    }


def _seqs(connection: Connection, tokens: Sequence[str], holder_id: str) -> dict[str, int]:
    found = select(unit.c.token, unit.c.seq).where(
        unit.c.token.in_(bindparam("tokens", expanding=True)), unit.c.holder_id == holder_id
    )
    return {row.token: row.seq for row in connection.execute(found, {"tokens": tokens})}


def _lock(connection: Connection, intents: Sequence[Intent]) -> list[tuple[Intent, Row[Any] | None]]:
    """Find the units of intents; None for one that another process is just now taking."""
    if not intents:
        return []
    statement = _by_tokens([intent.token for intent in intents]).with_for_update(skip_locked=True)
    found = {row.token: row for row in connection.execute(statement)}
    return [(intent, found.get(intent.token)) for intent in intents]


def _claim(
    connection: Connection,
    intent: Intent,
    found: Row[Any] | None,
    purse: _Purse,
    holder_id: str,
    in_hand: Collection[str],
    now: float,
    resend_unknown: bool,
) -> Claim:
    """Take a unit that is there already, if it is still to be carried out."""
    if found is None:
        return Claim(Standing.ELSEWHERE, None)
    known = unit_of(found)
    # What was found on the service in another program's form has no digest of ours to compare.
    other = bool(known.asked) and bool(intent.asked) and known.asked != intent.asked
    if known.state is State.DONE:
        if known.content is None and not other:
            _fill_in(connection, known, intent)
        return Claim(Standing.OTHERWISE if other else Standing.DONE, known, other)
    if known.state is State.UNKNOWN and not resend_unknown:
        return Claim(Standing.UNKNOWN, known, other)
    if intent.token in in_hand or found.holder_id not in (None, holder_id):
        return Claim(Standing.ELSEWHERE, known, other)
    if known.state is State.REFUSED:
        # It certainly has not happened, so this is a beginning: with what is asked now, and what that can cost.
        if not purse.take(intent.liability):
            return Claim(Standing.TOO_DEAR, known, other)
        renewed = {
            "first_attempt": _milliseconds(now),
            "asked": intent.asked,
            "content": msgspec.json.encode(intent.content).decode(),
            "liability": intent.liability,
            "target": intent.target,
        }
    elif known.state is State.UNKNOWN or known.first_attempt is None:
        renewed = {"first_attempt": _milliseconds(now)}
    else:
        renewed = {}
    taken = {"state": State.OPEN.value, "holder_id": holder_id, "attempts": known.attempts + 1, "error": None}
    connection.execute(update(unit).where(unit.c.seq == known.seq).values({**taken, **renewed}))
    again = connection.execute(select(unit).where(unit.c.seq == known.seq)).one()
    return Claim(Standing.OURS, unit_of(again), other and known.state is not State.REFUSED)


def _fill_in(connection: Connection, known: Unit, intent: Intent) -> None:
    """Write down the row of a HIT that was found on the service."""
    values = {"content": msgspec.json.encode(intent.content).decode(), "key": intent.key, "asked": intent.asked}
    connection.execute(update(unit).where(unit.c.seq == known.seq).values(values))


# Taking in hand what is open.


def claim_open(
    batch_seq: int,
    kind: Kind,
    *,
    holder_id: str,
    in_hand: Collection[str],
    now: float,
    after: int,
    most: int,
    only: Sequence[str] | None = None,
) -> Callable[[Connection], list[Unit]]:
    """
    Take in hand units that are open and in nobody's hands, in the order of their numbers.

    Args:
        batch_seq: The batch.
        kind: Which units.
        holder_id: Who we are.
        in_hand: Tokens that this program is at already.
        now: The time, in seconds since 1970.
        after: The number after which to begin.
        most: How many at most.
        only: The tokens among which to choose; None means all.
    """
    open_ones = (
        _open_units(batch_seq, kind, only)
        .where(unit.c.seq > after, unit.c.holder_id.is_(None))
        .order_by(unit.c.seq)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taking = (
        update(unit)
        .where(unit.c.seq == bindparam("number"))
        .values(
            holder_id=holder_id,
            attempts=unit.c.attempts + 1,
            first_attempt=func.coalesce(unit.c.first_attempt, _milliseconds(now)),
        )
    )

    def act(connection: Connection) -> list[Unit]:
        found = [unit_of(row) for row in connection.execute(open_ones)]
        found = [each for each in found if each.token not in in_hand]
        if found:
            connection.execute(taking, [{"number": each.seq} for each in found])
        return [each if each.first_attempt is not None else replace(each, first_attempt=now) for each in found]

    return act


def left_open(
    batch_seq: int, kind: Kind, *, only: Sequence[str] | None = None
) -> Callable[[Connection], tuple[int, int]]:
    """Count the units that are open, and those among them that somebody has in hand."""
    chosen = _open_units(batch_seq, kind, only).subquery()
    numbers = select(func.count(), func.count(chosen.c.holder_id))

    def act(connection: Connection) -> tuple[int, int]:
        left, held = connection.execute(numbers).one()
        return left, held

    return act


def _open_units(batch_seq: int, kind: Kind, only: Sequence[str] | None) -> Select[Any]:
    found = select(unit).where(
        unit.c.batch_seq == batch_seq, unit.c.kind == kind.value, unit.c.state == State.OPEN.value
    )
    return found if only is None else found.where(unit.c.token.in_(only))


def let_go(tokens: Sequence[str], holder_id: str) -> Callable[[Connection], None]:
    """Let go of units that were not carried out."""
    release = update(unit).where(unit.c.token == bindparam("one"), unit.c.holder_id == holder_id).values(holder_id=None)

    def act(connection: Connection) -> None:
        if tokens:
            connection.execute(release, [{"one": token} for token in sorted(tokens)])

    return act


def start_anew(seqs: Sequence[int], now: float) -> Callable[[Connection], None]:
    """Write down that units certainly have not happened yet, so that their tokens are as good as new."""
    anew = update(unit).where(unit.c.seq == bindparam("number")).values(first_attempt=_milliseconds(now))

    def act(connection: Connection) -> None:
        if seqs:
            connection.execute(anew, [{"number": seq} for seq in sorted(seqs)])

    return act


def give_up_old(batch_seq: int, *, before: float, now: float) -> Callable[[Connection], int]:
    """Mark units as unknown that were left open since before a moment; return how many."""
    old = (
        update(unit)
        .where(_is_free_and_open(batch_seq), unit.c.first_attempt < _milliseconds(before))
        .values(state=State.UNKNOWN.value, changed_at=_milliseconds(now))
    )
    return lambda connection: connection.execute(old).rowcount


def count_stale(batch_seq: int, kind: Kind, moments: tuple[float, float]) -> Callable[[Connection], int]:
    """Count the units that are open and free, and whose tokens the service may have forgotten."""
    numbers = select(func.count()).where(_is_stale(batch_seq, kind, moments))
    return lambda connection: connection.execute(numbers).scalar_one()


def not_there(batch_seq: int, kind: Kind, moments: tuple[float, float]) -> Callable[[Connection], int]:
    """Write down of the same units that they have not happened, after all that have were adopted."""
    anew = update(unit).where(_is_stale(batch_seq, kind, moments)).values(first_attempt=None)
    return lambda connection: connection.execute(anew).rowcount


def _is_free_and_open(batch_seq: int) -> ColumnElement[bool]:
    kinds = [kind.value for kind in Kind]  # all of them, so that the index serves
    return and_(
        unit.c.batch_seq == batch_seq,
        unit.c.kind.in_(kinds),
        unit.c.state == State.OPEN.value,
        unit.c.holder_id.is_(None),
    )


def _is_stale(batch_seq: int, kind: Kind, moments: tuple[float, float]) -> ColumnElement[bool]:
    earliest, latest = map(_milliseconds, moments)
    is_stale = or_(unit.c.first_attempt < earliest, unit.c.first_attempt > latest)
    return and_(_is_free_and_open(batch_seq), unit.c.kind == kind.value, is_stale)


# Writing down what became of units.

_SETTLED = (
    update(unit)
    .where(unit.c.seq == bindparam("number"))
    .values(
        state=bindparam("new_state"),
        target=func.coalesce(bindparam("new_target"), unit.c.target),
        error=bindparam("new_error"),
        changed_at=bindparam("moment"),
        holder_id=None,
    )
)
_REPLACED = (
    update(unit)
    .where(unit.c.seq == bindparam("number"))
    .values(content=func.coalesce(bindparam("new_content"), unit.c.content), asked=bindparam("new_asked"))
)


def write_outcomes(batch_seq: int, outcomes: Sequence[Outcome], now: float) -> Callable[[Connection], None]:
    """Write down what became of units, and let go of them."""

    def act(connection: Connection) -> None:
        ordered = sorted(outcomes, key=lambda outcome: outcome.unit.token)
        moment = _milliseconds(now)
        released = _released(connection, [each.unit.seq for each in ordered if each.state is State.REFUSED])
        connection.execute(
            _SETTLED,
            [
                {
                    "number": outcome.unit.seq,
                    "new_state": outcome.state.value,
                    "new_target": outcome.target,
                    "new_error": outcome.error,
                    "moment": moment,
                }
                for outcome in ordered
            ],
        )
        replaced = [
            {
                "number": outcome.unit.seq,
                "new_content": None if outcome.content is None else msgspec.json.encode(outcome.content).decode(),
                "new_asked": outcome.asked,
            }
            for outcome in ordered
            if outcome.asked is not None
        ]
        if replaced:
            connection.execute(_REPLACED, replaced)
        hits = [
            {"id": outcome.target, "unit_seq": outcome.unit.seq, "most": outcome.most, "document": outcome.hit}
            for outcome in ordered
            if outcome.hit is not None and outcome.target is not None
        ]
        add_hits(connection, batch_seq, hits)
        if released:
            reserve(connection, batch_seq, -released)

    return act


def _released(connection: Connection, seqs: Sequence[int]) -> int:
    """What refused units can cost no more; those that were refused before count no second time."""
    if not seqs:
        return 0
    still_counted = select(unit.c.liability).where(unit.c.seq.in_(seqs), unit.c.state != State.REFUSED.value)
    return sum(row.liability for row in connection.execute(still_counted.with_for_update()))


def add_hits(connection: Connection, batch_seq: int, hits: Sequence[Mapping[str, Any]]) -> None:
    """Write down HITs that are not there yet: their ids, units and documents."""
    if not hits:
        return
    rows = [{"batch_seq": batch_seq, "state": "open", "read": 0, "quiet": 0, "seen_at": 0, **values} for values in hits]
    statement: Any
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(hit).on_conflict_do_nothing(index_elements=[hit.c.id])
    else:
        statement = sqlite.insert(hit).on_conflict_do_nothing(index_elements=[hit.c.id])
    connection.execute(statement, rows)


def adopt(batch_seq: int, found: Iterable[Adopted], now: float) -> Callable[[Connection], int]:
    """
    Write down rows whose HITs were found on the service: open units as done, and those that are not there.

    Returns:
        How many were not known as done before.
    """
    adopted = sorted(found, key=lambda each: each.token)

    def act(connection: Connection) -> int:
        if not adopted:
            return 0
        there = {
            row.token: row for row in connection.execute(_by_tokens([each.token for each in adopted]).with_for_update())
        }
        new = [each for each in adopted if each.token not in there]
        new = list({each.token: each for each in new}.values())
        if new:
            connection.execute(
                insert(unit),
                [
                    {
                        "batch_seq": batch_seq,
                        "kind": Kind.PUBLISH.value,
                        "token": each.token,
                        "key": each.key,
                        "state": State.DONE.value,
                        "attempts": 0,
                        "liability": each.liability,
                        "asked": each.asked,
                        "target": each.hit_id,
                        "changed_at": _milliseconds(now),
                    }
                    for each in new
                ],
            )
            reserve(connection, batch_seq, sum(each.liability for each in new))
        open_ones = [
            each
            for each in adopted
            if each.token in there and there[each.token].state in (State.OPEN.value, State.UNKNOWN.value)
        ]
        if open_ones:
            done = update(unit).where(unit.c.token == bindparam("one"))
            connection.execute(
                done.values(
                    state=State.DONE.value,
                    target=bindparam("its_hit"),
                    asked=bindparam("its_digest"),
                    error=None,
                    holder_id=None,
                    changed_at=_milliseconds(now),
                ),
                [
                    {
                        "one": each.token,
                        "its_hit": each.hit_id,
                        "its_digest": each.asked or there[each.token].asked,
                    }
                    for each in open_ones
                ],
            )
        seqs = {row.token: row.seq for row in connection.execute(_by_tokens([each.token for each in adopted]))}
        add_hits(
            connection,
            batch_seq,
            [
                {"id": each.hit_id, "unit_seq": seqs[each.token], "most": each.most, "document": each.document}
                for each in adopted
            ],
        )
        return len(new) + len(open_ones)

    return act


class Adopted(NamedTuple):
    """
    A HIT of this batch that was found on the service.

    Attributes:
        token: Its row's token.
        key: Its row's key, as far as its annotation tells.
        asked: The digest of what was asked.
        hit_id: Its id.
        liability: What it can cost, in cents.
        most: How many assignments it may have.
        document: The HIT, in the service's JSON.
    """

    token: str
    key: str
    asked: str
    hit_id: str
    liability: int
    most: int
    document: str


# Reading.


def by_token(token: str) -> Callable[[Connection], Unit | None]:
    """Find a unit."""

    def act(connection: Connection) -> Unit | None:
        found = connection.execute(_by_tokens([token])).first()
        return None if found is None else unit_of(found)

    return act


def by_tokens(tokens: Sequence[str]) -> Callable[[Connection], dict[str, Unit]]:
    """Find units by their tokens."""
    return lambda connection: {row.token: unit_of(row) for row in connection.execute(_by_tokens(tokens))}


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


def _by_tokens(tokens: Sequence[str]) -> Select[Any]:
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


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
