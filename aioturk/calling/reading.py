"""From what a reader says of an answer's body to errors that say what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from aioturk._core import codec
from aioturk._core.messages import Response
from aioturk.errors import UnexpectedResponse, UnreadableResponse

__all__ = ["readable"]

T = TypeVar("T")


def readable(name: str, response: Response, read: Callable[[], T]) -> T:
    """
    Read a successful answer, or raise the error that tells that it cannot be read (R4).

    Args:
        name: What was called.
        response: The answer.
        read: Reads it; raises `Malformed` or `Misshapen` of :mod:`aioturk._core.codec`.

    Raises:
        UnexpectedResponse: It was executed, but the answer does not have the agreed shape.
        UnreadableResponse: The answer is no JSON.
    """
    try:
        return read()
    except codec.Misshapen as misfit:
        raise UnexpectedResponse(
            f"the answer does not have the agreed shape: {misfit}",
            body=response.body,
            operation=name,
            request_id=response.headers.get("x-amzn-requestid"),
        ) from misfit
    except codec.Malformed as problem:
        raise UnreadableResponse(
            f"{name} was answered with success, but the answer cannot be read: {problem}",
            operation=name,
            status=response.status,
            body=response.body[:2048],
            request_id=response.headers.get("x-amzn-requestid"),
        ) from problem
