"""
Templates: pages with ``${name}`` in them, of which each row of a table makes a question.

They are written as for the requester site, which filled them from the columns of a CSV file; here values are escaped
for the place where they go, which `aioturk.questions._places` knows. Pages with conditions and loops, as Ground Truth
fills them, are in `aioturk.questions.liquid`. What may go wrong with a page is in `aioturk.questions.lint`; pages that
the service keeps and fills itself are in `aioturk.questions.layout`.

The manual:
https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMechanicalTurkRequester/mturk-hits-defining-questions-html-templating.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from aioturk.errors import InvalidRequest
from aioturk.questions._document import SIZE_LIMIT, check_frame_height
from aioturk.questions._markup import PLACEHOLDER, decoded
from aioturk.questions._places import Link, Place, links, places, runs_script, written
from aioturk.questions._values import Raw, Unfit, escaped, text_of_value
from aioturk.questions.html import HTMLQuestion, carriable
from aioturk.questions.layout import HITLayout

if TYPE_CHECKING:
    from aioturk.questions._finding import Finding
    from aioturk.questions.liquid import LiquidTemplate

__all__ = ["Fillable", "HTMLTemplate", "Raw", "escaped"]


@runtime_checkable
class Fillable(Protocol):
    """What makes a question of a row: an `HTMLTemplate` or a `LiquidTemplate` here, a `HITLayout` at the service."""

    def fill(self, row: Mapping[str, object]) -> HTMLQuestion | HITLayout:
        """Return the question that a row makes."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class HTMLTemplate:
    r"""
    A page with placeholders: ``HTMLTemplate("<img src='${image_url}'>...").fill({"image_url": url})``.

    A placeholder is ``${name}``, the name being letters, digits and underscores, upper and lower case being different
    (what else the requester site takes is unverified, and anything else stays as it is here). Whatever a value holds,
    the page around it stays what it is:

    * In texts, and in values of attributes, it is escaped, so that browsers show exactly it. ``javascript:`` addresses
      are refused where browsers would run them, and ``data:`` where a script is loaded.
    * In a string of a script (or of an ``onclick``) it is escaped for that: ``"${name}"`` is a string with that text.
      Elsewhere in a script it becomes a whole expression, ``let name = ${name}``: texts with their quotes, numbers,
      true and false, lists and mappings as in JSON. The same holds for scripts of JSON.
    * In a string or ``url()`` of a style it is escaped for that; elsewhere in a style it may hold only what a colour,
      a length or a name does.
    * In a tag outside of values (``<option ${selected}>``), in ``srcdoc``, in attributes that frameworks run
      (``@click``, ``x-data``, ``ng-click``, ...), in scripts of other types, and where nobody can tell strings from
      code, nothing is safe, and values are refused.

    `Raw` values go in as they are, wherever they stand, and so do all values of the names in `raw`: as on the requester
    site, HTML and scripts in them are live. Never do so with what somebody else wrote.

    JavaScript has ``${name}`` too, in strings between backquotes. It is a placeholder there as everywhere, since the
    requester site fills it. Write ``${ name }``, with spaces, for JavaScript's, which reads it alike; or name it in
    `ignore`. Filling is done once: what looks like a placeholder in a value is none.

    Values are strings, numbers (their shortest form), dates and times (their ISO form), true and false (in small
    letters), lists and mappings (as JSON). None and not-a-number, which stand for empty cells, are refused.

    Args:
        text: The page. As in `HTMLQuestion`, line ends become line feeds, and characters above U+FFFF references; a
            byte order mark is taken off.
        frame_height: The frame's height in pixels; 0 lets the site size it.
        ignore: Names that are no placeholders in this page.
        raw: Names whose values are HTML, or whatever the place needs, already.

    Attributes:
        names: The names of the placeholders, each once, in the order in which they first come.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    text: str
    frame_height: int = field(default=0, kw_only=True)
    ignore: Collection[str] = field(default=(), kw_only=True)
    raw: Collection[str] = field(default=(), kw_only=True)
    names: tuple[str, ...] = field(init=False, compare=False)
    _places: tuple[Place, ...] = field(init=False, compare=False)
    _links: tuple[Link, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        check_frame_height(self.frame_height)
        text = carriable(_without_mark(self.text), "text")
        found = places(text)
        there = {place.name for place in found}
        ignore = _names(self.ignore, "ignore", there)
        found = [place for place in found if place.name not in ignore]
        self._set("text", text)
        self._set("ignore", ignore)
        self._set("raw", _names(self.raw, "raw", there - ignore))
        self._set("names", tuple(dict.fromkeys(place.name for place in found)))
        self._set("_places", tuple(found))
        self._set("_links", tuple(links(text)))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @classmethod
    def from_file(
        cls,
        path: str | PathLike[str],
        *,
        frame_height: int = 0,
        ignore: Collection[str] = (),
        raw: Collection[str] = (),
    ) -> HTMLTemplate:
        """
        Read a template from a file in UTF-8, with or without a byte order mark.

        Args:
            path: The file.
            frame_height: As for the class.
            ignore: As for the class.
            raw: As for the class.

        Raises:
            OSError: The file cannot be read.
            InvalidRequest: It is not in UTF-8, or breaks a rule.
        """
        text = _decoded(Path(path).read_bytes(), str(path))
        return cls(text, frame_height=frame_height, ignore=ignore, raw=raw)

    @classmethod
    def from_package(
        cls,
        package: str,
        resource: str,
        *,
        frame_height: int = 0,
        ignore: Collection[str] = (),
        raw: Collection[str] = (),
    ) -> HTMLTemplate:
        """
        Read a template that is installed with a package, in UTF-8.

        Args:
            package: The package, such as ``"mystudy.pages"``.
            resource: The file in it; folders are separated by ``/``.
            frame_height: As for the class.
            ignore: As for the class.
            raw: As for the class.

        Raises:
            ModuleNotFoundError: There is no such package.
            OSError: There is no such file in it.
            InvalidRequest: It is not in UTF-8, or breaks a rule.
        """
        from importlib.resources import files

        text = _decoded(files(package).joinpath(resource).read_bytes(), f"{resource} in {package}")
        return cls(text, frame_height=frame_height, ignore=ignore, raw=raw)

    @staticmethod
    def from_liquid(text: str, *, frame_height: int = 0) -> LiquidTemplate:
        """
        Return a template of a page in Liquid, as Ground Truth and Augmented AI take them.

        Its places are ``{{ task.input.name }}``, and it may have conditions and loops: see `LiquidTemplate`, which goes
        wherever an `HTMLTemplate` does.

        Args:
            text: The page.
            frame_height: As for the class.

        Raises:
            InvalidRequest: It is not written as Liquid is; the text says in which line, and why.
            ModuleNotFoundError: python-liquid is not installed: ``pip install 'aioturk[liquid]'``.
        """
        from aioturk.questions.liquid import LiquidTemplate

        return LiquidTemplate(text, frame_height=frame_height)

    @staticmethod
    def from_liquid_file(path: str | PathLike[str], *, frame_height: int = 0) -> LiquidTemplate:
        """
        Read a template in Liquid from a file in UTF-8, with or without a byte order mark.

        Args:
            path: The file.
            frame_height: As for the class.

        Raises:
            OSError: The file cannot be read.
            InvalidRequest: It is not in UTF-8, or not written as Liquid is.
            ModuleNotFoundError: python-liquid is not installed: ``pip install 'aioturk[liquid]'``.
        """
        return HTMLTemplate.from_liquid(_decoded(Path(path).read_bytes(), str(path)), frame_height=frame_height)

    def takes(self, name: str) -> bool:
        """Whether rows may have a value of this name."""
        return name in self.names

    def fill(self, row: Mapping[str, object]) -> HTMLQuestion:
        """
        Return the question that a row makes.

        Args:
            row: The values by the names of their placeholders, for each exactly one.

        Raises:
            InvalidRequest: Values are missing, there are more than placeholders, or some cannot be put where they go,
                all named at once; or the page is too large with them.
        """
        if not isinstance(row, Mapping):
            raise InvalidRequest(f"is {type(row).__name__}; give a mapping of names to values.", argument="row")
        problems = self._problems_of_names(row)
        texts: dict[str, str] = {}
        for name in self.names:
            if name in row:
                try:
                    texts[name] = text_of_value(row[name])
                except Unfit as unfit:
                    problems.append(f"{name} {unfit}")
        parts: list[str] = []
        done: dict[tuple[object, ...], str] = {}
        end = 0
        for place in self._places:
            parts.append(self.text[end : place.start])
            end = place.end
            if place.name not in texts:
                continue
            if self._is_raw(place.name, row):
                parts.append(texts[place.name])
                continue
            way = (place.name, place.syntax, place.wrapping, place.exposed)
            try:
                # Each way once: a value may be long, and its places many.
                part = done.get(way)
                if part is None:
                    part = done[way] = written(row[place.name], place)
                parts.append(part)
            except Unfit as unfit:
                problems.append(f"{place.name}, in {place.where}, {unfit}")
        parts.append(self.text[end:])
        problems = problems or self._problems_of_links(row, texts)
        if problems:
            raise InvalidRequest("; ".join(dict.fromkeys(problems)) + ".", argument="row")
        # Before they are joined: one long value in thousands of places would fill the memory.
        if sum(map(len, parts)) > SIZE_LIMIT:
            raise InvalidRequest(
                f"makes a page of {sum(map(len, parts))} characters; the service takes documents of at most "
                f"{SIZE_LIMIT} bytes. Shorten the values, or put what is long on the web and fill in its address.",
                argument="row",
            )
        return HTMLQuestion("".join(parts), frame_height=self.frame_height)

    def _is_raw(self, name: str, row: Mapping[str, object]) -> bool:
        return name in self.raw or isinstance(row[name], Raw)

    def _problems_of_names(self, row: Mapping[str, object]) -> list[str]:
        missing = [name for name in self.names if name not in row]
        unused = [str(name) for name in row if name not in self.names]
        problems = [f"has no value for {', '.join(missing)}"] if missing else []
        if unused:
            problems.append(f"has {_listed(unused)}, for which the page has no placeholder")
            if not missing:
                problems[-1] += (
                    f": leave it out, or write ${{{unused[0]}}} where it belongs. A column that only tells rows apart "
                    "can be the key of a batch"
                )
        return problems

    def _problems_of_links(self, row: Mapping[str, object], texts: Mapping[str, str]) -> list[str]:
        problems = []
        for link in self._links:
            names = set(PLACEHOLDER.findall(link.text)) - set(self.ignore)
            raw = {name for name in names if self._is_raw(name, row)}
            # Raw values are HTML, and the author's own words: an address of nothing else may be what it likes.
            address = _filled(link.text, {name: decoded(texts[name]) if name in raw else texts[name] for name in names})
            if raw != names and runs_script(address, loaded=link.loaded):
                problems.append(
                    f"{', '.join(sorted(names))}: the address in {link.where} would be a script, and an address that "
                    "is a script takes Raw values only: give the address of something on the web, or move the script "
                    "into an onclick or a <script>, where values are escaped"
                )
        return problems

    def lint(self, environment: str | None = None) -> tuple[Finding, ...]:
        """
        Look for what goes wrong on the real site, as `HTMLQuestion.lint` does, and at the placeholders.

        Args:
            environment: Where the page is to be shown: ``"production"``, ``"sandbox"``, ``"local"`` or a marketplace's
                URL. None means that either of Amazon's sites is as good.

        Returns:
            What was found, in the order of the page.

        Raises:
            InvalidRequest: The environment is none of these.
        """
        from aioturk.questions.lint import lint

        return lint(self.text, environment, places=self._places, trusted=frozenset(self.raw))

    def complete(self, *, environment: str = "sandbox", title: str = "Task", submit: str = "Submit") -> HTMLTemplate:
        """
        Return a whole page around this one, which has to be the inside of a form: texts and fields, without the rest.

        The page posts to the site that shows it: to what the site says in ``turkSubmitTo``, and to that of the
        environment where it says nothing. Its own script fills in the ``assignmentId``, and switches the submit button
        off as long as the task is only previewed. A fragment with a ``crowd-form`` gets what that needs, and no form.

        Args:
            environment: ``"production"``, ``"sandbox"``, ``"local"``, or the URL of a marketplace's worker site.
            title: The page's title.
            submit: What is written on the submit button; fragments with a button of their own keep that.

        Raises:
            InvalidRequest: It is a page already, or has a form of its own; or the environment is none of these.
        """
        from aioturk.questions._page import whole_page

        return replace(self, text=whole_page(self.text, environment=environment, title=title, submit=submit))

    def __repr__(self) -> str:
        size = f"{len(self.text)} characters" if len(self.text) > _LOOK else repr(self.text)
        return f"HTMLTemplate({size}, names={self.names!r}, frame_height={self.frame_height!r})"


_LOOK = 60


def _filled(text: str, texts: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: texts.get(found[1], found[0]), text)


def _without_mark(text: object) -> object:
    return text.removeprefix("\ufeff") if isinstance(text, str) else text


def _listed(names: Iterable[str]) -> str:
    """Return names for reading; those with blanks at their ends, or with what separates cells, in quotes."""
    return ", ".join(name if _PLAIN_NAME.fullmatch(name) else repr(name) for name in names)


_PLAIN_NAME = re.compile(r"\S([^\t;,|]*\S)?")


def _names(names: object, argument: str, there: set[str]) -> frozenset[str]:
    if isinstance(names, str) or not isinstance(names, Collection):
        raise InvalidRequest(f"is {names!r:.40}; give the names in a set or a list.", argument=argument)
    strangers = sorted(str(name) for name in names if name not in there)
    if strangers:
        raise InvalidRequest(f"has {', '.join(strangers)}, which are no placeholders of the page.", argument=argument)
    return frozenset(names)


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidRequest(
            f"{source} is not in UTF-8 (line {line}): save it in that encoding, or decode it yourself.",
            argument="text",
        ) from None
