"""
Who works: being known, and what the owner of the marketplace says about workers.

What workers do is in `work`, what they see in `browsing`, what requesters do about them in `workers`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from aioturk.errors import InvalidRequest
from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.system_types import (
    ADULT,
    FOREIGN,
    LOCALE,
    MASTERS_PRODUCTION,
    MASTERS_SANDBOX,
    NUMBER_APPROVED,
    PERCENT_APPROVED,
    PREMIUM,
)

__all__ = ["ORIGINS", "Known", "add", "configure", "known", "listed", "named"]

ORIGINS = ("person", "script", "model")
"""What workers are."""

_PLACE = re.compile(r"[A-Z]{2}|US-[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Known:
    """
    Somebody who works.

    Attributes:
        worker_id: The id.
        name: What the person is called, as far as somebody has said.
        since: When the id was first heard of.
    """

    worker_id: str
    name: str | None
    since: datetime


def known(context: Context, worker_id: str, origin: str = "person") -> int:
    """
    Return the running number of a worker, who is known from now on.

    Args:
        context: Where, and when.
        worker_id: A well-formed id.
        origin: What kind of worker it is, if this is the first that is heard of it.

    Raises:
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    found = context.store.workers.find(worker_id, context.environment)
    if found is not None:
        return found
    if context.rules.strict_workers:
        raise refusals.unknown_worker(worker_id)
    return context.store.workers.add(worker_id, context.environment, origin, context.now)


def named(context: Context, worker_id: str) -> int:
    """
    Return the same of a worker whom a requester names.

    Raises:
        InvalidParameterValue: As from `known`, but without a word for the owner: a requester is told what the service
            would say.
    """
    if context.rules.strict_workers and context.store.workers.find(worker_id, context.environment) is None:
        raise refusals.invalid("WorkerId", worker_id)
    return known(context, worker_id)


def listed(context: Context, limit: int) -> tuple[Known, ...]:
    """List the persons who are known, those who came last first; neither scripts nor models."""
    rows = context.store.workers.listed(context.environment, "person", limit)
    return tuple(Known(row.id, row.name, moment(row.since)) for row in rows)


def add(context: Context, worker_id: str, origin: str) -> None:
    """
    Make a worker known; one who is known already is from now on of this origin.

    Raises:
        InvalidRequest: There is no such origin.
    """
    if origin not in ORIGINS:
        raise InvalidRequest(f"{origin!r} is none of {', '.join(map(repr, ORIGINS))}.", argument="origin")
    found = context.store.workers.find(worker_id, context.environment)
    if found is None:
        context.store.workers.add(worker_id, context.environment, origin, context.now)
    else:
        context.store.workers.set_origin(found, origin)
    context.note("WorkerAdded", worker_id, origin=origin)


def configure(
    context: Context,
    worker_id: str,
    *,
    locale: str | None,
    approved: int | None,
    percent_approved: int | None,
    adult: bool | None,
    masters: bool | None,
    premium: Collection[str] | None,
) -> None:
    """
    Say what the system's qualification types say of a worker; None leaves it as it is.

    Raises:
        InvalidRequest: A value cannot be.
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    if locale is not None and not _PLACE.fullmatch(locale):
        raise InvalidRequest(f"{locale!r} is no place: write 'DE', or 'US-WA' for a state.", argument="locale")
    if approved is not None and approved < 0:
        raise InvalidRequest("there are no fewer than 0.", argument="approved")
    if percent_approved is not None and not 0 <= percent_approved <= 100:
        raise InvalidRequest("a percentage lies between 0 and 100.", argument="percent_approved")
    offered = PREMIUM - FOREIGN[context.environment]
    if premium is not None and not offered.issuperset(premium):
        text = f"in this environment there are {', '.join(map(repr, sorted(offered)))}, in a list."
        raise InvalidRequest(text, argument="premium")
    worker_seq, now, standing = known(context, worker_id), context.now, context.store.standing
    if locale is not None:
        country, _, state = locale.partition("-")
        standing.put(worker_seq, LOCALE, now, country=country, subdivision=state or None)
    for type_id, value in ((NUMBER_APPROVED, approved), (PERCENT_APPROVED, percent_approved), (ADULT, adult)):
        if value is not None:
            standing.put(worker_seq, type_id, now, value=int(value))
    if masters is not None:
        type_id = MASTERS_PRODUCTION if context.environment == "production" else MASTERS_SANDBOX
        standing.put(worker_seq, type_id, now, status="Granted" if masters else "Revoked")
    if premium is not None:
        for type_id in sorted(offered):
            # With a value, as some compare with it and others ask only whether it exists; that it is 1 is unverified.
            has = type_id in premium
            standing.put(worker_seq, type_id, now, status="Granted" if has else "Revoked", value=1 if has else None)
    context.note("WorkerConfigured", worker_id)
