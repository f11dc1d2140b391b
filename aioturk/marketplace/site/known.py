"""
Which computers somebody has signed in on before: a cookie of its own, which outlives sessions.

Whoever knows an address can guess wrong at it on purpose, so that it is locked. Who has signed in on a computer before
gets in there all the same (`aioturk.marketplace.service.accounts`). With another password, or once all sessions were
ended, a computer is a strange one again.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from itsdangerous import BadSignature, URLSafeTimedSerializer

__all__ = ["KnownHere"]

_LASTS: Final = 365 * 24 * 3600
_MOST: Final = 20
"""How many people are known on one computer; those who signed in last."""


class KnownHere:
    """
    Reads and writes who has signed in on a computer.

    Args:
        key: What it is signed with.
        name: The cookie's name.
        is_secure: Whether it is for TLS alone.
    """

    def __init__(self, key: bytes, name: str, *, is_secure: bool) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="aioturk known here")
        self._name = name
        self._is_secure = is_secure

    def is_known(self, request: web.Request, worker_id: str | None, generation: int) -> bool:
        """
        Say whether somebody has signed in on the computer that a request comes from.

        Args:
            request: The request.
            worker_id: Who; None is nobody.
            generation: The generation of their sessions.
        """
        return worker_id is not None and self._read(request).get(worker_id) == generation

    def add(self, request: web.Request, response: web.StreamResponse, worker_id: str, generation: int) -> None:
        """Have the browser remember that somebody has signed in there."""
        known = {each: since for each, since in self._read(request).items() if each != worker_id}
        known[worker_id] = generation
        response.set_cookie(
            self._name,
            str(self._serializer.dumps(list(known.items())[-_MOST:])),
            max_age=_LASTS,
            path="/",
            httponly=True,
            secure=self._is_secure,
            samesite="Lax",
        )

    def _read(self, request: web.Request) -> dict[str, int]:
        try:
            values: Any = self._serializer.loads(request.cookies.get(self._name, ""), max_age=_LASTS)
            return {str(worker_id): int(generation) for worker_id, generation in values}
        except (BadSignature, TypeError, ValueError):
            return {}
