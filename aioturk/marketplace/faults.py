"""
Troubles on purpose: what goes wrong, how often, and in a way that can be repeated.

`Faults` is what a program asks for; `Mischief` deals the troubles out, one request after another. The gateway carries
them out, and what concerns the connection itself is done by :mod:`aioturk.marketplace.app`. Listing lag is only
asked for here: what a list does not show yet is for the store.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from aioturk._generated.service import ROUTES
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError

__all__ = ["CROWD_OPERATIONS", "Faults", "Mischief", "Trouble"]

CROWD_OPERATIONS = ("PutTask", "GetTask", "DeleteTask")
"""What can be done to a task of the Crowd API; the names are ours, as its requests have none."""

_PROBABILITIES = (
    "throttle",
    "drop_reply",
    "server_error",
    "server_error_before",
    "server_error_after",
    "reset",
    "truncate_reply",
)


@dataclass(frozen=True, slots=True)
class Faults:
    """
    What goes wrong. Probabilities lie between 0 and 1 and are independent of each other; a request is met by whatever
    strikes it first, in the order throttling, reset, server error, lost reply, truncated reply.

    Only requests with a good signature meet trouble; those that the service declines for a reason of its own have
    their answers neither lost nor truncated.

    Args:
        throttle: The request is declined with ``ThrottlingException`` and not executed.
        drop_reply: The request is executed; then the connection is closed without an answer.
        server_error: The request is answered with a ``ServiceFault`` (500): half of them before it is executed, half
            after it.
        seed: Makes the troubles the same in every run that sends the same requests in the same order. Each trouble
            has throws of its own, so that changing one probability leaves the others where they were.
        server_error_before: The request is answered with a ``ServiceFault`` and not executed.
        server_error_after: The request is executed, and answered with a ``ServiceFault``.
        reset: The request is read and not executed; the connection is reset (a TCP ``RST``), so that the client sees
            "connection reset by peer" and cannot know whether anything happened.
        truncate_reply: The request is executed; the answer announces its full length, and the connection is closed
            after half of its body.
        throttle_rate: Requests a second that are let through, all keys together; what comes faster is declined as
            with `throttle`. None lets any number through.
        throttle_burst: How many requests may come at once before the rate counts; ``throttle_rate`` rounded up when
            left out.
        latency: Seconds that each request waits before it is executed, or a pair ``(least, most)`` to choose between.
            A client that does not wait as long still has its request executed. Throttled requests do not wait.
        lag: Seconds that pass before lists and searches show new things, HITs and qualification types; who knows
            their ids finds them at once.
        only: The operations that meet trouble, such as ``{"CreateHIT", "SendBonus"}``, ``{"PutTask", "GetTask",
            "DeleteTask"}`` being those of the Crowd API; the others go through unharmed, and are not counted by
            `throttle_rate`. It does not restrict `lag`. None means all.

    Raises:
        ConfigurationError: A value makes no sense.
    """

    throttle: float = 0.0
    drop_reply: float = 0.0
    server_error: float = 0.0
    seed: int | None = None
    _: KW_ONLY
    server_error_before: float = 0.0
    server_error_after: float = 0.0
    reset: float = 0.0
    truncate_reply: float = 0.0
    throttle_rate: float | None = None
    throttle_burst: int | None = None
    latency: float | timedelta | tuple[float | timedelta, float | timedelta] = 0.0
    lag: float | timedelta = 0.0
    only: Collection[str] | None = None

    def __post_init__(self) -> None:
        for name in _PROBABILITIES:
            value = getattr(self, name)
            if not _is_number(value) or not 0 <= value <= 1:
                raise _senseless(name, value, "a probability lies between 0 and 1.")
        if self.seed is not None and not _is_whole(self.seed):
            raise _senseless("seed", self.seed, "give an integer, or None for other troubles in every run.")
        self._check_rate()
        least, most = self.latency_range
        if least > most:
            raise _senseless("latency", self.latency, "write the pair as (least, most).")
        _seconds("lag", self.lag)
        if self.only is not None:
            # Kept as a frozenset, so that whoever asked cannot change it later.
            object.__setattr__(self, "only", _operations(self.only))

    def _check_rate(self) -> None:
        rate, burst = self.throttle_rate, self.throttle_burst
        if rate is not None and (not _is_number(rate) or not 0 < rate < math.inf):
            raise _senseless("throttle_rate", rate, "write requests a second; throttle=1 lets none through.")
        if burst is None:
            return
        if not _is_whole(burst) or burst < 1:
            raise _senseless("throttle_burst", burst, "write a number of requests, 1 or more.")
        if rate is None:
            raise _senseless("throttle_burst", burst, "it needs a throttle_rate, which says how many may follow.")

    @property
    def latency_range(self) -> tuple[float, float]:
        """The least and the most that a request waits, in seconds."""
        if isinstance(self.latency, tuple | list):
            if len(self.latency) != 2:
                raise _senseless("latency", self.latency, "write seconds, or a pair (least, most).")
            least, most = self.latency
            return _seconds("latency", least), _seconds("latency", most)
        seconds = _seconds("latency", self.latency)
        return seconds, seconds

    @property
    def lag_milliseconds(self) -> int:
        """For how long new things are in no list, in milliseconds."""
        return round(_seconds("lag", self.lag) * 1000)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to one request, in this order; who is throttled meets nothing else."""

    throttle: bool = False
    latency: float = 0.0
    reset: bool = False
    fail_before: bool = False
    fail_after: bool = False
    drop_reply: bool = False
    truncate_reply: bool = False


_NONE = Trouble()


class Mischief:
    """
    Deals out troubles.

    Args:
        faults: Which; None for none.
        clock: What the rate of requests is measured by, and waited by.
    """

    def __init__(self, faults: Faults | None = None, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self.faults = faults

    @property
    def faults(self) -> Faults | None:
        """What goes wrong. Setting it begins anew: the seed's first throws, and a full burst."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults | None) -> None:
        wanted = faults or Faults()
        self._faults = faults
        self._latency = wanted.latency_range
        self._bucket = None
        if wanted.throttle_rate is not None:
            burst = wanted.throttle_burst or math.ceil(wanted.throttle_rate)
            self._bucket = _Bucket(wanted.throttle_rate, burst, self._clock)
        self._random = random.Random(wanted.seed)
        # Throws that came later have streams of their own, so that what an old seed dealt out stays as it was.
        self._before, self._after, self._reset, self._truncate, self._wait = (
            random.Random(None if wanted.seed is None else f"{wanted.seed} {name}")
            for name in ("server_error_before", "server_error_after", "reset", "truncate_reply", "latency")
        )

    def next(self, operation: str) -> Trouble:
        """
        Decide what happens to the next request.

        Args:
            operation: The operation's name, in the service's words.
        """
        faults = self._faults
        if faults is None:
            return _NONE
        # Always the same number of throws, so that changing one probability leaves the other troubles where they were.
        throttle, fail, after, drop = (self._random.random() for _ in range(4))
        failing = fail < faults.server_error
        trouble = Trouble(
            latency=self._wait.uniform(*self._latency),
            reset=self._reset.random() < faults.reset,
            fail_before=self._before.random() < faults.server_error_before or (failing and after < 0.5),
            fail_after=self._after.random() < faults.server_error_after or (failing and after >= 0.5),
            drop_reply=drop < faults.drop_reply,
            truncate_reply=self._truncate.random() < faults.truncate_reply,
        )
        if faults.only is not None and operation not in faults.only:
            return _NONE
        # The bucket first: whoever is declined by chance was a request all the same.
        too_fast = self._bucket is not None and not self._bucket.take()
        return Trouble(throttle=True) if too_fast or throttle < faults.throttle else trouble

    async def wait(self, trouble: Trouble) -> None:
        """Let a request wait as long as it has to."""
        if trouble.latency:
            await self._clock.sleep(trouble.latency)


class _Bucket:
    """Holds so many requests at most, and is filled with so many a second."""

    def __init__(self, rate: float, burst: int, clock: Clock) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._held = self._burst
        self._filled = clock.monotonic()

    def take(self) -> bool:
        """Take one out; False means that it is empty."""
        now = self._clock.monotonic()
        self._held = min(self._burst, self._held + (now - self._filled) * self._rate)
        self._filled = now
        if self._held < 1:
            return False
        self._held -= 1
        return True


# What can be asked for.


def _senseless(name: str, value: object, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"Faults({name}={value!r}): {remedy}")


def _is_number(value: Any) -> bool:
    # A bool is a number to Python: throttle=True would throttle everything, which hardly anybody means.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _seconds(name: str, value: float | timedelta) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not _is_number(seconds) or not 0 <= seconds < math.inf:
        raise _senseless(name, value, "write seconds, 0 or more, or a timedelta.")
    return float(seconds)


def _operations(only: Collection[str]) -> frozenset[str]:
    if isinstance(only, str):
        raise _senseless("only", only, f"write a set of operations: only={{{only!r}}}.")
    names = frozenset(only)
    if not names:
        raise _senseless("only", only, "no operation would meet trouble; leave it out to mean all of them.")
    known = {*ROUTES, *CROWD_OPERATIONS}
    plain = {_plain(name): name for name in known}
    for name in sorted(names - known, key=str):
        alike = get_close_matches(_plain(str(name)), plain, 1)
        hint = f"did you mean {plain[alike[0]]!r}?" if alike else "write the service's names, such as 'CreateHIT'."
        raise ConfigurationError(f"Faults(only=...): there is no operation {name!r}; {hint}")
    return names


def _plain(name: str) -> str:
    """The name without what the spellings ``create_hit`` and ``CreateHIT`` differ in."""
    return name.replace("_", "").lower()
