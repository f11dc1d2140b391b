"""
What a worker sent, as rows of a table: questions, and texts that answer them.

Everything in it is a text from a stranger, damaged documents included. It is told, never run: the templates escape it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aioturk._generated.shapes import Assignment
from aioturk.answers import Answer
from aioturk.errors import AnswerError, InvalidRequest
from aioturk.marketplace.site.documents import document
from aioturk.questions import QuestionForm, SelectionAnswer, Text

__all__ = ["Labels", "Row", "Shown", "labels_of", "shown"]

_LONG = 160
"""Characters of a summary."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    The answer to one question.

    Attributes:
        question: The question's identifier.
        label: What the form calls it; empty if it is no form, or says nothing.
        values: What was typed, or each of what was selected; empty if it was left blank.
        other: What was written beside "other".
    """

    question: str
    label: str
    values: tuple[str, ...]
    other: str


@dataclass(frozen=True, slots=True)
class Shown:
    """
    The answers of an assignment.

    Attributes:
        rows: One for each question.
        trouble: Why they could not be read; empty if they could.
        document: The document as it came, if it could not be read.
    """

    rows: tuple[Row, ...]
    trouble: str = ""
    document: str = ""

    @property
    def summary(self) -> str:
        """The answers in one short line."""
        if self.trouble:
            return "cannot be read"
        parts = [f"{row.question}: {', '.join((*row.values, *filter(None, [row.other])))}" for row in self.rows]
        text = " ".join("; ".join(parts).split())
        return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


@dataclass(frozen=True, slots=True)
class Labels:
    """
    What a question form shows to workers in place of identifiers.

    Attributes:
        questions: What questions are called, by identifier.
        selections: What is shown of selections, by the identifiers of question and selection.
    """

    questions: Mapping[str, str]
    selections: Mapping[tuple[str, str], str]


_NOTHING = Labels({}, {})


def labels_of(question: str | None) -> Labels:
    """Return what a HIT's question shows in place of identifiers; nothing if it is no form."""
    try:
        form = document(question or "")
    except InvalidRequest:
        return _NOTHING
    if not isinstance(form, QuestionForm):
        return _NOTHING
    names, selections = {}, {}
    for asked in form.questions:
        if asked.display_name:
            names[asked.question_identifier] = asked.display_name
        if isinstance(asked.answer_specification, SelectionAnswer):
            for selection in asked.answer_specification.selections:
                if isinstance(selection.content, Text):
                    identifiers = asked.question_identifier, selection.selection_identifier
                    selections[identifiers] = selection.content.text
    return Labels(names, selections)


def shown(assignment: Assignment, labels: Labels = _NOTHING) -> Shown:
    """Return the answers of an assignment, whatever they are."""
    try:
        answers = assignment.answers
    except AnswerError as error:
        return Shown((), trouble=str(error), document=assignment.answer or "")
    return Shown(
        tuple(
            Row(name, labels.questions.get(name, ""), _texts(name, answer, labels), answers.other.get(name, ""))
            for name, answer in answers.items()
        )
    )


def _texts(name: str, answer: Answer, labels: Labels) -> tuple[str, ...]:
    if isinstance(answer, str):
        return (answer,) if answer else ()
    return tuple(_selected(value, labels.selections.get((name, value), "")) for value in answer)


def _selected(identifier: str, text: str) -> str:
    return f"{text} ({identifier})" if text and text != identifier else identifier
