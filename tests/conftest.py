"""A PostgreSQL server, and the marketplace in its two kinds of stores, for the tests of every folder."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from aioturk.marketplace import Marketplace

from . import postgres as postgres_server
from .marketplace.support import Requester, StillClock

# How long an example takes depends on what else the computer does; timings are for the benchmarks.
settings.register_profile("aioturk", deadline=None)
settings.load_profile("aioturk")


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server."""
    # Apart from pytest's folder: each run of pytest closes that one to everybody else, and a server that is started by
    # root runs as somebody else.
    with tempfile.TemporaryDirectory(prefix="aioturk-postgres-") as folder:
        with postgres_server.serve(Path(folder)) as server:
            yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """A new store of either kind: SQLite's in memory, and a database on a real PostgreSQL."""
    if request.param == "sqlite":
        return None
    server: postgres_server.Postgres = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
async def market(database: str | None) -> AsyncIterator[Marketplace]:
    """A marketplace, whose clock stands still until it is advanced; on both kinds of stores."""
    async with Marketplace(database, clock=StillClock()) as market:
        yield market


@pytest.fixture
def turk(market: Marketplace) -> Requester:
    """Its first requester, with boto3."""
    return Requester(market)
