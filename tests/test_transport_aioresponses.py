"""The transport's names for aiohttp's failures, each raised on demand."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp import client_exceptions
from aiohttp.client_reqrep import ConnectionKey
from aioresponses import aioresponses
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from aioturk._core.messages import Request
from aioturk.errors import (
    AttemptTimedOut,
    ConnectFailed,
    ConnectionLost,
    Fate,
    TransportError,
    TurkError,
    UnreadableResponse,
)
from aioturk.transport import AiohttpTransport

ADDRESS = "http://mturk.test/"

OUTCOMES: dict[str, type[TransportError]] = {
    # There was no connection.
    "ClientConnectorError": ConnectFailed,
    "ClientConnectorDNSError": ConnectFailed,
    "ClientConnectorSSLError": ConnectFailed,
    "ClientConnectorCertificateError": ConnectFailed,
    "ClientSSLError": ConnectFailed,
    "ClientProxyConnectionError": ConnectFailed,
    "ClientHttpProxyError": ConnectFailed,
    "ConnectionTimeoutError": ConnectFailed,
    "InvalidURL": ConnectFailed,
    "InvalidUrlClientError": ConnectFailed,
    "NonHttpUrlClientError": ConnectFailed,
    "ServerFingerprintMismatch": ConnectFailed,
    "UnixClientConnectorError": ConnectFailed,
    # There was one, or there may have been.
    "ClientError": ConnectionLost,
    "ClientConnectionError": ConnectionLost,
    "ClientConnectionResetError": ConnectionLost,
    "ClientOSError": ConnectionLost,
    "ClientPayloadError": ConnectionLost,
    "ServerConnectionError": ConnectionLost,
    "ServerDisconnectedError": ConnectionLost,
    "UploadAbortedError": ConnectionLost,
    "ServerTimeoutError": AttemptTimedOut,
    "SocketTimeoutError": AttemptTimedOut,
    "ClientResponseError": UnreadableResponse,
    "ContentTypeError": UnreadableResponse,
    "WSServerHandshakeError": UnreadableResponse,
    # Redirects come after an answer, so after a request; we follow none.
    "RedirectClientError": ConnectionLost,
    "InvalidUrlRedirectClientError": ConnectionLost,
    "NonHttpUrlRedirectClientError": ConnectionLost,
    "TooManyRedirects": UnreadableResponse,
}

ELSEWHERE = {"WSMessageTypeError"}
"""Of websockets, and no network error."""

KEY = ConnectionKey("mturk.test", 80, False, True, None, None, None)
INFO = aiohttp.RequestInfo(URL(ADDRESS), "POST", CIMultiDictProxy(CIMultiDict()), URL(ADDRESS))


def make(cls: type[BaseException]) -> Exception:
    """An exception of the class, filled in as aiohttp does."""
    arguments: tuple[object, ...] = ("why",)
    if issubclass(cls, client_exceptions.UnixClientConnectorError):
        arguments = ("/socket", KEY, OSError(1, "why"))
    elif issubclass(cls, aiohttp.ClientConnectorCertificateError):
        arguments = (KEY, ssl.CertificateError("why"))
    elif issubclass(cls, aiohttp.ClientConnectorError):
        arguments = (KEY, OSError(1, "why"))
    elif issubclass(cls, aiohttp.ClientResponseError):
        arguments = (INFO, ())
    elif issubclass(cls, aiohttp.ServerFingerprintMismatch):
        arguments = (b"expected", b"got", "mturk.test", 443)
    exception = cls(*arguments)
    assert isinstance(exception, Exception)
    return exception


def known(name: str) -> type[BaseException]:
    """A class of aiohttp's; one that a version does not have yet is passed over."""
    cls = getattr(client_exceptions, name, None)
    if cls is None:
        pytest.skip(f"this aiohttp has no {name}")
    assert isinstance(cls, type)
    assert issubclass(cls, BaseException)
    return cls


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    """A transport with a session of its own."""
    made = AiohttpTransport()
    yield made
    await made.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that the caller made."""
    async with aiohttp.ClientSession() as made:
        yield made


async def failing(transport: AiohttpTransport, exception: Exception, method: str = "POST") -> TurkError:
    """What the transport makes of an exception that comes out of aiohttp."""
    with aioresponses() as replies:
        replies.add(ADDRESS, method=method, exception=exception)
        with pytest.raises(TurkError) as caught:
            await transport.send(Request(method, ADDRESS), timeout=30)
    return caught.value


def test_no_class_was_forgotten() -> None:
    """Every exception class that aiohttp's client has is in the table."""
    classes = {
        name
        for name, cls in inspect.getmembers(client_exceptions, inspect.isclass)
        if issubclass(cls, BaseException) and cls.__module__ == client_exceptions.__name__
    }
    assert classes - ELSEWHERE <= set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
async def test_class_alone(transport: AiohttpTransport, session: aiohttp.ClientSession, name: str) -> None:
    """Where nothing but the class is known, it decides, in a session of ours and in a given one."""
    exception = make(known(name))
    for each in (transport, AiohttpTransport(session=session)):
        error = await failing(each, exception)
        assert type(error) is OUTCOMES[name]
        assert error.fate is (Fate.NOT_EXECUTED if type(error) is ConnectFailed else Fate.UNKNOWN)


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_methods_that_aiohttp_repeats(session: aiohttp.ClientSession, name: str, method: str) -> None:
    """In a given session a failure to connect may be that of aiohttp's own repeat, so it proves nothing."""
    error = await failing(AiohttpTransport(session=session), make(known(name)), method)
    assert error.fate is Fate.UNKNOWN


@pytest.mark.parametrize("name", OUTCOMES)
async def test_while_connecting(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever goes wrong before a connection is handed out, nothing was sent."""

    async def connect(*_: object, **__: object) -> None:
        raise make(known(name))

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", connect)
    with pytest.raises(ConnectFailed):
        await transport.send(Request("POST", ADDRESS), timeout=30)


class Connection:
    """Enough of a connection for aiohttp to start sending."""

    def __init__(self) -> None:
        self.protocol = self

    def set_response_params(self, **_: object) -> None:
        """Take the settings."""

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_once_connected(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, name: str, method: str
) -> None:
    """Whatever goes wrong after a connection was handed out, the request may have been executed; none is repeated."""
    sent = 0

    async def connect(*_: object, **__: object) -> Connection:
        return Connection()

    async def send(*_: object) -> None:
        nonlocal sent
        sent += 1
        raise make(known(name))

    monkeypatch.setattr(aiohttp.TCPConnector, "connect", connect)
    monkeypatch.setattr(aiohttp.ClientRequest, "send", send)
    with pytest.raises(TransportError) as caught:
        await transport.send(Request(method, ADDRESS), timeout=30)
    assert (caught.value.fate, sent) == (Fate.UNKNOWN, 1)


@pytest.mark.parametrize(
    ("make_exception", "outcome"),
    [
        (lambda: TimeoutError("no answer"), AttemptTimedOut),
        (lambda: ConnectionResetError(104, "reset"), ConnectionLost),
        (lambda: BrokenPipeError(32, "pipe"), ConnectionLost),
        (lambda: ssl.SSLError(1, "bad record"), ConnectionLost),
        (lambda: EOFError("end"), ConnectionLost),
        (lambda: RuntimeError("the handler is closed"), ConnectionLost),
    ],
)
async def test_other_exceptions(
    transport: AiohttpTransport, make_exception: Callable[[], Exception], outcome: type[TurkError]
) -> None:
    """What is not aiohttp's own, and says nothing of connecting, leaves open what became of the request."""
    error = await failing(transport, make_exception())
    assert type(error) is outcome
    assert error.fate is Fate.UNKNOWN


async def test_cause_is_kept(transport: AiohttpTransport) -> None:
    """The error says in a sentence what aiohttp said, and keeps its exception."""
    exception = aiohttp.ServerDisconnectedError()
    error = await failing(transport, exception)
    assert error.__cause__ is exception
    assert str(error) == (
        "The connection to mturk.test:80 broke before the whole answer was here: Server disconnected."
    )


async def test_cancellation_is_not_an_error(transport: AiohttpTransport) -> None:
    """Cancellation comes out as it went in."""
    with aioresponses() as replies:
        replies.post(ADDRESS, exception=asyncio.CancelledError("stop"))
        with pytest.raises(asyncio.CancelledError, match="stop"):
            await transport.send(Request("POST", ADDRESS), timeout=30)


class FakeResponse(aiohttp.ClientResponse):
    """A response as aioresponses builds it, with the argument that aiohttp 3.14 added and aioresponses 0.7.9 lacks."""

    def __init__(self, method: str, url: URL, **arguments: Any) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters:
            arguments.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(method, url, **arguments)


@pytest.mark.parametrize("status", [200, 302, 400, 500, 503])
async def test_statuses_are_answers(transport: AiohttpTransport, status: int) -> None:
    """Any status with any body is an answer; judging it is not the transport's business."""
    with aioresponses() as replies:
        headers = {"X-Amzn-RequestId": "r-1", "Location": "/x"}
        replies.post(ADDRESS, status=status, body=b"<html>", headers=headers, response_class=FakeResponse)
        response = await transport.send(Request("POST", ADDRESS), timeout=30)
    assert (response.status, response.body) == (status, b"<html>")
    assert response.headers["x-amzn-requestid"] == "r-1"
