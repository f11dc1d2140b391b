"""Documents: what a form's fields become, and what every answer document is read as."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk._core.xml import carried, cdata
from aioturk.answers import Answers, read_answers, write_answers
from aioturk.answers.reading import _gathered, _parsed, _plain_answers
from aioturk.errors import AnswerError

HEAD = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<QuestionFormAnswers xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd">
"""
CARRIED = st.text(st.characters() | st.sampled_from("\r\n\t<>&]|\"'")).map(carried)
"""Every text that XML can carry, rich in what it treats specially."""


def document(*answers: str) -> str:
    """Return a document with these answers' children."""
    return HEAD + "".join(f"<Answer>{answer}</Answer>" for answer in answers) + "</QuestionFormAnswers>"


def named(name: str, rest: str) -> str:
    """Return an answer's children: its identifier and the rest."""
    return f"<QuestionIdentifier>{name}</QuestionIdentifier>{rest}"


def refusal(xml: str) -> str:
    """Return the text of the error with which a document is refused."""
    with pytest.raises(AnswerError) as caught:
        read_answers(xml)
    return str(caught.value)


def test_the_layout_is_the_services() -> None:
    """Header, namespace, line breaks and the blank answer stand as in documents of the real service."""
    assert write_answers({"comment": "text & more", "blank": ""}) == (
        f"{HEAD}<Answer>\n<QuestionIdentifier>comment</QuestionIdentifier>\n<FreeText>text &amp; more</FreeText>\n"
        "</Answer>\n<Answer>\n<QuestionIdentifier>blank</QuestionIdentifier>\n<FreeText/>\n</Answer>\n"
        "</QuestionFormAnswers>\n"
    )


@pytest.mark.parametrize(
    "xml",
    [
        "<{long}/>",
        "<QuestionFormAnswers><{long}/></QuestionFormAnswers>",
        document("<QuestionIdentifier>{long}</QuestionIdentifier><{long}/>"),
        document("<QuestionIdentifier><{long}/></QuestionIdentifier>"),
        document("<QuestionIdentifier>{long}</QuestionIdentifier><FreeText/><FreeText/>"),
        document(
            "<QuestionIdentifier>{long}</QuestionIdentifier><FreeText/><SelectionIdentifier>a</SelectionIdentifier>"
        ),
    ],
)
def test_refusals_are_short(xml: str) -> None:
    """Names in a damaged document, which may be megabytes, are cut in the error's text."""
    says = refusal(xml.replace("{long}", "k" * 50_000))
    assert "k" * 80 in says
    assert len(says) < 500


@given(st.dictionaries(CARRIED, CARRIED))
def test_fields_come_back(fields: dict[str, str]) -> None:
    """What is written is read back exactly, names and texts, in the same order."""
    answers = read_answers(write_answers(fields))
    assert answers == fields
    assert list(answers) == list(fields)


@given(st.lists(st.tuples(CARRIED, CARRIED)))
def test_pairs_of_one_name_are_joined(pairs: list[tuple[str, str]]) -> None:
    """Repeated names become one answer: values joined with a bar in the order sent, at the first one's place."""
    names = list(dict.fromkeys(name for name, _ in pairs))
    expected = {name: "|".join(value for each, value in pairs if each == name) for name in names}
    answers = read_answers(write_answers(pairs))
    assert answers == expected
    assert list(answers) == names


def test_a_list_is_joined() -> None:
    """Several values under one name are one text, joined with a bar; no value at all is a blank one."""
    answers = read_answers(write_answers({"colours": ["red", "blue"], "one": ("x",), "none": []}))
    assert answers == {"colours": "red|blue", "one": "x", "none": ""}


def test_the_order_of_a_form_is_kept() -> None:
    """Answers stand in the order of their names' first appearance."""
    assert list(read_answers(write_answers([("b", "1"), ("a", "2"), ("b", "3")]))) == ["b", "a"]


@given(
    st.dictionaries(st.text(st.characters() | st.characters(categories=["Cs"])), st.text(st.sampled_from("a\0\ud800")))
)
def test_what_xml_cannot_carry_is_dropped(fields: dict[str, str]) -> None:
    """Control characters and broken surrogates disappear; the document can always be read."""
    answers = read_answers(write_answers(fields))
    assert set(answers) == {carried(name) for name in fields}
    assert set("".join(str(value) for value in answers.values())) <= set("a|")


def test_names_that_become_equal_are_one_name() -> None:
    """Names are compared after dropping, so that no document holds one name twice."""
    assert read_answers(write_answers({"a\0": "1", "a": "2"})) == {"a": "1|2"}


@pytest.mark.parametrize("value", [42, None, [1, 2], b"x", {"x": 1}])
def test_values_are_strings(value: Any) -> None:
    """Anything that a form cannot send is a `TypeError` that names the field."""
    with pytest.raises(TypeError, match=r"The field 'age' is .*; forms send strings"):
        write_answers({"age": value})


def test_no_fields() -> None:
    """A document without answers is written and read, as an empty mapping."""
    assert read_answers(write_answers({})) == {}


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("<FreeText>42</FreeText>", "42"),
        ("<FreeText> two\nlines </FreeText>", " two\nlines "),
        ("<FreeText/>", ""),
        ("<FreeText></FreeText>", ""),
        ("<FreeText><![CDATA[<b>]]></FreeText>", "<b>"),
        ("<SelectionIdentifier>a</SelectionIdentifier>", ("a",)),
        ("<SelectionIdentifier>a</SelectionIdentifier><SelectionIdentifier>b</SelectionIdentifier>", ("a", "b")),
        ("", ()),
        ("<UploadedFileSizeInBytes>9</UploadedFileSizeInBytes><UploadedFileKey>k1</UploadedFileKey>", "k1"),
    ],
)
def test_every_form_of_answer(answer: str, value: str | tuple[str, ...]) -> None:
    """Free texts and file keys are strings, selections are tuples."""
    answers = read_answers(document(named("q", answer)))
    assert answers["q"] == value
    assert answers.other == {}


def test_other_text_stands_apart() -> None:
    """What a worker wrote beside "other" is kept, and is never mistaken for a selected identifier."""
    answers = read_answers(
        document(
            named("a", "<SelectionIdentifier>x</SelectionIdentifier><OtherSelectionText>mine</OtherSelectionText>"),
            named("b", "<OtherSelectionText>yes</OtherSelectionText>"),
        )
    )
    assert answers == Answers({"a": ("x",), "b": ()}, {"a": "mine", "b": "yes"})
    assert answers.other == {"a": "mine", "b": "yes"}


@pytest.mark.parametrize(
    "xml",
    [
        '<?xml version="1.0" encoding="ASCII"?>{root}<Answer><QuestionIdentifier>q</QuestionIdentifier>'
        "<FreeText>é</FreeText></Answer></QuestionFormAnswers>",
        "{root}\n  <Answer>\n    <QuestionIdentifier>q</QuestionIdentifier>\n    <FreeText>é</FreeText>\n  </Answer>\n"
        "</QuestionFormAnswers>",
        "<QuestionFormAnswers><Answer><FreeText>&#233;</FreeText><QuestionIdentifier>q</QuestionIdentifier></Answer>"
        "</QuestionFormAnswers>",
    ],
)
def test_any_layout_is_read(xml: str) -> None:
    """Either header, any white space, any order of the parts: the answer is the same."""
    root = HEAD.splitlines()[1]
    assert read_answers(xml.format(root=root)) == {"q": "é"}


def test_repeated_answers_are_one() -> None:
    """Several answers under one name are joined: texts with a bar, selections into one tuple."""
    chosen = "<SelectionIdentifier>{}</SelectionIdentifier><OtherSelectionText>{}</OtherSelectionText>"
    answers = read_answers(
        document(
            named("t", "<FreeText>1</FreeText>"),
            named("s", chosen.format("a", "x")),
            named("t", "<FreeText>2</FreeText>"),
            named("s", chosen.format("b", "y")),
            named("s", "<FreeText>c</FreeText>"),
        )
    )
    assert answers == Answers({"t": "1|2", "s": ("a", "b", "c")}, {"s": "x|y"})


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("", "no element found"),
        ("<a", "unclosed token"),
        (HEAD, "no element found"),
        ("<html><body>Sorry</body></html>", "its root is html, not QuestionFormAnswers"),
        ("<!DOCTYPE QuestionFormAnswers>" + HEAD.splitlines()[1] + "</QuestionFormAnswers>", "document type"),
        (document("<FreeText>x</FreeText>"), "an Answer has no QuestionIdentifier"),
        (document(named("q", "<FreeText>x</FreeText><FreeText>y</FreeText>")), "'q' holds FreeText where"),
        (document(named("q", "<FreeText>x<b/></FreeText>")), "FreeText holds an element, b"),
        (document(named("q", "<Surprise/>")), "'q' holds Surprise where"),
        (document(named("q", named("r", ""))), "'q' holds QuestionIdentifier where"),
        (
            document(
                named("q", "<OtherSelectionText>x</OtherSelectionText><OtherSelectionText>y</OtherSelectionText>")
            ),
            "'q' holds OtherSelectionText where",
        ),
        (
            document(named("q", "<FreeText>x</FreeText><SelectionIdentifier>y</SelectionIdentifier>")),
            "a text and a selection at once",
        ),
        (
            document(named("q", "<FreeText>x</FreeText><OtherSelectionText>y</OtherSelectionText>")),
            "a text and a selection at once",
        ),
        (HEAD + "<Reply/></QuestionFormAnswers>", "it holds Reply where only Answer may stand"),
        (document(named("q", "<a>" * 200)), "'q' holds a where"),
    ],
)
def test_damaged_documents(xml: str, reason: str) -> None:
    """A damaged or foreign document is an `AnswerError` that says what is wrong and what to do."""
    text = refusal(xml)
    assert reason in text
    assert "look at the raw document before approving or rejecting" in text


@given(st.text(st.characters() | st.characters(categories=["Cs"])) | CARRIED.map(lambda text: document(text)))
def test_reading_raises_nothing_else(xml: str) -> None:
    """Whatever a worker managed to send is answers or an `AnswerError`."""
    try:
        answers = read_answers(xml)
    except AnswerError:
        return
    assert isinstance(answers, Answers)


def test_answers_are_a_mapping() -> None:
    """Answers look up, count, iterate and test membership as dictionaries do."""
    answers = Answers({"age": "42", "colours": ("red",)})
    assert answers["age"] == "42"
    assert answers.get("name") is None
    assert len(answers) == 2
    assert "colours" in answers
    assert "name" not in answers
    assert dict(answers) == {"age": "42", "colours": ("red",)}
    with pytest.raises(KeyError, match="name"):
        answers["name"]


def test_answers_do_not_change() -> None:
    """Neither assignment nor a change of what they were made from changes answers."""
    values = {"age": "42"}
    answers = Answers(values)
    values["age"] = "43"
    assert answers["age"] == "42"
    with pytest.raises(TypeError):
        answers["age"] = "44"  # type: ignore[index]
    with pytest.raises(TypeError):
        answers.other["age"] = "44"  # type: ignore[index]


def test_answers_compare_by_what_they_say() -> None:
    """Answers equal a mapping with the same values; among themselves the other-texts count too."""
    assert Answers({"a": "1"}) == {"a": "1"}
    assert Answers({"a": "1"}) != {"a": "2"}
    assert Answers({"a": ()}, {"a": "x"}) != Answers({"a": ()})
    assert Answers({}) != []
    with pytest.raises(TypeError):
        hash(Answers({}))


def test_answers_show_themselves() -> None:
    """The repr is what would make the answers again."""
    for answers in (Answers({"a": "1"}), Answers({"a": ("x",)}, {"a": "y"})):
        assert eval(repr(answers)) == answers


def test_answers_travel() -> None:
    """Answers can be copied and pickled."""
    answers = Answers({"a": ("x",)}, {"a": "y"})
    assert copy.deepcopy(answers) == answers
    assert pickle.loads(pickle.dumps(answers)) == answers


# The two ways of reading.

NAMES = st.text(st.sampled_from("abc é&<>]'\"\t\n\r"), max_size=6)
TEXTS = st.text(st.sampled_from("abc é😀&<>]|'\" \t\n\r"), max_size=12)
BLANKS = st.sampled_from(["", "\n", "\n  ", " \t", "\r\n"])
TOKENS = (
    *("<", ">", "&", "&amp;", "&#13;", "&#x41;", "&bad;", "]]>", "<!--x-->", "<?x y?>", "<![CDATA[", "<!DOCTYPE a>"),
    *("<FreeText/>", "</Answer>", "<Answer>", "q:", " ", "\r", "\0", "\x0b", "\x1c", "\u2028", "\ufffe", "\ud800"),
)
"""What a document is tampered with."""


def written(text: str) -> str:
    """Return text as the service escapes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@st.composite
def answer_elements(draw: st.DrawFn) -> str:
    """An Answer of any kind, in any layout."""
    text = written(draw(TEXTS))
    form = draw(
        st.sampled_from(
            [
                f"<FreeText>{text}</FreeText>",
                "<FreeText/>",
                f"<FreeText><![CDATA[{text}]]></FreeText>",
                f"<SelectionIdentifier>{text}</SelectionIdentifier>" * draw(st.integers(0, 3)),
                f"<SelectionIdentifier>a</SelectionIdentifier><OtherSelectionText>{text}</OtherSelectionText>",
                f"<UploadedFileSizeInBytes>3</UploadedFileSizeInBytes><UploadedFileKey>{text}</UploadedFileKey>",
            ]
        )
    )
    form = form.replace("><", f">{draw(BLANKS)}<")
    first, second = f"<QuestionIdentifier>{written(draw(NAMES))}</QuestionIdentifier>", form
    if draw(st.integers(0, 9)) == 0:
        first, second = second, first
    return f"<Answer>{draw(BLANKS)}{first}{draw(BLANKS)}{second}{draw(BLANKS)}</Answer>{draw(BLANKS)}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document of the service, and often one that somebody has tampered with."""
    head = draw(st.sampled_from([HEAD, HEAD.replace("UTF-8", "ASCII"), HEAD.splitlines()[1], "<QuestionFormAnswers>"]))
    text = head + "".join(draw(st.lists(answer_elements(), max_size=4))) + "</QuestionFormAnswers>" + draw(BLANKS)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        token = draw(st.sampled_from(TOKENS))
        text = text[:place] + token + text[place + draw(st.integers(0, 3)) :]
    return text


@settings(max_examples=500)
@given(documents())
def test_the_quick_way_means_the_same(xml: str) -> None:
    """What the regular expression takes is what a parser reads; everything else it declines."""
    quick = _plain_answers(xml)
    if quick is None:
        return
    assert quick == _gathered(_parsed(xml))


@pytest.mark.parametrize(
    "xml",
    [
        write_answers({"age": "42", "comment": "a & b < c > d \"e\" 'f'", "blank": "", "lines": "1\n2", "é": "😀"}),
        document(named("a", "<SelectionIdentifier>x</SelectionIdentifier>"), named("b", "")),
        document(named("a", "<OtherSelectionText>&quot;x&apos;</OtherSelectionText>")),
    ],
)
def test_the_services_layout_is_read_quickly(xml: str) -> None:
    """Documents as the service writes them need no parser."""
    assert _plain_answers(xml) == _gathered(_parsed(xml)) is not None


@pytest.mark.parametrize(
    "text",
    ["&#65;", "&amp;&bad;", "a\rb", "\x1c", "\ufffe", "]]>", "<!---->", "<![CDATA[x]]>", "<?x?>"],
)
def test_what_only_a_parser_knows_is_left_to_it(text: str) -> None:
    """References by number, carriage returns, comments and what is no character are not judged quickly."""
    assert _plain_answers(document(named("q", f"<FreeText>{text}</FreeText>"))) is None
    assert _plain_answers(document(named(text, "<FreeText>x</FreeText>"))) is None


@settings(max_examples=500)
@given(documents())
def test_reading_tampered_documents_raises_nothing_else(xml: str) -> None:
    """Whatever became of a document, it is answers or an `AnswerError`."""
    try:
        answers = read_answers(xml)
    except AnswerError:
        return
    assert all(isinstance(value, str) or all(isinstance(each, str) for each in value) for value in answers.values())


@pytest.mark.parametrize("prefix", ["q:", "a.b:"])
def test_prefixes_do_not_matter(prefix: str) -> None:
    """A document that gives its namespace a prefix says the same."""
    xml = document(named("q", "<FreeText>1</FreeText>")).split("\n", 1)[1]
    xml = xml.replace("</", f"</{prefix}").replace("<", f"<{prefix}").replace(f"<{prefix}/{prefix}", f"</{prefix}")
    assert read_answers(xml.replace("xmlns", f"xmlns:{prefix[:-1]}")) == {"q": "1"}


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<QuestionFormAnswers><Answer><QuestionIdentifier>q</QuestionIdentifier><FreeText>&b;</FreeText></Answer>"
    "</QuestionFormAnswers>"
)
OUTSIDE = BOMB.replace('b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"', 'b SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize("xml", [BOMB, OUTSIDE, '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>'])
def test_nothing_is_fetched_or_expanded(xml: str) -> None:
    """A document type declaration ends the reading, with its entities and files."""
    assert "a document type declaration" in refusal(xml)


@pytest.mark.parametrize(
    "xml",
    [
        "<a>" * 3_000_000,
        document("<a>" * 2_000_000),
        document(named("q", "<FreeText>" * 700_000)),
        document(named("q", "<FreeText>" + "<![CDATA[<" * 10 + "</FreeText>")),
        HEAD + "<Answer>" * 800_000,
        HEAD + "<Answer><QuestionIdentifier>q</QuestionIdentifier>" + " \n" * 3_000_000,
        HEAD + "<Answer><QuestionIdentifier>q</QuestionIdentifier>" + "<SelectionIdentifier>a" * 300_000,
    ],
    ids=range(7),
)
def test_floods_are_refused(xml: str) -> None:
    """Megabytes of nesting, and of almost an answer, are refused like any damaged document."""
    assert len(refusal(xml)) < 500


def test_a_flood_of_attributes_is_refused() -> None:
    """Megabytes of them, in one tag, are not gone through; an answer of megabytes is read."""
    flood = "".join(f' a{number}=""' for number in range(600_000))
    for xml in (f"<QuestionFormAnswers{flood}/>", document(f"<FreeText{flood}/>")):
        assert "a tag, a comment or another piece of markup is longer than 65536 bytes" in refusal(xml)
    long = "<x>&" * 1_000_000
    assert read_answers(document(f"<QuestionIdentifier >q</QuestionIdentifier><FreeText>{cdata(long)}</FreeText>")) == {
        "q": long
    }


def test_one_name_a_hundred_thousand_times() -> None:
    """Repeated names are joined in one go, whatever their number."""
    count = 100_000
    answers = read_answers(
        HEAD + f"<Answer>{named('q', '<FreeText>x</FreeText>')}</Answer>" * count + "</QuestionFormAnswers>"
    )
    assert answers["q"] == "|".join("x" * count)
