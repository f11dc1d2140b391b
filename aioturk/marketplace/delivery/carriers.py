"""
How a message looks on its way: to a queue service, to a topic service, to a webhook.

A carrier writes the request for a message, and judges the answer. For Amazon's services, and what is compatible with
them, the destination that a requester wrote is an argument: no host that a requester wrote is ever called. A webhook's
URL is its owner's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol
from urllib.parse import urlencode
from uuid import UUID

from aioturk._core import webhooks
from aioturk._core.codec import encode, read_document
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request
from aioturk._version import __version__
from aioturk.marketplace.delivery.settings import Delivery, Webhook
from aioturk.marketplace.service.notifications import WEBHOOK
from aioturk.marketplace.store.records import Letter
from aioturk.sigv4 import sign

__all__ = ["Carrier", "Gone", "Undelivered", "carriers"]


class Undelivered(Exception):
    """An attempt has failed; the text says how."""


class Gone(Undelivered):
    """An attempt has failed, and so would every other one."""


class Carrier(Protocol):
    """
    A way for messages.

    Attributes:
        transport: The transport whose messages take it.
        destination: The only destination that it leads to; None when it takes all messages of the transport.
    """

    transport: str
    destination: str | None

    def write(self, letter: Letter, now: datetime) -> Request:
        """Write the request that brings a message."""
        ...

    def is_receipt(self, status: int) -> bool:
        """Say whether a status alone tells that a message was taken, whatever else the answer says."""
        ...

    def judge(self, status: int, text: str) -> None:
        """
        Make sure that a message was taken.

        Args:
            status: The answer's status.
            text: The beginning of its body, without secrets.

        Raises:
            Undelivered: It was not.
        """
        ...

    def hide(self, text: str) -> str:
        """Take what is secret out of an answer: servers repeat the headers of requests that they do not like."""
        ...


def carriers(delivery: Delivery) -> list[Carrier]:
    """List the ways that a program asks for."""
    ways: list[Carrier] = []
    if delivery.credentials is not None:
        if delivery.sqs is not None:
            ways.append(_Service("SQS", delivery.sqs, _write_sqs, delivery.credentials, delivery.region))
        if delivery.sns is not None:
            ways.append(_Service("SNS", delivery.sns, _write_sns, delivery.credentials, delivery.region))
    ways += [_Post(webhook, delivery.region) for webhook in delivery.webhooks]
    return ways


# Amazon's services, and those compatible with them.


def _write_sqs(letter: Letter) -> tuple[list[tuple[str, str]], bytes]:
    body = encode({"QueueUrl": letter.destination, "MessageBody": letter.body})
    return [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage")], body


def _write_sns(letter: Letter) -> tuple[list[tuple[str, str]], bytes]:
    members = {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": letter.destination,
        # The service's own subjects are numbers, too. This one stays the same however often the message is sent.
        "Subject": letter.seq,
        "Message": letter.body,
    }
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return [("Content-Type", kind)], urlencode(members).encode("ascii")


class _Service:
    """The way to a service of Amazon's, or one that is compatible."""

    destination: str | None = None

    def __init__(
        self,
        transport: str,
        url: str,
        arrange: Callable[[Letter], tuple[list[tuple[str, str]], bytes]],
        credentials: Credentials,
        region: str,
    ) -> None:
        self.transport = transport
        self._url = url.rstrip("/") + "/"
        self._arrange = arrange
        self._credentials = credentials
        self._region = region

    def write(self, letter: Letter, now: datetime) -> Request:
        headers, body = self._arrange(letter)
        request = Request("POST", self._url, headers, body)
        return sign(request, self._credentials, service=self.transport.lower(), region=self._region, now=now)

    def is_receipt(self, status: int) -> bool:
        return False  # any web server answers with 200

    def judge(self, status: int, text: str) -> None:
        if status != 200:
            raise Undelivered(f"HTTP {status}: {text}")
        if "MessageId" not in text:
            raise Undelivered(f"HTTP 200, but not the answer of such a service: {text}")

    def hide(self, text: str) -> str:
        return _without((self._credentials.secret_key, self._credentials.session_token), text)


# Webhooks.


class _Post:
    """The way to a webhook."""

    transport: str = WEBHOOK

    def __init__(self, webhook: Webhook, region: str) -> None:
        self.destination: str | None = webhook.url
        self._webhook = webhook
        self._secrets = webhook.secrets()
        self._region = region

    def write(self, letter: Letter, now: datetime) -> Request:
        document = read_document(letter.body.encode())
        identity = str(document["EventDocId"])
        if self._webhook.format == "sns":
            headers, body = self._in_envelope(letter, document)
        else:
            headers, body = [("Content-Type", "application/json")], letter.body.encode()
        # The time, and so the signature, are this attempt's; the identity stays.
        signature = webhooks.sign(self._secrets, identity, now, body)
        return Request("POST", self._webhook.url, [("User-Agent", _AGENT), *headers, *signature], body)

    def _in_envelope(self, letter: Letter, document: dict[str, object]) -> tuple[list[tuple[str, str]], bytes]:
        """
        Write a message as SNS posts it, but for the signature that is Amazon's alone.

        The form: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
        """
        identity = str(UUID(hex=str(document["EventDocId"])))
        topic = self._webhook.topic or f"arn:aws:sns:{self._region}:{document['SourceAccount']}:aioturk"
        envelope = {
            "Type": "Notification",
            "MessageId": identity,
            "TopicArn": topic,
            "Subject": str(letter.seq),
            "Message": letter.body,
            "Timestamp": _moment(document),
        }
        headers = [
            # As SNS does, which never calls it JSON.
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("x-amz-sns-message-type", "Notification"),
            ("x-amz-sns-message-id", identity),
            ("x-amz-sns-topic-arn", topic),
        ]
        return headers, encode(envelope)

    def is_receipt(self, status: int) -> bool:
        return 200 <= status <= 299

    def judge(self, status: int, text: str) -> None:
        if status == 410:
            raise Gone(f"HTTP 410, nobody wants it there any more: {text}")
        raise Undelivered(f"HTTP {status}: {text}")

    def hide(self, text: str) -> str:
        secret = self._webhook.secret
        return _without([secret] if isinstance(secret, str) else secret, text)


_AGENT = f"aioturk/{__version__}"


def _moment(document: dict[str, object]) -> str:
    """Return the time of a message in the manner of SNS, which also counts milliseconds."""
    events = document["Events"]
    assert isinstance(events, list)
    return str(events[0]["EventTimestamp"]).removesuffix("Z") + ".000Z"


def _without(secrets: Iterable[str | None], text: str) -> str:
    for secret in secrets:
        if secret and secret.strip():
            text = text.replace(secret.strip(), "***")
    return text
