"""
Bytes in, bytes out: what happens to a request of the API between the socket and the service.

The steps are the methods of `Gateway`, in the order in which `handle` takes them. It knows no sockets
(:mod:`aioturk.marketplace.app` does) and no rules (:mod:`aioturk.marketplace.service` does).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from enum import Enum
from typing import Any

from aioturk._core import codec, faults
from aioturk._core.endpoints import FEES_HEADER, MARKETPLACE_HEADER
from aioturk._core.messages import Headers, Request, Response
from aioturk._core.schema import Rule
from aioturk._core.wire import Structure
from aioturk._generated.service import ROUTES, Route
from aioturk.errors import (
    CredentialsRefused,
    ServiceError,
    ServiceFault,
    Throttled,
    UnknownOperation,
)
from aioturk.marketplace import identifiers
from aioturk.marketplace.callers import caller
from aioturk.marketplace.calls import (
    Operations,
    check_permission,
    first_violations,
    path_text,
    refuse_nul,
    refuse_violations,
)
from aioturk.marketplace.faults import Mischief, Trouble
from aioturk.marketplace.house import House
from aioturk.marketplace.proxy import host_named
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store.records import Key

__all__ = [
    "CONTENT_TYPE",
    "Accident",
    "Ending",
    "Gateway",
    "RequestTooLarge",
    "SerializationError",
    "holds_too_much",
    "lost",
]

CONTENT_TYPE = "application/x-amz-json-1.1"

_TARGET_PREFIX = "MTurkRequesterServiceV20170117."
_SIGNING_NAME = "mturk-requester"
_PRODUCTION_HOST = "mturk-requester.us-east-1.amazonaws.com"

_MOST_VALUES = 50_000
"""
How many values a body may hold; judging them takes about 1 µs each, and nothing else runs meanwhile.

The largest sensible request is a review policy with the known answers to a page full of fields: 65,535 bytes of HTML
hold not even 5,000 fields, and an answer is four values.
"""

_log = logging.getLogger(__name__)


class SerializationError(ServiceError):
    """The body is not JSON, or a member has the wrong JSON type."""

    code = "SerializationException"


class RequestTooLarge(ServiceError):
    """The body is longer, or holds more, than any sensible request. Code and text are unverified."""

    code = "RequestEntityTooLargeException"
    status = 413


class Ending(Enum):
    """How a connection ends on purpose."""

    HANG_UP = "closed without an answer"
    RESET = "reset"
    CUT = "closed after half of the answer's body"


@dataclass(frozen=True, slots=True)
class Accident:
    """
    What happens to a connection in place of a whole answer.

    Attributes:
        ending: How it ends.
        answer: What the answer would have been, if there was to be one.
    """

    ending: Ending
    answer: Response | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """What is known of a request by the time it is executed."""

    operation: str
    environment: str
    key: Key
    request: Structure
    request_id: str


class Gateway:
    """
    Turns requests into acts of the house.

    Args:
        house: Where they are done.
        mischief: What goes wrong on purpose.
        service: The operations.
    """

    def __init__(self, house: House, *, mischief: Mischief, service: MarketService | None = None) -> None:
        self._house = house
        self._mischief = mischief
        self._operations = Operations(service)

    async def handle(self, request: Request) -> Response | Accident:
        """
        Answer a request, whatever is wrong with it.

        Args:
            request: The request as it came, its path after ``http://`` and any host. The `Host` header counts.
        """
        request_id = identifiers.request_id()
        environment = _environment(request.headers)
        place = None
        try:
            # 1. What is asked for, before who asks: an unknown operation is unknown to everybody.
            route = self._route(request)
            # 2. Who asks. Nothing of the body is looked at before that is proven.
            key = await self._caller(request)
            place = await self._house.place(key, environment)
            check_permission(key, route.operation.name)
            # 3. Throttling comes before the work that it protects from.
            trouble = self._mischief.next(route.operation.name)
            if trouble.throttle:
                raise Throttled("Rate exceeded")
            await self._mischief.wait(trouble)
            if trouble.reset:
                return Accident(Ending.RESET)
            # 4. The body against the API's model, all of it, so that the service sees well-formed requests only.
            call = _Call(route.operation.name, environment, key, self._read(route, request.body), request_id)
            # 5. The act itself.
            return lost(self._answer(200, await self._execute(call, trouble), request_id, place), trouble)
        except ServiceError as error:
            return self._decline(error, environment, request_id, place)
        except Exception:
            _log.exception("request %s failed", request_id)
            return self._decline(ServiceFault("The service failed by itself."), environment, request_id, place)

    def _route(self, request: Request) -> Route:
        target = _header(request.headers, "x-amz-target") or ""
        route = ROUTES.get(target.removeprefix(_TARGET_PREFIX)) if target.startswith(_TARGET_PREFIX) else None
        if request.method != "POST" or route is None:
            raise UnknownOperation("")
        return route

    async def _caller(self, request: Request) -> Key:
        key, proven = await caller(self._house, request, _SIGNING_NAME)
        # The target is what the body means. Unsigned, it would be anybody's on the way to choose.
        if "x-amz-target" not in proven.signed_headers:
            raise CredentialsRefused(
                "X-Amz-Target must be one of the signed headers. Nothing was done.", code="InvalidSignatureException"
            )
        return key

    def _read(self, route: Route, body: bytes) -> Structure:
        try:
            document = codec.decode(body or b"{}")
        except codec.Malformed:
            raise SerializationError("The request body is not JSON.") from None
        if holds_too_much(document, len(body)):
            raise RequestTooLarge(f"The request holds more than {_MOST_VALUES} values.")
        broken = first_violations(route.operation.request, document)
        for violation in broken:
            if violation.rule is Rule.TYPE:
                raise SerializationError(f"The member '{path_text(violation.path)}' is not a {violation.bound}.")
        refuse_violations(broken)
        refuse_nul(route.operation.request, document, body)
        try:
            request: Structure = codec.reader(route.request)(body or b"{}")
        except codec.Misshapen:
            # Numbers beyond 64 bits, times beyond the calendar.
            raise SerializationError("A member has a value that cannot be represented.") from None
        return request

    async def _execute(self, call: _Call, trouble: Trouble) -> bytes:
        if trouble.fail_before:
            raise ServiceFault("The service failed on purpose, before the request was executed.")

        def act(context: RequesterContext) -> Structure | None:
            # The key is looked at again: it may be another since it was looked up.
            return self._operations.call(context, call.operation, call.request)

        result = await self._house.act_for(call.key, call.environment, call.request_id, act)
        if trouble.fail_after:
            raise ServiceFault("The service failed on purpose, after the request was executed.")
        return b"{}" if result is None else codec.encode(codec.to_wire(result))

    def _decline(self, error: ServiceError, environment: str, request_id: str, place: str | None) -> Response:
        stamp = f"({int(time.time() * 1000)}{' s' if environment == 'sandbox' else ''})"
        status, body = faults.express(error, stamp=stamp)
        return self._answer(status, body, request_id, place)

    def _answer(self, status: int, body: bytes, request_id: str, place: str | None) -> Response:
        headers = {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}
        if place is not None:  # only who has proven to be the requester is told
            headers[MARKETPLACE_HEADER] = place
            if self._house.told_fees is not None:
                headers[FEES_HEADER] = self._house.told_fees
        return Response(status, headers, body)


def _header(headers: Headers, name: str) -> str | None:
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def _environment(headers: Headers) -> str:
    host = host_named(_header(headers, "host") or "")
    return "production" if host == _PRODUCTION_HOST else "sandbox"


def lost(answer: Response, trouble: Trouble) -> Response | Accident:
    """Return the answer, or what becomes of it."""
    if trouble.drop_reply:
        return Accident(Ending.HANG_UP)
    if trouble.truncate_reply:
        return Accident(Ending.CUT, answer)
    return answer


def holds_too_much(document: Any, length: int) -> bool:
    """Say whether a document holds too many values, in a time that does not depend on how many there are."""
    if length < 2 * _MOST_VALUES:  # each takes a byte, and another one to tell it from the next
        return False
    found = 1
    containers = [document] if isinstance(document, dict | list) else []
    while containers:
        container = containers.pop()
        found += len(container)
        if found > _MOST_VALUES:
            return True
        values = container.values() if isinstance(container, dict) else container
        containers.extend(value for value in values if isinstance(value, dict | list))
    return False
