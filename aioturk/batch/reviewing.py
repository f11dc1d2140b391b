"""
Deciding on submissions and paying for them, each once: `Approving`, `Rejecting`, `Paying`, and `BatchSubmission`.

Approvals and rejections have no token; that they are not done twice is seen to by the service, and what an earlier
attempt has done is read from the assignment. Bonuses have one, which is made of the assignment and the bonus's key;
when the service may have forgotten it, the payments of the assignment are listed, and those counted that are equal.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from aioturk._core.wire import dollars
from aioturk.annotations import belongs_to
from aioturk.answers import Answers
from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.documents import read_assignment, read_hit
from aioturk.batch.ledger import payments, submissions
from aioturk.batch.ledger.submissions import Delivery
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.plan import Problem
from aioturk.batch.run import Run, Tally
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.errors import (
    AnswerError,
    AssignmentDoesNotExist,
    InvalidAssignmentState,
    InvalidRequest,
    PaidOtherwise,
    RequestError,
    TurkError,
)
from aioturk.models import Assignment, AssignmentStatus
from aioturk.pricing import FeeTable
from aioturk.pricing import bonus as cost_of_bonus
from aioturk.settlement import token_was_used
from aioturk.tasks.ahead import each
from aioturk.tasks.publishing import ACCOUNT_LEVEL
from aioturk.tasks.submissions import Submission

if TYPE_CHECKING:
    from aioturk._core.accepted import Money
    from aioturk.tasks import Task

__all__ = [
    "Approving",
    "BatchSubmission",
    "Bonus",
    "Decision",
    "Paying",
    "Rejecting",
    "Reviewer",
    "approval",
    "approve",
    "payment",
    "reject",
    "rejection",
]

S = TypeVar("S")
T = TypeVar("T")

_PORTION: Final = 200
"""How many submissions are decided on together."""
_FRESH: Final = 300.0
"""So many seconds after it was handed in, the service may not know yet that an assignment can be decided on."""
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts to decide on one that is so fresh."""


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What is decided on a submission; `approve` and `reject` make one.

    Attributes:
        is_approved: Whether it is approved; else it is rejected.
        feedback: What to tell the worker.
        bonus: What to pay on top, in US dollars.
        reason: What the bonus is for.
    """

    is_approved: bool
    feedback: str | None = None
    bonus: Money | None = None
    reason: str | None = None


def approve(feedback: str | None = None, *, bonus: Money | None = None, reason: str | None = None) -> Decision:
    """
    Return the decision to approve a submission.

    Args:
        feedback: What to tell the worker.
        bonus: What to pay on top, in US dollars.
        reason: What the bonus is for; the feedback unless given.
    """
    if bonus is not None and not (reason or feedback):
        raise InvalidRequest("is missing; say what the bonus is for.", argument="reason")
    return Decision(True, feedback, bonus, reason)


def reject(feedback: str) -> Decision:
    """
    Return the decision to reject a submission.

    Args:
        feedback: Why, for the worker.
    """
    return Decision(False, feedback)


Judge: TypeAlias = "Callable[[BatchSubmission[T]], Decision | Awaitable[Decision | None] | None]"
"""Decides on a submission; None leaves it undecided."""


@dataclass(frozen=True, slots=True)
class Bonus:
    """
    A bonus that is to be paid once.

    Attributes:
        assignment_id: The assignment that it is for, which has to be the batch's own.
        amount: How much, in US dollars; a fee comes on top.
        reason: What for, for the worker.
        worker_id: The worker, if it is to be made sure that the assignment is theirs.
        key: What the bonus is called, so that another one for the same assignment is another one: what has the same key
            is paid once. None means that bonuses of the same amount and reason are the same.
    """

    assignment_id: str
    amount: Money
    reason: str
    worker_id: str | None = None
    key: str | None = None


# How units are carried out.


class _Deciding:
    """What approving and rejecting have in common."""

    kind: Kind
    title: str
    _wanted: AssignmentStatus

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self) -> None:
        """Nothing has to be looked for: every assignment tells by itself what was decided on it."""

    async def look(self, unit: Unit) -> Outcome | None:
        """Read what was decided on an assignment."""
        assignment = await self._read(unit)
        return await self._done(unit) if assignment.assignment_status == self._wanted else None

    async def send(self, unit: Unit) -> Outcome:
        """Decide on an assignment; that it is decided so already is success."""
        waits = list(_WAITS)
        while True:
            try:
                await self._decide(unit)
                return await self._done(unit)
            except (InvalidAssignmentState, AssignmentDoesNotExist) as refused:
                found = await self._found(unit, refused)
                if found is not None and found.assignment_status == self._wanted:
                    return await self._done(unit)
                is_fresh = await self._is_fresh(unit, found)
                if not (waits and is_fresh and (found is None or found.assignment_status == "Submitted")):
                    raise
            await self._desk.clock.sleep(waits.pop(0))

    async def _decide(self, unit: Unit) -> None:
        raise NotImplementedError

    async def _found(self, unit: Unit, refused: TurkError) -> Assignment | None:
        try:
            return await self._read(unit)
        except AssignmentDoesNotExist:
            return None
        except TurkError as failure:
            refused.ambiguous = True  # what was decided cannot be read, so it may be just this
            raise refused from failure

    async def _read(self, unit: Unit) -> Assignment:
        return (await self._desk.patient.get_assignment(unit.target or "")).assignment

    async def _is_fresh(self, unit: Unit, found: Assignment | None) -> bool:
        if found is not None:
            return self._desk.now() - found.submit_time.timestamp() < _FRESH
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), unit.target or ""))
        return known is not None and self._desk.now() - known.submitted_at / 1000 < _FRESH

    async def _done(self, unit: Unit) -> Outcome:
        seq = await self._desk.seq()
        await self._desk.perform(submissions.decide(seq, unit.target or "", self._wanted.value))
        return Outcome(unit, State.DONE)

    def otherwise(self, unit: Unit) -> TurkError:
        """Never: there is but one way."""
        raise AssertionError(f"{unit.key} was decided on")

    def forget(self, token: str) -> None:
        """Nothing was kept."""


class Approving(_Deciding):
    """The work of approving assignments."""

    kind = Kind.APPROVE
    title = "approving"
    _wanted = AssignmentStatus.APPROVED

    async def _decide(self, unit: Unit) -> None:
        content = unit.content or {}
        await self._desk.patient.approve_assignment(
            unit.target or "",
            requester_feedback=content.get("feedback"),
            override_rejection=content.get("override") or None,
        )


class Rejecting(_Deciding):
    """The work of rejecting assignments."""

    kind = Kind.REJECT
    title = "rejecting"
    _wanted = AssignmentStatus.REJECTED

    async def _decide(self, unit: Unit) -> None:
        content = unit.content or {}
        await self._desk.patient.reject_assignment(unit.target or "", requester_feedback=content["feedback"])


class Paying:
    """
    The work of paying bonuses.

    Args:
        desk: Where.
    """

    kind = Kind.BONUS
    title = "paying"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self) -> None:
        """Nothing has to be looked for: the payments of an assignment are listed when they are needed."""

    async def send(self, unit: Unit) -> Outcome:
        """Pay a bonus, to the worker of the assignment and to nobody else."""
        content = unit.content or {}
        await self._check_worker(unit)
        try:
            await self._desk.patient.send_bonus(
                worker_id=content["worker"],
                assignment_id=unit.target or "",
                bonus_amount=Decimal(content["amount"]),
                reason=content["reason"],
                unique_request_token=unit.token,
            )
        except RequestError as refused:
            if not token_was_used(refused, unit.token):
                raise
            # The token is this bonus and no other; whether it was paid is seen in the list, when that is up to date.
            refused.ambiguous = True
            try:
                found = await self.look(unit)
            except TurkError as failure:
                raise refused from failure
            if found is None:
                raise
            return found
        return Outcome(unit, State.DONE)

    async def look(self, unit: Unit) -> Outcome | None:
        """List what was paid for an assignment; a bonus like this one that belongs to no other unit is this one."""
        content = unit.content or {}
        paid = 0
        async for payment in self._desk.patient.list_bonus_payments(assignment_id=unit.target or ""):
            same = (payment.worker_id, payment.bonus_amount) == (content["worker"], Decimal(content["amount"]))
            # A list that tells no reasons leaves open which bonus it was: then it was this one.
            if same and (payment.reason is None or payment.reason.split() == content["reason"].split()):
                paid += 1
        is_paid = await self._desk.perform(payments.take_for_paid(unit.seq, paid))
        return Outcome(unit, State.DONE) if is_paid else None

    async def _check_worker(self, unit: Unit) -> None:
        """Make sure that the assignment is the worker's, and that its HIT is of this batch."""
        content = unit.content or {}
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), unit.target or ""))
        if known is not None:
            worker = read_assignment(known.document).worker_id
        else:
            found = await self._desk.patient.get_assignment(unit.target or "")
            worker = found.assignment.worker_id
            if not belongs_to(found.hit.requester_annotation, self._desk.name):
                raise InvalidRequest(
                    f"is {unit.target}, which is of another batch or none. Nothing was paid.", argument="assignment_id"
                )
        if worker != content["worker"]:
            raise InvalidRequest(
                f"is {content['worker']}, but the assignment {unit.target} is the work of {worker}. Nothing was paid.",
                argument="worker_id",
            )

    def otherwise(self, unit: Unit) -> TurkError:
        """Say that a bonus of this key was another one."""
        content = unit.content or {}
        return PaidOtherwise(
            f"The bonus {unit.key!r} of the batch {self._desk.name!r} was ${content.get('amount')} for "
            f"{content.get('worker')}, and is paid once. Nothing was paid now. Give another key if you mean another "
            "one."
        )

    def forget(self, token: str) -> None:
        """Nothing was kept."""


# Intents.


def approval(batch: str, assignment_id: str, feedback: str | None, *, override: bool = False) -> Intent:
    """Return the intent of an approval."""
    key = f"{assignment_id} after all" if override else assignment_id
    content = {"feedback": feedback, "override": override}
    return Intent(Kind.APPROVE, key, token_of(Kind.APPROVE, batch, key), "", content, target=assignment_id)


def rejection(batch: str, assignment_id: str, feedback: str) -> Intent:
    """
    Return the intent of a rejection.

    Raises:
        InvalidRequest: It says no reason.
    """
    if not _says_something(feedback):
        raise InvalidRequest("is empty; say why, for the worker. Nothing was rejected.", argument="feedback")
    token = token_of(Kind.REJECT, batch, assignment_id)
    return Intent(Kind.REJECT, assignment_id, token, "", {"feedback": feedback}, target=assignment_id)


def payment(batch: str, bonus: Bonus, worker_id: str, fees: FeeTable) -> Intent:
    """
    Return the intent of a bonus.

    Raises:
        InvalidRequest: The amount is no amount of money, or nothing is said of the reason.
    """
    cost = cost_of_bonus(bonus.amount, fees=fees)
    if not _says_something(bonus.reason):
        raise InvalidRequest("is empty; say what the bonus is for. Nothing was paid.", argument="reason")
    amount = dollars(cost.worker_pay)
    called = f"{amount} {bonus.reason}" if bonus.key is None else f"= {bonus.key}"
    key = f"{bonus.assignment_id} {called}"
    content = {"worker": worker_id, "amount": amount, "reason": bonus.reason}
    asked = sha256(f"{worker_id}\0{amount}".encode()).hexdigest()[:8]
    token = token_of(Kind.BONUS, batch, key)
    return Intent(Kind.BONUS, key, token, asked, content, liability=cost.cents, target=bonus.assignment_id)


def _says_something(text: object) -> bool:
    return isinstance(text, str) and not text.isspace() and bool(text)


# What programs see.


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


class Reviewer(Generic[T]):
    """
    Decides on a batch's submissions, one at a time or many.

    Args:
        desk: Where.
        task: What was asked.
        fees: The marketplace's fees.
    """

    def __init__(self, desk: Desk, task: Task[T], fees: FeeTable) -> None:
        self._desk = desk
        self._task = task
        self._fees = fees

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
        await Run(self._desk, Approving(self._desk)).once(intent)

    async def reject(self, assignment_id: str, feedback: str) -> None:
        """Reject an assignment of the batch."""
        await self._check(assignment_id)
        intent = rejection(self._desk.name, assignment_id, feedback)
        await Run(self._desk, Rejecting(self._desk)).once(intent)

    async def pay(self, bonus: Bonus) -> None:
        """Pay a bonus for an assignment of the batch."""
        worker_id = await self._check(bonus.assignment_id)
        intent = payment(self._desk.name, bonus, bonus.worker_id or worker_id, self._fees)
        await Run(self._desk, Paying(self._desk)).once(intent)

    async def _check(self, assignment_id: str) -> str:
        """Make sure that an assignment is of this batch; return its worker."""
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), assignment_id))
        if known is not None:
            return read_assignment(known.document).worker_id
        found = await self._desk.patient.get_assignment(assignment_id)
        if not belongs_to(found.hit.requester_annotation, self._desk.name):
            raise InvalidRequest(
                f"is {assignment_id}, whose HIT is not one of the batch {self._desk.name!r}. Nothing was sent.",
                argument="assignment_id",
            )
        return found.assignment.worker_id

    # Many.

    async def approve_all(self, feedback: str | None) -> Tally:
        """Approve everything that is undecided."""

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            async for portion in self._undecided():
                yield [approval(self._desk.name, each.id, feedback) for each in portion]

        return await Run(self._desk, Approving(self._desk)).perform(intents())

    async def pay_all(self, bonuses: Iterable[Bonus] | AsyncIterable[Bonus]) -> Tally:
        """Pay many bonuses."""
        unfit = Tally()

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            async with aclosing(portions(bonuses, _PORTION)) as walked:
                async for portion in walked:
                    ready = await self._payments(portion, unfit)
                    if ready:
                        yield ready

        tally = await Run(self._desk, Paying(self._desk)).perform(intents())
        tally += unfit
        return tally

    async def _payments(self, bonuses: Sequence[Bonus], unfit: Tally) -> list[Intent]:
        """Make intents of bonuses; one that cannot be paid does not stop the others."""
        known = await self._workers([bonus.assignment_id for bonus in bonuses])
        ready = []
        for bonus in bonuses:
            try:
                worker_id = known.get(bonus.assignment_id) or await self._check(bonus.assignment_id)
                ready.append(payment(self._desk.name, bonus, bonus.worker_id or worker_id, self._fees))
            except ACCOUNT_LEVEL:
                raise
            except TurkError as error:
                unfit.refused += 1
                unfit.report(Problem(None, bonus.assignment_id, error))
        return ready

    async def _workers(self, assignment_ids: Sequence[str]) -> dict[str, str]:
        return await self._desk.perform(submissions.workers_of(await self._desk.seq(), assignment_ids))

    async def review(self, judge: Judge[T]) -> Tally:
        """Have a function decide on everything that is undecided."""
        total = Tally()
        async for portion in self._undecided():
            decided = []
            for found in portion:
                decision = judge(self.submission(found))
                if isinstance(decision, Awaitable):
                    decision = await decision
                if decision is not None:
                    decided.append((found.id, decision))
            total += await self.decide(decided)
        return total

    async def decide(self, decisions: Sequence[tuple[str, Decision]]) -> Tally:
        """Carry out decisions on assignments of the batch: approvals, then rejections, then bonuses."""
        known = await self._workers([one for one, _ in decisions])
        for one, _ in decisions:
            if one not in known:
                await self._check(one)
        approvals = [approval(self._desk.name, one, it.feedback) for one, it in decisions if it.is_approved]
        rejections = [rejection(self._desk.name, one, it.feedback or "") for one, it in decisions if not it.is_approved]
        bonuses = [Bonus(one, it.bonus, it.reason or it.feedback or "") for one, it in decisions if it.bonus]
        total = Tally()
        for work, intents in ((Approving(self._desk), approvals), (Rejecting(self._desk), rejections)):
            if intents:
                total += await Run(self._desk, work).perform(_given(intents))
        if bonuses:
            total += await self.pay_all(bonuses)
        return total

    async def _undecided(self) -> AsyncGenerator[list[Delivery], None]:
        """Walk the undecided assignments, in portions, as the service has them now."""
        seq = await self._desk.seq()
        await Collector(self._desk).collect()
        after = (-1, "")
        while True:
            status = AssignmentStatus.SUBMITTED.value
            found = await self._desk.perform(submissions.submissions_in(seq, status, after=after, most=_PORTION))
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


async def _given(intents: Sequence[Intent]) -> AsyncGenerator[Sequence[Intent], None]:
    yield intents
