"""`Neighbour`: a service of which a few requests are needed, under the same rules as the requester API."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol, TypeVar

from aioturk._core import endpoints
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk.calling.caller import USER_AGENT, Caller
from aioturk.calling.connection import Connection, Statistics
from aioturk.calling.options import Options, timeout_of
from aioturk.calling.reading import readable
from aioturk.clock import Clock, SystemClock
from aioturk.credentials import Keyring
from aioturk.errors import TurkError
from aioturk.retries import Call, RetryPolicy, Settle
from aioturk.throttle import RetryBudget, Throttle
from aioturk.transport import AiohttpTransport, Transport

__all__ = ["ErrorReader", "Neighbour"]

T = TypeVar("T")

logger: logging.Logger = logging.getLogger("aioturk")


class ErrorReader(Protocol):
    """Tells which exception an answer stands for, of a service whose errors have a form of their own."""

    def __call__(self, response: Response, operation: str) -> TurkError:
        """
        Return the exception.

        Args:
            response: An answer that is no success.
            operation: What was called.
        """
        ...


class Neighbour(Caller):
    """
    A service of which a few requests are needed, under the same rules as everything else.

    Args:
        service: The name of the service that signatures carry, for example ``"sqs"``.
        errors: Tells which exception an answer with another status than 2xx stands for.
        keys: Where the keys come from; it is closed with the neighbour. None if they stand in the local marketplace's
            file, which `place` then has to be.
        place: Where requests go, as far as it is known; it is what `endpoint` returns.
        region: The region that signatures name.
        timeout: Bounds every call with all its attempts and waits: seconds or a timedelta.
        retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
        rate: A ceiling, in calls a second.
        transport: What sends requests, aiohttp unless given; it is closed with the neighbour.
        clock: What tells the time and waits.
        allow_http: Whether the local marketplace's file may name another computer by plain http.

    Raises:
        ConfigurationError: An argument cannot work.
    """

    __slots__ = ("_errors",)

    def __init__(
        self,
        service: str,
        *,
        errors: ErrorReader,
        keys: Keyring | None,
        place: endpoints.Endpoint | endpoints.LocalFile | None = None,
        region: str = endpoints.DEFAULT_REGION,
        timeout: float | timedelta = 60.0,
        retries: RetryPolicy | bool | None = None,
        rate: float | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        allow_http: bool = False,
    ) -> None:
        clock = clock or SystemClock()
        self._errors = errors
        connection = Connection(
            service=service,
            place=place,
            region=region,
            allow_http=allow_http,
            keys=keys,
            transport=transport or AiohttpTransport(),
            clock=clock,
            throttle=Throttle(clock=clock),
            budget=RetryBudget(clock=clock),
        )
        super().__init__(connection, Options.checked(timeout, retries, rate, clock))

    @property
    def clock(self) -> Clock:
        """What tells the time and waits."""
        return self._connection.clock

    async def endpoint(self) -> endpoints.Endpoint:
        """
        Return where requests go; for the local marketplace its file is read the first time.

        Raises:
            ConfigurationError: The file is not there, or cannot be used.
        """
        place = self._connection.place
        if isinstance(place, endpoints.LocalFile):
            return await self._connection.find(place)
        assert place is not None
        return place

    def beside(self, service: str, errors: ErrorReader) -> Neighbour:
        """
        Return another service that is reached with the same keys, over the same transport, which stays this one's.

        Args:
            service: Its name in signatures.
            errors: Tells which exception its answers stand for.
        """
        mine = self._connection
        other = object.__new__(Neighbour)
        other._owner = False
        other._errors = errors
        # Its pace is its own: being throttled there says nothing about here.
        other._connection = replace(
            mine,
            service=service,
            throttle=Throttle(clock=mine.clock),
            budget=RetryBudget(clock=mine.clock),
            statistics=Statistics(),
            answered=None,
        )
        other._set_options(self._options)
        return other

    async def exchange(
        self,
        name: str,
        request: Request,
        *,
        retry_class: RetryClass,
        read: Callable[[Response], T],
        settle: Callable[[TurkError], Awaitable[T]] | None = None,
        timeout: float | timedelta | None = None,
        attempt_timeout: float | None = None,
    ) -> T:
        """
        Send a request until it is answered, and return what the answer says.

        Args:
            name: What it is, for errors and logs, for example ``"ReceiveMessage"``.
            request: The request, without anything that signing adds.
            retry_class: What may be done after an attempt that may have taken effect.
            read: Reads an answer with a status of 2xx. It may raise the `Malformed` and `Misshapen` of
                :mod:`aioturk._core.codec` about the body.
            settle: For calls of the class "settled": tells what the refusal of a repeat means, after an attempt that
                may have taken effect. It returns the result if what was asked for has happened, or raises the refusal.
            timeout: Bounds this call, instead of the usual timeout.
            attempt_timeout: Seconds that one attempt may take, instead of the usual.

        Raises:
            TurkError: What went wrong, as everywhere.
        """
        connection = self._connection
        if connection.keys is None:
            await self.endpoint()
        seconds = self._options.timeout if timeout is None else timeout_of(timeout)
        call = Call(
            name=name,
            retry_class=retry_class,
            request=replace(request, headers=(*request.headers, USER_AGENT)),
            read=partial(self._read, name, read),
            deadline=connection.clock.monotonic() + seconds,
            attempt_timeout=attempt_timeout,
            era=connection.closed,
        )
        connection.statistics.calls += 1
        try:
            return await self._attempt(call)
        except TurkError as error:
            return await self._retrier.recover(call, error, self._attempt, _settling(settle))

    def _read(self, name: str, read: Callable[[Response], T], response: Response) -> T:
        if not 200 <= response.status < 300:
            raise self._errors(response, name)
        return readable(name, response, partial(read, response))


def _settling(settle: Callable[[TurkError], Awaitable[T]] | None) -> Settle[T]:
    async def judge(call: Call[T], refusal: TurkError) -> T:
        if settle is None:
            raise refusal
        logger.info("%s: the repeat was refused; looking whether an earlier attempt did it", call.name)
        return await settle(refusal)

    return judge
