"""
Sessions of the worker site that end before their time: somebody signs out, or in as somebody else.

All processes that serve the market know of it, and those that come after them. How a session is read and written is in
`aioturk.marketplace.site.sessions`; that all of a person end at once, in `aioturk.marketplace.service.accounts`.
"""

from __future__ import annotations

from collections.abc import Iterable

from aioturk.marketplace.service.context import Context

__all__ = ["end", "has_ended"]


def end(context: Context, session_ids: Iterable[str], *, now: int, until: int) -> None:
    """
    Keep that sessions are over.

    Args:
        context: Where.
        session_ids: Which.
        now: Real time in milliseconds, by which cookies get old: the market's own may be turned ahead.
        until: When their cookies are too old in any case.
    """
    context.store.ended_sessions.forget(now)
    for session_id in session_ids:
        context.store.ended_sessions.add(session_id, until)


def has_ended(context: Context, session_id: str) -> bool:
    """Say whether a session is over, whoever still has its cookie."""
    return context.store.ended_sessions.has(session_id)
