"""
Questions: what workers are asked, as values that know their XML documents.

* `ExternalQuestion`: a page of your own, shown in a frame.
* `HTMLQuestion`: a whole page that the service keeps.
* `parse` reads either back from a document, for example from `HIT.question`.
* `AnswerKey`: how a qualification test is graded, with its parts `ScoredQuestion` and `AnswerOption` and the mappings
  `PercentageMapping`, `ScaleMapping` and `RangeMapping`.

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
)
from aioturk.questions.external import ExternalQuestion, read_external
from aioturk.questions.html import HTMLQuestion, read_html

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "AnswerKey",
    "AnswerOption",
    "ExternalQuestion",
    "HTMLQuestion",
    "PercentageMapping",
    "Question",
    "RangeMapping",
    "ScaleMapping",
    "ScoredQuestion",
    "SummedScoreRange",
    "parse",
]

Question: TypeAlias = ExternalQuestion | HTMLQuestion
"""Any question."""


def parse(xml: str) -> Question:
    """
    Read a question document back into its value.

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


def _reader(root: Element) -> Callable[[Element], Question]:
    name, where = local_name(root), namespace(root)
    reader = _READERS.get(name)
    if reader is None:
        raise XMLError(f"its root is {name}; questions that can be read are {', '.join(_READERS)}")
    # The date between them is left open: whether the service insists on it is not known.
    if not where.startswith(SCHEMAS) or not where.endswith(f"/{name}.xsd"):
        raise XMLError(
            f"{name} is in the namespace {where!r}; it has to be one of the service's, {SCHEMAS}...{name}.xsd"
        )
    return reader


_READERS: dict[str, Callable[[Element], Question]] = {
    "ExternalQuestion": read_external,
    "HTMLQuestion": read_html,
}
