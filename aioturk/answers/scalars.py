"""
Single values: what a worker typed, or a form's control sent, as a number, a date, a word of a list.

Each reader takes a text and returns the value, or raises `Misfit`. Blanks around are no part of it. Nothing is guessed:
``1,000`` is a thousand to some people and one to others, so it is no number here; nor are ``nan`` and ``inf``, or
hexadecimal digits, or Python's underscores. A number has at most a hundred digits, so that none takes long.

The forms of dates and times are those of HTML's inputs
(https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#dates-and-times), which are ISO 8601's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, Flag
from typing import Any

from aioturk.answers.crowd import scalar_text
from aioturk.errors import AnswerProblem

__all__ = [
    "MOST",
    "SCALARS",
    "Choice",
    "Misfit",
    "Read",
    "choice_of",
    "cut",
    "enum_of",
    "key_step",
    "said",
    "shown",
    "text_of",
    "ticked",
]

Read = Callable[[Any], Any]
"""A reader: the raw value of an answer, which is not blank, into a value of the wanted type."""

MOST = 100
"""How many problems of one answer are collected; a list can have a million."""
_SHOWN = 80
_WAY = 1000
"""A way to a part of an answer is cut after so many characters; the names of its steps may be a worker's."""


class Misfit(Exception):
    """A value does not fit; `aioturk.answers.typed` makes the user's error of it."""

    def __init__(self, problems: Iterable[AnswerProblem]) -> None:
        super().__init__()
        self.problems: list[AnswerProblem] = list(problems)[:MOST]

    @classmethod
    def of(cls, value: object, text: str) -> Misfit:
        """One problem; the question and the type are filled in by those who know them."""
        return cls([AnswerProblem("", value, None, text)])

    def at(self, step: str | int, expected: object) -> list[AnswerProblem]:
        """
        Return the problems, with one more step in front of the way to each, and the type where none was told.

        Args:
            step: A place in a list, a question or field of the type, or what `key_step` makes of a worker's name.
            expected: The type.
        """
        return [
            problem._replace(
                question=_way(step, problem.question),
                expected=expected if problem.expected is None else problem.expected,
            )
            for problem in self.problems
        ]


def _way(step: str | int, rest: str) -> str:
    if isinstance(step, int):
        step = f"[{step}]"
    way = f"{step}.{rest}" if rest and not rest.startswith("[") else step + rest
    return cut(way, _WAY)


_PLAIN_KEY = re.compile(rf"[\w-]{{1,{_SHOWN}}}")


def key_step(name: str) -> str:
    """
    Return a name in a worker's object as a step of the way to its value.

    What could pass for more than a name, in a line of a log or in the way itself, is shown as in Python: ``['a b']``.
    """
    return name if _PLAIN_KEY.fullmatch(name) else f"[{cut(name, _WAY)!r}]"


def cut(text: str, length: int = _SHOWN) -> str:
    """Return a text for an error's text, without its end where it is long: workers' texts can have megabytes."""
    return text if len(text) <= length else text[:length] + "…"


def said(text: str) -> str:
    """Return what other code says about a worker's value, on one line: it may repeat the value as it came."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in cut(text))


def shown(value: object) -> str:
    """Return a value for an error's text, cut where it is long."""
    if isinstance(value, str):
        return repr(cut(value))
    if isinstance(value, tuple):
        return "several answers, " + ", ".join(map(shown, value[:3])) + (", …" if len(value) > 3 else "")
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else shown(scalar_text(value)) if value is not None else "null"


# Raw values into one text.


def text_of(value: Any) -> str:
    """
    Return the only text in a raw value: of a text itself, a selection of one, or a number or Boolean in JSON.

    Raises:
        Misfit: It is several values, or an object.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and len(value) == 1:
        return str(value[0])
    if isinstance(value, int | float):
        return scalar_text(value)
    raise Misfit.of(value, f"{shown(value)} cannot be a single value")


def ticked(value: Any) -> list[str] | None:
    """
    Return the names that are ticked, of an object of Booleans; None if it is anything else.

    Groups of ``crowd-checkbox`` and ``crowd-radio-button`` send such objects: ``{"cat": true, "dog": false}``.
    """
    if isinstance(value, dict) and value and all(isinstance(flag, bool) for flag in value.values()):
        return [name for name, flag in value.items() if flag]
    return None


def _chosen(value: Any) -> str:
    names = ticked(value)
    return text_of(value if names is None else tuple(names))


# Texts into values.

_DIGITS = 100
_INTEGER = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d{1,100}(?:\.\d{0,100})?|\.\d{1,100})(?:[eE][+-]?\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?", re.ASCII)
_DATETIME = re.compile(rf"{_DATE.pattern}[Tt ]{_TIME.pattern}(?:[Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_BOOLEANS: Mapping[str, bool] = {
    "true": True, "1": True, "yes": True, "on": True,
    "false": False, "0": False, "no": False, "off": False,
}  # fmt: skip


def _int(value: Any) -> int:
    text = (value if value.__class__ is str else text_of(value)).strip()
    if len(text) <= _DIGITS and (text.isdecimal() or _INTEGER.fullmatch(text)):
        return int(text)
    raise Misfit.of(value, f"{shown(value)} is not a whole number, written in digits alone")


def _float(value: Any) -> float:
    text = text_of(value).strip()
    if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    raise Misfit.of(value, f"{shown(value)} is not a number, with digits and a decimal point alone")


def _decimal(value: Any) -> Decimal:
    text = text_of(value).strip()
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    raise Misfit.of(value, f"{shown(value)} is not a number, with digits and a decimal point alone")


def _bool(value: Any) -> bool:
    if isinstance(value, dict) and len(value) == 1 and ticked(value) is not None:
        return bool(ticked(value))  # a crowd-checkbox of its own: {"on": true}
    found = _BOOLEANS.get(text_of(value).strip().lower())
    if found is None:
        raise Misfit.of(value, f"{shown(value)} is not one of {', '.join(_BOOLEANS)}")
    return found


def _date(value: Any) -> date:
    found: date = _moment(value, _DATE, date.fromisoformat, "a date such as 2026-11-30")
    return found


def _time(value: Any) -> time:
    found: time = _moment(value, _TIME, time.fromisoformat, "a time such as 14:30")
    return found


def _datetime(value: Any) -> datetime:
    found: datetime = _moment(value, _DATETIME, datetime.fromisoformat, "a date and time such as 2026-11-30T14:30")
    return found


def _moment(value: Any, form: re.Pattern[str], read: Callable[[str], Any], what: str) -> Any:
    text = text_of(value).strip()
    if form.fullmatch(text):
        try:
            return read(text.upper())
        except ValueError:  # the thirtieth of February
            pass
    raise Misfit.of(value, f"{shown(value)} is not {what}")


SCALARS: Mapping[Any, Read] = {
    str: text_of,
    int: _int,
    float: _float,
    Decimal: _decimal,
    bool: _bool,
    date: _date,
    time: _time,
    datetime: _datetime,
}
"""The readers of the types that are read the same wherever they stand."""


# Words of a list.


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The words of a list.

    Attributes:
        words: What each word stands for.
        listed: The words that an error tells.
        otherwise: Reads texts that are no words.
    """

    words: Mapping[str, Any]
    listed: Sequence[str]
    otherwise: Callable[[str], Any] | None = None

    def read(self, value: Any) -> Any:
        """Return what the word in a raw value stands for."""
        text = _chosen(value)
        for word in (text, text.strip()):
            if word in self.words:
                return self.words[word]
        if self.otherwise is not None:
            try:
                return self.otherwise(text)
            except Exception as error:  # the program's own code, on a worker's text: it may raise anything
                raise Misfit.of(value, f"{self._refused(value)}: {said(str(error))}") from error
        raise Misfit.of(value, self._refused(value))

    def _refused(self, value: Any) -> str:
        listed = ", ".join(map(repr, self.listed[:8])) + (", …" if len(self.listed) > 8 else "")
        return f"{shown(value)} is not one of {listed}"


def choice_of(options: Iterable[Any]) -> Choice:
    """Return the words of a `Literal` with these values."""
    words: dict[str, Any] = {}
    listed: list[str] = []
    for option in options:
        texts = _words(option) if isinstance(option, Enum) else [scalar_text(option)]
        listed.append(texts[0])
        for word in texts:
            words.setdefault(word, option)
    return Choice(words, listed)


def enum_of(kind: type[Enum]) -> Choice:
    """Return the words of an enumeration: its values, then its names; then what its own ``_missing_`` takes."""
    words: dict[str, Any] = {}
    for member in kind:
        words.setdefault(_words(member)[0], member)
    listed = list(words)
    for name, member in kind.__members__.items():
        words.setdefault(name, member)
    reads_more = not issubclass(kind, Flag) and kind._missing_.__func__ is not Enum._missing_.__func__  # type: ignore[attr-defined]
    return Choice(words, listed, kind if reads_more else None)


def _words(member: Enum) -> list[str]:
    value = member.value
    return [scalar_text(value), member.name] if isinstance(value, str | int | float) else [member.name]
