"""
Reviewing: what workers sent beside the task as they saw it; approving and rejecting one at a time.

Without scripts each decision is a form of its own; with them (``static/requester.js``) it is a key or two, and the page
stays. Deciding on many at a time is in `bulk`, paying bonuses in `bonuses`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from aioturk._generated import shapes
from aioturk.errors import InvalidRequest
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import RequesterContext
from aioturk.marketplace.service.moments import Moments
from aioturk.marketplace.site.frames import Frame, Ticket
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.requester.answers import Shown, labels_of, shown
from aioturk.marketplace.site.requester.desk import OPERATIONS, Desk, cleaned, route
from aioturk.marketplace.site.requester.hits import (
    STATUSES,
    assignment_path,
    hit_path,
    moments_of,
    one_of,
    waiting,
    work_on,
)

__all__ = ["ROUTES", "review_path"]

_AT_ONCE: Final = 20
_WAITING: Final = "Submitted"


def review_path(hit_id: str, **query: str) -> str:
    """Return the address of the page on which the work on a HIT is reviewed."""
    path, mark, rest = hit_path(hit_id, **query).partition("?")
    return f"{path}/review{mark}{rest}"


@dataclass(frozen=True, slots=True)
class Card:
    """
    One assignment as it is reviewed.

    Attributes:
        assignment: The assignment.
        answers: What the worker sent.
        moments: When what was done about it.
        can_decide: Whether it waits for a decision.
        can_override: Whether it was rejected, and may still be approved.
        override_until: Until when.
    """

    assignment: shapes.Assignment
    answers: Shown
    moments: Moments
    can_decide: bool
    can_override: bool
    override_until: datetime


def _card(
    assignment: shapes.Assignment, answers: Shown, moments: Moments, hit: shapes.HIT, now: datetime, rules: Rules
) -> Card:
    until = assignment.submit_time + timedelta(seconds=rules.override_window)
    return Card(
        assignment,
        answers,
        moments,
        can_decide=assignment.assignment_status == _WAITING,
        can_override=assignment.assignment_status == "Rejected" and now <= until and hit.hit_status != "Disposed",
        override_until=until,
    )


def _frame(desk: Desk, hit: shapes.HIT, requester_id: str) -> Frame | None:
    """Return the task as a worker sees it in the preview; None if it cannot be shown."""
    visit = desk.visit
    ticket = Ticket(
        requester_id,
        hit.hit_id,
        None,
        visit.environment,
        is_requesters=True,
        mark=visit.session.mark,
        issued=visit.site.house.now() // 1000,
        session=visit.session.desk_id,
    )
    try:
        return desk.visit.site.frames.frame(ticket, hit.question or "")
    except InvalidRequest:
        return None


async def review(desk: Desk) -> web.StreamResponse:
    """Show a page of what was submitted to a HIT, beside the task."""
    query, hit_id = desk.visit.query, desk.id_in_path("hit_id")
    status = one_of(STATUSES, query.get("status", _WAITING))
    work = await work_on(desk, hit_id, status, query.get("after") or None, _AT_ONCE)
    house = desk.visit.site.house
    return desk.show(
        "review.html",
        hit=work.hit,
        frame=_frame(desk, work.hit, work.requester_id),
        cards=[
            _card(each, answers, work.moments[each.assignment_id], work.hit, house.time(), house.rules)
            for each, answers in work.assignments
        ],
        waiting=waiting(work.hit),
        statuses=STATUSES,
        listed=status,
        after=query.get("after", ""),
        most_feedback=house.rules.feedback.most,
        onward=work.onward and review_path(hit_id, status=status, after=work.onward),
        hit_path=hit_path,
        review_path=review_path,
        assignment_path=assignment_path,
    )


async def one_assignment(desk: Desk) -> web.StreamResponse:
    """Show one assignment beside its task, with everything that can be done about it."""
    assignment_id = desk.id_in_path("assignment_id")

    def look(
        context: RequesterContext,
    ) -> tuple[shapes.GetAssignmentResponse, Moments, list[shapes.BonusPayment], str]:
        found = OPERATIONS.call_checked(context, shapes.GetAssignmentRequest(assignment_id=assignment_id))
        request = shapes.ListBonusPaymentsRequest(assignment_id=assignment_id, max_results=100)
        bonuses = OPERATIONS.call_checked(context, request).bonus_payments
        return found, moments_of(context, assignment_id), list(bonuses), context.account.requester_id

    found, moments, bonuses, requester_id = await desk.act(look)
    hit, assignment = found.hit, found.assignment
    assert hit is not None
    assert assignment is not None
    house = desk.visit.site.house
    return desk.show(
        "assignment.html",
        hit=hit,
        frame=_frame(desk, hit, requester_id),
        card=_card(assignment, shown(assignment, labels_of(hit.question)), moments, hit, house.time(), house.rules),
        bonuses=bonuses,
        bonus_token=secrets.token_hex(16),
        most_feedback=house.rules.feedback.most,
        hit_path=hit_path,
        review_path=review_path,
        assignment_path=assignment_path,
    )


# Deciding.


async def approve(desk: Desk) -> web.StreamResponse:
    """Approve an assignment; a rejected one, if the form says so."""
    assignment_id = desk.id_in_path("assignment_id")
    await desk.call(
        shapes.ApproveAssignmentRequest(
            assignment_id=assignment_id,
            requester_feedback=cleaned(desk.visit.form.get("feedback")) or None,
            override_rejection=desk.visit.form.get("override") == "true" or None,
        )
    )
    return _decided(desk, assignment_id, "Approved")


async def reject(desk: Desk) -> web.StreamResponse:
    """Reject an assignment, and say why."""
    assignment_id = desk.id_in_path("assignment_id")
    feedback = cleaned(desk.visit.form.get("feedback"))
    if not feedback:
        desk.require_change()
        raise Refused("Say why: the worker is told. Nothing was rejected.", 422)
    await desk.call(shapes.RejectAssignmentRequest(assignment_id=assignment_id, requester_feedback=feedback))
    return _decided(desk, assignment_id, "Rejected")


def _decided(desk: Desk, assignment_id: str, status: str) -> web.StreamResponse:
    if desk.visit.wants_json:
        return web.json_response({"assignment_id": assignment_id, "status": status})
    # Back to the list that it came from, or to itself; the address is made of what is known, not of what was sent.
    came_from, list_of = desk.visit.form.get("hit_id", ""), desk.visit.form.get("status", _WAITING)
    if came_from and list_of in STATUSES:
        after = desk.visit.form.get("after", "")
        path = review_path(came_from, status=list_of, **({"after": after} if after else {}))
    else:
        path = assignment_path(assignment_id)
    return desk.visit.go(desk.visit.saying(status.lower(), path))


ROUTES: Final = (
    route("GET", "/requester/hits/{hit_id}/review", review),
    route("GET", "/requester/assignments/{assignment_id}", one_assignment),
    route("POST", "/requester/assignments/{assignment_id}/approve", approve),
    route("POST", "/requester/assignments/{assignment_id}/reject", reject),
)
