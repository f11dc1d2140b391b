"""
HITs as workers come upon them: what is open, by group, and what they hold.

Everything here only reads. What changes HITs, and asks for one in order to change it, is in `hits`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, exists, func, or_, select

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, assignment, hit, hit_type, question, requester, worker_block

__all__ = ["Group", "GroupRow", "OfferRow", "Offers", "Open", "TaskRow"]


class Open(NamedTuple):
    """A HIT that somebody can accept."""

    seq: int
    type_seq: int
    requirements: str


class Group(NamedTuple):
    """The HITs of one type."""

    type_seq: int
    account_seq: int
    requirements: str


class GroupRow(NamedTuple):
    """A group with open HITs, as it is listed."""

    type_seq: int
    type_id: str
    group_id: str
    title: str
    description: str
    keywords: str | None
    reward: int
    assignment_duration: int
    requirements: str
    requester_id: str
    requester_name: str
    newest_created_at: int
    newest_expires_at: int
    open: int


class OfferRow(NamedTuple):
    """A HIT, as it is shown to workers."""

    hit_seq: int
    hit_id: str
    account_seq: int
    status: str
    expires_at: int
    group_id: str
    title: str
    description: str
    keywords: str | None
    reward: int
    assignment_duration: int
    requirements: str
    requester_id: str
    requester_name: str
    question: str | None


class TaskRow(NamedTuple):
    """A HIT in work."""

    offer: OfferRow
    assignment_id: str
    accepted_at: int
    deadline: int


_here = account.c.environment == bindparam("environment")
_shown = hit.c.created_at <= bindparam("until")
_have = exists().where(assignment.c.hit_seq == hit.c.seq, assignment.c.holder == bindparam("worker_seq"))
_had = exists().where(assignment.c.hit_seq == hit.c.seq, assignment.c.worker_seq == bindparam("worker_seq"))
_not_blocked = ~exists().where(
    worker_block.c.account_seq == account.c.seq, worker_block.c.worker_seq == bindparam("worker_seq")
)

_OPEN = (
    select(hit.c.seq, hit.c.type_seq, hit_type.c.requirements)
    .join_from(hit, hit_type)
    .join(account, hit.c.account_seq == account.c.seq)
    .where(hit.c.status == "Assignable", hit.c.seq > bindparam("after"), _shown, _here, _not_blocked)
    .order_by(hit.c.seq)
    .limit(bindparam("count"))
)
_OF_TYPE = hit.c.type_seq == bindparam("type_seq")
_OPENINGS = {
    # (of one group, even if the worker had it before)
    (False, True): _OPEN.where(~_have),
    (False, False): _OPEN.where(~_had),
    (True, True): _OPEN.where(_OF_TYPE, ~_have),
    (True, False): _OPEN.where(_OF_TYPE, ~_had),
}

_GROUP = (
    select(hit_type.c.seq, hit_type.c.account_seq, hit_type.c.requirements)
    .join_from(hit_type, account)
    .where(or_(hit_type.c.id == bindparam("group_id"), hit_type.c.group_id == bindparam("group_id")), _here)
)


_of_type = hit.c.type_seq == hit_type.c.seq


def _groups(*shown: ColumnElement[bool]) -> Select[Any]:
    """Count by the index on type and state, so that the cost is that of what is open, not of all that ever was."""
    return _with_newest(_newest(*shown), *shown).where(_here, _not_blocked).order_by(_NEWEST.c.seq.desc())


def _newest(*shown: ColumnElement[bool]) -> ScalarSelect[int]:
    of_type = (_of_type, hit.c.status == "Assignable", *shown)
    return select(func.max(hit.c.seq)).where(*of_type).correlate(hit_type).scalar_subquery()


_NEWEST = hit.alias("newest")


def _with_newest(newest_seq: ColumnElement[int], *shown: ColumnElement[bool]) -> Select[Any]:
    newest, of_type = _NEWEST, (_of_type, hit.c.status == "Assignable", *shown)
    return (
        select(
            hit_type.c.seq,
            hit_type.c.id,
            hit_type.c.group_id,
            hit_type.c.title,
            hit_type.c.description,
            hit_type.c.keywords,
            hit_type.c.reward,
            hit_type.c.assignment_duration,
            hit_type.c.requirements,
            account.c.requester_id,
            requester.c.name,
            newest.c.created_at,
            newest.c.expires_at,
            select(func.count()).where(*of_type).correlate(hit_type).scalar_subquery(),
        )
        .join_from(hit_type, newest, newest.c.seq == newest_seq)
        .join(account, hit_type.c.account_seq == account.c.seq)
        .join(requester, account.c.requester_seq == requester.c.seq)
    )


_GROUPS = _groups()
_GROUPS_SHOWN = _groups(_shown)
# The newest that is open, else the newest of all: the latter is looked for only where nothing is open.
_ONE_GROUP = _with_newest(
    func.coalesce(_newest(), select(func.max(hit.c.seq)).where(_of_type).correlate(hit_type).scalar_subquery())
).where(hit_type.c.group_id == bindparam("group_id"), _here)
_MINE = (
    select(hit.c.type_seq, func.count(hit.c.seq.distinct()))
    .join_from(assignment, hit)
    .where(assignment.c.worker_seq == bindparam("worker_seq"), hit.c.status == "Assignable", _shown)
    .group_by(hit.c.type_seq)
)
_MINE_NOW = _MINE.where(assignment.c.holder.is_not(None))

_OFFER_COLUMNS = (
    hit.c.seq,
    hit.c.id,
    hit.c.account_seq,
    hit.c.status,
    hit.c.expires_at,
    hit_type.c.group_id,
    hit_type.c.title,
    hit_type.c.description,
    hit_type.c.keywords,
    hit_type.c.reward,
    hit_type.c.assignment_duration,
    hit_type.c.requirements,
    account.c.requester_id,
    requester.c.name,
    question.c.text,
)
_CUT = len(_OFFER_COLUMNS)
_joined = (
    hit.join(hit_type, hit.c.type_seq == hit_type.c.seq)
    .join(account, hit.c.account_seq == account.c.seq)
    .join(requester, account.c.requester_seq == requester.c.seq)
    .outerjoin(question, question.c.hit_seq == hit.c.seq)
)
_OFFERS = select(*_OFFER_COLUMNS).select_from(_joined)
_OFFER = _OFFERS.where(hit.c.id == bindparam("hit_id"), _here)
_OFFER_BY_SEQ = _OFFERS.where(hit.c.seq == bindparam("the_seq"))
_TASKS = (
    select(*_OFFER_COLUMNS, assignment.c.issued_id, assignment.c.accepted_at, assignment.c.deadline)
    .select_from(_joined.join(assignment, assignment.c.hit_seq == hit.c.seq))
    .where(assignment.c.worker_seq == bindparam("worker_seq"), assignment.c.status == "Accepted")
    .order_by(assignment.c.seq)
)
_TASK = _TASKS.where(assignment.c.id == bindparam("assignment_id"))


class Offers:
    """What is asked of HITs on behalf of workers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(
        self,
        environment: str,
        worker_seq: int,
        after: int,
        count: int,
        *,
        until: int,
        again: bool,
        type_seq: int | None = None,
    ) -> list[Open]:
        """
        List HITs that somebody can accept, whatever they require, the oldest first.

        Args:
            environment: Where.
            worker_seq: For whom: HITs that the worker has, and those of requesters who block the worker, are left out.
            after: The running number of the HIT before.
            count: How many at most.
            until: The moment after which HITs are too new to be found.
            again: Whether HITs that the worker has given back are listed.
            type_seq: The group; None for all.
        """
        values = {
            "environment": environment,
            "worker_seq": worker_seq,
            "after": after,
            "count": count,
            "until": until,
        }
        if type_seq is not None:
            values["type_seq"] = type_seq
        rows = self._session.all(_OPENINGS[type_seq is not None, again], values)
        return [Open(*row) for row in rows]

    def group(self, environment: str, group_id: str) -> Group | None:
        """Find a group by its own id, or by that of its HIT type."""
        row = self._session.first(_GROUP, {"environment": environment, "group_id": group_id})
        return None if row is None else Group(*row)

    def groups(self, environment: str, worker_seq: int, *, until: int | None) -> list[GroupRow]:
        """
        List the groups with HITs that somebody can accept, those with the newest HITs first; requesters who block the
        worker are left out.

        Args:
            environment: Where.
            worker_seq: For whom.
            until: The moment after which HITs are too new to be found; None finds all.
        """
        values = {"environment": environment, "worker_seq": worker_seq}
        if until is None:
            rows = self._session.all(_GROUPS, values)
        else:
            rows = self._session.all(_GROUPS_SHOWN, {**values, "until": until})
        return [GroupRow(*row) for row in rows]

    def whole_group(self, environment: str, group_id: str) -> GroupRow | None:
        """Find a group as it is listed, whether or not anything of it is open; None if it never had a HIT."""
        row = self._session.first(_ONE_GROUP, {"environment": environment, "group_id": group_id})
        return None if row is None else GroupRow(*row)

    def taken(self, worker_seq: int, *, until: int, again: bool) -> dict[int, int]:
        """Count, by group, the HITs that others can accept and the worker cannot, having or having had them."""
        rows = self._session.all(_MINE_NOW if again else _MINE, {"worker_seq": worker_seq, "until": until})
        return {row[0]: int(row[1]) for row in rows}

    def offer(self, environment: str, hit_id: str) -> OfferRow | None:
        """Find a HIT as workers see it."""
        row = self._session.first(_OFFER, {"environment": environment, "hit_id": hit_id})
        return None if row is None else OfferRow(*row)

    def offer_by_seq(self, seq: int) -> OfferRow:
        """Read a HIT as workers see it."""
        return OfferRow(*self._session.one(_OFFER_BY_SEQ, {"the_seq": seq}))

    def tasks(self, worker_seq: int) -> list[TaskRow]:
        """List what a worker holds, the earliest first."""
        return [_task(row) for row in self._session.all(_TASKS, {"worker_seq": worker_seq})]

    def task(self, worker_seq: int, assignment_id: str) -> TaskRow | None:
        """Find one thing that a worker holds."""
        row = self._session.first(_TASK, {"worker_seq": worker_seq, "assignment_id": assignment_id})
        return None if row is None else _task(row)


def _task(row: tuple[Any, ...]) -> TaskRow:
    return TaskRow._make((OfferRow._make(row[:_CUT]), *row[_CUT:]))
