"""Checks of texts that the service gets and the ledger keeps, before either sees them."""

from __future__ import annotations

from aioturk._core.refusal import described, short
from aioturk.errors import InvalidRequest

__all__ = ["check_text", "says_something"]


def says_something(text: str) -> bool:
    """Whether there is more in a text than spaces."""
    return bool(text) and not text.isspace()


def check_text(text: object, argument: str) -> None:
    """
    Refuse what is no text, or cannot be sent or written down: halves of characters, and the character NUL.

    Args:
        text: What was given.
        argument: What it is called.

    Raises:
        InvalidRequest: It is refused.
    """
    if not isinstance(text, str):
        raise InvalidRequest(f"is {described(text)}; give a text.", argument=argument)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(
            f"holds half a character ({short(text, ascii)}): repair or leave it out.", argument=argument
        ) from None
    if "\0" in text:
        raise InvalidRequest(f"holds the character NUL ({short(text, ascii)}): leave it out.", argument=argument)
