"""``aioturk preview``: what is shown of each kind of file, and what comes back."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aioturk.cli.previewing import Preview, as_json, read_row, shown_in
from aioturk.errors import ConfigurationError, InvalidRequest
from aioturk.marketplace import Marketplace
from aioturk.questions import ExternalQuestion, HTMLQuestion, QuestionForm
from tests.marketplace.site.visitor import Visitor

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"
XML = (
    f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Question>'
    "<QuestionIdentifier>age</QuestionIdentifier>"
    "<QuestionContent><Text>How old?</Text></QuestionContent><AnswerSpecification><FreeTextAnswer/>"
    "</AnswerSpecification></Question></QuestionForm>"
)


@dataclass
class At:
    """Where a site is."""

    site_url: str


def written(folder: Path, name: str, text: str) -> Path:
    """A file with a text in it."""
    file = folder / name
    file.write_text(text, "utf-8")
    return file


async def answer(shown: Preview, **fields: str) -> None:
    """Accept what is shown, and submit it."""
    parts = urlsplit(shown.url)
    async with Visitor(At(f"{parts.scheme}://{parts.netloc}")) as visitor:
        page = await visitor.get(parts.path)
        assert "This is a preview" in page.words
        task = await visitor.send(page, f"{parts.path}/accept_random")
        sent = {"assignmentId": task.query["assignment_id"], **fields}
        assert (await visitor.post("/mturk/externalSubmit", sent)).status == 200


async def frame(shown: Preview) -> str:
    """What stands in the frame."""
    parts = urlsplit(shown.url)
    async with Visitor(At(f"{parts.scheme}://{parts.netloc}")) as visitor:
        return (await visitor.get((await visitor.get(parts.path)).frame())).text


async def test_answers_come_back_parsed(tmp_path: Path) -> None:
    """Nobody has to sign in; each answer comes back once, and the question can be answered again."""
    file = written(tmp_path, "ages.xml", XML)
    async with Preview.of(file, {}) as shown:
        assert await shown.look() == []
        for age in ("36", "37"):
            await answer(shown, age=age)
            (answers,) = await shown.look()
            assert json.loads(as_json(answers)) == {"age": age}
        assert await shown.look() == []


async def test_changes_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that changes is shown anew, with what may go wrong with it; one that breaks leaves what was shown."""
    file = written(tmp_path, "ages.html", "<p>How old is ${name}?</p><input name=age>")
    async with Preview.of(file, {"name": "Anna"}) as shown:
        assert "How old is Anna?" in await frame(shown)
        change(file, "<!DOCTYPE html><html><body><p>How tall?</p></body></html>")
        await shown.look()
        assert "How tall?" in await frame(shown)
        assert f"{file}:" in capsys.readouterr().out
        change(file, "")
        await shown.look()
        assert "aioturk:" in capsys.readouterr().err
        assert "How tall?" in await frame(shown)


async def test_findings_are_shown_beside_it(tmp_path: Path) -> None:
    """The preview and the accepted task say what may go wrong, as text; pages learn that there is something new."""
    file = written(tmp_path, "ages.html", "<p>How old?</p>\n<input>\n<p><img src='<b>.png'></p>\n")
    async with Preview.of(file, {}) as shown:
        parts = urlsplit(shown.url)
        async with Visitor(At(f"{parts.scheme}://{parts.netloc}")) as visitor:
            before = json.loads((await visitor.get("/notices")).text)
            assert before["path"] == parts.path
            page = await visitor.get(parts.path)
            task = await visitor.send(page, f"{parts.path}/accept_random")
            for each in (page, task):
                assert "ages.html: this may go wrong:" in each.words
                assert "line 2: This <input> has no name" in each.words
            change(file, "<p>How old?</p>\n<input name=age>")
            await shown.look()
            assert "nothing that may go wrong" in (await visitor.get(parts.path)).words
            after = json.loads((await visitor.get("/notices")).text)
            assert after["number"] > before["number"]
            change(file, "")
            await shown.look()
            assert "ages.html cannot be shown" in (await visitor.get(parts.path)).words


async def test_other_marketplaces_tell_nothing(tmp_path: Path) -> None:
    """Notices are for trying out alone."""
    async with Marketplace() as market, Visitor(market) as visitor:
        assert (await visitor.get("/notices")).status == 404


@pytest.mark.parametrize(("before", "line"), [("", 2), ("\n\n", 4)])
def test_findings_name_lines_of_the_file(tmp_path: Path, before: str, line: int) -> None:
    """Not those of the page that is written around the inside of a form, of which nothing is noticed."""
    file = written(tmp_path, "a.html", f"{before}<p>How old?</p>\n<input>\n<p>Thank you</p>\n")
    (finding,) = shown_in(file, {}).findings
    assert finding.startswith(f"line {line}: This <input>")


@pytest.mark.parametrize("host", ["https://www.mturk.com", "https://workersandbox.mturk.com", "http://127.0.0.1:7700"])
async def test_where_a_page_posts_to(tmp_path: Path, host: str) -> None:
    """A page for Amazon is as it should be, and works here; a preview's own address is no advice."""
    page = (
        f'<!DOCTYPE html><html><body><form method="post" action="{host}/mturk/externalSubmit">'
        '<input type="hidden" name="assignmentId" id="assignmentId"><input name="age"><button>Submit</button></form>'
        "<script>document.getElementById('assignmentId').value = "
        "new URLSearchParams(location.search).get('assignmentId')</script></body></html>"
    )
    files = [written(tmp_path, "a.html", page), written(tmp_path, "a.liquid", page)]
    files.append(written(tmp_path, "a.xml", HTMLQuestion(page).to_xml()))
    for file in files:
        found = shown_in(file, {}).findings
        assert [finding for finding in found if "submit-url" not in finding] == []
        assert bool(found) == ("mturk.com" not in host)
        assert all("write https://www.mturk.com/mturk/externalSubmit" in finding for finding in found)
    async with Preview.of(files[0], {}) as shown:
        parts = urlsplit(shown.url)
        posted_to = f'action="{parts.scheme}://{parts.netloc}/mturk/externalSubmit"'
        assert (posted_to in await frame(shown)) == ("mturk.com" in host)


def test_what_is_not_looked_at(tmp_path: Path) -> None:
    """Nothing is noticed in forms and in pages elsewhere, and that is said."""
    assert "form" in shown_in(written(tmp_path, "a.xml", XML), {}).summary
    page = ExternalQuestion("https://example.org/task").to_xml()
    shown = shown_in(written(tmp_path, "b.xml", page), {})
    assert "not looked at" in shown.summary
    assert shown.findings == ()


def change(file: Path, text: str) -> None:
    """Write a file anew, later than before."""
    before = file.stat().st_mtime_ns
    file.write_text(text, "utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_what_is_shown(tmp_path: Path) -> None:
    """Documents as they are, pages filled, insides of forms completed; without values placeholders show themselves."""
    assert isinstance(shown_in(written(tmp_path, "a.xml", XML), {}).question, QuestionForm)
    template = written(tmp_path, "b.html", "<!DOCTYPE html><html><body><p>${name}</p></body></html>")
    page = shown_in(template, {})
    assert isinstance(page.question, HTMLQuestion)
    assert "<p>name</p>" in page.question.html_content
    assert any("form" in finding for finding in page.findings)
    inside = shown_in(written(tmp_path, "c.html", "<input name=age>"), {})
    assert isinstance(inside.question, HTMLQuestion)
    assert "<form" in inside.question.html_content
    assert inside.findings == ()
    liquid = written(tmp_path, "d.liquid", "<!DOCTYPE html><html><body><p>{{ task.input.name }}</p></body></html>")
    filled = shown_in(liquid, {"name": "A & B"}).question
    assert isinstance(filled, HTMLQuestion)
    assert "<p>A &amp; B</p>" in filled.html_content
    named = shown_in(liquid, {}).question
    assert isinstance(named, HTMLQuestion)
    assert "<p>name</p>" in named.html_content


def test_a_template_that_needs_values(tmp_path: Path) -> None:
    """A template that asks for more than texts is not shown without values; whoever tries is told how to give them."""
    text = (
        "<!DOCTYPE html><html><body>{% for each in task.input.boxes %}<p>{{ each.label }}</p>{% endfor %}</body></html>"
    )
    liquid = written(tmp_path, "d.liquid", text)
    with pytest.raises(ConfigurationError, match=r"--data.*boxes"):
        shown_in(liquid, {})
    shown = shown_in(liquid, {"boxes": [{"label": "A"}]}).question
    assert isinstance(shown, HTMLQuestion)
    assert "<p>A</p>" in shown.html_content


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<p>${text} ${size}</p><input name="age">'),
        ("a.liquid", '<p>{{ task.input.text }} {{ task.input.size }}</p><input name="age">'),
    ],
)
def test_rows_that_could_not_be_published(tmp_path: Path, name: str, text: str) -> None:
    """A row that does not fit is shown as far as it goes, and what publishing it would say is told."""
    file = written(tmp_path, name, text)
    for row in ({}, {"text": "Hello", "size": 7}):
        assert not any(finding.startswith("row") for finding in shown_in(file, row).findings)
    shown = shown_in(file, {"text": "Hello"})
    assert isinstance(shown.question, HTMLQuestion)
    assert "Hello size" in shown.question.html_content
    assert shown.summary == "this may go wrong:"
    assert re.match(r"row: has no value for (task\.input\.)?size", shown.findings[0])


def test_columns_without_a_place(tmp_path: Path) -> None:
    """A column that the page has no place for is told; publishing refuses it."""
    shown = shown_in(written(tmp_path, "a.html", '<p>${text}</p><input name="age">'), {"Text": "Hello"})
    assert shown.findings[0].startswith("row: has no value for text; has Text, for which the page has no placeholder")


def test_what_cannot_be_shown(tmp_path: Path) -> None:
    """Other files, answer keys and broken documents are refused with a sentence."""
    with pytest.raises(ConfigurationError, match=r"neither \.xml"):
        shown_in(written(tmp_path, "a.txt", "x"), {})
    key = (
        f'<AnswerKey xmlns="{SCHEMAS}/2005-10-01/AnswerKey.xsd"><Question><QuestionIdentifier>q</QuestionIdentifier>'
        "<AnswerOption><SelectionIdentifier>a</SelectionIdentifier><AnswerScore>1</AnswerScore></AnswerOption>"
        "</Question></AnswerKey>"
    )
    with pytest.raises(ConfigurationError, match="answer key"):
        shown_in(written(tmp_path, "key.xml", key), {})
    with pytest.raises(InvalidRequest):
        shown_in(written(tmp_path, "b.xml", "<html/>"), {})
    (tmp_path / "latin.xml").write_bytes(b"<a>caf\xe9</a>")
    with pytest.raises(ConfigurationError, match=r"latin\.xml is not in UTF-8: save it in that encoding"):
        shown_in(tmp_path / "latin.xml", {})


def test_rows(tmp_path: Path) -> None:
    """A row is an object in JSON, or the first of a CSV file."""
    assert read_row(written(tmp_path, "a.json", '{"name": "Anna"}')) == {"name": "Anna"}
    assert read_row(written(tmp_path, "a.csv", "name,age\nAnna,36\nBert,37\n")) == {"name": "Anna", "age": "36"}
    assert read_row(written(tmp_path, "a.tsv", "name\tage\nAnna\t36\n")) == {"name": "Anna", "age": "36"}
    assert read_row(written(tmp_path, "a.jsonl", '{"name": "Anna"}\n{"name": "Bert"}\n')) == {"name": "Anna"}
    for name, text in {"b.json": "[1]", "c.json": "{", "b.csv": "name\n"}.items():
        with pytest.raises(ConfigurationError):
            read_row(written(tmp_path, name, text))
