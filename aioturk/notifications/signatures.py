"""
Whether a message that was posted is from Amazon's topic service (SNS).

A good signature says that some topic of Amazon's sent it, and everybody may have a topic: name yours. What the message
tells is read by :mod:`aioturk.notifications.reading`; our own webhooks are checked in
:mod:`aioturk.notifications.webhooks`.

The rules: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError, UntrustedNotification
from aioturk.notifications.certificates import Certificates
from aioturk.notifications.envelopes import Envelope, host_of, read_envelope
from aioturk.notifications.reading import opened, text_in

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["TOLERANCE", "verify_sns"]

TOLERANCE: Final = timedelta(hours=1)
"""How old a message may be; the topic service tries again for about an hour."""

_LONGEST_SIGNATURE: Final = 2048
_VERSIONS: Final = ("1", "2")
_SHARED: Final = Certificates()


async def verify_sns(
    envelope: str | bytes | Mapping[str, Any],
    *,
    topic: str | Collection[str] | None = None,
    tolerance: timedelta = TOLERANCE,
    certificates: Certificates | None = None,
    clock: Clock | None = None,
) -> None:
    """
    Make sure that an envelope is from Amazon's topic service, unchanged, from a topic of yours, and of now.

    It covers the type, the message, its id, subject and time, the topic, and what a confirmation needs; nothing else in
    the envelope is to be believed. A message that is sent again within the tolerance passes again: keep the ids of
    what you have seen, as :func:`handler` does.

    Args:
        envelope: What was posted.
        topic: The ARN of the topic that may send here, or several. Without one, anybody who has a topic at Amazon's
            passes.
        tolerance: How old the message may be, or, with a wrong clock, from how far in the future.
        certificates: Where signing certificates come from; by default they are fetched from Amazon, and kept.
        clock: What tells the time; for tests.

    Raises:
        UntrustedNotification: It is not from there; nothing in it is to be believed.
        InvalidNotification: It is no envelope.
        TransportError: The certificate could not be fetched; a later try may succeed.
        ConfigurationError: The library cryptography is not installed.
    """
    document = opened(envelope)
    read = read_envelope(document)
    _check_topic(read, _wanted(topic))
    _check_age(read, tolerance, (clock or SystemClock()).time())
    version = text_in(document, "SignatureVersion")
    if version not in _VERSIONS:
        raise UntrustedNotification("has a signature of an unknown version; 1 and 2 are known.")
    signature = _signature(document)
    signed = read.signed
    # All that costs nothing was asked before somebody is called.
    certificate = await (certificates or _SHARED).get(document.get("SigningCertURL"))
    if not _fits(certificate, signature, signed, version):
        raise UntrustedNotification("is not what was signed: the signature does not fit.")


def _wanted(topic: str | Collection[str] | None) -> Collection[str] | None:
    if topic is None:
        return None
    wanted = [topic] if isinstance(topic, str) else topic
    if not wanted or not all(wanted):
        raise ConfigurationError("topic names no topic: give the ARN of the one that may send here, or several.")
    return wanted


def _check_topic(envelope: Envelope, wanted: Collection[str] | None) -> None:
    host_of(envelope.topic_arn)
    if wanted is not None and envelope.topic_arn not in wanted:
        raise UntrustedNotification("is from another topic than those that may send here.")


def _check_age(envelope: Envelope, tolerance: timedelta, now: float) -> None:
    moment = datetime.fromtimestamp(now, UTC)
    if abs(moment - envelope.time) > tolerance:
        raise UntrustedNotification(
            f"is of {envelope.time:%Y-%m-%d %H:%M:%S} UTC, more than {tolerance} from {moment:%Y-%m-%d %H:%M:%S}: "
            "somebody sends an old message again, or the clock is wrong."
        )


def _signature(document: Mapping[str, Any]) -> bytes:
    text = text_in(document, "Signature", longest=_LONGEST_SIGNATURE)
    if text is None:
        raise UntrustedNotification("has no signature.")
    try:
        signature = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise UntrustedNotification("has a signature that is not base64.") from None
    if b64encode(signature).decode() != text:
        # Bits that decoding drops would make several spellings of one message.
        raise UntrustedNotification("has a signature that is not base64 as one writes it.")
    return signature


def _fits(certificate: Certificate, signature: bytes, signed: bytes, version: str) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256

    try:
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise UntrustedNotification("is signed with a key that is not RSA.")
        # Version 1 is what topics sign with unless their owner says otherwise.
        key.verify(signature, signed, PKCS1v15(), SHA1() if version == "1" else SHA256())  # noqa: S303
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError) as problem:
        raise UntrustedNotification("is signed in a way that this computer's cryptography does not check.") from problem
    return True
