"""
Questions: what workers are asked, as values that know their XML documents.

* `ExternalQuestion`: a page of your own, shown in a frame.
* `HTMLQuestion`: a whole page that the service keeps.
* `QuestionForm`: questions that the service itself draws, for a HIT or a qualification test. It holds `Overview` and
  `Question`; both show content (`Title`, `Text`, `BulletList`, `FormattedContent`, `Binary`, `EmbeddedBinary`), and a
  question takes a `FreeTextAnswer` (with `IsNumeric`, `Length`, `AnswerFormatRegex`) or a `SelectionAnswer` (with
  `Selection`, `OtherSelection`).
* `AnswerKey`: how a qualification test is graded, with its parts `ScoredQuestion` and `AnswerOption` and the mappings
  `PercentageMapping`, `ScaleMapping` and `RangeMapping`.
* `HTMLTemplate`: a page with placeholders, of which each row of a table makes an `HTMLQuestion`; `Raw` and `escaped`
  say what in a row is HTML. `LiquidTemplate` is one with conditions and loops, and `HITLayout` a page at the service.
  All three are `Fillable`.
* `Finding`: what `lint()` notices about a page.
* `parse` reads any of them back from its document, for example from `HIT.question`.

A question checks itself when it is made, so that nothing the service is known to refuse is sent. The names load on
first use, as a page of one's own needs nothing of forms. What workers answer is in `aioturk.answers`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aioturk.questions._finding import Finding
    from aioturk.questions._reading import QuestionDocument, parse
    from aioturk.questions._values import Raw, escaped
    from aioturk.questions.answer_key import (
        AnswerKey,
        AnswerOption,
        PercentageMapping,
        RangeMapping,
        ScaleMapping,
        ScoredQuestion,
        SummedScoreRange,
    )
    from aioturk.questions.answer_specification import (
        AnswerFormatRegex,
        FreeTextAnswer,
        IsNumeric,
        Length,
        OtherSelection,
        Selection,
        SelectionAnswer,
    )
    from aioturk.questions.content import Binary, BulletList, EmbeddedBinary, FormattedContent, Text, Title
    from aioturk.questions.elements import Overview, Question, QuestionForm
    from aioturk.questions.external import ExternalQuestion
    from aioturk.questions.html import HTMLQuestion
    from aioturk.questions.layout import HITLayout
    from aioturk.questions.liquid import LiquidTemplate
    from aioturk.questions.template import Fillable, HTMLTemplate

__all__ = [
    "AnswerFormatRegex",
    "AnswerKey",
    "AnswerOption",
    "Binary",
    "BulletList",
    "EmbeddedBinary",
    "ExternalQuestion",
    "Fillable",
    "Finding",
    "FormattedContent",
    "FreeTextAnswer",
    "HITLayout",
    "HTMLQuestion",
    "HTMLTemplate",
    "IsNumeric",
    "Length",
    "LiquidTemplate",
    "OtherSelection",
    "Overview",
    "PercentageMapping",
    "Question",
    "QuestionDocument",
    "QuestionForm",
    "RangeMapping",
    "Raw",
    "ScaleMapping",
    "ScoredQuestion",
    "Selection",
    "SelectionAnswer",
    "SummedScoreRange",
    "Text",
    "Title",
    "escaped",
    "parse",
]

_NAMES_OF = {
    "_finding": ("Finding",),
    "_reading": ("QuestionDocument", "parse"),
    "_values": ("Raw", "escaped"),
    "answer_key": (
        "AnswerKey",
        "AnswerOption",
        "PercentageMapping",
        "RangeMapping",
        "ScaleMapping",
        "ScoredQuestion",
        "SummedScoreRange",
    ),
    "answer_specification": (
        "AnswerFormatRegex",
        "FreeTextAnswer",
        "IsNumeric",
        "Length",
        "OtherSelection",
        "Selection",
        "SelectionAnswer",
    ),
    "content": ("Binary", "BulletList", "EmbeddedBinary", "FormattedContent", "Text", "Title"),
    "elements": ("Overview", "Question", "QuestionForm"),
    "external": ("ExternalQuestion",),
    "html": ("HTMLQuestion",),
    "layout": ("HITLayout",),
    "liquid": ("LiquidTemplate",),
    "template": ("Fillable", "HTMLTemplate"),
}
_HOME_OF = {name: f"aioturk.questions.{home}" for home, names in _NAMES_OF.items() for name in names}


if not TYPE_CHECKING:  # which would take any name for one of ours

    def __getattr__(name: str) -> object:
        """Load a public name on first use."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'aioturk.questions' has no attribute {name!r}")
        value = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
