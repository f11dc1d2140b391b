"""
How workers answer a question of a form: fields to write into, and to choose from in any of the suggested styles.

Fields have the numbers of their questions and selections for names and values, never identifiers. How many selections
an answer has is in ``data-`` attributes, for `static/question-form.js`: HTML cannot check that. What it can is in
attributes of its own.

Fields to write into are in `aioturk.marketplace.site.form_texts`; the whole page, and how what it sends is read, is in
`aioturk.marketplace.site.form_page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from aioturk.marketplace.site.form_content import block, element, said
from aioturk.marketplace.site.form_texts import text_field, text_hint
from aioturk.questions import FreeTextAnswer, Question, Selection, SelectionAnswer, Text, Title
from aioturk.questions.content import Block

__all__ = ["OTHER", "field_name", "other_name", "question_field"]

OTHER = "other"
"""The value that says that none of the selections was chosen, but the field to write into."""

_MOST_SHOWN = 10
"""How many selections a list shows without being scrolled."""

_LISTS = ("list", "dropdown", "combobox")


def field_name(number: int) -> str:
    """Return the name of a question's field."""
    return f"question.{number}"


def other_name(number: int) -> str:
    """Return the name of the field beside a question's selections."""
    return f"question.{number}.other"


def question_field(number: int, question: Question) -> Element:
    """Return a question with all that belongs to it."""
    answer = question.answer_specification
    if isinstance(answer, FreeTextAnswer):
        return _text_question(number, question, answer)
    if _has_list(answer):
        return _list_question(number, question, answer)
    return _choice_question(number, question, answer)


# What is asked.


def _leading(blocks: Sequence[Block]) -> int:
    """Return how many blocks there are before the first that cannot stand in the name of a field."""
    return next((at for at, each in enumerate(blocks) if not isinstance(each, Title | Text)), len(blocks))


def _name(number: int, question: Question) -> list[Element]:
    """Return what a field is called: its display name, and the words with which the question begins."""
    name = (question.display_name or "").strip()
    words = [element("span", {"class": "name", "dir": "auto"}, name)] if name else []
    content = question.question_content
    for each in content[: _leading(content)]:
        if isinstance(each, Title | Text) and each.text.strip():
            kind = "title" if isinstance(each, Title) else "text"
            words.append(element("span", {"class": kind, "dir": "auto"}, each.text.strip()))
    if not words:
        words = [element("span", None, element("span", {"class": "unseen"}, f"Question {number + 1}"))]
    if question.has_to_be_answered:
        words[-1].append(element("span", {"class": "required"}, " (required)"))
    for word in words:
        word.tail = " "  # they are words of one name
    return words


def _around(
    number: int, question: Question, kind: str, *field: Element, hint: str = "", counts: tuple[int, int] = (0, 0)
) -> Element:
    """
    Return a question around its field.

    Args:
        number: The question's number.
        question: The question.
        kind: How it is answered: `text`, `list`, `radio` or `checkbox`.
        field: One field with an identifier, or a group of choices; and what follows it.
        hint: What is asked of an answer.
        counts: How many selections an answer has at least and at most.
    """
    name = field_name(number)
    content = question.question_content
    rest = [block(each) for each in content[_leading(content) :]]
    is_one = kind in ("text", "list")
    caption = ("label", {"class": "caption", "for": name}) if is_one else ("legend", {"class": "caption"})
    return element(
        "div" if is_one else "fieldset",
        {
            "class": "question",
            "role": "radiogroup" if kind == "radio" else None,
            "aria-describedby": None if is_one else _described_by(number, question, hint),
            "data-question": name,
            "data-kind": kind,
            "data-required": question.has_to_be_answered,
            "data-least": str(counts[0]) if counts[1] else None,
            "data-most": str(counts[1]) if counts[1] else None,
        },
        element(*caption, *_name(number, question)),
        element("div", {"class": "content", "id": f"{name}.content"}, *rest) if rest else None,
        element("p", {"class": "hint", "id": f"{name}.hint"}, hint) if hint else None,
        *field,
        _error(name),
    )


def _error(name: str) -> Element:
    """Return the place where the script says what is wrong."""
    return element("p", {"class": "error", "id": f"{name}.error", "hidden": True})


def _described_by(number: int, question: Question, hint: str) -> str | None:
    content = question.question_content
    there = {"content": _leading(content) < len(content), "hint": bool(hint)}
    return " ".join(f"{field_name(number)}.{what}" for what, is_there in there.items() if is_there) or None


# How it is answered.


def _text_question(number: int, question: Question, answer: FreeTextAnswer) -> Element:
    hint = text_hint(answer)
    field = text_field(
        field_name(number),
        answer,
        required=question.has_to_be_answered,
        described=_described_by(number, question, hint),
    )
    return _around(number, question, "text", field, hint=hint)


def _has_list(answer: SelectionAnswer) -> bool:
    """Whether the selections are shown as a list of the browser's, which cannot hold anything but text."""
    return answer.style_suggestion in _LISTS and all(isinstance(each.content, Text) for each in answer.selections)


def _offered(answer: SelectionAnswer) -> int:
    return len(answer.selections) + (answer.other_selection is not None)


def _counts(answer: SelectionAnswer) -> tuple[int, int]:
    """Return how many selections an answer holds; that nothing is chosen may be permitted besides."""
    most = min(answer.max_selection_count, _offered(answer))
    return min(max(answer.min_selection_count, 1), most), most


def _count_hint(least: int, most: int) -> str:
    if least == most:
        return f"Choose {least}."
    return f"Choose up to {most}." if least == 1 else f"Choose from {least} to {most}."


def _list_question(number: int, question: Question, answer: SelectionAnswer) -> Element:
    name = field_name(number)
    least, most = _counts(answer)
    is_multiple = answer.max_selection_count > 1
    is_open = is_multiple or answer.style_suggestion == "list"
    hint = _count_hint(least, most) if is_multiple else ""
    options = [
        element("option", {"value": str(at), "dir": "auto"}, " ".join(each.content.text.split()) or f"Choice {at + 1}")
        for at, each in enumerate(answer.selections)
        if isinstance(each.content, Text)
    ]
    if answer.other_selection is not None:
        options.append(element("option", {"value": OTHER}, _OTHER))
    if not is_open:
        options.insert(0, element("option", {"value": ""}, "Choose…"))
    field = element(
        "select",
        {
            "id": name,
            "name": name,
            "required": question.has_to_be_answered,
            "multiple": is_multiple,
            "size": str(min(max(len(options), 2), _MOST_SHOWN)) if is_open else None,
            "aria-describedby": _described_by(number, question, hint),
        },
        *options,
    )
    return _around(number, question, "list", field, *_other(number, answer), hint=hint, counts=(least, most))


def _choice_question(number: int, question: Question, answer: SelectionAnswer) -> Element:
    least, most = _counts(answer)
    kind = _choice_kind(answer)
    hint = _count_hint(least, most) if kind == "checkbox" else ""
    choices = [_choice(number, question, kind, at, each) for at, each in enumerate(answer.selections)]
    if answer.other_selection is not None:
        choices.append(_labelled(number, question, kind, OTHER, element("span", {"class": "text"}, _OTHER)))
    style = "choices scrolled" if answer.style_suggestion == "multichooser" else "choices"
    field = element("div", {"class": style}, *choices)
    return _around(number, question, kind, field, *_other(number, answer), hint=hint, counts=(least, most))


def _choice_kind(answer: SelectionAnswer) -> str:
    if answer.max_selection_count > 1 or answer.style_suggestion in ("checkbox", "multichooser"):
        return "checkbox"
    return "radio"


def _choice(number: int, question: Question, kind: str, at: int, selection: Selection) -> Element:
    content = selection.content
    shown = (
        element("span", {"class": "text", "dir": "auto"}, content.text.strip())
        if isinstance(content, Text)
        else block(content)
    )
    return _labelled(number, question, kind, str(at), shown)


def _labelled(number: int, question: Question, kind: str, value: str, shown: Element) -> Element:
    """Return a selection: a box or button to press, within its label."""
    name = field_name(number)
    button = element(
        "input",
        {
            "type": kind,
            "id": f"{name}.{value}.choice",
            "name": name,
            "value": value,
            "required": question.has_to_be_answered and kind == "radio",
            "aria-label": None if said(shown) else f"Choice {int(value) + 1}",
        },
    )
    return element("label", {"class": "choice"}, button, shown)


_OTHER = "Other"


def _other(number: int, answer: SelectionAnswer) -> Iterator[Element]:
    """Make the field for what is none of the selections. The script hides it until it is chosen."""
    if answer.other_selection is None:
        return
    name = other_name(number)
    hint = text_hint(answer.other_selection)
    yield element(
        "div",
        {"class": "other", "data-other": True},
        element("label", {"for": name}, "Other, in your own words:"),
        element("p", {"class": "hint", "id": f"{name}.hint"}, hint) if hint else None,
        text_field(name, answer.other_selection, required=False, described=f"{name}.hint" if hint else None),
        _error(name),
    )
