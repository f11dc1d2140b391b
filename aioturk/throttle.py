"""
How fast to go: a ceiling, a rate that is learned, and a purse for repeats.

Three things hand out turns, first come, first served, and never block the event loop:

* `Pacer`: at most so many calls a second, as the user said;
* `Throttle`: unlimited until the service throttles, then as fast as the service lets us;
* `RetryBudget`: how many repeats the whole client may make, so that an outage does not become a storm.

One of each serves a whole client with all its views. They only pace: *whether* an attempt is repeated
is decided in :mod:`aioturk.retries`, and what became of it is told in :mod:`aioturk.errors`.

How the rate is learned
    Outcomes are counted in windows of at least a second and ten calls. A window with more throttled calls
    than usual starts a *trial*: the rate is cut to what got through. If the share of throttled calls falls, the cut
    stands. If it does not, throttling has nothing to do with the rate (it is random, or somebody else's doing): the cut
    is undone, that share becomes the *usual* one, and the next trial against it waits twice as long as the last. A
    share that rises when the cut is undone proves the opposite: a stock of permits, say, had hidden the limit.
    Undisturbed, the rate creeps up to the last known limit and leaves it ever faster, in case the limit has moved.
"""

from __future__ import annotations

import asyncio
import heapq
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count
from math import inf, log, sqrt
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec

if TYPE_CHECKING:
    from aioturk.clock import Clock

__all__ = ["Pacer", "RetryBudget", "Throttle"]


@dataclass(slots=True, eq=False)
class _Line:
    """Those who wait for a turn in one event loop; `busy` means that somebody stands at its head."""

    busy: bool = False
    waiting: OrderedDict[asyncio.Future[bool], float | None] = field(default_factory=OrderedDict)
    deadlines: list[tuple[float, int, asyncio.Future[bool]]] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)

    def join(self, waiter: asyncio.Future[bool], deadline: float | None) -> None:
        self.waiting[waiter] = deadline
        if deadline is None:
            return
        if len(self.deadlines) > 2 * len(self.waiting) + 64:
            # Most entries belong to waiters that are long gone.
            self.deadlines = [entry for entry in self.deadlines if entry[2] in self.waiting]
            heapq.heapify(self.deadlines)
        heapq.heappush(self.deadlines, (deadline, next(self.numbers), waiter))

    def next_deadline(self) -> float:
        while self.deadlines and self.deadlines[0][2] not in self.waiting:
            heapq.heappop(self.deadlines)
        return self.deadlines[0][0] if self.deadlines else inf

    def dismiss(self, until: float) -> None:
        """Tell everybody whose deadline comes before `until` that there is no turn for them."""
        while self.next_deadline() < until:
            waiter = heapq.heappop(self.deadlines)[2]
            del self.waiting[waiter]
            if not waiter.done():
                waiter.set_result(False)

    def step_forward(self) -> None:
        """Let the next one stand at the head."""
        while self.waiting:
            waiter, _ = self.waiting.popitem(last=False)
            if not waiter.done():
                waiter.set_result(True)
                return
        self.busy = False
        self.deadlines.clear()


class _Turnstile(ABC):
    """
    Turns, one after the other.

    Only the head of the line sleeps; it wakes the next one when it leaves, by its turn, its deadline or a
    cancellation. So there is no task, one wake-up a turn however long the line is, and a change of pace is felt
    by everybody at once. Futures belong to an event loop, hence a line for each; the pace is common.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()

    @abstractmethod
    def _due(self, now: float) -> float:
        """When the head of the line may go, as far as is known."""

    @abstractmethod
    def _enter(self, now: float) -> None:
        """Somebody takes a turn."""

    @abstractmethod
    def _hopeless(self, deadline: float, ahead: int, now: float) -> bool:
        """Whether waiting until `deadline` behind `ahead` others is in vain."""

    def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None:
            line = self._lines[loop] = _Line()
        return line

    async def acquire(self, deadline: float | None = None) -> bool:
        """
        Wait for a turn.

        Args:
            deadline: The latest useful moment, on the clock's `monotonic` scale.

        Returns:
            True when it is the caller's turn; False when the deadline comes first.
        """
        now = self._clock.monotonic()
        line = self._line()
        if not line.busy:
            if self._due(now) <= now:
                self._enter(now)
                return True
            if deadline is not None and self._hopeless(deadline, 0, now):
                return False
            line.busy = True
        else:
            if deadline is not None and self._hopeless(deadline, 1 + len(line.waiting), now):
                return False
            if not await self._queue(line, deadline):
                return False
        try:
            return await self._at_the_head(line, deadline)
        finally:
            line.step_forward()

    async def _queue(self, line: _Line, deadline: float | None) -> bool:
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        line.join(waiter, deadline)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.result():
                line.step_forward()
            else:
                line.waiting.pop(waiter, None)
            raise

    async def _at_the_head(self, line: _Line, deadline: float | None) -> bool:
        while True:
            now = self._clock.monotonic()
            line.dismiss(now)
            due = self._due(now)
            if due <= now:
                self._enter(now)
                return True
            if deadline is not None:
                if self._hopeless(deadline, 0, now):
                    return False
                due = min(due, deadline)
            await self._clock.sleep(max(min(due, line.next_deadline()) - now, _TICK))


_TICK = 1e-6
"""Sleep at least this long: a shorter one may not move a clock of doubles, and the head would spin."""

_CATCH_UP = 0.02
"""Timers are late by milliseconds; turns missed within this many seconds are made up for, older ones are not."""

_LONGEST_PAUSE = 60.0
"""The most seconds of a `Retry-After` that are honoured."""


class Pacer(_Turnstile):
    """
    A ceiling: turns evenly spaced, at most `rate` a second.

    In any stretch of T seconds there are at most ``rate * (T + 0.02) + 1`` turns. The order is first come, first
    served; a turn that would come after the deadline is refused at once.

    Args:
        rate: Calls a second.
        clock: Where the time comes from.
    """

    def __init__(self, rate: float, *, clock: Clock) -> None:
        if not 0 < rate < inf:
            raise ValueError(f"rate must be a positive number of calls a second, not {rate!r}")
        super().__init__(clock)
        self.rate = rate
        self._next = -inf

    def _due(self, now: float) -> float:
        return self._next

    def _enter(self, now: float) -> None:
        self._next = max(self._next, now - _CATCH_UP) + 1 / self.rate

    def _hopeless(self, deadline: float, ahead: int, now: float) -> bool:
        return max(self._next, now) + ahead / self.rate > deadline


class RetryBudget(_Turnstile):
    """
    A purse that every repeat of an attempt is paid from, one coin each.

    It starts full; a success puts `per_success` coins in, and time `per_second`. So nobody notices it while at least
    one attempt in ``1 + per_success`` succeeds; in an outage the whole client makes `capacity` repeats and then
    `per_second`, however many callers wait; and the first successes after it let everybody through again.
    An empty purse does not fail a call: it waits, in order, until its deadline.

    Args:
        clock: Where the time comes from.
        capacity: The most coins that are kept.
        per_success: Coins for a success.
        per_second: Coins that come by themselves.
    """

    def __init__(
        self, *, clock: Clock, capacity: float = 100.0, per_success: float = 5.0, per_second: float = 5.0
    ) -> None:
        super().__init__(clock)
        self._capacity = capacity
        self._per_success = per_success
        self._per_second = per_second
        self._coins = capacity
        self._counted = clock.monotonic()

    def succeeded(self) -> None:
        """An attempt was answered: the service works."""
        self._coins = min(self._capacity, self._coins + self._per_success)

    def _count(self, now: float) -> None:
        self._coins = min(self._capacity, self._coins + (now - self._counted) * self._per_second)
        self._counted = now

    def _due(self, now: float) -> float:
        self._count(now)
        # The sum of many small refills may miss a whole coin by a rounding error.
        return now if self._coins > 1 - 1e-9 else now + (1 - self._coins) / self._per_second

    def _enter(self, now: float) -> None:
        self._coins -= 1

    def _hopeless(self, deadline: float, ahead: int, now: float) -> bool:
        # Successes may fill the purse at any moment, so only the deadline itself ends the hope.
        return deadline <= now


class Throttle(_Turnstile):
    """
    As fast as the service lets the whole client go: unlimited until it throttles, then at the learned rate.

    Every turn is followed by exactly one of `succeeded`, `throttled` and `ended`. The order is first come, first
    served; a turn that, at the present pace, would come after the deadline is refused at once.

    Args:
        clock: Where the time comes from.
        rate: Calls a second to start with, as learned before; None means unlimited.
    """

    def __init__(self, *, clock: Clock, rate: float | None = None) -> None:
        if rate is not None and not 0 < rate < inf:
            raise ValueError(f"rate must be a positive number of calls a second or None, not {rate!r}")
        super().__init__(clock)
        self._learner = _Learner(rate)
        self._last = -inf
        self._resume = -inf
        self._free = rate is None

    @property
    def rate(self) -> float | None:
        """Calls a second, as learned; None while unlimited."""
        return self._learner.rate

    def memory(self) -> str:
        """
        Return all that was learned so far, for `recall` of the next `Throttle`.

        The rate alone would not do: a cut whose use is not proven yet would be taken for the limit. Where many live for
        a short time, one after the other, each would start lower than the last, for nothing.
        """
        return msgspec.json.encode(self._learner.memory()).decode()

    def recall(self, memory: str) -> None:
        """
        Go on from where another `Throttle` was; nothing happens if this one has learned something itself.

        Args:
            memory: What that one knew.

        Raises:
            ValueError: It is no such memory.
        """
        known = msgspec.json.decode(memory, type=_Memory)  # its exceptions are ValueErrors
        if known.rate is not None and not 0 < known.rate < inf:
            raise ValueError(f"rate must be a positive number of calls a second, not {known.rate!r}")
        if self._learner.recall(known):
            self._free = known.rate is None

    def enter(self) -> bool:
        """Take a turn if there is no limit; otherwise return False, and `acquire` is to be used."""
        if self._free:
            if not self._learner.in_flight:
                self._learner.wake(self._clock.monotonic())
            self._learner.in_flight += 1
        return self._free

    async def acquire(self, deadline: float | None = None) -> bool:
        """
        Wait for a turn; without a limit, return at once.

        Args:
            deadline: The latest useful moment, on the clock's `monotonic` scale.

        Returns:
            True when it is the caller's turn; False when its turn would come after the deadline.
        """
        if self.enter():
            return True
        if self._learner.rate is None and self._resume <= self._clock.monotonic() and not self._line().busy:
            self._free = True
        return await super().acquire(deadline)

    def succeeded(self) -> None:
        """The service dealt with the attempt: it did what was asked, or refused it for a reason of its own."""
        self._count(answered=True, throttled=False)

    def throttled(self, retry_after: float | None = None) -> None:
        """
        The service asked to go slower.

        Args:
            retry_after: Seconds that it asked to wait. Nobody gets a turn meanwhile, but for a minute at most.
        """
        now = self._count(answered=True, throttled=True)
        if retry_after is not None and retry_after > 0:
            self._free = False
            self._resume = max(self._resume, now + min(retry_after, _LONGEST_PAUSE))
            self._line().dismiss(self._resume)

    def ended(self) -> None:
        """The attempt ended without telling anything about the rate: the network failed, or it was cancelled."""
        self._count(answered=False, throttled=False)

    def _count(self, *, answered: bool, throttled: bool) -> float:
        now = self._clock.monotonic()
        self._learner.outcome(now, answered=answered, throttled=throttled)
        if not self._learner.in_flight and not any(line.busy for line in self._lines.values()):
            self._learner.rest(now)
        if self._learner.rate is not None:
            self._free = False
        return now

    def _due(self, now: float) -> float:
        rate = self._learner.rate
        return self._resume if rate is None else max(self._resume, self._last + 1 / rate)

    def _enter(self, now: float) -> None:
        rate = self._learner.rate
        if not self._learner.in_flight:
            self._learner.wake(now)
        self._last = now if rate is None else max(self._last + 1 / rate, now - _CATCH_UP)
        self._learner.in_flight += 1

    def _hopeless(self, deadline: float, ahead: int, now: float) -> bool:
        rate = self._learner.rate
        return max(self._due(now), now) + (ahead / rate if rate else 0.0) > deadline


_LEAST_RATE = 0.5
"""Calls a second below which the rate never falls."""
_WINDOW_SECONDS = 1.0
_WINDOW_CALLS = 10
"""A window lasts so long and holds so many calls at least (twice as many where some are always throttled)."""
_DOUBTFUL_CALLS = 60
"""A window with a few throttled calls stays open until it has so many, since a few may be chance."""
_TRIAL_CALLS = 300
"""A trial is decided by then, even if narrowly."""
_TRIAL_SECONDS = 3.0
"""So many seconds' worth of calls may a trial cost, too."""
_SMALL_TRIAL_CALLS = 40
"""So soon, when the next step of a failure is only a deeper cut."""
_NEGLIGIBLE = 0.01
"""A share of throttled calls that is not worth slowing down for."""
_MARGIN = 0.97
"""A cut goes to this part of what got through."""
_APPROACH = 12
"""Windows from a cut back to the limit."""
_DEPARTURE = 5
"""Windows that the rate then stays just above it."""
_ELSEWHERE = 1.5
"""So many times the last known limit, without throttling, show that the limit has moved."""
_STRIDE = 1.3
"""The rate then grows so much a window."""
_SIGNIFICANT = 2.5
"""Standard deviations that are not taken for chance."""
_TELLING = 1.5
"""Standard deviations that are worth keeping a series of cuts for, of which the last one failed."""
_CERTAIN = log(1000)
"""Likelihood ratio at which a cut is useful without further calls."""
_LIKELY = log(20)
"""Likelihood ratio at which it is useful at the end of the trial, and against it, useless at any time."""
_PATIENCE = 64
"""The most windows between two trials against throttling that seemed not to depend on the rate."""
_MEMORY = 400
"""Calls over which the usual share is averaged, and a little more."""
_SETTLING = 1.0
"""Seconds after a change that do not count: services that count by the second know the former rate so long."""
_LOST_AFTER = 5.0
"""Seconds after which an outcome that is still missing is not waited for."""


@dataclass(slots=True)
class _Tally:
    """What was seen in a stretch of time."""

    calls: float = 0
    throttled: float = 0
    seen: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        return self.throttled / self.calls if self.calls else 0.0

    def above(self, other: _Tally) -> float:
        """By how many standard deviations this share lies above the other one (pooled two-proportion test)."""
        pooled = (self.throttled + other.throttled) / (self.calls + other.calls)
        deviation = sqrt(pooled * (1 - pooled) * (1 / self.calls + 1 / other.calls))
        return (self.share - other.share) / deviation if deviation else 0.0

    def add(self, other: _Tally) -> None:
        """Take the other one in, and forget the distant past."""
        fade = 0.5 if self.calls > _MEMORY else 1.0
        self.calls = self.calls * fade + other.calls
        self.throttled = self.throttled * fade + other.throttled


@dataclass(slots=True)
class _Trial:
    """A cut whose use is not proven yet, and how things were before it."""

    rate: float | None
    """The rate to go back to."""
    speed: float
    """The same, as a number."""
    cut: float
    """The rate on trial."""
    before: _Tally
    hope: float
    """The share that a useful cut leads to."""
    small: bool
    """Whether a deeper cut follows if this one is useless."""
    vague: bool
    """Whether hardly anything got through, so that the cut is a guess."""

    @property
    def depth(self) -> float:
        return self.cut / self.speed

    def verdict(self, now: _Tally) -> float:
        """
        Weigh two explanations of the share `now`: it fell (by a quarter, or half-way to the hoped one), or not at all.

        Returns:
            The logarithm of the likelihood ratio (Wald's sequential test).
        """
        same = (self.before.throttled + 0.5) / (self.before.calls + 1)
        if same <= self.hope:
            return 0.0
        return max(_likelihood(now, same, 0.75 * same), _likelihood(now, same, (same + self.hope) / 2))


def _likelihood(tally: _Tally, same: float, fell: float) -> float:
    passed = tally.calls - tally.throttled
    return tally.throttled * log(fell / same) + passed * log((1 - fell) / (1 - same))


@dataclass(slots=True)
class _Memory:
    """What a `_Learner` knows, apart from what is under way."""

    rate: float | None
    limit: float | None
    age: int
    searching: bool
    proven: float | None
    usual: float
    usual_at_most: float
    history: _Tally
    window: _Tally
    trial: _Trial | None
    series: _Trial | None
    just_undone: bool
    patience: int
    rest: int


class _Learner:
    """The rate as a function of outcomes and their times: no clock, no waiting."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.in_flight = 0
        self._window = _Tally()
        self._last = inf
        self._resting_since: float | None = None
        self._stale = 0
        self._changed = -inf
        # Where the last useful cut was made, and how many busy windows ago.
        self._limit = rate
        self._age = _APPROACH
        self._searching = False
        self._proven: float | None = None
        # The share that does not depend on the rate, as far as is known.
        self._usual = 0.0
        self._usual_at_most = 0.0
        self._history = _Tally()
        self._trial: _Trial | None = None
        self._series: _Trial | None = None
        self._just_undone = False
        self._patience = 1
        self._rest = 0

    def memory(self) -> _Memory:
        """Return what is known."""
        return _Memory(
            rate=self.rate,
            limit=self._limit,
            age=self._age,
            searching=self._searching,
            proven=self._proven,
            usual=self._usual,
            usual_at_most=self._usual_at_most,
            history=self._history,
            window=self._window,
            trial=self._trial,
            series=self._series,
            just_undone=self._just_undone,
            patience=self._patience,
            rest=self._rest,
        )

    def recall(self, memory: _Memory) -> bool:
        """Know what another one knew, unless something was learned already; say whether it is so."""
        if self.rate is not None or self._usual:
            return False
        self.rate = memory.rate
        self._limit = memory.limit
        self._age = memory.age
        self._searching = memory.searching
        self._proven = memory.proven
        self._usual = memory.usual
        self._usual_at_most = memory.usual_at_most
        self._history = memory.history
        self._window = memory.window
        self._trial = memory.trial
        self._series = memory.series
        self._just_undone = memory.just_undone
        self._patience = memory.patience
        self._rest = memory.rest
        return True

    def outcome(self, now: float, *, answered: bool, throttled: bool) -> None:
        """Count the end of an attempt; `answered` tells whether it says anything about the rate."""
        self.in_flight = max(0, self.in_flight - 1)
        gap, self._last = now - self._last, now
        if self._is_stale(now):
            return
        window = self._window
        if 0 < gap < inf:
            window.seconds += gap
        window.seen += 1
        if answered:
            window.calls += 1
            window.throttled += throttled
        if window.seconds >= _WINDOW_SECONDS and window.calls >= _WINDOW_CALLS * (2 if self._usual else 1):
            if self._trial is not None:
                self._judge(now, self._trial)
            else:
                self._close(now)

    def rest(self, now: float) -> None:
        """From now on nobody calls, nor waits to call."""
        self._resting_since = now

    def wake(self, now: float) -> None:
        """Somebody calls again: time in which nobody did says nothing about the service."""
        if self._resting_since is not None:
            self._last += now - self._resting_since
            self._resting_since = None

    def _is_stale(self, now: float) -> bool:
        """Whether the outcome may still be that of the former rate: sent before the change, or just after it."""
        age = now - self._changed
        if self._stale:
            self._stale -= 1
            if age > _LOST_AFTER:
                self.in_flight = max(0, self.in_flight - self._stale)
                self._stale = 0
        return self._stale > 0 or age < _SETTLING

    def _open(self, now: float, *, changed: bool) -> None:
        self._window = _Tally()
        if changed:
            self._stale = self.in_flight
            self._changed = now

    # Windows.

    def _close(self, now: float) -> None:
        window = self._window
        if self._exceeds(window):
            if self._just_undone and self._exceeds(window, 5.0):
                # Raising the rate raised the share, so the rate mattered after all.
                self._forget()
            self._cut(now, window, self._usual)
        elif self._elevated(window) and window.calls < (_MEMORY if self._usual else _DOUBTFUL_CALLS):
            return
        elif self._usual > 2 * _NEGLIGIBLE and self._rest <= 0:
            self._remember(window)
            self._cut(now, window, 0.0)
        else:
            self._rest -= 1
            self._series = None
            self._remember(window)
            self._grow(window)
            self._open(now, changed=False)
        self._just_undone = False

    def _exceeds(self, window: _Tally, deviations: float = 3.0) -> bool:
        """Whether more calls were throttled than usual, beyond chance."""
        expected = (self._usual + _NEGLIGIBLE) * window.calls
        return window.throttled >= 3 and window.throttled > expected + deviations * self._spread(window)

    def _elevated(self, window: _Tally) -> bool:
        """Whether it looks like more than usual, chance or not."""
        expected = (self._usual + 2 * _NEGLIGIBLE) * window.calls
        return window.throttled > expected + self._spread(window)

    def _spread(self, window: _Tally) -> float:
        """One standard deviation of the throttled calls in a usual window; both shares are uncertain."""
        if not self._usual:
            return 0.0
        return sqrt(self._usual * (1 - self._usual) * window.calls * (1 + window.calls / self._history.calls))

    def _remember(self, window: _Tally) -> None:
        """Let the usual share follow the observed one, without creeping up: that takes a failed trial."""
        if self._usual:
            self._history.add(window)
            self._usual = min(self._usual_at_most, self._history.share)

    def _learn(self, window: _Tally) -> None:
        """Take the share as the usual one from now on."""
        self._history.add(window)
        self._usual = usual = self._history.share
        self._usual_at_most = usual + 2 * sqrt(usual * (1 - usual) / self._history.calls)

    def _forget(self) -> None:
        self._usual = 0.0
        self._history = _Tally()
        self._patience = 1

    def _grow(self, window: _Tally) -> None:
        """Creep up to the limit and leave it ever faster; only if the rate is what holds the callers back."""
        if self.rate is None or self._limit is None:
            return
        bound = window.seen >= 0.75 * self.rate * window.seconds
        if not bound or self._elevated(window):
            return
        self._proven = self.rate
        if self._searching or self.rate > _ELSEWHERE * self._limit:
            # The limit is not known, or not where it was.
            self.rate *= _STRIDE
            return
        self._age += 1
        past = self._age - _APPROACH
        beyond = past / (_APPROACH if past < 0 else _DEPARTURE)
        self.rate = max(self.rate, self._limit * (1 + (1 - _MARGIN) * beyond**3))

    # Trials.

    def _cut(self, now: float, window: _Tally, hope: float) -> None:
        speed = window.calls / window.seconds if self.rate is None else self.rate
        passed = window.calls - window.throttled
        through = max(passed, 1) / window.seconds / max(1 - hope, _NEGLIGIBLE)
        rate = max(_MARGIN * min(through, speed), _LEAST_RATE)
        if hope:
            rate = max(rate, 0.7 * speed)
        if self._proven is not None and rate < 0.75 * self._proven <= 0.75 * speed:
            # Less than passed a moment ago at nearly the same rate. A service that forgives nothing answers so
            # when its limit is passed by a hair: try a small step first.
            rate = max(_MARGIN * self._proven, _LEAST_RATE)
        small = self._series is None and not self._usual and rate > 0.5 * speed
        self._proven = None
        if rate < speed:
            before = window if hope or not self._usual else self._history
            self._trial = _Trial(self.rate, speed, rate, before, hope, small, vague=passed < _WINDOW_CALLS)
            if self._series is None:
                self._series = self._trial
            self.rate = rate
        self._searching = False
        self._open(now, changed=rate < speed)

    def _judge(self, now: float, trial: _Trial) -> None:
        window = self._window
        late = window.calls >= (_SMALL_TRIAL_CALLS if trial.small else _TRIAL_CALLS)
        if window.calls >= _DOUBTFUL_CALLS:
            late = late or window.seconds * (1 - trial.depth) > _TRIAL_SECONDS
        if self._useful(trial, late=late):
            self._accept(now, trial)
        elif not late and trial.verdict(window) >= -_LIKELY:
            return
        elif window.above(trial.before) > _SIGNIFICANT:
            # A stock of permits ran out meanwhile: only now the service shows its rate.
            self._trial = None
            self._forget()
            self._cut(now, window, 0.0)
        elif trial.small:
            self._trial = None
            self._cut(now, window, trial.hope)
        else:
            self._undo(now, trial)

    def _useful(self, trial: _Trial, *, late: bool) -> bool:
        """Whether the share of throttled calls has fallen; `late` asks for a decision on what is known."""
        verdict = trial.verdict(self._window)
        fall = trial.before.above(self._window)
        if not late:
            return verdict > _CERTAIN and fall > _SIGNIFICANT
        if trial.small and not self._exceeds(self._window):
            return True
        # A shallow cut is kept on weaker evidence, since it does little harm.
        ease = 0.5 if trial.depth > 0.5 and not self._usual else 1.0
        return verdict > ease * _LIKELY and fall > ease * _SIGNIFICANT

    def _accept(self, now: float, trial: _Trial) -> None:
        self._trial = None
        self._limit = trial.cut / _MARGIN
        self._age = 0
        self._searching = trial.vague and not trial.small
        if self._window.share < self._usual / 2:
            self._forget()
        elif self._window.share < self._usual:
            self._history = _Tally()
            self._learn(self._window)
        self._open(now, changed=False)

    def _undo(self, now: float, trial: _Trial) -> None:
        """Back to the rate before the cut; before the whole series, if all of it was in vain."""
        if self._series is not None and self._series.before.above(self._window) < _TELLING:
            trial = self._series
        self._trial = self._series = None
        self.rate = self._limit = trial.rate
        self._age = _APPROACH
        self._searching = False
        self._history = _Tally()
        self._history.add(trial.before)
        self._learn(self._window)
        self._just_undone = True
        self._patience = min(2 * self._patience, _PATIENCE)
        self._rest = self._patience
        self._open(now, changed=True)
