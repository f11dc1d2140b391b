"""
Who may discover, preview and accept a HIT: judging qualification requirements.

`is_met` and `unmet` are pure; `standing` finds out in the store what they judge. Requirements are judged when somebody
acts, by what they have then. How requirements are checked and kept is in `requirements`.

The rules: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationRequirementDataStructureArticle.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from aioturk._generated.shapes import Comparator, HITAccessActions, Locale, QualificationRequirement
from aioturk.marketplace import refusals
from aioturk.marketplace.lifecycle import ABANDONED, APPROVED, REJECTED, RETURNED, SUBMITTED
from aioturk.marketplace.rules import Rules
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.system_types import ADULT, LOCALE, NUMBER_APPROVED, PERCENT_APPROVED

__all__ = ["Action", "Standing", "Value", "described", "is_met", "require", "standing", "unmet"]

Value: TypeAlias = int | Locale | None
"""What somebody's qualification says; None is a qualification without a value."""


class Action(Enum):
    """What a worker does with a HIT, and the requirements that guard it."""

    DISCOVER = frozenset({HITAccessActions.DISCOVER_PREVIEW_AND_ACCEPT})
    PREVIEW = DISCOVER | {HITAccessActions.PREVIEW_AND_ACCEPT}
    ACCEPT = PREVIEW | {HITAccessActions.ACCEPT}


_COMPARES: Mapping[str, Callable[[int, int], bool]] = {
    Comparator.LESS_THAN: operator.lt,
    Comparator.LESS_THAN_OR_EQUAL_TO: operator.le,
    Comparator.GREATER_THAN: operator.gt,
    Comparator.GREATER_THAN_OR_EQUAL_TO: operator.ge,
}
_IS_ONE_OF = frozenset({Comparator.EQUAL_TO, Comparator.IN})


def is_met(requirement: QualificationRequirement, values: Mapping[str, Value]) -> bool:
    """
    Say whether a requirement is met.

    Args:
        requirement: A requirement that was checked.
        values: What the worker has, by the ids of the qualification types. What was revoked is not there.
    """
    has = requirement.qualification_type_id in values
    if requirement.comparator == Comparator.DOES_NOT_EXIST:
        return not has
    if not has or requirement.comparator == Comparator.EXISTS:
        return has
    value = values[requirement.qualification_type_id]
    if value is None:
        return False
    if isinstance(value, Locale):
        is_one = any(_lies_in(value, place) for place in requirement.locale_values)
        return is_one == (requirement.comparator in _IS_ONE_OF)
    compares = _COMPARES.get(requirement.comparator)
    if compares is not None:
        return compares(value, requirement.integer_values[0])
    return (value in requirement.integer_values) == (requirement.comparator in _IS_ONE_OF)


def _lies_in(place: Locale, region: Locale) -> bool:
    return place.country == region.country and region.subdivision in (None, place.subdivision)


def unmet(
    requirements: Iterable[QualificationRequirement], values: Mapping[str, Value], action: Action
) -> tuple[QualificationRequirement, ...]:
    """Return the requirements that keep somebody from an action."""
    return tuple(
        requirement
        for requirement in requirements
        if (requirement.actions_guarded or HITAccessActions.ACCEPT) in action.value and not is_met(requirement, values)
    )


def described(requirement: QualificationRequirement, names: Mapping[str, str]) -> str:
    """Return a requirement in words, for who does not meet it."""
    type_id = requirement.qualification_type_id
    places = (f"{place.country}-{place.subdivision or ''}".rstrip("-") for place in requirement.locale_values)
    values = ", ".join([*map(str, requirement.integer_values), *places])
    return f"{names.get(type_id, type_id)} {requirement.comparator} {values}".rstrip()


# Finding out.


class Standing(NamedTuple):
    """What somebody has of the qualification types that were asked for, and what these are called."""

    values: Mapping[str, Value]
    names: Mapping[str, str]


_NOTHING = Standing({}, {})


def standing(context: Context, worker_seq: int, requirements: Collection[QualificationRequirement]) -> Standing:
    """
    Find out what a worker has of everything that requirements name. Without any, nothing is asked.

    What the system's types say can be configured for each worker, and is else what really happened, or the default of
    the rules. The types that the service has retired still say what their names do.
    """
    if not requirements:
        return _NOTHING
    values: dict[str, Value] = {}
    names: dict[str, str] = {}
    unsaid: list[str] = []
    for held in context.store.standing.held(
        worker_seq, sorted({requirement.qualification_type_id for requirement in requirements})
    ):
        names[held.type_id] = held.name
        if held.status == "Granted":
            place = None if held.country is None else Locale(country=held.country, subdivision=held.subdivision)
            values[held.type_id] = held.value if place is None else place
        elif held.status is None:
            unsaid.append(held.type_id)
    _add_defaults(context, worker_seq, unsaid, values)
    return Standing(values, names)


def require(
    context: Context,
    worker_seq: int,
    subject: str,
    requirements: Sequence[QualificationRequirement],
    action: Action,
) -> Standing:
    """
    Keep a worker from an action that they are not eligible for; return what they have.

    Raises:
        DoesNotMeetRequirements: They are not; it says what they lack.
    """
    has = standing(context, worker_seq, requirements)
    lacking = unmet(requirements, has.values, action)
    if lacking:
        raise refusals.requirements_not_met(
            subject, action.name.lower(), (described(requirement, has.names) for requirement in lacking)
        )
    return has


def _add_defaults(context: Context, worker_seq: int, unsaid: Sequence[str], values: dict[str, Value]) -> None:
    counts: Mapping[str, int] | None = None
    for type_id in unsaid:
        if type_id == LOCALE:
            country, _, state = context.rules.default_locale.partition("-")
            values[type_id] = Locale(country=country, subdivision=state or None)
        elif type_id == ADULT:
            values[type_id] = int(context.rules.default_adult)
        elif type_id in _FROM_WORK:
            counts = context.store.standing.counts(worker_seq) if counts is None else counts
            values[type_id] = _FROM_WORK[type_id](counts, context.rules)


def _share(states: frozenset[str], of: frozenset[str] | None, early: int) -> Callable[[Mapping[str, int], Rules], int]:
    """Make the rule of a percentage: which states count, out of which (None is all), what it is in the beginning."""

    def share(counts: Mapping[str, int], rules: Rules) -> int:
        all_of_them = _sum(counts, of or counts.keys())
        if _sum(counts, _DONE) < rules.percent_from or not all_of_them:
            return early
        return 100 * _sum(counts, states) // all_of_them

    return share


def _sum(counts: Mapping[str, int], states: Collection[str]) -> int:
    return sum(counts.get(state, 0) for state in states)


_DECIDED = frozenset({APPROVED, REJECTED})
_DONE = _DECIDED | {SUBMITTED}

_FROM_WORK: Mapping[str, Callable[[Mapping[str, int], Rules], int]] = {
    NUMBER_APPROVED: lambda counts, rules: counts.get(APPROVED, 0),
    PERCENT_APPROVED: _share(frozenset({APPROVED}), _DECIDED, 100),
    # Retired. What the service made of them in the end is unverified; refusing everybody would end old programs.
    "00000000000000000000": _share(_DONE, None, 100),
    "00000000000000000070": _share(frozenset({ABANDONED}), None, 0),
    "000000000000000000E0": _share(frozenset({RETURNED}), None, 0),
    "000000000000000000S0": _share(frozenset({REJECTED}), _DECIDED, 0),
}
"""What the system's types say of somebody's work."""
