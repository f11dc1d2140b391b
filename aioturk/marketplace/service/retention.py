"""
How long what nobody uses is kept.

Nothing is deleted when its time is over: it is just no longer found, so that what was made of it can still be read.
"""

from __future__ import annotations

from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.records import HitType

__all__ = ["is_gone", "is_news", "since"]

_DAY = 24 * 60 * 60
_PRECISION = 100


def since(context: Context) -> int | None:
    """Return the moment since which a thing has to have been used, else it is gone; None if nothing ever goes."""
    patience = context.rules.unused_after
    return None if patience is None else context.now - patience * 1000


def is_gone(context: Context, kind: HitType) -> bool:
    """Say whether a HIT type is gone because nobody has used it. Its HITs use it until they are disposed of."""
    earliest = since(context)
    if earliest is None or kind.used_at > earliest:
        return False
    return not context.store.hit_types.has_hits(kind.seq, earliest)


def is_news(context: Context, used_at: int) -> bool:
    """Say whether a use is to be written down: not each of many, as a hundredth of the time more or less is nothing."""
    patience = context.rules.unused_after
    step = _DAY if patience is None else min(_DAY, patience // _PRECISION)
    return context.now - used_at > step * 1000
