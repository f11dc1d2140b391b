"""
Uploads to a service that allows so many calls a second, on virtual time.

Time passes only while everybody sleeps, and then at once; while the ledger's thread is at work, everybody waits for it.
So a run of minutes takes seconds, and goes the same way each time.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from aioturk._core.messages import Request, Response
from aioturk.batch import Batch
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.client import Client
from aioturk.testing import CREDENTIALS, error_reply, reply

from .tasks import NAME, guess_age, rows

__all__ = ["Service", "upload"]

T = TypeVar("T")

SETTLED = 60.0
"""Seconds that an upload has to find its pace."""


_HIT: dict[str, Any] = {
    "HITTypeId": "3TYPE",
    "HITGroupId": "3GROUP",
    "CreationTime": 1700000000.0,
    "Title": "Guess the age",
    "Description": "Look at a picture and guess the person's age.",
    "HITStatus": "Assignable",
    "MaxAssignments": 2,
    "Reward": "0.05",
    "AutoApprovalDelayInSeconds": 2592000,
    "Expiration": 1700604800.0,
    "AssignmentDurationInSeconds": 300,
    "HITReviewStatus": "NotReviewed",
    "NumberOfAssignmentsPending": 0,
    "NumberOfAssignmentsAvailable": 2,
    "NumberOfAssignmentsCompleted": 0,
}


@dataclass
class Service:
    """
    Publishes HITs, so many a second, and as many at once after a rest; what comes faster is throttled.

    Attributes:
        rate: How many a second.
        latency: Seconds that an answer takes.
        published: When HITs were published.
        throttled: When calls were throttled.
    """

    rate: float
    latency: float = 0.1
    published: list[float] = field(default_factory=list)
    throttled: list[float] = field(default_factory=list)
    _counted: float = 0.0
    _permits: float = 0.0

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Answer a request."""
        now = asyncio.get_running_loop().time()
        self._permits = min(self.rate, self._permits + (now - self._counted) * self.rate)
        self._counted = now
        allowed = self._permits >= 1
        if allowed:
            self._permits -= 1
        await asyncio.sleep(self.latency)
        if not allowed:
            self.throttled.append(now)
            return error_reply(message="Rate exceeded", kind="ThrottlingException")
        return self._answer(dict(request.headers)["X-Amz-Target"].rpartition(".")[2], now)

    def _answer(self, operation: str, now: float) -> Response:
        if operation == "CreateHITType":
            return reply({"HITTypeId": "3TYPE"})
        if operation == "ListHITs":
            return reply({"NumResults": 0, "HITs": []})
        assert operation == "CreateHITWithHITType"
        self.published.append(now)
        return reply({"HIT": {**_HIT, "HITId": f"3HIT{len(self.published):08}"}})

    async def close(self) -> None:
        """Do nothing."""

    @property
    def pace(self) -> float:
        """HITs a second, after the first minute."""
        later = [moment for moment in self.published if moment > SETTLED]
        return len(later) / (later[-1] - SETTLED)

    @property
    def share_throttled(self) -> float:
        """Which part of the calls was throttled, after the first minute."""
        throttled = sum(moment > SETTLED for moment in self.throttled)
        return throttled / (throttled + sum(moment > SETTLED for moment in self.published))


def upload(service: Service, count: int, ledger: Path) -> None:
    """Upload so many rows to a service."""
    random.seed(count)  # the waits before repeats
    ledger_at_work = _LedgerAtWork()

    async def work() -> None:
        clock = _Clock()
        async with (
            Client("sandbox", credentials=CREDENTIALS, transport=service, clock=clock) as mturk,
            Batch(mturk, guess_age(), name=NAME, ledger=ledger, clock=clock, progress=False) as batch,
        ):
            report = await batch.upload(rows(count))
        assert report.published == count, str(report)

    async def perform(ledger: LedgerThread, act: Callable[[Connection], T]) -> T:
        return await ledger_at_work.perform(ledger, act)

    performed = LedgerThread.perform
    LedgerThread.perform = perform  # type: ignore[method-assign,assignment]
    try:
        with asyncio.Runner(loop_factory=lambda: _VirtualLoop(ledger_at_work)) as runner:
            runner.run(work())
    finally:
        LedgerThread.perform = performed  # type: ignore[method-assign]


class _Clock:
    """The running loop's time."""

    def time(self) -> float:
        return 1_700_000_000.0 + self.monotonic()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _LedgerAtWork:
    """Knows how many acts the ledger's thread has still to perform."""

    def __init__(self) -> None:
        self._acts = 0
        self._changed = threading.Condition()

    async def perform(self, ledger: LedgerThread, act: Callable[[Connection], T]) -> T:
        with self._changed:
            self._acts += 1
        outcome = ledger.submit(act)
        told = asyncio.wrap_future(outcome)
        outcome.add_done_callback(self._ended)  # the second one, so that the loop has been told before
        return await told

    def _ended(self, _: object) -> None:
        with self._changed:
            self._acts -= 1
            self._changed.notify()

    def wait(self) -> None:
        with self._changed:
            while self._acts:
                self._changed.wait()


class _VirtualSelector(selectors.SelectSelector):
    """Tells the loop that it has waited, unless it waits for a thread."""

    def __init__(self, ledger_at_work: _LedgerAtWork) -> None:
        super().__init__()
        self._ledger_at_work = ledger_at_work
        self.slept = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self._ledger_at_work.wait()
        found = super().select(None if timeout is None else 0)
        if not found and timeout is not None:
            self.slept += max(timeout, 0.0)
        return found


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, ledger_at_work: _LedgerAtWork) -> None:
        self._virtual = _VirtualSelector(ledger_at_work)
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.slept

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        # Threads end in real time; by ours five minutes would be over at once.
        await super().shutdown_default_executor()
