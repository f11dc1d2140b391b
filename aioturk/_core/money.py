"""
Amounts of money, from whatever callers take for one: dollars in whole cents, exactly.

What workers and fees cost is in `aioturk.pricing`; how amounts are written on the wire is in `aioturk._core.wire`.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from aioturk._core.accepted import Money
from aioturk._core.refusal import Refusal, described, short
from aioturk._core.wire import dollars
from aioturk.errors import InvalidRequest

__all__ = ["amount_of", "money"]


def money(value: Any) -> str:
    """Convert an amount of money."""
    if type(value) is str and _WIRE_DOLLARS.fullmatch(value):
        return value  # already as it is sent: a tenth of the time of the way through decimals
    return dollars(_whole_cents(value))


def _whole_cents(value: Any) -> Decimal:
    amount = _amount(value)
    if not amount.is_finite() or amount < 0:
        raise Refusal(f"is {short(value)}; an amount of money is zero or more.")
    if amount.adjusted() > _DOLLAR_DIGITS:
        raise Refusal(f"is {short(value)}, which is too much; an amount has at most 16 digits before the point.")
    cents = amount.quantize(_CENT, context=_EXACT)
    if cents != amount:
        raise Refusal(
            f"is {short(value)}, which is finer than a cent; round it yourself, so that what is paid is what you mean."
        )
    # There is a negative zero, which is no amount. Plain abs() would round as the caller's own context says.
    return cents.copy_abs()


def amount_of(value: Money, argument: str) -> Decimal:
    """
    Return an amount of money, whole cents of it, from whatever the operations take for one.

    Args:
        value: The amount.
        argument: What it is called in a refusal.

    Raises:
        InvalidRequest: It is no amount of money.
    """
    try:
        return _whole_cents(value)
    except Refusal as refused:
        raise InvalidRequest(refused.text, argument=argument) from None


_CENT = Decimal("0.01")
_DOLLAR_DIGITS = 15
_EXACT = Context(prec=_DOLLAR_DIGITS + 10)
_WIRE_DOLLARS = re.compile(r"(0|[1-9][0-9]{0,15})\.[0-9]{2}", re.ASCII)
_DIGITS = re.compile(r"-?[0-9]*\.?[0-9]*", re.ASCII)


def _amount(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        raise Refusal(f"is {described(value)}; give dollars as Decimal, int or str.")
    if isinstance(value, str) and _DIGITS.fullmatch(value) is None:
        raise Refusal(f"is {short(value, repr)}; give dollars in plain digits, such as '0.25'.")
    try:
        # The shortest text that is this float: 0.1 is ten cents, 0.1 + 0.2 is not thirty.
        return Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise Refusal(f"is {short(value, repr)}; give dollars in plain digits, such as '0.25'.") from None
