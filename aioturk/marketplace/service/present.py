"""What the store holds, as the shapes of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from aioturk._core.wire import Keywords
from aioturk._generated import shapes
from aioturk.marketplace.lifecycle import left
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import requirements
from aioturk.marketplace.store.records import Assignment, Bonus, Hit

__all__ = ["assignment_shape", "bonus_shape", "hit_shape", "milliseconds", "moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_keywords = lru_cache(maxsize=1024)(Keywords.parse)


def moment(milliseconds: int) -> datetime:
    """Return the store's time as a datetime."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(moment: datetime) -> int:
    """Return a datetime as the store's time."""
    return (moment - _EPOCH) // _MILLISECOND


def _or_none(time: int | None) -> datetime | None:
    return None if time is None else moment(time)


def hit_shape(hit: Hit) -> shapes.HIT:
    """Show a HIT."""
    kind = hit.type
    return shapes.HIT(
        hit_id=hit.id,
        hit_type_id=kind.id,
        hit_group_id=kind.group_id,
        hit_layout_id=hit.layout_id,
        creation_time=moment(hit.created_at),
        title=kind.title,
        description=kind.description,
        question=hit.question,
        keywords=_keywords(kind.keywords or ""),
        hit_status=shapes.HITStatus(hit.status),
        max_assignments=hit.max_assignments,
        reward=dollars(kind.reward),
        auto_approval_delay=timedelta(seconds=kind.auto_approval_delay),
        expiration=moment(hit.expires_at),
        assignment_duration=timedelta(seconds=kind.assignment_duration),
        requester_annotation=hit.annotation or None,
        qualification_requirements=requirements.read(kind.requirements),
        hit_review_status=shapes.HITReviewStatus.NOT_REVIEWED,
        number_of_assignments_pending=hit.in_work,
        number_of_assignments_available=left(hit),
        number_of_assignments_completed=hit.approved + hit.rejected,
    )


def assignment_shape(assignment: Assignment, hit_id: str) -> shapes.Assignment:
    """Show a submitted assignment."""
    assert assignment.submitted_at is not None
    assert assignment.auto_approval_at is not None
    return shapes.Assignment(
        assignment_id=assignment.issued_id,
        worker_id=assignment.worker_id,
        hit_id=hit_id,
        assignment_status=shapes.AssignmentStatus(assignment.status),
        auto_approval_time=moment(assignment.auto_approval_at),
        accept_time=moment(assignment.accepted_at),
        submit_time=moment(assignment.submitted_at),
        approval_time=_or_none(assignment.approved_at),
        rejection_time=_or_none(assignment.rejected_at),
        deadline=moment(assignment.deadline),
        answer=assignment.answer or "",
        requester_feedback=assignment.feedback or None,
    )


def bonus_shape(bonus: Bonus) -> shapes.BonusPayment:
    """Show a bonus."""
    return shapes.BonusPayment(
        worker_id=bonus.worker_id,
        bonus_amount=dollars(bonus.amount),
        assignment_id=bonus.assignment_id,
        reason=bonus.reason,
        grant_time=moment(bonus.granted_at),
    )
