"""Ledgers of both kinds, and the marketplace that batches of tests are published at."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aioturk.client import Client
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock

from ..postgres import Postgres
from .batches import Line, Sleep


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
def line() -> Line:
    """What requests go over."""
    return Line()


@pytest.fixture
async def mturk(market: Marketplace, line: Line) -> AsyncIterator[Client]:
    """A client that makes a single attempt for each call, so that what goes wrong is the batch's own business."""
    async with market.client(retries=False, transport=line) as mturk:
        yield mturk


@pytest.fixture
def clock() -> JumpingClock:
    """A clock for batches, on which waiting takes no time; it begins with the market's."""
    return JumpingClock(time.time())


@pytest.fixture
def asleep(monkeypatch: pytest.MonkeyPatch) -> Sleep:
    """A computer that can be put to sleep."""
    return Sleep(monkeypatch)
