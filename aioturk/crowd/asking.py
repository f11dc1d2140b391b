"""
`ask`: one question to people from the middle of a program.

The question is a :class:`~aioturk.Task` and a row of values for it. It begins with as few people as could agree, and
one more is asked whenever those who were asked cannot agree any more. Everything that costs money can be repeated: the
HIT and each extension have tokens made of the question's name, and the HIT's annotation tells the name for as long as
the HIT exists. Counting votes is in `aioturk.crowd.votes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from aioturk._core.accepted import Money
from aioturk._core.money import amount_of
from aioturk.annotations import Annotation, annotation_of
from aioturk.clock import Clock, SystemClock
from aioturk.crowd.errors import NoAgreement
from aioturk.crowd.votes import best_of, how_many
from aioturk.crowd.waiting import pauses, seconds_of
from aioturk.errors import BudgetExceeded, InvalidAssignmentState, InvalidRequest, RequestError
from aioturk.models import HIT, AssignmentStatus, HITStatus
from aioturk.pricing import AMAZON, Cost, FeeTable, cost
from aioturk.settlement import token_was_used
from aioturk.tasks.publishing import Asked as Digester
from aioturk.tasks.publishing import Row, annotated, publish_row, same_row
from aioturk.tasks.submissions import Submission
from aioturk.tasks.task import Task

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Asked", "ask", "inquire"]

T = TypeVar("T")

_BATCH: Final = "aioturk.ask"
"""What stands in the annotation of every HIT that was published to ask something."""
_SHORTEST: Final = 30
"""The shortest time for which the service offers a HIT, in seconds."""
_STEP: Final = 10
"""HITs with fewer assignments never get as many: the fee on them would be another."""


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


async def ask(
    mturk: Client,
    task: Task[T],
    row: Row | None = None,
    *,
    name: str,
    deadline: timedelta | float,
    budget: Money,
    agreement: int = 1,
    most: int | None = None,
    key: Callable[[T], object] | None = None,
    approve: bool = True,
    search: bool = True,
    fees: FeeTable = AMAZON,
    longest_wait: timedelta | float = 15.0,
    clock: Clock | None = None,
) -> T:
    """
    Ask people one question, and return the answer on which enough of them agree.

    ::

        label = await ask(
            mturk, label_image, {"image_url": url},
            name="cat-17", deadline=timedelta(minutes=30), budget="1.00", agreement=2, most=5,
        )

    At first as many people are asked as have to agree; one more, up to `most`, whenever they cannot agree any more.
    What is submitted is approved, whatever it says; answers that cannot be read do not count.

    Money: the most that it can cost, ``most`` rewards with their fees, is held against the budget before anything is
    sent. A HIT is published once for a name, and each further assignment once, so that a program that was killed goes
    on when it asks again, whenever that is, and pays nothing twice.

    When time is up, nobody can take the HIT any more. Who has it in work may still submit it; that work is left to its
    automatic approval, or to you. After a cancellation nothing more is added; the HIT stays until its deadline, and
    asking again goes on with it.

    Args:
        mturk: Where.
        task: What is asked; `max_assignments` and `lifetime` are set here instead.
        row: The values for the question's places.
        name: What this question is called. The same name is the same question: asked again, it costs nothing more, and
            has the same answer.
        deadline: How long it may take, from its publication on: seconds, or a timedelta; half a minute at least.
        budget: What it may cost at most, in US dollars, fees included.
        agreement: How many people have to give the same answer.
        most: How many people may be asked; unless given, as many as have to agree. Below ten when `agreement` is: the
            service does not let a HIT grow beyond nine.
        key: Makes of an answer what is compared; answers are the same when these are equal. Unless given, answers are
            compared themselves.
        approve: Whether what is submitted is approved. Otherwise it waits for your decision, or its automatic approval.
        search: Whether to look for an earlier HIT of the name among all your HITs, which takes a call for each hundred
            of them. Without it a repeat is known for 20 hours: enough for names that are never used again later.
        fees: The marketplace's fees; Amazon's unless given.
        longest_wait: The longest wait between two looks, in seconds or as a timedelta.
        clock: What tells the time and waits; for tests.

    Raises:
        InvalidRequest: An argument breaks a rule. Nothing was sent.
        BudgetExceeded: It could cost more than the budget. Nothing was sent.
        PublishedOtherwise: Something else was asked under this name. Nothing was published.
        NoAgreement: There is no answer: it tells what was submitted, and what it costs.
    """
    asked = await inquire(
        mturk,
        task,
        row,
        name=name,
        deadline=deadline,
        budget=budget,
        agreement=agreement,
        most=most,
        key=key,
        approve=approve,
        search=search,
        fees=fees,
        longest_wait=longest_wait,
        clock=clock,
    )
    return asked.answer


async def inquire(
    mturk: Client,
    task: Task[T],
    row: Row | None = None,
    *,
    name: str,
    deadline: timedelta | float,
    budget: Money,
    agreement: int = 1,
    most: int | None = None,
    key: Callable[[T], object] | None = None,
    approve: bool = True,
    search: bool = True,
    fees: FeeTable = AMAZON,
    longest_wait: timedelta | float = 15.0,
    clock: Clock | None = None,
) -> Asked[T]:
    """
    Ask people one question as `ask` does, and return the answer with the votes, the HIT's id and the cost.

    Arguments and errors are those of `ask`.
    """
    seconds = seconds_of(deadline, "deadline")
    longest = seconds_of(longest_wait, "longest_wait")
    if seconds < _SHORTEST:
        raise InvalidRequest(
            f"is {seconds:g} seconds; the service offers a HIT for {_SHORTEST} at least.", argument="deadline"
        )
    least, most = how_many(agreement, most)
    if least < _STEP <= most:
        raise InvalidRequest(
            f"is {most}, and a HIT that begins with fewer than ten assignments can never have ten or more: give nine, "
            "or an agreement of ten.",
            argument="most",
        )
    _check_name(name)
    _check_budget(task, most, budget, fees)
    few = replace(task, max_assignments=least, lifetime=timedelta(seconds=math.ceil(seconds)))
    question = few.fill(row)
    # How many people are asked is not what they are asked: the name stays good when another number is tried.
    annotation = annotated(Digester(replace(few, max_assignments=1)), question, _BATCH, name)
    inquiry = _Inquiry(mturk, few, annotation, least, most, key or _itself, approve, fees, clock or SystemClock())
    hit = await inquiry.earlier() if search else None
    found = hit is not None
    if hit is None:
        hit, found = await publish_row(few, mturk, question, annotation)
    return await inquiry.answer(hit, seconds - (inquiry.age(hit) if found else 0.0), longest)


def _itself(answer: T) -> object:
    return answer


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.strip():
        raise InvalidRequest(f"is {name!r}; give a text that tells this question from all others.", argument="name")
    try:
        Annotation(_BATCH, name, "0" * 8)
    except InvalidRequest as refused:
        raise InvalidRequest(
            "cannot stand in a HIT's annotation: give a text without blanks at its ends, of 200 ASCII characters at "
            "most.",
            argument="name",
        ) from refused


def _check_budget(task: Task[Any], most: int, budget: Money, fees: FeeTable) -> None:
    limit = amount_of(budget, "budget")
    worst = cost(task.reward, most, requirements=task.requirements, fees=fees)
    if worst.total > limit:
        raise BudgetExceeded(
            f"Asking {most} people costs up to {worst}, and the budget is ${limit:,.2f}. Nothing was sent. Ask fewer, "
            "or give more."
        )


class _Inquiry(Generic[T]):
    """One question, as long as it is asked."""

    def __init__(
        self,
        mturk: Client,
        task: Task[T],
        annotation: Annotation,
        agreement: int,
        most: int,
        key: Callable[[T], object],
        approve: bool,
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
        self._fees = fees
        self._clock = clock

    async def earlier(self) -> HIT | None:
        """Look for the HIT that an earlier run published, if it did."""
        async with aclosing(self._task.hits(self._mturk, batch=_BATCH)) as hits:
            async for hit in hits:
                note = annotation_of(hit)
                if note is not None and note.row == self._annotation.row:
                    return same_row(hit, self._annotation)
        return None

    def age(self, hit: HIT) -> float:
        """Return how long ago a HIT was published, in seconds."""
        return max(0.0, (datetime.fromtimestamp(self._clock.time(), UTC) - hit.creation_time).total_seconds())

    async def answer(self, hit: HIT, left: float, longest_wait: float) -> Asked[T]:
        """
        Wait for the answer.

        Args:
            hit: The HIT.
            left: The seconds that it may still take.
            longest_wait: The longest wait between two looks.
        """
        if hit.hit_status == HITStatus.DISPOSED:
            raise NoAgreement(
                f"The HIT {hit.hit_id} of {self._annotation.row!r} was deleted, and its answers with it. Nothing was "
                "published anew: ask under another name.",
                hit_id=hit.hit_id,
            )
        deadline = self._clock.monotonic() + left
        places = hit.max_assignments
        seen = -1
        waits = pauses(longest_wait)
        while True:
            votes = await self._votes(hit)
            best = best_of(votes, self._key)
            open_places = max(0, places - len(votes))
            if len(best) >= self._agreement:
                if open_places:
                    await self._mturk.expire_hit(hit.hit_id)
                return self._asked(hit, votes, best)
            now = self._clock.monotonic()
            if now >= deadline:
                return await self._give_up(hit, "in time")
            if len(best) + open_places < self._agreement:
                if places >= self._most:
                    return await self._give_up(hit, f"among the {places} who were asked")
                places = await self._one_more(hit, places)
                continue
            if len(votes) != seen:
                # Where one has just answered, others may be about to.
                seen, waits = len(votes), pauses(longest_wait)
            await self._clock.sleep(min(next(waits), deadline - now))

    async def _votes(self, hit: HIT) -> tuple[Submission[T], ...]:
        """Return what was submitted so far, approved as far as it is to be."""
        votes = []
        async with aclosing(self._task.submissions_for(self._mturk, hit)) as submissions:
            async for submission in submissions:
                votes.append(submission)
        if self._approve:
            for submission in votes:
                if submission.status == AssignmentStatus.SUBMITTED:
                    await self._approve_one(submission)
        return tuple(sorted(votes, key=_moment))

    async def _approve_one(self, submission: Submission[T]) -> None:
        try:
            await submission.approve()
        except InvalidAssignmentState:
            # Its time had come, or somebody else has decided meanwhile: it is decided, which is what is wanted here.
            return

    async def _one_more(self, hit: HIT, places: int) -> int:
        """Add an assignment, unless there are more than was known; return how many there are."""
        there = (await self._mturk.get_hit(hit.hit_id)).max_assignments
        if there > places:
            return there
        token = _token(self._annotation, hit.hit_id, places + 1)
        try:
            await self._mturk.create_additional_assignments_for_hit(
                hit.hit_id, number_of_additional_assignments=1, unique_request_token=token
            )
        except RequestError as refused:
            # The token is of this very extension. An earlier run, or another one at this moment, has made it.
            if not token_was_used(refused, token):
                refused.add_note(f"HIT {hit.hit_id} stands as it is; asking again under the same name goes on with it.")
                raise
        return places + 1

    async def _give_up(self, hit: HIT, why: str) -> Asked[T]:
        """Take the HIT off the market and look a last time; raise unless that brings the answer."""
        await self._mturk.expire_hit(hit.hit_id)
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

    def _asked(self, hit: HIT, votes: tuple[Submission[T], ...], best: tuple[Submission[T], ...]) -> Asked[T]:
        return Asked(answer=best[0].answer, agreeing=best, votes=votes, hit_id=hit.hit_id, cost=self._cost(hit, votes))

    def _cost(self, hit: HIT, votes: tuple[Submission[T], ...]) -> Cost:
        paid = sum(vote.status != AssignmentStatus.REJECTED for vote in votes)
        if not paid:
            return Cost()
        # The fee depends on how many assignments the HIT has, not on how many were submitted.
        large = hit.max_assignments >= self._fees.large_from
        fees = replace(self._fees, large_from=0 if large else 10**9)
        return cost(self._task.reward, paid, requirements=self._task.requirements, fees=fees)


def _token(annotation: Annotation, hit_id: str, places: int) -> str:
    return sha256(f"aioturk.ask\0{annotation.row}\0{hit_id}\0{places}".encode()).hexdigest()


def _moment(submission: Submission[Any]) -> tuple[datetime, str]:
    return submission.assignment.submit_time, submission.assignment_id
