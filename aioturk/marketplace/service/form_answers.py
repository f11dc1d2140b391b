"""
Answers to a question form: from fields, as they are sent, to the document that the form's author reads.

A page of one's own has fields of any name, and all of them are texts (:func:`aioturk.answers.write_answers`). A form
says what it asks, so that here selections are told from texts, and answers to what was never asked are refused. Whether
an answer keeps the form's constraints is for the worker's browser to see to, as with the service.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormAnswersDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aioturk._core.xml import carried, escape, local_name, parse
from aioturk.answers import Answer, Answers, write_answers
from aioturk.answers.writing import HEAD, texts_of
from aioturk.marketplace import refusals
from aioturk.questions import FreeTextAnswer, Question, QuestionForm
from aioturk.questions.form import read_form

__all__ = ["answers_to", "write_answer_to", "write_form_answers"]


def answers_to(form: QuestionForm, fields: Mapping[str, str | Sequence[str]]) -> Answers:
    """
    Return the answers in the fields, in the form's order.

    Args:
        form: What was asked.
        fields: Texts, and identifiers of selections, one or several, by the question's identifier; `Answers`, too,
            with what was written beside "other". An empty text selects nothing.

    Raises:
        InvalidParameterValue: There is no such question or selection.
        TypeError: A value is neither a string nor a sequence of strings.
    """
    questions = {question.question_identifier: question for question in form.questions}
    other = fields.other if isinstance(fields, Answers) else {}
    for name in (*fields, *other):
        if name not in questions:
            raise refusals.not_in_the_form(f"question {name!r}", questions)
    for name in other:
        if not _takes_other(questions[name]):
            raise refusals.not_in_the_form(f'"other" beside the question {name!r}', ())
    values = {name: _answer(question, fields[name]) for name, question in questions.items() if name in fields}
    return Answers(values, {name: carried(text) for name, text in other.items()})


def _takes_other(question: Question) -> bool:
    answer = question.answer_specification
    return not isinstance(answer, FreeTextAnswer) and answer.other_selection is not None


def _answer(question: Question, value: str | Sequence[str]) -> Answer:
    several = texts_of(question.question_identifier, value)
    specification = question.answer_specification
    if isinstance(specification, FreeTextAnswer):
        return carried("|".join(several))
    selected = tuple(dict.fromkeys(each for each in several if each))
    for each in selected:
        if each not in specification.selection_identifiers:
            what = f"selection {each!r} for the question {question.question_identifier!r}"
            raise refusals.not_in_the_form(what, specification.selection_identifiers)
    return selected


def write_answer_to(question: str | None, fields: Mapping[str, str | Sequence[str]]) -> str:
    """
    Write what was answered to a HIT's question, as the document that its requester reads.

    Args:
        question: The question's document; None when the store has none any more.
        fields: Texts, and identifiers of selections, by the question's identifier or the field's name.

    Raises:
        InvalidParameterValue: The question is a form, and has no such question or selection.
        TypeError: A value is neither a string nor a sequence of strings.
    """
    # Most questions are pages. What says "QuestionForm" somewhere is looked at more closely.
    if question is not None and "QuestionForm" in question:
        root = parse(question)
        if local_name(root) == "QuestionForm":
            return write_form_answers(answers_to(read_form(root), fields))
    return write_answers(fields)


def write_form_answers(answers: Answers) -> str:
    """Write answers to a form as a QuestionFormAnswers document."""
    names = dict.fromkeys((*answers, *answers.other))
    return HEAD + "".join(_written(name, answers) for name in names) + "</QuestionFormAnswers>\n"


def _written(name: str, answers: Answers) -> str:
    answer = answers.get(name, ())
    lines = [_line("QuestionIdentifier", name)]
    if isinstance(answer, str):
        lines.append(_line("FreeText", answer))
    else:
        lines += [_line("SelectionIdentifier", each) for each in answer]
        if name in answers.other:
            lines.append(_line("OtherSelectionText", answers.other[name]))
    return "<Answer>\n" + "".join(lines) + "</Answer>\n"


def _line(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text)}</{tag}>\n" if text else f"<{tag}/>\n"
