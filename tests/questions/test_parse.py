"""Reading question documents: what is kept by the service, and what is no question at all."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import questions
from aioturk.errors import InvalidRequest
from aioturk.questions import ExternalQuestion, HTMLQuestion

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
EXTERNAL = f"{SCHEMAS}2006-07-14/ExternalQuestion.xsd"
PAGE = f"{SCHEMAS}2011-11-11/HTMLQuestion.xsd"


def external(parts: str) -> str:
    """Return an ExternalQuestion document with these children."""
    return f'<ExternalQuestion xmlns="{EXTERNAL}">{parts}</ExternalQuestion>'


def page(parts: str) -> str:
    """Return an HTMLQuestion document with these children."""
    return f'<HTMLQuestion xmlns="{PAGE}">{parts}</HTMLQuestion>'


def refusal(xml: str) -> str:
    """Return the text of the error with which a document is refused."""
    with pytest.raises(InvalidRequest) as caught:
        questions.parse(xml)
    assert caught.value.argument == "xml"
    return caught.value.text


@pytest.mark.parametrize(
    "xml",
    [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ExternalQuestion xmlns="{EXTERNAL}"><ExternalURL>\n  https://example.org/?a=1&amp;b=2\n'
        "</ExternalURL><FrameHeight> 600 </FrameHeight></ExternalQuestion>",
        f'<q:ExternalQuestion xmlns:q="{EXTERNAL}" xmlns:i="urn:i" i:schemaLocation="x"><q:ExternalURL>'
        "<![CDATA[https://example.org/?a=1&b=2]]></q:ExternalURL><q:FrameHeight>0600</q:FrameHeight></q:ExternalQuestion>",
    ],
)
def test_any_spelling_of_an_external_question(xml: str) -> None:
    """Header, prefixes, white space and CDATA make no difference."""
    assert questions.parse(xml) == ExternalQuestion("https://example.org/?a=1&b=2", frame_height=600)


def test_any_spelling_of_an_html_question() -> None:
    """An escaped page equals one in CDATA, and the order of the parts makes no difference."""
    xml = page("<FrameHeight>9</FrameHeight><HTMLContent>&lt;p&gt;&#13;\n</HTMLContent>")
    assert questions.parse(xml) == HTMLQuestion("<p>\n", frame_height=9)


def test_what_the_service_keeps_can_be_read() -> None:
    """Rules for new questions do not stop old ones from being read, nor from being written as they stand."""
    xml = (
        f'<ExternalQuestion xmlns="{EXTERNAL}">\n  <ExternalURL>http://example.org/?hitId=1</ExternalURL>\n'
        "  <FrameHeight>0</FrameHeight>\n</ExternalQuestion>"
    )
    question = questions.parse(xml)
    assert isinstance(question, ExternalQuestion)
    assert question.external_url == "http://example.org/?hitId=1"
    assert question.to_xml() == xml
    emoji = questions.parse(page("<HTMLContent>\U0001f600</HTMLContent><FrameHeight>0</FrameHeight>"))
    assert isinstance(emoji, HTMLQuestion)
    assert emoji.html_content == "\U0001f600"


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "no element found"),
        ("<ExternalQuestion", "unclosed token"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type declaration"),
        ("<html/>", "its root is html; questions that can be read are ExternalQuestion, HTMLQuestion"),
        ("<ExternalQuestion/>", "is in the namespace ''"),
        (f'<ExternalQuestion xmlns="{PAGE}"/>', "has to be one of the service's"),
        ('<HTMLQuestion xmlns="urn:x/HTMLQuestion.xsd"/>', "is in the namespace 'urn:x/HTMLQuestion.xsd'"),
        (
            f'<ExternalQuestion xmlns="{EXTERNAL}"/>',
            "ExternalQuestion holds nothing; it takes ExternalURL and FrameHeight",
        ),
        (
            external("<FrameHeight>0</FrameHeight><ExternalURL>x</ExternalURL>"),
            "holds FrameHeight, ExternalURL; it takes ExternalURL and FrameHeight of its own namespace, in this order",
        ),
        (
            page("<HTMLContent>x</HTMLContent><HTMLContent/><FrameHeight>0</FrameHeight>"),
            "holds HTMLContent, HTMLContent, FrameHeight; it takes HTMLContent and FrameHeight",
        ),
        (
            page("<HTMLContent><p/></HTMLContent><FrameHeight>0</FrameHeight>"),
            "HTMLContent holds an element, p; it takes text only",
        ),
    ],
)
def test_documents_that_are_no_questions(xml: str, reason: str) -> None:
    """What is not a question is refused with what is wrong about it."""
    assert reason in refusal(xml)


@pytest.mark.parametrize("height", ["", "-1", "1.5", "1_0", "\u0661", "2147483648", "9" * 5000])
def test_heights_that_are_no_heights(height: str) -> None:
    """A frame's height that is not a whole number in range is refused, however long it is."""
    text = refusal(external(f"<ExternalURL>x</ExternalURL><FrameHeight>{height}</FrameHeight>"))
    assert "it has to be a whole number from 0 to 2147483647" in text
    assert len(text) < 200


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_reading_raises_nothing_else(xml: str) -> None:
    """Whatever comes is a question or an `InvalidRequest`."""
    assert refusal(xml)


def test_importing_is_light() -> None:
    """Importing questions and answers imports no XML package and nothing of the client."""
    code = (
        "import sys, aioturk.questions, aioturk.answers\n"
        "print([name for name in sys.modules if name.startswith(('xml', 'pyexpat', 'aiohttp', 'botocore'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
