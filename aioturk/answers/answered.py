"""
`answers` and `parse` for the service's structures that carry a worker's answers.

These are assignments and qualification requests. The generator puts this base below them, as
`aioturk._codegen.names.BASES` says.
"""

from __future__ import annotations

from typing import TypeVar

from aioturk._core.wire import Structure
from aioturk.answers.mapping import Answers
from aioturk.answers.reading import read_answers
from aioturk.answers.typed import convert
from aioturk.errors import AnswerError

__all__ = ["Answered"]

T = TypeVar("T")


# The answers are kept beside the members, in the instance's dictionary; msgspec wants the garbage collector for that.
class Answered(Structure, frozen=True, kw_only=True, dict=True, gc=True):
    """The base of structures with an ``answer``, the XML of a ``QuestionFormAnswers`` document."""

    @property
    def answers(self) -> Answers:
        """
        The worker's answers as a mapping, read on first use and kept; empty if there is no document.

        Raises:
            AnswerError: The document is damaged, or is something else.
        """
        # What functools.cached_property does, without its lock in Python 3.11: a tenth of what reading an answer takes.
        kept = vars(self)
        if "answers" not in kept:
            document: str | None = getattr(self, "answer", None)
            try:
                kept["answers"] = Answers({}) if document is None else read_answers(document)
            except AnswerError as error:
                error.assignment_id = getattr(self, "assignment_id", None)
                raise
        found: Answers = kept["answers"]
        return found

    def parse(self, into: type[T]) -> T:
        """
        Return the worker's answers as a value of a type of yours; see `aioturk.answers.convert`.

        Args:
            into: A dataclass, attrs class, msgspec struct, ``TypedDict`` or pydantic model.

        Raises:
            AnswerError: They do not fit; it tells the questions, what the worker wrote, and what was expected.
            InvalidRequest: The type has a field that answers cannot be read as.
        """
        try:
            return convert(self.answers, into)
        except AnswerError as error:
            error.assignment_id = getattr(self, "assignment_id", None)
            raise
