"""
"Whose keys are these?": the one question of STS that programs ask before they dare to work.

It is asked in AWS's query protocol (a form in, XML out), which nothing else here speaks.
"""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, urlsplit

from aioturk._core.messages import Request, Response
from aioturk._core.xml import escape
from aioturk.errors import CredentialsRefused
from aioturk.marketplace import identifiers
from aioturk.marketplace.callers import caller
from aioturk.marketplace.house import House

__all__ = ["Sts"]

_SIGNING_NAME = "sts"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_STRANGER = "InvalidClientTokenId"
_CODES = {
    "UnrecognizedClientException": _STRANGER,
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "IncompleteSignatureException": "IncompleteSignature",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
}
"""Codes of refused signatures: as JSON services call them, and as this protocol does."""

_log = logging.getLogger(__name__)


class Sts:
    """
    Answers `GetCallerIdentity`.

    Args:
        house: Where the keys are kept.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    async def handle(self, request: Request) -> Response:
        """Answer a request, whatever is wrong with it."""
        request_id = identifiers.request_id()
        try:
            return await self._answer(request, request_id)
        except CredentialsRefused as refused:
            return _declined(403, _CODES.get(refused.code, refused.code), refused.message, request_id)
        except Exception:
            _log.exception("request %s failed", request_id)
            return _declined(500, "InternalFailure", "The service failed by itself.", request_id)

    async def _answer(self, request: Request, request_id: str) -> Response:
        key, _ = await caller(self._house, request, _SIGNING_NAME)
        form = request.body.decode("utf-8", "replace") if request.method == "POST" else urlsplit(request.url).query
        if parse_qs(form).get("Action") != ["GetCallerIdentity"]:
            return _declined(400, "InvalidAction", "This marketplace answers GetCallerIdentity only.", request_id)
        account = identifiers.account_number(key.requester_seq)
        user = f"AIDA{key.access_key[-16:]:A>16}"
        return _answer(
            200,
            "GetCallerIdentityResponse",
            f"<GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/requester</Arn>"
            f"<UserId>{escape(user)}</UserId><Account>{account}</Account></GetCallerIdentityResult>"
            f"<ResponseMetadata>{_told(request_id)}</ResponseMetadata>",
            request_id,
        )


def _declined(status: int, code: str, message: str, request_id: str) -> Response:
    by = "Sender" if status < 500 else "Receiver"
    error = f"<Error><Type>{by}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    return _answer(status, "ErrorResponse", f"{error}{_told(request_id)}", request_id)


def _answer(status: int, name: str, content: str, request_id: str) -> Response:
    body = f'<{name} xmlns="{_NAMESPACE}">{content}</{name}>'
    return Response(status, {"x-amzn-RequestId": request_id, "Content-Type": "text/xml"}, body.encode())


def _told(request_id: str) -> str:
    return f"<RequestId>{request_id}</RequestId>"
