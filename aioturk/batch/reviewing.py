"""
Deciding on submissions and paying for them, each once: `Approving`, `Rejecting`, `Paying`, and `BatchSubmission`.

Approvals and rejections have no token; that they are not done twice is seen to by the service, and what an earlier
attempt has done is read from the assignment. Bonuses have one, which is made of the assignment and the bonus's key;
when the service may have forgotten it, the payments of the assignment are listed, and those counted that are equal.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import Connection

from aioturk._core.money import amount_of
from aioturk._core.refusal import described, short
from aioturk._core.wire import dollars
from aioturk.annotations import belongs_to
from aioturk.answers import Answers
from aioturk.batch.collecting import Collector
from aioturk.batch.desk import Desk
from aioturk.batch.documents import read_assignment, read_hit
from aioturk.batch.ledger import payments, submissions, units
from aioturk.batch.ledger.holders import bury_the_dead
from aioturk.batch.ledger.submissions import Delivery
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.once import once, over_budget
from aioturk.batch.plan import Problem
from aioturk.batch.run import Run
from aioturk.batch.tally import Tally
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.batch.work import Work
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
        bonus: What to pay on top, in US dollars; None or nothing pays none.
        reason: What the bonus is for; the feedback unless given.
    """
    if bonus is not None and not (reason or feedback):
        raise InvalidRequest("is missing; say what the bonus is for.", argument="reason")
    amount = None if bonus is None else amount_of(bonus, "bonus") or None
    return Decision(True, feedback, amount, reason)


def reject(feedback: str) -> Decision:
    """
    Return the decision to reject a submission.

    Args:
        feedback: Why, for the worker.
    """
    return Decision(False, feedback)


class _Listed(Protocol):
    """Makes acts that list units."""

    def __call__(self, batch_seq: int, /, *, after: int, most: int) -> Callable[[Connection], list[Unit]]: ...


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
    reads_state = True
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
    reads_state = False

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self) -> None:
        """Nothing has to be looked for: the payments of an assignment are listed when they are needed."""

    async def send(self, unit: Unit) -> Outcome:
        """Pay a bonus, to the worker of the assignment and to nobody else."""
        content = unit.content or {}
        hit_id = await self._check_worker(unit)
        if not await self._desk.perform(payments.was_made_here(hit_id)):
            # Another ledger knew this HIT, and may have known this bonus.
            found = await self.look(unit)
            if found is not None:
                return found
        try:
            await self._desk.client_for(unit).send_bonus(
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
        """
        List what was paid for an assignment; a bonus like this one that belongs to no other unit is this one.

        While another one like it may be on the way, nobody can tell whose it is.
        """
        content = unit.content or {}
        paid = 0
        async for payment in self._desk.patient.list_bonus_payments(assignment_id=unit.target or ""):
            same = (payment.worker_id, payment.bonus_amount) == (content["worker"], Decimal(content["amount"]))
            # A list that tells no reasons leaves open which bonus it was: then it was this one.
            if same and (payment.reason is None or payment.reason.split() == content["reason"].split()):
                paid += 1
        is_paid = await self._desk.perform(payments.take_for_paid(unit.seq, paid, self._desk.stale()))
        if is_paid is None:
            unclear = TurkError(
                f"The bonus {unit.key!r} may have been paid: one like it was, and another one like it is on the way. "
                "Nothing was sent now; ask again when the other one is done."
            )
            unclear.ambiguous = True
            raise unclear
        return Outcome(unit, State.DONE) if is_paid else None

    async def _check_worker(self, unit: Unit) -> str:
        """Make sure that the assignment is the worker's, and that its HIT is of this batch; return the HIT's id."""
        content = unit.content or {}
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), unit.target or ""))
        if known is not None:
            assignment = read_assignment(known.document)
        else:
            found = await self._desk.patient.get_assignment(unit.target or "")
            assignment = found.assignment
            if not belongs_to(found.hit.requester_annotation, self._desk.name):
                raise InvalidRequest(
                    f"is {unit.target}, which is of another batch or none. Nothing was paid.", argument="assignment_id"
                )
        if assignment.worker_id != content["worker"]:
            raise InvalidRequest(
                f"is {content['worker']}, but the assignment {unit.target} is the work of {assignment.worker_id}. "
                "Nothing was paid.",
                argument="worker_id",
            )
        return assignment.hit_id

    def otherwise(self, unit: Unit) -> TurkError:
        """Say that a bonus of this key is another one."""
        content = unit.content or {}
        return PaidOtherwise(
            f"The bonus {unit.key!r} of the batch {self._desk.name!r} is ${content.get('amount')} for "
            f"{content.get('worker')}: what has one key is paid once, and what was asked for now was not paid. Give "
            "another key if you mean another one."
        )

    def forget(self, token: str) -> None:
        """Nothing was kept."""


# Intents.


def approval(batch: str, assignment_id: str, feedback: str | None, *, override: bool = False) -> Intent:
    """
    Return the intent of an approval.

    Raises:
        InvalidRequest: The feedback is no text.
    """
    if feedback is not None:
        _check_text(feedback, "feedback")
    key = f"{assignment_id} after all" if override else assignment_id
    content = {"feedback": feedback, "override": override}
    return Intent(Kind.APPROVE, key, token_of(Kind.APPROVE, batch, key), "", content, target=assignment_id)


def rejection(batch: str, assignment_id: str, feedback: str) -> Intent:
    """
    Return the intent of a rejection.

    Raises:
        InvalidRequest: It says no reason.
    """
    _check_text(feedback, "feedback")
    if not _says_something(feedback):
        raise InvalidRequest("is empty; say why, for the worker. Nothing was rejected.", argument="feedback")
    token = token_of(Kind.REJECT, batch, assignment_id)
    return Intent(Kind.REJECT, assignment_id, token, "", {"feedback": feedback}, target=assignment_id)


def payment(batch: str, bonus: Bonus, worker_id: str, fees: FeeTable) -> Intent:
    """
    Return the intent of a bonus.

    Raises:
        InvalidRequest: The amount is no amount of money, or a text none, or nothing is said of the reason.
    """
    cost = cost_of_bonus(bonus.amount, fees=fees)
    _check_text(worker_id, "worker_id")
    _check_text(bonus.reason, "reason")
    if bonus.key is not None:
        _check_text(bonus.key, "key")
    if not _says_something(bonus.reason):
        raise InvalidRequest("is empty; say what the bonus is for. Nothing was paid.", argument="reason")
    amount = dollars(cost.worker_pay)
    called = f"{amount} {bonus.reason}" if bonus.key is None else f"= {bonus.key}"
    key = f"{bonus.assignment_id} {called}"
    content = {"worker": worker_id, "amount": amount, "reason": bonus.reason}
    asked = sha256(f"{worker_id}\0{amount}".encode()).hexdigest()[:8]
    token = token_of(Kind.BONUS, batch, key)
    return Intent(Kind.BONUS, key, token, asked, content, liability=cost.cents, target=bonus.assignment_id)


def _says_something(text: str) -> bool:
    return bool(text) and not text.isspace()


def _check_text(text: object, argument: str) -> None:
    """Refuse what is no text, or cannot be sent or written down: halves of characters, and the character NUL."""
    if not isinstance(text, str):
        raise InvalidRequest(f"is {described(text)}; give a text.", argument=argument)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequest(
            f"holds half a character ({short(text, ascii)}): repair or leave it out.", argument=argument
        ) from None
    if "\0" in text:
        raise InvalidRequest(f"holds the character NUL ({short(text, ascii)}): leave it out.", argument=argument)


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
        await once(self._desk, Approving(self._desk), intent)

    async def reject(self, assignment_id: str, feedback: str) -> None:
        """Reject an assignment of the batch."""
        known = await self._check(assignment_id)
        if known.assignment_status == AssignmentStatus.APPROVED:
            # The ledger may have a rejection of it that was taken back since: that is no success any more.
            raise InvalidRequest(
                f"is {assignment_id}, which was approved, and an approval is final. Nothing was sent.",
                argument="assignment_id",
            )
        intent = rejection(self._desk.name, assignment_id, feedback)
        await once(self._desk, Rejecting(self._desk), intent)

    async def pay(self, bonus: Bonus) -> None:
        """Pay a bonus for an assignment of the batch."""
        assignment = await self._check(bonus.assignment_id)
        intent = payment(self._desk.name, bonus, bonus.worker_id or assignment.worker_id, self._fees)
        await once(self._desk, Paying(self._desk), intent)

    async def _check(self, assignment_id: str) -> Assignment:
        """Make sure that an assignment is of this batch; return it."""
        _check_text(assignment_id, "assignment_id")
        known = await self._desk.perform(submissions.find_submission(await self._desk.seq(), assignment_id))
        if known is not None:
            return read_assignment(known.document)
        found = await self._desk.patient.get_assignment(assignment_id)
        if not belongs_to(found.hit.requester_annotation, self._desk.name):
            raise InvalidRequest(
                f"is {assignment_id}, whose HIT is not one of the batch {self._desk.name!r}. Nothing was sent.",
                argument="assignment_id",
            )
        return found.assignment

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
        fit = []
        for bonus in bonuses:
            if not isinstance(bonus, Bonus):
                raise InvalidRequest(f"holds {described(bonus)}; give Bonus objects.", argument="bonuses")
            try:
                _check_text(bonus.assignment_id, "assignment_id")
                fit.append(bonus)
            except InvalidRequest as error:
                unfit.refused += 1
                unfit.report(Problem(None, str(bonus.assignment_id), error))
        known = await self._workers([bonus.assignment_id for bonus in fit])
        ready = []
        for bonus in fit:
            try:
                worker_id = known.get(bonus.assignment_id) or (await self._check(bonus.assignment_id)).worker_id
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
        if not callable(judge):
            raise InvalidRequest(f"is {described(judge)}; give a function, or the name of a file.", argument="judge")
        total = await self._finish()
        async for portion in self._undecided():
            decided = []
            for found in portion:
                decision: object = judge(self.submission(found))
                if isinstance(decision, Awaitable):
                    decision = await decision
                if decision is not None:
                    decided.append((found.id, _decision(decision)))
            total += await self._decide(decided)
        return total

    async def decide(self, decisions: Sequence[tuple[str, Decision]]) -> Tally:
        """Carry out decisions on assignments of the batch, after all of them were checked."""
        for portion in _in_portions(decisions):
            await self._workers_for(portion)
        total = await self._finish()
        for portion in _in_portions(decisions):
            total += await self._decide(portion)
        return total

    async def _decide(self, decisions: Sequence[tuple[str, Decision]]) -> Tally:
        """
        Carry out a portion of decisions: approvals, then rejections, then bonuses.

        The bonuses are written down first, so that what is approved with one gets it, whatever happens in between.
        """
        workers = await self._workers_for(decisions)
        bonuses = [
            payment(self._desk.name, Bonus(one, it.bonus, it.reason or it.feedback or ""), workers[one], self._fees)
            for one, it in decisions
            if it.is_approved and it.bonus
        ]
        approvals = [approval(self._desk.name, one, it.feedback) for one, it in decisions if it.is_approved]
        rejections = [rejection(self._desk.name, one, it.feedback or "") for one, it in decisions if not it.is_approved]
        seq = await self._desk.seq()
        plan = payments.plan(seq, list(workers), bonuses, now=self._desk.now(), budget=self._desk.budget)
        too_dear = await self._desk.perform(plan)
        # Who cannot get the bonus that was decided on is not approved without it.
        unpaid = {bonus.target: bonus for bonus in bonuses if bonus.token in too_dear}
        approvals = [intent for intent in approvals if intent.target not in unpaid]
        total = Tally()
        for work, intents in ((Approving(self._desk), approvals), (Rejecting(self._desk), rejections)):
            if intents:
                total += await Run(self._desk, work).perform(_given(intents))
        total += await self._pay_what_is_due()
        if unpaid:
            raise over_budget(self._desk.budget or 0, next(iter(unpaid.values())))
        return total

    async def _finish(self) -> Tally:
        """Go on with what an earlier review has left: approvals with bonuses, and the bonuses of what is approved."""
        seq = await self._desk.seq()
        await self._desk.perform(bury_the_dead)
        counted = await self._desk.perform(units.counts(seq))
        total = Tally()
        if counted.get((Kind.BONUS, State.PLANNED)):
            total += await self._again(Approving(self._desk), payments.approvals_with_bonuses)
            await Collector(self._desk).collect(decisions=True)
        total += await self._pay_what_is_due()
        return total

    async def _pay_what_is_due(self) -> Tally:
        """Pay planned bonuses whose assignments are approved, and those that were left open."""
        await self._desk.perform(payments.come_due(await self._desk.seq(), self._desk.now()))
        return await self._again(Paying(self._desk), payments.due)

    async def _again(self, work: Work, listed: _Listed) -> Tally:
        """Carry out units that are in the ledger."""
        seq = await self._desk.seq()
        if not await self._desk.perform(listed(seq, after=0, most=1)):
            return Tally()

        async def intents() -> AsyncGenerator[Sequence[Intent], None]:
            after = 0
            while found := await self._desk.perform(listed(seq, after=after, most=_PORTION)):
                after = found[-1].seq
                yield [
                    Intent(one.kind, one.key, one.token, one.asked, one.content or {}, one.liability, one.target)
                    for one in found
                ]

        return await Run(self._desk, work).perform(intents())

    async def _workers_for(self, decisions: Sequence[tuple[str, Decision]]) -> dict[str, str]:
        """Make sure that assignments are of this batch; tell whose work they are."""
        ids = [one for one, _ in decisions]
        for one in ids:
            _check_text(one, "assignment_id")
        known = await self._workers(ids)
        return {one: known.get(one) or (await self._check(one)).worker_id for one in ids}

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


def _decision(given: object) -> Decision:
    """
    Refuse what is no decision.

    Raises:
        InvalidRequest: It is none.
    """
    if isinstance(given, Decision):
        return given
    raise InvalidRequest(
        f"returned {described(given)}; return approve(), reject('why') or None. Nothing was decided.", argument="judge"
    )


def _in_portions(decisions: Sequence[tuple[str, Decision]]) -> Iterator[Sequence[tuple[str, Decision]]]:
    return (decisions[start : start + _PORTION] for start in range(0, len(decisions), _PORTION))
