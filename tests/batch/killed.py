"""
Programs that are killed in the middle: each runs as a process of its own, and ends itself by SIGKILL at a given event.

An event is what money depends on: an act on the ledger before it begins and after it is written, a request before it is
sent and after its answer has come. So a run that is killed at each number in turn is killed at every step.
"""

from __future__ import annotations

import asyncio
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Connection as Database

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


async def run(job: Job) -> bool:
    """Run a job in a process of its own; return whether it came to its end, and was not killed on the way."""
    here, there = _CONTEXT.Pipe(duplex=False)
    process: BaseProcess = _CONTEXT.Process(target=_main, args=(job, there))
    process.start()
    there.close()
    try:
        # Not joined in the thread: two that ask the same pipe for an exit code get one of them wrong.
        await asyncio.to_thread(wait, [process.sentinel])
    except asyncio.CancelledError:
        process.kill()  # the test has failed elsewhere, and does not wait until this one gives up
        raise
    finally:
        process.join()
    code = process.exitcode
    process.close()
    with here:
        # What went wrong over there has to be read here: nobody sees what that process prints.
        told = here.recv() if code not in (0, -signal.SIGKILL) and here.poll() else ""
    assert code in (0, -signal.SIGKILL), f"The process ended with {code}.\n{told}"
    return code == 0


def _main(job: Job, told: Connection) -> None:
    events = _Events(job.deadly)
    events.watch_the_ledger()
    try:
        asyncio.run(_work(job, events))
    except Exception:
        told.send(traceback.format_exc())
        raise


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

        def watched(ledger: LedgerThread, act: Callable[[Database], Any]) -> Any:
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
