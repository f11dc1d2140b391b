"""
What things cost in the marketplace: fees, and what has to be held back, in cents.

The arithmetic is that of :mod:`aioturk.pricing`, with which requesters reckon too; its numbers are those of the rules.
Moving the money is the subject of :mod:`aioturk.marketplace.service.funds`.
"""

from __future__ import annotations

import logging
from decimal import Context, Decimal
from functools import lru_cache

from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace.rules import Rules
from aioturk.pricing import FeeTable

__all__ = ["EXACT", "bonus_fee", "cents", "dollars", "fee_table", "reward_fee", "told_fees"]

_log = logging.getLogger(__name__)

EXACT = Context(prec=80)
"""More digits than any sum has: a program's own precision of decimals must not round what is in the books."""


def cents(amount: Decimal) -> int:
    """Return dollars as whole cents; the API's pattern allows no finer amounts."""
    return int(amount.scaleb(2, context=EXACT))


def dollars(amount: int) -> Decimal:
    """Return cents as dollars with two decimals."""
    return Decimal(amount).scaleb(-2, context=EXACT)


def fee_table(rules: Rules) -> FeeTable:
    """Return the fees of a marketplace with these rules."""
    return _fee_table(
        rules.fee,
        rules.large_fee,
        rules.small_below,
        rules.masters_fee,
        tuple(rules.premium.items()),
        rules.minimum_fee,
    )


def told_fees(rules: Rules) -> str | None:
    """
    Return the fees of a marketplace with these rules as requesters are told them; None if that takes too many words.

    Raises:
        ConfigurationError: The rules have no such fees.
    """
    try:
        table = fee_table(rules)
    except InvalidRequest as wrong:
        raise ConfigurationError(
            f"Nothing can be charged by the fees of these rules: {wrong.argument} {wrong.text} Nothing was changed."
        ) from wrong
    try:
        return table.to_text()
    except InvalidRequest as too_long:
        _log.warning("Requesters are not told what is taken here, and have to say it themselves: %s", too_long)
        return None


@lru_cache(maxsize=16)
def _fee_table(
    share: Decimal,
    large: Decimal,
    small_below: int,
    masters: Decimal,
    premium: tuple[tuple[str, int], ...],
    minimum: int,
) -> FeeTable:
    # Made once for the same numbers: a table checks itself, and fees are asked for with every HIT.
    return FeeTable(
        share=share,
        large_share=large,
        large_from=small_below,
        masters_share=masters,
        premium={type_id: dollars(sum_) for type_id, sum_ in premium},
        minimum=dollars(minimum),
    )


def reward_fee(reward: int, max_assignments: int, masters: bool, rules: Rules) -> int:
    """Return the fee on one approved assignment, without what premium qualifications cost."""
    return cents(fee_table(rules).on_assignment(dollars(reward), max_assignments, masters=masters))


def bonus_fee(amount: int, rules: Rules) -> int:
    """Return the fee on a bonus."""
    return cents(fee_table(rules).on_bonus(dollars(amount)))
