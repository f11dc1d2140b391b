"""Acts as the worker site does them: functions of the service, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from aioturk.marketplace import Marketplace
from aioturk.marketplace.house import OWNER, House
from aioturk.marketplace.service import Context, RequesterContext
from aioturk.marketplace.store.tables import audit

__all__ = ["act", "act_for", "audited", "milliseconds"]

P = ParamSpec("P")
T = TypeVar("T")


def house_of(market: Marketplace) -> House:
    """The house behind a market's doors."""
    house: House = market._house
    return house


async def act(
    market: Marketplace, function: Callable[Concatenate[Context, P], T], *args: P.args, **members: P.kwargs
) -> T:
    """Do something in the sandbox."""
    return await house_of(market).act(lambda context: function(context, *args, **members), actor=OWNER)


async def act_for(
    market: Marketplace, function: Callable[Concatenate[RequesterContext, P], T], *args: P.args, **members: P.kwargs
) -> T:
    """Do something for the market's first requester, in the sandbox."""
    house = house_of(market)
    key = await house.key(market.access_key)
    assert key is not None
    return await house.act_for(key, "sandbox", "r", lambda context: function(context, *args, **members))


async def audited(market: Marketplace) -> list[tuple[str, str, str | None, str | None]]:
    """Read the audit log: who, what, about what, and the rest."""
    lines = select(audit.c.actor, audit.c.what, audit.c.subject, audit.c.detail).order_by(audit.c.seq)
    found: list[tuple[str, str, str | None, str | None]] = await house_of(market).act(
        lambda context: context.store.audit._session.all(lines, {})
    )
    return found


def milliseconds(market: Marketplace) -> int:
    """Return the market's time."""
    return house_of(market).now()
