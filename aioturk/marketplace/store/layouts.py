"""Layouts in the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from aioturk.marketplace.store.records import Layout
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import layout

__all__ = ["Layouts"]

_READ = select(layout.c.seq, layout.c.html, layout.c.frame_height, layout.c.used_at).where(
    layout.c.account_seq == bindparam("account_seq"), layout.c.id == bindparam("layout_id")
)
_INSERT = insert(layout)
_UPDATE = update(layout).where(layout.c.seq == bindparam("the_seq"))


class Layouts:
    """What is asked of layouts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any]) -> None:
        """Keep a new layout."""
        self._session.put(_INSERT, values)

    def read(self, account_seq: int, layout_id: str) -> Layout | None:
        """Find a layout of an account."""
        row = self._session.first(_READ, {"account_seq": account_seq, "layout_id": layout_id})
        return None if row is None else Layout(*row)

    def set_used(self, seq: int, used_at: int) -> None:
        """Keep when a layout was used last."""
        self._session.change(_UPDATE, {"the_seq": seq, "used_at": used_at})
