"""
What workers do: accept, submit, return. The rules decide; refusals are typed errors.

Whichever door a worker comes through (Python, robots, later the worker site), it ends here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aioturk.answers import write_answers
from aioturk.marketplace import identifiers, refusals
from aioturk.marketplace.lifecycle import (
    ACCEPTED,
    ASSIGNABLE,
    ASSIGNMENT_MOVES,
    RETURNED,
    SUBMITTED,
    counted,
    is_expired,
)
from aioturk.marketplace.service.assignments import approve
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.events import tell
from aioturk.marketplace.service.upkeep import free, keep
from aioturk.marketplace.store.records import Assignment, Hit

__all__ = ["Fields", "Taken", "accept", "return_assignment", "submit", "take"]

Fields = Mapping[str, str | Sequence[str]]
"""The fields of a submitted form: names, and a value or several."""


class Taken(NamedTuple):
    """A HIT that a worker has just accepted."""

    hit: Hit
    assignment_id: str


def accept(context: Context, worker_id: str, hit_id: str, origin: str = "person") -> str:
    """
    Give a HIT to a worker; return the assignment's id.

    Raises:
        HITDoesNotExist: There is no such HIT in this environment.
        AssignmentAlreadyExists: The worker has it in work, or has submitted it.
        NoHITsAvailableInGroup: Nobody can accept it now.
    """
    hit = context.store.hits.to_accept(context.environment, hit_id)
    if hit is None:
        raise refusals.hit_does_not_exist(hit_id)
    worker_seq = _worker(context, worker_id, origin)
    again = context.store.assignments.has(hit.seq, worker_seq, ever=not context.rules.accept_again)
    if again:
        raise refusals.already_yours(hit_id)
    if hit.status != ASSIGNABLE:
        over = is_expired(hit, context.now)
        raise refusals.nothing_to_accept(hit_id, "its time is over" if over else f"its state is {hit.status}")
    return _give(context, hit, worker_seq)


def take(context: Context, worker_id: str, after: int, passed: frozenset[int], origin: str) -> Taken | None:
    """
    Give a worker the first HIT, after another one, that can be accepted.

    Args:
        context: When, and where.
        worker_id: Who.
        after: The running number of the HIT before; 0 to begin with the oldest.
        passed: Running numbers of HITs that the worker does not want.
        origin: What kind of worker it is.
    """
    worker_seq = _worker(context, worker_id, origin)
    ever = not context.rules.accept_again
    while True:
        seq = context.store.hits.open_to_worker(context.environment, worker_seq, after, ever=ever)
        if seq is None:
            return None
        after = seq
        if seq in passed:
            continue
        hit = context.store.hits.to_change_by_seq(seq)
        # Looked at again now that nobody else can change it: somebody may have been faster.
        if hit.status != ASSIGNABLE or context.store.assignments.has(seq, worker_seq, ever=ever):
            continue
        assignment_id = _give(context, hit, worker_seq)
        return Taken(context.store.hits.read_by_seq(seq), assignment_id)


def _worker(context: Context, worker_id: str, origin: str) -> int:
    found = context.store.workers.find(worker_id, context.environment)
    if found is not None:
        return found
    return context.store.workers.add(worker_id, context.environment, origin, context.now)


def _give(context: Context, hit: Hit, worker_seq: int) -> str:
    if hit.freed:
        assignment_id = context.store.assignments.take_freed_id(hit.seq)
        hit = hit._replace(freed=hit.freed - 1)
    else:
        assignment_id = identifiers.entity_id()
    deadline = context.now + hit.type.assignment_duration * 1000
    context.store.assignments.add(
        {
            "id": assignment_id,
            "issued_id": assignment_id,
            "hit_seq": hit.seq,
            "worker_seq": worker_seq,
            "holder": worker_seq,
            "status": ACCEPTED,
            "accepted_at": context.now,
            "deadline": deadline,
            "reusable": 0,
            "due_at": deadline,
        }
    )
    tell(context, "AssignmentAccepted", hit, assignment_id)
    keep(context, hit.status, counted(hit, None, ACCEPTED))
    return assignment_id


def submit(context: Context, worker_id: str, assignment_id: str, fields: Fields) -> None:
    """
    Take a worker's answers.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it: never did, returned it, or let its deadline pass.
        InvalidAssignmentState: It was submitted already.
        MissingParameter: There is not a single field.
    """
    answers = {name: value for name, value in fields.items() if name not in ("assignmentId", "hitId")}
    assignment = _held(context, worker_id, assignment_id)
    if not answers:
        raise refusals.missing("Answer", ["at least one field of the form"])
    hit = context.store.hits.to_change_by_seq(assignment.hit_seq)
    approval = context.now + hit.type.auto_approval_delay * 1000
    context.store.assignments.change(
        assignment.seq,
        status=SUBMITTED,
        submitted_at=context.now,
        # None of these ever becomes less: a list that is walked by it hides nobody who is submitted meanwhile.
        submission=hit.submitted + hit.approved + hit.rejected + 1,
        auto_approval_at=approval,
        seconds_of_work=(context.now - assignment.accepted_at) // 1000,
        answer=write_answers(answers),
        due_at=approval if context.rules.auto_approval else None,
    )
    tell(context, "AssignmentSubmitted", hit, assignment_id)
    hit = keep(context, hit.status, counted(hit, ACCEPTED, SUBMITTED))
    if context.rules.auto_approval and approval <= context.now:
        approve(context, assignment._replace(status=SUBMITTED, submitted_at=context.now), hit, None)


def return_assignment(context: Context, worker_id: str, assignment_id: str) -> None:
    """
    Take an assignment back from a worker.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it.
        InvalidAssignmentState: It was submitted already.
    """
    free(context, _held(context, worker_id, assignment_id), RETURNED)


def _held(context: Context, worker_id: str, assignment_id: str) -> Assignment:
    assignment = context.store.assignments.to_change(assignment_id)
    if assignment is None or assignment.worker_id != worker_id:
        raise refusals.assignment_does_not_exist(assignment_id)
    if assignment.status not in ASSIGNMENT_MOVES["submit"]:
        raise refusals.assignment_state("Accepted")
    return assignment
