"""Ledgers of both kinds, and the marketplace that batches of tests are published at."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from ..postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new ledger of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A new ledger in a file, where the kind makes no difference."""
    return str(tmp_path / "ledger.db")


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory, with money that nobody counts."""
    async with Marketplace() as market:
        yield market


@pytest.fixture
def clock() -> JumpingClock:
    """A clock for batches, on which waiting takes no time; it begins with the market's."""
    return JumpingClock(time.time())
