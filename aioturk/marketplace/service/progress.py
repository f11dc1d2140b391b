"""
How a requester's work gets on: what is done, how fast, what it pays by the hour, and what it costs.

Each function answers one question with sums over all of the account's HITs, which takes a moment when there are many:
ask them in acts of their own, so that others get their turn in between, and ask `progress` for all at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from aioturk.marketplace.lifecycle import REJECTED
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service.context import RequesterContext
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.earnings import DAY
from aioturk.marketplace.store.progress import DurationRow, TypeRow

__all__ = [
    "Costs",
    "DayOfWork",
    "Kind",
    "Pace",
    "Progress",
    "by_day",
    "by_kind",
    "costs",
    "held_back",
    "hits",
    "pace",
    "progress",
]

_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """
    How long the work takes that was submitted, from accepting to submitting.

    Attributes:
        submissions: How much work that is.
        median: How long half of it took at most.
        mean: How long it took on average.
        hourly_pay: What those earned in dollars for an hour of work whose work was not rejected (what waits counts as
            approved, and bonuses do not count); None while nothing took any time.
    """

    submissions: int
    median: timedelta
    mean: timedelta
    hourly_pay: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    The HITs of one type, and the assignments of them all.

    Attributes:
        hit_type_id: The type.
        group_id: The group, as workers know it.
        title: The title.
        reward: What an assignment earns, in dollars.
        hits: How many HITs there are, those that were deleted included.
        offered: How many assignments they have in all.
        in_work: How many are being worked on.
        submitted: How many wait for a decision.
        approved: How many were approved.
        rejected: How many were rejected.
        may_cost: What is kept back for them, in dollars.
    """

    hit_type_id: str
    group_id: str
    title: str
    reward: Decimal
    hits: int
    offered: int
    in_work: int
    submitted: int
    approved: int
    rejected: int
    may_cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfWork:
    """
    What happened on one day, UTC.

    Attributes:
        date: The day.
        submitted: How many assignments were submitted.
        approved: How many were approved.
        rejected: How many were rejected, and still are.
    """

    date: date
    submitted: int
    approved: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """
    What it has cost, and what it may yet, in dollars.

    Attributes:
        rewards: What workers were paid for approved work.
        bonuses: What they were paid besides.
        fees: What the house took for both.
        may_cost: What everything may still cost that is on offer, in work, or waits for a decision.
    """

    rewards: Decimal
    bonuses: Decimal
    fees: Decimal
    may_cost: Decimal

    @property
    def spent(self) -> Decimal:
        """All that was paid."""
        return self.rewards + self.bonuses + self.fees


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    All of it at once.

    Attributes:
        hits: How many HITs there are, by state.
        kinds: The HITs by type, those with the newest HITs first.
        days: What happened day by day, the newest first.
        pace: How long the work takes; None before the first submission.
        costs: What it costs.
    """

    hits: Mapping[str, int]
    kinds: tuple[Kind, ...]
    days: tuple[DayOfWork, ...]
    pace: Pace | None
    costs: Costs


def progress(context: RequesterContext) -> Progress:
    """Tell everything about how the caller's work gets on."""
    return Progress(
        hits=hits(context),
        kinds=by_kind(context),
        days=by_day(context),
        pace=pace(context),
        costs=costs(context),
    )


def hits(context: RequesterContext) -> Mapping[str, int]:
    """Count the caller's HITs by state; states without any are left out."""
    return context.store.progress.states(context.account.seq)


def by_kind(context: RequesterContext, *, limit: int = 100) -> tuple[Kind, ...]:
    """List the caller's HITs by type, those with the newest HITs first, at most so many types."""
    return tuple(map(_kind, context.store.progress.types(context.account.seq, limit)))


def _kind(row: TypeRow) -> Kind:
    return Kind(
        hit_type_id=row.type_id,
        group_id=row.group_id,
        title=row.title,
        reward=dollars(row.reward),
        hits=row.hits,
        offered=row.offered,
        in_work=row.in_work,
        submitted=row.submitted,
        approved=row.approved,
        rejected=row.rejected,
        may_cost=dollars(row.held),
    )


def by_day(context: RequesterContext, *, limit: int = 45) -> tuple[DayOfWork, ...]:
    """List what happened to the caller's HITs on the last days on which anything did, the newest first."""
    submitted: Counter[int] = Counter()
    approved: Counter[int] = Counter()
    rejected: Counter[int] = Counter()
    for row in context.store.progress.days(context.account.seq):
        submitted[row.submitted] += row.number
        if row.approved is not None:
            approved[row.approved] += row.number
        if row.status == REJECTED and row.rejected is not None:
            rejected[row.rejected] += row.number
    newest = sorted({*submitted, *approved, *rejected}, reverse=True)[:limit]
    return tuple(
        DayOfWork(
            date=moment(number * DAY).date(),
            submitted=submitted[number],
            approved=approved[number],
            rejected=rejected[number],
        )
        for number in newest
    )


def pace(context: RequesterContext) -> Pace | None:
    """Tell how long the work takes that was submitted to the caller; None before the first submission."""
    return _pace(context.store.progress.durations(context.account.seq))


def _pace(rows: Iterable[DurationRow]) -> Pace | None:
    counts: defaultdict[int, int] = defaultdict(int)
    earned = worked = 0
    for row in rows:
        counts[row.seconds] += row.number
        if row.status != REJECTED:
            earned += row.reward * row.number
            worked += row.seconds * row.number
    number = sum(counts.values())
    if not number:
        return None
    mean = sum(seconds * count for seconds, count in counts.items()) / number
    return Pace(
        submissions=number,
        median=timedelta(seconds=_median(counts)),
        mean=timedelta(seconds=mean),
        hourly_pay=dollars(round(earned * _HOUR / worked)) if worked else None,
    )


def _median(counts: Mapping[int, int]) -> float:
    """Return the value in the middle, or half-way between the two that are, of so many of each."""
    number, passed = sum(counts.values()), 0
    lower: int | None = None
    for value, count in sorted(counts.items()):
        passed += count
        if lower is None and 2 * passed >= number:
            lower = value
        if lower is not None and 2 * passed > number:
            return (lower + value) / 2
    raise AssertionError("there is none of nothing")


def costs(context: RequesterContext) -> Costs:
    """Tell what the caller has spent, and what the open work may still cost."""
    spent = context.store.progress.spent(context.account.seq)
    return Costs(
        rewards=dollars(spent.get("reward", 0)),
        bonuses=dollars(spent.get("bonus", 0)),
        fees=dollars(spent.get("fee", 0) + spent.get("bonus fee", 0)),
        may_cost=held_back(context),
    )


def held_back(context: RequesterContext) -> Decimal:
    """Tell what is held back of the caller's money for open work; it is counted where money never runs out, too."""
    _, held = context.store.money.balance(context.account.seq)
    return dollars(held)
