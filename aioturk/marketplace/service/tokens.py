"""
Request tokens: what makes a repeated call an error instead of a second payment.

A token counts for one account and one space of operations, for as long as the rules say, from its first success.
It is looked up before money and states are judged, so that a repeat learns that the first call worked
whatever has happened since.
"""

from __future__ import annotations

from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import RequesterContext
from aioturk.marketplace.store.records import UsedToken

__all__ = ["ADDITIONAL", "BONUS", "EXTENSION", "HIT", "refuse_repeat", "remember", "used"]

HIT = "HIT"
"""The space of CreateHIT and CreateHITWithHITType together."""
ADDITIONAL = "CreateAdditionalAssignmentsForHIT"
BONUS = "SendBonus"
EXTENSION = "UpdateExpirationForHIT"
"""The space of the tokens that the service makes by itself, of a HIT and the time that it is extended to."""


def used(context: RequesterContext, space: str, token: str) -> UsedToken | None:
    """Return what a token did, if it still counts."""
    found = context.store.tokens.find(context.account.seq, space, token)
    if found is None:
        return None
    if context.now - found.used_at < context.rules.token_lifetime * 1000:
        return found
    context.store.tokens.forget(context.account.seq, space, token)
    return None


def refuse_repeat(context: RequesterContext, space: str, token: str | None) -> None:
    """
    Refuse a token that did its work before.

    Raises:
        HITAlreadyExists: It made a HIT.
        DuplicateCall: It did something else.
    """
    found = used(context, space, token) if token is not None else None
    if found is None:
        return
    assert token is not None
    if space == HIT:
        raise refusals.hit_already_exists(str(found.subject), token)
    raise refusals.duplicate_call(token, found.request_id if space != EXTENSION else None)


def remember(context: RequesterContext, space: str, token: str | None, subject: str | None = None) -> None:
    """Remember a token, now that its call has succeeded: a failed call does not use it up (unverified)."""
    if token is not None:
        done = UsedToken(context.now, context.request_id or "", subject)
        context.store.tokens.remember(context.account.seq, space, token, done)
