"""
`Holder`: our name in the ledger while we are at work, with its heartbeat.

Whoever has units in hand has to be alive, or others take them over: at once when his process on this computer has
ended, and after a silence when he is elsewhere. A program that was stopped for a while (a laptop that slept, a
debugger) may be taken for dead without knowing. So before a unit is begun it is made sure that we are not. That saves
calls, and is no more than that: the computer may as well sleep a moment later. What keeps a unit from being done twice
then is its token, which is sent only while the service remembers it (`aioturk.batch.desk`).

A name under which nothing is done any more is struck out of the ledger. Should the ledger not take that, because its
disk is full or its server is being restarted, the name is remembered here, for all batches of the program, and struck
out as soon as that can be done: leases of somebody who is alive but will never use them would be waited for.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from concurrent.futures import Future
from typing import Final

from aioturk.batch.ledger.holders import BEAT, SILENCE, beat, leave, register
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.processes import own_process
from aioturk.errors import ConfigurationError

__all__ = ["Holder", "TakenForDead"]

_log = logging.getLogger("aioturk.batch")

_SURE = SILENCE * 2 / 3
"""So many seconds after the last heartbeat it is asked anew whether we are taken for dead."""

_FORMER: Final[dict[str, set[str]]] = {}
"""By their ledgers, the names of this program under which nothing is done any more; the ledger may not know it yet."""


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
        self._present = False
        """Whether our name is in the ledger, as far as we know."""
        self._former = _FORMER.setdefault(ledger.title, set())
        self._beating: asyncio.Task[None] | None = None
        self._last = (0.0, 0.0)
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Holder:
        async with self._opening:
            if not self._present:
                await self._register()
            self._users += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self._users -= 1
        if self._users or not (self._present or self._former):
            return
        # Handed in, and not waited for in a way that can be cancelled: leases must not outlive the work.
        left = asyncio.shield(asyncio.wrap_future(self._leave()))
        try:
            await left
        except ConfigurationError as trouble:
            # Whatever the work itself has to say matters more. The heartbeat goes on, and tries again.
            _log.warning("the ledger could not be told that the work has ended: %s", trouble)
        else:
            if not self._users:  # nobody has come meanwhile
                self._stop_beating()

    async def abandon(self) -> None:
        """
        Let go of everything, whoever may still think that he is at work: the ledger is being closed.

        Whoever goes on nevertheless does so under a new name, and that one is struck out when he is done.
        """
        self._stop_beating()
        if self._present or (self.id and self._former):
            self._leave().add_done_callback(_log_failure)

    async def sure(self, lease: str) -> None:
        """
        Make sure that we are not taken for dead now.

        Args:
            lease: Our id when the unit was taken in hand that is about to be begun.

        Raises:
            TakenForDead: We were; what was in hand then must not be sent any more.
        """
        monotonic, wall = self._last
        # Both clocks, because one of them stands still while a computer sleeps, and the other may be set back.
        if time.monotonic() - monotonic > _SURE or abs(time.time() - wall) > _SURE:
            await self._tell()
        if lease != self.id or not self._present:
            raise TakenForDead("others have taken over what was in hand, because nothing was heard from us")

    async def renew(self, lease: str) -> None:
        """
        Take another name, because under the old one we were taken for dead.

        Args:
            lease: The old one.
        """
        async with self._opening:
            if lease != self.id:
                return
            if self._present:
                _log.warning("nothing was heard of this program for long; what it had in hand is free for others")
            await self._register()

    async def _register(self) -> None:
        if self._present:
            self._former.add(self.id)
        self.id = secrets.token_hex(16)
        self._last = (time.monotonic(), time.time())
        former = set(self._former)
        try:
            await self._ledger.perform(register(self.id, own_process(), former))
        except BaseException:
            self._former.add(self.id)  # it may be done nevertheless
            self._present = False
            raise
        self._former -= former
        self._present = True
        if not self._is_beating():
            self._beating = asyncio.create_task(self._beat(), name="aioturk-ledger-heartbeat")

    def _leave(self) -> Future[None]:
        """Strike our name out, and all former ones."""
        if self._present:
            self._present = False
            self._former.add(self.id)
        former = set(self._former)
        left = self._ledger.submit(leave(*former))

        def told(outcome: Future[None]) -> None:
            if outcome.exception() is None:
                self._former.difference_update(former)

        left.add_done_callback(told)
        return left

    async def _tell(self) -> None:
        moment = (time.monotonic(), time.time())
        lease = self.id
        former = set(self._former)
        if not self._present:
            await self._ledger.perform(leave(*former))
            self._former -= former
            return
        alive = await self._ledger.perform(beat(lease, former))
        self._former -= former
        if alive:
            self._last = moment
        elif self._present:
            await self.renew(lease)

    async def _beat(self) -> None:
        while self._present or self._former:
            await asyncio.sleep(BEAT)
            try:
                await self._tell()
            except ConfigurationError as trouble:
                # Whoever is about to send something tries again, and is told.
                _log.warning("the ledger could not be told that we are alive: %s", trouble)

    def _is_beating(self) -> bool:
        beating = self._beating
        # One of an event loop that was closed is never done.
        return beating is not None and not beating.done() and beating.get_loop() is asyncio.get_running_loop()

    def _stop_beating(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None


def _log_failure(outcome: Future[None]) -> None:
    trouble = outcome.exception()
    if trouble is not None:
        _log.warning("the ledger could not be told that the work has ended: %s", trouble)
