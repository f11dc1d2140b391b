"""
How the requester's work gets on: what is done, what it costs, what it pays by the hour; as pictures, with their tables.

The numbers are those of `aioturk.marketplace.service.progress`, each asked in an act of its own, because they are sums
over everything that the requester has.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from aioturk.marketplace.service import progress
from aioturk.marketplace.site.requester.costs import balance
from aioturk.marketplace.site.requester.desk import Desk, route
from aioturk.marketplace.site.requester.hits import STATES
from aioturk.marketplace.site.requester.pictures import Chart, columns, round_up, strip
from aioturk.marketplace.site.requester.times import files

__all__ = ["ROUTES"]

_DAYS: Final = 30


async def page(desk: Desk) -> web.StreamResponse:
    """Show how it gets on."""
    states = await desk.act(progress.hits)
    kinds = await desk.act(progress.by_kind)
    days = (await desk.act(progress.by_day))[:_DAYS][::-1]
    pace = await desk.act(progress.pace)
    costs = await desk.act(progress.costs)
    spending = (
        ("rewards", costs.rewards),
        ("bonuses", costs.bonuses),
        ("fees", costs.fees),
        ("held", costs.may_cost),
    )
    hourly = None if pace is None or pace.hourly_pay is None else float(pace.hourly_pay)
    scale = None if hourly is None else round_up(hourly)
    return desk.show(
        "progress.html",
        states=[(STATES.get(name, name.lower()), count) for name, count in states.items()],
        kinds=[(kind, strip(_parts(kind), height=14, width=160), files(hit_type=kind.hit_type_id)) for kind in kinds],
        files=files(),
        days=days,
        day_chart=_day_chart(days),
        pace=pace,
        costs=costs,
        spending=spending,
        spending_strip=strip([(name, float(amount)) for name, amount in spending]),
        hourly_strip=None if hourly is None or scale is None else strip([("hourly", hourly), ("rest", scale - hourly)]),
        hourly_scale=scale,
        balance=await balance(desk),
    )


def _parts(kind: progress.Kind) -> list[tuple[str, float]]:
    decided = kind.approved + kind.rejected
    left = max(kind.offered - decided - kind.submitted - kind.in_work, 0)
    return [
        ("approved", kind.approved),
        ("rejected", kind.rejected),
        ("submitted", kind.submitted),
        ("in-work", kind.in_work),
        ("rest", left),
    ]


def _day_chart(days: tuple[progress.DayOfWork, ...]) -> Chart:
    return columns(
        [
            (
                f"{day.date:%d.%m.}",
                (("submitted", day.submitted), ("approved", day.approved), ("rejected", day.rejected)),
            )
            for day in days
        ]
    )


ROUTES: Final = (route("GET", "/requester/progress", page),)
