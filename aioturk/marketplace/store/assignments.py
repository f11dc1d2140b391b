"""Assignments and bonuses in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, insert, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.functions import FunctionElement

from aioturk.marketplace.store.records import Assignment, Bonus
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import assignment, bonus, hit, hit_type, worker

__all__ = ["Assignments", "Bonuses", "MomentsRow", "SubmittedRow"]


class MomentsRow(NamedTuple):
    """When what was done about an assignment that is in work or submitted."""

    worker_id: str
    environment: str
    account_seq: int
    previewed_at: int | None
    accepted_at: int
    first_input_at: int | None
    active_seconds: int | None
    deadline: int
    submitted_at: int | None
    seconds_of_work: int | None
    approved_at: int | None
    rejected_at: int | None


class SubmittedRow(NamedTuple):
    """What was submitted, and when what was done about it."""

    seq: int
    assignment_id: str
    hit_id: str
    type_id: str
    status: str
    moments: MomentsRow


_COLUMNS = (
    assignment.c.seq,
    assignment.c.issued_id,
    assignment.c.hit_seq,
    assignment.c.worker_seq,
    worker.c.id,
    assignment.c.status,
    assignment.c.accepted_at,
    assignment.c.deadline,
    assignment.c.submitted_at,
    assignment.c.submission,
    assignment.c.auto_approval_at,
    assignment.c.approved_at,
    assignment.c.rejected_at,
    assignment.c.answer,
    assignment.c.feedback,
    assignment.c.known_score,
    worker.c.environment,
)

_SELECT = select(*_COLUMNS).join_from(assignment, worker)
_BY_ID = _SELECT.where(assignment.c.id == bindparam("assignment_id"))
_TO_CHANGE = _BY_ID.with_for_update(of=assignment, key_share=True)
_TO_CHANGE_BY_SEQ = _SELECT.where(assignment.c.seq == bindparam("the_seq")).with_for_update(
    of=assignment, key_share=True
)
_HELD_BY = select(assignment.c.seq).where(
    assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.holder == bindparam("worker_seq")
)
_HAD_BY = select(assignment.c.seq).where(
    assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.worker_seq == bindparam("worker_seq")
)
_OF_WORKER = (
    _SELECT.where(assignment.c.worker_seq == bindparam("the_worker")).order_by(assignment.c.seq.desc()).limit(1)
)
_LAST_OF_HIT = _OF_WORKER.where(assignment.c.hit_seq == bindparam("hit_seq"))
_LAST_OF_ID = _OF_WORKER.where(assignment.c.issued_id == bindparam("issued_id"))
_ANY = select(assignment.c.seq).where(assignment.c.hit_seq == bindparam("hit_seq")).limit(1)
_FREED = (
    select(assignment.c.seq, assignment.c.issued_id)
    .where(assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.submission.is_(None), assignment.c.reusable == 1)
    .order_by(assignment.c.seq)
    .limit(1)
)
_SUBMITTED = (
    _SELECT.where(assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.submission > bindparam("after"))
    .order_by(assignment.c.submission)
    .limit(bindparam("count"))
)
_SUBMITTED_WITH_STATUS = _SUBMITTED.where(
    assignment.c.status.in_([bindparam("status_0"), bindparam("status_1"), bindparam("status_2")])
)
_ALL_SUBMITTED = _SELECT.where(
    assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.submission.isnot(None)
).order_by(assignment.c.submission)
_MOMENTS_COLUMNS = (
    worker.c.id,
    worker.c.environment,
    hit.c.account_seq,
    assignment.c.previewed_at,
    assignment.c.accepted_at,
    assignment.c.first_input_at,
    assignment.c.active_seconds,
    assignment.c.deadline,
    assignment.c.submitted_at,
    assignment.c.seconds_of_work,
    assignment.c.approved_at,
    assignment.c.rejected_at,
)
_MOMENTS = (
    select(*_MOMENTS_COLUMNS)
    .join_from(assignment, worker)
    .join(hit, assignment.c.hit_seq == hit.c.seq)
    .where(assignment.c.id == bindparam("assignment_id"))
)


class _Later(FunctionElement[Any]):
    """
    A column by which SQLite is not to begin to look.

    Otherwise it would collect, and sort, all that there is for each part of a long list, while everybody waits.
    PostgreSQL knows how much there is, and decides by itself.
    """

    name = "later"
    inherit_cache = True


@compiles(_Later)
def _looked_at_later(element: _Later, compiler: SQLCompiler, **options: Any) -> str:
    column = compiler.process(element.clauses, **options)
    return f"+{column}" if compiler.dialect.name == "sqlite" else column


def _all_submitted(hit_seq: ColumnElement[int], *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            assignment.c.seq,
            assignment.c.issued_id,
            hit.c.id,
            hit_type.c.id,
            assignment.c.status,
            *_MOMENTS_COLUMNS,
        )
        .join_from(assignment, worker)
        .join(hit, hit_seq == hit.c.seq)
        .join(hit_type, hit.c.type_seq == hit_type.c.seq)
        .where(*where, assignment.c.submission.isnot(None), assignment.c.seq > bindparam("after"))
        .order_by(assignment.c.seq)
        .limit(bindparam("count"))
    )


_ALL_OF_ACCOUNT = _all_submitted(_Later(assignment.c.hit_seq), _Later(hit.c.account_seq) == bindparam("account_seq"))
_ALL_OF_TYPE = _ALL_OF_ACCOUNT.where(_Later(hit_type.c.id) == bindparam("type_id"))
_ALL_OF_HIT = _all_submitted(
    assignment.c.hit_seq, hit.c.account_seq == bindparam("account_seq"), hit.c.id == bindparam("hit_id")
)
_INSERT = insert(assignment)
_UPDATE = update(assignment).where(assignment.c.seq == bindparam("the_seq"))


class Assignments:
    """What is asked of assignments."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any]) -> None:
        """Keep a new assignment."""
        self._session.put(_INSERT, values)

    def read(self, assignment_id: str) -> Assignment | None:
        """Find an assignment that is in work or submitted; those returned and abandoned are not found."""
        return self._first(_BY_ID, {"assignment_id": assignment_id})

    def to_change(self, assignment_id: str) -> Assignment | None:
        """Find the same in order to change it: nobody else does meanwhile. Its HIT is locked after it, never before."""
        return self._first(_TO_CHANGE, {"assignment_id": assignment_id})

    def to_change_by_seq(self, seq: int) -> Assignment:
        """Read an assignment in order to change it, as `to_change` does."""
        return Assignment(*self._session.one(_TO_CHANGE_BY_SEQ, {"the_seq": seq}))

    def moments(self, assignment_id: str) -> MomentsRow | None:
        """Tell when what was done about an assignment that is in work or submitted."""
        row = self._session.first(_MOMENTS, {"assignment_id": assignment_id})
        return None if row is None else MomentsRow(*row)

    def all_of_account(
        self, account_seq: int, after: int, count: int, *, hit_id: str | None = None, type_id: str | None = None
    ) -> list[SubmittedRow]:
        """
        Tell the same of everything that was submitted to an account, those that were accepted first first.

        Args:
            account_seq: The account.
            after: The running number of the assignment before.
            count: How many at most.
            hit_id: The HIT, if only what was submitted to it counts.
            type_id: The HIT type, if only what was submitted to its HITs counts, and no HIT is named.
        """
        values: dict[str, Any] = {"account_seq": account_seq, "after": after, "count": count}
        if hit_id is not None:
            rows = self._session.all(_ALL_OF_HIT, {**values, "hit_id": hit_id})
        elif type_id is not None:
            rows = self._session.all(_ALL_OF_TYPE, {**values, "type_id": type_id})
        else:
            rows = self._session.all(_ALL_OF_ACCOUNT, values)
        return [SubmittedRow._make((*row[:5], MomentsRow._make(row[5:]))) for row in rows]

    def _first(self, query: CompilerElement, values: dict[str, Any]) -> Assignment | None:
        row = self._session.first(query, values)
        return None if row is None else Assignment(*row)

    def has(self, hit_seq: int, worker_seq: int, *, ever: bool = False) -> bool:
        """Say whether the worker has the HIT in work or has submitted it; or ever had it."""
        values = {"hit_seq": hit_seq, "worker_seq": worker_seq}
        return self._session.first(_HAD_BY if ever else _HELD_BY, values) is not None

    def last_of_hit(self, worker_seq: int, hit_seq: int) -> Assignment | None:
        """Find what a worker last had of a HIT, whatever became of it."""
        return self._first(_LAST_OF_HIT, {"the_worker": worker_seq, "hit_seq": hit_seq})

    def last_of_id(self, worker_seq: int, issued_id: str) -> Assignment | None:
        """Find what a worker had under an id, whatever became of it; the id may be somebody else's by now."""
        return self._first(_LAST_OF_ID, {"the_worker": worker_seq, "issued_id": issued_id})

    def any_of(self, hit_seq: int) -> bool:
        """Say whether anybody ever accepted the HIT."""
        return self._session.first(_ANY, {"hit_seq": hit_seq}) is not None

    def take_freed_id(self, hit_seq: int) -> str:
        """Take an id that a returned or abandoned assignment of this HIT has left."""
        row = self._session.one(_FREED, {"hit_seq": hit_seq})
        self.change(row[0], reusable=0)
        return str(row[1])

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of an assignment."""
        self._session.change(_UPDATE, {"the_seq": seq, **values})

    def submitted(self, hit_seq: int, statuses: Sequence[str], after: int, count: int) -> list[Assignment]:
        """List the submitted assignments of a HIT, the earliest first, after the so-manieth submission."""
        values: dict[str, Any] = {"hit_seq": hit_seq, "after": after, "count": count}
        if statuses:
            rows = self._session.all(_SUBMITTED_WITH_STATUS, {**values, **_three(statuses)})
        else:
            rows = self._session.all(_SUBMITTED, values)
        return [Assignment(*row) for row in rows]

    def all_submitted(self, hit_seq: int) -> list[Assignment]:
        """
        List everything that was submitted to a HIT, the earliest first.

        Whoever has the HIT to change it may decide on them: nobody else does without it. They are not locked here,
        because others lock an assignment first, then its HIT, and would have to be undone.
        """
        return [Assignment(*row) for row in self._session.all(_ALL_SUBMITTED, {"hit_seq": hit_seq})]


def _three(statuses: Sequence[str]) -> dict[str, str]:
    """One to three different states as three, so that one statement serves them all."""
    return {f"status_{place}": statuses[min(place, len(statuses) - 1)] for place in range(3)}


_BONUSES = (
    select(bonus.c.seq, worker.c.id, assignment.c.issued_id, bonus.c.amount, bonus.c.reason, bonus.c.granted_at)
    .join_from(bonus, worker, bonus.c.worker_seq == worker.c.seq)
    .join(assignment, bonus.c.assignment_seq == assignment.c.seq)
    .where(bonus.c.seq > bindparam("after"))
    .order_by(bonus.c.seq)
    .limit(bindparam("count"))
)
_BONUSES_OF_HIT = _BONUSES.where(bonus.c.hit_seq == bindparam("hit_seq"))
_BONUSES_OF_ASSIGNMENT = _BONUSES.where(bonus.c.assignment_seq == bindparam("assignment_seq"))
_INSERT_BONUS = insert(bonus)


class Bonuses:
    """What is asked of bonuses."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any]) -> None:
        """Keep a new bonus."""
        self._session.put(_INSERT_BONUS, values)

    def of_hit(self, hit_seq: int, after: int, count: int) -> list[Bonus]:
        """List the bonuses for one HIT, the earliest first."""
        values = {"hit_seq": hit_seq, "after": after, "count": count}
        return [Bonus(*row) for row in self._session.all(_BONUSES_OF_HIT, values)]

    def of_assignment(self, assignment_seq: int, after: int, count: int) -> list[Bonus]:
        """List the bonuses for one assignment, the earliest first."""
        values = {"assignment_seq": assignment_seq, "after": after, "count": count}
        return [Bonus(*row) for row in self._session.all(_BONUSES_OF_ASSIGNMENT, values)]
