"""
What workers do: accept, submit, return. The rules decide; refusals are typed errors.

Whichever door a worker comes through (Python, robots, the worker site), it ends here. What they see without doing
anything is in `browsing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from aioturk.answers import Answers
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
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service import eligibility, people, requirements
from aioturk.marketplace.service.assignments import approve
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.eligibility import Action
from aioturk.marketplace.service.events import tell_of_work
from aioturk.marketplace.service.form_answers import write_answer_to
from aioturk.marketplace.service.reviews import review_submission
from aioturk.marketplace.service.settling import settle
from aioturk.marketplace.service.upkeep import announce, free, keep
from aioturk.marketplace.store.offers import Open
from aioturk.marketplace.store.records import Assignment, Hit
from aioturk.marketplace.store.standing import Entrance

__all__ = [
    "Fields",
    "Submitted",
    "Taken",
    "accept",
    "accept_from",
    "held",
    "question_in_work",
    "return_assignment",
    "submit",
    "submit_held",
    "take",
]

Fields = Mapping[str, str | Sequence[str]]
"""The fields of a submitted form: names, and a value or several."""

_DAY = 24 * 3600 * 1000

_NO_HIT = 0
_NOBODY = 0
"""Running numbers that nothing and nobody has."""

_AT_ONCE = 256
"""How many HITs are looked through at once when the first ones are for others."""


class Taken(NamedTuple):
    """A HIT that a worker has just accepted."""

    hit: Hit
    assignment_id: str


class Submitted(NamedTuple):
    """
    What was submitted, for a page to go on from.

    Attributes:
        worker_id: By whom.
        assignment_id: The assignment.
        hit_id: Its HIT.
        group_id: The group, which may have more of the kind.
        title: The title.
        reward: What it earns once it is approved, in dollars.
    """

    worker_id: str
    assignment_id: str
    hit_id: str
    group_id: str
    title: str
    reward: Decimal


def accept(
    context: Context, worker_id: str, hit_id: str, origin: str = "person", *, previewed_at: int | None = None
) -> str:
    """
    Give a HIT to a worker; return the assignment's id.

    Args:
        context: When, and where.
        worker_id: Who.
        hit_id: Which.
        origin: What kind of worker it is, if nobody knows yet.
        previewed_at: When the worker looked at it first.

    Raises:
        HITDoesNotExist: There is no such HIT in this environment.
        PermissionDenied: The requester has blocked the worker.
        AssignmentAlreadyExists: The worker has it in work, or has submitted it.
        NoHITsAvailableInGroup: Nobody can accept it now.
        DoesNotMeetRequirements: The worker lacks a qualification.
        ExceedsMaxAssignmentsPerWorker: The worker has accepted as much as one may for now.
    """
    hit = context.store.hits.to_accept(context.environment, hit_id)
    if hit is None:
        raise refusals.no_such_hit(hit_id)
    context.in_time(hit)
    entrance = _entrance(context, worker_id, hit.seq, hit.account_seq, origin)
    if entrance.is_blocked:
        raise refusals.blocked(hit_id)
    if entrance.has_it:
        raise refusals.already_yours(hit_id)
    if hit.status != ASSIGNABLE:
        raise refusals.nothing_to_accept(hit_id, hit.status, is_over=is_expired(hit, context.now))
    eligibility.require(context, entrance.worker_seq, hit_id, requirements.read(hit.type.requirements), Action.ACCEPT)
    _check_limits(context, entrance)
    return _give(context, hit, entrance.worker_seq, worker_id, previewed_at)


def accept_from(
    context: Context, worker_id: str, group_id: str, origin: str = "person", *, previewed_at: int | None = None
) -> Taken:
    """
    Give a worker the oldest HIT of a group that is left for them.

    Args:
        context: When, and where.
        worker_id: Who.
        group_id: The group's id, or that of its HIT type.
        origin: What kind of worker it is, if nobody knows yet.
        previewed_at: When the worker looked at a HIT of the group first.

    Raises:
        HITTypeDoesNotExist: There is no such group.
        PermissionDenied: The requester has blocked the worker.
        DoesNotMeetRequirements: The worker lacks a qualification.
        ExceedsMaxAssignmentsPerWorker: The worker has accepted as much as one may for now.
        NoHITsAvailableInGroup: Nobody can accept any of its HITs now.
        NoMoreWorkableHITsInGroup: Others can, but the worker has done them all.
    """
    group = context.store.offers.group(context.environment, group_id)
    if group is None:
        raise refusals.no_such_group(group_id)
    entrance = _entrance(context, worker_id, _NO_HIT, group.account_seq, origin)
    if entrance.is_blocked:
        raise refusals.blocked(group_id)
    eligibility.require(context, entrance.worker_seq, group_id, requirements.read(group.requirements), Action.ACCEPT)
    _check_limits(context, entrance)
    found = _suitable(context, entrance.worker_seq, 0, group.type_seq)
    taken = _take_first(context, worker_id, found, previewed_at)
    if taken is not None:
        return taken
    if next(_suitable(context, _NOBODY, 0, group.type_seq, whoever=True), None) is None:
        raise refusals.nothing_in_group(group_id)
    raise refusals.nothing_left_for_you(group_id)


def take(context: Context, worker_id: str, after: int, passed: frozenset[int], origin: str) -> Taken | None:
    """
    Give a worker the first HIT, after another one, that they may accept.

    Args:
        context: When, and where.
        worker_id: Who.
        after: The running number of the HIT before; 0 to begin with the oldest.
        passed: Running numbers of HITs that the worker does not want.
        origin: What kind of worker it is, if nobody knows yet.

    Raises:
        ExceedsMaxAssignmentsPerWorker: The worker has accepted as much as one may for now.
    """
    worker_seq = people.known(context, worker_id, origin)
    found = _suitable(context, worker_seq, after, None)
    return _take_first(context, worker_id, (hit for hit in found if hit.seq not in passed))


def _take_first(
    context: Context, worker_id: str, found: Iterator[Open], previewed_at: int | None = None
) -> Taken | None:
    for seq, type_seq, _ in found:
        hit = context.in_time(context.store.hits.to_change_by_seq(seq))
        # Looked at again now that nobody else can change it: somebody may have been faster.
        if hit.status != ASSIGNABLE or hit.type_seq != type_seq:
            continue
        entrance = _entrance(context, worker_id, hit.seq, hit.account_seq, "")
        if entrance.is_blocked or entrance.has_it:
            continue
        _check_limits(context, entrance)
        assignment_id = _give(context, hit, entrance.worker_seq, worker_id, previewed_at)
        return Taken(context.store.hits.read_by_seq(seq), assignment_id)
    return None


def _suitable(
    context: Context, worker_seq: int, after: int, type_seq: int | None, *, whoever: bool = False
) -> Iterator[Open]:
    """Yield the HITs that a worker has not and is eligible for, the oldest first."""
    may: dict[int, bool] = {}
    count = 1
    while True:
        some = context.store.offers.open(
            context.environment,
            worker_seq,
            after,
            count,
            until=context.now - context.lag,
            again=context.rules.accept_again,
            type_seq=type_seq,
        )
        for found in some:
            if found.type_seq not in may:
                needed = requirements.read(found.requirements)
                values = eligibility.standing(context, worker_seq, needed).values
                may[found.type_seq] = whoever or not eligibility.unmet(needed, values, Action.ACCEPT)
            if may[found.type_seq]:
                yield found
        if len(some) < count:
            return
        after = some[-1].seq
        # The first one will mostly do. If it does not, there may be thousands that do not.
        count = min(4 * count, _AT_ONCE)


def _entrance(context: Context, worker_id: str, hit_seq: int, account_seq: int, origin: str) -> Entrance:
    found = context.store.standing.at_entrance(
        worker_id, context.environment, hit_seq, account_seq, ever=not context.rules.accept_again
    )
    if found is not None:
        return found
    return Entrance(people.known(context, worker_id, origin), context.now, has_it=False, is_blocked=False)


def _check_limits(context: Context, entrance: Entrance) -> None:
    rules, standing = context.rules, context.store.standing
    if rules.queue is None and rules.daily_accepts is None and rules.early_daily_accepts is None:
        return
    # What the worker accepts elsewhere at this moment counts, too.
    context.store.qualification_requests.one_at_a_time(entrance.worker_seq)
    if rules.queue is not None and standing.in_work(entrance.worker_seq) >= rules.queue:
        raise refusals.too_many(f"{rules.queue} HITs in work")
    is_new = rules.early_daily_accepts is not None and context.now < entrance.since + rules.early_days * 1000
    most = rules.early_daily_accepts if is_new else rules.daily_accepts
    if most is not None and standing.accepted_since(entrance.worker_seq, context.now - _DAY) >= most:
        raise refusals.too_many(f"accepted {most} HITs within 24 hours")


def _give(context: Context, hit: Hit, worker_seq: int, worker_id: str, previewed_at: int | None) -> str:
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
            "previewed_at": previewed_at,
            "accepted_at": context.now,
            "deadline": deadline,
            "reusable": 0,
            "due_at": deadline,
        }
    )
    tell_of_work(context, "AssignmentAccepted", hit, assignment_id, worker_id)
    keep(context, hit.status, counted(hit, None, ACCEPTED))
    return assignment_id


def submit(context: Context, worker_id: str, assignment_id: str, fields: Fields) -> None:
    """
    Take a worker's answers.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it: never did, returned it, or let its deadline pass.
        InvalidAssignmentState: It was submitted already.
        MissingParameter: There is not a single field.
        InvalidParameterValue: The HIT is a form, and has no such question or selection.
    """
    answers = _answers_in(fields)
    _submit(context, held(context, worker_id, assignment_id), answers)


def submit_held(context: Context, assignment_id: str, fields: Fields) -> Submitted:
    """
    Take the answers of whoever holds an assignment: a form on a page of a requester's knows its id, and nobody's name.

    The id is unguessable, and that it is known is taken for the right to submit. The audit log names the worker.

    Raises:
        AssignmentDoesNotExist: Nobody holds it: there is none, or it was returned, or its deadline is past.
        InvalidAssignmentState: It was submitted already.
        MissingParameter: There is not a single field besides the id.
        InvalidParameterValue: The HIT is a form, and has no such question or selection.
    """
    answers = _answers_in(fields)
    assignment = _in_work(context, assignment_id, None)
    hit = _submit(replace(context, actor=assignment.worker_id), assignment, answers)
    kind = hit.type
    return Submitted(
        assignment.worker_id, assignment.issued_id, hit.id, kind.group_id, kind.title, dollars(kind.reward)
    )


def question_in_work(context: Context, assignment_id: str) -> str | None:
    """
    Return the question of an assignment that somebody has in work.

    Raises:
        AssignmentDoesNotExist: Nobody holds it.
        InvalidAssignmentState: It was submitted already.
    """
    return context.store.hits.to_submit(_in_work(context, assignment_id, None).hit_seq).question


def _submit(context: Context, assignment: Assignment, answers: Fields) -> Hit:
    if not answers and not (isinstance(answers, Answers) and answers.other):
        raise refusals.empty_form()
    hit = context.in_time(context.store.hits.to_submit(assignment.hit_seq))
    approval = context.now + hit.type.auto_approval_delay * 1000
    text = write_answer_to(hit.question, answers)
    context.store.assignments.change(
        assignment.seq,
        status=SUBMITTED,
        submitted_at=context.now,
        # None of these ever becomes less: a list that is walked by it hides nobody who is submitted meanwhile.
        submission=hit.submitted + hit.approved + hit.rejected + 1,
        auto_approval_at=approval,
        seconds_of_work=(context.now - assignment.accepted_at) // 1000,
        answer=text,
        due_at=approval if context.rules.auto_approval else None,
    )
    tell_of_work(context, "AssignmentSubmitted", hit, assignment.issued_id, assignment.worker_id)
    before, hit = hit.status, settle(context, counted(hit, ACCEPTED, SUBMITTED))
    # Whether the HIT is Reviewable now is seen after its work is decided: known answers may extend it.
    submitted = assignment._replace(status=SUBMITTED, submitted_at=context.now, answer=text)
    submitted, hit = review_submission(context, submitted, hit)
    if context.rules.auto_approval and approval <= context.now and submitted.status == SUBMITTED:
        hit = approve(context, submitted, hit, None)
    return announce(context, before, hit)


def return_assignment(context: Context, worker_id: str, assignment_id: str) -> None:
    """
    Take an assignment back from a worker.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it.
        InvalidAssignmentState: It was submitted already.
    """
    free(context, held(context, worker_id, assignment_id), RETURNED)


def held(context: Context, worker_id: str, assignment_id: str) -> Assignment:
    """
    Read, in order to change it, what a worker has in work.

    Raises:
        AssignmentDoesNotExist: The worker does not hold it.
        InvalidAssignmentState: It was submitted already.
    """
    return _in_work(context, assignment_id, worker_id)


def _in_work(context: Context, assignment_id: str, worker_id: str | None) -> Assignment:
    """Read an assignment that a worker, or whoever it may be, has in work."""
    # Ids come from forms, in which there is anything; databases do not take every text.
    is_id = assignment_id.isascii() and assignment_id.isalnum()
    assignment = context.store.assignments.to_change(assignment_id) if is_id else None
    if assignment is None or assignment.environment != context.environment:
        raise refusals.not_in_work(assignment_id)
    if worker_id not in (None, assignment.worker_id):
        raise refusals.not_in_work(assignment_id)
    if assignment.status not in ASSIGNMENT_MOVES["submit"]:
        raise refusals.already_submitted(assignment_id)
    return assignment


def _answers_in(fields: Fields) -> Fields:
    """Return the fields that are answers, with what was written beside "other", which `Answers` keep apart."""
    names = [name for name in fields if name not in ("assignmentId", "hitId")]
    if isinstance(fields, Answers):
        return Answers({name: fields[name] for name in names}, fields.other)
    return {name: fields[name] for name in names}
