"""A webhook's message is believed when it is signed with a secret that we share, and of now."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.webhooks import Secret, new_secret, sign
from aioturk.errors import ConfigurationError, InvalidNotification, WebhookRefused
from aioturk.notifications import parse, verify_webhook
from tests.notifications.support import MOMENT, Clock, body, envelope

SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
BODY = body().encode()


def headers(message: bytes = BODY, *secrets: str) -> dict[str, str]:
    """The headers that go with a message."""
    return dict(sign([Secret.parse(each) for each in secrets or (SECRET,)], "doc-1", MOMENT, message))


def test_what_is_signed_passes() -> None:
    """The document and the envelope are read, whatever case the names of the headers have."""
    assert verify_webhook(headers(), BODY, SECRET, clock=Clock()) == parse(BODY)
    wrapped = b'{"Type": "Notification", "Message": "{\\"EventDocId\\": \\"d\\", \\"Events\\": []}"}'
    assert verify_webhook(headers(wrapped), wrapped, [SECRET], clock=Clock()) == ()
    shouted = [(name.upper(), value) for name, value in headers().items()]
    assert verify_webhook(shouted, BODY, SECRET, clock=Clock())


def test_while_a_secret_is_replaced() -> None:
    """Either side may know both."""
    other = new_secret()
    assert verify_webhook(headers(), BODY, [other, SECRET], clock=Clock())
    assert verify_webhook(headers(BODY, other, SECRET), BODY, SECRET, clock=Clock())
    with pytest.raises(WebhookRefused, match="no signature fits"):
        verify_webhook(headers(), BODY, other, clock=Clock())


@given(at=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_any_flipped_bit_is_refused(at: int, bit: int) -> None:
    """A message that is another one in a single bit is refused."""
    changed = bytearray(BODY)
    changed[at] ^= 1 << bit
    with pytest.raises(WebhookRefused):
        verify_webhook(headers(), bytes(changed), SECRET, clock=Clock())


def test_old_messages() -> None:
    """After five minutes a good message is old, unless one is more patient."""
    clock = Clock()
    clock.turn(301)
    with pytest.raises(WebhookRefused, match="old message"):
        verify_webhook(headers(), BODY, SECRET, clock=clock)
    assert verify_webhook(headers(), BODY, SECRET, clock=clock, tolerance=timedelta(minutes=6))


def test_amazons_signature_is_no_webhooks() -> None:
    """An envelope of Amazon's has no headers, so it is no webhook."""
    with pytest.raises(WebhookRefused, match="there is no webhook-id header"):
        verify_webhook({}, envelope()["Message"].encode(), SECRET, clock=Clock())


def test_signed_nonsense() -> None:
    """What is signed as it should be, but is no message, is the other error."""
    with pytest.raises(InvalidNotification, match="not JSON"):
        verify_webhook(headers(b"hello"), b"hello", SECRET, clock=Clock())


@pytest.mark.parametrize("secret", ["", "secret", "whsec_AAAA", [], [SECRET, "secret"]])
def test_secrets_that_are_none(secret: str | list[str]) -> None:
    """A secret that cannot be one is refused, and not repeated."""
    with pytest.raises(ConfigurationError) as caught:
        verify_webhook(headers(), BODY, secret, clock=Clock())
    assert "AAAA" not in str(caught.value)


def test_a_body_that_was_decoded() -> None:
    """Text instead of bytes is told, and not checked as something else."""
    text: Any = BODY.decode()
    with pytest.raises(ConfigurationError, match="pass them as they came"):
        verify_webhook(headers(), text, SECRET, clock=Clock())


def test_a_secret_that_was_not_set() -> None:
    """None, as the environment gives for what it does not have, is no secret."""
    nothing: Any = None
    with pytest.raises(ConfigurationError, match="The secret is None"):
        verify_webhook(headers(), BODY, nothing, clock=Clock())
