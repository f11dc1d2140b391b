"""
Envelopes of Amazon's topic service (SNS): what they say beside the message, and what their signatures cover.

Checking a signature is the work of :mod:`aioturk.notifications.signatures`; the message inside is read by
:mod:`aioturk.notifications.reading`.

The form: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from aioturk._core.wire import moment_of
from aioturk.errors import InvalidNotification
from aioturk.notifications.reading import opened, text_in

__all__ = ["CONFIRMATIONS", "Envelope", "SubscriptionConfirmation", "host_of", "read_confirmation", "read_envelope"]

_NOTIFICATION: Final = "Notification"
CONFIRMATIONS: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
"""The types of a topic's questions and farewells."""
_LONGEST_TOKEN: Final = 4096

_TOPIC: Final = re.compile(
    r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2,3}(?:-[a-z]+)+-[0-9]{1,2}):[0-9]{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII
)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionConfirmation:
    """
    A topic's question whether it may send its messages to an address, or its farewell.

    Whoever knows the token can answer, so it does not show itself.

    Attributes:
        topic_arn: The topic.
        token: What has to be repeated in the answer.
        subscribe_url: The address that answers when somebody calls it; aioturk never does.
        farewell: Whether the topic says that it stopped; answering would subscribe again.
    """

    topic_arn: str
    token: str = field(repr=False)
    subscribe_url: str = field(repr=False)
    farewell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """
    What an envelope says, all that its signature covers.

    Attributes:
        kind: Its ``Type``.
        message: The text inside.
        message_id: The topic service's own id of it.
        topic_arn: The topic.
        timestamp: When it was published, as written.
        subject: The subject, if it has one.
        token: For confirmations.
        subscribe_url: For confirmations.
    """

    kind: str
    message: str
    message_id: str
    topic_arn: str
    timestamp: str
    subject: str | None = None
    token: str | None = None
    subscribe_url: str | None = None

    @property
    def time(self) -> datetime:
        """
        When it was published.

        Raises:
            InvalidNotification: The text is no time in UTC.
        """
        try:
            if _TIME.fullmatch(self.timestamp):
                return moment_of(self.timestamp)
        except ValueError:
            pass  # said below
        raise InvalidNotification("is an envelope whose Timestamp is not a time such as 2026-01-31T23:59:59.000Z.")

    @property
    def signed(self) -> bytes:
        """
        What its signature is made of: names and values, each on a line.

        All values but the message are one line each (`read_envelope` sees to it), so that no two envelopes have the
        same text here.
        """
        pairs: list[tuple[str, str | None]] = [("Message", self.message), ("MessageId", self.message_id)]
        if self.kind == _NOTIFICATION:
            pairs += [("Subject", self.subject), ("Timestamp", self.timestamp)]
        else:
            pairs += [("SubscribeURL", self.subscribe_url), ("Timestamp", self.timestamp), ("Token", self.token)]
        pairs += [("TopicArn", self.topic_arn), ("Type", self.kind)]
        text = "".join(f"{name}\n{value}\n" for name, value in pairs if value is not None)
        try:
            return text.encode()
        except UnicodeEncodeError:
            # The cause would hold the whole message.
            raise InvalidNotification("is an envelope with half a character in its Message.") from None


def read_envelope(body: str | bytes | Mapping[str, Any]) -> Envelope:
    """
    Read an envelope, with all that a signature would cover.

    Raises:
        InvalidNotification: It is none, or broken.
    """
    document = opened(body)
    kind = text_in(document, "Type")
    if kind != _NOTIFICATION and kind not in CONFIRMATIONS:
        raise InvalidNotification("is not an envelope of a topic: its Type is none of those.")
    if "Events" in document:
        raise InvalidNotification("is an envelope and a document at once: it has both Type and Events.")
    message = document.get("Message")
    if not isinstance(message, str):
        raise InvalidNotification("is an envelope whose Message is not a string.")
    confirms = kind in CONFIRMATIONS
    return Envelope(
        kind=kind,
        message=message,
        message_id=_needed(document, "MessageId"),
        topic_arn=_needed(document, "TopicArn"),
        timestamp=_needed(document, "Timestamp"),
        subject=text_in(document, "Subject"),
        token=_needed(document, "Token") if confirms else None,
        subscribe_url=_needed(document, "SubscribeURL") if confirms else None,
    )


def read_confirmation(body: str | bytes | Mapping[str, Any]) -> SubscriptionConfirmation:
    """
    Read a topic's question whether it may send here. Nothing is answered.

    Args:
        body: What arrived. Make sure first that it is from Amazon, with `verify_sns`.

    Raises:
        InvalidNotification: It is something else, or broken.
    """
    envelope = read_envelope(body)
    if envelope.token is None or envelope.subscribe_url is None:
        raise InvalidNotification("is no topic's question: it is a message of one. notifications.parse reads it.")
    return SubscriptionConfirmation(
        topic_arn=envelope.topic_arn,
        token=envelope.token,
        subscribe_url=envelope.subscribe_url,
        farewell=envelope.kind == "UnsubscribeConfirmation",
    )


def host_of(topic_arn: str) -> str:
    """
    Return the host of the topic service in which a topic lives.

    Raises:
        InvalidNotification: The name is not a topic's.
    """
    found = _TOPIC.fullmatch(topic_arn)
    if found is None:
        raise InvalidNotification("names a topic that cannot be one of Amazon's.")
    return f"sns.{found[2]}.amazonaws.com" + (".cn" if found[1] == "aws-cn" else "")


def _needed(document: Mapping[str, Any], name: str) -> str:
    text = text_in(document, name, longest=_LONGEST_TOKEN)
    if text is None:
        raise InvalidNotification(f"is an envelope without a {name}.")
    return text
