"""
Deciding on many assignments at a time.

First comes a page that says how many there are and what it costs. Rejecting several asks a second time, and wants it
typed. Then each assignment is decided on by itself, in an act of its own, so that what is refused stops none of the
others; the result says of each what was done. As the service decides on nothing twice, sending a form again does
nothing again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from aioturk._core.wire import Structure
from aioturk._generated import shapes
from aioturk.errors import CredentialsRefused, HITDoesNotExist, InsufficientFunds, InvalidAssignmentState, ServiceError
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.requester.costs import Candidate, balance, candidates, summed
from aioturk.marketplace.site.requester.desk import ENTITY_ID, Desk, cleaned, route
from aioturk.marketplace.site.requester.hits import assignment_path

__all__ = ["MOST", "ROUTES"]

MOST: Final = 500
"""How many are decided on with one form."""

_ACTS: Final = {"approve": "Approved", "reject": "Rejected"}
_WAITING: Final = "Submitted"
_NO_LONGER: Final = "Not done: your access key is no longer good."


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What became of one assignment.

    Attributes:
        assignment_id: The assignment.
        is_done: Whether it was decided on as wanted, just now.
        text: What was done, or why nothing was.
    """

    assignment_id: str
    is_done: bool
    text: str


# What it would do.


async def preview(desk: Desk) -> web.StreamResponse:
    """Show how many assignments there are to decide on, and what it costs. Nothing is done yet."""
    desk.require_change()
    act = _act(desk)
    chosen, has_more = await _chosen(desk)
    if not chosen:
        raise Refused("Nothing was chosen, or nothing of it waits for a decision. Nothing was done.", 422)
    found = await candidates(desk, chosen)
    rules = desk.visit.site.house.rules
    ready = [each for each in found if each.status == _WAITING]
    return desk.show(
        "bulk_preview.html",
        act=act,
        ready=ready,
        others=[(each, _standing(each.status)) for each in found if each.status != _WAITING],
        kinds=_kinds(ready),
        sum=summed(ready),
        balance=await balance(desk),
        has_more=has_more,
        most=MOST,
        most_feedback=rules.feedback.most,
        override_window=timedelta(seconds=rules.override_window),
        assignment_path=assignment_path,
    )


def _act(desk: Desk) -> str:
    act = desk.visit.form.get("act", "")
    if act not in _ACTS:
        raise Refused("The form does not say what to do. Nothing was done.", 422)
    return act


async def _chosen(desk: Desk) -> tuple[list[str], bool]:
    """Return the assignments that are chosen, themselves or by their HITs, and whether there were too many."""
    chosen = await desk.several("assignment")
    for hit_id in await desk.several("hit"):
        if len(chosen) > MOST:
            break
        chosen += await _waiting_of(desk, hit_id, MOST + 1 - len(chosen))
    chosen = list(dict.fromkeys(chosen))
    return chosen[:MOST], len(chosen) > MOST


async def _waiting_of(desk: Desk, hit_id: str, most: int) -> list[str]:
    if not ENTITY_ID.fullmatch(hit_id):
        raise HITDoesNotExist(f"Hit {hit_id:.64} does not exist.")
    found: list[str] = []
    after: str | None = None
    while len(found) < most:
        request = shapes.ListAssignmentsForHITRequest(
            hit_id=hit_id,
            next_token=after,
            max_results=min(100, most - len(found)),
            assignment_statuses=(shapes.AssignmentStatus.SUBMITTED,),
        )
        page = await desk.call(request)
        found += [each.assignment_id for each in page.assignments]
        after = page.next_token
        if after is None:
            break
    return found


def _kinds(ready: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Return what is alike as one row: how many of a title cost what."""
    counts = Counter((each.title, each.reward, each.fee) for each in ready)
    return [
        {"title": title, "reward": reward, "fee": fee, "count": count, "total": count * (reward + fee)}
        for (title, reward, fee), count in counts.items()
    ]


def _standing(status: str) -> str:
    """Say why there is nothing to decide on."""
    return {
        "Approved": "It was approved before.",
        "Rejected": "It was rejected before; on its own page it may still be approved.",
    }.get(status, "There is no such work of yours that was submitted.")


# Doing it.


async def decide(desk: Desk) -> web.StreamResponse:
    """Decide on each, and say what became of it; ask once more before several are rejected."""
    desk.require_change()
    act = _act(desk)
    chosen = await desk.several("assignment")
    feedback = cleaned(desk.visit.form.get("feedback"))
    if not chosen:
        raise Refused("Nothing was chosen. Nothing was done.", 422)
    if len(chosen) > MOST:
        raise Refused(f"These are more than {MOST} at a time. Nothing was done.", 422)
    if act == "reject" and not feedback:
        raise Refused("Say why: the workers are told. Nothing was rejected.", 422)
    if act == "reject" and len(chosen) > 1:
        wanted = f"reject {len(chosen)}"
        typed = desk.visit.form.get("confirmation")
        if typed is None or " ".join(typed.casefold().split()) != wanted:
            return _ask_again(desk, chosen, feedback, wanted, is_wrong=typed is not None)
    outcomes = await _all(desk, act, chosen, feedback or None)
    return desk.show(
        "bulk_done.html",
        act=act,
        outcomes=outcomes,
        done=sum(outcome.is_done for outcome in outcomes),
        assignment_path=assignment_path,
    )


def _ask_again(desk: Desk, chosen: Sequence[str], feedback: str, wanted: str, *, is_wrong: bool) -> web.Response:
    return desk.show(
        "bulk_confirm.html",
        status=422 if is_wrong else 200,
        chosen=chosen,
        feedback=feedback,
        wanted=wanted,
        is_wrong=is_wrong,
    )


async def _all(desk: Desk, act: str, chosen: Sequence[str], feedback: str | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for place, assignment_id in enumerate(chosen):
        try:
            outcomes.append(await _one(desk, act, assignment_id, feedback))
        except CredentialsRefused:
            outcomes += [Outcome(each, False, _NO_LONGER) for each in chosen[place:]]
            break
    return outcomes


async def _one(desk: Desk, act: str, assignment_id: str, feedback: str | None) -> Outcome:
    if not ENTITY_ID.fullmatch(assignment_id):
        return Outcome(assignment_id[:64], False, _standing(""))
    request: Structure
    if act == "approve":
        request = shapes.ApproveAssignmentRequest(assignment_id=assignment_id, requester_feedback=feedback)
    else:
        request = shapes.RejectAssignmentRequest(assignment_id=assignment_id, requester_feedback=feedback or "")
    try:
        await desk.call(request)
    except InvalidAssignmentState:
        [now] = await candidates(desk, [assignment_id])
        return Outcome(assignment_id, False, _standing(now.status))
    except InsufficientFunds:
        return Outcome(assignment_id, False, "Not done: the account, or the access key, cannot pay for it.")
    except CredentialsRefused:
        raise
    except ServiceError as refusal:
        return Outcome(assignment_id, False, f"Not done: {refusal.message}")
    return Outcome(assignment_id, True, f"{_ACTS[act]}.")


ROUTES: Final = (
    route("POST", "/requester/bulk", preview),
    route("POST", "/requester/bulk/decide", decide),
)
