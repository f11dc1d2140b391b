"""
Signing in as a requester, with an access key and its secret, and out again.

The secret is looked at once, here; what is kept of it in the session is a mark that changes with it. Whoever guesses
has to wait, by the computer that they come from (`aioturk.marketplace.site.attempts`). It is not counted by the key:
its name is no secret, so that anybody could keep its owner out, and its secret is too long to be guessed.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import quote

from aiohttp import web

from aioturk.marketplace.house import House
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.requester.desk import OVER, SIGN_IN, mark_of
from aioturk.marketplace.site.visits import Route, Visit, is_local
from aioturk.marketplace.store.records import Key

__all__ = ["ROUTES", "address"]

_HOME: Final = "/requester/hits"
_LONGEST_KEY: Final = 128
_WRONG: Final = "There is no such access key, or the secret key is not the one that belongs to it."
_TOO_MANY: Final = "Too many attempts from your computer. Nothing was checked: try again in some minutes."
_NOBODYS: Final = "-"
"""Compared with when there is no such key, so that it takes as long as when there is."""


def address(following: str) -> str:
    """Return the address of the page on which a requester signs in, from which one goes on to another page."""
    return f"{SIGN_IN}?next={quote(following, safe='')}"


async def entrance(visit: Visit) -> web.StreamResponse:
    """Lead to the first page."""
    return visit.go(_HOME)


async def sign_in_page(visit: Visit) -> web.StreamResponse:
    """Ask for a key."""
    return _ask(visit, _following(visit.query.get("next")), said=visit.said(OVER))


async def sign_in(visit: Visit) -> web.StreamResponse:
    """Let somebody in who has the secret of a key."""
    following = _following(visit.form.get("next"))
    access_key, secret_key = visit.form.get("access_key", "").strip(), visit.form.get("secret_key", "").strip()
    site, now = visit.site, visit.site.house.now() / 1000
    try:
        with visit.guess() as attempt:
            key = await _proven(site.house, access_key, secret_key)
            if key is not None:
                attempt.was_right()
    except Refused as refused:
        return _ask(visit, following, access_key=access_key, trouble=_TOO_MANY, status=refused.status)
    if key is None:
        return _ask(visit, following, access_key=access_key, trouble=_WRONG, status=403)
    response = visit.go(following)
    mark = mark_of(site.house, key.secret_key)
    await visit.sign(response, visit.session.as_requester(key.access_key, now, mark))
    return response


async def _proven(house: House, access_key: str, secret_key: str) -> Key | None:
    """Return the key, if the secret is its own."""
    if not access_key or len(access_key) > _LONGEST_KEY or not access_key.isprintable():
        return None
    for fresh in (False, True):  # perhaps another process has changed the secret since it was looked up
        key = await house.key(access_key, fresh=fresh)
        expected = _NOBODYS if key is None else key.secret_key
        if hmac.compare_digest(expected.encode(), secret_key.encode()) and key is not None:
            return key
    return None


async def sign_out(visit: Visit) -> web.StreamResponse:
    """Sign a requester out."""
    response = visit.go(SIGN_IN)
    await visit.sign(response, visit.session.as_requester(None, 0))
    return response


def _ask(
    visit: Visit, following: str, *, access_key: str = "", said: str = "", trouble: str = "", status: int = 200
) -> web.Response:
    return visit.show(
        "requester/sign_in.html",
        status=status,
        following=following,
        given=access_key[:_LONGEST_KEY],
        said=said,
        trouble=trouble,
    )


def _following(path: str | None) -> str:
    return path if path and is_local(path) and path.startswith("/requester") else _HOME


ROUTES: Final = (
    Route("GET", "/requester", entrance, for_worker=False),
    Route("GET", "/requester/", entrance, for_worker=False),
    Route("GET", SIGN_IN, sign_in_page, for_worker=False),
    Route("POST", SIGN_IN, sign_in, for_worker=False),
    Route("POST", "/requester/sign_out", sign_out, for_worker=False, for_requester=True),
)
