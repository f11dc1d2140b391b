"""The door for programs that hard-code Amazon's hosts: what comes in, what is passed on, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import trustme
from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.certificates import Issued, issue
from aioturk.marketplace.proxy import HOSTS, WORKER_HOSTS, Before, Fate, Proxy, fate_of, host_named

from .support import PRODUCTION, TARGET

SANDBOX = "mturk-requester-sandbox.us-east-1.amazonaws.com"
EUROPE = "mturk-requester.eu-west-1.amazonaws.com"


@pytest.fixture
async def market() -> AsyncIterator[Marketplace]:
    """A marketplace in memory: where it keeps things makes no difference here."""
    async with Marketplace() as market:
        yield market


@pytest.fixture(scope="module")
def issued() -> Issued:
    """Certificates for the hosts that the marketplace stands in for."""
    return issue(sorted(HOSTS))


@dataclass(frozen=True)
class Others:
    """Certificates of other people, for localhost."""

    authority: bytes
    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="module")
def others() -> Others:
    """Certificates that have nothing to do with ours."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(server)
    client = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    return Others(authority.cert_pem.bytes(), server, client)


@dataclass
class Door:
    """A proxy in front of a marketplace, and what it told of refusals."""

    proxy: Proxy
    trusting: ssl.SSLContext
    told: list[tuple[str, int | None]] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.proxy.url.rpartition(":")[2])

    @property
    def permission(self) -> str:
        """The header that lets its bearer in, if one is needed."""
        pair = urlsplit(self.proxy.url).netloc.rpartition("@")[0]
        return pair and f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"

    async def say(self, text: str | bytes) -> bytes:
        """Say something to the proxy, and hear all that it answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(text.encode() if isinstance(text, str) else text)
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()


Opener = Callable[..., Awaitable[Door]]


@pytest.fixture
async def opened(market: Marketplace, issued: Issued) -> AsyncIterator[Opener]:
    """Opens a door, given the environment that was there before."""
    proxies = []

    async def open_door(**environ: str) -> Door:
        told: list[tuple[str, int | None]] = []
        host, port = market.url.removeprefix("http://").split(":")
        proxy = Proxy(
            (host, int(port)),
            context=issued.context,
            before=Before.from_environ(environ),
            observer=lambda call, status: told.append((call, status)),
        )
        proxies.append(proxy)
        await proxy.start()
        return Door(proxy, ssl.create_default_context(cadata=issued.authority.decode()), told)

    yield open_door
    for proxy in proxies:
        await proxy.close()


@pytest.fixture
async def door(opened: Opener) -> Door:
    """A door in a place that had no proxy before."""
    return await opened()


def signed(market: Marketplace, url: str, operation: str = "GetAccountBalance") -> dict[str, str]:
    """The headers of a request that was signed for a URL."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation}
    request = AWSRequest("POST", url, headers, b"{}")
    SigV4Auth(Credentials(market.access_key, market.secret_key), "mturk-requester", "us-east-1").add_auth(request)
    return dict(request.headers.items())


@dataclass
class Elsewhere:
    """A server that is not ours, and the requests that it got."""

    url: str
    got: list[web.BaseRequest] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@asynccontextmanager
async def elsewhere(context: ssl.SSLContext | None = None) -> AsyncIterator[Elsewhere]:
    """Serve something else."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        server.got.append(request)
        if request.headers.get("Upgrade") == "websocket":
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            async for message in socket:
                await socket.send_str(message.data[::-1])
            return socket
        server.bodies.append(await request.read())
        return web.Response(text="elsewhere")

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    server = Elsewhere(f"{'https' if context else 'http'}://localhost:{runner.addresses[0][1]}")
    try:
        yield server
    finally:
        await runner.cleanup()


@dataclass
class OtherProxy:
    """A proxy that was there before: it notes what it is asked, and leads everything to one place."""

    port: int
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def other_proxy(
    leads_to: int, answer: str = "200 Fine", context: ssl.SSLContext | None = None
) -> AsyncIterator[OtherProxy]:
    """Serve as a proxy."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            writer.write(chunk)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        there.heads.append(head.decode())
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", leads_to)
        if head.startswith(b"CONNECT"):
            writer.write(f"HTTP/1.1 {answer}\r\n\r\n".encode())
        else:
            far_writer.write(head)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    there = OtherProxy(server.sockets[0].getsockname()[1])
    try:
        yield there
    finally:
        server.close()
        await server.wait_closed()


def first_words(host: str) -> bytes:
    """What a client says first in TLS, without the record around it."""
    said = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), said, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return said.read()[5:]


class TestFate:
    """What a name decides."""

    @pytest.mark.parametrize("host", [*sorted(HOSTS), PRODUCTION.upper(), f"{SANDBOX}."])
    def test_here(self, host: str) -> None:
        """The hosts that the marketplace stands in for come here, however they are spelled."""
        assert fate_of(host) is Fate.HERE

    @pytest.mark.parametrize(
        "host",
        [
            EUROPE,
            f"{EUROPE}.",
            EUROPE.upper(),
            "mturk-requester.us-east-1.api.aws",
            "mturk-requester-sandbox.us-west-2.amazonaws.com",
            "mturk-requester-fips.us-east-1.amazonaws.com",
            "mturk-requester.amazonaws.com",
            "mturk-requester.cn-north-1.amazonaws.com.cn",
            "vpce-0a1b.mturk-requester.us-east-1.vpce.amazonaws.com",
            "mechanicalturk.amazonaws.com",
            "mechanicalturk.sandbox.amazonaws.com",
            "crowd.us-west-2.amazonaws.com",
            "mturk.com",
            "requester.mturk.com",
            "RequesterSandbox.mturk.com.",
            "static.worker.mturk.com",
        ],
    )
    def test_refused(self, host: str) -> None:
        """Every other host of Mechanical Turk is refused."""
        assert fate_of(host) is Fate.REFUSED

    @pytest.mark.parametrize(
        "host",
        [
            "s3.amazonaws.com",
            "crowd.s3.amazonaws.com",
            "sts.eu-west-1.amazonaws.com",
            "amazonaws.com",
            "notmturk.com",
            "mturk.com.example.org",
            "mturk-requester.example.org",
            "mturk-requester.us-east-1.amazonaws.com.example.org",
            "localhost",
            "::1",
            "",
        ],
    )
    def test_elsewhere(self, host: str) -> None:
        """Every other host is none of our business."""
        assert fate_of(host) is Fate.ELSEWHERE

    @given(st.from_regex(r"mturk-requester[a-zA-Z0-9.-]{0,40}\.(amazonaws\.com|AmazonAWS\.com\.)", fullmatch=True))
    def test_nothing_of_mechanical_turk_gets_out(self, host: str) -> None:
        """No name at Amazon that begins like the API's is passed on."""
        assert fate_of(host) is not Fate.ELSEWHERE

    @pytest.mark.parametrize("port", ["", ":443", ":80"])
    @pytest.mark.parametrize("dot", ["", "."])
    def test_hosts_in_headers(self, dot: str, port: str) -> None:
        """A `Host` header names the same host in all its spellings."""
        assert host_named(f"{PRODUCTION.upper()}{dot}{port}") == PRODUCTION


class TestHere:
    """Requests for Amazon's hosts."""

    @pytest.mark.parametrize("host", [SANDBOX, PRODUCTION])
    async def test_tls_ends_here(self, market: Marketplace, door: Door, host: str) -> None:
        """A request over TLS to a hard-coded host is answered, its signature for that host being good."""
        url = f"https://{host}/"
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                url, data=b"{}", headers=signed(market, url), proxy=door.proxy.url, ssl=door.trusting
            ) as answer,
        ):
            assert answer.status == 200
            assert await answer.json(content_type=None) == {"AvailableBalance": "10000.00"}

    @pytest.mark.parametrize("host", [SANDBOX, PRODUCTION])
    async def test_plain_http_comes_here_too(self, market: Marketplace, door: Door, host: str) -> None:
        """A request in plain HTTP, with the whole URL in its first line, is answered like any other."""
        url = f"http://{host}/"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=b"{}", headers=signed(market, url), proxy=door.proxy.url) as answer,
        ):
            assert answer.status == 200

    @pytest.mark.parametrize("scheme", ["https", "http"])
    @pytest.mark.parametrize("host", sorted(WORKER_HOSTS))
    async def test_worker_sites(self, market: Marketplace, door: Door, scheme: str, host: str) -> None:
        """A link to one of Amazon's worker sites leads to the marketplace's own, if it has one for that environment."""
        url, ssl_context = f"{scheme}://{host}/projects/3G/tasks?ref=w", door.trusting if scheme == "https" else True
        options: dict[str, Any] = {"proxy": door.proxy.url, "ssl": ssl_context, "allow_redirects": False}
        async with aiohttp.ClientSession() as session, session.get(url, **options) as answer:
            if WORKER_HOSTS[host] == "sandbox":
                assert answer.status == 307
                assert answer.headers["Location"] == f"{market.site_url}/projects/3G/tasks?ref=w"
            else:
                assert answer.status == 421
                assert market.site_url in await answer.text()

    async def test_chunked_bodies(self, market: Marketplace, door: Door) -> None:
        """A body that comes in chunks, over plain HTTP, arrives whole."""

        async def body() -> AsyncIterator[bytes]:
            yield b"{"
            yield b"}"

        url = f"http://{SANDBOX}/"
        headers = signed(market, url)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body(), headers=headers, proxy=door.proxy.url) as answer,
        ):
            assert answer.status == 200

    async def test_plain_http_in_a_tunnel(self, market: Marketplace, door: Door) -> None:
        """Plain HTTP over CONNECT is understood as well."""
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"CONNECT {SANDBOX}:80 HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        headers = {
            **signed(market, f"http://{SANDBOX}/"),
            "Host": SANDBOX,
            "Connection": "close",
            "Content-Length": "2",
        }
        lines = ["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", "{}"]
        writer.write("\r\n".join(lines).encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

        assert answer.startswith(b"HTTP/1.1 200")

    async def test_the_marketplace_reads_whole_urls(self, market: Marketplace) -> None:
        """Sent straight to the marketplace, a request with a whole URL in its first line has a good signature, too."""
        url = f"http://{SANDBOX}/"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=b"{}", headers=signed(market, url), proxy=market.url) as answer,
        ):
            assert answer.status == 200

    @pytest.mark.parametrize("header", [f"{PRODUCTION}.", f"{PRODUCTION}:80", f"{PRODUCTION}:443", PRODUCTION.upper()])
    async def test_one_host_in_several_spellings(self, market: Marketplace, door: Door, header: str) -> None:
        """A request for production is one for production, however its `Host` header is spelled."""
        url = f"http://{PRODUCTION}/"
        made = await self._created(door, market, url, PRODUCTION)
        assert await self._created(door, market, url, header) == made
        assert await self._created(door, market, f"http://{SANDBOX}/", SANDBOX) != made

    async def _created(self, door: Door, market: Marketplace, url: str, host: str) -> str:
        body = b'{"Title":"t","Description":"d","Reward":"0.1","AssignmentDurationInSeconds":60}'
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{TARGET}CreateHITType", "Host": host}
        request = AWSRequest("POST", url, headers, body)
        SigV4Auth(Credentials(market.access_key, market.secret_key), "mturk-requester", "us-east-1").add_auth(request)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=dict(request.headers.items()), proxy=door.proxy.url) as answer,
        ):
            made = await answer.json(content_type=None)
            assert answer.status == 200, made
            return str(made["HITTypeId"])

    async def test_tls_without_a_tunnel(self, market: Marketplace, door: Door) -> None:
        """At an address of its own, TLS for our hosts is understood without a CONNECT before it."""
        address, port = door.proxy.tls
        reader, writer = await asyncio.open_connection(address, port, ssl=door.trusting, server_hostname=SANDBOX)
        writer.write(f"GET / HTTP/1.1\r\nHost: {SANDBOX}\r\nConnection: close\r\n\r\n".encode())
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()

    async def test_crowd_is_not_served_yet(self, door: Door) -> None:
        """Requests for the Crowd API are declined in its own form."""
        url = "https://crowd.us-east-1.amazonaws.com/tasks/1"
        async with (
            aiohttp.ClientSession() as session,
            session.put(url, proxy=door.proxy.url, ssl=door.trusting) as answer,
        ):
            assert answer.status == 404
            assert set(await answer.json()) == {"message"}

    async def test_many_at_once(self, market: Marketplace, door: Door) -> None:
        """Connections do not disturb each other, and one of them serves request after request."""
        url = f"https://{SANDBOX}/"

        async def ask(session: aiohttp.ClientSession) -> int:
            async with session.post(
                url, data=b"{}", headers=signed(market, url), proxy=door.proxy.url, ssl=door.trusting
            ) as answer:
                await answer.read()
                return answer.status

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4)) as session:
            assert await asyncio.gather(*(ask(session) for _ in range(40))) == [200] * 40


class TestRefused:
    """What would cost money elsewhere, and what cannot be understood."""

    @pytest.mark.parametrize("first", [f"CONNECT {EUROPE}:443", f"POST http://{EUROPE}/", f"GET https://{EUROPE}/x"])
    async def test_other_hosts_of_mechanical_turk(self, door: Door, first: str) -> None:
        """A host of Mechanical Turk that nobody stands in for is refused with a sentence, and that is told."""
        answer = await door.say(f"{first} HTTP/1.1\r\nHost: {EUROPE}\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 403 Nothing was sent to mturk-requester.eu-west-1.amazonaws.com")
        assert door.told == [(f"connection to {EUROPE}", 403)]

    async def test_clients_show_the_sentence(self, door: Door) -> None:
        """The sentence reaches whoever reads the client's error."""
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientHttpProxyError, match="lets nothing through to the real one"):
                await session.post(f"https://{EUROPE}/", proxy=door.proxy.url)

    @pytest.mark.parametrize(
        "host",
        [
            SANDBOX,
            EUROPE,
            "crowd.us-west-2.amazonaws.com",
            "mechanicalturk.amazonaws.com",
            "worker.mturk.com",
            "requester.mturk.com",
        ],
    )
    async def test_names_are_read_in_tunnels_to_addresses(self, door: Door, others: Others, host: str) -> None:
        """Who looks up a host of Mechanical Turk by themselves, and tunnels to its address, does not get there."""
        async with elsewhere(others.server) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            with pytest.raises(ConnectionError):
                await writer.start_tls(ssl.create_default_context(), server_hostname=host)
            writer.close()

        assert server.got == []
        assert door.told == [(f"connection to {host}", 403)]

    async def test_names_are_read_in_hellos_of_many_records(self, door: Door) -> None:
        """A client's hello may come in any number of records: the name is read wherever they part."""
        got = bytearray()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.extend(await reader.read())
            writer.close()

        hello = first_words(SANDBOX.upper())
        server = await asyncio.start_server(listen, "127.0.0.1", 0)
        asking = f"CONNECT 127.0.0.1:{server.sockets[0].getsockname()[1]} HTTP/1.1\r\n\r\n".encode()
        middle = hello.index(SANDBOX.upper().encode()) + 10
        for cuts in ([], [1], [middle], [3, 4, middle], [*range(1, len(hello))]):
            records = b"".join(
                b"\x16\x03\x01" + (end - start).to_bytes(2) + hello[start:end]
                for start, end in pairwise([0, *cuts, len(hello)])
            )
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(asking)
            await reader.readuntil(b"\r\n\r\n")
            with suppress(ConnectionError):
                for part in (records[:1], records[1:8], records[8:]):
                    writer.write(part)
                    await writer.drain()
                assert not await reader.read()
            writer.close()
        server.close()
        await server.wait_closed()

        assert got == b""
        assert door.told == [(f"connection to {SANDBOX}", 403)] * 5

    @pytest.mark.parametrize(
        "said",
        [
            b"\x16\x03\x01\x00\x04\x02\x00\x00\x00",  # a server's hello
            b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03",  # a hello that ends too soon
            b"\x16",
            b"\x16\x03\x01\xff",
            b"SSH-2.0-x\r\n",
        ],
    )
    async def test_what_is_no_hello_is_passed_on(self, door: Door, said: bytes) -> None:
        """What begins like a hello and is none arrives as it was said."""

        async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.read())
            writer.close()

        server = await asyncio.start_server(repeat, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"CONNECT 127.0.0.1:{server.sockets[0].getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.write_eof()
        assert await reader.read() == said
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    async def test_endless_hellos(self, door: Door) -> None:
        """A hello without an end is not read to the end."""
        async with elsewhere() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + bytes(0x4000 - 4))
            with suppress(ConnectionError):
                for _ in range(100):
                    writer.write(b"\x16\x03\x01\x40\x00" + bytes(0x4000))
                    await writer.drain()
                assert not await reader.read()
            writer.close()

    @pytest.mark.parametrize(
        "text",
        [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            *(
                f"POST http://localhost:1/ HTTP/1.1\r\nContent-Length: {length}\r\n\r\n"
                for length in ("abc", "-1", "9" * 19, "9" * 5000, "1\r\nContent-Length: 2")
            ),
            "POST http://localhost:1/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST http://localhost:1/ HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            "CONNECT nowhere HTTP/2\r\n\r\n",
            "CONNECT [::1:443 HTTP/1.1\r\n\r\n",
            "CONNECT a:0 HTTP/1.1\r\n\r\n",
            "CONNECT a:99999 HTTP/1.1\r\n\r\n",
            "CONNECT m\u00fcturk:443 HTTP/1.1\r\n\r\n",
            "GET http:/// HTTP/1.1\r\n\r\n",
            "GET https://example.org/ HTTP/1.1\r\n\r\n",
            "GET http://localhost/ HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
            "nonsense\r\n\r\n",
        ],
    )
    async def test_what_cannot_be_understood(self, door: Door, text: str) -> None:
        """What is no request for a proxy is declined with a sentence."""
        answer = await door.say(text)

        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b".\n")

    async def test_endless_heads(self, door: Door) -> None:
        """A head without an end is not read to the end."""
        answer = await door.say(b"GET http://localhost/ HTTP/1.1\r\n" + b"A: b\r\n" * 30_000)

        assert answer.startswith(b"HTTP/1.1 431 ")

    async def test_hosts_that_are_not_there(self, door: Door) -> None:
        """A host that cannot be reached is told by its name."""
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        closed = writer.get_extra_info("sockname")[1]  # in use on our side, so nobody listens there
        answer = await door.say(f"CONNECT 127.0.0.1:{closed} HTTP/1.1\r\n\r\n")
        writer.close()
        await writer.wait_closed()

        assert answer.startswith(f"HTTP/1.1 502 127.0.0.1 port {closed} cannot be reached".encode())

    async def test_names_that_are_none(self, door: Door) -> None:
        """A name that no host can have is told like one that is not there."""
        answer = await door.say(f"CONNECT {'a' * 64}.invalid:443 HTTP/1.1\r\n\r\n")

        assert answer.startswith(b"HTTP/1.1 502 aaaa")

    async def test_clients_that_do_not_trust_us(self, door: Door, caplog: pytest.LogCaptureFixture) -> None:
        """A client that was not told of our authority turns away, and nobody here makes a fuss about it."""
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.post(f"https://{SANDBOX}/", proxy=door.proxy.url)
        await door.proxy.close()

        assert caplog.records == []

    async def test_who_says_nothing_is_forgotten(self, door: Door) -> None:
        """A client that leaves without a word disturbs nobody."""
        _, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.close()
        await writer.wait_closed()

        assert (await door.say("GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 400")


class TestElsewhere:
    """Everything else is passed on untouched."""

    async def test_tls_is_not_touched(self, door: Door, others: Others) -> None:
        """A client sees the certificate of the server it asked for, and the server sees the client's request."""
        async with (
            elsewhere(others.server) as server,
            aiohttp.ClientSession() as session,
            session.post(f"{server.url}/x?y=z", data=b"body", proxy=door.proxy.url, ssl=others.client) as answer,
        ):
            assert await answer.text() == "elsewhere"
            assert server.bodies == [b"body"]
            assert server.got[0].raw_path == "/x?y=z"
        assert door.told == []

    async def test_tls_does_not_end_here(self, door: Door, others: Others) -> None:
        """A client that trusts our authority alone is not satisfied: the certificate is not ours."""
        async with elsewhere(others.server) as server, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(server.url, proxy=door.proxy.url, ssl=door.trusting)

    async def test_servers_may_speak_first(self, door: Door) -> None:
        """A protocol in which the server begins works through a tunnel."""

        async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 hello\r\n")
            writer.write(b"you said " + await reader.read())
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"CONNECT 127.0.0.1:{server.sockets[0].getsockname()[1]} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readline() == b"220 hello\r\n"
        writer.write(b"QUIT")
        writer.write_eof()
        assert await reader.read() == b"you said QUIT"
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    async def test_plain_http(self, door: Door) -> None:
        """A request in plain HTTP arrives as if it had been sent directly, and is the only one on its connection."""
        async with (
            elsewhere() as server,
            aiohttp.ClientSession() as session,
            session.put(
                f"{server.url}/x?y=z",
                data=b"body",
                headers={"X-Mine": "1", "Proxy-Authorization": "for the proxy"},
                proxy=door.proxy.url,
            ) as answer,
        ):
            assert await answer.text() == "elsewhere"
            assert answer.headers["Connection"] == "close"
            assert server.bodies == [b"body"]
            got = server.got[0]
            assert (got.method, got.raw_path) == ("PUT", "/x?y=z")
            assert got.headers["Host"] == f"localhost:{server.port}"
            assert got.headers["X-Mine"] == "1"
            assert "Proxy-Authorization" not in got.headers

    async def test_the_url_decides_not_the_host_header(self, door: Door) -> None:
        """The host in the URL gets the request, under its own name."""
        async with elsewhere() as server:
            text = f"GET {server.url} HTTP/1.1\r\nHost: {PRODUCTION}\r\n\r\n"
            assert b"elsewhere" in await door.say(text)
            assert server.got[0].headers["Host"] == f"localhost:{server.port}"
            assert server.got[0].raw_path == "/"

    async def test_a_second_request_does_not_follow_the_first(self, market: Marketplace, door: Door) -> None:
        """What is sent after the end of a request is not passed on to that request's host."""
        async with elsewhere() as server:
            one = f"POST {server.url}/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
            two = f"POST http://{EUROPE}/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            with suppress(ConnectionError):
                assert (await door.say(one + two)).count(b"HTTP/1.1") <= 1
            assert {request.raw_path for request in server.got} <= {"/1"}
        assert door.told == []

    @pytest.mark.parametrize("before", [False, True])
    async def test_other_upgrades_are_not_asked_for(self, opened: Opener, before: bool) -> None:
        """HTTP/2 is not asked for on a client's behalf: nothing but one request goes over the connection."""
        heads: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    heads.append(await reader.readuntil(b"\r\n\r\n"))
                    # That it is to be the last answer is not heeded.
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()
            ended.set()

        ended = asyncio.Event()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        door = await opened(**({"HTTP_PROXY": url} if before else {}))
        target = "http://example.org" if before else url
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(
            f"GET {target}/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n".encode()
        )
        assert await reader.readuntil(b"ok")
        writer.write(f"POST http://{PRODUCTION}/paid HTTP/1.1\r\nHost: {PRODUCTION}\r\n\r\n".encode())
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        await ended.wait()
        server.close()
        await server.wait_closed()

        assert len(heads) == 1
        assert b"upgrade" not in heads[0].lower()
        assert b"http2-settings" not in heads[0].lower()

    async def test_websockets_that_are_declined(self, door: Door) -> None:
        """After a server has declined a WebSocket, nothing more of the client gets to it."""
        got = bytearray()

        async def decline(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.extend(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            with suppress(ConnectionError):
                got.extend(await reader.read())
            writer.close()
            ended.release()

        ended = asyncio.Semaphore(0)
        server = await asyncio.start_server(decline, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for more in (f"POST http://{PRODUCTION}/paid HTTP/1.1\r\nHost: {PRODUCTION}\r\n\r\n", ""):
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(
                f"GET {url}/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode()
            )
            assert await reader.readuntil(b"ok")
            writer.write(more.encode())
            writer.write_eof()
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            await ended.acquire()
        server.close()
        await server.wait_closed()

        assert b"Upgrade: websocket" in got
        assert b"paid" not in got

    @pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 30_000])
    async def test_websockets_that_are_answered_with_nonsense(self, door: Door, answer: bytes) -> None:
        """What a server says instead of accepting a WebSocket is passed on, whatever it is."""

        async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(say, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        text = f"GET {url}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(text.encode())
        assert await reader.read() == answer
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    async def test_nothing_follows_a_body_in_chunks(self, door: Door) -> None:
        """A body in chunks is passed on as it came, to its end, and what comes after it is not."""
        got = bytearray()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            got.extend(await reader.readuntil(b"End: x\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            with suppress(ConnectionError):
                got.extend(await reader.read())
            writer.close()
            ended.set()

        ended = asyncio.Event()
        body = b"5;a=b\r\n12345\r\nA\r\n1234567890\r\n0\r\nEnd: x\r\n\r\n"
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(f"POST {url}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body)
        assert await reader.readuntil(b"ok")
        writer.write(f"POST http://{PRODUCTION}/paid HTTP/1.1\r\nHost: {PRODUCTION}\r\n\r\n".encode())
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        await ended.wait()
        server.close()
        await server.wait_closed()

        assert got == body

    @pytest.mark.parametrize(
        "body",
        [
            b"Transfer-Encoding: chunked\r\n\r\nx\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n5\r\n12",
            b"Transfer-Encoding: chunked\r\n\r\n5",
            b"Content-Length: 5\r\n\r\n12",
        ],
    )
    async def test_bodies_that_end_too_soon(self, door: Door, body: bytes) -> None:
        """Half a body ends the connection, and the proxy goes on."""
        async with elsewhere() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(f"POST {server.url}/ HTTP/1.1\r\nHost: x\r\n".encode() + body)
            writer.write_eof()
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            assert b"elsewhere" in await door.say(f"GET {server.url} HTTP/1.1\r\n\r\n")

    async def test_websockets(self, door: Door) -> None:
        """A connection that is upgraded stays open both ways."""
        async with (
            elsewhere() as server,
            aiohttp.ClientSession() as session,
            session.ws_connect(server.url, proxy=door.proxy.url) as socket,
        ):
            await socket.send_str("abc")
            assert await socket.receive_str() == "cba"

    @pytest.mark.parametrize("first", [b"", b"\x16\x03\x01\x02\x00\x01"])
    async def test_closing_does_not_wait_for_handshakes(self, door: Door, first: bytes) -> None:
        """A client that never says hello, or only half of it, does not keep the proxy from ending."""
        writers = []
        for asking in (b"", f"CONNECT {SANDBOX}:443 HTTP/1.1\r\n\r\n".encode()):
            port = door.port if asking else door.proxy.tls[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            if asking:
                writer.write(asking)
                await reader.readuntil(b"\r\n\r\n")
            writer.write(first)
        await door.say("GET / HTTP/1.1\r\n\r\n")  # by now those were taken
        await asyncio.wait_for(door.proxy.close(), 30)
        for writer in writers:
            writer.close()

    async def test_closing_cuts_what_is_under_way(self, door: Door, others: Others) -> None:
        """When the proxy is closed, tunnels that are still open end."""
        async with elsewhere(others.server) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            await door.proxy.close()
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()


class TestTheProxyBefore:
    """Hosts that were reached through a proxy are still reached through it."""

    async def test_tunnels_go_through_it(self, opened: Opener, others: Others) -> None:
        """CONNECT is asked of it, with its user's name and password; what follows is untouched."""
        async with elsewhere(others.server) as server, other_proxy(server.port) as before:
            door = await opened(HTTPS_PROXY=f"http://me:p%40ss@127.0.0.1:{before.port}")
            async with (
                aiohttp.ClientSession() as session,
                session.get(
                    "https://example.org/",
                    proxy=door.proxy.url,
                    ssl=others.client,
                    server_hostname="localhost",
                ) as answer,
            ):
                assert await answer.text() == "elsewhere"
        first, *headers = before.heads[0].split("\r\n")
        assert first == "CONNECT example.org:443 HTTP/1.1"
        assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:p@ss').decode()}" in headers

    async def test_plain_http_goes_through_it(self, opened: Opener) -> None:
        """A plain request keeps its whole URL; the password is for the proxy that it belongs to."""
        async with elsewhere() as server, other_proxy(server.port) as before:
            door = await opened(http_proxy=f"me:secret@127.0.0.1:{before.port}", HTTPS_PROXY="http://127.0.0.1:1")
            answer = await door.say(f"GET http://example.org/x HTTP/1.1\r\nHost: example.org\r\n{door.permission}\r\n")
        assert b"elsewhere" in answer
        assert before.heads[0].startswith("GET http://example.org/x HTTP/1.1\r\n")
        assert f"Proxy-Authorization: Basic {base64.b64encode(b'me:secret').decode()}" in before.heads[0]

    async def test_our_hosts_do_not(self, market: Marketplace, opened: Opener) -> None:
        """Requests for Amazon's hosts come here, whatever proxy there was."""
        async with other_proxy(1) as before:
            door = await opened(
                HTTPS_PROXY=f"http://127.0.0.1:{before.port}", HTTP_PROXY=f"http://127.0.0.1:{before.port}"
            )
            for scheme in ("https", "http"):
                url = f"{scheme}://{SANDBOX}/"
                async with (
                    aiohttp.ClientSession() as session,
                    session.post(
                        url, data=b"{}", headers=signed(market, url), proxy=door.proxy.url, ssl=door.trusting
                    ) as answer,
                ):
                    assert answer.status == 200
            assert b" 403 " in await door.say(f"CONNECT {EUROPE}:443 HTTP/1.1\r\n\r\n")
        assert before.heads == []

    @pytest.mark.parametrize("header", ["", "Proxy-Authorization: Basic bm9ib2R5Og==\r\n"])
    @pytest.mark.parametrize("target", ["CONNECT example.org:443", "GET http://example.org/"])
    async def test_its_password_is_not_for_everybody(self, opened: Opener, target: str, header: str) -> None:
        """When it is used with a password, so is ours: others on this computer cannot use it through us."""
        async with elsewhere() as server, other_proxy(server.port) as before:
            url = f"http://me:secret@127.0.0.1:{before.port}"
            door = await opened(HTTPS_PROXY=url, HTTP_PROXY=url)
            answer = await door.say(f"{target} HTTP/1.1\r\n{header}\r\n")
        assert answer.startswith(b"HTTP/1.1 407 ")
        assert b"\r\nProxy-Authenticate: Basic realm=" in answer
        assert before.heads == []

    async def test_its_refusal_is_told(self, opened: Opener) -> None:
        """When it declines, its answer is told, without any password."""
        async with elsewhere() as server, other_proxy(server.port, "407 Who are you?") as before:
            door = await opened(HTTPS_PROXY=f"http://me:secret@127.0.0.1:{before.port}")
            answer = await door.say(f"CONNECT example.org:443 HTTP/1.1\r\n{door.permission}\r\n")
        assert answer.startswith(b"HTTP/1.1 502 the proxy that was in use before declined example.org:443")
        assert b"407 Who are you?" in answer
        assert b"secret" not in answer

    async def test_its_silence_is_told(self, opened: Opener) -> None:
        """When it hangs up, or is not there at all, a sentence says so."""

        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        door = await opened(HTTPS_PROXY=f"http://127.0.0.1:{port}")
        answer = await door.say("CONNECT example.org:443 HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 the proxy that was in use before gave no answer")

        server.close()
        await server.wait_closed()
        answer = await door.say("CONNECT example.org:443 HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 the proxy that was in use before cannot be reached")

    async def test_it_may_speak_tls(
        self, opened: Opener, others: Others, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A proxy with an https:// address is spoken to in TLS."""
        file = tmp_path / "authority.pem"
        file.write_bytes(others.authority)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        async with elsewhere() as server, other_proxy(server.port, context=others.server) as before:
            door = await opened(HTTPS_PROXY=f"https://localhost:{before.port}")
            text = "CONNECT example.org:80 HTTP/1.1\r\n\r\n"
            reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
            writer.write(text.encode())
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert b"elsewhere" in await reader.read()
            writer.close()
            await writer.wait_closed()

    @pytest.mark.parametrize(
        ("exceptions", "host", "direct"),
        [
            ("*", "example.org", True),
            ("example.org", "example.org", True),
            ("example.org", "www.Example.org.", True),
            (".example.org", "www.example.org", True),
            ("*.example.org", "www.example.org", True),
            ("example.org:443", "example.org", True),
            ("example.org:8443", "example.org", False),
            ("example.org", "notexample.org", False),
            ("a, b ,example.org", "example.org", True),
            ("10.0.0.0/8", "10.1.2.3", True),
            ("10.0.0.0/8", "11.1.2.3", False),
            ("10.1.2.3", "10.1.2.3", True),
            ("[fe80::1]", "fe80::1", True),
            ("fe80::/10", "fe80::1", True),
            (".", "example.org", False),
            ("", "localhost", True),
            ("", "127.0.0.1", True),
            ("", "example.org", False),
        ],
    )
    def test_exceptions(self, exceptions: str, host: str, direct: bool) -> None:
        """NO_PROXY names hosts, those below them, addresses and networks; this computer never needs a proxy."""
        before = Before.from_environ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": exceptions})
        assert (before.server("https", host, 443) is None) is direct

    def test_which_variable_counts(self) -> None:
        """Small letters go before capitals, and ALL_PROXY comes last."""
        environ = {"https_proxy": "http://a", "HTTPS_PROXY": "http://b", "ALL_PROXY": "c:81", "HTTP_PROXY": ""}
        servers = Before.from_environ(environ).servers
        assert (servers["https"].host, servers["https"].port) == ("a", 80)
        assert (servers["http"].host, servers["http"].port) == ("c", 81)

    @pytest.mark.parametrize(
        "url", ["socks5://me:secret@host:1", "http://", "http://me:secret@host:port", "http://[::1"]
    )
    def test_proxies_that_cannot_be_used(self, url: str) -> None:
        """A proxy of another kind is an error that names the variable, and no password."""
        with pytest.raises(ConfigurationError, match="HTTPS_PROXY") as caught:
            Before.from_environ({"HTTPS_PROXY": url})
        assert "secret" not in str(caught.value)

    def test_passwords_are_not_shown(self) -> None:
        """A password does not come out with what holds it."""
        assert "c2VjcmV0" not in repr(Before.from_environ({"HTTPS_PROXY": "http://:secret@host:1"}))
        assert "secret" not in repr(Before.from_environ({"HTTPS_PROXY": "http://:secret@host:1"}))
