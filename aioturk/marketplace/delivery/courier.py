"""
Who brings messages about events for as long as the market is open: one round for each place, and a broom.

The rounds are in `rounds`. The broom is for messages whose webhook is no longer there, which would wait for ever.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import aiohttp

from aioturk.marketplace.delivery.carriers import carriers
from aioturk.marketplace.delivery.rounds import Round
from aioturk.marketplace.delivery.settings import Delivery
from aioturk.marketplace.house import House
from aioturk.marketplace.service import Context
from aioturk.marketplace.service.notifications import WEBHOOK

__all__ = ["Courier"]

_log = logging.getLogger(__name__)

_TIMEOUT = 10.0
"""Seconds that an attempt may take."""

_SWEEP = 60.0
"""
Seconds between looks at messages that nobody here knows the webhook of, and for how long one of them is left alone
after somebody should have sent it: another process on the same store may have got a new webhook a moment before us.
"""

_UNKNOWN = "This marketplace has no webhook of that URL any more, so it was not sent."


class Courier:
    """
    Sends messages about events for as long as the market is open.

    Args:
        house: The market. From now on its acts write what is to be sent, even before the courier starts: what became
            due while the market was closed happens as soon as it is opened.
        delivery: Where to.
    """

    def __init__(self, house: House, delivery: Delivery) -> None:
        self._house = house
        self._delivery = delivery
        self._carriers = carriers(delivery)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._rounds: list[Round] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._broom: asyncio.Task[None] | None = None
        house.delivers = frozenset(carrier.transport for carrier in self._carriers)
        house.subscribers = tuple(webhook.subscriber() for webhook in delivery.webhooks)

    async def start(self) -> None:
        """Begin: what has waited since the last time is sent, too."""
        self._loop = asyncio.get_running_loop()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT),
        )
        self._rounds = [Round(self._house, carrier, self._delivery.clock, self._session) for carrier in self._carriers]
        self._tasks = [asyncio.create_task(round_.run(), name="aioturk-courier") for round_ in self._rounds]
        self._broom = asyncio.create_task(self._keep_sweeping(), name="aioturk-broom")
        self._house.on_post = self._wake

    def _wake(self) -> None:
        # Called on the threads of acts.
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._wake_rounds)
        except RuntimeError:
            _log.debug("the event loop was closed before the courier")

    def _wake_rounds(self) -> None:
        for round_ in self._rounds:
            round_.wake()

    async def idle(self) -> None:
        """Wait until nothing is left to be sent to where this courier goes, now or later."""
        for round_ in self._rounds:
            await round_.idle()

    async def close(self) -> None:
        """End; what is not sent yet waits for the next time. Harmless when it has ended already."""
        self._house.on_post = None
        for round_ in self._rounds:
            round_.stop()
        tasks, self._tasks = self._tasks, []
        broom, self._broom = self._broom, None
        try:
            if broom is not None:
                broom.cancel()
                with suppress(asyncio.CancelledError):
                    await broom
            await asyncio.gather(*tasks)
        finally:
            session, self._session = self._session, None
            if session is not None:
                await session.close()

    # Messages whose webhook is no longer there.

    async def _keep_sweeping(self) -> None:
        while True:
            try:
                await self._house.act(self._sweep)
            except Exception:
                _log.exception("messages of old webhooks could not be looked at; next look in %g s", _SWEEP)
            await self._delivery.clock.sleep(_SWEEP)

    def _sweep(self, context: Context) -> None:
        now = int(self._delivery.clock.time() * 1000)
        notifications = context.store.notifications
        known = {webhook.url for webhook in self._delivery.webhooks}
        for url in notifications.waiting_destinations(WEBHOOK):
            if url not in known:
                failed = notifications.give_up(WEBHOOK, url, now, before=now - int(_SWEEP * 1000), trouble=_UNKNOWN)
                if failed:
                    context.note("NotificationFailed", None, webhook=url, messages=failed)
