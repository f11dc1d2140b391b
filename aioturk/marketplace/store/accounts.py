"""
How persons sign in, in the store: logins, invitations, and who is behind an id.

A login is locked before its invitations are looked at in order to change them, never after.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from aioturk.marketplace.store.session import Session
from aioturk.marketplace.store.tables import invitation, login, person, worker

__all__ = ["Accounts", "InvitationRow", "Login"]


class Login(NamedTuple):
    """How somebody signs in."""

    worker_seq: int
    worker_id: str
    environment: str
    address: str
    password: str | None
    generation: int
    failures: int
    locked_until: int | None
    name: str | None

    def __repr__(self) -> str:
        return f"Login(worker_id={self.worker_id!r})"


class InvitationRow(NamedTuple):
    """A link by which somebody sets a password."""

    seq: int
    worker_seq: int
    worker_id: str
    environment: str
    expires_at: int
    used_at: int | None


_LOGIN = (
    select(
        login.c.worker_seq,
        worker.c.id,
        worker.c.environment,
        login.c.address,
        login.c.password,
        login.c.generation,
        login.c.failures,
        login.c.locked_until,
        person.c.name,
    )
    .join_from(login, worker)
    .outerjoin(person, person.c.worker_seq == login.c.worker_seq)
)
_BY_ADDRESS = _LOGIN.where(login.c.address == bindparam("address"))
_BY_WORKER = _LOGIN.where(worker.c.id == bindparam("worker_id"), worker.c.environment == bindparam("environment"))
_ADDRESS_TO_CHANGE, _WORKER_TO_CHANGE = (
    statement.with_for_update(of=login, key_share=True) for statement in (_BY_ADDRESS, _BY_WORKER)
)
_INSERT_LOGIN = insert(login)
_UPDATE_LOGIN = update(login).where(login.c.worker_seq == bindparam("the_worker"))

_INVITATION = (
    select(
        invitation.c.seq,
        invitation.c.worker_seq,
        worker.c.id,
        worker.c.environment,
        invitation.c.expires_at,
        invitation.c.used_at,
    )
    .join_from(invitation, worker)
    .where(invitation.c.digest == bindparam("digest"))
)
_INSERT_INVITATION = insert(invitation)
_UPDATE_INVITATION = update(invitation).where(invitation.c.seq == bindparam("the_seq"))
_END_INVITATIONS = update(invitation).where(
    invitation.c.worker_seq == bindparam("the_worker"),
    invitation.c.used_at.is_(None),
    invitation.c.expires_at > bindparam("now"),
)

_PERSON = select(person.c.name, person.c.email).where(person.c.worker_seq == bindparam("the_worker"))
_FORGET = [delete(table).where(table.c.worker_seq == bindparam("the_worker")) for table in (invitation, login, person)]
_INSERT_PERSON = insert(person)
_UPDATE_PERSON = update(person).where(person.c.worker_seq == bindparam("the_worker"))


class Accounts:
    """What is asked of how persons sign in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def at(self, address: str) -> Login | None:
        """Find the login of an address, in whatever environment."""
        return self._login(_BY_ADDRESS, {"address": address})

    def at_to_change(self, address: str) -> Login | None:
        """Find the same in order to change it: nobody else does meanwhile."""
        return self._login(_ADDRESS_TO_CHANGE, {"address": address})

    def of(self, worker_id: str, environment: str) -> Login | None:
        """Find the login of a worker."""
        return self._login(_BY_WORKER, {"worker_id": worker_id, "environment": environment})

    def of_to_change(self, worker_id: str, environment: str) -> Login | None:
        """Find the same in order to change it: nobody else does meanwhile."""
        return self._login(_WORKER_TO_CHANGE, {"worker_id": worker_id, "environment": environment})

    def _login(self, statement: Any, values: dict[str, str]) -> Login | None:
        row = self._session.first(statement, values)
        return None if row is None else Login(*row)

    def add(self, worker_seq: int, address: str, now: int, generation: int) -> None:
        """Keep a new login, without a password."""
        values = {"worker_seq": worker_seq, "address": address, "since": now, "generation": generation}
        self._session.put(_INSERT_LOGIN, values)

    def change(self, worker_seq: int, **values: Any) -> None:
        """Change some columns of a login."""
        self._session.change(_UPDATE_LOGIN, {"the_worker": worker_seq, **values})

    def invitation(self, digest: str) -> InvitationRow | None:
        """Find an invitation."""
        row = self._session.first(_INVITATION, {"digest": digest})
        return None if row is None else InvitationRow(*row)

    def invite(self, worker_seq: int, digest: str, now: int, expires_at: int) -> None:
        """Keep a new invitation."""
        values = {"worker_seq": worker_seq, "digest": digest, "created_at": now, "expires_at": expires_at}
        self._session.put(_INSERT_INVITATION, values)

    def use(self, invitation_seq: int, now: int) -> None:
        """Keep that an invitation was used."""
        self._session.change(_UPDATE_INVITATION, {"the_seq": invitation_seq, "used_at": now})

    def end_invitations(self, worker_seq: int, now: int) -> None:
        """End all invitations of a worker that are open."""
        self._session.change(_END_INVITATIONS, {"the_worker": worker_seq, "now": now, "expires_at": now})

    def keep_person(self, worker_seq: int, **values: str) -> None:
        """Keep what is said about who is behind an id; the rest stays."""
        if not self._session.change(_UPDATE_PERSON, {"the_worker": worker_seq, **values}):
            self._session.put(_INSERT_PERSON, {"worker_seq": worker_seq, **values})

    def person(self, worker_seq: int) -> tuple[str | None, str | None] | None:
        """Return the name and the address of e-mail that are kept of who is behind an id; None if nothing is."""
        row = self._session.first(_PERSON, {"the_worker": worker_seq})
        return None if row is None else (row[0], row[1])

    def forget(self, worker_seq: int) -> int:
        """Delete all that is kept of who is behind an id, and how they sign in; return how many rows that were."""
        return sum(self._session.execute(each, {"the_worker": worker_seq}) for each in _FORGET)
