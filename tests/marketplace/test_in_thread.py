"""The marketplace for programs that cannot await."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from aioturk.errors import ConfigurationError
from aioturk.marketplace import MarketplaceInThread

from .support import ANNA, StillClock


def test_it_does_what_has_to_be_awaited() -> None:
    """Results and exceptions of coroutines come out of `run`; at the end its thread is gone."""
    before = threading.active_count()
    with MarketplaceInThread(clock=StillClock()) as market:
        start = market.now()
        market.run(market.advance(timedelta(hours=1)))
        assert market.now() - start == timedelta(hours=1)
        assert market.url.startswith("http://127.0.0.1:")
        with pytest.raises(Exception, match="ahead"):
            market.run(market.advance(timedelta(hours=-1)))
        assert market.run(market.earnings(ANNA)).earned == 0
    assert threading.active_count() == before


def test_what_cannot_be_opened_leaves_nothing() -> None:
    """The reason comes out, and no thread is left."""
    before = threading.active_count()
    with pytest.raises(ConfigurationError, match="cannot be opened"), MarketplaceInThread("/nowhere/market.db"):
        pass
    assert threading.active_count() == before


def test_outside_of_its_block_it_says_so() -> None:
    """There is no loop to run anything on."""
    market = MarketplaceInThread()
    with pytest.raises(ConfigurationError, match="with"):
        market.run(market.advance(timedelta(hours=1)))


def test_its_own_loop_does_not_wait_for_itself() -> None:
    """What would never end is refused, and the marketplace goes on."""
    with MarketplaceInThread() as market:

        async def wait() -> None:
            market.run(market.advance(timedelta(0)))

        with pytest.raises(ConfigurationError, match="await"):
            market.run(wait())
        assert market.run(market.earnings(ANNA)).paid == 0


def test_it_is_entered_once() -> None:
    """A second block is refused, and the first one is none the worse."""
    with MarketplaceInThread() as market:
        with pytest.raises(ConfigurationError, match="already"), market:
            pass
        assert market.run(market.earnings(ANNA)).paid == 0
