r"""
Reading JavaScript far enough to tell strings from code, and to say so where nobody can.

A slash begins a regular expression or divides, by what stands before it; a quote in the one begins no string. After
``}``, and after words such as ``yield``, that takes a whole parser to know. Here both readings are followed there, each
until the script ends or the reading turns out to be none (a regular expression that its line ends, a string without an
end). A placeholder that they see differently has no known place. Comments as HTML writes them (``<!--``) are read both
ways as well, as only some scripts have them.

What becomes of the places is in `aioturk.questions._places`.

The grammar: https://tc39.es/ecma262/#sec-ecmascript-language-lexical-grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, IntEnum, auto
from heapq import heappop, heappush
from typing import NamedTuple

from aioturk.questions._markup import PLACEHOLDER

__all__ = ["Reading", "placeholders_of"]


class Reading(Enum):
    """What a placeholder of a script stands in."""

    STRING = auto()
    """A string, a comment or a regular expression: what holds text."""
    CODE = auto()
    UNKNOWN = auto()


def placeholders_of(script: str) -> list[Reading]:
    """Return what each placeholder of a script stands in, in their order."""
    places = {found.start(): set[Reading]() for found in PLACEHOLDER.finditer(script)}
    if places:
        for start, reading in _seen(script, last=max(places)):
            # One that is cut by a string's end, as in "${", is no placeholder of that reading.
            if start in places:
                places[start].add(reading)
    return [seen.pop() if len(seen) == 1 else Reading.UNKNOWN for seen in places.values()]


class _Before(IntEnum):
    """What was last, which decides what a slash means."""

    OPERATOR = 0
    """Something that wants an operand: a slash begins a regular expression."""
    OPERAND = 1
    """Something that can be divided."""
    EITHER = 2
    STATEMENT = 3
    """A word whose brackets are no operand, as those of ``if``."""


class _State(NamedTuple):
    """
    How far a reading has come.

    Attributes:
        start: Where it goes on.
        before: What was last.
        opened: What is open, a character each: ``{``, ``(``, ``s`` for brackets of a statement, a backquote, and ``$``
            for code inside of such a string.
        dotted: Whether a dot was last, behind which every word is a name.
    """

    start: int
    before: _Before = _Before.OPERATOR
    opened: str = ""
    dotted: bool = False


# Minified code on one line can be read in many ways at once. So many are never needed where people write.
_MOST_READINGS = 16

_END = r"\n\r\u2028\u2029"
_SPACE = re.compile(r"[\s\ufeff]+")
_LINE = re.compile(rf"[^{_END}]*")
_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r""" "(?:[^"\\\n\r]|\\(?:\r\n|.))*+" | '(?:[^'\\\n\r]|\\(?:\r\n|.))*+' """, re.DOTALL | re.VERBOSE)
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\.|\$\{\w+\}|\$(?!\{))*+", re.DOTALL)
_REGULAR = re.compile(rf"/(?:[^/\\\[{_END}]|\\[^{_END}]|\[(?:[^\]\\{_END}]|\\[^{_END}])*+\])++/")
_NUMBER = re.compile(r"\.?[0-9](?:[\w.]|\$(?!\{\w+\}))*+")
_WORD = re.compile(r"(?:[\w\#]|[^\x00-\x7f\s\ufeff]|\\u\{[0-9a-fA-F]+\}|\\|\$(?!\{\w+\}))++")
_OPERATORS = frozenset(
    (
        "case",
        "default",
        "delete",
        "do",
        "else",
        "extends",
        "in",
        "instanceof",
        "new",
        "return",
        "throw",
        "typeof",
        "void",
    )
)
_STATEMENTS = frozenset({"for", "if", "while", "with"})
# These are words of the language in some places, and names in others.
_EITHER = frozenset({"await", "of", "yield"})


def _seen(script: str, last: int) -> Iterator[tuple[int, Reading]]:
    """Follow all readings side by side, up to the last placeholder; yield where each sees one, and in what."""
    waiting = [_State(0)]
    met = set(waiting)
    while waiting:
        state = heappop(waiting)
        if state.start > last:
            return
        if len(waiting) >= _MOST_READINGS:
            for unread in PLACEHOLDER.finditer(script, state.start):
                yield unread.start(), Reading.UNKNOWN
            return
        found = None if state.opened.endswith("`") else PLACEHOLDER.match(script, state.start)
        if found is not None:
            yield state.start, Reading.CODE
            following = [_State(found.end(), _Before.OPERAND, state.opened)]
        else:
            following = list(_after(script, state))
            for each in following:
                for inside in PLACEHOLDER.finditer(script, state.start, each.start):
                    yield inside.start(), Reading.STRING
        for each in following:
            if each not in met:
                met.add(each)
                heappush(waiting, each)


def _after(script: str, state: _State) -> Iterator[_State]:
    """Yield the states behind the next piece of a script; none if no script goes on like that."""
    start, before, opened, dotted = state
    if opened.endswith("`"):
        end = _end(_TEMPLATE, script, start)
        if script.startswith("`", end):
            yield _State(end + 1, _Before.OPERAND, opened[:-1])
        elif script.startswith("${", end):
            yield _State(end + 2, _Before.OPERATOR, f"{opened}$")
        return
    character = script[start]
    space = _SPACE.match(script, start)
    if space is not None:
        yield state._replace(start=space.end())
    elif character == "/":
        yield from _after_slash(script, state)
    elif character in "\"'":
        string = _STRING.match(script, start)
        if string is not None:
            yield _State(string.end(), _Before.OPERAND, opened)
    elif start == 0 and script.startswith("#!"):
        yield state._replace(start=_end(_LINE, script, start))
    elif (number := _NUMBER.match(script, start)) is not None:
        yield _State(number.end(), _Before.OPERAND, opened)
    elif (word := _WORD.match(script, start)) is not None:
        yield _State(word.end(), _behind_word(word[0], before, dotted), opened)
    else:
        yield from _after_mark(script, state)


def _after_slash(script: str, state: _State) -> Iterator[_State]:
    start, before, opened, _ = state
    if script.startswith("//", start):
        yield state._replace(start=_end(_LINE, script, start))
        return
    if script.startswith("/*", start):
        block = _BLOCK.match(script, start)
        if block is not None:
            yield state._replace(start=block.end())
        return
    if before is not _Before.OPERAND:
        regular = _REGULAR.match(script, start)
        if regular is not None:
            # Its flags are letters, and would look like a word.
            yield _State(_end(_WORD, script, regular.end()), _Before.OPERAND, opened)
    if before is not _Before.OPERATOR:
        yield _State(start + 1, _Before.OPERATOR, opened)


def _after_mark(script: str, state: _State) -> Iterator[_State]:
    start, before, opened, _ = state
    character, last = script[start], opened[-1:]
    if character in "{`":
        yield _State(start + 1, _Before.OPERATOR, opened + character)
    elif character == "(":
        yield _State(start + 1, _Before.OPERATOR, opened + ("s" if before is _Before.STATEMENT else "("))
    elif character in "})":
        behind = _BEHIND_CLOSED.get(last + character)
        if behind is not None:  # no script closes what is not open
            yield _State(start + 1, behind, opened[:-1])
    elif character == "]":
        yield _State(start + 1, _Before.OPERAND, opened)
    elif script.startswith(("++", "--"), start):
        # These are before an operand or behind it, but not on the next line.
        unclear = before is not _Before.OPERATOR and _may_begin_a_line(script, start)
        yield _State(start + 2, _Before.EITHER if unclear else before, opened)
        if script.startswith("-->", start) and _may_begin_a_line(script, start):
            yield state._replace(start=_end(_LINE, script, start))
    elif script.startswith("...", start):
        yield _State(start + 3, _Before.OPERATOR, opened)
    else:
        yield _State(start + 1, _Before.OPERATOR, opened, character == ".")
        if script.startswith("<!--", start):
            yield state._replace(start=_end(_LINE, script, start))


_BEHIND_CLOSED = {"{}": _Before.EITHER, "$}": _Before.OPERAND, "()": _Before.OPERAND, "s)": _Before.OPERATOR}


def _behind_word(word: str, before: _Before, dotted: bool) -> _Before:
    if dotted:
        return _Before.OPERAND
    if word in _OPERATORS:
        return _Before.OPERATOR
    if word in _STATEMENTS or (word == "await" and before is _Before.STATEMENT):
        return _Before.STATEMENT
    return _Before.EITHER if word in _EITHER else _Before.OPERAND


def _may_begin_a_line(script: str, position: int) -> bool:
    """Whether nothing but white space and comments is before it on its line."""
    while position and script[position - 1] in " \t\ufeff":
        position -= 1
    return not position or script.endswith(("\n", "\r", "\u2028", "\u2029", "*/"), 0, position)


def _end(pattern: re.Pattern[str], script: str, start: int) -> int:
    """Return where a pattern stops; where it starts if it does not fit."""
    match = pattern.match(script, start)
    return start if match is None else match.end()
