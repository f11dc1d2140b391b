"""
Reviewing: `BatchSubmission`, and `Reviewer`, which decides on submissions and pays for them, one at a time or many.

How a decision is carried out is in `aioturk.batch.deciding`, how a bonus is paid in `aioturk.batch.paying`, and what
becomes of bonuses between decision and payment in `aioturk.batch.ledger.planned`.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
    Sized,
)
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, cast
from uuid import uuid4

from sqlalchemy import Connection

from aioturk._core.refusal import described
from aioturk.annotations import belongs_to
from aioturk.answers import Answers
from aioturk.batch.collecting import Collector
from aioturk.batch.deciding import Approving, Decision, Rejecting, approval, rejection
from aioturk.batch.desk import PORTION, Desk
from aioturk.batch.documents import read_assignment, read_hit
from aioturk.batch.ledger import planned, submissions, units
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.ledger.submissions import Delivery, Owned
from aioturk.batch.once import once
from aioturk.batch.paying import Bonus, Paying, payment, payment_with_approval
from aioturk.batch.plan import Problem
from aioturk.batch.progress import Meter
from aioturk.batch.reasons import over_budget
from aioturk.batch.run import Run
from aioturk.batch.tally import Tally
from aioturk.batch.texts import check_text
from aioturk.batch.units import Intent, Kind, State, Unit, intent_of
from aioturk.batch.work import Work
from aioturk.errors import AnswerError, InvalidRequest, TurkError
from aioturk.models import Assignment, AssignmentStatus
from aioturk.pricing import FeeTable
from aioturk.tasks.ahead import each
from aioturk.tasks.publishing import ACCOUNT_LEVEL
from aioturk.tasks.submissions import Submission

if TYPE_CHECKING:
    from aioturk._core.accepted import Money
    from aioturk.tasks import Task

__all__ = ["BatchSubmission", "Judge", "Reviewer"]

S = TypeVar("S")
T = TypeVar("T")


Judge: TypeAlias = "Callable[[BatchSubmission[T]], Decision | Awaitable[Decision | None] | None]"
"""Decides on a submission; None leaves it undecided."""


@dataclass(frozen=True, slots=True)
class BatchSubmission(Submission[T]):
    """
    A submission of a batch: what is decided on it, and paid for it, goes through the batch's ledger.

    Attributes:
        row: The values of the row that the HIT is for, if they are known.
    """

    _reviewer: Reviewer[T] = field(repr=False)
    _key: str
    row: dict[str, Any] | None

    @property
    def key(self) -> str:
        """What the row is called that the HIT is for."""
        return self._key

    async def approve(self, feedback: str | None = None, *, override_rejection: bool = False) -> None:
        """
        Approve the work, and pay its reward; once, also after a restart.

        Args:
            feedback: What to tell the worker, at most 1,024 characters.
            override_rejection: Approve it although it was rejected, within 30 days.
        """
        await self._reviewer.approve(self.assignment_id, feedback, override_rejection=override_rejection)

    async def reject(self, feedback: str) -> None:
        """
        Reject the work; nothing is paid.

        Args:
            feedback: Why, for the worker: 1 to 1,024 characters.
        """
        await self._reviewer.reject(self.assignment_id, feedback)

    async def bonus(
        self, amount: Money, reason: str, *, key: str | None = None, unique_request_token: str | None = None
    ) -> None:
        """
        Pay the worker something on top of the reward; once, also after a restart.

        Args:
            amount: How much, in US dollars; a fee comes on top.
            reason: What for, for the worker.
            key: What the bonus is called. None means that one of the same amount and reason is the same.
            unique_request_token: Not for batches, which make their own: give a key.

        Raises:
            BudgetExceeded: The batch may not cost so much. Nothing was paid.
            InsufficientFunds: The balance does not cover it. Nothing was paid.
        """
        if unique_request_token is not None:
            raise InvalidRequest(
                "is made by the batch, so that it survives a restart: give a key instead.",
                argument="unique_request_token",
            )
        await self._reviewer.pay(Bonus(self.assignment_id, amount, reason, self.worker_id, key))


class _Listed(Protocol):
    """Makes acts that list units."""

    def __call__(self, batch_seq: int, /, *, after: int, most: int) -> Callable[[Connection], list[Unit]]: ...


class Reviewer(Generic[T]):
    """
    Decides on a batch's submissions, one at a time or many.

    Args:
        desk: Where.
        task: What was asked.
    """

    def __init__(self, desk: Desk, task: Task[T]) -> None:
        self._desk = desk
        self._task = task

    def submission(self, found: Delivery) -> BatchSubmission[T]:
        """Make a submission of what is in the ledger; an answer that does not fit is its error."""
        assignment = read_assignment(found.document)
        hit = read_hit(found.hit or "{}")
        answer: T | None = None
        error: AnswerError | None = None
        try:
            into = self._task.answer
            answer = cast("T", assignment.answers) if into is Answers else assignment.parse(into)
        except AnswerError as misfit:
            error = misfit
        return BatchSubmission(self._desk.mturk, assignment, hit, answer, error, self, found.key, found.row)

    # One at a time.

    async def approve(self, assignment_id: str, feedback: str | None, *, override_rejection: bool) -> None:
        """Approve an assignment of the batch."""
        await self._check(assignment_id)
        intent = approval(self._desk.name, assignment_id, feedback, override=override_rejection)
        await once(self._desk, Approving(self._desk), intent)

    async def reject(self, assignment_id: str, feedback: str) -> None:
        """Reject an assignment of the batch."""
        known = await self._check(assignment_id)
        if known.assignment_status == AssignmentStatus.APPROVED:
            raise _is_final(assignment_id)
        intent = rejection(self._desk.name, assignment_id, feedback)
        await once(self._desk, Rejecting(self._desk), intent)

    async def pay(self, bonus: Bonus) -> None:
        """Pay a bonus for an assignment of the batch."""
        assignment = await self._check(bonus.assignment_id)
        intent = payment(self._desk.name, bonus, bonus.worker_id or assignment.worker_id, await self._desk.fees())
        await once(self._desk, Paying(self._desk), intent)

    async def _check(self, assignment_id: str) -> Assignment:
        """Make sure that an assignment is of this batch; return it."""
        check_text(assignment_id, "assignment_id")
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), assignment_id))
        if known is not None:
            return read_assignment(known.document)
        found = await self._desk.patient.get_assignment(assignment_id)
        if not belongs_to(found.hit.requester_annotation, self._desk.name):
            raise InvalidRequest(
                f"is {assignment_id}, whose HIT is not one of the batch {self._desk.name!r}.",
                argument="assignment_id",
            )
        return found.assignment

    # Many.

    async def approve_all(self, feedback: str | None) -> Tally:
        """Approve everything that is undecided, and pay what a review has left behind."""

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            async for portion in self._undecided():
                yield [approval(self._desk.name, each.id, feedback) for each in portion]

        total = await self.finish()
        total += await Run(self._desk, Approving(self._desk), total=await self._how_many()).perform(intents())
        total += await self._pay_what_is_due()
        return total

    async def _how_many(self) -> int:
        """Ask the service for what is new, and count what is undecided."""
        await Collector(self._desk).collect()
        counted = await self._desk.perform(submissions.count_submissions(await self._desk.seq()))
        return counted.get(AssignmentStatus.SUBMITTED.value, 0)

    async def pay_all(self, bonuses: Iterable[Bonus] | AsyncIterable[Bonus]) -> Tally:
        """Pay many bonuses."""
        unfit = Tally()

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            async with aclosing(portions(bonuses, PORTION)) as walked:
                async for portion in walked:
                    ready = await self._payments(portion, unfit)
                    if ready:
                        yield ready

        number = len(bonuses) if isinstance(bonuses, Sized) else None
        tally = await Run(self._desk, Paying(self._desk), total=number).perform(intents())
        tally += unfit
        return tally

    async def _payments(self, bonuses: Sequence[Bonus], unfit: Tally) -> list[Intent]:
        """Make intents of bonuses; one that cannot be paid does not stop the others."""
        fit = []
        for bonus in bonuses:
            if not isinstance(bonus, Bonus):
                raise InvalidRequest(f"holds {described(bonus)}; give Bonus objects.", argument="bonuses")
            try:
                check_text(bonus.assignment_id, "assignment_id")
                fit.append(bonus)
            except InvalidRequest as error:
                unfit.refused += 1
                unfit.report(Problem(None, str(bonus.assignment_id), error))
        known = await self._owners([bonus.assignment_id for bonus in fit])
        fees = await self._desk.fees()
        ready = []
        for bonus in fit:
            try:
                owned = known.get(bonus.assignment_id)
                worker_id = (await self._check(bonus.assignment_id)).worker_id if owned is None else owned.worker_id
                ready.append(payment(self._desk.name, bonus, bonus.worker_id or worker_id, fees))
            except ACCOUNT_LEVEL:
                raise
            except TurkError as error:
                unfit.refused += 1
                unfit.report(Problem(None, bonus.assignment_id, error))
        return ready

    async def _owners(self, assignment_ids: Sequence[str]) -> dict[str, Owned]:
        return await self._desk.perform(submissions.owners(await self._desk.seq(), assignment_ids))

    async def review(self, judge: Judge[T]) -> Tally:
        """
        Have a function decide on everything that is undecided.

        However it is broken off, what was decided before is carried out.
        """
        if not callable(judge):
            raise InvalidRequest(f"is {described(judge)}; give a function, or the name of a file.", argument="judge")
        # What bonuses cost has to be known before anybody takes the trouble to decide.
        await self._desk.fees()
        total = await self.finish()
        await Collector(self._desk).collect()
        async for portion in self._undecided():
            decided: list[tuple[str, Decision]] = []
            try:
                for found in portion:
                    await self._ask(judge, found, decided, total)
            except BaseException:
                # What a person has decided is work that is done, whatever happened then.
                await self._decide_portion(decided)
                raise
            total += await self._decide_portion(decided)
        return total

    async def _ask(self, judge: Judge[T], found: Delivery, decided: list[tuple[str, Decision]], total: Tally) -> None:
        """Have a function decide on a submission; a decision that cannot be made is that submission's problem."""
        try:
            decision: object = judge(self.submission(found))
            if isinstance(decision, Awaitable):
                decision = await decision
        except InvalidRequest as error:
            total.refused += 1
            total.report(Problem(None, found.id, error))
            return
        if decision is not None:
            decided.append((found.id, _decision(decision)))

    async def decide(self, decisions: Sequence[tuple[str, Decision]]) -> Tally:
        """Carry out decisions on assignments of the batch, after all of them were checked."""
        for portion in _in_portions(decisions):
            await self._check_all(portion)
        total = await self.finish()
        with self._meter(len(decisions)) as meter:
            for portion in _in_portions(decisions):
                total += await self._decide(portion, meter)
        return total

    def _meter(self, total: int) -> Meter:
        desk = self._desk
        return Meter("reviewing", total, desk.clock, desk.progress, desk.mturk.statistics)

    async def _decide_portion(self, decisions: Sequence[tuple[str, Decision]]) -> Tally:
        """Carry out what a function has decided; shown by itself, because the function may be asking a person next."""
        if not decisions:
            return Tally()
        with self._meter(len(decisions)) as meter:
            return await self._decide(decisions, meter)

    async def _decide(self, decisions: Sequence[tuple[str, Decision]], meter: Meter) -> Tally:
        """
        Carry out a portion of decisions: approvals, then rejections, then bonuses.

        The bonuses are written down first, so that what is approved with one gets it, whatever happens in between. What
        another reviewer has planned is given up only when it is known that another decision holds.
        """
        total = Tally()
        known = await self._check_all(decisions)
        bonuses = self._bonuses(decisions, known, await self._desk.fees())
        too_dear = await self._desk.perform(
            planned.plan(await self._desk.seq(), list(bonuses.values()), now=self._desk.now(), budget=self._desk.budget)
        )
        # Who cannot get the bonus that was decided on is not approved without it.
        unpaid = [one for one, bonus in bonuses.items() if bonus.token in too_dear]
        us = uuid4().hex
        approvals = {
            one: approval(self._desk.name, one, it.feedback, by=us)
            for one, it in decisions
            if it.is_approved and one not in unpaid
        }
        rejections = []
        for one, it in decisions:
            if not it.is_approved and known[one].status == AssignmentStatus.APPROVED.value:
                total.refused += 1
                total.report(Problem(None, one, _is_final(one)))
                meter.step(0, refused=1)
            elif not it.is_approved:
                rejections.append(rejection(self._desk.name, one, it.feedback or ""))
        for work, intents in (
            (Approving(self._desk), list(approvals.values())),
            (Rejecting(self._desk), rejections),
        ):
            if intents:
                total += await Run(self._desk, work, meter=meter).perform(_given(intents))
        approved = await self._approved(approvals)
        await self._give_up([one for one, by in approved.items() if by == us and one not in bonuses])
        total += await self._pay_what_is_due([bonus for one, bonus in bonuses.items() if one in approved])
        if unpaid:
            raise over_budget(self._desk.budget or 0, bonuses[unpaid[0]])
        return total

    def _bonuses(
        self, decisions: Sequence[tuple[str, Decision]], known: Mapping[str, Owned], fees: FeeTable
    ) -> dict[str, Intent]:
        """Return the intents of the bonuses that are decided on, by their assignments."""
        return {
            one: payment_with_approval(
                self._desk.name,
                Bonus(one, it.bonus, it.reason or it.feedback or ""),
                known[one].worker_id,
                fees,
            )
            for one, it in decisions
            if it.is_approved and it.bonus
        }

    async def _approved(self, approvals: Mapping[str, Intent]) -> dict[str, str | None]:
        """Of assignments that were to be approved, tell those that are, and whose decision was carried out."""
        found = await self._desk.perform(units.by_tokens([intent.token for intent in approvals.values()]))
        return {
            one: (unit.content or {}).get("by")
            for one, intent in approvals.items()
            if (unit := found.get(intent.token)) is not None and unit.state is State.DONE
        }

    async def _give_up(self, assignment_ids: Sequence[str]) -> None:
        """Give up what others have planned for assignments that we have approved without a bonus."""
        if assignment_ids:
            await self._desk.perform(planned.give_up(await self._desk.seq(), assignment_ids, self._desk.now()))

    async def finish(self) -> Tally:
        """Go on with what an earlier review has left: approvals with bonuses, and the bonuses of what is approved."""
        seq = await self._desk.seq()
        await self._desk.perform(bury_the_dead)
        counted = await self._desk.perform(units.counts(seq))
        total = Tally()
        if counted.get((Kind.BONUS, State.PLANNED)):
            total += await self._carry_out(Approving(self._desk), planned.approvals_with_bonuses)
            await Collector(self._desk).collect(decisions=True)
        total += await self._pay_what_is_due()
        return total

    async def _pay_what_is_due(self, decided: Sequence[Intent] = ()) -> Tally:
        """
        Pay bonuses of what is approved: those that were just decided on, and what was left behind.

        The first are paid whatever became of them in the ledger: somebody may have changed them, or given them up.
        """
        await self._desk.perform(planned.come_due(await self._desk.seq(), self._desk.now()))
        return await self._carry_out(Paying(self._desk), planned.due, decided)

    async def _carry_out(self, work: Work, listed: _Listed, first: Sequence[Intent] = ()) -> Tally:
        """Carry out intents, and then units that are in the ledger."""
        seq = await self._desk.seq()
        if not first and not await self._desk.perform(listed(seq, after=0, most=1)):
            return Tally()

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            if first:
                yield first
            tokens = {one.token for intent in first for one in (intent, intent.alike) if one is not None}
            after = 0
            while found := await self._desk.perform(listed(seq, after=after, most=PORTION)):
                after = found[-1].seq
                yield [intent_of(one) for one in found if one.token not in tokens]

        return await Run(self._desk, work).perform(intents())

    async def _check_all(self, decisions: Sequence[tuple[str, Decision]]) -> dict[str, Owned]:
        """Make sure that assignments are of this batch; tell whose work they are."""
        ids = [one for one, _ in decisions]
        for one in ids:
            check_text(one, "assignment_id")
        known = await self._owners(ids)
        for one in ids:
            if one not in known:
                found = await self._check(one)
                known[one] = Owned(found.worker_id, found.assignment_status.value)
        return known

    async def _undecided(self) -> AsyncGenerator[list[Delivery], None]:
        """Walk the undecided assignments that are in the ledger, in portions."""
        seq = await self._desk.seq()
        after = (-1, "")
        while True:
            status = AssignmentStatus.SUBMITTED.value
            found = await self._desk.perform(submissions.submissions_in(seq, status, after=after, most=PORTION))
            if not found:
                return
            yield found
            after = (found[-1].submitted_at, found[-1].id)


async def portions(things: Iterable[S] | AsyncIterable[S], most: int) -> AsyncGenerator[list[S], None]:
    """Walk things in lists of so many."""
    portion: list[S] = []
    async with aclosing(each(things)) as walked:
        async for thing in walked:
            portion.append(thing)
            if len(portion) == most:
                yield portion
                portion = []
    if portion:
        yield portion


def _is_final(assignment_id: str) -> InvalidRequest:
    # The ledger may have a rejection of it that was taken back since: that is no success any more.
    return InvalidRequest(
        f"is {assignment_id}, which was approved, and an approval is final.",
        argument="assignment_id",
    )


async def _given(intents: Sequence[Intent]) -> AsyncGenerator[Sequence[Intent], None]:
    yield intents


def _decision(given: object) -> Decision:
    """
    Refuse what is no decision.

    Raises:
        InvalidRequest: It is none.
    """
    if isinstance(given, Decision):
        return given
    raise InvalidRequest(
        f"returned {described(given)}; return approve(), reject('why') or None. Nothing was decided on it.",
        argument="judge",
    )


def _in_portions(decisions: Sequence[tuple[str, Decision]]) -> Iterator[Sequence[tuple[str, Decision]]]:
    return (decisions[start : start + PORTION] for start in range(0, len(decisions), PORTION))
