"""
Questions, read once: a frame's address needs the document, the page in the frame again, and each of its answers.

Reading one takes longer than all else about a page. What is kept is what the text says, so it is never out of date; and
the values cannot be changed by who uses them.
"""

from __future__ import annotations

from functools import lru_cache

from aioturk.questions import parse

__all__ = ["document"]


@lru_cache(maxsize=64)
def document(text: str) -> object:
    """
    Return a question's document as a value: a question of some kind, or an answer key.

    Args:
        text: The document.

    Raises:
        InvalidRequest: It is no question document; that is not kept.
    """
    return parse(text)
