"""
Telling of events: a line in the audit log, and a message for whoever wants to know.

The events are those of the API, https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_NotificationSpecificationDataStructureArticle.html
How messages look and where they go is in :mod:`aioturk.marketplace.service.notifications`.
"""

from __future__ import annotations

from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.notifications import notify
from aioturk.marketplace.store.records import Hit

__all__ = ["tell"]


def tell(context: Context, event: str, hit: Hit, assignment_id: str | None = None, **detail: str | int) -> None:
    """
    Tell of an event.

    Args:
        context: Who caused it, and when.
        event: Its name in the API.
        hit: The HIT that it is about.
        assignment_id: The assignment, if it is about one.
        **detail: What else is to be in the audit log.
    """
    if assignment_id is None:
        context.note(event, hit.id, **detail)
    else:
        context.note(event, assignment_id, hit=hit.id, **detail)
    if hit.type.notifies:
        notify(context, event, hit, assignment_id)
