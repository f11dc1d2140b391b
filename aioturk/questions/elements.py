"""
Question forms as values: questions that the service itself draws, for HITs and for qualification tests.

A `QuestionForm` holds overviews and questions in any order. What they show is in `aioturk.questions.content`, what
answers they take in `aioturk.questions.answer_specification`; how documents are read, in `aioturk.questions.form`.

The parts of a form take whatever they are given; the form checks everything when it is made, because only then there is
a place to name.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias, get_args

from aioturk._core.xml import escape
from aioturk.errors import InvalidRequest
from aioturk.questions._document import SCHEMAS, check_size
from aioturk.questions._element import (
    BrokenRule,
    Element,
    check_all,
    check_filled,
    check_flag,
    check_text,
    check_unique,
    look,
    obey,
    put,
    several,
)
from aioturk.questions.answer_specification import AnswerSpecification, FreeTextAnswer, SelectionAnswer
from aioturk.questions.content import Block, Blocks, blocks, check_blocks

__all__ = ["NAMESPACE", "Overview", "Part", "Question", "QuestionForm"]

NAMESPACE = f"{SCHEMAS}2017-11-06/QuestionForm.xsd"
"""The namespace that forms are written in."""


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Overview(Element):
    """
    Content between the questions of a form.

    Args:
        content: The blocks, one or several; strings are paragraphs.
    """

    _NAME: ClassVar[str] = "Overview"

    content: tuple[Block, ...]

    def __init__(self, content: Blocks) -> None:
        put(self, "content", blocks(content))

    def _xml(self) -> str:
        return f"<Overview>{''.join([block._xml() for block in self.content])}</Overview>"

    def _check(self) -> None:
        check_blocks("", self.content)


@dataclass(frozen=True, slots=True, repr=False, init=False)
class Question(Element):
    """
    A question of a form.

    Args:
        question_identifier: What its answer is called; unique in the form.
        question_content: What is asked: blocks, one or several; strings are paragraphs.
        answer_specification: What answers it takes.
        display_name: What to call it, in front of it.
        is_required: Whether it has to be answered.
    """

    _NAME: ClassVar[str] = "Question"

    question_identifier: str
    question_content: tuple[Block, ...]
    answer_specification: AnswerSpecification
    display_name: str | None = field(default=None, kw_only=True)
    is_required: bool = field(default=False, kw_only=True)

    def __init__(
        self,
        question_identifier: str,
        question_content: Blocks,
        answer_specification: AnswerSpecification,
        *,
        display_name: str | None = None,
        is_required: bool = False,
    ) -> None:
        put(self, "question_identifier", question_identifier)
        put(self, "question_content", blocks(question_content))
        put(self, "answer_specification", answer_specification)
        put(self, "display_name", display_name)
        put(self, "is_required", is_required)

    @property
    def has_to_be_answered(self) -> bool:
        """Whether workers have to answer, because the form says so or because the text may not be empty."""
        answer = self.answer_specification
        length = answer.length if isinstance(answer, FreeTextAnswer) else None
        return self.is_required or (length is not None and (length.min_length or 0) > 0)

    def _given(self) -> object:
        return self.question_identifier

    def _xml(self) -> str:
        name = "" if self.display_name is None else f"<DisplayName>{escape(self.display_name)}</DisplayName>"
        required = "<IsRequired>true</IsRequired>" if self.is_required else ""
        return (
            f"<Question><QuestionIdentifier>{escape(self.question_identifier)}</QuestionIdentifier>{name}{required}"
            f"<QuestionContent>{''.join([block._xml() for block in self.question_content])}</QuestionContent>"
            f"<AnswerSpecification>{self.answer_specification._xml()}</AnswerSpecification></Question>"
        )

    def _check(self) -> None:
        check_filled("QuestionIdentifier", self.question_identifier)
        if self.question_identifier == _CROWD_ANSWERS:
            raise BrokenRule(
                f"is {_CROWD_ANSWERS}, under which answers of crowd elements arrive, so that it would be read as "
                "theirs: name it otherwise",
                "QuestionIdentifier",
            )
        if self.display_name is not None:
            check_text("DisplayName", self.display_name)
        check_flag("IsRequired", self.is_required)
        check_blocks("QuestionContent", self.question_content)
        if not isinstance(self.answer_specification, _ANSWERS):
            raise BrokenRule(
                f"is {type(self.answer_specification).__name__}; give FreeTextAnswer or SelectionAnswer",
                "AnswerSpecification",
            )
        self.answer_specification._check()


_CROWD_ANSWERS = "taskAnswers"
_ANSWERS = (FreeTextAnswer, SelectionAnswer)
_BLOCKS = get_args(Block)

Part: TypeAlias = Overview | Question
"""A part of a form."""


@dataclass(frozen=True, slots=True, repr=False, init=False)
class QuestionForm:
    """
    Questions that the service itself draws, for a HIT or a qualification test.

    Args:
        parts: Overviews and questions, one or several, in the order in which workers see them. A string or another
            block of content that stands alone is an overview.

    Raises:
        InvalidRequest: A rule is broken; the text says where, which, and what to do.
    """

    parts: tuple[Part, ...]

    def __init__(self, parts: Part | Block | str | Iterable[Part | Block | str]) -> None:
        put(self, "parts", tuple(Overview(each) if isinstance(each, _ALONE) else each for each in several(parts)))
        try:
            self._check()
        except BrokenRule as broken:
            raise InvalidRequest(f"{broken}.", argument="parts") from None
        check_size(
            self.to_xml(),
            "parts",
            "Shorten it, ask in several HITs, or use ExternalQuestion with a page of your own.",
        )

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions, in order, without the overviews."""
        return tuple(part for part in self.parts if isinstance(part, Question))

    def to_xml(self) -> str:
        """Return the QuestionForm document."""
        lines = "\n".join([part._xml() for part in self.parts])
        return f'<QuestionForm xmlns="{NAMESPACE}">\n{lines}\n</QuestionForm>'

    def __repr__(self) -> str:
        return look(self)

    def _check(self) -> None:
        check_all("QuestionForm", self.parts, (Overview, Question))
        identifiers = (question.question_identifier for question in self.questions)
        obey("QuestionForm", check_unique, identifiers, "Question")


_ALONE = (str, *_BLOCKS)
