"""
Paying a bonus for an assignment: first what it costs, then paying it.

The form carries a token, so that sending it again pays nothing again.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from aiohttp import web

from aioturk._generated import shapes
from aioturk.errors import DuplicateCall
from aioturk.marketplace.money import bonus_fee, cents, dollars
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.requester.costs import balance
from aioturk.marketplace.site.requester.desk import Desk, cleaned, route
from aioturk.marketplace.site.requester.hits import assignment_path

__all__ = ["ROUTES"]

_AMOUNT: Final = re.compile(r"\$?\s*(\d{1,9}(?:\.\d{1,2})?)", re.ASCII)
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


async def preview(desk: Desk) -> web.StreamResponse:
    """Show what a bonus costs. Nothing is paid yet."""
    desk.require_change()
    amount, reason, token = _fields(desk)
    found = await desk.call(shapes.GetAssignmentRequest(assignment_id=desk.id_in_path("assignment_id")))
    fee = dollars(bonus_fee(cents(amount), desk.visit.site.house.rules))
    return desk.show(
        "bonus.html",
        assignment=found.assignment,
        amount=amount,
        fee=fee,
        total=amount + fee,
        reason=reason,
        bonus_token=token,
        balance=await balance(desk),
        assignment_path=assignment_path,
    )


async def pay(desk: Desk) -> web.StreamResponse:
    """Pay a bonus."""
    desk.require_change()
    amount, reason, token = _fields(desk)
    assignment_id = desk.id_in_path("assignment_id")
    found = await desk.call(shapes.GetAssignmentRequest(assignment_id=assignment_id))
    request = shapes.SendBonusRequest(
        worker_id=found.assignment.worker_id,
        bonus_amount=amount,
        assignment_id=assignment_id,
        reason=reason,
        unique_request_token=f"site-{token}",
    )
    try:
        await desk.call(request)
    except DuplicateCall:
        return desk.visit.go(desk.visit.saying("again", assignment_path(assignment_id)))
    return desk.visit.go(desk.visit.saying("paid", assignment_path(assignment_id)))


def _fields(desk: Desk) -> tuple[Decimal, str, str]:
    form = desk.visit.form
    amount = _AMOUNT.fullmatch(cleaned(form.get("amount")))
    reason, token = cleaned(form.get("reason")), form.get("bonus_token", "")
    if amount is None or not Decimal(amount[1]):
        raise Refused("Write the bonus in dollars, as in 0.50. Nothing was paid.", 422)
    if not reason:
        raise Refused("Say what the bonus is for: the worker is told. Nothing was paid.", 422)
    if not _TOKEN.fullmatch(token):
        raise Refused("This form was not made here. Nothing was paid.", 422)
    return Decimal(amount[1]).quantize(Decimal("0.01")), reason, token


ROUTES: Final = (
    route("POST", "/requester/assignments/{assignment_id}/bonus", preview),
    route("POST", "/requester/assignments/{assignment_id}/bonus/pay", pay),
)
