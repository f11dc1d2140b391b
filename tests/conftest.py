"""A PostgreSQL server, and the marketplace in its two kinds of stores, for the tests of every folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from aioturk.marketplace import Marketplace

from . import postgres as postgres_server
from .marketplace.support import Requester, StillClock


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server."""
    with postgres_server.serve(tmp_path_factory.mktemp("postgres")) as server:
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
