"""``aioturk preview``: a question or template in the browser, as workers will see it, and its answers as they come."""

from __future__ import annotations

import asyncio
import csv
import json
import webbrowser
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import typer

from aioturk.answers import Answers
from aioturk.cli.reading import read_text
from aioturk.client import Client
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import Marketplace
from aioturk.marketplace.site.notices import Notices
from aioturk.models import HIT
from aioturk.questions import (
    AnswerKey,
    ExternalQuestion,
    Finding,
    HTMLQuestion,
    HTMLTemplate,
    LiquidTemplate,
    QuestionDocument,
    QuestionForm,
    parse,
)
from aioturk.questions.lint import lint

__all__ = ["Preview", "Shown", "as_json", "preview", "read_row", "shown_in"]

WORKER = "A1PREVIEW"
_LOOK = 0.5
"""Seconds between looks at the file, and at what has come in."""


@dataclass(frozen=True)
class Shown:
    """
    What is shown of a file.

    Attributes:
        question: The question.
        summary: What was looked at.
        findings: What may go wrong with it, a sentence each.
    """

    question: QuestionDocument
    summary: str
    findings: tuple[str, ...] = ()


def preview(file: Path, *, data: Path | None, port: int, browser: bool) -> None:
    """Show a file until interrupted."""
    row = {} if data is None else read_row(data)
    asyncio.run(_preview(file, row, port=port, browser=browser))


async def _preview(file: Path, row: Mapping[str, Any], *, port: int, browser: bool) -> None:
    async with Preview.of(file, row, port=port) as shown:
        typer.echo(f"preview   {shown.url}")
        typer.echo("Accept it there and submit it, and the answer is printed here. When the file changes, the browser")
        typer.echo("shows it anew. Ctrl-C ends it; nothing is sent anywhere, and nothing is kept.")
        if browser:
            webbrowser.open(shown.url)
        while True:
            await asyncio.sleep(_LOOK)
            for answers in await shown.look():
                typer.echo(as_json(answers))


class Preview:
    """
    A file that is shown, in a marketplace of its own.

    Args:
        market: The marketplace.
        mturk: Its requester.
        notices: What its site tells beside the file.
        file: The file.
        row: What its placeholders are filled with.

    Attributes:
        url: Where it is shown.
    """

    def __init__(
        self, market: Marketplace, mturk: Client, notices: Notices, file: Path, row: Mapping[str, Any]
    ) -> None:
        self.url: str = ""
        self._market = market
        self._mturk = mturk
        self._notices = notices
        self._file = file
        self._row = row
        self._seen: int | None = None
        self._hit: HIT | None = None

    @classmethod
    @asynccontextmanager
    async def of(cls, file: Path, row: Mapping[str, Any], *, port: int = 0) -> AsyncIterator[Preview]:
        """
        Show a file while the context lasts.

        Args:
            file: The file.
            row: What its placeholders are filled with.
            port: The port; 0 takes a free one.

        Raises:
            ConfigurationError: It is no question or template.
            InvalidRequest: It breaks a rule of the service.
            OSError: It cannot be read.
        """
        notices = Notices()
        marketplace = Marketplace(rules="house", port=port, visitor=WORKER, notices=notices)
        async with marketplace as market, market.client() as mturk:
            shown = cls(market, mturk, notices, file, row)
            await shown._show()
            yield shown

    async def look(self) -> list[Answers]:
        """Show the file anew if it has changed, or was answered; return the answers."""
        assert self._hit is not None
        answers = [each.answers async for each in self._mturk.list_assignments_for_hit(self._hit.hit_id)]
        try:
            # The same worker cannot do a HIT twice: once it is answered, the next look is at another one.
            if answers or self._file.stat().st_mtime_ns != self._seen:
                await self._show()
        except (InvalidRequest, ConfigurationError, OSError) as trouble:
            typer.echo(f"aioturk: {trouble}", err=True)  # perhaps somebody is just now writing it
            self._notices.post(f"{self._file.name} cannot be shown, so below is what it was before.", (str(trouble),))
        return answers

    async def _show(self) -> None:
        seen, self._seen = self._seen, self._file.stat().st_mtime_ns
        shown = shown_in(self._file, self._row)
        if self._hit is not None:
            await self._mturk.expire_hit(self._hit.hit_id)
        self._hit = await self._mturk.create_hit(
            title=self._file.name,
            description="As workers will see it.",
            reward="0.01",
            assignment_duration=timedelta(hours=8),
            lifetime=timedelta(days=1),
            question=shown.question,
        )
        self._notices.path = f"/projects/{self._hit.hit_group_id}/tasks"
        self.url = f"{self._market.site_url}{self._notices.path}"
        if seen != self._seen:  # once it can be seen there
            self._tell(shown)

    def _tell(self, shown: Shown) -> None:
        typer.echo(f"{self._file}: {shown.summary}")
        for finding in shown.findings:
            typer.echo(f"{self._file}:{finding}")
        self._notices.post(f"{self._file.name}: {shown.summary}", shown.findings)


# What is in a file.


def shown_in(file: Path, row: Mapping[str, Any]) -> Shown:
    """
    Return what is to be shown of a file.

    It is looked at as a page for either of Amazon's sites, as every marketplace of ours puts its own address in the
    place of theirs. That of the preview would be bad advice: it is gone with it.

    Args:
        file: A question document (``.xml``), a page or the inside of a form with ``${name}`` in it (``.html``), or a
            template of Ground Truth's kind (``.liquid``).
        row: What it is filled with; names that it has no value for are filled with themselves.

    Raises:
        ConfigurationError: It is of another kind.
        InvalidRequest: It breaks a rule of the service.
        OSError: It cannot be read.
    """
    kind = file.suffix.lower()
    if kind == ".xml":
        document = parse(read_text(file))
        if isinstance(document, AnswerKey):
            raise ConfigurationError(f"{file} is an answer key, which workers never see: name the test itself.")
        if isinstance(document, HTMLQuestion):
            return _looked_at(document, lint(document.html_content))
        return Shown(document, _NOT_LOOKED_AT[type(document)])
    if kind in (".liquid", ".html", ".htm"):
        if kind == ".liquid":
            liquid = HTMLTemplate.from_liquid(read_text(file))
            return _looked_at(_filled(file, liquid, row), liquid.lint(), _misfit(liquid, row))
        template, found = _template(file)
        question = template.fill({name: row.get(name, name) for name in template.names})
        return _looked_at(question, found, _misfit(template, row))
    raise ConfigurationError(f"{file} is neither .xml nor .html nor .liquid, which is what can be shown.")


_NOT_LOOKED_AT: Mapping[type[QuestionDocument], str] = {
    QuestionForm: "a form keeps to its rules or is refused, so there is nothing else to notice in it.",
    ExternalQuestion: "the page itself is elsewhere, and was not looked at.",
}


def _looked_at(question: QuestionDocument, found: Sequence[Finding], misfit: Sequence[str] = ()) -> Shown:
    findings = (*misfit, *map(str, found))
    summary = "this may go wrong:" if findings else "nothing that may go wrong was noticed."
    return Shown(question, summary, findings)


def _misfit(template: HTMLTemplate | LiquidTemplate, row: Mapping[str, Any]) -> list[str]:
    """Return what would be said if the row were published as it is, which is less forgiving than a preview."""
    if row:
        try:
            template.fill(row)
        except InvalidRequest as refusal:
            return [f"row: {refusal.text}"]
    return []


def _filled(file: Path, template: LiquidTemplate, row: Mapping[str, Any]) -> QuestionDocument:
    """Return a template of Ground Truth's kind with a row in it, or names in their own places."""
    missing = {name: name for name in template.names if name not in row}
    try:
        return template.fill({**missing, **row})
    except InvalidRequest as refusal:
        if not missing:
            raise
        raise ConfigurationError(
            f"{file} cannot be shown without values, as it asks more of them than to be texts: {refusal} Give a row "
            f"with --data: an object in JSON with {', '.join(missing)}."
        ) from None


def _template(file: Path) -> tuple[HTMLTemplate, Sequence[Finding]]:
    """Return a whole page, and what was noticed in it."""
    template = HTMLTemplate.from_file(file)
    if "<html" in template.text.lower() or "<!doctype" in template.text.lower():
        return template, template.lint()
    page = template.complete(environment="local")
    # What is noticed is to name lines of the file, and not of the page around it.
    inside = template.text.strip()
    added = page.text[: page.text.index(inside)].count("\n")
    left_out = template.text[: template.text.index(inside)].count("\n")
    last = template.text.count("\n") + 1
    return page, [replace(finding, line=min(max(finding.line - added + left_out, 1), last)) for finding in page.lint()]


def read_row(data: Path) -> dict[str, Any]:
    """
    Read the row that a template is filled with: an object in JSON, or the first of a table.

    Raises:
        ConfigurationError: There is none in it.
    """
    text = read_text(data, newline="")
    kind = data.suffix.lower()
    if kind in _SEPARATORS:
        row: Any = next(csv.DictReader(StringIO(text, newline=""), delimiter=_SEPARATORS[kind]), None)
    else:
        if kind in _OBJECTS:  # one on each line
            text = text.lstrip().partition("\n")[0]
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigurationError(f"{data} is not in JSON: {error}.") from None
    if not isinstance(row, dict):
        raise ConfigurationError(f"{data} has no row in it: give an object in JSON, or a CSV file with a row.")
    return row


_SEPARATORS: Mapping[str, str] = {".csv": ",", ".tsv": "\t"}
_OBJECTS = (".jsonl", ".ndjson")


def as_json(answers: Answers) -> str:
    """Write answers for people and programs."""
    document: dict[str, Any] = dict(answers)
    if answers.other:
        document["other"] = dict(answers.other)
    return json.dumps(document, ensure_ascii=False, indent=2)
