"""
How often somebody may guess: wrong passwords and keys are counted by the computer that they come from.

That one address is guessed at from many computers is seen to in `aioturk.marketplace.service.accounts`; how a password
is checked, in `aioturk.marketplace.site.passwords`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aioturk.marketplace.site.refusing import Busy, Refused

__all__ = ["Attempt", "Attempts"]


@dataclass(slots=True)
class _Seen:
    """What is known of a computer: since when is counted, how many guesses, and how many are looked at right now."""

    since: float
    count: int = 0
    open: int = 0


class Attempt:
    """One guess, which counts as wrong until it is known to be right."""

    __slots__ = ("_seen", "_since")

    def __init__(self, seen: _Seen) -> None:
        self._seen: _Seen | None = seen
        self._since = seen.since

    def was_right(self) -> None:
        """Take it back: it was no guess."""
        if self._seen is not None and self._seen.since == self._since:
            self._seen.count -= 1
        self._seen = None


class Attempts:
    """
    Counts guesses from each computer, so that nobody can try all addresses in turn.

    Each counts from when it begins: many at the same time are as many as one after the other.

    Args:
        most: How many wrong ones within the time.
        seconds: The time.
        at_once: How many of one computer are looked at at the same time.
        kept: How many computers are remembered; who has more has other means.
    """

    def __init__(self, most: int = 20, seconds: float = 900, *, at_once: int = 8, kept: int = 10_000) -> None:
        self._most = most
        self._seconds = seconds
        self._at_once = at_once
        self._kept = kept
        self._computers: OrderedDict[str, _Seen] = OrderedDict()

    @contextmanager
    def guess(self, computer: str, now: float) -> Iterator[Attempt]:
        """
        Count a guess while it is looked at; it stays counted unless it is said to have been right.

        Args:
            computer: Who guesses.
            now: The time, in seconds.

        Raises:
            Refused: Too many were wrong, or too many are being looked at.
        """
        seen = self._seen(computer, now)
        if seen.open >= self._at_once:
            raise Refused("Too many attempts from your computer at once. Nothing was checked: try again.", 429)
        if seen.count >= self._most:
            minutes = int((self._seconds - (now - seen.since)) // 60) + 1
            raise Refused(f"Too many attempts from your computer. Try again in {minutes} minutes.", 429)
        seen.count += 1
        seen.open += 1
        attempt = Attempt(seen)
        try:
            yield attempt
        except Busy:  # nothing was looked at
            attempt.was_right()
            raise
        finally:
            seen.open -= 1

    def _seen(self, computer: str, now: float) -> _Seen:
        """Return what is known of a computer, as the one that is forgotten last."""
        seen = self._computers.setdefault(computer, _Seen(now))
        self._computers.move_to_end(computer)
        if now - seen.since >= self._seconds:
            seen.since, seen.count = now, 0
        while len(self._computers) > self._kept:
            self._computers.popitem(last=False)
        return seen
