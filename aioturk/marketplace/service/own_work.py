"""
What a worker did with a HIT: whether they have it in work, have submitted it, given it back, or let its time pass.

Pages ask before they tell somebody that "others are at work on it". What somebody has in work is listed in `browsing`;
what came of all of it together, in `earnings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aioturk.marketplace import lifecycle
from aioturk.marketplace.service import people
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.records import Assignment

__all__ = ["OwnWork", "State", "in_group", "of_assignment", "on_hit"]


class State(StrEnum):
    """What somebody did with a HIT."""

    IN_WORK = "in work"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class OwnWork:
    """
    What a worker has, or had, of a HIT.

    Attributes:
        assignment_id: The assignment.
        hit_id: Its HIT.
        group_id: The group.
        title: The HIT's title.
        state: What the worker did with it.
        submitted: When it was submitted, if it was.
    """

    assignment_id: str
    hit_id: str
    group_id: str
    title: str
    state: State
    submitted: datetime | None = None


_STATES = {
    lifecycle.ACCEPTED: State.IN_WORK,
    lifecycle.RETURNED: State.RETURNED,
    lifecycle.ABANDONED: State.ABANDONED,
}
"""The states of assignments; in all others they are submitted."""


def on_hit(context: Context, worker_id: str, hit_id: str) -> OwnWork | None:
    """Tell what a worker did last with a HIT; None if they never had it."""
    hit = context.store.offers.offer(context.environment, hit_id)
    if hit is None:
        return None
    worker_seq = people.known(context, worker_id)
    return _told(context, context.store.assignments.last_of_hit(worker_seq, hit.hit_seq))


def of_assignment(context: Context, worker_id: str, assignment_id: str) -> OwnWork | None:
    """Tell what a worker did with an assignment; None if it was never theirs."""
    worker_seq = people.known(context, worker_id)
    return _told(context, context.store.assignments.last_of_id(worker_seq, assignment_id))


def in_group(context: Context, worker_id: str, group_id: str) -> OwnWork | None:
    """Tell what a worker has in work of a group, the earliest; None for nothing."""
    rows = context.store.offers.tasks(people.known(context, worker_id))
    found = next((row for row in rows if row.offer.group_id == group_id), None)
    return None if found is None else of_assignment(context, worker_id, found.assignment_id)


def _told(context: Context, assignment: Assignment | None) -> OwnWork | None:
    if assignment is None:
        return None
    hit = context.store.offers.offer_by_seq(assignment.hit_seq)
    state = _STATES.get(assignment.status, State.SUBMITTED)
    submitted = None if assignment.submitted_at is None else moment(assignment.submitted_at)
    return OwnWork(assignment.issued_id, hit.hit_id, hit.group_id, hit.title, state, submitted)
