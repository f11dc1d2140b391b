"""
How the work of an account gets on, in the store: sums over all its HITs. Everything here only reads.

HITs count their assignments themselves, so much of it is read in them. Each statement looks at every HIT of the
account, or at every submission to them: about a tenth of a second for 100,000 in SQLite, which takes one act at a time.
They are asked one by one for that reason.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, literal_column, select

from aioturk.marketplace.store.earnings import DAY
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import assignment, hit, hit_type, movement

__all__ = ["DayRow", "DurationRow", "Progress", "TypeRow"]


class TypeRow(NamedTuple):
    """The HITs of one type, and the assignments that they offer."""

    type_seq: int
    type_id: str
    group_id: str
    title: str
    reward: int
    hits: int
    offered: int
    in_work: int
    submitted: int
    approved: int
    rejected: int
    held: int
    newest: int


class DayRow(NamedTuple):
    """How many assignments were submitted on a day, and decided on others."""

    submitted: int
    approved: int | None
    rejected: int | None
    status: str
    number: int


class DurationRow(NamedTuple):
    """How many assignments in a state took so many seconds, and what one of them earns."""

    reward: int
    status: str
    seconds: int
    number: int


_OF_ACCOUNT = hit.c.account_seq == bindparam("account_seq")
_IS_SUBMITTED = assignment.c.submission.is_not(None)


def _day(moment: ColumnElement[int]) -> ColumnElement[int]:
    return moment // literal_column(str(DAY), BigInteger)


_STATES = select(hit.c.status, func.count()).where(_OF_ACCOUNT).group_by(hit.c.status)
_TYPES = (
    select(
        hit_type.c.seq,
        hit_type.c.id,
        hit_type.c.group_id,
        hit_type.c.title,
        hit_type.c.reward,
        func.count().label("hits"),
        func.sum(hit.c.max_assignments),
        func.sum(hit.c.in_work),
        func.sum(hit.c.submitted),
        func.sum(hit.c.approved),
        func.sum(hit.c.rejected),
        func.sum(hit.c.held),
        func.max(hit.c.seq).label("newest"),
    )
    .join_from(hit, hit_type)
    .where(_OF_ACCOUNT)
    .group_by(hit_type.c.seq)
    .order_by(func.max(hit.c.seq).desc())
    .limit(bindparam("count"))
)
_days = tuple(
    _day(column).label(name)
    for name, column in (
        ("submitted_on", assignment.c.submitted_at),
        ("approved_on", assignment.c.approved_at),
        ("rejected_on", assignment.c.rejected_at),
    )
)
_DAYS = (
    select(*_days, assignment.c.status, func.count())
    .join_from(assignment, hit)
    .where(_OF_ACCOUNT, _IS_SUBMITTED)
    .group_by(*_days, assignment.c.status)
)
_DURATIONS = (
    select(hit_type.c.reward, assignment.c.status, assignment.c.seconds_of_work, func.count())
    .join_from(assignment, hit)
    .join(hit_type, hit.c.type_seq == hit_type.c.seq)
    .where(_OF_ACCOUNT, _IS_SUBMITTED)
    .group_by(hit_type.c.reward, assignment.c.status, assignment.c.seconds_of_work)
)
_SPENT = (
    select(movement.c.reason, func.sum(movement.c.cents))
    .where(
        movement.c.account_seq == bindparam("account_seq"),
        movement.c.debit.in_([literal_column("'worker'"), literal_column("'fees'")]),
    )
    .group_by(movement.c.reason)
)


class Progress:
    """What is asked of how the work of an account gets on."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def states(self, account_seq: int) -> dict[str, int]:
        """Count all HITs by their states, those that were disposed of included."""
        return {row[0]: int(row[1]) for row in self._session.all(_STATES, {"account_seq": account_seq})}

    def types(self, account_seq: int, count: int) -> list[TypeRow]:
        """Sum up the HITs of each type, those with the newest HITs first."""
        rows = self._session.all(_TYPES, {"account_seq": account_seq, "count": count})
        return [TypeRow(*row) for row in rows]

    def days(self, account_seq: int) -> list[DayRow]:
        """Count what was submitted, by the days since 1970 on which that and the decision was."""
        return [DayRow(*row) for row in self._session.all(_DAYS, {"account_seq": account_seq})]

    def durations(self, account_seq: int) -> list[DurationRow]:
        """Count what was submitted, by reward, state and the seconds that it took."""
        return [DurationRow(*row) for row in self._session.all(_DURATIONS, {"account_seq": account_seq})]

    def spent(self, account_seq: int) -> dict[str, int]:
        """Sum up what the account has paid, in cents, by the reasons in the ledger."""
        return {row[0]: int(row[1]) for row in self._session.all(_SPENT, {"account_seq": account_seq})}
