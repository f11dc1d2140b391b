"""
Finding work: the list of groups of HITs, with its search, and previews.

The list is also there for programs, as the real site had it: ``/projects?format=json``. What is shown to whom is
decided in `aioturk.marketplace.service.browsing`; accepting is in `aioturk.marketplace.site.working`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import quote, urlencode

from aiohttp import web

from aioturk._core import codec
from aioturk._generated.shapes import Locale
from aioturk.errors import NoHITsAvailableInGroup
from aioturk.marketplace.service import browsing, own_work
from aioturk.marketplace.service.browsing import Demand, Group, Preview, Wish
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.eligibility import Value
from aioturk.marketplace.service.own_work import OwnWork, State
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.rendering import iso
from aioturk.marketplace.site.visits import Route, Visit

__all__ = ["ROUTES", "describe_value", "group_path", "hit_path", "kept", "own_page", "project"]

_SORTS: Final = {
    "updated_desc": "Newest first",
    "updated_asc": "Oldest first",
    "reward_desc": "Reward, highest first",
    "reward_asc": "Reward, lowest first",
    "num_hits_desc": "Most HITs first",
    "num_hits_asc": "Fewest HITs first",
}
"""The orders of the list, by the names that the real site gave them."""

_PAGE_SIZE, _LARGEST_PAGE = 20, 100


def group_path(group_id: str, **query: str) -> str:
    """Return the address of a group's preview."""
    return f"/projects/{quote(group_id, safe='')}/tasks" + (f"?{urlencode(query)}" if query else "")


def hit_path(group_id: str, hit_id: str, assignment_id: str | None = None, **more: str) -> str:
    """Return the address of a HIT: a preview, or the page on which it is worked on."""
    query = {**({} if assignment_id is None else {"assignment_id": assignment_id}), **more}
    return f"{group_path(group_id)}/{quote(hit_id, safe='')}" + (f"?{urlencode(query)}" if query else "")


def kept(visit: Visit) -> dict[str, str]:
    """Return what goes with somebody from one HIT to the next, who chose it on a page of ours."""
    wanted = visit.form.get("auto_accept") or (visit.query.get("auto_accept") if visit.is_meant else None)
    return {"auto_accept": "true"} if wanted == "true" else {}


# The list.


async def projects(visit: Visit) -> web.StreamResponse:
    """List groups of HITs."""
    return await _list(visit, None)


async def projects_of_requester(visit: Visit) -> web.StreamResponse:
    """List the groups of one requester."""
    return await _list(visit, visit.path("requester_id"))


async def _list(visit: Visit, requester_id: str | None) -> web.StreamResponse:
    size = _whole(visit.query.get("page_size"), _PAGE_SIZE, _LARGEST_PAGE)
    number = _whole(visit.query.get("page_number"), 1, 10**6)
    sort = visit.query.get("sort", "updated_desc")
    if sort not in _SORTS:
        raise Refused(f"{sort!r:.80} is no order of this list: {', '.join(_SORTS)}.", 422)
    filters = {name: visit.query.get(f"filters[{name}]", "") for name in ("search_term", "min_reward")}
    qualified, masters = (_is_on(visit.query.get(f"filters[{name}]")) for name in ("qualified", "masters"))
    wish = Wish(
        query=filters["search_term"] or None,
        min_reward=_dollars(filters["min_reward"]),
        qualified=qualified,
        sort=sort.replace("num_hits", "available"),
        limit=size,
        requester_id=requester_id,
        masters=masters,
        offset=(number - 1) * size,
    )
    found = await visit.act(lambda context: browsing.listing(context, visit.worker_id, wish))
    if visit.wants_json:
        return web.json_response(
            {
                "results": [project(group) for group in found.groups],
                "page_number": number,
                "num_results": len(found.groups),
                "total_num_results": found.total,
            }
        )
    last = max(-(-found.total // size), 1)
    return visit.show(
        "projects.html",
        groups=found.groups,
        total=found.total,
        number=number,
        last=last,
        turn=lambda to: _turned(visit, to),
        sorts=_SORTS,
        sort=sort,
        filters=filters,
        qualified=qualified,
        masters=masters,
        requester=found.groups[0].requester_name if requester_id is not None and found.groups else requester_id,
        group_path=group_path,
    )


def _turned(visit: Visit, number: int) -> str:
    return f"{visit.request.path}?{urlencode({**visit.query, 'page_number': number})}"


def _whole(text: str | None, default: int, most: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise Refused(f"{text!r:.80} is no whole number between 1 and {most}.", 422)
    return int(text)


def _dollars(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise Refused(f"{text!r:.80} is no sum of money: write dollars, as in 0.25.", 422)
    return amount


def _is_on(text: str | None) -> bool:
    return text in ("true", "1", "on")


def project(group: Group) -> dict[str, Any]:
    """Return a group as the real site's JSON had it."""
    return {
        "hit_set_id": group.group_id,
        "requester_id": group.requester_id,
        "requester_name": group.requester_name,
        "requester_url": f"/requesters/{quote(group.requester_id, safe='')}/projects",
        "title": group.title,
        "description": group.description,
        "keywords": list(group.keywords),
        "assignment_duration_in_seconds": int(group.assignment_duration.total_seconds()),
        "creation_time": iso(group.updated),
        "last_updated_time": iso(group.updated),
        "latest_expiration_time": iso(group.expiration),
        "monetary_reward": {"amount_in_dollars": float(group.reward), "currency_code": "USD"},
        "assignable_hits_count": group.available,
        "caller_meets_requirements": group.can_accept,
        "caller_meets_preview_requirements": group.can_preview,
        "project_requirements": [_requirement(demand) for demand in group.requirements],
        "accept_project_task_url": f"{group_path(group.group_id)}/accept_random",
        "project_tasks_url": group_path(group.group_id),
    }


def _requirement(demand: Demand) -> dict[str, Any]:
    wire = codec.to_wire(demand.requirement)
    return {
        "qualification_type_id": demand.requirement.qualification_type_id,
        "comparator": wire["Comparator"],
        "worker_action": wire.get("ActionsGuarded", "Accept"),
        "qualification_values": [
            *map(str, demand.requirement.integer_values or ()),
            *map(_place, demand.requirement.locale_values or ()),
        ],
        "caller_meets_requirement": demand.is_met,
        "caller_qualification_value": demand.value if isinstance(demand.value, int) else None,
        "qualification_type": {"name": demand.name},
    }


# Previews.


async def preview_group(visit: Visit) -> web.StreamResponse:
    """Show the first HIT of a group that is left for the worker."""
    group_id = visit.path("group_id")

    def look(context: Context) -> Preview | OwnWork:
        try:
            return browsing.preview_from(context, visit.worker_id, group_id)
        except NoHITsAvailableInGroup:
            own = own_work.in_group(context, visit.worker_id, group_id)
            if own is None:
                raise
            return own

    found = await visit.act(look)
    if isinstance(found, OwnWork):
        return own_page(visit, found)
    return _preview(visit, found, f"{group_path(group_id)}/accept_random")


async def preview_hit(visit: Visit) -> web.StreamResponse:
    """Show one HIT."""
    hit_id = visit.path("hit_id")

    def look(context: Context) -> Preview | OwnWork:
        own = own_work.on_hit(context, visit.worker_id, hit_id)
        if own is not None and own.state in (State.IN_WORK, State.SUBMITTED):
            return own
        return browsing.preview(context, visit.worker_id, hit_id)

    found = await visit.act(look)
    if isinstance(found, OwnWork):
        return own_page(visit, found)
    if found.group_id != visit.path("group_id"):
        return visit.go(hit_path(found.group_id, found.hit_id))
    return _preview(visit, found, f"{hit_path(found.group_id, found.hit_id)}/accept")


def own_page(visit: Visit, own: OwnWork) -> web.Response:
    """Say what somebody has, or had, of a HIT, instead of showing it."""
    path = hit_path(own.group_id, own.hit_id, own.assignment_id) if own.state is State.IN_WORK else None
    status = {State.IN_WORK: 200, State.SUBMITTED: 410}.get(own.state, 404)
    return visit.show("own_work.html", status=status, own=own, path=path, group_path=group_path)


def _preview(visit: Visit, found: Preview, accept: str) -> web.Response:
    ticket = visit.ticket(found.hit_id, None)
    return visit.show(
        "preview.html",
        hit=found,
        frame=visit.site.frames.frame(ticket, found.question),
        demands=[describe(demand) for demand in found.requirements],
        accept=accept,
        auto_accept=bool(kept(visit)),
    )


_COMPARATORS: Final = {
    "LessThan": "less than",
    "LessThanOrEqualTo": "at most",
    "GreaterThan": "more than",
    "GreaterThanOrEqualTo": "at least",
    "EqualTo": "is",
    "NotEqualTo": "is not",
    "In": "one of",
    "NotIn": "none of",
    "Exists": "has been granted",
    "DoesNotExist": "has not been granted",
}


def describe(demand: Demand) -> dict[str, Any]:
    """Return a requirement in words."""
    wanted: Sequence[str] = _requirement(demand)["qualification_values"]
    comparator = str(demand.requirement.comparator)
    return {
        "id": demand.requirement.qualification_type_id,
        "name": demand.name,
        "wanted": " ".join([_COMPARATORS.get(comparator, comparator), ", ".join(wanted)]).strip(),
        "own": describe_value(demand.value),
        "is_met": demand.is_met,
    }


def describe_value(value: Value) -> str:
    """Return what a qualification says of somebody, in words."""
    if value is None:
        return "none"
    return _place(value) if isinstance(value, Locale) else str(value)


def _place(locale: Locale) -> str:
    return f"{locale.country}-{locale.subdivision}" if locale.subdivision else locale.country


async def notices(visit: Visit) -> web.StreamResponse:
    """Tell pages whether what is tried out has changed."""
    found = visit.site.notices
    if found is None:
        raise Refused("Nothing is tried out here.", 404)
    return web.json_response({"number": found.number, "path": found.path})


# The real site's older addresses.


async def old_preview(visit: Visit) -> web.StreamResponse:
    """Send an old link to a preview on to the new one."""
    return visit.go(group_path(visit.query["groupId"]) if visit.query.get("groupId") else "/projects")


async def contact(visit: Visit) -> web.StreamResponse:
    """Say what to do instead of writing to a requester, for which the real site had a form."""
    raise Refused(
        "This marketplace carries no messages to requesters. Write to whoever invited you here, and name the HIT; what "
        "concerns your answers alone can be said in the task, if it has a field for remarks. Nothing was sent.",
        404,
    )


async def old_list(visit: Visit) -> web.StreamResponse:
    """Send an old link to the list on to the new one, with what was searched for."""
    query = visit.query
    requester_id = query.get("requesterId")
    path = "/projects" if not requester_id else f"/requesters/{quote(requester_id, safe='')}/projects"
    filters = {
        "filters[search_term]": query.get("searchWords", ""),
        "filters[min_reward]": query.get("minReward", ""),
        "filters[qualified]": "true" if _is_on(query.get("qualifiedFor")) else "",
    }
    asked = urlencode({name: value for name, value in filters.items() if value})
    return visit.go(f"{path}?{asked}" if asked else path)


ROUTES: Final = (
    Route("GET", "/projects", projects),
    Route("GET", "/projects/", projects),
    Route("GET", "/requesters/{requester_id}/projects", projects_of_requester),
    Route("GET", "/projects/{group_id}/tasks", preview_group),
    Route("GET", "/notices", notices, for_worker=False),
    Route("GET", "/contact_requester/{rest:.*}", contact),
    Route("GET", "/mturk/preview", old_preview),
    Route("GET", "/mturk/findhits", old_list, for_worker=False),
    Route("GET", "/mturk/searchbar", old_list, for_worker=False),
    Route("GET", "/mturk/welcome", old_list, for_worker=False),
)
