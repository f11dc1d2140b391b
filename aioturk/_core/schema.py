"""
The service's data model as values: shapes, members, operations, and what a document breaks of it.

The values are filled in by :mod:`aioturk._generated.tables`. The client reads them to convert arguments
(:mod:`aioturk._core.arguments`), the marketplace to judge requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from aioturk._core.repetition import RetryClass

__all__ = ["Kind", "Limit", "Member", "Operation", "Rule", "Shape", "Violation", "pattern_of", "violations"]


class Kind(Enum):
    """What a value is on the wire."""

    STRING = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    LIST = "list"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    A bound that the service checks although the model does not carry it.

    Attributes:
        minimum: The smallest permitted size or number.
        maximum: The largest permitted size or number.
        unit: What is counted: ``"characters"``, ``"bytes"`` (UTF-8), ``"seconds"``, ``"items"``, or ``""`` for the
            number itself.
    """

    minimum: int | None
    maximum: int | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """
    A member of a structure.

    Attributes:
        wire: The service's name, ``"HITTypeId"``.
        python: Ours, ``"hit_type_id"``.
        shape: The name of its shape.
        required: Whether the model demands it.
        limit: A bound beyond the model's.
        always: Whether an answer carries it even when it is empty (lists only).
    """

    wire: str
    python: str
    shape: str
    required: bool = False
    limit: Limit | None = None
    always: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A type of the service's model.

    Attributes:
        name: The service's name.
        kind: What it is on the wire.
        minimum: Least length of a string, or least number.
        maximum: Greatest length of a string, or greatest number.
        pattern: Regular expression that the whole string has to match.
        values: The words of an enumeration.
        item: The shape of a list's items.
        members: A structure's members, in the model's order.
    """

    name: str
    kind: Kind
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    values: tuple[str, ...] = ()
    item: str | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """
    One of the service's operations.

    Attributes:
        name: The service's name, ``"CreateHIT"``.
        python: Ours, ``"create_hit"``.
        request: The structure that it takes.
        response: The structure that it answers with.
        result: The Python name of the answer's only member, if it has just one.
        has_output: Whether the answer has any members.
        retry_class: What may be done after an attempt that may have taken effect.
        takes_token: Whether it takes a ``UniqueRequestToken``.
    """

    name: str
    python: str
    request: Shape = field(repr=False)
    response: Shape = field(repr=False)
    retry_class: RetryClass
    result: str | None = None
    has_output: bool = True
    takes_token: bool = False


class Rule(Enum):
    """The rules of the model that a document can break."""

    REQUIRED = "Member must not be null"
    TYPE = "Member has the wrong type"
    SHORT = "Member must have length greater than or equal to {bound}"
    LONG = "Member must have length less than or equal to {bound}"
    SMALL = "Member must have value greater than or equal to {bound}"
    LARGE = "Member must have value less than or equal to {bound}"
    PATTERN = "Member must satisfy regular expression pattern: {bound}"
    VALUES = "Member must satisfy enum value set: [{bound}]"


@dataclass(frozen=True, slots=True)
class Violation:
    """
    One broken rule.

    Attributes:
        path: Member names and list positions (from 1) that lead to the value.
        rule: The broken rule.
        value: The offending value; None when it is missing.
        bound: The bound, pattern or words of the rule.
    """

    path: tuple[str | int, ...]
    rule: Rule
    value: Any
    bound: int | str | None = None


@lru_cache(maxsize=64)
def pattern_of(text: str) -> re.Pattern[str]:
    """Return the model's pattern, compiled; use it with ``fullmatch``."""
    return re.compile(text)


def violations(shapes: Mapping[str, Shape], shape: Shape, document: Any) -> Iterator[Violation]:
    """
    Yield every rule of the model that a JSON document breaks, in the model's order.

    Members that the model does not know are passed over, as the service does; ``null`` counts as missing.

    Args:
        shapes: All shapes by name.
        shape: The shape the document should have.
        document: The decoded JSON value.
    """
    yield from _judge(shapes, shape, document, ())


_JSON_TYPES: Mapping[Kind, tuple[type, ...]] = {
    Kind.STRING: (str,),
    Kind.INTEGER: (int, float),
    Kind.BOOLEAN: (bool,),
    Kind.TIMESTAMP: (int, float, str),
    Kind.LIST: (list,),
    Kind.STRUCTURE: (dict,),
}


def _judge(shapes: Mapping[str, Shape], shape: Shape, value: Any, path: tuple[str | int, ...]) -> Iterator[Violation]:
    if not _has_type(shape.kind, value):
        yield Violation(path, Rule.TYPE, value, shape.kind.value)
    elif shape.kind is Kind.STRUCTURE:
        for member in shape.members:
            inner = value.get(member.wire)
            if inner is not None:
                yield from _judge(shapes, shapes[member.shape], inner, (*path, member.wire))
            elif member.required:
                yield Violation((*path, member.wire), Rule.REQUIRED, None)
    elif shape.kind is Kind.LIST:
        assert shape.item is not None
        for position, item in enumerate(value, 1):
            yield from _judge(shapes, shapes[shape.item], item, (*path, position))
    elif shape.kind is Kind.STRING:
        yield from _judge_text(shape, value, path)
    elif shape.kind is Kind.INTEGER:
        if shape.minimum is not None and value < shape.minimum:
            yield Violation(path, Rule.SMALL, value, shape.minimum)
        if shape.maximum is not None and value > shape.maximum:
            yield Violation(path, Rule.LARGE, value, shape.maximum)


def _judge_text(shape: Shape, value: str, path: tuple[str | int, ...]) -> Iterator[Violation]:
    if shape.minimum is not None and len(value) < shape.minimum:
        yield Violation(path, Rule.SHORT, value, shape.minimum)
    if shape.maximum is not None and len(value) > shape.maximum:
        yield Violation(path, Rule.LONG, value, shape.maximum)
    if shape.pattern is not None and pattern_of(shape.pattern).fullmatch(value) is None:
        yield Violation(path, Rule.PATTERN, value, shape.pattern)
    if shape.values and value not in shape.values:
        yield Violation(path, Rule.VALUES, value, ", ".join(shape.values))


def _has_type(kind: Kind, value: Any) -> bool:
    if isinstance(value, bool):  # a bool is an int to Python, not to JSON
        return kind is Kind.BOOLEAN
    if kind is Kind.INTEGER and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _JSON_TYPES[kind])
