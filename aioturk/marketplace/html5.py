"""
What an HTML5 parser has to say of a page: asked only where the rules are strict about pages.

The service validated the pages of its HTMLQuestions, with a parser whose messages had this form. Browsers show pages
with errors as well, so by default nobody asks.
"""

from __future__ import annotations

__all__ = ["complaints"]

_MOST = 20
"""How many errors are told; a page that is no HTML at all has one in every line."""


def complaints(page: str) -> str:
    """Return the page's errors as the service told: ``<! [3,14] Unexpected end tag (b). !>``; empty if none."""
    # Imported late: few markets are strict.
    from html5lib import HTMLParser
    from html5lib.constants import E

    parser = HTMLParser()
    parser.parse(page)
    return " ".join(
        f"<! [{line},{column}] {E.get(code, code) % details} !>"
        for (line, column), code, details in parser.errors[:_MOST]
    )
