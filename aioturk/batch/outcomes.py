"""`Outcomes`: writing down what became of units, many with one wait for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from aioturk.batch.desk import Desk
from aioturk.batch.ledger import units
from aioturk.batch.ledger.units import Outcome

__all__ = ["Outcomes"]

_GATHER: Final = 0.05
"""Seconds for which outcomes are gathered: each wait for the disk costs about as much as ten rows."""


class Outcomes:
    """
    What became of units, on its way into the ledger. Use it as an async context manager.

    Args:
        desk: Where.
        written: Is told of outcomes that were written down, or could not be.
        failed: Is told why they could not be: then what they say is open in the ledger.
    """

    def __init__(
        self, desk: Desk, written: Callable[[Sequence[Outcome]], None], failed: Callable[[Exception], None]
    ) -> None:
        self._desk = desk
        self._tell = written
        self._failed = failed
        self._waiting: list[tuple[Outcome, str]] = []
        self._unwritten = 0
        self._something = asyncio.Event()
        self._settled = asyncio.Event()
        self._hurry = False
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Outcomes:
        self._writer = asyncio.create_task(self._write(), name="aioturk-batch-outcomes")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._writer is not None
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

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
        seq = await self._desk.seq()
        while True:
            await self._something.wait()
            if not self._hurry:
                await asyncio.sleep(_GATHER)
            self._something.clear()
            outcomes, self._waiting = self._waiting, []
            try:
                await self._desk.perform(units.write_outcomes(seq, outcomes, self._desk.now()))
            except Exception as trouble:
                # What is not written down stays open in the ledger, so nothing is lost; but it cannot go on like this.
                self._failed(trouble)
            self._desk.in_hand.put_down([outcome.unit.token for outcome, _ in outcomes])
            self._tell([outcome for outcome, _ in outcomes])
            self._unwritten -= len(outcomes)
            self._settled.set()
