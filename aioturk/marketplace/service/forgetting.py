"""
Forgetting a person: what is known of who is behind a worker's id goes, and what was done under the id stays.

Requesters have never seen more than the id, and go on seeing what they did; so the books stay whole. What people have
written themselves (answers) and what was written to them is theirs who asked for it, and is not looked through.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aioturk.errors import InvalidRequest
from aioturk.marketplace.identifiers import WORKER_ID
from aioturk.marketplace.service import accounts
from aioturk.marketplace.service.context import Context

__all__ = ["Person", "forget", "person"]


@dataclass(frozen=True, slots=True)
class Person:
    """
    Who is behind a worker's id.

    Attributes:
        worker_id: The id.
        environment: Where it works.
        name: What the person is called, as far as somebody has said.
        address: The address of e-mail.
    """

    worker_id: str
    environment: str
    name: str | None = field(repr=False)
    address: str | None = field(repr=False)


def person(context: Context, named: str) -> Person:
    """
    Find a person by their worker's id, or by their address of e-mail in whatever environment.

    Raises:
        InvalidRequest: Nothing is known of anybody who is called so.
    """
    worker_id, environment = named, context.environment
    if "@" in named:
        there = context.store.accounts.at(accounts.key_of(named)) if accounts.ADDRESS.fullmatch(named.strip()) else None
        if there is None:
            raise InvalidRequest("is the address of nobody who is known here.", argument="person", sending=False)
        worker_id, environment = there.worker_id, there.environment
    worker_seq = _worker(context, worker_id, environment)
    known = None if worker_seq is None else context.store.accounts.person(worker_seq)
    if known is None:
        raise _nobody(worker_id, environment)
    return Person(worker_id, environment, *known)


def _worker(context: Context, worker_id: str, environment: str) -> int | None:
    is_id = WORKER_ID.fullmatch(worker_id)  # databases do not take every text
    return context.store.workers.find(worker_id, environment) if is_id else None


def _nobody(worker_id: str, environment: str) -> InvalidRequest:
    text = f"is {worker_id!r:.80}: nothing is known of who that is in {environment}."
    return InvalidRequest(text, argument="person", sending=False)


def forget(context: Context, worker_id: str) -> None:
    """
    Forget who is behind a worker's id: name, address, password and invitations; whoever is signed in no longer is.

    The id stays, and all that was done under it. Who is invited again by the same address gets another id.

    Raises:
        InvalidRequest: Nothing is known of who that is.
    """
    worker_seq = _worker(context, worker_id, context.environment)
    if worker_seq is None:
        raise _nobody(worker_id, context.environment)
    # Nobody sets a password or is invited meanwhile: both lock the login first.
    context.store.accounts.of_to_change(worker_id, context.environment)
    if not context.store.accounts.forget(worker_seq):
        raise _nobody(worker_id, context.environment)
    context.note("PersonForgotten", worker_id)
