"""HTMLQuestion: the document of the manual, and what becomes of a page on its way."""

from __future__ import annotations

import dataclasses
import html
import pickle
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from aioturk import questions
from aioturk._core.accepted import Document
from aioturk._core.xml import carried, parse
from aioturk.errors import InvalidRequest
from aioturk.questions import HTMLQuestion

PAGE = "<!DOCTYPE html><html><body><form>...</form></body></html>"
PIECES = ["]]>", "<![CDATA[", "<!DOCTYPE html>", "&amp;", "\r\n", "\r", "\U0001f600"]
PAGES = st.lists(st.text() | st.sampled_from(PIECES)).map("".join).map(carried)
"""Pages rich in what XML and the service treat specially."""


def refusal(page: Any = PAGE, **more: Any) -> InvalidRequest:
    """Return the error with which a question is refused."""
    with pytest.raises(InvalidRequest) as caught:
        HTMLQuestion(page, **more)
    return caught.value


def test_the_document_is_the_manuals() -> None:
    """Namespace, elements, their order and the CDATA section are those of the manual's example."""
    assert HTMLQuestion(PAGE, frame_height=450).to_xml() == (
        '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/'
        'HTMLQuestion.xsd">\n'
        f"  <HTMLContent><![CDATA[{PAGE}]]></HTMLContent>\n"
        "  <FrameHeight>450</FrameHeight>\n"
        "</HTMLQuestion>"
    )


def test_a_question_is_a_document() -> None:
    """Operations take the value where they take its XML."""
    assert isinstance(HTMLQuestion(PAGE), Document)


@given(PAGES, st.integers(0, 2**31 - 1))
def test_documents_are_read_back(page: str, height: int) -> None:
    """Parsing a question's document gives an equal question, and the page is what the value says it is."""
    assume(page and not page.isspace())
    question = HTMLQuestion(page, frame_height=height)
    assert questions.parse(question.to_xml()) == question
    assert parse(question.to_xml())[0].text == question.html_content
    assert dataclasses.replace(question) == question


@example("<p>\U0010fffe</p>")
@given(PAGES)
def test_browsers_show_the_page_that_was_written(page: str) -> None:
    """Numeric references and line feeds aside, nothing of a page changes."""
    assume(page and not page.isspace())
    sent = HTMLQuestion(page).html_content
    assert max(sent) <= "\uffff"
    for character in {each for each in page if each > "\uffff"}:
        # Browsers keep noncharacters such as U+10FFFE (a parse error that changes nothing); Python's reader drops them.
        read = html.unescape(f"&#{ord(character)};") or character
        sent = sent.replace(f"&#{ord(character)};", read)
    assert sent == page.replace("\r\n", "\n").replace("\r", "\n")


def test_characters_above_ffff_become_references() -> None:
    """Emoji, which the service refuses, are written as browsers understand them in texts and attributes."""
    question = HTMLQuestion("<p title='\U0001f600'>\U0001f680 é</p>")
    assert question.html_content == "<p title='&#128512;'>&#128640; é</p>"


@pytest.mark.parametrize(
    "page",
    [
        "<p>\U0001f680</p>\n<script>let a = '\U0001f600'</script>",
        "<p>fine</p>\n<style>p::after { content: '\U0001f600' }</style>",
        "<p>fine</p>\n<SCRIPT type=module>'\U0001f600'</SCRIPT>",
        "<p>fine</p>\n<script></script><script>'\U0001f600'",
    ],
)
def test_characters_above_ffff_in_scripts_are_refused(page: str) -> None:
    """Where a reference would stay a reference, the author is told the place and what to write instead."""
    text = refusal(page).text
    column = page.split("\n")[1].index("\U0001f600") + 1
    assert f"U+1F600 at line 2, column {column}, inside <s" in text
    assert "write \\u{1F600} in JavaScript, \\1F600 in CSS" in text


@pytest.mark.parametrize(
    "page",
    [
        "<script src='x.js'></script><p>\U0001f600</p><style>p { margin: 0 }</style>",
        "<scripture>\U0001f600</scripture>",
        "<script>'é'</script>\U0001f600",
    ],
)
def test_scripts_do_not_spoil_the_rest(page: str) -> None:
    """Outside scripts and styles characters above U+FFFF are converted, whatever else the page holds."""
    assert HTMLQuestion(page).html_content == page.replace("\U0001f600", "&#128512;")


@pytest.mark.parametrize(
    ("page", "reason", "remedy"),
    [
        (PAGE.encode(), "is bytes", "as a string"),
        ("", "is empty", "a whole page with a form"),
        (" \n\t", "is empty", "a whole page with a form"),
        ("<p>\n<b>\0", "U+0000 at line 2, column 4", "leave it out"),
        ("<p>\x0c", "U+000C at character 4", "leave it out"),
        ("<p>\ud83d", "U+D83D at character 4", "leave it out"),
        ("<p>\ufffe", "U+FFFE at character 4", "leave it out"),
        ("x" * 65_536, "the service takes at most 65535", "use ExternalQuestion"),
    ],
)
def test_pages_that_are_refused(page: Any, reason: str, remedy: str) -> None:
    """A page that the service would refuse is refused here, with the rule and the remedy."""
    error = refusal(page)
    assert error.argument == "html_content"
    assert reason in error.text
    assert remedy in error.text
    assert "Nothing was sent." in str(error)


def test_the_size_limit_counts_the_whole_document() -> None:
    """A document of 65,535 bytes is taken, one more is not; UTF-8 and references count as they are sent."""
    room = 65_535 - len(HTMLQuestion(PAGE).to_xml())
    assert len(HTMLQuestion(PAGE + "a" * room).to_xml()) == 65_535
    refusal(PAGE + "a" * (room + 1))
    refusal(PAGE + "é" * (room // 2 + 1))
    refusal(PAGE + "\U0001f600" * (room // 9 + 1))


@pytest.mark.parametrize("height", [-1, 2**31, True, 450.5, "450"])
def test_heights_that_are_refused(height: Any) -> None:
    """A frame's height is a whole number of pixels, zero or more."""
    assert refusal(frame_height=height).argument == "frame_height"


def test_questions_are_values() -> None:
    """Questions compare, hash and pickle by what they say, and do not change."""
    question = HTMLQuestion(PAGE, frame_height=450)
    assert question == HTMLQuestion(PAGE, frame_height=450)
    assert question != HTMLQuestion(PAGE)
    assert len({question, HTMLQuestion(PAGE, frame_height=450)}) == 1
    assert pickle.loads(pickle.dumps(question)) == question
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.html_content = ""  # type: ignore[misc]


def test_a_long_page_is_shown_in_short() -> None:
    """The repr of a short page is whole; of a long one it shows the beginning and the length."""
    assert repr(HTMLQuestion("<p>", frame_height=1)) == "HTMLQuestion('<p>', frame_height=1)"
    assert repr(HTMLQuestion("x" * 5000)) == f"HTMLQuestion('{'x' * 60}'... 5000 characters, frame_height=0)"


def test_the_height_may_stand_second() -> None:
    """As in older libraries, the height of the frame needs no name."""
    assert HTMLQuestion("<p>", 450) == HTMLQuestion("<p>", frame_height=450)
