"""
`Desk`: what a requester's page has at hand. The key, and the operations of the API that are called on its behalf.

Everything here goes through the same acts of the house as a signed request: whether the key is still good, what it
may, and what it may spend is looked at within each of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web

from aioturk._core.wire import Structure
from aioturk.errors import CredentialsRefused
from aioturk.marketplace import identifiers
from aioturk.marketplace.calls import Operations
from aioturk.marketplace.house import House
from aioturk.marketplace.service import RequesterContext, sessions
from aioturk.marketplace.site.refusing import Refused, SignedOut
from aioturk.marketplace.site.visits import Page, Route, Visit
from aioturk.marketplace.store.records import Key

__all__ = ["ENTITY_ID", "OPERATIONS", "OVER", "SIGN_IN", "Desk", "DeskPage", "at_desk", "cleaned", "mark_of", "route"]

T = TypeVar("T")

SIGN_IN: Final = "/requester/sign_in"

ENTITY_ID: Final = re.compile(r"[A-Z0-9]{1,64}")
"""The form of ids of HITs and assignments, by the API's model."""

OPERATIONS: Final = Operations()

SAID: Final = {
    "approved": "Approved. The work is paid.",
    "rejected": "Rejected. The worker is told why.",
    "paid": "The bonus is paid.",
    "again": "This bonus was paid before. Nothing was paid again.",
}
"""What a page says first when somebody comes to it from something that they did."""

OVER: Final = {"revoked": "You were signed out: your access key was revoked, or its secret changed."}
"""What is said to who has to sign in again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """
    What a requester's page has at hand.

    Attributes:
        visit: The request.
        key: The key that somebody has signed in with.
    """

    visit: Visit
    key: Key

    @property
    def may_change(self) -> bool:
        """Whether the key is good for more than looking."""
        return not self.key.read_only

    async def act(self, act: Callable[[RequesterContext], T]) -> T:
        """
        Do something on behalf of the key; all of it or nothing.

        Raises:
            CredentialsRefused: The key is no longer good.
            SignedOut: The session was ended.
            ServiceError: It is declined.
        """
        house, session_id = self.visit.site.house, self.visit.session.desk_id

        def signed_in(context: RequesterContext) -> T:
            if sessions.has_ended(context, session_id):
                raise SignedOut
            return act(context)

        return await house.act_for(self.key, self.visit.environment, identifiers.request_id(), signed_in)

    async def call(self, request: Structure) -> Any:
        """
        Call the operation of the API that a request belongs to; return what it returns.

        Raises:
            AccessDenied: The key may not.
            CredentialsRefused: The key is no longer good.
            ServiceError: It is declined.
        """
        return await self.act(lambda context: OPERATIONS.call_checked(context, request))

    def show(self, template: str, /, *, status: int = 200, **values: Any) -> web.Response:
        """Answer with a page."""
        values = {
            "said": self.visit.said(SAID),
            "access_key": self.key.access_key,
            "may_change": self.may_change,
            **values,
        }
        return self.visit.show(f"requester/{template}", status=status, **values)

    def id_in_path(self, name: str) -> str:
        """
        Return an id in the path.

        Raises:
            Refused: It cannot be one.
        """
        value = self.visit.path(name)
        if not ENTITY_ID.fullmatch(value):
            raise Refused("There is nothing of this id.", 404)
        return value

    async def several(self, name: str) -> list[str]:
        """Return the values of all fields of one name in the form, each once, in their order."""
        values = (await self.visit.request.post()).getall(name, [])
        return list(dict.fromkeys(value for value in values if isinstance(value, str)))

    def require_change(self) -> None:
        """
        Make sure that the key is good for more than looking, before somebody is asked about what would be refused.

        Raises:
            Refused: It is not.
        """
        if not self.may_change:
            raise Refused("This access key is read-only, so nothing was done: sign in with one that may decide.", 403)


DeskPage = Callable[[Desk], Awaitable[web.StreamResponse]]


def route(method: str, path: str, page: DeskPage) -> Route:
    """Return the route of a page that is for requesters who have signed in."""
    return Route(method, path, at_desk(page), for_worker=False, for_requester=True)


def at_desk(page: DeskPage) -> Page:
    """Return a page of the site that shows a requester's page, as long as the key is good."""

    async def show(visit: Visit) -> web.StreamResponse:
        key = await _key(visit)
        if key is None:
            return await _over(visit, "revoked")
        try:
            return await page(Desk(visit, key))
        except CredentialsRefused:
            return await _over(visit, "revoked")
        except SignedOut:
            return await _over(visit)

    return show


def mark_of(house: House, secret_key: str) -> str:
    """Return what tells a secret from others without telling what it is: a session ends when its secret changes."""
    return hmac.new(house.site_key, b"secret " + secret_key.encode(), hashlib.sha256).hexdigest()[:32]


def cleaned(text: str | None) -> str:
    """Return what was typed into a form, with the ends of lines as they are everywhere but in forms."""
    return (text or "").replace("\r\n", "\n").strip()


async def _key(visit: Visit) -> Key | None:
    """Return the key of the session, if it is good and has the secret that somebody has signed in with."""
    session, house = visit.session, visit.site.house
    if session.access_key is None:
        return None
    for fresh in (False, True):  # perhaps another process has changed the secret since it was looked up
        key = await house.key(session.access_key, fresh=fresh)
        if key is None:
            return None
        if hmac.compare_digest(mark_of(house, key.secret_key), session.mark):
            return key
    return None


async def _over(visit: Visit, why: str | None = None) -> web.StreamResponse:
    """Sign somebody out whose session is over, or whose key is no longer good, and have the next page say why."""
    if visit.wants_json:
        text = "You are no longer signed in. Nothing was done." if why is None else f"{OVER[why]} Nothing was done."
        response: web.StreamResponse = web.json_response({"message": text}, status=401)
    else:
        response = visit.go(SIGN_IN if why is None else visit.saying(why, SIGN_IN))
    await visit.sign(response, visit.session.as_requester(None, 0))
    return response
