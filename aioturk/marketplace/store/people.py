"""Workers in the store, and what requesters have to do with them: blocks and messages."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import message, worker

__all__ = ["Blocks", "Messages", "Workers"]

_WORKER = select(worker.c.seq).where(
    worker.c.id == bindparam("worker_id"), worker.c.environment == bindparam("environment")
)
_INSERT_WORKER = insert(worker)


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


class Blocks:
    """What is asked of blocks of workers."""

    def __init__(self, session: Session) -> None:
        self._session = session


_INSERT_MESSAGE = insert(message)


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
