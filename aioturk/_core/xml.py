"""
Guarded reading and careful writing of XML: the text format of questions, tests, answer keys and answers.

Documents come from workers, files and the network, so reading trusts nothing: a document type declaration, and
with it every entity and external reference, is refused before a byte of it is processed; so are documents that are
too large or nested too deeply, or whose tags have no end. Nothing is ever fetched or expanded.

What the documents mean lives above: `aioturk.questions` and `aioturk.answers`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element
    from xml.parsers.expat import XMLParserType

__all__ = [
    "Refused",
    "XMLError",
    "beyond_bmp",
    "carried",
    "cdata",
    "escape",
    "local_name",
    "namespace",
    "parse",
    "run",
    "text_of",
    "unsupported",
]

SIZE_LIMIT = 8 * 1024 * 1024
DEPTH_LIMIT = 100
MARKUP_LIMIT = 65_536
"""
The longest tag or comment that is sure to be read, in bytes; one of twice that is refused.

Expat would take a second over eight megabytes of attributes before it shows them to anybody.
"""


class XMLError(ValueError):
    """
    A document cannot be read.

    Attributes:
        text: What is wrong, in a sentence without its full stop.
        line: The line, counted from 1; 0 when it is not known.
        column: The column, counted from 1; 0 when it is not known.
    """

    def __init__(self, text: str, line: int = 0, column: int = 0) -> None:
        super().__init__(text, line, column)
        self.text = text
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"{self.text} (line {self.line}, column {self.column})" if self.line else self.text


class Refused(Exception):
    """Something in the document is not welcome; `run` adds the place."""


def parse(document: str | bytes, *, limit: int = SIZE_LIMIT) -> Element:
    """
    Read a document into a tree; tags are in ElementTree's form, ``{namespace}name``.

    Args:
        document: The text, or its bytes in the encoding that they declare. For text, a declared encoding is ignored.
        limit: The largest length that is read, in characters or bytes.

    Raises:
        XMLError: It is not well-formed, too large, too deep, has a tag that is far too long, or has a document type
            declaration.
    """
    # Both cost milliseconds to import, and most programs never read XML.
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    if len(document) > limit:
        raise XMLError(f"the document is {len(document)} long; at most {limit} is read")
    if isinstance(document, str):
        document = _utf8(document)
        encoding = "utf-8"
    else:
        encoding = None
    # expat itself and not ElementTree's parser: a handler that raises stops expat at once.
    reader = expat.ParserCreate(encoding, "}")
    reader.buffer_text = True
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise Refused(f"elements are nested deeper than {DEPTH_LIMIT}")
        builder.start(_clark(name), {_clark(key): value for key, value in attributes.items()} if attributes else {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_clark(name))

    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.CharacterDataHandler = builder.data
    run(reader, document)
    return builder.close()


def run(reader: XMLParserType, document: bytes) -> None:
    """
    Let a reader go through a document, whose handlers may raise `Refused`.

    Raises:
        XMLError: It is not well-formed, was refused, or has a document type declaration.
    """
    from xml.parsers import expat

    reader.StartDoctypeDeclHandler = _refuse_doctype
    start = 0
    try:
        while len(document) - start > MARKUP_LIMIT:
            reader.Parse(document[start : start + MARKUP_LIMIT], False)
            # Texts are taken as they come, but a tag or a comment only when its end is there.
            if reader.CurrentByteIndex <= start:
                raise Refused(f"a tag, a comment or another piece of markup is longer than {MARKUP_LIMIT} bytes")
            start += MARKUP_LIMIT
        reader.Parse(document[start:], True)
    except expat.ExpatError as error:
        raise XMLError(expat.ErrorString(error.code), error.lineno, error.offset + 1) from None
    except Refused as refused:
        raise XMLError(str(refused), reader.CurrentLineNumber, reader.CurrentColumnNumber + 1) from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not know, or that expat cannot use
        raise XMLError(f"the declared encoding cannot be read: {error}", 1, 1) from None


def _utf8(document: str) -> bytes:
    try:
        return document.encode()
    except UnicodeEncodeError as error:
        line = document.count("\n", 0, error.start) + 1
        column = error.start - document.rfind("\n", 0, error.start)
        raise XMLError("half of a surrogate pair is not a character", line, column) from None


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_declared: object) -> None:
    raise Refused("a document type declaration (<!DOCTYPE ...>) is not accepted, nor are entities")


def namespace(element: Element) -> str:
    """Return the namespace of an element, or the empty string."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element) -> str:
    """
    Return the text of an element that may hold nothing else.

    Raises:
        XMLError: It holds elements.
    """
    if len(element):
        raise XMLError(f"{local_name(element)} holds an element, {local_name(element[0])}; it takes text only")
    return element.text or ""


def escape(text: str) -> str:
    """
    Return text ready to stand between two tags, such that a parser reads exactly this text.

    A carriage return becomes a reference, because parsers turn a bare one into a line feed. What XML cannot
    carry at all is left as it is: see `unsupported` and `carried`.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def cdata(text: str) -> str:
    """
    Return text as a CDATA section, or as several where it holds ``]]>``, which would end one.

    Parsers read carriage returns in it as line feeds.
    """
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


_UNSUPPORTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")


def unsupported(text: str) -> tuple[int, str] | None:
    """
    Find the first character that XML 1.0 cannot carry, not even as a reference: most control characters,
    halves of surrogate pairs, U+FFFE and U+FFFF.

    Returns:
        Its position, counted from 0, and the character; None if there is none.
    """
    return _first(_UNSUPPORTED, text)


def carried(text: str) -> str:
    """Return text without the characters that XML 1.0 cannot carry."""
    return _UNSUPPORTED.sub("", text)


def beyond_bmp(text: str) -> tuple[int, str] | None:
    """
    Find the first character above U+FFFF (emoji, rare scripts): good XML, but the service refuses it in questions.

    Returns:
        Its position, counted from 0, and the character; None if there is none.
    """
    return None if text.isascii() else _first(_BEYOND_BMP, text)


def _first(pattern: re.Pattern[str], text: str) -> tuple[int, str] | None:
    found = pattern.search(text)
    return None if found is None else (found.start(), found.group())
