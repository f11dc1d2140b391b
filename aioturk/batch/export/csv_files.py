"""
Results as CSV, with the columns of the requester site's result files.

What stands in the cells is said in `aioturk.batch.export.columns`; such a file, with decisions filled in, is read back
by `aioturk.batch.export.review`.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import TextIO

from aioturk.batch.export.columns import ANSWER, DECISIONS, FIXED, INPUT, Names, answer_texts, fixed_cells, text_of
from aioturk.batch.export.files import Target, writing
from aioturk.batch.export.streams import Results, portions
from aioturk.batch.ledger.results import Result

__all__ = ["write_csv"]

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  the wide ones count, too
"""With these a cell begins that a spreadsheet may take for a formula."""


async def write_csv(
    results: Results, target: Target, columns: Iterable[str] = (), *, safe_for_spreadsheets: bool = False
) -> int:
    """
    Write results as CSV: UTF-8, every value in quotes, a line for each submission.

    The results are read twice: what columns the answers need is known at the end. What is submitted meanwhile may be
    missing.

    Args:
        results: Begins to read the results.
        target: The path, or a file that is open for text, with ``newline=""``. A path's file is replaced when
            everything is written.
        columns: The columns of the rows, in their order; those of rows that have others follow.
        safe_for_spreadsheets: Whether the file is to be looked at with a spreadsheet. What workers write may be a
            formula, which a spreadsheet would carry out: every cell that begins like one (with ``=``, ``+``, ``-``,
            ``@``, a tab or the end of a line) gets an apostrophe before it, negative numbers too; and the file begins
            with a mark by which spreadsheets know UTF-8. Values are written as they are otherwise, because programs
            want to read what was written.

    Returns:
        How many submissions were written.

    Raises:
        OSError: The file cannot be written. An earlier one of the same path is as it was.
    """
    names = Names(columns)
    async with aclosing(portions(results)) as read:
        async for portion in read:
            await asyncio.to_thread(names.add, portion)
    table = _Table(names, safe_for_spreadsheets)
    async with writing(target, "utf-8-sig" if safe_for_spreadsheets else "utf-8") as write:
        await asyncio.to_thread(write, table.write_header)
        async with aclosing(portions(results)) as read:
            async for portion in read:
                await asyncio.to_thread(write, partial(table.write, portion))
    return table.lines


class _Table:
    """
    A file in the making.

    Args:
        names: The names of its columns that depend on the results.
        safe: Whether cells are made harmless for spreadsheets.
    """

    def __init__(self, names: Names, safe: bool) -> None:
        self.lines = 0
        self._rows = names.rows
        self._answers = names.answers
        self._known = frozenset(names.answers)
        self._safe = safe

    def write_header(self, file: TextIO) -> None:
        of_rows = [INPUT + name for name in self._rows]
        of_answers = [ANSWER + name for name in self._answers]
        csv.writer(file, quoting=csv.QUOTE_ALL).writerow([*FIXED, *of_rows, *of_answers, *DECISIONS])

    def write(self, portion: Sequence[Result], file: TextIO) -> None:
        lines = [line for result in portion if (line := self._line(result)) is not None]
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines)
        self.lines += len(lines)

    def _line(self, result: Result) -> list[str] | None:
        answers = answer_texts(result.assignment)
        if not self._known.issuperset(answers):
            return None  # it was submitted after the columns were settled
        row = result.row or {}
        cells = [
            *fixed_cells(result),
            *(text_of(row.get(name)) for name in self._rows),
            *(answers.get(name, "") for name in self._answers),
            *_UNDECIDED,
        ]
        return [_harmless(cell) for cell in cells] if self._safe else cells


_UNDECIDED = ("",) * len(DECISIONS)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGINNINGS) else cell
