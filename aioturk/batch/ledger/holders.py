"""
Holders: who is at work on a ledger, and whose leases are void.

A unit that somebody has in hand names its holder. A holder on this computer is dead as soon as its process is; one
elsewhere when nothing was heard of it for `SILENCE`. What dead holders had in hand is free again.

Heartbeats are told by one clock: the database's on PostgreSQL, this computer's for a file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, extract, func, insert, select, update

from aioturk.batch.ledger.processes import Process, is_dead
from aioturk.batch.ledger.tables import holder, submission, unit

__all__ = ["BEAT", "SILENCE", "beat", "bury_the_dead", "is_registered", "leave", "register"]

SILENCE: Final = 30.0
"""Seconds without a heartbeat after which a holder on another computer counts as dead."""
BEAT: Final = 8.0
"""Seconds between heartbeats."""


def register(holder_id: str, process: Process, former: Collection[str] = ()) -> Callable[[Connection], None]:
    """
    Tell that somebody is at work.

    Args:
        holder_id: Who.
        process: Where.
        former: Names under which nothing is done any more, though the ledger may not know it yet.
    """

    def act(connection: Connection) -> None:
        _remove(connection, former)
        values = {"host": process.host, "pid": process.pid, "started": process.started, "beat": _now(connection)}
        if not connection.execute(update(holder).where(holder.c.id == holder_id).values(values)).rowcount:
            connection.execute(insert(holder).values(id=holder_id, **values))

    return act


def beat(holder_id: str, former: Collection[str] = ()) -> Callable[[Connection], bool]:
    """
    Tell that a holder is alive; False means that it was taken for dead, and that its leases are gone.

    Args:
        holder_id: Who.
        former: Names under which nothing is done any more, though the ledger may not know it yet.
    """

    def act(connection: Connection) -> bool:
        _remove(connection, former)
        changed = update(holder).where(holder.c.id == holder_id).values(beat=_now(connection))
        return bool(connection.execute(changed).rowcount)

    return act


def leave(*holder_ids: str) -> Callable[[Connection], None]:
    """Let go of everything, and be gone."""
    return lambda connection: _remove(connection, holder_ids)


def bury_the_dead(connection: Connection) -> int:
    """Let go of what dead holders had in hand; return how many were found."""
    now = _now(connection)
    dead = []
    for row in connection.execute(select(holder)):
        ended = is_dead(Process(row.host, row.pid, row.started))
        # Of who is here it can be seen; silence counts for others.
        if ended or (ended is None and now - row.beat > SILENCE * 1000):
            dead.append((row.id, row.beat))
    # Whoever beats after the look is told that he is alive, and so he is.
    buried = [one for one, seen in dead if connection.execute(delete(holder).where(*_is(one, seen))).rowcount]
    _free(connection, buried)
    return len(buried)


def _is(holder_id: str, seen: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return holder.c.id == holder_id, holder.c.beat == seen


def is_registered(connection: Connection, holder_id: str) -> bool:
    """Say whether a holder is written down, and have it stay so until the end of this act."""
    ours = select(holder.c.id).where(holder.c.id == holder_id).with_for_update(read=True)
    return connection.execute(ours).first() is not None


def _remove(connection: Connection, ids: Collection[str]) -> None:
    # First the names: whoever is just now taking something in hand under one of them is waited for, and nobody comes
    # after that.
    if ids:
        connection.execute(delete(holder).where(holder.c.id.in_(ids)))
    _free(connection, ids)


def _free(connection: Connection, ids: Collection[str]) -> None:
    if ids:
        for table in (unit, submission):
            connection.execute(update(table).where(table.c.holder_id.in_(ids)).values(holder_id=None))


def _now(connection: Connection) -> int:
    if connection.dialect.name != "postgresql":
        return int(time.time() * 1000)
    seconds = connection.execute(select(extract("epoch", func.clock_timestamp()))).scalar_one()
    return int(seconds * 1000)
