"""A HIT as its requester looks at it, in whatever state: with the page that workers get, and nothing of theirs."""

from __future__ import annotations

from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import Context

__all__ = ["own_task"]


def own_task(context: Context, requester_id: str, hit_id: str) -> tuple[str, str]:
    """
    Return the question and the title of a HIT of a requester.

    Raises:
        HITDoesNotExist: The requester has no such HIT.
    """
    row = context.store.offers.offer(context.environment, hit_id)
    if row is None or row.requester_id != requester_id:
        raise refusals.hit_does_not_exist(hit_id)
    return row.question or "", row.title
