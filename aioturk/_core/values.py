"""
One converter for each kind of value: what a caller may reasonably write for it, and what is sent.

A converter returns the JSON value, or raises a `Refusal`. Which member of a request has which is said in
`aioturk._core.arguments`; amounts of money are in `aioturk._core.money`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from aioturk._core.accepted import Document, Fillable, Layout
from aioturk._core.refusal import Refusal, described, short
from aioturk._core.schema import Shape, pattern_of
from aioturk._core.wire import Keywords, Structure, epoch

__all__ = ["Convert", "boolean", "bounded", "document", "integer", "items", "keywords", "moment", "seconds", "text"]

Convert: TypeAlias = Callable[[Any], Any]
"""From what a caller wrote to the JSON value; raises a `Refusal`."""


def text(shape: Shape) -> Convert:
    """Make the converter of strings of a shape: names, ids, enumerations."""
    shortest, longest = shape.minimum, shape.maximum
    pattern = pattern_of(shape.pattern).fullmatch if shape.pattern else None
    words = frozenset(shape.values)

    def convert(value: Any) -> str:
        if not isinstance(value, str):
            raise Refusal(f"is {described(value)}; give a string.")
        if shortest is not None and len(value) < shortest:
            raise Refusal("is empty." if not value else f"is shorter than {shortest} characters.")
        if longest is not None and len(value) > longest:
            raise Refusal(f"has {len(value)} characters; at most {longest} are allowed: shorten it.")
        if pattern is not None and pattern(value) is None:
            raise Refusal(
                f"is {short(value, repr)}, which does not look like an id of this kind (pattern {shape.pattern})."
            )
        if words and value not in words:
            raise Refusal(f"is {short(value, repr)}; choose one of {', '.join(shape.values)}.")
        # An enumeration's member is a string too, but only a plain one is written without a detour.
        return _sound(value if type(value) is str else str.__str__(value))

    return convert


def _sound(words: str) -> str:
    """Return a text that can be written as UTF-8, which Python's strings need not be."""
    if not words.isascii():
        try:
            words.encode()
        except UnicodeEncodeError:
            raise Refusal(
                f"holds half a character ({short(words, ascii)}), which UTF-8 cannot carry: repair or leave it out."
            ) from None
    return words


def integer(shape: Shape) -> Convert:
    """Make the converter of whole numbers of a shape."""
    # The model's integers are 32 bits wide, and its longs are durations all.
    least = -(2**31) if shape.minimum is None else shape.minimum
    most = 2**31 - 1 if shape.maximum is None else shape.maximum

    def convert(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(f"is {described(value)}; give a whole number.")
        if not least <= value <= most:
            raise Refusal(f"is {short(value)}; it has to be {_range(least, most)}.")
        return int(value)

    return convert


def _range(least: int | None, most: int | None, unit: str = "") -> str:
    words = f" {unit}" if unit else ""
    if least is None:
        return f"at most {most}{words}"
    if most is None:
        return f"at least {least}{words}"
    return f"from {least} to {most}{words}"


def boolean(value: Any) -> bool:
    """Convert a truth value, and nothing that merely counts as one."""
    if not isinstance(value, bool):
        raise Refusal(f"is {described(value)}; give True or False.")
    return value


def moment(value: Any) -> int | float:
    """Convert a point in time: an aware datetime, or seconds since the epoch."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise Refusal(f"is the naive time {value}; give it a time zone, for example datetime.now(timezone.utc).")
        return epoch(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LAST_SECOND:
        return value
    raise Refusal(f"is {described(value)}; give an aware datetime, or seconds since the epoch.")


def seconds(value: Any) -> int:
    """Convert a duration: a timedelta, or seconds."""
    if isinstance(value, timedelta):
        if value.microseconds:
            raise Refusal(f"is {value}; the service counts whole seconds.")
        count = value.days * 86400 + value.seconds
    elif (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer()):
        count = int(value)
    else:
        raise Refusal(f"is {described(value)}; give a timedelta, or a whole number of seconds.")
    if count < 0:
        raise Refusal(f"is {short(value)}; a duration cannot be negative.")
    if count > _LAST_SECOND:
        raise Refusal(f"is {short(value)}; no duration is that long.")
    return count


_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999, where Python's calendar ends. NaN compares false with it, too."""


def keywords(value: Any) -> str:
    """Convert keywords: the words, or one comma-separated string."""
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, Keywords):
        return _sound(value.text)  # as it was read, since HIT types are compared by it
    if not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise Refusal(f"is {described(value)}; give a sequence of strings, or one comma-separated string.")
    words = list(value)
    for word in words:
        if not isinstance(word, str):
            raise Refusal(f"holds {described(word)}; keywords are strings.")
        if "," in word:
            raise Refusal(f"holds {word!r}; the comma separates keywords, so it cannot be part of one.")
    return _sound(", ".join(words))


def document(roots: tuple[str, ...]) -> Convert:
    """Make the converter of documents whose root is one of these. Strings are sent as they are."""

    def convert(value: Any) -> str:
        if isinstance(value, str):
            return _sound(value)
        if isinstance(value, type):
            raise Refusal(f"is the class {value.__name__}; give a value of it.")
        if isinstance(value, Document):
            return _sound(_with_root(value, roots))
        if isinstance(value, Fillable) and not isinstance(value, Layout):
            raise Refusal(f"is {described(value)}, which is no question until it is filled: give its .fill(row).")
        raise Refusal(f"is {described(value)}; give {_one_of(roots)}, or its XML as a string.")

    return convert


def _with_root(value: Document, roots: tuple[str, ...]) -> str:
    written: object = value.to_xml()
    root = _ROOT.match(written) if isinstance(written, str) else None
    if root is None or root[1] not in roots:
        # Libraries for tables have a to_xml of their own.
        made = f"makes a document {short(root[1], repr)}" if root else "makes none"
        raise Refusal(f"is {type(value).__name__}, which {made}; the service takes {_one_of(roots)} here.")
    assert isinstance(written, str)
    return written


def _one_of(words: tuple[str, ...]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


_ROOT = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<(?:[^\s<>/:]+:)?([^\s<>/:]+)", re.DOTALL)


def items(convert: Convert) -> Convert:
    """Make the converter of lists, whose items have this one."""

    def convert_all(value: Any) -> list[Any]:
        if isinstance(value, str | Mapping | Structure) or not isinstance(value, Iterable):
            raise Refusal(f"is {described(value)}; give a list of them.")
        converted = []
        for position, item in enumerate(value):
            try:
                converted.append(convert(item))
            except Refusal as refused:
                raise refused.below(f"[{position}]") from None
        return converted

    return convert_all


def bounded(convert: Convert, least: int | None, most: int | None, unit: str) -> Convert:
    """Make a converter that also minds the bounds of what is sent, counted in a unit."""
    measure = _MEASURES[unit]

    def convert_within(value: Any) -> Any:
        wire = convert(value)
        size = measure(wire)
        if (least is not None and size < least) or (most is not None and size > most):
            amount = f"is {size} {unit}" if unit == "seconds" else f"has {size} {unit}" if unit else f"is {size}"
            raise Refusal(f"{amount}; it has to be {_range(least, most, unit)}.")
        return wire

    return convert_within


def _number(value: Any) -> int:
    return int(value)


def _utf8_bytes(value: str) -> int:
    return len(value) if value.isascii() else len(value.encode())


_MEASURES: Mapping[str, Callable[[Any], int]] = {
    "": _number,
    "seconds": _number,
    "characters": len,
    "bytes": _utf8_bytes,
    "items": len,
}
