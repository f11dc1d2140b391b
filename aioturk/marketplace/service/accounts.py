"""
Accounts of people who work: signing in with a password, changing it, and ending sessions.

How they come to have one is in `inviting`, and how they are forgotten, in `forgetting`. Passwords are hashed elsewhere,
because that is slow by design, and nothing slow belongs into an act; here come and go argon2 hashes. The audit log gets
a line for each change, with the worker's id, but never an address, which is to be forgotten some day, nor anything that
lets somebody in.

Nobody who signs in is told whether an address is known. Whoever checks a password does nearly as much for one as for
the other: `login` answers for every address, the hash of some other password is checked where there is none, and
`failed` writes a line of the audit log for each. That it also counts where the address is known takes a moment longer:
little beside the hash, but nothing here makes the two the same.

An address that is guessed at is locked, for strangers: who has signed in on a computer before gets in there, so that
nobody is kept out by others who guess wrong on purpose.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime

from aioturk.errors import InvalidRequest
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.accounts import Login

__all__ = [
    "ADDRESS",
    "Account",
    "Session",
    "SignIn",
    "account",
    "change_password",
    "end_sessions",
    "failed",
    "key_of",
    "login",
    "require_hash",
    "set_password",
    "succeeded",
]

_PATIENCE = 5
"""How many wrong passwords in a row lock an address."""

_LONGEST = 6
"""A lock lasts 1, 2, 4 and so on minutes; from the sixth doubling on an hour."""

_MINUTE = 60_000
ADDRESS = re.compile(r"[^\s@\x00-\x20\x7f\ud800-\udfff]+@[^\s@\x00-\x20\x7f\ud800-\udfff]+")
"""The form of addresses of e-mail."""

_HASH = "$argon2"


@dataclass(frozen=True, slots=True)
class SignIn:
    """
    What a password has to be checked against, for every address that there is or is not.

    Attributes:
        worker_id: Who signs in; None if nobody has this address.
        password: The hash; None if there is none, so that another one has to be checked in its place.
        generation: What the session will carry.
        locked_until: Until when even the right password is refused; None if it is not.
    """

    worker_id: str | None
    password: str | None = field(repr=False)
    generation: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """
    What a session carries.

    Attributes:
        worker_id: Whose it is.
        generation: It is good for as long as this is the generation of the account.
    """

    worker_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Account:
    """
    How somebody signs in.

    Attributes:
        worker_id: Who.
        address: The address.
        name: What the person is called, as far as somebody has said.
        generation: What sessions have to carry.
    """

    worker_id: str
    address: str = field(repr=False)
    name: str | None = field(repr=False)
    generation: int


# What is common to all of it.


def key_of(address: str) -> str:
    """Return an address in the form in which it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).casefold())


def require_hash(password_hash: str) -> None:
    """
    Make sure that this is no password, but the hash of one.

    Raises:
        InvalidRequest: It is none.
    """
    if not password_hash.startswith(_HASH) or "\0" in password_hash:
        raise InvalidRequest(
            "is not a hash of argon2: a password itself is never kept.", argument="password_hash", sending=False
        )


def set_password(context: Context, there: Login, password_hash: str) -> int:
    """Keep a new password, with which everything that the old one let in ends; return the new generation."""
    generation = there.generation + 1
    context.store.accounts.change(
        there.worker_seq, password=password_hash, generation=generation, failures=0, locked_until=None
    )
    context.store.accounts.end_invitations(there.worker_seq, context.now)
    return generation


# Signing in.


def login(context: Context, address: str) -> SignIn:
    """
    Tell what a password has to be checked against; for addresses that nobody has, too.

    After the check comes `failed` or `succeeded`, in an act of its own.
    """
    there = _at(context, address)
    if there is None:
        return SignIn(None, None, 0, None)
    locked_until = there.locked_until if _is_locked(context, there) else None
    until = None if locked_until is None else moment(locked_until)
    return SignIn(there.worker_id, there.password, there.generation, until)


def failed(context: Context, address: str, *, is_known: bool = False) -> None:
    """
    Keep that a password was wrong, or the address. Five in a row lock the address, each further one for longer.

    While it is locked, attempts count for nothing: they are refused whatever they say.

    Args:
        context: When, and where.
        address: The address that was given.
        is_known: Whether they have signed in on this computer before: such attempts are not counted by the address.
    """
    there = _at(context, address, to_change=True)
    context.note("SignInFailed", None if there is None else there.worker_id)
    if there is None or is_known or _is_locked(context, there):
        return
    failures = there.failures + 1
    locked_until = there.locked_until
    if failures >= _PATIENCE:
        locked_until = context.now + min(60, 2 ** min(failures - _PATIENCE, _LONGEST)) * _MINUTE
    context.store.accounts.change(there.worker_seq, failures=failures, locked_until=locked_until)


def succeeded(context: Context, address: str, generation: int, *, is_known: bool = False) -> Session | None:
    """
    Begin a session for whoever gave the right password; None if they have to be refused all the same.

    Checking a password takes a while, in which others may guess, too, or the password may be changed. Whoever was not
    the first to be right before the lock does not get in.

    Args:
        context: When, and where.
        address: The address that was given.
        generation: What `login` said.
        is_known: Whether they have signed in on this computer before. Then no lock keeps them out; it stays for others.
    """
    there = _at(context, address, to_change=True)
    is_locked = there is not None and not is_known and _is_locked(context, there)
    if there is None or there.password is None or there.generation != generation or is_locked:
        context.note("SignInFailed", None if there is None else there.worker_id)
        return None
    if not is_known:
        context.store.accounts.change(there.worker_seq, failures=0, locked_until=None)
    context.note("SignedIn", there.worker_id)
    return Session(there.worker_id, generation)


def _at(context: Context, address: str, *, to_change: bool = False) -> Login | None:
    key = key_of(address)
    if not ADDRESS.fullmatch(key):
        key = ""  # which nobody has; databases do not take every text
    accounts = context.store.accounts
    there = accounts.at_to_change(key) if to_change else accounts.at(key)
    return there if there is not None and there.environment == context.environment else None


def _is_locked(context: Context, there: Login) -> bool:
    return there.locked_until is not None and context.now < there.locked_until


# Being signed in.


def account(context: Context, worker_id: str) -> Account | None:
    """Tell who a session is of, and which generation it has to carry; None if the worker has no account."""
    there = context.store.accounts.of(worker_id, context.environment)
    return None if there is None else Account(there.worker_id, there.address, there.name, there.generation)


def change_password(context: Context, worker_id: str, password_hash: str) -> Session:
    """
    Set another password. All sessions and open invitations end; the session that is returned goes on.

    Raises:
        InvalidRequest: The worker has no account, or the hash is none of argon2.
    """
    require_hash(password_hash)
    there = _of(context, worker_id)
    generation = set_password(context, there, password_hash)
    context.note("PasswordChanged", worker_id)
    return Session(worker_id, generation)


def end_sessions(context: Context, worker_id: str) -> int:
    """
    End all sessions of a worker: they sign in again. Returns the generation of the sessions that are to come.

    Raises:
        InvalidRequest: The worker has no account.
    """
    there = _of(context, worker_id)
    generation = there.generation + 1
    context.store.accounts.change(there.worker_seq, generation=generation)
    context.note("SessionsEnded", worker_id)
    return generation


def _of(context: Context, worker_id: str) -> Login:
    there = context.store.accounts.of_to_change(worker_id, context.environment)
    if there is None:
        raise InvalidRequest(f"{worker_id} has no account.", argument="worker_id", sending=False)
    return there
