"""
Taking units in hand: writing intents down before they are carried out, and taking up what was left open.

Whoever takes something in hand has to be written down as being at work in the same transaction: a lease of somebody who
was taken for dead meanwhile would never be void. What one program has in hand itself is known to `InHand`, because all
of its work is done under one name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, update

from aioturk.batch.ledger.alike import as_written
from aioturk.batch.ledger.holders import is_registered
from aioturk.batch.ledger.in_hand import Buried, InHand, Taking
from aioturk.batch.ledger.many import insert_unless_there
from aioturk.batch.ledger.purse import Purse
from aioturk.batch.ledger.tables import hit, unit
from aioturk.batch.ledger.units import by_tokens_statement, milliseconds, not_counted, open_units, unit_of
from aioturk.batch.units import Intent, Kind, State, Unit

__all__ = ["Claim", "Claiming", "Standing", "claim_open", "give_up", "intend"]


R = TypeVar("R")

Claiming: TypeAlias = "Callable[[str, set[str]], Callable[[Connection], R]]"
"""Makes an act that takes something in hand: under a name, filling a set with what it takes."""


_TELLING: Final = frozenset([Kind.EXTEND, Kind.APPROVE, Kind.REJECT])
"""
Kinds of units of which HITs and assignments tell for as long as they are there: looking is enough, however long ago it
was. Lists, as of HITs and of payments, may have forgotten by then.
"""


class Standing(Enum):
    """What a claim found."""

    OURS = "ours"
    """The unit is in our hands, to be performed."""
    DONE = "done"
    """It has happened."""
    ELSEWHERE = "elsewhere"
    """Somebody else has it in hand, or something that has to come before it."""
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


# Writing intents down.


def intend(
    batch_seq: int,
    given: Sequence[Intent],
    *,
    holder_id: str,
    in_hand: InHand,
    taken: set[str],
    now: float,
    budget: int | None,
    resend_unknown: bool = False,
) -> Callable[[Connection], list[Claim]]:
    """
    Write intents down before they are carried out, and take them in hand; those of units that are there already too,
    unless they have happened or somebody else is at it.

    Args:
        batch_seq: The batch.
        given: What is to happen; each token once.
        holder_id: Who we are.
        in_hand: What this program is at already.
        taken: Is filled with the tokens that are taken in hand, for whoever has to give them up.
        now: The time, in seconds since 1970.
        budget: The most cents that all units of the batch may cost together.
        resend_unknown: Whether units of which nobody can tell whether they happened are to be carried out again.

    Raises:
        Buried: We were taken for dead.
    """
    taking = Taking(in_hand, taken)

    def act(connection: Connection) -> list[Claim]:
        taking.begin()
        if not is_registered(connection, holder_id):
            raise Buried
        intents = as_written(connection, given)
        tokens = [intent.token for intent in intents]
        there = {found.token: found for found in connection.execute(by_tokens_statement(tokens))}
        purse = Purse(connection, batch_seq, budget)
        claims = _of_busy_hits(connection, intents, holder_id, in_hand)
        # In the order of the rows, which results are listed in. Should two processes thereby wait for each other, the
        # database breaks that up, and one of them begins anew.
        fresh: list[Intent] = []
        for intent in intents:
            if intent.token in there or intent.token in claims:
                continue
            if not taking.take(intent.token):
                claims[intent.token] = Claim(Standing.ELSEWHERE, None)
            elif purse.take(intent.liability):
                fresh.append(intent)
            else:
                claims[intent.token] = Claim(Standing.TOO_DEAR, None)
                in_hand.put_down([intent.token])
        made = _insert(connection, batch_seq, fresh, holder_id, now)
        for intent in fresh:
            if intent.token in made:
                claims[intent.token] = Claim(Standing.OURS, made[intent.token])
            else:
                purse.put_back(intent.liability)  # somebody was faster
                in_hand.put_down([intent.token])
        rest = {intent.token: intent for intent in intents if intent.token not in claims}
        for intent, found in _lock(connection, sorted(rest.values(), key=_token)):
            claim = _claim(connection, intent, found, purse, holder_id, taking, now, resend_unknown)
            claims[intent.token] = claim
        purse.close()
        # Two that turned out to be one are in hand once.
        return [claims.pop(token, Claim(Standing.ELSEWHERE, None)) for token in tokens]

    return act


def _token(intent: Intent) -> str:
    return intent.token


def _of_busy_hits(
    connection: Connection, intents: Sequence[Intent], holder_id: str, in_hand: InHand
) -> dict[str, Claim]:
    """Let extensions wait of HITs of which another extension is in hand: both would be made of the same number."""
    targets = sorted({intent.target for intent in intents if intent.kind is Kind.EXTEND and intent.target})
    if not targets:
        return {}
    connection.execute(select(hit.c.id).where(hit.c.id.in_(targets)).order_by(hit.c.id).with_for_update()).all()
    busy = _busy(connection, targets)
    return {
        intent.token: Claim(Standing.ELSEWHERE, None)
        for intent in intents
        if intent.target in busy and intent.token not in busy[intent.target]
    }


def _busy(connection: Connection, targets: Sequence[str]) -> dict[str, set[str]]:
    """Return the extensions that are in hand, by their HITs."""
    held = select(unit.c.target, unit.c.token).where(
        unit.c.kind == Kind.EXTEND.value, unit.c.target.in_(targets), unit.c.holder_id.is_not(None)
    )
    busy: dict[str, set[str]] = {}
    for target, token in connection.execute(held):
        busy.setdefault(target, set()).add(token)
    return busy


_INSERT = insert_unless_there(
    unit,
    "token",
    (
        "batch_seq",
        "kind",
        "token",
        "key",
        "state",
        "holder_id",
        "first_attempt",
        "attempts",
        "liability",
        "asked",
        "content",
        "target",
        "changed_at",
    ),
)


def _insert(
    connection: Connection, batch_seq: int, intents: Sequence[Intent], holder_id: str, now: float
) -> dict[str, Unit]:
    """Insert units that are not there; return those that were inserted, by their tokens."""
    if not intents:
        return {}
    moment = milliseconds(now)
    rows = [
        {
            "batch_seq": batch_seq,
            "kind": intent.kind.value,
            "token": intent.token,
            "key": intent.key,
            "state": State.OPEN.value,
            "holder_id": holder_id,
            "first_attempt": moment,
            "attempts": 1,
            "liability": intent.liability,
            "asked": intent.asked,
            "content": msgspec.json.encode(intent.content).decode(),
            "target": intent.target,
            "changed_at": moment,
        }
        for intent in intents
    ]
    _INSERT.execute(connection, rows)
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


_SEQS = select(unit.c.token, unit.c.seq).where(
    unit.c.token.in_(bindparam("tokens", expanding=True)), unit.c.holder_id == bindparam("holder")
)


def _seqs(connection: Connection, tokens: Sequence[str], holder_id: str) -> dict[str, int]:
    found = connection.execute(_SEQS, {"tokens": tokens, "holder": holder_id})
    return {row.token: row.seq for row in found}


def _lock(connection: Connection, intents: Sequence[Intent]) -> list[tuple[Intent, Row[Any] | None]]:
    """Find the units of intents; None for one that another process is just now taking."""
    if not intents:
        return []
    statement = by_tokens_statement([intent.token for intent in intents]).with_for_update(skip_locked=True)
    found = {row.token: row for row in connection.execute(statement)}
    return [(intent, found.get(intent.token)) for intent in intents]


def _claim(
    connection: Connection,
    intent: Intent,
    found: Row[Any] | None,
    purse: Purse,
    holder_id: str,
    taking: Taking,
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
    if known.state is State.UNKNOWN and not resend_unknown and known.kind not in _TELLING:
        return Claim(Standing.UNKNOWN, known, other)
    if found.holder_id not in (None, holder_id):
        return Claim(Standing.ELSEWHERE, known, other)
    renewed = _renewed(known, intent, now)
    counted = 0 if known.state is State.REFUSED else known.liability
    if not purse.take(renewed["liability"] - counted):
        return Claim(Standing.TOO_DEAR, known, other)
    if not taking.take(intent.token):
        purse.put_back(renewed["liability"] - counted)
        return Claim(Standing.ELSEWHERE, known, other)
    taken = {"state": State.OPEN.value, "holder_id": holder_id, "error": None, **renewed}
    connection.execute(update(unit).where(unit.c.seq == known.seq).values(taken))
    again = connection.execute(select(unit).where(unit.c.seq == known.seq)).one()
    return Claim(Standing.OURS, unit_of(again), other and known.state is not State.REFUSED)


def _renewed(known: Unit, intent: Intent, now: float) -> dict[str, Any]:
    """What of a unit is new when it is taken up again."""
    # The dearer of both: which of them happens, or has happened, is not known.
    liability = max(known.liability, intent.liability)
    if known.state is State.REFUSED:
        # It certainly has not happened, so this is a beginning: with what is asked now, and what that can cost.
        return {
            "attempts": 1,
            "first_attempt": milliseconds(now),
            "asked": intent.asked,
            "content": msgspec.json.encode(intent.content).decode(),
            "liability": intent.liability,
            "target": intent.target,
        }
    is_anew = known.state is State.UNKNOWN and known.kind not in _TELLING
    if is_anew or known.first_attempt is None:
        return {"attempts": 1, "first_attempt": milliseconds(now), "liability": liability}
    return {"attempts": known.attempts + 1, "liability": liability}


def _fill_in(connection: Connection, known: Unit, intent: Intent) -> None:
    """Write down the row of a HIT that was found on the service."""
    values = {"content": msgspec.json.encode(intent.content).decode(), "key": intent.key, "asked": intent.asked}
    connection.execute(update(unit).where(unit.c.seq == known.seq).values(values))


# Taking up what was left open.


def claim_open(
    batch_seq: int,
    kind: Kind,
    *,
    holder_id: str,
    in_hand: InHand,
    taken: set[str],
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
        in_hand: What this program is at already.
        taken: Is filled with the tokens that are taken in hand.
        now: The time, in seconds since 1970.
        after: The number after which to begin.
        most: How many at most.
        only: The tokens among which to choose; None means all.

    Raises:
        Buried: We were taken for dead.
    """
    open_ones = (
        open_units(batch_seq, kind, only)
        # What has our own name and is not in hand was taken by an act whose success we were never told of.
        .where(unit.c.seq > after, or_(unit.c.holder_id.is_(None), unit.c.holder_id == holder_id))
        .order_by(unit.c.seq)
        .limit(most)
    )
    taking_up = (
        update(unit)
        .where(unit.c.seq == bindparam("number"))
        .values(
            holder_id=holder_id,
            attempts=bindparam("now_attempts"),
            first_attempt=func.coalesce(unit.c.first_attempt, milliseconds(now)),
        )
    )
    taking = Taking(in_hand, taken)

    def act(connection: Connection) -> list[Unit]:
        taking.begin()
        if not is_registered(connection, holder_id):
            raise Buried
        # The HITs before their extensions, as everywhere.
        targets = _lock_hits(connection, open_ones) if kind is Kind.EXTEND else []
        found = [unit_of(row) for row in connection.execute(open_ones.with_for_update(skip_locked=True))]
        if kind is Kind.EXTEND:
            found = _one_of_each_hit(found, targets, _busy(connection, targets))
        chosen = [_taken_up(one, now) for one in found if taking.take(one.token)]
        if chosen:
            connection.execute(taking_up, [{"number": one.seq, "now_attempts": one.attempts} for one in chosen])
        return chosen

    return act


def _lock_hits(connection: Connection, extensions: Select[Any]) -> list[str]:
    """Lock the HITs of extensions, so that nobody takes another one of them in hand meanwhile; return their ids."""
    targets = sorted({row.target for row in connection.execute(extensions) if row.target})
    if targets:
        connection.execute(select(hit.c.id).where(hit.c.id.in_(targets)).order_by(hit.c.id).with_for_update()).all()
    return targets


def _one_of_each_hit(found: Sequence[Unit], targets: Sequence[str], busy: dict[str, set[str]]) -> list[Unit]:
    """Of extensions, choose the first of each HIT that is locked, and of which no other one is in hand."""
    chosen: dict[str, Unit] = {}
    for one in found:
        target = one.target or ""
        if target in targets and not busy.get(target, set()) - {one.token}:
            chosen.setdefault(target, one)
    return list(chosen.values())


def _taken_up(known: Unit, now: float) -> Unit:
    if known.first_attempt is None:
        return replace(known, first_attempt=now, attempts=1)
    return replace(known, attempts=known.attempts + 1)


# Giving up.


def give_up(tokens: set[str], in_hand: InHand, holder_id: str, *, unsent: bool) -> Callable[[Connection], None]:
    """
    Let go of units that were taken in hand.

    Args:
        tokens: Their tokens, read when this is done: an act that takes some may come before it.
        in_hand: What this program is at.
        holder_id: Who we are.
        unsent: Whether nothing of them was sent, so that taking them up does not count.
    """
    changed: dict[str, Any] = {"holder_id": None, **(not_counted(1) if unsent else {})}
    release = update(unit).where(unit.c.token == bindparam("one"), unit.c.holder_id == holder_id).values(changed)

    def act(connection: Connection) -> None:
        try:
            if tokens:
                connection.execute(release, [{"one": token} for token in sorted(tokens)])
        finally:
            in_hand.put_down(tokens)

    return act
