"""
Opening SQLite and PostgreSQL databases by one name, and keeping their tables up to date.

The marketplace keeps its books in one, a batch its ledger. Which tables there are, and what is asked of them, is theirs
to say; here is what both do in the same way: understanding the name, setting the connection up so that what is
committed stays, making the tables of a new database and bringing those of an old one to the newest revision.

SQLAlchemy and Alembic belong to extras: this module is imported by those only who need a database.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, StaticPool

from aioturk.errors import ConfigurationError

__all__ = ["Schema", "database_url", "engine_of", "title_of", "touch"]

_revision = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table: the revision of the schema."""


# Names of databases.


def database_url(database: str | os.PathLike[str] | None) -> URL:
    """
    Say where a database is.

    Args:
        database: The path of a SQLite file, ``sqlite:///`` and a path, ``postgresql://`` and so on, or None for a
            SQLite database in memory.

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


def title_of(url: URL) -> str:
    """What to call a database, without its password."""
    if url.get_backend_name() == "postgresql":
        return url.render_as_string(hide_password=True)
    return url.database or "in memory"


def _require_psycopg() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as missing:
        raise ConfigurationError(
            "PostgreSQL is spoken to with psycopg, which is not installed: pip install 'aioturk[postgres]'."
        ) from missing


# Connecting.


def touch(path: Path) -> None:
    """
    Make a SQLite file, for its owner alone: it holds what is nobody else's business.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as trouble:
        raise ConfigurationError(
            f"The database {path} cannot be opened: {trouble.strerror}. "
            "Name a file in a directory that exists and can be written."
        ) from None


_NOTICES_SILENCE: Final = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""libpq's own settings, in seconds: a server that is gone is not waited for as long as TCP would."""


def engine_of(url: URL, *, settings: Mapping[str, str] | None = None) -> Engine:
    """
    Return what connects to a database: to SQLite with one connection, to PostgreSQL anew each time.

    Args:
        url: Where it is.
        settings: PostgreSQL's settings for these connections, unless the URL has some of its own.
    """
    if url.get_backend_name() == "postgresql":
        given: dict[str, Any] = {name: value for name, value in _NOTICES_SILENCE.items() if name not in url.query}
        if settings and "options" not in url.query:
            given["options"] = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return create_engine(url, poolclass=NullPool, connect_args=given)
    engine = create_engine(
        url, poolclass=StaticPool, connect_args={"check_same_thread": False, "cached_statements": 512}
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where sqlite3 guesses
    for pragma in (
        "busy_timeout = 10000",  # first, because going over to WAL has to wait for others, too
        "journal_mode = WAL",  # a crash of the program loses nothing that was committed
        "synchronous = FULL",  # and neither does a crash of the computer: a bonus that was answered for is paid
        "foreign_keys = ON",
        "wal_autocheckpoint = 16000",  # pages, 64 MB: moving them into the file costs a wait for the disk
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


# Tables.


@dataclass(frozen=True)
class Schema:
    """
    The tables of a kind of database, and how older ones become like them.

    Attributes:
        holder: Whose they are, in the words of errors: ``"a marketplace's"``.
        metadata: The tables, in their newest form.
        revision: The name of the newest revision, which they have.
        migrations: The folder of Alembic's revisions.
        lock: A number for PostgreSQL's advisory lock: processes that open one database do so one after another.
    """

    holder: str
    metadata: MetaData
    revision: str
    migrations: Path
    lock: int

    def make(self, connection: Connection) -> None:
        """Make the tables, in a database that has none."""
        self.metadata.create_all(connection)
        _revision.create(connection)
        connection.execute(insert(_revision), {"version_num": self.revision})

    def revision_of(self, connection: Connection) -> str | None:
        """Return the revision of a database's tables, if they have any."""
        names = inspect(connection).get_table_names()
        return connection.execute(select(_revision.c.version_num)).scalar() if _revision.name in names else None

    def prepare(
        self,
        connection: Connection,
        title: str,
        *,
        found: Callable[[Connection], str | None] | None = None,
    ) -> str:
        """
        Make the tables what they have to be, within a transaction that others wait for.

        Args:
            connection: A connection, in a transaction.
            title: What to call the database.
            found: Tells the revision of tables that are there, where `revision_of` is not enough.

        Returns:
            The revision that was found; the newest, if the tables were made.

        Raises:
            ConfigurationError: The database holds something else, or is of a newer version.
        """
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(self.lock)))
        if not inspect(connection).get_table_names():
            self.make(connection)
        at = (found or self.revision_of)(connection)
        if at is None:
            raise ConfigurationError(f"The database {title} holds other tables than {self.holder}: name another one.")
        if at != self.revision:
            self._migrate(connection, title, at)
        return at

    def _migrate(self, connection: Connection, title: str, at: str) -> None:
        # Imported late: few databases are old, and Alembic takes a while.
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(self.migrations).replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
        if at not in known:
            raise ConfigurationError(
                f"The database {title} has the schema of revision {at}, which this aioturk does not know: "
                "it was made by a newer one. Nothing in it was changed."
            )
        if self.revision_of(connection) is None:
            command.stamp(config, at)
        command.upgrade(config, "head")
