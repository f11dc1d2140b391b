"""
Bytes in, bytes out: what happens to a request of the API between the socket and the service.

The steps are the methods of `Gateway`, in the order in which `handle` takes them. It knows no sockets
(:mod:`aioturk.marketplace.app` does) and no rules (:mod:`aioturk.marketplace.service` does).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import islice
from typing import Any

from aioturk import sigv4
from aioturk._core import codec, faults
from aioturk._core.endpoints import MARKETPLACE_HEADER
from aioturk._core.keys import Credentials
from aioturk._core.messages import Headers, Request, Response
from aioturk._core.schema import Kind, Rule, Shape, Violation, violations
from aioturk._core.wire import Structure
from aioturk._generated.service import ROUTES, Route
from aioturk._generated.tables import SHAPES
from aioturk.errors import (
    AccessDenied,
    CredentialsRefused,
    ServiceError,
    ServiceFault,
    Throttled,
    UnknownOperation,
    ValidationException,
)
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.faults import Mischief, Trouble
from aioturk.marketplace.house import House
from aioturk.marketplace.proxy import host_named
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store.records import Key

__all__ = ["CONTENT_TYPE", "Accident", "Ending", "Gateway", "RequestTooLarge", "SerializationError"]

CONTENT_TYPE = "application/x-amz-json-1.1"

_TARGET_PREFIX = "MTurkRequesterServiceV20170117."
_SIGNING_NAME = "mturk-requester"
_PRODUCTION_HOST = "mturk-requester.us-east-1.amazonaws.com"

_TOLD = 20
"""How many violations of the model are looked for: a body can hold a million of them."""

_MOST_VALUES = 50_000
"""
How many values a body may hold; judging them takes about 1 µs each, and nothing else runs meanwhile.

The largest sensible request is a review policy with the known answers to a page full of fields: 65,535 bytes of HTML
hold not even 5,000 fields, and an answer is four values.
"""

_READING = ("Get", "List")
"""What the names of operations begin with that change nothing."""

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
        service = service or MarketService()
        self._methods: dict[str, Callable[[RequesterContext, Any], Structure | None]] = {
            name: getattr(service, route.method.__name__) for name, route in ROUTES.items()
        }

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
            _check_permission(key, route.operation.name)
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
            return _lost(self._answer(200, await self._execute(call, trouble), request_id, place), trouble)
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
        claim = sigv4.parse_authorization(request.headers)
        key = await self._house.key(claim.access_key)
        if key is None:
            raise CredentialsRefused("The security token included in the request is invalid.")
        try:
            proven = self._verified(request, claim, key)
        except CredentialsRefused:
            # Perhaps another process has changed the secret since it was looked up.
            fresh = await self._house.key(claim.access_key, fresh=True)
            if fresh is None or fresh.secret_key == key.secret_key:
                raise
            key = fresh
            proven = self._verified(request, claim, key)
        # The target is what the body means. Unsigned, it would be anybody's on the way to choose.
        if "x-amz-target" not in proven.signed_headers:
            raise CredentialsRefused(
                "X-Amz-Target must be one of the signed headers. Nothing was done.", code="InvalidSignatureException"
            )
        return key

    def _verified(self, request: Request, claim: sigv4.Authorization, key: Key) -> sigv4.Authorization:
        # Real time, whatever the market's clock says: the caller's clock is not turned with it.
        return sigv4.verify(
            request,
            Credentials(key.access_key, key.secret_key),
            now=datetime.now(UTC),
            service=_SIGNING_NAME,
            window=timedelta(seconds=self._house.rules.signature_window),
            claim=claim,
        )

    def _read(self, route: Route, body: bytes) -> Structure:
        try:
            document = codec.decode(body or b"{}")
        except codec.Malformed:
            raise SerializationError("The request body is not JSON.") from None
        if _holds_too_much(document, len(body)):
            raise RequestTooLarge(f"The request holds more than {_MOST_VALUES} values.")
        broken = list(islice(violations(SHAPES, route.operation.request, document), _TOLD))
        for violation in broken:
            if violation.rule is Rule.TYPE:
                raise SerializationError(f"The member '{_path(violation.path)}' is not a {violation.bound}.")
        if broken:
            raise ValidationException(_validation_text(list(map(_constraint, broken))))
        _refuse_nul(route.operation.request, document, body)
        try:
            request: Structure = codec.reader(route.request)(body or b"{}")
        except codec.Misshapen:
            # Numbers beyond 64 bits, times beyond the calendar.
            raise SerializationError("A member has a value that cannot be represented.") from None
        return request

    async def _execute(self, call: _Call, trouble: Trouble) -> bytes:
        if trouble.fail_before:
            raise ServiceFault("The service failed on purpose, before the request was executed.")
        method = self._methods[call.operation]

        def act(context: RequesterContext) -> Structure | None:
            if context.key is not None:
                _check_permission(context.key, call.operation)  # again: it may be another since it was looked up
            return method(context, call.request)

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
        return Response(status, headers, body)


def _header(headers: Headers, name: str) -> str | None:
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def _environment(headers: Headers) -> str:
    host = host_named(_header(headers, "host") or "")
    return "production" if host == _PRODUCTION_HOST else "sandbox"


def _check_permission(key: Key, operation: str) -> None:
    if key.read_only and not operation.startswith(_READING):
        # Worded like IAM's refusals, which programs search for the name of the action.
        raise AccessDenied(
            f"User: {key.access_key} is not authorized to perform: mechanicalturk:{operation} "
            "because the access key is read-only"
        )


def _lost(answer: Response, trouble: Trouble) -> Response | Accident:
    """The answer, or what becomes of it."""
    if trouble.drop_reply:
        return Accident(Ending.HANG_UP)
    if trouble.truncate_reply:
        return Accident(Ending.CUT, answer)
    return answer


def _holds_too_much(document: Any, length: int) -> bool:
    """Whether a document holds too many values; found out in a time that does not depend on how many there are."""
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


def _refuse_nul(shape: Shape, document: Any, body: bytes) -> None:
    """Refuse texts with U+0000 in them: PostgreSQL keeps none, and no two stores should tell apart what is valid."""
    if b"\\u0000" not in body:  # JSON has no other spelling for it
        return
    for path, text in _texts(shape, document, ()):
        if "\0" in text:
            rule = "Member must not hold the character U+0000"
            raise ValidationException(
                _validation_text([f"Value at '{_path(path)}' failed to satisfy constraint: {rule}"])
            )


def _texts(shape: Shape, value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts of a document that fits its shape, and where they are; what the model does not know is not."""
    if isinstance(value, str):
        yield path, value
    elif shape.kind is Kind.STRUCTURE:
        for member in shape.members:
            if value.get(member.wire) is not None:
                yield from _texts(SHAPES[member.shape], value[member.wire], (*path, member.wire))
    elif shape.kind is Kind.LIST and shape.item is not None:
        for position, item in enumerate(value, 1):
            yield from _texts(SHAPES[shape.item], item, (*path, position))


def _validation_text(constraints: list[str]) -> str:
    count = len(constraints)
    return f"{count} validation error{'s' if count > 1 else ''} detected: {'; '.join(constraints)}"


def _constraint(violation: Violation) -> str:
    value = "null" if violation.value is None else f"'{refusals.shown(violation.value)}'"
    rule = violation.rule.value.replace("{bound}", str(violation.bound))
    return f"Value {value} at '{_path(violation.path)}' failed to satisfy constraint: {rule}"


def _path(path: tuple[str | int, ...]) -> str:
    # As AWS's front ends write it: the first letter small ("hITId"), and positions in lists as "1.member".
    return ".".join(f"{part}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)
