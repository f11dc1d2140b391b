"""
The house behind the doors: the store, the rules, the clock, and the threads on which everything happens.

Every door (the gateway for requesters, `workers` and `robots` for those who work) brings its acts here, and each act
is one transaction, whose result is handed out when it is safe on the disk. Before an act, everything that has become
due happens, in the order of its due times; and while nobody acts, somebody looks at the clock once a second.

Acts are plain functions, and all of one act runs in one hop to a thread. With SQLite there is one thread, which is as
many as it can write with; with PostgreSQL there are several, in each of the processes that serve the market. Two acts
may then want the same at the same time: the one that comes second is undone and done again, so an act must change
nothing but the store.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aioturk._core.keys import Credentials
from aioturk.clock import Clock
from aioturk.errors import ConfigurationError, CredentialsRefused, InvalidRequest
from aioturk.marketplace.money import dollars, told_fees
from aioturk.marketplace.rules import AMAZON, PROFILES, Rules
from aioturk.marketplace.service import Context, RequesterContext, owner
from aioturk.marketplace.service.agenda import happen
from aioturk.marketplace.service.context import CLOCK, Behind
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.service.subscribers import Subscriber
from aioturk.marketplace.store import Raced, Store, StoreConnection, Transaction
from aioturk.marketplace.store.books import CLOCK_TURNED
from aioturk.marketplace.store.records import Account, Due, Key
from aioturk.marketplace.thread import ActThreads

__all__ = ["BALANCE", "ENVIRONMENTS", "OWNER", "RULES", "SITE", "SITE_ENVIRONMENT", "House"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

ENVIRONMENTS = ("sandbox", "production")
"""Two worlds: accounts, ids, balances and workers of one are unknown in the other."""

OWNER = "owner"
"""Who acts, in the audit log, when the owner does."""
_PAGE_KEY = "page key"
_SITE_KEY = "site key"
_IDENTITY = "identity"
"""The setting by which a market is known from all others, whatever its address."""
BALANCE = "balance"
"""The setting that says what accounts start with; empty where money never runs out."""
SITE = "site"
"""The setting that says where people reached the worker site last, for links to it."""
SITE_ENVIRONMENT = "site environment"
"""The setting that says which environment they saw there."""
RULES = "rules"
"""The setting that says by which profile the store was used last; empty for others."""
_RULES_OF_ITS_OWN = ""

_TRIES = 50
"""How often an act is done again that others were faster than. Each time, one of those others has got on."""

_LOOK = 1.0
"""Seconds between looks at the clock while nobody acts."""


_LAST_MOMENT = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp()) * 1000
"""Beyond it, moments that follow from it could no longer be told."""


class _Overdue(Exception):
    """Something else has to happen first."""


class House:
    """
    One marketplace without its doors.

    Args:
        store: Where everything is kept.
        rules: The rules. None keeps those that the store was used with last; in a new one they are Amazon's.
        clock: What tells the time; `advance` turns the market's time ahead of it.
        balance: What each account starts with, in cents. None keeps what the store was made with; in a new one it
            means that money never runs out.
        strict_workers: Whether workers have to be made known, whatever the rules say.

    Attributes:
        lag: For how many milliseconds new things are in no list.
        delivers: The transports by which messages about events are sent to somebody.
        subscribers: To whom events are posted, beside those whom settings name.
        on_post: Called, from any thread, when there are new messages about events.
        site_key: What the worker site signs with, once the house is open.
        told_fees: What requesters are told that is taken here, once the house is open; None if it is too long to tell.
    """

    def __init__(
        self, store: Store, rules: Rules | None, *, clock: Clock, balance: int | None, strict_workers: bool = False
    ) -> None:
        self.rules: Rules = rules or AMAZON
        self._rules = rules
        self._strict_workers = strict_workers
        self._store = store
        self._clock = clock
        self._balance = balance
        self.lag = 0
        self.delivers: frozenset[str] = frozenset()
        self.subscribers: tuple[Subscriber, ...] = ()
        self.on_post: Callable[[], None] | None = None
        self._threads: ActThreads[StoreConnection] | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._turned = 0
        self._latest = 0
        self._time = threading.Lock()
        self._page_key = b""
        self.site_key: bytes = b""
        self.told_fees: str | None = None
        self._identity = ""
        self._places: dict[tuple[int, str], str] = {}
        self._accounts: dict[tuple[int, str], Account] = {}
        self._keys: dict[str, Key] = {}

    # Opening and closing.

    async def open(self) -> None:
        """
        Open the store, and read what has to be at hand.

        Raises:
            ConfigurationError: The store cannot be used, or nothing can be charged by the rules.
        """
        self._turned = self._latest = 0
        self._places.clear()
        self._accounts.clear()
        self._keys.clear()
        with ThreadPoolExecutor(1, "aioturk-opening") as opener:
            connections = await asyncio.get_running_loop().run_in_executor(opener, self._store.open)
        self._threads = ActThreads("aioturk-marketplace", connections)
        try:
            await self._hop(self._open)
        except BaseException:
            await self.close()
            raise
        self._ticker = asyncio.create_task(self._tick(), name="aioturk-clock")

    def _open(self, connection: StoreConnection) -> None:
        with connection.transaction() as store:
            store.agenda.lock()
            self._page_key = bytes.fromhex(_agreed_chance(store, _PAGE_KEY, length=32))
            self.site_key = bytes.fromhex(_agreed_chance(store, _SITE_KEY, length=32))
            self._identity = _agreed_chance(store, _IDENTITY, length=8)
            self._balance = _agreed_balance(store, self._balance)
            rules = _agreed_rules(store, self._rules)
            self.rules = replace(rules, strict_workers=True) if self._strict_workers else rules
            self.told_fees = told_fees(self.rules)

    async def close(self) -> None:
        """Close the store, when what is under way is done. Harmless when it is closed already."""
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.cancel()
            with suppress(asyncio.CancelledError):
                await ticker
        threads, self._threads = self._threads, None
        if threads is not None:
            # Off the loop, which has to hand out the last results meanwhile.
            with ThreadPoolExecutor(1, "aioturk-closing") as closer:
                await asyncio.get_running_loop().run_in_executor(closer, threads.close)
        self._store.close()

    # Time.

    def now(self) -> int:
        """Return the market's time in milliseconds; it never runs backwards."""
        return self._now(0)

    def _now(self, turned: int) -> int:
        with self._time:
            # The clock is only ever turned ahead, so of what several threads have read the most is true.
            self._turned = max(self._turned, turned)
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
        if self.now() + milliseconds > _LAST_MOMENT:
            raise InvalidRequest("the market's clock cannot be turned beyond the year 8999.", argument="by")
        await self._hop(lambda connection: self._advance(connection, milliseconds))

    def _advance(self, connection: StoreConnection, milliseconds: int) -> None:
        def turn(store: Transaction) -> None:
            store.agenda.lock()
            turned, _ = store.agenda.pulse()
            store.settings.put({CLOCK_TURNED: str(turned + milliseconds)})

        # First the clock, then what follows: whoever is interrupted in between goes on from there.
        self._transact(connection, turn)
        self._catch_up(connection)

    def _pulse(self, store: Transaction) -> tuple[int, Due | None]:
        """Return the time, and what is due by now."""
        turned, due = store.agenda.pulse()
        now = self._now(turned)
        return now, due if due is not None and due.at <= now else None

    def _catch_up(self, connection: StoreConnection) -> None:
        def some(store: Transaction) -> bool:
            store.agenda.lock()
            for _ in range(connection.batch):
                _, due = self._pulse(store)
                if due is None:
                    return False
                happen(self._context(store, due.at, environment="", actor=CLOCK, request_id=None), due)
            return True

        while self._transact(connection, some):
            pass

    async def _tick(self) -> None:
        while True:
            # The computer's own time: nobody waits for it, so it need not be injected.
            await asyncio.sleep(_LOOK)
            try:
                await self._hop(self._catch_up)
            except Exception:
                _log.exception("what is due could not be seen to; the next look is in %g s", _LOOK)

    # Acts.

    async def act(
        self,
        act: Callable[[Context], T],
        *,
        environment: str = "sandbox",
        actor: str = OWNER,
        request_id: str | None = None,
    ) -> T:
        """Do something in one transaction: all of it happens, or, when it raises, nothing."""
        return await self._hop(lambda connection: self._act(connection, act, environment, actor, request_id))

    async def act_for(self, key: Key, environment: str, request_id: str, act: Callable[[RequesterContext], T]) -> T:
        """
        Do something for a requester, in the same way.

        Args:
            key: What the request was signed with.
            environment: Where.
            request_id: The request.
            act: What to do.

        Raises:
            CredentialsRefused: The key is no longer good.
        """

        def with_account(context: Context) -> T:
            current = context.store.requesters.key(key.access_key)
            if current is None or current.revoked_at is not None or current.secret_key != key.secret_key:
                self._keys.pop(key.access_key, None)
                raise CredentialsRefused("The security token included in the request is invalid.")
            return act(context.for_account(self._account(context.store, key.requester_seq, environment), current))

        return await self._hop(lambda connection: self._act(connection, with_account, environment, "", request_id))

    def _act(
        self,
        connection: StoreConnection,
        act: Callable[[Context], T],
        environment: str,
        actor: str,
        request_id: str | None,
    ) -> T:
        def in_time(store: Transaction) -> T:
            now, due = self._pulse(store)
            if due is not None:
                raise _Overdue
            return act(self._context(store, now, environment, actor, request_id))

        while True:
            try:
                return self._transact(connection, in_time)
            except _Overdue:
                # Apart from the act, so that it has happened even if the act is declined.
                self._catch_up(connection)
            except Behind as ahead:
                # Perhaps by another computer's clock, so waiting for our own would not do.
                with self._time:
                    self._latest = max(self._latest, ahead.moment)

    def _transact(self, connection: StoreConnection, function: Callable[[Transaction], T]) -> T:
        for attempt in range(1, _TRIES + 1):
            try:
                with connection.transaction() as store:
                    result = function(store)
                    posted = store.notifications.posted()
            except Raced as race:
                if attempt == _TRIES:
                    raise
                _log.debug("done again, as others were faster: %s", race)
                continue
            if posted and self.on_post is not None:
                self.on_post()
            return result
        raise AssertionError("unreachable")

    def _context(self, store: Transaction, now: int, environment: str, actor: str, request_id: str | None) -> Context:
        return Context(
            store=store,
            now=now,
            rules=self.rules,
            accounting=self._balance is not None,
            page_key=self._page_key,
            environment=environment,
            actor=actor,
            request_id=request_id,
            lag=self.lag,
            delivers=self.delivers,
            subscribers=self.subscribers,
        )

    async def _hop(self, function: Callable[[StoreConnection], T]) -> T:
        if self._threads is None:
            raise ConfigurationError("The marketplace is not open: use it within `async with Marketplace(...)`.")
        return await self._threads.run(function)

    # Requesters.

    async def add_requester(
        self, name: str, credentials: Credentials | None, *, balance: int | None = None
    ) -> Credentials:
        """
        Make sure that there is a requester of that name; return its keys. See `owner.add_requester`.

        Args:
            name: The name.
            credentials: Keys to use from now on.
            balance: What a new account starts with, in cents, where it is not what all start with.
        """
        start = self._balance if balance is None else balance
        return await self.change_keys(
            lambda context: owner.add_requester(context, name, credentials, start, ENVIRONMENTS)
        )

    async def change_keys(self, act: Callable[[Context], T]) -> T:
        """Do something as the owner, after which keys may no longer be what they were."""
        try:
            return await self.act(act)
        finally:
            self._keys.clear()

    async def key(self, access_key: str, *, fresh: bool = False) -> Key | None:
        """
        Find a key that requests are signed with.

        Keys are remembered, because a signature is checked before the act; `act_for` sees to it that none is used which
        is no longer good.

        Args:
            access_key: Its name.
            fresh: Whether to look it up again, because a signature did not fit the secret that is remembered.
        """
        known = None if fresh else self._keys.get(access_key)
        if known is None:
            known = await self.act(lambda context: context.store.requesters.key(access_key))
            if known is not None and known.revoked_at is None:
                self._keys[access_key] = known
        return known if known is not None and known.revoked_at is None else None

    async def place(self, key: Key, environment: str) -> str:
        """
        Name the account that a key acts for, in a way that no other account of any market is named.

        Args:
            key: What a request was signed with.
            environment: Where it counts.

        Returns:
            ``market/account``, the same for as long as there is the database, and in its copies.
        """
        place = self._places.get((key.requester_seq, environment))
        if place is None:
            account = await self.act(lambda context: self._account(context.store, key.requester_seq, environment))
            place = self._places[key.requester_seq, environment] = f"{self._identity}/{account.requester_id}"
        return place

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


def _agreed_chance(store: Transaction, name: str, *, length: int) -> str:
    """Return the random bytes, in hexadecimal, that a store was given when it was opened first."""
    found = store.settings.get(name)
    if found is None:
        found = secrets.token_hex(length)
        store.settings.put({name: found})
    return found


def _agreed_balance(store: Transaction, wanted: int | None) -> int | None:
    """Return what accounts start with: as wanted in a new store, as it was in an old one."""
    found = store.settings.get(BALANCE)
    if found is None:
        store.settings.put({BALANCE: "" if wanted is None else str(wanted)})
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


def _agreed_rules(store: Transaction, wanted: Rules | None) -> Rules:
    """
    Return the rules that are wanted, and remember them; or those that are remembered.

    What is due happens as soon as a store is opened, so the owner's place must not be opened by Amazon's rules, which
    delete things, just because nobody said whose they are.
    """
    found = store.settings.get(RULES)
    if wanted is None:
        if found == _RULES_OF_ITS_OWN:
            raise ConfigurationError(
                "The database was used with rules of its own last: pass the Rules again, or name a profile. "
                "Nothing was changed."
            )
        if found is None:
            store.settings.put({RULES: "amazon"})
        return PROFILES[found or "amazon"]
    name = next((name for name, rules in PROFILES.items() if rules == wanted), _RULES_OF_ITS_OWN)
    if name != found:
        store.settings.put({RULES: name})
    return wanted
