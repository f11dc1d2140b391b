"""
Signing messages that are posted, and checking such signatures, in the manner of Standard Webhooks.

Three headers go with a body: the message's id (the same however often it is sent), the time of this attempt in seconds,
and one signature or several: HMAC-SHA256 over ``id.time.body``. Who sends is in `aioturk.marketplace`, who receives in
`aioturk.notifications`; nothing here sends, receives or looks at a clock.

The form: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import binascii
import hmac
import re
import secrets as randomness
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aioturk.errors import ConfigurationError, WebhookRefused

__all__ = ["ID", "SIGNATURE", "TIMESTAMP", "TOLERANCE", "Secret", "Verified", "check", "new_secret", "sign"]

ID = "webhook-id"
TIMESTAMP = "webhook-timestamp"
SIGNATURE = "webhook-signature"

TOLERANCE = timedelta(minutes=5)
"""How far a message's time may be from ours, either way, unless somebody says otherwise."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_PREFIX = "whsec_"
_SHORTEST_KEY, _LONGEST_KEY = 24, 64
_NEW_KEY = 32

# Without a full stop, which separates what is signed: "a.1" at 2 and "a" at 1 would have the same signatures.
_ID = re.compile(r"[!-\-/-~]{1,256}")
# Written in one way only. Eleven digits are the year 5138; what is longer is no time.
_SECONDS = re.compile(r"0|[1-9][0-9]{0,10}")
_MOST_SIGNATURES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """
    What a sender and a receiver share, and nobody else. It never shows itself.

    Args:
        key: The bytes.
    """

    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Secret:
        """
        Read a secret as it is written: ``whsec_`` and the base64 of 24 to 64 bytes.

        Args:
            text: The secret; space around it, such as a file's last line end, does not count.

        Raises:
            ConfigurationError: It is none. The error does not repeat it.
        """
        text = text.strip()
        if not text.startswith(_PREFIX):
            raise ConfigurationError(f"A webhook's secret begins with {_PREFIX!r}; this one does not. {_REMEDY}")
        try:
            key = b64decode(text.removeprefix(_PREFIX).encode(), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            # The chain would show the text in tracebacks that print local names.
            raise ConfigurationError(f"A webhook's secret is not base64 behind {_PREFIX!r}. {_REMEDY}") from None
        if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
            raise ConfigurationError(
                f"A webhook's secret has {len(key)} bytes; {_SHORTEST_KEY} to {_LONGEST_KEY} are allowed. {_REMEDY}"
            )
        return cls(key)


_REMEDY = "Use one that aioturk.marketplace.new_secret() made, on both sides."


def new_secret() -> str:
    """Make a secret that nobody can guess, to be given to both sides of a webhook."""
    return _PREFIX + b64encode(randomness.token_bytes(_NEW_KEY)).decode()


@dataclass(frozen=True, slots=True)
class Verified:
    """
    What a good signature vouches for.

    Args:
        id: The message's id: the same when it is sent again.
        time: When this attempt was made.
    """

    id: str
    time: datetime


def sign(secret: Secret | Sequence[Secret], message_id: str, moment: datetime, body: bytes) -> list[tuple[str, str]]:
    """
    Make the headers that go with a message.

    Args:
        secret: What to sign with. Several, while a secret is being replaced: the receiver may know any of them.
        message_id: Its id: printable ASCII without a full stop.
        moment: The time of this attempt, with a time zone.
        body: The message.

    Raises:
        ConfigurationError: There is no secret, or the id or the time cannot be written.
    """
    known = _known(secret)
    seconds = _written(moment)
    if not _ID.fullmatch(message_id) or seconds is None:
        raise ConfigurationError(
            f"A webhook's id is 1 to 256 printable ASCII characters without a full stop, and its time an aware one "
            f"after 1970; {message_id[:256]!r} at {moment} is not."
        )
    return [
        (ID, message_id),
        (TIMESTAMP, seconds),
        (SIGNATURE, " ".join(f"v1,{_signature(one, message_id, seconds, body)}" for one in known)),
    ]


def check(
    secrets: Secret | Sequence[Secret],
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """
    Make sure that a message is from somebody who knows the secret, unchanged, and of now.

    A message that is sent again within the tolerance passes again: whoever acts on messages keeps their ids.

    Args:
        secrets: One secret, or several that are good at the moment.
        headers: All headers of the request. A mapping of several values for a name has to list them all in `items()`.
        body: The message, byte for byte.
        now: The time, with a time zone.
        tolerance: How far the message's time may be from it, either way.

    Returns:
        The message's id and time.

    Raises:
        WebhookRefused: It is not; nothing in it is to be believed.
        ConfigurationError: There is no secret to check with, or `now` is a naive time.
    """
    known = _known(secrets)
    if now.utcoffset() is None:
        raise ConfigurationError(f"{now} has no time zone: give datetime.now(timezone.utc).")
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    message_id = _header(pairs, ID)
    if not _ID.fullmatch(message_id):
        raise WebhookRefused(f"{ID} is not 1 to 256 printable ASCII characters without a full stop.")
    seconds = _header(pairs, TIMESTAMP)
    if not _SECONDS.fullmatch(seconds):
        raise WebhookRefused(f"{TIMESTAMP} is not a whole number of seconds since 1970.")
    given = _signatures(_header(pairs, SIGNATURE))
    # Every pair is compared, so that the time taken does not tell which one fits.
    fits = [
        hmac.compare_digest(_signature(secret, message_id, seconds, body).encode(), signature)
        for secret in known
        for signature in given
    ]
    if not any(fits):
        raise WebhookRefused(
            "no signature fits: the secret is another one, or the message was changed on its way "
            "(the body has to be checked as it came, before anything parses it)."
        )
    time = datetime.fromtimestamp(int(seconds), UTC)
    if abs(now - time) > tolerance:
        raise WebhookRefused(
            f"it is of {time:%Y-%m-%d %H:%M:%S} UTC, more than {tolerance} from {now:%Y-%m-%d %H:%M:%S %Z}: "
            "somebody sends an old message again, or one of the two clocks is wrong."
        )
    return Verified(message_id, time)


def _known(secrets: Secret | Sequence[Secret]) -> Sequence[Secret]:
    known = [secrets] if isinstance(secrets, Secret) else secrets
    if not known:
        raise ConfigurationError("There is no secret, and without one anybody could write such messages.")
    return known


def _written(moment: datetime) -> str | None:
    # Not by `timestamp()`, whose float can be the next second.
    seconds = "" if moment.utcoffset() is None else str((moment - _EPOCH) // timedelta(seconds=1))
    return seconds if _SECONDS.fullmatch(seconds) else None


def _signature(secret: Secret, message_id: str, seconds: str, body: bytes) -> str:
    digest = hmac.digest(secret.key, b".".join((message_id.encode("ascii"), seconds.encode("ascii"), body)), "sha256")
    return b64encode(digest).decode()


def _header(pairs: Iterable[tuple[str, str]], name: str) -> str:
    values = [value for other, value in pairs if other.lower() == name]
    if len(values) != 1:
        # Two readers of two values would not agree on which one counts.
        raise WebhookRefused(
            f"there is no {name} header." if not values else f"there are {len(values)} {name} headers."
        )
    return values[0]


def _signatures(text: str) -> list[bytes]:
    """Read the signatures of the kind that is known here; others may stand beside them."""
    if not text.isascii():
        raise WebhookRefused(f"{SIGNATURE} is not ASCII.")
    parts = text.split(" ")
    if len(parts) > _MOST_SIGNATURES:
        raise WebhookRefused(f"{SIGNATURE} has more than {_MOST_SIGNATURES} signatures.")
    given = [part.removeprefix("v1,").encode("ascii") for part in parts if part.startswith("v1,")]
    if not given:
        raise WebhookRefused(f"{SIGNATURE} has no signature of version v1.")
    return given
