"""What is noticed about a page. What there is to notice is in `aioturk.questions.lint`, which few programs load."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    Something about a page that may go wrong.

    Attributes:
        code: Its name, always the same for the same kind: ``no-form``, ``no-submit``, ``submit-url``, ...
        text: What it is, what comes of it, and what to do.
        line: The line of the page, counted from 1.
    """

    code: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.text} [{self.code}]"
