"""A marketplace for programs that cannot await: on an event loop of its own, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

from aioturk.errors import ConfigurationError
from aioturk.marketplace.market import Marketplace

__all__ = ["MarketplaceInThread"]

T = TypeVar("T")


class MarketplaceInThread(Marketplace):
    """
    A marketplace that runs beside a synchronous program; use it with a plain ``with``.

    It takes the same arguments as :class:`aioturk.marketplace.Marketplace`. What has to be awaited goes through `run`::

        with MarketplaceInThread() as market:
            mturk = boto3.client("mturk", endpoint_url=market.url, ...)
            market.run(market.advance(timedelta(days=30)))

    Asynchronous programs may await its methods on their own loop, too.
    """

    _thread: _LoopThread | None = None

    def __enter__(self) -> MarketplaceInThread:
        if self._thread is not None:
            raise ConfigurationError("The marketplace has been started already.")
        self._thread = _LoopThread()
        try:
            self.run(self.start())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.run(self.close())
        finally:
            self._end()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """
        Run a coroutine on the marketplace's own event loop, and wait for its result.

        The marketplace answers requests on that loop, too. So whatever waits within the coroutine has to be awaited: a
        script for `work` that calls boto3 on this marketplace, say, has to do it in ``asyncio.to_thread``.

        Raises:
            ConfigurationError: The marketplace is not open, or it is its own loop that is to wait.
        """
        if self._thread is None:
            coroutine.close()
            raise ConfigurationError("The marketplace runs only within `with MarketplaceInThread(...)`.")
        if self._thread.is_current():
            coroutine.close()
            raise ConfigurationError("The marketplace's own loop cannot wait for itself: await the coroutine instead.")
        return self._thread.run(coroutine)

    def _end(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.close()


class _LoopThread:
    """An event loop that runs in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mturk marketplace", daemon=True)
        self._thread.start()

    def is_current(self) -> bool:
        """Say whether it is this thread that asks."""
        return threading.current_thread() is self._thread

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and wait for its result; who stops waiting stops it."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """End the loop and the thread."""
        self.run(self._loop.shutdown_asyncgens())
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
