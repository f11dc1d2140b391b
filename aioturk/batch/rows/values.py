"""
Values: what of a row the ledger can keep.

It keeps rows as JSON, so values are made such that JSON gives them back as they are, or are refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date
from datetime import time as time_of_day
from decimal import Decimal
from enum import Enum
from typing import Any, Final, cast
from uuid import UUID

from aioturk._core.refusal import described
from aioturk.batch.rows.row import RawRow
from aioturk.errors import InvalidRequest
from aioturk.questions.template import Raw

__all__ = ["TEXTS", "raw_row"]

_WRITTEN_OUT = "{}, which has no form in JSON: make a text of it, as you want it to be shown, such as str(value)"
TEXTS: Final = frozenset([str])
_PLAIN: Final = frozenset([str, bool, type(None)])
_EMPTY_CELLS: Final = frozenset(["NAType", "NaTType"])
_MOST_BITS = 64


class _Unfit(Exception):
    """A value cannot be kept; the text says why, as the rest of a sentence about it."""


def raw_row(number: int, row: object) -> RawRow:
    """Return a row in the form that the ledger keeps; one that it cannot keep has its problem."""
    if not isinstance(row, Mapping):
        how = ", such as dataclasses.asdict(row)" if is_dataclass(row) else ""
        text = f"{number} is {described(row)}; give a mapping of columns to values{how}."
        return RawRow(number, {}, InvalidRequest(text, argument="row"))
    values = dict(row)
    # Rows of nothing but ASCII, such as most files have, are as good as checked.
    texts = TEXTS.issuperset(map(type, values)) and TEXTS.issuperset(map(type, values.values()))
    if texts and "".join(values).isascii() and "".join(values.values()).isascii():
        return RawRow(number, values)
    problems = []
    for name, value in values.items():
        try:
            values[_column(name)] = _plain(value)
        except _Unfit as unfit:
            problems.append(f"{name!a:.80} {unfit}" if not isinstance(name, str) else f"{_shown(name)} {unfit}")
        except RecursionError:
            problems.append(f"{_shown(name)} holds itself, or too many lists in lists")
    if problems:
        return RawRow(number, {}, InvalidRequest("; ".join(problems) + ".", argument="row"))
    return RawRow(number, values)


def _shown(name: str) -> str:
    return name if name.isprintable() else ascii(name)


def _column(name: object) -> str:
    if type(name) is not str:
        raise _Unfit(f"is the name of a column, and of the type {type(name).__name__}: give a string")
    return _carried(name)


def _carried(words: str) -> str:
    if not words.isascii():
        try:
            words.encode()
        except UnicodeEncodeError:
            raise _Unfit(f"holds half a character ({words!a:.40}), which UTF-8 cannot carry: leave it out") from None
    return words


def _plain(value: object) -> Any:
    """Return a value as JSON gives it back."""
    kind = type(value)
    if kind in _PLAIN:
        return _carried(value) if isinstance(value, str) else value
    if kind is int or kind is float:
        return _number(cast("float", value))
    if isinstance(value, Raw):
        raise _Unfit(
            "is Raw, which the ledger could not tell from other texts any more: name the column in "
            "HTMLTemplate(..., raw=[...]) and give its text"
        )
    if type(value).__name__ in _EMPTY_CELLS:
        raise _Unfit(_EMPTY)
    if isinstance(value, Enum | date | time_of_day | Decimal | UUID):
        raise _Unfit(f"is {_WRITTEN_OUT.format(described(value))}")
    if isinstance(value, Mapping):
        return {_column(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return _of_another_type(value)


def _of_another_type(value: object) -> Any:
    """Numbers and texts as other libraries have them, of which the plain one is kept."""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        inner = item()
        if type(inner) in _PLAIN or type(inner) in (int, float):
            return _plain(inner)
    elif isinstance(value, str):
        return _carried(str.__str__(value))
    elif isinstance(value, int):
        return _number(int.__int__(value))
    elif isinstance(value, float):
        return _number(float.__float__(value))
    raise _Unfit(f"is {_WRITTEN_OUT.format(described(value))}")


_EMPTY = (
    "is not a number (NaN), as libraries for tables write an empty cell: give an empty string instead, with pandas by "
    'df.fillna("")'
)


def _number(value: float) -> float:
    if isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise _Unfit("is a number of more than 64 bits: make a text of it")
    elif math.isnan(value):
        raise _Unfit(_EMPTY)
    elif math.isinf(value):
        raise _Unfit("is infinite: make a text of it")
    return value
