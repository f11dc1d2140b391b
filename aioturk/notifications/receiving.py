"""
A web handler for messages that are posted: by a marketplace of yours as webhooks, or by Amazon's topic service.

It reads no more than a message can have, believes nothing before it is verified, and calls you once for each event.
What a signature is worth is decided in :mod:`aioturk.notifications.webhooks` and
:mod:`aioturk.notifications.signatures`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from aioturk._core import webhooks
from aioturk.clock import Clock, SystemClock
from aioturk.errors import (
    ConfigurationError,
    InvalidNotification,
    SubscriptionOffered,
    TransportError,
    UntrustedNotification,
    WebhookRefused,
)
from aioturk.notifications.certificates import Certificates, missing
from aioturk.notifications.envelopes import CONFIRMATIONS, SubscriptionConfirmation, host_of, read_confirmation
from aioturk.notifications.events import Event
from aioturk.notifications.reading import LIMIT, opened, parse
from aioturk.notifications.seen import REMEMBERED, Failed, Once, key_of
from aioturk.notifications.signatures import TOLERANCE, verify_sns
from aioturk.notifications.webhooks import secrets_of

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Callback", "OnSubscription", "handler"]

_log = logging.getLogger(__name__)

_PACKED: Final = "Messages are not packed."

_READING: Final = 10.0
"""Seconds that a sender has to bring its message."""

Callback: TypeAlias = Callable[[Event], Awaitable[object]]
"""What is called with each event."""
OnSubscription: TypeAlias = Callable[[SubscriptionConfirmation], Awaitable[object]]
"""What is called with a topic's question whether it may send here."""


def handler(
    callback: Callback,
    *,
    secret: str | Collection[str] | None = None,
    topic: str | Collection[str] | None = None,
    on_subscription: OnSubscription | None = None,
    tolerance: timedelta = webhooks.TOLERANCE,
    topic_tolerance: timedelta = TOLERANCE,
    remember: int = REMEMBERED,
    certificates: Certificates | None = None,
    clock: Clock | None = None,
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """
    Make a handler for aiohttp.web that receives messages about events.

    It answers 204 when `callback` has returned for all events of the message, and 500 when it raised, so that the
    sender tries again; events before the one that failed are not repeated then. A message that comes again is answered
    with 204 and dropped. When the same one comes twice at once, the callback runs once, and both get its outcome.
    Otherwise: 401 for what is not signed as it should be, 400 for what is no message about events or did not arrive in
    one piece, 408, 413 and 415 for bodies that come too slowly, are too large, or are packed, 503 when a certificate
    could not be fetched.

    What was received is remembered in this process only, the last `remember` events of it: after a restart, or in
    another process, a message can be received again.

    Args:
        callback: Called with each event, in the order of the message. Return when the event is safe with you.
        secret: The secret of the marketplace whose webhooks are received, or several while it is being replaced.
        topic: The ARN of a topic of Amazon's that may post here, or several.
        on_subscription: Called with the question whether it may send here of a topic that `topic` names, once Amazon's
            signature was checked. Nothing is ever confirmed by itself; without this, such a question is refused.
        tolerance: How far a webhook's time may be from ours.
        topic_tolerance: How old a topic's message may be.
        remember: How many events are remembered.
        certificates: Where the topic service's certificates come from.
        clock: What tells the time; for tests.

    Raises:
        ConfigurationError: Nobody may send here, a secret or a topic is none, or a topic is to be checked without the
            library cryptography.
    """
    if secret is None and topic is None:
        raise ConfigurationError("Nobody could send here: give the secret of a marketplace, or the topic that may.")
    if topic is not None:
        topic = _topics(topic)
    elif on_subscription is not None:
        raise ConfigurationError("on_subscription is given, but no topic could ask: give the topic that may.")
    guard = _Guard(
        secrets=None if secret is None else secrets_of(secret),
        topic=topic,
        tolerance=tolerance,
        topic_tolerance=topic_tolerance,
        certificates=certificates or Certificates(clock=clock),
        clock=clock or SystemClock(),
    )
    return _Receiver(guard, callback, on_subscription, Once(remember)).receive


def _topics(topic: str | Collection[str]) -> list[str]:
    """Read one topic, or several: a name that is none would refuse all messages, each with a riddle."""
    topics = [topic] if isinstance(topic, str) else list(topic)
    if not topics:
        raise ConfigurationError("topic names no topic: give the ARN of the one that may send here, or several.")
    for each in topics:
        try:
            host_of(each)
        except InvalidNotification:
            raise ConfigurationError(
                f"topic is {each!r}: give an ARN, such as arn:aws:sns:us-east-1:123456789012:events."
            ) from None
    if find_spec("cryptography") is None:
        raise missing()
    return topics


class _Guard:
    """Decides who may send here."""

    def __init__(
        self,
        *,
        secrets: list[webhooks.Secret] | None,
        topic: list[str] | None,
        tolerance: timedelta,
        topic_tolerance: timedelta,
        certificates: Certificates,
        clock: Clock,
    ) -> None:
        self._secrets = secrets
        self._topic = topic
        self._tolerance = tolerance
        self._topic_tolerance = topic_tolerance
        self._certificates = certificates
        self._clock = clock

    async def admit(self, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
        """Return the message, once it is known from whom it is."""
        if self._secrets is not None and (webhooks.SIGNATURE in headers or self._topic is None):
            now = datetime.fromtimestamp(self._clock.time(), UTC)
            webhooks.check(self._secrets, headers, body, now, self._tolerance)
            message = opened(body)
            if message.get("Type") in CONFIRMATIONS:
                # Whoever knows the secret may tell of events. A topic's questions are Amazon's alone.
                raise UntrustedNotification("is a topic's question, and not signed by Amazon.")
            return message
        assert self._topic is not None  # one of both there is
        message = opened(body)
        await verify_sns(
            message,
            topic=self._topic,
            tolerance=self._topic_tolerance,
            certificates=self._certificates,
            clock=self._clock,
        )
        return message


class _Receiver:
    """A handler, and what it has received."""

    def __init__(self, guard: _Guard, callback: Callback, on_subscription: OnSubscription | None, once: Once) -> None:
        self._guard = guard
        self._callback = callback
        self._on_subscription = on_subscription
        self._once = once

    async def receive(self, request: web.Request) -> web.Response:
        """Take in what was posted."""
        from aiohttp import web

        status, said = await self._outcome(request)
        if status == 204:
            return web.Response(status=204)
        response = web.Response(status=status, text=said + "\n")
        if status in (400, 415):
            response.force_close()  # after a body that broke, what follows on the connection cannot be read
        return response

    async def _outcome(self, request: web.Request) -> tuple[int, str]:
        from aiohttp.web import RequestPayloadError

        if request.method != "POST":
            return 405, "Messages are posted."
        packed = any(coding.lower() != "identity" for coding in request.headers.getall("Content-Encoding", ()))
        try:
            async with asyncio.timeout(_READING):
                body = await _bounded(request)
        except TimeoutError:
            return 408, "The message came too slowly."
        except (RequestPayloadError, ConnectionError) as trouble:
            _log.info("a message from %s did not arrive in one piece: %s", request.remote, type(trouble).__name__)
            # Else aiohttp reads on, and takes the same trouble for an error of this program.
            request.content.feed_eof()
            return (415, _PACKED) if packed else (400, "The message did not arrive in one piece.")
        if packed:
            return 415, _PACKED
        if body is None:
            return 413, f"A message has {LIMIT} bytes at most."
        try:
            message = await self._guard.admit(request.headers, body)
            await self._pass_on(message)
        except (WebhookRefused, UntrustedNotification) as refusal:
            _log.warning("a message from %s was refused: %s", request.remote, refusal)
            return 401, "The message is not signed as it should be, or not of now."
        except InvalidNotification as refusal:
            _log.warning("a message from %s could not be read: %s", request.remote, refusal)
            return 400, str(refusal)
        except TransportError as trouble:
            _log.warning("a message from %s waits: %s", request.remote, trouble)
            return 503, "The signature cannot be checked at the moment."
        except Exception:
            # Whatever it is, the sender has to know that the message is not dealt with.
            _log.exception("a message about events was not dealt with; its sender will try again")
            return 500, "The message was not dealt with. Send it again."
        return 204, ""

    async def _pass_on(self, message: Mapping[str, Any]) -> None:
        try:
            events = parse(message)
        except SubscriptionOffered:
            if self._on_subscription is None:
                raise
            await _calling(self._on_subscription(read_confirmation(message)))
            return
        for place, event in enumerate(events):
            await self._once.run(key_of(event, place), partial(self._call, event))

    async def _call(self, event: Event) -> None:
        await _calling(self._callback(event))


async def _calling(called: Awaitable[object]) -> None:
    """Wait for the program's own function; what it raises says nothing about the sender."""
    try:
        await called
    except Exception as error:
        raise Failed(str(error)) from error


async def _bounded(request: web.Request) -> bytes | None:
    """Read a body, or give up when it is larger than any message."""
    if (request.content_length or 0) > LIMIT:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LIMIT:
            return None
    return bytes(body)
