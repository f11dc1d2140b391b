"""
The document of a submitted form: every field a free text, as the service makes it of pages of one's own.

Answers to question forms, which also have selections, are the marketplace's to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from aioturk._core.xml import carried, escape

__all__ = ["HEAD", "texts_of", "write_answers"]


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
        texts.setdefault(carried(name), []).extend(map(carried, texts_of(name, value)))
    answers = "".join(
        f"<Answer>\n<QuestionIdentifier>{escape(name)}</QuestionIdentifier>\n{_free_text('|'.join(values))}\n</Answer>\n"
        for name, values in texts.items()
    )
    return f"{HEAD}{answers}</QuestionFormAnswers>\n"


HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    "<QuestionFormAnswers "
    'xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd">\n'
)


def texts_of(name: str, value: object) -> Sequence[str]:
    """
    Return the texts that a field of a form holds.

    Raises:
        TypeError: The value is neither a string nor a sequence of strings.
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return value
    raise TypeError(f"The field {name!r} is {value!r}; forms send strings: give one, or a sequence of them.")


def _free_text(text: str) -> str:
    return f"<FreeText>{escape(text)}</FreeText>" if text else "<FreeText/>"
