"""Requests as bytes on a socket, for what no HTTP library would send: signed by botocore, and then spoilt."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aioturk.marketplace import Marketplace

from .support import TARGET

__all__ = ["document_of", "exchange", "message", "signed_headers", "status_of"]


def signed_headers(
    market: Marketplace, operation: str, body: bytes = b"{}", further: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """The headers of a good request; everything in them is signed."""
    named = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation}
    named["Host"] = market.url.removeprefix("http://")
    request = AWSRequest("POST", market.url + "/", {**named, **(further or {})}, body)
    keys = Credentials(market.access_key, market.secret_key)
    SigV4Auth(keys, "mturk-requester", "us-east-1").add_auth(request)
    return list(request.headers.items())


def message(
    headers: list[tuple[str, str]], body: bytes, *, line: str = "POST / HTTP/1.1", length: int | None = -1
) -> bytes:
    """A request as bytes, the last of its connection; Content-Length is the body's, another, or (None) left out."""
    headers = [*headers, ("Connection", "close")]
    if length is not None:
        headers = [*headers, ("Content-Length", str(len(body) if length < 0 else length))]
    head = "\r\n".join([line, *(f"{name}: {value}" for name, value in headers)])
    return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


async def exchange(market: Marketplace, sent: bytes, *, leave: bool = False) -> bytes:
    """Send bytes, and return what comes back until the connection ends; `leave` says that no more will be sent."""
    host, _, port = market.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        await writer.drain()
        if leave:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 30)
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """The status of an answer; 0 when there is none."""
    return int(answer.split(b" ", 2)[1]) if answer else 0


def document_of(answer: bytes) -> Any:
    """The JSON document in an answer."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])
