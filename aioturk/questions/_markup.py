"""
Cutting a page into its pieces as browsers do: text, comments, tags with their attributes, scripts.

Templates have to know where in a page a value goes, to the character, and a linter where a tag stands; both read any
page, however broken, without an error. That is why this is not `html.parser`: it keeps no places of attributes, forgets
which quotes they had, and ends comments and scripts elsewhere than browsers do, differently from one Python to the
next. No tree is built here.

The rules: https://html.spec.whatwg.org/multipage/parsing.html#tokenization
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

__all__ = ["PLACEHOLDER", "Attribute", "Kind", "Token", "attribute_of", "decoded", "tokens"]

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
"""
``${name}``; letters, digits and underscores are what the requester site is known to take.

The marketplace's layouts read the same. It looks like any text here; what could make a tag of a text and what fills it
is the business of `aioturk.questions._places`.
"""


class Kind(Enum):
    """What a piece of a page is."""

    TEXT = auto()
    COMMENT = auto()
    DOCTYPE = auto()
    START = auto()
    """A start tag."""
    END = auto()
    """An end tag."""
    TITLE = auto()
    """What is in an element that holds no tags, but in which references are decoded."""
    RAW = auto()
    """What is in an element that holds no tags, and in which nothing is decoded."""


class Attribute(NamedTuple):
    """An attribute: its name in lower case, where its value stands between its quotes, and the quote, if any."""

    name: str
    start: int
    end: int
    quote: str


class Token(NamedTuple):
    """
    A piece of a page.

    Attributes:
        kind: What it is.
        name: The element's name in lower case; what a `Kind.RAW` or `Kind.TITLE` is in.
        start: Where it begins.
        end: Where it ends.
        attributes: Those of a start tag, in their order.
        closed: Whether its end was found; the rest of the page is in it when it was not.
        doubtful: Whether browsers may cut the page otherwise here, because of what it stands in.
    """

    kind: Kind
    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...] = ()
    closed: bool = True
    doubtful: bool = False


def tokens(page: str) -> Iterator[Token]:
    """
    Cut a page into its pieces; all of them together are the page.

    Scripts, titles and the like hold tags where they stand in ``svg`` and ``math``, and CDATA sections are none
    elsewhere. Where a page is in these takes a tree to know, so such pieces are cut as those of HTML; from the first
    one on with which that makes a difference, pieces are doubtful.
    """
    position = 0
    around = _Around()
    doubtful = False
    while position < len(page):
        token = _markup(page, position) if page[position] == "<" else None
        if token is None:
            token = _text(page, position)
        doubtful = doubtful or (around.is_foreign() and _is_section_with_tags(page, token))
        yield token._replace(doubtful=True) if doubtful else token
        position = token.end
        if token.kind is Kind.START and token.name in _NO_TAGS and token.closed:
            inside = _no_tags(page, position, token.name)
            foreign = around.is_foreign()
            doubtful = doubtful or (foreign and "<" in page[inside.start : inside.end])
            # What these hold is decoded there, as all text is.
            decodes = foreign and inside.kind is Kind.RAW and "&" in page[inside.start : inside.end]
            if inside.end > position or not inside.closed:
                yield inside._replace(doubtful=True) if doubtful or decodes else inside
            position = inside.end
        around.enter(page, token)


class _Around:
    """What a page is in that may not be HTML: ``svg`` and ``math``, and what keeps elements from being there."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._in_select = False
        self._lost = False

    def is_foreign(self) -> bool:
        """Whether a piece may be read by other rules than HTML's."""
        return bool(self._open) or self._in_select or self._lost

    def enter(self, page: str, tag: Token) -> None:
        """Go on behind a tag, or any other piece."""
        if tag.kind is Kind.START:
            if tag.name == "frameset" or (self._in_select and tag.name == "template"):
                self._lost = True
            if tag.name == "select":
                self._in_select = True
            if (self._open or tag.name in ("math", "svg")) and not _is_empty(page, tag):
                self._open.append(tag.name)
        elif tag.kind is Kind.END:
            if tag.name == "select":
                self._in_select = False
            if self._open and self._open.pop() != tag.name:
                # Which end closes what depends on the elements, so nothing is known any more.
                self._lost = True


def _is_empty(page: str, tag: Token) -> bool:
    """Whether nothing is in the element that a tag begins."""
    in_value = bool(tag.attributes) and tag.attributes[-1].end == tag.end - 1
    return tag.name in _EMPTY or (page.endswith("/>", tag.start, tag.end) and not in_value)


def _is_section_with_tags(page: str, token: Token) -> bool:
    """Whether a piece begins a CDATA section that ends elsewhere than the comment that HTML makes of it."""
    return page.startswith("<![CDATA[", token.start) and not page.endswith("]]>", token.start, token.end)


def attribute_of(page: str, tag: Token, name: str) -> str | None:
    """Return the first attribute of that name, as browsers read it; None if there is none."""
    for each in tag.attributes:
        if each.name == name:
            return decoded(page[each.start : each.end])
    return None


def decoded(text: str) -> str:
    """Return the text of an attribute's value, as it is written, with its references decoded."""
    if "&" not in text:
        return text
    from html import unescape  # knows thousands of names, and most pages use none of them in attributes

    return unescape(text)


_NAME = re.compile(r"[A-Za-z][^\t\n\f\r />]*")
_BETWEEN = re.compile(r"[\t\n\f\r /]*")
_ATTRIBUTE = re.compile(r"=?[^\t\n\f\r />=]*")
_EQUALS = re.compile(r"[\t\n\f\r ]*=[\t\n\f\r ]*")
_UNQUOTED = re.compile(r"[^\t\n\f\r >]*")
_COMMENT_END = re.compile(r"--!?>")
_SCRIPT_STEP = re.compile(r"<!--(?:-*>)?|-->|<(/?)script(?=[\t\n\f\r />])", re.IGNORECASE)
_DOCTYPE = "<!doctype"

_EMPTY = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_NO_TAGS = {
    "textarea": Kind.TITLE,
    "title": Kind.TITLE,
    **dict.fromkeys(("iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "xmp"), Kind.RAW),
}


def _text(page: str, start: int) -> Token:
    end = page.find("<", start + 1)
    return Token(Kind.TEXT, "", start, len(page) if end < 0 else end)


def _markup(page: str, start: int) -> Token | None:
    """Return what begins at a ``<``; None if that is a character like all others."""
    following = page[start + 1 : start + 2]
    if following == "!":
        return _declaration(page, start)
    if following == "?":
        return _up_to(page, start, ">", Kind.COMMENT)
    if following == "/":
        name = _NAME.match(page, start + 2)
        if name is not None:
            end, _, closed = _attributes(page, name.end())
            return Token(Kind.END, name[0].lower(), start, end, (), closed)
        return _up_to(page, start, ">", Kind.COMMENT) if page[start + 2 : start + 3] else None
    name = _NAME.match(page, start + 1)
    if name is None:
        return None
    end, attributes, closed = _attributes(page, name.end())
    return Token(Kind.START, name[0].lower(), start, end, attributes, closed)


def _declaration(page: str, start: int) -> Token:
    if not page.startswith("<!--", start):
        is_doctype = page[start : start + len(_DOCTYPE)].lower() == _DOCTYPE
        return _up_to(page, start, ">", Kind.DOCTYPE if is_doctype else Kind.COMMENT)
    for short in ("<!-->", "<!--->"):
        if page.startswith(short, start):
            return Token(Kind.COMMENT, "", start, start + len(short))
    end = _COMMENT_END.search(page, start + 4)
    return Token(Kind.COMMENT, "", start, end.end() if end else len(page), (), end is not None)


def _up_to(page: str, start: int, mark: str, kind: Kind) -> Token:
    end = page.find(mark, start)
    return Token(kind, "", start, len(page) if end < 0 else end + 1, (), end >= 0)


def _attributes(page: str, position: int) -> tuple[int, tuple[Attribute, ...], bool]:
    """Return the end of a tag, its attributes, and whether it has an end, reading on from behind its name."""
    found: list[Attribute] = []
    while True:
        position = _end(_BETWEEN, page, position)
        if position >= len(page):
            return position, tuple(found), False
        if page[position] == ">":
            return position + 1, tuple(found), True
        after_name = _end(_ATTRIBUTE, page, position)
        name = page[position:after_name].lower()
        equals = _EQUALS.match(page, after_name)
        if equals is None:
            found.append(Attribute(name, after_name, after_name, ""))
            position = after_name
            continue
        start, quote = equals.end(), page[equals.end() : equals.end() + 1]
        if quote in ('"', "'"):
            end = page.find(quote, start + 1)
            if end < 0:
                return len(page), tuple(found), False
            found.append(Attribute(name, start + 1, end, quote))
            position = end + 1
        else:
            position = _end(_UNQUOTED, page, start)
            found.append(Attribute(name, start, position, ""))


def _end(pattern: re.Pattern[str], page: str, position: int) -> int:
    """Return where a pattern that fits everywhere stops."""
    match = pattern.match(page, position)
    return position if match is None else match.end()


def _no_tags(page: str, start: int, name: str) -> Token:
    end = (
        None if name == "plaintext" else _script_end(page, start) if name == "script" else _first_end(page, start, name)
    )
    return Token(_NO_TAGS[name], name, start, len(page) if end is None else end, (), end is not None)


def _first_end(page: str, start: int, name: str) -> int | None:
    found = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(page, start)
    return None if found is None else found.start()


def _script_end(page: str, start: int) -> int | None:
    """Return where a script ends. A script inside a comment inside it has an end of its own."""
    in_comment = in_script = False
    for step in _SCRIPT_STEP.finditer(page, start):
        if step[0].startswith("<!--"):
            in_comment = not step[0].endswith(">")
        elif step[0] == "-->":
            in_comment = in_script = False
        elif not step[1]:
            in_script = in_comment
        elif in_script:
            in_script = False
        else:
            return step.start()
    return None
