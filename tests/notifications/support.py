"""What these tests share: documents, envelopes that Amazon could have signed, a clock that waits to be turned."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from aioturk._core.messages import Request, Response
from tests.queues import KEYS, Queues

NOW = 1_900_000_000.0
MOMENT = datetime.fromtimestamp(NOW, UTC)
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"


def document(*events: Mapping[str, Any], doc: str = "doc-1", **more: Any) -> dict[str, Any]:
    """A document as the service writes it."""
    return {
        "EventDocVersion": "2014-08-15",
        "EventDocId": doc,
        "CustomerId": "A3EXAMPLE",
        "Events": list(events) or [event()],
        **more,
    }


def event(**members: Any) -> dict[str, Any]:
    """An event of a document."""
    return {
        "EventType": "AssignmentSubmitted",
        "EventTimestamp": "2026-01-31T23:59:59Z",
        "HITTypeId": "3TYPE",
        "HITId": "3HIT",
        "AssignmentId": "3ASSIGNMENT",
        **members,
    }


def body(doc: str = "doc-1", **members: Any) -> str:
    """A document with one event, as text."""
    return json.dumps(document(event(**members), doc=doc))


class Clock:
    """A clock that stands still until it is turned, and then wakes those who wait."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._begun = asyncio.Event()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self.now + seconds, asyncio.get_running_loop().create_future())
        self._sleepers.append(sleeper)
        self._begun.set()
        try:
            await sleeper[1]
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._sleepers)

    async def someone_waits(self) -> None:
        """Wait until somebody sleeps."""
        while not self._sleepers:
            self._begun.clear()
            await self._begun.wait()

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        for until, future in self._sleepers:
            if until <= self.now and not future.done():
                future.set_result(None)


async def send(queues: Queues, url: str, *texts: str) -> None:
    """Write into a queue, in this order."""
    session = boto3.Session(KEYS.access_key, KEYS.secret_key, region_name="us-east-1")
    sqs: Any = session.client("sqs", endpoint_url=queues.url)
    for text in texts:
        await asyncio.to_thread(sqs.send_message, QueueUrl=url, MessageBody=text)
    sqs.close()


async def subscribe(queues: Queues, topic: str, url: str) -> None:
    """Have a topic post its messages to an address; moto does not ask whether it may."""
    session = boto3.Session(KEYS.access_key, KEYS.secret_key, region_name="us-east-1")
    sns: Any = session.client("sns", endpoint_url=queues.url)
    await asyncio.to_thread(sns.subscribe, TopicArn=topic, Protocol="http", Endpoint=url)
    sns.close()


# Amazon's topic service, as far as its signatures go.


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    del name  # one for each
    return rsa.generate_private_key(65537, 2048)


def certificate(
    name: str = "amazon",
    *,
    begins: datetime = MOMENT - timedelta(days=30),
    ends: datetime = MOMENT + timedelta(days=30),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """A certificate, in PEM."""
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    private = key or _key(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(private.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(private, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def envelope(message: str | None = None, *, version: str = "2", key: str = "amazon", **members: Any) -> dict[str, Any]:
    """An envelope of a topic's, with its signature; a member that is None is left out."""
    plain: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": "11111111-2222-3333-4444-555555555555",
        "TopicArn": TOPIC,
        "Subject": "17",
        "Message": body() if message is None else message,
        "Timestamp": f"{MOMENT:%Y-%m-%dT%H:%M:%S}.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
        **members,
    }
    plain = {name: value for name, value in plain.items() if value is not None}
    if "Signature" not in plain:
        plain["Signature"] = b64encode(_key(key).sign(_canonical(plain), PKCS1v15(), _hash(version))).decode()
    return plain


def confirmation(**members: Any) -> dict[str, Any]:
    """A topic's question whether it may send."""
    question = {
        "Type": "SubscriptionConfirmation",
        "Subject": None,
        "Token": "2336412f37",
        "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37",
    }
    return envelope("You have chosen to subscribe to the topic.", **{**question, **members})


def _hash(version: str) -> SHA1 | SHA256:
    return SHA1() if version == "1" else SHA256()


def _canonical(plain: Mapping[str, Any]) -> bytes:
    """The text that Amazon signs, by its own page and not by ours."""
    if plain["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    lines = [line for name in names if name in plain for line in (name, str(plain[name]))]
    return ("\n".join(lines) + "\n").encode()


@dataclass
class Fetcher:
    """Hands out a certificate for whatever is asked for, and remembers what was."""

    answer: bytes = field(default_factory=certificate)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    closed: bool = False

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        assert (request.method, fresh_connection) == ("GET", True)
        assert 0 < timeout <= 30
        self.asked.append(request.url)
        return Response(self.status, {}, self.answer)

    async def close(self) -> None:
        self.closed = True
