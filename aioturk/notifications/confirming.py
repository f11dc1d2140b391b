"""
Answering a topic's question whether it may send here, when the program says so.

The question itself is read in :mod:`aioturk.notifications.envelopes`. The address that it brings is never called:
what is called is the topic service of the region that the topic's name tells, or a host that the program names.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlencode, urlsplit

from aioturk._core.hosts import is_loopback
from aioturk._core.messages import Request, Response
from aioturk._core.xml import XMLError, local_name
from aioturk._core.xml import parse as parse_xml
from aioturk.errors import ConfigurationError, ServiceError, UnexpectedResponse, UnreadableResponse
from aioturk.notifications.envelopes import SubscriptionConfirmation, host_of
from aioturk.transport import AiohttpTransport, Transport

__all__ = ["confirm_subscription"]

_LONGEST: Final = 64 * 1024
_OPERATION: Final = "ConfirmSubscription"


async def confirm_subscription(
    confirmation: SubscriptionConfirmation,
    *,
    endpoint: str | None = None,
    timeout: float = 10.0,
    transport: Transport | None = None,
) -> str:
    """
    Tell a topic that it may send here. Confirming twice is harmless.

    Do it for topics of yours only, and after `verify_sns`: whoever can make a program confirm makes it listen to them.

    Args:
        confirmation: The question, from `read_confirmation`.
        endpoint: The URL of another topic service than Amazon's.
        timeout: Seconds that it may take.
        transport: What sends the request, instead of aiohttp; for tests.

    Returns:
        The ARN of the subscription.

    Raises:
        ConfigurationError: The question is a farewell, or the endpoint is no URL.
        InvalidNotification: The topic is none of Amazon's, and no endpoint was named.
        ServiceError: The topic service refused it; the token may have ended, which it does after two days.
        TransportError: It could not be reached.
    """
    if confirmation.farewell:
        raise ConfigurationError(
            "The topic says that it stopped sending, and confirming that would subscribe again. Nothing was sent. "
            "If that is meant, subscribe the address to the topic anew."
        )
    url = f"https://{host_of(confirmation.topic_arn)}/" if endpoint is None else _checked(endpoint)
    members = {
        "Action": _OPERATION,
        "Version": "2010-03-31",
        "TopicArn": confirmation.topic_arn,
        "Token": confirmation.token,
    }
    kind = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
    request = Request("POST", url, [kind], urlencode(members).encode("ascii"))
    if transport is not None:
        return _arn(await transport.send(request, timeout=timeout))
    own = AiohttpTransport(max_connections=1, max_response_bytes=_LONGEST)
    try:
        return _arn(await own.send(request, timeout=timeout))
    finally:
        await asyncio.shield(own.close())


def _checked(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme == "http" and is_loopback((parts.hostname or "").lower())
        good = (parts.scheme == "https" or plain) and bool(parts.hostname) and parts.path in ("", "/")
    except ValueError:
        good = False
    if not good or "?" in endpoint or "#" in endpoint or "@" in endpoint or not endpoint.isprintable():
        # It is not repeated: a URL may carry a password.
        raise ConfigurationError(
            "endpoint is not the URL of a topic service, https://host or, on this computer, http://127.0.0.1:port. "
            "Nothing was sent."
        )
    return endpoint.rstrip("/") + "/"


def _arn(answer: Response) -> str:
    """Read the subscription's name."""
    found = _first(answer.body, "SubscriptionArn" if answer.status == 200 else "Message")
    if answer.status != 200:
        if found is None:
            raise UnreadableResponse(
                f"{_OPERATION} was answered with HTTP {answer.status} and not as the topic service does.",
                operation=_OPERATION,
                status=answer.status,
                body=answer.body[:2048],
            )
        raise ServiceError(found, code=_first(answer.body, "Code"), status=answer.status, operation=_OPERATION)
    if found is None:
        raise UnexpectedResponse("the answer names no subscription.", body=answer.body[:2048], operation=_OPERATION)
    return found


def _first(body: bytes, name: str) -> str | None:
    try:
        document = parse_xml(body, limit=_LONGEST)
    except XMLError:
        return None
    return next((each.text.strip() for each in document.iter() if local_name(each) == name and each.text), None)
