"""
What answers a question of a form takes: a text, with its constraints, or selections.

Browsers see to the constraints; the service does not, so an answer that arrives may break them. Answers themselves are
in `aioturk.answers`, the questions in `aioturk.questions.elements`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, cast, get_args

from aioturk._core.xml import XMLError, escape
from aioturk.questions._element import (
    BrokenRule,
    Element,
    check_all,
    check_filled,
    check_number,
    check_one,
    check_text,
    check_unique,
    obey,
    put,
    several,
)
from aioturk.questions._schema import INT, one_of, shown
from aioturk.questions.content import Binary, FormattedContent, Text

__all__ = [
    "ERROR_TEXT",
    "NOT_NEGATIVE",
    "POSITIVE",
    "SINGLE_STYLES",
    "STYLES",
    "AnswerFormatRegex",
    "AnswerSpecification",
    "FreeTextAnswer",
    "IsNumeric",
    "Length",
    "OtherSelection",
    "Selection",
    "SelectionAnswer",
    "Style",
    "check_bounds",
    "check_counts",
    "check_flags",
]

POSITIVE = range(1, INT.stop)
NOT_NEGATIVE = range(INT.stop)

ERROR_TEXT = "Invalid input supplied."
"""What workers read about a text that does not match, unless the form says otherwise."""

Style: TypeAlias = Literal["radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser"]
"""How selections are shown."""

STYLES: tuple[Style, ...] = get_args(Style)
SINGLE_STYLES = ("radiobutton", "dropdown")
"""The styles that offer one selection only."""


# Texts.


@dataclass(frozen=True, slots=True, repr=False)
class IsNumeric(Element):
    """
    A text has to be a whole number.

    Args:
        min_value: The least number, if there is one.
        max_value: The greatest number, if there is one.
    """

    _NAME: ClassVar[str] = "IsNumeric"

    min_value: int | None = None
    max_value: int | None = None

    def _xml(self) -> str:
        return f"<IsNumeric{_bound('minValue', self.min_value)}{_bound('maxValue', self.max_value)}/>"

    def _check(self) -> None:
        _check_bound("attribute minValue", self.min_value, INT)
        _check_bound("attribute maxValue", self.max_value, INT)
        obey("", check_bounds, "minValue", self.min_value, "maxValue", self.max_value)


@dataclass(frozen=True, slots=True, repr=False)
class Length(Element):
    """
    How long a text has to be.

    Args:
        min_length: The least number of characters, if there is one. From 1 on, the question has to be answered.
        max_length: The greatest number of characters, if there is one; at least 1.
    """

    _NAME: ClassVar[str] = "Length"

    min_length: int | None = None
    max_length: int | None = None

    def _xml(self) -> str:
        return f"<Length{_bound('minLength', self.min_length)}{_bound('maxLength', self.max_length)}/>"

    def _check(self) -> None:
        _check_bound("attribute minLength", self.min_length, NOT_NEGATIVE)
        _check_bound("attribute maxLength", self.max_length, POSITIVE)
        obey("", check_bounds, "minLength", self.min_length, "maxLength", self.max_length)


@dataclass(frozen=True, slots=True, repr=False)
class AnswerFormatRegex(Element):
    r"""
    A pattern that a text has to match.

    Args:
        regex: The pattern, in JavaScript's syntax, such as ``^\d{5}$``. Nothing here ever runs it.
        error_text: What a worker reads when the text does not match.
        flags: ``i`` to ignore case; there is no other.
    """

    _NAME: ClassVar[str] = "AnswerFormatRegex"

    regex: str
    error_text: str = field(default=ERROR_TEXT, kw_only=True)
    flags: Literal["", "i"] = field(default="", kw_only=True)

    def _xml(self) -> str:
        error_text = f' errorText="{_attribute(self.error_text)}"' if self.error_text != ERROR_TEXT else ""
        flags = f' flags="{_attribute(self.flags)}"' if self.flags else ""
        return f'<AnswerFormatRegex regex="{_attribute(self.regex)}"{error_text}{flags}/>'

    def _check(self) -> None:
        check_text("attribute regex", self.regex)
        check_text("attribute errorText", self.error_text)
        check_text("attribute flags", self.flags)
        obey("attribute flags", check_flags, self.flags)


@dataclass(frozen=True, slots=True, repr=False, init=False)
class _FreeText(Element):
    is_numeric: IsNumeric | None = field(default=None, kw_only=True)
    length: Length | None = field(default=None, kw_only=True)
    answer_format_regex: tuple[AnswerFormatRegex, ...] = field(default=(), kw_only=True)
    default_text: str = field(default="", kw_only=True)
    number_of_lines_suggestion: int = field(default=1, kw_only=True)

    def __init__(
        self,
        *,
        is_numeric: IsNumeric | bool | None = None,
        length: Length | None = None,
        answer_format_regex: AnswerFormatRegex | str | Iterable[AnswerFormatRegex | str] = (),
        default_text: str = "",
        number_of_lines_suggestion: int = 1,
    ) -> None:
        if isinstance(is_numeric, bool):
            is_numeric = IsNumeric() if is_numeric else None
        put(self, "is_numeric", is_numeric)
        put(self, "length", length)
        put(self, "answer_format_regex", several(answer_format_regex, AnswerFormatRegex))
        put(self, "default_text", default_text)
        put(self, "number_of_lines_suggestion", number_of_lines_suggestion)

    def _xml(self) -> str:
        words = []
        if self.is_numeric is not None or self.length is not None or self.answer_format_regex:
            constraints = (self.is_numeric, self.length, *self.answer_format_regex)
            within = "".join(each._xml() for each in constraints if each is not None)
            words.append(f"<Constraints>{within}</Constraints>")
        if self.default_text:
            words.append(f"<DefaultText>{escape(self.default_text)}</DefaultText>")
        if self.number_of_lines_suggestion != 1:
            words.append(f"<NumberOfLinesSuggestion>{self.number_of_lines_suggestion}</NumberOfLinesSuggestion>")
        return f"<{self._NAME}>{''.join(words)}</{self._NAME}>" if words else f"<{self._NAME}/>"

    def _check(self) -> None:
        if self.is_numeric is not None:
            check_one("IsNumeric", self.is_numeric, (IsNumeric,))
        if self.length is not None:
            check_one("Length", self.length, (Length,))
        if self.answer_format_regex:
            check_all("Constraints", self.answer_format_regex, (AnswerFormatRegex,))
        check_text("DefaultText", self.default_text)
        check_number("NumberOfLinesSuggestion", self.number_of_lines_suggestion, POSITIVE)


@dataclass(frozen=True, slots=True, repr=False, init=False)
class FreeTextAnswer(_FreeText):
    """
    An answer that the worker writes. All constraints are checked by the worker's browser only.

    Args:
        is_numeric: That it has to be a whole number, and between which; True for any.
        length: How long it has to be.
        answer_format_regex: Patterns, one or several, all of which it has to match; strings are patterns.
        default_text: What stands there before the worker writes.
        number_of_lines_suggestion: How many lines to offer.
    """

    _NAME: ClassVar[str] = "FreeTextAnswer"


# Selections.


@dataclass(frozen=True, slots=True, repr=False, init=False)
class OtherSelection(_FreeText):
    """
    A field to write into, below the selections, for those whom none of them suits.

    Args:
        is_numeric: That the text has to be a whole number, and between which; True for any.
        length: How long it has to be.
        answer_format_regex: Patterns, one or several, all of which it has to match; strings are patterns.
        default_text: What stands there before the worker writes.
        number_of_lines_suggestion: How many lines to offer.
    """

    _NAME: ClassVar[str] = "OtherSelection"


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Selection(Element):
    """
    Something to choose.

    Args:
        selection_identifier: What arrives when it is chosen; unique in its question.
        content: What workers see; a string is a `Text`.
    """

    _NAME: ClassVar[str] = "Selection"

    selection_identifier: str
    content: Text | Binary | FormattedContent

    def __init__(self, selection_identifier: str, content: str | Text | Binary | FormattedContent) -> None:
        put(self, "selection_identifier", selection_identifier)
        put(self, "content", Text(content) if isinstance(content, str) else content)

    def _given(self) -> object:
        return self.selection_identifier

    def _xml(self) -> str:
        return (
            f"<Selection><SelectionIdentifier>{escape(self.selection_identifier)}</SelectionIdentifier>"
            f"{self.content._xml()}</Selection>"
        )

    def _check(self) -> None:
        check_filled("SelectionIdentifier", self.selection_identifier)
        check_one("content", self.content, (Text, Binary, FormattedContent))


@dataclass(frozen=True, slots=True, repr=False, init=False)
class SelectionAnswer(Element):
    """
    An answer that the worker chooses.

    Args:
        selections: What there is to choose from. A string is identifier and text in one; a mapping is one from
            identifiers to what workers see.
        min_selection_count: How many have to be chosen.
        max_selection_count: How many may be chosen.
        style_suggestion: How to show them. ``radiobutton`` and ``dropdown`` are for one choice.
        other_selection: A field for another answer; True for one without constraints.
    """

    _NAME: ClassVar[str] = "SelectionAnswer"

    selections: tuple[Selection, ...]
    min_selection_count: int = field(default=1, kw_only=True)
    max_selection_count: int = field(default=1, kw_only=True)
    style_suggestion: Style | None = field(default=None, kw_only=True)
    other_selection: OtherSelection | None = field(default=None, kw_only=True)

    def __init__(
        self,
        selections: Iterable[Selection | str] | Mapping[str, str | Text | Binary | FormattedContent],
        *,
        min_selection_count: int = 1,
        max_selection_count: int = 1,
        style_suggestion: Style | None = None,
        other_selection: OtherSelection | bool | None = None,
    ) -> None:
        if isinstance(other_selection, bool):
            other_selection = OtherSelection() if other_selection else None
        put(self, "selections", _selections(selections))
        put(self, "min_selection_count", min_selection_count)
        put(self, "max_selection_count", max_selection_count)
        put(self, "style_suggestion", style_suggestion)
        put(self, "other_selection", other_selection)

    @property
    def selection_identifiers(self) -> tuple[str, ...]:
        """The identifiers of the selections, in order."""
        return tuple(each.selection_identifier for each in self.selections)

    def _xml(self) -> str:
        least, most, style = self.min_selection_count, self.max_selection_count, self.style_suggestion
        words = ["<SelectionAnswer>"]
        if least != 1:
            words.append(f"<MinSelectionCount>{least}</MinSelectionCount>")
        if most != 1:
            words.append(f"<MaxSelectionCount>{most}</MaxSelectionCount>")
        if style is not None:
            words.append(f"<StyleSuggestion>{escape(style)}</StyleSuggestion>")
        words.append("<Selections>")
        words += [each._xml() for each in self.selections]
        if self.other_selection is not None:
            words.append(self.other_selection._xml())
        words.append("</Selections></SelectionAnswer>")
        return "".join(words)

    def _check(self) -> None:
        check_number("MinSelectionCount", self.min_selection_count, NOT_NEGATIVE)
        check_number("MaxSelectionCount", self.max_selection_count, POSITIVE)
        if self.style_suggestion is not None:
            check_text("StyleSuggestion", self.style_suggestion)
            obey("StyleSuggestion", one_of(*STYLES), self.style_suggestion)
        obey("SelectionAnswer", check_counts, self.min_selection_count, self.max_selection_count, self.style_suggestion)
        check_all("Selections", self.selections, (Selection,))
        obey("Selections", check_unique, self.selection_identifiers, "Selection")
        if self.other_selection is not None:
            check_one("OtherSelection", self.other_selection, (OtherSelection,))
        offered = len(self.selections) + (self.other_selection is not None)
        if self.min_selection_count > offered:
            raise BrokenRule(
                f"is {self.min_selection_count}, and there are {offered} to choose from: nobody could answer",
                "MinSelectionCount",
            )


AnswerSpecification: TypeAlias = FreeTextAnswer | SelectionAnswer
"""What answers a question takes."""


# Rules of documents, too: they raise an `XMLError` that is the rest of a sentence about the element.


def check_flags(flags: str) -> None:
    """
    Check the flags of a pattern.

    Raises:
        XMLError: There are others than the one that there is.
    """
    if flags not in ("", "i"):
        raise XMLError(f'is {shown(flags)}; the only flag is "i"')


def check_counts(least: int, most: int, style: str | None) -> None:
    """
    Check how many selections an answer asks for.

    Raises:
        XMLError: Nobody can choose that many, or its style does not offer that many.
    """
    if least > most:
        raise XMLError(f"asks for at least {least} and at most {most} selections (a count that is left out is 1)")
    if style in SINGLE_STYLES and most > 1:
        raise XMLError(f"has the StyleSuggestion {style} and the MaxSelectionCount {most}; {style} takes 1 at most")


def check_bounds(lower: str, least: int | None, upper: str, most: int | None) -> None:
    """
    Check that there is something between two bounds of these names.

    Raises:
        XMLError: There is nothing.
    """
    if least is not None and most is not None and least > most:
        raise XMLError(f"has the {lower} {least} and the {upper} {most}; no answer can be both")


# What the values lean on.


def _selections(
    given: Iterable[Selection | str] | Mapping[str, str | Text | Binary | FormattedContent],
) -> tuple[Selection, ...]:
    if isinstance(given, Mapping):
        pairs = cast("Mapping[str, Any]", given).items()
        return tuple(Selection(identifier, content) for identifier, content in pairs)
    return several(given, lambda word: Selection(word, word))


def _bound(name: str, value: int | None) -> str:
    return "" if value is None else f' {name}="{value}"'


def _attribute(text: str) -> str:
    """Return text ready to stand in an attribute, where parsers turn bare line feeds and tabs into spaces."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _check_bound(name: str, value: int | None, numbers: range) -> None:
    if value is not None:
        check_number(name, value, numbers)
