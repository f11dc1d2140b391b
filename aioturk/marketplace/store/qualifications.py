"""Qualification types, requests for them, and who has them, in the store."""

from __future__ import annotations

from aioturk.marketplace.store.session import Session

__all__ = ["QualificationRequests", "QualificationTypes", "Qualifications"]


class QualificationTypes:
    """What is asked of qualification types."""

    def __init__(self, session: Session) -> None:
        self._session = session


class QualificationRequests:
    """What is asked of requests for qualifications."""

    def __init__(self, session: Session) -> None:
        self._session = session


class Qualifications:
    """What is asked of qualifications."""

    def __init__(self, session: Session) -> None:
        self._session = session
