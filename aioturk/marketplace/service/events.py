"""
Telling of events: a line in the audit log, and a message for whoever wants to know.

The events are those of the API, https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_NotificationSpecificationDataStructureArticle.html
How messages look and where they go is in :mod:`aioturk.marketplace.service.notifications`.
"""

from __future__ import annotations

from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.notifications import notify
from aioturk.marketplace.store.records import Hit

__all__ = ["tell", "tell_of_work"]


def tell(context: Context, event: str, hit: Hit, **detail: str | int) -> None:
    """
    Tell of an event about a HIT.

    Args:
        context: Who caused it, and when.
        event: Its name in the API.
        hit: The HIT.
        **detail: What else is to be in the audit log.
    """
    context.note(event, hit.id, **detail)
    if hit.type.notifies or context.subscribers:
        notify(context, event, hit, {})


def tell_of_work(context: Context, event: str, hit: Hit, assignment_id: str, worker_id: str) -> None:
    """
    Tell of an event about an assignment.

    Args:
        context: Who caused it, and when.
        event: Its name in the API.
        hit: The HIT that the assignment is of.
        assignment_id: The assignment.
        worker_id: Who has it, or had it.
    """
    context.note(event, assignment_id, hit=hit.id, worker=worker_id)
    if hit.type.notifies or context.subscribers:
        notify(context, event, hit, {"AssignmentId": assignment_id, "WorkerId": worker_id})
