"""
`Holder`: our name in the ledger while we are at work, with its heartbeat.

Whoever has units in hand has to be alive, or others take them over. A program that was stopped for a while (a laptop
that slept, a debugger) may be taken for dead without knowing; so before anything is sent it is made sure that we are
not.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time

from aioturk.batch.ledger.holders import BEAT, SILENCE, beat, leave, register
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.processes import own_process
from aioturk.errors import ConfigurationError

__all__ = ["Holder", "TakenForDead"]

_log = logging.getLogger("aioturk.batch")

_SURE = SILENCE * 2 / 3
"""So many seconds after a heartbeat we are certainly not taken for dead."""


class TakenForDead(Exception):
    """Others have taken over what we had in hand."""


class Holder:
    """
    Somebody who is at work on a ledger. Use it as an async context manager, any number of times, also within itself.

    Args:
        ledger: The ledger.
    """

    def __init__(self, ledger: LedgerThread) -> None:
        self._ledger = ledger
        self.id: str = ""
        self._users = 0
        self._beating: asyncio.Task[None] | None = None
        self._last = (0.0, 0.0)
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Holder:
        async with self._opening:
            if not self._users:
                await self._register()
                self._beating = asyncio.create_task(self._beat(), name="aioturk-ledger-heartbeat")
            self._users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self._users:
            return  # abandoned
        self._users -= 1
        if self._users:
            return
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
        # Handed in, and not waited for in a way that can be cancelled: leases must not outlive the work.
        left = asyncio.shield(asyncio.wrap_future(self._ledger.submit(leave(self.id))))
        try:
            await left
        except ConfigurationError as trouble:
            # Whatever the work itself has to say matters more; others see from the process that the leases are void.
            _log.warning("the ledger could not be told that the work has ended: %s", trouble)

    async def abandon(self) -> None:
        """Let go of everything, whoever may still think that he is at work: the ledger is being closed."""
        if not self._users:
            return
        self._users = 0
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
        self._ledger.tidy(leave(self.id))

    async def sure(self, lease: str) -> None:
        """
        Make sure that we are not taken for dead.

        Args:
            lease: Our id when the unit was taken in hand that is about to be sent.

        Raises:
            TakenForDead: We were; what was in hand then must not be sent any more.
        """
        monotonic, wall = self._last
        # Both clocks, because one of them stands still while a computer sleeps, and the other may be set back.
        if time.monotonic() - monotonic > _SURE or abs(time.time() - wall) > _SURE:
            await self._tell()
        if lease != self.id:
            raise TakenForDead("others have taken over what was in hand, because nothing was heard from us")

    async def _register(self) -> None:
        self.id = secrets.token_hex(16)
        self._last = (time.monotonic(), time.time())
        await self._ledger.perform(register(self.id, own_process()))

    async def _tell(self) -> None:
        moment = (time.monotonic(), time.time())
        lease = self.id
        if await self._ledger.perform(beat(lease)):
            self._last = moment
        else:
            await self.renew(lease)

    async def renew(self, lease: str) -> None:
        """
        Take another name, because under the old one we were taken for dead.

        Args:
            lease: The old one.
        """
        async with self._opening:
            if lease == self.id:
                _log.warning("nothing was heard of this program for long; what it had in hand is free for others")
                await self._register()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._tell()
            except ConfigurationError as trouble:
                # Whoever is about to send something tries again, and is told.
                _log.warning("the ledger could not be told that we are alive: %s", trouble)
