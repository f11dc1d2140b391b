"""Asking whose keys these are: what is sent, and what comes of every answer."""

from __future__ import annotations

import pytest

from aioturk._core.endpoints import Endpoint
from aioturk._core.messages import Response
from aioturk._sts import account_of
from aioturk.calling import Neighbour
from aioturk.credentials import keyring
from aioturk.crowd.faults import error_of
from aioturk.errors import (
    AccessDenied,
    CredentialsRefused,
    ServiceError,
    ServiceFault,
    Throttled,
    TurkError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.marketplace import Marketplace
from aioturk.testing import CREDENTIALS, JumpingClock, StubTransport

PLACE = Endpoint(
    "https://turk.example.org/", "turk.example.org", "https://turk.example.org", "us-east-1", None, is_amazon=False
)


def neighbour(transport: StubTransport, *, retries: bool = True) -> Neighbour:
    keys = keyring(CREDENTIALS)
    return Neighbour("crowd", errors=error_of, keys=keys, transport=transport, clock=JumpingClock(), retries=retries)


def refusal(code: str, message: str = "No.") -> bytes:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>r-1</RequestId></ErrorResponse>".encode()


async def test_a_marketplace_answers_at_its_own_url(market: Marketplace) -> None:
    """A marketplace of ours tells the account of its first requester."""
    place = Endpoint(market.url + "/", "", market.url, "us-east-1", None, is_amazon=False)
    async with Neighbour("crowd", errors=error_of, keys=keyring(market.credentials)) as crowd:
        assert await account_of(crowd, place) == "123456789012"


@pytest.fixture
async def market() -> object:
    """A marketplace in memory."""
    async with Marketplace() as market:
        yield market


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, refusal("InvalidClientTokenId"), CredentialsRefused),
        (403, refusal("SignatureDoesNotMatch"), CredentialsRefused),
        (403, refusal("AccessDenied"), AccessDenied),
        (400, refusal("Throttling"), Throttled),
        (429, refusal("Whatever"), Throttled),
        (500, refusal("InternalFailure"), ServiceFault),
        (400, refusal("InvalidAction"), ServiceError),
        (503, b"<html>", UnreadableResponse),
        (403, b"", UnreadableResponse),
        (302, refusal("AccessDenied"), UnreadableResponse),
        (200, b"<html/>", UnexpectedResponse),
        (200, b"<R><Account>12345678901x</Account></R>", UnexpectedResponse),
        (200, b"{}", UnexpectedResponse),
        (200, b'<!DOCTYPE R [<!ENTITY a "123456789012">]><R><Account>&a;</Account></R>', UnexpectedResponse),
    ],
)
async def test_answers(status: int, body: bytes, expected: type[TurkError]) -> None:
    """Every answer but the account's number is an error that says what it is."""
    asked = neighbour(StubTransport(Response(status, {}, body)), retries=False)
    with pytest.raises(expected) as caught:
        await account_of(asked, PLACE)
    assert type(caught.value) is expected
    if isinstance(caught.value, ServiceError) and body.startswith(b"<Error"):
        assert caught.value.message == "No."
        assert caught.value.request_id == "r-1"


async def test_a_clock_that_is_wrong() -> None:
    """A refused date is corrected from the answer, and the question asked once more."""
    skewed = Response(
        403,
        {"date": "Tue, 14 Nov 2023 22:43:20 GMT"},
        refusal("SignatureDoesNotMatch", "Signature expired: 20231114T221320Z is now earlier than 20231114T223820Z"),
    )
    transport = StubTransport(skewed, Response(200, {}, b"<R><Account>123456789012</Account></R>"))
    assert await account_of(neighbour(transport), PLACE) == "123456789012"
    dates = [dict(request.headers)["X-Amz-Date"] for request in transport.requests]
    assert dates == ["20231114T221320Z", "20231114T224320Z"]
