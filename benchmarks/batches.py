"""
What a batch costs: its ledger's share of the time, its memory at a million rows, and how it keeps to a service's pace.

Whether it does everything once, however often it is killed, is in `benchmarks.killing`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from aioturk import Client, Credentials, HTMLTemplate, Task
from aioturk._core.messages import Request, Response
from aioturk.batch import Batch
from aioturk.testing import reply
from benchmarks.calls import IN_FLIGHT, KEYS, repeated
from benchmarks.canned import HIT, serve
from benchmarks.stopwatch import best_async
from tests.batch import paced

__all__ = ["growth", "overhead", "pace", "peak"]

_PAGE = """<!DOCTYPE html><html><head><title>Guess the age</title></head><body>
<form method="post" action="https://workersandbox.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" value=""><img src="${url}"><p>How old is ${name}?</p>
<input name="age"><input type="submit"></form></body></html>"""


def _task() -> Task[Any]:
    return Task(
        title=HIT["Title"],
        description=HIT["Description"],
        keywords=HIT["Keywords"],
        reward=HIT["Reward"],
        max_assignments=HIT["MaxAssignments"],
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(days=1),
        question=HTMLTemplate(_PAGE),
    )


def _rows(number: int) -> Iterator[dict[str, str]]:
    return ({"url": f"https://example.org/{row}.jpg", "name": f"Person {row}"} for row in range(number))


# Time.


async def overhead(*, operations: int, rounds: int) -> dict[str, float]:
    """
    Return the CPU seconds of publishing a row, all threads counted, in three ways.

    ``batch`` uploads the rows; ``create_hit`` makes the question of each row and calls `create_hit`, with so many calls
    under way; ``create_hit, one question`` leaves the making of questions out, too.
    """
    task = _task()
    properties = task.properties
    question = task.fill(next(_rows(1)))
    numbers = count()
    with serve() as url, tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder:
        async with AsyncExitStack() as stack:
            mturk = await stack.enter_async_context(Client(url, credentials=KEYS))

            async def bare(operations: int) -> None:
                rows = _rows(operations)

                async def create() -> object:
                    return await mturk.create_hit(
                        question=task.fill(next(rows)), requester_annotation="ages", **properties
                    )

                await repeated(create, IN_FLIGHT)(operations)

            async def same() -> object:
                return await mturk.create_hit(question=question, requester_annotation="ages", **properties)

            async def upload(operations: int) -> None:
                ledger = Path(folder) / f"{next(numbers)}.db"
                async with Batch(mturk, task, name="ages", ledger=ledger, progress=False) as batch:
                    report = await batch.upload(_rows(operations))
                if report.published != operations:
                    raise AssertionError(str(report))

            candidates = {"batch": upload, "create_hit": bare, "create_hit, one question": repeated(same, IN_FLIGHT)}
            await best_async(candidates, operations=200, rounds=1)
            return await best_async(candidates, operations=operations, rounds=rounds)


# A service that answers at once, in this process.


class _Service:
    """A transport that answers as a service does which publishes everything."""

    def __init__(self) -> None:
        self.published = 0
        before, _, after = json.dumps({"HIT": HIT}).partition(HIT["HITId"])
        self._before, self._after = before.encode(), after.encode()
        self._others = {
            "CreateHITType": reply({"HITTypeId": HIT["HITTypeId"]}),
            "GetAccountBalance": reply({"AvailableBalance": "10000.00"}),
            "ListHITs": reply({"NumResults": 0, "HITs": []}),
        }

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Answer a request."""
        operation = dict(request.headers)["X-Amz-Target"].rpartition(".")[2]
        return self._others.get(operation) or await self._publish()

    async def _publish(self) -> Response:
        await asyncio.sleep(0)
        self.published += 1
        return Response(200, {}, b"%b3X7837UUADRXYCA1K7JA%010d%b" % (self._before, self.published, self._after))

    async def close(self) -> None:
        """Do nothing."""


# Pace.


def pace(rate: int, *, minutes: int) -> tuple[float, float]:
    """
    Upload to a service that allows so many calls a second, on virtual time.

    Returns:
        After the first minute: the pace, as a part of what is allowed, and the share of calls that were throttled.
    """
    service = paced.Service(rate)
    with tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder:
        paced.upload(service, minutes * 60 * rate, Path(folder) / "ledger.db")
    return service.pace / rate, service.share_throttled


# Memory.

_MEASURE = "from benchmarks.batches import peak; print(peak({}))"


def growth(*, few: int, many: int) -> float:
    """Return by how many MiB the peak of memory is higher with many rows than with few; each has its own process."""
    low, high = (
        int(subprocess.run([sys.executable, "-c", _MEASURE.format(rows)], check=True, capture_output=True).stdout)
        for rows in (few, many)
    )
    return (high - low) / 1024


def peak(rows: int) -> int:
    """Upload so many rows of a generator; return the most KiB of memory that this process has had."""
    asyncio.run(_upload(rows))
    status = Path("/proc/self/status")
    if status.exists():
        # Not what `getrusage` says, which begins with the peak of whoever started this process.
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


async def _upload(rows: int) -> None:
    service = _Service()
    keys = Credentials("AKIDEXAMPLE", "secret")
    with tempfile.TemporaryDirectory(prefix="aioturk-bench-") as folder:
        async with (
            Client("sandbox", credentials=keys, transport=service) as mturk,
            Batch(mturk, _task(), name="ages", ledger=Path(folder) / "ledger.db", progress=False) as batch,
        ):
            report = await batch.upload(_rows(rows))
    if not report.published == service.published == rows:
        raise AssertionError(f"{service.published} HITs: {report}")
