"""What review policies found and did, in the store."""

from __future__ import annotations

from aioturk.marketplace.store.session import Session

__all__ = ["Reviews"]


class Reviews:
    """What is asked of review results and actions."""

    def __init__(self, session: Session) -> None:
        self._session = session
