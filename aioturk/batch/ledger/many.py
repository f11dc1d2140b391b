"""
Statements that are carried out for many rows at once, taken apart but once.

SQLAlchemy works each row's values out anew. Without that a row that is published takes 68 microseconds of the ledger's
thread instead of 86, and all of it 1.3 to 1.5 times a bare call instead of 1.6 to 1.9 (`benchmarks/README.rst`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from aioturk.batch.ledger.tables import insert_into

__all__ = ["ForMany", "insert_unless_there"]

_Values = Callable[[Mapping[str, Any]], Any]


class ForMany:
    """
    A statement whose values are whole numbers, texts and None.

    Args:
        make: Makes the statement, for a database of this name.
        names: What each row has values for; a statement's own values stay what they are.
    """

    def __init__(self, make: Callable[[str], Any], names: Sequence[str]) -> None:
        self._make = make
        self._names = tuple(names)
        self._known: dict[str, tuple[str, _Values]] = {}

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """
        Carry the statement out for each row.

        Args:
            connection: Where.
            rows: A value for each of the names.
        """
        if not rows:
            return
        database = connection.dialect.name
        known = self._known.get(database)
        if known is None:
            known = self._known[database] = self._taken_apart(self._make(database), connection)
        text, values = known
        connection.exec_driver_sql(text, list(map(values, rows)))

    def _taken_apart(self, statement: Any, connection: Connection) -> tuple[str, _Values]:
        compiled: Any = statement.compile(dialect=connection.dialect, column_keys=self._names)
        given = frozenset(self._names)
        own = {name: value for name, value in compiled.params.items() if name not in given}
        if not compiled.positional:
            return compiled.string, lambda row: {**own, **row}
        order = [(name, name in given, own.get(name)) for name in compiled.positiontup]
        return compiled.string, lambda row: tuple([row[name] if varies else same for name, varies, same in order])


def insert_unless_there(table: Table, key: str, names: Sequence[str]) -> ForMany:
    """
    Return what inserts rows, but for those whose key is there already.

    Args:
        table: Into which table.
        key: The column that no two rows have the same of.
        names: The columns that are given.
    """
    return ForMany(
        lambda database: insert_into(table, database).on_conflict_do_nothing(index_elements=[table.c[key]]), names
    )
