"""
How workers stand, in the store: what qualifications they have, what came of their work, and whom they may work for.

What a requirement makes of it is judged in :mod:`aioturk.marketplace.service.eligibility`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, insert, select, update

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import assignment, qualification, qualification_type, worker, worker_block

__all__ = ["Entrance", "Held", "Standing"]


class Entrance(NamedTuple):
    """How a worker stands to one HIT."""

    worker_seq: int
    since: int
    has_it: bool
    is_blocked: bool


class Held(NamedTuple):
    """A qualification type, and what a worker has of it; the state is None for who never had it."""

    type_id: str
    name: str
    status: str | None
    value: int | None
    country: str | None
    subdivision: str | None


_mine = (assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.worker_seq == worker.c.seq)
_is_blocked = exists().where(
    worker_block.c.account_seq == bindparam("account_seq"), worker_block.c.worker_seq == worker.c.seq
)


def _entrance(has_it: ColumnElement[bool]) -> Select[Any]:
    return select(worker.c.seq, worker.c.since, has_it, _is_blocked).where(
        worker.c.id == bindparam("worker_id"), worker.c.environment == bindparam("environment")
    )


_ENTRANCE = _entrance(exists().where(assignment.c.hit_seq == bindparam("hit_seq"), assignment.c.holder == worker.c.seq))
_ENTRANCE_ONCE = _entrance(exists().where(*_mine))

_AT_ONCE = 10
"""How many types one statement asks for: as many as a HIT has requirements."""

_OF_WORKER = qualification.c.worker_seq == bindparam("worker_seq")
_HELD = (
    select(
        qualification_type.c.id,
        qualification_type.c.name,
        qualification.c.status,
        qualification.c.value,
        qualification.c.country,
        qualification.c.subdivision,
    )
    .outerjoin_from(
        qualification_type, qualification, and_(qualification.c.type_seq == qualification_type.c.seq, _OF_WORKER)
    )
    .where(qualification_type.c.id.in_([bindparam(f"type_{place}") for place in range(_AT_ONCE)]))
)
_COUNTS = (
    select(assignment.c.status, func.count())
    .where(assignment.c.worker_seq == bindparam("worker_seq"))
    .group_by(assignment.c.status)
)
_IN_WORK = select(func.count()).where(
    assignment.c.worker_seq == bindparam("worker_seq"), assignment.c.status == "Accepted"
)
_ACCEPTED_SINCE = select(func.count()).where(
    assignment.c.worker_seq == bindparam("worker_seq"), assignment.c.accepted_at > bindparam("since")
)
_TYPE = select(qualification_type.c.seq).where(qualification_type.c.id == bindparam("type_id"))
_CHANGE = update(qualification).where(
    qualification.c.type_seq == bindparam("the_type"), qualification.c.worker_seq == bindparam("the_worker")
)
_ADD = insert(qualification)


class Standing:
    """What is asked about how workers stand."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def at_entrance(
        self, worker_id: str, environment: str, hit_seq: int, account_seq: int, *, ever: bool
    ) -> Entrance | None:
        """
        Say how a worker stands to a HIT, all in one question; None when nobody knows the worker.

        Args:
            worker_id: Who.
            environment: Where.
            hit_seq: The HIT.
            account_seq: Whose it is.
            ever: Whether having had the HIT counts, or only having it in work or submitted.
        """
        values = {
            "worker_id": worker_id,
            "environment": environment,
            "hit_seq": hit_seq,
            "account_seq": account_seq,
        }
        row = self._session.first(_ENTRANCE_ONCE if ever else _ENTRANCE, values)
        return None if row is None else Entrance(row[0], row[1], bool(row[2]), bool(row[3]))

    def held(self, worker_seq: int, type_ids: Sequence[str]) -> list[Held]:
        """Say what a worker has of some qualification types; types that do not exist are left out."""
        found: list[Held] = []
        for start in range(0, len(type_ids), _AT_ONCE):
            some = type_ids[start : start + _AT_ONCE]
            names = {f"type_{place}": some[min(place, len(some) - 1)] for place in range(_AT_ONCE)}
            found += [Held(*row) for row in self._session.all(_HELD, {"worker_seq": worker_seq, **names})]
        return found

    def counts(self, worker_seq: int) -> dict[str, int]:
        """Count all assignments that a worker ever had, by their states."""
        return {row[0]: int(row[1]) for row in self._session.all(_COUNTS, {"worker_seq": worker_seq})}

    def in_work(self, worker_seq: int) -> int:
        """Count what a worker holds now."""
        return int(self._session.one(_IN_WORK, {"worker_seq": worker_seq})[0])

    def accepted_since(self, worker_seq: int, since: int) -> int:
        """Count what a worker has accepted after a moment."""
        return int(self._session.one(_ACCEPTED_SINCE, {"worker_seq": worker_seq, "since": since})[0])

    def put(
        self,
        worker_seq: int,
        type_id: str,
        now: int,
        *,
        status: str = "Granted",
        value: int | None = None,
        country: str | None = None,
        subdivision: str | None = None,
    ) -> None:
        """Say what a worker has of one of the system's qualification types."""
        (type_seq,) = self._session.one(_TYPE, {"type_id": type_id})
        values = {
            "status": status,
            "value": value,
            "country": country,
            "subdivision": subdivision,
            "granted_at": now,
        }
        if not self._session.change(_CHANGE, {"the_type": type_seq, "the_worker": worker_seq, **values}):
            self._session.put(_ADD, {"type_seq": type_seq, "worker_seq": worker_seq, **values})
