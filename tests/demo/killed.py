"""
A study that is killed: it runs as a process of its own, and ends itself by SIGKILL at a moment that is named.

A moment is the so manieth time that something is about to happen, or has just happened: a call of an operation, or a
worker's submission. The marketplace is in the same process, and dies with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from aioturk._core.messages import Request
from aioturk.cli import demo
from aioturk.marketplace.workers import Worker
from aioturk.transport import AiohttpTransport

__all__ = ["ROWS", "Moment", "run"]

ROWS = 8

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.demo.killed"])


@dataclass(frozen=True)
class Moment:
    """
    When a study is killed.

    Attributes:
        what: The operation, or ``"submit"``, for what workers do.
        number: Which time, from 1.
        after: Whether it has happened then; else it is about to.
    """

    what: str
    number: int
    after: bool = False


async def run(folder: Path, moment: Moment | None = None) -> int:
    """Run ``aioturk demo`` with its files in a folder; return the exit code, which is less than zero when killed."""
    process = _CONTEXT.Process(target=_main, args=(folder, moment))
    process.start()
    await asyncio.to_thread(process.join)
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _main(folder: Path, moment: Moment | None) -> None:
    if moment is not None:
        _watch(AiohttpTransport, "send", moment, _operation)
        _watch(Worker, "submit", moment, lambda given: "submit")
    files = {name: str(folder / f"{name}.db") for name in ("ledger", "database")}
    demo.run(rows=ROWS, workers=4, faults=False, output=folder / "results.csv", **files)


def _operation(given: tuple[Any, ...]) -> str:
    request: Request = given[0]
    return dict(request.headers)["X-Amz-Target"].rpartition(".")[2]


def _watch(kind: Any, method: str, moment: Moment, name: Callable[[tuple[Any, ...]], str]) -> None:
    """Count how often a method is called for what is named, and end the process at the moment."""
    original: Callable[..., Awaitable[Any]] = getattr(kind, method)
    counts = {False: 0, True: 0}

    def happened(given: tuple[Any, ...], *, after: bool) -> None:
        if name(given) == moment.what:
            counts[after] += 1
            if (after, counts[after]) == (moment.after, moment.number):
                os.kill(os.getpid(), signal.SIGKILL)

    async def watched(self: Any, *given: Any, **named: Any) -> Any:
        happened(given, after=False)
        result = await original(self, *given, **named)
        happened(given, after=True)
        return result

    setattr(kind, method, watched)
