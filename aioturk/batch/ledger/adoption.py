"""
Adopting HITs that were found on the service: they become their rows', whoever made them. All of these are acts.

Each HIT that the ledger did not know is reserved with what it costs itself, several of one row too. What a row's unit
costs is what the HIT costs that it names; so it is not counted again when that HIT is found once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from aioturk.batch.ledger.hits import add_hits
from aioturk.batch.ledger.purse import reserve
from aioturk.batch.ledger.tables import hit, unit
from aioturk.batch.ledger.units import by_tokens_statement, milliseconds
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
        strange = _strange(connection, adopted, there)
        new = {each.token: each for each in adopted if each.token not in there}
        known = {
            each.token: each for each in adopted if each.token in there and there[each.token].state != State.DONE.value
        }
        _insert(connection, batch_seq, list(new.values()), now)
        _settle(connection, there, list(known.values()), now)
        # What was refused counted no more; what was open did.
        before = sum(there[token].liability for token in known if there[token].state != State.REFUSED.value)
        more = sum(each.liability for each in strange) - before
        if more:
            reserve(connection, batch_seq, more)
        seqs = {row.token: row.seq for row in connection.execute(by_tokens_statement(tokens))}
        add_hits(connection, batch_seq, [_hit(each, seqs[each.token]) for each in adopted])
        return len(new) + len(known)

    return act


def _strange(connection: Connection, adopted: Sequence[Adopted], there: Mapping[str, Row[Any]]) -> list[Adopted]:
    """Choose, each once, the HITs that are not counted yet: neither known nor named by a row that is done."""
    found = {each.hit_id: each for each in adopted}
    known = set(connection.execute(select(hit.c.id).where(hit.c.id.in_(list(found)))).scalars())
    named = {row.target for row in there.values() if row.state == State.DONE.value}
    return [each for each in found.values() if each.hit_id not in known | named]


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
            liability=bindparam("its_cents"),
            error=None,
            holder_id=None,
            changed_at=milliseconds(now),
        )
    )
    connection.execute(
        done,
        [
            {
                "one": each.token,
                "its_hit": each.hit_id,
                "its_digest": each.asked or there[each.token].asked,
                "its_cents": each.liability,
            }
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
