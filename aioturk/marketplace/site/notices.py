"""
`Notices`: what the site tells whoever tries out a question of their own, beside it (``aioturk preview``).

What is noticed about a page is found by `aioturk.questions.lint`; the pages ask for news by ``static/notices.js``.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["Notices"]


class Notices:
    """
    What was noticed about the question that is tried out, and where it is shown.

    Attributes:
        number: Grows whenever something new is to be shown, so that open pages know.
        path: The page that shows it.
        summary: What was looked at.
        texts: What was noticed, a sentence each.
    """

    def __init__(self) -> None:
        self.number: int = 0
        self.path = "/projects"
        self.summary: str = ""
        self.texts: tuple[str, ...] = ()

    def post(self, summary: str, texts: Sequence[str] = ()) -> None:
        """Say something new; open pages are loaded anew."""
        self.number += 1
        self.summary = summary
        self.texts = tuple(texts)
