"""
Passwords: making hashes of them, and checking them.

They are hashed with argon2id as its authors recommend it (https://www.rfc-editor.org/rfc/rfc9106#section-4), off the
event loop and few at a time, because each check takes its 64 MiB of memory and a twentieth of a second. Not many wait
for that either: whoever comes then is told to come again. How often somebody may guess is counted in
`aioturk.marketplace.site.attempts`.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aioturk.marketplace.site.refusing import Busy, Refused

__all__ = ["Hasher", "Passwords"]

_SHORTEST: Final = 10
_LONGEST: Final = 1000
_LEAST_DIFFERENT: Final = 5
"""How many different characters there are in it, at least: ten spaces are the first thing that somebody tries."""
_AT_ONCE: Final = 1
"""Each check has four threads of its own: two at once made pages wait twice as long, and let nobody in sooner."""
_MOST_WAITING: Final = 40
"""How many wait for their turn, at most: some seconds of work."""


class Hasher(Protocol):
    """What makes hashes, and tells whether a password belongs to one; argon2-cffi's own has this form."""

    def hash(self, password: str) -> str:
        """Return the hash of a password."""
        ...

    def verify(self, hash: str, password: str) -> bool:  # noqa: A002  its own name for it
        """Return whether a password belongs to a hash, or raise that it does not."""
        ...


class Passwords:
    """
    Makes and checks hashes of passwords.

    Args:
        hasher: What does so; argon2id without one.
        most_waiting: How many wait for their turn.
    """

    def __init__(self, hasher: Hasher | None = None, *, most_waiting: int = _MOST_WAITING) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._most_waiting = most_waiting
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """
        Return the hash of a new password.

        Raises:
            Refused: It is too short, too long, or nearly one and the same character.
            Busy: Too many wait already.
        """
        if not _SHORTEST <= len(password) <= _LONGEST:
            raise Refused(f"A password has {_SHORTEST} to {_LONGEST} characters. Nothing was changed.", 422)
        if len(set(_normal(password))) < _LEAST_DIFFERENT:
            raise Refused(
                f"A password has {_LEAST_DIFFERENT} different characters or more: this one would soon be guessed. "
                "Nothing was changed.",
                422,
            )
        async with self._turn():
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, password: str, hashed: str | None) -> bool:
        """
        Say whether a password belongs to a hash; it takes as long where there is none.

        Args:
            password: The password.
            hashed: The hash; None where nobody has the address, or no password yet.

        Raises:
            Busy: Too many wait already.
        """
        async with self._turn():
            if self._nobodys is None:
                self._nobodys = await asyncio.to_thread(self._hasher.hash, "nobody's")
            fits = await asyncio.to_thread(self._verify, hashed or self._nobodys, _normal(password[:_LONGEST]))
        return fits and hashed is not None

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self._most_waiting:
            raise Busy("Too many people are signing in right now. Nothing was checked: try again in a minute.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Return a password such that how a keyboard puts an accent together makes no difference."""
    return unicodedata.normalize("NFKC", password)
