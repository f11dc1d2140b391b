"""
Programs that are killed in the middle: each runs as a process of its own, and ends itself by SIGKILL at a given event.

An event is what money depends on: an act on the ledger before it begins and after it is written, a request before it is
sent and after its answer has come. So a run that is killed at each number in turn is killed at every step.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Connection

from aioturk._core.keys import Credentials
from aioturk._core.messages import Request, Response
from aioturk.batch import Batch, Bonus
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.client import Client
from aioturk.clock import SystemClock
from aioturk.transport import AiohttpTransport

from .tasks import NAME, guess_age

__all__ = ["Job", "perform", "run"]

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "tests.batch.killed",
        # What is imported on the way, so that no process has to do it by itself.
        "aioturk._databases",
        "aioturk.marketplace",
        "aiohttp",
        "alembic.command",
        "alembic.runtime.migration",
        "sqlalchemy.dialects.sqlite",
        "tenacity",
    ]
)


@dataclass(frozen=True)
class Job:
    """
    What a process does.

    Attributes:
        url: The marketplace.
        keys: Its keys.
        ledger: The ledger.
        rows: The rows to publish.
        bonuses: The bonuses to pay: assignments with amounts.
        key: What tells rows apart.
        part: Whether the rows are a part of the batch.
        deadly: The event at which it is killed; None lets it live.
        offset: Seconds by which its clock is ahead.
    """

    url: str
    keys: Credentials
    ledger: str
    rows: list[dict[str, str]] | None = None
    bonuses: list[tuple[str, str]] | None = None
    key: str | None = None
    part: bool = False
    deadly: int | None = None
    offset: float = 0.0


async def run(job: Job) -> int:
    """Run a job in a process of its own; return its exit code, which is less than zero when it was killed."""
    process: BaseProcess = _CONTEXT.Process(target=_main, args=(job,))
    process.start()
    # Not joined in the thread: two that ask the same pipe for an exit code get one of them wrong.
    await asyncio.to_thread(wait, [process.sentinel])
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _main(job: Job) -> None:
    events = _Events(job.deadly)
    events.watch_the_ledger()
    asyncio.run(_work(job, events))


def perform(job: Job) -> None:
    """Do a job in this process, which others may kill."""
    asyncio.run(_work(job, _Events(None)))


class _Ahead(SystemClock):
    """The computer's clock, turned ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def time(self) -> float:
        return super().time() + self._seconds


async def _work(job: Job, events: _Events) -> None:
    clock = _Ahead(job.offset)
    transport = _Watched(events)
    async with (
        Client(job.url, credentials=job.keys, transport=transport, timeout=300, clock=clock) as mturk,
        Batch(mturk, guess_age(), name=NAME, ledger=job.ledger, key=job.key, clock=clock, progress=False) as batch,
    ):
        if job.rows is not None:
            report = await (batch.upload_partition if job.part else batch.upload)(job.rows)
            assert report.is_complete, [str(problem) for problem in report.problems]
        if job.bonuses is not None:
            tally = await batch.bonus_all(Bonus(one, amount, "Well done") for one, amount in job.bonuses)
            assert tally.refused + tally.open == 0, [str(problem) for problem in tally.problems]


class _Events:
    """Counts events, and ends the process at one of them."""

    def __init__(self, deadly: int | None) -> None:
        self._left = deadly

    def happened(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_the_ledger(self) -> None:
        submit = LedgerThread.submit

        def watched(ledger: LedgerThread, act: Callable[[Connection], Any]) -> Any:
            self.happened()
            outcome = submit(ledger, act)
            outcome.add_done_callback(lambda _: self.happened())
            return outcome

        LedgerThread.submit = watched  # type: ignore[method-assign,assignment]


class _Watched(AiohttpTransport):
    """Sends requests, each of which is an event before and after."""

    def __init__(self, events: _Events) -> None:
        super().__init__()
        self._events = events

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Send a request."""
        self._events.happened()
        response = await super().send(request, timeout=timeout, fresh_connection=fresh_connection)
        self._events.happened()
        return response
