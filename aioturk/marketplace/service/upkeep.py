"""
What follows whenever anything about a HIT has changed: its state, the money held for it, and what becomes of a HIT that
is Reviewable now.

Every act of a requester, a worker or the clock ends here, but for decisions about assignments, which end in `settling`.
"""

from __future__ import annotations

from aioturk.marketplace.lifecycle import ACCEPTED, REVIEWABLE, REVIEWING, counted
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.events import tell, tell_of_work
from aioturk.marketplace.service.reviews import review_hit
from aioturk.marketplace.service.settling import settle
from aioturk.marketplace.store.records import Assignment, Hit

__all__ = ["announce", "free", "keep"]


def keep(context: Context, before: str, hit: Hit, *, extended: bool = False) -> Hit:
    """
    Settle a changed HIT and save it; see to what follows.

    Args:
        context: Who changed it, and when.
        before: The state that it was in.
        hit: The HIT with its new counters, time and whatever else was changed.
        extended: Whether it got more time or assignments.

    Returns:
        The HIT as it is now.

    Raises:
        InsufficientFunds: The change needs more money than there is.
    """
    return announce(context, before, settle(context, hit, extended=extended))


def announce(context: Context, before: str, hit: Hit) -> Hit:
    """
    If a HIT has become Reviewable, tell of it, and let its review policy look at it; return it as it is then.

    A policy that extends the HIT looks again when the HIT becomes Reviewable the next time: until then somebody has to
    do something, or time to pass.
    """
    if hit.status == REVIEWABLE and before not in (REVIEWABLE, REVIEWING):
        tell(context, "HITReviewable", hit)
        hit = review_hit(context, hit)
    return hit


def free(context: Context, assignment: Assignment, status: str) -> Hit:
    """Take an assignment from its worker, returned or abandoned: the slot is free again, and perhaps the id, too."""
    hit = context.in_time(context.store.hits.to_change_by_seq(assignment.hit_seq))
    tell_of_work(context, f"Assignment{status}", hit, assignment.issued_id, assignment.worker_id)
    reusable = int(context.rules.reuse_assignment_ids)
    context.store.assignments.change(
        assignment.seq, id=None, holder=None, status=status, ended_at=context.now, due_at=None, reusable=reusable
    )
    freed = counted(hit, ACCEPTED, status)._replace(freed=hit.freed + reusable)
    return keep(context, hit.status, freed)
