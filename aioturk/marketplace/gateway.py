"""
Bytes in, bytes out: what happens to a request of the API between the socket and the service.

The steps are the methods of `Gateway`, in the order in which `handle` takes them. It knows no sockets
(:mod:`aioturk.marketplace.app` does) and no rules (:mod:`aioturk.marketplace.service` does).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from aioturk import sigv4
from aioturk._core import codec, faults
from aioturk._core.keys import Credentials
from aioturk._core.messages import Headers, Request, Response
from aioturk._core.schema import Rule, Violation, violations
from aioturk._core.wire import Structure
from aioturk._generated.service import ROUTES, Route
from aioturk._generated.tables import SHAPES
from aioturk.errors import (
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
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store.records import Key

__all__ = ["CONTENT_TYPE", "Gateway", "SerializationError"]

CONTENT_TYPE = "application/x-amz-json-1.1"

_TARGET_PREFIX = "MTurkRequesterServiceV20170117."
_SIGNING_NAME = "mturk-requester"
_PRODUCTION_HOST = "mturk-requester.us-east-1.amazonaws.com"

_TOLD = 20
"""How many violations of the model are looked for: a body can hold a million of them."""

_log = logging.getLogger(__name__)


class SerializationError(ServiceError):
    """The body is not JSON, or a member has the wrong JSON type."""

    code = "SerializationException"


class _Dropped(Exception):
    """The request was executed, and its answer is to be lost."""


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

    async def handle(self, request: Request) -> Response | None:
        """
        Answer a request; None means that the connection is to be closed without an answer.

        Args:
            request: The request as it came, its path after ``http://`` and any host. The `Host` header counts.
        """
        request_id = identifiers.request_id()
        environment = _environment(request.headers)
        try:
            # 1. What is asked for, before who asks: an unknown operation is unknown to everybody.
            route = self._route(request)
            # 2. Who asks. Nothing of the body is looked at before that is proven.
            key = await self._caller(request)
            # 3. Throttling comes before the work that it protects from.
            trouble = self._mischief.next()
            if trouble.throttle:
                raise Throttled("Rate exceeded")
            # 4. The body against the API's model, all of it, so that the service sees well-formed requests only.
            call = _Call(route.operation.name, environment, key, self._read(route, request.body), request_id)
            # 5. The act itself.
            return self._answer(200, await self._execute(call, trouble), request_id)
        except _Dropped:
            return None
        except ServiceError as error:
            return self._decline(error, environment, request_id)
        except Exception:
            _log.exception("request %s failed", request_id)
            return self._decline(ServiceFault("The service failed by itself."), environment, request_id)

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
        # Real time, whatever the market's clock says: the caller's clock is not turned with it.
        proven = sigv4.verify(
            request,
            Credentials(key.access_key, key.secret_key),
            now=datetime.now(UTC),
            service=_SIGNING_NAME,
            window=timedelta(seconds=self._house.rules.signature_window),
        )
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
        broken = list(islice(violations(SHAPES, route.operation.request, document), _TOLD))
        for violation in broken:
            if violation.rule is Rule.TYPE:
                raise SerializationError(f"The member '{_path(violation)}' is not a {violation.bound}.")
        if broken:
            raise ValidationException(_validation_text(broken))
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
        result = await self._house.act_for(
            call.key.requester_seq, call.environment, call.request_id, lambda context: method(context, call.request)
        )
        if trouble.fail_after:
            raise ServiceFault("The service failed on purpose, after the request was executed.")
        if trouble.drop_reply:
            raise _Dropped
        return b"{}" if result is None else codec.encode(codec.to_wire(result))

    def _decline(self, error: ServiceError, environment: str, request_id: str) -> Response:
        stamp = f"({int(time.time() * 1000)}{' s' if environment == 'sandbox' else ''})"
        status, body = faults.express(error, stamp=stamp)
        return self._answer(status, body, request_id)

    def _answer(self, status: int, body: bytes, request_id: str) -> Response:
        return Response(status, {"x-amzn-RequestId": request_id, "Content-Type": CONTENT_TYPE}, body)


def _header(headers: Headers, name: str) -> str | None:
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


def _environment(headers: Headers) -> str:
    host = (_header(headers, "host") or "").lower().removesuffix(":443")
    return "production" if host == _PRODUCTION_HOST else "sandbox"


def _validation_text(broken: list[Violation]) -> str:
    count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected: "
    return count + "; ".join(map(_constraint, broken))


def _constraint(violation: Violation) -> str:
    value = "null" if violation.value is None else f"'{refusals.shown(violation.value)}'"
    rule = violation.rule.value.replace("{bound}", str(violation.bound))
    return f"Value {value} at '{_path(violation)}' failed to satisfy constraint: {rule}"


def _path(violation: Violation) -> str:
    # As AWS's front ends write it: the first letter small ("hITId"), and positions in lists as "1.member".
    parts = [f"{part}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in violation.path]
    return ".".join(parts)
