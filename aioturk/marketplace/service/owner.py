"""
What the owner of a marketplace does: letting requesters in, handing out keys, putting money in and paying workers out.

None of it can be done through the API. The doors are methods of `aioturk.marketplace.Marketplace` and the command line.
"""

from __future__ import annotations

from typing import NamedTuple

from aioturk._core.keys import Credentials
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import identifiers
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.funds import deposit, pay_out
from aioturk.marketplace.store.records import Account, Key

__all__ = [
    "Earned",
    "Limits",
    "account_of",
    "add_key",
    "add_money",
    "add_requester",
    "earnings",
    "pay_worker",
    "revoke_key",
]


class Earned(NamedTuple):
    """A worker's money, in cents."""

    earned: int
    paid: int
    pending: int


class Limits(NamedTuple):
    """What a key is not good for: changing anything, or committing more than so many cents."""

    read_only: bool = False
    spending_cap: int | None = None


def add_requester(
    context: Context, name: str, wanted: Credentials | None, balance: int | None, environments: tuple[str, ...]
) -> Credentials:
    """
    Make sure that there is a requester of that name; return keys of it that are good for everything.

    Args:
        context: The owner's.
        name: The name.
        wanted: Keys to use from now on. Without any: the oldest that it has, else new ones.
        balance: What a new account starts with, in cents; None for nothing.
        environments: Where it is to have an account.

    Raises:
        ConfigurationError: Another requester has the access key.
    """
    requesters = context.store.requesters
    found = requesters.named(name)
    seq = requesters.add(name, context.now) if found is None else found
    if wanted is None:
        keys = [key for key in requesters.keys_of(seq) if _is_good_for_everything(key)]
        wanted = Credentials(keys[0].access_key, keys[0].secret_key) if keys else None
        if wanted is None:
            wanted = _put_key(context, seq, None, Limits())
    else:
        _put_key(context, seq, wanted, Limits())
    for environment in environments:
        if requesters.account(seq, environment) is None:
            account = requesters.add_account(seq, environment, identifiers.requester_id())
            if balance:
                deposit(context, account.seq, balance)
    return wanted


def _is_good_for_everything(key: Key) -> bool:
    return not key.read_only and key.spending_cap is None and key.revoked_at is None


def add_key(context: Context, requester: str, wanted: Credentials | None, limits: Limits) -> Credentials:
    """
    Give a requester another key.

    Raises:
        ConfigurationError: There is no such requester, or another one has the access key.
    """
    return _put_key(context, _requester(context, requester), wanted, limits)


def _put_key(context: Context, requester_seq: int, wanted: Credentials | None, limits: Limits) -> Credentials:
    requesters = context.store.requesters
    if wanted is None:
        wanted = Credentials(identifiers.new_access_key(), identifiers.new_secret_key())
    taken = requesters.key(wanted.access_key)
    if taken is not None and taken.requester_seq != requester_seq:
        raise ConfigurationError(f"The access key {wanted.access_key!r} belongs to another requester.")
    key = Key(wanted.access_key, wanted.secret_key, requester_seq, int(limits.read_only), limits.spending_cap)
    if taken is None:
        requesters.add_key(key, context.now)
        context.note("KeyAdded", key.access_key, read_only=key.read_only, cap=key.spending_cap or 0)
    elif taken._replace(spent=0) != key:
        # What it has spent stays spent: a cap that is set again is not a gift.
        requesters.change_key(key)
        context.note("KeyChanged", key.access_key, read_only=key.read_only, cap=key.spending_cap or 0)
    return wanted


def revoke_key(context: Context, access_key: str) -> None:
    """
    Take a key back: nothing more is done for whoever has it. What was done with it stays done.

    Raises:
        ConfigurationError: There is no such key.
    """
    if not context.store.requesters.revoke_key(access_key, context.now):
        raise ConfigurationError(f"There is no access key {access_key!r} that could be revoked.")
    context.note("KeyRevoked", access_key)


def _requester(context: Context, name: str) -> int:
    found = context.store.requesters.named(name)
    if found is None:
        raise ConfigurationError(f"There is no requester {name!r}: add it first.")
    return found


def account_of(context: Context, requester: str, environment: str) -> Account:
    """
    Find the account of a requester.

    Raises:
        ConfigurationError: There is no such requester.
    """
    account = context.store.requesters.account(_requester(context, requester), environment)
    assert account is not None, "every requester has an account everywhere"
    return account


def add_money(context: Context, requester: str, environment: str, amount: int) -> None:
    """
    Put money into an account.

    Raises:
        ConfigurationError: There is no such requester.
        InvalidRequest: The marketplace keeps no accounts of money, so that none is needed.
    """
    if not context.accounting:
        raise InvalidRequest(
            "money never runs out in this marketplace: it was made without a balance.", argument="amount"
        )
    account = account_of(context, requester, environment)
    deposit(context, account.seq, amount)
    context.note("Deposited", account.requester_id, cents=amount)


def pay_worker(context: Context, worker_id: str, amount: int | None) -> int:
    """
    Write down that a worker was paid what is owed, or a part of it; return the cents.

    Raises:
        InvalidRequest: There is no such worker, or less is owed.
    """
    seq = context.store.workers.find(worker_id, context.environment)
    if seq is None:
        raise InvalidRequest(f"nobody of the name {worker_id} ever worked in {context.environment}.", argument="worker")
    earned, paid = context.store.money.earnings_to_change(seq)
    owed = earned - paid
    if amount is None:
        amount = owed
    if amount > owed:
        raise InvalidRequest(
            f"{worker_id} is owed ${dollars(owed)}, which is less. Nothing was written down.", argument="amount"
        )
    if amount:
        pay_out(context, seq, amount)
        context.note("PaidOut", worker_id, cents=amount)
    return amount


def earnings(context: Context, worker_id: str) -> Earned:
    """Return what a worker has earned and was paid, and what waits for a decision; nothing for the unknown."""
    seq = context.store.workers.find(worker_id, context.environment)
    return Earned(0, 0, 0) if seq is None else Earned(*context.store.money.earnings(seq))
