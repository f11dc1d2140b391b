"""
Answers as a type of yours: `convert`, which `Assignment.parse` and `Task` lean on.

How each type is read is said in `aioturk.answers.readers` and `aioturk.answers.scalars`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from aioturk.answers.mapping import Answer, Answers
from aioturk.answers.plans import Plan, plan_of
from aioturk.answers.scalars import Misfit
from aioturk.errors import AnswerError

__all__ = ["convert"]

T = TypeVar("T")

_NONE: Mapping[str, str] = {}


def convert(answers: Mapping[str, Answer], into: type[T]) -> T:
    """
    Make a value of a type from answers: each field from the question of its name, or of the name in its `Field`.

    * The type is a dataclass, an attrs class, a msgspec struct, a ``TypedDict`` or a pydantic model, with names that
      such classes have for documents (``rename``, ``alias``) understood.
    * Fields are ``str``, ``int``, ``float``, ``Decimal``, ``bool``, ``date``, ``time``, ``datetime``, enumerations,
      ``Literal``, any of these ``| None``, lists, tuples, sets and dictionaries of these, and classes with fields.
    * A question that was left blank, or is missing, is its field's default. Without one it is None, if the field may
      be None; the empty list, tuple or set of a field that takes several values, because nothing was selected; the
      empty text, if a ``Literal`` or an enumeration has it among its values; and else a problem, for ``str`` too. A
      group in which nothing is ticked is blank. Browsers only send check boxes that are ticked:
      ``agreed: bool = False``.
    * ``Any`` leaves a value as it came, an empty one too; a missing one is None.
    * Texts stay exactly as they were written. Blanks around all else do not count.
    * Numbers are digits, a sign, a decimal point: ``1,000``, ``nan`` and ``1_000`` are problems.
    * ``bool`` takes true and false, 1 and 0, yes and no, on and off, in any case.
    * An enumeration is looked up by value, then by name.
    * Dates and times are ISO's, as HTML's inputs send them. These know no zone: such a ``datetime`` is naive.
    * A list, tuple or set takes a selection, a text joined with ``|``, and a list in JSON; blank texts in it are left
      out.
    * A class or dictionary takes an object of a ``crowd-form``, or the text of one, as a page's own script makes it.
      Groups of crowd check boxes and radio buttons, ``{"cat": true, "dog": false}``, are also lists, and choices.
      At most a mebibyte of JSON is read.
    * Of types that are not listed here, pydantic gets the values as they came, one by one where a list holds them.

    Args:
        answers: The answers.
        into: The type.

    Raises:
        AnswerError: They do not fit; it tells all problems at once.
        InvalidRequest: The type is not one of those, or a field has a type that answers cannot be read as.
    """
    plan: Plan = plan_of(into)  # type: ignore[arg-type]  # every class has a hash
    get: Callable[[str], Any] = answers.get
    other = _NONE
    if isinstance(answers, Answers):
        get, other = answers._raw if answers._nested else answers._values.get, answers._other
    try:
        made: T = plan.fill(get, other)
    except Misfit as misfit:
        raise AnswerError(f"The answer does not fit {into.__name__}:", problems=misfit.problems) from misfit.__cause__
    except RecursionError:
        raise AnswerError(f"The answer does not fit {into.__name__}: it is nested too deeply.") from None
    return made
