"""
Accounts of people who work: inviting them, the password that they set, signing in, and ending that.

Passwords are hashed elsewhere, because that is slow by design, and nothing slow belongs into an act; here come and go
argon2 hashes. Of the links that invite people only digests are kept. The audit log gets a line for each change, with
the worker's id, but never an address, which is to be forgotten some day, nor anything that lets somebody in.

Nobody who signs in is told whether an address is known. Whoever checks a password does nearly as much for one as for
the other: `login` answers for every address, the hash of some other password is checked where there is none, and
`failed` writes a line of the audit log for each. That it also counts where the address is known takes a moment longer:
little beside the hash, but nothing here makes the two the same.

An address that is guessed at is locked, for strangers: who has signed in on a computer before gets in there, so that
nobody is kept out by others who guess wrong on purpose.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from aioturk.errors import InvalidRequest
from aioturk.marketplace import identifiers
from aioturk.marketplace.service import people
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.groups import let_in
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.accounts import InvitationRow, Login

__all__ = [
    "LASTS",
    "Account",
    "Invitation",
    "Invited",
    "Session",
    "SignIn",
    "accept_invitation",
    "account",
    "change_password",
    "end_sessions",
    "failed",
    "invitation",
    "invite",
    "login",
    "succeeded",
]

LASTS = timedelta(days=14)
"""How long an invitation can be used."""

_PATIENCE = 5
"""How many wrong passwords in a row lock an address."""

_LONGEST = 6
"""A lock lasts 1, 2, 4 and so on minutes; from the sixth doubling on an hour."""

_MINUTE = 60_000
_ADDRESS = re.compile(r"[^\s@\x00-\x20\x7f\ud800-\udfff]+@[^\s@\x00-\x20\x7f\ud800-\udfff]+")
_ADDRESS_LENGTH = 254
_NAME_LENGTH = 200
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_HASH = "$argon2"


@dataclass(frozen=True, slots=True)
class Invitation:
    """
    A link for somebody, to be sent to nobody else.

    Attributes:
        token: What makes it secret. It is kept nowhere: this is the only time that it is told.
        worker_id: Who is invited.
        address: The address, as it was given.
        expires: Until when the link can be used.
        is_new: Whether the person was not known before.
    """

    token: str = field(repr=False)
    worker_id: str
    address: str = field(repr=False)
    expires: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """
    What an invitation says to whoever has its link.

    Attributes:
        state: ``"open"``; ``"used"``: a password was set by it; ``"over"``: too old, or a newer one was sent.
        worker_id: Who is invited.
        address: The address to sign in with.
        name: What the person is called, as far as somebody has said.
        expires: Until when it can be used.
        has_password: Whether the person has one already, which this one replaces.
    """

    state: Literal["open", "used", "over"]
    worker_id: str
    address: str = field(repr=False)
    name: str | None = field(repr=False)
    expires: datetime
    has_password: bool


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


# Inviting.


def invite(
    context: Context,
    address: str,
    name: str | None = None,
    worker_id: str | None = None,
    groups: Sequence[str] = (),
) -> Invitation:
    """
    Invite somebody to work; invited again, the same person gets a new link, and older ones end.

    Args:
        context: The owner's.
        address: The e-mail address, by which the person is known; how letters are written makes no difference.
        name: What to call the person; None leaves it as it is.
        worker_id: The id; without one, that of the address, else a new one.
        groups: Names of qualifications, which the person has from now on with the value 1, if not another one already.
            They are types of the first requester's, and are made if there are none.

    Raises:
        InvalidRequest: This is no address, no id or no name; or the address is another worker's, or the worker has
            another address.
        ConfigurationError: There are groups, and no requester.
    """
    given = address.strip()
    key = _key(given)
    if not _ADDRESS.fullmatch(key) or max(len(given), len(key)) > _ADDRESS_LENGTH:
        raise InvalidRequest("is no address of e-mail.", argument="address", sending=False)
    if name is not None and (len(name) > _NAME_LENGTH or _UNWRITABLE.search(name)):
        text = f"has at most {_NAME_LENGTH} characters, and no control characters."
        raise InvalidRequest(text, argument="name", sending=False)
    found, is_new = _worker(context, key, worker_id)
    worker_seq, invited = found
    context.store.accounts.keep_person(worker_seq, email=given, **({} if name is None else {"name": name}))
    context.store.accounts.end_invitations(worker_seq, context.now)
    token = secrets.token_urlsafe(32)
    expires_at = context.now + LASTS // timedelta(milliseconds=1)
    context.store.accounts.invite(worker_seq, _digest(token), context.now, expires_at)
    context.note("WorkerInvited", invited)
    for group in dict.fromkeys(groups):
        let_in(context, group, worker_seq, invited)
    return Invitation(token, invited, given, moment(expires_at), is_new)


def _key(address: str) -> str:
    """Return an address in the form in which it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).casefold())


def _digest(token: str) -> str:
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


def _worker(context: Context, key: str, worker_id: str | None) -> tuple[tuple[int, str], bool]:
    """Return number and id of the worker whom an address belongs to from now on, and whether it did not before."""
    if worker_id is not None and not identifiers.WORKER_ID.fullmatch(worker_id):
        text = "is no worker's id: write an A and up to 63 capital letters and digits."
        raise InvalidRequest(text, argument="worker_id", sending=False)
    there = context.store.accounts.at_to_change(key)
    if there is not None:
        if there.environment != context.environment:
            text = f"belongs to {there.worker_id} in {there.environment}: use another one here."
            raise InvalidRequest(text, argument="address", sending=False)
        if worker_id not in (None, there.worker_id):
            raise InvalidRequest(f"belongs to {there.worker_id}.", argument="address", sending=False)
        return (there.worker_seq, there.worker_id), False
    if worker_id is None:
        worker_id = identifiers.requester_id()
    if context.store.accounts.of(worker_id, context.environment) is not None:
        raise InvalidRequest(f"{worker_id} has another address.", argument="address", sending=False)
    people.add(context, worker_id, "person")
    worker_seq = people.known(context, worker_id)
    context.store.accounts.add(worker_seq, key, context.now)
    return (worker_seq, worker_id), True


def invitation(context: Context, token: str) -> Invited | None:
    """Look at an invitation without using it; None if there is none with this token."""
    row = context.store.accounts.invitation(_digest(token))
    account = None if row is None else context.store.accounts.of(row.worker_id, context.environment)
    if row is None or account is None:
        return None
    return Invited(
        _state(context, row),
        row.worker_id,
        account.address,
        account.name,
        moment(row.expires_at),
        account.password is not None,
    )


def _state(context: Context, row: InvitationRow) -> Literal["open", "used", "over"]:
    if row.used_at is not None:
        return "used"
    return "open" if context.now < row.expires_at else "over"


def accept_invitation(context: Context, token: str, password_hash: str) -> Session:
    """
    Set the password of whoever was invited, once; sessions that there were end, and one begins.

    Raises:
        InvalidRequest: There is no such invitation, it was used, or it is over; or the hash is none of argon2.
    """
    _require_hash(password_hash)
    accounts = context.store.accounts
    row = accounts.invitation(_digest(token))
    there = None if row is None else accounts.of_to_change(row.worker_id, context.environment)
    # Looked at again: somebody may have used it, or ended it, until the login was locked.
    row = None if there is None else accounts.invitation(_digest(token))
    if there is None or row is None:
        raise InvalidRequest("This is the link of no invitation.", sending=False)
    state = _state(context, row)
    if state == "used":
        raise InvalidRequest("This invitation was used already: sign in with the password that was set.", sending=False)
    if state == "over":
        raise InvalidRequest("This invitation is over: ask for a new one, or use the newest.", sending=False)
    accounts.use(row.seq, context.now)
    generation = _set_password(context, there, password_hash)
    context.note("InvitationAccepted", there.worker_id)
    return Session(there.worker_id, generation)


def _require_hash(password_hash: str) -> None:
    if not password_hash.startswith(_HASH) or "\0" in password_hash:
        raise InvalidRequest(
            "is not a hash of argon2: a password itself is never kept.", argument="password_hash", sending=False
        )


def _set_password(context: Context, there: Login, password_hash: str) -> int:
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
    key = _key(address)
    if not _ADDRESS.fullmatch(key):
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
    _require_hash(password_hash)
    there = _of(context, worker_id)
    generation = _set_password(context, there, password_hash)
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
