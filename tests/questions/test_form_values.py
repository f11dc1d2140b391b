"""Question forms as values: short ways to write them, their documents, and every rule with the place it was broken."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any, assert_type
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import aioturk
from aioturk import questions
from aioturk._core.accepted import Document
from aioturk._core.xml import carried
from aioturk.errors import InvalidRequest
from aioturk.questions import (
    AnswerFormatRegex,
    Binary,
    BulletList,
    EmbeddedBinary,
    FormattedContent,
    FreeTextAnswer,
    IsNumeric,
    Length,
    OtherSelection,
    Overview,
    Question,
    QuestionForm,
    Selection,
    SelectionAnswer,
    Text,
    Title,
    parse,
)
from aioturk.questions._form_schema import FORM
from aioturk.questions._schema import Content, Elements, Withdrawn
from aioturk.questions.answer_specification import SINGLE_STYLES, STYLES, AnswerSpecification, Style
from aioturk.questions.content import MEDIA, Block

NAMESPACE = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2017-11-06/QuestionForm.xsd"
GREATEST = 2**31 - 1
PICTURE = Binary("https://example.org/cat.png", "A cat", mime_type="image/png")
ANY = FreeTextAnswer()


def asked(answer: Any = ANY, identifier: Any = "q", content: Any = "Well?", **more: Any) -> Question:
    """Return a question; what it is made of need not be right."""
    return Question(identifier, content, answer, **more)


def chosen(selections: Any = ("a", "b"), **more: Any) -> Question:
    """Return a question with selections."""
    return asked(SelectionAnswer(selections, **more))


def refusal(parts: Any) -> str:
    """Return the text of the error with which a form is refused."""
    with pytest.raises(InvalidRequest) as caught:
        QuestionForm(parts)
    assert caught.value.argument == "parts"
    return caught.value.text


# Short ways.


def test_strings_are_what_they_look_like() -> None:
    """A string is a paragraph, a selection, a pattern or an overview, wherever one may stand."""
    short = QuestionForm(
        [
            "Look.",
            Title("Animals"),
            Question("kind", "What is it?", SelectionAnswer({"cat": "A cat", "dog": PICTURE})),
            Question("sure", ["Are you", "sure?"], SelectionAnswer(["yes", "no"], other_selection=True)),
            Question("zip", PICTURE, FreeTextAnswer(is_numeric=True, answer_format_regex="^[0-9]{5}$")),
        ]
    )
    assert short == QuestionForm(
        (
            Overview((Text("Look."),)),
            Overview((Title("Animals"),)),
            Question(
                "kind",
                (Text("What is it?"),),
                SelectionAnswer((Selection("cat", Text("A cat")), Selection("dog", PICTURE))),
            ),
            Question(
                "sure",
                (Text("Are you"), Text("sure?")),
                SelectionAnswer(
                    (Selection("yes", Text("yes")), Selection("no", Text("no"))), other_selection=OtherSelection()
                ),
            ),
            Question(
                "zip",
                (PICTURE,),
                FreeTextAnswer(is_numeric=IsNumeric(), answer_format_regex=(AnswerFormatRegex("^[0-9]{5}$"),)),
            ),
        )
    )


def test_what_is_there_alone_needs_no_list() -> None:
    """One block, one item, one part and a generator are taken as a list is."""
    assert Overview(Title("t")) == Overview([Title("t")])
    assert BulletList("one") == BulletList(["one"])
    assert QuestionForm(asked()) == QuestionForm([asked()]) == QuestionForm(each for each in [asked()])
    assert QuestionForm("Hello") == QuestionForm([Overview("Hello")])
    assert FreeTextAnswer(is_numeric=False) == ANY
    assert SelectionAnswer(["a"], other_selection=False) == SelectionAnswer("a")
    embedded = EmbeddedBinary("http://example.org", "", mime_type="a/b", width=1, height=2)
    assert embedded == EmbeddedBinary(" http://example.org\n", "", mime_type="a/b", width="1", height="2")


def test_types_are_exact() -> None:
    """Whatever was given, what stands in a value has one type, and type checkers know it."""
    form = QuestionForm(["Look.", Question("q", "Well?", SelectionAnswer(["a"], style_suggestion="list"))])
    assert_type(form.parts, tuple[Overview | Question, ...])
    question = form.questions[0]
    assert_type(question.question_content, tuple[Block, ...])
    assert_type(question.answer_specification, AnswerSpecification)
    answer = question.answer_specification
    assert isinstance(answer, SelectionAnswer)
    assert_type(answer.selections, tuple[Selection, ...])
    assert_type(answer.style_suggestion, Style | None)
    assert_type(answer.other_selection, OtherSelection | None)
    assert answer.selection_identifiers == ("a",)
    assert type(question.question_content) is tuple


def test_questions_without_overviews() -> None:
    """The questions of a form are those among its parts, in order."""
    first, second = asked(identifier="1"), asked(identifier="2")
    assert QuestionForm([first, "and", second]).questions == (first, second)
    assert QuestionForm("alone").questions == ()


@pytest.mark.parametrize(
    ("question", "has_to"),
    [
        (asked(), False),
        (asked(is_required=True), True),
        (asked(FreeTextAnswer(length=Length(1))), True),
        (asked(FreeTextAnswer(length=Length(0, 5))), False),
        (asked(FreeTextAnswer(length=Length(max_length=5))), False),
        (chosen(), False),
    ],
)
def test_a_least_length_makes_a_text_required(question: Question, has_to: bool) -> None:
    """A text that may not be empty has to be answered, whether or not the form says so."""
    assert question.has_to_be_answered is has_to


def test_the_form_is_at_the_top_of_the_package() -> None:
    """Programs import the form from the package itself, too."""
    assert aioturk.QuestionForm is QuestionForm


# Documents.

EVERYTHING = QuestionForm(
    [
        Overview(
            [
                Title("Cats & dogs"),
                Text("Look\rclosely."),
                BulletList(["one", "<two>"]),
                FormattedContent("<p>a<![CDATA[<]]></p>"),
                PICTURE,
                EmbeddedBinary(
                    "https://example.org/a?b&c",
                    "A film",
                    mime_type="video/mp4",
                    width=320,
                    height="240",
                    application_parameters={"loop": "<1>"},
                ),
            ]
        ),
        Question(
            "age",
            "How old?",
            FreeTextAnswer(
                is_numeric=IsNumeric(0, 30),
                length=Length(1, 2),
                answer_format_regex=[AnswerFormatRegex('^"\n\t&<', error_text="It's\rwrong", flags="i"), r"^\d+$"],
                default_text="7",
                number_of_lines_suggestion=2,
            ),
            display_name="Its age",
            is_required=True,
        ),
        Question(
            "kinds",
            Binary("http://example.org/a", "", mime_type="audio"),
            SelectionAnswer(
                [
                    Selection("cat", "A cat"),
                    Selection("dog", FormattedContent("<b>A dog</b>")),
                    Selection("?", PICTURE),
                ],
                min_selection_count=0,
                max_selection_count=2,
                style_suggestion="checkbox",
                other_selection=OtherSelection(length=Length()),
            ),
        ),
    ]
)


def test_the_document_is_the_manuals() -> None:
    """Namespace, elements and their order are the manual's; texts are escaped, and ``]]>`` ends no CDATA section."""
    assert EVERYTHING.to_xml() == (
        f'<QuestionForm xmlns="{NAMESPACE}">\n'
        "<Overview><Title>Cats &amp; dogs</Title><Text>Look&#13;closely.</Text>"
        "<List><ListItem>one</ListItem><ListItem>&lt;two&gt;</ListItem></List>"
        "<FormattedContent><![CDATA[<p>a<![CDATA[<]]]]><![CDATA[></p>]]></FormattedContent>"
        "<Binary><MimeType><Type>image</Type><SubType>png</SubType></MimeType>"
        "<DataURL>https://example.org/cat.png</DataURL><AltText>A cat</AltText></Binary>"
        "<EmbeddedBinary><EmbeddedMimeType><Type>video</Type><SubType>mp4</SubType></EmbeddedMimeType>"
        "<DataURL>https://example.org/a?b&amp;c</DataURL><AltText>A film</AltText>"
        "<Width>320</Width><Height>240</Height>"
        "<ApplicationParameter><Name>loop</Name><Value>&lt;1&gt;</Value></ApplicationParameter></EmbeddedBinary>"
        "</Overview>\n"
        "<Question><QuestionIdentifier>age</QuestionIdentifier><DisplayName>Its age</DisplayName>"
        "<IsRequired>true</IsRequired><QuestionContent><Text>How old?</Text></QuestionContent>"
        "<AnswerSpecification><FreeTextAnswer><Constraints>"
        '<IsNumeric minValue="0" maxValue="30"/><Length minLength="1" maxLength="2"/>'
        '<AnswerFormatRegex regex="^&quot;&#10;&#9;&amp;&lt;" errorText="It\'s&#13;wrong" flags="i"/>'
        r'<AnswerFormatRegex regex="^\d+$"/>'
        "</Constraints><DefaultText>7</DefaultText><NumberOfLinesSuggestion>2</NumberOfLinesSuggestion>"
        "</FreeTextAnswer></AnswerSpecification></Question>\n"
        "<Question><QuestionIdentifier>kinds</QuestionIdentifier><QuestionContent>"
        "<Binary><MimeType><Type>audio</Type></MimeType><DataURL>http://example.org/a</DataURL><AltText></AltText>"
        "</Binary></QuestionContent><AnswerSpecification><SelectionAnswer>"
        "<MinSelectionCount>0</MinSelectionCount><MaxSelectionCount>2</MaxSelectionCount>"
        "<StyleSuggestion>checkbox</StyleSuggestion><Selections>"
        "<Selection><SelectionIdentifier>cat</SelectionIdentifier><Text>A cat</Text></Selection>"
        "<Selection><SelectionIdentifier>dog</SelectionIdentifier>"
        "<FormattedContent><![CDATA[<b>A dog</b>]]></FormattedContent></Selection>"
        "<Selection><SelectionIdentifier>?</SelectionIdentifier><Binary><MimeType><Type>image</Type>"
        "<SubType>png</SubType></MimeType><DataURL>https://example.org/cat.png</DataURL><AltText>A cat</AltText>"
        "</Binary></Selection>"
        "<OtherSelection><Constraints><Length/></Constraints></OtherSelection>"
        "</Selections></SelectionAnswer></AnswerSpecification></Question>\n"
        "</QuestionForm>"
    )


def test_what_is_as_usual_is_left_out() -> None:
    """What the service takes for granted is not written."""
    assert QuestionForm([asked(), Question("s", "t", SelectionAnswer("a"))]).to_xml() == (
        f'<QuestionForm xmlns="{NAMESPACE}">\n'
        "<Question><QuestionIdentifier>q</QuestionIdentifier><QuestionContent><Text>Well?</Text></QuestionContent>"
        "<AnswerSpecification><FreeTextAnswer/></AnswerSpecification></Question>\n"
        "<Question><QuestionIdentifier>s</QuestionIdentifier><QuestionContent><Text>t</Text></QuestionContent>"
        "<AnswerSpecification><SelectionAnswer><Selections><Selection><SelectionIdentifier>a</SelectionIdentifier>"
        "<Text>a</Text></Selection></Selections></SelectionAnswer></AnswerSpecification></Question>\n"
        "</QuestionForm>"
    )


TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]) | st.sampled_from("\n\r\t<>&\"']")).map(
    carried
)
WORDS = TEXTS.filter(lambda text: bool(text.strip()))
SIZES = st.integers(0, 10**9) | st.integers(0, 10**9).map(str)
URLS = TEXTS.map(lambda text: f"https://example.org/{quote(text)}") | st.just("HTTP://example.org")
XHTML = st.sampled_from(
    ["", "a &amp; b\r\n", "<p>a<br/><a href='http://example.org/'>b</a></p>", "<code><![CDATA[]] ]]></code>"]
)
BINARIES = st.builds(
    Binary,
    URLS,
    TEXTS,
    mime_type=st.sampled_from(MEDIA) | st.builds("{}/{}".format, st.sampled_from(MEDIA), TEXTS),
)
EMBEDDED = st.builds(
    EmbeddedBinary,
    URLS,
    TEXTS,
    mime_type=st.builds("{}/{}".format, WORDS.map(lambda text: f"a{text.replace('/', '')}"), WORDS),
    width=SIZES,
    height=SIZES,
    application_parameters=st.lists(st.tuples(TEXTS, TEXTS), max_size=2) | st.dictionaries(TEXTS, TEXTS, max_size=2),
)
BLOCKS = st.one_of(
    TEXTS,
    st.builds(Title, TEXTS),
    st.builds(Text, TEXTS),
    st.builds(BulletList, st.lists(TEXTS, min_size=1, max_size=3)),
    st.builds(FormattedContent, XHTML),
    BINARIES,
    EMBEDDED,
)
CONTENT = st.lists(BLOCKS, min_size=1, max_size=4)


def between(least: int) -> st.SearchStrategy[tuple[int | None, int | None]]:
    """Make two bounds, of which either may be missing."""
    numbers = st.integers(least, GREATEST)
    return st.tuples(st.none() | numbers, st.none() | numbers).map(
        lambda pair: (min(pair), max(pair)) if None not in pair else pair  # type: ignore[type-var]
    )


CONSTRAINTS: dict[str, st.SearchStrategy[Any]] = {
    "is_numeric": st.booleans() | between(-(2**31)).map(lambda pair: IsNumeric(*pair)),
    "length": st.none() | between(1).map(lambda pair: Length(*pair)) | st.just(Length(0)),
    "answer_format_regex": st.lists(
        st.builds(AnswerFormatRegex, TEXTS, error_text=TEXTS, flags=st.sampled_from(["", "i"])) | TEXTS, max_size=2
    ),
    "default_text": TEXTS,
    "number_of_lines_suggestion": st.integers(1, GREATEST),
}
FREE_TEXTS = st.builds(FreeTextAnswer, **CONSTRAINTS)


@st.composite
def selection_answers(draw: st.DrawFn) -> SelectionAnswer:
    """Make any answer of selections."""
    style = draw(st.none() | st.sampled_from(STYLES))
    selections = draw(
        st.lists(
            st.builds(Selection, WORDS, TEXTS | st.builds(FormattedContent, XHTML) | BINARIES),
            min_size=1,
            max_size=4,
            unique_by=lambda each: each.selection_identifier,
        )
    )
    most = 1 if style in SINGLE_STYLES else draw(st.integers(1, 5) | st.just(GREATEST))
    least = draw(st.integers(0, min(most, len(selections))))
    other = draw(st.none() | st.builds(OtherSelection, **CONSTRAINTS))
    return SelectionAnswer(
        selections,
        min_selection_count=least,
        max_selection_count=most,
        style_suggestion=style,
        other_selection=other,
    )


QUESTIONS = st.builds(
    Question,
    WORDS,
    CONTENT,
    FREE_TEXTS | selection_answers(),
    display_name=st.none() | TEXTS,
    is_required=st.booleans(),
)
FORMS = st.lists(
    st.builds(Overview, CONTENT) | BLOCKS | QUESTIONS,
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.question_identifier if isinstance(each, Question) else object(),
).map(QuestionForm)


# Forms are large, and that a machine is busy is no fact about them.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(FORMS)
@example(EVERYTHING)
def test_documents_are_read_back(form: QuestionForm) -> None:
    """Parsing a form's document, in either namespace, gives an equal form; so does what its repr says."""
    xml = form.to_xml()
    assert parse(xml) == form
    assert parse(xml.replace("2017-11-06", "2005-10-01", 1)) == form
    assert eval(repr(form), vars(questions).copy()) == form


def test_every_element_is_in_the_example() -> None:
    """The example, and so the test of its document, has every element and attribute that the service's schema has."""

    def names(content: Content) -> set[str]:
        if not isinstance(content, Elements):
            return set()
        inner = {name: each for part in content.parts for name, each in part.choices.items()}
        left = {name for name, each in inner.items() if not isinstance(each, Withdrawn)}
        return left.union(content.attributes, *map(names, inner.values()))

    root = ElementTree.fromstring(EVERYTHING.to_xml())
    there = {each.tag.partition("}")[2] for each in root.iter()}.union(*(each.attrib for each in root.iter()))
    assert names(FORM) - there == set()


def test_a_form_is_a_document_and_its_parts_are_not() -> None:
    """Operations take a form where they take its XML, and nothing that is only part of one."""
    assert isinstance(EVERYTHING, Document)
    assert not isinstance(EVERYTHING.questions[0], Document)


# Values.


def test_forms_are_values() -> None:
    """Forms compare, hash, copy and pickle by what they say, and do not change."""
    again = [pickle.loads(pickle.dumps(EVERYTHING)), copy.deepcopy(EVERYTHING), parse(EVERYTHING.to_xml())]
    assert len({EVERYTHING, *again}) == 1
    assert len({FreeTextAnswer(), OtherSelection(), Title("a"), Text("a")}) == 4
    assert dataclasses.replace(EVERYTHING, parts=EVERYTHING.parts[1:]) == QuestionForm(EVERYTHING.questions)
    question = dataclasses.replace(EVERYTHING.questions[0], is_required=False)
    assert question != EVERYTHING.questions[0]
    for value in (EVERYTHING, question, question.question_content[0], question.answer_specification):
        field = dataclasses.fields(value)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, ())
        with pytest.raises((AttributeError, TypeError)):
            object.__setattr__(value, "stranger", 1)


def test_values_show_themselves() -> None:
    """The repr is what would make the value again, and no longer than it needs to be."""
    assert repr(QuestionForm(["Look.", chosen(other_selection=True, style_suggestion="list")])) == (
        "QuestionForm((Overview((Text('Look.'),)), Question('q', (Text('Well?'),), "
        "SelectionAnswer((Selection('a', Text('a')), Selection('b', Text('b'))), style_suggestion='list', "
        "other_selection=OtherSelection()))))"
    )
    assert repr(IsNumeric(max_value=5)) == "IsNumeric(max_value=5)"
    assert repr(Binary("u", "a", mime_type="image/png")) == "Binary('u', 'a', mime_type='image/png')"


# Rules.

EMOJI = "\U0001f600"
SECOND = [asked(identifier="one"), "between"]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        # What has to be there.
        ([], "QuestionForm is empty; it takes Overview or Question."),
        (5, "QuestionForm holds int; it takes Overview or Question."),
        ([asked(), ["words"]], "QuestionForm holds list; it takes"),
        (Overview([]), "Overview 1 is empty; it takes Title or Text or BulletList or FormattedContent or Binary or"),
        ([asked(content=[])], 'Question 1 ("q"): QuestionContent is empty; it takes Title or Text'),
        ([asked(content=["a", None])], 'Question 1 ("q"): QuestionContent holds NoneType; it takes'),
        ([asked(content=b"bytes")], 'Question 1 ("q"): QuestionContent holds int; it takes'),
        (Overview(["a", BulletList([])]), "Overview 1: List 1 is empty; give at least one item."),
        ([asked(SelectionAnswer([]))], 'Question 1 ("q"): Selections is empty; it takes Selection.'),
        ([asked(None)], 'Question 1 ("q"): AnswerSpecification is NoneType; give FreeTextAnswer or SelectionAnswer.'),
        ([asked(OtherSelection())], 'Question 1 ("q"): AnswerSpecification is OtherSelection; give'),
        ([asked(identifier="")], "Question 1: QuestionIdentifier is empty."),
        ([asked(identifier=" \n")], 'Question 1 (" \\n"): QuestionIdentifier is empty.'),
        ([chosen([Selection(" ", "x")])], 'Question 1 ("q"), Selection 1 (" "): SelectionIdentifier is empty.'),
        # What cannot be.
        ([*SECOND, asked(identifier=5)], "Question 2: QuestionIdentifier is int; give a string."),
        ([asked(display_name=5)], 'Question 1 ("q"): DisplayName is int; give a string.'),
        ([asked(is_required=1)], 'Question 1 ("q"): IsRequired is int; give True or False.'),
        ([chosen([5])], 'Question 1 ("q"): Selections holds int; it takes Selection.'),
        (
            [chosen([Selection("a", Title("t"))])],  # type: ignore[arg-type]
            'Question 1 ("q"), Selection 1 ("a"): content is Title; give Text or Binary or FormattedContent.',
        ),
        ([chosen(other_selection=ANY)], 'Question 1 ("q"): OtherSelection is FreeTextAnswer; give OtherSelection.'),
        (["a", Overview(Title(None))], "Overview 2: Title 1 is NoneType; give a string."),  # type: ignore[arg-type]
        (Overview(BulletList(["a", 5])), "Overview 1, List 1: ListItem 2 is int; give a string."),  # type: ignore[list-item]
        (FormattedContent(5), "Overview 1: FormattedContent 1 is int; give a string."),  # type: ignore[arg-type]
        # Names that are there twice.
        (
            [asked(), *SECOND, chosen()],
            'QuestionForm holds the QuestionIdentifier "q" twice, in Question 1 and Question 3; each has to be unique.',
        ),
        (
            [chosen(["a", "b", "a"])],
            'Question 1 ("q"): Selections holds the SelectionIdentifier "a" twice, in Selection 1 and',
        ),
        # Counts and styles.
        ([chosen(min_selection_count=-1)], 'Question 1 ("q"): MinSelectionCount has to be a whole number from 0 to'),
        ([chosen(max_selection_count=0)], 'Question 1 ("q"): MaxSelectionCount has to be a whole number from 1 to'),
        ([chosen(max_selection_count=2**31)], "has to be a whole number from 1 to 2147483647."),
        ([chosen(min_selection_count="1")], 'Question 1 ("q"): MinSelectionCount is str; give a whole number.'),
        ([chosen(max_selection_count=True)], "MaxSelectionCount is bool; give a whole number."),
        (
            [*SECOND, chosen(min_selection_count=2)],
            'Question 2 ("q"): SelectionAnswer asks for at least 2 and at most 1 selections',
        ),
        (
            [chosen(min_selection_count=3, max_selection_count=3)],
            'Question 1 ("q"): MinSelectionCount is 3, and there are 2 to choose from: nobody could answer.',
        ),
        ([chosen(style_suggestion="radio")], 'Question 1 ("q"): StyleSuggestion is "radio"; it has to be radiobutton,'),
        ([chosen(style_suggestion=5)], "StyleSuggestion is int; give a string."),
        *(
            (
                [chosen(style_suggestion=style, max_selection_count=2)],
                f"SelectionAnswer has the StyleSuggestion {style} and the MaxSelectionCount 2; {style} takes 1 at most",
            )
            for style in SINGLE_STYLES
        ),
        # Constraints.
        (
            [asked(FreeTextAnswer(is_numeric=IsNumeric(2, 1)))],
            'Question 1 ("q"): IsNumeric has the minValue 2 and the maxValue 1; no answer can be both.',
        ),
        (
            [asked(FreeTextAnswer(is_numeric=IsNumeric(1.5)))],  # type: ignore[arg-type]
            'Question 1 ("q"), IsNumeric: attribute minValue is float; give a whole number.',
        ),
        ([asked(FreeTextAnswer(is_numeric=5))], 'Question 1 ("q"): IsNumeric is int; give IsNumeric.'),  # type: ignore[arg-type]
        ([asked(FreeTextAnswer(length=5))], 'Question 1 ("q"): Length is int; give Length.'),  # type: ignore[arg-type]
        ([asked(FreeTextAnswer(length=Length(-1)))], 'Question 1 ("q"), Length: attribute minLength has to be'),
        ([asked(FreeTextAnswer(length=Length(0, 0)))], 'Question 1 ("q"), Length: attribute maxLength has to be'),
        ([asked(FreeTextAnswer(length=Length(3, 2)))], "Length has the minLength 3 and the maxLength 2; no answer"),
        ([asked(FreeTextAnswer(answer_format_regex=5))], "Constraints holds int; it takes AnswerFormatRegex."),  # type: ignore[arg-type]
        (
            [asked(FreeTextAnswer(answer_format_regex=["a", AnswerFormatRegex("b", flags="g")]))],  # type: ignore[arg-type]
            'Question 1 ("q"), AnswerFormatRegex 2: attribute flags is "g"; the only flag is "i".',
        ),
        ([asked(FreeTextAnswer(default_text=None))], 'Question 1 ("q"): DefaultText is NoneType; give a string.'),  # type: ignore[arg-type]
        (
            [asked(FreeTextAnswer(number_of_lines_suggestion=0))],
            'Question 1 ("q"): NumberOfLinesSuggestion has to be a whole number from 1 to 2147483647.',
        ),
        (
            [chosen(other_selection=OtherSelection(number_of_lines_suggestion=0))],
            'Question 1 ("q"), OtherSelection: NumberOfLinesSuggestion has to be',
        ),
        # Pictures and the like.
        (Binary("ftp://x", ""), 'Overview 1, Binary 1: DataURL is "ftp://x"; it has to be an http or https URL.'),
        (Binary(5, ""), "Overview 1, Binary 1: DataURL is int; give a string."),  # type: ignore[arg-type]
        (Binary("http://x", None), "Overview 1, Binary 1: AltText is NoneType; give a string."),  # type: ignore[arg-type]
        (
            Binary("http://x", "", mime_type="text/html"),
            'Overview 1, Binary 1: MimeType\'s Type is "text"; it has to be image, audio or video.',
        ),
        (
            [chosen([Selection("a", Binary("x", ""))])],
            'Question 1 ("q"), Selection 1 ("a"), Binary: DataURL is "x"; it has to be',
        ),
        *(
            (
                EmbeddedBinary("http://x", "", mime_type=mime_type, width=1, height=1),
                f'Overview 1, EmbeddedBinary 1: EmbeddedMimeType is "{mime_type}"; give type and subtype, as in video',
            )
            for mime_type in ("video", "video/", "/mp4", "")
        ),
        (
            EmbeddedBinary("http://x", "", mime_type="a/b", width=True, height=1),
            "EmbeddedBinary 1: Width is bool; give a string.",
        ),
        (EmbeddedBinary("http://x", "", mime_type="a/b", width=1, height=""), 'EmbeddedBinary 1: Height is ""; give'),
        (
            EmbeddedBinary("http://x", "", mime_type="a/b", width="wide", height=1),
            'Width is "wide"; give a whole number',
        ),
        (EmbeddedBinary("http://x", "", mime_type="a/b", width=1, height=-5), 'Height is "-5"; give a whole number'),
        (
            EmbeddedBinary("https://x y/a", "", mime_type="a/b", width=1, height=1),
            "DataURL holds U+0020 at character 10",
        ),
        (Binary("https://x/a\nb", ""), "DataURL holds U+000A at line 1, column 12: percent-encode it, as %0A."),
        (Binary("https:///a", ""), 'DataURL is "https:///a", without a host; give a whole URL'),
        (Binary("https://[x", ""), "DataURL is not a URL: "),
        ([asked(ANY, "taskAnswers")], 'Question 1 ("taskAnswers"): QuestionIdentifier is taskAnswers, under which'),
        (
            EmbeddedBinary("http://x", "", mime_type="a/b", width=1, height=1, application_parameters=["ab"]),  # type: ignore[list-item]
            "Overview 1, EmbeddedBinary 1: ApplicationParameter 1 is str; give a pair of name and value.",
        ),
        (
            EmbeddedBinary("http://x", "", mime_type="a/b", width=1, height=1, application_parameters={"a": None}),  # type: ignore[arg-type]
            "Overview 1, EmbeddedBinary 1, ApplicationParameter 1: Value is NoneType; give a string.",
        ),
        # Formatted content.
        (
            ["a", Overview(["b", FormattedContent("<p>a"), FormattedContent("b")])],
            "Overview 2: FormattedContent 1 is not well-formed XHTML: mismatched tag",
        ),
        (
            [chosen([Selection("a", FormattedContent("<script/>"))])],
            'Question 1 ("q"), Selection 1 ("a"): FormattedContent holds the tag "script", which is not permitted.',
        ),
        # Characters.
        (
            [*SECOND, Question("age", ["fine", f"How\nold {EMOJI}?"], ANY)],
            'Question 2 ("age"): Text 2 holds U+1F600 at line 2, column 5; the service takes no characters above '
            "U+FFFF: leave it out, or show it in a picture.",
        ),
        (Title("a\x00b"), "Overview 1: Title 1 holds U+0000 at character 2, which XML cannot carry: leave it out."),
        (Title("\ud83d"), "Overview 1: Title 1 holds U+D83D at character 1, which XML cannot carry"),
        ([chosen(["a", f"b{EMOJI}"])], "SelectionIdentifier holds U+1F600 at character 2; the service takes"),
        ([chosen({"a": EMOJI})], 'Question 1 ("q"), Selection 1 ("a"): Text holds U+1F600 at character 1'),
        (
            [asked(FreeTextAnswer(answer_format_regex=AnswerFormatRegex("", error_text=EMOJI)))],
            'Question 1 ("q"), AnswerFormatRegex 1: attribute errorText holds U+1F600 at character 1',
        ),
        (
            FormattedContent(f"<b>{EMOJI}</b>"),
            "Overview 1: FormattedContent 1 holds U+1F600 at character 4; the service takes no characters above "
            "U+FFFF: write the reference &#128512;.",
        ),
        # Size.
        (["\u20ac" * 21_800], "makes a document of 65"),
    ],
)
def test_what_is_refused(parts: Any, text: str) -> None:
    """What cannot be sent is refused when the form is made, with the way to it, what is wrong, and what to do."""
    told = refusal(parts)
    assert text in told
    assert len(told) < 400


def test_a_reference_is_taken_where_a_character_is_not() -> None:
    """What an error about a character in formatted content says to write is taken, and arrives as it was written."""
    form = QuestionForm(FormattedContent("<b>&#128512;</b>"))
    assert "&#128512;" in form.to_xml()
    assert parse(form.to_xml()) == form


def test_the_size_is_that_of_the_whole_document() -> None:
    """A document of exactly 65,535 bytes is taken, and of one more is not."""
    room = 65_535 - len(QuestionForm("").to_xml())
    assert len(QuestionForm("x" * room).to_xml()) == 65_535
    assert "makes a document of 65536 bytes; the service takes at most 65535" in refusal("x" * (room + 1))
    assert len(QuestionForm("\u20ac" * (room // 3)).to_xml().encode()) <= 65_535
    assert "bytes" in refusal("\u20ac" * (room // 3 + 1))


def test_what_the_service_keeps_can_be_read() -> None:
    """Size and characters are rules for new forms: what is read is written as it stands, but into no new one."""
    xml = f'<QuestionForm xmlns="{NAMESPACE}">\n<Overview><Text>{EMOJI * 20_000}</Text></Overview>\n</QuestionForm>'
    old = parse(xml)
    assert isinstance(old, QuestionForm)
    assert old.to_xml() == xml
    assert "Overview 1: Text 1 holds U+1F600" in refusal(old.parts)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.builds(Title, st.text()) | st.builds(Text, st.none()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.builds(Overview, inner),
            st.builds(Question, inner, inner, inner, is_required=inner, display_name=inner),
            st.builds(Selection, inner, inner),
            st.builds(SelectionAnswer, inner, min_selection_count=inner, style_suggestion=inner, other_selection=inner),
            st.builds(FreeTextAnswer, is_numeric=inner, length=inner, answer_format_regex=inner),
            st.builds(BulletList, inner),
            st.builds(Binary, inner, inner, mime_type=inner),
        ),
        max_leaves=8,
    )
)
def test_making_raises_nothing_else(parts: Any) -> None:
    """Whatever a form is made of, it is one that can be read back, or an `InvalidRequest` with a short text."""
    try:
        form = QuestionForm(parts)
    except InvalidRequest as error:
        told = str(error)
    else:
        told = ""
        assert parse(form.to_xml()) == form
    assert len(told) < 1000
