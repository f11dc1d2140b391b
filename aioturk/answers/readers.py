"""
How a field's annotation is read: types into readers of raw values.

A raw value is what `Answers` hold for a question (a text, or a tuple of several) or a value of JSON. A reader gets it
when it is not blank; what becomes of blank ones, `aioturk.answers.plans` and the collections below decide. An
annotation that nothing here understands is refused when the plan is made: no answer is ever read by a guess.
"""

from __future__ import annotations

import types
from collections import abc
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin

from aioturk.answers.crowd import decoded
from aioturk.answers.field import Field
from aioturk.answers.scalars import MOST, SCALARS, Misfit, Read, choice_of, enum_of, shown, text_of, ticked
from aioturk.errors import AnswerProblem, InvalidRequest

__all__ = ["Annotation", "ModelReader", "is_blank", "json_object", "unwrapped"]

ModelReader = Callable[[Any], Read | None]
"""Finds the reader of JSON objects for a type with fields; None for every other type."""


def is_blank(value: Any) -> bool:
    """Whether a raw value says nothing: missing, empty, white space, or no selection."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, tuple | list) and not value)


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    What is known of a type that was written beside a field.

    Attributes:
        type: The type itself, without notes.
        read: Its reader.
        optional: Whether None is one of its values.
        field: The note that names the question, if there is one.
    """

    type: Any
    read: Read
    optional: bool = False
    field: Field | None = None

    @property
    def is_raw(self) -> bool:
        """Whether values are left as they came, blank ones too."""
        return self.type in (Any, object)

    @classmethod
    def of(cls, annotation: Any, where: str, models: ModelReader) -> Annotation:
        """
        Understand an annotation.

        Args:
            annotation: The annotation, with forward references resolved.
            where: The field, for the error's text.
            models: Finds the reader of types with fields.

        Raises:
            InvalidRequest: It is not of the types that answers can be read as.
        """
        plain, notes = unwrapped(annotation)
        inner, optional = _without_none(plain)
        if inner is not plain:
            inner, more = unwrapped(inner)
            notes += more
        field = next((note for note in notes if isinstance(note, Field)), None)
        read = _checked(_reader(inner, where, models), inner, notes)
        return cls(plain, read, optional or inner in (Any, object), field)


def unwrapped(annotation: Any) -> tuple[Any, list[Any]]:
    """Return a type without the wrappers that say more about it (`Annotated`, `Required`, aliases), and the notes."""
    notes: list[Any] = []
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            notes += annotation.__metadata__
            annotation = annotation.__origin__
        elif getattr(origin, "_name", None) in ("Required", "NotRequired", "ReadOnly", "Final"):
            (annotation,) = get_args(annotation)
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":  # Python 3.12's `type` statement
            annotation = annotation.__value__
        else:
            return annotation, notes


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    if get_origin(annotation) is Literal and None in get_args(annotation):
        return annotation, True
    return annotation, False


def _reader(annotation: Any, where: str, models: ModelReader) -> Read:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in (Any, object):
        return lambda value: value
    if origin is Literal:
        return choice_of(option for option in arguments if option is not None)
    if isinstance(annotation, type) and origin is None:
        if annotation in SCALARS:
            return SCALARS[annotation]
        if issubclass(annotation, Enum):
            return enum_of(annotation)
        read = models(annotation)
        if read is not None:
            return read
    if (origin or annotation) in (dict, abc.Mapping):
        return _object_of(annotation, arguments, where, models)
    make = _COLLECTIONS.get(origin or annotation)
    if make is not None:
        return _collection_of(annotation, make, arguments, where, models)
    raise _unsupported(annotation, where)


_COLLECTIONS: dict[Any, Callable[[Sequence[Any]], Any]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    abc.Sequence: tuple,
    abc.Collection: tuple,
    abc.Iterable: tuple,
    abc.Set: frozenset,
}


def _unsupported(annotation: Any, where: str) -> InvalidRequest:
    if get_origin(annotation) in (Union, types.UnionType):
        remedy = "of several types no answer tells which it is: name one, or one and None"
    elif isinstance(annotation, TypeVar):
        remedy = "the type variable has no type: use a class that names it"
    else:
        remedy = (
            "use str, int, float, Decimal, bool, date, time, datetime, an Enum, a Literal, a list, tuple, set or dict "
            "of these, or a class with fields; Any leaves the answer as it is"
        )
    name = annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
    return InvalidRequest(f"{where} is {name}, and no answer can be read as that: {remedy}.")


def _checked(read: Read, annotation: Any, notes: Collection[Any]) -> Read:
    """Return a reader that also minds the bounds in msgspec's notes; those of pydantic it sees to itself."""
    if not any(type(note).__module__ == "msgspec" and type(note).__name__ == "Meta" for note in notes):
        return read
    import msgspec

    kept = tuple(note for note in notes if isinstance(note, msgspec.Meta))
    annotated: Any = Annotated  # takes its notes from a tuple, too; type checkers do not know
    bounded = annotated[(get_origin(annotation) or annotation, *kept)]

    def read_and_check(value: Any) -> Any:
        found = read(value)
        try:
            msgspec.convert(found, bounded)
        except msgspec.ValidationError as error:
            raise Misfit.of(value, f"{shown(value)} breaks a rule: {error}") from None
        return found

    return read_and_check


# Several values.


def _collection_of(
    annotation: Any,
    make: Callable[[Sequence[Any]], Any],
    arguments: tuple[Any, ...],
    where: str,
    models: ModelReader,
) -> Read:
    if make is tuple and arguments and Ellipsis not in arguments and get_origin(annotation) is tuple:
        return _fixed([Annotation.of(each, where, models) for each in arguments])
    item = Annotation.of(arguments[0] if arguments else str, where, models)
    if make in (set, frozenset) and not _is_hashable(item.type):
        raise InvalidRequest(f"{where} is {annotation}, and such values cannot stand in a set: use a list or a tuple.")

    def read(value: Any) -> Any:
        found: list[Any] = []
        problems: list[AnswerProblem] = []
        for place, each in enumerate(_several(value)):
            if is_blank(each) and not item.is_raw:
                if item.optional:
                    found.append(None)
                continue
            try:
                found.append(item.read(each))
            except Misfit as misfit:
                problems += misfit.at(place, item.type)
                if len(problems) >= MOST:
                    break
        if problems:
            raise Misfit(problems)
        try:
            return make(found)
        except TypeError as error:  # a value of a set may turn out to have no hash
            raise Misfit.of(value, f"{shown(value)} was refused: {error}") from error

    return read


def _fixed(items: Sequence[Annotation]) -> Read:
    def read(value: Any) -> tuple[Any, ...]:
        several = _several(value)
        if len(several) != len(items):
            raise Misfit.of(value, f"{shown(value)} holds {len(several)} values, not {len(items)}")
        found: list[Any] = []
        problems: list[AnswerProblem] = []
        for place, (item, each) in enumerate(zip(items, several, strict=True)):
            try:
                if is_blank(each) and not item.optional:
                    raise Misfit.of(None, "it was left blank")
                found.append(None if is_blank(each) else item.read(each))
            except Misfit as misfit:
                problems += misfit.at(place, item.type)
        if problems:
            raise Misfit(problems)
        return tuple(found)

    return read


_MOST_VALUES = 100_000
"""Nobody answers with longer lists, and the millions that a document can hold would take seconds."""


def _several(value: Any) -> Sequence[Any]:
    """Return the values in a raw value: of a selection, a list in JSON or its text, or a text joined with ``|``."""
    several: Sequence[Any]
    if isinstance(value, tuple | list):
        several = value
    elif isinstance(value, str):
        document = decoded(value) if value.lstrip().startswith("[") else None
        several = document if isinstance(document, list) else value.split("|")
    else:
        names = ticked(value)
        several = [text_of(value)] if names is None else names
    if len(several) > _MOST_VALUES:
        raise Misfit.of(value, f"{shown(value)} holds {len(several)} values; at most {_MOST_VALUES} are read")
    return several


def _is_hashable(kind: Any) -> bool:
    kind = get_origin(kind) or kind
    return kind not in (list, set, dict, abc.Mapping) and getattr(kind, "__hash__", None) is not None


def _object_of(annotation: Any, arguments: tuple[Any, ...], where: str, models: ModelReader) -> Read:
    if arguments and arguments[0] is not str:
        raise InvalidRequest(f"{where} is {annotation}, and the names in an answer are texts: use str for the keys.")
    item = Annotation.of(arguments[1] if arguments else Any, where, models)

    def read(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        problems: list[AnswerProblem] = []
        for name, each in json_object(value).items():
            if is_blank(each) and not item.is_raw:
                if item.optional:
                    found[name] = None
                continue
            try:
                found[name] = item.read(each)
            except Misfit as misfit:
                problems += misfit.at(name, item.type)
                if len(problems) >= MOST:
                    break
        if problems:
            raise Misfit(problems)
        return found

    return read


def json_object(value: Any) -> dict[str, Any]:
    """
    Return the JSON object that a raw value is, or is the text of.

    Raises:
        Misfit: It is none.
    """
    document = decoded(value) if isinstance(value, str) else value
    if isinstance(document, dict):
        return document
    raise Misfit.of(value, f"{shown(value)} is not an object in JSON")
