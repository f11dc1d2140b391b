"""Qualification types, requests for them, and who has them, in the store."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, and_, bindparam, case, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.functions import FunctionElement

from aioturk.marketplace.store.records import Qualification, QualificationRequest, QualificationType, TypeDocuments
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import (
    account,
    hit,
    qualification,
    qualification_request,
    qualification_type,
    requester,
    required,
    worker,
)

__all__ = [
    "AttemptRow",
    "HeldRow",
    "OfferedType",
    "OpenRequest",
    "QualificationRequests",
    "QualificationTypes",
    "Qualifications",
]


class OfferedType(NamedTuple):
    """A qualification type, as workers see it; one of the service's own is no requester's."""

    seq: int
    id: str
    name: str
    description: str
    keywords: str | None
    test_duration: int | None
    auto_granted: int
    requester_id: str | None
    requester_name: str | None


class OpenRequest(NamedTuple):
    """A worker's request that is open, or the test that was begun."""

    id: str
    status: str
    asked_at: int
    submitted_at: int | None
    due_at: int | None
    type: OfferedType


class AttemptRow(NamedTuple):
    """A worker's last request for a type, whatever came of it."""

    id: str
    status: str
    asked_at: int
    due_at: int | None
    reason: str | None


class HeldRow(NamedTuple):
    """What a worker has; its value is a number, a place, or nothing."""

    value: int | None
    country: str | None
    subdivision: str | None
    granted_at: int
    type: OfferedType


def _number(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)


class _Bytes(FunctionElement[str]):
    """A text to sort by: byte for byte, in whatever language a database was made for."""

    name = "bytes"
    inherit_cache = True


@compiles(_Bytes)
def _by_bytes(element: _Bytes, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f'({text} COLLATE "C")' if compiler.dialect.name == "postgresql" else text


_TYPE_COLUMNS = (
    qualification_type.c.seq,
    qualification_type.c.id,
    qualification_type.c.account_seq,
    qualification_type.c.name,
    qualification_type.c.description,
    qualification_type.c.keywords,
    qualification_type.c.status,
    qualification_type.c.retry_delay,
    qualification_type.c.test_duration,
    qualification_type.c.auto_granted,
    qualification_type.c.auto_granted_value,
    qualification_type.c.created_at,
    qualification_type.c.used_at,
    qualification_type.c.deleted_at,
)
_TYPE = select(*_TYPE_COLUMNS)
_OF_SERVICE = qualification_type.c.account_seq.is_(None)
_IN_ENVIRONMENT = or_(_OF_SERVICE, account.c.environment == bindparam("environment"))
_FIND_TYPE = (
    _TYPE.join_from(qualification_type, account, qualification_type.c.account_seq == account.c.seq, isouter=True)
    .where(qualification_type.c.id == bindparam("type_id"), _IN_ENVIRONMENT)
)  # fmt: skip
_TYPE_TO_USE = _FIND_TYPE.with_for_update(of=qualification_type, read=True)
_TYPE_TO_CHANGE = _FIND_TYPE.with_for_update(of=qualification_type)
_TYPE_NAMED = _TYPE.where(
    qualification_type.c.account_seq == bindparam("account_seq"), qualification_type.c.name_taken == bindparam("name")
).with_for_update()
_TYPE_BY_SEQ = _TYPE.where(qualification_type.c.seq == bindparam("the_seq"))
_DOCUMENTS = select(qualification_type.c.test, qualification_type.c.answer_key).where(
    qualification_type.c.seq == bindparam("the_seq")
)
_NAME = select(qualification_type.c.name).where(qualification_type.c.seq == bindparam("the_seq"))

_MINE = qualification_type.c.account_seq == bindparam("account_seq")
_REQUIRING = and_(required.c.type_seq == hit.c.type_seq, required.c.qualification_type_seq == qualification_type.c.seq)
_KEPT = and_(
    qualification_type.c.deleted_at.is_(None),
    or_(
        _OF_SERVICE,
        qualification_type.c.used_at > bindparam("unused_since"),
        exists()
        .where(_REQUIRING, or_(hit.c.status != "Disposed", hit.c.changed_at > bindparam("unused_since")))
        .correlate(qualification_type),
    ),
)
_REQUIRED_UNTIL = select(func.max(case((hit.c.status != "Disposed", _number("now")), else_=hit.c.changed_at))).where(
    required.c.type_seq == hit.c.type_seq, required.c.qualification_type_seq == bindparam("the_seq")
)
_BY_NAME = _Bytes(qualification_type.c.name)
_LISTED = (
    _TYPE.join_from(qualification_type, account, qualification_type.c.account_seq == account.c.seq, isouter=True)
    .where(
        tuple_(_BY_NAME, qualification_type.c.seq) > tuple_(bindparam("name"), _number("after")),
        qualification_type.c.created_at <= bindparam("until"),
        _KEPT,
    )
    .order_by(_BY_NAME, qualification_type.c.seq)
    .limit(bindparam("count"))
)
_LISTED_MINE = _LISTED.where(_MINE)
_LISTED_REQUESTABLE = _LISTED.where(
    account.c.environment == bindparam("environment"), or_(_MINE, qualification_type.c.status == "Active")
)
_LISTED_ALL = _LISTED.where(_IN_ENVIRONMENT, or_(_MINE, qualification_type.c.status == "Active"))

_OFFERED_COLUMNS = (
    qualification_type.c.seq,
    qualification_type.c.id,
    qualification_type.c.name,
    qualification_type.c.description,
    qualification_type.c.keywords,
    qualification_type.c.test_duration,
    qualification_type.c.auto_granted,
    account.c.requester_id,
    requester.c.name.label("requester_name"),
)
_with_requester = qualification_type.outerjoin(account, qualification_type.c.account_seq == account.c.seq).outerjoin(
    requester, account.c.requester_seq == requester.c.seq
)
_OFFERED = (
    select(*_OFFERED_COLUMNS)
    .select_from(_with_requester)
    .where(
        tuple_(_BY_NAME, qualification_type.c.seq) > tuple_(bindparam("name"), _number("after")),
        account.c.environment == bindparam("environment"),
        qualification_type.c.status == "Active",
        qualification_type.c.created_at <= bindparam("until"),
        _KEPT,
    )
    .order_by(_BY_NAME, qualification_type.c.seq)
    .limit(bindparam("count"))
)
_OFFERED_BY_SEQ = (
    select(*_OFFERED_COLUMNS).select_from(_with_requester).where(qualification_type.c.seq == bindparam("the_seq"))
)

_INSERT_TYPE = insert(qualification_type)
_UPDATE_TYPE = update(qualification_type).where(qualification_type.c.seq == bindparam("the_seq"))
_REQUIRE = insert(required).from_select(
    ["qualification_type_seq", "type_seq"],
    select(qualification_type.c.seq, _number("hit_type_seq")).where(qualification_type.c.id == bindparam("type_id")),
)


class QualificationTypes:
    """What is asked of qualification types. Those that are deleted are found, too: they are known for ever."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any]) -> int:
        """Keep a new type; return its running number."""
        return self._session.add(_INSERT_TYPE, values)

    def find(self, type_id: str, environment: str) -> QualificationType | None:
        """Find anybody's type in an environment; those of the service are in all."""
        return self._find(_FIND_TYPE, type_id, environment)

    def to_use(self, type_id: str, environment: str) -> QualificationType | None:
        """Find the same in order to lean on what it is: nobody changes it meanwhile."""
        return self._find(_TYPE_TO_USE, type_id, environment)

    def to_change(self, type_id: str, environment: str) -> QualificationType | None:
        """Find the same in order to change it: nobody else does meanwhile."""
        return self._find(_TYPE_TO_CHANGE, type_id, environment)

    def _find(self, statement: CompilerElement, type_id: str, environment: str) -> QualificationType | None:
        row = self._session.first(statement, {"type_id": type_id, "environment": environment})
        return None if row is None else QualificationType(*row)

    def read(self, seq: int) -> QualificationType:
        """Read a type."""
        return QualificationType(*self._session.one(_TYPE_BY_SEQ, {"the_seq": seq}))

    def named(self, account_seq: int, name: str) -> QualificationType | None:
        """Find the type of an account that has a name, or had it last, in order to change it."""
        row = self._session.first(_TYPE_NAMED, {"account_seq": account_seq, "name": name})
        return None if row is None else QualificationType(*row)

    def documents(self, seq: int) -> TypeDocuments:
        """Read the test of a type."""
        return TypeDocuments(*self._session.one(_DOCUMENTS, {"the_seq": seq}))

    def name(self, seq: int) -> str:
        """Read the name of a type."""
        return str(self._session.one(_NAME, {"the_seq": seq})[0])

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of a type."""
        self._session.change(_UPDATE_TYPE, {"the_seq": seq, **values})

    def listed(
        self,
        account_seq: int,
        environment: str,
        after: tuple[str, int],
        count: int,
        *,
        until: int,
        unused_since: int,
        mine: bool,
        requestable: bool,
    ) -> list[QualificationType]:
        """
        List types by the bytes of their names.

        Args:
            account_seq: Who asks; sees its own inactive types, too.
            environment: Where.
            after: The name and running number of the type before; an empty name to begin with the first.
            count: How many.
            until: Younger ones are not listed.
            unused_since: Nor are those that nobody has used since; a HIT uses them until it is disposed of.
            mine: Only those of the account.
            requestable: Only those that workers can ask for, which the service's own are not.
        """
        values = {"account_seq": account_seq, "name": after[0], "after": after[1], "count": count}
        values |= {"until": until, "unused_since": unused_since}
        if mine:
            rows = self._session.all(_LISTED_MINE, values)
        else:
            statement = _LISTED_REQUESTABLE if requestable else _LISTED_ALL
            rows = self._session.all(statement, {**values, "environment": environment})
        return [QualificationType(*row) for row in rows]

    def offered(
        self, environment: str, after: tuple[str, int], count: int, *, until: int, unused_since: int
    ) -> list[OfferedType]:
        """
        List the types that workers can ask for, by the bytes of their names.

        Args:
            environment: Where.
            after: The name and running number of the type before; an empty name to begin with the first.
            count: How many.
            until: Younger ones are not listed.
            unused_since: Nor are those that nobody has used since.
        """
        values = {"environment": environment, "name": after[0], "after": after[1], "count": count}
        rows = self._session.all(_OFFERED, {**values, "until": until, "unused_since": unused_since})
        return [OfferedType(*row) for row in rows]

    def as_offered(self, seq: int) -> OfferedType:
        """Read a type as workers see it."""
        return OfferedType(*self._session.one(_OFFERED_BY_SEQ, {"the_seq": seq}))

    def required_until(self, seq: int, now: int) -> int | None:
        """Return when the last HIT that requires a type was disposed of, now if one is not; None if there was none."""
        until = self._session.one(_REQUIRED_UNTIL, {"the_seq": seq, "now": now})[0]
        return None if until is None else int(until)

    def require(self, type_id: str, hit_type_seq: int) -> None:
        """Keep that a HIT type requires a qualification type."""
        self._session.execute(_REQUIRE, {"type_id": type_id, "hit_type_seq": hit_type_seq})


_REQUEST = select(
    qualification_request.c.seq,
    qualification_request.c.id,
    qualification_request.c.type_seq,
    qualification_type.c.id,
    qualification_request.c.worker_seq,
    worker.c.id,
    qualification_request.c.status,
    qualification_request.c.asked_at,
    qualification_request.c.submitted_at,
    qualification_request.c.test,
    qualification_request.c.answer,
    qualification_request.c.due_at,
).select_from(
    qualification_request.join(qualification_type, qualification_request.c.type_seq == qualification_type.c.seq).join(
        worker, qualification_request.c.worker_seq == worker.c.seq
    )
)
_OF_TYPE = qualification_request.c.type_seq == bindparam("type_seq")
_REQUEST_TO_CHANGE = _REQUEST.where(qualification_request.c.id == bindparam("request_id")).with_for_update(
    of=qualification_request
)
_REQUEST_TO_CHANGE_BY_SEQ = _REQUEST.where(qualification_request.c.seq == bindparam("the_seq")).with_for_update(
    of=qualification_request
)
_OPEN_OF_WORKER = _REQUEST.where(_OF_TYPE, qualification_request.c.asker == bindparam("worker_seq")).with_for_update(
    of=qualification_request
)
_LAST_ASKED = (
    select(qualification_request.c.asked_at)
    .where(_OF_TYPE, qualification_request.c.worker_seq == bindparam("worker_seq"))
    .order_by(qualification_request.c.seq.desc())
    .limit(1)
)
_LAST_ATTEMPT = (
    select(
        qualification_request.c.id,
        qualification_request.c.status,
        qualification_request.c.asked_at,
        qualification_request.c.due_at,
        qualification_request.c.reason,
    )
    .where(_OF_TYPE, qualification_request.c.worker_seq == bindparam("worker_seq"))
    .order_by(qualification_request.c.seq.desc())
    .limit(1)
)
_OPEN_REQUESTS = (
    select(
        qualification_request.c.id,
        qualification_request.c.status,
        qualification_request.c.asked_at,
        qualification_request.c.submitted_at,
        qualification_request.c.due_at,
        *_OFFERED_COLUMNS,
    )
    .select_from(
        _with_requester.join(qualification_request, qualification_request.c.type_seq == qualification_type.c.seq)
    )
    .where(
        qualification_request.c.worker_seq == bindparam("worker_seq"),
        qualification_request.c.asker.is_not(None),
        _KEPT,
    )
    .order_by(qualification_request.c.seq)
)
# Not a lock that keeps others from referring to the worker, for example by an assignment.
_WORKER = select(worker.c.seq).where(worker.c.seq == bindparam("the_seq")).with_for_update(key_share=True)
_OPEN_OF_TYPE = (
    select(qualification_request.c.seq)
    .where(_OF_TYPE, qualification_request.c.asker.is_not(None))
    .order_by(qualification_request.c.seq)
    .with_for_update()
)
_WAITING = (
    _REQUEST.where(
        qualification_request.c.status == "Submitted",
        tuple_(qualification_request.c.submitted_at, qualification_request.c.seq)
        > tuple_(_number("after_at"), _number("after")),
    )
    .order_by(qualification_request.c.submitted_at, qualification_request.c.seq)
    .limit(bindparam("count"))
)
_WAITING_OF_TYPE = _WAITING.where(_OF_TYPE)
_WAITING_OF_ACCOUNT = _WAITING.where(_MINE, _KEPT)
_INSERT_REQUEST = insert(qualification_request)
_UPDATE_REQUEST = update(qualification_request).where(qualification_request.c.seq == bindparam("the_seq"))


class QualificationRequests:
    """What is asked of requests for qualifications. They are locked before their types, never after them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, values: dict[str, Any]) -> int:
        """Keep a new request; return its running number."""
        return self._session.add(_INSERT_REQUEST, values)

    def to_change(self, request_id: str) -> QualificationRequest | None:
        """Find anybody's request in order to change it: nobody else does meanwhile."""
        return self._first(_REQUEST_TO_CHANGE, {"request_id": request_id})

    def to_change_by_seq(self, seq: int) -> QualificationRequest:
        """Read a request in order to change it, as `to_change` does."""
        return QualificationRequest(*self._session.one(_REQUEST_TO_CHANGE_BY_SEQ, {"the_seq": seq}))

    def one_at_a_time(self, worker_seq: int) -> None:
        """Wait until the worker asks for nothing else, in a tab or two, and keep it so."""
        self._session.one(_WORKER, {"the_seq": worker_seq})

    def open_to_change(self, type_seq: int, worker_seq: int) -> QualificationRequest | None:
        """Find the open request of a worker in order to change it."""
        return self._first(_OPEN_OF_WORKER, {"type_seq": type_seq, "worker_seq": worker_seq})

    def _first(self, statement: CompilerElement, values: dict[str, Any]) -> QualificationRequest | None:
        row = self._session.first(statement, values)
        return None if row is None else QualificationRequest(*row)

    def last_asked(self, type_seq: int, worker_seq: int) -> int | None:
        """Return when a worker last asked for a type, whatever came of it."""
        row = self._session.first(_LAST_ASKED, {"type_seq": type_seq, "worker_seq": worker_seq})
        return None if row is None else int(row[0])

    def last_attempt(self, type_seq: int, worker_seq: int) -> AttemptRow | None:
        """Find a worker's last request for a type, whatever came of it."""
        row = self._session.first(_LAST_ATTEMPT, {"type_seq": type_seq, "worker_seq": worker_seq})
        return None if row is None else AttemptRow(*row)

    def open_of_worker(self, worker_seq: int, *, unused_since: int) -> list[OpenRequest]:
        """List the open requests of a worker for types that are still there, the earliest first."""
        values = {"worker_seq": worker_seq, "unused_since": unused_since}
        return [
            OpenRequest._make((*row[:5], OfferedType._make(row[5:])))
            for row in self._session.all(_OPEN_REQUESTS, values)
        ]

    def open_of_type(self, type_seq: int) -> list[int]:
        """List the running numbers of the open requests for a type, in order to change them."""
        return [int(row[0]) for row in self._session.all(_OPEN_OF_TYPE, {"type_seq": type_seq})]

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of a request."""
        self._session.change(_UPDATE_REQUEST, {"the_seq": seq, **values})

    def waiting_for_type(self, type_seq: int, after: tuple[int, int], count: int) -> list[QualificationRequest]:
        """List the requests for a type that wait for a decision, the earliest first."""
        values = {"type_seq": type_seq, "after_at": after[0], "after": after[1], "count": count}
        return [QualificationRequest(*row) for row in self._session.all(_WAITING_OF_TYPE, values)]

    def waiting_for_account(
        self, account_seq: int, after: tuple[int, int], count: int, *, unused_since: int
    ) -> list[QualificationRequest]:
        """List the same for all types of an account that are still there."""
        values = {"account_seq": account_seq, "after_at": after[0], "after": after[1], "count": count}
        rows = self._session.all(_WAITING_OF_ACCOUNT, {**values, "unused_since": unused_since})
        return [QualificationRequest(*row) for row in rows]


_QUALIFICATION = select(
    qualification.c.seq,
    worker.c.id,
    qualification.c.status,
    qualification.c.value,
    qualification.c.granted_at,
).join_from(qualification, worker)
_OF_WORKER = _QUALIFICATION.where(
    qualification.c.type_seq == bindparam("type_seq"), qualification.c.worker_seq == bindparam("worker_seq")
)
_OF_WORKER_TO_CHANGE = _OF_WORKER.with_for_update(of=qualification)
_WITH_TYPE = (
    _QUALIFICATION.where(
        qualification.c.type_seq == bindparam("type_seq"),
        qualification.c.status == bindparam("status"),
        tuple_(qualification.c.granted_at, qualification.c.seq) > tuple_(_number("after_at"), _number("after")),
    )
    .order_by(qualification.c.granted_at, qualification.c.seq)
    .limit(bindparam("count"))
)
_HELD_BY = (
    select(
        qualification.c.value,
        qualification.c.country,
        qualification.c.subdivision,
        qualification.c.granted_at,
        *_OFFERED_COLUMNS,
    )
    .select_from(_with_requester.join(qualification, qualification.c.type_seq == qualification_type.c.seq))
    .where(qualification.c.worker_seq == bindparam("worker_seq"), qualification.c.status == "Granted", _KEPT)
    .order_by(qualification.c.granted_at.desc(), qualification.c.seq.desc())
)
_REASON = select(qualification.c.reason).where(
    qualification.c.type_seq == bindparam("type_seq"), qualification.c.worker_seq == bindparam("worker_seq")
)
_INSERT_QUALIFICATION = insert(qualification)
_UPDATE_QUALIFICATION = update(qualification).where(qualification.c.seq == bindparam("the_seq"))


class Qualifications:
    """What is asked of qualifications."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, type_seq: int, worker_seq: int) -> Qualification | None:
        """Find what a worker has, or had."""
        return self._first(_OF_WORKER, type_seq, worker_seq)

    def to_change(self, type_seq: int, worker_seq: int) -> Qualification | None:
        """Find the same in order to change it: nobody else does meanwhile."""
        return self._first(_OF_WORKER_TO_CHANGE, type_seq, worker_seq)

    def _first(self, statement: CompilerElement, type_seq: int, worker_seq: int) -> Qualification | None:
        row = self._session.first(statement, {"type_seq": type_seq, "worker_seq": worker_seq})
        return None if row is None else Qualification(*row)

    def held_by(self, worker_seq: int, *, unused_since: int) -> list[HeldRow]:
        """List what a worker has of types that are still there, what was granted last first."""
        rows = self._session.all(_HELD_BY, {"worker_seq": worker_seq, "unused_since": unused_since})
        return [HeldRow._make((*row[:4], OfferedType._make(row[4:]))) for row in rows]

    def reason(self, type_seq: int, worker_seq: int) -> str | None:
        """Read why a worker's qualification was revoked, if it was."""
        row = self._session.first(_REASON, {"type_seq": type_seq, "worker_seq": worker_seq})
        return None if row is None else row[0]

    def add(self, values: dict[str, Any]) -> None:
        """Keep a new qualification."""
        self._session.put(_INSERT_QUALIFICATION, values)

    def change(self, seq: int, **values: Any) -> None:
        """Change some columns of a qualification."""
        self._session.change(_UPDATE_QUALIFICATION, {"the_seq": seq, **values})

    def of_type(self, type_seq: int, status: str, after: tuple[int, int], count: int) -> list[Qualification]:
        """List the qualifications of a type in one state, by the time of their grant."""
        values = {"type_seq": type_seq, "status": status, "after_at": after[0], "after": after[1], "count": count}
        return [Qualification(*row) for row in self._session.all(_WITH_TYPE, values)]
