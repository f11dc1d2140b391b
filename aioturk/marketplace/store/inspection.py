"""
Looking a store through: whether the database is whole, and whether what is written twice agrees.

Balances follow from the ledger, a HIT's counters from its assignments, what is held for an account from its HITs; each
is kept for speed, and each must be what it follows from. And nobody may have been paid twice for one piece of work.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select, text

from aioturk._databases import database_url
from aioturk.errors import ConfigurationError
from aioturk.marketplace.store.copies import reading
from aioturk.marketplace.store.database import REVISION, revision_of
from aioturk.marketplace.store.tables import account, assignment, hit, hit_type, movement

__all__ = ["problems"]

_MOST = 20
"""Problems of one kind that are told one by one."""


def problems(database: str | os.PathLike[str]) -> list[str]:
    """
    Look a store through, as it is at one moment; others may work in it meanwhile.

    Returns:
        What is wrong, a sentence each; nothing when all is well.

    Raises:
        ConfigurationError: It cannot be read, or is no store of this version.
    """
    with reading(database_url(database)) as connection:
        found = revision_of(connection)
        if found is None:
            raise ConfigurationError("The database is no marketplace's.")
        if found != REVISION:
            raise ConfigurationError(
                f"The database has the schema of revision {found}, and this aioturk looks through {REVISION}: "
                "serve it once to bring it up to date."
            )
        return list(_problems(connection))


def _problems(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        yield from _damage(connection)
    for statement, sentence in _CHECKS:
        rows = connection.execute(statement.limit(_MOST)).all()
        for row in rows:
            yield sentence.format(*row)
        if len(rows) == _MOST:
            yield "... and perhaps more of this kind."


def _damage(connection: Connection) -> Iterator[str]:
    for (line,) in connection.execute(text("PRAGMA integrity_check")):
        if line != "ok":
            yield f"The file is damaged: {line}."
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"Row {row[1]} of the table {row[0]} refers to a row of {row[2]} that is not there."


def _in_purse(purse: str) -> ColumnElement[Any]:
    sign = case((movement.c.debit == purse, movement.c.cents), else_=0) - case(
        (movement.c.credit == purse, movement.c.cents), else_=0
    )
    return func.coalesce(func.sum(sign), 0)


def _balance(column: ColumnElement[int], purse: str) -> Select[Any]:
    ledger = (
        select(_in_purse(purse)).where(movement.c.account_seq == account.c.seq).correlate(account).scalar_subquery()
    )
    return select(account.c.requester_id, column, ledger).where(column != ledger)


def _counted(column: ColumnElement[int], status: str) -> Select[Any]:
    there = (
        select(func.count())
        .where(assignment.c.hit_seq == hit.c.seq, assignment.c.status == status)
        .correlate(hit)
        .scalar_subquery()
    )
    return select(hit.c.id, column, there).where(column != there)


_held = (
    select(func.coalesce(func.sum(hit.c.held), 0))
    .where(hit.c.account_seq == account.c.seq)
    .correlate(account)
    .scalar_subquery()
)
_worth = (hit.c.in_work + hit.c.submitted) * (hit_type.c.reward + hit.c.fee)
_least_held = (
    select(hit.c.id, hit.c.held, _worth)
    .join_from(hit, hit_type)
    .where(
        or_(
            (hit.c.status != "Disposed") & (hit.c.held < _worth),
            (hit.c.status == "Disposed") & (hit.c.held != 0),
        )
    )
)
_paid_twice = (
    select(assignment.c.issued_id, func.count())
    .join_from(movement, assignment, movement.c.assignment_seq == assignment.c.seq)
    .where(movement.c.reason == "reward")
    .group_by(assignment.c.seq, assignment.c.issued_id)
    .having(func.count() > 1)
)

_CHECKS: tuple[tuple[Select[Any], str], ...] = (
    (_balance(account.c.available, "available"), "Account {0} says that {1} cents are available, and the ledger {2}."),
    (_balance(account.c.held, "held"), "Account {0} says that {1} cents are held, and the ledger {2}."),
    (
        select(account.c.requester_id, account.c.held, _held).where(account.c.held != _held),
        "Account {0} says that {1} cents are held, and its HITs {2}.",
    ),
    (_counted(hit.c.in_work, "Accepted"), "HIT {0} counts {1} assignments in work, and there are {2}."),
    (_counted(hit.c.submitted, "Submitted"), "HIT {0} counts {1} submitted assignments, and there are {2}."),
    (_counted(hit.c.approved, "Approved"), "HIT {0} counts {1} approved assignments, and there are {2}."),
    (_counted(hit.c.rejected, "Rejected"), "HIT {0} counts {1} rejected assignments, and there are {2}."),
    (_least_held, "HIT {0} holds {1} cents, and the work on it is worth {2}."),
    (_paid_twice, "Assignment {0} was paid {1} times."),
)
