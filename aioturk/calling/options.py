"""What each view of a caller may set for itself, and what users may give for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aioturk.clock import Clock
from aioturk.errors import ConfigurationError
from aioturk.retries import RetryPolicy
from aioturk.throttle import Pacer

__all__ = ["Options", "pacer_of", "policy_of", "rate_of", "timeout_of"]


@dataclass(frozen=True, slots=True)
class Options:
    """
    What a view may set for itself.

    Attributes:
        timeout: Seconds that bound every call.
        policy: How patient to be; None makes a single attempt.
        pacer: The ceiling, if one was set.
        tokens_since: When request tokens may first have been sent, by an earlier run of the program.
    """

    timeout: float
    policy: RetryPolicy | None
    pacer: Pacer | None
    tokens_since: float | None = None

    @classmethod
    def checked(
        cls, timeout: float | timedelta, retries: RetryPolicy | bool | None, rate: float | None, clock: Clock
    ) -> Options:
        """
        Make options of what a user gave.

        Raises:
            ConfigurationError: An argument cannot work.
        """
        return cls(timeout_of(timeout), policy_of(retries), pacer_of(rate, clock))


def timeout_of(timeout: timedelta | float) -> float:
    """
    Return a call's timeout in seconds.

    Raises:
        ConfigurationError: It is not a positive time.
    """
    seconds: Any = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise ConfigurationError(f"timeout is {timeout!r}; give a positive number of seconds, or a timedelta.")
    return float(seconds)


def policy_of(retries: object) -> RetryPolicy | None:
    """
    Return how patient to be.

    Raises:
        ConfigurationError: It is neither a policy nor True, False or None.
    """
    if retries is False:
        return None
    if retries is None or retries is True:
        return RetryPolicy()
    if not isinstance(retries, RetryPolicy):
        raise ConfigurationError(f"retries is {retries!r}; give False or an aioturk.RetryPolicy.")
    return retries


def pacer_of(rate: object, clock: Clock) -> Pacer | None:
    """Return what keeps to a rate, if there is one."""
    return None if rate is None else Pacer(rate_of(rate), clock=clock)


def rate_of(rate: object) -> float:
    """
    Return a rate, in calls a second.

    Raises:
        ConfigurationError: It is no positive number.
    """
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < float("inf"):
        raise ConfigurationError(f"rate is {rate!r}; give a positive number of calls a second.")
    return rate
