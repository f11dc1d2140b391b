"""Messages about events, in the store: the log, and the queue of those that are to be sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import notification

__all__ = ["Notifications"]

_INSERT = insert(notification)


class Notifications:
    """What is asked of messages about events."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._posted = False

    def add(self, values: Mapping[str, Any]) -> None:
        """Keep a new message."""
        self._session.put(_INSERT, values)
        self._posted = True

    def posted(self) -> bool:
        """Say whether there were new messages since this was asked last."""
        posted, self._posted = self._posted, False
        return posted
