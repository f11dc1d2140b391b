"""Batches in the ledger, and what the ledger remembers of itself. All of these are acts, as in `units`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from aioturk.batch.ledger.tables import batch, insert_into, setting
from aioturk.errors import ConfigurationError

__all__ = [
    "Known",
    "belong",
    "belongs_to_somewhere",
    "known_batch",
    "learned_pace",
    "remember_pace",
    "searched",
    "write_columns",
]

_ENVIRONMENT = "environment"
_PACE = "pace"


@dataclass(frozen=True, slots=True)
class Known:
    """
    A batch as the ledger has it.

    Attributes:
        seq: Its number.
        reserved: The most that its units can cost together, in cents.
        searched_at: When the service was last asked for HITs of it that the ledger does not know; None if it never was.
        columns: The columns of its rows, in their order.
    """

    seq: int
    reserved: int
    searched_at: float | None
    columns: tuple[str, ...]


def belong(environment: str, title: str) -> Callable[[Connection], None]:
    """
    Make sure that the ledger belongs to an environment; one that belongs to none yet does from now on.

    Raises:
        ConfigurationError: It belongs to another one.
    """

    def act(connection: Connection) -> None:
        _insert_once(connection, setting, {"name": _ENVIRONMENT, "value": environment})
        found = connection.execute(select(setting.c.value).where(setting.c.name == _ENVIRONMENT)).scalar_one()
        if found != environment:
            raise ConfigurationError(
                f"The ledger {title} belongs to {found}, and the client talks to {environment}. Nothing was sent: "
                "what is written in one place says nothing of the other. Name another ledger, or another environment."
            )

    return act


def belongs_to_somewhere(connection: Connection) -> bool:
    """Say whether the ledger belongs to an environment already."""
    return connection.execute(select(setting.c.value).where(setting.c.name == _ENVIRONMENT)).scalar() is not None


def known_batch(name: str, now: float) -> Callable[[Connection], Known]:
    """Find a batch, or write it down."""

    def act(connection: Connection) -> Known:
        _insert_once(connection, batch, {"name": name, "created_at": int(now * 1000), "reserved": 0, "columns": "[]"})
        row = connection.execute(select(batch).where(batch.c.name == name)).one()
        columns = msgspec.json.decode(row.columns, type=tuple[str, ...])
        return Known(row.seq, row.reserved, None if row.searched_at is None else row.searched_at / 1000, columns)

    return act


def searched(batch_seq: int, now: float) -> Callable[[Connection], None]:
    """Write down that the service was asked for HITs of a batch."""
    changed = update(batch).where(batch.c.seq == batch_seq).values(searched_at=int(now * 1000))
    return lambda connection: _run(connection, changed)


def write_columns(batch_seq: int, columns: Sequence[str]) -> Callable[[Connection], None]:
    """Add to the columns of a batch's rows those that are new."""

    def act(connection: Connection) -> None:
        found = connection.execute(select(batch.c.columns).where(batch.c.seq == batch_seq).with_for_update())
        known = msgspec.json.decode(found.scalar_one(), type=list[str])
        both = msgspec.json.encode(list(dict.fromkeys([*known, *columns]))).decode()
        _run(connection, update(batch).where(batch.c.seq == batch_seq).values(columns=both))

    return act


def learned_pace(connection: Connection) -> str | None:
    """Return what a client learned last of how fast the service lets it go."""
    return connection.execute(select(setting.c.value).where(setting.c.name == _PACE)).scalar()


def remember_pace(pace: str) -> Callable[[Connection], None]:
    """Write down what a client has learned of how fast the service lets it go."""

    def act(connection: Connection) -> None:
        _insert_once(connection, setting, {"name": _PACE, "value": pace})
        _run(connection, update(setting).where(setting.c.name == _PACE).values(value=pace))

    return act


def _insert_once(connection: Connection, table: Any, values: dict[str, Any]) -> None:
    connection.execute(insert_into(table, connection.dialect.name).values(values).on_conflict_do_nothing())


def _run(connection: Connection, statement: Any) -> None:
    connection.execute(statement)
