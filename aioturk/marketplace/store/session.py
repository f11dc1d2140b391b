"""
Running statements: each is written with SQLAlchemy, compiled once, and then handed to the database's driver as it is.

SQLAlchemy's own execution costs several times what SQLite's work on such small statements does, and the marketplace
runs ten of them for a request. What it would do on the way (types, result objects) is not needed: all columns are
numbers and texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Insert, Update
from sqlalchemy.sql.elements import CompilerElement

__all__ = ["Session"]

Values = Mapping[str, Any]


class _Compiled(NamedTuple):
    """A statement in the database's own words."""

    text: str
    constants: dict[str, Any]
    arrange: Callable[[Values], Any]


class Session:
    """
    Runs statements within a transaction that somebody else begins and ends.

    Args:
        connection: What runs statements: SQLite's own connection, or PostgreSQL's `PreparedStatements`.
        dialect: The database's dialect.
    """

    __slots__ = ("_compiled", "_connection", "_dialect", "_returning")

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self._compiled: dict[object, _Compiled] = {}
        self._returning = dialect.name == "postgresql"  # SQLite's driver knows the last row's number by itself

    def lock(self, number: int) -> None:
        """Wait until no other transaction has this lock, and have it until the end of this one."""
        if self._returning:
            self._connection.execute("SELECT pg_advisory_xact_lock($1)", (number,))
        # SQLite has one writer at a time, and we are it.

    def first(self, statement: CompilerElement, values: Values) -> tuple[Any, ...] | None:
        """Return the first row, if there is any."""
        row: tuple[Any, ...] | None = self._run(statement, id(statement), values, None).fetchone()
        return row

    def one(self, statement: CompilerElement, values: Values) -> tuple[Any, ...]:
        """Return the only row."""
        row = self.first(statement, values)
        assert row is not None
        return row

    def all(self, statement: CompilerElement, values: Values) -> list[tuple[Any, ...]]:
        """Return all rows."""
        rows: list[tuple[Any, ...]] = self._run(statement, id(statement), values, None).fetchall()
        return rows

    def add(self, statement: Insert, values: Values) -> int:
        """Insert a row; return its running number."""
        key = ("seq", id(statement), *values)
        if not self._returning:
            return int(self._run(statement, key, values, list(values)).lastrowid)
        if key not in self._compiled:
            self._compiled[key] = self._compile(statement.returning(statement.table.c.seq), list(values))
        return int(self._run(statement, key, values, None).fetchone()[0])

    def put(self, statement: Insert, values: Values) -> None:
        """Insert a row whose running number, if it has one, nobody asks for."""
        self._run(statement, (id(statement), *values), values, list(values))

    def change(self, statement: Update, values: Values) -> int:
        """Change the columns that have values; return how many rows were changed."""
        columns = [name for name in values if name in statement.table.c]
        return int(self._run(statement, (id(statement), *values), values, columns).rowcount)

    def execute(self, statement: CompilerElement, values: Values) -> int:
        """Run a statement that gives no rows; return how many it has touched."""
        return int(self._run(statement, id(statement), values, None).rowcount)

    def _run(self, statement: CompilerElement, key: object, values: Values, columns: list[str] | None) -> Any:
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = self._compile(statement, columns)
        if compiled.constants:
            values = {**compiled.constants, **values}
        return self._connection.execute(compiled.text, compiled.arrange(values))

    def _compile(self, statement: CompilerElement, columns: list[str] | None) -> _Compiled:
        # Statements live as long as their modules, so their identity is a safe key.
        made: Any = statement.compile(dialect=self._dialect, column_keys=columns)
        constants = {name: value for name, value in made.params.items() if value is not None}
        return _Compiled(str(made), constants, _arrangement(made.positiontup))


def _arrangement(names: Sequence[str]) -> Callable[[Values], Any]:
    """Return what puts values into the order that the driver takes them in."""
    if not names:
        return lambda values: ()
    if len(names) == 1:
        (name,) = names
        return lambda values: (values[name],)
    return itemgetter(*names)
