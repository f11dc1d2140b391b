"""
Reading any question document, or an answer key, back into its value.

What each kind of document holds is in that kind's module: `aioturk.questions.external`, `aioturk.questions.html`,
`aioturk.questions.form` and `aioturk.questions.answer_key`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from aioturk._core.xml import XMLError, namespace
from aioturk._core.xml import parse as parse_xml
from aioturk.errors import InvalidRequest
from aioturk.questions._document import READ_LIMIT, SCHEMAS, short_name
from aioturk.questions._schema import shown
from aioturk.questions.answer_key import AnswerKey, read_answer_key
from aioturk.questions.elements import QuestionForm
from aioturk.questions.external import ExternalQuestion, read_external
from aioturk.questions.form import read_form
from aioturk.questions.html import HTMLQuestion, read_html

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["QuestionDocument", "parse"]

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
    if not isinstance(xml, str | bytes):
        raise InvalidRequest(f"is {type(xml).__name__}; give the document as a string.", argument="xml", sending=False)
    try:
        root = parse_xml(xml, limit=READ_LIMIT)
        return _reader(root)(root)
    except XMLError as error:
        raise InvalidRequest(f"cannot be read as a question: {error}.", argument="xml", sending=False) from None


def _reader(root: Element) -> Callable[[Element], QuestionDocument | AnswerKey]:
    name, where = short_name(root), namespace(root)
    reader = _READERS.get(name)
    if reader is None:
        raise XMLError(f"its root is {name}; what can be read is {', '.join(_READERS)}")
    # The date between them is left open: whether the service insists on it is not known.
    if not where.startswith(SCHEMAS) or not where.endswith(f"/{name}.xsd"):
        raise XMLError(
            f"{name} is in the namespace {shown(where)}; it has to be one of the service's, {SCHEMAS}...{name}.xsd"
        )
    return reader


_READERS: dict[str, Callable[[Element], QuestionDocument | AnswerKey]] = {
    "ExternalQuestion": read_external,
    "HTMLQuestion": read_html,
    "QuestionForm": read_form,
    "AnswerKey": read_answer_key,
}
