"""A marketplace with the Crowd API, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aioturk.crowd import CrowdClient
from aioturk.marketplace import Marketplace
from aioturk.testing import JumpingClock


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory."""
    async with Marketplace() as market:
        yield market


@pytest.fixture
async def crowd(market: Marketplace) -> AsyncIterator[CrowdClient]:
    """A client of its Crowd API, for which waiting takes no time."""
    async with CrowdClient(endpoint=market.url, credentials=market.credentials, clock=JumpingClock()) as crowd:
        yield crowd
