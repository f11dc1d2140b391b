"""
What things cost: fees, and what has to be held back. Pure arithmetic on cents.

Moving the money is the subject of :mod:`aioturk.marketplace.service.funds`.

Amazon's fees: https://requester.mturk.com/pricing
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from aioturk.marketplace.rules import Rules

__all__ = ["bonus_fee", "cents", "dollars", "reward_fee"]


def cents(amount: Decimal) -> int:
    """Return dollars as whole cents; the API's pattern allows no finer amounts."""
    return int(amount.scaleb(2))


def dollars(amount: int) -> Decimal:
    """Return cents as dollars with two decimals."""
    return Decimal(amount).scaleb(-2)


def reward_fee(reward: int, max_assignments: int, masters: bool, rules: Rules) -> int:
    """Return the fee on one approved assignment. The parts are added, then rounded (unverified)."""
    share = rules.fee
    if max_assignments >= rules.small_below:
        share += rules.large_fee
    if masters:
        share += rules.masters_fee
    return _fee(reward, share, rules)


def bonus_fee(amount: int, rules: Rules) -> int:
    """Return the fee on a bonus."""
    return _fee(amount, rules.fee, rules)


def _fee(amount: int, share: Decimal, rules: Rules) -> int:
    # Decimal's own context has 28 digits, more than any sum that fits the store.
    return max(rules.minimum_fee, int((amount * share).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
