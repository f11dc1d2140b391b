"""Layouts in the store."""

from __future__ import annotations

from aioturk.marketplace.store.session import Session

__all__ = ["Layouts"]


class Layouts:
    """What is asked of layouts."""

    def __init__(self, session: Session) -> None:
        self._session = session
