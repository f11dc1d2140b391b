"""
Whether a message that was posted is from a marketplace that shares a secret with us.

The signatures themselves are in :mod:`aioturk._core.webhooks`, which the marketplace signs with. A web handler that
does all that is needed with a message is in :mod:`aioturk.notifications.receiving`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from aioturk._core import webhooks
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError
from aioturk.notifications.events import Event
from aioturk.notifications.reading import parse

__all__ = ["secrets_of", "verify_webhook"]


def verify_webhook(
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes,
    secret: str | Collection[str],
    *,
    tolerance: timedelta = webhooks.TOLERANCE,
    clock: Clock | None = None,
) -> tuple[Event, ...]:
    """
    Make sure that a message is from somebody who knows the secret, unchanged and of now, and read it.

    A message that is sent again within the tolerance passes again: keep the ids of what you have seen, as
    :func:`handler` does.

    Args:
        headers: All headers of the request.
        body: The message byte for byte, as it came.
        secret: The secret, ``whsec_...``, or several while it is being replaced.
        tolerance: How far the message's time may be from ours, either way.
        clock: What tells the time; for tests.

    Returns:
        The events of the message.

    Raises:
        WebhookRefused: It is not from there; nothing in it is to be believed.
        InvalidNotification: It is, but it is no message about events.
        ConfigurationError: The secret is none, or the body is text.
    """
    given: object = body
    if isinstance(given, str):
        # Text that was decoded need not be what was signed, whatever it is encoded to.
        raise ConfigurationError("The body is a str, and what was signed are its bytes: pass them as they came.")
    now = datetime.fromtimestamp((clock or SystemClock()).time(), UTC)
    webhooks.check(secrets_of(secret), headers, body, now, tolerance)
    return parse(body)


def secrets_of(secret: str | Collection[str]) -> list[webhooks.Secret]:
    """
    Read one secret, or several.

    Raises:
        ConfigurationError: One is none, or there is none. The error does not repeat it.
    """
    given: object = secret
    if given is None:
        # What os.environ.get returns for a variable that is not set.
        raise ConfigurationError("The secret is None, and without one anybody could write such messages.")
    texts = [secret] if isinstance(secret, str) else list(secret)
    if not texts:
        raise ConfigurationError("There is no secret, and without one anybody could write such messages.")
    return [webhooks.Secret.parse(text) for text in texts]
