"""
The page of a question form, as it stands in the frame of a task or a test; and what such a page sends.

The page works by itself. The script `static/question-form.js` adds the constraints that HTML does not know, one message
beside each question. It learns the constraints from attributes, as the page holds neither scripts nor styles of its
own. How high the page is, and that somebody is at it, `static/frame.js` tells the page around, as from all pages of
tasks.

What workers look at in it is in `aioturk.marketplace.site.form_content`, how they answer in
`aioturk.marketplace.site.form_fields`; how answers are written down, in
`aioturk.marketplace.service.form_answers`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, tostring

from aioturk.answers import Answer, Answers
from aioturk.marketplace import refusals
from aioturk.marketplace.service.form_answers import answers_to
from aioturk.marketplace.site.form_content import block, element
from aioturk.marketplace.site.form_fields import OTHER, field_name, other_name, question_field
from aioturk.questions import FreeTextAnswer, Overview, Question, QuestionForm, SelectionAnswer

__all__ = ["MARKER", "answers_in", "form_page"]

MARKER = "aioturk.question-form"
"""
A field that each page of ours sends, and that tells its fields from those of a program.

Ours have numbers for names, so that no identifier in a form can be taken for a field of the site's; programs send
identifiers.
"""


def form_page(
    form: QuestionForm, *, action: str, hidden: Mapping[str, str], preview: bool, title: str, submit: str = "Submit"
) -> str:
    """
    Return the page of a form: a whole document, to be served with the files in ``/static``.

    Args:
        form: What is asked.
        action: Where the answers are posted to.
        hidden: What is posted with them.
        preview: Whether to let people only try it: everything can be filled in, and nothing can be sent. The page
            around it says so, as it knows who looks: a worker before accepting, or a requester.
        title: What the page is called.
        submit: What stands on the button that sends it.
    """
    parts = [element("h1", {"class": "unseen"}, title), *_parts(form)]
    if preview:
        # No form at all: one without a button is still sent by the enter key.
        body = element("main", {"id": "question-form"}, *parts)
    else:
        body = element("main", None, _sheet(parts, action, {**hidden, MARKER: "1"}, submit))
    page = element(
        "html",
        {"lang": "en"},
        _head(title),
        element("body", None, body),
    )
    return f"<!DOCTYPE html>\n{tostring(page, encoding='unicode', method='html')}\n"


def _head(title: str) -> Element:
    return element(
        "head",
        None,
        element("meta", {"charset": "utf-8"}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("title", None, title),
        element("link", {"rel": "stylesheet", "href": "/static/question-form.css"}),
        element("script", {"src": "/static/frame.js", "data-own": True}),
        element("script", {"src": "/static/drafts.js"}),
        element("script", {"src": "/static/question-form.js", "defer": True}),
    )


def _sheet(parts: list[Element], action: str, hidden: Mapping[str, str], submit: str) -> Element:
    """Return what can be sent."""
    return element(
        "form",
        {"id": "question-form", "method": "post", "action": action},
        *(element("input", {"type": "hidden", "name": name, "value": value}) for name, value in hidden.items()),
        *parts,
        element("p", {"id": "summary", "class": "error", "role": "alert"}),
        element("p", None, element("button", {"type": "submit"}, submit)),
    )


def _parts(form: QuestionForm) -> Iterator[Element]:
    number = 0
    for part in form.parts:
        if isinstance(part, Overview):
            yield element("section", {"class": "overview"}, *map(block, part.content))
        else:
            yield question_field(number, part)
            number += 1


def answers_in(form: QuestionForm, fields: Sequence[tuple[str, str]]) -> Answers:
    """
    Return the answers that a page of a form sent, one for each question.

    A text beside "other" is an answer when "other" was chosen. It is one, too, when somebody only wrote it, as can be
    done where no script hides the field until then.

    Args:
        form: What was asked.
        fields: The names and values that were sent. Those of no question are passed over.

    Raises:
        InvalidParameterValue: A selection is none of the form's.
    """
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    values: dict[str, Answer] = {}
    other: dict[str, str] = {}
    for number, question in enumerate(form.questions):
        texts = sent.get(field_name(number), [])
        identifier, specification = question.question_identifier, question.answer_specification
        if isinstance(specification, FreeTextAnswer):
            values[identifier] = "|".join(texts)
            continue
        values[identifier] = tuple(
            _selected(question, specification, text) for text in texts if text not in ("", OTHER)
        )
        if specification.other_selection is not None:
            written = "|".join(sent.get(other_name(number), []))
            stood_there = specification.other_selection.default_text
            if OTHER in texts or _lines(written) not in ([], _lines(stood_there)):
                other[identifier] = written
    return answers_to(form, Answers(values, other))


def _selected(question: Question, answer: SelectionAnswer, text: str) -> str:
    """Return the identifier of a selection by its number."""
    identifiers = answer.selection_identifiers
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(len(identifiers)))
    if not is_number or int(text) >= len(identifiers):
        what = f"selection {text!r} for the question {question.question_identifier!r}"
        raise refusals.not_in_the_form(what, map(str, range(len(identifiers))))
    return identifiers[int(text)]


def _lines(text: str) -> list[str]:
    """Return a text's lines: browsers send other line ends than a document has."""
    return text.strip().splitlines()
