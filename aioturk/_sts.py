"""
"Whose keys are these?": the one question to STS that aioturk asks.

It is asked in AWS's query protocol, a form in and XML out, and signed like everything else. Who needs the answer asks
once and remembers it (:mod:`aioturk.crowd`); the marketplace's side is in :mod:`aioturk.marketplace.sts`.
"""

from __future__ import annotations

from typing import Any, Final

from aioturk._core.codec import Misshapen
from aioturk._core.endpoints import Endpoint
from aioturk._core.faults import decipher
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk.calling import Neighbour
from aioturk.errors import AccessDenied, CredentialsRefused, ServiceError, ServiceFault, Throttled, TurkError

__all__ = ["account_of"]

_OPERATION: Final = "GetCallerIdentity"
_FORM: Final = f"Action={_OPERATION}&Version=2011-06-15".encode()
_HEADERS: Final = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)

_BY_CODE: Final[dict[str, type[ServiceError]]] = {
    "InvalidClientTokenId": CredentialsRefused,
    "SignatureDoesNotMatch": CredentialsRefused,
    "IncompleteSignature": CredentialsRefused,
    "MissingAuthenticationToken": CredentialsRefused,
    "ExpiredToken": CredentialsRefused,
    "ExpiredTokenException": CredentialsRefused,
    "RequestExpired": CredentialsRefused,
    "AccessDenied": AccessDenied,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
}


async def account_of(neighbour: Neighbour, endpoint: Endpoint) -> str:
    """
    Return the twelve digits of the account that the keys belong to.

    Args:
        neighbour: A service that the keys are good for.
        endpoint: Where it is: for Amazon's, STS is asked, for a marketplace of ours, the marketplace itself.
    """
    url = f"https://sts.{endpoint.region}.amazonaws.com/" if endpoint.is_amazon else endpoint.url
    return await neighbour.beside("sts", _error).exchange(
        _OPERATION, Request("POST", url, _HEADERS, _FORM), retry_class=RetryClass.READ, read=_account
    )


def _account(response: Response) -> str:
    account = _texts(response.body).get("Account", "")
    if len(account) != 12 or not (account.isascii() and account.isdigit()):
        raise Misshapen("it has no account number of twelve digits")
    return account


def _error(response: Response, operation: str) -> TurkError:
    try:
        told = _texts(response.body)
    except Misshapen:
        return decipher(response, operation=operation)
    code = told.get("Code")
    if code is None or response.status < 400:
        return decipher(response, operation=operation)
    kind = Throttled if response.status == 429 else ServiceFault if response.status >= 500 else _BY_CODE.get(code)
    return (kind or ServiceError)(
        told.get("Message", ""),
        code=code,
        status=response.status,
        operation=operation,
        request_id=told.get("RequestId"),
    )


def _texts(body: bytes) -> dict[str, str]:
    """Return the texts of a document by the names of their elements."""
    from aioturk._core import xml  # ElementTree is loaded for those alone who ask

    try:
        root: Any = xml.parse(body)
    except xml.XMLError as error:
        raise Misshapen(f"it is no XML: {error}") from None
    return {xml.local_name(element): element.text or "" for element in root.iter()}
