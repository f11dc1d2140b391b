"""
Refusals of values, as they are raised deep within an argument, and the short looks at values that they take.

`aioturk._core.arguments` makes an `InvalidRequest` of each, with the argument's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["Refusal", "described", "short"]


class Refusal(Exception):
    """
    A rule is broken.

    Args:
        text: Which, and what to do.
        path: Which part of the argument breaks it; empty when it is the argument as a whole.
    """

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path

    def below(self, step: str) -> Refusal:
        """Return the refusal as of the part's owner, in which the part is called so."""
        return Refusal(self.text, step + ("" if self.path.startswith("[") or not self.path else ".") + self.path)


def described(value: Any) -> str:
    """Return a value's type and a short look at it, for an error text."""
    return f"{type(value).__name__} {short(value, repr)}"


def short(value: Any, write: Callable[[Any], str] = str) -> str:
    """Return a look at a value that is short, however long it is."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"<{value.bit_length()} bits>"  # Python refuses to write the longest ones out
    look = write(value)
    return look if len(look) <= 40 else look[:37] + "..."
