"""
Status and body ⇄ exception, both directions.

`decipher` reads what the service answers instead of success, in every spelling that has been seen: ``Message`` and
``message``, ``__type`` with and without a namespace, proxies' HTML, nothing at all. `express` writes
an exception as the service does.

The table of classes is made from the classes themselves: each names its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from aioturk import errors
from aioturk._core.codec import Malformed, Misshapen, encode, read_document
from aioturk._core.messages import Response
from aioturk.errors import (
    AccessDenied,
    CredentialsRefused,
    HITAlreadyExists,
    ParameterValidationError,
    RequestError,
    ServiceError,
    ServiceFault,
    Throttled,
    TurkError,
    UnreadableResponse,
)

__all__ = ["decipher", "express", "retry_after"]

_REFUSED_CREDENTIALS = (
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "RequestExpired",
    "NotSignedException",
)
"""Types with which AWS's front end declines keys and signatures; the service behind it never saw the request."""

_PASSING_STATUSES = frozenset({200, 408, 500, 502, 503, 504})


def _subclasses(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _subclasses(kind)


def _normal(code: str) -> str:
    # "AWS.MechanicalTurk.HitAlreadyExists" and "...HITAlreadyExists" have both been seen.
    return code.rpartition(".")[2].removesuffix("Exception").lower()


_BY_TURK_CODE: Mapping[str, type[ServiceError]] = {
    _normal(kind.turk_error_code): kind for kind in _subclasses(ServiceError) if kind.turk_error_code is not None
}
_BY_TYPE: Mapping[str, type[ServiceError]] = {
    "RequestError": RequestError,
    "ParameterValidationError": ParameterValidationError,
    "ValidationException": errors.ValidationException,
    "ServiceFault": ServiceFault,
    "ThrottlingException": Throttled,
    "AccessDeniedException": AccessDenied,
    "UnknownOperationException": errors.UnknownOperation,
    **dict.fromkeys(_REFUSED_CREDENTIALS, CredentialsRefused),
}


def decipher(response: Response, *, operation: str | None = None, token: str | None = None) -> TurkError:
    """
    Return the exception that an unsuccessful response stands for.

    Args:
        response: Any response that is not a readable 200.
        operation: The operation that was called.
        token: The request token that was sent; it is taken out of the text before a HIT's id is looked for.
    """
    document = _document(response.body)
    kind = _type_of(response, document)
    if response.status == 429 and kind is None:
        return Throttled("Too many requests", operation=operation, status=429, **_wire_facts(response))
    named = kind is not None or (document is not None and "TurkErrorCode" in document)
    if document is None or not named or response.status < 400 or response.status == 408:
        # Whoever answers so, it is not the service, which sends its errors with 400 or 500.
        return _unreadable(response, operation)
    turk_code = _text(document, "TurkErrorCode")
    facts: dict[str, Any] = {
        "code": kind or RequestError.code,
        "turk_error_code": turk_code,
        "parameter": _text(document, "Parameter"),
        "status": response.status,
        "operation": operation,
        **_wire_facts(response),
    }
    message = _text(document, "Message") or _text(document, "message") or _text(document, "errorMessage") or ""
    error = _class_of(response.status, kind, turk_code)(message, **facts)
    if isinstance(error, HITAlreadyExists):
        error.hit_id = _hit_id(message, token)
    return error


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        return read_document(body)
    except (Malformed, Misshapen):
        return None


def _type_of(response: Response, document: dict[str, Any] | None) -> str | None:
    """Return the error's type without a namespace, from the body or, as other AWS services do, from a header."""
    if document is None:
        return None
    text = _text(document, "__type") or response.headers.get("x-amzn-errortype")
    # "com.amazonaws.mturk#RequestError" or "RequestError:http://..."
    return text.rpartition("#")[2].partition(":")[0] if text else None


def _text(document: Mapping[str, Any], name: str) -> str | None:
    value = document.get(name)
    return value if isinstance(value, str) else None


def _wire_facts(response: Response) -> dict[str, Any]:
    return {"request_id": response.headers.get("x-amzn-requestid"), "retry_after": retry_after(response)}


def _class_of(status: int, kind: str | None, turk_code: str | None) -> type[ServiceError]:
    by_type = _BY_TYPE.get(kind or "")
    if status == 429 or by_type is Throttled:
        return Throttled
    if status >= 500:
        return ServiceFault  # whatever it calls itself: a failing server vouches for nothing
    if turk_code is not None:
        found = _BY_TURK_CODE.get(_normal(turk_code))
        if found is not None:
            return found
    return by_type or ServiceError


def _unreadable(response: Response, operation: str | None) -> UnreadableResponse:
    status, body = response.status, response.body
    if 300 <= status < 400:
        where = response.headers.get("location", "nowhere")
        text = f"answered with a redirect to {where}, which is never followed"
    else:
        look = " ".join(body[:200].decode("utf-8", "replace").split())
        text = (
            f"answered HTTP {status} with {'an empty body' if not body else 'something that is not its JSON: ' + look}"
        )
    return UnreadableResponse(
        f"{operation or 'The service'}: the address {text}. Is it that of a marketplace, and is no proxy in between?",
        operation=operation,
        status=status,
        body=body[:2048],
        transient=status in _PASSING_STATUSES,
        request_id=response.headers.get("x-amzn-requestid"),
    )


_ID_LENGTH = 30
_HIT_ID = re.compile(rf"(?<![A-Za-z0-9])[A-Z0-9]{{{_ID_LENGTH}}}(?![A-Za-z0-9])")


def _hit_id(message: str, token: str | None) -> str | None:
    """Find the id of the HIT in the service's text; it is not documented where it stands (R5)."""
    if token and len(token) >= _ID_LENGTH:  # a shorter one cannot be taken for an id, but may well be part of one
        message = re.sub(re.escape(token), " ", message, flags=re.IGNORECASE)
    found = _HIT_ID.search(message)
    return found.group() if found else None


def retry_after(response: Response) -> float | None:
    """Return how many seconds the response asks to wait, from a ``Retry-After`` in seconds or as a date."""
    text = response.headers.get("retry-after")
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None  # it asks for something unintelligible, so it asks for nothing


def express(error: ServiceError, *, stamp: str) -> tuple[int, bytes]:
    """
    Write an exception as the service does.

    The marketplace's own errors carry ``Message``, their code and a time stamp; those of the front end (validation,
    signatures, throttling) carry a lower-case ``message`` alone.

    Args:
        error: What went wrong.
        stamp: What follows the text, for example ``"(1619128133717)"`` or, in the sandbox, ``"(1657421793250 s)"``.

    Returns:
        The HTTP status and the body.
    """
    if not isinstance(error, RequestError | ParameterValidationError | ServiceFault):
        return error.status, encode({"__type": error.code, "message": error.message})
    document = {"__type": error.code, "Message": f"{error.message} {stamp}"}
    if error.parameter is not None:
        document["Parameter"] = error.parameter
    if error.turk_error_code is not None:
        document["TurkErrorCode"] = error.turk_error_code
    return error.status, encode(document)
