"""
"Whose keys are these?": the one question of STS that programs ask before they dare to work.

It is asked in AWS's query protocol (a form in, XML out), which nothing else here speaks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from aioturk import sigv4
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request, Response
from aioturk._core.xml import escape
from aioturk.errors import CredentialsRefused
from aioturk.marketplace import identifiers
from aioturk.marketplace.house import House
from aioturk.marketplace.store.records import Key

__all__ = ["Sts"]

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_STRANGER = "InvalidClientTokenId"
_CODES = {
    "UnrecognizedClientException": _STRANGER,
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "IncompleteSignatureException": "IncompleteSignature",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
}
"""Codes of refused signatures: as JSON services call them, and as this protocol does."""


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
        try:
            key = await self._caller(request)
        except CredentialsRefused as refused:
            return _declined(403, _CODES.get(refused.code, refused.code), refused.message)
        form = request.body.decode("utf-8", "replace") if request.method == "POST" else urlsplit(request.url).query
        if parse_qs(form).get("Action") != ["GetCallerIdentity"]:
            return _declined(400, "InvalidAction", "This marketplace answers GetCallerIdentity only.")
        account = identifiers.account_number(key.requester_seq)
        user = f"AIDA{key.access_key[-16:]:A>16}"
        return _answer(
            200,
            "GetCallerIdentityResponse",
            f"<GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/requester</Arn>"
            f"<UserId>{escape(user)}</UserId><Account>{account}</Account></GetCallerIdentityResult>"
            "<ResponseMetadata>{request_id}</ResponseMetadata>",
        )

    async def _caller(self, request: Request) -> Key:
        claim = sigv4.parse_authorization(request.headers)
        key = await self._house.key(claim.access_key)
        if key is None:
            raise CredentialsRefused("The security token included in the request is invalid.", code=_STRANGER)
        sigv4.verify(
            request,
            Credentials(key.access_key, key.secret_key),
            now=datetime.now(UTC),
            service="sts",
            window=timedelta(seconds=self._house.rules.signature_window),
            claim=claim,
        )
        return key


def _declined(status: int, code: str, message: str) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    return _answer(status, "ErrorResponse", error + "{request_id}")


def _answer(status: int, name: str, content: str) -> Response:
    request_id = identifiers.request_id()
    content = content.replace("{request_id}", f"<RequestId>{request_id}</RequestId>")
    body = f'<{name} xmlns="{_NAMESPACE}">{content}</{name}>'
    return Response(status, {"x-amzn-RequestId": request_id, "Content-Type": "text/xml"}, body.encode())
