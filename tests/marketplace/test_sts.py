"""The one question of STS, asked by boto3 and over raw HTTP under the name of the real host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import aiohttp
import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from aioturk.marketplace import Marketplace
from aioturk.marketplace.house import House
from aioturk.marketplace.proxy import STS_HOSTS

from .support import post

ASK = b"Action=GetCallerIdentity&Version=2011-06-15"
NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory: where it keeps things makes no difference here."""
    async with Marketplace() as market:
        yield market


async def ask(
    market: Marketplace,
    body: bytes = ASK,
    *,
    host: str = "sts.amazonaws.com",
    method: str = "POST",
    secret_key: str | None = None,
    access_key: str | None = None,
    service: str = "sts",
    signed: bool = True,
) -> tuple[int, ElementTree.Element]:
    """Ask under a host's name, with a signature by botocore."""
    query = "" if method == "POST" else f"?{body.decode()}"
    data = body if method == "POST" else b""
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest(method, f"{market.url}/{query}", headers, data)
    if signed:
        keys = Credentials(access_key or market.access_key, secret_key or market.secret_key)
        SigV4Auth(keys, service, "us-east-1").add_auth(request)
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, request.url, data=data, headers=dict(request.headers.items())) as answer,
    ):
        assert answer.headers["Content-Type"] == "text/xml"
        return answer.status, ElementTree.fromstring(await answer.text())


def text_of(document: ElementTree.Element, name: str) -> str | None:
    """The text of the first element of that name."""
    return next((element.text for element in document.iter(f"{NAMESPACE}{name}")), None)


@pytest.mark.parametrize("host", [*sorted(STS_HOSTS), "STS.amazonaws.com.", "sts.amazonaws.com:80"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_first_account(market: Marketplace, host: str, method: str) -> None:
    """The first requester's account is 123456789012, by whichever name and method it is asked for."""
    status, document = await ask(market, host=host, method=method)

    assert status == 200
    assert document.tag == f"{NAMESPACE}GetCallerIdentityResponse"
    assert text_of(document, "Account") == "123456789012"
    assert text_of(document, "Arn") == "arn:aws:iam::123456789012:user/requester"
    assert text_of(document, "UserId")
    assert text_of(document, "RequestId")


async def test_every_requester_has_an_account(market: Marketplace) -> None:
    """The second requester's account is the next number, and both keys of it tell the same."""
    first = await market.add_requester("second")
    second = await market.add_requester("second", access_key="AKIASECOND", secret_key="secret")
    for keys in (first, second):
        _, document = await ask(market, access_key=keys.access_key, secret_key=keys.secret_key)
        assert text_of(document, "Account") == "123456789013"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"access_key": "AKIANOBODY"}, "InvalidClientTokenId"),
        ({"secret_key": "another"}, "SignatureDoesNotMatch"),
        ({"service": "mturk-requester"}, "SignatureDoesNotMatch"),
        ({"signed": False}, "MissingAuthenticationToken"),
    ],
)
async def test_strangers_are_refused(market: Marketplace, wrong: dict[str, Any], code: str) -> None:
    """Who cannot prove who they are is refused with the code that STS has for it."""
    status, document = await ask(market, **wrong)

    assert status == 403
    assert text_of(document, "Code") == code
    assert text_of(document, "Message")


@pytest.mark.parametrize("body", [b"Action=GetSessionToken", b"", b"\xff=%ff", b"Action=GetCallerIdentity&Action=x"])
async def test_other_questions_are_not_answered(market: Marketplace, body: bytes) -> None:
    """Everything but GetCallerIdentity is an InvalidAction."""
    status, document = await ask(market, body)

    assert status == 400
    assert text_of(document, "Code") == "InvalidAction"


async def test_failures_of_its_own(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When it fails by itself, that is an answer like any other, whose request is named in the log."""

    async def fail(self: House, access_key: str) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(House, "key", fail)
    status, document = await ask(market)

    assert status == 500
    assert text_of(document, "Code") == "InternalFailure"
    assert text_of(document, "Message") == "The service failed by itself."
    assert [record.message for record in caplog.records] == [f"request {text_of(document, 'RequestId')} failed"]
    assert "the disk is full" in caplog.text


async def test_boto3_reads_the_answer(market: Marketplace) -> None:
    """boto3 takes the answer for one of STS."""

    def put_host(request: AWSRequest, **_: Any) -> None:
        request.headers["Host"] = "sts.us-east-1.amazonaws.com"

    client = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=market.url,
        aws_access_key_id=market.access_key,
        aws_secret_access_key=market.secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-sign", put_host)

    answer = await asyncio.to_thread(client.get_caller_identity)

    assert answer["Account"] == "123456789012"


async def test_it_is_answered_at_the_markets_own_address(market: Marketplace) -> None:
    """Whoever knows the marketplace's address alone learns the account's number there, by boto3, too."""
    client = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=market.url,
        aws_access_key_id=market.access_key,
        aws_secret_access_key=market.secret_key,
    )

    assert (await asyncio.to_thread(client.get_caller_identity))["Account"] == "123456789012"


@pytest.mark.parametrize(
    ("body", "service", "status", "code"),
    [
        (b"Action=GetSessionToken", "sts", 400, "InvalidAction"),
        (ASK, "mturk-requester", 403, "SignatureDoesNotMatch"),
    ],
)
async def test_refusals_at_the_markets_own_address(
    market: Marketplace, body: bytes, service: str, status: int, code: str
) -> None:
    """Forms with an action are STS's there: they have to be signed for it, and to ask the one question."""
    found, document = await ask(market, body, host=market.url.removeprefix("http://"), service=service)

    assert (found, text_of(document, "Code")) == (status, code)


async def test_what_is_no_form_is_the_apis(market: Marketplace) -> None:
    """The same words in another kind of body, or beside the name of an operation, are a call of the API."""
    answer = await post(market, "", ASK, service="sts")

    assert answer.json["__type"] == "UnknownOperationException"
