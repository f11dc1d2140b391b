"""
Opening a database: connecting, and making its tables what they have to be.

What is done within a connection is in `connections`. New databases are made from `tables`; older ones are brought up to
date by the revisions in `migrations`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import NullPool, StaticPool

from aioturk.errors import ConfigurationError
from aioturk.marketplace.store.connections import PostgresConnection, SqliteConnection, StoreConnection
from aioturk.marketplace.store.system_types import keep_required, keep_system_types
from aioturk.marketplace.store.tables import metadata

__all__ = ["POSTGRES_CONNECTIONS", "REVISION", "Store", "database_url", "make_schema", "revision_of"]

REVISION = "0002"
"""The newest revision, which `tables` describes."""

POSTGRES_CONNECTIONS = 4
"""How many acts one process does at a time in PostgreSQL; SQLite takes one writer."""

_revision = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table: the revision of the schema."""

_FIRST_FORM = "schema_version"
"""The table in which the first form of the schema kept its version, before there were revisions."""

_PREPARING = 7_700_001
"""A number for PostgreSQL's advisory lock: processes that open one database do so one after another."""


class Store:
    """
    A database with the marketplace's tables in it.

    Args:
        database: The path of a SQLite file, ``sqlite:///`` and a path, ``postgresql://`` and so on, or None for a
            SQLite database in memory.

    Raises:
        ConfigurationError: That is no database which can be used.
    """

    def __init__(self, database: str | os.PathLike[str] | None = None) -> None:
        self._url = database_url(database)
        self.is_postgres: bool = self._url.get_backend_name() == "postgresql"
        self._path = Path(self._url.database) if self._url.database and not self.is_postgres else None
        self._engine: Engine | None = None

    @property
    def path(self) -> Path | None:
        """The file, if it is one."""
        return self._path

    @property
    def title(self) -> str:
        """What to call it, without its password."""
        if self.is_postgres:
            return self._url.render_as_string(hide_password=True)
        return str(self._path or "in memory")

    def open(self) -> Sequence[StoreConnection]:
        """
        Connect, and make the tables what they have to be.

        Returns:
            As many connections as can be used at once, each by one thread.

        Raises:
            ConfigurationError: The database cannot be opened, is no marketplace's, or is one of a newer version.
        """
        if self._path is not None:
            _touch(self._path)
        engine = self._engine = self._make_engine()
        try:
            with engine.connect() as connection:
                self._prepare(connection)
            if self.is_postgres:
                return [PostgresConnection(engine) for _ in range(POSTGRES_CONNECTIONS)]
            return [SqliteConnection(engine)]
        except DatabaseError as trouble:
            self.close()
            raise ConfigurationError(
                f"The database {self.title} cannot be used: {str(trouble.orig).strip()}. "
                "Nothing in it was changed; name another one."
            ) from None
        except BaseException:
            self.close()
            raise

    def prepare(self) -> None:
        """
        Make the tables what they have to be, and let go of the database.

        Raises:
            ConfigurationError: As `open` does.
        """
        for connection in self.open():
            connection.close()
        self.close()

    def _make_engine(self) -> Engine:
        if self.is_postgres:
            # Between them, the marketplace's own connections are all there is to pool.
            return create_engine(self._url, poolclass=NullPool)
        engine = create_engine(
            self._url, poolclass=StaticPool, connect_args={"check_same_thread": False, "cached_statements": 512}
        )
        event.listen(engine, "connect", _set_up)
        event.listen(engine, "begin", _begin)
        return engine

    def _prepare(self, connection: Connection) -> None:
        with connection.begin():
            if self.is_postgres:
                connection.execute(select(func.pg_advisory_xact_lock(_PREPARING)))
            if not inspect(connection).get_table_names():
                make_schema(connection)
            found = revision_of(connection)
            if found is None:
                raise ConfigurationError(
                    f"The database {self.title} holds other tables than a marketplace's: name another one."
                )
            if found != REVISION:
                self._migrate(connection, at=found)
            keep_system_types(connection)
            if found != REVISION:
                keep_required(connection)

    def _migrate(self, connection: Connection, *, at: str) -> None:
        # Imported late: few stores are old, and Alembic takes a while.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
        if at not in known:
            raise ConfigurationError(
                f"The database {self.title} has the schema of revision {at}, which this aioturk does not know: "
                "it was made by a newer one. Nothing in it was changed."
            )
        if _FIRST_FORM in inspect(connection).get_table_names():
            command.stamp(config, at)
        command.upgrade(config, "head")

    def close(self) -> None:
        """Let go of the database; the connections are closed by their threads. Harmless when it is closed already."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()


def make_schema(connection: Connection) -> None:
    """Make the tables, in a database that has none."""
    metadata.create_all(connection)
    _revision.create(connection)
    connection.execute(insert(_revision), {"version_num": REVISION})


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database's schema has, if it has any."""
    names = inspect(connection).get_table_names()
    if _FIRST_FORM in names:
        return "0001"
    return connection.execute(select(_revision.c.version_num)).scalar() if _revision.name in names else None


def database_url(database: str | os.PathLike[str] | None) -> URL:
    """
    Say where a database is.

    Raises:
        ConfigurationError: It is none that can be used.
    """
    if database is None:
        return URL.create("sqlite")
    name = os.fspath(database)
    if "://" not in name:
        return URL.create("sqlite", database=name)
    try:
        url = make_url(name.replace("postgres://", "postgresql://", 1) if name.startswith("postgres://") else name)
    except ArgumentError:
        url = None
    backend = None if url is None else url.get_backend_name()
    if url is not None and backend == "postgresql":
        _require_psycopg()
        return url.set(drivername="postgresql+psycopg")
    if url is None or backend != "sqlite":
        raise ConfigurationError(
            "The database must be the path of a SQLite file, sqlite:/// and a path, or the URL of a PostgreSQL "
            "database: postgresql://user:password@host/name."
        )
    return url if url.database not in {None, "", ":memory:"} else URL.create("sqlite")


def _require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as missing:
        raise ConfigurationError(
            "PostgreSQL is spoken to with psycopg, which is not installed: pip install 'aioturk[postgres]'."
        ) from missing


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
    connection.isolation_level = None  # transactions begin where we say, not where sqlite3 guesses
    for pragma in (
        "journal_mode = WAL",  # a crash of the program loses nothing that was committed
        "synchronous = FULL",  # and neither does a crash of the computer: a bonus that was answered for is paid
        "foreign_keys = ON",
        "wal_autocheckpoint = 16000",  # pages, 64 MB: moving them into the file costs a wait for the disk
        "busy_timeout = 10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
