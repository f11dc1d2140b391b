"""
A marketplace of your own that speaks the MTurk API.

The road of a request: `app` (sockets) → `gateway` (bytes, signatures, the API's model) → `house` (one transaction on a
thread of `thread`) → `service` (the operations) → `store` (SQL). What they go by: `rules` (every number and switch),
`lifecycle` (states), `money` (fees), `review` (what review policies make of answers), `refusals` (error texts),
`identifiers`.

Those who work come in through `workers`, as Python objects, or as the scripted crowds of `robots` (whose time is in
`robot_clock`). Events go out through `delivery`, and are read in `notifications`. `market` puts it all together;
`in_thread` does so for programs that cannot await, and `back_office` is for owners whose marketplace is served by
another process. `faults` makes trouble on purpose. `moments_files` writes down when people did what, for requesters.

The Crowd API, a second service at the same house, is in `crowd`; `callers` proves for all services who asks.

For programs that hard-code Amazon's hosts: `proxy` (with `certificates`) stands between, `redirect` is what they find
in their environment, and `sts` tells them who they are.

It never imports the client, except in `Marketplace.client`.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "The marketplace keeps its data with SQLAlchemy, which is not installed: pip install 'aioturk[marketplace]'.",
        name=_missing.name,
    ) from None

from aioturk._core.webhooks import new_secret
from aioturk.marketplace.delivery import Delivery, Webhook
from aioturk.marketplace.faults import Faults
from aioturk.marketplace.in_thread import MarketplaceInThread
from aioturk.marketplace.market import Earnings, Marketplace, Moments
from aioturk.marketplace.robots import WorkDone
from aioturk.marketplace.rules import AMAZON, HOUSE, Range, Rules
from aioturk.marketplace.workers import Worker

__all__ = [
    "AMAZON",
    "HOUSE",
    "Delivery",
    "Earnings",
    "Faults",
    "Marketplace",
    "MarketplaceInThread",
    "Moments",
    "Range",
    "Rules",
    "Webhook",
    "WorkDone",
    "Worker",
    "new_secret",
]
