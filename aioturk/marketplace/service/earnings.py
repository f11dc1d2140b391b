"""
What workers have earned: totals, days, and what came of each piece of work.

A piece of work counts on the day on which it was submitted, UTC. What the owner does about it (paying out) is in
`owner`, how the money gets there in `funds`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from aioturk.marketplace.lifecycle import ABANDONED, ACCEPTED, APPROVED, REJECTED, RETURNED, SUBMITTED
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import people
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import milliseconds, moment
from aioturk.marketplace.store.earnings import DAY, ItemRow

__all__ = ["Dashboard", "Day", "State", "WorkItem", "dashboard", "day"]

_REWARD, _BONUS = "reward", "bonus"


class State(Enum):
    """What came of a piece of work, in the words that workers are told it with."""

    SUBMITTED = SUBMITTED
    APPROVED = APPROVED
    REJECTED = REJECTED
    PAID = "Paid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    The work that was submitted on one day, and what came of it by now.

    Attributes:
        date: The day.
        submitted: How many assignments: those that wait for a decision, were approved, were rejected.
        pending: How many of them wait.
        approved: How many were approved.
        rejected: How many were rejected.
        rewards: What was paid for them.
        bonuses: What was paid besides, whenever that was.
    """

    date: date
    submitted: int
    pending: int
    approved: int
    rejected: int
    rewards: Decimal
    bonuses: Decimal

    @property
    def earned(self) -> Decimal:
        """Rewards and bonuses."""
        return self.rewards + self.bonuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """
    All that a worker has done, and what it has brought; money is in dollars.

    Attributes:
        rewards: What was paid for approved work.
        bonuses: What was paid besides.
        paid: What was paid out.
        expected: The rewards of what waits for a decision.
        in_work: How many assignments the worker holds.
        submitted: How many were submitted: those that wait, were approved, were rejected.
        pending: How many of these wait.
        approved: How many were approved.
        rejected: How many were rejected.
        returned: How many the worker has given back.
        abandoned: How many were neither submitted nor returned in time.
        days: The days on which something was submitted, the newest first.
    """

    rewards: Decimal
    bonuses: Decimal
    paid: Decimal
    expected: Decimal
    in_work: int
    submitted: int
    pending: int
    approved: int
    rejected: int
    returned: int
    abandoned: int
    days: tuple[Day, ...]

    @property
    def earned(self) -> Decimal:
        """Rewards and bonuses."""
        return self.rewards + self.bonuses

    @property
    def owed(self) -> Decimal:
        """What was earned and not paid out yet."""
        return self.earned - self.paid

    @property
    def approval_rate(self) -> float | None:
        """The share of approved work in what was decided, between 0 and 1; None before the first decision."""
        decided = self.approved + self.rejected
        return self.approved / decided if decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """
    A piece of work that was submitted.

    Attributes:
        assignment_id: The assignment.
        hit_id: Its HIT.
        group_id: The group that this belongs to.
        title: What it was.
        requester_id: Whose it was.
        requester_name: What they are called.
        reward: What it has earned, or what it would earn.
        bonus: What was paid besides.
        state: What came of it.
        accepted: When it was accepted.
        submitted: When it was submitted.
        decided: When it was approved or rejected.
        auto_approval: When it is approved, if nobody decides before.
        feedback: What the requester said about it.
    """

    assignment_id: str
    hit_id: str
    group_id: str
    title: str
    requester_id: str
    requester_name: str
    reward: Decimal
    bonus: Decimal
    state: State
    accepted: datetime
    submitted: datetime
    decided: datetime | None
    auto_approval: datetime
    feedback: str | None


def dashboard(context: Context, worker_id: str, *, days: int = 45) -> Dashboard:
    """
    Tell what a worker has done and earned.

    Args:
        context: When, and where.
        worker_id: Who.
        days: How far back the days go, today included.

    Raises:
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    worker_seq = people.known(context, worker_id)
    counts = context.store.standing.counts(worker_seq)
    totals = context.store.earnings.totals(worker_seq)
    _, paid, expected = context.store.money.earnings(worker_seq)
    pending, approved, rejected = (counts.get(status, 0) for status in (SUBMITTED, APPROVED, REJECTED))
    return Dashboard(
        rewards=dollars(totals.get(_REWARD, 0)),
        bonuses=dollars(totals.get(_BONUS, 0)),
        paid=dollars(paid),
        expected=dollars(expected),
        in_work=counts.get(ACCEPTED, 0),
        submitted=pending + approved + rejected,
        pending=pending,
        approved=approved,
        rejected=rejected,
        returned=counts.get(RETURNED, 0),
        abandoned=counts.get(ABANDONED, 0),
        days=_days(context, worker_seq, (context.now // DAY - days + 1) * DAY),
    )


def _days(context: Context, worker_seq: int, since: int) -> tuple[Day, ...]:
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in context.store.earnings.counts(worker_seq, since):
        counts[row.day][row.status] = row.number
    sums = {(row.day, row.reason): row.cents for row in context.store.earnings.sums(worker_seq, since)}
    return tuple(
        Day(
            date=moment(number * DAY).date(),
            submitted=sum(found.values()),
            pending=found.get(SUBMITTED, 0),
            approved=found.get(APPROVED, 0),
            rejected=found.get(REJECTED, 0),
            rewards=dollars(sums.get((number, _REWARD), 0)),
            bonuses=dollars(sums.get((number, _BONUS), 0)),
        )
        for number, found in sorted(counts.items(), reverse=True)
    )


def day(context: Context, worker_id: str, date: date) -> tuple[WorkItem, ...]:
    """
    List what a worker has submitted on a day, the earliest first, and what came of it.

    Raises:
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    worker_seq = people.known(context, worker_id)
    since = milliseconds(datetime.combine(date, datetime.min.time(), UTC))
    until = since + DAY
    rows = context.store.earnings.items(worker_seq, since, until)
    if not rows:
        return ()
    _, paid, _ = context.store.money.earnings(worker_seq)
    paid_until = context.store.earnings.paid_until(worker_seq, paid) if paid else 0
    payments = context.store.earnings.payments(worker_seq, since, until)
    items = []
    for row in rows:
        reward, bonus = (payments.get((row.assignment_seq, reason)) for reason in (_REWARD, _BONUS))
        # Money that was paid out is for what was earned first.
        is_paid = reward is not None and reward.seq <= paid_until
        items.append(_item(row, bonus.cents if bonus else 0, is_paid=is_paid))
    return tuple(items)


def _item(row: ItemRow, bonus: int, *, is_paid: bool) -> WorkItem:
    decided_at = {APPROVED: row.approved_at, REJECTED: row.rejected_at}.get(row.status)
    return WorkItem(
        assignment_id=row.assignment_id,
        hit_id=row.hit_id,
        group_id=row.group_id,
        title=row.title,
        requester_id=row.requester_id,
        requester_name=row.requester_name,
        reward=dollars(row.reward),
        bonus=dollars(bonus),
        state=State.PAID if is_paid else State(row.status),
        accepted=moment(row.accepted_at),
        submitted=moment(row.submitted_at),
        decided=None if decided_at is None else moment(decided_at),
        auto_approval=moment(row.auto_approval_at),
        feedback=row.feedback or None,
    )
