"""ExternalQuestion: the document of the manual, and every rule of its URL and frame."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aioturk import questions
from aioturk._core.accepted import Document
from aioturk._core.xml import parse, unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions import ExternalQuestion

URL = "https://example.org/task"
HEIGHTS = st.integers(0, 2**31 - 1)
WORDS = st.text(st.characters(max_codepoint=0xFFFF)).filter(
    lambda text: unsupported(text) is None and not any(each.isspace() or each == "\x7f" for each in text)
)


def refusal(url: Any = URL, **more: Any) -> InvalidRequest:
    """Return the error with which a question is refused."""
    with pytest.raises(InvalidRequest) as caught:
        ExternalQuestion(url, **more)
    return caught.value


def test_the_document_is_the_manuals() -> None:
    """Namespace, elements, their order and the escaping are those of the manual's example."""
    question = ExternalQuestion("https://example.org/task?item=7&lang=en", frame_height=600)
    assert question.to_xml() == (
        '<ExternalQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2006-07-14/'
        'ExternalQuestion.xsd">\n'
        "  <ExternalURL>https://example.org/task?item=7&amp;lang=en</ExternalURL>\n"
        "  <FrameHeight>600</FrameHeight>\n"
        "</ExternalQuestion>"
    )


def test_a_question_is_a_document() -> None:
    """Operations take the value where they take its XML."""
    assert isinstance(ExternalQuestion(URL), Document)


def test_the_site_sizes_the_frame_unless_told() -> None:
    """Without a height the frame's height is 0, which leaves it to the site."""
    assert "<FrameHeight>0</FrameHeight>" in ExternalQuestion(URL).to_xml()


@given(WORDS, WORDS, HEIGHTS)
def test_documents_are_read_back(path: str, value: str, height: int) -> None:
    """Parsing a question's document gives an equal question, and a parser reads exactly the URL from it."""
    url = f"{URL}/{path}?x={value}"
    assume("&amp;" not in url)
    question = ExternalQuestion(url, frame_height=height)
    assert questions.parse(question.to_xml()) == question
    assert parse(question.to_xml())[0].text == url


def test_questions_are_values() -> None:
    """Questions compare, hash, copy and pickle by what they say, and do not change."""
    question = ExternalQuestion(URL, frame_height=600)
    assert question == ExternalQuestion(URL, frame_height=600)
    assert question != ExternalQuestion(URL)
    assert len({question, ExternalQuestion(URL, frame_height=600)}) == 1
    assert pickle.loads(pickle.dumps(question)) == question
    assert dataclasses.replace(question, frame_height=0) == ExternalQuestion(URL)
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.frame_height = 1  # type: ignore[misc]


def test_questions_show_themselves() -> None:
    """The repr is what would make the question again."""
    question = ExternalQuestion(URL, frame_height=600)
    assert repr(question) == f"ExternalQuestion(external_url='{URL}', frame_height=600)"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "HTTPS://Example.org:8443/a?b=c&d#/e",
        "https://пример.example/é?x=%F0%9F%98%80",
        "https://example.org/?hitid=1&my_assignmentId=2&next=workerId",
        "http://localhost:8000/task",
        "http://task.localhost/",
        "http://127.0.0.1:5000/task",
        "http://[::1]/task",
    ],
)
def test_urls_that_are_taken(url: str) -> None:
    """Any absolute https URL will do, and http on the own machine."""
    assert ExternalQuestion(url).external_url == url


@pytest.mark.parametrize(
    ("url", "reason", "remedy"),
    [
        (b"https://example.org", "is bytes", "as a string"),
        (None, "is NoneType", "as a string"),
        ("", "is not absolute", "give scheme and host"),
        ("/task", "is not absolute", "give scheme and host"),
        ("example.org/task", "is not absolute", "give scheme and host"),
        ("//example.org/task", "is not absolute", "give scheme and host"),
        ("https:///task", "is not absolute", "give scheme and host"),
        ("ftp://example.org/task", "is a ftp URL", "https://"),
        ("javascript:alert(1)", "is a javascript URL", "https://"),
        ("https://[::1/task", "is not a URL", ""),
        ("https://example.org:port/task", "is not a URL", ""),
        ("http://example.org/task", "is plain http to example.org", "over https"),
        ("http://10.0.0.5/task", "is plain http to 10.0.0.5", "loopback"),
        ("http://localhost.example.org/", "is plain http", "over https"),
        (" https://example.org/", "U+0020 at character 1", "%20"),
        ("https://example.org/a b", "U+0020 at character 22", "%20"),
        ("https://example.org/a\nb", "U+000A at line 1, column 22", "%0A"),
        ("https://example.org/\U0001f600", "U+1F600 at character 21", "%F0%9F%98%80"),
        ("https://example.org/\0", "U+0000 at character 21", "leave it out"),
        ("https://example.org/\ud83d", "U+D83D at character 21", "leave it out"),
        ("https://example.org/?assignmentId=1", "has the parameter assignmentId", "leave it out"),
        ("https://example.org/?a=1&hitId", "has the parameter hitId", "another name"),
        ("https://example.org/?%77orkerId=", "has the parameter workerId", "leave it out"),
        ("https://example.org/?turkSubmitTo=x#y", "has the parameter turkSubmitTo", "leave it out"),
        ("https://example.org/?a=1&amp;b=2", "holds '&amp;'", "plain '&'"),
        ("https://example.org/" + "a" * 65_535, "the service takes at most 65535", "short id"),
    ],
)
def test_urls_that_are_refused(url: Any, reason: str, remedy: str) -> None:
    """A URL that workers' browsers or the service would refuse is refused here, with the rule and the remedy."""
    error = refusal(url)
    assert error.argument == "external_url"
    assert reason in error.text
    assert remedy in error.text
    assert "Nothing was sent." in str(error)


def test_the_size_limit_counts_the_whole_document() -> None:
    """A document of 65,535 bytes is taken, one more is not; escapes and UTF-8 count as they are sent."""
    room = 65_535 - len(ExternalQuestion(URL).to_xml())
    assert len(ExternalQuestion(URL + "a" * room).to_xml()) == 65_535
    refusal(URL + "a" * (room + 1))
    refusal(URL + "é" * (room // 2 + 1))
    refusal(URL + "?" + "&" * (room // 5 + 1))


@pytest.mark.parametrize("height", [-1, 2**31, 2**1000, True, 600.0, "600", None])
def test_heights_that_are_refused(height: Any) -> None:
    """A frame's height is a whole number of pixels, zero or more."""
    error = refusal(frame_height=height)
    assert error.argument == "frame_height"
    assert "0 lets the site size the frame" in error.text or "0 to let the site size the frame" in error.text


def test_the_height_may_stand_second() -> None:
    """As in older libraries, the height of the frame needs no name."""
    assert ExternalQuestion("https://example.org/", 450) == ExternalQuestion("https://example.org/", frame_height=450)
