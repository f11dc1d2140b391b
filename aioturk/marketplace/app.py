"""
The web application: sockets on one side, the gateway on the other.

The worker site's routes will stand beside the API's one route.
"""

from __future__ import annotations

from aiohttp import web

from aioturk._core.messages import Request
from aioturk.marketplace import identifiers
from aioturk.marketplace.gateway import CONTENT_TYPE, Gateway

__all__ = ["make_app"]

_PAGE = """\
<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Marketplace</title>
<p>A marketplace that speaks the MTurk API: point a client at this address.</p></html>
"""


def make_app(gateway: Gateway, *, body_limit: int) -> web.Application:
    """
    Make the application.

    Args:
        gateway: What answers requests of the API.
        body_limit: The largest body that is read, in bytes.
    """

    async def api(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _too_large(body_limit)
        # The host does not matter here: the signature covers the Host header, and that is taken as it is.
        url = f"http://localhost{request.raw_path}"
        answer = await gateway.handle(Request(request.method, url, tuple(request.headers.items()), body))
        if answer is None:
            return _hang_up(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    app = web.Application(client_max_size=body_limit)
    app.router.add_get("/", page)
    app.router.add_post("/", api)
    return app


def _too_large(limit: int) -> web.Response:
    text = f'{{"__type":"RequestEntityTooLargeException","message":"The request is longer than {limit} bytes."}}'
    headers = {"x-amzn-RequestId": identifiers.request_id(), "Content-Type": CONTENT_TYPE, "Connection": "close"}
    return web.Response(status=413, headers=headers, body=text.encode())


class _Nothing(web.StreamResponse):
    """An answer that is never sent."""

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.close()
    nothing = _Nothing()
    nothing.force_close()
    return nothing
