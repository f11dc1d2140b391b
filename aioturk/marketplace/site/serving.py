"""
What is served to frames of tasks: pages of HITs, by ticket, and our scripts and styles, to both origins.

How a page comes to be is in `aioturk.marketplace.site.frames`.
"""

from __future__ import annotations

import hmac
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from aiohttp import web

from aioturk.errors import AssignmentDoesNotExist, InvalidRequest, ServiceError
from aioturk.marketplace.service import accounts, asking, browsing, deciding, moments, qualifying, sessions
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.site import crowd_elements
from aioturk.marketplace.site.frames import Ticket
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.rendering import frame_headers, static_headers
from aioturk.marketplace.site.requester.desk import mark_of

if TYPE_CHECKING:
    from aioturk.marketplace.site.site import Site

__all__ = ["frame", "static"]

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

_LASTS: Final = 12 * 3600
"""Seconds for which a ticket is good, unless it is for something in work: that has a deadline of its own."""

_ELSE: Final = "Go on with other HITs, from the page around this."
_OTHER: Final = ("Nothing to show", _ELSE)
_KINDS: Final = {
    "AssignmentDoesNotExist": ("This HIT is no longer yours", f"Nothing was sent from here. {_ELSE}"),
    "DoesNotMeetRequirements": ("You cannot look at this HIT", _ELSE),
    "HITDoesNotExist": ("There is no such HIT", _ELSE),
    "NoHITsAvailableInGroup": ("This HIT is no longer available", f"Nobody can accept it now. {_ELSE}"),
    "PermissionDenied": ("You cannot look at this HIT", _ELSE),
}
"""What a refusal of the service is called in a frame, and what can be done about it."""


async def frame(site: Site, request: web.Request) -> web.Response:
    """Answer with the page of a HIT, if whoever has the ticket may still see it."""
    ticket = site.frames.ticket(request.match_info["ticket"])
    if ticket is None:
        return _not_shown(site, 403, "This address is not one of ours.", "It may be incomplete.")

    def look(context: Context) -> tuple[str, str]:
        _require_good(site, ticket, context)
        found: browsing.Task | browsing.Preview
        if ticket.is_test:
            name = qualifying.qualification(context, ticket.worker_id, ticket.hit_id).name
            return asking.begun_test(context, ticket.worker_id, ticket.assignment_id or "").test, name
        if ticket.is_requesters:
            return deciding.own_task(context, ticket.worker_id, ticket.hit_id)
        if ticket.assignment_id is not None:
            found = _task(context, ticket.worker_id, ticket.assignment_id)
        else:
            found = browsing.preview(context, ticket.worker_id, ticket.hit_id)
        return found.question, found.title

    try:
        question, title = await site.house.act(look, environment=ticket.environment, actor=ticket.worker_id)
        page = site.frames.page(ticket, question, title)
    except Refused as refusal:
        return _not_shown(site, refusal.status, refusal.text)
    except ServiceError as refusal:
        heading, onward = _KINDS.get(type(refusal).__name__, _OTHER)
        return _not_shown(site, 404, refusal.message, onward, heading=heading)
    except InvalidRequest as refusal:
        return _not_shown(site, 422, f"What its requester has written cannot be read: it {refusal}", _ELSE)
    headers = frame_headers(site.origins, is_ours=page.is_ours)
    return web.Response(text=page.text, content_type="text/html", headers=headers)


def _not_shown(
    site: Site, status: int, text: str, onward: str = "", *, heading: str = "Nothing to show"
) -> web.Response:
    """Say in the frame what has happened to what was to be seen there."""
    page = site.templates.render("not_shown.html", {"heading": heading, "text": text, "onward": onward})
    headers = frame_headers(site.origins, is_ours=True)
    return web.Response(status=status, text=page, content_type="text/html", headers=headers)


def _task(context: Context, worker_id: str, assignment_id: str) -> browsing.Task:
    """Return what somebody has in work; one that was submitted is not said to have been lost."""
    try:
        return browsing.task(context, worker_id, assignment_id)
    except AssignmentDoesNotExist:
        if moments.has_submitted(context, worker_id, assignment_id):
            raise Refused("You have submitted this HIT, and your answers have come in.", 410) from None
        raise


def _require_good(site: Site, ticket: Ticket, context: Context) -> None:
    """
    Make sure that a ticket is neither too old nor of somebody who is signed out by now.

    Raises:
        Refused: It is.
    """
    is_good = ticket.assignment_id is not None or context.now // 1000 - ticket.issued <= _LASTS
    is_good = is_good and not sessions.has_ended(context, ticket.session)
    if is_good and ticket.is_requesters:
        is_good = _has_key(site, ticket, context)
    elif is_good and site.has_accounts:
        account = accounts.account(context, ticket.worker_id)
        is_good = account is not None and account.generation == ticket.generation
    if not is_good:
        raise Refused("This address is over: reload the page around it, and sign in again if it asks you to.", 403)


def _has_key(site: Site, ticket: Ticket, context: Context) -> bool:
    """Say whether the key is still good that the requester has signed in with."""
    marks = [mark_of(site.house, key.secret_key) for key in deciding.keys_to(context, ticket.hit_id)]
    return any(hmac.compare_digest(mark, ticket.mark) for mark in marks)


def static(name: str) -> web.Response:
    """Answer with a script or a style of ours."""
    found = _static_files().get(name)
    if found is None:
        return web.Response(status=404, text="There is no such file.\n")
    body, kind = found
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=static_headers())


@cache
def _static_files() -> dict[str, tuple[bytes, str]]:
    """Read all of them once; a name that is asked for never becomes a path."""
    folder = resources.files("aioturk.marketplace.site").joinpath("static")
    made = {"crowd-html-elements.js": (crowd_elements.script().encode(), _TYPES["js"])}
    return made | {
        file.name: (file.read_bytes(), kind)
        for file in folder.iterdir()
        if file.is_file() and (kind := _TYPES.get(file.name.rpartition(".")[2]))
    }
