"""
The house behind the doors: the store, the rules, the clock, and the one thread on which everything happens.

Every door (the gateway for requesters, `workers` and `robots` for those who work) brings its acts here, and each act
is one transaction, whose result is handed out when it is safe on the disk. Before an act, everything that has become
due happens, in the order of its due times.

Acts are plain functions, and all of one act runs in one hop to the thread. With SQLite there is one thread, which is as
many as it can write with; a store that takes several writers may have several.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from aioturk._core.keys import Credentials
from aioturk.clock import Clock
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import identifiers
from aioturk.marketplace.money import dollars
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service import Context, RequesterContext
from aioturk.marketplace.service.agenda import happen
from aioturk.marketplace.service.context import CLOCK
from aioturk.marketplace.service.funds import deposit
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store import Store, Transaction
from aioturk.marketplace.store.records import Account, Due, Key
from aioturk.marketplace.thread import ActThread

__all__ = ["ENVIRONMENTS", "House"]

T = TypeVar("T")

ENVIRONMENTS = ("sandbox", "production")
"""Two worlds: accounts, ids, balances and workers of one are unknown in the other."""

_OWNER = "owner"
_CLOCK_TURNED = "clock turned by"
_PAGE_KEY = "page key"
_BALANCE = "balance"


class House:
    """
    One marketplace without its doors.

    Args:
        store: Where everything is kept.
        rules: The rules.
        clock: What tells the time; `advance` turns the market's time ahead of it.
        balance: What each account starts with, in cents. None keeps what the store was made with; in a new one it
            means that money never runs out.
    """

    def __init__(self, store: Store, rules: Rules, *, clock: Clock, balance: int | None) -> None:
        self.rules = rules
        self._store = store
        self._clock = clock
        self._balance = balance
        self._thread: ActThread | None = None
        self._turned = 0
        self._latest = 0
        self._page_key = b""
        self._accounts: dict[tuple[int, str], Account] = {}
        self._owners: dict[int, Account] = {}
        self._keys: dict[str, Key] = {}

    # Opening and closing.

    async def open(self) -> None:
        """
        Open the store, and read what has to be at hand.

        Raises:
            ConfigurationError: The store cannot be used.
        """
        self._thread = ActThread("aioturk-marketplace", self._store.commit)
        try:
            await self._hop(self._open)
        except BaseException:
            await self.close()
            raise

    def _open(self) -> None:
        self._store.open()
        with self._store.transaction() as store:
            self._turned = int(store.settings.get(_CLOCK_TURNED) or 0)
            page_key = store.settings.get(_PAGE_KEY)
            if page_key is None:
                page_key = secrets.token_hex(32)
                store.settings.put({_PAGE_KEY: page_key})
            self._page_key = bytes.fromhex(page_key)
            self._balance = _agreed_balance(store, self._balance)
            for account in store.requesters.accounts():
                self._owners[account.seq] = account

    async def close(self) -> None:
        """Close the store, when what is under way is done. Harmless when it is closed already."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            await thread.run(lambda: None)  # when it answers, all that was handed over before is done and kept
            await thread.run(self._store.close)
        finally:
            thread.close()

    # Time.

    def now(self) -> int:
        """Return the market's time in milliseconds; it never runs backwards."""
        self._latest = max(self._latest, int(self._clock.time() * 1000) + self._turned)
        return self._latest

    async def advance(self, by: timedelta) -> None:
        """
        Turn the clock ahead; whatever becomes due on the way happens, each thing at its own time and in order.

        Raises:
            InvalidRequest: The time is negative.
        """
        milliseconds = by // timedelta(milliseconds=1)
        if milliseconds < 0:
            raise InvalidRequest("the market's clock can only be turned ahead.", argument="by")
        await self._hop(lambda: self._advance(milliseconds))

    def _advance(self, milliseconds: int) -> None:
        # First the clock, then what follows: whoever is interrupted in between goes on from there.
        self._turned += milliseconds
        with self._store.transaction() as store:
            store.settings.put({_CLOCK_TURNED: str(self._turned)})
        self._catch_up(self.now())

    def _catch_up(self, now: int) -> None:
        while True:
            with self._store.transaction() as store:
                due = store.agenda.next(now)
                if due is None:
                    return
                self._happen(store, due)
                # A handful in each transaction: committing takes longer than most of what happens.
                for _ in range(50):
                    due = store.agenda.next(now)
                    if due is None:
                        break
                    self._happen(store, due)

    def _happen(self, store: Transaction, due: Due) -> None:
        happen(self._context(store, due.at, environment="", actor=CLOCK, request_id=None), due)

    # Acts.

    async def act(
        self,
        act: Callable[[Context], T],
        *,
        environment: str = "sandbox",
        actor: str = _OWNER,
        request_id: str | None = None,
    ) -> T:
        """Do something in one transaction: all of it happens, or, when it raises, nothing."""
        return await self._hop(lambda: self._act(act, environment, actor, request_id))

    async def act_for(
        self, requester_seq: int, environment: str, request_id: str, act: Callable[[RequesterContext], T]
    ) -> T:
        """Do something for a requester, in the same way."""

        def with_account(context: Context) -> T:
            return act(context.for_account(self._account(context.store, requester_seq, environment)))

        return await self._hop(lambda: self._act(with_account, environment, "", request_id))

    def _act(self, act: Callable[[Context], T], environment: str, actor: str, request_id: str | None) -> T:
        now = self.now()
        while True:
            with self._store.transaction() as store:
                if store.agenda.next(now) is None:
                    return act(self._context(store, now, environment, actor, request_id))
            # Apart from the act, so that it has happened even if the act is declined.
            self._catch_up(now)

    def _context(self, store: Transaction, now: int, environment: str, actor: str, request_id: str | None) -> Context:
        accounting = self._balance is not None
        return Context(store, now, self.rules, accounting, self._page_key, environment, actor, request_id)

    async def _hop(self, function: Callable[[], T]) -> T:
        if self._thread is None:
            raise ConfigurationError("The marketplace is not open: use it within `async with Marketplace(...)`.")
        return await self._thread.run(function)

    # Requesters.

    async def add_requester(self, name: str, credentials: Credentials | None) -> Credentials:
        """
        Make sure that there is a requester of that name; return its keys.

        Args:
            name: The name.
            credentials: Keys to use from now on. Without any: the oldest that it has, else new ones.

        Raises:
            ConfigurationError: Another requester has the access key.
        """
        return await self._hop(lambda: self._add_requester(name, credentials))

    def _add_requester(self, name: str, wanted: Credentials | None) -> Credentials:
        now = self.now()
        with self._store.transaction() as store:
            found = store.requesters.named(name)
            seq = store.requesters.add(name, now) if found is None else found
            keys = store.requesters.keys_of(seq)
            if wanted is not None:
                taken = store.requesters.key(wanted.access_key)
                if taken is not None and taken.requester_seq != seq:
                    raise ConfigurationError(f"The access key {wanted.access_key!r} belongs to another requester.")
                store.requesters.put_key(wanted.access_key, wanted.secret_key, seq, now)
                self._keys.pop(wanted.access_key, None)
            elif keys:
                wanted = Credentials(keys[0].access_key, keys[0].secret_key)
            else:
                wanted = Credentials(identifiers.new_access_key(), identifiers.new_secret_key())
                store.requesters.put_key(wanted.access_key, wanted.secret_key, seq, now)
            for environment in ENVIRONMENTS:
                self._open_account(store, seq, environment)
        return wanted

    def _open_account(self, store: Transaction, requester_seq: int, environment: str) -> None:
        account = store.requesters.account(requester_seq, environment)
        if account is None:
            account = store.requesters.add_account(requester_seq, environment, identifiers.requester_id())
        if self._balance and not store.money.has_deposit(account.seq):
            deposit(self._context(store, self.now(), environment, _OWNER, None), account.seq, self._balance)

    async def key(self, access_key: str) -> Key | None:
        """Find a key that requests are signed with."""
        known = self._keys.get(access_key)
        if known is None:
            known = await self.act(lambda context: context.store.requesters.key(access_key))
            if known is not None:
                self._keys[access_key] = known
        return known

    def _account(self, store: Transaction, requester_seq: int, environment: str) -> Account:
        known = self._accounts.get((requester_seq, environment))
        if known is None:
            known = store.requesters.account(requester_seq, environment)
            assert known is not None
            self._accounts[requester_seq, environment] = known
        return known

    def time(self) -> datetime:
        """Return the market's time."""
        return moment(self.now())


def _agreed_balance(store: Transaction, wanted: int | None) -> int | None:
    """Return what accounts start with: as wanted in a new store, as it was in an old one."""
    found = store.settings.get(_BALANCE)
    if found is None:
        store.settings.put({_BALANCE: "" if wanted is None else str(wanted)})
        return wanted
    kept = int(found) if found else None
    if wanted is not None and wanted != kept:
        was = (
            "without a balance: money never runs out in it" if kept is None else f"with balance={str(dollars(kept))!r}"
        )
        raise ConfigurationError(
            f"balance={str(dollars(wanted))!r}: the database was made {was}. "
            "Nothing was changed: leave the balance out to keep it, or name another file."
        )
    return kept
