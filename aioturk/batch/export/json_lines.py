"""
Results as JSON Lines: an object for each submission, with its answers in their own form.

::

    {"assignment_id": "3ABC", "worker_id": "A1B2", "hit_id": "3XYZ", "hit_type_id": "3TYP", "status": "Submitted",
     "accept_time": "2026-11-02T10:00:00+00:00", "submit_time": "2026-11-02T10:01:30+00:00",
     "auto_approval_time": "2026-12-02T10:01:30+00:00", "approval_time": null, "rejection_time": null,
     "requester_feedback": null, "reward": "0.25", "key": "img_17", "row": {"image_url": "https://example.org/17.jpg"},
     "answers": {"age": "36", "tags": ["cat", "dog"]}, "other": {}}

(on one line). Selections are lists; a ``crowd-form`` has its values as they came, objects included. ``other`` has what
workers wrote beside "other". Where an answer cannot be read, ``answers`` is null, ``error`` says why, and ``document``
is what came; both are missing otherwise.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any, TextIO

from aioturk._core.wire import dollars
from aioturk.answers import Answers
from aioturk.answers.crowd import TASK_ANSWERS
from aioturk.batch.export.files import Target, writing
from aioturk.batch.export.streams import Results, portions
from aioturk.batch.ledger.results import Result
from aioturk.errors import AnswerError
from aioturk.models import Assignment

__all__ = ["write_json_lines"]


async def write_json_lines(results: Results, target: Target) -> int:
    """
    Write results as JSON Lines: UTF-8, an object on a line for each submission.

    Args:
        results: Begins to read the results.
        target: The path, or a file that is open for text. A path's file is replaced when everything is written.

    Returns:
        How many submissions were written.

    Raises:
        OSError: The file cannot be written. An earlier one of the same path is as it was.
    """
    lines = 0
    async with writing(target) as write, aclosing(portions(results)) as read:
        async for portion in read:
            await asyncio.to_thread(write, partial(_write, portion))
            lines += len(portion)
    return lines


def _write(portion: Sequence[Result], file: TextIO) -> None:
    # The standard library's writer, because a worker's JSON may hold whole numbers beyond 64 bits.
    file.writelines(json.dumps(_document(result), ensure_ascii=False) + "\n" for result in portion)


def _document(result: Result) -> dict[str, Any]:
    hit, assignment = result.hit, result.assignment
    return {
        "assignment_id": assignment.assignment_id,
        "worker_id": assignment.worker_id,
        "hit_id": assignment.hit_id,
        "hit_type_id": None if hit is None else hit.hit_type_id,
        "status": str(assignment.assignment_status),
        "accept_time": _iso(assignment.accept_time),
        "submit_time": _iso(assignment.submit_time),
        "auto_approval_time": _iso(assignment.auto_approval_time),
        "approval_time": _iso(assignment.approval_time),
        "rejection_time": _iso(assignment.rejection_time),
        "requester_feedback": assignment.requester_feedback,
        "reward": None if hit is None else dollars(hit.reward),
        "key": result.key,
        "row": result.row,
        **_answered(assignment),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _answered(assignment: Assignment) -> dict[str, Any]:
    try:
        answers = assignment.answers
    except AnswerError as error:
        return {"answers": None, "other": {}, "error": error.text, "document": assignment.answer}
    return {"answers": _values(answers), "other": dict(answers.other)}


def _values(answers: Answers) -> dict[str, Any]:
    """Return the answers of the document, with the fields of a crowd-form in the place of its JSON."""
    values: dict[str, Any] = dict(answers.original)  # a tuple of selections is a list in JSON
    if answers.original is not answers:
        del values[TASK_ANSWERS]
        values.update(answers.nested)
    return values
