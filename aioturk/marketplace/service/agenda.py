"""
What happens by itself as time goes by: expiry, abandonment, approval, disposal, the end of tests.

Each thing happens at its own moment, in the order of these moments, however late the clock gets round to it. At one
moment the assignments of a HIT come before the HIT itself: a HIT that expires is Reviewable after its work is decided.
"""

from __future__ import annotations

from aioturk.marketplace.lifecycle import ABANDONED, ACCEPTED, REVIEWABLE, REVIEWING, SUBMITTED
from aioturk.marketplace.service.asking import lapse
from aioturk.marketplace.service.assignments import approve
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.hits import dispose, expire
from aioturk.marketplace.service.upkeep import free, keep
from aioturk.marketplace.store.books import ASSIGNMENT_DUE, REQUEST_DUE
from aioturk.marketplace.store.records import Due

__all__ = ["happen"]


def happen(context: Context, due: Due) -> None:
    """Let happen what is due."""
    context = context.at(due.at)
    if due.kind == ASSIGNMENT_DUE:
        _assignment(context, due.seq)
    elif due.kind == REQUEST_DUE:
        lapse(context, due.seq)
    else:
        _hit(context, due.seq)


def _assignment(context: Context, seq: int) -> None:
    assignment = context.store.assignments.to_change_by_seq(seq)
    if assignment.status == ACCEPTED:
        free(context, assignment, ABANDONED)
    elif assignment.status == SUBMITTED:
        if assignment.auto_approval_at is None or assignment.auto_approval_at > context.now:
            return  # submitted while we waited for its row: its deadline is no longer due, and its approval not yet
        approve(context, assignment, context.store.hits.to_change_by_seq(assignment.hit_seq), None)
    else:
        context.store.assignments.change(seq, due_at=None)


def _hit(context: Context, seq: int) -> None:
    hit = context.store.hits.to_change_by_seq(seq)._replace(due_at=None)
    delay = context.rules.disposal_after
    waits = hit.status in (REVIEWABLE, REVIEWING) and not hit.submitted
    if delay is not None and waits and context.now >= hit.changed_at + delay * 1000:
        dispose(context, hit)
    elif context.now == hit.expires_at:
        expire(context, hit)
    else:
        keep(context, hit.status, hit)  # the rules have changed since; it gets a new date
