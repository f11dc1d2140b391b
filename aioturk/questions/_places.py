r"""
Where in a page a value goes, and how it is written there so that it stays a value.

A page holds several languages, and each ends a text elsewhere: ``<`` and quotes in HTML, quotes and line ends in
JavaScript, brackets in CSS. `places` finds out for every placeholder which of them it stands in, once for each
template; `written` writes a value for such a place. Whatever is in a value, it cannot begin or end anything around it.

The rule of thumb behind the escapes for scripts and styles: everything but letters, digits and a few harmless marks
becomes an escape (``\u003c``), because then a place that was judged wrongly makes a program that does not run, and
never another one. The pieces of a page come from `aioturk.questions._markup`.

What browsers run: https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from aioturk.questions._markup import PLACEHOLDER, Attribute, Kind, Token, decoded, tokens
from aioturk.questions._scripts import Reading, placeholders_of
from aioturk.questions._values import Unfit, carried_text, references, script, script_string, style, style_string

__all__ = ["Link", "Place", "Syntax", "Wrapping", "links", "places", "runs_script", "written"]


class Syntax(Enum):
    """The language of a place, and whether it stands in a string of it."""

    TEXT = auto()
    SCRIPT_STRING = auto()
    SCRIPT = auto()
    STYLE_STRING = auto()
    STYLE = auto()
    TAG = auto()
    """In a tag, but in no value: it could become the name of anything."""
    UNKNOWN = auto()
    """What browsers, a script or a frame may read in several ways."""


class Wrapping(Enum):
    """What of HTML is around a place."""

    NOTHING = auto()
    """The inside of scripts and styles, where nothing is decoded."""
    CLOSED = auto()
    """A text between tags, or a value in quotes."""
    COMMENT = auto()
    """A comment, which hyphens may end."""
    OPEN = auto()
    """A value without quotes, which white space ends."""


class Place(NamedTuple):
    """
    A placeholder in a page.

    Attributes:
        name: Its name.
        start: Where it begins.
        end: Where it ends.
        syntax: What its value is read as.
        wrapping: What of HTML is around it.
        where: The element or attribute, for people.
        exposed: Whether letters there would make a tag, of a ``<`` or ``</`` right before it.
    """

    name: str
    start: int
    end: int
    syntax: Syntax
    wrapping: Wrapping
    where: str
    exposed: bool = False


class Link(NamedTuple):
    """
    An attribute that browsers may run when it holds a ``javascript:`` URL.

    Attributes:
        text: Its decoded text.
        where: The attribute, for people.
        loaded: Whether what it names is run as well, so that a ``data:`` URL is a script.
    """

    text: str
    where: str
    loaded: bool


def places(page: str) -> list[Place]:
    """Find all placeholders of a page, in their order."""
    found: list[Place] = []
    before = None
    for token in tokens(page):
        if "${" in page[token.start : token.end]:
            inside = _in_token(page, token, before)
            found += [place._replace(syntax=Syntax.UNKNOWN) for place in inside] if token.doubtful else inside
        before = token
    return found


def links(page: str) -> list[Link]:
    """Find all attributes with placeholders that browsers follow as URLs."""
    return [
        Link(decoded(page[each.start : each.end]), _attribute_of(token, each), token.name in _LOADERS)
        for token in tokens(page)
        for each in token.attributes
        if each.name in _FOLLOWED and PLACEHOLDER.search(page, each.start, each.end)
    ]


def runs_script(url: str, *, loaded: bool = False) -> bool:
    """Whether a browser would run a URL instead of going there, or what is in it where it is loaded to be run."""
    pattern = _LOADED_SCRIPT_URL if loaded else _SCRIPT_URL
    return pattern.match(_SKIPPED_IN_URLS.sub("", url)) is not None


def written(value: object, place: Place) -> str:
    """
    Write a value for its place.

    Raises:
        Unfit: It cannot be written there.
    """
    text = _WRITE[place.syntax](value)
    if place.exposed:
        return _unexposed(text, place)
    if place.wrapping is Wrapping.NOTHING:
        return text
    if place.wrapping is Wrapping.CLOSED:
        return references(text)
    if place.wrapping is Wrapping.COMMENT:
        return references(text).replace("-", "&#45;")
    if not text:
        raise Unfit("is empty where there are no quotes around it: put them into the template")
    return _NOT_PLAIN.sub(lambda match: f"&#{ord(match[0])};", text)


def _unexposed(text: str, place: Place) -> str:
    """Write a text behind a ``<`` such that it does not begin with a letter."""
    if not text or place.syntax is Syntax.STYLE:
        raise Unfit("would make a tag of the < before it")
    if place.syntax is Syntax.SCRIPT_STRING:
        return f"\\u{ord(text[0]):04x}{text[1:]}" if text[0].isascii() and text[0] != "\\" else text
    if place.syntax is Syntax.STYLE_STRING:
        return f"\\{ord(text[0]):x} {text[1:]}" if text[0].isascii() and text[0] != "\\" else text
    if place.syntax is Syntax.TEXT:
        first = f"&#{ord(text[0])};" if text[0].isascii() else references(text[0])
        return first + references(text[1:]).replace("-", "&#45;")
    return text


def _in_tag_only(value: object) -> str:
    raise Unfit("would become a part of a tag there: only Raw values are put into tags outside of attributes' values")


def _unknown(value: object) -> str:
    raise Unfit("would be read in a way that cannot be told here, maybe as code: only Raw values are put there")


_WRITE: dict[Syntax, Callable[[object], str]] = {
    Syntax.TEXT: carried_text,
    Syntax.SCRIPT_STRING: script_string,
    Syntax.SCRIPT: script,
    Syntax.STYLE_STRING: style_string,
    Syntax.STYLE: style,
    Syntax.TAG: _in_tag_only,
    Syntax.UNKNOWN: _unknown,
}

_FOLLOWED = frozenset({"action", "background", "data", "formaction", "href", "poster", "src", "xlink:href"})
# Browsers drop these before they look for the scheme: https://url.spec.whatwg.org/#concept-basic-url-parser
_SKIPPED_IN_URLS = re.compile(r"^[\x00-\x20]+|[\t\n\r]+")
_SCRIPT_URL = re.compile(r"(java|vb)script:", re.IGNORECASE)
_LOADED_SCRIPT_URL = re.compile(r"((java|vb)script|data):", re.IGNORECASE)
_LOADERS = frozenset({"embed", "script"})
# Vue, Alpine, Angular, htmx, hyperscript and Knockout read these as programs.
_FRAMEWORKS = re.compile(r"[@:*(\[]|(v|x|ng|data-ng)-|(data-)?hx-(on|vals)|(data-bind|_)$")
# https://svgwg.org/specs/animations/ - these set other attributes, which may be addresses or handlers.
_ANIMATIONS = frozenset({"animate", "animatemotion", "animatetransform", "set"})
_ANIMATED = frozenset({"attributename", "by", "from", "to", "values"})
_NOT_PLAIN = re.compile(r"(?a:[^\w\x7f-\U0010ffff])|[\U00010000-\U0010ffff]")

# Each of these fits from its first character on, whatever follows, so that looking for them takes one walk.
_STYLE_STRING = re.compile(
    r"""
    /\*.*?(?:\*/|\Z)
    | "(?:[^"\\\n]|\\.)*"?
    | '(?:[^'\\\n]|\\.)*'?
    | \burl\(\s*[^"'\s)][^)]*\)?
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# https://html.spec.whatwg.org/multipage/scripting.html#attr-script-type
_SCRIPT_TYPES = re.compile(
    r"(?:module|importmap|speculationrules|(?:text|application)/(?:x-)?(?:java|ecma)script"
    r"|[a-z]+/(?:[a-z0-9.-]+\+)?json)?\s*(?:;.*)?",
    re.IGNORECASE | re.DOTALL,
)


def _in_token(page: str, token: Token, before: Token | None) -> Iterator[Place]:
    if token.kind in (Kind.START, Kind.END):
        return _in_tag(page, token)
    return (
        place._replace(exposed=_is_exposed(page, token.start, place.start)) for place in _in_rest(page, token, before)
    )


def _is_exposed(page: str, start: int, end: int) -> bool:
    last = page.rfind("<", start, end)
    return last >= 0 and _TAG_BEGUN.fullmatch(page, last, end) is not None


_TAG_BEGUN = re.compile(r"<[/!?]?[\w-]*(?:\$\{\w+\}[\w-]*)*")


def _in_rest(page: str, token: Token, before: Token | None) -> Iterator[Place]:
    """Find the placeholders of what is no tag."""
    if token.kind in (Kind.COMMENT, Kind.DOCTYPE):
        return _in_text(page, token.start, token.end, Syntax.TEXT, Wrapping.COMMENT, "a comment")
    if token.name == "style":
        return _in_code(page, token.start, token.end, _STYLES, Wrapping.NOTHING, "<style>")
    if token.name != "script":
        where = f"<{token.name}>" if token.name else "the text"
        return _in_text(page, token.start, token.end, Syntax.TEXT, Wrapping.CLOSED, where)
    if before is not None and _is_code(page, before):
        return _in_code(page, token.start, token.end, _SCRIPTS, Wrapping.NOTHING, "<script>")
    where = "a <script> that is none, by its type"
    return _in_text(page, token.start, token.end, Syntax.UNKNOWN, Wrapping.NOTHING, where)


def _is_code(page: str, tag: Token) -> bool:
    """Whether a script is JavaScript or JSON, by its tag."""
    kinds = [page[each.start : each.end] for each in tag.attributes if each.name == "type"]
    return not kinds or _SCRIPT_TYPES.fullmatch(decoded(kinds[0]).strip()) is not None


def _in_tag(page: str, tag: Token) -> Iterator[Place]:
    end = tag.start
    for each in tag.attributes:
        yield from _in_text(page, end, each.start, Syntax.TAG, Wrapping.NOTHING, f"<{tag.name}>")
        where = _attribute_of(tag, each)
        wrapping = Wrapping.CLOSED if each.quote else Wrapping.OPEN
        if each.name.startswith("on"):
            yield from _in_code(page, each.start, each.end, _SCRIPTS, wrapping, where)
        elif each.name == "style":
            yield from _in_code(page, each.start, each.end, _STYLES, wrapping, where)
        else:
            syntax = Syntax.UNKNOWN if _is_run(tag, each) else Syntax.TEXT
            yield from _in_text(page, each.start, each.end, syntax, wrapping, where)
        end = each.end
    yield from _in_text(page, end, tag.end, Syntax.TAG, Wrapping.NOTHING, f"<{tag.name}>")


def _is_run(tag: Token, attribute: Attribute) -> bool:
    """Whether something may run an attribute, or set another one to it."""
    if attribute.name == "srcdoc" or _FRAMEWORKS.match(attribute.name):
        return True
    return tag.name in _ANIMATIONS and attribute.name in _ANIMATED


def _in_text(page: str, start: int, end: int, syntax: Syntax, wrapping: Wrapping, where: str) -> Iterator[Place]:
    for found in PLACEHOLDER.finditer(page, start, end):
        yield Place(found[1], found.start(), found.end(), syntax, wrapping, where)


def _in_code(page: str, start: int, end: int, code: _Code, wrapping: Wrapping, where: str) -> Iterator[Place]:
    found = list(_in_text(page, start, end, code.outside, wrapping, where))
    if not found:
        return iter(found)
    text = page[start:end]
    if wrapping is not Wrapping.NOTHING:
        text = decoded(text)
    readings = code.read(text)
    if len(readings) != len(found):  # some are made by references, and which are which cannot be told
        return iter([place._replace(syntax=Syntax.UNKNOWN) for place in found])
    meanings = {Reading.STRING: code.inside, Reading.CODE: code.outside, Reading.UNKNOWN: Syntax.UNKNOWN}
    return iter([place._replace(syntax=meanings[reading]) for place, reading in zip(found, readings, strict=True)])


def _in_style(style: str) -> list[Reading]:
    """Return what each placeholder of a style stands in, in their order."""
    strings = _STYLE_STRING.finditer(style)
    string = next(strings, None)
    readings = []
    for placeholder in PLACEHOLDER.finditer(style):
        while string is not None and string.end() <= placeholder.start():
            string = next(strings, None)
        within = string is not None and string.start() < placeholder.start()
        readings.append(Reading.STRING if within else Reading.CODE)
    return readings


def _attribute_of(tag: Token, attribute: Attribute) -> str:
    return f"{attribute.name} of <{tag.name}>"


class _Code(NamedTuple):
    read: Callable[[str], list[Reading]]
    inside: Syntax
    outside: Syntax


_SCRIPTS = _Code(placeholders_of, Syntax.SCRIPT_STRING, Syntax.SCRIPT)
_STYLES = _Code(_in_style, Syntax.STYLE_STRING, Syntax.STYLE)
