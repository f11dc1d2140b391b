"""
When people did what: how long a task was looked at, when the first answer was given, how much of the time was work.

What the service itself sees (accepting, submitting) is written down where it happens, in `work`. What only a browser
sees is kept here, within the bounds of what can be true: it is the worker's computer that tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aioturk.errors import AssignmentDoesNotExist, InvalidAssignmentState
from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.service.work import held
from aioturk.marketplace.store.assignments import MomentsRow
from aioturk.marketplace.store.records import Assignment

__all__ = ["Moments", "Piece", "has_submitted", "keep", "moments", "submitted"]

_LATE = 10_000
"""For how many milliseconds after an assignment was submitted more is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """
    When what was done about an assignment; None is what did not happen, or what nobody told.

    Attributes:
        worker_id: By whom.
        previewed: When the worker looked at the task before accepting it.
        accepted: When the task was accepted.
        first_input: When the first answer was given, as the browser told.
        active: For how long the worker was at it, as the browser told: not away, nor in another window.
        deadline: Until when it had, or has, to be submitted.
        submitted: When it was.
        duration: How long it took from accepting to submitting.
        approved: When it was approved.
        rejected: When it was rejected.
    """

    worker_id: str
    previewed: datetime | None
    accepted: datetime
    first_input: datetime | None
    active: timedelta | None
    deadline: datetime
    submitted: datetime | None
    duration: timedelta | None
    approved: datetime | None
    rejected: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """
    Something that was submitted, with its moments.

    Attributes:
        place: Where it stands in the list of all of them, which goes on after it.
        assignment_id: The assignment.
        hit_id: The HIT.
        hit_type_id: The HIT type.
        status: ``Submitted``, ``Approved`` or ``Rejected``.
        moments: When what was done about it.
    """

    place: int
    assignment_id: str
    hit_id: str
    hit_type_id: str
    status: str
    moments: Moments


def keep(
    context: Context,
    worker_id: str,
    assignment_id: str,
    *,
    first_input_at: int | None = None,
    active_seconds: int | None = None,
) -> None:
    """
    Keep what a worker's browser tells of something in work. It tells the same again and again, and perhaps late.

    Args:
        context: When, and where.
        worker_id: Who.
        assignment_id: What they have in work.
        first_input_at: When something was entered first, in milliseconds since 1970; of several, the earliest is kept.
        active_seconds: For how many seconds they were at it so far; of several, the most is kept.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it.
        InvalidAssignmentState: It was submitted already, and not just now.
    """
    assignment = _told_of(context, worker_id, assignment_id)
    there = context.store.assignments.moments(assignment_id)
    assert there is not None
    changes = {}
    until = context.now if assignment.submitted_at is None else assignment.submitted_at
    if first_input_at is not None:
        first = _between(assignment.accepted_at, first_input_at, until)
        if there.first_input_at is None or first < there.first_input_at:
            changes["first_input_at"] = first
    if active_seconds is not None:
        active = _between(0, active_seconds, (until - assignment.accepted_at) // 1000)
        if there.active_seconds is None or active > there.active_seconds:
            changes["active_seconds"] = active
    if changes:
        context.store.assignments.change(assignment.seq, **changes)


def _told_of(context: Context, worker_id: str, assignment_id: str) -> Assignment:
    try:
        return held(context, worker_id, assignment_id)
    except InvalidAssignmentState:
        # The last word of a browser and the answers themselves go out at once, and may overtake each other.
        found = context.store.assignments.to_change(assignment_id)
        if found is None or found.submitted_at is None or context.now - found.submitted_at > _LATE:
            raise
        return found


def _between(least: int, told: int, most: int) -> int:
    return max(least, min(told, most))


def moments(context: Context, assignment_id: str, *, account_seq: int | None = None) -> Moments:
    """
    Tell when what was done about an assignment that is in work or submitted.

    Args:
        context: Where.
        assignment_id: Which.
        account_seq: Whose it has to be; None for the owner of the marketplace, who sees all.

    Raises:
        AssignmentDoesNotExist: There is none, or it was returned, or it is somebody else's.
    """
    row = context.store.assignments.moments(assignment_id)
    if row is None or row.environment != context.environment or account_seq not in (None, row.account_seq):
        raise refusals.assignment_does_not_exist(assignment_id)
    return _shown(row)


def submitted(
    context: Context,
    account_seq: int,
    after: int = 0,
    *,
    hit_id: str | None = None,
    hit_type_id: str | None = None,
    limit: int = 1000,
) -> list[Piece]:
    """
    List what was submitted to an account, with its moments, that of deleted HITs included; the first accepted first.

    Args:
        context: Where.
        account_seq: Whose it has to be.
        after: The place after which the list goes on.
        hit_id: The HIT, if it is one; of somebody else's, nothing is listed.
        hit_type_id: The HIT type, if it is one, and no HIT is named.
        limit: How many at most. All of them are asked for in several acts, between which others get their turn.
    """
    rows = context.store.assignments.all_of_account(account_seq, after, limit, hit_id=hit_id, type_id=hit_type_id)
    return [
        Piece(
            place=row.seq,
            assignment_id=row.assignment_id,
            hit_id=row.hit_id,
            hit_type_id=row.type_id,
            status=row.status,
            moments=_shown(row.moments),
        )
        for row in rows
    ]


def _shown(row: MomentsRow) -> Moments:
    return Moments(
        worker_id=row.worker_id,
        previewed=_moment(row.previewed_at),
        accepted=moment(row.accepted_at),
        first_input=_moment(row.first_input_at),
        active=_seconds(row.active_seconds),
        deadline=moment(row.deadline),
        submitted=_moment(row.submitted_at),
        duration=_seconds(row.seconds_of_work),
        approved=_moment(row.approved_at),
        rejected=_moment(row.rejected_at),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)


def _seconds(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(seconds=count)


def has_submitted(context: Context, worker_id: str, assignment_id: str) -> bool:
    """Say whether a worker has submitted this, whatever was decided about it; False if it was never theirs."""
    try:
        found = moments(context, assignment_id)
    except AssignmentDoesNotExist:
        return False
    return found.worker_id == worker_id and found.submitted is not None
