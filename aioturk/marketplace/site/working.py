"""
Working: accepting a HIT, the page on which it is done, submitting it, giving it back, and what somebody has in work.

The rules are in `aioturk.marketplace.service.work`. Answers come from the frame of a task, whatever page that is, to
one address, as on the real site: ``/mturk/externalSubmit``. There the assignment's id, which nobody can guess, says
whose they are; the page in the frame has no cookie of this site, and must not have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from aioturk.errors import (
    AssignmentAlreadyExists,
    AssignmentDoesNotExist,
    HITDoesNotExist,
    InvalidAssignmentState,
    NoHITsAvailableInGroup,
    ServiceError,
)
from aioturk.marketplace.service import browsing, moments, own_work, work
from aioturk.marketplace.service.browsing import Group, Task
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.site import form_page
from aioturk.marketplace.site.documents import document
from aioturk.marketplace.site.finding import group_path, hit_path, kept, own_page, preview_hit, project
from aioturk.marketplace.site.frames import SUBMIT_PATH
from aioturk.marketplace.site.reading import is_form, posted, read_fields
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.rendering import iso
from aioturk.marketplace.site.visits import Route, Visit
from aioturk.questions import QuestionForm

__all__ = ["ROUTES"]

_DAY: Final = 24 * 3600 * 1000

_RETURNED: Final = 302
"""What the real site answered to a return: scripts that people have in their browsers look for it."""

_NOT_ENTERED: Final = ("assignmentId", "hitId", "workerId", form_page.MARKER)
"""Fields of what a task sends that nobody has filled in."""

_InWork = list[tuple[Task, Group]]
"""What somebody has in work, with what is told of its group."""


# Accepting.


async def accept_link(visit: Visit) -> web.StreamResponse:
    """Accept a HIT of a group by a mere link, as on the real site; a link on somebody else's page asks first."""
    return await accept(visit) if visit.is_meant else visit.show("accept.html", action=visit.request.path)


async def accept(visit: Visit) -> web.StreamResponse:
    """Accept a HIT of a group, and go to it: the one that was previewed, as long as it can be had."""
    group_id = visit.path("group_id")
    wanted = visit.form.get("hit_id")
    previewed = _number(visit.form.get("previewed_at"))

    def take(context: Context) -> tuple[str, _InWork]:
        seen = _seen(context, previewed)
        own = None if wanted is None else _accepted(context, visit.worker_id, wanted, seen)
        if own is not None:
            return hit_path(own.group_id, own.hit_id, own.assignment_id, **kept(visit)), []
        hit, assignment_id = work.accept_from(context, visit.worker_id, group_id, previewed_at=seen)
        path = hit_path(hit.type.group_id, hit.id, assignment_id, **kept(visit))
        if not visit.wants_json:
            return path, []
        return path, _with_groups(context, visit, [browsing.task(context, visit.worker_id, assignment_id)])

    path, found = await visit.act(take)
    for each in found:
        return web.json_response(_queued(visit, *each))
    return visit.go(path)


async def accept_hit(visit: Visit) -> web.StreamResponse:
    """Accept this HIT and no other."""
    hit_id = visit.path("hit_id")
    previewed = _number(visit.form.get("previewed_at"))

    def take(context: Context) -> str:
        own = _in_work(context, visit.worker_id, hit_id)
        if own is not None:
            return own.assignment_id
        return work.accept(context, visit.worker_id, hit_id, previewed_at=_seen(context, previewed))

    return visit.go(hit_path(visit.path("group_id"), hit_id, await visit.act(take), **kept(visit)))


def _accepted(context: Context, worker_id: str, hit_id: str, seen: int | None) -> own_work.OwnWork | None:
    """
    Accept the HIT that somebody looked at; None if it cannot be had any more, so that another one is to be taken.

    Whoever has it already, by a second click that came late, gets that one and no other.
    """
    own = _in_work(context, worker_id, hit_id)
    if own is not None:
        return own
    try:
        work.accept(context, worker_id, hit_id, previewed_at=seen)
    except (AssignmentAlreadyExists, HITDoesNotExist, NoHITsAvailableInGroup):
        return None
    return own_work.on_hit(context, worker_id, hit_id)


def _in_work(context: Context, worker_id: str, hit_id: str) -> own_work.OwnWork | None:
    own = own_work.on_hit(context, worker_id, hit_id)
    return own if own is not None and own.state is own_work.State.IN_WORK else None


def _seen(context: Context, previewed: int | None) -> int | None:
    """Return when somebody looked at a HIT. The page says it; nothing but a statistic depends on it."""
    return previewed if previewed is not None and context.now - _DAY <= previewed <= context.now else None


# The page on which it is done.


async def task(visit: Visit) -> web.StreamResponse:
    """Show a HIT: the worker's assignment of it, or a preview."""
    assignment_id = visit.query.get("assignment_id")
    if not assignment_id:
        return await preview_hit(visit)

    def look(context: Context) -> Task | own_work.OwnWork:
        try:
            return browsing.task(context, visit.worker_id, assignment_id)
        except AssignmentDoesNotExist:
            own = own_work.of_assignment(context, visit.worker_id, assignment_id)
            if own is None:
                raise
            return own

    found = await visit.act(look)
    if isinstance(found, own_work.OwnWork):
        return own_page(visit, found)
    ticket = visit.ticket(found.hit_id, found.assignment_id)
    auto = kept(visit)
    return visit.show(
        "task.html",
        hit=found,
        frame=visit.site.frames.frame(ticket, found.question),
        seconds_left=visit.seconds_until(found.deadline),
        own=hit_path(found.group_id, found.hit_id, found.assignment_id),
        onward=f"/tasks/{quote(found.assignment_id, safe='')}/next?{urlencode({'group_id': found.group_id, **auto})}",
        auto_accept=bool(auto),
    )


async def return_task(visit: Visit) -> web.StreamResponse:
    """Give a HIT back."""
    if visit.form.get("_method", "").lower() != "delete":
        raise Refused("This page takes nothing but the return of a HIT.", 405)
    assignment_id = visit.query.get("assignment_id", "")
    group_id = visit.path("group_id")

    def give_back(context: Context) -> None:
        try:
            work.return_assignment(context, visit.worker_id, assignment_id)
        except AssignmentDoesNotExist:
            own = own_work.of_assignment(context, visit.worker_id, assignment_id)
            if own is None or own.state is not own_work.State.RETURNED:  # by a click before this one
                raise

    await visit.act(give_back)
    try:
        await visit.act(lambda context: browsing.preview_from(context, visit.worker_id, group_id))
    except ServiceError:  # whatever keeps them from the next one, this one is returned
        return visit.go(visit.saying("returned", "/projects"), status=_RETURNED)
    return visit.go(visit.saying("returned", group_path(group_id, **kept(visit))), status=_RETURNED)


async def keep_moments(visit: Visit) -> web.StreamResponse:
    """Keep when somebody began, and for how long they were at it."""
    first, active = (_number(visit.form.get(name)) for name in ("first_input_at", "active_seconds"))
    now = visit.site.house.now()
    await visit.act(
        lambda context: moments.keep(
            context,
            visit.worker_id,
            visit.path("assignment_id"),
            # The browser says how long ago it was: its clock is its own.
            first_input_at=None if first is None else now - first,
            active_seconds=active,
        )
    )
    return web.Response(status=204)


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(f"{text!r:.40} is no whole number.", 422)
    return int(text)


async def go_on(visit: Visit) -> web.StreamResponse:
    """Go on after a HIT was submitted: with the next one of its group, if there is one left."""
    assignment_id, group_id, auto = visit.path("assignment_id"), visit.query.get("group_id", ""), kept(visit)
    # Whoever tells the page that it is submitted may be the task itself, which says what it likes.
    held = await visit.act(lambda context: _still_held(context, visit.worker_id, assignment_id))
    if visit.wants_json:
        return web.json_response({"submitted": held is None})
    if held is not None:
        return visit.go(hit_path(held.group_id, held.hit_id, assignment_id, **auto))

    def look(context: Context) -> str:
        if auto:
            taken = work.accept_from(context, visit.worker_id, group_id)
            return hit_path(group_id, taken.hit.id, taken.assignment_id, **auto)
        browsing.preview_from(context, visit.worker_id, group_id)
        return visit.saying("submitted", group_path(group_id))

    try:
        return visit.go(await visit.act(look))
    except ServiceError:  # whatever keeps them from the next one, this one is submitted
        return visit.go(visit.saying("submitted", "/projects"))


def _still_held(context: Context, worker_id: str, assignment_id: str) -> Task | None:
    """
    Return what somebody has in work; None if they have submitted it.

    Raises:
        AssignmentDoesNotExist: Neither of the two.
    """
    try:
        return browsing.task(context, worker_id, assignment_id)
    except AssignmentDoesNotExist:
        if not moments.has_submitted(context, worker_id, assignment_id):
            raise
        return None


# Submitting.


async def submit(visit: Visit) -> web.StreamResponse:
    """Take the answers of a task."""
    if visit.request.method == "HEAD":  # whoever asks for the headers alone sends nothing
        raise Refused("Nothing was submitted: answers come by POST, or by GET.", 405)
    fields = await _sent(visit.request)
    visit.sent = _told_again(fields)
    assignment_id = next((value for name, value in fields if name == "assignmentId"), "")
    if not assignment_id:
        if visit.request.can_read_body and not is_form(visit.request):
            raise Refused(
                "What the page has sent is no form, so nobody knows whose answers these are: it has to come as "
                "application/x-www-form-urlencoded or multipart/form-data, with the assignmentId among its fields.",
                415,
            )
        raise Refused("The page has sent no assignmentId, so nobody knows whose answers these are.", 404)
    # What a frame sends has nothing to do with whoever is signed in by now; what this site's own pages send has.
    signed_in = visit.session.worker_id if visit.is_own else None

    def take(context: Context) -> work.Submitted:
        done = work.submit_held(context, assignment_id, _answers(context, assignment_id, fields))
        if signed_in not in (None, done.worker_id):
            raise Refused("Somebody else has accepted this HIT. Nothing was submitted.", 403)
        return done

    try:
        done = await visit.act_as_site(take)
    except InvalidAssignmentState:
        return visit.show("submitted_before.html", status=409, assignment_id=assignment_id)
    proof = visit.site.frames.proof(assignment_id)
    query = urlencode({"assignment_id": assignment_id, "group_id": done.group_id, "proof": proof})
    # The whole address, as the form may have been sent to another of our names.
    return web.Response(status=302, headers={"Location": f"{visit.site.origins.site}/tasks/submitted?{query}"})


def _told_again(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what somebody has entered, for the page that has to decline it: that page takes the place of the task."""
    return [(name, value) for name, value in fields if name not in _NOT_ENTERED and value.strip()]


async def _sent(request: web.Request) -> list[tuple[str, str]]:
    """Return the fields in the order in which they were sent: those of the address, and those of the body."""
    fields = read_fields(request.rel_url.raw_query_string)
    if request.method == "POST":
        fields.extend(await posted(request))
    return fields


def _answers(context: Context, assignment_id: str, fields: Sequence[tuple[str, str]]) -> work.Fields:
    if any(name == form_page.MARKER for name, _ in fields):
        # A form of ours, whose fields are numbered.
        form = document(work.question_in_work(context, assignment_id) or "")
        if isinstance(form, QuestionForm):
            return form_page.answers_in(form, fields)
    return _grouped(fields)


def _grouped(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the values of each field together; the service joins them."""
    grouped: dict[str, list[str]] = {}
    for name, value in fields:
        grouped.setdefault(name, []).append(value)
    return grouped


async def submitted(visit: Visit) -> web.StreamResponse:
    """Say in the frame that the answers have come in; the page around it goes on from there."""
    assignment_id = visit.query.get("assignment_id", "")
    visit.require_proof(assignment_id)
    return visit.show(
        "submitted.html",
        assignment_id=assignment_id,
        onward=group_path(visit.query.get("group_id", "")),
    )


# What somebody has in work.


async def queue(visit: Visit) -> web.StreamResponse:
    """List what the worker has in work."""
    if visit.wants_json:
        found = await visit.act(lambda context: _with_groups(context, visit, browsing.queue(context, visit.worker_id)))
        return web.json_response({"tasks": [_queued(visit, *each) for each in found]})
    tasks = await visit.act(lambda context: browsing.queue(context, visit.worker_id))
    return visit.show("queue.html", tasks=tasks, hit_path=hit_path)


def _with_groups(context: Context, visit: Visit, tasks: Sequence[Task]) -> _InWork:
    groups = browsing.groups_of(context, visit.worker_id, tasks)
    return [(task, groups[task.group_id]) for task in tasks]


def _queued(visit: Visit, task: Task, group: Group) -> dict[str, Any]:
    path = hit_path(task.group_id, task.hit_id, task.assignment_id)
    return {
        "task_id": task.hit_id,
        "assignment_id": task.assignment_id,
        "accepted_at": iso(task.accepted),
        "deadline": iso(task.deadline),
        "time_to_deadline_in_seconds": visit.seconds_until(task.deadline),
        "state": "Assigned",
        "task_url": path,
        "expired_task_action_url": path,
        "project": project(group),
        "question": _question(task.question),
    }


def _question(text: str) -> dict[str, Any]:
    found = document(text)
    height = str(getattr(found, "frame_height", 0))
    source = getattr(found, "external_url", None)
    return {
        "type": type(found).__name__,
        "value": source or "",
        "attributes": {"FrameHeight": height, "FrameSourceAttribute": "src" if source else "srcdoc"},
    }


async def old_accept(visit: Visit) -> web.StreamResponse:
    """Send an old link, which accepted, on to the address that does so now."""
    group_id = visit.query.get("groupId")
    return visit.go(f"{group_path(group_id)}/accept_random" if group_id else "/projects")


ROUTES: Final = (
    Route("GET", "/projects/{group_id}/tasks/accept_random", accept_link),
    Route("POST", "/projects/{group_id}/tasks/accept_random", accept),
    Route("GET", "/projects/{group_id}/tasks/{hit_id}", task),
    Route("POST", "/projects/{group_id}/tasks/{hit_id}", return_task),
    Route("POST", "/projects/{group_id}/tasks/{hit_id}/accept", accept_hit),
    Route("GET", "/tasks", queue),
    Route("GET", "/tasks/", queue),
    Route("GET", "/tasks/submitted", submitted, for_worker=False, in_frames=True),
    Route("GET", "/tasks/{assignment_id}/next", go_on),
    Route("POST", "/tasks/{assignment_id}/moments", keep_moments),
    Route("GET", "/mturk/previewandaccept", old_accept),
    Route("GET", SUBMIT_PATH, submit, for_worker=False, in_frames=True),
    Route("POST", SUBMIT_PATH, submit, for_worker=False, checks_token=False, in_frames=True),
)
