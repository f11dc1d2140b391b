"""
Opening a database and making transactions of it.

A store of SQLite has one connection, and one thread at a time uses it (:mod:`aioturk.marketplace.house` sees to that).
It takes the right to write at the beginning, so that nothing has to be given up in the middle. Transactions that follow
each other closely are written to the disk together, because waiting for the disk takes longer than they do: nothing is
to be told to anybody before `Store.commit` has returned.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import StaticPool

from aioturk.errors import ConfigurationError
from aioturk.marketplace.store.assignments import Assignments, Bonuses
from aioturk.marketplace.store.books import Agenda, Audit, Money, Settings, Tokens
from aioturk.marketplace.store.hits import Hits, HitTypes
from aioturk.marketplace.store.people import Requesters, Workers
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import SCHEMA_VERSION, metadata, schema_version

__all__ = ["CommitError", "Store", "Transaction"]

_BEGIN = "BEGIN IMMEDIATE"
_MARK, _KEEP, _UNDO = "SAVEPOINT act", "RELEASE act", "ROLLBACK TO act"
_LOST = "What was done could not be written to the database, so it has not happened."


class CommitError(Exception):
    """What was done could not be kept."""


class Transaction:
    """Everything that can be asked within one transaction."""

    __slots__ = (
        "agenda",
        "assignments",
        "audit",
        "bonuses",
        "hit_types",
        "hits",
        "money",
        "requesters",
        "settings",
        "tokens",
        "workers",
    )

    def __init__(self, session: Session) -> None:
        self.agenda: Agenda = Agenda(session)
        self.assignments: Assignments = Assignments(session)
        self.audit: Audit = Audit(session)
        self.bonuses: Bonuses = Bonuses(session)
        self.hit_types: HitTypes = HitTypes(session)
        self.hits: Hits = Hits(session)
        self.money: Money = Money(session)
        self.requesters: Requesters = Requesters(session)
        self.settings: Settings = Settings(session)
        self.tokens: Tokens = Tokens(session)
        self.workers: Workers = Workers(session)


class Store:
    """
    A database with the marketplace's tables in it.

    Args:
        database: The path of a SQLite file, ``sqlite:///`` and a path, or None for one in memory.

    Raises:
        ConfigurationError: That is no database which can be used.
    """

    def __init__(self, database: str | os.PathLike[str] | None = None) -> None:
        self._url = _url(database)
        self._path = Path(self._url.database) if self._url.database else None
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._driver: Any = None
        self._transaction: Transaction | None = None
        self._lost = False

    def open(self) -> None:
        """
        Connect, and make the tables if they are not there.

        Raises:
            ConfigurationError: The file cannot be opened, is no database, or is one of another version.
        """
        if self._path is not None:
            _touch(self._path)
        engine = create_engine(
            self._url, poolclass=StaticPool, connect_args={"check_same_thread": False, "cached_statements": 512}
        )
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        self._engine = engine
        try:
            self._connection = engine.connect()
            self._prepare(self._connection)
        except DatabaseError as trouble:
            self.close()
            raise ConfigurationError(
                f"The database {self._path or 'in memory'} cannot be used: {trouble.orig}. "
                "Nothing in it was changed; name another file."
            ) from None
        except BaseException:
            self.close()
            raise
        self._driver = self._connection.connection.driver_connection
        self._transaction = Transaction(Session(self._driver, engine.dialect, {}))

    def _prepare(self, connection: Connection) -> None:
        with connection.begin():
            names = set(inspect(connection).get_table_names())
            if schema_version.name in names:
                found = connection.execute(select(schema_version.c.version)).scalar()
                if found != SCHEMA_VERSION:
                    raise ConfigurationError(
                        f"The database {self._path} has the schema of version {found}, "
                        f"and this aioturk knows version {SCHEMA_VERSION}: use the aioturk that made it."
                    )
                return
            if names:
                raise ConfigurationError(
                    f"The database {self._path} holds other tables than a marketplace's: name another file."
                )
            metadata.create_all(connection)
            now = int(time.time() * 1000)
            connection.execute(insert(schema_version), {"version": SCHEMA_VERSION, "since": now})

    def close(self) -> None:
        """Commit and disconnect. Harmless when it is closed already."""
        try:
            self.commit()
        finally:
            self._disconnect()

    def _disconnect(self) -> None:
        self._driver = self._transaction = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything within happens, or, when an exception leaves it, nothing; for good once `commit` has returned."""
        assert self._transaction is not None, "the store is closed"
        driver = self._driver
        if self._lost:
            raise CommitError(_LOST)
        others = driver.in_transaction
        try:
            driver.execute(_MARK if others else _BEGIN)
            yield self._transaction
            if others:
                driver.execute(_KEEP)
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
            self._driver.execute(_UNDO)
            self._driver.execute(_KEEP)
            self._lost = False

    def commit(self) -> None:
        """
        Write all transactions since the last time to the disk; returns when they are safe there.

        Raises:
            CommitError: It cannot be done; none of them has happened.
        """
        if self._driver is None:
            return
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


def _url(database: str | os.PathLike[str] | None) -> URL:
    if database is None:
        return URL.create("sqlite")
    text = os.fspath(database)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "sqlite":
        raise ConfigurationError(
            "The database must be the path of a SQLite file, or sqlite:/// and a path; "
            "other kinds of databases cannot be used yet."
        )
    return url if url.database not in {"", ":memory:"} else URL.create("sqlite")


def _touch(path: Path) -> None:
    """Make the file, for its owner alone: it holds keys."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as trouble:
        raise ConfigurationError(
            f"The database {path} cannot be opened: {trouble.strerror}. "
            "Name a file in a directory that exists and can be written."
        ) from None


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where sqlite3 guesses
    for pragma in (
        "journal_mode = WAL",  # a crash of the program loses nothing that was committed
        "synchronous = FULL",  # and neither does a crash of the computer: a bonus that was answered for is paid
        "foreign_keys = ON",
        "wal_autocheckpoint = 16000",  # pages, 64 MB: moving them into the file costs a wait for the disk
        "busy_timeout = 10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(_BEGIN)
