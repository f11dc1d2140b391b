"""What the store holds, as the shapes of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from aioturk._core.wire import Keywords
from aioturk._generated import shapes
from aioturk.marketplace.lifecycle import left
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import requirements
from aioturk.marketplace.store.records import (
    Assignment,
    Bonus,
    Hit,
    Qualification,
    QualificationRequest,
    QualificationType,
    TypeDocuments,
)

__all__ = [
    "assignment_shape",
    "bonus_shape",
    "hit_shape",
    "milliseconds",
    "moment",
    "qualification_request_shape",
    "qualification_shape",
    "qualification_type_shape",
]

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


def qualification_type_shape(kind: QualificationType, documents: TypeDocuments) -> shapes.QualificationType:
    """Show a qualification type."""
    return shapes.QualificationType(
        qualification_type_id=kind.id,
        creation_time=moment(kind.created_at),
        name=kind.name,
        description=kind.description,
        keywords=_keywords(kind.keywords or ""),
        qualification_type_status=shapes.QualificationTypeStatus(kind.status),
        test=documents.test,
        test_duration=_duration(kind.test_duration),
        answer_key=documents.answer_key,
        retry_delay=_duration(kind.retry_delay),
        is_requestable=kind.account_seq is not None,
        auto_granted=bool(kind.auto_granted),
        auto_granted_value=kind.auto_granted_value,
    )


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def qualification_shape(type_id: str, held: Qualification) -> shapes.Qualification:
    """Show what a worker has, or had."""
    return shapes.Qualification(
        qualification_type_id=type_id,
        worker_id=held.worker_id,
        grant_time=moment(held.granted_at),
        integer_value=held.value,
        status=shapes.QualificationStatus(held.status),
    )


def qualification_request_shape(request: QualificationRequest) -> shapes.QualificationRequest:
    """Show a request that waits for a decision."""
    assert request.submitted_at is not None
    return shapes.QualificationRequest(
        qualification_request_id=request.id,
        qualification_type_id=request.type_id,
        worker_id=request.worker_id,
        test=request.test,
        answer=request.answer,
        submit_time=moment(request.submitted_at),
    )
