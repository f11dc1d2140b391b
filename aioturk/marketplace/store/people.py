"""People in the store: requesters with their keys and accounts, workers, and what is between them."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select

from aioturk.marketplace.store.records import Account, Key
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, key, requester, worker

__all__ = ["Blocks", "Messages", "Requesters", "Workers"]

_KEYS = select(
    key.c.access_key,
    key.c.secret_key,
    key.c.requester_seq,
    key.c.read_only,
    key.c.spending_cap,
    key.c.spent,
    key.c.revoked_at,
)
_KEY = _KEYS.where(key.c.access_key == bindparam("access_key"))
_KEYS_OF = _KEYS.where(key.c.requester_seq == bindparam("requester_seq")).order_by(key.c.since, key.c.access_key)
_REQUESTER = select(requester.c.seq).where(requester.c.name == bindparam("name"))
_ACCOUNT_COLUMNS = (account.c.seq, account.c.requester_id, account.c.environment)
_ACCOUNT = select(*_ACCOUNT_COLUMNS).where(
    account.c.requester_seq == bindparam("requester_seq"), account.c.environment == bindparam("environment")
)
_ACCOUNT_BY_SEQ = select(*_ACCOUNT_COLUMNS).where(account.c.seq == bindparam("account_seq"))
_INSERT_REQUESTER = insert(requester)
_INSERT_KEY = insert(key)
_DELETE_KEY = delete(key).where(key.c.access_key == bindparam("the_key"))
_INSERT_ACCOUNT = insert(account)


class Requesters:
    """What is asked of requesters."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def named(self, name: str) -> int | None:
        """Find a requester by name; return the running number."""
        row = self._session.first(_REQUESTER, {"name": name})
        return None if row is None else int(row[0])

    def add(self, name: str, now: int) -> int:
        """Keep a new requester; return the running number."""
        return self._session.add(_INSERT_REQUESTER, {"name": name, "since": now})

    def key(self, access_key: str) -> Key | None:
        """Find a key."""
        row = self._session.first(_KEY, {"access_key": access_key})
        return None if row is None else Key(*row)

    def keys_of(self, requester_seq: int) -> list[Key]:
        """List the keys of a requester, the oldest first."""
        return [Key(*row) for row in self._session.all(_KEYS_OF, {"requester_seq": requester_seq})]

    def put_key(self, access_key: str, secret_key: str, requester_seq: int, now: int) -> None:
        """Keep a key, in place of one of the same name."""
        self._session.execute(_DELETE_KEY, {"the_key": access_key})
        values = {"access_key": access_key, "secret_key": secret_key, "requester_seq": requester_seq}
        self._session.put(_INSERT_KEY, {**values, "since": now, "read_only": 0, "spending_cap": None})

    def account(self, requester_seq: int, environment: str) -> Account | None:
        """Find the account of a requester in an environment."""
        values = {"requester_seq": requester_seq, "environment": environment}
        row = self._session.first(_ACCOUNT, values)
        return None if row is None else Account(*row)

    def account_by_seq(self, seq: int) -> Account:
        """Read an account."""
        return Account(*self._session.one(_ACCOUNT_BY_SEQ, {"account_seq": seq}))

    def add_account(self, requester_seq: int, environment: str, requester_id: str) -> Account:
        """Keep a new account, without money."""
        values = {"requester_seq": requester_seq, "environment": environment, "requester_id": requester_id}
        seq = self._session.add(_INSERT_ACCOUNT, {**values, "available": 0, "held": 0})
        return Account(seq, requester_id, environment)


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


class Messages:
    """What is asked of messages to workers."""

    def __init__(self, session: Session) -> None:
        self._session = session
