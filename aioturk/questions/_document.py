"""
What all question documents have in common: their namespaces, the size limit, the height of the frame.

Rules of one kind of question stand in that kind's module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aioturk._core.xml import XMLError, local_name, namespace
from aioturk.errors import InvalidRequest

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "READ_LIMIT",
    "SCHEMAS",
    "SIZE_LIMIT",
    "check_frame_height",
    "check_size",
    "described",
    "frame_height_of",
    "parts_of",
    "short_name",
]

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
"""What every namespace of the service begins with; a date and the name of a schema follow."""

# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITOperation.html (Question)
SIZE_LIMIT = 65_535
# Nothing that the service took is longer, even if the limit was once another.
READ_LIMIT = 1024 * 1024
# The service's integers have 32 bits.
FRAME_HEIGHT_LIMIT = 2**31 - 1


def check_frame_height(value: object) -> None:
    """
    Check a frame's height in pixels.

    Raises:
        InvalidRequest: It is not a whole number, or out of range.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidRequest(
            f"is {type(value).__name__}; give a whole number of pixels, or 0 to let the site size the frame.",
            argument="frame_height",
        )
    if not 0 <= value <= FRAME_HEIGHT_LIMIT:
        raise InvalidRequest(
            f"has to be from 0 to {FRAME_HEIGHT_LIMIT} pixels; 0 lets the site size the frame.",
            argument="frame_height",
        )


def check_size(document: str, argument: str, remedy: str) -> None:
    """
    Check a whole document against the service's limit.

    Args:
        document: The document.
        argument: The name of the argument that makes it large.
        remedy: What to do when it is too large.

    Raises:
        InvalidRequest: It is too large.
    """
    size = len(document) if document.isascii() else len(document.encode())
    if size > SIZE_LIMIT:
        raise InvalidRequest(
            f"makes a document of {size} bytes; the service takes at most {SIZE_LIMIT}, "
            f"counting the whole XML in UTF-8. {remedy}",
            argument=argument,
        )


def described(found: tuple[int, str], text: str) -> str:
    """Return a character's code and its place in the text, for an error text."""
    position, character = found
    code = f"U+{ord(character):04X}"
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    if "\n" in text:
        return f"{code} at line {line}, column {column}"
    return f"{code} at character {column}"


def parts_of(root: Element, *names: str, ordered: bool = True) -> Sequence[str]:
    """
    Return the texts of an element's children, which have to be exactly these.

    Args:
        root: The element.
        names: The children's local names; they share the element's namespace.
        ordered: Whether they have to stand in this order.

    Raises:
        XMLError: Something is missing, too much, out of order, or not a text.
    """
    prefix = f"{{{namespace(root)}}}"
    tags = [prefix + name for name in names]
    found = [child.tag for child in root]
    if (found if ordered else sorted(found)) != (tags if ordered else sorted(tags)):
        there = ", ".join(map(short_name, root[:_NAMED])) or "nothing"
        more = f" and {len(root) - _NAMED} more" if len(root) > _NAMED else ""
        order = ", in this order" if ordered else ""
        raise XMLError(
            f"{short_name(root)} holds {there}{more}; it takes {' and '.join(names)} of its own namespace{order}"
        )
    for child in root:
        if len(child):
            raise XMLError(f"{short_name(child)} holds an element, {short_name(child[0])}; it takes text only")
    texts = {child.tag: child.text or "" for child in root}
    return [texts[tag] for tag in tags]


def short_name(element: Element) -> str:
    """Return an element's name without its namespace, the beginning of it when it is long, for an error text."""
    name = local_name(element)
    return name if len(name) <= _SHOWN else f"{name[:_SHOWN]}..."


_SHOWN = 40
_NAMED = 8


def frame_height_of(text: str) -> int:
    """
    Read a FrameHeight.

    Raises:
        XMLError: It is not a whole number of pixels.
    """
    digits = text.strip()
    # The limit has ten digits; nothing longer is turned into a number at all.
    if digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= FRAME_HEIGHT_LIMIT:
        return int(digits)
    raise XMLError(f"FrameHeight is {digits[:20]!r}; it has to be a whole number from 0 to {FRAME_HEIGHT_LIMIT}")
