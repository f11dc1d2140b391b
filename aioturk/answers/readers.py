"""
How a field's annotation is read: types into readers of raw values.

A raw value is what `Answers` hold for a question (a text, or a tuple of several) or a value of JSON. A reader gets it
when it is not blank; what becomes of blank ones is told beside it. An annotation that nothing here understands is
refused when the plan is made, unless the type's own library reads it: no answer is ever read by a guess.
"""

from __future__ import annotations

import types
from collections import abc
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple, NewType, TypeVar, Union, get_args, get_origin

from aioturk.answers.crowd import JSON_SIZE, decoded
from aioturk.answers.field import Field
from aioturk.answers.scalars import (
    MOST,
    SCALARS,
    Choice,
    Misfit,
    Read,
    choice_of,
    enum_of,
    key_step,
    said,
    shown,
    text_of,
    ticked,
)
from aioturk.errors import AnswerProblem, InvalidRequest

__all__ = ["Annotation", "Library", "is_blank", "json_object", "told"]


class Library(NamedTuple):
    """
    What the library of a class with fields knows, beside the types that are read here.

    Attributes:
        model: Finds the reader of JSON objects for a type with fields; None for every other type.
        reads_more: Whether it takes values of all other types as they came, and refuses what does not fit.
    """

    model: Callable[[Any], Read | None]
    reads_more: bool = False


def is_blank(value: Any) -> bool:
    """Whether a raw value says nothing: missing, empty, white space, or no selection."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is None or (isinstance(value, tuple | list) and not value)


def _selects_nothing(value: Any) -> bool:
    """The same of a value that selects: a group in which nothing is ticked says nothing either."""
    return is_blank(value) or ticked(value) == []


def told(value: Any) -> str:
    """Return a raw value for the text of an error, where it may be blank."""
    return "a blank answer" if is_blank(value) else shown(value)


class _Reading(NamedTuple):
    """
    How raw values of a type are read.

    Attributes:
        read: The reader of those that are not blank.
        blank: What a blank one, or none at all, becomes; None when that is a problem.
        is_blank: Whether one is blank.
    """

    read: Read
    blank: Read | None = None
    is_blank: Callable[[Any], bool] = is_blank


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    What is known of a type that was written beside a field.

    Attributes:
        type: The type itself, without notes.
        read: Its reader.
        blank: What a blank value, or none at all, becomes; None when that is a problem.
        is_blank: Whether a raw value is blank.
        optional: Whether None is one of its values.
        field: The note that names the question, if there is one.
    """

    type: Any
    read: Read
    blank: Read | None
    is_blank: Callable[[Any], bool]
    optional: bool
    field: Field | None

    @classmethod
    def of(cls, annotation: Any, where: str, library: Library) -> Annotation:
        """
        Understand an annotation.

        Args:
            annotation: The annotation, with forward references resolved.
            where: The field, for the error's text.
            library: What else can be read.

        Raises:
            InvalidRequest: It is not of the types that answers can be read as.
        """
        plain, notes = unwrapped(annotation)
        inner, optional = _without_none(plain)
        if inner is not plain:
            inner, more = unwrapped(inner)
            notes += more
        field = next((note for note in notes if isinstance(note, Field)), None)
        read, blank, blankness = _checked(_reading(inner, where, library), inner, notes)
        is_raw = inner in (Any, object)
        if optional and not is_raw:
            blank = _none
        return cls(plain, read, blank, blankness, optional or is_raw, field)


def _none(_value: Any) -> None:
    return None


def _as_it_came(value: Any) -> Any:
    return value


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
        members = get_args(annotation)
        rest = [each for each in members if each is not type(None)]
        return rest[0] if len(rest) == 1 else annotation, len(rest) < len(members)
    if get_origin(annotation) is Literal and None in get_args(annotation):
        return annotation, True
    return annotation, False


def _reading(annotation: Any, where: str, library: Library) -> _Reading:
    try:
        return _known(annotation, where, library)
    except InvalidRequest:
        if not library.reads_more:
            raise
        return _Reading(_as_it_came)


def _known(annotation: Any, where: str, library: Library) -> _Reading:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in (Any, object):
        return _Reading(_as_it_came, _as_it_came)
    if origin is Literal:
        return _choosing(choice_of(option for option in arguments if option is not None))
    if isinstance(annotation, type) and origin is None:
        if annotation in SCALARS:
            return _Reading(SCALARS[annotation])
        if issubclass(annotation, Enum):
            return _choosing(enum_of(annotation))
        read = library.model(annotation)
        if read is not None:
            return _Reading(read)
    if (origin or annotation) in (dict, abc.Mapping):
        return _Reading(_object_of(annotation, arguments, where, library))
    make = _COLLECTIONS.get(origin or annotation)
    if make is not None:
        return _collection_of(annotation, make, arguments, where, library)
    raise _unsupported(annotation, where)


def _choosing(choice: Choice) -> _Reading:
    """A blank is a value only where the empty text is one of the words."""
    blank = (lambda _value: choice.words[""]) if "" in choice.words else None
    return _Reading(choice.read, blank, _selects_nothing)


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
    return InvalidRequest(f"{where} is {name}, and no answer can be read as that: {remedy}.", sending=False)


def _checked(reading: _Reading, annotation: Any, notes: Collection[Any]) -> _Reading:
    """Return a reader that also minds the bounds in msgspec's notes; those of pydantic it sees to itself."""
    if not any(type(note).__module__ == "msgspec" and type(note).__name__ == "Meta" for note in notes):
        return reading
    import msgspec

    kept = tuple(note for note in notes if isinstance(note, msgspec.Meta))
    annotated: Any = Annotated  # takes its notes from a tuple, too; type checkers do not know
    bounded = annotated[(get_origin(annotation) or annotation, *kept)]

    def checking(read: Read) -> Read:
        def read_and_check(value: Any) -> Any:
            found = read(value)
            try:
                msgspec.convert(found, bounded)
            except msgspec.ValidationError as error:
                raise Misfit.of(value, f"{told(value)} breaks a rule: {said(str(error))}") from None
            return found

        return read_and_check

    read, blank, blankness = reading
    return _Reading(checking(read), blank and checking(blank), blankness)


# Several values.


def _collection_of(
    annotation: Any,
    make: Callable[[Sequence[Any]], Any],
    arguments: tuple[Any, ...],
    where: str,
    library: Library,
) -> _Reading:
    if make is tuple and arguments and Ellipsis not in arguments and get_origin(annotation) is tuple:
        return _Reading(_fixed([Annotation.of(each, where, library) for each in arguments]))
    item = Annotation.of(arguments[0] if arguments else str, where, library)
    if make in (set, frozenset) and not _is_hashable(item.type):
        raise InvalidRequest(
            f"{where} is {annotation}, and such values cannot stand in a set: use a list or a tuple.", sending=False
        )

    def read(value: Any) -> Any:
        found: list[Any] = []
        problems: list[AnswerProblem] = []
        for place, each in enumerate(_several(value)):
            read_item: Read | None = item.read
            if item.is_blank(each):
                # Blank texts are left out, but a list of lists keeps the places of its empty ones.
                read_item = item.blank if item.optional or not (each is None or isinstance(each, str)) else None
            if read_item is None:
                continue
            try:
                found.append(read_item(each))
            except Misfit as misfit:
                problems += misfit.at(place, item.type)
                if len(problems) >= MOST:
                    break
        if problems:
            raise Misfit(problems)
        try:
            return make(found)
        except TypeError as error:  # a value of a set may turn out to have no hash
            raise Misfit.of(value, f"{shown(value)} was refused: {said(str(error))}") from error

    return _Reading(read, lambda _value: make(()), _selects_nothing)


def _fixed(items: Sequence[Annotation]) -> Read:
    def read(value: Any) -> tuple[Any, ...]:
        several = _several(value)
        if len(several) != len(items):
            raise Misfit.of(value, f"{shown(value)} holds {len(several)} values, not {len(items)}")
        found: list[Any] = []
        problems: list[AnswerProblem] = []
        for place, (item, each) in enumerate(zip(items, several, strict=True)):
            try:
                read_item = item.blank if item.is_blank(each) else item.read
                if read_item is None:
                    raise Misfit.of(None, "it was left blank")
                found.append(read_item(each))
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
        document = _document(value) if value.lstrip().startswith("[") else None
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


def _object_of(annotation: Any, arguments: tuple[Any, ...], where: str, library: Library) -> Read:
    if arguments and arguments[0] is not str and not library.reads_more:
        raise InvalidRequest(
            f"{where} is {annotation}, and the names in an answer are texts: use str for the keys.", sending=False
        )
    item = Annotation.of(arguments[1] if arguments else Any, where, library)

    def read(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        problems: list[AnswerProblem] = []
        for name, each in json_object(value).items():
            read_item = item.blank if item.is_blank(each) else item.read
            if read_item is None:
                continue
            try:
                found[name] = read_item(each)
            except Misfit as misfit:
                problems += misfit.at(key_step(name), item.type)
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
    document = _document(value) if isinstance(value, str) else value
    if isinstance(document, dict):
        return document
    raise Misfit.of(value, f"{shown(value)} is not an object in JSON")


def _document(text: str) -> Any:
    if len(text) > JSON_SIZE:
        raise Misfit.of(text, f"{shown(text)} is {len(text)} long; at most {JSON_SIZE} characters of JSON are read")
    return decoded(text)
