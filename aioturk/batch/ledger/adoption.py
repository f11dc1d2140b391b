"""Adopting HITs that were found on the service: they become their rows', whoever made them. All of these are acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, update

from aioturk.batch.ledger.purse import reserve
from aioturk.batch.ledger.tables import unit
from aioturk.batch.ledger.units import add_hits, by_tokens_statement, milliseconds
from aioturk.batch.units import Kind, State

__all__ = ["Adopted", "adopt"]


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


def adopt(batch_seq: int, found: Iterable[Adopted], now: float) -> Callable[[Connection], int]:
    """
    Write down rows whose HITs were found on the service: those that are not there, and those that were not known to be
    done, as done.

    Returns:
        How many were not known as done before.
    """
    adopted = sorted(found, key=lambda each: each.token)

    def act(connection: Connection) -> int:
        if not adopted:
            return 0
        tokens = [each.token for each in adopted]
        there = {row.token: row for row in connection.execute(by_tokens_statement(tokens).with_for_update())}
        new = {each.token: each for each in adopted if each.token not in there}
        known = {
            each.token: each for each in adopted if each.token in there and there[each.token].state != State.DONE.value
        }
        _insert(connection, batch_seq, list(new.values()), now)
        _settle(connection, there, list(known.values()), now)
        more = sum(each.liability for each in new.values())
        # What was refused, and so counted no more, has happened all the same.
        more += sum(there[token].liability for token in known if there[token].state == State.REFUSED.value)
        if more:
            reserve(connection, batch_seq, more)
        seqs = {row.token: row.seq for row in connection.execute(by_tokens_statement(tokens))}
        add_hits(connection, batch_seq, [_hit(each, seqs[each.token]) for each in adopted])
        return len(new) + len(known)

    return act


def _insert(connection: Connection, batch_seq: int, new: Sequence[Adopted], now: float) -> None:
    if not new:
        return
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
                "changed_at": milliseconds(now),
            }
            for each in new
        ],
    )


def _settle(connection: Connection, there: Mapping[str, Row[Any]], known: Sequence[Adopted], now: float) -> None:
    if not known:
        return
    done = (
        update(unit)
        .where(unit.c.token == bindparam("one"))
        .values(
            state=State.DONE.value,
            target=bindparam("its_hit"),
            asked=bindparam("its_digest"),
            error=None,
            holder_id=None,
            changed_at=milliseconds(now),
        )
    )
    connection.execute(
        done,
        [
            {"one": each.token, "its_hit": each.hit_id, "its_digest": each.asked or there[each.token].asked}
            for each in known
        ],
    )


def _hit(found: Adopted, seq: int) -> dict[str, Any]:
    return {
        "id": found.hit_id,
        "unit_seq": seq,
        "most": found.most,
        "cents": found.liability // max(found.most, 1),
        "document": found.document,
    }
