"""
Connections, each for one thread, and the transactions within them.

SQLite has one. It takes the right to write at the beginning, so that nothing has to be given up in the middle.
Transactions that follow each other closely are written to the disk together, because waiting for the disk takes longer
than they do: nothing is to be told to anybody before `commit` has returned.

PostgreSQL has several, in as many processes as one likes. Each transaction is committed by itself. Rows that are about
to be changed are locked when they are read, and unique keys keep out what two would do at once; whoever comes second
gets `Raced`, and does the whole act again on what the first has left.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.base import PGDialect

from aioturk.marketplace.store.prepared import PreparedStatements
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.transaction import Transaction

__all__ = ["CommitError", "PostgresConnection", "Raced", "SqliteConnection", "StoreConnection"]

_log = logging.getLogger(__name__)

_LOST = "What was done could not be written to the database, so it has not happened."


class CommitError(Exception):
    """What was done could not be kept."""


class Raced(Exception):
    """Somebody else was faster; nothing was done, and it can be done again."""


class StoreConnection(Protocol):
    """A connection, for one thread at a time."""

    batch: int
    """How many transactions may wait for one `commit`."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Everything within happens, or, when an exception leaves it, nothing; for good once `commit` has returned."""
        ...

    def commit(self) -> None:
        """
        Make sure of all transactions since the last time; returns when they are safe.

        Raises:
            CommitError: It cannot be done; none of them has happened.
        """
        ...

    def close(self) -> None:
        """Commit and disconnect."""
        ...


def _overwriting(driver: Any) -> Any:
    """Have SQLite overwrite what is deleted: who is forgotten must not be found in the file."""
    if not driver.execute("PRAGMA secure_delete").fetchone()[0]:  # many builds do so by themselves, and thoroughly
        driver.execute("PRAGMA secure_delete = FAST")  # wherever that costs no more writing
    return driver


class SqliteConnection:
    """
    The connection to a SQLite database.

    Args:
        engine: What connects.
    """

    batch = 16

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()
        self._driver: Any = _overwriting(self._connection.connection.driver_connection)
        self._transaction = Transaction(Session(self._driver, engine.dialect))
        self._lost = False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction, within the one that waits for its commit if there is one."""
        driver = self._driver
        if self._lost:
            raise CommitError(_LOST)
        others = driver.in_transaction
        try:
            driver.execute("SAVEPOINT act" if others else "BEGIN IMMEDIATE")
            yield self._transaction
            if others:
                driver.execute("RELEASE act")
        except BaseException:
            self._undo(others)
            raise

    def _undo(self, others: bool) -> None:
        if not others:
            self._driver.rollback()
            return
        # When the disk is full or broken, SQLite gives up by itself everything since the last commit.
        self._lost = True
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK TO act")
            self._driver.execute("RELEASE act")
            self._lost = False

    def commit(self) -> None:
        """Write all transactions since the last time to the disk."""
        lost, self._lost = self._lost, False
        try:
            if not lost:
                self._driver.commit()
                return
        except self._driver.Error as trouble:
            self._driver.rollback()
            raise CommitError(f"{_LOST} ({trouble})") from trouble
        self._driver.rollback()
        raise CommitError(_LOST)

    def close(self) -> None:
        """Commit and disconnect."""
        try:
            self.commit()
        finally:
            self._connection.close()


class PostgresConnection:
    """
    One of the connections to a PostgreSQL database; made again when it breaks.

    Args:
        engine: What connects.
    """

    batch = 1

    def __init__(self, engine: Engine) -> None:
        import psycopg

        self._engine = engine
        self._error = psycopg.Error
        self._races = (
            psycopg.errors.UniqueViolation,
            psycopg.errors.SerializationFailure,
            psycopg.errors.DeadlockDetected,
        )
        self._driver: Any
        self._statements: PreparedStatements
        self._transaction: Transaction
        self._connect()

    def _connect(self) -> None:
        made = self._engine.raw_connection()
        driver: Any = made.driver_connection
        made.detach()
        driver.rollback()
        driver.autocommit = True  # transactions begin and end where we say
        driver.execute("SET client_encoding = 'UTF8'")
        driver.execute("SET lock_timeout = '10s'")
        self._driver = driver
        self._statements = PreparedStatements(driver)
        dialect = PGDialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
        self._transaction = Transaction(Session(self._statements, dialect))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """
        Begin a transaction, and commit it at the end.

        Raises:
            Raced: Somebody else was faster, or the connection broke before the end: nothing was done.
            CommitError: Nobody knows whether it was done, because the connection broke at the end.
        """
        if self._driver.closed:
            self._connect()
        try:
            self._statements.command(b"BEGIN")
            yield self._transaction
        except BaseException as error:
            broken = self._undo()
            if isinstance(error, self._races) or (broken and isinstance(error, self._error)):
                raise Raced(str(error).strip()) from error
            raise
        self._commit()

    def _undo(self) -> bool:
        """Roll back; say whether the connection is broken, which rolls back, too."""
        if not self._driver.closed:
            try:
                self._statements.command(b"ROLLBACK")
            except self._error as trouble:
                _log.debug("a transaction could not be rolled back: %s", trouble)
                self._driver.close()
        return bool(self._driver.closed)

    def _commit(self) -> None:
        try:
            done = self._statements.command(b"COMMIT")
        except self._error as trouble:
            if self._undo():
                raise CommitError(
                    f"The connection to the database broke while it was told to keep what was done ({trouble}): "
                    "it may have happened, or not."
                ) from trouble
            raise CommitError(f"{_LOST} ({trouble})") from trouble
        if done != "COMMIT":
            raise CommitError(_LOST)

    def commit(self) -> None:
        """Do nothing: every transaction has committed itself."""

    def close(self) -> None:
        """Disconnect."""
        self._driver.close()
