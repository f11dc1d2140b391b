"""Requesters in the store, with their keys and accounts."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, select, update

from aioturk.marketplace.store.records import Account, Key
from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import account, key, requester

__all__ = ["Requesters"]

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
_ACCOUNT_COLUMNS = (account.c.seq, account.c.requester_id, account.c.environment, account.c.requester_seq)
_ACCOUNT = select(*_ACCOUNT_COLUMNS).where(
    account.c.requester_seq == bindparam("requester_seq"), account.c.environment == bindparam("environment")
)
_ACCOUNT_BY_SEQ = select(*_ACCOUNT_COLUMNS).where(account.c.seq == bindparam("account_seq"))
_FIRST_ACCOUNT = (
    select(*_ACCOUNT_COLUMNS)
    .where(account.c.environment == bindparam("environment"))
    .order_by(account.c.requester_seq)
    .limit(1)
)
_INSERT_REQUESTER = insert(requester)
_INSERT_KEY = insert(key)
_UPDATE_KEY = update(key).where(key.c.access_key == bindparam("the_key"))
_REVOKE = _UPDATE_KEY.where(key.c.revoked_at.is_(None))
_SPEND = _UPDATE_KEY.where(key.c.spent + bindparam("amount") <= key.c.spending_cap).values(
    spent=key.c.spent + bindparam("amount")
)
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

    def add_key(self, new: Key, now: int) -> None:
        """Keep a new key."""
        self._session.put(_INSERT_KEY, {**new._asdict(), "since": now})

    def change_key(self, changed: Key) -> None:
        """Keep what is new about a key; it is good again, if it was revoked. What it has spent stays."""
        values = {**changed._asdict(), "the_key": changed.access_key, "revoked_at": None}
        del values["access_key"], values["spent"]
        self._session.change(_UPDATE_KEY, values)

    def revoke_key(self, access_key: str, now: int) -> bool:
        """Revoke a key; say whether there was one."""
        return bool(self._session.change(_REVOKE, {"the_key": access_key, "revoked_at": now}))

    def spend(self, access_key: str, amount: int) -> bool:
        """Count an amount against the cap of a key, if it allows it; say whether it does."""
        return self._session.execute(_SPEND, {"the_key": access_key, "amount": amount}) > 0

    def account(self, requester_seq: int, environment: str) -> Account | None:
        """Find the account of a requester in an environment."""
        values = {"requester_seq": requester_seq, "environment": environment}
        row = self._session.first(_ACCOUNT, values)
        return None if row is None else Account(*row)

    def first_account(self, environment: str) -> Account | None:
        """Find the account of the requester who was there first."""
        row = self._session.first(_FIRST_ACCOUNT, {"environment": environment})
        return None if row is None else Account(*row)

    def account_by_seq(self, seq: int) -> Account:
        """Read an account."""
        return Account(*self._session.one(_ACCOUNT_BY_SEQ, {"account_seq": seq}))

    def add_account(self, requester_seq: int, environment: str, requester_id: str) -> Account:
        """Keep a new account, without money."""
        values = {"requester_seq": requester_seq, "environment": environment, "requester_id": requester_id}
        seq = self._session.add(_INSERT_ACCOUNT, {**values, "available": 0, "held": 0})
        return Account(seq, requester_id, environment, requester_seq)
