"""
The certificates with which Amazon's topic service signs: where they may come from, fetched once, kept while they hold.

The message names the address, so the address is judged before anybody is called: one spelling, one host for each
region, https. What vouches for a certificate is the TLS connection it came over, whose own certificate is verified for
that host.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aioturk._core.messages import Request
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError, TransportError, UnreadableResponse, UntrustedNotification
from aioturk.transport import AiohttpTransport, Transport

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["Certificates", "certificate_host"]

_KEPT: Final = 32
_LONGEST: Final = 64 * 1024
_TIMEOUT: Final = 10.0

# Lower case, ASCII, no user, no port, no escapes, no dot segments: what is left has one reading.
_URL: Final = re.compile(
    r"https://(sns\.[a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?)/[A-Za-z0-9_-]{1,200}\.pem", re.ASCII
)


class Certificates:
    """
    Fetches signing certificates of Amazon's topic service, each once.

    It may serve any number of callers, in one event loop after another. At most 32 certificates are kept, each until it
    ends.

    Args:
        transport: What fetches; aiohttp unless given, without redirects, over verified TLS, opened for each fetch. A
            given one stays open.
        timeout: Seconds that a fetch may take.
        clock: What tells the time.
    """

    __slots__ = ("_clock", "_known", "_timeout", "_transport")

    def __init__(
        self, *, transport: Transport | None = None, timeout: float = _TIMEOUT, clock: Clock | None = None
    ) -> None:
        self._transport = transport
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._known: OrderedDict[str, Certificate] = OrderedDict()

    async def get(self, url: object) -> Certificate:
        """
        Return the certificate at an address, if it is one of Amazon's and holds today.

        Args:
            url: The address, as a message names it.

        Raises:
            UntrustedNotification: The address is no place for such certificates, in which case nobody was called; or
                what is there is none, or does not hold today.
            TransportError: It could not be fetched; a later try may succeed.
        """
        host = certificate_host(url)
        assert isinstance(url, str)
        now = datetime.fromtimestamp(self._clock.time(), UTC)
        certificate = self._known.get(url)
        if certificate is None or not _holds(certificate, now):
            self._known.pop(url, None)
            certificate = _read(await self._fetch(url, host))
            if not _holds(certificate, now):
                raise UntrustedNotification(
                    f"is signed with a certificate that does not hold today, {now:%Y-%m-%d}. Is the clock right?"
                )
            self._known[url] = certificate
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(url)
        return certificate

    async def _fetch(self, url: str, host: str) -> bytes:
        if self._transport is not None:
            return await self._ask(self._transport, url, host)
        transport = AiohttpTransport(max_connections=1, max_response_bytes=_LONGEST)
        try:
            return await self._ask(transport, url, host)
        finally:
            await asyncio.shield(transport.close())

    async def _ask(self, transport: Transport, url: str, host: str) -> bytes:
        try:
            answer = await transport.send(Request("GET", url), timeout=self._timeout, fresh_connection=True)
        except TransportError as error:
            error.text = f"The certificate at {host} could not be fetched, so no signature can be checked. {error.text}"
            raise
        if answer.status != 200:
            raise UnreadableResponse(
                f"The certificate at {host} could not be fetched, so no signature can be checked: it answered HTTP "
                f"{answer.status}, and redirects are not followed.",
                status=answer.status,
                transient=answer.status >= 500 or answer.status == 429,
            )
        if len(answer.body) > _LONGEST:
            raise UntrustedNotification(f"is signed with a certificate of more than {_LONGEST} bytes.")
        return answer.body


def certificate_host(url: object) -> str:
    """
    Return the host of a certificate's address, if it is one of Amazon's topic service.

    Raises:
        UntrustedNotification: It is not. The address is not repeated.
    """
    found = _URL.fullmatch(url) if isinstance(url, str) else None
    if found is None:
        raise UntrustedNotification(
            "names a certificate elsewhere than at https://sns.<region>.amazonaws.com/<name>.pem. Nobody was called."
        )
    return found[1]


def _read(data: bytes) -> Certificate:
    try:
        from cryptography import x509
    except ModuleNotFoundError:
        raise missing() from None
    try:
        return x509.load_pem_x509_certificate(data)
    except ValueError as problem:
        raise UntrustedNotification("is signed with a certificate that cannot be read.") from problem


def missing() -> ConfigurationError:
    """Make the error for a program that lacks the library."""
    return ConfigurationError(
        "Signatures of Amazon's topic service are checked with the library cryptography, which is not installed: "
        "pip install 'aioturk[notifications]'."
    )


def _holds(certificate: Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
