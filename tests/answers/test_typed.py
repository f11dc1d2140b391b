"""Typed answers: what each type takes and what it refuses, in every kind of class, and all problems at once."""

from __future__ import annotations

import copy
import pickle
from collections import abc
from collections.abc import Callable, Mapping
from dataclasses import InitVar, dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, Optional, Required, TypedDict, TypeVar

import attrs
import msgspec
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import AnswerError, Field, InvalidRequest
from aioturk.answers import Answer, Answers, convert, read_answers, write_answers

T = TypeVar("T")
UserId = NewType("UserId", str)


class Mood(Enum):
    """Values of several types, one of which is another's name."""

    HAPPY = "happy"
    SAD = 2
    swapped = "HAPPY"


class Level(IntEnum):
    """Numbers."""

    LOW = 1
    HIGH = 2


class Unsure(Enum):
    """Nothing at all is one of the values."""

    NEITHER = ""
    YES = "yes"


class Country(StrEnum):
    """An enumeration that reads more than its members' values."""

    GB = "GB"

    @classmethod
    def _missing_(cls, value: object) -> Country | None:
        if value == "explode":
            raise KeyError(value)
        if value == "swear":
            raise ValueError("you\nsaid\x1b it")
        return cls.GB if str(value).upper() == "UK" else None


class Flags(Flag):
    """Flags, which could be made of any number."""

    A = 1
    B = 2


def as_field(kind: Any, value: Any) -> Any:
    """Read a value as a field of a type."""
    made = type("Made", (), {"__annotations__": {"x": kind}})
    return convert({"x": value}, dataclass(made)).x


def crowd_field(kind: Any, value: Any) -> Any:
    """Read a value of a crowd-form as a field of a type."""
    made = type("Made", (), {"__annotations__": {"x": kind}})
    text = msgspec.json.encode([{"x": value}]).decode()
    return convert(read_answers(write_answers({"taskAnswers": text})), dataclass(made)).x


def problem(read: Callable[[], object]) -> str:
    """Return the text of the only problem."""
    with pytest.raises(AnswerError) as caught:
        read()
    (found,) = caught.value.problems
    return found.text


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (str, "  as typed \n", "  as typed \n"),
        (str, "a|b", "a|b"),
        (str, ("one",), "one"),
        (UserId, "A1", "A1"),
        (int, "42", 42),
        (int, " 42\n", 42),
        (int, "-7", -7),
        (int, "+7", 7),
        (int, "007", 7),
        (int, "\uff13\uff16", 36),
        (int, "9" * 100, int("9" * 100)),
        (int, ("3",), 3),
        (float, "1.5", 1.5),
        (float, ".5", 0.5),
        (float, "5.", 5.0),
        (float, "-1e3", -1000.0),
        (Decimal, " 0.10 ", Decimal("0.10")),
        (Decimal, "1e2", Decimal("1e2")),
        (bool, "true", True),
        (bool, "1", True),
        (bool, "Yes", True),
        (bool, "on", True),
        (bool, "FALSE", False),
        (bool, "0", False),
        (bool, "no", False),
        (bool, "off", False),
        (date, " 2026-11-30", date(2026, 11, 30)),
        (time, "14:30", time(14, 30)),
        (time, "14:30:05.5", time(14, 30, 5, 500000)),
        (datetime, "2026-11-30T14:30", datetime(2026, 11, 30, 14, 30)),
        (datetime, "2026-11-30 14:30:01", datetime(2026, 11, 30, 14, 30, 1)),
        (datetime, "2026-11-30t14:30z", datetime(2026, 11, 30, 14, 30, tzinfo=UTC)),
        (datetime, "2026-11-30T15:30:00+01:00", datetime(2026, 11, 30, 14, 30, tzinfo=UTC)),
        (Mood, "happy", Mood.HAPPY),
        (Mood, " happy ", Mood.HAPPY),
        (Mood, "2", Mood.SAD),
        (Mood, "SAD", Mood.SAD),
        (Mood, "HAPPY", Mood.swapped),
        (Level, "2", Level.HIGH),
        (Country, "uk", Country.GB),
        (Flags, "2", Flags.B),
        (Literal["a", "b c"], "b c", "b c"),
        (Literal["a", 1, True], "1", 1),
        (Literal["a", 1, True], "true", True),
        (Literal[Mood.SAD], "2", Mood.SAD),
        (Literal["a", None], "", None),
        (int | None, "3", 3),
        (int | None, " ", None),
        (Optional[int], None, None),  # noqa: UP045
        (Annotated[int | None, "a note"], "", None),
        (list[int], "1|2", [1, 2]),
        (list[int], ("1", "2"), [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (list[str], "a||b| ", ["a", "b"]),
        (list[str | None], "a||b", ["a", None, "b"]),
        (list, "a|b", ["a", "b"]),
        (set[int], "1|1|2", {1, 2}),
        (frozenset[Mood], "happy|2", frozenset({Mood.HAPPY, Mood.SAD})),
        (tuple[str, ...], "a|b", ("a", "b")),
        (tuple[int, str, Decimal | None], "1|x|", (1, "x", None)),
        (abc.Sequence[int], "1|2", (1, 2)),
        (abc.Set[int], "1|2", frozenset({1, 2})),
        (dict[str, int], '{"a": 1, "b": "2", "c": ""}', {"a": 1, "b": 2}),
        (dict[str, int | None], '{"a": ""}', {"a": None}),
        (Mapping[str, list[int]], '{"a": [1]}', {"a": [1]}),
        (Any, "as it came", "as it came"),
        (Any, "", ""),
        (Any, None, None),
        (Any | None, "", ""),
        (object, ("a",), ("a",)),
        (Literal["", "yes"], "", ""),
        (Literal["", "yes"], " ", ""),
        (Literal["", "yes"], None, ""),
        (Literal["", "yes"] | None, "", None),
        (Unsure, "", Unsure.NEITHER),
        (Unsure, None, Unsure.NEITHER),
        (Annotated[list[int], msgspec.Meta(max_length=1)], "", []),
        (tuple[int, list[str], Literal["", "x"]], "1||", (1, [], "")),
        (dict[str, list[int]], '{"a": [], "b": "", "c": [1]}', {"a": [], "b": [], "c": [1]}),
        (dict[str, Any], '{"a": "", "b": null}', {"a": "", "b": None}),
        (list[list[int]], '[[1], [], "", null]', [[1], []]),
        (list[Literal["", "a"]], "a||", ["a"]),
    ],
)
def test_what_types_take(kind: Any, value: Any, expected: Any) -> None:
    """Each type reads what workers type and forms send."""
    found = as_field(kind, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (int, "forty", "'forty' is not a whole number"),
        (int, "1,000", "whole number"),
        (int, "1_000", "whole number"),
        (int, "1.0", "whole number"),
        (int, "1 000", "whole number"),
        (int, "0x10", "whole number"),
        (int, "9" * 101, "whole number"),
        (int, "1|2", "'1|2' is not a whole number"),
        (int, ("1", "2"), "several answers, '1', '2' cannot be a single value"),
        (float, "nan", "not a number"),
        (float, "-Infinity", "not a number"),
        (float, "1e999", "not a number"),
        (float, "1,5", "not a number"),
        (float, "1" * 101, "not a number"),
        (Decimal, "NaN", "not a number"),
        (Decimal, "1e9999", "not a number"),
        (bool, "maybe", "'maybe' is not one of true, 1, yes, on, false, 0, no, off"),
        (date, "30.11.2026", "not a date such as 2026-11-30"),
        (date, "2026-02-30", "not a date"),
        (date, "20261130", "not a date"),
        (time, "25:00", "not a time such as 14:30"),
        (datetime, "2026-11-30", "not a date and time such as 2026-11-30T14:30"),
        (Mood, "angry", "'angry' is not one of 'happy', '2', 'HAPPY'"),
        (Country, "FR", "'FR' is not one of 'GB'"),
        (Country, "explode", "'explode' is not one of 'GB': 'explode'"),
        (Country, "swear", "'swear' is not one of 'GB': you\\nsaid\\x1b it"),
        (Flags, "3", "'3' is not one of '1', '2'"),
        (Literal[Mood.SAD], "x", "'x' is not one of '2'"),
        (Literal["a"], "b", "'b' is not one of 'a'"),
        (Literal[1], True, "'true' is not one of '1'"),
        (str, ("a", "b"), "several answers"),
        (str, "", "it was left blank, or is missing"),
        (str, " \n", "left blank"),
        (bool, "", "left blank"),
        (tuple[int, str], (), "left blank"),
        (dict[str, int], "", "left blank"),
        (
            Annotated[list[int], msgspec.Meta(min_length=1)],
            "",
            "a blank answer breaks a rule: Expected `array` of length",
        ),
        (tuple[int, int], "1", "'1' holds 1 values, not 2"),
        (tuple[int, int], "1|", "left blank"),
        (dict[str, int], "a", "'a' is not an object in JSON"),
        (dict[str, int], "[1]", "is not an object"),
        (list[dict[str, int]], "[1]", "'1' is not an object in JSON"),
    ],
)
def test_what_types_refuse(kind: Any, value: Any, says: str) -> None:
    """What could mean two things, or nothing, is a problem and never a guess."""
    assert says in problem(lambda: as_field(kind, value))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int, 36, 36),
        (int, 36.0, 36),
        (int, "36", 36),
        (float, 1, 1.0),
        (Decimal, 0.1, Decimal("0.1")),
        (str, 36, "36"),
        (str, True, "true"),
        (bool, True, True),
        (bool, 0, False),
        (bool, {"on": True}, True),
        (bool, {"": False}, False),
        (Level, 2, Level.HIGH),
        (Literal["cat", "dog"], {"cat": True, "dog": False}, "cat"),
        (Mood, {"happy": False, "SAD": True}, Mood.SAD),
        (list[str], {"cat": True, "dog": True, "cow": False}, ["cat", "dog"]),
        (set[str], {"cat": False}, set()),
        (set[str] | None, {"cat": False}, None),
        (Literal["cat", "dog"] | None, {"cat": False, "dog": False}, None),
        (list[str], [], []),
        (tuple[str, ...], None, ()),
        (frozenset[str], "", frozenset()),
        (abc.Sequence[str], [], ()),
        (list[str], ["a", 1], ["a", "1"]),
        (list[int], 3, [3]),
        (int | None, None, None),
        (Any, {"a": ["", None]}, {"a": ["", None]}),
        (dict[str, Any], {"a": ["", None], "b": ""}, {"a": ["", None], "b": ""}),
        (list[Any], [1, "", {}], [1, "", {}]),
    ],
)
def test_what_crowd_forms_send(kind: Any, value: Any, expected: Any) -> None:
    """Values of JSON are read as the texts they stand for; groups of ticks are lists and choices."""
    found = crowd_field(kind, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (int, 1.5, "whole number"),
        (int, True, "'true' is not a whole number"),
        (str, {"a": "b"}, "an object cannot be a single value"),
        (str, ["a"], "a list of 1 cannot be a single value"),
        (bool, {"a": True, "b": False}, "an object cannot be a single value"),
        (Literal["a", "b"], {"a": True, "b": True}, "several answers"),
        (Literal["a", "b"], {"a": False, "b": False}, "it was left blank"),
        (list[str], {"a": "b"}, "an object cannot be a single value"),
        (dict[str, int], [1], "a list of 1 is not an object"),
    ],
)
def test_what_crowd_forms_cannot_mean(kind: Any, value: Any, says: str) -> None:
    """Objects and lists are no single values."""
    assert says in problem(lambda: crowd_field(kind, value))


# Classes.


@dataclass
class Box:
    """A part of a crowd widget's answer."""

    left: int
    label: Literal["cat", "dog"] = "cat"


@dataclass
class AsDataclass:
    """The same fields in every kind of class."""

    age: int
    categories: Annotated[tuple[str, ...], Field("Categories")] = ()
    boxes: list[Box] = field(default_factory=list)
    computed: int = field(default=1, init=False)


@attrs.define
class AsAttrs:
    """The same."""

    age: int
    categories: Annotated[tuple[str, ...], Field("Categories")] = ()
    boxes: list[Box] = attrs.field(factory=list)
    computed: int = attrs.field(default=1, init=False)


class AsStruct(msgspec.Struct):
    """The same."""

    age: int
    categories: Annotated[tuple[str, ...], Field("Categories")] = ()
    boxes: list[Box] = []


class AsModel(pydantic.BaseModel):
    """The same."""

    age: int
    categories: Annotated[tuple[str, ...], Field("Categories")] = ()
    boxes: list[Box] = []


class AsTypedDict(TypedDict):
    """The same, which has no defaults."""

    age: int
    categories: NotRequired[Annotated[tuple[str, ...], Field("Categories")]]
    boxes: NotRequired[list[Box]]


@pytest.mark.parametrize("kind", [AsDataclass, AsAttrs, AsStruct, AsModel, AsTypedDict])
def test_every_kind_of_class(kind: Any) -> None:
    """Fields, other names, nested classes and defaults work alike in all of them."""
    answers: dict[str, Answer] = {
        "age": "36",
        "Categories": "a|b",
        "boxes": '[{"left": 1}, {"left": 2, "label": "dog"}]',
    }
    full = convert(answers, kind)
    wanted = {"age": 36, "categories": ("a", "b"), "boxes": [Box(1), Box(2, "dog")]}
    assert full == (wanted if kind is AsTypedDict else kind(**wanted))
    least = convert({"age": "36", "Categories": " "}, kind)
    assert least == ({"age": 36} if kind is AsTypedDict else kind(age=36))
    with pytest.raises(AnswerError) as caught:
        convert({"age": "x", "boxes": '[{"left": 1}, {"left": "y", "label": "cow"}]'}, kind)
    assert [(each.question, each.value, each.expected) for each in caught.value.problems] == [
        ("age", "x", int),
        ("boxes[1].left", "y", int),
        ("boxes[1].label", "cow", Literal["cat", "dog"]),
    ]


class Partial(TypedDict, total=False):
    """A dictionary that demands one key, as its annotation alone tells."""

    name: Required[str]
    age: int


def test_keys_that_may_be_missing() -> None:
    """Keys are demanded or not as the class says, and its annotations say more exactly."""
    assert convert({"name": "x", "age": ""}, Partial) == {"name": "x"}
    assert problem(lambda: convert({"age": "3"}, Partial)) == "it was left blank, or is missing"


class Renamed(msgspec.Struct, rename="camel"):
    """A struct with other names in documents, and a bound."""

    my_age: Annotated[int, msgspec.Meta(ge=18)]
    given: Annotated[str, Field("Given")] = ""


def test_names_and_bounds_of_structs() -> None:
    """A struct's names for documents and its bounds count; a `Field` counts more."""
    assert convert({"myAge": "18", "Given": "x"}, Renamed) == Renamed(18, "x")
    assert problem(lambda: convert({"myAge": "17"}, Renamed)) == "'17' breaks a rule: Expected `int` >= 18"


@attrs.define
class Private:
    """An attrs class with private attributes."""

    _age: int
    name: str = attrs.field(default="", alias="note", validator=attrs.validators.max_len(3))


def test_names_and_validators_of_attrs() -> None:
    """The names of attrs' arguments count, and its validators speak for the whole."""
    assert convert({"age": "3", "note": "abc"}, Private) == Private(3, "abc")
    assert problem(lambda: convert({"age": "3", "note": "abcd"}, Private)).startswith("Private refused it: ")


class Model(pydantic.BaseModel):
    """A pydantic model with aliases, bounds, types of its own and a validator."""

    age: int = pydantic.Field(alias="Age", ge=18)
    page: pydantic.HttpUrl | None = None
    either: int | str = 0
    note: Annotated[str, Field("Note")] = ""
    choice: str = pydantic.Field(default="", validation_alias=pydantic.AliasChoices("first", "second"))

    @pydantic.field_validator("note")
    @classmethod
    def _no_noise(cls, text: str) -> str:
        if text == "noise":
            raise ValueError("say something")
        return text

    @pydantic.model_validator(mode="after")
    def _no_ninety(self) -> Model:
        if self.age == 90:
            raise ValueError("too round")
        return self


def test_models_of_pydantic() -> None:
    """Aliases name the question; what only pydantic can read, it reads; what it refuses is told by question."""
    model = convert({"Age": "20", "page": "http://x.example/", "either": "a", "Note": "n", "first": "1"}, Model)
    assert model == Model.model_validate(
        {"Age": 20, "page": "http://x.example/", "either": "a", "note": "n", "first": "1"}
    )
    with pytest.raises(AnswerError) as caught:
        convert({"Age": "17", "page": "nowhere", "Note": "noise"}, Model)
    assert [(each.question, each.value) for each in caught.value.problems] == [
        ("Age", "17"),
        ("page", "nowhere"),
        ("Note", "noise"),
    ]
    assert "'17' was refused: Input should be greater than or equal to 18" in str(caught.value)
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)
    assert problem(lambda: convert({"Age": "90"}, Model)) == "Model refused it: Value error, too round"


class ByName(pydantic.BaseModel):
    """A model that is filled by name, whatever its aliases."""

    model_config = pydantic.ConfigDict(validate_by_name=True, validate_by_alias=False)
    age: int = pydantic.Field(alias="Age")


def test_models_filled_by_name() -> None:
    """The alias names the question even then."""
    assert convert({"Age": "3"}, ByName).age == 3


@dataclass
class Tree:
    """A type that holds itself."""

    name: str
    children: list[Tree] = field(default_factory=list)


def test_types_that_hold_themselves() -> None:
    """Trees are read, and one without end is an error like others."""
    assert convert({"name": "a", "children": '[{"name": "b", "children": [{"name": "c"}]}]'}, Tree) == Tree(
        "a", [Tree("b", [Tree("c")])]
    )
    text = '{"name":"x"}'
    for _ in range(8):
        for _ in range(40):
            text = '{"name":"x","children":[' + text + "]}"
        text = '{"name":"x","children":' + msgspec.json.encode(f"[{text}]").decode() + "}"
    with pytest.raises(AnswerError, match="nested too deeply"):
        convert({"name": "a", "children": f"[{text}]"}, Tree)


@dataclass
class Picky:
    """A class whose own code may raise anything."""

    age: int

    def __post_init__(self) -> None:
        """Raise what was asked for."""
        raise [KeyError, ZeroDivisionError, RecursionError, AssertionError][self.age]("x" * 1000)


@pytest.mark.parametrize("number", range(4))
def test_a_class_may_refuse(number: int) -> None:
    """What a class raises about a worker's values is an `AnswerError`, with the cause."""
    with pytest.raises(AnswerError, match=r"Picky refused it: '?xxx") as caught:
        convert({"age": str(number)}, Picky)
    assert isinstance(caught.value.__cause__, (KeyError, ZeroDivisionError, RecursionError, AssertionError))
    assert len(str(caught.value)) < 300


@dataclass
class Ticked:
    """A check box, and a choice with "other"."""

    agreed: bool = False
    sure: bool | None = None
    reason: Literal["money", "fun"] | None = None
    other: Annotated[str, Field("reason", other=True)] = ""


def test_check_boxes_and_other() -> None:
    """A box that is not ticked is not sent: it is the field's default. The text beside "other" has its field."""
    assert convert({"agreed": "on", "sure": "on"}, Ticked) == Ticked(True, True)
    assert convert({}, Ticked) == Ticked(False, None)
    answers = Answers({"reason": ("fun",)}, {"reason": "and glory"})
    assert convert(answers, Ticked) == Ticked(reason="fun", other="and glory")


@dataclass
class Crowd:
    """A crowd-form's fields."""

    sentiment: dict[str, str]
    label: Annotated[str, Field("sentiment.label")]
    box: Box
    left: Annotated[int, Field("box.left")]


def test_nested_and_flattened_names() -> None:
    """A field takes a widget's object, or a part of it by the flattened name."""
    text = '[{"sentiment":{"label":"good"},"box":{"left":3}}]'
    assert convert(read_answers(write_answers({"taskAnswers": text})), Crowd) == Crowd(
        {"label": "good"}, "good", Box(3), 3
    )


def test_all_problems_at_once() -> None:
    """An error tells every problem, in the order of the fields, and cuts what is long."""
    with pytest.raises(AnswerError) as caught:
        convert({"age": "x" * 10_000_000, "boxes": "no"}, AsDataclass)
    error = caught.value
    assert [each.question for each in error.problems] == ["age", "boxes[0]"]
    assert error.value == "x" * 10_000_000
    assert len(str(error)) < 500
    assert str(error).endswith("Nothing was approved or rejected: look at the answer, and decide.")


def test_many_problems_are_not_kept() -> None:
    """A list with any number of wrong values has so many problems, and tells ten."""
    with pytest.raises(AnswerError) as caught:
        convert({"x": "|".join("ab" * 40_000)}, make(list[int]))
    assert len(caught.value.problems) == 100
    assert "and 90 more." in str(caught.value)


@dataclass(frozen=True)
class Frozen:
    """A class that has a hash, and values that may have none."""

    names: list[str]


def test_sets_of_what_has_no_hash() -> None:
    """Whether a value can stand in a set may show only with the value."""
    says = problem(lambda: as_field(set[Frozen], '[{"names": "a"}]'))
    assert says.endswith("was refused: unhashable type: 'list'")


def test_dictionaries_have_an_end_to_their_problems() -> None:
    """Not all problems of a long dictionary are kept."""
    with pytest.raises(AnswerError) as caught:
        as_field(dict[str, int], msgspec.json.encode({str(number): "x" for number in range(1000)}).decode())
    assert len(caught.value.problems) == 100
    assert caught.value.problems[1].question == "x.1"


def test_lists_have_an_end() -> None:
    """A list that no worker made is a problem, and takes no time."""
    assert "holds 1000001 values; at most 100000 are read" in problem(lambda: as_field(list[int], "|" * 1_000_000))


@pytest.mark.parametrize("through", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(through: Any) -> None:
    """The error keeps its problems through copies and pickles."""
    with pytest.raises(AnswerError) as caught:
        convert({"age": "x"}, AsDataclass)
    back = through(caught.value)
    assert (str(back), back.problems, back.question) == (str(caught.value), caught.value.problems, "age")


@pytest.mark.parametrize(
    ("kind", "listed"),
    [(Mood, "'happy', '2', 'HAPPY'"), (Flags, "'1', '2'"), (Literal[Mood.SAD, "a"], "'2', 'a'")],
)
def test_values_are_listed(kind: Any, listed: str) -> None:
    """An error lists an enumeration's values once each; its names, which are taken as well, would only confuse."""
    assert problem(lambda: as_field(kind, "x")) == f"'x' is not one of {listed}"


# Names that workers send.


def test_names_of_workers_are_harmless() -> None:
    """A name in a worker's object can neither begin a line of a log, nor pass for text, nor make it long."""
    names = {
        "plain-word_1": "x.plain-word_1",
        "\x1b[2Jx\nINFO paid": r"x['\x1b[2Jx\nINFO paid']",
        "a: it is fine; b": "x['a: it is fine; b']",
        "a.b": "x['a.b']",
        "": "x['']",
        "\u202egnp.exe": r"x['\u202egnp.exe']",
    }
    for name, way in names.items():
        with pytest.raises(AnswerError) as caught:
            as_field(dict[str, dict[str, int]], msgspec.json.encode({name: {"in": "z"}}).decode())
        assert caught.value.question == f"{way}.in"
        assert f"{way}.in: 'z' is not a whole number" in str(caught.value)
        assert str(caught.value).isprintable()


def test_long_names_of_workers_are_cut() -> None:
    """The name is there, to an extent; the message has less of it, however many problems there are."""
    text = msgspec.json.encode({f"{number}{'k' * 20_000}": "x" for number in range(50)}).decode()
    with pytest.raises(AnswerError) as caught:
        as_field(dict[str, int], text)
    assert len(caught.value.problems) == 50
    assert all(each.question.startswith("x['") and len(each.question) == 1001 for each in caught.value.problems)
    assert len(str(caught.value)) < 4000
    with pytest.raises(AnswerError) as caught:
        as_field(dict[str, dict[str, int]], msgspec.json.encode({"k" * 300_000: {"j" * 300_000: "x"}}).decode())
    assert len(caught.value.question or "") <= 1001


# JSON that is too long.


@pytest.mark.parametrize("kind", [list[str], set[int], dict[str, int], Box, list[list[str]]])
def test_long_json_is_not_read(kind: Any) -> None:
    """A text of megabytes is a problem for what would be read from JSON; it is only a text for `str`."""
    for text in (" [" + "[]," * 400_000 + "[]]", "{" + '"a":1,' * 200_000 + '"left":1}'):
        if kind in (list[str], set[int], list[list[str]]) and text.startswith("{"):
            continue
        assert f"is {len(text)} long; at most 1048576 characters of JSON are read" in problem(
            lambda kind=kind, text=text: as_field(kind, text)  # type: ignore[misc]
        )
        assert as_field(str, text) == text


# Nothing selected.


@dataclass
class Tags:
    """Several selections, without a default and with one, and a choice."""

    tags: list[str]
    kinds: frozenset[str] = frozenset({"cat"})
    size: Literal["small", "large"] = "small"


class TagsOfPydantic(pydantic.BaseModel):
    """The same, with a bound."""

    tags: Annotated[list[str], pydantic.Field(max_length=2)]
    kinds: Annotated[frozenset[str], pydantic.Field(min_length=1)]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"tags": "", "kinds": " ", "size": ""},
        {"tags": (), "kinds": (), "size": ()},
        read_answers(write_answers({"taskAnswers": '[{"tags": [], "kinds": [], "size": null}]'})),
        read_answers(
            write_answers(
                {"taskAnswers": '[{"tags": {"a": false}, "kinds": {"cat": false}, "size": {"small": false}}]'}
            )
        ),
    ],
    ids=["missing", "empty", "no selection", "crowd", "not ticked"],
)
def test_nothing_selected(answers: Mapping[str, Answer]) -> None:
    """It is the default, and without one an empty list, in whichever way it is said."""
    assert convert(answers, Tags) == Tags([])


def test_nothing_selected_where_something_has_to_be() -> None:
    """A class's own bounds count for the empty list, too."""
    says = problem(lambda: convert({}, TagsOfPydantic))
    assert says == "a blank answer was refused: Frozenset should have at least 1 item after validation, not 0"


def test_only_other_was_answered() -> None:
    """A choice that got nothing but a text beside "other" says so, and how to take it."""
    answers = Answers({"reason": ()}, {"reason": "glory"})
    says = problem(lambda: convert(answers, make_named("reason", Literal["money", "fun"])))
    assert says == "only 'other' was answered: a field with Field('reason', other=True) takes that"
    assert convert(answers, make_named("reason", list[str])).reason == []
    blank = Answers({"reason": ()}, {"reason": " "})
    taking = make_named("reason", Annotated[str, Field(other=True)])
    assert convert(answers, taking).reason == "glory"
    assert problem(lambda: convert(blank, taking)) == "it was left blank, or is missing"
    assert problem(lambda: convert(blank, make_named("reason", str))) == "it was left blank, or is missing"


# Types that only pydantic reads.


@dataclass
class Unreadable:
    """A class that answers cannot be read as, though pydantic can make it."""

    data: bytes


class Foreign(pydantic.BaseModel):
    """Types of pydantic's, alone and within others."""

    site: pydantic.AnyUrl | None
    when: int | str | None
    sites: list[pydantic.AnyUrl]
    by_name: dict[str, pydantic.AnyUrl] = {}
    by_number: dict[int, list[bytes]] = {}
    first: Unreadable | None = None
    second: Unreadable | None = None


def test_blanks_of_types_that_only_pydantic_reads() -> None:
    """None and the empty list mean the same in them as in others."""
    for answers in ({}, {"site": "", "when": " ", "sites": ""}):
        assert convert(answers, Foreign) == Foreign(site=None, when=None, sites=[])


def test_lists_of_types_that_only_pydantic_reads() -> None:
    """What is in a list, or in an object, gets to pydantic one by one."""
    url = pydantic.AnyUrl
    answers: dict[str, Answer] = {
        "site": "https://a.example/",
        "when": "5",
        "sites": "https://a.example/|https://b.example/",
        "by_name": '{"a": "https://a.example/"}',
        "by_number": '{"7": ["x", "y"]}',
    }
    assert convert(answers, Foreign) == Foreign(
        site=url("https://a.example/"),
        when="5",
        sites=[url("https://a.example/"), url("https://b.example/")],
        by_name={"a": url("https://a.example/")},
        by_number={7: [b"x", b"y"]},
    )


def test_classes_that_only_pydantic_reads() -> None:
    """A class within, which could not be read here, goes to pydantic as it came, wherever it stands."""
    text = '[{"site": "", "first": {"data": "x"}, "second": {"data": "y"}}]'
    found = convert(read_answers(write_answers({"taskAnswers": text})), Foreign)
    assert (found.first, found.second) == (Unreadable(b"x"), Unreadable(b"y"))
    with pytest.raises(InvalidRequest, match=r"Unreadable\.data is bytes"):
        convert({}, Unreadable)


# What is refused before any answer is looked at.


def make(kind: Any) -> Any:
    """A dataclass with one field, `x`, of a type."""
    return make_named("x", kind)


def make_named(name: str, kind: Any) -> Any:
    """A dataclass with one field of a type."""
    return dataclass(type("Made", (), {"__annotations__": {name: kind}}))


@dataclass
class Needy:
    """A class that needs more than its fields."""

    age: int
    more: InitVar[int]


@dataclass(init=False)
class Handmade:
    """A class whose constructor knows nothing of its fields."""

    age: int

    def __init__(self) -> None:
        """Take nothing."""


class Box2(Generic[T]):
    """No class with fields."""


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (int, "int has no fields that questions could fill"),
        (Box2, "Box2 has no fields"),
        (list[int], "has no fields"),
        (Needy, "Needy cannot be made from answers: what it takes, age, more, is not its fields, age"),
        (Handmade, "Handmade cannot be made from answers: what it takes, nothing, is not its fields, age"),
        (make(int | str), r"Made.x is int | str, and no answer can be read as that: of several types"),
        (make(bytes), "Made.x is bytes, and no answer can be read as that: use str"),
        (make(list[bytes]), "Made.x is bytes"),
        (make(T), "Made.x is ~T"),
        (make(set[list[int]]), "cannot stand in a set"),
        (make(set[Box]), "cannot stand in a set"),
        (make(dict[int, str]), "use str for the keys"),
        (make("Nowhere"), "The annotations of Made cannot be understood: name 'Nowhere' is not defined"),
    ],
)
def test_types_that_no_answer_is(kind: Any, says: str) -> None:
    """A type that answers cannot be read as is refused whatever the answer, and says what to do."""
    for answers in ({}, {"x": "1", "age": "1"}):
        with pytest.raises(InvalidRequest) as caught:
            convert(answers, kind)
        assert says in str(caught.value)
        assert "sent" not in str(caught.value)  # nothing was going to be


# Anything at all.


@dataclass
class Everything:
    """A field of every kind, all optional."""

    a: str | None
    b: int | None
    c: float | None
    d: Decimal | None
    e: bool | None
    f: date | None
    g: datetime | None
    h: Mood | None
    i: Literal["a", 1] | None
    j: list[int] | None
    k: set[str] | None
    m: tuple[int, str] | None
    n: Box | None
    o: list[Box] | None
    p: dict[str, float] | None
    q: Tree | None
    r: Country | None
    s: time | None


ANYTHING = (
    st.text(st.sampled_from('0123456789abeinf.,+-:TZ|[]{}" \n\0é\uff13'))
    | st.text()
    | st.sampled_from(["1", "true", "[]", "{}"])
)
VALUES = st.recursive(
    ANYTHING | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["left", "label", "name", "children", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
QUESTIONS = st.sampled_from("abcdefghijkmnopqrs")


@settings(max_examples=300)
@given(st.dictionaries(QUESTIONS, ANYTHING | st.lists(ANYTHING).map(tuple)))
def test_any_answers_are_a_value_or_an_answer_error(answers: dict[str, Answer]) -> None:
    """Whatever workers wrote, it is a value of the type or an `AnswerError`."""
    check(answers)


@settings(max_examples=300)
@given(st.dictionaries(QUESTIONS, VALUES))
def test_any_crowd_form_is_a_value_or_an_answer_error(fields: dict[str, Any]) -> None:
    """Whatever a crowd-form holds, it is a value of the type or an `AnswerError`."""
    text = msgspec.json.encode([fields]).decode()
    check(read_answers(write_answers({"taskAnswers": text})))


def check(answers: Mapping[str, Answer]) -> None:
    """Read answers as everything."""
    try:
        found = convert(answers, Everything)
    except AnswerError as caught:
        error = caught
    else:
        assert found.b is None or type(found.b) is int
        assert found.c is None or found.c - found.c == 0
        return
    assert error.problems
    assert {each.question[0] for each in error.problems} <= set("abcdefghijkmnopqrs")
