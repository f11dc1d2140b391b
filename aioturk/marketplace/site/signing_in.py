"""
Signing in, on this computer: whoever sits here says which worker they are.

A marketplace that others can reach asks for more: see `aioturk.marketplace.site.accounts`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from aiohttp import web

from aioturk.marketplace import identifiers
from aioturk.marketplace.identifiers import WORKER_ID
from aioturk.marketplace.service import people
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.visits import Route, Visit, is_local

__all__ = ["ROUTES", "address", "following", "sign_out"]

_LISTED: Final = 50
"""How many workers are offered to choose from."""


def address(following: str) -> str:
    """Return the address of the page on which one signs in, from which one goes on to another page."""
    return f"/sign_in?next={quote(following, safe='')}"


async def sign_in_page(visit: Visit) -> web.StreamResponse:
    """Show who there is to choose from."""
    known = await visit.act(lambda context: people.listed(context, _LISTED + 1))
    onward = following(visit.query.get("next"))
    return visit.show(
        "sign_in.html",
        following=onward,
        known=known[:_LISTED],
        are_more=len(known) > _LISTED,
        suggested=identifiers.requester_id(),
    )


async def sign_in(visit: Visit) -> web.StreamResponse:
    """Sign somebody in as the worker they say they are."""
    worker_id = visit.form.get("worker_id", "").strip()
    if not WORKER_ID.fullmatch(worker_id):
        raise Refused(f"{worker_id!r:.80} is no worker's id: write an A and up to 63 capital letters and digits.", 422)
    await visit.act(lambda context: people.known(context, worker_id))
    response = visit.go(following(visit.form.get("next")))
    await visit.sign(response, visit.session.as_worker(worker_id))
    return response


async def sign_out(visit: Visit) -> web.StreamResponse:
    """Sign somebody out."""
    response = visit.go("/sign_in")
    await visit.sign(response, visit.session.as_worker(None))
    return response


def following(path: str | None) -> str:
    """Return where somebody goes on to who has signed in."""
    return path if path and is_local(path) else "/projects"


ROUTES: Final = (
    Route("GET", "/sign_in", sign_in_page, for_worker=False),
    Route("POST", "/sign_in", sign_in, for_worker=False),
    Route("POST", "/sign_out", sign_out, for_worker=False),
)
