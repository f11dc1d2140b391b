"""The aiohttp transport against real sockets: what is sent, what comes back, and what each failure is called."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import socket
import socketserver
import ssl
import struct
import threading
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from aioturk._core.messages import Request
from aioturk.errors import (
    AttemptTimedOut,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Fate,
    TurkError,
    UnreadableResponse,
)
from aioturk.transport import AiohttpTransport, Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PLENTY = 30.0
"""Seconds that no passing test uses up."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, certificate file or netrc of this machine takes part."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


@pytest.fixture
async def transport() -> AsyncIterator[AiohttpTransport]:
    """A transport with its defaults, closed in the end."""
    made = AiohttpTransport()
    yield made
    await made.close()


# Servers that follow a script.


@dataclass
class Peer:
    """One connection as the server sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Server

    async def request(self) -> bytes:
        """Read a request, head and body, to its end; nothing when the client hung up."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        whole = head + await self.reader.readexactly(length)
        self.server.requests.append(whole)
        return whole

    async def answer(self, data: bytes = OK) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def hung_up(self) -> None:
        """Wait until the client closes the connection."""
        with contextlib.suppress(ConnectionError):
            assert await self.reader.read() == b""
        self.server.hung_up.set()


@dataclass
class Server:
    """A scripted server and what it saw."""

    url: str
    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)


Script = Callable[[Peer], Awaitable[None]]


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection, whatever state it is in."""
    writer.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


@asynccontextmanager
async def serve(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve each connection by a script on a free loopback port."""
    connections: set[asyncio.Task[None]] = set()
    seen = Server("", 0)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        connections.add(asyncio.create_task(converse(Peer(reader, writer, seen))))

    async def converse(peer: Peer) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await script(peer)
        finally:
            await hang_up(peer.writer)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    seen.port = listening.sockets[0].getsockname()[1]
    seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{seen.port}/"
    try:
        yield seen
    finally:
        listening.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def obliging(peer: Peer) -> None:
    """Answer every request."""
    while await peer.request():
        await peer.answer()


async def silent(peer: Peer) -> None:
    """Read the first request and never answer."""
    await peer.request()
    await peer.hung_up()


def saying(data: bytes) -> Script:
    """Answer the first request with these bytes, then close."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.answer(data)

    return script


def post(url: str, body: bytes = b"{}", headers: tuple[tuple[str, str], ...] = ()) -> Request:
    """A request of no importance."""
    return Request("POST", url, headers, body)


def unused_url(scheme: str = "http") -> str:
    """An address of this computer where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"{scheme}://127.0.0.1:{sock.getsockname()[1]}/"


class ThreadedServer(socketserver.ThreadingTCPServer):
    """A server outside every event loop; it can close a connection while the client's loop stands still."""

    daemon_threads = True
    answers_per_connection = 1_000

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed_one = threading.Event()


class _Conversation(socketserver.StreamRequestHandler):
    server: ThreadedServer

    def handle(self) -> None:
        self.server.connections += 1
        for _ in range(self.server.answers_per_connection):
            lines = list(iter(self.rfile.readline, b"\r\n")) if (first := self.rfile.readline()) else []
            if not first:
                return
            length = sum(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
            self.server.requests.append(first + b"".join(lines) + self.rfile.read(length))
            self.wfile.write(OK)

    def finish(self) -> None:
        super().finish()
        self.connection.close()
        self.server.closed_one.set()


@pytest.fixture
def threaded_server() -> Iterator[ThreadedServer]:
    """A server in a thread of its own."""
    with ThreadedServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# What is sent and what comes back.


async def test_bytes_on_the_wire(transport: AiohttpTransport) -> None:
    """URL, host, headers in order with duplicates, and body go out as given; one harmless header is added."""
    async with serve(obliging) as server:
        request = Request(
            "POST",
            server.url + "a%2fb/%7Ec//d?x=%2B+y&x=1",
            (("Host", "mturk.test"), ("X-Two", "b"), ("x-two", "a"), ("Authorization", "AWS4 signed")),
            b"body",
        )
        await transport.send(request, timeout=PLENTY)
        assert server.requests == [
            b"POST /a%2fb/%7Ec//d?x=%2B+y&x=1 HTTP/1.1\r\nHost: mturk.test\r\nX-Two: b\r\nX-Two: a\r\n"
            b"Authorization: AWS4 signed\r\nAccept-Encoding: identity\r\nContent-Length: 4\r\n\r\nbody"
        ]


async def test_request_without_body(transport: AiohttpTransport) -> None:
    """A GET of a bare host asks for / and says nothing of a body."""
    async with serve(obliging) as server:
        await transport.send(Request("GET", server.url.rstrip("/")), timeout=PLENTY)
        expected = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept-Encoding: identity\r\n\r\n"
        assert server.requests == [expected.encode()]


async def test_large_request_body(transport: AiohttpTransport) -> None:
    """A body of more than a megabyte arrives whole, without a warning of aiohttp's."""
    body = bytes(range(256)) * 8192
    async with serve(obliging) as server:
        await transport.send(post(server.url, body), timeout=PLENTY)
        assert server.requests[0].endswith(b"\r\n\r\n" + body)


async def test_response(transport: AiohttpTransport) -> None:
    """Status, headers by lower-case name and body come back, whatever the status."""
    async with serve(saying(b"HTTP/1.1 503 Busy\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 3\r\n\r\nabc")) as server:
        response = await transport.send(post(server.url), timeout=PLENTY)
        assert (response.status, response.body) == (503, b"abc")
        assert response.headers["content-length"] == "3"
        assert response.headers["x-a"] == "1"


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
    ],
    ids=["chunked", "until-close", "http-1.0"],
)
async def test_body_of_unannounced_length(transport: AiohttpTransport, data: bytes) -> None:
    """Chunked answers and those that end with the connection are read to their end."""
    async with serve(saying(data)) as server:
        assert (await transport.send(post(server.url), timeout=PLENTY)).body == b"abcde"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_answers(transport: AiohttpTransport, status: int) -> None:
    """A redirect is returned and not followed, even where aiohttp would keep the method."""
    async with serve(obliging) as target:
        data = f"HTTP/1.1 {status} Moved\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n".encode()
        async with serve(saying(data)) as server:
            response = await transport.send(post(server.url), timeout=PLENTY)
        assert (response.status, response.headers["location"]) == (status, target.url)
        assert target.requests == []


async def test_no_cookies_and_no_netrc(
    transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Cookies are forgotten, and a netrc file neither adds nor replaces Authorization."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login joe password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    async def script(peer: Peer) -> None:
        while await peer.request():
            await peer.answer(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    async with serve(script) as server:
        await transport.send(post(server.url), timeout=PLENTY)
        await transport.send(post(server.url, headers=(("Authorization", "ours"),)), timeout=PLENTY)
        first, second = server.requests
        assert b"Authorization" not in first
        assert b"Authorization: ours\r\n" in second
        assert b"Cookie" not in second


# The bound on an answer's size.


def announced(body: bytes) -> bytes:
    """An answer that announces its length."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    """An answer in one chunk."""
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def until_close(body: bytes) -> bytes:
    """An answer that ends with the connection."""
    return b"HTTP/1.1 200 OK\r\n\r\n" + body


def zipped(body: bytes) -> bytes:
    """An answer compressed although nobody asked for it."""
    packed = gzip.compress(body, mtime=0)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


@pytest.mark.parametrize("form", [announced, chunked, until_close, zipped])
async def test_size_bound(form: Callable[[bytes], bytes]) -> None:
    """An answer as large as the bound is read; one byte more is an error, and may have been executed."""
    transport = AiohttpTransport(max_response_bytes=1000)
    async with serve(saying(form(b"a" * 1000))) as server:
        assert (await transport.send(post(server.url), timeout=PLENTY)).body == b"a" * 1000

    async with serve(saying(form(b"a" * 1001))) as server:
        with pytest.raises(UnreadableResponse, match="larger than 1000 bytes") as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert (caught.value.status, caught.value.fate) == (200, Fate.UNKNOWN)
    await transport.close()


@pytest.mark.parametrize(
    "start", [b"Content-Length: 1001\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"a" * 1001]
)
async def test_connection_of_an_oversized_answer(start: bytes) -> None:
    """Reading does not wait for the rest of an answer that is too large, and its connection is closed."""
    transport = AiohttpTransport(max_response_bytes=1000)

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"HTTP/1.1 200 OK\r\n" + start)
        await peer.hung_up()

    async with serve(script) as server:
        with pytest.raises(UnreadableResponse, match="larger than 1000 bytes"):
            await transport.send(post(server.url), timeout=PLENTY)
        await server.hung_up.wait()
    await transport.close()


async def test_endless_answer() -> None:
    """Reading an answer without end stops at the bound."""

    async def endless(peer: Peer) -> None:
        await peer.request()
        await peer.answer(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await peer.answer(b"a" * 4096)

    transport = AiohttpTransport(max_response_bytes=100_000)
    async with serve(endless) as server:
        with pytest.raises(UnreadableResponse, match="larger") as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert set(caught.value.body) == {ord("a")}
        await transport.close()


async def test_small_bomb() -> None:
    """A few compressed bytes that stand for megabytes are not unpacked beyond the bound."""
    transport = AiohttpTransport(max_response_bytes=100_000)
    async with serve(saying(zipped(bytes(2**24)))) as server:
        with pytest.raises(UnreadableResponse, match="larger than 100000 bytes"):
            await transport.send(post(server.url), timeout=PLENTY)
    await transport.close()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("br", b"abc"), ("gzip", b"abc"), ("gzip", gzip.compress(b"abc" * 100, mtime=0)[:-9]), ("deflate", b"\0\0")],
)
async def test_bad_content_encoding(transport: AiohttpTransport, encoding: str, body: bytes) -> None:
    """An encoding that is unknown, damaged or cut short makes the answer unreadable."""
    data = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with serve(saying(data)) as server:
        with pytest.raises(UnreadableResponse, match=encoding) as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert (caught.value.body, caught.value.transient) == (body, True)


# Nothing was sent.


async def test_refused(transport: AiohttpTransport) -> None:
    """Nobody listening means: nothing was sent."""
    with pytest.raises(ConnectFailed, match=r"Connect call failed|refused") as caught:
        await transport.send(post(unused_url()), timeout=PLENTY)
    assert (caught.value.fate, caught.value.transient) == (Fate.NOT_EXECUTED, True)


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
async def test_no_such_host(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """A name that cannot be looked up means: nothing was sent."""

    async def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise failure

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(ConnectFailed, match=r"mturk\.test:443 came about"):
        await transport.send(post("https://mturk.test/"), timeout=PLENTY)


@pytest.mark.parametrize("url", ["", "/path", "http://", "http:///x", "ftp://host/", "http://h:99999/", "http://[::1/"])
async def test_invalid_url(transport: AiohttpTransport, url: str) -> None:
    """A URL that cannot be called means: nothing was sent, and nothing changes that."""
    with pytest.raises(ConnectFailed) as caught:
        await transport.send(post(url), timeout=PLENTY)
    assert caught.value.transient is False


@pytest.mark.parametrize("timeout", [0, -1.0])
async def test_no_time(transport: AiohttpTransport, timeout: float) -> None:
    """Without time left there is no attempt."""
    async with serve(obliging) as server:
        with pytest.raises(ConnectFailed):
            await transport.send(post(server.url), timeout=timeout)
        assert server.connections == 0


@pytest.mark.parametrize(("connect_timeout", "timeout"), [(0.05, PLENTY), (PLENTY, 0.05)])
async def test_time_runs_out_in_the_handshake(
    transport: AiohttpTransport, connect_timeout: float, timeout: float
) -> None:
    """Whichever time runs out while TLS is not up yet: nothing was sent."""
    transport = AiohttpTransport(connect_timeout=connect_timeout)

    async def script(peer: Peer) -> None:
        await peer.reader.read()

    async with serve(script) as server:
        with pytest.raises(ConnectFailed):
            await transport.send(post(server.url.replace("http", "https")), timeout=timeout)
        await transport.close()


async def test_time_runs_out_in_the_queue() -> None:
    """A request whose turn does not come in time was not sent, and leaves the queue."""
    transport = AiohttpTransport(max_connections=1)
    arrived, go = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        while await peer.request():
            arrived.set()
            await go.wait()
            await peer.answer()

    async with serve(script) as server:
        first = asyncio.create_task(transport.send(post(server.url), timeout=PLENTY))
        await arrived.wait()
        with pytest.raises(ConnectFailed, match=r"was free within 0\.05 s"):
            await transport.send(post(server.url), timeout=0.05)
        go.set()
        assert (await first).status == 200
        assert (await transport.send(post(server.url), timeout=PLENTY)).status == 200
        assert len(server.requests) == 2
        await transport.close()


# It may have been sent.


async def reset_at_once(peer: Peer) -> None:
    """Break the connection before reading anything."""
    peer.reset()


async def close_at_once(peer: Peer) -> None:
    """Accept and close."""


async def reset_after_request(peer: Peer) -> None:
    """Read the request, then break the connection."""
    await peer.request()
    peer.reset()


async def close_after_request(peer: Peer) -> None:
    """Read the request, then close."""
    await peer.request()


async def reset_in_the_body(peer: Peer) -> None:
    """Break the connection in the middle of the answer."""
    await peer.request()
    await peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    peer.reset()


@pytest.mark.parametrize(
    "script",
    [
        reset_at_once,
        close_at_once,
        reset_after_request,
        close_after_request,
        reset_in_the_body,
        saying(b"HTTP/1.1 200"),
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    ],
)
@pytest.mark.parametrize("fresh", [False, True])
async def test_connection_lost(transport: AiohttpTransport, script: Script, fresh: bool) -> None:
    """Whatever breaks an open connection, and however early, the request may have been executed; none is repeated."""
    async with serve(script) as server:
        with pytest.raises(ConnectionLost) as caught:
            await transport.send(post(server.url), timeout=PLENTY, fresh_connection=fresh)
        assert caught.value.fate is Fate.UNKNOWN
        assert server.connections == 1


async def test_not_http(transport: AiohttpTransport) -> None:
    """An answer in another protocol is unreadable, and the request may have been executed."""
    async with serve(saying(b"SSH-2.0-OpenSSH_9\r\n\r\n")) as server:
        with pytest.raises(UnreadableResponse, match="not HTTP") as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert caught.value.fate is Fate.UNKNOWN


async def test_damaged_chunks(transport: AiohttpTransport) -> None:
    """An answer whose body breaks the rules of HTTP leaves it open what became of the request."""
    async with serve(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")) as server:
        with pytest.raises((ConnectionLost, UnreadableResponse)) as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert caught.value.fate is Fate.UNKNOWN


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE"])
async def test_stale_connection_is_not_a_reason_to_repeat(threaded_server: ThreadedServer, method: str) -> None:
    """A request on an idle connection that the server has just closed is lost, whatever aiohttp would repeat."""
    threaded_server.answers_per_connection = 1
    transport = AiohttpTransport()
    await transport.send(Request(method, threaded_server.url), timeout=PLENTY)
    threaded_server.closed_one.wait(PLENTY)  # the loop stands still, so that it cannot notice
    with pytest.raises(ConnectionLost):
        await transport.send(Request(method, threaded_server.url), timeout=PLENTY)
    assert threaded_server.connections == 1
    await transport.close()


async def test_fresh_connection_does_not_fall_for_a_stale_one(threaded_server: ThreadedServer) -> None:
    """A request that must not be repeated never uses an idle connection."""
    threaded_server.answers_per_connection = 1
    transport = AiohttpTransport()
    await transport.send(post(threaded_server.url), timeout=PLENTY)
    threaded_server.closed_one.wait(PLENTY)
    answer = await transport.send(post(threaded_server.url), timeout=PLENTY, fresh_connection=True)
    assert (answer.status, threaded_server.connections) == (200, 2)
    await transport.close()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"])
async def test_silence(transport: AiohttpTransport, start: bytes) -> None:
    """When time runs out after a connection was there, the request may have been executed; the connection is closed."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()
        await peer.answer(start)
        await peer.hung_up()

    async with serve(script) as server:
        await transport.send(post(server.url), timeout=PLENTY)
        with pytest.raises(AttemptTimedOut, match=r"within 0\.05 s") as caught:
            await transport.send(post(server.url), timeout=0.05)
        assert caught.value.fate is Fate.UNKNOWN
        await server.hung_up.wait()


# Connections.


async def test_keep_alive_and_fresh(transport: AiohttpTransport) -> None:
    """Requests share a connection, except fresh ones, which say that theirs will be closed."""
    async with serve(obliging) as server:
        for fresh in (False, False, True, True, False):
            await transport.send(post(server.url), timeout=PLENTY, fresh_connection=fresh)
        assert server.connections == 3
        assert [b"Connection: close" in request for request in server.requests] == [False, False, True, True, False]


async def test_max_connections() -> None:
    """No more requests than allowed are in flight, fresh ones included, and the others follow in order."""
    transport = AiohttpTransport(max_connections=3)
    in_flight, most, go = 0, 0, asyncio.Event()

    async def script(peer: Peer) -> None:
        nonlocal in_flight, most
        while await peer.request():
            in_flight += 1
            most = max(most, in_flight)
            if in_flight == 3:
                go.set()
            await go.wait()
            in_flight -= 1
            await peer.answer()

    async with serve(script) as server:
        sending = [
            transport.send(post(server.url, str(number).encode()), timeout=PLENTY, fresh_connection=number % 3 == 0)
            for number in range(12)
        ]
        assert {answer.status for answer in await asyncio.gather(*sending)} == {200}
        assert most == 3
        await transport.close()


async def test_turns_are_taken_in_order() -> None:
    """Who waits longest for a connection gets the next one."""
    transport = AiohttpTransport(max_connections=1)
    async with serve(obliging) as server:
        bodies = [b"%d" % number for number in range(8)]
        await asyncio.gather(*(transport.send(post(server.url, body), timeout=PLENTY) for body in bodies))
        assert [request.rpartition(b"\r\n\r\n")[2] for request in server.requests] == bodies
        await transport.close()


async def test_waiting_for_a_turn_is_not_connecting() -> None:
    """The time for connecting does not cut the wait for a turn."""
    transport = AiohttpTransport(max_connections=1, connect_timeout=0.1)

    async def script(peer: Peer) -> None:
        if b"silent" in await peer.request():
            await peer.hung_up()
        else:
            await peer.answer()

    async with serve(script) as server:
        first = asyncio.create_task(transport.send(post(server.url, b"silent"), timeout=0.3))
        second = asyncio.create_task(transport.send(post(server.url), timeout=PLENTY))
        with pytest.raises(AttemptTimedOut):
            await first
        assert (await second).status == 200
        await transport.close()


async def test_close_and_use_again(transport: AiohttpTransport) -> None:
    """Closing closes the connections, may be done twice or before anything, and ends with the next request."""
    await transport.close()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.hung_up()

    async with serve(script) as server:
        for _ in range(2):
            await transport.send(post(server.url), timeout=PLENTY)
            await transport.close()
            await transport.close()
            await server.hung_up.wait()
            server.hung_up.clear()
        assert server.connections == 2


async def test_closing_with_requests_on_their_way() -> None:
    """Closing loses a request in flight, and one that waited for its turn was not sent."""
    transport = AiohttpTransport(max_connections=1)
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        arrived.set()
        await peer.hung_up()

    async with serve(script) as server:
        sending = [asyncio.create_task(transport.send(post(server.url), timeout=PLENTY)) for _ in range(2)]
        fresh = asyncio.create_task(transport.send(post(server.url), timeout=PLENTY, fresh_connection=True))
        await arrived.wait()
        await transport.close()
        outcomes = await asyncio.gather(*sending, fresh, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [ConnectionLost, ConnectFailed, ConnectFailed]
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"max_connections": 0}, {"connect_timeout": 0}, {"max_response_bytes": 0}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    """A setting that cannot work is refused by name."""
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        AiohttpTransport(**wrong)


def test_constructing_needs_nothing() -> None:
    """A transport is made without an event loop, and fits the protocol."""
    transport: Transport = AiohttpTransport()
    assert isinstance(transport, AiohttpTransport)


# Cancellation.


async def cancel_when(transport: AiohttpTransport, request: Request, ready: asyncio.Event, **options: Any) -> None:
    """Start a request, cancel it once `ready`, and see the cancellation come out as it went in."""
    task = asyncio.create_task(transport.send(request, timeout=PLENTY, **options))
    await ready.wait()
    task.cancel("stop")
    with pytest.raises(asyncio.CancelledError, match="stop"):
        await task


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("where", ["handshake", "answer", "announced body", "chunked body"])
async def test_cancelled(where: str, fresh: bool) -> None:
    """A cancelled request takes its connection along and gives its turn back; no task stays behind."""
    transport = AiohttpTransport(max_connections=1)
    ready, gone = asyncio.Event(), asyncio.Event()
    starts = {
        "answer": b"",
        "announced body": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        "chunked body": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    }

    async def script(peer: Peer) -> None:
        if where == "handshake":
            await peer.reader.readexactly(1)
        else:
            await peer.request()
            await peer.answer(starts[where])
        ready.set()
        with contextlib.suppress(ConnectionError):
            await peer.reader.read()
        gone.set()

    async with serve(script) as server, serve(obliging) as other:
        url = server.url.replace("http", "https") if where == "handshake" else server.url
        await cancel_when(transport, post(url), ready, fresh_connection=fresh)
        await gone.wait()
        assert (await transport.send(post(other.url), timeout=PLENTY)).status == 200
        await transport.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_cancelled_in_the_queue() -> None:
    """A request cancelled while it waits for its turn is never sent and does not hold up the next."""
    transport = AiohttpTransport(max_connections=1)
    arrived, go = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        while await peer.request():
            arrived.set()
            await go.wait()
            await peer.answer()

    async with serve(script) as server:
        first = asyncio.create_task(transport.send(post(server.url, b"1"), timeout=PLENTY))
        await arrived.wait()
        second = asyncio.create_task(transport.send(post(server.url, b"2"), timeout=PLENTY))
        third = asyncio.create_task(transport.send(post(server.url, b"3"), timeout=PLENTY))
        await asyncio.sleep(0)
        second.cancel()
        go.set()
        await asyncio.gather(first, third)
        assert second.cancelled()
        assert [request[-1:] for request in server.requests] == [b"1", b"3"]
        await transport.close()


# Event loops.


@pytest.fixture
def no_leftovers() -> Iterator[None]:
    """Whatever is left to the garbage collector would warn now."""
    yield
    gc.collect()


@pytest.mark.usefixtures("no_leftovers")
@pytest.mark.parametrize("closing", [True, False])
def test_one_loop_after_another(threaded_server: ThreadedServer, closing: bool) -> None:
    """A transport works in loop after loop; those that are shut down take their connections along, closed or not."""
    transport = AiohttpTransport()

    async def main() -> int:
        await transport.send(post(threaded_server.url), timeout=PLENTY, fresh_connection=True)
        answer = await transport.send(post(threaded_server.url), timeout=PLENTY)
        if closing:
            await transport.close()
        return answer.status

    assert [asyncio.run(main()) for _ in range(3)] == [200, 200, 200]
    assert threaded_server.connections == 6


def test_loop_closed_without_being_shut_down(threaded_server: ThreadedServer) -> None:
    """Connections of a loop that was simply closed are closed when the next loop comes; aiohttp has no complaint."""
    transport = AiohttpTransport()

    async def send() -> int:
        return (await transport.send(post(threaded_server.url), timeout=PLENTY)).status

    async def send_and_close() -> int:
        status = await send()
        assert threaded_server.closed_one.wait(PLENTY)  # the old loop's connection
        await transport.close()
        return status

    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        loop = asyncio.new_event_loop()
        assert loop.run_until_complete(send()) == 200
        loop.close()
        assert asyncio.run(send_and_close()) == 200
        gc.collect()
    # asyncio itself remarks on transports of a loop that was closed under them.
    assert [str(each.message) for each in complaints if "unclosed transport" not in str(each.message)] == []


@pytest.mark.usefixtures("no_leftovers")
def test_loop_shut_down_and_used_again(threaded_server: ThreadedServer) -> None:
    """A loop may shut down its generators, and with them the connections, and go on."""
    transport = AiohttpTransport()
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(transport.send(post(threaded_server.url), timeout=PLENTY)).status == 200
    loop.run_until_complete(loop.shutdown_asyncgens())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # asyncio remarks on generators that start after the shutdown
        assert loop.run_until_complete(transport.send(post(threaded_server.url), timeout=PLENTY)).status == 200
    loop.run_until_complete(transport.close())
    loop.close()


@pytest.mark.usefixtures("no_leftovers")
def test_two_loops_at_once(threaded_server: ThreadedServer) -> None:
    """Two threads, each with a loop, use one transport at the same time."""
    transport = AiohttpTransport(max_connections=1)
    together = threading.Barrier(2)
    statuses: list[int] = []

    async def main() -> None:
        for _ in range(10):
            together.wait(PLENTY)
            statuses.append((await transport.send(post(threaded_server.url), timeout=PLENTY)).status)

    threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses, threaded_server.connections) == ([200] * 20, 2)


# TLS.


@dataclass(frozen=True)
class Certificates:
    """An authority, a server's side and the file that trusts it."""

    server: ssl.SSLContext
    file: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for 127.0.0.1 and mturk.test, made for these tests."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "mturk.test").configure_cert(context)
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return Certificates(context, file)


@pytest.mark.parametrize("source", ["ca_file", "AWS_CA_BUNDLE", "SSL_CERT_FILE"])
async def test_trusted_certificate(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str
) -> None:
    """A file of certificates may be given, or named in the environment, the more special place first; read once."""
    file = tmp_path / "copy.pem"
    file.write_bytes(certificates.file.read_bytes())
    if source == "ca_file":
        monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/aws.pem")
        transport = AiohttpTransport(ca_file=str(file))
    else:
        monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ssl.pem")
        monkeypatch.setenv(source, str(file))
        transport = AiohttpTransport()
    async with serve(obliging, certificates.server) as server:
        for fresh in (False, True):
            assert (await transport.send(post(server.url), timeout=PLENTY, fresh_connection=fresh)).status == 200
            file.unlink(missing_ok=True)
        await transport.close()


async def test_untrusted_certificate(transport: AiohttpTransport, certificates: Certificates) -> None:
    """A certificate of an unknown authority means: nothing was sent, and trying again does not help."""
    async with serve(obliging, certificates.server) as server:
        with pytest.raises(ConnectFailed, match="certificate verify failed") as caught:
            await transport.send(post(server.url), timeout=PLENTY)
        assert caught.value.transient is False
        assert server.requests == []


async def test_certificate_of_another_host(certificates: Certificates) -> None:
    """A certificate for another name means: nothing was sent."""
    transport = AiohttpTransport(ca_file=str(certificates.file))
    async with serve(obliging, certificates.server) as server:
        with pytest.raises(ConnectFailed, match="certificate verify failed"):
            await transport.send(post(server.url.replace("127.0.0.1", "localhost")), timeout=PLENTY)
        await transport.close()


async def test_server_without_tls(transport: AiohttpTransport) -> None:
    """A server that does not speak TLS means: nothing was sent."""

    async def script(peer: Peer) -> None:
        await peer.reader.readexactly(1)
        await peer.answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serve(script) as server:
        with pytest.raises(ConnectFailed):
            await transport.send(post(server.url.replace("http", "https")), timeout=PLENTY)


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize(("content", "problem"), [(None, "cannot be read"), ("nonsense", "PEM")])
async def test_unusable_certificates(
    transport: AiohttpTransport,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    content: str | None,
    problem: str,
) -> None:
    """A file that is missing or holds no certificates is named with its variable; plain http never looks at it."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv(name, str(file))
    with pytest.raises(ConfigurationError, match=rf"{name} names .*ca\.pem.*{problem}"):
        await transport.send(post(unused_url("https")), timeout=PLENTY)
    async with serve(obliging) as server:
        assert (await transport.send(post(server.url), timeout=PLENTY)).status == 200


# Proxies.


def tunnel_to(port: int) -> Script:
    """A proxy that opens a tunnel to a port of this computer, whichever host is asked for."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def script(peer: Peer) -> None:
        await peer.request()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await peer.answer(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(copy(peer.reader, writer), copy(reader, peer.writer))
        finally:
            await hang_up(writer)

    return script


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("fresh", [False, True])
async def test_tunnel(certificates: Certificates, monkeypatch: pytest.MonkeyPatch, name: str, fresh: bool) -> None:
    """Https goes through the tunnel of the proxy that the environment names; its password stays with the proxy."""
    transport = AiohttpTransport(ca_file=str(certificates.file))
    async with serve(obliging, certificates.server) as server, serve(tunnel_to(server.port)) as proxy:
        monkeypatch.setenv(name, f"http://joe:pa%20ss@127.0.0.1:{proxy.port}")
        for _ in range(2):
            request = post("https://mturk.test/", headers=(("Authorization", "ours"),))
            assert (await transport.send(request, timeout=PLENTY, fresh_connection=fresh)).status == 200
        assert proxy.requests[0].startswith(b"CONNECT mturk.test:443 HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic am9lOnBhIHNz\r\n" in proxy.requests[0]
        assert proxy.connections == (2 if fresh else 1)
        assert all(b"Authorization: ours" in each and b"Proxy-" not in each for each in server.requests)
        await transport.close()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"", b"nonsense\r\n\r\n"]
)
async def test_no_tunnel(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    """A proxy that opens no tunnel means: nothing was sent. Its password is shown nowhere."""
    async with serve(saying(answer)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://joe:hush@127.0.0.1:{proxy.port}")
        with pytest.raises(ConnectFailed) as caught:
            await transport.send(post("https://mturk.test/"), timeout=PLENTY)
        shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
        assert "hush" not in shown
        assert "am9lOmh1c2g" not in shown
        assert caught.value.transient is (b"407" not in answer)


async def test_silent_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that does not answer in the time for connecting means: nothing was sent."""
    transport = AiohttpTransport(connect_timeout=0.05)
    async with serve(silent) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        with pytest.raises(ConnectFailed):
            await transport.send(post("https://mturk.test/"), timeout=PLENTY)
        await transport.close()


async def test_unreachable_proxy(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is not there means: nothing was sent. The error names it, and says where it was named."""
    proxy = unused_url()
    monkeypatch.setenv("HTTPS_PROXY", proxy.replace("://", "://joe:hush@"))
    with pytest.raises(ConnectFailed) as caught:
        await transport.send(post("https://mturk.test/"), timeout=PLENTY)
    way = f"through the proxy {proxy.removeprefix('http://').strip('/')}, which HTTPS_PROXY names: "
    assert f"No connection to mturk.test:443 came about {way}" in str(caught.value)
    assert "hush" not in str(caught.value)


async def test_plain_proxy(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain http is handed to the proxy, with the proxy's own authorization beside ours."""
    async with serve(obliging) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://joe:hush@127.0.0.1:{proxy.port}")
        request = post("http://mturk.test/a%2Fb?c", headers=(("Authorization", "ours"),))
        await transport.send(request, timeout=PLENTY)
        lines = proxy.requests[0].split(b"\r\n")
        assert lines[0] == b"POST http://mturk.test/a%2Fb?c HTTP/1.1"
        assert {b"Authorization: ours", b"Proxy-Authorization: Basic am9lOmh1c2g="} < set(lines)


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
async def test_no_proxy(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Hosts in NO_PROXY are called directly."""

    async def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "looked up directly")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with serve(obliging) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv(name, "other.test,.mturk.test")
        with pytest.raises(ConnectFailed, match="looked up directly"):
            await transport.send(post("http://api.mturk.test/"), timeout=PLENTY)
        assert proxy.connections == 0


async def test_this_computer_needs_no_proxy(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback addresses are never called through a proxy."""
    monkeypatch.setenv("HTTP_PROXY", unused_url())
    async with serve(obliging) as server:
        for host in ("127.0.0.1", "localhost"):
            url = server.url.replace("127.0.0.1", host)
            assert (await transport.send(post(url), timeout=PLENTY)).status == 200


@pytest.mark.parametrize("value", ["socks5://joe:hush@127.0.0.1:1080", "http://", "http://joe:hush@host:99999"])
async def test_unusable_proxy(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A proxy that cannot be used is refused with the variable's name and without its password."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
        await transport.send(post("https://mturk.test/"), timeout=PLENTY)
    assert "hush" not in "".join(traceback.format_exception(caught.value))


# A session that the caller made.


async def test_given_session() -> None:
    """A given session carries the requests, is not closed, and none of its habits changes what an answer is."""
    async with serve(saying(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")) as server:
        async with aiohttp.ClientSession(headers={"X-Mine": "1"}, raise_for_status=True) as session:
            transport = AiohttpTransport(session=session)
            assert (await transport.send(post(server.url), timeout=PLENTY)).status == 302
            await transport.close()
            assert not session.closed
        assert b"X-Mine: 1\r\n" in server.requests[0]
        assert b"User-Agent" not in server.requests[0]


async def test_given_session_and_fresh_connection() -> None:
    """A request that needs a fresh connection gets it beside the given session."""
    async with serve(obliging) as server, aiohttp.ClientSession() as session:
        transport = AiohttpTransport(session=session)
        for fresh in (False, False, True):
            await transport.send(post(server.url), timeout=PLENTY, fresh_connection=fresh)
        assert server.connections == 2
        await transport.close()


async def test_given_session_that_is_closed() -> None:
    """A given session that has been closed is named as the reason."""
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(ConfigurationError, match="session given to the client is closed"):
        await AiohttpTransport(session=session).send(post("http://127.0.0.1/"), timeout=PLENTY)


async def test_given_session_and_its_middlewares() -> None:
    """A middleware that would repeat a request does not get to."""

    async def twice(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        (await handler(request)).close()
        return await handler(request)

    async with serve(obliging) as server, aiohttp.ClientSession(middlewares=(twice,)) as session:
        await AiohttpTransport(session=session).send(post(server.url), timeout=PLENTY)
        assert len(server.requests) == 1


async def test_wrong_use_is_not_a_network_error(transport: AiohttpTransport) -> None:
    """A mistake in the request itself is reported as such, not as a failure to be repeated."""
    url = unused_url().replace("//", "//joe:hush@")
    with pytest.raises(ValueError, match="AUTHORIZATION") as caught:
        await transport.send(post(url, headers=(("Authorization", "ours"),)), timeout=PLENTY)
    assert not isinstance(caught.value, TurkError)
