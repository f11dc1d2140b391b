"""Reading question documents: what is kept by the service, and what is no question at all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import questions
from aioturk._core.xml import XMLError
from aioturk.errors import InvalidRequest
from aioturk.questions import (
    AnswerKey,
    AnswerOption,
    BulletList,
    ExternalQuestion,
    FreeTextAnswer,
    HTMLQuestion,
    Overview,
    Question,
    QuestionForm,
    ScoredQuestion,
    Text,
    Title,
)
from aioturk.questions.answer_key import check_answer_key
from aioturk.questions.form import check_test

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/"
EXTERNAL = f"{SCHEMAS}2006-07-14/ExternalQuestion.xsd"
PAGE = f"{SCHEMAS}2011-11-11/HTMLQuestion.xsd"
FORM = f"{SCHEMAS}2017-11-06/QuestionForm.xsd"


def external(parts: str) -> str:
    """Return an ExternalQuestion document with these children."""
    return f'<ExternalQuestion xmlns="{EXTERNAL}">{parts}</ExternalQuestion>'


def page(parts: str) -> str:
    """Return an HTMLQuestion document with these children."""
    return f'<HTMLQuestion xmlns="{PAGE}">{parts}</HTMLQuestion>'


def overview(parts: str, namespace: str = FORM) -> str:
    """Return a QuestionForm document with an overview of these children."""
    return f'<QuestionForm xmlns="{namespace}"><Overview>{parts}</Overview></QuestionForm>'


def refusal(xml: str) -> str:
    """Return the text of the error with which a document is refused."""
    with pytest.raises(InvalidRequest) as caught:
        questions.parse(xml)
    assert caught.value.argument == "xml"
    assert "sent" not in str(caught.value)  # nothing was going to be
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


@pytest.mark.parametrize("date", ["2017-11-06", "2005-10-01"])
def test_forms_keep_the_order_of_unlike_siblings(date: str) -> None:
    """Blocks, and overviews among questions, are read in the order of the document, in either namespace."""
    parts = "<Text>1</Text><Title>2</Title><List><ListItem>3</ListItem></List><Title>4</Title><Text>5</Text>"
    expected = Overview([Text("1"), Title("2"), BulletList("3"), Title("4"), Text("5")])
    assert questions.parse(overview(parts, FORM.replace("2017-11-06", date))) == QuestionForm(expected)
    form = QuestionForm([Question("a", "1", FreeTextAnswer()), Title("2"), Question("b", "3", FreeTextAnswer()), "4"])
    assert questions.parse(form.to_xml().replace("2017-11-06", date)) == form


def test_answer_keys_are_read() -> None:
    """A key is told from a question by its root."""
    key = AnswerKey((ScoredQuestion("q", (AnswerOption(("a",), 1),)),))
    assert questions.parse(key.to_xml()) == key


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "no element found"),
        ("<ExternalQuestion", "unclosed token"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type declaration"),
        ("<html/>", "its root is html; what can be read is ExternalQuestion, HTMLQuestion, QuestionForm"),
        ("<ExternalQuestion/>", 'is in the namespace ""'),
        (f'<ExternalQuestion xmlns="{PAGE}"/>', "has to be one of the service's"),
        ('<HTMLQuestion xmlns="urn:x/HTMLQuestion.xsd"/>', 'is in the namespace "urn:x/HTMLQuestion.xsd"'),
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
        (overview("<Title/><Text><b/></Text>"), "Overview 1: Text 1 holds an element, b; it takes text only"),
        (
            overview("<Application><Flash/></Application>"),
            "Application 1 was withdrawn on 2017-11-06, with Flash and Java applets; use ExternalQuestion or HTML",
        ),
        (
            overview("").replace(
                "<Overview></Overview>",
                "<Question><QuestionIdentifier>q</QuestionIdentifier><QuestionContent><Text/></QuestionContent>"
                "<AnswerSpecification><FileUploadAnswer/></AnswerSpecification></Question>",
            ),
            'Question 1 ("q"): FileUploadAnswer was withdrawn in 2017; let workers upload on a page of your own',
        ),
        (overview("<Text/>", FORM.replace("2017", "2016")), "it has to be QuestionForm in"),
        (overview("<FormattedContent>&lt;script/></FormattedContent>"), 'FormattedContent 1 holds the tag "script"'),
        (f'<AnswerKey xmlns="{SCHEMAS}2005-10-01/AnswerKey.xsd"/>', "AnswerKey is empty; it takes Question"),
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


HOSTILE = {
    "an entity": ('<!DOCTYPE a [<!ENTITY x "y">]>', "<Text>&x;</Text>"),
    "entities of entities": (
        '<!DOCTYPE a [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdef", "bcdefg", strict=True))
        + "]>",
        "<Text>&g;</Text>",
    ),
    "an external entity": ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<Text>&x;</Text>"),
    "a parameter entity": ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]>', "<Text/>"),
    "an external type": ('<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">', "<Text/>"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_is_fetched_or_expanded(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document type is refused where it begins: no socket is made, no file opened, nothing behind it is read."""

    def forbidden(event: str, *_arguments: object) -> None:
        raise AssertionError(event)

    monkeypatch.setattr("socket.socket", lambda *_: forbidden("socket"))
    monkeypatch.setattr("builtins.open", lambda *_: forbidden("open"))
    declared, content = HOSTILE[kind]
    text, _, column = refusal(declared + overview(content)).rpartition(" ")
    assert text == (
        "cannot be read as a question: a document type declaration (<!DOCTYPE ...>) is not accepted, nor are entities "
        "(line 1, column"
    )
    # Not later than the bracket after which declarations begin, or the end of one without any.
    assert int(column.rstrip(").")) <= min(declared.find(mark) for mark in "[>" if mark in declared) + 1


def test_references_to_elsewhere_mean_nothing() -> None:
    """Locations of schemas are passed over, and inclusions are no elements of forms."""
    located = overview("<Text>t</Text>").replace(
        "<QuestionForm",
        '<QuestionForm xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a http://x"',
    )
    assert questions.parse(located) == QuestionForm("t")
    include = '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert "Overview 1 holds include of another namespace" in refusal(overview(include))


@pytest.mark.parametrize("within", [overview, external, page])
def test_nesting_is_not_followed(within: Callable[[str], str]) -> None:
    """Reading stops at the hundredth level, however many follow, and does not begin when a document is enormous."""
    deep = 100_000
    text = refusal(within("<a>" * deep + "</a>" * deep))
    beginning = within("<a>").index("<a>")
    assert "elements are nested deeper than 100 (line 1, column " in text
    assert int(text.rpartition(" ")[2].rstrip(").")) <= beginning + 3 * 100 + 1
    ten_megabytes = within("<a>" * 3_500_000)
    assert "is 10500" in refusal(ten_megabytes)
    assert "long; at most 1048576 is read" in refusal(ten_megabytes)


@pytest.mark.parametrize("xml", [None, 5, ["<x/>"]])
def test_what_is_no_text_at_all(xml: Any) -> None:
    """A question that a HIT does not have is no document, and said to be none."""
    assert "give the document as a string" in refusal(xml)


@pytest.mark.parametrize("within", [overview, external, page])
def test_errors_are_short(within: Callable[[str], str]) -> None:
    """However many elements are in the wrong place, and however long their names, the error can be read."""
    name = "a" * 200_000
    for document in (
        within("<a/>" * 100_000),
        within(f"<{name}/>"),
        within(f"<ExternalURL><{name}/></ExternalURL><FrameHeight>0</FrameHeight>"),
        f"<{name}/>",
        f'<HTMLQuestion xmlns="{name}"/>',
    ):
        assert len(refusal(document)) < 1000
    for read in (check_test, check_answer_key):
        with pytest.raises(XMLError) as caught:
            read(f"<{name}/>")
        assert len(str(caught.value)) < 1000
        with pytest.raises(XMLError, match="at most 1048576 is read"):
            read("<a/>" * 300_000)


def test_nesting_in_formatted_content_is_not_followed() -> None:
    """What formatted content holds is read with the same care."""
    assert "FormattedContent 1 is not well-formed XHTML: elements are nested deeper than 100" in refusal(
        overview(f"<FormattedContent>{'&lt;b>' * 100_000}</FormattedContent>")
    )


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
