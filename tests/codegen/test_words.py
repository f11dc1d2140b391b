"""
The table of our own sentences: complete, without leftovers, and in the words a user types.

How the sentences are put into docstrings is tested with the renderer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from aioturk import errors
from aioturk._codegen.names import LIST_ITEMS, python_name
from aioturk._codegen.take import load_model
from aioturk._codegen.words import (
    ARGUMENTS,
    ARGUMENTS_OF,
    ENUM_VALUES,
    ENUMS,
    FIELDS,
    FIELDS_OF,
    OPERATIONS,
    STRUCTURES,
    OperationWords,
)

_MODEL = load_model()
_SHAPES: Mapping[str, Mapping[str, Any]] = _MODEL["shapes"]
_OPERATIONS: Mapping[str, Mapping[str, Any]] = _MODEL["operations"]
_INPUTS = {name: _SHAPES[facts["input"]["shape"]] for name, facts in _OPERATIONS.items()}
_OUTPUTS = {facts["output"]["shape"]: _SHAPES[facts["output"]["shape"]] for facts in _OPERATIONS.values()}
_ENUMS = {name: shape["enum"] for name, shape in _SHAPES.items() if "enum" in shape}
_INPUT_NAMES = {facts["input"]["shape"] for facts in _OPERATIONS.values()}

_RESULTS = {
    name: shape["members"]
    for name, shape in _SHAPES.items()
    if shape["type"] == "structure" and not shape.get("exception") and name not in _INPUT_NAMES
}
"""Every structure that can be part of a result or of an argument; errors are written by hand."""

_ARGUMENTS = {(operation, member) for operation, shape in _INPUTS.items() for member in shape["members"]}
_FIELDS = {(structure, member) for structure, members in _RESULTS.items() for member in members}


def _is_met(structure: str) -> bool:
    """Whether users meet the structure: an answer with one plain member is that member."""
    members = _RESULTS[structure]
    holds_list = any(_SHAPES[member["shape"]]["type"] == "list" for member in members.values())
    return structure not in _OUTPUTS or len(members) > 1 or holds_list


def _texts() -> Iterator[tuple[str, str]]:
    """Every text of the module, with a name for where it stands."""
    for operation, words in OPERATIONS.items():
        yield f"{operation} summary", words.summary
        for number, note in enumerate(words.notes):
            yield f"{operation} note {number}", note
        if words.returns:
            yield f"{operation} returns", words.returns
        for error, cause in words.raises:
            yield f"{operation} raises {error}", cause
    tables: Mapping[str, Mapping[Any, str]] = {
        "argument": ARGUMENTS,
        "argument of": ARGUMENTS_OF,
        "structure": STRUCTURES,
        "field": FIELDS,
        "field of": FIELDS_OF,
        "enum": ENUMS,
        "value": ENUM_VALUES,
    }
    for title, table in tables.items():
        for key, text in table.items():
            yield f"{title} {key}", text


_TEXTS = dict(_texts())


def test_every_operation_has_its_words() -> None:
    """The operations are those of the model, no more and no fewer."""
    assert set(OPERATIONS) == set(_OPERATIONS)


def test_every_argument_has_its_words() -> None:
    """A request member is explained by its operation's own words or by the general ones."""
    assert {(operation, member) for operation, member in _ARGUMENTS if member not in ARGUMENTS} <= set(ARGUMENTS_OF)


def test_no_words_are_left_over_for_arguments() -> None:
    """Special words belong to a request member, and general words are used by at least one."""
    assert set(ARGUMENTS_OF) <= _ARGUMENTS
    assert set(ARGUMENTS) == {member for _, member in _ARGUMENTS - set(ARGUMENTS_OF)} & set(ARGUMENTS)


def test_every_structure_has_its_words() -> None:
    """Structures that users meet are explained, and no others."""
    assert set(STRUCTURES) == {name for name in _RESULTS if _is_met(name)} | set(LIST_ITEMS.values())


def test_every_field_has_its_words() -> None:
    """A member is explained by its structure's own words or by the general ones."""
    assert {(structure, member) for structure, member in _FIELDS if member not in FIELDS} <= set(FIELDS_OF)


def test_no_words_are_left_over_for_fields() -> None:
    """Special words belong to a member, and general words are used by at least one."""
    assert set(FIELDS_OF) <= _FIELDS
    assert set(FIELDS) == {member for _, member in _FIELDS - set(FIELDS_OF)} & set(FIELDS)


def test_special_words_differ_from_the_general_ones() -> None:
    """Nothing is said twice where once would do."""
    assert [key for key, text in ARGUMENTS_OF.items() if ARGUMENTS.get(key[1]) == text] == []
    assert [key for key, text in FIELDS_OF.items() if FIELDS.get(key[1]) == text] == []


def test_every_enumeration_and_value_has_its_words() -> None:
    """Enumerations and their values are those of the model."""
    assert set(ENUMS) == set(_ENUMS)
    assert set(ENUM_VALUES) == {(name, value) for name, values in _ENUMS.items() for value in values}


@pytest.mark.parametrize("operation", sorted(_OPERATIONS))
def test_results_are_described_where_there_are_any(operation: str) -> None:
    """An operation says what it returns if, and only if, its answer has members."""
    answer = _SHAPES[_OPERATIONS[operation]["output"]["shape"]]
    assert bool(OPERATIONS[operation].returns) is bool(answer["members"])


@pytest.mark.parametrize(("operation", "words"), OPERATIONS.items())
def test_summaries_are_one_short_sentence(operation: str, words: OperationWords) -> None:
    """A summary is a single sentence that fits on a docstring's line."""
    assert len(words.summary) <= 95
    assert words.summary.count(".") == 1


@pytest.mark.parametrize(("operation", "words"), OPERATIONS.items())
def test_errors_exist_and_come_once(operation: str, words: OperationWords) -> None:
    """Every error that is named is a class of `aioturk.errors` for an answer of the service."""
    names = [name for name, _ in words.raises]
    assert len(set(names)) == len(names)
    for name in names:
        assert name in errors.__all__
        assert issubclass(getattr(errors, name), errors.ServiceError)


@pytest.mark.parametrize("operation", sorted(_OPERATIONS))
def test_token_operations_name_the_error_of_a_used_token(operation: str) -> None:
    """Who passes a token can read which error says that it was used before."""
    takes_token = "UniqueRequestToken" in _INPUTS[operation]["members"]
    named = {name for name, _ in OPERATIONS[operation].raises}
    assert not takes_token or named & {"HITAlreadyExists", "DuplicateCall"}


def _offenders(is_wrong: Callable[[str], object]) -> dict[str, str]:
    """The texts that break a rule, by the place where they stand."""
    return {where: text for where, text in _TEXTS.items() if is_wrong(text)}


def test_texts_are_whole_sentences() -> None:
    """A text opens like a sentence and ends with a full stop."""
    assert _offenders(lambda text: not re.fullmatch(r"[A-Z0-9`].*\.", text)) == {}


def test_pieces_of_texts_are_joined_with_one_blank() -> None:
    """Texts are written in several literals; no blank between them is missing or doubled, no comma forgotten."""
    assert _offenders(lambda text: re.search(r"\s\s|\n|[a-z0-9`][.;:,][A-Za-z`]|\w``\w", text)) == {}


def test_code_in_texts_stands_between_double_backquotes() -> None:
    """Backquotes come in matching pairs of two."""
    assert _offenders(lambda text: "`" in re.sub(r"``[^`]+``", "", text)) == {}


_VALUES = {value for values in _ENUMS.values() for value in values}
_MEMBERS = {member for _, member in _ARGUMENTS | _FIELDS}
_CAMEL_CASE = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")
_AS_ON_THE_WIRE = set(_SHAPES) | _VALUES | set(errors.__all__) | {"HITs"}
"""Classes and values that Python writes as the wire does, and the plain plural."""


def test_texts_name_things_as_python_does() -> None:
    """A wire name that has a Python name does not occur: ``lifetime``, never ``LifetimeInSeconds``."""
    wire_names = {name for name in {*_OPERATIONS, *_MEMBERS} if _CAMEL_CASE.search(name)} - _AS_ON_THE_WIRE
    assert _offenders(lambda text: wire_names & set(re.findall(r"\w+", text))) == {}


def test_python_names_in_texts_exist() -> None:
    """Whatever snake-case name a text mentions is an operation or a member."""
    known = {python_name(name) for name in {*_OPERATIONS, *_MEMBERS}}
    assert _offenders(lambda text: set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text)) - known) == {}


def test_values_in_texts_exist() -> None:
    """Whatever capitalised word stands as code is a value of an enumeration, or a class by its own name."""
    questions = {"ExternalQuestion", "HITLayout", "HTMLQuestion", "QuestionForm", "QuestionFormAnswers"}
    known = _VALUES | questions | {"Decimal", "KnownAnswerScore", "US"}
    assert _offenders(lambda text: set(re.findall(r"``([A-Z]\w*)``", text)) - known) == {}
