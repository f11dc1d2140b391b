"""
The table of question forms: what a document holds, in which order and how often, and what its texts may be.

How a table is applied is in `aioturk.questions._schema`, how a form is read in `aioturk.questions.form`.

Beyond its schema a form has to be one that can be answered, and whose answers can be told apart: identifiers are
unique, and no minimum is above its maximum. That the service checks these too was never seen.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aioturk._core.xml import XMLError
from aioturk.questions._element import check_unique
from aioturk.questions._schema import (
    INT,
    Attribute,
    Elements,
    Part,
    Text,
    Withdrawn,
    boolean,
    children,
    filled,
    one_of,
    shown,
    text_in,
    whole_number,
)
from aioturk.questions.answer_specification import (
    NOT_NEGATIVE,
    POSITIVE,
    STYLES,
    check_bounds,
    check_counts,
    check_flags,
)
from aioturk.questions.content import MEDIA, web_address
from aioturk.questions.formatted import check_formatted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["FORM"]


# Checks that no single part can make.


def _check_questions(form: Element) -> None:
    check_unique(_identifiers(form, "Question"), "Question")


def _check_selections(selections: Element) -> None:
    check_unique(_identifiers(selections, "Selection"), "Selection")


def _identifiers(parent: Element, name: str) -> Iterator[str]:
    return (text_in(element, f"{name}Identifier") or "" for element in children(parent, name))


def _check_counts(answer: Element) -> None:
    least, most = (int(text_in(answer, name) or 1) for name in ("MinSelectionCount", "MaxSelectionCount"))
    check_counts(least, most, text_in(answer, "StyleSuggestion"))


def _check_values(numeric: Element) -> None:
    check_bounds("minValue", _bound(numeric, "minValue"), "maxValue", _bound(numeric, "maxValue"))


def _check_lengths(length: Element) -> None:
    check_bounds("minLength", _bound(length, "minLength"), "maxLength", _bound(length, "maxLength"))


def _bound(element: Element, name: str) -> int | None:
    text = element.get(name)
    return None if text is None else int(text)


def _check_type(text: str) -> None:
    if "/" in text:
        raise XMLError(f"is {shown(text)}; what follows the slash belongs into SubType")


# The schema, from its leaves to its root.

_TEXT = Text()
_IDENTIFIER = Text(filled)
_URL = Text(web_address)
_POSITIVE = whole_number(POSITIVE)
_NOT_NEGATIVE = whole_number(NOT_NEGATIVE)

_BINARY = Elements(
    (
        Part({"MimeType": Elements((Part({"Type": Text(one_of(*MEDIA))}), Part({"SubType": _TEXT}, 0)))}),
        Part({"DataURL": _URL}),
        Part({"AltText": _TEXT}),
    )
)

_EMBEDDED_BINARY = Elements(
    (
        Part({"EmbeddedMimeType": Elements((Part({"Type": Text(_check_type)}), Part({"SubType": _TEXT})))}),
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
                        "flags": Attribute(check_flags),
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
