"""
Qualifications: those that somebody has, waits for, or can ask for, and their tests.

A test is a question form, and is shown as one: in a frame, at the tasks' origin. What its form posts is known by the
ticket in it (`aioturk.marketplace.site.frames`), as no cookie goes with it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from aioturk.marketplace.service import asking, qualifying
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.qualifying import Stage
from aioturk.marketplace.site import form_page
from aioturk.marketplace.site.documents import document
from aioturk.marketplace.site.finding import describe_value
from aioturk.marketplace.site.frames import TEST_PATH, TICKET_FIELD
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.visits import Route, Visit
from aioturk.questions import QuestionForm

__all__ = ["ROUTES"]

_LISTED: Final = 100


def _path(type_id: str) -> str:
    return f"/qualifications/{quote(type_id, safe='')}"


async def assigned(visit: Visit) -> web.StreamResponse:
    """Show what a worker has."""
    found = await visit.act(lambda context: qualifying.qualifications_held(context, visit.worker_id))
    return visit.show("qualifications/assigned.html", found=found, path=_path, value=describe_value)


async def pending(visit: Visit) -> web.StreamResponse:
    """Show what a worker waits for."""
    found = await visit.act(lambda context: qualifying.requests_pending(context, visit.worker_id))
    return visit.show("qualifications/pending.html", found=found, path=_path)


async def available(visit: Visit) -> web.StreamResponse:
    """Show what workers can ask for."""
    query = visit.query.get("search_term", "")
    found = await visit.act(lambda context: qualifying.offers(context, query or None, limit=_LISTED + 1))
    return visit.show(
        "qualifications/available.html",
        found=found[:_LISTED],
        are_more=len(found) > _LISTED,
        path=_path,
        query=query,
    )


async def qualification(visit: Visit) -> web.StreamResponse:
    """Show a qualification, and what the worker can do about it."""
    type_id = visit.path("type_id")
    found = await visit.act(lambda context: qualifying.qualification(context, visit.worker_id, type_id))
    if visit.wants_json:  # the page around the test asks
        return web.json_response({"submitted": found.stage is not Stage.TEST})
    return visit.show("qualifications/one.html", found=found, path=_path(type_id), value=describe_value)


async def ask(visit: Visit) -> web.StreamResponse:
    """Ask for a qualification without a test."""
    type_id = visit.path("type_id")
    asked = await visit.act(lambda context: asking.ask(context, visit.worker_id, type_id, None))
    return visit.go(visit.saying(asked.status, _path(type_id)))


# Tests.


async def begin(visit: Visit) -> web.StreamResponse:
    """Begin a test: from now on its time runs."""
    type_id = visit.path("type_id")
    await visit.act(lambda context: asking.begin_test(context, visit.worker_id, type_id))
    return visit.go(f"{_path(type_id)}/test")


async def test(visit: Visit) -> web.StreamResponse:
    """Show a test that was begun."""
    type_id = visit.path("type_id")
    found = await visit.act(lambda context: qualifying.qualification(context, visit.worker_id, type_id))
    if found.stage is not Stage.TEST or found.request_id is None or found.deadline is None:
        return visit.go(_path(type_id))
    ticket = visit.ticket(type_id, found.request_id, is_test=True)
    return visit.show(
        "qualifications/test.html",
        found=found,
        frame=visit.site.frames.frame_of_test(ticket),
        seconds_left=visit.seconds_until(found.deadline),
        onward=visit.saying("tested", _path(type_id)),
    )


async def submit_test(visit: Visit) -> web.StreamResponse:
    """Take the answers to a test."""
    posted = await visit.request.post()
    fields = [(name, value) for name, value in posted.items() if isinstance(value, str)]
    visit.sent = [(name, value) for name, value in fields if name not in (TICKET_FIELD, form_page.MARKER) and value]
    ticket = visit.site.frames.ticket(visit.form.get(TICKET_FIELD, ""))
    if ticket is None or not ticket.is_test or ticket.assignment_id is None:
        raise Refused("This form was not made here. Nothing was submitted.", 403)
    request_id = ticket.assignment_id

    def take(context: Context) -> None:
        begun = asking.begun_test(context, ticket.worker_id, request_id)
        form = document(begun.test)
        assert isinstance(form, QuestionForm), "tests are checked when they are made"
        asking.submit_test(context, ticket.worker_id, request_id, form_page.answers_in(form, fields))

    await visit.site.house.act(take, environment=ticket.environment, actor=ticket.worker_id)
    query = urlencode({"type_id": ticket.hit_id, "proof": visit.site.frames.proof(ticket.hit_id)})
    return visit.go(f"{TEST_PATH}?{query}")


async def tested(visit: Visit) -> web.StreamResponse:
    """Say in the frame that the answers have come in; the page around it goes on from there."""
    type_id = visit.query.get("type_id", "")
    visit.require_proof(type_id)
    return visit.show("submitted.html", assignment_id="", onward=_path(type_id))


ROUTES: Final = (
    Route("GET", "/qualifications", available),
    Route("GET", "/qualifications/assigned", assigned),
    Route("GET", "/qualifications/pending", pending),
    Route("GET", TEST_PATH, tested, for_worker=False, in_frames=True),
    Route("POST", TEST_PATH, submit_test, for_worker=False, checks_token=False, in_frames=True),
    Route("GET", "/qualifications/{type_id}", qualification),
    Route("POST", "/qualifications/{type_id}", ask),
    Route("GET", "/qualifications/{type_id}/test", test),
    Route("POST", "/qualifications/{type_id}/test", begin),
)
