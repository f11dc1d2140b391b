"""Which question a field of an answer type belongs to, where their names differ."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Field"]


@dataclass(frozen=True, slots=True)
class Field:
    """
    Names the question that fills a field, as a note in its annotation.

    ::

        @dataclass
        class AgeGuess:
            age: int
            notes: Annotated[str, Field("AdditionalNotes")] = ""
            reason_other: Annotated[str, Field("reason", other=True)] = ""

    Args:
        question: The question's identifier, or the name of a form's field; the attribute's own name if it is left out.
        other: Take the text that the worker wrote beside "other", and not the selection.
    """

    question: str | None = None
    other: bool = False
