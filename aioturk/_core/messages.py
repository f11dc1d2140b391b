"""
The two values that cross the wire.

A transport (:mod:`aioturk.transport`) turns a `Request` into a `Response` and knows nothing else; the
marketplace's gateway does the same from the other end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Headers", "Request", "Response"]

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """
    One HTTP request, ready for signing or sending.

    Attributes:
        method: ``"POST"``, ``"GET"``, ...
        url: Absolute URL.
        headers: Name and value pairs in order; a name may come more than once.
        body: The bytes to send.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """
    One HTTP response, read to its end.

    Attributes:
        status: The HTTP status.
        headers: Header values; look them up by lower-case name.
        body: All the bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
