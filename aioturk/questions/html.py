"""
Questions that are whole HTML pages, kept and served by the service.

The page holds a form that posts to the worker site's ``/mturk/externalSubmit`` with a field ``assignmentId``, which
the page's own script fills in. Pages on a server of your own are in `aioturk.questions.external`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLQuestionArticle.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aioturk._core.xml import beyond_bmp, cdata, unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import (
    SCHEMAS,
    check_frame_height,
    check_size,
    described,
    frame_height_of,
    parts_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from aioturk.questions._finding import Finding

__all__ = ["HTMLQuestion", "carriable", "read_html"]

NAMESPACE = f"{SCHEMAS}2011-11-11/HTMLQuestion.xsd"


@dataclass(frozen=True, slots=True, repr=False)
class HTMLQuestion:
    r"""
    A whole HTML page, kept and served by the service.

    `html_content` holds what workers get, and that is the given page with two changes. Line ends become line feeds,
    as in every browser. And characters above U+FFFF (emoji, rare scripts), which the service refuses, become numeric
    references such as ``&#128512;``: in texts and attributes browsers show the character. Inside ``<script>`` and
    ``<style>`` they would not, so there such characters are an error: write ``\u{1F600}`` in JavaScript,
    ``\1F600`` in CSS, ``\ud83d\ude00`` in JSON.

    Args:
        html_content: The page, from its doctype on. What can be checked of it is little: that it is there, that XML
            can carry its characters, and the size of the whole document, at most 65,535 bytes.
        frame_height: The frame's height in pixels; 0 lets the site size it.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    html_content: str
    frame_height: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "html_content", carriable(self.html_content, "html_content"))
        check_frame_height(self.frame_height)
        check_size(
            self.to_xml(),
            "html_content",
            "Shorten the page, move scripts, styles and pictures into files of their own on the web, "
            "or serve the page yourself and use ExternalQuestion.",
        )

    def to_xml(self) -> str:
        """Return the HTMLQuestion document."""
        return (
            f'<HTMLQuestion xmlns="{NAMESPACE}">\n'
            f"  <HTMLContent>{cdata(self.html_content)}</HTMLContent>\n"
            f"  <FrameHeight>{self.frame_height}</FrameHeight>\n"
            "</HTMLQuestion>"
        )

    def lint(self, environment: str | None = None) -> tuple[Finding, ...]:
        """
        Look for what goes wrong on the real site: no form, no submit button, another environment's address, ...

        Nothing is refused because of what is found, and no page is too broken to look at.

        Args:
            environment: Where the page is to be shown: ``"production"``, ``"sandbox"``, ``"local"`` or a marketplace's
                URL. None means that either of Amazon's sites is as good.

        Returns:
            What was found, in the order of the page.

        Raises:
            InvalidRequest: The environment is none of these.
        """
        from aioturk.questions.lint import lint  # most programs never look

        return lint(self.html_content, environment, size=len(self.to_xml().encode()))

    def __repr__(self) -> str:
        page = self.html_content
        look = repr(page) if len(page) <= _LOOK else f"{page[:_LOOK]!r}... {len(page)} characters"
        return f"HTMLQuestion({look}, frame_height={self.frame_height!r})"


_LOOK = 60


def read_html(root: Element) -> HTMLQuestion:
    """
    Read an HTMLQuestion element.

    Only its structure is checked: what the service keeps may be older than the rules for new questions.

    Raises:
        XMLError: The structure is not an HTMLQuestion's.
    """
    # No published schema says that the order matters here.
    page, height = parts_of(root, "HTMLContent", "FrameHeight", ordered=False)
    question = object.__new__(HTMLQuestion)
    object.__setattr__(question, "html_content", _with_line_feeds(page))
    object.__setattr__(question, "frame_height", frame_height_of(height))
    return question


def carriable(page: object, argument: str) -> str:
    """
    Return a page as the service takes it.

    Raises:
        InvalidRequest: It cannot be carried; the error names the argument.
    """
    if not isinstance(page, str):
        raise InvalidRequest(f"is {type(page).__name__}; give the page as a string.", argument=argument)
    if not page or page.isspace():
        raise InvalidRequest("is empty; give a whole page with a form.", argument=argument)
    found = unsupported(page)
    if found is not None:
        raise InvalidRequest(
            f"holds {described(found, page)}, which XML cannot carry, not even as a reference: leave it out.",
            argument=argument,
        )
    page = _with_line_feeds(page)
    if beyond_bmp(page) is None:
        return page
    _check_raw_text(page, argument)
    return _BEYOND_BMP.sub(lambda match: f"&#{ord(match.group())};", page)


def _with_line_feeds(page: str) -> str:
    return page.replace("\r\n", "\n").replace("\r", "\n")


_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_RAW_TEXT = re.compile(r"<(script|style)\b[^<>]*>(.*?)(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)


def _check_raw_text(page: str, argument: str) -> None:
    """Refuse characters above U+FFFF where HTML reads a numeric reference as it stands."""
    for match in _RAW_TEXT.finditer(page):
        found = beyond_bmp(match[2])
        if found is not None:
            code = f"{ord(found[1]):X}"
            place = described((match.start(2) + found[0], found[1]), page)
            raise InvalidRequest(
                f"holds {place}, inside <{match[1].lower()}>. The service takes no characters above U+FFFF, "
                f"and a numeric reference means nothing there: write \\u{{{code}}} in JavaScript, \\{code} in CSS, "
                "or load the script or style from a file of its own.",
                argument=argument,
            )
