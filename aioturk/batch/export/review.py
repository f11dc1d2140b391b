"""
Decisions from a result file that somebody filled in: an ``X`` under Approve, or the reason under Reject.

Files of ours and of the requester site are read, saved by whatever spreadsheet. Only the assignment's id and the two
columns count; everything else may have been changed, or be missing. A file is read to its end before anything is
decided, and a file with a problem decides nothing: who meant to reject one and approve the others, and put the reason
in the wrong cell, should not pay first.
"""

from __future__ import annotations

import asyncio
import csv
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from aioturk.batch.export.columns import APPROVE, ASSIGNMENT_ID, REJECT
from aioturk.errors import InvalidRequest

__all__ = ["FileDecision", "read_review"]

_LONGEST_FEEDBACK = 1024
_LONGEST_CELL = 2**24
"""An answer may have eight million characters, and its quotes are doubled."""
_SEPARATORS = ",;\t"
"""Spreadsheets put a semicolon where numbers have a comma."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class FileDecision:
    """
    What is to become of a submission.

    Attributes:
        assignment_id: The assignment's id.
        approve: Whether it is to be approved; else it is to be rejected.
        feedback: The reason for the worker, if it is to be rejected.
    """

    assignment_id: str
    approve: bool
    feedback: str | None = None


async def read_review(path: str | os.PathLike[str]) -> list[FileDecision]:
    """
    Read the decisions in a result file, in its order; lines with neither are none.

    Args:
        path: The file.

    Raises:
        InvalidRequest: A column is missing, or there are lines that cannot be meant: with both decisions, with anything
            but an X under Approve, with another decision than an earlier line for the same assignment. It names up to
            ten of them. Nothing is decided.
        OSError: The file cannot be read.
    """
    return await asyncio.to_thread(_read, Path(path))


def _read(path: Path) -> list[FileDecision]:
    review = _Review()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file, _long_cells():
            lines = _lines(file)
            _, header = next(lines, (1, []))
            places = _places(header)
            for line, cells in lines:
                review.add(line, places, cells)
    except UnicodeDecodeError as error:
        raise _refusal("is not in UTF-8: save it in that encoding; spreadsheets call it CSV UTF-8") from error
    return review.decisions()


def _lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Read the cells of lines, each with the number of the line that it ends with."""
    header = file.readline()
    file.seek(0)
    # Strict, because a quote that is never closed would swallow the decisions of all lines after it.
    reader = csv.reader(file, delimiter=_separator(header), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise _refusal(
            f"cannot be read in line {reader.line_num} ({error}): a cell that begins with a quote ends with one, and "
            "quotes inside of it are written twice"
        ) from error


_reading = threading.Lock()


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let the csv module read long cells; its limit is one for the whole program, and is put back."""
    with _reading:
        limit = csv.field_size_limit()
        csv.field_size_limit(max(limit, _LONGEST_CELL))
        try:
            yield
        finally:
            csv.field_size_limit(limit)


def _separator(header: str) -> str:
    """Tell what stands between cells: that by which the header has a cell for the assignment's id."""
    names = {separator: {name.strip(' "\r\n') for name in header.split(separator)} for separator in _SEPARATORS}
    return next((separator for separator in _SEPARATORS if ASSIGNMENT_ID in names[separator]), _SEPARATORS[0])


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the columns are that count, and how many there are in all."""

    assignment_id: int
    approve: int
    reject: int
    width: int


def _places(header: Sequence[str]) -> _Places:
    names = [name.strip() for name in header]
    for wanted in (ASSIGNMENT_ID, APPROVE, REJECT):
        if names.count(wanted) != 1:
            has = "has no column" if wanted not in names else "has more than one column"
            raise _refusal(f"{has} {wanted}: take a result file as it was exported, and change its cells only")
    return _Places(names.index(ASSIGNMENT_ID), names.index(APPROVE), names.index(REJECT), len(names))


class _Review:
    """The decisions of a file, and what is wrong with it."""

    def __init__(self) -> None:
        self._decisions: dict[str, tuple[FileDecision, int]] = {}
        self._problems: list[str] = []
        self._number = 0

    def add(self, line: int, places: _Places, cells: Sequence[str]) -> None:
        """Take a line; `line` is the file's one that it ends with."""
        try:
            decision = _decision(places, cells)
            if decision is not None:
                self._agree(decision, line)
        except _Unclear as unclear:
            self._number += 1
            if len(self._problems) < _SHOWN:
                self._problems.append(f"line {line}: {unclear}")

    def _agree(self, decision: FileDecision, line: int) -> None:
        earlier, at = self._decisions.setdefault(decision.assignment_id, (decision, line))
        if earlier != decision:
            raise _Unclear(f"the assignment {decision.assignment_id} is decided otherwise in line {at}")

    def decisions(self) -> list[FileDecision]:
        """
        Return the decisions.

        Raises:
            InvalidRequest: There are problems.
        """
        if self._problems:
            more = self._number - len(self._problems)
            shown = [*self._problems, f"and {more} more"] if more else self._problems
            raise _refusal(f"cannot be meant as it stands; {'; '.join(shown)}. Correct the file")
        return [decision for decision, _ in self._decisions.values()]


class _Unclear(Exception):
    """A line does not say what is to become of its assignment; the text says why."""


def _decision(places: _Places, cells: Sequence[str]) -> FileDecision | None:
    if any(cell.strip() for cell in cells[places.width :]):
        raise _Unclear("it has more cells than the header; a text with a separator in it needs quotes")
    assignment_id, approve, reason = (
        cells[place].strip() if place < len(cells) else ""
        for place in (places.assignment_id, places.approve, places.reject)
    )
    if not approve and not reason:
        return None
    if not assignment_id:
        raise _Unclear("it decides something, and has no AssignmentId")
    if approve and reason:
        raise _Unclear("it has both Approve and Reject")
    if approve:
        if approve not in ("x", "X"):
            raise _Unclear(f"Approve has {_short(approve)}; it takes an X")
        return FileDecision(assignment_id, True)
    if len(reason) > _LONGEST_FEEDBACK:
        raise _Unclear(f"the reason has {len(reason)} characters; workers get at most {_LONGEST_FEEDBACK}")
    return FileDecision(assignment_id, False, reason)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")


def _refusal(text: str) -> InvalidRequest:
    return InvalidRequest(f"the file {text}. Nothing was decided.", argument="path", sending=False)
