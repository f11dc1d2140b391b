"""
One thread on which plain functions run, in the order in which they were handed over.

A lean stand-in for an executor with one worker: what it saves, locks and a wake-up of the event loop for each of them,
is a good part of the time that a small transaction takes. Results that are ready together are made good together (a
wait for the disk costs more than all of them), and wake the loop once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

__all__ = ["ActThread"]

T = TypeVar("T")

_BATCH = 16
"""How many results may wait for each other. More would make callers wait for strangers."""

_log = logging.getLogger(__name__)


class ActThread:
    """
    Runs functions one after another.

    Args:
        name: The thread's name, for whoever looks at a list of them.
        finish: What makes the results of the functions before it good. Nobody gets a result before; when it raises, its
            exception is everybody's.
    """

    def __init__(self, name: str, finish: Callable[[], None] | None = None) -> None:
        self._finish = finish
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        # A daemon, so that a program which never closes its marketplace can still end.
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function; return what it returns, raise what it raises. Once it has begun it is not given up."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Job(loop, future, function))
        return await future

    def close(self) -> None:
        """End the thread when it has done everything that was handed over; returns when it has ended."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        done: list[_Job] = []
        while (job := self._queue.get()) is not None:
            if not job.future.cancelled():
                job.run()
                done.append(job)
            if done and (len(done) >= _BATCH or self._queue.empty()):
                self._end(done)
                done = []
        if done:
            self._end(done)

    def _end(self, done: list[_Job]) -> None:
        try:
            if self._finish is not None:
                self._finish()
        except BaseException as error:
            _log.error("the results of %d acts are lost: %s", len(done), error)
            for job in done:
                if job.error is None:
                    job.error = error
        _deliver(done)


class _Job:
    """A function, and who waits for it."""

    __slots__ = ("error", "function", "future", "loop", "result")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], function: Callable[[], Any]
    ) -> None:
        self.loop = loop
        self.future = future
        self.function = function
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:  # whatever it is, it belongs to the caller
            self.error = error

    def settle(self) -> None:
        if self.future.cancelled():
            return
        error, self.error = self.error, None  # its traceback holds this job
        if error is None:
            self.future.set_result(self.result)
            return
        if isinstance(error, StopIteration):
            # Futures do not take it, as it would end whatever generator awaits them.
            stopped, error = error, RuntimeError("an act raised StopIteration")
            error.__cause__ = stopped
        self.future.set_exception(error)


def _deliver(jobs: list[_Job]) -> None:
    for loop in {job.loop for job in jobs}:
        mine = [job for job in jobs if job.loop is loop]
        try:
            loop.call_soon_threadsafe(_settle, mine)
        except RuntimeError:
            _log.debug("an event loop was closed before %d acts of it were done", len(mine))


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        job.settle()
