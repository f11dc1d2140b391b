"""
The ledger's connection: one thread that performs what it is handed, many acts with one wait for the disk.

An act is a function of a connection. Acts that come while the thread is busy share the next transaction, so that many
callers together wait for the disk once. An act that fails is undone alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from aioturk._databases import Schema, database_url, engine_of, title_of, touch
from aioturk.batch.ledger.tables import metadata
from aioturk.errors import ConfigurationError

__all__ = ["SCHEMA", "LedgerFailed", "LedgerThread"]

T = TypeVar("T")

_log = logging.getLogger("aioturk.batch")

SCHEMA = Schema("a ledger's", metadata, "0001", Path(__file__).with_name("migrations"), lock=7_700_002)
"""The ledger's tables."""

_TOGETHER = 64
"""How many acts share a transaction at most."""
_TRIES = 10
"""How often an act is done again that got in another one's way, or lost its connection."""
_PATIENCE = {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
"""A program that was stopped in the middle of an act must not keep all others waiting."""
_PAUSE = 0.02
"""Seconds before the first of these; the next ones come after twice as much each, twenty seconds in all."""


class LedgerFailed(ConfigurationError):
    """The ledger cannot be used. What was sent before it was to be written down has been sent all the same."""


class LedgerThread:
    """
    A connection to a ledger, with the thread that uses it; opened with the first act.

    Args:
        database: The path of a SQLite file, or the URL of a SQLite or PostgreSQL database.

    Raises:
        ConfigurationError: It is no database that can be used.
    """

    def __init__(self, database: str | os.PathLike[str]) -> None:
        self._url = database_url(database)
        self.is_postgres: bool = self._url.get_backend_name() == "postgresql"
        if not self.is_postgres and self._url.database in (None, "", ":memory:"):
            raise ConfigurationError("A ledger in memory would be forgotten with the program: name a file.")
        self._acts: deque[tuple[Callable[[Connection], Any], Future[Any]]] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._tries = _TRIES
        """How often an act is done again now: no more than once while a server that was waited for is still gone."""

    @property
    def title(self) -> str:
        """What to call the ledger, without its password."""
        return title_of(self._url)

    async def perform(self, act: Callable[[Connection], T]) -> T:
        """
        Perform an act, and return its result when it is safely written.

        Cancelling the caller does not undo the act.

        Args:
            act: What to do. It may be done again from the beginning, if it was undone.

        Raises:
            ConfigurationError: The ledger cannot be opened.
        """
        return await asyncio.wrap_future(self.submit(act))

    def submit(self, act: Callable[[Connection], T]) -> Future[T]:
        """Hand an act in, for whoever cannot wait; its outcome comes with the future."""
        outcome: Future[T] = Future()
        outcome.set_running_or_notify_cancel()  # nothing that was handed in is taken back
        with self._wake:
            if self._thread is None:
                self._closing = False
                self._thread = threading.Thread(target=self._work, name="aioturk-ledger", daemon=True)
                self._thread.start()
            self._acts.append((act, outcome))
            self._wake.notify()
        return outcome

    def tidy(self, act: Callable[[Connection], object], afterwards: Callable[[], None] | None = None) -> None:
        """
        Hand in an act that lets go of something; once the ledger is closed there is nothing to let go of.

        Args:
            act: What to do. It is logged if it fails: then what it was to let go of stays under our name, until that
                is struck out.
            afterwards: What to do when it is done, or has failed, in whichever thread.
        """
        if self._thread is None or self._closing:
            if afterwards is not None:
                afterwards()
            return
        letting_go = self.submit(act)
        letting_go.add_done_callback(_log_failure)
        if afterwards is not None:
            letting_go.add_done_callback(lambda _: afterwards())

    async def close(self) -> None:
        """Perform what was handed in, and disconnect. The next act opens the ledger again."""
        thread = self._thread
        if thread is None:
            return
        with self._wake:
            self._closing = True
            self._wake.notify()
        await asyncio.to_thread(thread.join)

    # In the thread.

    def _work(self) -> None:
        engine: Engine | None = None
        connection: Connection | None = None
        try:
            while (acts := self._next()) is not None:
                try:
                    if engine is None:
                        engine = self._open()
                        connection = engine.connect()
                    elif connection is None or connection.closed or connection.invalidated:
                        connection = self._reconnected(engine)
                except Exception as trouble:  # whatever it is, whoever waits has to be told
                    _fail(acts, self._explained(trouble))
                    continue
                self._perform(connection, acts)
        finally:
            if connection is not None:
                with suppress(DBAPIError):  # it is given up in any case
                    connection.close()
            if engine is not None:
                engine.dispose()

    def _next(self) -> list[tuple[Callable[[Connection], Any], Future[Any]]] | None:
        with self._wake:
            while not self._acts:
                if self._closing:
                    self._thread = None
                    return None
                self._wake.wait()
            return [self._acts.popleft() for _ in range(min(_TOGETHER, len(self._acts)))]

    def _open(self) -> Engine:
        for number in range(_TRIES):
            try:
                return self._connected()
            except OperationalError as trouble:
                # Two programs that begin with a new file at the same moment: SQLite does not wait when one of them
                # turns its journal on.
                if "locked" not in str(trouble.orig):
                    raise
                time.sleep(_PAUSE * 2**number)
        return self._connected()

    def _reconnected(self, engine: Engine) -> Connection:
        """Connect to a server that was there before, and may be just now starting again."""
        for number in range(self._tries - 1):
            try:
                return engine.connect()
            except OperationalError:
                time.sleep(_PAUSE * 2**number)
        try:
            return engine.connect()
        except OperationalError:
            self._tries = 1  # each act that comes looks for it, but none waits any more
            raise

    def _connected(self) -> Engine:
        if not self.is_postgres and self._url.database:
            touch(Path(self._url.database))
        engine = engine_of(self._url, settings=_PATIENCE)
        try:
            with engine.connect() as connection, connection.begin():
                SCHEMA.prepare(connection, self.title)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _explained(self, trouble: Exception) -> Exception:
        if not isinstance(trouble, DBAPIError):
            return trouble
        explained = LedgerFailed(
            f"The ledger {self.title} cannot be used: {str(trouble.orig).strip()}. What it holds is safe."
        )
        explained.__cause__ = trouble
        return explained

    def _perform(self, connection: Connection, acts: list[tuple[Callable[[Connection], Any], Future[Any]]]) -> None:
        """Perform acts together; if that fails, one by one, so that each meets with its own fate."""
        results: list[Any] = []
        try:
            with connection.begin():
                for act, _ in acts:
                    results.append(act(connection))
        except Exception as trouble:
            if len(acts) == 1:
                self._again(connection, acts[0], trouble)
                return
            for each in acts:
                self._perform(connection, [each])
            return
        self._tries = _TRIES
        for (_, outcome), result in zip(acts, results, strict=True):
            outcome.set_result(result)

    def _again(
        self, connection: Connection, act: tuple[Callable[[Connection], Any], Future[Any]], trouble: Exception
    ) -> None:
        for number in range(self._tries):
            if not isinstance(trouble, OperationalError | IntegrityError):
                break
            # A deadlock, a busy file, a key that somebody else was faster to write, a connection that broke: nothing
            # was done, or what was done can be done again. This is the ledger's own thread; only acts wait for it.
            if isinstance(trouble, OperationalError):
                time.sleep(_PAUSE * 2**number)
            try:
                with connection.begin():
                    result = act[0](connection)
            except Exception as again:
                trouble = again
                continue
            self._tries = _TRIES
            act[1].set_result(result)
            return
        else:
            if connection.invalidated:
                self._tries = 1
        act[1].set_exception(self._explained(trouble))


def _log_failure(outcome: Future[Any]) -> None:
    trouble = outcome.exception()
    if trouble is not None:
        _log.warning("the ledger could not be told what this program has let go of: %s", trouble)


def _fail(acts: list[tuple[Callable[[Connection], Any], Future[Any]]], trouble: Exception) -> None:
    for _, outcome in acts:
        outcome.set_exception(trouble)
