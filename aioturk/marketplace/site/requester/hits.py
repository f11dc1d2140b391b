"""
The requester's HITs, the newest first, and one of them with the work that was submitted to it.

Lists are those of the API and go on as it does, from one page to the next: by tokens. What the API cannot look for,
is looked for here in the pages that it gives, so many at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from aioturk._generated import shapes
from aioturk.errors import HITDoesNotExist
from aioturk.marketplace.service import RequesterContext, moments
from aioturk.marketplace.service.moments import Moments
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.requester.answers import Labels, Shown, labels_of, shown
from aioturk.marketplace.site.requester.desk import ENTITY_ID, OPERATIONS, Desk, cleaned, route
from aioturk.marketplace.site.requester.times import files

__all__ = ["ROUTES", "STATUSES", "Work", "assignment_path", "hit_path", "moments_of", "waiting", "work_on"]

STATES: Final = {
    "": "any state",
    "Assignable": "on offer",
    "Unassignable": "all of it in work",
    "Reviewable": "done, to be reviewed",
    "Reviewing": "being reviewed",
}
STATUSES: Final = {"": "all", "Submitted": "waiting", "Approved": "approved", "Rejected": "rejected"}

_PAGE_SIZE: Final = 25
_LOOKED_AT: Final = 1000
"""How many HITs are looked at for one page, when something is looked for."""
_ASSIGNMENTS: Final = 50


def hit_path(hit_id: str, **query: str) -> str:
    """Return the address of a HIT."""
    return f"/requester/hits/{quote(hit_id, safe='')}" + (f"?{urlencode(query)}" if query else "")


def assignment_path(assignment_id: str, *more: str) -> str:
    """Return the address of an assignment, or of what is done with it."""
    return "/".join(("/requester/assignments", quote(assignment_id, safe=""), *more))


def waiting(hit: shapes.HIT) -> int:
    """Return how many assignments of a HIT wait for a decision."""
    others = (
        hit.number_of_assignments_available + hit.number_of_assignments_pending + hit.number_of_assignments_completed
    )
    return max(hit.max_assignments - others, 0)


# The list.


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is looked for."""

    state: str
    words: tuple[str, ...]
    only_waiting: bool

    @property
    def is_any(self) -> bool:
        return not (self.state or self.words or self.only_waiting)

    def fits(self, hit: shapes.HIT) -> bool:
        if (self.state and hit.hit_status != self.state) or (self.only_waiting and not waiting(hit)):
            return False
        text = "\n".join((hit.title, hit.requester_annotation or "", hit.hit_id, hit.hit_type_id)).casefold()
        return all(word in text for word in self.words)


async def hits(desk: Desk) -> web.StreamResponse:
    """List HITs."""
    query = desk.visit.query
    text = cleaned(query.get("search"))
    if await _is_hit(desk, text):
        return desk.visit.go(hit_path(text))
    wish = _Wish(
        one_of(STATES, query.get("state", "")), tuple(text.casefold().split()), query.get("waiting") in ("true", "on")
    )
    found, onward, looked_at = await _find(desk, wish, query.get("after") or None)
    return desk.show(
        "hits.html",
        hits=found,
        waiting=waiting,
        states=STATES,
        state=wish.state,
        search=text,
        only_waiting=wish.only_waiting,
        is_any=wish.is_any,
        is_first="after" not in query,
        first=_turned(desk, None),
        onward=onward and _turned(desk, onward),
        looked_at=looked_at,
        hit_path=hit_path,
    )


async def _is_hit(desk: Desk, text: str) -> bool:
    """Say whether somebody looks for a HIT by its id."""
    if not ENTITY_ID.fullmatch(text):
        return False
    try:
        await desk.call(shapes.GetHITRequest(hit_id=text))
    except HITDoesNotExist:
        return False
    return True


async def _find(desk: Desk, wish: _Wish, after: str | None) -> tuple[list[shapes.HIT], str | None, int]:
    """Return HITs that fit, where to go on, and how many were looked at."""
    found: list[shapes.HIT] = []
    looked_at = 0
    while len(found) < _PAGE_SIZE and looked_at < _LOOKED_AT:
        # In acts of their own, in between which others get their turn.
        page = await desk.call(shapes.ListHITsRequest(next_token=after, max_results=_PAGE_SIZE if wish.is_any else 50))
        after = page.next_token
        looked_at += len(page.hits)
        found += filter(wish.fits, page.hits)
        if after is None or wish.is_any:
            break
    if after is not None:
        # A page of the API says that there may be more; whether there is, says the next.
        more = await desk.call(shapes.ListHITsRequest(next_token=after, max_results=1))
        after = after if more.hits else None
    return found, after, looked_at


def _turned(desk: Desk, after: str | None) -> str:
    query = {name: value for name, value in desk.visit.query.items() if name != "after"}
    query |= {} if after is None else {"after": after}
    return desk.visit.request.path + (f"?{urlencode(query)}" if query else "")


def one_of(choices: Mapping[str, str], given: str) -> str:
    """
    Return what was chosen of a list.

    Raises:
        Refused: It is not in the list.
    """
    if given not in choices:
        raise Refused(f"{given!r:.80} is none of {', '.join(filter(None, choices))}.", 422)
    return given


# One of them.


@dataclass(frozen=True, slots=True)
class Work:
    """
    A HIT, and some of what was submitted to it.

    Attributes:
        hit: The HIT.
        requester_id: Whose it is.
        labels: What its form shows in place of identifiers.
        assignments: What was submitted, the earliest first, with the answers.
        moments: When what was done about each of them, by their ids.
        onward: The token with which the list goes on; None at its end.
    """

    hit: shapes.HIT
    requester_id: str
    labels: Labels
    assignments: list[tuple[shapes.Assignment, Shown]]
    moments: Mapping[str, Moments]
    onward: str | None


async def work_on(desk: Desk, hit_id: str, status: str, after: str | None, size: int) -> Work:
    """
    Return a HIT with a page of what was submitted to it.

    Args:
        desk: Who asks.
        hit_id: The HIT.
        status: The decision, one of `STATUSES`; ``""`` for all.
        after: The token with which the list goes on.
        size: How many at a time.

    Raises:
        HITDoesNotExist: The requester has no such HIT.
    """
    statuses = (shapes.AssignmentStatus(status),) if status else ()

    def listed(context: RequesterContext, token: str | None, most: int) -> shapes.ListAssignmentsForHITResponse:
        request = shapes.ListAssignmentsForHITRequest(
            hit_id=hit_id, next_token=token, max_results=most, assignment_statuses=statuses
        )
        page: shapes.ListAssignmentsForHITResponse = OPERATIONS.call_checked(context, request)
        return page

    def look(context: RequesterContext) -> Work:
        hit = OPERATIONS.call_checked(context, shapes.GetHITRequest(hit_id=hit_id)).hit
        page = listed(context, after, size)
        onward = page.next_token if page.next_token and listed(context, page.next_token, 1).assignments else None
        labels = labels_of(hit.question)
        return Work(
            hit,
            context.account.requester_id,
            labels,
            [(each, shown(each, labels)) for each in page.assignments],
            {each.assignment_id: moments_of(context, each.assignment_id) for each in page.assignments},
            onward,
        )

    return await desk.act(look)


def moments_of(context: RequesterContext, assignment_id: str) -> Moments:
    """Return when what was done about an assignment of the requester's."""
    return moments.moments(context, assignment_id, account_seq=context.account.seq)


async def one_hit(desk: Desk) -> web.StreamResponse:
    """Show a HIT, and what was submitted to it."""
    query = desk.visit.query
    status = one_of(STATUSES, query.get("status", ""))
    work = await work_on(desk, desk.id_in_path("hit_id"), status, query.get("after") or None, _ASSIGNMENTS)
    return desk.show(
        "hit.html",
        hit=work.hit,
        waiting=waiting(work.hit),
        states=STATES,
        assignments=work.assignments,
        moments=work.moments,
        files=files(hit=work.hit.hit_id),
        statuses=STATUSES,
        listed=status,
        first=_turned(desk, None),
        is_first="after" not in query,
        onward=work.onward and _turned(desk, work.onward),
        hit_path=hit_path,
        assignment_path=assignment_path,
    )


ROUTES: Final = (
    route("GET", "/requester/hits", hits),
    route("GET", "/requester/hits/{hit_id}", one_hit),
)
