"""Assignments as requesters see them: reading, listing, approving, rejecting."""

from __future__ import annotations

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import ACCEPTED, APPROVED, ASSIGNMENT_MOVES, DISPOSED, REJECTED, SUBMITTED, counted
from aioturk.marketplace.service import checks, pages
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.events import tell_of_work
from aioturk.marketplace.service.funds import charge_for_assignment
from aioturk.marketplace.service.present import assignment_shape, hit_shape
from aioturk.marketplace.service.settling import settle
from aioturk.marketplace.store.records import Assignment, Hit

__all__ = ["AssignmentOperations", "approve", "reject"]


class AssignmentOperations(Service[RequesterContext]):
    """The operations on assignments."""

    def get_assignment(
        self, context: RequesterContext, request: shapes.GetAssignmentRequest, /
    ) -> shapes.GetAssignmentResponse:
        """Read a submitted assignment and its HIT."""
        assignment = context.store.assignments.read(request.assignment_id)
        hit = None if assignment is None else context.store.hits.read_by_seq(assignment.hit_seq)
        if assignment is None or hit is None or hit.account_seq != context.account.seq:
            raise refusals.assignment_does_not_exist(request.assignment_id)
        if assignment.status == ACCEPTED:
            raise refusals.assignment_state("Reviewable", APPROVED, REJECTED)
        return shapes.GetAssignmentResponse(assignment=assignment_shape(assignment, hit.id), hit=hit_shape(hit))

    def list_assignments_for_hit(
        self, context: RequesterContext, request: shapes.ListAssignmentsForHITRequest, /
    ) -> shapes.ListAssignmentsForHITResponse:
        """List the submitted assignments of a HIT, the earliest first."""
        hit = context.store.hits.read(context.account.seq, request.hit_id)
        if hit is None:
            raise refusals.hit_does_not_exist(request.hit_id)
        statuses = sorted({str(status) for status in request.assignment_statuses})
        walk = f"ListAssignmentsForHIT {hit.id} {' '.join(statuses)}"
        (after,) = pages.place(context, walk, request.next_token, (0,))
        found = context.store.assignments.submitted(hit.seq, statuses, after, pages.size(context, request.max_results))
        last = (found[-1].submission or 0,) if found else None
        return shapes.ListAssignmentsForHITResponse(
            next_token=pages.token(context, walk, last),
            num_results=len(found),
            assignments=tuple(assignment_shape(assignment, hit.id) for assignment in found),
        )

    def approve_assignment(self, context: RequesterContext, request: shapes.ApproveAssignmentRequest, /) -> None:
        """Approve work, and pay for it."""
        feedback = checks.feedback(request.requester_feedback, context.rules)
        assignment, hit = _to_decide(context, request.assignment_id)
        act = "approve after all" if request.override_rejection else "approve"
        _require_move(assignment, act)
        if assignment.status == REJECTED and not _may_still_be_approved(context, assignment, hit):
            raise refusals.assignment_state(SUBMITTED)
        approve(context, assignment, hit, feedback)

    def reject_assignment(self, context: RequesterContext, request: shapes.RejectAssignmentRequest, /) -> None:
        """Reject work: it is not paid, and its slot does not come back."""
        feedback = checks.feedback(request.requester_feedback, context.rules)
        if not feedback and not context.rules.empty_rejections:
            raise refusals.too_short("RequesterFeedback", 1)
        assignment, hit = _to_decide(context, request.assignment_id)
        _require_move(assignment, "reject")
        reject(context, assignment, hit, feedback)

    def get_file_upload_url(
        self, context: RequesterContext, request: shapes.GetFileUploadURLRequest, /
    ) -> shapes.GetFileUploadURLResponse:
        """Refuse: since December 2017 there are no questions that are answered with files."""
        assignment = context.store.assignments.read(request.assignment_id)
        if assignment is None or context.store.hits.read_by_seq(assignment.hit_seq).account_seq != context.account.seq:
            raise refusals.assignment_does_not_exist(request.assignment_id)
        raise refusals.invalid("QuestionIdentifier", request.question_identifier)


def approve(context: Context, assignment: Assignment, hit: Hit, feedback: str | None) -> Hit:
    """Approve an assignment that may be approved: by its requester, by a review policy, or by time; return its HIT."""
    changes: dict[str, object] = {"status": APPROVED, "approved_at": context.now, "due_at": None}
    if feedback is not None:
        changes["feedback"] = feedback
    context.store.assignments.change(assignment.seq, **changes)
    held = assignment.status == SUBMITTED
    paid = charge_for_assignment(context, hit, assignment.seq, assignment.worker_seq, held=held)
    tell_of_work(context, "AssignmentApproved", hit, assignment.issued_id, assignment.worker_id)
    return settle(context, counted(paid, assignment.status, APPROVED)._replace(changed_at=context.now))


def reject(context: Context, assignment: Assignment, hit: Hit, feedback: str | None) -> Hit:
    """Reject an assignment that may be rejected; return its HIT."""
    context.store.assignments.change(
        assignment.seq, status=REJECTED, rejected_at=context.now, feedback=feedback, due_at=None
    )
    tell_of_work(context, "AssignmentRejected", hit, assignment.issued_id, assignment.worker_id)
    return settle(context, counted(hit, assignment.status, REJECTED)._replace(changed_at=context.now))


def _to_decide(context: RequesterContext, assignment_id: str) -> tuple[Assignment, Hit]:
    assignment = context.store.assignments.to_change(assignment_id)
    hit = None if assignment is None else context.store.hits.to_change_by_seq(assignment.hit_seq)
    if assignment is None or hit is None or hit.account_seq != context.account.seq:
        raise refusals.assignment_does_not_exist(assignment_id)
    return assignment, context.in_time(hit)


def _require_move(assignment: Assignment, act: str) -> None:
    if assignment.status not in ASSIGNMENT_MOVES[act]:
        raise refusals.assignment_state("null" if assignment.status == ACCEPTED else SUBMITTED)


def _may_still_be_approved(context: RequesterContext, assignment: Assignment, hit: Hit) -> bool:
    assert assignment.submitted_at is not None
    recent = context.now - assignment.submitted_at <= context.rules.override_window * 1000
    return recent and hit.status != DISPOSED
