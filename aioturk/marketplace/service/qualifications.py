"""
Who has a qualification: granting and revoking, and deciding about those who ask.

How workers ask is in `asking`; the types are in `qualification_types`.
"""

from __future__ import annotations

from aioturk import errors
from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import BEGUN, GRANTED, LAPSED, QUALIFICATION_MOVES, REQUEST_MOVES
from aioturk.marketplace.service import checks, pages
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.known_types import is_gone, mark_used, of_caller, unused_since
from aioturk.marketplace.service.people import named
from aioturk.marketplace.service.present import qualification_request_shape, qualification_shape
from aioturk.marketplace.store.records import Qualification, QualificationRequest, QualificationType

__all__ = ["QualificationOperations", "grant"]

_MESSAGE = "qualification"
"""The kind of messages to workers that are about qualifications."""


def grant(context: Context, kind: QualificationType, worker_seq: int, worker_id: str, value: int) -> None:
    """Grant a qualification, or grant it again: the value and the time are the new ones."""
    held = context.store.qualifications.to_change(kind.seq, worker_seq)
    values = {
        "status": QUALIFICATION_MOVES["grant"][held and held.status],
        "value": value,
        "granted_at": context.now,
        "reason": None,
    }
    if held is None:
        context.store.qualifications.add({"type_seq": kind.seq, "worker_seq": worker_seq, **values})
    else:
        context.store.qualifications.change(held.seq, **values)
    context.note("QualificationGranted", kind.id, worker=worker_id, value=value)


class QualificationOperations(Service[RequesterContext]):
    """The operations on qualifications and on requests for them."""

    def associate_qualification_with_worker(
        self, context: RequesterContext, request: shapes.AssociateQualificationWithWorkerRequest, /
    ) -> None:
        """Grant a qualification to a worker who need not have asked."""
        value = _value(context, request.integer_value)
        kind = of_caller(context, request.qualification_type_id)
        worker_seq = named(context, request.worker_id)
        mark_used(context, kind)
        grant(context, kind, worker_seq, request.worker_id, value)
        if request.send_notification is not False:
            _tell(context, kind, worker_seq, f"You have been granted the qualification, with the value {value}.")

    def disassociate_qualification_from_worker(
        self, context: RequesterContext, request: shapes.DisassociateQualificationFromWorkerRequest, /
    ) -> None:
        """Revoke a qualification."""
        kind = of_caller(context, request.qualification_type_id)
        worker_seq = context.store.workers.find(request.worker_id, context.environment)
        held = None if worker_seq is None else context.store.qualifications.to_change(kind.seq, worker_seq)
        if worker_seq is None or held is None:
            raise refusals.qualification_does_not_exist()
        status = QUALIFICATION_MOVES["revoke"].get(held.status)
        if status is None:
            raise refusals.qualification_state()
        context.store.qualifications.change(held.seq, status=status, reason=request.reason)
        context.note("QualificationRevoked", kind.id, worker=request.worker_id)
        _tell(context, kind, worker_seq, request.reason or "Your qualification has been revoked.")

    def get_qualification_score(
        self, context: RequesterContext, request: shapes.GetQualificationScoreRequest, /
    ) -> shapes.GetQualificationScoreResponse:
        """Read the value that a worker has of one of the caller's types."""
        try:
            kind = of_caller(context, request.qualification_type_id)
        except errors.QualificationTypeDoesNotExist:
            raise refusals.qualification_does_not_exist() from None
        worker_seq = context.store.workers.find(request.worker_id, context.environment)
        held = None if worker_seq is None else context.store.qualifications.find(kind.seq, worker_seq)
        if held is None:
            raise refusals.qualification_does_not_exist()
        if held.status != GRANTED:
            raise refusals.qualification_state()
        return shapes.GetQualificationScoreResponse(qualification=qualification_shape(kind.id, held))

    def list_workers_with_qualification_type(
        self, context: RequesterContext, request: shapes.ListWorkersWithQualificationTypeRequest, /
    ) -> shapes.ListWorkersWithQualificationTypeResponse:
        """List who has one of the caller's types, or had it, by the time of the grant."""
        kind = of_caller(context, request.qualification_type_id)
        status = str(request.status or GRANTED)  # the default is unverified
        walk = f"ListWorkersWithQualificationType {kind.id} {status}"
        at, after = pages.place(context, walk, request.next_token, (0, 0))
        size = pages.size(context, request.max_results)
        found: list[Qualification] = context.store.qualifications.of_type(kind.seq, status, (at, after), size)
        return shapes.ListWorkersWithQualificationTypeResponse(
            next_token=pages.token(context, walk, (found[-1].granted_at, found[-1].seq) if found else None),
            num_results=len(found),
            qualifications=tuple(qualification_shape(kind.id, held) for held in found),
        )

    def list_qualification_requests(
        self, context: RequesterContext, request: shapes.ListQualificationRequestsRequest, /
    ) -> shapes.ListQualificationRequestsResponse:
        """List the requests that wait for a decision, the earliest first."""
        walk = f"ListQualificationRequests {request.qualification_type_id}"
        at, after = pages.place(context, walk, request.next_token, (0, 0))
        size = pages.size(context, request.max_results)
        requests = context.store.qualification_requests
        if request.qualification_type_id is None:
            since = unused_since(context)
            found = requests.waiting_for_account(context.account.seq, (at, after), size, unused_since=since)
        else:
            kind = of_caller(context, request.qualification_type_id)
            found = requests.waiting_for_type(kind.seq, (at, after), size)
        last = (found[-1].submitted_at or 0, found[-1].seq) if found else None
        return shapes.ListQualificationRequestsResponse(
            num_results=len(found),
            next_token=pages.token(context, walk, last),
            qualification_requests=tuple(map(qualification_request_shape, found)),
        )

    def accept_qualification_request(
        self, context: RequesterContext, request: shapes.AcceptQualificationRequestRequest, /
    ) -> None:
        """Grant what a worker has asked for."""
        value = _value(context, request.integer_value)
        asked, kind = _decide(context, request.qualification_request_id, "accept", None)
        mark_used(context, kind)
        grant(context, kind, asked.worker_seq, asked.worker_id, value)
        _tell(context, kind, asked.worker_seq, f"Your request was accepted, with the value {value}.")

    def reject_qualification_request(
        self, context: RequesterContext, request: shapes.RejectQualificationRequestRequest, /
    ) -> None:
        """Refuse what a worker has asked for; whoever has it already keeps it."""
        asked, kind = _decide(context, request.qualification_request_id, "reject", request.reason)
        _tell(context, kind, asked.worker_seq, request.reason or "Your request was rejected.")


def _value(context: RequesterContext, value: int | None) -> int:
    if value is None:
        return context.rules.default_qualification_value
    return checks.number("IntegerValue", value, context.rules.qualification_value)


def _decide(
    context: RequesterContext, request_id: str, act: str, reason: str | None
) -> tuple[QualificationRequest, QualificationType]:
    """Close a request that waits for the caller's decision."""
    asked = context.store.qualification_requests.to_change(request_id)
    kind = None if asked is None else context.store.qualification_types.read(asked.type_seq)
    if asked is None or kind is None or kind.account_seq != context.account.seq or asked.status in (BEGUN, LAPSED):
        raise refusals.qualification_request_does_not_exist(request_id)
    status = REQUEST_MOVES[act].get(asked.status)
    # Those for a type that nobody uses any more are as good as rejected.
    if status is None or is_gone(context, kind):
        raise refusals.qualification_request_state()
    context.store.qualification_requests.change(
        asked.seq, status=status, asker=None, decided_at=context.now, reason=reason
    )
    context.note("QualificationRequestDecided", asked.id, act=act, worker=asked.worker_id)
    return asked, kind


def _tell(context: RequesterContext, kind: QualificationType, worker_seq: int, text: str) -> None:
    context.store.messages.add(context.now, context.account.seq, worker_seq, _MESSAGE, kind.name, text)
