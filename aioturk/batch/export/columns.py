"""
The columns of the requester site's result files, and what stands in them for a submission.

The site's files begin with the HIT, the assignment and the worker's rates, go on with ``Input.`` and the name of each
column of the rows, ``Answer.`` and the name of each answer, and end with two empty columns for decisions. These are
their columns in their order, with texts that look as they do there:

* times are ``Fri Mar 01 12:34:56 UTC 2019``, always in UTC; the site has its own zone at this place;
* the reward is ``$0.05``, durations are seconds, ``WorkTimeInSeconds`` is the time from accepting to submitting;
* what the API does not tell is empty: the rates of the worker, ``NumberOfSimilarHITs`` and ``LifetimeInSeconds``;
* a value of a row that is no text stands there as pages show it;
* several selections are joined with ``|``; the fields of a ``crowd-form`` have names with dots, such as
  ``Answer.sentiment.label``; what a worker wrote beside "other" stands in ``Answer.<name>.other``;
* an answer that cannot be read stands in `UNREADABLE`, as the document that came. There is no such column otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from aioturk._core.wire import dollars
from aioturk.batch.ledger.results import Result
from aioturk.errors import AnswerError
from aioturk.models import HIT, Assignment

__all__ = [
    "ANSWER",
    "APPROVE",
    "ASSIGNMENT_ID",
    "DECISIONS",
    "FIXED",
    "INPUT",
    "NOT_TOLD",
    "REJECT",
    "UNREADABLE",
    "Names",
    "answer_texts",
    "fixed_cells",
    "fixed_values",
    "site_time",
    "text_of",
]

INPUT: Final = "Input."
ANSWER: Final = "Answer."
ASSIGNMENT_ID: Final = "AssignmentId"
APPROVE: Final = "Approve"
REJECT: Final = "Reject"
DECISIONS: Final = (APPROVE, REJECT)

UNREADABLE: Final = "(unreadable)"
"""Under this name, after ``Answer.``, stand the documents of answers that cannot be read."""


# Names of columns.


class Names:
    """
    The names of columns that depend on the results: those of rows, and those of answers, as they were first seen.

    Args:
        rows: The columns of the rows, as far as they are known, in their order.
    """

    def __init__(self, rows: Iterable[str] = ()) -> None:
        self._rows: dict[str, None] = dict.fromkeys(rows)
        self._answers: dict[str, None] = {}

    @property
    def rows(self) -> list[str]:
        """The columns of the rows."""
        return list(self._rows)

    @property
    def answers(self) -> list[str]:
        """The names of the answers."""
        return list(self._answers)

    def add(self, results: Iterable[Result]) -> None:
        """Add the names in some results."""
        for result in results:
            self._rows.update(dict.fromkeys(result.row or ()))
            self._answers.update(dict.fromkeys(answer_texts(result.assignment)))


# What stands in them.


def fixed_values(result: Result | None) -> dict[str, Any]:
    """
    Return what a result has whatever its row and answers are, by the names of `FIXED`.

    Durations are whole seconds. What the API does not tell is None; everything is, of no result.
    """
    hit = None if result is None else result.hit
    assignment = None if result is None else result.assignment
    values = {name: None if hit is None else value(hit) for name, value in _OF_HIT.items()}
    values |= {name: None if assignment is None else value(assignment) for name, value in _OF_ASSIGNMENT.items()}
    if assignment is not None:
        values["HITId"] = assignment.hit_id  # known of a HIT, too, that was never seen
    return values | _NO_RATES


def fixed_cells(result: Result) -> list[str]:
    """Return the cells of a result under `FIXED`."""
    return [_cell(value) for value in fixed_values(result).values()]


def answer_texts(assignment: Assignment) -> dict[str, str]:
    """Return a worker's answers as texts, in the order of the document."""
    try:
        answers = assignment.answers
    except AnswerError:
        return {UNREADABLE: assignment.answer}
    texts = {name: value if isinstance(value, str) else "|".join(value) for name, value in answers.items()}
    for name, written in answers.other.items():
        beside = f"{name}.other"
        # Hardly ever is there an answer of that very name; then neither hides the other.
        texts[beside] = f"{texts[beside]}|{written}" if beside in texts else written
    return texts


def text_of(value: Any) -> str:
    """Return a value of a row, which may be any value of JSON, as a text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False)


def site_time(moment: datetime | None) -> str:
    """Return a time as it stands in the site's files, in UTC; empty if there is none."""
    if moment is None:
        return ""
    there = moment.astimezone(UTC)
    # strftime would write the names in the language of the computer.
    day, month = _DAYS[there.weekday()], _MONTHS[there.month - 1]
    return f"{day} {month} {there.day:02} {there:%H:%M:%S} UTC {there.year:04}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return site_time(value)
    if isinstance(value, Decimal):
        return f"${dollars(value)}"
    return "" if value is None else str(value)


def _seconds(duration: timedelta) -> int:
    return duration // timedelta(seconds=1)


_OF_HIT: dict[str, Callable[[HIT], Any]] = {
    "HITId": lambda hit: hit.hit_id,
    "HITTypeId": lambda hit: hit.hit_type_id,
    "Title": lambda hit: hit.title,
    "Description": lambda hit: hit.description,
    "Keywords": lambda hit: hit.keywords.text,
    "Reward": lambda hit: hit.reward,
    "CreationTime": lambda hit: hit.creation_time,
    "MaxAssignments": lambda hit: hit.max_assignments,
    "RequesterAnnotation": lambda hit: hit.requester_annotation,
    "AssignmentDurationInSeconds": lambda hit: _seconds(hit.assignment_duration),
    "AutoApprovalDelayInSeconds": lambda hit: _seconds(hit.auto_approval_delay),
    "Expiration": lambda hit: hit.expiration,
    "NumberOfSimilarHITs": lambda _: None,
    "LifetimeInSeconds": lambda _: None,
}
_OF_ASSIGNMENT: dict[str, Callable[[Assignment], Any]] = {
    ASSIGNMENT_ID: lambda assignment: assignment.assignment_id,
    "WorkerId": lambda assignment: assignment.worker_id,
    "AssignmentStatus": lambda assignment: str(assignment.assignment_status),
    "AcceptTime": lambda assignment: assignment.accept_time,
    "SubmitTime": lambda assignment: assignment.submit_time,
    "AutoApprovalTime": lambda assignment: assignment.auto_approval_time,
    "ApprovalTime": lambda assignment: assignment.approval_time,
    "RejectionTime": lambda assignment: assignment.rejection_time,
    "RequesterFeedback": lambda assignment: assignment.requester_feedback,
    "WorkTimeInSeconds": lambda assignment: _seconds(assignment.submit_time - assignment.accept_time),
}
_NO_RATES = dict.fromkeys(("LifetimeApprovalRate", "Last30DaysApprovalRate", "Last7DaysApprovalRate"))

FIXED: Final = (*_OF_HIT, *_OF_ASSIGNMENT, *_NO_RATES)
"""The columns that every file has before those of rows and answers."""
NOT_TOLD: Final = ("NumberOfSimilarHITs", "LifetimeInSeconds", *_NO_RATES)
"""Those of them that are always empty."""
