"""
Results as tables of pandas, which is imported when the first one is asked for.

A table is held in memory as a whole, which is what pandas is about; for more rows than fit there are files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from aioturk.batch.export.columns import ANSWER, INPUT, NOT_TOLD, answer_texts, fixed_values
from aioturk.batch.export.labels import Label
from aioturk.batch.export.streams import Results, portions
from aioturk.batch.ledger.results import Result
from aioturk.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas

__all__ = ["labels_to_pandas", "to_pandas"]


async def to_pandas(results: Results, columns: Iterable[str] = ()) -> pandas.DataFrame:
    """
    Return results as a table: a line for each submission, with the names of the CSV's columns and typed values.

    Times are those of pandas, in UTC, durations whole seconds; the reward is a `Decimal`, so that sums of money are
    exact (``frame["Reward"].astype(float)`` for charts). Values of rows are as they were given, answers are texts as
    in the CSV. Columns that are always empty there, the rates and those for decisions, are left out; ``Key`` is added:
    what the row is called.

    Args:
        results: Begins to read the results.
        columns: The columns of the rows, in their order; those of rows that have others follow.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    library = _pandas()
    table = _Table(columns)
    async with aclosing(portions(results)) as read:
        async for portion in read:
            await asyncio.to_thread(table.add, portion)
    return await asyncio.to_thread(table.frame, library)


def labels_to_pandas(labels: Iterable[Label]) -> pandas.DataFrame:
    """
    Return a long table as pandas has it, with the columns ``task``, ``worker`` and ``label``.

    crowd-kit takes it as it is: ``MajorityVote().fit_predict(labels_to_pandas(labels))``.

    Args:
        labels: The long table.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    return _pandas().DataFrame(list(labels), columns=list(Label._fields), dtype=object)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as missing:
        raise ConfigurationError(
            "Tables are made with pandas, which is not installed: pip install 'pandas>=2.1'. "
            "Files are written without it: export to .csv or .jsonl."
        ) from missing
    return pandas


_KEY = "Key"
_TIME = "datetime64[us, UTC]"  # nanoseconds would end in the year 2262, and a far expiration with them
_WHOLE = "Int64"  # takes missing values, unlike int64
_TYPES = {
    "MaxAssignments": _WHOLE,
    "AssignmentDurationInSeconds": _WHOLE,
    "AutoApprovalDelayInSeconds": _WHOLE,
    "WorkTimeInSeconds": _WHOLE,
    "CreationTime": _TIME,
    "Expiration": _TIME,
    "AcceptTime": _TIME,
    "SubmitTime": _TIME,
    "AutoApprovalTime": _TIME,
    "ApprovalTime": _TIME,
    "RejectionTime": _TIME,
}
"""The types of columns; the others hold objects: texts, Decimals, and values of rows as they are."""


class _Table:
    """
    A table in the making, by columns.

    Args:
        columns: The columns of the rows.
    """

    def __init__(self, columns: Iterable[str]) -> None:
        self._lines = 0
        self._fixed: dict[str, list[Any]] = {name: [] for name in _values(None)}
        self._rows: dict[str, list[Any]] = {name: [] for name in columns}
        self._answers: dict[str, list[Any]] = {}

    def add(self, portion: Sequence[Result]) -> None:
        for result in portion:
            self._add(self._fixed, _values(result))
            self._add(self._rows, result.row or {})
            self._add(self._answers, answer_texts(result.assignment))
            self._lines += 1

    def _add(self, table: dict[str, list[Any]], values: dict[str, Any]) -> None:
        for name, value in values.items():
            column = table.setdefault(name, [])
            column.extend([None] * (self._lines - len(column)))  # it was missing in the lines before
            column.append(value)

    def frame(self, library: Any) -> Any:
        columns = {
            **self._fixed,
            **{INPUT + name: values for name, values in self._rows.items()},
            **{ANSWER + name: values for name, values in self._answers.items()},
        }
        for values in columns.values():
            values.extend([None] * (self._lines - len(values)))
        return library.DataFrame(
            {name: library.Series(values, dtype=_TYPES.get(name, object)) for name, values in columns.items()},
            columns=list(columns),
        )


def _values(result: Result | None) -> dict[str, Any]:
    """Return what a result has whatever its row and answers are; of none, the names alone count."""
    values = fixed_values(result)
    for name in NOT_TOLD:
        del values[name]
    return {**values, _KEY: result and result.key}
