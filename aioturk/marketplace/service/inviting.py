"""
Inviting people to work: the link that somebody is sent, and the password that they set by it.

Of the links only digests are kept. What follows, signing in, is in `accounts`, which also says what the audit log gets.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

from aioturk.errors import InvalidRequest
from aioturk.marketplace import identifiers
from aioturk.marketplace.service import people
from aioturk.marketplace.service.accounts import ADDRESS, Session, key_of, require_hash, set_password
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.groups import let_in
from aioturk.marketplace.service.present import moment
from aioturk.marketplace.store.accounts import InvitationRow

__all__ = ["LASTS", "Invitation", "Invited", "accept_invitation", "invitation", "invite"]

LASTS = timedelta(days=14)
"""How long an invitation can be used."""

_ADDRESS_LENGTH = 254
_NAME_LENGTH = 200
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_GENERATIONS: Final = 2**30
"""Where the generations of somebody's sessions begin, by chance: who was forgotten and comes again has no old ones."""


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
    key = key_of(given)
    if not ADDRESS.fullmatch(key) or max(len(given), len(key)) > _ADDRESS_LENGTH:
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
    context.store.accounts.add(worker_seq, key, context.now, secrets.randbelow(_GENERATIONS))
    return (worker_seq, worker_id), True


def invitation(context: Context, token: str) -> Invited | None:
    """Look at an invitation without using it; None if there is none with this token."""
    row = context.store.accounts.invitation(_digest(token))
    if row is None or row.environment != context.environment:
        return None
    account = context.store.accounts.of(row.worker_id, context.environment)
    if account is None:
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
    require_hash(password_hash)
    accounts = context.store.accounts
    row = accounts.invitation(_digest(token))
    is_here = row is not None and row.environment == context.environment
    there = accounts.of_to_change(row.worker_id, context.environment) if row is not None and is_here else None
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
    generation = set_password(context, there, password_hash)
    context.note("InvitationAccepted", there.worker_id)
    return Session(there.worker_id, generation)
