"""Which exception an answer of the Crowd API stands for. Only success is of no concern here."""

from __future__ import annotations

from typing import Any

from aioturk._core.codec import Malformed, Misshapen, read_document
from aioturk._core.faults import decipher, retry_after
from aioturk._core.messages import Response
from aioturk.crowd.errors import CrowdFunctionDoesNotExist, CrowdRefused, CrowdTaskDoesNotExist
from aioturk.errors import AccessDenied, CredentialsRefused, ServiceError, ServiceFault, Throttled, TurkError

__all__ = ["error_of"]


def error_of(response: Response, operation: str) -> TurkError:
    """
    Return the exception for an answer with another status than 2xx.

    Errors are JSON with a ``message``. What has none was said by something between here and the service: a 404 of a
    proxy must not be taken for "there is no such task".

    Args:
        response: The answer.
        operation: What was called.
    """
    error = _error(response, operation)
    if isinstance(error, AccessDenied):
        error.remedy = (
            f"Tasks belong to the account of the keys: look at account_id. The keys need the IAM action "
            f"crowd:{operation}, which AmazonMechanicalTurkCrowdFullAccess has."
        )
    return error


def _error(response: Response, operation: str) -> TurkError:
    known = decipher(response, operation=operation)
    if isinstance(known, CredentialsRefused | AccessDenied | Throttled | ServiceFault):
        return known
    message = _message(response)
    if message is None or response.status < 400 or response.status == 408:
        return known
    facts: dict[str, Any] = {
        "status": response.status,
        "operation": operation,
        "request_id": response.headers.get("x-amzn-requestid"),
        "retry_after": retry_after(response),
    }
    if isinstance(known, ServiceError):
        facts["code"] = known.code
    return _class_of(response.status, operation, message, facts)(message, **facts)


def _message(response: Response) -> str | None:
    try:
        document = read_document(response.body)
    except (Malformed, Misshapen):
        return None
    message = document.get("message", document.get("Message"))
    return message if isinstance(message, str) else None


def _class_of(status: int, operation: str, message: str, facts: dict[str, Any]) -> type[ServiceError]:
    if status >= 500:
        return ServiceFault
    if status in (401, 403):
        return _refusal(message.lower(), facts)
    if status == 404:
        return CrowdFunctionDoesNotExist if operation == "PutTask" else CrowdTaskDoesNotExist
    return CrowdRefused


def _refusal(message: str, facts: dict[str, Any]) -> type[ServiceError]:
    """Tell refused keys from missing permissions by the text, for want of a code."""
    if "expired" in message and "token" in message:
        facts["code"] = "ExpiredTokenException"
        return CredentialsRefused
    if "signature" in message or "security token" in message or "authentication token" in message:
        return CredentialsRefused
    return AccessDenied
