"""
What workers look at in a question form: the blocks of which overviews and questions are made.

Which XHTML formatted content may use is in `aioturk.questions.formatted`, what stands around the blocks in
`aioturk.questions.elements`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_QuestionFormDataStructureArticle.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias
from urllib.parse import quote, urlsplit

from aioturk._core.xml import XMLError, cdata, escape
from aioturk.questions._document import described
from aioturk.questions._element import (
    BrokenRule,
    Element,
    check_all,
    check_text,
    obey,
    put,
    several,
)
from aioturk.questions._schema import one_of, shown
from aioturk.questions.formatted import check_formatted

__all__ = [
    "MEDIA",
    "Binary",
    "Block",
    "Blocks",
    "BulletList",
    "EmbeddedBinary",
    "FormattedContent",
    "Text",
    "Title",
    "blocks",
    "check_blocks",
    "web_address",
]

MEDIA = ("image", "audio", "video")
"""What a `Binary` can be."""


@dataclass(frozen=True, slots=True, repr=False)
class Title(Element):
    """
    A heading.

    Args:
        text: The heading.
    """

    _NAME: ClassVar[str] = "Title"

    text: str

    def _xml(self) -> str:
        return f"<Title>{escape(self.text)}</Title>"

    def _check(self) -> None:
        check_text("", self.text)


@dataclass(frozen=True, slots=True, repr=False)
class Text(Element):
    """
    A paragraph. Wherever a block may stand, a plain string is one.

    Args:
        text: The paragraph.
    """

    _NAME: ClassVar[str] = "Text"

    text: str

    def _xml(self) -> str:
        return f"<Text>{escape(self.text)}</Text>"

    def _check(self) -> None:
        check_text("", self.text)


@dataclass(frozen=True, slots=True, repr=False, init=False)
class BulletList(Element):
    """
    A list with bullets: the element that the service calls List.

    Args:
        items: The items, at least one.
    """

    _NAME: ClassVar[str] = "List"

    items: tuple[str, ...]

    def __init__(self, items: str | Iterable[str]) -> None:
        put(self, "items", several(items))

    def _xml(self) -> str:
        return f"<List>{''.join(f'<ListItem>{escape(item)}</ListItem>' for item in self.items)}</List>"

    def _check(self) -> None:
        if not self.items:
            raise BrokenRule("is empty; give at least one item")
        for number, item in enumerate(self.items, 1):
            check_text(f"ListItem {number}", item)


@dataclass(frozen=True, slots=True, repr=False)
class FormattedContent(Element):
    """
    Text with markup: the part of XHTML that the service permits, which is no scripts, styles, classes, ids or comments.

    Line ends become line feeds, as in every parser of XML.

    Args:
        xhtml: The markup. It has to be well-formed XML: every tag is closed, ``&`` is written ``&amp;``.
    """

    _NAME: ClassVar[str] = "FormattedContent"

    xhtml: str

    def __post_init__(self) -> None:
        given: object = self.xhtml
        if isinstance(given, str) and "\r" in given:
            put(self, "xhtml", given.replace("\r\n", "\n").replace("\r", "\n"))

    def _xml(self) -> str:
        return f"<FormattedContent>{cdata(self.xhtml)}</FormattedContent>"

    def _check(self) -> None:
        check_text("", self.xhtml, "write the reference &#{code};")
        obey("", check_formatted, self.xhtml)


@dataclass(frozen=True, slots=True, repr=False)
class Binary(Element):
    """
    A picture, a sound or a film, shown as browsers do.

    Args:
        data_url: Where it is: an http or https URL, as a browser would take it.
        alt_text: What it is, in words, for those who cannot see or hear it.
        mime_type: ``image``, ``audio`` or ``video``, alone or with a subtype, as in ``image/png``.
    """

    _NAME: ClassVar[str] = "Binary"

    data_url: str
    alt_text: str
    mime_type: str = field(default="image", kw_only=True)

    def __post_init__(self) -> None:
        _strip_url(self)

    def _xml(self) -> str:
        kind, slash, subtype = self.mime_type.partition("/")
        more = f"<SubType>{escape(subtype)}</SubType>" if slash else ""
        return (
            f"<Binary><MimeType><Type>{escape(kind)}</Type>{more}</MimeType><DataURL>{escape(self.data_url)}</DataURL>"
            f"<AltText>{escape(self.alt_text)}</AltText></Binary>"
        )

    def _check(self) -> None:
        check_text("MimeType", self.mime_type)
        obey("MimeType's Type", _medium, self.mime_type.partition("/")[0])
        check_text("DataURL", self.data_url)
        obey("DataURL", _whole_address, self.data_url)
        check_text("AltText", self.alt_text)


@dataclass(frozen=True, slots=True, repr=False, init=False)
class EmbeddedBinary(Element):
    """
    Something that browsers show in a rectangle of their own, with parameters.

    Args:
        data_url: Where it is: an http or https URL, as a browser would take it.
        alt_text: What it is, in words, for those who cannot see or hear it.
        mime_type: Its type and subtype, as in ``video/mp4``.
        width: The rectangle's width in pixels.
        height: Its height in pixels.
        application_parameters: Names and values to hand over, as a mapping or as pairs.
    """

    _NAME: ClassVar[str] = "EmbeddedBinary"

    data_url: str
    alt_text: str
    mime_type: str = field(kw_only=True)
    width: str = field(kw_only=True)
    height: str = field(kw_only=True)
    application_parameters: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)

    def __init__(
        self,
        data_url: str,
        alt_text: str,
        *,
        mime_type: str,
        width: int | str,
        height: int | str,
        application_parameters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    ) -> None:
        put(self, "data_url", data_url)
        put(self, "alt_text", alt_text)
        put(self, "mime_type", mime_type)
        put(self, "width", _pixels(width))
        put(self, "height", _pixels(height))
        pairs = application_parameters
        pairs = pairs.items() if isinstance(pairs, Mapping) else several(pairs)
        put(self, "application_parameters", tuple(tuple(pair) if isinstance(pair, list) else pair for pair in pairs))
        _strip_url(self)

    def _xml(self) -> str:
        kind, _, subtype = self.mime_type.partition("/")
        parameters = "".join(
            f"<ApplicationParameter><Name>{escape(name)}</Name><Value>{escape(value)}</Value></ApplicationParameter>"
            for name, value in self.application_parameters
        )
        return (
            f"<EmbeddedBinary><EmbeddedMimeType><Type>{escape(kind)}</Type><SubType>{escape(subtype)}</SubType>"
            f"</EmbeddedMimeType><DataURL>{escape(self.data_url)}</DataURL><AltText>{escape(self.alt_text)}</AltText>"
            f"<Width>{escape(self.width)}</Width><Height>{escape(self.height)}</Height>{parameters}</EmbeddedBinary>"
        )

    def _check(self) -> None:
        check_text("EmbeddedMimeType", self.mime_type)
        kind, _, subtype = self.mime_type.partition("/")
        if not kind.strip() or not subtype.strip():
            raise BrokenRule(f"is {shown(self.mime_type)}; give type and subtype, as in video/mp4", "EmbeddedMimeType")
        check_text("DataURL", self.data_url)
        obey("DataURL", _whole_address, self.data_url)
        check_text("AltText", self.alt_text)
        for name, size in (("Width", self.width), ("Height", self.height)):
            check_text(name, size)
            obey(name, _size, size)
        for number, pair in enumerate(self.application_parameters, 1):
            try:
                _check_pair(pair)
            except BrokenRule as broken:
                raise broken.within(f"ApplicationParameter {number}") from None


Block: TypeAlias = Title | Text | BulletList | FormattedContent | Binary | EmbeddedBinary
"""A block of content."""

Blocks: TypeAlias = Block | str | Iterable[Block | str]
"""Blocks of content, one or several; strings are paragraphs."""


def blocks(given: Blocks) -> tuple[Block, ...]:
    """Return blocks that were given alone or together; strings become paragraphs."""
    return several(given, Text)


def check_blocks(name: str, content: tuple[Block, ...]) -> None:
    """
    Check the blocks in the element, or in its child of the given name.

    Raises:
        BrokenRule: They cannot be sent.
    """
    check_all(name, content, _BLOCKS)


_BLOCKS = (Title, Text, BulletList, FormattedContent, Binary, EmbeddedBinary)

_WEB = re.compile(r"https?://.", re.IGNORECASE)


def web_address(text: str) -> None:
    """
    Check that a text is a web address. This is a rule of documents, too.

    Raises:
        XMLError: It is not.
    """
    if _WEB.match(text.strip()) is None:
        raise XMLError(f"is {shown(text)}; it has to be an http or https URL")


def _whole_address(text: str) -> None:
    """
    Check that a text is a web address as a browser takes it. What the service keeps may be older than this rule.

    Raises:
        XMLError: It is not.
    """
    web_address(text)
    white = _WHITE_SPACE.search(text)
    if white is not None:
        raise XMLError(f"holds {described((white.start(), white[0]), text)}: percent-encode it, as {quote(white[0])}")
    try:
        host = urlsplit(text).hostname
    except ValueError as error:
        raise XMLError(f"is not a URL: {error}") from None
    if not host:
        raise XMLError(f"is {shown(text)}, without a host; give a whole URL, as in https://example.org/cat.png")


_WHITE_SPACE = re.compile(r"[\s\x7f]")


def _size(text: str) -> None:
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise XMLError(f"is {shown(text)}; give a whole number of pixels")


_medium = one_of(*MEDIA)


def _strip_url(value: Binary | EmbeddedBinary) -> None:
    # White space around an address means nothing, and is not kept when one is read.
    given: object = value.data_url
    if isinstance(given, str):
        put(value, "data_url", given.strip())


def _pixels(given: object) -> object:
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


def _check_pair(pair: object) -> None:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise BrokenRule(f"is {type(pair).__name__}; give a pair of name and value")
    name, value = pair
    check_text("Name", name)
    check_text("Value", value)
