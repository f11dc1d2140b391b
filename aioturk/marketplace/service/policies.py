"""
The review policies of HITs, as the store keeps them: checked, in the form in which they are used.

What they mean is in :mod:`aioturk.marketplace.review`; when they do what is in `reviews`.

A requester who ends a HIT wants it to end. So from then on its policies score, approve and reject, but do not extend
it, until its requester gives it more time. A HIT whose time just runs out is another matter: to keep it open is what
``ExtendMinimumTimeInSeconds`` is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from aioturk._core.codec import reader
from aioturk._generated.shapes import CreateHITRequest, CreateHITWithHITTypeRequest, ReviewPolicy
from aioturk.errors import ParameterValidationError
from aioturk.marketplace.review import KnownAnswers, Plurality, Policies, read_policies
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.records import Hit

__all__ = ["let_extend", "most_assignments", "most_of", "policies_of", "policy_columns"]

_known_answers: Callable[[str], tuple[KnownAnswers, bool]] = msgspec.json.Decoder(tuple[KnownAnswers, bool]).decode
_plurality: Callable[[str], tuple[Plurality, bool]] = msgspec.json.Decoder(tuple[Plurality, bool]).decode


def policy_columns(request: CreateHITRequest | CreateHITWithHITTypeRequest, rules: Rules) -> dict[str, str | None]:
    """
    Return what is kept of a request's policies, by column.

    Raises:
        ParameterValidationError: One of them is wrong.
    """
    return _columns(read_policies(request.assignment_review_policy, request.hit_review_policy, rules), extend=True)


def most_assignments(request: CreateHITRequest | CreateHITWithHITTypeRequest, rules: Rules) -> int:
    """Return how many assignments a request's policies may let the HIT have; 0 when they do not extend it."""
    return most_of(read_policies(request.assignment_review_policy, request.hit_review_policy, rules))


def most_of(policies: Policies) -> int:
    """Return how many assignments policies may let a HIT have; 0 when they do not extend it."""
    found = [policy.extension for policy in (policies.known_answers, policies.plurality) if policy is not None]
    return max((extension.most_assignments for extension in found if extension is not None), default=0)


def policies_of(context: Context, hit: Hit) -> Policies:
    """Return what a HIT's policies are to do now."""
    policies, extend = _read(context, hit)
    if extend:
        return policies
    known, plurality = policies.known_answers, policies.plurality
    return Policies(
        known_answers=known and replace(known, extension=None),
        plurality=plurality and replace(plurality, extension=None),
    )


def let_extend(context: Context, hit: Hit, extend: bool) -> bool:
    """Say whether a HIT's policies may extend it: not once its requester has ended it. Return whether that is news."""
    policies, before = _read(context, hit)
    if policies == Policies() or before == extend:
        return False
    context.store.reviews.set_policies(hit.seq, **_columns(policies, extend=extend))
    return True


def _columns(policies: Policies, *, extend: bool) -> dict[str, str | None]:
    kept = {"assignment_policy": policies.known_answers, "hit_policy": policies.plurality}
    return {
        name: None if policy is None else msgspec.json.encode((policy, extend)).decode()
        for name, policy in kept.items()
    }


def _read(context: Context, hit: Hit) -> tuple[Policies, bool]:
    """Return a HIT's policies, and whether they may extend it."""
    if not hit.has_policies:
        return Policies(), True
    for_assignments, for_hit = context.store.reviews.policies(hit.seq)
    if (for_assignments or for_hit or "").startswith("{"):
        return _as_requested(for_assignments, for_hit, context.rules), True
    known, first = (None, True) if for_assignments is None else _known_answers(for_assignments)
    plurality, second = (None, True) if for_hit is None else _plurality(for_hit)
    return Policies(known_answers=known, plurality=plurality), first and second


def _as_requested(for_assignments: str | None, for_hit: str | None, rules: Rules) -> Policies:
    """Read what the first revision of the store kept: the request's own words, unchecked."""
    try:
        return read_policies(_requested(for_assignments), _requested(for_hit), rules)
    except ParameterValidationError:
        # They would be refused today. Nothing was ever done by them, and nothing is.
        return Policies()


def _requested(text: str | None) -> ReviewPolicy | None:
    return None if text is None else reader(ReviewPolicy)(text.encode())
