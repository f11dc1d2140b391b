"""Money, request tokens, the audit log, due dates and settings in the store."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Subquery, Table, bindparam, case, delete, func, insert, literal, select, true, union_all, update

from aioturk.marketplace.store.records import Due, Movement, UsedToken
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import (
    account,
    assignment,
    audit,
    hit,
    hit_type,
    movement,
    qualification_request,
    setting,
    token,
    worker,
)

__all__ = [
    "ASSIGNMENT_DUE",
    "CLOCK_TURNED",
    "HIT_DUE",
    "REQUEST_DUE",
    "Agenda",
    "Audit",
    "Money",
    "Settings",
    "Tokens",
]

_BALANCE = select(account.c.available, account.c.held).where(account.c.seq == bindparam("account_seq"))
_BALANCE_TO_CHANGE = _BALANCE.with_for_update(key_share=True)
_SHIFT = (
    update(account)
    .where(account.c.seq == bindparam("the_seq"))
    .values(available=account.c.available + bindparam("to_available"), held=account.c.held + bindparam("to_held"))
)
_MOVE = insert(movement)
_MOVEMENTS = select(
    movement.c.at,
    movement.c.account_seq,
    movement.c.reason,
    movement.c.debit,
    movement.c.credit,
    movement.c.cents,
    movement.c.hit_seq,
    movement.c.assignment_seq,
    movement.c.worker_seq,
).order_by(movement.c.seq)
_of_worker = movement.c.worker_seq == bindparam("worker_seq")
_EARNED = select(
    func.coalesce(func.sum(case((movement.c.debit == "worker", movement.c.cents), else_=0)), 0),
    func.coalesce(func.sum(case((movement.c.credit == "worker", movement.c.cents), else_=0)), 0),
).where(_of_worker)
_PENDING = (
    select(func.coalesce(func.sum(hit_type.c.reward), 0))
    .select_from(assignment)
    .join(hit, assignment.c.hit_seq == hit.c.seq)
    .join(hit_type, hit.c.type_seq == hit_type.c.seq)
    .where(assignment.c.worker_seq == bindparam("worker_seq"), assignment.c.status == "Submitted")
)
_LOCK_WORKER = select(worker.c.seq).where(worker.c.seq == bindparam("worker_seq")).with_for_update(key_share=True)


class Money:
    """What is asked of accounts and the ledger."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def balance(self, account_seq: int) -> tuple[int, int]:
        """Return what is available, and what is held, in cents."""
        row = self._session.one(_BALANCE, {"account_seq": account_seq})
        return row[0], row[1]

    def balance_to_change(self, account_seq: int) -> tuple[int, int]:
        """Return the same in order to change it: nobody else changes it meanwhile."""
        row = self._session.one(_BALANCE_TO_CHANGE, {"account_seq": account_seq})
        return row[0], row[1]

    def move(self, lines: list[Movement]) -> None:
        """Write lines of one account into the ledger, and bring its balance up to date."""
        for line in lines:
            self._session.put(_MOVE, line._asdict())
        account_seq = lines[0].account_seq
        available = _change(lines, "available")
        held = _change(lines, "held")
        if account_seq is not None and (available or held):
            values = {"the_seq": account_seq, "to_available": available, "to_held": held}
            self._session.execute(_SHIFT, values)

    def earnings(self, worker_seq: int) -> tuple[int, int, int]:
        """Return what a worker has earned, was paid, and may yet earn with what waits for a decision, in cents."""
        earned, paid = self._session.one(_EARNED, {"worker_seq": worker_seq})
        (pending,) = self._session.one(_PENDING, {"worker_seq": worker_seq})
        return int(earned), int(paid), int(pending)

    def earnings_to_change(self, worker_seq: int) -> tuple[int, int]:
        """Return what a worker has earned and was paid; nobody else pays meanwhile."""
        self._session.one(_LOCK_WORKER, {"worker_seq": worker_seq})
        earned, paid = self._session.one(_EARNED, {"worker_seq": worker_seq})
        return int(earned), int(paid)

    def movements(self) -> list[Movement]:
        """Return the whole ledger."""
        return [Movement(*row) for row in self._session.all(_MOVEMENTS, {})]


def _change(lines: list[Movement], purse: str) -> int:
    return sum(line.cents * ((line.debit == purse) - (line.credit == purse)) for line in lines)


_same_token = (
    token.c.account_seq == bindparam("the_account"),
    token.c.space == bindparam("the_space"),
    token.c.token == bindparam("the_token"),
)
_TOKEN = select(token.c.used_at, token.c.request_id, token.c.subject).where(*_same_token)
_FORGET = delete(token).where(*_same_token)
_REMEMBER = insert(token)


class Tokens:
    """What is asked of request tokens."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, account_seq: int, space: str, text: str) -> UsedToken | None:
        """Find a token that was used, however long ago."""
        values = {"the_account": account_seq, "the_space": space, "the_token": text}
        row = self._session.first(_TOKEN, values)
        return None if row is None else UsedToken(*row)

    def forget(self, account_seq: int, space: str, text: str) -> None:
        """Forget a token."""
        self._session.execute(_FORGET, {"the_account": account_seq, "the_space": space, "the_token": text})

    def remember(self, account_seq: int, space: str, text: str, used: UsedToken) -> None:
        """Remember that a token was used."""
        self._session.put(_REMEMBER, {"account_seq": account_seq, "space": space, "token": text, **used._asdict()})


_NOTE = insert(audit)


class Audit:
    """What is asked of the audit log: only that it grows."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(
        self, at: int, actor: str, what: str, subject: str | None, request_id: str | None, detail: str | None
    ) -> None:
        """Add a line."""
        values = {"at": at, "actor": actor, "what": what, "subject": subject, "request_id": request_id}
        self._session.put(_NOTE, {**values, "detail": detail})


ASSIGNMENT_DUE = 0
HIT_DUE = 1
REQUEST_DUE = 2

CLOCK_TURNED = "clock turned by"
"""The setting that says how many milliseconds the market's clock is ahead."""

_AGENDA = 7_700_002
"""A number for PostgreSQL's advisory lock: what is due happens in one process at a time, and so in order."""


def _earliest(kind: int, table: Table) -> Subquery:
    due_at, seq = table.c.due_at, table.c.seq
    query = select(due_at.label("at"), literal(kind).label("kind"), seq.label("seq"))
    return query.where(due_at.is_not(None)).order_by(due_at, seq).limit(1).subquery()


_due = (
    union_all(
        select(_earliest(ASSIGNMENT_DUE, assignment)),
        select(_earliest(HIT_DUE, hit)),
        select(_earliest(REQUEST_DUE, qualification_request)),
    )
    .order_by("at", "kind", "seq")
    .limit(1)
    .subquery()
)
_turned = select(setting.c.value).where(setting.c.name == CLOCK_TURNED).scalar_subquery()
_always = select(_turned.label("turned")).subquery()
_PULSE = select(_always.c.turned, _due.c.at, _due.c.kind, _due.c.seq).select_from(_always.outerjoin(_due, true()))


class Agenda:
    """What is asked of time: how far the clock is turned, and what is due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def pulse(self) -> tuple[int, Due | None]:
        """
        Return by how many milliseconds the clock is turned, and the earliest thing that is or will be due.

        At one moment assignments come before HITs. Both in one question, because every act begins with it.
        """
        turned, *due = self._session.one(_PULSE, {})
        return int(turned or 0), None if due[0] is None else Due(*due)

    def lock(self) -> None:
        """Keep other processes from seeing to what is due, until the end of this transaction."""
        self._session.lock(_AGENDA)


_SETTING = select(setting.c.value).where(setting.c.name == bindparam("name"))
_UPDATE_SETTING = update(setting).where(setting.c.name == bindparam("the_name"))
_INSERT_SETTING = insert(setting)


class Settings:
    """What a store remembers of itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, name: str) -> str | None:
        """Return a setting."""
        row = self._session.first(_SETTING, {"name": name})
        return None if row is None else str(row[0])

    def put(self, values: Mapping[str, str]) -> None:
        """Keep settings."""
        for name, value in values.items():
            if not self._session.change(_UPDATE_SETTING, {"the_name": name, "value": value}):
                self._session.put(_INSERT_SETTING, {"name": name, "value": value})
