"""
One question to people, as long as it is asked: waiting, counting, asking one more, ending.

It begins with as few people as could agree, and one more is asked whenever those who were asked cannot agree any more.
Everything that costs money can be repeated: the HIT and each extension have tokens made of the question's name, and the
HIT's annotation tells the name for as long as the HIT exists. What may be asked for is in `aioturk.crowd.asking`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from msgspec.structs import replace as replaced

from aioturk.annotations import Annotation, annotation_of
from aioturk.calling import service_time
from aioturk.clock import Clock
from aioturk.crowd.errors import NoAgreement
from aioturk.crowd.votes import best_of
from aioturk.crowd.waiting import pauses
from aioturk.errors import (
    BudgetExceeded,
    HITDoesNotExist,
    InvalidAssignmentState,
    InvalidHITState,
    TurkError,
)
from aioturk.models import HIT, AssignmentStatus, HITStatus
from aioturk.pricing import Cost, FeeTable, cost
from aioturk.settlement import token_was_used
from aioturk.tasks.publishing import same_row
from aioturk.tasks.submissions import Submission
from aioturk.tasks.task import Task

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["BATCH", "Asked", "Inquiry"]

T = TypeVar("T")

BATCH: Final = "aioturk.ask"
"""What stands in the annotation of every HIT that was published to ask something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[T]):
    """
    What people answered, and how it came about.

    Attributes:
        answer: The answer on which enough of them agree.
        agreeing: The submissions with that answer, in the order in which they came.
        votes: All submissions, those whose answers cannot be read included.
        hit_id: The HIT's id.
        cost: What the submissions cost when all of them are approved.
    """

    answer: T
    agreeing: tuple[Submission[T], ...]
    votes: tuple[Submission[T], ...]
    hit_id: str
    cost: Cost


class Inquiry(Generic[T]):
    """
    One question, as long as it is asked.

    Args:
        mturk: Where.
        task: What is asked, of as many people as have to agree.
        annotation: What tells its HIT.
        agreement: How many have to agree.
        most: How many may be asked.
        key: Makes of an answer what is compared.
        approve: Whether what is submitted is approved.
        budget: What it may cost at most, in dollars.
        fees: The marketplace's fees.
        clock: What tells the time and waits.
    """

    def __init__(
        self,
        mturk: Client,
        task: Task[T],
        annotation: Annotation,
        *,
        agreement: int,
        most: int,
        key: Callable[[T], object],
        approve: bool,
        budget: Decimal,
        fees: FeeTable,
        clock: Clock,
    ) -> None:
        self._mturk = mturk
        self._task = task
        self._annotation = annotation
        self._agreement = agreement
        self._most = most
        self._key = key
        self._approve = approve
        self._budget = budget
        self._fees = fees
        self._clock = clock

    async def earlier(self) -> HIT | None:
        """Look for the HIT that an earlier run published, if it did."""
        async with aclosing(self._task.hits(self._mturk, batch=BATCH)) as hits:
            async for hit in hits:
                note = annotation_of(hit)
                if note is not None and note.row == self._annotation.row:
                    return same_row(hit, self._annotation)
        return None

    def take_up(self, hit: HIT, seconds: float) -> float:
        """
        Look at a HIT that was there already, and return the seconds that it may still take.

        Args:
            hit: The HIT.
            seconds: How long it may take from its publication on.

        Raises:
            NoAgreement: It was deleted.
            BudgetExceeded: More people may take it than the budget pays.
        """
        if hit.hit_status == HITStatus.DISPOSED:
            raise self._deleted(hit)
        if hit.hit_status == HITStatus.ASSIGNABLE:
            worst = self._price(hit, hit.max_assignments)
            if worst.total > self._budget:
                raise BudgetExceeded(
                    f"The HIT {hit.hit_id} asks {self._annotation.row!r} already, and can cost up to {worst}; the "
                    f"budget is ${self._budget:,.2f}. It was left as it is, and nothing was added: give the budget "
                    "that it was asked with, or end it with expire_hit."
                )
        if _has_ended(hit):
            return 0.0
        age = max(0.0, service_time(self._mturk) - hit.creation_time.timestamp())
        if hit.hit_status == HITStatus.ASSIGNABLE and self._is_past(hit.expiration):
            # A marketplace whose clock was turned does not say so, and ends the HIT when it is time there.
            age = 0.0
        return seconds - age

    def _is_past(self, moment: datetime) -> bool:
        # By the service's clock: ours may be wrong by more than the deadline. Answers tell the time in whole seconds.
        return moment.timestamp() <= service_time(self._mturk) + 1.0

    async def answer(self, hit: HIT, left: float, longest_wait: float) -> Asked[T]:
        """
        Wait for the answer.

        Args:
            hit: The HIT.
            left: The seconds that it may still take.
            longest_wait: The longest wait between two looks.

        Raises:
            NoAgreement: There is none.
            BudgetExceeded: Somebody has made the HIT dearer, and one more person would cost more than the budget.
        """
        deadline = self._clock.monotonic() + left
        seen = -1
        waits = pauses(longest_wait)
        while True:
            votes = await self._votes(hit)
            best = best_of(votes, self._key)
            open_places = max(0, hit.max_assignments - len(votes))
            if len(best) >= self._agreement:
                if open_places:
                    await self._mturk.expire_hit(hit.hit_id)
                return self._asked(hit, votes, best)
            now = self._clock.monotonic()
            if now >= deadline:
                return await self._give_up(hit, "in time")
            if len(best) + open_places < self._agreement:
                if hit.max_assignments >= self._most:
                    return await self._give_up(hit, f"among the {hit.max_assignments} who were asked")
                grown = await self._one_more(hit)
                if grown is None:
                    return await self._give_up(hit, "before it was ended")
                hit = grown
                continue
            if len(votes) != seen:
                # Where one has just answered, others may be about to.
                seen, waits = len(votes), pauses(longest_wait)
            await self._clock.sleep(min(next(waits), deadline - now))

    async def _votes(self, hit: HIT) -> tuple[Submission[T], ...]:
        """Return what was submitted so far, approved as far as it is to be."""
        votes = await self._submitted(hit)
        if self._approve:
            decided = False
            for submission in votes:
                if submission.status == AssignmentStatus.SUBMITTED:
                    decided |= not await self._approve_one(submission)
            if decided:
                # Perhaps by a rejection: then it is no vote.
                votes = await self._submitted(hit)
        return votes

    async def _submitted(self, hit: HIT) -> tuple[Submission[T], ...]:
        async with aclosing(self._task.submissions_for(self._mturk, hit)) as submissions:
            votes = [submission async for submission in submissions]
        return tuple(sorted(votes, key=_moment))

    async def _approve_one(self, submission: Submission[T]) -> bool:
        """Approve a submission; return False when its time had come, or somebody else has decided meanwhile."""
        try:
            await submission.approve()
        except InvalidAssignmentState:
            return False
        return True

    async def _one_more(self, hit: HIT) -> HIT | None:
        """Add an assignment, unless there are more than was known; return the HIT, None if nobody could take it."""
        places = hit.max_assignments
        there = await self._mturk.get_hit(hit.hit_id)
        if there.max_assignments > places:
            return there
        if there.hit_status == HITStatus.DISPOSED:
            raise self._deleted(there)
        worst = self._price(there, places + 1)
        if worst.total > self._budget:
            raise BudgetExceeded(
                f"The HIT {hit.hit_id} was made dearer since it was published: one more person would bring it to "
                f"{worst}, and the budget is ${self._budget:,.2f}. Nobody was added; what was submitted by {places} "
                "people is to be paid."
            )
        token = _token(self._annotation, hit.hit_id, places + 1)
        try:
            await self._mturk.create_additional_assignments_for_hit(
                hit.hit_id, number_of_additional_assignments=1, unique_request_token=token
            )
        except TurkError as refused:
            # The token is of this very extension. An earlier run, or another one at this moment, has made it.
            if not token_was_used(refused, token):
                refused.add_note(f"HIT {hit.hit_id} stands as it is; asking again under the same name goes on with it.")
                raise
        grown = await self._mturk.get_hit(hit.hit_id)
        if _has_ended(grown) and self._is_past(grown.expiration):
            return None
        # Whoever is asked may not have heard of it yet.
        return replaced(grown, max_assignments=max(grown.max_assignments, places + 1))

    async def _give_up(self, hit: HIT, why: str) -> Asked[T]:
        """Take the HIT off the market and look a last time; raise unless that brings the answer."""
        try:
            await self._mturk.expire_hit(hit.hit_id)
        except (HITDoesNotExist, InvalidHITState) as gone:
            raise self._deleted(hit) from gone
        votes = await self._votes(hit)
        best = best_of(votes, self._key)
        if len(best) >= self._agreement:
            return self._asked(hit, votes, best)
        spent = self._cost(hit, votes)
        raise NoAgreement(
            f"{self._agreement} people were to give the same answer to {self._annotation.row!r}, and {len(best)} of "
            f"{len(votes)} did {why}. Nobody can take HIT {hit.hit_id} any more; what was submitted costs {spent}.",
            votes=votes,
            hit_id=hit.hit_id,
            cost=spent,
        )

    def _deleted(self, hit: HIT) -> NoAgreement:
        return NoAgreement(
            f"The HIT {hit.hit_id} of {self._annotation.row!r} was deleted, and its answers with it. Nothing was "
            "published anew: ask under another name.",
            hit_id=hit.hit_id,
        )

    def _asked(self, hit: HIT, votes: tuple[Submission[T], ...], best: tuple[Submission[T], ...]) -> Asked[T]:
        return Asked(answer=best[0].answer, agreeing=best, votes=votes, hit_id=hit.hit_id, cost=self._cost(hit, votes))

    def _cost(self, hit: HIT, votes: tuple[Submission[T], ...]) -> Cost:
        paid = sum(vote.status != AssignmentStatus.REJECTED for vote in votes)
        if not paid:
            return Cost()
        # The fee depends on how many assignments the HIT has, not on how many were submitted.
        large = hit.max_assignments >= self._fees.large_from
        return self._price(hit, paid, replace(self._fees, large_from=0 if large else 10**9))

    def _price(self, hit: HIT, people: int, fees: FeeTable | None = None) -> Cost:
        """Return what so many people cost, at the HIT's own price: somebody may have given it another type."""
        return cost(hit.reward, people, requirements=hit.qualification_requirements, fees=fees or self._fees)


def _has_ended(hit: HIT) -> bool:
    """Say whether a HIT was taken off the market before all that it asks were asked."""
    is_over = hit.hit_status in (HITStatus.REVIEWABLE, HITStatus.REVIEWING)
    return is_over and bool(hit.number_of_assignments_available)


def _token(annotation: Annotation, hit_id: str, places: int) -> str:
    return sha256(f"aioturk.ask\0{annotation.row}\0{hit_id}\0{places}".encode()).hexdigest()


def _moment(submission: Submission[Any]) -> tuple[datetime, str]:
    return submission.assignment.submit_time, submission.assignment_id
