"""
The door for programs that hard-code Amazon's hosts: a proxy that decides by the host's name.

Requests for the hosts that the marketplace stands in for come to the marketplace: their TLS ends here, with a
certificate of :mod:`aioturk.marketplace.certificates`. Requests for any other host are passed on untouched, through the
proxy that was in use before, if there was one. And a host of Mechanical Turk that nobody stands in for is refused,
because what is not served here would reach the real one.

It knows bytes and names. HTTP that comes out of the TLS is for :mod:`aioturk.marketplace.app`, how a program is made to
use this door for :mod:`aioturk.marketplace.redirect`.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import ssl
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from aioturk._core.hosts import is_loopback
from aioturk.errors import ConfigurationError

__all__ = [
    "CROWD_HOSTS",
    "HOSTS",
    "MTURK_HOSTS",
    "STS_HOSTS",
    "WORKER_HOSTS",
    "Before",
    "Fate",
    "Observer",
    "Proxy",
    "fate_of",
    "host_named",
]

MTURK_HOSTS = frozenset({"mturk-requester.us-east-1.amazonaws.com", "mturk-requester-sandbox.us-east-1.amazonaws.com"})
"""The API: production and sandbox."""

CROWD_HOSTS = frozenset({"crowd.us-east-1.amazonaws.com"})
"""The Crowd API."""

STS_HOSTS = frozenset({"sts.amazonaws.com", "sts.us-east-1.amazonaws.com"})
"""Where programs ask whose keys they have."""

WORKER_HOSTS = {
    "workersandbox.mturk.com": "sandbox",
    "worker.mturk.com": "production",
    "www.mturk.com": "production",  # what workers' pages were called before, and what many tasks still submit to
}
"""The websites on which people work, and what each shows."""

HOSTS = MTURK_HOSTS | CROWD_HOSTS | STS_HOSTS | frozenset(WORKER_HOSTS)
"""Every host that the marketplace stands in for."""

_AMAZON = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_PAID = re.compile(
    r"""
    (.*\.)?mturk-requester.*      # other regions, and what is to come: private and dual-stack endpoints
    | (.*\.)?mechanicalturk\..*   # the API before 2017
    | crowd\.[a-z]+(-[a-z]+)+-[0-9]+\..*
    """,
    re.VERBOSE,
)
_SITES = "mturk.com"
"""The other websites, on which requesters spend money as well."""

_HANDSHAKE = b"\x16\x03"
"""How a connection in TLS begins: a record of 3 + 2 bytes, the last two being the length of what follows."""
_HELLO = b"\x01"
"""How a client's hello begins, which a handshake begins with."""
_LONGEST_HELLO = 256 * 1024
"""Twice as long as any that OpenSSL reads."""

_AUTHORITY = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_ABSOLUTE = re.compile(r"(?P<scheme>https?)://(?:[^/?#]*@)?(?P<authority>[^/?#@]*)(?P<rest>.*)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;.*)?\r\n", re.DOTALL)
_SWITCHING = re.compile(rb"HTTP/1\.1 101[ \r]")

_ONE_BY_ONE = ("connection", "upgrade", "http2-settings")
"""Headers that speak of what comes after the request: nothing does."""

_CHUNK = 64 * 1024
_PATIENCE = 2.0
"""Seconds that the other side gets for taking leave."""
_HANDSHAKE_PATIENCE = 10.0
"""Seconds that it gets for a handshake in TLS."""

Observer = Callable[[str, int | None], None]
"""Is told of each call: what was called, and the status of the answer; None when it got none, on purpose."""


class Fate(Enum):
    """What becomes of a request, by the host it is for."""

    HERE = "answered by the marketplace"
    REFUSED = "refused, because it would cost money elsewhere"
    ELSEWHERE = "passed on untouched"


def fate_of(host: str) -> Fate:
    """
    Decide about a host.

    Args:
        host: A name or an address, without brackets and port.
    """
    name = _plain(host)
    if name in HOSTS:
        return Fate.HERE
    if name.endswith(_AMAZON) and _PAID.fullmatch(name):
        return Fate.REFUSED
    if name == _SITES or name.endswith(f".{_SITES}"):
        return Fate.REFUSED
    return Fate.ELSEWHERE


def host_named(header: str) -> str:
    """
    Return the host that a request is for, spelled as in `HOSTS` if it is one of them.

    Args:
        header: What its `Host` header says.
    """
    return _plain(header.removesuffix(":443").removesuffix(":80"))


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class _Server:
    """A proxy that requests are passed on through."""

    host: str
    port: int
    tls: bool
    authorization: str | None = field(repr=False)

    async def connect(self) -> _Side:
        context = ssl.create_default_context() if self.tls else None
        return _Side(*await asyncio.open_connection(self.host, self.port, ssl=context))

    @property
    def header(self) -> list[str]:
        """The header with the user's name and password for it, if there are any."""
        return [] if self.authorization is None else [f"Proxy-Authorization: {self.authorization}"]


@dataclass(frozen=True, slots=True)
class Before:
    """
    How hosts were reached before this proxy came between.

    Attributes:
        servers: The proxies by the scheme they are for.
        exceptions: What ``NO_PROXY`` said.
    """

    servers: Mapping[str, _Server] = field(default_factory=dict)
    exceptions: tuple[str, ...] = ()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Before:
        """
        Read ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``; names in small letters go first.

        Raises:
            ConfigurationError: A proxy cannot be used. The text never quotes the URL, which may hold a password.
        """

        def value(name: str) -> str:
            return (environ.get(name.lower()) or environ.get(name) or "").strip()

        servers = {}
        for scheme in ("https", "http"):
            for name in (f"{scheme.upper()}_PROXY", "ALL_PROXY"):
                if url := value(name):
                    servers[scheme] = _server(name, url)
                    break
        exceptions = tuple(entry.strip().lower() for entry in value("NO_PROXY").split(",") if entry.strip())
        return cls(servers, exceptions)

    def server(self, scheme: str, host: str, port: int) -> _Server | None:
        """Return the proxy that a host is reached through; None means directly."""
        name = _plain(host)
        if is_loopback(name) or any(_covers(entry, name, port) for entry in self.exceptions):
            return None
        return self.servers.get(scheme)

    @property
    def has_password(self) -> bool:
        """Whether a proxy is used with a password, which is not for everybody who finds this one."""
        return any(server.authorization for server in self.servers.values())


def _server(variable: str, url: str) -> _Server:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in _PORTS:
        raise ConfigurationError(
            f"{variable} names no proxy that other hosts can be reached through: only http:// and https:// proxies can "
            "be used. Nothing was started; correct it or take it out of the environment."
        )
    authorization = None
    if parts.username is not None or parts.password is not None:
        authorization = _basic(unquote(parts.username or ""), unquote(parts.password or ""))
    return _Server(host, port or _PORTS[parts.scheme], parts.scheme == "https", authorization)


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _covers(entry: str, name: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means a host: a name and those below it, an address, a network, or everything."""
    if entry == "*":
        return True
    with suppress(ValueError):
        return ip_address(name) in ip_network(entry.strip("[]"), strict=False)
    domain, colon, only = entry.rpartition(":")
    if colon and only.isdigit():
        if int(only) != port:
            return False
        entry = domain
    entry = entry.removeprefix("*").strip(".[]")
    return bool(entry) and (name == entry or name.endswith(f".{entry}"))


class _Refusal(Exception):
    """A request that goes nowhere, with the status and the sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def to_bytes(self) -> bytes:
        """Return the answer."""
        # The sentence is the reason, too: of an answer to CONNECT, clients show nothing else.
        sentence = self.sentence.encode("ascii", "replace")
        lines = [
            b"HTTP/1.1 %d %s" % (self.status, sentence),
            b"Content-Type: text/plain; charset=us-ascii",
            b"Content-Length: %d" % (len(sentence) + 1),
            b"Connection: close",
        ]
        if self.status == 407:
            lines.append(b'Proxy-Authenticate: Basic realm="aioturk marketplace run"')
        return b"\r\n".join([*lines, b"", sentence + b"\n"])


class _Side(NamedTuple):
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a request."""

    method: str
    target: str
    version: str
    lines: list[str]
    """The headers as they came."""

    def without(self, *names: str) -> list[str]:
        """The headers but for those of these names and those that are meant for a proxy."""
        unwanted = (*names, "proxy-authorization", "proxy-connection")
        return [line for line in self.lines if line.partition(":")[0].strip().lower() not in unwanted]

    @property
    def upgrades(self) -> bool:
        """
        Whether a WebSocket may follow.

        No other upgrade is asked for on a client's behalf: HTTP/2 in plain HTTP is declined by most, and then the next
        request comes on the same connection, perhaps for another host.
        """
        upgrade = (self.value("upgrade") or "").lower()
        return upgrade == "websocket" and self.method == "GET" and self.body == 0

    @property
    def body(self) -> int | None:
        """
        How many bytes follow; None when they come in chunks.

        Raises:
            _Refusal: That cannot be told, or not in one way only.
        """
        lengths = [value for name, value in self._pairs if name == "content-length"]
        codings = [value.lower() for name, value in self._pairs if name == "transfer-encoding"]
        if codings:
            if codings[-1].rpartition(",")[2].strip() != "chunked" or lengths:
                raise _Refusal(400, "The request has a body whose end cannot be told.")
            return None
        if len(set(lengths)) > 1 or not _LENGTH.fullmatch(length := lengths[0] if lengths else "0"):
            raise _Refusal(400, "The request has a Content-Length that is no number.")
        return int(length)

    def value(self, name: str) -> str | None:
        """The first header of a name."""
        return next((value for key, value in self._pairs if key == name), None)

    @property
    def _pairs(self) -> Iterator[tuple[str, str]]:
        for line in self.lines:
            key, _, value = line.partition(":")
            yield key.strip().lower(), value.strip()


class Proxy:
    """
    Listens at a free port of this computer.

    Whoever else works on this computer finds it, too. So when there is a proxy behind it that is used with a password,
    this one has a password of its own.

    Attributes:
        url: Where it is, once it has started: for ``HTTPS_PROXY``, with its password if it has one.
        tls: Address and port at which TLS for the hosts that the marketplace stands in for ends, without a proxy's
            ``CONNECT``.

    Args:
        market: Address and port of the marketplace, which speaks plain HTTP.
        context: The certificates to show for the hosts that the marketplace stands in for.
        before: How all other hosts are reached.
        observer: Is told of hosts that were refused.
    """

    def __init__(
        self,
        market: tuple[str, int],
        *,
        context: ssl.SSLContext,
        before: Before | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._market = market
        self._context = context
        self._before = before or Before()
        self._observer = observer
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._password = secrets.token_urlsafe(16) if self._before.has_password else None
        self.tls: tuple[str, int] = ("127.0.0.1", 0)
        self.url: str = ""

    async def start(self) -> None:
        """Listen."""
        # TLS has a port of its own, which CONNECT leads to: streams cannot be turned to TLS halfway in Python 3.11.
        inner = await asyncio.start_server(
            self._taken(self._decrypted),
            "127.0.0.1",
            0,
            ssl=self._context,
            ssl_handshake_timeout=_HANDSHAKE_PATIENCE,
            ssl_shutdown_timeout=_PATIENCE,
        )
        self._servers.append(inner)
        host, port = inner.sockets[0].getsockname()
        self.tls = host, port
        outer = await asyncio.start_server(self._taken(self._asked), "127.0.0.1", 0, limit=_CHUNK)
        self._servers.append(outer)
        host, port = outer.sockets[0].getsockname()
        self.url = f"http://{'' if self._password is None else f'{_USER}:{self._password}@'}{host}:{port}"

    async def close(self) -> None:
        """Stop listening, and cut what is still under way."""
        for server in self._servers:
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self._servers:
            if sys.version_info >= (3, 13):
                server.abort_clients()
            # From Python 3.12 on it waits for every connection, those included whose TLS never comes about.
            with suppress(TimeoutError):
                await asyncio.wait_for(server.wait_closed(), _PATIENCE)
        self._servers.clear()

    def _taken(
        self, serve: Callable[[_Side], Coroutine[Any, Any, None]]
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        """Turn a method into what a server calls for each connection."""

        def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(_tended(serve, _Side(reader, writer)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        return take

    async def _asked(self, client: _Side) -> None:
        head = await _read_head(client.reader)
        if head is None:
            return
        if self._password is not None and not _knows(head, self._password):
            raise _Refusal(407, "The proxy of aioturk marketplace run was used without the password in HTTPS_PROXY.")
        if head.method == "CONNECT":
            await self._connect(head, client)
        else:
            await self._forward(head, client)

    # CONNECT: a connection to a host, whatever goes over it.

    async def _connect(self, head: _Head, client: _Side) -> None:
        host, port = _authority(head.target, _PORTS["https"])
        if self._judged(host) is Fate.HERE:
            client.writer.write(_ESTABLISHED)
            await self._here(client)
            return
        far = await self._reached(host, port)
        client.writer.write(_ESTABLISHED)
        await _joined(client, far, self._watched(client.reader, far.writer))

    async def _here(self, client: _Side) -> None:
        first = await client.reader.read(_CHUNK)
        if not first:
            return
        # Whatever the port: some programs ask for a tunnel for plain HTTP, too.
        address, port = self.tls if first.startswith(_HANDSHAKE) else self._market
        far = await _direct(address, port)
        far.writer.write(first)
        await _joined(client, far, _pump(client.reader, far.writer))

    async def _decrypted(self, client: _Side) -> None:
        far = await _direct(*self._market)
        await _joined(client, far, _pump(client.reader, far.writer))

    async def _watched(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what the client says, unless it begins by asking for a host of Mechanical Turk under an alias."""
        first = await _first_flight(reader)
        name = _asked_for(first)
        if name is not None and fate_of(name) is not Fate.ELSEWHERE:
            self._tell(_plain(name))
            raise ConnectionAbortedError("a host of Mechanical Turk was asked for by an address")
        writer.write(first)
        await _pump(reader, writer)

    async def _reached(self, host: str, port: int) -> _Side:
        server = self._before.server("https", host, port)
        if server is None:
            return await _opened(_direct(host, port), f"{host} port {port}")
        far = await _opened(server.connect(), _THE_PROXY_BEFORE)
        try:
            await _tunnel(far, server, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except BaseException:
            await far.close()
            raise
        return far

    # Everything else: a request in plain HTTP, with the whole URL in its first line.

    async def _forward(self, head: _Head, client: _Side) -> None:
        match = _ABSOLUTE.fullmatch(head.target)
        if match is None:
            raise _Refusal(400, "This is the proxy of aioturk marketplace run, for HTTPS_PROXY and HTTP_PROXY only.")
        scheme, authority, rest = match["scheme"].lower(), match["authority"], match["rest"]
        path = rest if rest.startswith("/") else f"/{rest}"
        host, port = _authority(authority, _PORTS[scheme])
        fate, body = self._judged(host), head.body
        upgrades = fate is Fate.ELSEWHERE and head.upgrades
        unwanted = () if upgrades else _ONE_BY_ONE
        if fate is Fate.HERE:
            # The Host header stays as it was signed.
            lines, target, far = head.without(*unwanted), path, await _direct(*self._market)
        elif scheme == "https":
            raise _Refusal(400, f"Nothing was sent to {host}: ask for https:// addresses with CONNECT.")
        else:
            lines = [f"Host: {authority}", *head.without("host", *unwanted)]
            server = self._before.server("http", host, port)
            if server is None:
                target, far = path, await _opened(_direct(host, port), f"{host} port {port}")
            else:
                target, far = f"http://{authority}{path}", await _opened(server.connect(), _THE_PROXY_BEFORE)
                lines += server.header
        if not upgrades:
            # One request a connection: the next one may be for another host.
            lines.append("Connection: close")
        far.writer.write("\r\n".join([f"{head.method} {target} {head.version}", *lines, "", ""]).encode("latin-1"))
        if not upgrades:
            upward = _pass_body(body, client.reader, far.writer)
        elif await _switched(client, far):
            upward = _pump(client.reader, far.writer)
        else:
            upward = _pass_nothing(client.reader, far.writer)
        await _joined(client, far, upward)

    # Judging.

    def _judged(self, host: str) -> Fate:
        fate = fate_of(host)
        if fate is Fate.REFUSED:
            self._tell(host)
            raise _Refusal(
                403,
                f"Nothing was sent to {host}: aioturk marketplace run stands in for Mechanical Turk's API in us-east-1 "
                "and for its workers' sites, and lets nothing through to the real one.",
            )
        return fate

    def _tell(self, host: str) -> None:
        if self._observer is not None:
            self._observer(f"connection to {host}", 403)


_USER = "run"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_THE_PROXY_BEFORE = "the proxy that was in use before"


def _knows(head: _Head, password: str) -> bool:
    given = (head.value("proxy-authorization") or "").encode()
    return secrets.compare_digest(given, _basic(_USER, password).encode())


async def _tended(serve: Callable[[_Side], Coroutine[Any, Any, None]], client: _Side) -> None:
    """Serve a connection, and see to its end."""
    try:
        await serve(client)
    except _Refusal as refusal:
        with suppress(OSError):
            await _refused(client, refusal)
    except OSError:
        pass  # one of the two has gone, and the other will notice
    except asyncio.CancelledError:
        client.writer.transport.abort()
        raise
    finally:
        await client.close()


async def _refused(client: _Side, refusal: _Refusal) -> None:
    client.writer.write(refusal.to_bytes())
    client.writer.write_eof()
    # Closing before all was read resets the connection, and the client may never see the answer.
    while await client.reader.read(_CHUNK):
        pass


async def _read_head(reader: asyncio.StreamReader) -> _Head | None:
    """Read the head of a request; None when the client says nothing."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise _Refusal(431, f"The head of the request is longer than {_CHUNK} bytes.") from None
    first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or parts[2] not in {"HTTP/1.1", "HTTP/1.0"} or any(line[:1] in " \t" for line in lines):
        raise _Refusal(400, "This is no request in HTTP/1.1.")
    method, target, version = parts
    return _Head(method, target, version, lines)


def _authority(text: str, default: int) -> tuple[str, int]:
    match = _AUTHORITY.fullmatch(text)
    port = int(match["port"] or default) if match else 0
    if match is None or not 0 < port < 65536:
        raise _Refusal(400, "The request names no host and port that can be understood.")
    return match["host"].strip("[]"), port


async def _direct(host: str, port: int) -> _Side:
    return _Side(*await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25))


async def _opened(opening: Coroutine[Any, Any, _Side], what: str) -> _Side:
    try:
        return await opening
    except (OSError, UnicodeError) as trouble:  # the latter when a name has parts that are too long for one
        reason = getattr(trouble, "strerror", None) or str(trouble)
        raise _Refusal(502, f"{what} cannot be reached: {reason}".replace("\n", " ")) from None


async def _tunnel(far: _Side, server: _Server, authority: str) -> None:
    """Ask the proxy that was in use before for a connection."""
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", *server.header, "", ""]
    far.writer.write("\r\n".join(lines).encode("latin-1"))
    try:
        answer = await far.reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        raise _Refusal(502, f"{_THE_PROXY_BEFORE} gave no answer for {authority}.") from None
    status = answer.partition(b"\r\n")[0].decode("latin-1")
    if not re.match(r"HTTP/1\.[01] 2[0-9][0-9]", status):
        raise _Refusal(502, f"{_THE_PROXY_BEFORE} declined {authority}: {status}")


async def _joined(client: _Side, far: _Side, upward: Coroutine[Any, Any, None]) -> None:
    """Let both ends of a connection talk until both have said everything, or one of them is gone."""
    try:
        try:
            async with asyncio.TaskGroup() as directions:
                directions.create_task(upward)
                directions.create_task(_pump(far.reader, client.writer))
        except* OSError:
            client.writer.transport.abort()
            far.writer.transport.abort()
    except asyncio.CancelledError:
        far.writer.transport.abort()
        raise
    finally:
        await far.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()  # TLS knows no half-closed connections


async def _switched(client: _Side, far: _Side) -> bool:
    """Pass on what a server says to a request for a WebSocket; tell whether it agrees."""
    try:
        answer = await far.reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as gone:
        answer = gone.partial
    except asyncio.LimitOverrunError:
        answer = b""  # passed on as it comes: it is an answer of some other kind
    except BaseException:
        far.writer.transport.abort()
        raise
    client.writer.write(answer)
    return _SWITCHING.match(answer) is not None


async def _pass_body(length: int | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """
    Pass on the body of one request, and nothing of what may follow: it could be for another host.

    Args:
        length: How long it is; None when it comes in chunks.
        reader: Where it comes from.
        writer: Where it goes.
    """
    if length is None:
        await _pass_chunks(reader, writer)
    else:
        await _pass_bytes(length, reader, writer)
    await _nothing_more(reader)


async def _nothing_more(reader: asyncio.StreamReader) -> None:
    """
    Wait until the client takes its leave.

    Raises:
        ConnectionAbortedError: It sends another request, because the server let it believe that it may. Clients send
            that again, on a connection of its own.
    """
    if await reader.read(1):
        raise ConnectionAbortedError("the client sent another request on the same connection")


async def _pass_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on the end alone."""
    await _nothing_more(reader)
    writer.write_eof()


async def _pass_bytes(length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while length:
        chunk = await reader.read(min(length, _CHUNK))
        if not chunk:
            raise ConnectionAbortedError("the client left in the middle of a request")
        writer.write(chunk)
        await writer.drain()
        length -= len(chunk)


async def _pass_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    size, line = -1, b""
    while size:
        line = await _line(reader)
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise ConnectionAbortedError("the client sent chunks that are none")
        size = int(match[1], 16)
        writer.write(line)
        await _pass_bytes(size + 2 if size else 0, reader, writer)
    while line != b"\r\n":  # after the last chunk, more headers may come
        line = await _line(reader)
        writer.write(line)
    await writer.drain()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise ConnectionAbortedError("the client sent chunks that are none") from None


# What is said first in a tunnel.


async def _first_flight(reader: asyncio.StreamReader) -> bytes:
    """What a client says first; of TLS the whole hello, however many records it comes in."""
    first = await reader.read(_CHUNK)
    while first and _is_part_of_hello(first):
        more = await reader.read(_CHUNK)
        if not more:
            break
        first += more
        if len(first) > _LONGEST_HELLO:
            raise ConnectionAbortedError("a hello in TLS without an end")
    return first


def _is_part_of_hello(said: bytes) -> bool:
    """Whether this is the beginning of a hello, and more of it is to come."""
    hello = _unpacked(said)
    if not _HANDSHAKE.startswith(said[:2]) or not _HELLO.startswith(hello[:1]):
        return False
    return len(hello) < 4 or len(hello) < 4 + int.from_bytes(hello[1:4])


def _unpacked(said: bytes) -> bytes:
    """Take the records of a handshake apart."""
    content = b""
    while said.startswith(_HANDSHAKE):
        length = int.from_bytes(said[3:5])
        content += said[5 : 5 + length]
        said = said[5 + length :]
    return content


def _asked_for(said: bytes) -> str | None:
    """Return the name of the host in a client's hello; None when this is none, or has no name."""
    hello = _Bytes(_unpacked(said))
    try:
        if hello.take(1) != _HELLO:
            return None
        hello.take(3 + 2 + 32)  # its length, the version and a random number
        for size in (1, 2, 1):  # the session, ciphers and ways to compress
            hello.block(size)
        extensions = _Bytes(hello.block(2))
        while kind := extensions.take(2, or_nothing=True):
            extension = _Bytes(extensions.block(2))
            if kind == b"\0\0":
                names = _Bytes(extension.block(2))
                names.take(1)
                return names.block(2).decode("latin-1")
    except ValueError:
        pass  # no server will understand it either
    return None


class _Bytes:
    """
    Bytes, from which one part after another is taken.

    Args:
        content: All of them.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    def take(self, count: int, *, or_nothing: bool = False) -> bytes:
        """Take so many."""
        taken, self._content = self._content[:count], self._content[count:]
        if len(taken) < count and (taken or not or_nothing):
            raise ValueError("there are not so many")
        return taken

    def block(self, size: int) -> bytes:
        """Take a part that is preceded by its length, in so many bytes."""
        return self.take(int.from_bytes(self.take(size)))
