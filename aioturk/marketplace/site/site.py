"""
`Site`: what all pages of the worker site have in common: the house, where they are reached, who is there.

The routes, and the steps of a request, are in `aioturk.marketplace.site.application`.
"""

from __future__ import annotations

from collections.abc import Collection

from aiohttp import web

from aioturk.marketplace.house import House
from aioturk.marketplace.site.frames import Frames
from aioturk.marketplace.site.origins import Origins
from aioturk.marketplace.site.passwords import Attempts, Passwords
from aioturk.marketplace.site.rendering import Templates
from aioturk.marketplace.site.sessions import Session, Sessions

__all__ = ["Site"]


class Site:
    """
    The worker site.

    Args:
        house: Where everything is done.
        has_accounts: Whether people sign in with a password; else whoever is there says which worker they are.
        trusted_proxies: The addresses of proxies that are believed when they say whose request they pass on.
        visitor: The worker that everybody is taken for who has not signed in.
    """

    def __init__(
        self,
        house: House,
        *,
        has_accounts: bool = False,
        trusted_proxies: Collection[str] = (),
        visitor: str | None = None,
    ) -> None:
        self.house = house
        self.has_accounts = has_accounts
        self.templates = Templates()
        self.passwords = Passwords()
        self.attempts = Attempts()
        self.key_attempts = Attempts(10)
        self._trusted_proxies = frozenset(trusted_proxies)
        self._visitor = visitor
        self._origins: Origins | None = None
        self._opened: tuple[Sessions, Frames] | None = None

    def open(self, origins: Origins) -> None:
        """
        Begin to answer, once the house is open.

        Args:
            origins: Where the site and the tasks are reached.
        """
        self._origins = origins
        key = self.house.site_key
        self._opened = Sessions(key, origins), Frames(key, origins)

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

    def session(self, request: web.Request) -> Session:
        """Return the session that a request is in."""
        session = self.sessions.read(request, self.house.now() / 1000)
        is_somebody = session.worker_id is not None or self._visitor is None
        return session if is_somebody else session.as_worker(self._visitor)

    def computer(self, request: web.Request) -> str:
        """Return the address that a request comes from, as far as it can be told."""
        address = request.remote or ""
        # Each proxy writes down who has asked it; what stands before the first that is trusted may be made up.
        passed = [part.strip() for part in ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")]
        while address in self._trusted_proxies and passed and passed[-1]:
            address = passed.pop()
        return address
