"""
Messages about events: what happened to HITs and assignments, told by the service instead of asked for.

::

    from aioturk import notifications

    await mturk.notify_on(hit_type_id, queue=queue_url, events=["AssignmentSubmitted"])
    async for event in notifications.listen(queue_url):
        print(event.type, event.hit_id, event.assignment_id)

Three ways lead here: a queue (`listen`), a topic and a webhook (`handler`, or `verify_sns`, `verify_webhook` and
`parse` in a web framework of yours; a `Feed` makes a loop of what is posted). `queue_policy` and `topic_policy` let the
service in. An :class:`Event` may come more than once, and in any order.
"""

from __future__ import annotations

from aioturk.notifications.certificates import Certificates
from aioturk.notifications.confirming import confirm_subscription
from aioturk.notifications.envelopes import SubscriptionConfirmation, read_confirmation
from aioturk.notifications.events import Event
from aioturk.notifications.feed import Feed
from aioturk.notifications.listening import Listener, listen
from aioturk.notifications.policies import queue_policy, topic_policy
from aioturk.notifications.reading import parse
from aioturk.notifications.receiving import handler
from aioturk.notifications.signatures import verify_sns
from aioturk.notifications.webhooks import verify_webhook

__all__ = [
    "Certificates",
    "Event",
    "Feed",
    "Listener",
    "SubscriptionConfirmation",
    "confirm_subscription",
    "handler",
    "listen",
    "parse",
    "queue_policy",
    "read_confirmation",
    "topic_policy",
    "verify_sns",
    "verify_webhook",
]
