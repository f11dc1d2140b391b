"""
Passwords, and how often somebody may guess.

They are hashed with argon2id as its authors recommend it (https://www.rfc-editor.org/rfc/rfc9106#section-4), off the
event loop and few at a time, because each check takes its 64 MiB of memory and a twentieth of a second.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections import OrderedDict
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aioturk.marketplace.site.refusing import Refused

__all__ = ["Attempts", "Passwords"]

_SHORTEST: Final = 10
_LONGEST: Final = 1000
_AT_ONCE: Final = 2


class Passwords:
    """Makes and checks hashes of passwords."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """
        Return the hash of a new password.

        Raises:
            Refused: It is too short, or too long.
        """
        if not _SHORTEST <= len(password) <= _LONGEST:
            raise Refused(f"A password has {_SHORTEST} to {_LONGEST} characters. Nothing was changed.", 422)
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, password: str, hashed: str | None) -> bool:
        """
        Say whether a password belongs to a hash; it takes as long where there is none.

        Args:
            password: The password.
            hashed: The hash; None where nobody has the address, or no password yet.
        """
        async with self._turns:
            if self._nobodys is None:
                self._nobodys = await asyncio.to_thread(self._hasher.hash, "nobody's")
            fits = await asyncio.to_thread(self._verify, hashed or self._nobodys, _normal(password[:_LONGEST]))
        return fits and hashed is not None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Return a password such that how a keyboard puts an accent together makes no difference."""
    return unicodedata.normalize("NFKC", password)


class Attempts:
    """
    Counts wrong guesses from each computer, so that nobody can try all addresses in turn.

    That one address is guessed at from many computers is seen to in `aioturk.marketplace.service.accounts`.

    Args:
        most: How many within the time.
        seconds: The time.
    """

    _KEPT = 10_000
    """How many computers are remembered; who has more has other means."""

    def __init__(self, most: int = 20, seconds: float = 900) -> None:
        self._most = most
        self._seconds = seconds
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def check(self, computer: str, now: float) -> None:
        """
        Make sure that a computer may guess.

        Raises:
            Refused: It has guessed too often.
        """
        since, count = self._seen.get(computer, (now, 0))
        if count >= self._most and now - since < self._seconds:
            minutes = int((self._seconds - (now - since)) // 60) + 1
            raise Refused(f"Too many attempts from your computer. Try again in {minutes} minutes.", 429)

    def failed(self, computer: str, now: float) -> None:
        """Count a wrong guess."""
        since, count = self._seen.pop(computer, (now, 0))
        if now - since >= self._seconds:
            since, count = now, 0
        self._seen[computer] = (since, count + 1)
        while len(self._seen) > self._KEPT:
            self._seen.popitem(last=False)
