"""
Qualification requirements of HITs: checking them, and keeping them in one form.

Whether a worker meets them is judged where workers act, not here. Types that somebody made are looked up; those of the
service itself are known.

The rules: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationRequirementDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from aioturk._core.codec import encode, to_wire
from aioturk._generated.shapes import Comparator, HITAccessActions, Locale, QualificationRequirement
from aioturk.marketplace import refusals
from aioturk.marketplace.rules import Range, Rules
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.known_types import ACTIVE, foreign, is_gone, mark_used
from aioturk.marketplace.store.records import QualificationType
from aioturk.marketplace.store.system_types import LOCALE, MASTERS, SYSTEM_TYPES

__all__ = [
    "are_gone",
    "canonical",
    "checked",
    "premium",
    "read",
    "require_active",
    "types_in",
    "used",
    "wants_masters",
    "write",
]

_PARAMETER = "QualificationRequirements"

_NONE = Range(0, 0)
_ONE = Range(1, 1)

_TWO_LETTERS = re.compile(r"[A-Z]{2}")


def _allowed(rules: Rules) -> dict[str, tuple[Range, Range]]:
    """How many integers, or else places, each comparator takes."""
    ordering = (_ONE, _NONE)
    equality = (_ONE, _ONE)
    several = (rules.integer_values, rules.locale_values)
    existence = (_NONE, _NONE)
    return {
        Comparator.LESS_THAN: ordering,
        Comparator.LESS_THAN_OR_EQUAL_TO: ordering,
        Comparator.GREATER_THAN: ordering,
        Comparator.GREATER_THAN_OR_EQUAL_TO: ordering,
        Comparator.EQUAL_TO: equality,
        Comparator.NOT_EQUAL_TO: equality,
        Comparator.IN: several,
        Comparator.NOT_IN: several,
        Comparator.EXISTS: existence,
        Comparator.DOES_NOT_EXIST: existence,
    }


def checked(context: Context, requirements: Sequence[QualificationRequirement]) -> tuple[QualificationRequirement, ...]:
    """
    Check requirements; return them with both of the words in which it is said what they guard.

    Raises:
        InvalidParameterValue: They break a rule.
        QualificationTypeDoesNotExist: One names an unknown type.
        InvalidQualificationTypeState: One names a type that is inactive or deleted.
    """
    rules = context.rules
    if not rules.requirements.holds(len(requirements)):
        raise refusals.invalid(_PARAMETER, f"{len(requirements)} requirements")
    require_active(context, requirements)
    allowed = _allowed(rules)
    return tuple(_checked(requirement, allowed) for requirement in requirements)


def require_active(context: Context, requirements: Sequence[QualificationRequirement]) -> None:
    """
    Make sure that new HITs may require these types, which is a use of them.

    Raises:
        QualificationTypeDoesNotExist: One is unknown.
        InvalidQualificationTypeState: One is inactive or deleted.
    """
    unknown = foreign(context.environment)
    for type_id in types_in(requirements):
        if type_id in unknown:
            raise refusals.qualification_type_does_not_exist(type_id)
        if type_id in SYSTEM_TYPES:
            continue
        kind = _made(context, type_id)
        if kind is None:
            raise refusals.qualification_type_does_not_exist(type_id)
        if is_gone(context, kind) or kind.status != ACTIVE:
            raise refusals.qualification_type_state()


def are_gone(context: Context, requirements: Sequence[QualificationRequirement]) -> bool:
    """Say whether a type that is required is no longer there."""
    made = (_made(context, type_id) for type_id in types_in(requirements) if type_id not in SYSTEM_TYPES)
    return any(kind is None or is_gone(context, kind) for kind in made)


def used(context: Context, requirements: Sequence[QualificationRequirement]) -> None:
    """Write down that a HIT has required these types until now."""
    for type_id in types_in(requirements):
        kind = None if type_id in SYSTEM_TYPES else _made(context, type_id)
        if kind is not None:
            mark_used(context, kind)


def types_in(requirements: Sequence[QualificationRequirement]) -> list[str]:
    """Return the ids of the types that are required, each once."""
    return list(dict.fromkeys(requirement.qualification_type_id for requirement in requirements))


def _made(context: Context, type_id: str) -> QualificationType | None:
    """Find a type that somebody made. It stays as it is until the HIT, or its type, is there."""
    types = context.store.qualification_types
    found = types.find(type_id, context.environment)
    # Marked before it is shared: two who share a row and then change it wait for each other, again and again.
    if found is not None and not is_gone(context, found):
        mark_used(context, found)
    return types.to_use(type_id, context.environment)


def _checked(
    requirement: QualificationRequirement, allowed: dict[str, tuple[Range, Range]]
) -> QualificationRequirement:
    integers, places = allowed[requirement.comparator]
    if requirement.qualification_type_id == LOCALE:
        fits = not requirement.integer_values and places.holds(len(requirement.locale_values))
        fits = fits and all(map(_is_place, requirement.locale_values))
    else:
        fits = not requirement.locale_values and integers.holds(len(requirement.integer_values))
    if not fits:
        raise refusals.invalid(_PARAMETER, encode(to_wire(requirement)).decode())
    actions = _actions(requirement)
    return msgspec.structs.replace(
        requirement, actions_guarded=actions, required_to_preview=actions != HITAccessActions.ACCEPT
    )


def _is_place(place: Locale) -> bool:
    """Say whether it can be a country, or a state of the US; which two letters name one is not looked up."""
    if not _TWO_LETTERS.fullmatch(place.country):
        return False
    return place.subdivision is None or (place.country == "US" and bool(_TWO_LETTERS.fullmatch(place.subdivision)))


def _actions(requirement: QualificationRequirement) -> HITAccessActions:
    given, preview = requirement.actions_guarded, requirement.required_to_preview
    if given is None:
        return HITAccessActions.PREVIEW_AND_ACCEPT if preview else HITAccessActions.ACCEPT
    if preview is not None and preview != (given != HITAccessActions.ACCEPT):
        raise refusals.both_given("RequiredToPreview", "ActionsGuarded")
    return given


def wants_masters(requirements: Sequence[QualificationRequirement]) -> bool:
    """Say whether Masters are required, which costs more."""
    return any(requirement.qualification_type_id in MASTERS for requirement in requirements)


def premium(requirements: Sequence[QualificationRequirement], rules: Rules) -> int:
    """Return the cents that the types which are required cost for each assignment."""
    return sum(rules.premium.get(type_id, 0) for type_id in types_in(requirements))


def canonical(requirements: Sequence[QualificationRequirement]) -> list[Any]:
    """Return them in a form that is the same for equal sets, whatever their order."""
    forms = {
        encode(
            [
                requirement.qualification_type_id,
                requirement.comparator,
                sorted(requirement.integer_values),
                sorted((place.country, place.subdivision or "") for place in requirement.locale_values),
                requirement.actions_guarded,
            ]
        ).decode()
        for requirement in requirements
    }
    return sorted(forms)


def write(requirements: Sequence[QualificationRequirement]) -> str:
    """Write checked requirements for the store."""
    return encode([to_wire(requirement) for requirement in requirements]).decode()


_decode = msgspec.json.Decoder(tuple[QualificationRequirement, ...], strict=False).decode


@lru_cache(maxsize=1024)
def read(text: str) -> tuple[QualificationRequirement, ...]:
    """Read what `write` wrote. Cached, because a HIT is read far more often than a type is made."""
    return _decode(text)
