from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aioturk.marketplace import Marketplace

from ..postgres import Postgres
from .support import Requester, StillClock


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """A new store of either kind: SQLite's in memory, and a database on a real PostgreSQL."""
    if request.param == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres")
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
