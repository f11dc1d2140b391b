"""
Question forms: reading the documents of questions that the service itself draws, and of tests.

`read_form` checks a whole document by the table in `aioturk.questions._form_schema` and returns it as the value that
`aioturk.questions.elements` describes. How a test is graded is in `aioturk.questions.answer_key`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aioturk._core.xml import XMLError, local_name, namespace, parse
from aioturk.questions._document import READ_LIMIT, SCHEMAS, short_name
from aioturk.questions._form_schema import FORM
from aioturk.questions._schema import check, child, children, shown, text_in
from aioturk.questions.answer_specification import (
    ERROR_TEXT,
    AnswerFormatRegex,
    FreeTextAnswer,
    IsNumeric,
    Length,
    OtherSelection,
    Selection,
    SelectionAnswer,
)
from aioturk.questions.content import Binary, Block, BulletList, EmbeddedBinary, FormattedContent, Text, Title
from aioturk.questions.elements import NAMESPACE, Overview, Question, QuestionForm

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["NAMESPACES", "check_test", "read_form"]

NAMESPACES = (NAMESPACE, f"{SCHEMAS}2005-10-01/QuestionForm.xsd")
"""The namespace of a form: today's, and the old one, which is read too."""


def check_test(xml: str) -> QuestionForm:
    """
    Read the document of a qualification test, which has to be a QuestionForm.

    Raises:
        XHTMLError: Formatted content in it uses what it may not.
        XMLError: It is not a QuestionForm document.
    """
    root = parse(xml, limit=READ_LIMIT)
    if local_name(root) != "QuestionForm":
        raise XMLError(f"the root is {short_name(root)}; a test has to be a QuestionForm")
    return read_form(root)


def read_form(root: Element) -> QuestionForm:
    """
    Check a QuestionForm element and everything in it, and return the form.

    What is checked is what makes it a form. The rules on size and characters are for new forms: what the service keeps
    may be older than they are.

    Raises:
        XHTMLError: Formatted content in it uses what it may not.
        XMLError: It is not a QuestionForm; the text names the place.
    """
    if namespace(root) not in NAMESPACES or local_name(root) != "QuestionForm":
        raise XMLError(
            f"the root is {short_name(root)} in the namespace {shown(namespace(root))}; "
            f"it has to be QuestionForm in {NAMESPACES[0]}"
        )
    check(root, FORM)
    form = object.__new__(QuestionForm)
    object.__setattr__(form, "parts", tuple(map(_part, root)))
    return form


def _part(element: Element) -> Overview | Question:
    return Overview(_blocks(element)) if local_name(element) == "Overview" else _question(element)


def _question(element: Element) -> Question:
    return Question(
        _text(element, "QuestionIdentifier"),
        _blocks(_demanded(element, "QuestionContent")),
        _answer(_demanded(element, "AnswerSpecification")[0]),
        display_name=text_in(element, "DisplayName"),
        is_required=_text(element, "IsRequired").strip() in ("true", "1"),
    )


def _answer(element: Element) -> FreeTextAnswer | SelectionAnswer:
    if local_name(element) == "FreeTextAnswer":
        return FreeTextAnswer(**_free_text(element))
    selections = _demanded(element, "Selections")
    other = child(selections, "OtherSelection")
    style: Any = text_in(element, "StyleSuggestion")
    return SelectionAnswer(
        tuple(map(_selection, children(selections, "Selection"))),
        min_selection_count=_number(text_in(element, "MinSelectionCount"), 1),
        max_selection_count=_number(text_in(element, "MaxSelectionCount"), 1),
        style_suggestion=style,
        other_selection=None if other is None else OtherSelection(**_free_text(other)),
    )


def _selection(element: Element) -> Selection:
    content: Any = _block(element[1])
    return Selection(_text(element, "SelectionIdentifier"), content)


def _free_text(element: Element) -> dict[str, Any]:
    """Return what a FreeTextAnswer and an OtherSelection have in common."""
    constraints = child(element, "Constraints")
    numeric = None if constraints is None else child(constraints, "IsNumeric")
    length = None if constraints is None else child(constraints, "Length")
    patterns = [] if constraints is None else children(constraints, "AnswerFormatRegex")
    return {
        "is_numeric": None if numeric is None else IsNumeric(_bound(numeric, "minValue"), _bound(numeric, "maxValue")),
        "length": None if length is None else Length(_bound(length, "minLength"), _bound(length, "maxLength")),
        "answer_format_regex": tuple(map(_pattern, patterns)),
        "default_text": _text(element, "DefaultText"),
        "number_of_lines_suggestion": _number(text_in(element, "NumberOfLinesSuggestion"), 1),
    }


def _pattern(element: Element) -> AnswerFormatRegex:
    flags: Any = element.get("flags", "")
    return AnswerFormatRegex(element.attrib["regex"], error_text=element.get("errorText", ERROR_TEXT), flags=flags)


def _blocks(element: Element) -> tuple[Block, ...]:
    return tuple(map(_block, element))


def _block(element: Element) -> Block:
    return _BLOCK_READERS[local_name(element)](element)


def _binary(element: Element) -> Binary:
    mime_type = _mime_type(_demanded(element, "MimeType"))
    return Binary(_text(element, "DataURL"), _text(element, "AltText"), mime_type=mime_type)


def _embedded_binary(element: Element) -> EmbeddedBinary:
    return EmbeddedBinary(
        _text(element, "DataURL"),
        _text(element, "AltText"),
        mime_type=_mime_type(_demanded(element, "EmbeddedMimeType")),
        width=_text(element, "Width"),
        height=_text(element, "Height"),
        application_parameters=[
            (_text(each, "Name"), _text(each, "Value")) for each in children(element, "ApplicationParameter")
        ],
    )


def _mime_type(element: Element) -> str:
    return "/".join(each.text or "" for each in element)


_BLOCK_READERS: dict[str, Callable[[Element], Block]] = {
    "Title": lambda element: Title(element.text or ""),
    "Text": lambda element: Text(element.text or ""),
    "List": lambda element: BulletList([item.text or "" for item in element]),
    "FormattedContent": lambda element: FormattedContent(element.text or ""),
    "Binary": _binary,
    "EmbeddedBinary": _embedded_binary,
}


def _demanded(element: Element, name: str) -> Element:
    """Return a child that the table demands."""
    found = child(element, name)
    assert found is not None, name
    return found


def _text(element: Element, name: str) -> str:
    return text_in(element, name) or ""


def _number(text: str | None, default: int) -> int:
    return default if text is None else int(text)


def _bound(element: Element, name: str) -> int | None:
    text = element.get(name)
    return None if text is None else int(text)
