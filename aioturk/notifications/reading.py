"""
Messages → events.

A message is one JSON object that lists events, as a queue or a webhook delivers it, or an envelope of Amazon's topic
service (SNS) with that object, as text, in its ``Message``. Whether a message is to be believed is asked elsewhere:
:mod:`aioturk.notifications.signatures` and :mod:`aioturk.notifications.webhooks`. What arrives through a queue of yours
is as good as the queue's policy.

Nothing here believes the message: what does not fit is one error, `InvalidNotification`, whatever it is.

The form: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMechanicalTurkRequester/Concepts_NotificationsArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from aioturk._core import codec
from aioturk._core.wire import moment_of
from aioturk.errors import InvalidNotification, SubscriptionOffered
from aioturk.models import EventType
from aioturk.notifications.events import Event

__all__ = ["LIMIT", "opened", "parse", "text_in"]

LIMIT: Final = 256 * 1024
"""The bytes of the longest message that is read: what the queue and the topic service allow."""

_DEEPEST: Final = 32
_MOST_EVENTS: Final = 1000
_MOST_UNKNOWN: Final = 100
_LONGEST_TEXT: Final = 1024
_SHOWN: Final = 60

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII | re.DOTALL)

_OF_THE_DOCUMENT: Final = frozenset({"EventDocVersion", "EventDocId", "CustomerId", "Events"})
_OF_AN_EVENT: Final = frozenset(
    {"EventType", "EventTimestamp", "EventTime", "HITTypeId", "HITGroupId", "HITId", "AssignmentId", "WorkerId"}
)


def parse(body: str | bytes | Mapping[str, Any]) -> tuple[Event, ...]:
    """
    Read a message about events.

    Args:
        body: What arrived: the body of a message in a queue, what was posted by a topic or as a webhook, or the
            document itself, decoded already.

    Returns:
        Its events, in order; most messages have one.

    Raises:
        SubscriptionOffered: It is a topic's question whether it may send here.
        InvalidNotification: It is something else, or broken.
    """
    document = opened(body)
    if "Type" in document:
        # What a signature vouches for is the text inside. Who adds a list of events beside it has something in mind.
        if "Events" in document:
            raise InvalidNotification("is an envelope and a document at once: it has both Type and Events.")
        document = opened(_inside(document), "holds a Message that")
        if "Type" in document:
            raise InvalidNotification("is an envelope in an envelope.")
    return tuple(_events(document))


def opened(body: object, subject: str = "") -> Mapping[str, Any]:
    """
    Read a message's bytes as a JSON object, within bounds.

    Args:
        body: The bytes or the text, or the object itself.
        subject: What is read, for errors, when it is a part of the notification.

    Raises:
        InvalidNotification: It is no such object.
    """
    document = body if isinstance(body, Mapping) else _decoded(body, subject)
    if not isinstance(document, Mapping):
        raise _wrong(subject, f"is JSON, but {_kind(document)} and not an object.")
    _check_depth(document, subject)
    return document


def text_in(document: Mapping[str, Any], name: str, *, longest: int = _LONGEST_TEXT) -> str | None:
    """
    Return a member that is one line of text; None when it is not there, null or empty.

    Raises:
        InvalidNotification: It is something else.
    """
    value = document.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InvalidNotification(f"has {_kind(value)} for its {name}, where a string belongs.")
    if len(value) > longest:
        raise InvalidNotification(f"has {len(value)} characters in its {name}; {longest} are the most.")
    if not value.isprintable():
        raise InvalidNotification(f"has characters in its {name} that cannot be printed.")
    return value


def _decoded(body: object, subject: str) -> object:
    if not isinstance(body, str | bytes):
        raise _wrong(subject, f"is {_kind(body)}; the text, the bytes or the object of a message can be read.")
    if len(body) > LIMIT:
        raise _wrong(subject, f"has {len(body)} characters; {LIMIT} bytes are the most that is read.")
    try:
        data = body.encode() if isinstance(body, str) else body
        if len(data) > LIMIT:
            raise _wrong(subject, f"has {len(data)} bytes; {LIMIT} are the most that is read.")
        return codec.decode(data)
    except (UnicodeEncodeError, codec.Malformed) as problem:
        # Not chained: it may repeat what was in the message.
        reason = "it has half a character" if isinstance(problem, UnicodeEncodeError) else _shown(str(problem))
    raise _wrong(subject, f"is not JSON: {reason}.")


def _check_depth(document: object, subject: str) -> None:
    # Without recursion, which is what deep nesting is meant to break.
    level = [document]
    for _ in range(_DEEPEST):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return
    raise _wrong(subject, f"is nested deeper than {_DEEPEST} levels.")


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from (part for part in value.values() if isinstance(part, Mapping | list | tuple))
    elif isinstance(value, list | tuple):
        yield from (part for part in value if isinstance(part, Mapping | list | tuple))


def _inside(envelope: Mapping[str, Any]) -> str:
    """Return what a topic's envelope holds."""
    kind = text_in(envelope, "Type")
    if kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        raise SubscriptionOffered(
            f"is no event but a topic's {kind}, and was not answered. If you know the topic, read it with "
            "notifications.read_confirmation and answer it with notifications.confirm_subscription.",
            topic_arn=text_in(envelope, "TopicArn"),
        )
    if kind != "Notification":
        raise InvalidNotification(f"is an envelope of an unknown type, {_shown(kind or '')!r}.")
    message = envelope.get("Message")
    if not isinstance(message, str):
        raise InvalidNotification(f"has {_kind(message)} for its Message, where a string belongs.")
    return message


def _events(document: Mapping[str, Any]) -> Iterator[Event]:
    document_id = text_in(document, "EventDocId", longest=256)
    if document_id is None:
        raise InvalidNotification("has no EventDocId, by which repeats are told: it is not a document of events.")
    customer_id = text_in(document, "CustomerId")
    events = document.get("Events")
    if not isinstance(events, list | tuple):
        raise InvalidNotification(f"has {_kind(events)} for its Events, where a list belongs.")
    if len(events) > _MOST_EVENTS:
        raise InvalidNotification(f"has {len(events)} events; {_MOST_EVENTS} are the most that is read.")
    more = _unknown(document, _OF_THE_DOCUMENT)
    for number, event in enumerate(events):
        if not isinstance(event, Mapping):
            raise InvalidNotification(f"has {_kind(event)} for event {number}, where an object belongs.")
        yield _event(event, document_id, customer_id, more)


def _event(event: Mapping[str, Any], document_id: str, customer_id: str | None, more: Mapping[str, Any]) -> Event:
    kind = text_in(event, "EventType")
    if kind is None:
        raise InvalidNotification("has an event without an EventType.")
    return Event(
        type=EventType(kind),
        time=_time(event),
        hit_id=text_in(event, "HITId"),
        hit_type_id=text_in(event, "HITTypeId"),
        hit_group_id=text_in(event, "HITGroupId"),
        assignment_id=text_in(event, "AssignmentId"),
        worker_id=text_in(event, "WorkerId"),
        document_id=document_id,
        customer_id=customer_id,
        more={**more, **_unknown(event, _OF_AN_EVENT)},
    )


def _time(event: Mapping[str, Any]) -> datetime:
    # The newer name counts where both are there; the older one is in a page of the manual.
    text = text_in(event, "EventTimestamp") or text_in(event, "EventTime")
    if text is None:
        raise InvalidNotification("has an event without an EventTimestamp.")
    try:
        if _TIME.fullmatch(text):
            return moment_of(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # said below
    raise InvalidNotification("has an event whose EventTimestamp is not a time such as 2026-01-31T23:59:59Z.")


def _unknown(document: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    found = {name: value for name, value in document.items() if name not in known}
    if len(found) > _MOST_UNKNOWN:
        raise InvalidNotification(f"has {len(found)} members that are not known; {_MOST_UNKNOWN} are the most.")
    if not all(isinstance(name, str) for name in found):
        raise InvalidNotification("has a member whose name is not a string.")
    return found


def _wrong(subject: str, fault: str) -> InvalidNotification:
    return InvalidNotification(f"{subject} {fault}".lstrip())


def _shown(text: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _kind(value: object) -> str:
    """Name a type in JSON's words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, Mapping):
        return "an object"
    known = {str: "a string", int: "a number", float: "a number", list: "a list", tuple: "a list", bytes: "bytes"}
    return known.get(type(value), f"a {type(value).__name__}")
