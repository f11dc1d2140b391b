"""
Notifications: where a requester wants to be told of events, and the messages themselves.

The settings belong to the HIT type and travel with every HIT that is read, so that an event which nobody wants to know
of costs nothing. Beside them there are `subscribers`, to whom the owner of the house has events posted. Messages are
written here, in the transaction of what they tell of; they are sent afterwards, by :mod:`aioturk.marketplace.delivery`.

A message says more than its manual does: the group of the HIT, the worker of an assignment, and the requester's AWS
account were in the messages that live programs wrote into their logs.

The form of a message: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMechanicalTurkRequester/Concepts_NotificationsArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import uuid4

from aioturk._core.codec import encode, reader, to_wire
from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import refusals
from aioturk.marketplace.identifiers import account_number
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import retention
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.service.subscribers import PING, Subscriber
from aioturk.marketplace.store.records import Account, Hit

__all__ = ["WEBHOOK", "NotificationOperations", "is_topic", "notify"]

WEBHOOK = "Webhook"
"""The transport of messages to subscribers. The API does not know it: no specification can name a URL of its own."""

_VERSIONS = ("2014-08-15", "2006-05-05")
"""The newer one is in the manual; the older one in the API's model."""

_SAMPLE_HIT_TYPE = "3HITTYPE0000000000000000000000"
_SAMPLE_HIT_GROUP = "3HITGROUP000000000000000000000"
_SAMPLE_HIT = "3HIT00000000000000000000000000"
_SAMPLE_ASSIGNMENT = "3ASSIGNMENT0000000000000000000"
_SAMPLE_WORKER = "AWORKER0000000"
"""What test messages are about (unverified): nothing that exists."""


class NotificationOperations(Service[RequesterContext]):
    """UpdateNotificationSettings and SendTestEventNotification."""

    def update_notification_settings(
        self, context: RequesterContext, request: shapes.UpdateNotificationSettingsRequest, /
    ) -> None:
        """Say where the events of a HIT type are sent, and whether they are."""
        kind = context.store.hit_types.read(context.account.seq, request.hit_type_id)
        if kind is None or retention.is_gone(context, kind):
            raise refusals.hit_type_does_not_exist(request.hit_type_id)
        active = request.active is not False  # a new specification is active unless it says otherwise (unverified)
        if request.notification is not None:
            _check(request.notification, context.rules)
            _check_events(request.notification)
            text = encode(to_wire(request.notification)).decode()
            context.store.hit_types.change(kind.seq, notification=text, notifies=int(active))
        elif request.active is None:
            raise refusals.missing("Notification", ["Notification", "Active"])
        elif kind.notification is None:
            # Code and text are unverified.
            raise refusals.missing("Notification", ["Notification"])
        else:
            context.store.hit_types.change(kind.seq, notifies=int(active))
        context.note("NotificationSettingsUpdated", kind.id, active=int(active))

    def send_test_event_notification(
        self, context: RequesterContext, request: shapes.SendTestEventNotificationRequest, /
    ) -> None:
        """Send one message about an event that has not happened, whatever the specification lists."""
        _check(request.notification, context.rules)
        event = str(request.test_event_type)
        about = {"HITTypeId": _SAMPLE_HIT_TYPE, "HITGroupId": _SAMPLE_HIT_GROUP, "HITId": _SAMPLE_HIT}
        if event.startswith("Assignment"):
            about |= {"AssignmentId": _SAMPLE_ASSIGNMENT, "WorkerId": _SAMPLE_WORKER}
        # To where the specification says, and nowhere else: nothing has happened that others would want to know of.
        topic = _topic_of(request.notification)
        subscribers = [one for one in context.subscribers if one.topic is not None and _hears(one, event, topic)]
        _post(context, request.notification, context.account, event, about, subscribers)
        context.note("TestEventNotificationSent", None, event=event)


def notify(context: Context, event: str, hit: Hit, work: Mapping[str, str]) -> None:
    """
    Post a message about an event, if the requester wants to know of it.

    Args:
        context: When it happens.
        event: Its name in the API.
        hit: The HIT that it is about.
        work: Assignment and worker, in the message's words, if it is about them.
    """
    specification = _read(hit.type.notification or "") if hit.type.notifies else None
    if specification is not None and event not in specification.event_types:
        specification = None
    topic = _topic_of(specification)
    subscribers = [one for one in context.subscribers if _hears(one, event, topic)]
    if specification is None and not subscribers:
        return
    account = context.store.requesters.account_by_seq(hit.account_seq)
    about = {"HITTypeId": hit.type.id, "HITGroupId": hit.type.group_id, "HITId": hit.id, **work}
    _post(context, specification, account, event, about, subscribers)


_reader: Callable[[bytes], shapes.NotificationSpecification] = reader(shapes.NotificationSpecification)


@lru_cache(maxsize=256)
def _read(text: str) -> shapes.NotificationSpecification:
    return _reader(text.encode())


def _topic_of(specification: shapes.NotificationSpecification | None) -> str | None:
    return specification.destination if specification is not None and specification.transport == "SNS" else None


def _hears(subscriber: Subscriber, event: str, topic: str | None) -> bool:
    """Say whether a subscriber wants to know of an event, of which the topic is told, if there is one."""
    return subscriber.wants(event) and (subscriber.topic is None or subscriber.topic == topic)


def _post(
    context: Context,
    specification: shapes.NotificationSpecification | None,
    account: Account,
    event: str,
    about: Mapping[str, str],
    subscribers: Sequence[Subscriber],
) -> None:
    """Write one message, the same for all who are told: whoever gets it twice knows it by its EventDocId."""
    document = {
        "EventDocVersion": _VERSIONS[0] if specification is None else specification.version,
        "EventDocId": uuid4().hex,
        "CustomerId": account.requester_id,
        "SourceAccount": account_number(account.requester_seq),
        "Events": [{"EventType": event, "EventTimestamp": f"{moment(context.now):%Y-%m-%dT%H:%M:%SZ}", **about}],
    }
    body = encode(document).decode()
    if specification is not None:
        transport = str(specification.transport)
        _add(context, account, event, transport, specification.destination, body, transport in context.delivers)
    for subscriber in subscribers:
        if subscriber.requester is None or _is(context, account, subscriber.requester):
            _add(context, account, event, WEBHOOK, subscriber.url, body, waits=True)


def _is(context: Context, account: Account, requester: str) -> bool:
    return context.store.requesters.named(requester) == account.requester_seq


def _add(
    context: Context, account: Account, event: str, transport: str, destination: str, body: str, waits: bool
) -> None:
    context.store.notifications.add(
        {
            "at": context.now,
            "account_seq": account.seq,
            "event": event,
            "transport": transport,
            "destination": destination,
            "body": body,
            "state": "waiting" if waits else "logged",
            "attempts": 0,
            # Real time, not the market's: the other side lives in it. The first attempt is due at once.
            "next_at": 0 if waits else None,
            "trouble": None,
        }
    )


# What a specification may say.


def _check(specification: shapes.NotificationSpecification, rules: Rules) -> None:
    if specification.version not in _VERSIONS:
        raise refusals.invalid("Version", specification.version)
    destination, transport = specification.destination, str(specification.transport)
    long = not rules.notification_destination.holds(len(destination))
    if long or not _DESTINATIONS[transport](destination):
        raise refusals.invalid_transport_endpoint(transport, destination)


def _check_events(specification: shapes.NotificationSpecification) -> None:
    if not specification.event_types:
        # Unverified. Nobody means it: whoever wants silence says Active false.
        raise refusals.missing("EventTypes", ["EventTypes"])
    if PING in specification.event_types:
        raise refusals.invalid("EventTypes", PING)


# The names of topics that keep the order have a dot in them, so they are none here (unverified).
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_PRINTABLE = re.compile(r"[!-~]+")


def _is_fifo(name: str) -> bool:
    """Say whether a queue keeps its messages in order: the service does not send to such (unverified)."""
    return name.endswith(".fifo")


def _is_queue(destination: str) -> bool:
    if not _PRINTABLE.fullmatch(destination):
        return False
    try:
        parts = urlsplit(destination)
        queue = parts.path.strip("/")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and bool(queue) and not _is_fifo(queue)
    except ValueError:
        return False


def is_topic(destination: str) -> bool:
    """Say whether something is the name of a topic."""
    return _TOPIC.fullmatch(destination) is not None


def _is_address(destination: str) -> bool:
    return destination.isprintable() and _ADDRESS.fullmatch(destination) is not None


_DESTINATIONS: Mapping[str, Callable[[str], bool]] = {"SQS": _is_queue, "SNS": is_topic, "Email": _is_address}
"""Whether messages can be sent to a place, by its form alone: nobody is called before there is something to tell."""
