"""
What a requester wants to know before deciding about work: the task as workers had it, and what the work costs.

The decisions themselves are in `assignments`.
"""

from __future__ import annotations

from typing import NamedTuple

from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.store.records import Hit, Key

__all__ = ["OwnTask", "keys_to", "own_hit", "own_task"]


class OwnTask(NamedTuple):
    """A HIT of a requester's own, in whatever state."""

    question: str
    title: str


def own_task(context: Context, requester_id: str, hit_id: str) -> OwnTask:
    """
    Return what a HIT of a requester's asks.

    Raises:
        HITDoesNotExist: The requester has no such HIT.
    """
    row = context.store.offers.offer(context.environment, hit_id)
    if row is None or row.requester_id != requester_id:
        raise refusals.hit_does_not_exist(hit_id)
    return OwnTask(row.question or "", row.title)


def own_hit(context: RequesterContext, hit_id: str) -> Hit:
    """
    Return a HIT with the fee that was fixed when it was made, whatever the rules are by now.

    Raises:
        HITDoesNotExist: The requester has no such HIT.
    """
    hit = context.store.hits.read(context.account.seq, hit_id)
    if hit is None:
        raise refusals.hit_does_not_exist(hit_id)
    return hit


def keys_to(context: Context, hit_id: str) -> list[Key]:
    """Return the keys that a HIT's requester can sign in with now; none if there is no such HIT."""
    row = context.store.offers.offer(context.environment, hit_id)
    if row is None:
        return []
    requesters = context.store.requesters
    keys = requesters.keys_of(requesters.account_by_seq(row.account_seq).requester_seq)
    return [key for key in keys if key.revoked_at is None]
