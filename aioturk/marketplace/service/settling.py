"""
The end of every change to a HIT: its state, the money that is held for it, and its row.

Deciding about assignments ends here, as it never makes a HIT Reviewable. Whatever else is done to a HIT ends one
level higher, in `upkeep`, which looks whether it has become so and what follows.
"""

from __future__ import annotations

from aioturk.marketplace.lifecycle import settled
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.funds import with_funds_held
from aioturk.marketplace.store.records import Hit

__all__ = ["settle"]


def settle(context: Context, hit: Hit, *, extended: bool = False) -> Hit:
    """
    Put a changed HIT into its state, hold the money for it, and save it. When it raises, nothing was written.

    Args:
        context: Who changed it, and when.
        hit: The HIT with its new counters, time and whatever else was changed.
        extended: Whether it got more time or assignments.

    Returns:
        The HIT as it is now.

    Raises:
        InsufficientFunds: The change needs more money than there is.
    """
    hit = with_funds_held(context, settled(hit, context.now, context.rules, extended=extended))
    context.store.hits.save(hit)
    return hit
