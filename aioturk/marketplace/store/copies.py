"""
Copies of a store: backups, taken while others work in it, and what becomes a store again.

A backup is a SQLite file with the same tables, whatever kind of database it was taken of, so it can be looked into with
any SQLite tool, and restored into either kind.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Table, create_engine, func, insert, inspect, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from aioturk._databases import database_url
from aioturk.errors import ConfigurationError
from aioturk.marketplace.store.database import REVISION, SCHEMA, Store, revision_of
from aioturk.marketplace.store.tables import metadata

__all__ = ["back_up", "reading", "restore"]

_ROWS = 1000
"""Rows that are copied at once."""


def back_up(database: str | os.PathLike[str], file: Path) -> int:
    """
    Copy a store into a new file, for its owner alone, as it is at one moment; others may go on writing to it.

    Args:
        database: The store.
        file: Where to; there must be nothing yet.

    Returns:
        The size of the copy in bytes.

    Raises:
        ConfigurationError: There is no such store, or there is a file of that name already.
    """
    url = database_url(database)
    _require_none(file)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    except OSError as trouble:
        raise ConfigurationError(f"The backup {file} cannot be written: {trouble.strerror}.") from None
    try:
        if url.get_backend_name() == "sqlite":
            _copy_file(_existing(url), draft)
        else:
            _copy_rows(url, draft)
        _take_place(draft, file)
    finally:
        _clear(draft)
    return file.stat().st_size


def _companions(file: Path) -> list[Path]:
    """What SQLite keeps beside a file, and takes for a part of it: left over from another one, it would be ruined."""
    return [file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal")]


def _require_none(file: Path) -> None:
    for there in (file, *_companions(file)):
        if there.exists():
            raise ConfigurationError(
                f"There is a file {there} already. Nothing was changed: move it away, or name another one."
            )


def _take_place(draft: Path, file: Path) -> None:
    """Let a complete copy, on the disk by then, bear its name, unless somebody has taken that meanwhile."""
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)
        return
    except FileExistsError:
        raise ConfigurationError(f"There is a file {file} already. Nothing was changed: name another one.") from None
    except OSError:
        pass  # some file systems have no links
    _require_none(file)
    draft.rename(file)


def _clear(draft: Path) -> None:
    for leftover in (draft, *_companions(draft)):
        leftover.unlink(missing_ok=True)


def _existing(url: URL) -> Path:
    path = Path(url.database or "")
    if not url.database or not path.is_file():
        raise ConfigurationError(
            "A store in memory ends with its process, and cannot be copied by another: serve one with --database."
            if not url.database
            else f"There is no database {path}."
        )
    return path


def _copy_file(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
            # All pages in one step, and so of one moment: writers append to their log meanwhile.
            reader.backup(writer)
            writer.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as trouble:
        raise ConfigurationError(f"The database {source} cannot be copied: {trouble}.") from None


def _copy_rows(url: URL, target: Path) -> None:
    with reading(url) as source:
        found = revision_of(source)
        if found != REVISION:
            raise ConfigurationError(
                f"The database has the schema of revision {found}, and this aioturk copies {REVISION}: "
                "serve it once to bring it up to date, or use the aioturk that made it. Nothing was written."
            )
        Store(target).prepare()
        engine = create_engine(URL.create("sqlite", database=str(target)), poolclass=NullPool)
        with engine.begin() as writer:
            _move(source, writer)
        engine.dispose()
    with closing(sqlite3.connect(target)) as writer:
        writer.execute("PRAGMA journal_mode = DELETE")


@contextmanager
def reading(url: URL) -> Iterator[Connection]:
    """
    Read a store as it is at one moment, whatever others write meanwhile.

    Raises:
        ConfigurationError: It is not there, or cannot be read.
    """
    if url.get_backend_name() == "sqlite":
        _existing(url)
    engine = create_engine(url, poolclass=NullPool)
    connection = None
    try:
        try:
            connection = engine.connect()
            if url.get_backend_name() == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            revision_of(connection)  # the first question fixes the moment, and tells whether it is a database at all
        except DatabaseError as trouble:
            name = url.render_as_string(hide_password=True)
            raise ConfigurationError(f"The database {name} cannot be read: {str(trouble.orig).strip()}.") from None
        yield connection
    finally:
        if connection is not None:
            connection.close()
        engine.dispose()


def _move(source: Connection, target: Connection) -> None:
    """Put the rows of one store in the place of the other's, which has none but those that every store has."""
    for table in reversed(metadata.sorted_tables):
        target.execute(table.delete())
    for table in metadata.sorted_tables:
        rows = source.execution_options(stream_results=True).execute(select(table)).mappings()
        for some in rows.partitions(_ROWS):
            target.execute(insert(table), [dict(row) for row in some])


def restore(file: Path, database: str | os.PathLike[str]) -> None:
    """
    Make a store of a backup.

    Args:
        file: The backup; of an older version of the schema, too.
        database: The store to make: a file that is not there, or a PostgreSQL database without tables.

    Raises:
        ConfigurationError: The backup is none, or the store is there already. Nothing was changed.
    """
    url = database_url(database)
    if not file.is_file():
        raise ConfigurationError(f"There is no backup {file}.")
    if url.get_backend_name() == "sqlite":
        _restore_file(file, Path(url.database or ""))
        return
    with TemporaryDirectory(prefix="aioturk-restore-") as folder:
        copy = Path(folder) / "backup.db"
        _restore_file(file, copy)
        engine = create_engine(url, poolclass=NullPool)
        try:
            # All of it or nothing: a second try must not find what a first one left.
            with reading(database_url(copy)) as source, engine.begin() as target:
                _require_nothing(target)
                SCHEMA.make(target)
                _move(source, target)
                for table in metadata.sorted_tables:
                    _set_counter(target, table)
        except DatabaseError as trouble:
            raise ConfigurationError(f"The backup cannot be restored: {str(trouble.orig).strip()}.") from None
        finally:
            engine.dispose()


def _restore_file(file: Path, target: Path) -> None:
    if not target.name:
        raise ConfigurationError("A backup cannot be restored into memory: name a file or a PostgreSQL database.")
    _require_none(target)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        _copy_file(file, draft)
        # Opened once, which tells whether it is a store at all, and brings an old one up to date.
        Store(draft).prepare()
        _take_place(draft, target)
    except OSError as trouble:
        raise ConfigurationError(f"The database {target} cannot be written: {trouble.strerror}.") from None
    finally:
        _clear(draft)


def _require_nothing(connection: Connection) -> None:
    if inspect(connection).get_table_names():
        raise ConfigurationError("The database has tables already. Nothing was changed: name one that is empty.")


def _set_counter(connection: Connection, table: Table) -> None:
    """Let PostgreSQL count on from the highest number that is there."""
    if "seq" in table.c:
        counter = func.pg_get_serial_sequence(f'"{table.name}"', "seq")
        highest = func.max(table.c.seq)
        connection.execute(select(func.setval(counter, func.coalesce(highest, 1), highest.is_not(None))))
