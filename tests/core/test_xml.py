"""Reading XML trusts nothing; writing XML loses nothing."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from xml.etree.ElementTree import tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk._core import xml
from aioturk._core.xml import (
    DEPTH_LIMIT,
    MARKUP_LIMIT,
    XMLError,
    beyond_bmp,
    carried,
    cdata,
    escape,
    local_name,
    namespace,
    parse,
    text_of,
    unsupported,
)

SURROGATES = st.characters(categories=["Cs"])
ANYTHING = st.text(st.characters() | SURROGATES | st.sampled_from("\x00\x0b\x1f\r\n\ufffe\uffff<>&]\U0001f600"))
"""Every string that Python can hold, rich in trouble."""


def refusal(document: str | bytes) -> XMLError:
    """Return the error with which a document is refused."""
    with pytest.raises(XMLError) as caught:
        parse(document)
    return caught.value


def test_a_document_becomes_a_tree() -> None:
    """Elements, attributes and text are read, with namespaces in ElementTree's form."""
    root = parse('<f:a xmlns:f="urn:x" xmlns:g="urn:y" n="1" g:m="2">t<b/>u</f:a>')
    assert root.tag == "{urn:x}a"
    assert root.attrib == {"n": "1", "{urn:y}m": "2"}
    assert (root.text, root[0].tag, root[0].tail) == ("t", "b", "u")


def test_names_are_told_apart() -> None:
    """The namespace and the local name of an element can be asked for, with or without a namespace."""
    root = parse('<a xmlns="urn:x"><b xmlns=""/></a>')
    assert (namespace(root), local_name(root)) == ("urn:x", "a")
    assert (namespace(root[0]), local_name(root[0])) == ("", "b")


def test_text_is_read_whole() -> None:
    """Text in pieces (CDATA, references, around comments) is one text."""
    assert text_of(parse("<a>1<!-- x -->2<![CDATA[<3>]]>&amp;4&#x35;</a>")) == "12<3>&45"
    assert text_of(parse("<a/>")) == ""


def test_an_element_is_not_text() -> None:
    """An element where text is expected is an error that names both."""
    with pytest.raises(XMLError, match="a holds an element, b; it takes text only"):
        text_of(parse("<a>1<b/></a>"))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("<a>é</a>", "é"),
        ('<?xml version="1.0" encoding="ASCII"?><a>é</a>', "é"),
        ("<a>é</a>".encode(), "é"),
        ('<?xml version="1.0" encoding="ASCII"?><a>e</a>'.encode("ascii"), "e"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), "é"),
        ("<a>é</a>".encode("utf-16"), "é"),
    ],
)
def test_encodings(document: str | bytes, text: str) -> None:
    """Bytes are read as they declare themselves; in text a declared encoding no longer means anything."""
    assert text_of(parse(document)) == text


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        '<!DOCTYPE a PUBLIC "x" "https://example.org/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]><a/>',
        "<!-- first --> <?go?>\n<!DOCTYPE a><a/>",
        "<!DOCTYPE a><a/>".encode("utf-16"),
    ],
)
def test_document_types_are_refused(document: str | bytes) -> None:
    """No document type declaration is accepted, and with it no entity and no external reference."""
    assert "<!DOCTYPE ...>" in refusal(document).text


def test_nothing_grows() -> None:
    """A document whose entities would expand to gigabytes is refused before they are even declared."""
    entities = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    assert "<!DOCTYPE" in refusal(f'<!DOCTYPE a [<!ENTITY x0 "ha">{entities}]><a>&x11;</a>').text


def test_a_page_inside_cdata_may_have_its_doctype() -> None:
    """What looks like a document type declaration inside CDATA is text."""
    assert text_of(parse("<a><![CDATA[<!DOCTYPE html>]]></a>")) == "<!DOCTYPE html>"


def test_depth_is_bounded() -> None:
    """Elements may be nested so deep and no deeper, however many follow."""
    assert parse("<a>" * DEPTH_LIMIT + "</a>" * DEPTH_LIMIT).tag == "a"
    error = refusal("<a>" * 1_000_000)
    assert "nested deeper" in error.text
    assert error.line == 1


def test_many_siblings_are_not_depth() -> None:
    """Depth counts open elements only."""
    assert len(parse("<a>" + "<b></b>" * 1000 + "</a>")) == 1000


@pytest.mark.parametrize(
    "markup",
    [
        "<b" + "".join(f' a{number}=""' for number in range(700_000)) + "/>",
        "<b" + "".join(f' xmlns:a{number}="x"' for number in range(400_000)) + "/>",
        f'<b a="{"x" * 8_000_000}"/>',
        f"<{'b' * 8_000_000}/>",
        f"<!--{'x' * 8_000_000}-->",
        f"<?p {'x' * 8_000_000}?>",
    ],
    ids=["attributes", "namespaces", "a value", "a name", "a comment", "an instruction"],
)
def test_markup_is_bounded(markup: str) -> None:
    """No megabytes of it are gone through: what is refused is the beginning, before its end is looked for."""
    error = refusal(f"<a>\n{markup}</a>")
    assert str(error) == "a tag, a comment or another piece of markup is longer than 65536 bytes (line 2, column 1)"
    # It has no end, and nobody got there to miss it.
    assert "longer than 65536 bytes" in refusal(f"<a>{markup[:-2]}").text
    assert "longer than 65536 bytes" in refusal(markup).text


def test_texts_are_not_markup() -> None:
    """Megabytes of text are read, between tags and in CDATA, and tags of the length that is promised."""
    text = "é\r\n&<x>]" * 200_000
    read = text.replace("\r\n", "\n")
    assert text_of(parse(f"<a>{cdata(text)}</a>")) == read
    assert text_of(parse(f"<a>{escape(read)}</a>")) == read
    long = "x" * (MARKUP_LIMIT - len('<b a=""/>'))
    assert [each.get("a") for each in parse("<a>" + f'<b a="{long}"/>' * 5 + "</a>")] == [long] * 5


@given(
    st.lists(
        st.sampled_from(["<b/>", "</c><c>", "<!-- x -->", "<![CDATA[]]]]>", "<?p q?>", "&#13;", "&lt;", '<b d="é"/>'])
        | st.text("x é\r\n]\U0001f600"),
        max_size=30,
    ),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_where_a_document_is_cut_makes_no_difference(parts: list[str], encoding: str) -> None:
    """It is gone through in pieces, and read as if it were one."""
    text = f"<a><c>{''.join(parts)}</c></a>"
    document = text.encode(encoding)
    whole = tostring(parse(document))
    for limit in range(len("<![CDATA[".encode(encoding)) * 2, 80, 3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(xml, "MARKUP_LIMIT", limit)
            assert tostring(parse(document)) == whole


def test_size_is_bounded() -> None:
    """A document over the limit is refused unread."""
    assert parse("<a/>", limit=4).tag == "a"
    with pytest.raises(XMLError, match="the document is 5 long; at most 4 is read"):
        parse("<aa/>", limit=4)


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [
        ("", 1, 1),
        ("<a>", 1, 4),
        ("<a>\n &nbsp;</a>", 2, 2),
        ("<a>\n\x01</a>", 2, 1),
        ("<a>\n  &#1;</a>", 2, 3),
        ("<a>é\né\ud800</a>", 2, 2),
        ("<a/>\n<b/>", 2, 1),
        (b"<a>\xff</a>", 1, 4),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', 1, 1),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', 1, 1),
        (b'<?xml version="1.0" encoding="none-such"?><a/>', 1, 1),
    ],
)
def test_damage_has_a_place(document: str | bytes, line: int, column: int) -> None:
    """A document that is not well-formed is an error with its line and column, counted from one."""
    error = refusal(document)
    assert (error.line, error.column) == (line, column)
    assert str(error) == f"{error.text} (line {line}, column {column})"


def test_an_error_without_a_place() -> None:
    """Where no place is known, none is invented."""
    assert str(XMLError("it is empty")) == "it is empty"


@given(ANYTHING | st.binary())
def test_reading_raises_nothing_else(document: str | bytes) -> None:
    """Whatever comes is a tree or an `XMLError`."""
    with contextlib.suppress(XMLError):
        assert parse(document).tag


@given(ANYTHING.map(carried))
def test_escaped_text_comes_back(text: str) -> None:
    """A parser reads from escaped text exactly that text, carriage returns included."""
    assert text_of(parse(f"<a>{escape(text)}</a>")) == text


@given(st.lists(st.sampled_from(["]", "]]>", "<![CDATA[", "<", "&amp;", "x", "\n", "é"])).map("".join))
def test_cdata_comes_back(text: str) -> None:
    """A parser reads from a CDATA section exactly its text, also when it holds the section's end."""
    assert text_of(parse(f"<a>{cdata(text)}</a>")) == text


@given(ANYTHING)
def test_unsupported_is_what_the_parser_refuses(text: str) -> None:
    """What `unsupported` finds nothing in can be read, and nothing else can."""
    found = unsupported(text)
    if found is None:
        assert text_of(parse(f"<a>{escape(text)}</a>")) == text
        assert carried(text) == text
    else:
        position, character = found
        assert text[position] == character
        assert unsupported(text[:position]) is None
        refusal(f"<a>{escape(text)}</a>")
        assert unsupported(carried(text)) is None


@given(ANYTHING)
def test_beyond_bmp_finds_the_first(text: str) -> None:
    """The first character above U+FFFF is found with its position."""
    expected = next(((position, each) for position, each in enumerate(text) if ord(each) > 0xFFFF), None)
    assert beyond_bmp(text) == expected


def test_importing_reads_no_xml() -> None:
    """Importing the module does not import the standard library's XML packages."""
    code = (
        "import sys, aioturk._core.xml; print(*[name for name in sys.modules if name.startswith(('xml', 'pyexpat'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.sub(r"\s", "", done.stdout) == ""
