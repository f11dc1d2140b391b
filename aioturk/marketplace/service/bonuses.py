"""Bonuses: paying and listing them."""

from __future__ import annotations

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import ACCEPTED
from aioturk.marketplace.money import bonus_fee, dollars
from aioturk.marketplace.service import checks, pages, tokens
from aioturk.marketplace.service.context import RequesterContext
from aioturk.marketplace.service.funds import pay_bonus
from aioturk.marketplace.service.present import bonus_shape
from aioturk.marketplace.store.records import Assignment, Hit

__all__ = ["BonusOperations"]


class BonusOperations(Service[RequesterContext]):
    """SendBonus and ListBonusPayments."""

    def send_bonus(self, context: RequesterContext, request: shapes.SendBonusRequest, /) -> None:
        """Pay a bonus to the worker of an assignment, whatever was decided about it."""
        tokens.refuse_repeat(context, tokens.BONUS, request.unique_request_token)
        amount = checks.amount("BonusAmount", request.bonus_amount, context.rules.bonus)
        if not request.reason:
            raise refusals.too_short("Reason", 1)
        assignment, hit = _submitted(context, request.assignment_id)
        if assignment.worker_id != request.worker_id:
            raise refusals.invalid("WorkerId", request.worker_id)
        fee = bonus_fee(amount, context.rules)
        pay_bonus(context, hit, assignment.seq, assignment.worker_seq, amount, fee)
        context.store.bonuses.add(
            {
                "hit_seq": hit.seq,
                "assignment_seq": assignment.seq,
                "worker_seq": assignment.worker_seq,
                "amount": amount,
                "fee": fee,
                "reason": request.reason,
                "granted_at": context.now,
            }
        )
        subject = f"A bonus of ${dollars(amount):.2f} for: {hit.type.title}"
        context.store.messages.add(
            context.now, context.account.seq, assignment.worker_seq, "bonus", subject, request.reason
        )
        tokens.remember(context, tokens.BONUS, request.unique_request_token)
        context.note("BonusPaid", assignment.issued_id, worker=assignment.worker_id, cents=amount)

    def list_bonus_payments(
        self, context: RequesterContext, request: shapes.ListBonusPaymentsRequest, /
    ) -> shapes.ListBonusPaymentsResponse:
        """List bonuses of a HIT or of an assignment, the earliest first; the assignment wins when both are given."""
        walk = f"ListBonusPayments {request.assignment_id or request.hit_id}"
        size = pages.size(context, request.max_results)
        bonuses = context.store.bonuses
        if request.assignment_id is not None:
            assignment, _ = _submitted(context, request.assignment_id)
            (after,) = pages.place(context, walk, request.next_token, (0,))
            found = bonuses.of_assignment(assignment.seq, after, size)
        elif request.hit_id is not None:
            hit = context.store.hits.read(context.account.seq, request.hit_id)
            if hit is None:
                raise refusals.hit_does_not_exist(request.hit_id)
            (after,) = pages.place(context, walk, request.next_token, (0,))
            found = bonuses.of_hit(hit.seq, after, size)
        else:
            raise refusals.missing("HITId", ["HITId", "AssignmentId"])
        return shapes.ListBonusPaymentsResponse(
            num_results=len(found),
            next_token=pages.token(context, walk, (found[-1].seq,) if found else None),
            bonus_payments=tuple(map(bonus_shape, found)),
        )


def _submitted(context: RequesterContext, assignment_id: str) -> tuple[Assignment, Hit]:
    assignment = context.store.assignments.read(assignment_id)
    hit = None if assignment is None else context.store.hits.read_by_seq(assignment.hit_seq)
    if assignment is None or hit is None or hit.account_seq != context.account.seq or assignment.status == ACCEPTED:
        raise refusals.assignment_does_not_exist(assignment_id)
    return assignment, hit
