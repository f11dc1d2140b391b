"""`RawRow` and `KeyedRow`: a row as it came, and with its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aioturk.errors import InvalidRequest

__all__ = ["KeyedRow", "RawRow"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """
    A row as it came.

    Attributes:
        number: Its number, from 1.
        values: Its values by column, as values of JSON; none if it has a problem.
        error: Why it cannot be used.
    """

    number: int
    values: dict[str, Any]
    error: InvalidRequest | None = None


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """
    A row with its name.

    Attributes:
        number: Its number, from 1.
        key: What it is called in its batch; None if that cannot be told.
        values: Its values by column.
        error: Why it cannot be used.
    """

    number: int
    key: str | None
    values: dict[str, Any]
    error: InvalidRequest | None = None
