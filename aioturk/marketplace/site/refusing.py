"""What keeps a page from being shown: in words for whoever has asked for it."""

from __future__ import annotations

__all__ = ["Busy", "Refused", "SignedOut"]


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


class Busy(Refused):
    """
    There is too much to do for this now; nothing was looked at.

    Args:
        text: The same, for whoever asked.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, 503)


class SignedOut(Exception):
    """A session is over before its time: its account's sessions were ended."""
