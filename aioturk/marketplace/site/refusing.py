"""What keeps a page from being shown: in words for whoever has asked for it."""

from __future__ import annotations

__all__ = ["Refused", "SignedOut"]


class Refused(Exception):
    """
    What somebody asked for is not done; the page says why.

    Args:
        text: Why, for them.
        status: The status of the page.
    """

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


class SignedOut(Exception):
    """A session is over before its time: its account's sessions were ended."""
