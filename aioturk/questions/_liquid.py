r"""
What Liquid makes of a template and a row: `Program`, on python-liquid, which is imported with this module only.

Liquid knows nothing of the page that it writes, and so the escaping of Ground Truth, which is the same everywhere, does
not do in scripts. Here a program runs in two steps. First it writes the page with a placeholder, ``${...}``, wherever
something is put out, whatever conditions, loops and captures led there; then `aioturk.questions._places` tells where
in that page each placeholder stands, and writes its value for that place, as for `HTMLTemplate`.

The class for programs is in `aioturk.questions.liquid`, what filters and tags mean here in
`aioturk.questions._liquid_language`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import NamedTuple

from liquid.exceptions import LiquidError, LoopIterationLimitError, OutputStreamLimitError, UndefinedError
from liquid.token import TOKEN_CONTENT, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_TAG

from aioturk.errors import InvalidRequest
from aioturk.questions._document import SIZE_LIMIT
from aioturk.questions._liquid_language import LOOPS, Json, Run, environment, given, line_of
from aioturk.questions._markup import PLACEHOLDER
from aioturk.questions._places import Link, Place, Syntax, links, places, runs_script, written
from aioturk.questions._values import Unfit, text_of_value

__all__ = ["Program", "StaticPlace"]


class StaticPlace(NamedTuple):
    """
    Something that a template puts out, and where.

    Attributes:
        words: It, as it is written.
        place: Where it stands in `Program.page`.
        is_json: Whether ``to_json`` writes it.
        is_live: Whether ``skip_autoescape`` lets it in as it is.
    """

    words: str
    place: Place
    is_json: bool
    is_live: bool


class Program:
    """
    A template, read.

    Args:
        text: Its text.

    Attributes:
        names: The members of ``task.input`` that it names, each once, in their order.
        takes_all: Whether it uses ``task.input`` as a whole somewhere, so that any member may matter.

    Raises:
        InvalidRequest: It is not written as Liquid is; the text says where.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        # Nothing that a row holds can pass for a placeholder of ours, since nobody is told this.
        self._mark = f"L{token_hex(6)}_"
        self._looked_at: tuple[str, list[Place], list[Link]] = ("", [], [])
        try:
            self._template = environment().from_string(text)
            analysis = self._template.analyze(include_partials=False)
        except LiquidError as error:
            raise InvalidRequest(f"is no Liquid template: {_told(error)}.", argument="text") from error
        for name, spans in analysis.filters.items():
            if name not in environment().filters:
                line = line_of(text, spans[0].index)
                raise InvalidRequest(f"uses a filter that there is not, {name!r} (line {line}).", argument="text")
        paths = sorted(analysis.globals.get("task", ()), key=lambda each: each.span.index)
        members = [_member(each.segments) for each in paths]
        self.names = tuple(dict.fromkeys(name for name in members if name))
        self.takes_all = None in members

    def page(self, row: Mapping[str, object]) -> str:
        """
        Return the page that a row makes.

        Raises:
            InvalidRequest: Something of the row is missing, or cannot be put where it goes; or the page is too large.
        """
        problems: list[str] = []
        values: dict[str, object] = {}
        for name, value in row.items():
            try:
                values[name] = given(value)
            except Unfit as unfit:
                problems.append(f"{name} {unfit}")
        if problems:
            raise _refused(problems)
        run = Run(self._template, values, self._mark)
        skeleton = self._run(run)
        if run.missing:
            problems.append(f"has no value for {', '.join(dict.fromkeys(run.missing))}")
        problems += run.problems
        if problems:
            raise _refused(problems)
        return self._filled(run, skeleton)

    def _run(self, run: Run) -> str:
        buffer = run.get_buffer()
        try:
            self._template.render_with_context(run, buffer)
        except UndefinedError as error:
            run.missing.append(str(error.message))
        except LoopIterationLimitError as error:
            run.problems.append(f"makes the template loop more than {LOOPS} times{_where(error)}")
        except OutputStreamLimitError:
            run.problems.append(_too_large())
        except LiquidError as error:
            run.problems.append(f"does not fit the template: {_told(error)}")
        except Exception as error:  # whatever a filter may raise of values that it was not made for
            run.problems.append(f"does not fit the template: {type(error).__name__}: {error}")
        return buffer.getvalue()

    def _filled(self, run: Run, skeleton: str) -> str:
        found, followed = self._look_at(skeleton)
        problems = []
        parts: list[str] = []
        done: dict[tuple[object, ...], str] = {}
        size = end = 0
        for place in found:
            output = run.outputs[place.name]
            way = (id(output.value), place.syntax, place.wrapping, place.exposed)
            try:
                # Each way once: a value may be long, and its places many.
                part = done.get(way)
                if part is None:
                    part = done[way] = _written(output.value, place)
            except Unfit as unfit:
                problems.append(f"{output.words}, in {place.where}, {unfit}")
                continue
            parts += (skeleton[end : place.start], part)
            size += place.start - end + len(part)
            end = place.end
            # Before they are joined: one long value in thousands of places would fill the memory.
            if size > SIZE_LIMIT:
                raise _refused([_too_large()])
        problems = problems or _problems_of_links(run, followed)
        if problems:
            raise _refused(problems)
        return "".join((*parts, skeleton[end:]))

    def _look_at(self, skeleton: str) -> tuple[list[Place], list[Link]]:
        """Find what stands where in a page; most rows of a table lead to the same one."""
        last, found, followed = self._looked_at
        if last == skeleton:
            return found, followed
        found = [place for place in places(skeleton) if place.name.startswith(self._mark)]
        followed = [link for link in links(skeleton) if self._mark in link.text]
        self._looked_at = (skeleton, found, followed)
        return found, followed

    # As far as it is the same for all rows.

    def outline(self) -> tuple[str, list[StaticPlace]]:
        """Return the page with all branches in it, each line where it is in the template, and what is put out there."""
        parts: list[str] = []
        words: dict[str, str] = {}
        lines = 0
        puts_out = ""
        for token in environment().tokenizer()(self._text):
            if token.kind == TOKEN_CONTENT:
                part = token.value
            elif token.kind == TOKEN_OUTPUT or (token.kind == TOKEN_EXPRESSION and puts_out):
                name = f"{self._mark}{len(words)}"
                words[name] = token.value if token.kind == TOKEN_OUTPUT else f"{{% {puts_out} {token.value} %}}"
                part = f"${{{name}}}"
            else:
                part = ""
            puts_out = token.value if token.kind == TOKEN_TAG and token.value in ("cycle", "echo") else ""
            start = max(token.start_index, 0)
            if token.kind == TOKEN_CONTENT and not self._text.startswith(part, start):
                # Its beginning was cut off by the hyphen of what is before it.
                start = len(self._text) - len(self._text[start:].lstrip())
            between = "\n" * (self._text.count("\n", 0, start) - lines)
            lines += len(between) + part.count("\n")
            parts += (between, part)
        page = "".join(parts)
        return page, [
            StaticPlace(
                words[place.name],
                place,
                is_json=_TO_JSON.search(words[place.name]) is not None,
                is_live=_SKIPS.search(words[place.name]) is not None,
            )
            for place in places(page)
            if place.name in words
        ]

    def in_words(self, text: str, static: Sequence[StaticPlace]) -> str:
        """Return a text about the outline with what is written in the template instead of placeholders."""
        words = {each.place.name: each.words for each in static}
        return PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), text)


_TO_JSON = re.compile(r"\|\s*to_json\b")
_SKIPS = re.compile(r"\|\s*skip_autoescape\s*-?[%}]\}$")


def _member(segments: Sequence[object]) -> str | None:
    """Return which member of ``task.input`` a path names; None if that depends on the row, "" if it is another's."""
    match segments:
        case [_, "input", str() as name, *_]:
            return name
        case [_, str() as other, *_] if other != "input":
            return ""
        case _:
            return None


def _written(value: object, place: Place) -> str:
    if isinstance(value, Json):
        if place.syntax is not Syntax.SCRIPT:
            return written(value.text, place)
        inner = json.loads(value.text)
        return "null" if inner is None else written(inner, place)
    return written(value, place)


def _problems_of_links(run: Run, followed: Sequence[Link]) -> list[str]:
    problems = []
    for link in followed:
        outputs = [run.outputs[name] for name in PLACEHOLDER.findall(link.text) if name in run.outputs]
        address = link.text
        for output in outputs:
            address = address.replace(f"${{{output.name}}}", text_of_value(output.value))
        if runs_script(address, loaded=link.loaded):
            problems.append(
                f"{', '.join(each.words for each in outputs)}: the address in {link.where} would be a script: give the "
                "address of something on the web"
            )
    return problems


def _too_large() -> str:
    return (
        f"makes a page of more than {SIZE_LIMIT} characters, and the service takes documents of at most so many bytes: "
        "shorten the values, or put what is long on the web and fill in its address"
    )


def _refused(problems: Sequence[str]) -> InvalidRequest:
    return InvalidRequest("; ".join(dict.fromkeys(problems)) + ".", argument="row")


def _told(error: LiquidError) -> str:
    return f"{error.message}{_where(error)}"


def _where(error: LiquidError) -> str:
    token = error.token
    return "" if token is None or token.start_index < 0 else f" (line {line_of(token.source, token.start_index)})"
