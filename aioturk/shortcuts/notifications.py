"""
Notifications: to whom the service tells the events of a HIT type.

What it tells is received in :mod:`aioturk.notifications`, which also has the policies that queues and topics need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from aioturk.errors import InvalidRequest
from aioturk.models import EventType, NotificationSpecification, NotificationTransport
from aioturk.shortcuts._steps import Steps

__all__ = ["NotificationShortcuts"]

_VERSION: Final = "2014-08-15"
_EVENTS: Final = tuple(event for event in EventType if event is not EventType.PING)
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII)


class NotificationShortcuts(Steps):
    """Where messages about events go."""

    __slots__ = ()

    async def notify_on(
        self,
        hit_type_id: str,
        *,
        queue: str | None = None,
        topic: str | None = None,
        events: Iterable[EventType | str] | None = None,
        active: bool | None = None,
    ) -> None:
        """
        Have the events of a HIT type sent to a queue or a topic.

        A HIT type has one destination: another one takes its place. Do it before the type's first HIT to hear of
        ``HITCreated``; `hit_type` and `create_hit_type` return the id. Nothing is sent to the destination now:
        `send_test_event_notification` does that, and :func:`aioturk.notifications.queue_policy` and
        :func:`~aioturk.notifications.topic_policy` make the policies without which Amazon's service cannot write there.

        ``active=False`` alone makes the type silent, and ``active=True`` alone takes up again what was said before.

        Money: it costs nothing.

        Args:
            hit_type_id: The HIT type whose events are told.
            queue: The URL of a queue (SQS) to send to.
            topic: The ARN of a topic (SNS) to send to, instead of a queue.
            events: Which events; all of them unless given.
            active: Whether to send; with a destination, True unless given.

        Raises:
            InvalidRequest: The destination, or an event, cannot be. Nothing was sent.
            HITTypeDoesNotExist: The HIT type is unknown in this environment.
            InvalidTransportEndpoint: The service cannot send to the destination.
        """
        if queue is None and topic is None:
            if active is None:
                raise InvalidRequest("give queue or topic; or active, to switch off or on what was said before.")
            if events is not None:
                raise InvalidRequest("needs the destination, too: queue or topic.", argument="events")
            await self.update_notification_settings(hit_type_id, active=active)
            return
        await self.update_notification_settings(
            hit_type_id,
            notification=_specification(queue, topic, _chosen(events)),
            active=active is not False,
        )


def _specification(queue: str | None, topic: str | None, events: tuple[EventType, ...]) -> NotificationSpecification:
    if queue is not None and topic is not None:
        raise InvalidRequest("both queue and topic are given; a HIT type has one destination.")
    if queue is not None:
        _check_queue(queue)
    else:
        _check_topic(topic)
    destination = queue if queue is not None else topic
    assert destination is not None
    return NotificationSpecification(
        destination=destination,
        transport=NotificationTransport.SQS if queue is not None else NotificationTransport.SNS,
        version=_VERSION,
        event_types=events,
    )


def _chosen(events: Iterable[EventType | str] | None) -> tuple[EventType, ...]:
    if events is None:
        return _EVENTS
    if isinstance(events, str):
        raise InvalidRequest("is a single string; give a list of events.", argument="events")
    try:
        chosen = tuple(dict.fromkeys(EventType(event) for event in events))
    except (TypeError, ValueError):
        raise InvalidRequest("holds something that is no event.", argument="events") from None
    if not chosen:
        raise InvalidRequest("is empty; give the events, or active=False for none.", argument="events")
    for event in chosen:
        if event is EventType.PING:
            raise InvalidRequest("holds Ping, which only send_test_event_notification can send.", argument="events")
        if event not in _EVENTS:
            raise InvalidRequest(f"holds {str(event)!r}; there are {', '.join(_EVENTS)}.", argument="events")
    return chosen


def _check_queue(queue: object) -> None:
    name = ""
    if isinstance(queue, str) and queue.isascii() and queue.isprintable() and " " not in queue:
        try:
            parts = urlsplit(queue)
            name = parts.path.strip("/") if parts.scheme in ("http", "https") and parts.hostname else ""
        except ValueError:
            pass  # said below
    if not name:
        raise InvalidRequest(
            "is not the URL of a queue, such as https://sqs.us-east-1.amazonaws.com/123456789012/events.",
            argument="queue",
        )
    _refuse_fifo(name, "queue")


def _check_topic(topic: object) -> None:
    if not isinstance(topic, str) or not _TOPIC.fullmatch(topic):
        raise InvalidRequest(
            "is not the ARN of a topic, such as arn:aws:sns:us-east-1:123456789012:events.", argument="topic"
        )
    _refuse_fifo(topic, "topic")


def _refuse_fifo(name: str, argument: str) -> None:
    if name.endswith(".fifo"):
        raise InvalidRequest("is one that keeps the order (.fifo): the service does not send there.", argument=argument)
