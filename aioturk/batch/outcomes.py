"""`Outcomes`: writing down what became of units, many with one wait for the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from aioturk.batch.desk import Desk
from aioturk.batch.ledger import units
from aioturk.batch.ledger.units import Outcome

__all__ = ["Outcomes"]

_log = logging.getLogger("aioturk.batch")

_GATHER: Final = 0.05
"""Seconds for which outcomes are gathered: each wait for the disk costs about as much as ten rows."""


class Outcomes:
    """
    What became of units, on its way into the ledger. Use it as an async context manager.

    However it is left, what came in is handed in to the ledger, and this program is not at those units any more.

    Args:
        desk: Where.
        written: Is told of outcomes that were written down.
        failed: Is told why they could not be: then what they say is open in the ledger.
    """

    def __init__(
        self, desk: Desk, written: Callable[[Sequence[Outcome]], None], failed: Callable[[Exception], None]
    ) -> None:
        self._desk = desk
        self._tell = written
        self._failed = failed
        self._waiting: list[tuple[Outcome, str]] = []
        self._seq = 0
        self._unwritten = 0
        self._something = asyncio.Event()
        self._settled = asyncio.Event()
        self._hurry = False
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Outcomes:
        self._seq = await self._desk.seq()
        self._writer = asyncio.create_task(self._write(), name="aioturk-batch-outcomes")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._writer is not None
        self._writer.cancel()
        try:
            await asyncio.gather(self._writer, return_exceptions=True)
        finally:
            if self._waiting:
                # Broken off, and once more while that was seen to: nobody waits for these.
                self._hand_in().add_done_callback(_log_failure)

    def add(self, outcome: Outcome, lease: str) -> None:
        """Have an outcome written down."""
        self._waiting.append((outcome, lease))
        self._unwritten += 1
        self._something.set()

    async def flush(self) -> None:
        """Wait until everything is written down."""
        self._hurry = True
        try:
            while self._unwritten:
                self._settled.clear()
                await self._settled.wait()
        finally:
            self._hurry = False

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            if not self._hurry:
                await asyncio.sleep(_GATHER)
            self._something.clear()
            outcomes = [outcome for outcome, _ in self._waiting]
            if not outcomes:
                continue
            try:
                await asyncio.wrap_future(self._hand_in())
            except Exception as trouble:
                # What is not written down stays open in the ledger, so nothing is lost; but it cannot go on like this.
                self._failed(trouble)
            else:
                self._tell(outcomes)
            self._unwritten -= len(outcomes)
            self._settled.set()

    def _hand_in(self) -> Future[None]:
        """Have what has come in written down; the units are put down then, even if that is not waited for."""
        outcomes, self._waiting = self._waiting, []
        writing = self._desk.ledger.submit(units.write_outcomes(self._seq, outcomes, self._desk.now()))
        tokens = [outcome.unit.token for outcome, _ in outcomes]
        writing.add_done_callback(lambda _: self._desk.in_hand.put_down(tokens))
        return writing


def _log_failure(writing: Future[None]) -> None:
    trouble = writing.exception()
    if trouble is not None:
        _log.warning("the ledger could not be told what became of some units, which are open in it: %s", trouble)
