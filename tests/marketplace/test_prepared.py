"""What goes to PostgreSQL and comes back by prepared statements."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk.marketplace.store.prepared import PreparedStatements

from ..postgres import Postgres

_VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
)
_same_connection = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def statements(postgres: Postgres) -> Iterator[PreparedStatements]:
    """Statements on a connection of their own, with a table to try them on."""
    with psycopg.connect(postgres.empty().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (seq bigint PRIMARY KEY, label text)")
        yield PreparedStatements(connection)


@_same_connection
@given(value=_VALUES)
def test_values_come_back_as_they_went(statements: PreparedStatements, value: int | str | None) -> None:
    """Whole numbers of 64 bits, texts with whatever is in them, and nothing; wherever they stand."""
    kind = type(value).__name__
    assert statements.execute(f"SELECT $1, 1 AS {kind}", (value,)).fetchone() == (value, 1)


@_same_connection
@given(labels=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_rows_come_back_one_by_one_or_all_at_once(statements: PreparedStatements, labels: list[str]) -> None:
    """And it is told how many were touched."""
    statements.execute("DELETE FROM thing")
    for number, label in enumerate(labels):
        added = statements.execute("INSERT INTO thing VALUES ($1, $2) RETURNING seq", (number, label))
        assert (added.rowcount, added.fetchone(), added.fetchone()) == (1, (number,), None)
    found = statements.execute("SELECT label, seq FROM thing ORDER BY seq")
    first = found.fetchone()
    assert ([] if first is None else [first]) + found.fetchall() == [(label, at) for at, label in enumerate(labels)]
    assert statements.execute("UPDATE thing SET label = $1", ("x",)).rowcount == len(labels)
    total, many = statements.execute("SELECT sum(seq), count(*) > 1 FROM thing").fetchone() or ()
    assert (total, many) == (sum(range(len(labels))) if labels else None, len(labels) > 1)


def test_a_text_is_never_cut_short(statements: PreparedStatements) -> None:
    """PostgreSQL has no texts with NUL; libpq would write what stands before it."""
    with pytest.raises(psycopg.DataError, match="NUL"):
        statements.execute("INSERT INTO thing VALUES (1, $1)", ("be\0fore",))
    assert statements.execute("SELECT count(*) FROM thing").fetchone() == (0,)


def test_what_is_wrong_has_psycopg_s_name(statements: PreparedStatements) -> None:
    """So that races and locks are told from mistakes; the connection can be used further."""
    statements.execute("INSERT INTO thing VALUES (1, NULL)")
    with pytest.raises(psycopg.errors.UniqueViolation, match="thing_pkey"):
        statements.execute("INSERT INTO thing VALUES (1, NULL)")
    with pytest.raises(psycopg.errors.UndefinedTable, match="nothing"):
        statements.execute("SELECT * FROM nothing")
    with pytest.raises(psycopg.errors.SyntaxError):
        statements.command(b"BEGUN")
    assert statements.command(b"BEGIN") == "BEGIN"
    with pytest.raises(psycopg.errors.DivisionByZero):
        statements.execute("SELECT 1 / $1", (0,))
    assert statements.command(b"COMMIT") == "ROLLBACK"


def test_a_connection_that_is_gone(postgres: Postgres) -> None:
    """Told by the server, or found out."""
    url = postgres.empty().replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as killer:
        connection = psycopg.connect(url, autocommit=True)
        statements = PreparedStatements(connection)
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        with pytest.raises(psycopg.OperationalError):
            statements.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            statements.command(b"ROLLBACK")
        assert connection.closed
        connection.close()
        with pytest.raises(psycopg.OperationalError):
            statements.execute("SELECT 2")
