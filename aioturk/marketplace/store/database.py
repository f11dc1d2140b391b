"""
Opening a database: connecting, and making its tables what they have to be.

What is done within a connection is in `connections`. New databases are made from `tables`; older ones are brought up to
date by the revisions in `migrations`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DatabaseError

from aioturk._databases import Schema, database_url, engine_of, title_of, touch
from aioturk.errors import ConfigurationError
from aioturk.marketplace.store.connections import PostgresConnection, SqliteConnection, StoreConnection
from aioturk.marketplace.store.system_types import keep_required, keep_system_types
from aioturk.marketplace.store.tables import metadata

__all__ = ["POSTGRES_CONNECTIONS", "REVISION", "SCHEMA", "Store", "revision_of"]

REVISION = "0004"
"""The newest revision, which `tables` describes."""

POSTGRES_CONNECTIONS = 4
"""How many acts one process does at a time in PostgreSQL; SQLite takes one writer."""

SCHEMA = Schema("a marketplace's", metadata, REVISION, Path(__file__).with_name("migrations"), lock=7_700_001)
"""The marketplace's tables."""

_FIRST_FORM = "schema_version"
"""The table in which the first form of the schema kept its version, before there were revisions."""


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
        return title_of(self._url)

    def open(self) -> Sequence[StoreConnection]:
        """
        Connect, and make the tables what they have to be.

        Returns:
            As many connections as can be used at once, each by one thread.

        Raises:
            ConfigurationError: The database cannot be opened, is no marketplace's, or is one of a newer version.
        """
        if self._path is not None:
            touch(self._path)
        engine = self._engine = engine_of(self._url)
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

    def _prepare(self, connection: Connection) -> None:
        with connection.begin():
            found = SCHEMA.prepare(connection, self.title, found=revision_of)
            keep_system_types(connection)
            if found != REVISION:
                keep_required(connection)

    def close(self) -> None:
        """Let go of the database; the connections are closed by their threads. Harmless when it is closed already."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database's schema has, if it has any."""
    return "0001" if _FIRST_FORM in inspect(connection).get_table_names() else SCHEMA.revision_of(connection)
