"""
How one signed request crosses the wire: the `Transport` protocol and its aiohttp implementation.

A transport makes a single attempt. It turns a `Request` into a `Response`, whatever the status, or raises
one of four errors that say what became of the request:

* `ConnectFailed`: certain that not one byte of the request was sent;
* `ConnectionLost`, `AttemptTimedOut`, `UnreadableResponse`: it may have been sent, so it may have been executed.

The difference decides whether a payment may be repeated, so `ConnectFailed` is never a guess. The evidence is
the *stage* an attempt has reached: aiohttp sends nothing of a request before its connector has handed out a
connection, and our connector notes when it does. Where that note is missing (a session the caller made), only
exception classes that cannot come from an open connection count.

Signing, retries and the meaning of an answer live elsewhere: :mod:`aioturk.sigv4`, :mod:`aioturk.retries`,
:mod:`aioturk.client`. Nothing here knows the service.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import socket
import ssl
import urllib.request
import weakref
import zlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from aioturk._core.hosts import is_loopback
from aioturk._core.messages import Headers, Request, Response
from aioturk.errors import (
    AttemptTimedOut,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    TransportError,
    TurkError,
    UnreadableResponse,
)

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

__all__ = ["AiohttpTransport", "Transport"]


class Transport(Protocol):
    """What carries requests: one attempt at a time, no knowledge of the service."""

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """
        Make one attempt and return the answer, whatever its status.

        Args:
            request: Ready to go: its URL, headers and body are sent as they are.
            timeout: Seconds for the whole attempt, waiting for a free connection included.
            fresh_connection: Use a new connection, never an idle one that the other side may have closed already.

        Raises:
            ConnectFailed: Nothing was sent.
            ConnectionLost: The connection broke; the request may have been executed.
            AttemptTimedOut: No whole answer came in time; the request may have been executed.
            UnreadableResponse: The answer is not HTTP, or too large; the request may have been executed.
        """
        ...

    async def close(self) -> None:
        """Close what is open. May be called again."""
        ...


class AiohttpTransport:
    """
    Requests over aiohttp, with keep-alive connections.

    Constructing it does no I/O and needs no event loop. Connections belong to the event loop that uses them: one
    transport may serve one loop after another, or several loops in several threads, each with connections of its own.

    * Cancellation passes through unwrapped, and closes the connection of the cancelled request.
    * Redirects are not followed, nothing is repeated, and no cookies, credentials of ``.netrc`` or other headers are
      added, except ``Accept-Encoding: identity`` where the request has none, and what HTTP itself needs.
    * Proxies come from ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` (or lower case), read at the first request to a
      host. This computer itself is never reached through a proxy.

    Args:
        max_connections: How many requests may be in flight at once, in each event loop. Others wait their turn, first
            come, first served.
        connect_timeout: Seconds to establish a connection: name lookup, TCP, proxy and TLS. Waiting for a turn does
            not count.
        max_response_bytes: Reading stops at an answer larger than this.
        session: A session to use as it is, except that it does not follow redirects and its middlewares, which might
            repeat a request, are left out. It is never closed here. Its own limit of connections, proxies and
            certificates count instead of those given here, except for calls that need a fresh connection: these
            get one from a connector of ours.
            When time runs out in it, nobody can tell whether a connection was there: that is `AttemptTimedOut`.
        ca_file: Certificates to trust, in a PEM file. Otherwise the file that ``AWS_CA_BUNDLE`` or ``SSL_CERT_FILE``
            names, otherwise those of the system. Read once, when https is first used, off the event loop.
    """

    def __init__(
        self,
        *,
        max_connections: int = 50,
        connect_timeout: float = 10.0,
        max_response_bytes: int = 64 * 2**20,
        session: aiohttp.ClientSession | None = None,
        ca_file: str | None = None,
    ) -> None:
        if max_connections < 1:
            raise ConfigurationError(f"max_connections is {max_connections}; it must be at least 1.")
        if connect_timeout <= 0:
            raise ConfigurationError(f"connect_timeout is {connect_timeout}; it must be more than 0 seconds.")
        if max_response_bytes < 1:
            raise ConfigurationError(f"max_response_bytes is {max_response_bytes}; it must be at least 1.")
        self._max_connections = max_connections
        self._max_response_bytes = max_response_bytes
        self._given_session = session
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | bool | None = None
        self._pools: dict[asyncio.AbstractEventLoop, _Pool] = {}
        # The time for the whole attempt is kept by `send`, so that it knows what had been reached when it ran out.
        self._own_timeout = aiohttp.ClientTimeout(total=None, connect=connect_timeout)
        # In somebody else's session "connect" would count the wait for a free connection too.
        given_timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._given_route = _Route({**_ALWAYS, **_ON_OWN_SESSIONS, "timeout": given_timeout})

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """
        Make one attempt; see :meth:`Transport.send`.

        Raises:
            ConfigurationError: The certificates or the proxy cannot be used, or the given session is closed.
        """
        if timeout <= 0:
            raise ConnectFailed("There was no time left for an attempt.")
        # Asking for the running loop is a system call before Python 3.12, so it is asked for once.
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None or pool.closed:
            pool = await self._open_pool(loop)
        task = asyncio.current_task(loop)
        attempt = pool.attempts[task] = _Attempt(request)
        try:
            async with asyncio.timeout_at(loop.time() + timeout):
                if self._given_session is not None and not fresh_connection:
                    session = self._check_given(self._given_session, request, attempt)
                    return await self._exchange(session, request, attempt, self._given_route)
                async with pool.slots:
                    route = pool.routes.get(attempt.host) or await self._find_route(pool, attempt)
                    attempt.proxy = route.proxy
                    return await self._exchange(pool.session(fresh_connection), request, attempt, route)
        except TurkError:
            raise
        except aiohttp.ClientHttpProxyError as exc:
            # Not chained: this exception holds the proxy's password among its headers.
            raise attempt.explain(exc, timeout) from None
        except Exception as exc:
            if attempt.is_programming_error(exc):
                raise
            raise attempt.explain(exc, timeout) from exc
        finally:
            del pool.attempts[task]

    async def close(self) -> None:
        """
        Close the connections of the running event loop, and of loops that are closed already.

        Requests in flight fail. May be called again; a later `send` opens new connections. A loop that is still alive
        elsewhere keeps its own, and closes them when it is shut down.
        """
        self._forget_closed_loops()
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.close()

    async def _open_pool(self, loop: asyncio.AbstractEventLoop) -> _Pool:
        """Make the pool for a loop that has none, or was shut down and is used again."""
        self._forget_closed_loops()
        pool = self._pools[loop] = _Pool(self._max_connections, loop)
        await pool.follow_loop()
        return pool

    def _forget_closed_loops(self) -> None:
        for loop in [loop for loop in tuple(self._pools) if loop.is_closed()]:
            pool = self._pools.pop(loop, None)
            if pool is not None:
                pool.abandon()

    def _check_given(
        self, session: aiohttp.ClientSession, request: Request, attempt: _Attempt
    ) -> aiohttp.ClientSession:
        if session.closed:
            raise ConfigurationError("The session given to the client is closed. Nothing was sent.")
        # aiohttp repeats some methods by itself on a connection that turns out to be closed; a failure to connect
        # may then be that of the repeat.
        attempt.class_tells = request.method.upper() not in _AIOHTTP_REPEATS
        return session

    async def _exchange(
        self, session: aiohttp.ClientSession, request: Request, attempt: _Attempt, route: _Route
    ) -> Response:
        headers = _merge_headers(request.headers)
        if route.headers:
            headers.update(route.headers)
        attempt.stage = _Stage.HANDED_OVER
        answer = await session.request(
            request.method, attempt.url, headers=headers, data=_payload(request.body), **route.options
        )
        try:
            return await self._read(answer)
        except BaseException:
            answer.close()
            raise

    async def _read(self, answer: aiohttp.ClientResponse) -> Response:
        limit = self._max_response_bytes
        headers: Mapping[str, str] = answer.headers
        length = headers.get("content-length")
        if length is not None and "transfer-encoding" not in headers:
            # aiohttp reads as many bytes as were announced and no more, so the announcement is the bound.
            if int(length) > limit:
                raise _too_large(answer, limit, b"")
            body = await answer.read()
        else:
            body = await _read_at_most(answer, limit)
        encoding = headers.get("content-encoding", "identity").lower()
        if encoding != "identity" and body:
            # Not asked for, but something on the way may do it.
            body = _unpack(answer, encoding, body, limit)
            headers = {name.lower(): value for name, value in headers.items() if name.lower() != "content-encoding"}
        return Response(answer.status, headers, body)

    async def _find_route(self, pool: _Pool, attempt: _Attempt) -> _Route:
        scheme = attempt.url.scheme
        proxy = _proxy_from_environment(attempt.url)
        route = _Route({**_ALWAYS, "timeout": self._own_timeout})
        if scheme == "https" or (proxy is not None and proxy.scheme == "https"):
            route.options["ssl"] = await self._tls_context(pool)
        if proxy is not None:
            # The password is kept apart from the address, which turns up in error texts.
            route.options["proxy"] = proxy.with_user(None)
            route.proxy = f"{proxy.host}:{proxy.port}"
            authorization = _proxy_authorization(proxy)
            if scheme == "https":
                route.options["proxy_headers"] = authorization
            else:  # without a tunnel the proxy reads the headers of the request itself
                route.headers.update(authorization)
        pool.routes[attempt.host] = route
        return route

    async def _tls_context(self, pool: _Pool) -> ssl.SSLContext | bool:
        async with pool.loading_certificates:
            if self._tls is None:
                self._tls = await asyncio.to_thread(_load_certificates, self._ca_file)
            return self._tls


_ALWAYS: dict[str, Any] = {"allow_redirects": False, "middlewares": ()}

_ON_OWN_SESSIONS: dict[str, Any] = {
    # A few megabytes of compressed zeros would not stop at the bound.
    "auto_decompress": False,
    "raise_for_status": False,
    # aiohttp would add these, and nothing signed them. A body's type is the caller's to say.
    "skip_auto_headers": ("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
}
"""Settings that a session of ours has for good, and that every request through a given one has to bring."""

_AIOHTTP_REPEATS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

# What aiohttp raises only while there is no connection for the request. Everything else is taken to come from an
# open connection; a test goes through the list of aiohttp's exceptions.
_WITHOUT_CONNECTION = (
    aiohttp.ClientConnectorError,  # refused, unreachable, name lookup, TLS, certificate, proxy unreachable
    aiohttp.ClientHttpProxyError,  # the proxy declined to open the tunnel
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

# Trying these again later is not going to help.
_LASTING = (
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ServerFingerprintMismatch,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)

_LONGEST_REASON = 300
_BODY_EXCERPT = 1024
_LARGE_BODY = 2**20


class _Stage(Enum):
    """How far an attempt has come."""

    WAITING = "waiting for a free connection"
    """Still in our hands."""
    HANDED_OVER = "handed over"
    """aiohttp has it, and has not said more."""
    CONNECTING = "connecting"
    """aiohttp looks for a connection: nothing of the request is sent yet."""
    CONNECTED = "connected"
    """It has one, and may have used it."""


class _Attempt:
    """One request on its way, and how far it has come."""

    __slots__ = ("class_tells", "host", "proxy", "stage", "url")

    def __init__(self, request: Request) -> None:
        try:
            self.url = URL(request.url, encoded=True)  # as signed: nothing is quoted again
            self.host = (self.url.scheme, self.url.raw_host, self.url.port)
        except ValueError as exc:
            error = ConnectFailed("The URL of the request cannot be called.")
            error.transient = False
            raise error from exc
        self.stage = _Stage.WAITING
        self.class_tells = True
        self.proxy = ""

    def is_programming_error(self, exc: Exception) -> bool:
        """Whether this is a wrong type or value, found before aiohttp did anything with the request."""
        return (
            self.stage in (_Stage.WAITING, _Stage.HANDED_OVER)
            and isinstance(exc, TypeError | ValueError)
            and not isinstance(exc, aiohttp.ClientError | OSError)
        )

    def nothing_sent(self, exc: Exception) -> bool:
        """Whether it is certain that not one byte of the request was sent."""
        if self.stage is _Stage.HANDED_OVER:
            without = isinstance(exc, _WITHOUT_CONNECTION) and not isinstance(exc, aiohttp.RedirectClientError)
            return self.class_tells and without
        return self.stage is not _Stage.CONNECTED

    def explain(self, exc: Exception, timeout: float) -> TransportError:
        """The error that tells the caller what became of the request."""
        where = f"{self.url.host}:{self.url.port}"
        reason = _reason(exc)
        if self.nothing_sent(exc):
            if self.stage is _Stage.WAITING and isinstance(exc, TimeoutError):
                text = f"No connection to {where} was free within {timeout:g} s."
            else:
                text = f"No connection to {where} came about{self._way()}: {reason}."
            failed = ConnectFailed(text)
            failed.transient = not isinstance(exc, _LASTING)
            return failed
        if isinstance(exc, TimeoutError):
            return AttemptTimedOut(f"{where} gave no whole answer within {timeout:g} s.")
        if isinstance(exc, aiohttp.ClientResponseError):
            return UnreadableResponse(f"{where} answered with something that is not HTTP: {reason}.")
        return ConnectionLost(f"The connection to {where} broke before the whole answer was here: {reason}.")

    def _way(self) -> str:
        """The proxy, because the reason may be its own, and nothing else says that there is one."""
        if not self.proxy:
            return ""
        return f" through the proxy {self.proxy}, which {_proxy_variable(self.url)} names"


def _reason(exc: Exception) -> str:
    """An exception in a few words, without addresses of objects, URLs or headers."""
    if isinstance(exc, aiohttp.ClientResponseError):
        text = f"{exc.status} {exc.message}"
    elif isinstance(exc, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        text = "the URL cannot be called"
    elif isinstance(exc, aiohttp.ClientConnectorCertificateError):
        text = str(exc.certificate_error)
    elif isinstance(exc, aiohttp.ClientConnectorError):
        text = exc.os_error.strerror or str(exc.os_error)
    else:
        text = str(exc)
    if not text.strip():
        text = "it took too long" if isinstance(exc, TimeoutError) else type(exc).__name__
    return " ".join(text[:_LONGEST_REASON].split()).rstrip(".")


def _merge_headers(pairs: Headers) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    spellings: dict[str, str] = {}
    for name, value in pairs:
        # aiohttp keeps equal names only when they are spelled alike; of X-A and x-a it would drop one.
        headers.add(spellings.setdefault(name.lower(), name), value)
    if "accept-encoding" not in spellings:
        headers["Accept-Encoding"] = "identity"
    return headers


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    """The body in the form that aiohttp takes without a warning."""
    if len(body) > _LARGE_BODY:
        return io.BytesIO(body)
    return body or None


async def _read_at_most(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read an answer of unknown length, and stop when it passes the limit."""
    chunks = []
    size = 0
    async with answer:
        async for chunk in answer.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                answer.close()
                raise _too_large(answer, limit, chunks[0])
    return b"".join(chunks)


def _unpack(answer: aiohttp.ClientResponse, encoding: str, body: bytes, limit: int) -> bytes:
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise _unreadable(answer, f"its content encoding {encoding[:40]!r} was not asked for and is not known", body)
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either header, gzip's or zlib's
    try:
        plain = unpacking.decompress(body, limit + 1)
    except zlib.error as exc:
        raise _unreadable(answer, f"its {encoding} data are damaged", body) from exc
    if len(plain) > limit:
        raise _too_large(answer, limit, plain)
    if not unpacking.eof or unpacking.unused_data:
        raise _unreadable(answer, f"its {encoding} data are damaged", body)
    return plain


def _too_large(answer: aiohttp.ClientResponse, limit: int, start: bytes) -> UnreadableResponse:
    return _unreadable(answer, f"it is larger than {limit} bytes", start)


def _unreadable(answer: aiohttp.ClientResponse, problem: str, start: bytes) -> UnreadableResponse:
    status = answer.status
    return UnreadableResponse(
        f"The answer (HTTP {status}) cannot be used: {problem}.",
        status=status,
        body=start[:_BODY_EXCERPT],
        transient=status in (200, 408) or status >= 500,
    )


@dataclass(slots=True, repr=False)
class _Route:
    """How a host is reached. Without a `repr`, because a proxy's password is in it."""

    options: dict[str, Any]
    """Arguments for aiohttp: time to connect, certificates, proxy."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers for a proxy that is not asked for a tunnel."""
    proxy: str = ""
    """The proxy's host and port, as errors name it; empty without one."""


class _Connector(aiohttp.TCPConnector):
    """
    A connector that notes for each attempt when a connection is looked for and when there is one.

    aiohttp's own tracing would tell the same, and more slowly.
    """

    def __init__(self, pool: _Pool, **options: Any) -> None:
        super().__init__(**options)
        self._pool = pool

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout) -> Connection:
        attempt = self._pool.attempts.get(asyncio.current_task(self._pool.loop))
        if attempt is None:
            return await super().connect(req, traces, timeout)
        if attempt.stage is _Stage.CONNECTED:
            # aiohttp is about to repeat a GET or PUT by itself. Repeating is decided elsewhere.
            raise aiohttp.ServerDisconnectedError
        attempt.stage = _Stage.CONNECTING
        connection = await super().connect(req, traces, timeout)
        attempt.stage = _Stage.CONNECTED
        return connection


class _Pool:
    """All that belongs to one event loop: its turns, its connections, and what is known of the hosts."""

    def __init__(self, max_connections: int, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.slots = asyncio.Semaphore(max_connections)
        self.attempts: dict[asyncio.Task[Any] | None, _Attempt] = {}
        self.routes: dict[tuple[str, str | None, int | None], _Route] = {}
        self.loading_certificates = asyncio.Lock()
        self.closed = False
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._follower = self._close_with_loop()

    async def follow_loop(self) -> None:
        """
        See to it that the connections are closed when the loop is shut down, closed transport or not.

        A loop's end is announced to nobody but its unfinished async generators, so one of these waits for it.
        """
        await anext(self._follower)

    async def close(self) -> None:
        self.closed = True
        await self._follower.aclose()

    def abandon(self) -> None:
        """Close the connections of a loop that was closed without being shut down."""
        self.closed = True
        for session in self._sessions.values():
            # With its loop gone the session has nothing to wait for, so its coroutine ends at the first step.
            closing = session.close()
            with suppress(StopIteration):
                closing.send(None)
            closing.close()
        for sock in tuple(self._sockets):
            sock.close()

    def session(self, fresh: bool) -> aiohttp.ClientSession:
        """The session with kept connections, or the one that makes a new connection for every request."""
        if self.closed:
            raise ConnectFailed("The connections were closed while the request waited for one.")
        session = self._sessions.get(fresh)
        if session is None:
            session = self._sessions[fresh] = aiohttp.ClientSession(
                # The limit is in `slots`: aiohttp's would count waiting as connecting, and each connector by itself.
                connector=_Connector(self, limit=0, force_close=fresh, socket_factory=self._new_socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                **_ON_OWN_SESSIONS,
            )
        return session

    def _new_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, *_ = address
        sock = socket.socket(family, kind, protocol)
        self._sockets.add(sock)
        return sock

    async def _close_with_loop(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self.closed = True
            await _close_all(list(self._sessions.values()))


async def _close_all(sessions: list[aiohttp.ClientSession]) -> None:
    """Close every session, even when closing one of them is cancelled."""
    if sessions:
        try:
            await sessions.pop().close()
        finally:
            await _close_all(sessions)


def _proxy_from_environment(url: URL) -> URL | None:
    """The proxy for a URL, if the environment names one and this computer itself is not meant."""
    host = url.host
    value = urllib.request.getproxies_environment().get(url.scheme)
    if not value or host is None or is_loopback(host) or urllib.request.proxy_bypass(f"{host}:{url.port}"):
        return None
    try:
        proxy = URL(value if "://" in value else f"http://{value}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        # The value is not shown: it may hold a password.
        raise ConfigurationError(
            f"{_proxy_variable(url)} does not name a proxy that can be used: write http://host:port."
        )
    return proxy


def _proxy_variable(url: URL) -> str:
    return f"{url.scheme.upper()}_PROXY"


def _proxy_authorization(proxy: URL) -> dict[str, str]:
    if proxy.user is None and proxy.password is None:
        return {}
    pair = f"{proxy.user or ''}:{proxy.password or ''}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _load_certificates(ca_file: str | None) -> ssl.SSLContext | bool:
    """Read the certificates to trust; True stands for those of the system, which aiohttp has at hand."""
    source = "ca_file"
    path = ca_file
    if not path:
        source, path = next(
            ((name, value) for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE") if (value := os.environ.get(name))), ("", "")
        )
    if not path:
        return True
    try:
        context = ssl.create_default_context(cafile=path)
    except OSError as exc:  # ssl.SSLError is one, too
        problem = "is not a file of PEM certificates" if isinstance(exc, ssl.SSLError) else "cannot be read"
        raise ConfigurationError(
            f"{source} names {path!r}, which {problem} ({exc.strerror or exc}). Correct it or leave it out."
        ) from exc
    context.set_alpn_protocols(["http/1.1"])
    return context
