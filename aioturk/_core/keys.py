"""The keys a request is signed with: a value that never shows its secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    An access key and its secret.

    Args:
        access_key: The public half, sent with every request.
        secret_key: The secret half. Never sent, never in `repr`, logs or error texts.
        session_token: The token that goes with temporary keys.
        expires_at: When temporary keys run out, with a time zone; None for keys that last, or when nobody knows.
            Not part of equality: the same keys are the same credentials.
    """

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = field(default=None, compare=False, kw_only=True)
