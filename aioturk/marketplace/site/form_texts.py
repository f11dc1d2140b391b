"""
Fields to write into: for answers that are texts, and beside "other".

Attributes say what HTML can check by itself (`required`, `maxlength`, ...); all constraints together are in a ``data-``
attribute, for `static/question-form.js`.

What stands around a field is in `aioturk.marketplace.site.form_fields`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

import json
import re
from xml.etree.ElementTree import Element

from aioturk.marketplace.site.form_content import element
from aioturk.questions import FreeTextAnswer, OtherSelection

__all__ = ["text_field", "text_hint"]

_MOST_LINES = 40


def text_field(
    name: str, answer: FreeTextAnswer | OtherSelection, *, required: bool, described: str | None = None
) -> Element:
    """
    Return a field to write into.

    Args:
        name: Its name, and its identifier in the page.
        answer: What may be written.
        required: Whether it has to be filled in.
        described: The identifiers of what describes it.
    """
    length = answer.length
    attributes: dict[str, str | bool | None] = {
        "id": name,
        "name": name,
        "dir": "auto",
        "required": required,
        "minlength": str(length.min_length) if length and length.min_length else None,
        "maxlength": str(length.max_length) if length and length.max_length else None,
        "inputmode": "numeric" if _has_no_sign(answer) else None,
        "aria-describedby": described,
        "data-rules": _rules(answer),
    }
    default = answer.default_text
    lines = max(answer.number_of_lines_suggestion, len(_LINE_END.split(default)))
    if lines > 1:
        # Browsers drop the first line feed.
        return element("textarea", {**attributes, "rows": str(min(lines, _MOST_LINES))}, f"\n{default}")
    attributes |= {"type": "text", "value": default or None, "pattern": _pattern(answer)}
    return element("input", attributes)


_LINE_END = re.compile("\r\n|\r|\n")


def _has_no_sign(answer: FreeTextAnswer | OtherSelection) -> bool:
    """Whether a keyboard with digits only will do."""
    numeric = answer.is_numeric
    return numeric is not None and numeric.min_value is not None and numeric.min_value >= 0


def text_hint(answer: FreeTextAnswer | OtherSelection) -> str:
    """Say what is asked of a text, as far as it can be said beforehand: of a pattern only its error is known."""
    hints = []
    if answer.is_numeric is not None:
        numbers = _bounds(answer.is_numeric.min_value, answer.is_numeric.max_value, of="of ")
        hints.append(f"A whole number{numbers and f' {numbers}'}.")
    if answer.length is not None:
        least = answer.length.min_length or None
        if numbers := _bounds(None if least == 1 else least, answer.length.max_length):
            hints.append(f"Characters: {numbers}.")
    return " ".join(hints)


def _bounds(least: int | None, most: int | None, *, of: str = "") -> str:
    if least is not None and most is not None:
        return f"from {least} to {most}" if least != most else f"{of}exactly {least}"
    return f"{of}at least {least}" if least is not None else f"{of}at most {most}" if most is not None else ""


def _rules(answer: FreeTextAnswer | OtherSelection) -> str | None:
    """Write all constraints for the script."""
    rules: dict[str, object] = {}
    if answer.is_numeric is not None:
        rules["number"] = [answer.is_numeric.min_value, answer.is_numeric.max_value]
    if answer.length is not None:
        rules["length"] = [answer.length.min_length, answer.length.max_length]
    if answer.answer_format_regex:
        rules["patterns"] = [[each.regex, each.flags, each.error_text] for each in answer.answer_format_regex]
    return json.dumps(rules) if rules else None


def _pattern(answer: FreeTextAnswer | OtherSelection) -> str | None:
    """
    Return what a browser can check of a text without a script.

    It takes one pattern, for the whole text, and reads it by newer rules than those of a form's patterns. So it only
    gets those that mean the same either way.
    """
    if answer.is_numeric is not None:
        return r"\s*[+\-]?\d+\s*"
    if len(answer.answer_format_regex) != 1 or answer.answer_format_regex[0].flags:
        return None
    regex = answer.answer_format_regex[0].regex
    return regex if _SIMPLE.fullmatch(regex) else None


_SIMPLE = re.compile(r"\^(?:(?:[A-Za-z0-9 ,:@_.]|\\[dws.])(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})?)*\$")
"""A sequence of characters, each of which may be repeated: no alternatives, groups or sets."""
