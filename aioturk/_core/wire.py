"""
The types whose JSON form differs from their Python form, and the base of all shapes.

===========  ==================================  ===========================
Python       JSON                                here
===========  ==================================  ===========================
`datetime`   seconds since the epoch, a number   `Moment`, `epoch`
`timedelta`  whole seconds, a number             `whole_seconds`
`Decimal`    dollars, a string, ``"0.05"``       `dollars`
`Keywords`   comma-separated, a string           `Keywords`
===========  ==================================  ===========================
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import msgspec

__all__ = ["Keywords", "Moment", "OpenEnum", "Structure", "dollars", "epoch", "moment_of", "whole_seconds"]

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware datetime. A naive one on the wire fails the quick decoder, and the careful one takes it as UTC."""


class Structure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    The base of the service's structures: immutable values with keyword arguments.

    They hold values and other structures only, so no cycle can come about and the garbage collector need not look.
    """


class OpenEnum(StrEnum):
    """An enumeration that the service may extend: an unknown word survives as a member of its own."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member


class Keywords(tuple[str, ...]):
    """
    Keywords as a tuple of strings, which remembers the text that it was read from.

    The text counts for the marketplace: HIT types are compared by it, byte for byte.
    """

    text: str

    def __new__(cls, words: Iterable[str] = (), text: str | None = None) -> Keywords:
        """Make keywords of words; `text` is the comma-separated form they came in, if they came in one."""
        self = super().__new__(cls, words)
        self.text = ", ".join(self) if text is None else text
        return self

    @classmethod
    def parse(cls, text: str) -> Keywords:
        """Read the comma-separated form; blanks around the words and empty words are dropped."""
        return cls((word for part in text.split(",") if (word := part.strip())), text)

    def __reduce__(self) -> tuple[Any, ...]:
        return Keywords, (tuple(self), self.text)


def epoch(moment: datetime) -> int | float:
    """Return an aware datetime as seconds since the epoch: an integer where it is whole, else a decimal."""
    elapsed = moment - _EPOCH
    seconds = elapsed.days * 86400 + elapsed.seconds
    if not elapsed.microseconds:
        return seconds
    return (seconds * 10**6 + elapsed.microseconds) / 10**6  # one division, so that the float is rounded once


def moment_of(text: str) -> datetime:
    """
    Read a time as ISO 8601 writes it; one without a zone is taken as UTC, as services mean it.

    Raises:
        ValueError: It is no such time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def whole_seconds(duration: timedelta) -> int:
    """Return a duration as whole seconds."""
    return duration.days * 86400 + duration.seconds


def dollars(amount: Decimal) -> str:
    """Return an amount with two decimals and without an exponent."""
    return f"{amount:.2f}"
