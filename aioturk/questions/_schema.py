"""
Checking an element by a table: which children it takes, in which order and how often, and what their texts may be.

The tables stand beside the documents that they describe, in `aioturk.questions.form` and
`aioturk.questions.answer_key`. What a document means is their business too: once `check` has passed, they read it with
`child`, `children` and `text_in` and need not doubt anything.

Every step is made once for each element, so the time grows with the document and not faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from json import dumps
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from aioturk._core.xml import XMLError, local_name, namespace, text_of
from aioturk.questions._document import short_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = [
    "INT",
    "Attribute",
    "Content",
    "Elements",
    "Part",
    "Text",
    "Withdrawn",
    "boolean",
    "check",
    "child",
    "children",
    "filled",
    "one_of",
    "shown",
    "text_in",
    "whole_number",
]

INT = range(-(2**31), 2**31)
"""The numbers that the schemas call ``int``."""


@dataclass(frozen=True, slots=True)
class Text:
    """
    An element that holds text and nothing else.

    Args:
        check: Raises an `XMLError` that says what is wrong with a text, as the rest of a sentence about it.
        remedy: What to do when it holds elements.
    """

    check: Callable[[str], None] | None = None
    remedy: str = "it takes text only"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute; `check` is as that of `Text`."""

    check: Callable[[str], None] | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """
    An element that the service takes no more.

    Args:
        text: What happened, and what to do, as the rest of a sentence about it.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """
    A step in an element's content: one of these elements, or several.

    Consecutive parts have no names in common; that is what makes reading them in one go right.

    Args:
        choices: The elements that may stand here, by name.
        least: How many have to stand here.
        most: How many may stand here, in any order; None is any number.
    """

    choices: Mapping[str, Content]
    least: int = 1
    most: int | None = 1


@dataclass(frozen=True, slots=True)
class Elements:
    """
    An element that holds elements and no text of its own.

    Args:
        parts: What it holds, in this order.
        attributes: Its attributes, by name.
        check: Looks at what no single part can tell, once all of them are right; raises an `XMLError` that says what
            is wrong, as the rest of a sentence about the element.
        named_by: The child whose text names the element in errors.
    """

    parts: tuple[Part, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    check: Callable[[Element], None] | None = None
    named_by: str = ""


Content: TypeAlias = Text | Elements | Withdrawn
"""What an element may hold."""


def check(root: Element, content: Elements) -> None:
    """
    Check an element and everything in it.

    Raises:
        XMLError: Something is missing, too much, out of order or not a value of its kind; the text names the place,
            as in ``Question 3 ("age"): MinSelectionCount is ...``. An error of another class that a check raised
            keeps its class.
    """
    _check(root, content, _Place(None, root, 0, content))


def child(element: Element, name: str) -> Element | None:
    """Return an element's first child of a name in its namespace."""
    return element.find(f"{{{namespace(element)}}}{name}")


def children(element: Element, name: str) -> list[Element]:
    """Return an element's children of a name in its namespace."""
    return element.findall(f"{{{namespace(element)}}}{name}")


def text_in(element: Element, name: str) -> str | None:
    """Return the text of an element's child, or None when there is no such child."""
    found = child(element, name)
    return None if found is None else found.text or ""


# What texts may be.


def shown(text: str) -> str:
    """Return a text in quotes, the beginning of it when it is long, for an error text."""
    return dumps(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...", ensure_ascii=False)


_SHOWN = 40


def filled(text: str) -> None:
    """
    Check that a text is there.

    Raises:
        XMLError: It is empty or blank.
    """
    if not text.strip():
        raise XMLError("is empty")


def one_of(*words: str) -> Callable[[str], None]:
    """Make the check that a text is one of these words; white space around it is part of it, as in XML Schema."""

    def check_word(text: str) -> None:
        if text not in words:
            raise XMLError(f"is {shown(text)}; it has to be {_listed(words, 'or')}")

    return check_word


def boolean(text: str) -> None:
    """
    Check that a text is a truth value.

    Raises:
        XMLError: It is not.
    """
    if text.strip() not in ("true", "false", "1", "0"):
        raise XMLError(f"is {shown(text)}; it has to be true or false")


def whole_number(numbers: range) -> Callable[[str], None]:
    """Make the check that a text is a whole number of this range."""

    def check_number(text: str) -> None:
        if _DIGITS.fullmatch(text.strip()) is None or int(text) not in numbers:
            raise XMLError(f"is {shown(text)}; it has to be a whole number from {numbers[0]} to {numbers[-1]}")

    return check_number


# Far more zeros in front than anybody writes; nothing longer is turned into a number at all.
_DIGITS = re.compile(r"[+-]?[0-9]{1,40}")


# The walk.


class _Place(NamedTuple):
    """Where an element stands; put into words only when something is wrong there."""

    above: _Place | None
    element: Element
    number: int
    """Which one of its name it is, counted from 1; 0 when there can be only one."""
    content: Content

    def __str__(self) -> str:
        above = ", ".join(reversed([place.label() for place in self._ancestors() if place.number]))
        return f"{above}: {self.label()}" if above else self.label()

    def _ancestors(self) -> Iterator[_Place]:
        place = self.above
        while place is not None:
            yield place
            place = place.above

    def label(self) -> str:
        """Return the element's name, its number and the name that its author gave it."""
        words = [short_name(self.element)]
        if self.number:
            words.append(str(self.number))
        if isinstance(self.content, Elements) and self.content.named_by:
            given = text_in(self.element, self.content.named_by)
            if given:
                words.append(f"({shown(given)})")
        return " ".join(words)

    def error(self, complaint: str, kind: type[XMLError] = XMLError) -> XMLError:
        return kind(f"{self} {complaint}")


def _check(element: Element, content: Content, place: _Place) -> None:
    if isinstance(content, Withdrawn):
        raise place.error(content.text)
    _check_attributes(element, content.attributes if isinstance(content, Elements) else {}, place)
    if isinstance(content, Text):
        _check_text(element, content, place)
        return
    matched = _matched(element, content.parts, place)
    _check_no_text(element, place)
    numbers: dict[str, int] = {}
    for part, within in matched:
        numbers[part.tag] = number = numbers.get(part.tag, 0) + 1
        inner = within.choices[local_name(part)]
        _check(part, inner, _Place(place, part, number if within.most != 1 else 0, inner))
    if content.check is not None:
        try:
            content.check(element)
        except XMLError as error:
            raise place.error(str(error), type(error)) from None


def _check_text(element: Element, content: Text, place: _Place) -> None:
    if len(element):
        raise place.error(f"holds an element, {short_name(element[0])}; {content.remedy}")
    if content.check is not None:
        try:
            content.check(text_of(element))
        except XMLError as error:
            raise place.error(str(error), type(error)) from None


def _check_no_text(element: Element, place: _Place) -> None:
    for between in (element.text, *(each.tail for each in element)):
        if between and not between.isspace():
            raise place.error(f"holds the text {shown(between.strip())} between its elements")


def _check_attributes(element: Element, attributes: Mapping[str, Attribute], place: _Place) -> None:
    for name, value in element.attrib.items():
        # Those of other namespaces, such as xsi:schemaLocation, are not the document's own.
        if name.startswith("{"):
            continue
        attribute = attributes.get(name)
        if attribute is None:
            takes = f"it takes {_listed(tuple(attributes), 'and')}" if attributes else "it takes none"
            raise place.error(f"has the attribute {shown(name)}; {takes}")
        if attribute.check is not None:
            try:
                attribute.check(value)
            except XMLError as error:
                raise XMLError(f"{place}'s attribute {name} {error}") from None
    for name, attribute in attributes.items():
        if attribute.required and name not in element.attrib:
            raise place.error(f"lacks the attribute {name}")


def _matched(element: Element, parts: tuple[Part, ...], place: _Place) -> list[tuple[Element, Part]]:
    """Return the element's children, each with the part that it stands for."""
    prefix = f"{{{namespace(element)}}}"
    matched: list[tuple[Element, Part]] = []
    waiting = iter(element)
    following = next(waiting, None)
    for part in parts:
        count = 0
        while (
            following is not None
            and count != part.most
            and following.tag.startswith(prefix)
            and local_name(following) in part.choices
        ):
            matched.append((following, part))
            count += 1
            following = next(waiting, None)
        if count < part.least:
            raise place.error(_misfit(element, matched, following, part, parts))
    if following is not None:
        raise place.error(_misfit(element, matched, following, None, parts))
    return matched


def _misfit(
    element: Element,
    matched: list[tuple[Element, Part]],
    found: Element | None,
    missing: Part | None,
    parts: tuple[Part, ...],
) -> str:
    takes = f"it takes {_described(parts)}"
    if found is None:
        return f"lacks {_choice(missing)}; {takes}" if matched and missing else f"is empty; {takes}"
    name = short_name(found)
    if namespace(found) != namespace(element):
        return f"holds {name} of another namespace, {shown(namespace(found))}; {takes}"
    after = f"after {short_name(matched[-1][0])}" if matched else "first"
    return f"holds {name} {after}; {takes}"


def _described(parts: tuple[Part, ...]) -> str:
    """Return what stands in an element, in words."""
    steps = []
    for part in parts:
        often = {(0, 1): " (optional)", (1, None): " (once or more)", (0, None): " (any number)"}
        steps.append(_choice(part) + often.get((part.least, part.most), ""))
    listed = _listed(tuple(steps), "and")
    return (listed + ", in this order" if len(parts) > 1 else listed) or "nothing"


def _choice(part: Part) -> str:
    return " or ".join(name for name, content in part.choices.items() if not isinstance(content, Withdrawn))


def _listed(words: tuple[str, ...], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)
