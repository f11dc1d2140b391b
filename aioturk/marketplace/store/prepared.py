"""
PostgreSQL's prepared statements, through libpq as psycopg exposes it (https://www.psycopg.org/psycopg3/docs/api/pq.html).

psycopg's cursors do more than numbers and texts need, and take the interpreter's lock several times for each statement:
19 us of the processor's time for a small one, where this takes 8. A pair of accept and submit runs sixteen; with this,
two processes take about a fifth more pairs in a second (`benchmarks/README.rst`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

__all__ = ["Outcome", "PreparedStatements"]

Row = tuple[Any, ...]
_Decoder = Callable[[bytes], Any]

_ENCODING = "utf-8"

_UNKNOWN, _NUMBER, _TEXT = 0, 20, 25
"""PostgreSQL's numbers (`oid`) for what a value is: let the context tell; `bigint`; `text`."""

_DECODERS: dict[int, _Decoder] = {16: b"t".__eq__, **dict.fromkeys((_NUMBER, 21, 23, 1700), int)}
"""How to read truth values and whole numbers (sums of them are `numeric`, and whole, too); all else is text."""


class Outcome:
    """
    What a statement came to, in the words of Python's DB-API.

    Args:
        result: What libpq gave.
        decoders: How to read each column.
    """

    __slots__ = ("_decoders", "_next", "_result")

    def __init__(self, result: Any, decoders: Sequence[_Decoder]) -> None:
        self._result = result
        self._decoders = decoders
        self._next = 0

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""
        return int(self._result.command_tuples or 0)

    def fetchone(self) -> Row | None:
        """Return the next row, if there is one."""
        number = self._next
        if number >= self._result.ntuples:
            return None
        self._next = number + 1
        value = self._result.get_value
        return tuple(
            [
                None if (found := value(number, place)) is None else decode(found)
                for place, decode in enumerate(self._decoders)
            ]
        )

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        rows = []
        while (row := self.fetchone()) is not None:
            rows.append(row)
        return rows


class _Prepared:
    """A statement that the server knows by name."""

    __slots__ = ("decoders", "name")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.decoders: Sequence[_Decoder] | None = None


class _Connection(Protocol):
    @property
    def pgconn(self) -> Any: ...


class PreparedStatements:
    """
    Runs statements on one connection, each prepared when it comes for the first time.

    Args:
        connection: psycopg's connection, on which nobody else runs anything meanwhile.
    """

    __slots__ = ("_connection", "_good", "_known", "_psycopg")

    def __init__(self, connection: _Connection) -> None:
        import psycopg
        from psycopg import pq

        self._psycopg = psycopg
        self._good = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
        self._connection = connection.pgconn
        self._connection.nonblocking = 0
        self._known: dict[str, _Prepared] = {}

    def execute(self, statement: str, values: Sequence[int | str | None] = ()) -> Outcome:
        """
        Run a statement.

        Args:
            statement: With ``$1`` and so on for the values.
            values: Whole numbers, texts and None.

        Raises:
            psycopg.Error: The subclass that psycopg has for what PostgreSQL found wrong.
        """
        prepared = self._known.get(statement)
        if prepared is None:
            prepared = self._prepare(statement, values)
        result = self._connection.exec_prepared(prepared.name, [self._written(value) for value in values])
        if result.status not in self._good:
            raise self._error(result)
        decoders = prepared.decoders
        if decoders is None:
            kinds = map(result.ftype, range(result.nfields))
            decoders = prepared.decoders = [_DECODERS.get(kind, _text) for kind in kinds]
        return Outcome(result, decoders)

    def command(self, statement: bytes) -> str:
        """Run a statement without values that is worth no preparing; return what PostgreSQL says was done."""
        result = self._connection.exec_(statement)
        if result.status not in self._good:
            raise self._error(result)
        return str((result.command_status or b"").decode())

    def _prepare(self, statement: str, values: Sequence[int | str | None]) -> _Prepared:
        name = b"aioturk_%d" % len(self._known)
        # Where the context does not tell (`SELECT $1`), PostgreSQL takes everything for a text.
        kinds = [_UNKNOWN if value is None else _TEXT if isinstance(value, str) else _NUMBER for value in values]
        result = self._connection.prepare(name, statement.encode(_ENCODING), kinds)
        if result.status not in self._good:
            raise self._error(result)
        prepared = self._known[statement] = _Prepared(name)
        return prepared

    def _written(self, value: int | str | None) -> bytes | None:
        if value is None:
            return None
        if isinstance(value, str):
            if "\0" in value:  # where libpq would end the text
                raise self._psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
            return value.encode(_ENCODING)
        return b"%d" % value

    def _error(self, result: Any) -> Exception:
        message = result.error_message.decode(_ENCODING, "replace").strip()
        state = result.error_field(self._psycopg.pq.DiagnosticField.SQLSTATE)
        if state is None:  # not the server's words, but libpq's: the connection is gone
            return self._psycopg.OperationalError(message or "the connection is lost")
        try:
            kind = self._psycopg.errors.lookup(state.decode())
        except KeyError:
            kind = self._psycopg.DatabaseError
        return kind(message)


def _text(value: bytes) -> str:
    return value.decode(_ENCODING)
