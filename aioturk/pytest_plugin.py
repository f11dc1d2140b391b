"""
Fixtures for tests of programs that use the requester API; pytest finds them wherever aioturk is installed.

The marketplace runs on an event loop of its own, in a thread, so that every kind of test can use it: asynchronous ones
with any plugin, and synchronous ones with boto3. Nothing is imported before a fixture is asked for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from aioturk.client import Client
    from aioturk.marketplace import Marketplace
    from aioturk.marketplace.workers import Worker

__all__ = ["mturk_client", "mturk_marketplace", "mturk_worker"]

T = TypeVar("T")


class _LoopThread:
    """An event loop that runs in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mturk marketplace", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """End the loop and the thread."""
        self.run(self._loop.shutdown_asyncgens())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def mturk_marketplace() -> Iterator[Marketplace]:
    """A marketplace in memory, with Amazon's rules: `url`, `access_key` and `secret_key` are for any client."""
    from aioturk.marketplace import Marketplace

    thread = _LoopThread()
    market = Marketplace()
    thread.run(market.__aenter__())
    try:
        yield market
    finally:
        thread.run(market.__aexit__(None, None, None))
        thread.close()


@pytest.fixture
def mturk_client(mturk_marketplace: Marketplace) -> Client:
    """An aioturk client of the marketplace, for asynchronous tests; its connections end with the test's event loop."""
    return mturk_marketplace.client()


@pytest.fixture
def mturk_worker(mturk_marketplace: Marketplace) -> Callable[[str], Worker]:
    """A function that returns the worker with an id: ``mturk_worker("A1B2C3D4E5F6G7")``."""
    return mturk_marketplace.worker
