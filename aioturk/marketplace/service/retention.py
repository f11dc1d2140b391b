"""
How long what nobody uses is kept.

Nothing is deleted when its time is over: it is just no longer found, so that what was made of it can still be read.
"""

from __future__ import annotations

from aioturk.marketplace.service.context import Context

__all__ = ["is_news", "since"]

_DAY = 24 * 60 * 60
_PRECISION = 100


def since(context: Context) -> int | None:
    """Return the moment since which a thing has to have been used, else it is gone; None if nothing ever goes."""
    patience = context.rules.unused_after
    return None if patience is None else context.now - patience * 1000


def is_news(context: Context, used_at: int) -> bool:
    """Say whether a use is to be written down: not each of many, as a hundredth of the time more or less is nothing."""
    patience = context.rules.unused_after
    step = _DAY if patience is None else min(_DAY, patience // _PRECISION)
    return context.now - used_at > step * 1000
