"""Workers in the store, and what requesters have to do with them: blocks and messages."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select, update

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, assignment, hit, message, person, requester, worker, worker_block

__all__ = ["Block", "Blocks", "MessageRow", "Messages", "WorkerRow", "Workers"]

_WORKER = select(worker.c.seq).where(
    worker.c.id == bindparam("worker_id"), worker.c.environment == bindparam("environment")
)
_INSERT_WORKER = insert(worker)
_UPDATE_WORKER = update(worker).where(worker.c.seq == bindparam("the_seq"))
_judged = (
    exists()
    .where(
        assignment.c.worker_seq == worker.c.seq,
        or_(assignment.c.status == "Approved", assignment.c.status == "Rejected"),
        assignment.c.hit_seq == hit.c.seq,
        hit.c.account_seq == bindparam("account_seq"),
    )
    .correlate(worker)
)
_JUDGED = _WORKER.where(_judged)
_LISTED = (
    select(worker.c.id, person.c.name, worker.c.since)
    .outerjoin_from(worker, person)
    .where(worker.c.environment == bindparam("environment"), worker.c.origin == bindparam("origin"))
    .order_by(worker.c.seq.desc())
    .limit(bindparam("count"))
)


class WorkerRow(NamedTuple):
    """Somebody who works."""

    id: str
    name: str | None
    since: int


class Workers:
    """What is asked of workers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, worker_id: str, environment: str) -> int | None:
        """Find a worker; return the running number."""
        row = self._session.first(_WORKER, {"worker_id": worker_id, "environment": environment})
        return None if row is None else int(row[0])

    def add(self, worker_id: str, environment: str, origin: str, now: int) -> int:
        """Keep a new worker; return the running number."""
        values = {"id": worker_id, "environment": environment, "origin": origin, "since": now}
        return self._session.add(_INSERT_WORKER, values)

    def set_origin(self, seq: int, origin: str) -> None:
        """Keep what kind of worker it is."""
        self._session.change(_UPDATE_WORKER, {"the_seq": seq, "origin": origin})

    def listed(self, environment: str, origin: str, count: int) -> list[WorkerRow]:
        """List the workers of one origin, those that were made known last first."""
        values = {"environment": environment, "origin": origin, "count": count}
        return [WorkerRow(*row) for row in self._session.all(_LISTED, values)]

    def judged_by(self, account_seq: int, worker_id: str, environment: str) -> int | None:
        """Find a worker of whose work the account has approved or rejected some; return the running number."""
        values = {"account_seq": account_seq, "worker_id": worker_id, "environment": environment}
        row = self._session.first(_JUDGED, values)
        return None if row is None else int(row[0])


class Block(NamedTuple):
    """A worker whom a requester does not want."""

    seq: int
    worker_id: str
    reason: str


_BLOCKED = (
    worker_block.c.account_seq == bindparam("the_account"),
    worker_block.c.worker_seq == bindparam("the_worker"),
)
_BLOCK = select(worker_block.c.seq).where(*_BLOCKED)
_INSERT_BLOCK = insert(worker_block)
_UPDATE_BLOCK = update(worker_block).where(*_BLOCKED)
_DELETE_BLOCK = delete(worker_block).where(*_BLOCKED)
_COUNT_BLOCKS = select(func.count()).where(worker_block.c.account_seq == bindparam("account_seq"))
_LIST_BLOCKS = (
    select(worker_block.c.seq, worker.c.id, worker_block.c.reason)
    .join_from(worker_block, worker)
    .where(worker_block.c.account_seq == bindparam("account_seq"), worker_block.c.seq > bindparam("after"))
    .order_by(worker_block.c.seq)
    .limit(bindparam("count"))
)


class Blocks:
    """What is asked of blocks of workers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, account_seq: int, worker_seq: int, reason: str, now: int) -> None:
        """Keep a new block."""
        values = {"account_seq": account_seq, "worker_seq": worker_seq, "reason": reason, "since": now}
        self._session.put(_INSERT_BLOCK, values)

    def change(self, account_seq: int, worker_seq: int, reason: str) -> bool:
        """Keep another reason for a block; say whether there is one."""
        values = {"the_account": account_seq, "the_worker": worker_seq, "reason": reason}
        return bool(self._session.change(_UPDATE_BLOCK, values))

    def remove(self, account_seq: int, worker_seq: int) -> bool:
        """End a block; say whether there was one."""
        return bool(self._session.execute(_DELETE_BLOCK, {"the_account": account_seq, "the_worker": worker_seq}))

    def has(self, account_seq: int, worker_seq: int) -> bool:
        """Say whether an account does not want a worker."""
        return self._session.first(_BLOCK, {"the_account": account_seq, "the_worker": worker_seq}) is not None

    def count(self, account_seq: int) -> int:
        """Count the workers whom an account does not want."""
        return int(self._session.one(_COUNT_BLOCKS, {"account_seq": account_seq})[0])

    def listed(self, account_seq: int, after: int, count: int) -> list[Block]:
        """List the blocks of an account, the earliest first."""
        rows = self._session.all(_LIST_BLOCKS, {"account_seq": account_seq, "after": after, "count": count})
        return [Block(*row) for row in rows]


class MessageRow(NamedTuple):
    """What a requester told a worker."""

    at: int
    requester_id: str
    requester_name: str
    kind: str
    subject: str
    text: str


_INSERT_MESSAGE = insert(message)
_MESSAGES = (
    select(message.c.at, account.c.requester_id, requester.c.name, message.c.kind, message.c.subject, message.c.text)
    .join_from(message, account)
    .join(requester, account.c.requester_seq == requester.c.seq)
    .where(message.c.worker_seq == bindparam("worker_seq"))
    .order_by(message.c.seq)
)


class Messages:
    """What is asked of messages to workers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, at: int, account_seq: int, worker_seq: int, kind: str, subject: str, text: str) -> None:
        """
        Keep what a requester tells a worker.

        Args:
            at: When.
            account_seq: Who tells.
            worker_seq: Who is told.
            kind: What it is about, ``notice`` for one that a requester wrote.
            subject: What it is about, for its reader.
            text: What is said.
        """
        self._session.put(
            _INSERT_MESSAGE,
            {
                "at": at,
                "account_seq": account_seq,
                "worker_seq": worker_seq,
                "kind": kind,
                "subject": subject,
                "text": text,
            },
        )

    def to(self, worker_seq: int) -> list[MessageRow]:
        """List what a worker was told, the earliest first."""
        return [MessageRow(*row) for row in self._session.all(_MESSAGES, {"worker_seq": worker_seq})]
