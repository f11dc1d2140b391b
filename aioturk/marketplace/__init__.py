"""
A marketplace of your own that speaks the MTurk API, in one process.

The road of a request: `app` (sockets) → `gateway` (bytes, signatures, the API's model) → `house` (one transaction on
one thread) → `service` (the operations) → `store` (SQL). Beside it: `rules` (every number and switch), `lifecycle`
(states), `money` (fees), `refusals` (error texts), `workers` and `robots` (those who work), `faults` (trouble on
purpose).

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

from aioturk.marketplace.delivery import Delivery
from aioturk.marketplace.faults import Faults
from aioturk.marketplace.in_thread import MarketplaceInThread
from aioturk.marketplace.market import Earnings, Marketplace
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
    "Range",
    "Rules",
    "WorkDone",
    "Worker",
]
