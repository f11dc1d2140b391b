"""
The web application: sockets on one side, the gateway on the other.

The worker site's routes (`aioturk.marketplace.site`) stand beside the API's one route, and that of tasks of the Crowd
API.
"""

from __future__ import annotations

import inspect
import logging
import re
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from aioturk._core import faults
from aioturk._core.messages import Request, Response
from aioturk._generated.service import ROUTES
from aioturk.errors import ServiceError
from aioturk.marketplace import identifiers
from aioturk.marketplace.crowd.door import PATH, CrowdDoor, operation_of
from aioturk.marketplace.gateway import (
    CONTENT_TYPE,
    Accident,
    Ending,
    Gateway,
    RequestTooLarge,
    SerializationError,
)
from aioturk.marketplace.proxy import CROWD_HOSTS, MTURK_HOSTS, STS_HOSTS, WORKER_HOSTS, Observer, host_named
from aioturk.marketplace.site.application import SiteApplication
from aioturk.marketplace.site.site import Site
from aioturk.marketplace.sts import Sts

__all__ = ["make_app"]

_log = logging.getLogger(__name__)

_ORIGIN = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
"""What precedes the path when the first line of a request holds a whole URL, as clients of proxies write it."""

_PAGE = """\
<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Marketplace</title>
<p>A marketplace that speaks the MTurk API: point a client at this address.</p></html>
"""
"""What a browser sees at the API's own host names, where there is no worker site."""

_LEGACY = """\
<?xml version="1.0"?>
<Response><Errors><Error><Code>Forbidden</Code><Message>This Requester API is no longer supported. \
Please use the latest API using the official AWS SDK. \
https://aws.amazon.com/getting-started/tools-sdks</Message></Error></Errors>\
<RequestID>{request_id}</RequestID></Response>"""
"""What calls in the query protocol were answered since June 2019."""

_LEGACY_FIELD = re.compile(rb"(^|&)(Operation=|Service=AWSMechanicalTurkRequester(&|$))")
"""What a call in that protocol is known by, in its URL or its form."""

_QUERY_FIELD = re.compile(rb"(^|&)Action=")
"""What a call of STS is known by, in its form: those of the legacy API have none."""

_FORM = "application/x-www-form-urlencoded"
_REQUEST_ID = "x-amzn-RequestId"

_MOST_FIELDS = 20_000
"""Fields of a form; large ones have thousands."""
_COUNTS_FIELDS = "client_max_fields" in inspect.signature(web.Application).parameters
_FIELDS: dict[str, Any] = {"client_max_fields": _MOST_FIELDS} if _COUNTS_FIELDS else {}
"""aiohttp takes as many as there are, or, of late, a thousand unless it is told."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(
    gateway: Gateway,
    *,
    body_limit: int,
    sites: Sequence[Site],
    sts: Sts | None = None,
    crowd: CrowdDoor | None = None,
    observer: Observer | None = None,
) -> web.Application:
    """
    Make the application.

    Args:
        gateway: What answers requests of the API.
        body_limit: The largest body that is read, in bytes.
        sites: What answers people, for each environment that has a site.
        sts: What answers requests for the hosts of STS, which come through the proxy, and forms for STS that come here.
        crowd: What answers requests of the Crowd API, for its host or for this one.
        observer: Is told of each call.
    """
    observe = observer or _ignore
    pages = SiteApplication(sites)

    async def api(request: web.Request) -> web.StreamResponse:
        body = await _body(request, body_limit)
        if isinstance(body, web.StreamResponse):
            return body
        if _is_legacy(request, body):
            return legacy()
        if sts is not None and _is_query(request, body):
            return await identity(request, sts)
        answer = await gateway.handle(_plain(request, body))
        observe(_operation(request), answer.status if isinstance(answer, Response) else None)
        return await _deliver(request, answer)

    async def entrance(request: web.Request) -> web.StreamResponse:
        if _is_legacy(request, b""):
            return legacy()
        if host_named(request.headers.get("Host", "")) in MTURK_HOSTS:
            return web.Response(text=_PAGE, content_type="text/html")
        return await pages.entrance(request)

    def legacy() -> web.Response:
        observe("legacy API", 403)
        request_id = identifiers.request_id()
        text = _LEGACY.replace("{request_id}", request_id)
        return web.Response(status=403, headers={_REQUEST_ID: request_id}, text=text, content_type="text/xml")

    async def identity(request: web.Request, service: Sts) -> web.StreamResponse:
        body = await _body(request, body_limit)
        if isinstance(body, web.StreamResponse):
            return body
        answer = await service.handle(_plain(request, body))
        observe("STS", answer.status)
        return await _deliver(request, answer)

    async def crowd_task(request: web.Request) -> web.StreamResponse:
        if crowd is None:
            raise web.HTTPNotFound
        body = await _body(request, body_limit)
        if isinstance(body, web.StreamResponse):
            return body
        answer = await crowd.handle(_plain(request, body))
        observe(f"Crowd {operation_of(request.method)}", answer.status if isinstance(answer, Response) else None)
        return await _deliver(request, answer)

    @web.middleware
    async def by_host(request: web.Request, handler: _Handler) -> web.StreamResponse:
        # The header, because it is what was signed; a URL in the first line of the request may say something else.
        host = host_named(request.headers.get("Host", ""))
        if sts is not None and host in STS_HOSTS:
            return await identity(request, sts)
        if host in CROWD_HOSTS:
            return await crowd_task(request)
        if host in WORKER_HOSTS:
            return await worker_site(request, handler)
        return await answered(request, handler)

    async def worker_site(request: web.Request, handler: _Handler) -> web.StreamResponse:
        sent_on = pages.sent_on(request)
        response = await answered(request, handler) if sent_on is None else sent_on
        observe("worker site", response.status)
        return response

    async def answered(request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as nothing_there:  # another path or method
            page = pages.nothing_there(request, nothing_there)
            (nothing_there if page is None else page).headers[_REQUEST_ID] = identifiers.request_id()
            if page is None:
                raise
            return page

    app = web.Application(client_max_size=body_limit, middlewares=[by_host], **_FIELDS)
    app.router.add_get("/", entrance)
    app.router.add_post("/", api)
    if crowd is not None:
        app.router.add_route("*", PATH, crowd_task)
    app.router.add_routes(pages.routes())
    return app


def _ignore(_call: str, _status: int | None) -> None:
    return None


def _operation(request: web.Request) -> str:
    """The name of the operation that is called, short enough for a list."""
    name = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    return name if name in ROUTES else "unknown operation"


# Reading a request.


def _is_legacy(request: web.Request, body: bytes) -> bool:
    """Say whether a call is in the query protocol, which the service no longer understood."""
    if "X-Amz-Target" in request.headers:
        return False
    fields = [request.rel_url.raw_query_string.encode()]
    if request.content_type == _FORM:
        fields.append(body)
    return any(map(_LEGACY_FIELD.search, fields))


def _is_query(request: web.Request, body: bytes) -> bool:
    """Say whether a call is in the query protocol of AWS, which of all services here only STS speaks."""
    is_form = request.content_type == _FORM and "X-Amz-Target" not in request.headers
    return is_form and _QUERY_FIELD.search(body) is not None


def _plain(request: web.Request, body: bytes) -> Request:
    # The host does not matter here: the signature covers the Host header, and that is taken as it is.
    path = _ORIGIN.sub("", request.raw_path, count=1)
    url = f"http://localhost{path if path.startswith('/') else f'/{path}'}"
    return Request(request.method, url, tuple(request.headers.items()), body)


async def _body(request: web.Request, limit: int) -> bytes | web.StreamResponse:
    """Read the body as it was sent, or return what is answered instead."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        # The signature covers the bytes that were sent, and aiohttp may have unpacked them.
        return _unread(SerializationError("Send the body without Content-Encoding."))
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return _unread(RequestTooLarge(f"The request is longer than {limit} bytes."))
    except (ConnectionError, web.RequestPayloadError) as trouble:
        # The client left in the middle, or its chunks are none: there is nobody to answer, and nothing of ours failed.
        _log.debug("a body could not be read: %s", trouble)
        return _hang_up(request)


def _unread(error: ServiceError) -> web.Response:
    """Decline a request whose body was not read; what is left of it would be taken for the next request."""
    status, body = faults.express(error, stamp="")
    headers = {_REQUEST_ID: identifiers.request_id(), "Content-Type": CONTENT_TYPE, "Connection": "close"}
    return web.Response(status=status, headers=headers, body=body)


# What becomes of an answer.


async def _deliver(request: web.Request, answer: Response | Accident) -> web.StreamResponse:
    """Send an answer, or do to the connection what happens to it instead."""
    if isinstance(answer, Response):
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
    if answer.ending is Ending.RESET:
        return _reset(request)
    if answer.answer is not None:
        return await _cut(request, answer.answer)
    return _hang_up(request)


class _Nothing(web.StreamResponse):
    """An answer that is never sent."""

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    request.protocol.force_close()
    nothing = _Nothing()
    nothing.force_close()
    return nothing


_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""On, for 0 seconds: closing throws away what was not sent yet, and sends RST instead of FIN."""


def _reset(request: web.Request) -> web.StreamResponse:
    """Reset the connection."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        request.transport.abort()
    nothing = _Nothing()
    nothing.force_close()
    return nothing


class _Half(web.StreamResponse):
    """An answer that ends in the middle, whatever its length was said to be."""

    async def write_eof(self, data: bytes = b"") -> None:
        return None


async def _cut(request: web.Request, answer: Response) -> web.StreamResponse:
    """Announce the whole body, send half of it, and close the connection."""
    half = _Half(status=answer.status, headers=answer.headers)
    half.content_length = len(answer.body)
    with suppress(ConnectionError):  # the client may have left
        await half.prepare(request)
        await half.write(answer.body[: len(answer.body) // 2])
    half.force_close()
    request.protocol.force_close()  # what was written is sent before
    return half
