"""
Which state may follow which, as tables, and the one function that says what state a HIT is in.

Nothing here touches the store or knows who asks: values in, values out. The acts that lead from state to state are in
:mod:`aioturk.marketplace.service`; after each of them `settled` is applied to the HIT.

The states: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HITDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aioturk.marketplace.rules import Rules
from aioturk.marketplace.store.records import Hit

__all__ = [
    "ABANDONED",
    "ACCEPTED",
    "APPROVED",
    "ASSIGNABLE",
    "ASSIGNMENT_MOVES",
    "BEGUN",
    "DISPOSED",
    "GRANTED",
    "HIT_MOVES",
    "LAPSED",
    "QUALIFICATION_MOVES",
    "REJECTED",
    "REQUEST_MOVES",
    "RETURNED",
    "REVIEWABLE",
    "REVIEWING",
    "REVOKED",
    "SUBMITTED",
    "UNASSIGNABLE",
    "counted",
    "is_expired",
    "left",
    "settled",
]

ASSIGNABLE = "Assignable"
UNASSIGNABLE = "Unassignable"
REVIEWABLE = "Reviewable"
REVIEWING = "Reviewing"
DISPOSED = "Disposed"

ACCEPTED = "Accepted"
SUBMITTED = "Submitted"
APPROVED = "Approved"
REJECTED = "Rejected"
RETURNED = "Returned"
ABANDONED = "Abandoned"

ASSIGNMENT_MOVES: Mapping[str, Mapping[str, str]] = {
    "submit": {ACCEPTED: SUBMITTED},
    "return": {ACCEPTED: RETURNED},
    "abandon": {ACCEPTED: ABANDONED},
    "approve": {SUBMITTED: APPROVED},
    "approve after all": {SUBMITTED: APPROVED, REJECTED: APPROVED},
    "reject": {SUBMITTED: REJECTED},
}
"""What each act makes of an assignment, by the state that it is in; a state that is not there refuses the act."""

HIT_MOVES: Mapping[str, Mapping[str, str]] = {
    "review": {REVIEWABLE: REVIEWING},
    "revert": {REVIEWING: REVIEWABLE},
    # In the order in which the service's refusal names them.
    "delete": {REVIEWING: DISPOSED, REVIEWABLE: DISPOSED},
}
"""What the requester's own acts make of a HIT; everything else follows from its counters and the time."""

BEGUN = "Begun"
LAPSED = "Lapsed"
GRANTED = "Granted"
REVOKED = "Revoked"

REQUEST_MOVES: Mapping[str, Mapping[str | None, str]] = {
    # None is a request that is not there yet.
    "begin": {None: BEGUN},
    "lapse": {BEGUN: LAPSED},
    "submit": {None: SUBMITTED, BEGUN: SUBMITTED},
    # By the type itself: it grants to whoever asks, or its answer key grades the test.
    "grant": {None: GRANTED, BEGUN: GRANTED},
    "accept": {SUBMITTED: GRANTED},
    "reject": {SUBMITTED: REJECTED},
    "delete the type": {BEGUN: REJECTED, SUBMITTED: REJECTED},
}
"""
What each act makes of a worker's request for a qualification. It is open while it is begun or submitted, and a
requester sees it once it is submitted; granted, rejected and lapsed ones are the attempts that were.
"""

QUALIFICATION_MOVES: Mapping[str, Mapping[str | None, str]] = {
    # None is a worker who never had it.
    "grant": {None: GRANTED, GRANTED: GRANTED, REVOKED: GRANTED},
    "revoke": {GRANTED: REVOKED},
}
"""What becomes of a worker's qualification. Deleting its type changes nothing about it."""

_STATUS: Mapping[tuple[bool, bool], str] = {
    # (somebody is at work, somebody may accept)
    (True, True): ASSIGNABLE,
    (True, False): UNASSIGNABLE,
    (False, True): ASSIGNABLE,
    (False, False): REVIEWABLE,
}

_COUNTER: Mapping[str, str] = {
    ACCEPTED: "in_work",
    SUBMITTED: "submitted",
    APPROVED: "approved",
    REJECTED: "rejected",
}
"""Where a HIT counts its assignments of each state; those returned and abandoned are in no counter."""


def left(hit: Hit) -> int:
    """Return how many assignments of a HIT are neither accepted nor submitted."""
    return max(0, hit.max_assignments - hit.in_work - hit.submitted - hit.approved - hit.rejected)


def is_expired(hit: Hit, now: int) -> bool:
    """Say whether a HIT's time is over."""
    return now >= hit.expires_at


def counted(hit: Hit, before: str | None, after: str | None) -> Hit:
    """Return the HIT with one assignment counted in another state; None is no state yet."""
    changes: dict[str, Any] = {}
    for state, step in ((before, -1), (after, +1)):
        counter = _COUNTER.get(state or "")
        if counter is not None:
            changes[counter] = getattr(hit, counter) + step
    return hit._replace(**changes)


def settled(hit: Hit, now: int, rules: Rules, *, extended: bool = False) -> Hit:
    """
    Return the HIT in the state that its counters and the time put it in, and with the moment of its next due event.

    Args:
        hit: The HIT after whatever has happened to it.
        now: The market's time.
        rules: When HITs are disposed of.
        extended: Whether it got more time or assignments, which ends a requester's own mark `Reviewing`.
    """
    if hit.due_at is not None and hit.due_at <= now:
        return hit  # what is due at this very moment happens next and by itself, so nothing of it is anticipated here
    status = hit.status
    if status != DISPOSED and (status != REVIEWING or extended):
        may_accept = not is_expired(hit, now) and left(hit) > 0
        status = _STATUS[hit.in_work > 0, may_accept]
    changed_at = now if extended or status != hit.status else hit.changed_at
    hit = hit._replace(status=status, changed_at=changed_at)
    return hit._replace(due_at=_due(hit, now, rules))


def _due(hit: Hit, now: int, rules: Rules) -> int | None:
    if hit.status == DISPOSED:
        return None
    moments = []
    if not is_expired(hit, now):
        moments.append(hit.expires_at)
    if rules.disposal_after is not None and hit.status in (REVIEWABLE, REVIEWING) and not hit.submitted:
        patience = rules.disposal_after * 1000
        moment = hit.changed_at + patience
        # Other rules may have kept it beyond its time: then the time begins again.
        moments.append(moment if moment >= now else now + patience)
    return min(moments, default=None)
