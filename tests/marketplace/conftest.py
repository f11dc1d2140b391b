from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from aioturk.marketplace import Marketplace

from .support import Requester, StillClock


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory, whose clock stands still until it is advanced."""
    async with Marketplace(clock=StillClock()) as market:
        yield market


@pytest.fixture
def turk(market: Marketplace) -> Requester:
    """Its first requester, with boto3."""
    return Requester(market)
