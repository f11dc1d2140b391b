"""
`Site`: what all pages of the worker site have in common: the house, where they are reached, who is there.

The routes, and the steps of a request, are in `aioturk.marketplace.site.application`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import web

from aioturk.errors import ConfigurationError
from aioturk.marketplace.house import House
from aioturk.marketplace.site.attempts import Attempts
from aioturk.marketplace.site.frames import Frames
from aioturk.marketplace.site.known import KnownHere
from aioturk.marketplace.site.notices import Notices
from aioturk.marketplace.site.origins import Origins
from aioturk.marketplace.site.passwords import Passwords
from aioturk.marketplace.site.rendering import Templates
from aioturk.marketplace.site.sessions import Session, Sessions

__all__ = ["Site"]

_WITH_PORT: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")
"""An address as some proxies write it: ``[2001:db8::1]:443``, ``192.0.2.1:443``."""

_PASSED_ON: Final = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")
"""What proxies and tunnels write into the requests that they pass on."""


class Site:
    """
    The worker site.

    Args:
        house: Where everything is done.
        environment: Which of its worlds the site shows.
        has_accounts: Whether people sign in with a password; else whoever is there says which worker they are.
        trusted_proxies: The addresses, or networks, of proxies that are believed when they say whose request they pass
            on.
        visitor: The worker that everybody is taken for who has not signed in.
        notices: What is told beside what somebody tries out.

    Raises:
        ConfigurationError: What is trusted is neither an address nor a network, or is all there are.
    """

    def __init__(
        self,
        house: House,
        *,
        environment: str = "sandbox",
        has_accounts: bool = False,
        trusted_proxies: Collection[str] = (),
        visitor: str | None = None,
        notices: Notices | None = None,
    ) -> None:
        self.house = house
        self.environment = environment
        self.has_accounts = has_accounts
        self.notices = notices
        self.templates: Templates = Templates()
        self.passwords: Passwords = Passwords()
        self.attempts: Attempts = Attempts()
        self._trusted_proxies = [_network(each) for each in trusted_proxies]
        self._visitor = visitor
        self._origins: Origins | None = None
        self._opened: tuple[Sessions, Frames, KnownHere] | None = None

    def open(self, origins: Origins) -> None:
        """
        Begin to answer, once the house is open.

        Args:
            origins: Where the site and the tasks are reached.
        """
        self._origins = origins
        key = self.house.site_key
        if self.environment != "sandbox":  # what is signed in one world is worth nothing in the other
            key = hmac.new(key, self.environment.encode(), hashlib.sha256).digest()
        sessions = Sessions(key, origins)
        known = KnownHere(key, f"{sessions.name}-known", is_secure=origins.is_secure)
        self._opened = sessions, Frames(key, origins), known

    @property
    def origins(self) -> Origins:
        """Where the site and the tasks are reached."""
        assert self._origins is not None, "the site answers only once it is open"
        return self._origins

    @property
    def sessions(self) -> Sessions:
        """Who is there."""
        assert self._opened is not None, "the site answers only once it is open"
        return self._opened[0]

    @property
    def frames(self) -> Frames:
        """What stands in the frames of tasks."""
        assert self._opened is not None, "the site answers only once it is open"
        return self._opened[1]

    @property
    def known_here(self) -> KnownHere:
        """Who has signed in on which computer before."""
        assert self._opened is not None, "the site answers only once it is open"
        return self._opened[2]

    def session(self, request: web.Request) -> Session:
        """Return the session that a request is in."""
        session = self.sessions.read(request, self.house.now() / 1000)
        is_somebody = session.worker_id is not None or self._visitor is None
        return session if is_somebody else session.as_worker(self._visitor)

    def is_anybody(self, session: Session) -> bool:
        """Say whether a session is of nobody, or of the worker that everybody is taken for: it proves nothing."""
        return session.worker_id in (None, self._visitor)

    def is_brought(self, request: web.Request) -> bool:
        """
        Say whether a request was passed on by something in between that nobody has named.

        Without accounts whoever gets here is whoever they say. That is meant for one computer, and a tunnel or a proxy
        would bring everybody.
        """
        if self.has_accounts or self._trusted_proxies:
            return False
        return any(name in request.headers for name in _PASSED_ON)

    def computer(self, request: web.Request) -> str:
        """Return where a request comes from, as far as can be told: an address, or, of the sixth version, a network."""
        address = _address(request.remote or "")
        # Each proxy writes down who has asked it; what stands before the first that is trusted may be made up.
        passed = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        while passed and address is not None and any(address in network for network in self._trusted_proxies):
            before = _address(passed.pop())
            if before is None:
                break
            address = before
        if isinstance(address, IPv6Address):  # one computer has as many of them as it likes
            return str(IPv6Network((int(address) >> 64 << 64, 64)))
        return str(address or "")


def _network(given: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(given.strip(), strict=False)
    except ValueError:
        text = f"{given!r:.80} is no proxy that can be trusted: write an address, or a network such as 10.0.0.0/8."
        raise ConfigurationError(text) from None
    if network.prefixlen == 0:
        raise ConfigurationError(
            f"{given} would trust everybody, who could then say that they sit anywhere: name the addresses, or the "
            "network, of the proxies alone."
        )
    return network


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, with or without a port; None if it is none."""
    text = text.strip()
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address((with_port[1] or with_port[2]) if with_port else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
