"""
Threads on which plain functions run, one for each connection to the store.

A lean stand-in for an executor: what it saves, locks and a wake-up of the event loop for each function, is a good part
of the time that a small transaction takes. Functions begin in the order in which they were handed over. Results that
are ready together are made good together where the store wants it so (a wait for the disk costs more than all of them),
and wake the loop once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["ActThreads", "Desk"]


class Desk(Protocol):
    """What one thread works with."""

    batch: int
    """How many results may wait for each other. More would make callers wait for strangers."""

    def commit(self) -> None:
        """Make good what was done since the last time."""
        ...

    def close(self) -> None:
        """Be done with it."""
        ...


D = TypeVar("D", bound=Desk)
T = TypeVar("T")

_log = logging.getLogger(__name__)


class ActThreads(Generic[D]):
    """
    Runs functions, each on one of several threads.

    Args:
        name: The threads' name, for whoever looks at a list of them.
        desks: One for each thread. Nobody gets the result of a function before its desk has made it good; when that
            fails, the exception is everybody's whose result was to be.
    """

    def __init__(self, name: str, desks: Sequence[D]) -> None:
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        # Daemons, so that a program which never closes its marketplace can still end.
        self._threads = [Thread(target=self._work, args=(desk,), name=name, daemon=True) for desk in desks]
        for thread in self._threads:
            thread.start()

    async def run(self, function: Callable[[D], T]) -> T:
        """
        Run a function with one of the desks; return what it returns, raise what it raises.

        Once it has begun it is not given up.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Job(loop, future, function))
        return await future

    def close(self) -> None:
        """End the threads when they have done everything that was handed over; returns when they have ended."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self, desk: D) -> None:
        done: list[_Job] = []
        while (job := self._queue.get()) is not None:
            if not job.future.cancelled():
                job.run(desk)
                done.append(job)
            if done and (len(done) >= desk.batch or self._queue.empty()):
                _end(done, desk)
                done = []
        if done:
            _end(done, desk)
        try:
            desk.close()
        except Exception:
            # Everything had been made good before.
            _log.warning("a connection to the store could not be closed", exc_info=True)


def _end(done: list[_Job], desk: Desk) -> None:
    try:
        desk.commit()
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
        self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], function: Callable[[Any], Any]
    ) -> None:
        self.loop = loop
        self.future = future
        self.function = function
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, desk: Desk) -> None:
        try:
            self.result = self.function(desk)
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
