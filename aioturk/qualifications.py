"""
Who may do a HIT, as expressions: ``Requirement.percent_approved() >= 95``, ``Requirement.locale().in_("US", "GB")``.

Here are the requirements that a HIT has. Qualification types themselves are made, granted and scored by the client's
operations (``create_qualification_type`` and its kin); what a requirement costs is in :mod:`aioturk.pricing`.

A subject (`Number`, `Place`, `Presence`) that is compared with something becomes a `Requirement`, which is a
:class:`~aioturk.models.QualificationRequirement` and is accepted wherever one is.

The rules: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QualificationRequirementDataStructureArticle.html
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, Never, NoReturn, TypeAlias

import msgspec

from aioturk._core import qualification_ids as ids
from aioturk._core.codec import from_wire
from aioturk._core.qualification_ids import PERCENT_ABANDONED, PERCENT_REJECTED, PERCENT_RETURNED, PERCENT_SUBMITTED
from aioturk._generated.shapes import Comparator, HITAccessActions, Locale, QualificationRequirement
from aioturk.errors import InvalidRequest

__all__ = [
    "PERCENT_ABANDONED",
    "PERCENT_REJECTED",
    "PERCENT_RETURNED",
    "PERCENT_SUBMITTED",
    "Number",
    "Place",
    "PlaceLike",
    "Presence",
    "Requirement",
    "check",
]

PlaceLike: TypeAlias = str | tuple[str, str] | Locale
"""A country such as ``"US"``, or a state of the United States as ``"US-CA"`` or ``("US", "CA")``; or a `Locale`."""


class Requirement(QualificationRequirement, kw_only=True, frozen=True):
    """
    What a worker must have to discover, preview or accept a HIT.

    Made by comparing one of the subjects below, not by calling the class::

        requirements = [
            Requirement.percent_approved() >= 95,
            Requirement.number_approved() > 100,
            Requirement.locale().in_("US", "GB"),
            Requirement.qualification(type_id).does_not_exist(),
            Requirement.masters().exists().guarding("preview"),
        ]
        await mturk.create_hit(..., qualification_requirements=requirements)

    All requirements of a HIT have to be met. A worker who lacks a qualification fails every comparison with it, ``!=``
    and ``not_in`` included; only ``does_not_exist()`` is then met. The same subject may be there twice, as for a range.

    Requirements are values: equal when they ask for the same thing, hashable, and neither true nor false.
    """

    @staticmethod
    def percent_approved() -> Number:
        """Return how much of a worker's work was approved, in percent; 100 until a hundred submissions are there."""
        return Number(ids.PERCENT_APPROVED)

    @staticmethod
    def number_approved() -> Number:
        """Return how many assignments of a worker were approved, ever."""
        return Number(ids.NUMBER_APPROVED)

    @staticmethod
    def locale() -> Place:
        """Return where a worker is."""
        return Place(ids.LOCALE)

    @staticmethod
    def masters() -> Presence:
        """
        Return whether a worker is a Master, which costs a higher fee.

        Production and sandbox have different ids for it; the client sends the one of the environment it speaks to.
        """
        return Presence(ids.ANY_MASTERS)

    @staticmethod
    def adult() -> Number:
        """Return whether a worker has agreed to see offensive content: ``adult() == 1``."""
        return Number(ids.ADULT)

    @staticmethod
    def qualification(qualification_type_id: str) -> Number:
        """
        Return a worker's score in a qualification type: one of your own, or any other that is known by its id.

        Four percentages that the service has retired, and old programs still name, have the ids `PERCENT_SUBMITTED`,
        `PERCENT_ABANDONED`, `PERCENT_RETURNED` and `PERCENT_REJECTED`.

        Args:
            qualification_type_id: The type's id.

        Raises:
            InvalidRequest: It is not an id, or the id of what has a method of its own.
        """
        _check_id(qualification_type_id)
        if qualification_type_id in (ids.LOCALE, ids.ANY_MASTERS):
            raise InvalidRequest(
                f"is {qualification_type_id!r}; write Requirement.{_NAMES[qualification_type_id]}.",
                argument="qualification_type_id",
            )
        return Number(qualification_type_id)

    @classmethod
    def read(cls, structure: QualificationRequirement | Mapping[str, Any]) -> Requirement:
        """
        Make a requirement of what the service, or another program, wrote; it is not checked, as it may be older.

        Both ids of Masters become ``masters()``, and the older ``RequiredToPreview`` becomes ``guarding("preview")``.

        Args:
            structure: The structure, such as one of a HIT's ``qualification_requirements``, or its wire form.

        Raises:
            InvalidRequest: It does not have the shape of a requirement.
        """
        if isinstance(structure, Requirement):
            return structure
        found = _structure(structure)
        guarded = found.actions_guarded
        if guarded is None and found.required_to_preview:
            guarded = HITAccessActions.PREVIEW_AND_ACCEPT
        type_id = found.qualification_type_id
        return cls(
            qualification_type_id=ids.ANY_MASTERS if type_id in ids.MASTERS else type_id,
            comparator=found.comparator,
            integer_values=tuple(found.integer_values),
            locale_values=tuple(found.locale_values),
            actions_guarded=_said(guarded),
        )

    def guarding(self, action: Literal["accept", "preview", "discover"]) -> Requirement:
        """
        Return the same requirement, keeping who fails it from more or less.

        Args:
            action: From where on: ``"accept"`` (which it is anyway), ``"preview"``, so that only workers who meet it
                can look into the HIT, or ``"discover"``, so that only they can find it.

        Raises:
            InvalidRequest: It is none of the three.
        """
        if action not in _ACTIONS:
            raise InvalidRequest(f"is {action!r}; write {', '.join(map(repr, _ACTIONS))}.", argument="action")
        return msgspec.structs.replace(self, actions_guarded=_said(_ACTIONS[action]))

    def for_environment(self, environment: Literal["production", "sandbox"]) -> QualificationRequirement:
        """
        Return the service's structure, with the id that Masters have there, for what is not sent by the typed methods.

        Args:
            environment: ``"production"``, or ``"sandbox"`` for that and everything else.

        Raises:
            InvalidRequest: It is neither.
        """
        if environment not in ("production", "sandbox"):
            raise InvalidRequest(f"is {environment!r}; write 'production' or 'sandbox'.", argument="environment")
        type_id = self.qualification_type_id
        if type_id == ids.ANY_MASTERS:
            type_id = ids.masters_of(production=environment == "production")
        return QualificationRequirement(
            qualification_type_id=type_id,
            comparator=self.comparator,
            integer_values=self.integer_values,
            locale_values=self.locale_values,
            actions_guarded=self.actions_guarded,
        )

    def __repr__(self) -> str:
        subject, values = (
            _name(self.qualification_type_id),
            [*self.integer_values, *map(_place_text, self.locale_values)],
        )
        sign, method = _SIGNS.get(self.comparator), _METHODS.get(self.comparator)
        action = next((name for name, guarded in _ACTIONS.items() if _said(guarded) == self.actions_guarded), None)
        if action is None or (sign is None and method is None) or (sign is not None and len(values) != 1):
            return super().__repr__()  # read from elsewhere, and no expression makes it
        text = (
            f"{subject}.{method}({', '.join(map(repr, values))})" if sign is None else f"{subject} {sign} {values[0]!r}"
        )
        if action == "accept":
            return text
        return f"{text if sign is None else f'({text})'}.guarding({action!r})"

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} is neither true nor false: the service judges workers by it. Put requirements in a list, each "
            "comparison by itself: [x >= 5, x <= 7] instead of 5 <= x <= 7, and without `and`, `or`, `not` and `if`."
        )


class _Subject:
    """What a requirement can be about."""

    __slots__ = ("qualification_type_id",)

    def __init__(self, qualification_type_id: str) -> None:
        self.qualification_type_id: str = qualification_type_id

    def exists(self) -> Requirement:
        """Require that a worker has the qualification, whatever its value."""
        return self._with(Comparator.EXISTS)

    def does_not_exist(self) -> Requirement:
        """Require that a worker does not have the qualification: was never granted it, or had it revoked."""
        return self._with(Comparator.DOES_NOT_EXIST)

    def to_structure(self) -> NoReturn:
        """
        Refuse to be sent: a subject alone requires nothing.

        Raises:
            InvalidRequest: Always; it says what is missing.
        """
        raise InvalidRequest(
            f"requires nothing yet: compare it, or ask whether it exists, as in {self._example()}.",
            argument=repr(self),
        )

    def _with(self, comparator: Comparator, numbers: Iterable[int] = (), places: Iterable[Locale] = ()) -> Requirement:
        requirement = Requirement(
            qualification_type_id=self.qualification_type_id,
            comparator=comparator,
            integer_values=tuple(numbers),
            locale_values=tuple(places),
        )
        _check(requirement, repr(self))
        return requirement

    def _example(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        return _name(self.qualification_type_id)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is neither true nor false, and requires nothing yet: {self._example()}.")


class Number(_Subject):
    """A number that workers have, such as a score. Compare it with ``>= > <= < == !=``, `in_` or `not_in`."""

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __ge__(self, number: int) -> Requirement:
        return self._with(Comparator.GREATER_THAN_OR_EQUAL_TO, (number,))

    def __gt__(self, number: int) -> Requirement:
        return self._with(Comparator.GREATER_THAN, (number,))

    def __le__(self, number: int) -> Requirement:
        return self._with(Comparator.LESS_THAN_OR_EQUAL_TO, (number,))

    def __lt__(self, number: int) -> Requirement:
        return self._with(Comparator.LESS_THAN, (number,))

    def __eq__(self, number: int) -> Requirement:  # type: ignore[override]
        return self._with(Comparator.EQUAL_TO, (number,))

    def __ne__(self, number: int) -> Requirement:  # type: ignore[override]
        return self._with(Comparator.NOT_EQUAL_TO, (number,))

    def in_(self, *numbers: int) -> Requirement:
        """Require that a worker has one of these numbers, 1 to 15 of them."""
        return self._with(Comparator.IN, numbers)

    def not_in(self, *numbers: int) -> Requirement:
        """Require that a worker has a number, and none of these, 1 to 15 of them."""
        return self._with(Comparator.NOT_IN, numbers)

    def _example(self) -> str:
        return f"{self!r} == 1"


class Place(_Subject):
    """
    Where workers are. Compare it with ``== !=``, `in_` or `not_in`; places have no order.

    A country stands for all of it: ``!= "US"`` refuses every state. Countries have the two letters of ISO 3166.
    """

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __eq__(self, place: PlaceLike) -> Requirement:  # type: ignore[override]
        return self._among(Comparator.EQUAL_TO, place)

    def __ne__(self, place: PlaceLike) -> Requirement:  # type: ignore[override]
        return self._among(Comparator.NOT_EQUAL_TO, place)

    def in_(self, *places: PlaceLike) -> Requirement:
        """Require that a worker is in one of these places, 1 to 30 of them."""
        return self._among(Comparator.IN, *places)

    def not_in(self, *places: PlaceLike) -> Requirement:
        """Require that a worker is in none of these places, 1 to 30 of them."""
        return self._among(Comparator.NOT_IN, *places)

    def _among(self, comparator: Comparator, *places: PlaceLike) -> Requirement:
        return self._with(comparator, places=[_place(place, repr(self)) for place in places])

    def __ge__(self, place: Never) -> NoReturn:
        self._refuse_order()

    def __gt__(self, place: Never) -> NoReturn:
        self._refuse_order()

    def __le__(self, place: Never) -> NoReturn:
        self._refuse_order()

    def __lt__(self, place: Never) -> NoReturn:
        self._refuse_order()

    def _refuse_order(self) -> NoReturn:
        raise InvalidRequest(
            "has no order; compare it with ==, !=, in_(...) or not_in(...).",
            argument=repr(self),
        )

    def _example(self) -> str:
        return f"{self!r} == 'US'"


class Presence(_Subject):
    """A qualification without a value: workers have it or not. Write ``.exists()`` or ``.does_not_exist()``."""

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def __eq__(self, value: Never) -> NoReturn:  # type: ignore[override]
        self._refuse_value()

    def __ne__(self, value: Never) -> NoReturn:  # type: ignore[override]
        self._refuse_value()

    def __ge__(self, value: Never) -> NoReturn:
        self._refuse_value()

    def __gt__(self, value: Never) -> NoReturn:
        self._refuse_value()

    def __le__(self, value: Never) -> NoReturn:
        self._refuse_value()

    def __lt__(self, value: Never) -> NoReturn:
        self._refuse_value()

    def in_(self, *values: Never) -> NoReturn:
        """
        Refuse: there is no value to compare.

        Raises:
            InvalidRequest: Always.
        """
        self._refuse_value()

    def not_in(self, *values: Never) -> NoReturn:
        """
        Refuse: there is no value to compare.

        Raises:
            InvalidRequest: Always.
        """
        self._refuse_value()

    def _refuse_value(self) -> NoReturn:
        raise InvalidRequest("has no value; write .exists() or .does_not_exist().", argument=repr(self))

    def _example(self) -> str:
        return f"{self!r}.exists()"


def check(
    requirements: Iterable[QualificationRequirement | Mapping[str, Any]], *, most: int = 10
) -> tuple[Requirement, ...]:
    """
    Check the requirements of a HIT before anything is sent, however they were written, and return them.

    Args:
        requirements: Requirements, structures or their wire form.
        most: How many a HIT may have: 10 for the API; the requester web site offered 5.

    Raises:
        InvalidRequest: There are too many, or one breaks a rule; its place in the list is named.
    """
    found = []
    for position, each in enumerate(requirements):
        if isinstance(each, _Subject):
            each.to_structure()
        requirement = Requirement.read(each)
        _check(requirement, f"requirements[{position}]")
        found.append(requirement)
    if len(found) > most:
        raise InvalidRequest(f"are {len(found)}; a HIT has at most {most}.", argument="requirements")
    return tuple(found)


_ID_BYTES = 255

_NAMES: Mapping[str, str] = {
    ids.PERCENT_APPROVED: "percent_approved()",
    ids.NUMBER_APPROVED: "number_approved()",
    ids.LOCALE: "locale()",
    ids.ANY_MASTERS: "masters()",
    ids.ADULT: "adult()",
}

_SIGNS: Mapping[str, str] = {
    Comparator.GREATER_THAN_OR_EQUAL_TO: ">=",
    Comparator.GREATER_THAN: ">",
    Comparator.LESS_THAN_OR_EQUAL_TO: "<=",
    Comparator.LESS_THAN: "<",
    Comparator.EQUAL_TO: "==",
    Comparator.NOT_EQUAL_TO: "!=",
}
_METHODS: Mapping[str, str] = {
    Comparator.IN: "in_",
    Comparator.NOT_IN: "not_in",
    Comparator.EXISTS: "exists",
    Comparator.DOES_NOT_EXIST: "does_not_exist",
}
_ACTIONS: Mapping[str, HITAccessActions] = {
    "accept": HITAccessActions.ACCEPT,
    "preview": HITAccessActions.PREVIEW_AND_ACCEPT,
    "discover": HITAccessActions.DISCOVER_PREVIEW_AND_ACCEPT,
}

_ORDERING = frozenset(
    {
        Comparator.GREATER_THAN_OR_EQUAL_TO,
        Comparator.GREATER_THAN,
        Comparator.LESS_THAN_OR_EQUAL_TO,
        Comparator.LESS_THAN,
    }
)
_EXISTENCE = frozenset({Comparator.EXISTS, Comparator.DOES_NOT_EXIST})
_MEMBERSHIP = frozenset({Comparator.IN, Comparator.NOT_IN})
_MOST_NUMBERS = 15
_MOST_PLACES = 30

# The service's integers have 32 bits.
_ANY_NUMBER = (-(2**31), 2**31 - 1)
_BOUNDS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        (ids.PERCENT_APPROVED, PERCENT_SUBMITTED, PERCENT_ABANDONED, PERCENT_RETURNED, PERCENT_REJECTED), (0, 100)
    ),
    ids.NUMBER_APPROVED: (0, 2**31 - 1),
    ids.ADULT: (0, 1),
}

_COUNTRY = re.compile(r"[A-Z]{2}")


def _name(type_id: str) -> str:
    return f"Requirement.{_NAMES.get(type_id, f'qualification({type_id!r})')}"


def _said(guarded: HITAccessActions | None) -> HITAccessActions | None:
    """Return what has to be said of what is guarded: nothing where it is what the service takes anyway."""
    return None if guarded == HITAccessActions.ACCEPT else guarded


def _structure(given: object) -> QualificationRequirement:
    if isinstance(given, QualificationRequirement):
        return given
    if not isinstance(given, Mapping):
        raise InvalidRequest(
            f"is {type(given).__name__}; give a QualificationRequirement or a mapping with the service's names.",
            argument="structure",
        )
    try:
        return from_wire(QualificationRequirement, dict(given))
    except msgspec.ValidationError as misfit:
        raise InvalidRequest(f"does not have the shape of a requirement: {misfit}.", argument="structure") from None


def _check(requirement: QualificationRequirement, name: str) -> None:
    """
    Check what is compared with what.

    Raises:
        InvalidRequest: A rule is broken.
    """
    comparator, numbers, places = requirement.comparator, requirement.integer_values, requirement.locale_values
    about_places = requirement.qualification_type_id == ids.LOCALE
    if comparator not in _SIGNS and comparator not in _METHODS:
        choices = ", ".join([*_SIGNS, *_METHODS])
        raise InvalidRequest(f"has the comparator {str(comparator)!r}; there are {choices}.", argument=name)
    if about_places and comparator in _ORDERING:
        raise InvalidRequest("has no order; compare it with ==, !=, in_(...) or not_in(...).", argument=name)
    if numbers if about_places else places:
        kind = "places" if about_places else "whole numbers"
        raise InvalidRequest(f"is compared with {_look((*numbers, *places))}; give {kind} alone.", argument=name)
    _check_count(comparator, places if about_places else numbers, _MOST_PLACES if about_places else _MOST_NUMBERS, name)
    for number in numbers:
        _check_number(number, _BOUNDS.get(requirement.qualification_type_id, _ANY_NUMBER), name)
    for place in places:
        _check_place(place, name)


def _check_count(comparator: str, values: tuple[object, ...], most: int, name: str) -> None:
    if comparator in _EXISTENCE:
        if values:
            raise InvalidRequest(f"is compared with {_look(values)} by {comparator}, which takes none.", argument=name)
    elif comparator in _MEMBERSHIP:
        if not 1 <= len(values) <= most:
            raise InvalidRequest(
                f"is compared with {len(values)} values; give from 1 to {most}, in one requirement.", argument=name
            )
    elif len(values) != 1:
        raise InvalidRequest(f"is compared with {len(values)} values by {comparator}, which takes one.", argument=name)


def _check_id(given: object) -> None:
    if not isinstance(given, str) or not 0 < len(given.encode("utf-8", "surrogatepass")) <= _ID_BYTES:
        raise InvalidRequest(
            f"is {_look(given)}; give a type's id, a string of 1 to {_ID_BYTES} bytes.",
            argument="qualification_type_id",
        )


def _check_number(given: object, bounds: tuple[int, int], name: str) -> None:
    if not isinstance(given, int) or isinstance(given, bool):
        raise InvalidRequest(f"is compared with {_look(given)}; {_remedy(given, 'a whole number')}.", argument=name)
    least, most = bounds
    if not least <= given <= most:
        raise InvalidRequest(f"is compared with {_look(given)}, and is always from {least} to {most}.", argument=name)


def _place(given: object, name: str) -> Locale:
    """Read a place; whether there can be one of that name is looked at later."""
    if isinstance(given, Locale):
        return given
    parts = given.split("-") if isinstance(given, str) else given
    match parts:
        case [str(country)] if isinstance(given, str):
            return Locale(country=country)
        case [str(country), str(state)] if not isinstance(given, list):
            return Locale(country=country, subdivision=state)
    remedy = _remedy(given, "a place, as in 'US', 'US-CA' or ('US', 'CA')")
    raise InvalidRequest(f"is compared with {_look(given)}; {remedy}.", argument=name)


def _remedy(given: object, wanted: str) -> str:
    if isinstance(given, _Subject | QualificationRequirement):
        return f"the service compares with fixed values alone: give {wanted}"
    if isinstance(given, Iterable) and not isinstance(given, str | tuple):
        return f"give {wanted}, or several one by one: in_(*values)"
    return f"give {wanted}"


def _look(value: object) -> str:
    """Return a look at a value that is short, however long it is."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python refuses to write the longest numbers out
        return f"<{type(value).__name__}>"


def _check_place(place: Locale, name: str) -> None:
    text = _place_text(place)
    if place.country == "UK":
        raise InvalidRequest("is compared with 'UK'; the United Kingdom is 'GB'.", argument=name)
    if not _COUNTRY.fullmatch(place.country):
        raise InvalidRequest(
            f"is compared with {text!r}; a country is two capital letters of ISO 3166, such as 'US'.", argument=name
        )
    if place.subdivision is None:
        return
    if place.country != "US":
        raise InvalidRequest(
            f"is compared with {text!r}; only the United States are divided: write {place.country!r}.", argument=name
        )
    if not _COUNTRY.fullmatch(place.subdivision):
        raise InvalidRequest(
            f"is compared with {text!r}; a state is two capital letters, as in 'US-CA'.", argument=name
        )


def _place_text(place: Locale) -> str:
    return place.country if place.subdivision is None else f"{place.country}-{place.subdivision}"
