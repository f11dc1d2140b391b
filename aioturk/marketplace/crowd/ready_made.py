"""The functions that are there from the start: `sentiment-analysis`, and its twin that needs no people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal

from aioturk.marketplace.crowd.functions import Functions, made
from aioturk.questions import HTMLQuestion, HTMLTemplate

__all__ = ["PAGE", "add_ready_made"]

_FORM = """\
<style>
blockquote { border-left: .25rem solid; margin: 1rem 0; padding-left: 1rem; white-space: pre-wrap }
fieldset { border: 0; margin: 1rem 0; padding: 0 }
fieldset label { display: block; padding: .25rem 0 }
</style>
<p>Read the text. How does whoever wrote it feel about what they write of?</p>
<blockquote>${text}</blockquote>
<fieldset>
<legend>The text is</legend>
<label><input type="radio" name="sentiment" value="positive" required> positive</label>
<label><input type="radio" name="sentiment" value="negative"> negative</label>
<label><input type="radio" name="sentiment" value="neutral"> neutral: neither, or both alike</label>
</fieldset>
"""

PAGE: HTMLTemplate = HTMLTemplate(_FORM).complete()
"""What workers see of a text."""

_PROPERTIES: Mapping[str, Any] = MappingProxyType(
    {
        "title": "What is the mood of this text?",
        "description": "Read a short text, and say whether it is positive, negative or neutral.",
        "keywords": "sentiment, text, reading, quick",
        "reward": "0.05",
        "assignment_duration": timedelta(minutes=10),
        "lifetime": timedelta(days=1),
        "max_assignments": 1,
    }
)


@dataclass(frozen=True, slots=True)
class _Sentiment:
    sentiment: Literal["positive", "negative", "neutral"]


@dataclass(frozen=True, slots=True)
class _SentimentTask:
    """What people are asked."""

    answer: type[_Sentiment] = _Sentiment

    @property
    def properties(self) -> Mapping[str, Any]:
        return _PROPERTIES

    def fill(self, row: Mapping[str, Any] | None = None, /) -> HTMLQuestion:
        question = PAGE.fill({"text": (row or {})["text"]})
        assert isinstance(question, HTMLQuestion)
        return question


def _check(given: Mapping[str, Any]) -> None:
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError('it needs a "text" that is not empty')


_WORDS = re.compile(r"[a-z]+")
_GOOD = frozenset(_WORDS.findall("amazing best excellent fantastic good great happy love loved nice perfect wonderful"))
_BAD = frozenset(_WORDS.findall("awful bad boring disappointing hate hated horrible poor sad terrible worst"))


def _guess(given: Mapping[str, Any]) -> dict[str, str]:
    """Answer at once, by a few words: a stand-in, for programs that are being written."""
    words = _WORDS.findall(str(given["text"]).lower())
    mood = sum(word in _GOOD for word in words) - sum(word in _BAD for word in words)
    return {"sentiment": "positive" if mood > 0 else "negative" if mood < 0 else "neutral"}


def add_ready_made(functions: Functions) -> None:
    """Make the functions known that are there from the start."""
    functions.add(
        "sentiment-analysis",
        made(
            answer=None,
            task=_SentimentTask(),
            check=_check,
            result=None,
            enough=None,
            approve=True,
            test_answer=_guess,
            timeout=60,
        ),
    )
