"""
Questions: what workers are asked, as values that know their XML documents.

* `ExternalQuestion`: a page of your own, shown in a frame.
* `HTMLQuestion`: a whole page that the service keeps.
* `QuestionForm`: questions that the service itself draws, for a HIT or a qualification test. It holds `Overview` and
  `Question`; both show content (`Title`, `Text`, `BulletList`, `FormattedContent`, `Binary`, `EmbeddedBinary`), and a
  question takes a `FreeTextAnswer` (with `IsNumeric`, `Length`, `AnswerFormatRegex`) or a `SelectionAnswer` (with
  `Selection`, `OtherSelection`).
* `AnswerKey`: how a qualification test is graded, with its parts `ScoredQuestion` and `AnswerOption` and the mappings
  `PercentageMapping`, `ScaleMapping` and `RangeMapping`.
* `HTMLTemplate`: a page with placeholders, of which each row of a table makes an `HTMLQuestion`; `Raw` and `escaped`
  say what in a row is HTML. `HITLayout` is such a page at the service. Both are `Fillable`.
* `Finding`: what `lint()` notices about a page.
* `parse` reads any of them back from its document, for example from `HIT.question`.

A question checks itself when it is made, so that nothing the service is known to refuse is sent. What workers answer is
in `aioturk.answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from aioturk._core.xml import XMLError, local_name, namespace
from aioturk._core.xml import parse as parse_xml
from aioturk.errors import InvalidRequest
from aioturk.questions._document import SCHEMAS
from aioturk.questions.answer_key import (
    AnswerKey,
    AnswerOption,
    PercentageMapping,
    RangeMapping,
    ScaleMapping,
    ScoredQuestion,
    SummedScoreRange,
    read_answer_key,
)
from aioturk.questions.answer_specification import (
    AnswerFormatRegex,
    FreeTextAnswer,
    IsNumeric,
    Length,
    OtherSelection,
    Selection,
    SelectionAnswer,
)
from aioturk.questions.content import (
    Binary,
    BulletList,
    EmbeddedBinary,
    FormattedContent,
    Text,
    Title,
)
from aioturk.questions.elements import Overview, Question, QuestionForm
from aioturk.questions.external import ExternalQuestion, read_external
from aioturk.questions.form import read_form
from aioturk.questions.html import HTMLQuestion, read_html
from aioturk.questions.layout import HITLayout
from aioturk.questions.lint import Finding
from aioturk.questions.template import Fillable, HTMLTemplate, Raw, escaped

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "AnswerFormatRegex",
    "AnswerKey",
    "AnswerOption",
    "Binary",
    "BulletList",
    "EmbeddedBinary",
    "ExternalQuestion",
    "Fillable",
    "Finding",
    "FormattedContent",
    "FreeTextAnswer",
    "HITLayout",
    "HTMLQuestion",
    "HTMLTemplate",
    "IsNumeric",
    "Length",
    "OtherSelection",
    "Overview",
    "PercentageMapping",
    "Question",
    "QuestionDocument",
    "QuestionForm",
    "RangeMapping",
    "Raw",
    "ScaleMapping",
    "ScoredQuestion",
    "Selection",
    "SelectionAnswer",
    "SummedScoreRange",
    "Text",
    "Title",
    "escaped",
    "parse",
]

QuestionDocument: TypeAlias = ExternalQuestion | HTMLQuestion | QuestionForm
"""What can be asked in a HIT."""


def parse(xml: str) -> QuestionDocument | AnswerKey:
    """
    Read a question document, or an answer key, back into its value.

    The document's structure is checked. The rules that a question made here has to keep are not: what the service
    keeps may be older than they are, so a question with, say, an http URL is read as it stands.

    Raises:
        InvalidRequest: It is not a question document; the text says where it goes wrong.
    """
    try:
        root = parse_xml(xml)
        return _reader(root)(root)
    except XMLError as error:
        raise InvalidRequest(f"cannot be read as a question: {error}.", argument="xml") from None


def _reader(root: Element) -> Callable[[Element], QuestionDocument | AnswerKey]:
    name, where = local_name(root), namespace(root)
    reader = _READERS.get(name)
    if reader is None:
        raise XMLError(f"its root is {name}; what can be read is {', '.join(_READERS)}")
    # The date between them is left open: whether the service insists on it is not known.
    if not where.startswith(SCHEMAS) or not where.endswith(f"/{name}.xsd"):
        raise XMLError(
            f"{name} is in the namespace {where!r}; it has to be one of the service's, {SCHEMAS}...{name}.xsd"
        )
    return reader


_READERS: dict[str, Callable[[Element], QuestionDocument | AnswerKey]] = {
    "ExternalQuestion": read_external,
    "HTMLQuestion": read_html,
    "QuestionForm": read_form,
    "AnswerKey": read_answer_key,
}
