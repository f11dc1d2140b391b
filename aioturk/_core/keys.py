"""The keys a request is signed with: a value that never shows its secret."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    An access key and its secret.

    Args:
        access_key: The public half, sent with every request.
        secret_key: The secret half. Never sent, never in `repr`, logs or error texts.
        session_token: The token that goes with temporary keys.
    """

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
