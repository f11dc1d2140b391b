"""Typed answers as a user's type checker sees them: mypy reads this module, nobody runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, assert_type

import attrs
import msgspec
import pydantic

from aioturk import AnswerError, Assignment, Field
from aioturk.answers import JSON, Answers, convert, read_answers
from aioturk.errors import AnswerProblem
from aioturk.models import QualificationRequest


@dataclass
class ADataclass:
    """A type of answers."""

    age: int
    notes: Annotated[str, Field("AdditionalNotes")] = ""


@attrs.define
class AnAttrsClass:
    """A type of answers."""

    age: int


class AStruct(msgspec.Struct):
    """A type of answers."""

    age: int


class AModel(pydantic.BaseModel):
    """A type of answers."""

    age: int


class ADictionary(TypedDict):
    """A type of answers."""

    age: int


def typed(assignment: Assignment, request: QualificationRequest) -> None:
    """What is parsed is of the type that was given."""
    assert_type(assignment.parse(ADataclass), ADataclass)
    assert_type(assignment.parse(AnAttrsClass), AnAttrsClass)
    assert_type(assignment.parse(AStruct), AStruct)
    assert_type(assignment.parse(AModel), AModel)
    assert_type(assignment.parse(ADictionary), ADictionary)
    assert_type(request.parse(ADataclass).notes, str)
    assert_type(convert({"age": "3"}, ADataclass), ADataclass)
    assert_type(convert(assignment.answers, ADictionary), ADictionary)


def untyped(assignment: Assignment, request: QualificationRequest) -> None:
    """The mapping has texts and selections."""
    assert_type(assignment.answers, Answers)
    assert_type(assignment.answers["age"], str | tuple[str, ...])
    assert_type(request.answers.get("age"), str | tuple[str, ...] | None)
    assert_type(read_answers("").other, Mapping[str, str])
    assert_type(read_answers("").nested, Mapping[str, JSON])
    assert_type(read_answers("").original, Answers)


def errors(error: AnswerError) -> None:
    """An error knows what does not fit."""
    assert_type(error.problems, tuple[AnswerProblem, ...])
    assert_type(error.question, str | None)
    assert_type(error.value, Any)
    assert_type(error.assignment_id, str | None)
