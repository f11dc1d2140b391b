"""
What people and programs see while a batch works: a bar, lines, or a call of a function.

A `Meter` counts, and makes a `Progress` of the count whenever its reporter wants one: on a terminal a bar, elsewhere
lines in the log of ``aioturk.batch``, in the beginning soon after each other and then every half minute; or a function
of the caller's. Whatever goes wrong in showing it, the work goes on: it is logged, and nothing more is shown.

What is worth counting is known in `aioturk.batch.run`. ``rich``, which draws the bar, is imported when there is one.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from aioturk.errors import InvalidRequest

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from aioturk.clock import Clock

__all__ = ["Counts", "Meter", "Progress", "ProgressOption", "Reporter", "resume_line"]

_log: Final = logging.getLogger("aioturk.batch")

_BETWEEN_CALLS = 0.1
"""Seconds between two calls of a function, and two changes of a bar."""
_NO_BAR_BEFORE = 0.5
"""Work that takes less than so many seconds needs no bar."""
_FIRST_LINES = (1.0, 2.0, 5.0, 10.0)
_BETWEEN_LINES = 30.0
"""When there are lines, in seconds since the beginning: then, and after that so far apart."""
_OF_LATE = 15.0
_BETWEEN_SAMPLES = 1.0
"""The rate is that of the last so many seconds, for which the count is kept in mind so many seconds apart."""
_LONGEST = 366 * 86400.0
"""A wait of so many seconds is no forecast."""


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How far a piece of work is.

    ``str()`` makes it a line: ``publishing: 812 of 1,000 (81 %), 12.4 a second, at most $48.72, 15 s left``.

    Attributes:
        what: What is done: ``"publishing"``, ``"approving"``, ...
        done: How many units have happened.
        total: How many there are to be, if that is known.
        refused: How many will not happen, for reasons of their own.
        rate: Units a second, of late; in the last report, on the whole.
        throttled: How many calls were throttled since the work began.
        retries: How many calls had to be repeated.
        cost: US dollars that it may cost in the end, fees included, with all that is done so far.
        eta: How much longer it will take at this rate, if the total is known.
        elapsed: How long it has taken.
        ended: Whether this is the last report.
    """

    what: str
    done: int
    total: int | None
    refused: int
    rate: float
    throttled: int
    retries: int
    cost: Decimal
    eta: timedelta | None
    elapsed: timedelta
    ended: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {', '.join([_count(self), *_figures(self), *_times(self)])}"


def _count(progress: Progress) -> str:
    if progress.total is None:
        return f"{progress.done:,}"
    count = f"{progress.done:,} of {progress.total:,}"
    if progress.ended or not progress.total:
        return count
    return f"{count} ({(progress.done + progress.refused) * 100 // progress.total} %)"


def _figures(progress: Progress) -> list[str]:
    """What else there is to say, zeros left out."""
    figures = []
    if progress.refused:
        figures.append(f"{progress.refused:,} refused")
    if progress.rate:
        figures.append(_pace(progress.rate))
    if progress.throttled:
        figures.append(f"{progress.throttled:,} throttled")
    if progress.retries:
        figures.append(f"{progress.retries:,} {'retry' if progress.retries == 1 else 'retries'}")
    if progress.cost:
        figures.append(f"at most ${progress.cost:,.2f}")
    return figures


def _pace(rate: float) -> str:
    return f"{rate:,.1f} a second" if rate >= 1 else f"{60 * rate:,.1f} a minute"


def _times(progress: Progress) -> list[str]:
    if progress.ended:
        return [f"in {_span(progress.elapsed)}"]
    return [] if progress.eta is None else [f"{_span(progress.eta)} left"]


def _span(time: timedelta) -> str:
    """A stretch of time in its two largest units."""
    seconds = round(time.total_seconds())
    for size, unit, smaller, less in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit} {rest} {less}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def resume_line(batch: str, ledger: str, what: str, done: int, total: int | None) -> str:
    """
    Say how far a batch was when it was stopped, and how to go on.

    Args:
        batch: The batch's name.
        ledger: What its ledger is called.
        what: What was being done.
        done: How many units have happened.
        total: How many there were to be, if that is known.
    """
    things, happened = _THINGS.get(what, ("steps", f"done ({what})"))
    count = f"{done:,}" if total is None else f"{done:,} of {total:,}"
    return (
        f"Stopped: {count} {things} of {batch} are {happened}, nothing is under way. "
        f"Run the same program again to go on; the ledger is {ledger}."
    )


_THINGS: Final = {
    "publishing": ("rows", "published"),
    "extending": ("HITs", "extended"),
    "approving": ("assignments", "approved"),
    "rejecting": ("assignments", "rejected"),
    "paying": ("bonuses", "paid"),
    "reviewing": ("decisions", "carried out"),
}


# Who is told.


ProgressOption: TypeAlias = bool | Callable[[Progress], object] | None
"""
How progress is shown.

* None: if the standard error is a terminal, a bar, or lines if ``rich`` is not there (``pip install 'aioturk[cli]'``);
  otherwise lines in the log ``aioturk.batch``, at the level INFO.
* True: the same, but the lines are always written to the standard error.
* False: not at all.
* A function: it is called with a `Progress`, every tenth of a second at most, and at the end. What it raises is logged
  once, and it is not called again: an error in it must not stop work that costs money.
"""


class Counts(Protocol):
    """What a client counts, as in :class:`aioturk.client.Statistics`."""

    @property
    def throttled(self) -> int:
        """Attempts that the service throttled."""
        ...

    @property
    def retries(self) -> int:
        """Attempts beyond the first of each call."""
        ...


class Reporter(Protocol):
    """Shows progress, at moments of its own choice."""

    def next(self, elapsed: float) -> float:
        """Return when the next report is wanted; both are seconds since the beginning."""
        ...

    def show(self, progress: Progress) -> None:
        """Show it. The last report comes unasked, and has `ended` set."""
        ...

    def close(self) -> None:
        """Leave things as they were; nothing more is shown."""
        ...


class _Function:
    """Calls a function of the caller's."""

    def __init__(self, function: Callable[[Progress], object]) -> None:
        self._function = function

    def next(self, elapsed: float) -> float:
        return elapsed + _BETWEEN_CALLS

    def show(self, progress: Progress) -> None:
        self._function(progress)

    def close(self) -> None:
        pass


class _Lines:
    """Writes lines, ever less often."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def next(self, elapsed: float) -> float:
        for moment in _FIRST_LINES:
            if elapsed < moment:
                return moment
        last = _FIRST_LINES[-1]
        return last + ((elapsed - last) // _BETWEEN_LINES + 1) * _BETWEEN_LINES

    def show(self, progress: Progress) -> None:
        self._write(str(progress))

    def close(self) -> None:
        pass


class _Bar:
    """Draws a bar on the terminal."""

    def __init__(self, screen: _Screen) -> None:
        self._screen = screen
        self._bar: TaskID | None = None

    def next(self, elapsed: float) -> float:
        return max(elapsed + _BETWEEN_CALLS, _NO_BAR_BEFORE)

    def show(self, progress: Progress) -> None:
        if self._bar is None:
            if progress.ended:
                return
            self._bar = self._screen.open(progress)
        self._screen.draw(self._bar, progress)

    def close(self) -> None:
        if self._bar is not None:
            self._screen.close(self._bar)


class _Screen:
    """The bars of all meters that are at work: two displays on one terminal would overwrite each other."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._open: set[TaskID] = set()

    def open(self, progress: Progress) -> TaskID:
        """Begin another bar."""
        if self._bars is None:
            bars = _display()
            bars.start()
            self._bars = bars
        bar = self._bars.add_task(progress.what, total=progress.total, count="", told="")
        self._open.add(bar)
        return bar

    def draw(self, bar: TaskID, progress: Progress) -> None:
        """Bring a bar up to date."""
        assert self._bars is not None
        handled = progress.done + progress.refused
        told = ", ".join(_figures(progress) + _times(progress))
        self._bars.update(bar, completed=handled, total=progress.total, count=_count(progress), told=told)

    def close(self, bar: TaskID) -> None:
        """Let a bar stand as it is; after the last one, the terminal is given back."""
        self._open.discard(bar)
        if self._bars is not None and not self._open:
            bars, self._bars = self._bars, None
            bars.stop()


_SCREEN: Final = _Screen()


def _display() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    return Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        console=Console(stderr=True),
        refresh_per_second=4,
    )


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _can_draw() -> bool:
    """Whether the standard error is a terminal on which rich can draw."""
    if not _is_terminal():
        return False
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return False
    console = Console(stderr=True)
    return console.is_terminal and not console.is_dumb_terminal


def _write_line(line: str) -> None:
    """Write a line to the standard error; a bar that is there stays below it."""
    if sys.stderr is not None:  # programs without a console have none
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _reporter(option: ProgressOption) -> Reporter | None:
    if option is False:
        return None
    if option is None or option is True:
        if _can_draw():
            return _Bar(_SCREEN)
        return _Lines(_write_line if option or _is_terminal() else _log.info)
    if not callable(option):
        raise InvalidRequest(
            f"is {option!r}; give True, False, None, or a function of a Progress.", argument="progress"
        )
    if inspect.iscoroutinefunction(option):
        raise InvalidRequest(
            "is an async function, and nobody would wait for it; give a plain one, which may start a task.",
            argument="progress",
        )
    return _Function(option)


# Counting.


class Meter:
    """
    A running count of what was done, which is shown from time to time.

    It has no task: it is shown when something is counted, at the earliest when its reporter wants it, and at the end.
    Leaving the ``with`` or ``async with`` block is the end; so is `finish`.

    Args:
        what: What is done: ``"publishing"``, ...
        total: How many units there are to be, if that is known.
        clock: What tells the time.
        option: How it is shown.
        statistics: Where calls are counted.

    Attributes:
        done: How many units have happened.
        refused: How many will not happen.
        cost: What all of that may cost.
        total: How many units there are to be; it may be set when it becomes known.

    Raises:
        InvalidRequest: The option is none.
    """

    __slots__ = (
        "_began",
        "_clock",
        "_next",
        "_option",
        "_reporter",
        "_retries",
        "_samples",
        "_statistics",
        "_throttled",
        "cost",
        "done",
        "refused",
        "total",
        "what",
    )

    def __init__(
        self,
        what: str,
        total: int | None,
        clock: Clock,
        option: ProgressOption = None,
        statistics: Counts | None = None,
    ) -> None:
        self.what: str = what
        self.total: int | None = total
        self.done: int = 0
        self.refused: int = 0
        self.cost: Decimal = Decimal(0)
        self._clock = clock
        self._option = option
        self._statistics = statistics
        self._throttled = statistics.throttled if statistics else 0
        self._retries = statistics.retries if statistics else 0
        self._reporter = _reporter(option)
        self._began = clock.monotonic()
        self._samples = deque([(self._began, 0)])
        self._next = self._began + self._reporter.next(0.0) if self._reporter else inf

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()

    async def __aenter__(self) -> Meter:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.finish()

    def step(self, done: int = 1, *, refused: int = 0, cost: Decimal | None = None) -> None:
        """
        Count units.

        Args:
            done: How many have happened.
            refused: How many will not happen.
            cost: What they may cost.
        """
        self.done += done
        self.refused += refused
        if cost is not None:
            self.cost += cost
        if self._reporter is not None and (now := self._clock.monotonic()) >= self._next:
            self._report(self._reporter, now, ended=False)

    def say(self, line: str) -> None:
        """Write a line to the standard error; into the log, if nothing is to be shown."""
        if self._option is False:
            _log.info(line)
            return
        try:
            _write_line(line)
        except (OSError, ValueError):  # it is closed, or nobody reads it
            _log.info(line, exc_info=True)

    def finish(self) -> None:
        """Show the end. A second time it does nothing."""
        if self._reporter is not None:
            self._report(self._reporter, self._clock.monotonic(), ended=True)
            self._close()

    def _report(self, reporter: Reporter, now: float, *, ended: bool) -> None:
        try:
            reporter.show(self._progress(now, ended=ended))
            self._next = self._began + reporter.next(now - self._began)
        except Exception:
            # Not worth breaking off work that costs money, somewhere in the middle.
            _log.exception("progress cannot be shown, and will not be any more; the work goes on")
            self._close()

    def _close(self) -> None:
        reporter, self._reporter = self._reporter, None
        if reporter is not None:
            try:
                reporter.close()
            except Exception:
                _log.exception("the progress bar cannot be taken from the terminal")

    def _progress(self, now: float, *, ended: bool) -> Progress:
        rate = self._rate(now, ended=ended)
        counts = self._statistics
        return Progress(
            what=self.what,
            done=self.done,
            total=self.total,
            refused=self.refused,
            rate=rate,
            throttled=counts.throttled - self._throttled if counts else 0,
            retries=counts.retries - self._retries if counts else 0,
            cost=self.cost,
            eta=self._eta(rate),
            elapsed=timedelta(seconds=now - self._began),
            ended=ended,
        )

    def _rate(self, now: float, *, ended: bool) -> float:
        """Units a second since about `_OF_LATE`, or, at the end, since the beginning."""
        handled = self.done + self.refused
        samples = self._samples
        while len(samples) > 1 and samples[1][0] <= now - _OF_LATE:
            samples.popleft()
        since, before = (self._began, 0) if ended else samples[0]
        if now - samples[-1][0] >= _BETWEEN_SAMPLES:
            samples.append((now, handled))
        return (handled - before) / (now - since) if now > since else 0.0

    def _eta(self, rate: float) -> timedelta | None:
        if self.total is None or rate <= 0:
            return None
        left = max(self.total - self.done - self.refused, 0) / rate
        return timedelta(seconds=left) if left < _LONGEST else None
