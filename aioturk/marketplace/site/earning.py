"""What came of somebody's work, and what requesters have told them: the dashboard, one day of it, and messages."""

from __future__ import annotations

from datetime import date
from typing import Final

from aiohttp import web

from aioturk.marketplace.service import browsing, earnings
from aioturk.marketplace.site.refusing import Refused
from aioturk.marketplace.site.visits import Route, Visit

__all__ = ["ROUTES"]


async def dashboard(visit: Visit) -> web.StreamResponse:
    """Show what a worker has done and earned."""
    found = await visit.act(lambda context: earnings.dashboard(context, visit.worker_id))
    return visit.show("dashboard.html", found=found)


async def day(visit: Visit) -> web.StreamResponse:
    """Show what came of one day's work."""
    text = visit.path("date")
    try:
        wanted = date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r:.40} is no day: write it as in 2026-01-31.", 404) from None
    items = await visit.act(lambda context: earnings.day(context, visit.worker_id, wanted))
    return visit.show("day.html", day=wanted, items=items)


async def messages(visit: Visit) -> web.StreamResponse:
    """Show what requesters have told a worker, the newest first."""
    found = await visit.act(lambda context: browsing.messages(context, visit.worker_id))
    return visit.show("messages.html", found=found[::-1])


async def old_dashboard(visit: Visit) -> web.StreamResponse:
    """Send an old link on."""
    return visit.go("/dashboard")


ROUTES: Final = (
    Route("GET", "/dashboard", dashboard),
    Route("GET", "/status_details/{date}", day),
    Route("GET", "/messages", messages),
    Route("GET", "/mturk/dashboard", old_dashboard),
)
