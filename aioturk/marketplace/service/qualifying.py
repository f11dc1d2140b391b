"""
What workers see of qualifications: those that they have, those that they wait for, and those that they can ask for.

Everything here only reads; asking, and taking tests, is in `asking`, whose rules `Offer.stage` tells beforehand. What a
HIT requires of a worker is told with the HIT, in `browsing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import islice
from typing import Any

from aioturk._core.wire import Keywords
from aioturk._generated.shapes import Comparator, Locale, QualificationRequirement
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import BEGUN, GRANTED, REJECTED, REVOKED, SUBMITTED
from aioturk.marketplace.service import eligibility, people
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.eligibility import Value
from aioturk.marketplace.service.known_types import ACTIVE, foreign, is_gone, unused_since
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.qualifications import AttemptRow, HeldRow, OfferedType
from aioturk.marketplace.store.records import QualificationType
from aioturk.marketplace.store.system_types import ADULT, LOCALE, NUMBER_APPROVED, PERCENT_APPROVED

__all__ = [
    "Described",
    "Held",
    "Offer",
    "Pending",
    "Stage",
    "offers",
    "qualification",
    "qualifications_held",
    "requests_pending",
]

_SAID_OF_EVERYBODY = (NUMBER_APPROVED, PERCENT_APPROVED, LOCALE, ADULT)
"""Types that say something of everybody, whether or not it was ever written down."""

_READ_AT_ONCE = 500
"""How many types a search reads at a time."""


class Stage(Enum):
    """What a worker can do about a qualification now."""

    ASK = "ask"
    """Ask for it, or begin its test."""
    TEST = "test"
    """Go on with the test that was begun."""
    WAIT = "wait"
    """Wait for the requester's decision."""
    LATER = "later"
    """Ask again, but later."""
    HELD = "held"
    """Nothing: everybody gets it who asks, and the worker has it."""
    NEVER = "never"
    """Nothing: nobody can ask for it, or the worker did, and that was all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """
    A qualification type.

    Attributes:
        type_id: Its id.
        name: Its name.
        description: Its description.
        keywords: Its keywords.
        requester_id: Whose it is; None for the service's own.
        requester_name: What they are called.
        test_duration: How long there is for its test; None if it has none.
        is_automatic: Whether everybody gets it who asks.
    """

    type_id: str
    name: str
    description: str
    keywords: tuple[str, ...]
    requester_id: str | None
    requester_name: str | None
    test_duration: timedelta | None
    is_automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Described):
    """
    A qualification that a worker has.

    Attributes:
        value: What it says: a number, a place, or nothing.
        granted: Since when; None for what is said of everybody.
    """

    value: Value
    granted: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending(Described):
    """
    A qualification that a worker has asked for, or the test that the worker takes.

    Attributes:
        request_id: The id of the request.
        asked: When the worker has asked, or begun.
        deadline: Until when the test has to be submitted; None once the requester is to decide.
    """

    request_id: str
    asked: datetime
    deadline: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Described):
    """
    A qualification type, and how a worker stands to it.

    Attributes:
        is_requestable: Whether workers can ask for it at all: it is active, and none of the service's own.
        is_held: Whether the worker has it.
        value: What it says of the worker; None without one.
        revoked: What the requester said when taking it away, empty for nothing; None if it was not.
        rejected: What the requester said when rejecting the last request, empty for nothing; None if it was not.
        stage: What the worker can do now.
        request_id: The request that is open.
        deadline: Until when the test that was begun has to be submitted.
        next_try: From when on the worker can ask again, while that is later.
    """

    is_requestable: bool
    is_held: bool
    value: Value
    revoked: str | None
    rejected: str | None
    stage: Stage
    request_id: str | None
    deadline: datetime | None
    next_try: datetime | None


# A worker's own.


def qualifications_held(context: Context, worker_id: str) -> tuple[Held, ...]:
    """
    List what a worker has, what was granted last first; what the service says of everybody comes at the end.

    Raises:
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    worker_seq = people.known(context, worker_id)
    rows = context.store.qualifications.held_by(worker_seq, unused_since=unused_since(context))
    unknown = {*_SAID_OF_EVERYBODY, *foreign(context.environment)}
    granted = [_held(row) for row in rows if row.type.id not in unknown]
    said = _values(context, worker_seq, _SAID_OF_EVERYBODY)
    return (*granted, *(_said(context, type_id, said[type_id]) for type_id in _SAID_OF_EVERYBODY if type_id in said))


def _held(row: HeldRow) -> Held:
    place = None if row.country is None else Locale(country=row.country, subdivision=row.subdivision)
    value = row.value if place is None else place
    return Held(**_described(row.type), value=value, granted=moment(row.granted_at))


def _said(context: Context, type_id: str, value: Value) -> Held:
    kind = context.store.qualification_types.find(type_id, context.environment)
    assert kind is not None, "the service's own are in every store"
    return Held(**_described(context.store.qualification_types.as_offered(kind.seq)), value=value, granted=None)


def _values(context: Context, worker_seq: int, type_ids: Iterable[str]) -> dict[str, Value]:
    """Find out what somebody has of some types, as requirements would judge it."""
    exists = [QualificationRequirement(qualification_type_id=each, comparator=Comparator.EXISTS) for each in type_ids]
    return dict(eligibility.standing(context, worker_seq, exists).values)


def _described(row: OfferedType) -> dict[str, Any]:
    return {
        "type_id": row.id,
        "name": row.name,
        "description": row.description,
        "keywords": tuple(Keywords.parse(row.keywords or "")),
        "requester_id": row.requester_id,
        "requester_name": row.requester_name,
        "test_duration": None if row.test_duration is None else timedelta(seconds=row.test_duration),
        "is_automatic": bool(row.auto_granted),
    }


def requests_pending(context: Context, worker_id: str) -> tuple[Pending, ...]:
    """
    List what a worker has asked for and waits for, and the tests that were begun, the earliest first.

    Raises:
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    worker_seq = people.known(context, worker_id)
    rows = context.store.qualification_requests.open_of_worker(worker_seq, unused_since=unused_since(context))
    return tuple(
        Pending(
            **_described(row.type),
            request_id=row.id,
            asked=moment(row.asked_at),
            deadline=None if row.due_at is None else moment(row.due_at),
        )
        for row in rows
    )


# What there is.


def offers(context: Context, query: str | None = None, *, limit: int = 100, skip: int = 0) -> tuple[Described, ...]:
    """
    List the qualifications that workers can ask for, by name.

    Args:
        context: When, and where.
        query: Words, all of which are in the name, the description, the keywords or the requester's name.
        limit: How many at most.
        skip: How many to leave out at the beginning.
    """
    words = (query or "").casefold().split()
    found = (row for row in _offered(context, _READ_AT_ONCE if words else skip + limit) if _holds(row, words))
    return tuple(Described(**_described(row)) for row in islice(found, skip, skip + limit))


def _offered(context: Context, count: int) -> Iterator[OfferedType]:
    """Walk the types by name, reading so many at a time."""
    place = ("", 0)
    until, since = context.now - context.lag, unused_since(context)
    while True:
        some = context.store.qualification_types.offered(
            context.environment, place, count, until=until, unused_since=since
        )
        yield from some
        if len(some) < count:
            return
        place = (some[-1].name, some[-1].seq)


def _holds(row: OfferedType, words: list[str]) -> bool:
    text = "\n".join((row.name, row.keywords or "", row.description, row.requester_name or "")).casefold()
    return all(word in text for word in words)


def qualification(context: Context, worker_id: str, type_id: str) -> Offer:
    """
    Tell what a qualification is, whether the worker has it, and what the worker can do to get it.

    Raises:
        QualificationTypeDoesNotExist: There is no such type.
        InvalidParameterValue: The worker has to be made known before, and was not.
    """
    # Ids come from addresses of pages, in which there is anything; databases do not take every text.
    is_id = type_id.isascii() and type_id.isalnum()
    kind = context.store.qualification_types.find(type_id, context.environment) if is_id else None
    if kind is None or is_gone(context, kind):
        raise refusals.no_such_qualification(type_id)
    worker_seq = people.known(context, worker_id)
    values = _values(context, worker_seq, [type_id])
    held = context.store.qualifications.find(kind.seq, worker_seq)
    last = context.store.qualification_requests.last_attempt(kind.seq, worker_seq)
    stage, next_try = _stage(context, kind, last, is_held=held is not None and held.status == GRANTED)
    is_open = last is not None and last.status in (BEGUN, SUBMITTED)
    revoked = held is not None and held.status == REVOKED
    return Offer(
        **_described(context.store.qualification_types.as_offered(kind.seq)),
        is_requestable=kind.account_seq is not None and kind.status == ACTIVE,
        is_held=type_id in values,
        value=values.get(type_id),
        revoked=(context.store.qualifications.reason(kind.seq, worker_seq) or "") if revoked else None,
        rejected=last.reason or "" if last is not None and last.status == REJECTED else None,
        stage=stage,
        request_id=last.id if last is not None and is_open else None,
        deadline=None if last is None or last.due_at is None else moment(last.due_at),
        next_try=next_try,
    )


def _stage(
    context: Context, kind: QualificationType, last: AttemptRow | None, *, is_held: bool
) -> tuple[Stage, datetime | None]:
    """Tell what `asking.ask` would make of a request, and if it is too early for one, when it is not."""
    if last is not None and last.status == BEGUN:
        return Stage.TEST, None
    if kind.account_seq is None or kind.status != ACTIVE:
        return Stage.NEVER, None
    if last is not None and last.status == SUBMITTED:
        return Stage.WAIT, None
    if kind.auto_granted and is_held:
        return Stage.HELD, None
    if last is None:
        return Stage.ASK, None
    if kind.retry_delay is None:
        return Stage.NEVER, None
    again = last.asked_at + kind.retry_delay * 1000
    return (Stage.LATER, moment(again)) if context.now < again else (Stage.ASK, None)
