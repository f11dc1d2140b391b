"""
Who is there: what a signed cookie says of whoever sends it, and the tokens of the site's own forms.

A session is not kept anywhere: the cookie says who it is, and its signature that we said so. It ends when it is old,
and, with accounts, when the account's sessions are ended (its generation). Every page has one, of nobody at first, and
a new one begins with signing in, so that none can be prepared by somebody else. Each form of the site carries a token
that is made of the session, and is refused without it: pages of others can send forms here, but cannot read the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any

from aiohttp import web
from itsdangerous import BadSignature, URLSafeTimedSerializer

from aioturk.marketplace.site.origins import Origins

__all__ = ["TOKEN_FIELD", "Session", "Sessions"]

TOKEN_FIELD = "authenticity_token"  # noqa: S105  a field's name, which browser scripts know
"""The field of a form that holds its token; the real site called it so."""

_LASTS = 30 * 24 * 3600
"""Seconds until somebody has to sign in again."""
_REQUESTER_LASTS = 12 * 3600
"""The same for requesters, who can spend money."""


@dataclass(frozen=True, slots=True)
class Session:
    """
    Who somebody has proven to be.

    Attributes:
        nonce: What tells it from others.
        worker_id: The worker, once somebody has signed in as one.
        generation: The generation of the worker's sessions, with accounts.
        access_key: The key of the requester, once somebody has signed in as one.
        since: When the requester did, in seconds since 1970.
        mark: What tells the key's secret from others: with another secret, the session is over.
    """

    nonce: str
    worker_id: str | None = None
    generation: int = 0
    access_key: str | None = None
    since: int = 0
    mark: str = ""

    @classmethod
    def begun(cls) -> Session:
        """Return a session of nobody."""
        return cls(secrets.token_urlsafe(16))

    def as_worker(self, worker_id: str | None, generation: int = 0) -> Session:
        """Return what follows when somebody signs in as a worker, or out."""
        return replace(self, nonce=secrets.token_urlsafe(16), worker_id=worker_id, generation=generation)

    def as_requester(self, access_key: str | None, now: float, mark: str = "") -> Session:
        """Return what follows when somebody signs in as a requester, or out."""
        return replace(self, nonce=secrets.token_urlsafe(16), access_key=access_key, since=int(now), mark=mark)


class Sessions:
    """
    Reads and writes sessions.

    Args:
        key: What they are signed with.
        origins: Where the site is.
    """

    def __init__(self, key: bytes, origins: Origins) -> None:
        self._key = key
        self._serializer = URLSafeTimedSerializer(key, salt="aioturk session")
        # Browsers take a name with this prefix from exactly this host and by TLS alone.
        self._name = "__Host-aioturk" if origins.is_secure else "aioturk"
        self._is_secure = origins.is_secure

    def read(self, request: web.Request, now: float) -> Session:
        """
        Return the session that a request is in; one of nobody if it is in none that holds.

        Args:
            request: The request.
            now: The time, in seconds since 1970.
        """
        cookie = request.cookies.get(self._name)
        if not cookie:
            return Session.begun()
        try:
            values: Any = self._serializer.loads(cookie, max_age=_LASTS)
            found = Session(**values)
        except (BadSignature, TypeError):
            return Session.begun()
        if found.access_key is not None and not 0 <= now - found.since <= _REQUESTER_LASTS:
            return replace(found, access_key=None)
        return found

    def write(self, response: web.StreamResponse, session: Session) -> None:
        """Have a browser remember a session."""
        response.set_cookie(
            self._name,
            str(self._serializer.dumps(asdict(session))),
            max_age=_LASTS,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",  # strict would sign everybody out who comes by a link
        )

    def token(self, session: Session) -> str:
        """Return the token of a session's forms."""
        return hmac.new(self._key, b"form " + session.nonce.encode(), hashlib.sha256).hexdigest()

    def is_token(self, session: Session, given: str) -> bool:
        """Say whether a form was made in a session."""
        return hmac.compare_digest(self.token(session).encode(), given.encode())
