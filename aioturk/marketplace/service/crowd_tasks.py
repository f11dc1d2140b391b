"""
Tasks of the Crowd API as acts: a task is made (with the HIT that it becomes), finished, forgotten.

A task and its HIT are written in one act, so that a request which comes twice, or twice at the same moment, never makes
two HITs. What answers a task (code, or people's answers) is worked out between acts, by
:mod:`aioturk.marketplace.crowd`; here it is written down, and people are paid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from aioturk.marketplace.lifecycle import DISPOSED, REJECTED, REVIEWABLE, REVIEWING, SUBMITTED
from aioturk.marketplace.service.assignments import approve
from aioturk.marketplace.service.context import Context, RequesterContext
from aioturk.marketplace.store.crowd_tasks import Unfinished
from aioturk.marketplace.store.records import CrowdTask

__all__ = [
    "COMPLETED",
    "FAILED",
    "PROCESSING",
    "Finished",
    "Outcome",
    "Work",
    "add",
    "finish",
    "forget",
    "read",
    "unfinished",
    "work_of",
]

PROCESSING = "processing"
COMPLETED = "completed"
FAILED = "failed"

_OVER = (REVIEWABLE, REVIEWING, DISPOSED)
"""The states of a HIT on which nobody works, and which nobody can accept any more."""

_AT_ONCE = 100
"""How many unfinished tasks are looked at at once."""


class Outcome(NamedTuple):
    """
    What came of a task: an object in JSON, the one or the other.

    Attributes:
        result: The result.
        problem: Why there is none.
    """

    result: str | None
    problem: str | None


class Finished(NamedTuple):
    """One submission for a task, which nobody has rejected."""

    assignment_id: str
    worker_id: str
    answer: str


class Work(NamedTuple):
    """
    What people did for a task.

    Attributes:
        wanted: How many were to do it.
        finished: What was submitted and not rejected, the earliest first.
    """

    wanted: int
    finished: list[Finished]


def read(context: RequesterContext, function: str, name: str) -> CrowdTask | None:
    """Find a task of the account; None if there is none, or it was finished so long ago that it is gone."""
    found = context.store.crowd_tasks.read(context.account.seq, function, name)
    return None if found is None or _is_gone(context, found) else found


def _is_gone(context: Context, task: CrowdTask) -> bool:
    patience = context.rules.crowd_retention
    return patience is not None and task.finished_at is not None and context.now > task.finished_at + patience * 1000


def add(
    context: RequesterContext,
    function: str,
    name: str,
    given: str,
    *,
    hit: Callable[[RequesterContext], str] | None = None,
    outcome: Outcome | None = None,
) -> tuple[CrowdTask, bool]:
    """
    Make a task, unless there is one of that name.

    Args:
        context: Whose, and when.
        function: The function that is called.
        name: The task's name.
        given: The input in JSON.
        hit: Makes the HIT that it becomes, and returns its id; None when no people answer it.
        outcome: What came of it, if that is certain already.

    Returns:
        The task, and whether it is new.

    Raises:
        ServiceError: The HIT cannot be made. Then there is neither.
    """
    tasks = context.store.crowd_tasks
    found = tasks.to_change(context.account.seq, function, name)
    if found is not None and not _is_gone(context, found):
        return found, False
    if found is not None:
        tasks.delete(found.seq)
    # Before its HIT: of two that come at the same moment, the second waits here and then finds what the first has made.
    new = tasks.add(
        CrowdTask(
            seq=0,
            account_seq=context.account.seq,
            function=function,
            name=name,
            input=given,
            state=PROCESSING,
            result=None,
            problem=None,
            hit_seq=None,
            created_at=context.now,
            finished_at=None,
        )
    )
    if hit is None:
        context.note("CrowdTaskCreated", name, function=function)
    else:
        hit_id = hit(context)
        made = context.store.hits.to_change(context.account.seq, hit_id)
        assert made is not None
        tasks.change(new.seq, hit_seq=made.seq)
        new = new._replace(hit_seq=made.seq)
        context.note("CrowdTaskCreated", name, function=function, hit=hit_id)
    if outcome is not None:
        new = _write(context, new, outcome)
    return new, True


def finish(context: Context, seq: int, outcome: Outcome, *, pays: frozenset[str] = frozenset()) -> CrowdTask | None:
    """
    Write down what came of a task, unless somebody has before; return the task as it is then.

    Args:
        context: When.
        seq: The task's running number.
        outcome: What came of it.
        pays: The ids of the assignments that are approved because of it, as far as nobody has decided on them.

    Returns:
        The task; None if it is no more.
    """
    task = context.store.crowd_tasks.to_change_by_seq(seq)
    if task is None or task.state != PROCESSING:
        return task
    if task.hit_seq is not None and pays:
        _approve(context, task.hit_seq, pays)
    return _write(context, task, outcome)


def _approve(context: Context, hit_seq: int, assignment_ids: frozenset[str]) -> None:
    hit = context.in_time(context.store.hits.to_change_by_seq(hit_seq))
    for assignment in context.store.assignments.all_submitted(hit_seq):
        if assignment.status == SUBMITTED and assignment.issued_id in assignment_ids:
            hit = approve(context, assignment, hit, None)


def _write(context: Context, task: CrowdTask, outcome: Outcome) -> CrowdTask:
    state = FAILED if outcome.result is None else COMPLETED
    context.store.crowd_tasks.change(
        task.seq,
        state=state,
        result=outcome.result,
        problem=outcome.problem,
        finished_at=context.now,
        claimed_until=None,
    )
    what = "CrowdTaskFailed" if outcome.result is None else "CrowdTaskCompleted"
    context.note(what, task.name, function=task.function)
    return task._replace(state=state, result=outcome.result, problem=outcome.problem, finished_at=context.now)


def forget(context: RequesterContext, function: str, name: str) -> CrowdTask | None:
    """
    Forget a task that is finished, so that its name is free.

    Returns:
        The task as it was; it is still there if it is being processed. None if there was none.
    """
    task = context.store.crowd_tasks.to_change(context.account.seq, function, name)
    if task is None or _is_gone(context, task):
        return None
    if task.state != PROCESSING:
        context.store.crowd_tasks.delete(task.seq)
        context.note("CrowdTaskDeleted", name, function=function)
    return task


def work_of(context: Context, hit_seq: int) -> Work | None:
    """Return what people did for a task; None while they are at it, or may still begin."""
    hit = context.store.hits.read_by_seq(hit_seq)
    if hit.status not in _OVER:
        return None
    finished = [
        Finished(each.issued_id, each.worker_id, each.answer or "")
        for each in context.store.assignments.all_submitted(hit_seq)
        if each.status != REJECTED
    ]
    return Work(hit.max_assignments, finished)


def unfinished(context: Context, real_now: int) -> list[Unfinished]:
    """List the tasks that somebody has to look at; all of them, however many there are."""
    found: list[Unfinished] = []
    while True:
        some = context.store.crowd_tasks.unfinished(found[-1].seq if found else 0, _AT_ONCE, real_now, _OVER)
        found += some
        if len(some) < _AT_ONCE:
            return found
