"""HITs, HIT types and questions in the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, insert, or_, select, update
from sqlalchemy.sql.elements import CompilerElement

from aioturk.marketplace.store.records import Hit, HitType
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, hit, hit_type, question, required

__all__ = ["HitTypes", "Hits"]

_TYPE_COLUMNS = (
    hit_type.c.seq,
    hit_type.c.id,
    hit_type.c.group_id,
    hit_type.c.title,
    hit_type.c.description,
    hit_type.c.keywords,
    hit_type.c.reward,
    hit_type.c.assignment_duration,
    hit_type.c.auto_approval_delay,
    hit_type.c.requirements,
    hit_type.c.masters,
    hit_type.c.notification,
    hit_type.c.notifies,
    func.coalesce(hit_type.c.used_at, hit_type.c.created_at),  # the first revision did not write down the former
)
_HIT_COLUMNS = (
    hit.c.seq,
    hit.c.id,
    hit.c.account_seq,
    hit.c.type_seq,
    hit.c.created_at,
    hit.c.expires_at,
    hit.c.max_assignments,
    hit.c.annotation,
    hit.c.layout_id,
    hit.c.status,
    hit.c.in_work,
    hit.c.submitted,
    hit.c.approved,
    hit.c.rejected,
    hit.c.freed,
    hit.c.fee,
    hit.c.held,
    hit.c.changed_at,
    hit.c.due_at,
    or_(hit.c.assignment_policy.isnot(None), hit.c.hit_policy.isnot(None)),
)
_CUT = len(_HIT_COLUMNS)
_END = _CUT + len(_TYPE_COLUMNS)

_LEAN = select(*_HIT_COLUMNS, *_TYPE_COLUMNS).join_from(hit, hit_type)
_FULL = select(*_HIT_COLUMNS, *_TYPE_COLUMNS, question.c.text).join_from(hit, hit_type).outerjoin(question)


def _hit(row: tuple[Any, ...]) -> Hit:
    return Hit._make((*row[:_CUT], HitType._make(row[_CUT:_END]), row[_END] if len(row) > _END else None))


_OF_ACCOUNT = hit.c.account_seq == bindparam("account_seq")
_BY_ID = hit.c.id == bindparam("hit_id")

_READ = _FULL.where(_BY_ID, _OF_ACCOUNT)
_READ_BY_SEQ = _FULL.where(hit.c.seq == bindparam("the_seq"))
_TO_CHANGE = _LEAN.where(_BY_ID, _OF_ACCOUNT).with_for_update(of=hit, key_share=True)
_TO_CHANGE_BY_SEQ = _LEAN.where(hit.c.seq == bindparam("the_seq")).with_for_update(of=hit, key_share=True)
_WITH_QUESTION = _FULL.where(hit.c.seq == bindparam("the_seq")).with_for_update(of=hit, key_share=True)
_TO_CHANGE_ANYWHERE = (
    _LEAN.join(account, hit.c.account_seq == account.c.seq)
    .where(_BY_ID, account.c.environment == bindparam("environment"))
    .with_for_update(of=hit, key_share=True)
)

_LISTED = (
    _FULL.where(_OF_ACCOUNT, hit.c.listed == 1, hit.c.seq < bindparam("before"))
    .order_by(hit.c.seq.desc())
    .limit(bindparam("count"))
)
_REQUIRING = (
    _FULL.join(required, required.c.type_seq == hit.c.type_seq)
    .where(
        required.c.qualification_type_seq == bindparam("qualification_type_seq"),
        _OF_ACCOUNT,
        hit.c.listed == 1,
        hit.c.seq < bindparam("before"),
    )
    .order_by(hit.c.seq.desc())
    .limit(bindparam("count"))
)
_WITH_STATUS = (
    select(hit.c.seq, hit.c.id)
    .where(_OF_ACCOUNT, hit.c.status == bindparam("status"), hit.c.seq > bindparam("after"))
    .order_by(hit.c.seq)
    .limit(bindparam("count"))
)
_WITH_STATUS_AND_TYPE = _WITH_STATUS.where(hit.c.type_seq == bindparam("type_seq"))

# Statements of their own, so that lists which do not lag do not look at times.
_OLD_ENOUGH = hit.c.created_at <= bindparam("until")
_LISTED_LATE, _REQUIRING_LATE, _WITH_STATUS_LATE, _WITH_STATUS_AND_TYPE_LATE = (
    statement.where(_OLD_ENOUGH) for statement in (_LISTED, _REQUIRING, _WITH_STATUS, _WITH_STATUS_AND_TYPE)
)

_INSERT = insert(hit)
_INSERT_QUESTION = insert(question)
_UPDATE = update(hit).where(hit.c.seq == bindparam("the_seq"))

BEFORE_ALL = 2**62
"""A running number that none reaches: where a list that runs backwards begins."""


class Hits:
    """What is asked of HITs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any], text: str | None) -> int:
        """Keep a new HIT and its question; return its running number."""
        seq = self._session.add(_INSERT, values)
        if text is not None:
            self._session.put(_INSERT_QUESTION, {"hit_seq": seq, "text": text})
        return seq

    def read(self, account_seq: int, hit_id: str) -> Hit | None:
        """Find a HIT of an account, with its question."""
        row = self._session.first(_READ, {"hit_id": hit_id, "account_seq": account_seq})
        return None if row is None else _hit(row)

    def read_by_seq(self, seq: int) -> Hit:
        """Read a HIT, with its question."""
        return _hit(self._session.one(_READ_BY_SEQ, {"the_seq": seq}))

    def to_change(self, account_seq: int, hit_id: str) -> Hit | None:
        """Find a HIT of an account in order to change it: nobody else changes it meanwhile."""
        return self._locked(_TO_CHANGE, {"hit_id": hit_id, "account_seq": account_seq})

    def to_change_by_seq(self, seq: int) -> Hit:
        """Read a HIT in order to change it: nobody else changes it meanwhile."""
        found = self._locked(_TO_CHANGE_BY_SEQ, {"the_seq": seq})
        assert found is not None
        return found

    def to_submit(self, seq: int) -> Hit:
        """Read a HIT with its question, in order to change it: nobody else changes it meanwhile."""
        found = self._locked(_WITH_QUESTION, {"the_seq": seq})
        assert found is not None
        return found

    def to_accept(self, environment: str, hit_id: str) -> Hit | None:
        """Find anybody's HIT in order to change it: nobody else changes it meanwhile."""
        return self._locked(_TO_CHANGE_ANYWHERE, {"hit_id": hit_id, "environment": environment})

    def _locked(self, statement: CompilerElement, values: dict[str, Any]) -> Hit | None:
        row = self._session.first(statement, values)
        if row is None:
            # If it was moved to another type while we waited, it no longer fits the row of the old one that PostgreSQL
            # had found before. It is locked by now.
            row = self._session.first(statement, values)
        return None if row is None else _hit(row)

    def save(self, changed: Hit) -> None:
        """Keep what can change about a HIT."""
        self._session.change(
            _UPDATE,
            {
                "the_seq": changed.seq,
                "type_seq": changed.type_seq,
                "expires_at": changed.expires_at,
                "max_assignments": changed.max_assignments,
                "status": changed.status,
                "listed": int(changed.status != "Disposed"),
                "in_work": changed.in_work,
                "submitted": changed.submitted,
                "approved": changed.approved,
                "rejected": changed.rejected,
                "freed": changed.freed,
                "fee": changed.fee,
                "held": changed.held,
                "changed_at": changed.changed_at,
                "due_at": changed.due_at,
            },
        )

    # In these lists `until` leaves out what was made later; None leaves out nothing.

    def listed(self, account_seq: int, before: int, count: int, until: int | None = None) -> list[Hit]:
        """List the HITs of an account that are not disposed of, the newest first."""
        values = {"account_seq": account_seq, "before": before, "count": count}
        return [_hit(row) for row in self._until(until, _LISTED, _LISTED_LATE, values)]

    def requiring(
        self, account_seq: int, qualification_type_seq: int, before: int, count: int, until: int | None = None
    ) -> list[Hit]:
        """List the same, of those that require a qualification."""
        values = {"account_seq": account_seq, "qualification_type_seq": qualification_type_seq}
        values |= {"before": before, "count": count}
        return [_hit(row) for row in self._until(until, _REQUIRING, _REQUIRING_LATE, values)]

    def with_status(
        self, account_seq: int, status: str, type_seq: int | None, after: int, count: int, until: int | None
    ) -> list[tuple[int, str]]:
        """List running numbers and ids of the HITs in one state, the oldest first."""
        values = {"account_seq": account_seq, "status": status, "after": after, "count": count}
        if type_seq is None:
            rows = self._until(until, _WITH_STATUS, _WITH_STATUS_LATE, values)
        else:
            values["type_seq"] = type_seq
            rows = self._until(until, _WITH_STATUS_AND_TYPE, _WITH_STATUS_AND_TYPE_LATE, values)
        return [(row[0], row[1]) for row in rows]

    def _until(
        self, until: int | None, at_once: Select[Any], late: Select[Any], values: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        if until is None:
            return self._session.all(at_once, values)
        return self._session.all(late, {**values, "until": until})


_TYPE_OF_ACCOUNT = select(*_TYPE_COLUMNS).where(hit_type.c.account_seq == bindparam("account_seq"))
_TYPE_BY_IDENTITY = _TYPE_OF_ACCOUNT.where(hit_type.c.identity == bindparam("identity"))
_TYPE_BY_ID = _TYPE_OF_ACCOUNT.where(hit_type.c.id == bindparam("type_id"))
_INSERT_TYPE = insert(hit_type)
_UPDATE_TYPE = update(hit_type).where(hit_type.c.seq == bindparam("the_seq"))
_HAS_HITS = (
    select(hit.c.seq)
    .where(
        hit.c.type_seq == bindparam("type_seq"), or_(hit.c.status != "Disposed", hit.c.changed_at > bindparam("since"))
    )
    .limit(1)
)


class HitTypes:
    """What is asked of HIT types."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def equal_to(self, account_seq: int, identity: str) -> HitType | None:
        """Find the type of an account that has exactly these properties."""
        values = {"account_seq": account_seq, "identity": identity}
        row = self._session.first(_TYPE_BY_IDENTITY, values)
        return None if row is None else HitType(*row)

    def read(self, account_seq: int, type_id: str) -> HitType | None:
        """Find a type of an account."""
        row = self._session.first(_TYPE_BY_ID, {"account_seq": account_seq, "type_id": type_id})
        return None if row is None else HitType(*row)

    def add(self, account_seq: int, identity: str, created_at: int, new: HitType) -> HitType:
        """Keep a new type; return it with its running number."""
        values = {**new._asdict(), "account_seq": account_seq, "identity": identity, "created_at": created_at}
        del values["seq"]
        return new._replace(seq=self._session.add(_INSERT_TYPE, values))

    def has_hits(self, type_seq: int, since: int) -> bool:
        """Say whether a type has HITs that are not disposed of, or were only after some moment."""
        return self._session.first(_HAS_HITS, {"type_seq": type_seq, "since": since}) is not None

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of a type."""
        self._session.change(_UPDATE_TYPE, {"the_seq": seq, **values})
