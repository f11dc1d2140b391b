"""
A queue of Amazon's queue service (SQS), or of a compatible one: take messages, keep them away from others, delete them.

When that is done is decided next door, in :mod:`aioturk.notifications.listening`. Requests are signed, sent and
repeated as all others are, by :mod:`aioturk.calling`.

The operations: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from msgspec import field

from aioturk._core import codec
from aioturk._core.endpoints import DEFAULT_REGION
from aioturk._core.faults import decipher
from aioturk._core.hosts import is_loopback
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk._core.wire import Structure
from aioturk.calling import Neighbour
from aioturk.errors import AccessDenied, ConfigurationError, ServiceError, TurkError

__all__ = ["Message", "Queue", "origin_of", "refusal", "region_of"]

T = TypeVar("T")
S = TypeVar("S", bound=Structure)

_TARGET: Final = "AmazonSQS."
_TYPE: Final = ("Content-Type", "application/x-amz-json-1.0")
_PATIENCE: Final = 20.0
"""Seconds that an answer may take, beyond those for which the queue waits for messages."""

_HOST: Final = re.compile(
    r"(?:.+\.)?sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)"
    r"|([a-z0-9-]+)\.queue\.amazonaws\.com(?:\.cn)?",
    re.ASCII,
)


class Message(Structure, kw_only=True, frozen=True):
    """
    A message as it was taken out of a queue.

    Attributes:
        message_id: The queue service's own id of it.
        receipt_handle: What names it until it is visible to others again.
        body: What it says.
    """

    message_id: str = field(name="MessageId")
    receipt_handle: str = field(name="ReceiptHandle")
    body: str = field(name="Body", default="")


class _Received(Structure, kw_only=True, frozen=True):
    messages: tuple[Message, ...] | None = field(name="Messages", default=None)


class _Failure(Structure, kw_only=True, frozen=True):
    id: str = field(name="Id")
    code: str = field(name="Code", default="")


class _Changed(Structure, kw_only=True, frozen=True):
    failed: tuple[_Failure, ...] | None = field(name="Failed", default=None)


class Queue:
    """
    One queue.

    Args:
        url: Its URL.
        origin: The URL of the service, to which requests go.
        service: What makes calls of it; closed with the queue.
    """

    __slots__ = ("_origin", "_service", "_url")

    def __init__(self, url: str, origin: str, service: Neighbour) -> None:
        self._url = url
        self._origin = origin
        self._service = service

    async def receive(self, *, most: int, wait: int, visibility: int) -> tuple[Message, ...]:
        """
        Take messages, as many as there are and `most` at most.

        Args:
            most: How many.
            wait: Seconds to wait for the first one.
            visibility: Seconds for which nobody else gets them.
        """
        members = {"MaxNumberOfMessages": most, "WaitTimeSeconds": wait, "VisibilityTimeout": visibility}
        found = await self._call(
            "ReceiveMessage",
            members,
            _reading(_Received),
            # What was taken and lost on the way comes again by itself.
            retry_class=RetryClass.READ,
            attempt_timeout=wait + _PATIENCE,
        )
        return found.messages or ()

    async def delete(self, message: Message) -> None:
        """Delete a message; deleting it twice is harmless."""
        await self._call("DeleteMessage", {"ReceiptHandle": message.receipt_handle}, _nothing)

    async def hide(self, messages: Sequence[Message], seconds: int, *, timeout: float) -> Mapping[str, str]:
        """
        Keep messages away from others for so long from now on; zero gives them back.

        Args:
            messages: Ten at most.
            seconds: For how long.
            timeout: Bounds the call.

        Returns:
            The service's codes, by their ids, for messages with which it could not be done.
        """
        entries = [
            {"Id": str(number), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": seconds}
            for number, message in enumerate(messages)
        ]
        changed = await self._call(
            "ChangeMessageVisibilityBatch", {"Entries": entries}, _reading(_Changed), timeout=timeout
        )
        ids = {str(number): message.message_id for number, message in enumerate(messages)}
        return {ids.get(failure.id, failure.id): failure.code for failure in changed.failed or ()}

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()

    async def _call(
        self,
        name: str,
        members: Mapping[str, Any],
        read: Callable[[Response], T],
        *,
        retry_class: RetryClass = RetryClass.HARMLESS,
        timeout: float | None = None,
        attempt_timeout: float | None = None,
    ) -> T:
        body = codec.encode({"QueueUrl": self._url, **members})
        return await self._service.exchange(
            name,
            Request("POST", self._origin, (_TYPE, ("X-Amz-Target", _TARGET + name)), body),
            retry_class=retry_class,
            read=read,
            timeout=timeout,
            attempt_timeout=attempt_timeout,
        )


def refusal(response: Response, operation: str) -> TurkError:
    """Return the exception that an answer of the queue service stands for."""
    error = decipher(response, operation=operation)
    if type(error) is ServiceError and (error.code == "AccessDenied" or response.status == 403):
        # By its name in the older protocol, which some services have kept.
        error = AccessDenied(
            error.message, code=error.code, status=error.status, request_id=error.request_id, operation=operation
        )
    if isinstance(error, AccessDenied):
        error.remedy = (
            "The keys need the IAM actions sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility "
            "for this queue."
        )
    return error


def origin_of(url: object, name: str, *, allow_http: bool) -> str:
    """
    Return the first part of a URL, with a slash, if requests may go there.

    Args:
        url: The queue's URL, or the service's.
        name: What the caller calls it.
        allow_http: Whether plain http may go to other hosts than this computer.

    Raises:
        ConfigurationError: They may not. The URL is not repeated: it may hold a password.
    """
    parts = _split(url)
    if parts is None:
        raise ConfigurationError(
            f"{name} is not the URL of a queue service, such as "
            "https://sqs.us-east-1.amazonaws.com/123456789012/events. Nothing was sent."
        )
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ConfigurationError(
            f"{name} is plain http to another computer: everybody on the way could read and write messages. Nothing "
            "was sent. Remedy: use https, or pass allow_http=True on a network that you trust."
        )
    return f"{parts.scheme}://{parts.netloc.lower()}/"


def region_of(origin: str) -> str:
    """Return the region that a queue's host tells, else the one of the environment, else us-east-1."""
    host = urlsplit(origin).hostname or ""
    if host == "queue.amazonaws.com":
        return DEFAULT_REGION
    found = _HOST.fullmatch(host)
    if found is not None:
        return str(found[1] or found[2])
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or DEFAULT_REGION


def _split(url: object) -> SplitResult | None:
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or set(url) & set(" \\@?#"):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is none
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def _reading(shape: type[S]) -> Callable[[Response], S]:
    read = codec.reader(shape)
    return lambda response: read(response.body)


def _nothing(response: Response) -> None:
    if response.body.strip():
        codec.read_document(response.body)
