"""
What a decision would cost, before it is made.

An assignment costs what its HIT says: the fee was fixed when the HIT was made, whatever the rules are by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from aioturk._generated.shapes import Assignment, GetAccountBalanceRequest, GetAssignmentRequest
from aioturk.errors import AssignmentDoesNotExist, InvalidAssignmentState
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import RequesterContext
from aioturk.marketplace.service.deciding import own_hit
from aioturk.marketplace.service.progress import held_back
from aioturk.marketplace.site.requester.desk import ENTITY_ID, OPERATIONS, Desk

__all__ = ["Balance", "Candidate", "Sum", "balance", "candidates", "summed"]

_AT_ONCE = 50
"""How many assignments are looked at in one act, in between which others get their turn."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    An assignment that somebody wants to decide on.

    Attributes:
        assignment_id: The assignment.
        hit_id: Its HIT; empty if there is no such assignment.
        worker_id: Whose work it is.
        title: What the HIT is called.
        status: What was decided by now; ``""`` if there is nothing to decide on.
        reward: What approving it pays to the worker.
        fee: What it costs besides.
    """

    assignment_id: str
    hit_id: str = ""
    worker_id: str = ""
    title: str = ""
    status: str = ""
    reward: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sum:
    """
    What several of them cost together.

    Attributes:
        count: How many.
        rewards: What the workers get.
        fees: What it costs besides.
    """

    count: int
    rewards: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        """Rewards and fees."""
        return self.rewards + self.fees


@dataclass(frozen=True, slots=True)
class Balance:
    """
    The money of the account.

    Attributes:
        available: What can be spent, by the account and by the key.
        held: What is held back for work that may yet be approved, whether or not money can run out.
    """

    available: Decimal
    held: Decimal


async def candidates(desk: Desk, assignment_ids: Sequence[str]) -> list[Candidate]:
    """Look at assignments in their order; those that are not the requester's are none."""
    found: list[Candidate] = []
    for start in range(0, len(assignment_ids), _AT_ONCE):
        some = assignment_ids[start : start + _AT_ONCE]
        found += await desk.act(partial(_some, some))
    return found


def _some(assignment_ids: Sequence[str], context: RequesterContext) -> list[Candidate]:
    return [_candidate(context, each) for each in assignment_ids]


def _candidate(context: RequesterContext, assignment_id: str) -> Candidate:
    if not ENTITY_ID.fullmatch(assignment_id):
        return Candidate(assignment_id[:64])
    try:
        found = OPERATIONS.call_checked(context, GetAssignmentRequest(assignment_id=assignment_id))
    except (AssignmentDoesNotExist, InvalidAssignmentState):
        return Candidate(assignment_id)
    assignment: Assignment = found.assignment
    assert assignment.hit_id is not None
    hit = own_hit(context, assignment.hit_id)
    return Candidate(
        assignment_id,
        hit.id,
        assignment.worker_id or "",
        hit.type.title,
        str(assignment.assignment_status),
        dollars(hit.type.reward),
        dollars(hit.fee),
    )


def summed(chosen: Iterable[Candidate]) -> Sum:
    """Return what approving them costs."""
    chosen = list(chosen)
    rewards = sum((each.reward for each in chosen), Decimal(0))
    return Sum(len(chosen), rewards, sum((each.fee for each in chosen), Decimal(0)))


async def balance(desk: Desk) -> Balance:
    """Tell how much money there is."""
    found = await desk.call(GetAccountBalanceRequest())
    return Balance(found.available_balance or Decimal(0), await desk.act(held_back))
