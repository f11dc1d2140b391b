"""
Question forms: reading and checking the documents of questions that the service itself draws, and of tests.

`read_form` checks a whole document by the table `FORM` and returns its outline: which questions it asks, and what
answers they take, without what workers look at. How a test is graded is in `aioturk.questions.answer_key`, what
formatted content may use in `aioturk.questions.formatted`, how a table is applied in `aioturk.questions._schema`.

Beyond its schema a form has to be one that can be answered, and whose answers can be told apart: identifiers are
unique, and no minimum is above its maximum. That the service checks these too was never seen.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aioturk._core.xml import XMLError, local_name, namespace, parse
from aioturk.questions._document import SCHEMAS
from aioturk.questions._schema import (
    INT,
    Attribute,
    Elements,
    Part,
    Text,
    Withdrawn,
    boolean,
    check,
    child,
    children,
    filled,
    one_of,
    shown,
    text_in,
    whole_number,
)
from aioturk.questions.formatted import check_formatted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "FORM",
    "NAMESPACES",
    "AnswerFormat",
    "FormOutline",
    "FreeTextOutline",
    "QuestionOutline",
    "SelectionOutline",
    "check_test",
    "read_form",
]

NAMESPACES = (f"{SCHEMAS}2017-11-06/QuestionForm.xsd", f"{SCHEMAS}2005-10-01/QuestionForm.xsd")
"""The namespace of a form: today's, and the old one, which is taken too."""


# What a form says.


@dataclass(frozen=True, slots=True)
class AnswerFormat:
    """
    A pattern that a text has to match, checked by workers' browsers.

    Args:
        regex: The pattern, in JavaScript's syntax. Nothing here ever runs it.
        error_text: What a worker reads when the text does not match.
        ignores_case: Whether it has the flag ``i``.
    """

    regex: str
    error_text: str = "Invalid input supplied."
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class FreeTextOutline:
    """
    What a text has to be. Browsers see to it, so a text that arrives may still be something else.

    Args:
        is_numeric: Whether it has to be a whole number.
        min_value: The least such number, if there is one.
        max_value: The greatest such number, if there is one.
        min_length: The least number of characters.
        max_length: The greatest number of characters, if there is one.
        formats: The patterns, all of which it has to match.
        default_text: What stands there before the worker writes.
        lines: How many lines to offer.
    """

    is_numeric: bool = False
    min_value: int | None = None
    max_value: int | None = None
    min_length: int = 0
    max_length: int | None = None
    formats: tuple[AnswerFormat, ...] = ()
    default_text: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class SelectionOutline:
    """
    What there is to choose from.

    Args:
        identifiers: The selections' identifiers, in order.
        other: What may be written beside "other", if that is offered.
        least: How many have to be selected.
        most: How many may be selected.
        style: How to show it, if the form says.
    """

    identifiers: tuple[str, ...]
    other: FreeTextOutline | None = None
    least: int = 1
    most: int = 1
    style: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionOutline:
    """
    One question of a form.

    Args:
        identifier: Its identifier, unique in the form.
        answer: What answers it takes: a text, or selections.
        display_name: What to call it, if the form says.
        required: Whether it has to be answered: because the form says so, or because its text may not be empty.
    """

    identifier: str
    answer: FreeTextOutline | SelectionOutline
    display_name: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FormOutline:
    """
    The questions of a form.

    Args:
        questions: The questions, in order. There may be none: a form may consist of overviews alone.
    """

    questions: tuple[QuestionOutline, ...]


# Reading.


def check_test(xml: str) -> FormOutline:
    """
    Check the document of a qualification test, which has to be a QuestionForm.

    Raises:
        XHTMLError: Formatted content in it uses what it may not.
        XMLError: It is not a QuestionForm document.
    """
    root = parse(xml)
    if local_name(root) != "QuestionForm":
        raise XMLError(f"the root is {local_name(root)}; a test has to be a QuestionForm")
    return read_form(root)


def read_form(root: Element) -> FormOutline:
    """
    Check a QuestionForm element and everything in it, and return its questions.

    Raises:
        XHTMLError: Formatted content in it uses what it may not.
        XMLError: It is not a QuestionForm; the text names the place.
    """
    if namespace(root) not in NAMESPACES or local_name(root) != "QuestionForm":
        raise XMLError(
            f"the root is {local_name(root)} in the namespace {shown(namespace(root))}; "
            f"it has to be QuestionForm in {NAMESPACES[0]}"
        )
    check(root, FORM)
    return FormOutline(tuple(map(_question, children(root, "Question"))))


def _question(element: Element) -> QuestionOutline:
    answer = _answer(_demanded(element, "AnswerSpecification")[0])
    says_so = (text_in(element, "IsRequired") or "").strip() in ("true", "1")
    return QuestionOutline(
        identifier=text_in(element, "QuestionIdentifier") or "",
        answer=answer,
        display_name=text_in(element, "DisplayName"),
        required=says_so or (isinstance(answer, FreeTextOutline) and answer.min_length > 0),
    )


def _answer(element: Element) -> FreeTextOutline | SelectionOutline:
    if local_name(element) == "FreeTextAnswer":
        return _free_text(element)
    selections = _demanded(element, "Selections")
    other = child(selections, "OtherSelection")
    return SelectionOutline(
        identifiers=tuple(_identifiers(children(selections, "Selection"), "SelectionIdentifier")),
        other=None if other is None else _free_text(other),
        least=_number(text_in(element, "MinSelectionCount"), 1),
        most=_number(text_in(element, "MaxSelectionCount"), 1),
        style=text_in(element, "StyleSuggestion"),
    )


def _free_text(element: Element) -> FreeTextOutline:
    constraints = child(element, "Constraints")
    numeric = None if constraints is None else child(constraints, "IsNumeric")
    length = None if constraints is None else child(constraints, "Length")
    formats = [] if constraints is None else children(constraints, "AnswerFormatRegex")
    return FreeTextOutline(
        is_numeric=numeric is not None,
        min_value=_bound(numeric, "minValue"),
        max_value=_bound(numeric, "maxValue"),
        min_length=_bound(length, "minLength") or 0,
        max_length=_bound(length, "maxLength"),
        formats=tuple(map(_format, formats)),
        default_text=text_in(element, "DefaultText") or "",
        lines=_number(text_in(element, "NumberOfLinesSuggestion"), 1),
    )


def _format(element: Element) -> AnswerFormat:
    return AnswerFormat(
        regex=element.attrib["regex"],
        error_text=element.get("errorText", "Invalid input supplied."),
        ignores_case=element.get("flags") == "i",
    )


def _demanded(element: Element, name: str) -> Element:
    """Return a child that the table demands."""
    found = child(element, name)
    assert found is not None, name
    return found


def _identifiers(elements: Iterable[Element], name: str) -> list[str]:
    return [text_in(element, name) or "" for element in elements]


def _number(text: str | None, default: int) -> int:
    return default if text is None else int(text)


def _bound(element: Element | None, name: str) -> int | None:
    text = None if element is None else element.get(name)
    return None if text is None else int(text)


# Checks that no single part can make.


def _unique(elements: Iterable[Element], name: str) -> None:
    seen: set[str] = set()
    for identifier in _identifiers(elements, name):
        if identifier in seen:
            raise XMLError(f"holds the {name} {shown(identifier)} twice; each has to be unique")
        seen.add(identifier)


def _check_questions(form: Element) -> None:
    _unique(children(form, "Question"), "QuestionIdentifier")


def _check_selections(selections: Element) -> None:
    _unique(children(selections, "Selection"), "SelectionIdentifier")


def _check_counts(answer: Element) -> None:
    least = _number(text_in(answer, "MinSelectionCount"), 1)
    most = _number(text_in(answer, "MaxSelectionCount"), 1)
    if least > most:
        raise XMLError(f"asks for at least {least} and at most {most} selections (a count that is left out is 1)")
    style = text_in(answer, "StyleSuggestion")
    if style in SINGLE_STYLES and most > 1:
        raise XMLError(f"has the StyleSuggestion {style} and the MaxSelectionCount {most}; {style} takes 1 at most")


def _check_values(numeric: Element) -> None:
    _check_bounds(numeric, "minValue", "maxValue")


def _check_lengths(length: Element) -> None:
    _check_bounds(length, "minLength", "maxLength")


def _check_bounds(element: Element, lower: str, upper: str) -> None:
    least, most = _bound(element, lower), _bound(element, upper)
    if least is not None and most is not None and least > most:
        raise XMLError(f"has the {lower} {least} and the {upper} {most}; no answer can be both")


_WEB = re.compile(r"https?://.", re.IGNORECASE)


def _web_address(text: str) -> None:
    if _WEB.match(text.strip()) is None:
        raise XMLError(f"is {shown(text)}; it has to be an http or https URL")


# The schema, from its leaves to its root.

STYLES = ("radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser")
SINGLE_STYLES = ("radiobutton", "dropdown")
"""The styles that offer one selection only."""

_TEXT = Text()
_IDENTIFIER = Text(filled)
_URL = Text(_web_address)
_POSITIVE = whole_number(range(1, INT.stop))
_NOT_NEGATIVE = whole_number(range(INT.stop))

_BINARY = Elements(
    (
        Part(
            {
                "MimeType": Elements(
                    (Part({"Type": Text(one_of("image", "audio", "video"))}), Part({"SubType": _TEXT}, 0))
                )
            }
        ),
        Part({"DataURL": _URL}),
        Part({"AltText": _TEXT}),
    )
)

_EMBEDDED_BINARY = Elements(
    (
        Part({"EmbeddedMimeType": Elements((Part({"Type": _TEXT}), Part({"SubType": _TEXT})))}),
        Part({"DataURL": _URL}),
        Part({"AltText": _TEXT}),
        Part({"Width": _TEXT}),
        Part({"Height": _TEXT}),
        Part(
            {"ApplicationParameter": Elements((Part({"Name": _TEXT}), Part({"Value": _TEXT})), named_by="Name")},
            least=0,
            most=None,
        ),
    )
)

_FORMATTED = Text(check_formatted, remedy="its XHTML has to be text, so put it into a CDATA section")

_BLOCKS = Elements(
    (
        Part(
            {
                "Title": _TEXT,
                "Text": _TEXT,
                "List": Elements((Part({"ListItem": _TEXT}, most=None),)),
                "FormattedContent": _FORMATTED,
                "Binary": _BINARY,
                "Application": Withdrawn(
                    "was withdrawn on 2017-11-06, with Flash and Java applets; use ExternalQuestion or HTMLQuestion"
                ),
                "EmbeddedBinary": _EMBEDDED_BINARY,
            },
            most=None,
        ),
    )
)

_CONSTRAINTS = Elements(
    (
        Part(
            {
                "IsNumeric": Elements(
                    attributes={
                        "minValue": Attribute(whole_number(INT)),
                        "maxValue": Attribute(whole_number(INT)),
                    },
                    check=_check_values,
                )
            },
            least=0,
        ),
        Part(
            {
                "Length": Elements(
                    attributes={"minLength": Attribute(_NOT_NEGATIVE), "maxLength": Attribute(_POSITIVE)},
                    check=_check_lengths,
                )
            },
            least=0,
        ),
        Part(
            {
                "AnswerFormatRegex": Elements(
                    attributes={
                        "regex": Attribute(required=True),
                        "errorText": Attribute(),
                        "flags": Attribute(one_of("i", "")),
                    }
                )
            },
            least=0,
            most=None,
        ),
    )
)

_FREE_TEXT = Elements(
    (
        Part({"Constraints": _CONSTRAINTS}, least=0),
        Part({"DefaultText": _TEXT}, least=0),
        Part({"NumberOfLinesSuggestion": Text(_POSITIVE)}, least=0),
    )
)

_SELECTION = Elements(
    (
        Part({"SelectionIdentifier": _IDENTIFIER}),
        Part({"Text": _TEXT, "Binary": _BINARY, "FormattedContent": _FORMATTED}),
    ),
    named_by="SelectionIdentifier",
)

_SELECTION_ANSWER = Elements(
    (
        Part({"MinSelectionCount": Text(_NOT_NEGATIVE)}, least=0),
        Part({"MaxSelectionCount": Text(_POSITIVE)}, least=0),
        Part({"StyleSuggestion": Text(one_of(*STYLES))}, least=0),
        Part(
            {
                "Selections": Elements(
                    (Part({"Selection": _SELECTION}, most=None), Part({"OtherSelection": _FREE_TEXT}, least=0)),
                    check=_check_selections,
                )
            }
        ),
    ),
    check=_check_counts,
)

_ANSWER = Elements(
    (
        Part(
            {
                "FreeTextAnswer": _FREE_TEXT,
                "SelectionAnswer": _SELECTION_ANSWER,
                "FileUploadAnswer": Withdrawn("was withdrawn in 2017; let workers upload on a page of your own"),
            }
        ),
    )
)

_QUESTION = Elements(
    (
        Part({"QuestionIdentifier": _IDENTIFIER}),
        Part({"DisplayName": _TEXT}, least=0),
        Part({"IsRequired": Text(boolean)}, least=0),
        Part({"QuestionContent": _BLOCKS}),
        Part({"AnswerSpecification": _ANSWER}),
    ),
    named_by="QuestionIdentifier",
)

FORM = Elements((Part({"Overview": _BLOCKS, "Question": _QUESTION}, most=None),), check=_check_questions)
"""The content of a QuestionForm."""
