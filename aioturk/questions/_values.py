r"""
The values that rows put into pages: which are taken, how each becomes a text, and how a text is escaped.

Where in a page they may go is decided in `aioturk.questions._places`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, time
from numbers import Number

from aioturk._core.xml import unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import described

__all__ = ["Raw", "Unfit", "escaped", "references", "script", "script_string", "style", "style_string", "text_of_value"]


class Unfit(Exception):
    """A value cannot be put into a page; the text says why, as the rest of a sentence about it."""


class Raw(str):
    """
    A text that is HTML already: templates put it into pages as it is.

    Never make one of what somebody else wrote: a script in it would run.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Raw({super().__repr__()})"


def escaped(value: object) -> Raw:
    """
    Write a value as HTML, such that browsers show exactly this text between tags and in attributes with quotes.

    `HTMLTemplate` does it by itself. The service does not where it fills a layout, so this is for `HITLayout`::

        HITLayout("3LAYOUTID", comment=escaped("1 < 2"), image_url=url)

    Args:
        value: A value of any of the types that templates take.

    Raises:
        InvalidRequest: It is of another type.
    """
    try:
        return Raw(references(carried_text(value)))
    except Unfit as unfit:
        raise InvalidRequest(f"{unfit}.", argument="value", sending=False) from None


def text_of_value(value: object) -> str:
    """
    Return the text of a value.

    Raises:
        Unfit: It has none that could be meant.
    """
    if isinstance(value, str):
        return str.__str__(value)  # the value of an enumeration's member, and not its name
    if value is None:
        raise Unfit("is None; give an empty string if nothing is to be shown")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | Mapping):
        return _json(value)
    if not isinstance(value, Number | date | time):
        raise Unfit(f"is of the type {type(value).__name__}, which has no text of its own: make a string of it")
    text = value.isoformat() if isinstance(value, date | time) else _number(value)
    if not text.lstrip("-(")[:1].isdigit():
        raise Unfit(f"is {text}, as libraries for tables write an empty cell: give an empty string instead")
    return text


def carried_text(value: object) -> str:
    """
    Return the text of a value that is to stand in a page with all its characters.

    Raises:
        Unfit: It has none, or a character in it is none that XML can carry.
    """
    text = text_of_value(value)
    bad = unsupported(text)
    if bad is not None:
        raise Unfit(f"holds {described(bad, text)}, which XML cannot carry: leave it out")
    return text


def _number(value: Number) -> str:
    try:
        # The shortest text that is this float, whatever library's float it is.
        return float.__repr__(value) if isinstance(value, float) else str(value)
    except ValueError:
        raise Unfit("is a number of thousands of digits; give it as a string") from None


def _json(value: object) -> str:
    try:
        return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unfit(f"cannot be written as JSON ({error})") from None


def references(text: str) -> str:
    """Escape a text for HTML: between tags, and in values in either kind of quotes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


# Carriage returns, because readers of pages turn bare ones into line feeds; what is above U+FFFF the service refuses.
_SPECIAL = re.compile("['\r\U00010000-\U0010ffff]")


def script_string(value: object) -> str:
    r"""
    Write a value's text for the inside of a string in JavaScript or JSON, whatever its quotes are.

    Raises:
        Unfit: It has no text.
    """
    return _ESCAPED.sub(_in_sixteen_bits, text_of_value(value))


def script(value: object) -> str:
    """
    Write a value as an expression of JavaScript, and JSON: texts with their quotes, numbers and lists without.

    Raises:
        Unfit: It has no text.
    """
    text = text_of_value(value)
    if isinstance(value, bool) or (isinstance(value, Number) and _JSON_NUMBER.fullmatch(text)):
        return text
    if isinstance(value, list | tuple | Mapping):
        return _JSON_STRING.sub(lambda match: f'"{script_string(json.loads(match[0]))}"', text)
    return f'"{script_string(text)}"'


def _in_sixteen_bits(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def style_string(value: object) -> str:
    r"""
    Write a value's text for the inside of a string or an address in CSS.

    Raises:
        Unfit: It has no text that CSS can hold.
    """
    # The space belongs to the escape, which would otherwise swallow a hexadecimal digit or a space of the text's.
    return _ESCAPED_IN_STYLE.sub(lambda match: f"\\{ord(match[0]):x} ", carried_text(value))


def style(value: object) -> str:
    """
    Write a value for CSS outside of strings: a colour, a length, a name.

    Raises:
        Unfit: It holds a character that could end what it stands in.
    """
    text = text_of_value(value)
    if _HARMLESS_IN_STYLE.fullmatch(text) is None:
        raise Unfit(
            "is put into CSS, where outside of quotes and url() only letters, digits, spaces and #%.,+_- are taken"
        )
    return text


# All but letters and digits: what is no string's, because a place was judged wrongly, is then no program's either.
_ESCAPED = re.compile(r"\W|[\U00010000-\U0010ffff]")
# Spaces as well, which end an address without quotes.
_ESCAPED_IN_STYLE = re.compile(r"[^\w,.]|[\U00010000-\U0010ffff]")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_HARMLESS_IN_STYLE = re.compile(r"[\w#%.,+ -]*")
