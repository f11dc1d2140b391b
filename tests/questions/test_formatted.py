"""Formatted content: the manual's table, what it refuses, and what hides from a parser's tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core.xml import XMLError
from aioturk.questions.formatted import ATTRIBUTES, REQUIRED, XHTMLError, check_formatted

URL = "http://example.org/"
ADDRESSES = {"href", "src"}
REFERENCES = {"cite", "longdesc", "usemap"}


def tag(name: str, *attributes: str) -> str:
    """Return an element with these attributes and those that it has to have."""
    given = {each: URL if each in ADDRESSES else "x" for each in (*REQUIRED.get(name, ()), *attributes)}
    listed = "".join(f" {key}='{value}'" for key, value in given.items())
    return f"<{name}{listed}/>"


def refusal(content: str) -> str:
    """Return the text of the error with which content is refused."""
    with pytest.raises(XHTMLError) as caught:
        check_formatted(content)
    return str(caught.value)


def test_the_tags() -> None:
    """These tags may be used and no other."""
    assert " ".join(sorted(ATTRIBUTES)) == (
        "a area b big blockquote br center cite code col colgroup dd del dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins "
        "li map ol p pre q s small strike strong sub sup table tbody td tfoot th thead tr u ul"
    )


@pytest.mark.parametrize("name", sorted(ATTRIBUTES))
def test_the_attributes(name: str) -> None:
    """Each tag takes a title, all but br a direction and a language, each what the table says, and nothing else."""
    assert {"title", "dir", "lang"} - ATTRIBUTES[name] == ({"dir", "lang"} if name == "br" else set())
    check_formatted(tag(name, *sorted(ATTRIBUTES[name])))
    for other in frozenset().union(*ATTRIBUTES.values()) - ATTRIBUTES[name]:
        assert f'holds <{name}> with the attribute "{other}", which is not permitted' in refusal(tag(name, other))


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("a", "accesskey charset coords dir href hreflang lang name rel rev shape tabindex target title type"),
        ("img", "align alt border dir height hspace ismap lang longdesc src title usemap vspace width"),
        (
            "td",
            "abbr align axis bgcolor char charoff colspan dir headers height lang nowrap rowspan scope title valign "
            "width",
        ),
        ("b", "dir lang title"),
        ("br", "title"),
    ],
)
def test_rows_of_the_table(name: str, attributes: str) -> None:
    """The table's rows are the manual's."""
    assert sorted(ATTRIBUTES[name]) == attributes.split()


@pytest.mark.parametrize(("name", "attribute"), [("area", "alt"), ("img", "alt"), ("img", "src"), ("map", "name")])
def test_attributes_that_have_to_be_there(name: str, attribute: str) -> None:
    """Without them a tag is refused."""
    assert (
        refusal(tag(name).replace(f" {attribute}=", " title=")) == f"holds <{name}> without the attribute {attribute}"
    )


@pytest.mark.parametrize(
    "content",
    [
        "",
        "words &amp; more &lt; &#233;",
        "<p>A <b>bold</b> <a href='https://example.org/?a=1&amp;b=2'>link</a></p>\n<ul>\n<li>one</li></ul>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        "<code><![CDATA[<!-- <? <script> ]]></code>",
        "<img src=' HTTPS://example.org/a.png' alt='' usemap='#map' longdesc='more.html'/>",
        "<pre>\n\n</pre>",
    ],
)
def test_what_is_permitted(content: str) -> None:
    """Text, and any well-formed use of the table's tags and attributes."""
    check_formatted(content)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<script>alert(1)</script>", 'holds the tag "script", which is not permitted'),
        ("<p><i><style/></i></p>", 'holds the tag "style"'),
        ("<div/>", 'holds the tag "div"'),
        ("<span/>", 'holds the tag "span"'),
        ("<iframe/>", 'holds the tag "iframe"'),
        ("<B>bold</B>", 'holds the tag "B", which is not permitted: write <b>'),
        ("<b xmlns='urn:x'/>", 'holds the tag "b", which is not permitted'),
        ("<x:script xmlns:x='http://www.w3.org/1999/xhtml'/>", 'holds the tag "script"'),
        ("<p class='x'/>", 'holds <p> with the attribute "class", which is not permitted'),
        ("<p id='x'/>", 'attribute "id"'),
        ("<p style='x'/>", 'attribute "style"'),
        ("<p onclick='x'/>", 'attribute "onclick"'),
        ("<p xml:lang='en'/>", 'attribute "{http://www.w3.org/XML/1998/namespace}la..."'),
        ("a<!-- comment -->", "holds a comment, which is not permitted"),
        ("<b><![CDATA[]]><!----></b>", "holds a comment"),
        ("<!-- <![CDATA[ -->]]&gt;", "holds a comment"),
        ("<?php x?>", "holds a processing instruction, which is not permitted"),
        ("<b>", "is not well-formed XHTML: mismatched tag (its line 1, column 6)"),
        ("\n<br>", "is not well-formed XHTML: mismatched tag (its line 2, column 7)"),
        ("<p></b>", "mismatched tag (its line 1, column 6)"),
        ("</FormattedContent><FormattedContent>", "junk after document element"),
        ("</FormattedContent>", "is not well-formed XHTML"),
        ("a & b", "is not well-formed XHTML: not well-formed (invalid token) (its line 1, column 4)"),
        ("&nbsp;", "undefined entity (its line 1, column 1); of named entities XML knows only &amp; &lt; &gt; "),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "is not well-formed XHTML"),
        ("<?xml version='1.0'?>", "is not well-formed XHTML"),
        ("<b>" * 200 + "</b>" * 200, "nested deeper than"),
        ("\ud83d", "half of a surrogate pair"),
        (
            "<a href='javascript:alert(1)'/>",
            'holds <a> with href="javascript:alert(1)"; it has to be a http, https, ftp',
        ),
        ("<a href='&#10;java&#10;script:alert(1)'/>", "with href="),
        ("<a href='data:text/html,x'/>", "with href="),
        ("<a href=''/>", "with href="),
        ("<a href='/page'/>", 'holds <a> with href="/page"'),
        ("<a href='//example.org'/>", "with href="),
        ("<area alt='' href='x'/>", "holds <area> with href="),
        ("<img alt='' src='a.png'/>", 'holds <img> with src="a.png"'),
        ("<img alt='' src='http://example.org' longdesc='javascript:x'/>", "holds <img> with longdesc="),
        ("<q cite='JavaScript :x'/>", "holds <q> with cite="),
    ],
)
def test_what_is_refused(content: str, text: str) -> None:
    """Tags, attributes, addresses and markup that are not permitted are named; broken XML is told with its place."""
    assert text in refusal(content)


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "news", "nntp", "mailto", "gopher", "telnet"])
def test_the_schemes(scheme: str) -> None:
    """Links and pictures may use these schemes; quotations and descriptions too."""
    url = f"{scheme}://example.org/x"
    for content in (f"<a href='{url}'/>", f"<img alt='' src='{url}'/>", f"<q cite='{url}'/>"):
        check_formatted(content)


def test_mail_addresses() -> None:
    """Schemes that name no host need no slashes; those that do, need them."""
    check_formatted("<a href='mailto:me@example.org'/>")
    check_formatted("<a href='news:comp.lang.python'/>")
    refusal("<a href='http:example.org'/>")


def test_errors_are_xml_errors_of_their_own_class() -> None:
    """Who reads documents catches one class; who wants to know that it was formatted content, the other."""
    assert issubclass(XHTMLError, XMLError)


@given(st.text(st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("<>&;![]-?/=\"' abp")))
def test_checking_raises_nothing_else(content: str) -> None:
    """Whatever stands there is permitted, or an `XHTMLError`."""
    try:
        check_formatted(content)
    except XHTMLError:
        return
    assert "<!--" not in content or "<![CDATA[" in content


@given(st.text("-!<>[]CDAT ?x", max_size=12), st.sampled_from(["", "<b>", "<![CDATA["]))
def test_comments_are_found_wherever_they_are(between: str, opening: str) -> None:
    """Content with a comment is refused, whatever stands around it; in a CDATA section it is none."""
    closing = {"": "", "<b>": "</b>", "<![CDATA[": "]]>"}[opening]
    refusal(f"{opening}{between}{closing}<!-- c -->")
