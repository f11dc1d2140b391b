"""
Sessions of the worker site that have ended before their time, in the store.

A session itself is kept nowhere: the browser has it, signed. What is kept is that one is over, among the settings,
until its cookie is too old in any case.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from aioturk.marketplace.store.books import Settings
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import setting

__all__ = ["EndedSessions"]

_NAME = "ended session "
_ENDED = select(setting.c.name).where(setting.c.name == bindparam("name"))
# Numbers of as many digits, so that texts compare as they do.
_FORGET = delete(setting).where(setting.c.name.like(f"{_NAME}%"), setting.c.value < bindparam("now"))


class EndedSessions:
    """What is asked of sessions that have ended."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._settings = Settings(session)

    def has(self, session_id: str) -> bool:
        """Say whether a session has ended."""
        return self._session.first(_ENDED, {"name": f"{_NAME}{session_id}"}) is not None

    def forget(self, now: int) -> None:
        """Forget those that are too old by now: real time, in milliseconds."""
        self._session.execute(_FORGET, {"now": f"{now:015d}"})

    def add(self, session_id: str, until: int) -> None:
        """Keep that a session has ended, for as long as its cookie may be good: until then, in milliseconds."""
        self._settings.put({f"{_NAME}{session_id}": f"{until:015d}"})
