"""
Fixtures for tests of programs that use the requester API; pytest finds them wherever aioturk is installed.

The marketplace runs on an event loop of its own, in a thread, so that every kind of test can use it: asynchronous ones
with any plugin, and synchronous ones with boto3, for which `mturk_marketplace.run` does what has to be awaited. Nothing
is imported before a fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from aioturk.client import Client
    from aioturk.marketplace import MarketplaceInThread
    from aioturk.marketplace.workers import Worker

__all__ = ["mturk_client", "mturk_marketplace", "mturk_worker"]


@pytest.fixture
def mturk_marketplace() -> Iterator[MarketplaceInThread]:
    """
    A marketplace in memory, with Amazon's rules: `url`, `access_key` and `secret_key` are for any client.

    Tests that cannot await let it do so: ``mturk_marketplace.run(mturk_marketplace.advance(timedelta(days=30)))``.
    """
    from aioturk.marketplace import MarketplaceInThread

    with MarketplaceInThread() as market:
        yield market


@pytest.fixture
def mturk_client(mturk_marketplace: MarketplaceInThread) -> Client:
    """An aioturk client of the marketplace, for asynchronous tests; its connections end with the test's event loop."""
    return mturk_marketplace.client()


@pytest.fixture
def mturk_worker(mturk_marketplace: MarketplaceInThread) -> Callable[[str], Worker]:
    """A function that returns the worker with an id: ``mturk_worker("A1B2C3D4E5F6G7")``."""
    return mturk_marketplace.worker
