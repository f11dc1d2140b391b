"""
Who is there: what a signed cookie says of whoever sends it, and the tokens of the site's own forms.

A session is not kept anywhere: the cookie says who it is, and its signature that we said so. It ends when it is old,
and, with accounts, when the account's sessions are ended (its generation). Signing out, or in anew, ends one session
and no other: which those were is kept in the store (`aioturk.marketplace.service.sessions`), and looked up in the same
act as what is done in a session. What this process has ended itself it knows without looking.

Every page has a session, of nobody at first, and a new one begins with signing in, so that none can be prepared by
somebody else. Each form of the site carries a token that is made of the session, and is refused without it: pages of
others can send forms here, but cannot read the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import Any

from aiohttp import web
from itsdangerous import BadSignature, URLSafeTimedSerializer

from aioturk.marketplace.site.origins import Origins

__all__ = ["LASTS", "TOKEN_FIELD", "Session", "Sessions"]

TOKEN_FIELD = "authenticity_token"  # noqa: S105  a field's name, which browser scripts know
"""The field of a form that holds its token; the real site called it so."""

LASTS = 30 * 24 * 3600
"""Seconds until somebody has to sign in again."""
_WRITTEN_AFTER = 24 * 3600
"""Seconds until a cookie that is in use is written again, so that it does not get too old."""
_ENDED_KEPT = 100_000
"""How many sessions this process remembers to have ended, at most."""
_REQUESTER_LASTS = 12 * 3600
"""The same for requesters, who can spend money."""


@dataclass(frozen=True, slots=True)
class Session:
    """
    Who somebody has proven to be.

    Attributes:
        nonce: What tells it from others, for workers' pages.
        desk_nonce: The same for requesters' pages: who signs in as one stays the worker that they are.
        worker_id: The worker, once somebody has signed in as one.
        generation: The generation of the worker's sessions, with accounts.
        access_key: The key of the requester, once somebody has signed in as one.
        since: When the requester did, in seconds since 1970.
        mark: What tells the key's secret from others: with another secret, the session is over.
    """

    nonce: str
    desk_nonce: str
    worker_id: str | None = None
    generation: int = 0
    access_key: str | None = None
    since: int = 0
    mark: str = ""

    @property
    def id(self) -> str:
        """What names the session of workers' pages, and lets nobody in."""
        return _digest(self.nonce)

    @property
    def desk_id(self) -> str:
        """The same for requesters' pages."""
        return _digest(self.desk_nonce)

    @classmethod
    def begun(cls) -> Session:
        """Return a session of nobody."""
        return cls(_nonce(), _nonce())

    def as_worker(self, worker_id: str | None, generation: int = 0) -> Session:
        """Return what follows when somebody signs in as a worker, or out."""
        return replace(self, nonce=_nonce(), worker_id=worker_id, generation=generation)

    def as_requester(self, access_key: str | None, now: float, mark: str = "") -> Session:
        """Return what follows when somebody signs in as a requester, or out."""
        return replace(self, desk_nonce=_nonce(), access_key=access_key, since=int(now), mark=mark)


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def _digest(nonce: str) -> str:
    return hashlib.sha256(f"session {nonce}".encode()).hexdigest()[:32]


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
        prefix = "__Host-" if origins.is_secure else ""
        # Cookies do not tell ports apart, and there may be several marketplaces on one computer.
        self._name = f"{prefix}aioturk-{hashlib.sha256(key).hexdigest()[:8]}"
        self._is_secure = origins.is_secure
        self._ended: OrderedDict[str, None] = OrderedDict()

    @property
    def name(self) -> str:
        """The name of the cookie."""
        return self._name

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
            values: Any = self._serializer.loads(cookie, max_age=LASTS)
            found = Session(**values)
        except (BadSignature, TypeError):
            return Session.begun()
        if found.nonce in self._ended:
            found = found.as_worker(None)
        if found.desk_nonce in self._ended:
            found = found.as_requester(None, 0)
        if found.access_key is not None and not 0 <= now - found.since <= _REQUESTER_LASTS:
            return replace(found, access_key=None)
        return found

    def end(self, before: Session, after: Session) -> list[str]:
        """
        End what is over of a session, whoever still has its cookie; return the ids of what this is.

        Args:
            before: The session.
            after: What follows it.
        """
        ended = []
        if before.worker_id is not None and before.nonce != after.nonce:
            self._ended[before.nonce] = None
            ended.append(before.id)
        if before.access_key is not None and before.desk_nonce != after.desk_nonce:
            self._ended[before.desk_nonce] = None
            ended.append(before.desk_id)
        while len(self._ended) > _ENDED_KEPT:
            self._ended.popitem(last=False)
        return ended

    def is_to_be_written(self, request: web.Request, session: Session) -> bool:
        """
        Say whether a page has to bring its session along.

        It has not, if the browser has it already, and not for long; and must not, if it has ended since the page was
        asked for.
        """
        if session.nonce in self._ended or session.desk_nonce in self._ended:
            return False
        try:
            values: Any = self._serializer.loads(request.cookies.get(self._name, ""), max_age=_WRITTEN_AFTER)
            return Session(**values) != session
        except (BadSignature, TypeError):
            return True

    def write(self, response: web.StreamResponse, session: Session) -> None:
        """Have a browser remember a session."""
        response.set_cookie(
            self._name,
            str(self._serializer.dumps(asdict(session))),
            max_age=LASTS,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",  # strict would sign everybody out who comes by a link
        )

    def token(self, session: Session, *, for_requester: bool = False) -> str:
        """Return the token of a session's forms, those of workers' or of requesters' pages."""
        nonce = session.desk_nonce if for_requester else session.nonce
        return hmac.new(self._key, b"form " + nonce.encode(), hashlib.sha256).hexdigest()

    def is_token(self, session: Session, given: str, *, for_requester: bool = False) -> bool:
        """Say whether a form was made in a session."""
        wanted = self.token(session, for_requester=for_requester)
        return hmac.compare_digest(wanted.encode(), given.encode())
