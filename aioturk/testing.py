"""
Stand-ins for tests: a clock that jumps, and transports that answer from a script or fail on request.

They are what aioturk's own tests use. For the service itself, prefer the real thing in memory
(:class:`aioturk.marketplace.Marketplace`); a script proves only what it says.

::

    transport = StubTransport(reply({"AvailableBalance": "10000.00"}))
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        balance = await mturk.get_account_balance()
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

import msgspec

from aioturk._core.codec import encode
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request, Response
from aioturk.errors import AttemptTimedOut, ConnectFailed, ConnectionLost
from aioturk.transport import Transport

__all__ = ["CREDENTIALS", "FaultyTransport", "JumpingClock", "StubTransport", "Trouble", "error_reply", "reply"]

CREDENTIALS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
"""The keys of the signing vectors that AWS publishes; they open nothing."""


class JumpingClock:
    """
    A clock on which waiting takes no time: it jumps ahead.

    Args:
        start: The first moment, in seconds since 1970.

    Attributes:
        slept: Every wait that was asked for, in seconds, in order.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self.slept: list[float] = []

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self._start + self._elapsed

    def monotonic(self) -> float:
        """Return the seconds since the clock was made."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Jump ahead, and let others run."""
        self.slept.append(seconds)
        self._elapsed += max(seconds, 0.0)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        self._elapsed += seconds


def reply(document: Mapping[str, Any] | None = None, *, status: int = 200, **headers: str) -> Response:
    """Return a response as the service sends it: a JSON document, ``{}`` when there is none."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"x-amzn-requestid": "stub", **named}, encode(dict(document or {})))


def error_reply(
    turk_error_code: str | None = None,
    message: str = "",
    *,
    kind: str = "RequestError",
    status: int = 400,
    **headers: str,
) -> Response:
    """
    Return an error as the service sends it.

    Args:
        turk_error_code: The marketplace's code without its prefix, such as ``"HITDoesNotExist"``; None for errors of
            the front end, which have none.
        message: The service's text.
        kind: The type of the error on the wire.
        status: The HTTP status.
        headers: Further headers, with underscores for hyphens.
    """
    document = {"__type": kind, "Message" if turk_error_code else "message": message}
    if turk_error_code:
        document["TurkErrorCode"] = f"AWS.MechanicalTurk.{turk_error_code}"
    return reply(document, status=status, **headers)


Outcome: TypeAlias = Response | BaseException | Callable[[Request], "Response | Awaitable[Response]"]


class StubTransport:
    """
    Answers requests from a script, in order, and remembers them.

    Args:
        outcomes: For each request a response, an exception to raise, or a function of the request. The last function
            serves all further requests.

    Attributes:
        requests: The requests, as they would have been sent.
        fresh: For each request, whether a fresh connection was asked for.
        timeouts: For each request, the seconds that it was given.
    """

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.requests: list[Request] = []
        self.fresh: list[bool] = []
        self.timeouts: list[float] = []
        self.closed: bool = False

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Answer with the next outcome of the script."""
        self.requests.append(request)
        self.fresh.append(fresh_connection)
        self.timeouts.append(timeout)
        if not self._outcomes:
            raise AssertionError(f"the script has no answer to request {len(self.requests)}: {self.calls[-1]}")
        outcome = self._outcomes[0]
        if not callable(outcome) or len(self._outcomes) > 1:
            del self._outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        if isinstance(outcome, Response):
            return outcome
        answer = outcome(request)
        return answer if isinstance(answer, Response) else await answer

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """The name of the operation and the decoded document of every request."""
        return [(_operation(request), msgspec.json.decode(request.body)) for request in self.requests]


def _operation(request: Request) -> str:
    return dict(request.headers).get("X-Amz-Target", "").rpartition(".")[2]


class Trouble(Enum):
    """What can happen to an attempt, on the way there or on the way back."""

    REFUSED = "connection refused"
    RESET_BEFORE = "reset before the request arrived"
    RESET_AFTER = "reset after the request took effect"
    TIMEOUT_BEFORE = "no answer, and the request never arrived"
    TIMEOUT_AFTER = "no answer, although the request took effect"
    FAULT_BEFORE = "HTTP 500 before the effect"
    FAULT_AFTER = "HTTP 500 after the effect"
    UNREADABLE = "a 200 that is not JSON, after the effect"
    THROTTLED = "throttled"
    CANCELLED_BEFORE = "cancelled before the request arrived"
    CANCELLED_AFTER = "cancelled after the request took effect"


_AFTER_EFFECT = frozenset(
    {Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.FAULT_AFTER, Trouble.UNREADABLE, Trouble.CANCELLED_AFTER}
)


class FaultyTransport:
    """
    Carries requests over another transport, and makes trouble on the way, as a script says.

    Args:
        inner: Carries the requests.
        troubles: For each request in order, what happens to it; None and the end of the script mean: nothing.

    Attributes:
        requests: All requests, including those that never arrived.
    """

    def __init__(self, inner: Transport, *troubles: Trouble | None) -> None:
        self._inner = inner
        self._troubles = list(troubles)
        self.requests: list[Request] = []

    def expect(self, *troubles: Trouble | None) -> None:
        """Add troubles for the requests to come."""
        self._troubles.extend(troubles)

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Send the request, or let it come to grief."""
        self.requests.append(request)
        trouble = self._troubles.pop(0) if self._troubles else None
        if trouble is None:
            return await self._inner.send(request, timeout=timeout, fresh_connection=fresh_connection)
        if trouble in _AFTER_EFFECT:
            await self._inner.send(request, timeout=timeout, fresh_connection=fresh_connection)
        return _happen(trouble)

    async def close(self) -> None:
        """Close the transport underneath."""
        await self._inner.close()


def _happen(trouble: Trouble) -> Response:
    if trouble is Trouble.REFUSED:
        raise ConnectFailed("connection refused")
    if trouble in (Trouble.RESET_BEFORE, Trouble.RESET_AFTER):
        raise ConnectionLost("connection reset by peer")
    if trouble in (Trouble.TIMEOUT_BEFORE, Trouble.TIMEOUT_AFTER):
        raise AttemptTimedOut("no answer in time")
    if trouble in (Trouble.CANCELLED_BEFORE, Trouble.CANCELLED_AFTER):
        raise asyncio.CancelledError
    if trouble is Trouble.THROTTLED:
        return error_reply(message="Rate exceeded", kind="ThrottlingException")
    if trouble is Trouble.UNREADABLE:
        return Response(200, {}, b'{"HIT": {"HITId"')
    return error_reply("ServiceFault", "Try again later.", kind="ServiceFault", status=500)
