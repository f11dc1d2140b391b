"""Notifications: messages about events."""

from __future__ import annotations

from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.records import Hit

__all__ = ["notify"]


def notify(context: Context, event: str, hit: Hit, assignment_id: str | None) -> None:
    """Post a message about an event, if the requester wants to know of it."""
