"""
When two answers to a question are the same: both policies go by this.

An answer is the set of its values without blanks around them. Several values are what `aioturk.answers` makes of them:
a selection, or a text joined with ``|``. Nothing else is made equal: neither case nor punctuation.
"""

from __future__ import annotations

from collections.abc import Mapping

from aioturk.answers import Answer, Answers

__all__ = ["answer_text", "joined", "values"]


def answer_text(answers: Mapping[str, Answer], question_id: str) -> str:
    """
    Return an answer as one text, its values joined with ``|``.

    What a worker wrote beside "other" is one more value. A question left blank and a question left out are the same
    empty text, because browsers send nothing for a box that is not ticked.
    """
    answer = answers.get(question_id, "")
    parts = [answer] if isinstance(answer, str) else list(answer)
    if isinstance(answers, Answers) and question_id in answers.other:
        parts.append(answers.other[question_id])
    return "|".join(parts)


def values(text: str) -> frozenset[str]:
    """Return the values in an answer's text; a blank is none."""
    return frozenset(value for part in text.split("|") if (value := part.strip()))


def joined(answer: frozenset[str]) -> str:
    """Return values as one text, the same for equal sets."""
    return "|".join(sorted(answer))
