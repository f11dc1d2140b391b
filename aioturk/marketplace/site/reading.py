"""
Reading forms: what browsers send, and whatever else somebody sends.

What becomes of the fields is the pages' own matter (`aioturk.marketplace.site.visits`).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from aioturk.marketplace.site.refusing import Refused

__all__ = ["is_form", "posted", "read_fields"]

_URLENCODED: Final = "application/x-www-form-urlencoded"
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands for bytes that are no character in the encoding that was tried."""

_UNREADABLE = (
    ValueError,  # fields that are cut off, or are not in the encoding that they are said to be in
    LookupError,  # an encoding that there is not
    RuntimeError,  # a transfer encoding that there is not
    AssertionError,  # how aiohttp says that a part ends too early
    HttpProcessingError,
    ClientError,
    web.RequestPayloadError,
)
"""What aiohttp raises when a body is no form."""


async def posted(request: web.Request) -> list[tuple[str, str]]:
    """
    Return the fields of a form in the order in which they were sent.

    Raises:
        Refused: There are files among them, or it is too long, or no form at all. Where no file was chosen, browsers
            send a part without a name and without content: that is none.
    """
    try:
        sent = await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise Refused(
            "These are more answers than are taken here: too many, or too long. Nothing was taken: go back, and send "
            "less.",
            413,
        ) from None
    except _UNREADABLE as trouble:
        raise Refused("What was sent cannot be read as a form. Nothing was done.", 400) from trouble
    fields = []
    for name, value in sent.items():
        if isinstance(value, bytes | bytearray) and not value:
            continue
        if not isinstance(value, str):
            raise Refused("Files are not taken here. Nothing was done.", 415)
        fields.append((name, value))
    if request.content_type == _URLENCODED and any(_REPLACED in name + value for name, value in fields):
        return read_fields((await request.read()).rstrip().decode(request.charset or "utf-8"))
    return fields


def is_form(request: web.Request) -> bool:
    """Say whether a request says that its body is a form."""
    return request.content_type in (_URLENCODED, "multipart/form-data")


def read_fields(text: str) -> list[tuple[str, str]]:
    """
    Return the fields of a form as browsers write it in an address, or in a body of its own.

    They write it in the encoding of the page, and do not say which that is: UTF-8, or else mostly the one that older
    pages call ISO 8859-1. What is in neither is kept as far as it can be read.
    """
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        return parse_qsl(text, keep_blank_values=True, encoding="windows-1252", errors="replace")
