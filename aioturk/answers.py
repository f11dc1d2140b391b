"""
A worker's answers: QuestionFormAnswers documents, read into a mapping and written from form fields.

The client reads what workers submitted, the marketplace writes it; both meet in this module, so that the format
is described once. Nothing here decides whether an answer is right, or turns it into numbers or dates.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormAnswersDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

from aioturk._core.xml import XMLError, carried, escape, local_name, parse, text_of
from aioturk.errors import AnswerError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["Answer", "Answers", "read_answers", "write_answers"]

Answer: TypeAlias = str | tuple[str, ...]
"""What a worker typed, or the identifiers that a worker selected."""


class Answers(Mapping[str, Answer]):
    """
    The answers of one assignment by question identifier, in the order of the document.

    They do not change, compare equal to a mapping of the same values, and like a dictionary have no hash.

    * A field of a page of your own, or a free text: a string, empty when it was left blank.
    * A selection: a tuple of the selected identifiers, empty when nothing was selected. What the worker wrote beside
      "other" stands in `other`, not among the identifiers, so that nobody can type an identifier into being.
    * An uploaded file: its key.

    A question that the worker left blank may also be missing: use `get`.

    Args:
        values: The answers.
        other: The texts that workers wrote beside "other", by question identifier.
    """

    __slots__ = ("_other", "_values")

    def __init__(self, values: Mapping[str, Answer], other: Mapping[str, str] | None = None) -> None:
        self._values = dict(values)
        self._other = dict(other) if other else {}

    @property
    def other(self) -> Mapping[str, str]:
        """The texts written beside "other" in selections, by question identifier."""
        return MappingProxyType(self._other)

    def __getitem__(self, name: str) -> Answer:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answers):
            return self._values == other._values and self._other == other._other
        return self._values == other if isinstance(other, Mapping) else NotImplemented

    def __repr__(self) -> str:
        return f"Answers({self._values!r}, other={self._other!r})" if self._other else f"Answers({self._values!r})"


def read_answers(xml: str) -> Answers:
    """
    Read a QuestionFormAnswers document, as it stands in `Assignment.answer`.

    Several answers under one name become one: texts joined with ``|``, as the service joins the fields of a form,
    selections one tuple.

    Raises:
        AnswerError: The document is damaged, or is something else.
    """
    values: dict[str, Answer] = {}
    other: dict[str, str] = {}
    try:
        root = parse(xml)
        if local_name(root) != "QuestionFormAnswers":
            raise XMLError(f"its root is {local_name(root)}, not QuestionFormAnswers")
        for element in root:
            name, value, written = _read_answer(element)
            values[name] = _joined(values[name], value) if name in values else value
            if written is not None:
                other[name] = f"{other[name]}|{written}" if name in other else written
    except XMLError as error:
        raise AnswerError(
            f"The answer cannot be read as a QuestionFormAnswers document: {error}. "
            "The assignment itself is untouched: look at the raw document before approving or rejecting it."
        ) from None
    return Answers(values, other)


def _read_answer(answer: Element) -> tuple[str, Answer, str | None]:
    """Return the question's identifier, the answer, and the text beside "other"."""
    if local_name(answer) != "Answer":
        raise XMLError(f"it holds {local_name(answer)} where only Answer may stand")
    name: str | None = None
    value: str | None = None
    selected: list[str] = []
    written: str | None = None
    for part in answer:
        kind = local_name(part)
        text = text_of(part)
        if kind == "QuestionIdentifier" and name is None:
            name = text
        elif kind in ("FreeText", "UploadedFileKey") and value is None:
            value = text
        elif kind == "SelectionIdentifier":
            selected.append(text)
        elif kind == "OtherSelectionText" and written is None:
            written = text
        elif kind != "UploadedFileSizeInBytes":
            raise XMLError(f"the answer {name!r} holds {kind} where it may not stand")
    if name is None:
        raise XMLError("an Answer has no QuestionIdentifier")
    if value is None:
        return name, tuple(selected), written
    if selected or written is not None:
        raise XMLError(f"the answer {name!r} is a text and a selection at once")
    return name, value, None


def _joined(before: Answer, value: Answer) -> Answer:
    if isinstance(before, str) and isinstance(value, str):
        return f"{before}|{value}"
    return (*_as_tuple(before), *_as_tuple(value))


def _as_tuple(value: Answer) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def write_answers(fields: Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str | Sequence[str]]]) -> str:
    """
    Write the fields of a submitted form as the service does: every field a free text, one answer per name.

    Several values of one name, from a sequence or from repeated pairs, are joined with ``|``; names stand in the order
    in which they first appear. Characters that XML cannot carry are dropped.

    Args:
        fields: Names and values, as a mapping or as the pairs of a decoded form.

    Raises:
        TypeError: A value is neither a string nor a sequence of strings.
    """
    # A mapping is an iterable too, of the wrong things; type checkers cannot tell which of the two this one is.
    pairs = cast("Iterable[tuple[str, str | Sequence[str]]]", fields.items() if isinstance(fields, Mapping) else fields)
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(carried(name), []).extend(map(carried, _texts(name, value)))
    answers = "".join(
        f"<Answer>\n<QuestionIdentifier>{escape(name)}</QuestionIdentifier>\n{_free_text('|'.join(values))}\n</Answer>\n"
        for name, values in texts.items()
    )
    return f"{_HEAD}{answers}</QuestionFormAnswers>\n"


_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    "<QuestionFormAnswers "
    'xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd">\n'
)


def _texts(name: str, value: object) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return value
    raise TypeError(f"The field {name!r} is {value!r}; forms send strings: give one, or a sequence of them.")


def _free_text(text: str) -> str:
    return f"<FreeText>{escape(text)}</FreeText>" if text else "<FreeText/>"
