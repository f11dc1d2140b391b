"""
`Caller`: the road of every call, from its turn to its answer.

Which request it is, and what the answer says, is known to those who stand on it: the call brings both.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from aioturk import sigv4
from aioturk._core import endpoints
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk._version import __version__
from aioturk.calling.connection import Connection, Statistics
from aioturk.calling.options import Options, pacer_of, policy_of, timeout_of
from aioturk.credentials import Credentials
from aioturk.errors import (
    ConfigurationError,
    ConnectFailed,
    CredentialsRefused,
    DeadlineExceeded,
    Fate,
    ServiceError,
    Throttled,
    TurkError,
)
from aioturk.retries import Call, Retrier, RetryPolicy

__all__ = ["USER_AGENT", "Caller", "service_time"]

T = TypeVar("T")

logger: logging.Logger = logging.getLogger("aioturk")

USER_AGENT: Final = ("User-Agent", f"aioturk/{__version__}")
"""The header in which every request says who makes it."""

_FOREVER: Final = 10.0**8


class Caller:
    """
    Makes calls of one service.

    Subclasses make the `Call` of what is asked, begin with `_attempt`, and leave a failure to the retrier. It is an
    async context manager, or is closed by `close`; creating it does no I/O and needs no event loop.

    Args:
        connection: What it has in common with its views.
        options: What a view may set for itself.
    """

    __slots__ = ("_connection", "_options", "_owner", "_retrier")

    def __init__(self, connection: Connection, options: Options) -> None:
        self._connection = connection
        self._owner = True
        self._set_options(options)

    def _set_options(self, options: Options) -> None:
        self._options = options
        self._retrier = Retrier(options.policy, self._connection.budget, self._connection.clock)

    def __repr__(self) -> str:
        place = self._connection.place
        where = place.environment if isinstance(place, endpoints.Endpoint) else "local"
        return f"<aioturk.{type(self).__name__} {where!r}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def statistics(self) -> Statistics:
        """What this client and its views have done so far."""
        return self._connection.statistics

    @property
    def timeout(self) -> float:
        """The seconds that bound every call, with all its attempts and waits."""
        return self._options.timeout

    @property
    def learned_rate(self) -> float | None:
        """The calls a second that the service allows, as far as was learned; None while nothing holds them back."""
        return self._connection.throttle.rate

    @property
    def learned_pace(self) -> str:
        """All that was learned of how fast the service lets us go, as a text for `resume_pace` of the next client."""
        return self._connection.throttle.memory()

    def resume_pace(self, pace: str) -> None:
        """
        Go on learning from where another client was, instead of finding out the service's limit once more.

        It concerns the client with all its views. Nothing happens if it was held back by the service already.

        Args:
            pace: The `learned_pace` of a client of the same service.

        Raises:
            ConfigurationError: It is something else.
        """
        try:
            self._connection.throttle.recall(pace)
        except ValueError as problem:
            raise ConfigurationError(f"{pace[:100]!r} is not the learned_pace of a client: {problem}") from problem

    async def close(self) -> None:
        """
        Close the connections.

        Calls that are under way fail. A later call opens new ones. On a view made by `with_options` it does nothing,
        since the connections are the original client's.
        """
        if not self._owner:
            return
        self._connection.closed += 1
        if self._connection.keys is not None:
            await self._connection.keys.close()
        await self._connection.transport.close()

    def with_options(
        self,
        *,
        timeout: float | timedelta | None = None,
        retries: RetryPolicy | bool | None = None,
        rate: float | None = None,
    ) -> Self:
        """
        Return a view of this client, over the same connections, with other settings; what is left out stays as it is.

        Args:
            timeout: Bounds every call, in seconds or as a timedelta.
            retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
            rate: A ceiling for this view, in calls a second.
        """
        options = self._options
        if timeout is not None:
            options = replace(options, timeout=timeout_of(timeout))
        if retries is not None:
            options = replace(options, policy=policy_of(retries))
        if rate is not None:
            options = replace(options, pacer=pacer_of(rate, self._connection.clock))
        view = copy.copy(self)
        view._owner = False
        view._set_options(options)
        return view

    # A call: attempt, repeat.

    def _deadline(self) -> float:
        return self._connection.clock.monotonic() + self._options.timeout

    async def _attempt(self, call: Call[T]) -> T:
        """Make one attempt; another at once if only keys or clock were out of date."""
        connection = self._connection
        assert connection.keys is not None
        credentials = connection.keys.at_hand()
        if credentials is None:
            credentials = await self._in_time(call, connection.keys.get())
        while True:
            if self._options.pacer is not None or not connection.throttle.enter():
                await self._take_turn(call)
            try:
                return await self._send(call, credentials)
            except CredentialsRefused as refused:
                if refused.expired and not call.renewed:
                    call.renewed = True
                    renewed = await self._in_time(call, connection.keys.refresh(credentials))
                    if renewed == credentials:
                        raise
                    credentials = renewed
                elif refused.skewed and call.skew_before is None and refused.server_time is not None:
                    call.skew_before = connection.skew
                    connection.skew = refused.server_time - connection.clock.time()
                else:
                    if refused.skewed and call.skew_before is not None:
                        # The date in the answer was of no use, and must not mislead other calls.
                        connection.skew = call.skew_before
                    raise

    async def _in_time(self, call: Call[Any], fetching: Awaitable[T]) -> T:
        left = call.deadline - self._connection.clock.monotonic()
        try:
            async with asyncio.timeout(left if left < _FOREVER else None):
                return await fetching
        except TimeoutError:
            raise DeadlineExceeded(
                f"{call.name} ran out of time while waiting for credentials.", operation=call.name
            ) from None

    async def _take_turn(self, call: Call[Any]) -> None:
        pacer = self._options.pacer
        if pacer is not None and not await pacer.acquire(call.deadline):
            raise self._no_turn(call, "under the rate that was set")
        if not await self._connection.throttle.acquire(call.deadline):
            raise self._no_turn(call, "at the rate that the service allows")

    def _no_turn(self, call: Call[Any], why: str) -> DeadlineExceeded:
        return DeadlineExceeded(
            f"{call.name} would not get its turn {why} within its timeout; give it more time, or make fewer calls at "
            "once.",
            operation=call.name,
        )

    async def _send(self, call: Call[T], credentials: Credentials) -> T:
        connection = self._connection
        started = connection.clock.monotonic()
        # Stays None when the attempt is cancelled.
        outcome: Response | TurkError | None = None
        try:
            timeout = self._time_for(call, started)
            request = self._signed(call, credentials)
            self._last_look(call)
            connection.statistics.attempts += 1
            outcome = response = await connection.transport.send(
                request, timeout=timeout, fresh_connection=call.retry_class is RetryClass.ONCE
            )
            result = call.read(response)
            connection.answered = response.headers
            return result
        except TurkError as error:
            self._explain(error, outcome)
            outcome = error
            raise
        finally:
            self._learn(outcome)
            if logger.isEnabledFor(logging.DEBUG):
                self._log(call, outcome, connection.clock.monotonic() - started)

    def _explain(self, error: TurkError, answer: Response | TurkError | None) -> None:
        """Write on an attempt's error what its reader cannot know."""
        if isinstance(error, ConnectFailed):
            place = self._connection.place
            hint = endpoints.unreachable_hint(place) if isinstance(place, endpoints.Endpoint) else ""
            error.text = f"{error.text} {hint}".rstrip()
        elif isinstance(error, CredentialsRefused) and isinstance(answer, Response):
            error.server_time = _server_time(answer)

    def _time_for(self, call: Call[Any], now: float) -> float:
        """Seconds that an attempt may take."""
        left = call.deadline - now
        if left <= 0:
            raise DeadlineExceeded(f"{call.name} ran out of time.")
        if call.attempt_timeout is not None:
            return min(left, call.attempt_timeout)
        policy = self._options.policy
        return left if policy is None else min(left, policy.attempt_timeout)

    def _last_look(self, call: Call[Any]) -> None:
        """Make sure, after all the waiting, that this attempt may still be sent."""
        connection = self._connection
        if connection.closed != call.era:
            error = ConnectFailed(f"{call.name}: the client was closed meanwhile.")
            error.transient = False
            raise error
        call.sending(connection.clock.time(), connection.now())

    def _signed(self, call: Call[Any], credentials: Credentials) -> Request:
        connection = self._connection
        return sigv4.sign(
            call.request,
            credentials,
            service=connection.service,
            region=connection.region,
            now=datetime.fromtimestamp(connection.now(), UTC),
        )

    def _log(self, call: Call[Any], outcome: Response | TurkError | None, seconds: float) -> None:
        """Tell which attempt ended how; never what was said."""
        if isinstance(outcome, Response):
            ended, request_id = f"HTTP {outcome.status}", outcome.headers.get("x-amzn-requestid")
        else:
            ended = "cancelled" if outcome is None else type(outcome).__name__
            request_id = getattr(outcome, "request_id", None)
        logger.debug(
            "%s attempt %d: %s in %.0f ms, request %s",
            call.name,
            call.attempts,
            ended,
            seconds * 1000,
            request_id or "unknown",
        )

    def _learn(self, outcome: Response | TurkError | None) -> None:
        """Tell those who pace how an attempt ended; None means that it was cancelled."""
        throttle = self._connection.throttle
        if isinstance(outcome, Throttled):
            self._connection.statistics.throttled += 1
            throttle.throttled(outcome.retry_after)
        elif isinstance(outcome, Response) or (isinstance(outcome, ServiceError) and outcome.fate is Fate.REFUSED):
            # A refusal is an answer too: the service works.
            throttle.succeeded()
            self._connection.budget.succeeded()
        else:
            throttle.ended()


def service_time(caller: Caller) -> float:
    """
    Return a service's time, in seconds since 1970, as it was at its last answer.

    A clock that is wrong by less than signatures allow is noticed by nobody; what the service says of the time is right
    by definition. Only when it has said nothing, our own clock is asked, corrected as far as was learned.

    Args:
        caller: Whoever has just called the service.
    """
    connection = caller._connection
    told = _date_of(connection.answered or {})
    return connection.now() if told is None else told


def _server_time(response: Response) -> float | None:
    return _date_of(response.headers)


def _date_of(headers: Mapping[str, str]) -> float | None:
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    return None
