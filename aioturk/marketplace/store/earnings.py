"""
What workers have earned, in the store: sums by day, and the work of one day. Everything here only reads.

Days are those on which work was submitted, counted since 1970, UTC. What was paid is read in the ledger.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, func, literal_column, select

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, assignment, hit, hit_type, movement, requester

__all__ = ["DAY", "DayCount", "DaySum", "Earnings", "ItemRow", "Payment"]

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""


class DayCount(NamedTuple):
    """How many assignments that were submitted on a day are in a state."""

    day: int
    status: str
    number: int


class DaySum(NamedTuple):
    """What was paid for the work of a day: reason ``reward`` or ``bonus``, in cents."""

    day: int
    reason: str
    cents: int


class ItemRow(NamedTuple):
    """A piece of work; the reward is what it has earned, or would earn."""

    assignment_seq: int
    assignment_id: str
    hit_id: str
    group_id: str
    title: str
    requester_id: str
    requester_name: str
    reward: int
    status: str
    accepted_at: int
    submitted_at: int
    approved_at: int | None
    rejected_at: int | None
    auto_approval_at: int
    feedback: str | None


class Payment(NamedTuple):
    """What was paid for an assignment, in cents, and where the last of it stands in the ledger."""

    cents: int
    seq: int


_day = (assignment.c.submitted_at // literal_column(str(DAY), BigInteger)).label("day")
_of_worker = assignment.c.worker_seq == bindparam("worker_seq")
_earned = (movement.c.worker_seq == bindparam("worker_seq"), movement.c.debit == "worker")

_TOTALS = select(movement.c.reason, func.sum(movement.c.cents)).where(*_earned).group_by(movement.c.reason)
_COUNTS = (
    select(_day, assignment.c.status, func.count())
    .where(_of_worker, assignment.c.submitted_at >= bindparam("since"))
    .group_by(_day, assignment.c.status)
)
_SUMS = (
    select(_day, movement.c.reason, func.sum(movement.c.cents))
    .join_from(movement, assignment, movement.c.assignment_seq == assignment.c.seq)
    .where(*_earned, assignment.c.submitted_at >= bindparam("since"))
    .group_by(_day, movement.c.reason)
)
_that_day = (assignment.c.submitted_at >= bindparam("since"), assignment.c.submitted_at < bindparam("until"))
_ITEMS = (
    select(
        assignment.c.seq,
        assignment.c.issued_id,
        hit.c.id,
        hit_type.c.group_id,
        hit_type.c.title,
        account.c.requester_id,
        requester.c.name,
        hit_type.c.reward,
        assignment.c.status,
        assignment.c.accepted_at,
        assignment.c.submitted_at,
        assignment.c.approved_at,
        assignment.c.rejected_at,
        assignment.c.auto_approval_at,
        assignment.c.feedback,
    )
    .join_from(assignment, hit, assignment.c.hit_seq == hit.c.seq)
    .join(hit_type, hit.c.type_seq == hit_type.c.seq)
    .join(account, hit.c.account_seq == account.c.seq)
    .join(requester, account.c.requester_seq == requester.c.seq)
    .where(_of_worker, *_that_day)
    .order_by(assignment.c.submitted_at, assignment.c.seq)
)
_PAYMENTS = (
    select(movement.c.assignment_seq, movement.c.reason, func.sum(movement.c.cents), func.max(movement.c.seq))
    .join_from(movement, assignment, movement.c.assignment_seq == assignment.c.seq)
    .where(*_earned, *_that_day)
    .group_by(movement.c.assignment_seq, movement.c.reason)
)
_running = (
    select(movement.c.seq, func.sum(movement.c.cents).over(order_by=movement.c.seq).label("so_far"))
    .where(*_earned)
    .subquery()
)
_PAID_UNTIL = select(func.max(_running.c.seq)).where(_running.c.so_far <= bindparam("paid"))


class Earnings:
    """What is asked of what a worker has earned."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def totals(self, worker_seq: int) -> dict[str, int]:
        """Sum up everything that was earned, in cents, by reason: ``reward`` and ``bonus``."""
        return {row[0]: int(row[1]) for row in self._session.all(_TOTALS, {"worker_seq": worker_seq})}

    def counts(self, worker_seq: int, since: int) -> list[DayCount]:
        """Count what was submitted from a moment on, by day and by the state that it is in now."""
        return [DayCount(*row) for row in self._session.all(_COUNTS, {"worker_seq": worker_seq, "since": since})]

    def sums(self, worker_seq: int, since: int) -> list[DaySum]:
        """Sum up what was paid for it, by day and reason."""
        return [DaySum(*row) for row in self._session.all(_SUMS, {"worker_seq": worker_seq, "since": since})]

    def items(self, worker_seq: int, since: int, until: int) -> list[ItemRow]:
        """List what was submitted from one moment until before another, the earliest first."""
        values = {"worker_seq": worker_seq, "since": since, "until": until}
        return [ItemRow(*row) for row in self._session.all(_ITEMS, values)]

    def payments(self, worker_seq: int, since: int, until: int) -> dict[tuple[int, str], Payment]:
        """Tell what was paid for it, by assignment and reason."""
        values = {"worker_seq": worker_seq, "since": since, "until": until}
        return {(row[0], row[1]): Payment(int(row[2]), row[3]) for row in self._session.all(_PAYMENTS, values)}

    def paid_until(self, worker_seq: int, paid: int) -> int:
        """
        Tell how far the worker's lines in the ledger are covered by what was paid out, the earliest first.

        Args:
            worker_seq: Who.
            paid: What was paid out, in cents.

        Returns:
            The last line that is covered wholly; 0 if none is.
        """
        return self._session.one(_PAID_UNTIL, {"worker_seq": worker_seq, "paid": paid})[0] or 0
