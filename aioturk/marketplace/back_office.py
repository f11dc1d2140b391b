"""
The owner's acts on a store that nobody serves just now, or somebody else does: for the command line.

Nothing else happens meanwhile: what is due waits for whoever serves the store, by whose rules it is to happen.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from aioturk.errors import ConfigurationError
from aioturk.marketplace.house import BALANCE, OWNER, RULES
from aioturk.marketplace.rules import PROFILES
from aioturk.marketplace.service import Context
from aioturk.marketplace.store import Store, StoreConnection

__all__ = ["in_store", "remembered_rules"]

T = TypeVar("T")


def in_store(database: str | os.PathLike[str], act: Callable[[Context], T], *, environment: str = "sandbox") -> T:
    """
    Do something as the owner, all of it or nothing.

    Args:
        database: The store, which has to be there.
        act: What to do.
        environment: Where.

    Raises:
        ConfigurationError: The store is not there, or cannot be used.
    """
    with _opened(Store(database)) as connection:
        with connection.transaction() as transaction:
            turned, _ = transaction.agenda.pulse()
            result = act(
                Context(
                    store=transaction,
                    now=int(time.time() * 1000) + turned,
                    rules=PROFILES[transaction.settings.get(RULES) or "amazon"],
                    accounting=bool(transaction.settings.get(BALANCE)),
                    page_key=b"",
                    environment=environment,
                    actor=OWNER,
                    request_id=None,
                    lag=0,
                )
            )
        connection.commit()
        return result


def remembered_rules(database: str | os.PathLike[str] | None) -> str | None:
    """
    Return the name of the profile that a store was used with last; None for a new one.

    Raises:
        ConfigurationError: The store cannot be used, or was used with rules of its own.
    """
    store = Store(database)
    if database is None or (store.path is not None and not store.path.exists()):
        return None
    with _opened(store) as connection, connection.transaction() as transaction:
        found = transaction.settings.get(RULES)
    if found == "":
        raise ConfigurationError(
            "The database was used with rules of its own last, which only a program can pass: name a profile with "
            "--rules to use it by that. Nothing was changed."
        )
    return found


@contextmanager
def _opened(store: Store) -> Iterator[StoreConnection]:
    if store.path is None and not store.is_postgres:
        raise ConfigurationError(
            "A store in memory belongs to its own process: serve one with --database, or do it from Python."
        )
    if store.path is not None and not store.path.exists():
        raise ConfigurationError(f"There is no database {store.path}: serving one makes it.")
    connections = store.open()
    try:
        yield connections[0]
    finally:
        for connection in connections:
            connection.close()
        store.close()
