"""
The qualification types of the service itself: rows like all others, but that no account has them.

Their ids are in :mod:`aioturk._core.qualification_ids`.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from aioturk._core.qualification_ids import (
    ADULT,
    AGE_18_TO_25,
    BLOGGER_PRODUCTION,
    BLOGGER_SANDBOX,
    LOCALE,
    MASTERS,
    MASTERS_PRODUCTION,
    MASTERS_SANDBOX,
    NUMBER_APPROVED,
    PERCENT_ABANDONED,
    PERCENT_APPROVED,
    PERCENT_REJECTED,
    PERCENT_RETURNED,
    PERCENT_SUBMITTED,
    PREMIUM,
)
from aioturk.marketplace.store.tables import hit_type, qualification_type, required

__all__ = [
    "ADULT",
    "AGE_18_TO_25",
    "BLOGGER_PRODUCTION",
    "BLOGGER_SANDBOX",
    "FOREIGN",
    "LOCALE",
    "MASTERS",
    "MASTERS_PRODUCTION",
    "MASTERS_SANDBOX",
    "NUMBER_APPROVED",
    "PERCENT_APPROVED",
    "PREMIUM",
    "SYSTEM_TYPES",
    "keep_required",
    "keep_system_types",
]

FOREIGN = {
    "production": frozenset({MASTERS_SANDBOX, BLOGGER_SANDBOX}),
    "sandbox": frozenset({MASTERS_PRODUCTION, BLOGGER_PRODUCTION}),
}
"""Which of them an environment does not know, as they are the other's. The twin of `AGE_18_TO_25` is not known."""

_BEFORE_EVERYTHING = 1_130_796_000_000
"""When they were made: before whatever anybody else made, as the service itself is from November 2005."""


class _SystemType(NamedTuple):
    id: str
    name: str
    description: str


_TYPES = (
    _SystemType(MASTERS_PRODUCTION, "Masters", "Workers who have proven themselves over many tasks (production)."),
    _SystemType(MASTERS_SANDBOX, "Masters", "Workers who have proven themselves over many tasks (sandbox)."),
    _SystemType(NUMBER_APPROVED, "Worker_NumberHITsApproved", "How many assignments of a worker were approved."),
    _SystemType(LOCALE, "Worker_Locale", "Where a worker is."),
    _SystemType(ADULT, "Worker_Adult", "1 when a worker has agreed to see adult content."),
    _SystemType(PERCENT_APPROVED, "Worker_PercentAssignmentsApproved", "How much of a worker's work was approved."),
    _SystemType(BLOGGER_PRODUCTION, "Blogger", "Workers who write a blog (premium, production)."),
    _SystemType(BLOGGER_SANDBOX, "Blogger", "Workers who write a blog (premium, sandbox)."),
    _SystemType(AGE_18_TO_25, "Age 18-25", "Workers who are 18 to 25 years old (premium)."),
    # Retired, and still named by old programs; that they are accepted is unverified.
    _SystemType(PERCENT_SUBMITTED, "Worker_PercentAssignmentsSubmitted", "Retired."),
    _SystemType(PERCENT_ABANDONED, "Worker_PercentAssignmentsAbandoned", "Retired."),
    _SystemType(PERCENT_RETURNED, "Worker_PercentAssignmentsReturned", "Retired."),
    _SystemType(PERCENT_REJECTED, "Worker_PercentAssignmentsRejected", "Retired."),
)

SYSTEM_TYPES = frozenset(kind.id for kind in _TYPES)
"""All their ids."""


def keep_system_types(connection: Connection) -> None:
    """Make sure that they are in the store."""
    query = select(qualification_type.c.id).where(qualification_type.c.account_seq.is_(None))
    there = set(connection.execute(query).scalars())
    for kind in _TYPES:
        if kind.id not in there:
            connection.execute(insert(qualification_type), _row(kind))


def keep_required(connection: Connection) -> None:
    """
    Write down for all HIT types which qualification types they require.

    The first revision did not. Its HIT types could require the service's own alone, which are no older than their rows:
    so this comes after `keep_system_types`, where migrations cannot.
    """
    there = set(map(tuple, connection.execute(select(required.c.qualification_type_seq, required.c.type_seq))))
    named = connection.execute(select(qualification_type.c.id, qualification_type.c.seq))
    numbers = {row.id: row.seq for row in named}
    kinds = connection.execute(select(hit_type.c.seq, hit_type.c.requirements).where(hit_type.c.requirements != "[]"))
    missing = {
        (numbers[requirement["QualificationTypeId"]], seq)
        for seq, requirements in kinds
        for requirement in json.loads(requirements)
        if requirement["QualificationTypeId"] in numbers
    } - there
    if missing:
        names = ("qualification_type_seq", "type_seq")
        connection.execute(insert(required), [dict(zip(names, pair, strict=True)) for pair in sorted(missing)])


def _row(kind: _SystemType) -> dict[str, object]:
    return {
        "id": kind.id,
        "name": kind.name,
        "description": kind.description,
        "status": "Active",
        "auto_granted": 0,
        "created_at": _BEFORE_EVERYTHING,
        "used_at": _BEFORE_EVERYTHING,
    }
