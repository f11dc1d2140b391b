"""
What all elements of question forms have in common: how they show themselves, and how a form says where it is broken.

An element is a plain value. Making one converts what was given and checks nothing: only the whole form knows where an
element stands, so the form checks all of it (`aioturk.questions.elements`), and a `BrokenRule` collects the place on
its way up. The elements are in `aioturk.questions.content`, `aioturk.questions.answer_specification` and
`aioturk.questions.elements`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from typing import Any, ClassVar, ParamSpec

from aioturk._core.xml import XMLError, beyond_bmp, unsupported
from aioturk.questions._document import described
from aioturk.questions._schema import filled, shown

__all__ = [
    "BrokenRule",
    "Element",
    "check_all",
    "check_filled",
    "check_flag",
    "check_number",
    "check_one",
    "check_text",
    "check_unique",
    "look",
    "obey",
    "put",
    "several",
]

P = ParamSpec("P")

put = object.__setattr__
"""Sets an attribute of a value that is being made."""


class BrokenRule(Exception):
    """
    An element breaks a rule.

    Args:
        complaint: What is wrong, as the rest of a sentence about the last step.
        path: The way from the element at hand to what is wrong; empty for the element itself.
    """

    def __init__(self, complaint: str, *path: str) -> None:
        super().__init__(complaint, *path)
        self.complaint = complaint
        self.path = path

    def within(self, step: str) -> BrokenRule:
        """Return the same, seen from further outside."""
        return BrokenRule(self.complaint, step, *self.path)

    def __str__(self) -> str:
        *above, last = self.path
        return f"{', '.join(above)}: {last} {self.complaint}" if above else f"{last} {self.complaint}"


class Element:
    """An element of a form: a frozen dataclass that knows its XML and its rules."""

    __slots__ = ()

    _NAME: ClassVar[str]
    """The service's name."""

    def _given(self) -> object:
        """Return the name that the author gave it, if there is one."""
        return None

    def _xml(self) -> str:
        """Return its XML."""
        raise NotImplementedError

    def _check(self) -> None:
        """
        Check it and everything in it.

        Raises:
            BrokenRule: It cannot be sent.
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        return look(self)


def look(value: Any) -> str:
    """Return what would make a frozen dataclass again, without arguments that are as they are when left out."""
    words = []
    for each in fields(value):
        given = getattr(value, each.name)
        if each.default is MISSING and not each.kw_only:
            words.append(repr(given))
        elif given != each.default:
            words.append(f"{each.name}={given!r}")
    return f"{type(value).__name__}({', '.join(words)})"


def several(given: object, of_string: Callable[[str], object] = str) -> tuple[Any, ...]:
    """
    Return things that were given alone or together.

    Args:
        given: One thing, or an iterable; a string is one thing.
        of_string: What a string becomes.
    """
    things = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else given
    return tuple(of_string(each) if isinstance(each, str) else each for each in things)


# Checks. Each raises a `BrokenRule` about the element, or about the child or attribute of the given name.


def check_all(name: str, elements: Sequence[Element], kinds: tuple[type[Element], ...]) -> None:
    """Check that there are elements, that all are of these kinds, and each of them."""
    if not elements:
        raise BrokenRule(f"is empty; it takes {_listed(kinds)}", *_path(name))
    for index, element in enumerate(elements):
        if not isinstance(element, kinds):
            raise BrokenRule(f"holds {type(element).__name__}; it takes {_listed(kinds)}", *_path(name))
        try:
            element._check()
        except BrokenRule as broken:
            raise broken.within(_numbered(elements, index)) from None


def check_one(name: str, element: Element, kinds: tuple[type[Element], ...]) -> None:
    """Check an element of which there is one, and that it is of these kinds."""
    if not isinstance(element, kinds):
        raise BrokenRule(f"is {type(element).__name__}; give {_listed(kinds)}", *_path(name))
    try:
        element._check()
    except BrokenRule as broken:
        raise broken.within(element._NAME) from None


def _listed(kinds: tuple[type[Element], ...]) -> str:
    return " or ".join(kind.__name__ for kind in kinds)


def _numbered(elements: Sequence[Element], index: int) -> str:
    """Return an element's name, which one of its kind it is, and the name that its author gave it."""
    element = elements[index]
    number = sum(type(each) is type(element) for each in elements[: index + 1])
    given = element._given()
    named = f" ({shown(given)})" if isinstance(given, str) and given else ""
    return f"{element._NAME} {number}{named}"


def obey(name: str, rule: Callable[P, None], /, *arguments: P.args, **options: P.kwargs) -> None:
    """Apply a rule of documents, which raises an `XMLError`, to a value."""
    try:
        rule(*arguments, **options)
    except XMLError as error:
        raise BrokenRule(str(error), *_path(name)) from None


def check_text(name: str, text: object, remedy: str = "leave it out, or show it in a picture") -> None:
    """
    Check that something is a text that can be sent.

    Args:
        name: The child's name; empty for the element's own text.
        text: What has to be a text.
        remedy: What to do about a character above U+FFFF, which ``{code}`` stands for.
    """
    if not isinstance(text, str):
        raise BrokenRule(f"is {type(text).__name__}; give a string", *_path(name))
    if text.isascii() and text.isprintable():
        return
    found = unsupported(text)
    if found is not None:
        raise BrokenRule(f"holds {described(found, text)}, which XML cannot carry: leave it out", *_path(name))
    found = beyond_bmp(text)
    if found is not None:
        raise BrokenRule(
            f"holds {described(found, text)}; the service takes no characters above U+FFFF: "
            f"{remedy.format(code=ord(found[1]))}",
            *_path(name),
        )


def check_filled(name: str, text: object) -> None:
    """Check that something is a text, and not blank."""
    check_text(name, text)
    assert isinstance(text, str)
    obey(name, filled, text)


def check_number(name: str, number: object, numbers: range) -> None:
    """Check that something is a whole number of a range."""
    if not isinstance(number, int) or isinstance(number, bool):
        raise BrokenRule(f"is {type(number).__name__}; give a whole number", *_path(name))
    if number not in numbers:
        raise BrokenRule(f"has to be a whole number from {numbers[0]} to {numbers[-1]}", *_path(name))


def check_flag(name: str, flag: object) -> None:
    """Check that something is a truth value."""
    if not isinstance(flag, bool):
        raise BrokenRule(f"is {type(flag).__name__}; give True or False", *_path(name))


def check_unique(identifiers: Iterable[str], kind: str) -> None:
    """
    Check that no identifier is there twice. This is a rule of documents, too.

    Args:
        identifiers: The identifiers of all elements of a kind, in order.
        kind: The element's name.

    Raises:
        XMLError: One is.
    """
    seen: dict[str, int] = {}
    for number, identifier in enumerate(identifiers, 1):
        first = seen.setdefault(identifier, number)
        if first != number:
            raise XMLError(
                f"holds the {kind}Identifier {shown(identifier)} twice, in {kind} {first} and {kind} {number}; "
                "each has to be unique"
            )


def _path(name: str) -> tuple[str, ...]:
    return (name,) if name else ()
