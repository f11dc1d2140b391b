"""
The long table: who gave which task which label, as libraries that aggregate labels take it.

`aioturk.batch.votes` takes the majority of it; `aioturk.batch.export.frames` makes a table of pandas of it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple

from aioturk.answers import Answers
from aioturk.batch.export.streams import Results
from aioturk.errors import AnswerError
from aioturk.models import AssignmentStatus

__all__ = ["Label", "labels_in", "long_table"]

_log = logging.getLogger(__name__)

_SHOWN = 10


class Label(NamedTuple):
    """
    What a worker said of a task.

    Attributes:
        task: The row's key; of a HIT that is for no row, its id.
        worker: The worker's id.
        label: What the worker answered, or one of the things that the worker selected.
    """

    task: str
    worker: str
    label: str


async def labels_in(
    results: Results, question: str, *, separator: str | None = None, rejected: bool = False
) -> AsyncGenerator[Label, None]:
    """
    Read the labels that workers gave, in the order of the results.

    Several selections are several labels. Who left the question blank gave none; answers that cannot be read are left
    out, and the log says how many.

    Args:
        results: Begins to read the results.
        question: The question's identifier, or the name of a form's field, as `Assignment.answers` has it.
        separator: What stands between several answers in one text: ``"|"`` for check boxes of one name. Texts are
            not taken apart otherwise, because a worker may have typed that character.
        rejected: Whether labels of rejected work count, too.
    """
    unreadable = 0
    found = False
    other: dict[str, None] = {}
    async with aclosing(results()) as read:
        async for result in read:
            assignment = result.assignment
            if assignment.assignment_status is AssignmentStatus.REJECTED and not rejected:
                continue
            try:
                answers = assignment.answers
            except AnswerError:
                unreadable += 1
                continue
            if question in answers:
                found = True
            elif len(other) < _SHOWN:
                other.update(dict.fromkeys(list(answers)[:_SHOWN]))
            for label in _labels(answers, question, separator):
                yield Label(result.key or assignment.hit_id, assignment.worker_id, label)
    if unreadable:
        _log.warning("%d answers cannot be read, and give no labels; an export has their documents", unreadable)
    if other and not found:
        _log.warning("nobody answered %r; there are answers to %s", question, ", ".join(map(repr, other)))


async def long_table(
    results: Results, question: str, *, separator: str | None = None, rejected: bool = False
) -> list[Label]:
    """
    Return the labels that workers gave; see `labels_in`.

    Args:
        results: Begins to read the results.
        question: The question.
        separator: What stands between several answers in one text, if texts are to be taken apart.
        rejected: Whether labels of rejected work count, too.
    """
    async with aclosing(labels_in(results, question, separator=separator, rejected=rejected)) as found:
        return [label async for label in found]


def _labels(answers: Answers, question: str, separator: str | None) -> list[str]:
    answer = answers.get(question, ())
    if isinstance(answer, str):
        answer = (answer,) if separator is None else tuple(answer.split(separator))
    # Once each: a form may send one value twice, and that is one opinion.
    return list(dict.fromkeys(label for each in answer if (label := each.strip())))
