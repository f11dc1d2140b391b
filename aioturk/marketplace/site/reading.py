"""
Reading forms: what browsers send, and whatever else somebody sends.

What becomes of the fields is the pages' own matter (`aioturk.marketplace.site.visits`).
"""

from __future__ import annotations

from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from aioturk.marketplace.site.refusing import Refused

__all__ = ["posted"]

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
    return fields
