"""
What one program has in hand itself.

All of its work is done under one name in the ledger, so the ledger cannot tell one part of the program from another.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

__all__ = ["Buried", "InHand", "Taking"]


class Buried(Exception):
    """We were taken for dead: nothing was taken in hand, and it can be done again under a new name."""


class InHand:
    """
    The tokens, and the ids of submissions, that this program is at.

    Acts on the ledger, which run in its thread one after another, take; whoever is done puts down.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._held: set[str] = set()

    def __contains__(self, token: str) -> bool:
        return token in self._held

    def __len__(self) -> int:
        return len(self._held)

    def take(self, tokens: Iterable[str]) -> None:
        """Take tokens in hand."""
        with self._lock:
            self._held.update(tokens)

    def put_down(self, tokens: Iterable[str]) -> None:
        """Put tokens down."""
        with self._lock:
            self._held.difference_update(tokens)


class Taking:
    """
    What one act takes in hand; an act that is done again begins by putting down what it had taken.

    Args:
        in_hand: What the program is at.
        taken: Is filled with what the act takes.
    """

    def __init__(self, in_hand: InHand, taken: set[str]) -> None:
        self._in_hand = in_hand
        self._taken = taken

    def begin(self) -> None:
        """Begin, for the first time or anew."""
        self._in_hand.put_down(self._taken)
        self._taken.clear()

    def take(self, token: str) -> bool:
        """Take a token in hand; False if this program is at it already."""
        if token in self._in_hand:
            return False
        self._taken.add(token)
        self._in_hand.take([token])
        return True
