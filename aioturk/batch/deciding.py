"""
Deciding on submissions, each once: what a `Decision` is, and the works `Approving` and `Rejecting`.

Approvals and rejections have no token; that they are not done twice is seen to by the service, and what an earlier
attempt has done is read from the assignment. What is decided on is told by `aioturk.batch.reviewing`; the bonuses that
decisions bring are paid by `aioturk.batch.paying`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aioturk._core.money import amount_of
from aioturk.batch.desk import Desk
from aioturk.batch.ledger import submissions
from aioturk.batch.ledger.units import Outcome
from aioturk.batch.texts import check_text, says_something
from aioturk.batch.units import Intent, Kind, State, Unit, token_of
from aioturk.batch.work import Work
from aioturk.errors import AssignmentDoesNotExist, InvalidAssignmentState, InvalidRequest, TurkError
from aioturk.models import Assignment, AssignmentStatus

if TYPE_CHECKING:
    from aioturk._core.accepted import Money

__all__ = ["Approving", "Decision", "Rejecting", "approval", "approve", "reject", "rejection"]

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
        bonus: What to pay on top, in US dollars; None or nothing pays none.
        reason: What the bonus is for; the feedback unless given.

    Raises:
        InvalidRequest: It cannot be carried out: a text that is none, a rejection that does not say why or that comes
            with a bonus, a bonus that is no amount of money or of which nothing says what it is for.
    """

    is_approved: bool
    feedback: str | None = None
    bonus: Money | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        # Here, and not when it is carried out: others are carried out together with it.
        if self.feedback is not None:
            check_text(self.feedback, "feedback")
        if not self.is_approved:
            _check_why(self.feedback)
        if self.bonus is None:
            return
        if not self.is_approved:
            raise InvalidRequest("comes with a rejection; only approved work gets one.", argument="bonus")
        object.__setattr__(self, "bonus", amount_of(self.bonus, "bonus") or None)
        reason = self.reason or self.feedback
        if not reason:
            raise InvalidRequest("is missing; say what the bonus is for.", argument="reason")
        check_text(reason, "reason")
        if not says_something(reason):
            raise InvalidRequest("is empty; say what the bonus is for.", argument="reason")


def approve(feedback: str | None = None, *, bonus: Money | None = None, reason: str | None = None) -> Decision:
    """
    Return the decision to approve a submission.

    Args:
        feedback: What to tell the worker.
        bonus: What to pay on top, in US dollars; None or nothing pays none. It is paid when the assignment is approved,
            also after a restart, and there is one for each assignment, whoever decides.
        reason: What the bonus is for; the feedback unless given.

    Raises:
        InvalidRequest: It cannot be carried out.
    """
    return Decision(True, feedback, bonus, reason)


def reject(feedback: str) -> Decision:
    """
    Return the decision to reject a submission.

    Args:
        feedback: Why, for the worker.

    Raises:
        InvalidRequest: It says no reason.
    """
    return Decision(False, feedback)


def _check_why(feedback: object) -> None:
    check_text(feedback, "feedback")
    if not says_something(str(feedback)):
        raise InvalidRequest("is empty; say why, for the worker. Nothing was rejected.", argument="feedback")


# Intents.


def approval(
    batch: str, assignment_id: str, feedback: str | None, *, override: bool = False, by: str | None = None
) -> Intent:
    """
    Return the intent of an approval.

    Args:
        batch: The batch's name.
        assignment_id: The assignment.
        feedback: What to tell the worker.
        override: Whether it is approved although it was rejected.
        by: What tells whose decision it is, once it is known which of several was carried out.

    Raises:
        InvalidRequest: The feedback is no text.
    """
    if feedback is not None:
        check_text(feedback, "feedback")
    key = f"{assignment_id} after all" if override else assignment_id
    content = {"feedback": feedback, "override": override, "by": by}
    return Intent(Kind.APPROVE, key, token_of(Kind.APPROVE, batch, key), "", content, target=assignment_id)


def rejection(batch: str, assignment_id: str, feedback: str) -> Intent:
    """
    Return the intent of a rejection.

    Raises:
        InvalidRequest: It says no reason.
    """
    _check_why(feedback)
    token = token_of(Kind.REJECT, batch, assignment_id)
    return Intent(Kind.REJECT, assignment_id, token, "", {"feedback": feedback}, target=assignment_id)


# How they are carried out.


class _Deciding(Work):
    """What approving and rejecting have in common."""

    kind: Kind
    title: str
    reads_state = True
    _wanted: AssignmentStatus

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, unit: Unit) -> Outcome | None:
        """Read what was decided on an assignment."""
        assignment = await self._read(unit)
        return await self._done(unit) if assignment.assignment_status == self._wanted else None

    async def settle(self, unit: Unit) -> Outcome | None:
        """Read what was decided on an assignment: this, or something else that holds instead; None if it is open."""
        status = (await self._read(unit)).assignment_status
        if status == self._wanted:
            return await self._done(unit)
        # A rejection that is taken back can be approved; nothing else is decided twice.
        if status == AssignmentStatus.SUBMITTED or (unit.content or {}).get("override"):
            return None
        return Outcome(unit, State.REFUSED, error=f"The assignment was {status.value.lower()}.")

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
