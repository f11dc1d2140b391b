"""Documents of question forms: the table and what it refuses, where errors say they are, and what is read."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aioturk._core.xml import XMLError, escape
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
    Title,
)
from aioturk.questions._form_schema import FORM
from aioturk.questions._schema import Content, Elements, Part, Text, Withdrawn
from aioturk.questions.answer_specification import SINGLE_STYLES, STYLES
from aioturk.questions.form import NAMESPACES, check_test
from aioturk.questions.formatted import XHTMLError

NAMESPACE = NAMESPACES[0]
CONTENT = "<QuestionContent><Text>t</Text></QuestionContent>"


def form(content: str, namespace: str = NAMESPACE) -> str:
    """Return a QuestionForm document."""
    return f'<QuestionForm xmlns="{namespace}">{content}</QuestionForm>'


def question(answer: str = "<FreeTextAnswer/>", identifier: str = "q") -> str:
    """Return a Question element with this answer specification."""
    return (
        f"<Question><QuestionIdentifier>{identifier}</QuestionIdentifier>{CONTENT}"
        f"<AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def selection(identifier: str = "a", content: str = "<Text>A</Text>") -> str:
    """Return a Selection element."""
    return f"<Selection><SelectionIdentifier>{identifier}</SelectionIdentifier>{content}</Selection>"


def selections(before: str = "", within: str = selection()) -> str:
    """Return a SelectionAnswer element."""
    return f"<SelectionAnswer>{before}<Selections>{within}</Selections></SelectionAnswer>"


def constrained(constraints: str) -> str:
    """Return a form with one question that takes a text under constraints."""
    return form(question(f"<FreeTextAnswer><Constraints>{constraints}</Constraints></FreeTextAnswer>"))


def block(content: str) -> str:
    """Return a form with one overview."""
    return form(f"<Overview>{content}</Overview>")


def refusal(xml: str) -> str:
    """Return the text of the error with which a test is refused."""
    with pytest.raises(XMLError) as caught:
        check_test(xml)
    return str(caught.value)


# What is read.

WHOLE = form(
    """
    <Overview>
      <Title>Animals</Title>
      <List><ListItem>one</ListItem><ListItem/></List>
      <EmbeddedBinary>
        <EmbeddedMimeType><Type>audio</Type><SubType>ogg</SubType></EmbeddedMimeType>
        <DataURL> https://example.org/a.ogg </DataURL><AltText/><Width>1</Width><Height>1</Height>
        <ApplicationParameter><Name>loop</Name><Value>1</Value></ApplicationParameter>
      </EmbeddedBinary>
    </Overview>
    <Question>
      <QuestionIdentifier>age</QuestionIdentifier>
      <DisplayName>Its age</DisplayName>
      <IsRequired> true </IsRequired>
      <QuestionContent><FormattedContent><![CDATA[<b>How old</b> is it?]]></FormattedContent></QuestionContent>
      <AnswerSpecification>
        <FreeTextAnswer>
          <Constraints>
            <IsNumeric minValue="-5" maxValue=" +100 "/>
            <Length minLength="1" maxLength="3"/>
            <AnswerFormatRegex regex="^[0-9]+$" errorText="Digits!" flags="i"/>
            <AnswerFormatRegex regex="(["/>
          </Constraints>
          <DefaultText>7</DefaultText>
          <NumberOfLinesSuggestion>2</NumberOfLinesSuggestion>
        </FreeTextAnswer>
      </AnswerSpecification>
    </Question>
    <Overview><Text>And now</Text><Text>the rest</Text></Overview>
    <Question>
      <QuestionIdentifier>kinds</QuestionIdentifier>
      <QuestionContent>
        <Binary>
          <MimeType><Type>image</Type><SubType>gif</SubType></MimeType>
          <DataURL>http://example.org/a.gif</DataURL><AltText>An animal</AltText>
        </Binary>
      </QuestionContent>
      <AnswerSpecification>
        <SelectionAnswer>
          <MinSelectionCount>0</MinSelectionCount>
          <MaxSelectionCount>2</MaxSelectionCount>
          <StyleSuggestion>checkbox</StyleSuggestion>
          <Selections>
            <Selection><SelectionIdentifier>cat</SelectionIdentifier><Text>Cat</Text></Selection>
            <Selection>
              <SelectionIdentifier>dog</SelectionIdentifier>
              <FormattedContent>&lt;i>Dog&lt;/i></FormattedContent>
            </Selection>
            <OtherSelection><NumberOfLinesSuggestion>3</NumberOfLinesSuggestion></OtherSelection>
          </Selections>
        </SelectionAnswer>
      </AnswerSpecification>
    </Question>
    """
)


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_whole_form(namespace: str) -> None:
    """In either namespace, everything in a form is read, overviews and questions in the document's order."""
    assert check_test(WHOLE.replace(NAMESPACE, namespace)) == QuestionForm(
        [
            Overview(
                [
                    Title("Animals"),
                    BulletList(["one", ""]),
                    EmbeddedBinary(
                        "https://example.org/a.ogg",
                        "",
                        mime_type="audio/ogg",
                        width=1,
                        height=1,
                        application_parameters={"loop": "1"},
                    ),
                ]
            ),
            Question(
                "age",
                FormattedContent("<b>How old</b> is it?"),
                FreeTextAnswer(
                    is_numeric=IsNumeric(-5, 100),
                    length=Length(1, 3),
                    answer_format_regex=[AnswerFormatRegex("^[0-9]+$", error_text="Digits!", flags="i"), "(["],
                    default_text="7",
                    number_of_lines_suggestion=2,
                ),
                display_name="Its age",
                is_required=True,
            ),
            Overview(["And now", "the rest"]),
            Question(
                "kinds",
                Binary("http://example.org/a.gif", "An animal", mime_type="image/gif"),
                SelectionAnswer(
                    [Selection("cat", "Cat"), Selection("dog", FormattedContent("<i>Dog</i>"))],
                    min_selection_count=0,
                    max_selection_count=2,
                    style_suggestion="checkbox",
                    other_selection=OtherSelection(number_of_lines_suggestion=3),
                ),
            ),
        ]
    )


def test_what_is_left_out_has_the_services_defaults() -> None:
    """Elements that may be left out mean the same when they say what the service takes them to be."""
    bare = form(question() + question(selections(), "s"))
    spelt = form(
        question(
            "<FreeTextAnswer><Constraints/><DefaultText/><NumberOfLinesSuggestion>1</NumberOfLinesSuggestion>"
            "</FreeTextAnswer>"
        ).replace(CONTENT, f"<IsRequired>false</IsRequired>{CONTENT}")
        + question(selections("<MinSelectionCount>1</MinSelectionCount><MaxSelectionCount>1</MaxSelectionCount>"), "s")
    )
    assert check_test(bare) == check_test(spelt)
    default = "<AnswerFormatRegex regex='a' errorText='Invalid input supplied.' flags=''/>"
    assert check_test(constrained(default)) == check_test(constrained("<AnswerFormatRegex regex='a'/>"))


def test_other_spellings() -> None:
    """Prefixes, comments between elements, schema locations and other namespaces' attributes make no difference."""
    xml = (
        f'<q:QuestionForm xmlns:q="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="a b" xml:lang="en"><!-- one --><q:Overview>\n<q:Text>t<!-- two --></q:Text></q:Overview>'
        "</q:QuestionForm>"
    )
    assert check_test(xml) == QuestionForm("t")


# Refusals.


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("", "no element found"),
        (f'<!DOCTYPE a [<!ENTITY b "c">]>{form(question())}', "document type declaration"),
        ("<HTMLQuestion/>", "the root is HTMLQuestion; a test has to be a QuestionForm"),
        ("<ExternalQuestion/>", "the root is ExternalQuestion; a test has to be a QuestionForm"),
        (form(question(), "urn:x"), 'the root is QuestionForm in the namespace "urn:x"; it has to be QuestionForm in'),
        (form(question(), NAMESPACE.replace("2017", "2016")), "it has to be QuestionForm in"),
        (form(""), "QuestionForm is empty; it takes Overview or Question (once or more)"),
        (form("words"), "QuestionForm is empty"),
        (form(question() + "words"), 'QuestionForm holds the text "words" between its elements'),
        (form("<Answer/>"), "QuestionForm holds Answer first; it takes Overview or Question"),
        (form('<Overview xmlns=""/>'), 'QuestionForm holds Overview of another namespace, ""'),
        (form("<Question/>"), "Question 1 is empty; it takes QuestionIdentifier, DisplayName (optional)"),
        (
            form(question() + "<Question><QuestionIdentifier>age</QuestionIdentifier></Question>"),
            'Question 2 ("age") lacks QuestionContent; it takes',
        ),
        (
            form("<Question><QuestionIdentifier>age</QuestionIdentifier><IsRequired/><DisplayName/></Question>"),
            'Question 1 ("age") holds DisplayName after IsRequired; it takes QuestionIdentifier, DisplayName '
            "(optional), IsRequired (optional), QuestionContent and AnswerSpecification, in this order",
        ),
        (form(question(identifier=" ")), 'Question 1 (" "): QuestionIdentifier is empty'),
        (form(question() * 2), 'QuestionForm holds the QuestionIdentifier "q" twice'),
        (form(question("")), 'Question 1 ("q"): AnswerSpecification is empty; it takes FreeTextAnswer or Selection'),
        (
            form(question("<FreeTextAnswer/>" + selections())),
            'Question 1 ("q"): AnswerSpecification holds SelectionAnswer after FreeTextAnswer',
        ),
        (
            form(question("<FileUploadAnswer/>")),
            'Question 1 ("q"): FileUploadAnswer was withdrawn in 2017; let workers upload on a page of your own',
        ),
        (block("<Application/>"), "Overview 1: Application 1 was withdrawn on 2017-11-06"),
        (
            form(question().replace("</DisplayName>", "").replace(CONTENT, f"<IsRequired>yes</IsRequired>{CONTENT}")),
            'Question 1 ("q"): IsRequired is "yes"; it has to be true or false',
        ),
        (
            form(question()).replace("<Question>", '<Question a="b">'),
            'Question 1 ("q") has the attribute "a"; it takes none',
        ),
        (block("<Text><b>t</b></Text>"), "Overview 1: Text 1 holds an element, b; it takes text only"),
        (block("<Text/><List/>"), "Overview 1: List 1 is empty; it takes ListItem (once or more)"),
        (
            block("<List><ListItem/></List><List><ListItem/><ListItem><a/></ListItem></List>"),
            "Overview 1, List 2: ListItem 2 holds an element, a",
        ),
        (
            block("<Binary><MimeType><Type>text</Type></MimeType><DataURL>x</DataURL><AltText/></Binary>"),
            'Overview 1, Binary 1: Type is "text"; it has to be image, audio or video',
        ),
        (
            block("<Binary><MimeType><Type>image</Type></MimeType><DataURL>ftp://x</DataURL><AltText/></Binary>"),
            'Overview 1, Binary 1: DataURL is "ftp://x"; it has to be an http or https URL',
        ),
        (
            block(
                "<EmbeddedBinary><EmbeddedMimeType><Type>a/b</Type><SubType/></EmbeddedMimeType><DataURL>x</DataURL>"
                "<AltText/><Width/><Height/></EmbeddedBinary>"
            ),
            'Overview 1, EmbeddedBinary 1: Type is "a/b"; what follows the slash belongs into SubType',
        ),
        (
            block("<FormattedContent><b>t</b></FormattedContent>"),
            "FormattedContent 1 holds an element, b; its XHTML has to be text, so put it into a CDATA section",
        ),
        (constrained('<Length minLength="-1"/>'), 'Length\'s attribute minLength is "-1"; it has to be a whole number'),
        (constrained('<Length maxLength="0"/>'), 'Length\'s attribute maxLength is "0"'),
        (constrained('<Length minLength="3" maxLength="2"/>'), "Length has the minLength 3 and the maxLength 2; no"),
        (constrained('<IsNumeric minValue="1.5"/>'), 'IsNumeric\'s attribute minValue is "1.5"'),
        (constrained(f'<IsNumeric maxValue="{"9" * 5000}"/>'), '9..."; it has to be a whole number from -2147483648'),
        (constrained('<IsNumeric minValue="1" maxValue="0"/>'), "IsNumeric has the minValue 1 and the maxValue 0"),
        (constrained("<IsNumeric>1</IsNumeric>"), 'IsNumeric holds the text "1"'),
        (
            constrained('<IsNumeric maximum="1"/>'),
            'IsNumeric has the attribute "maximum"; it takes minValue and maxValue',
        ),
        (constrained("<AnswerFormatRegex/>"), "AnswerFormatRegex 1 lacks the attribute regex"),
        (
            constrained('<AnswerFormatRegex regex=""/><AnswerFormatRegex regex="" flags="g"/>'),
            'Question 1 ("q"): AnswerFormatRegex 2\'s attribute flags is "g"; the only flag is "i"',
        ),
        (constrained("<Length/><IsNumeric/>"), "Constraints holds IsNumeric after Length"),
        (
            form(question("<FreeTextAnswer><NumberOfLinesSuggestion>0</NumberOfLinesSuggestion></FreeTextAnswer>")),
            'NumberOfLinesSuggestion is "0"',
        ),
        (form(question(selections(within=""))), "Selections is empty; it takes Selection (once or more) and Other"),
        (
            form(question(selections(within=selection() * 2))),
            'Question 1 ("q"): Selections holds the SelectionIdentifier "a" twice',
        ),
        (
            form(question(selections(within=selection() + selection("b", "")))),
            'Question 1 ("q"): Selection 2 ("b") lacks Text or Binary or FormattedContent',
        ),
        (
            form(question(selections(within=selection(content="<Text/><Text/>")))),
            'Selection 1 ("a") holds Text after Text',
        ),
        (
            form(question(selections("<StyleSuggestion>radio</StyleSuggestion>"))),
            'StyleSuggestion is "radio"; it has to be radiobutton, checkbox, list, dropdown, combobox or multichooser',
        ),
        (
            form(question(selections("<MinSelectionCount>2</MinSelectionCount>"))),
            'Question 1 ("q"): SelectionAnswer asks for at least 2 and at most 1 selections',
        ),
    ],
)
def test_refusals(xml: str, text: str) -> None:
    """What is not a form is refused with the place, what is wrong there, and what it takes."""
    told = refusal(xml)
    assert text in told
    assert len(told) < 400


@pytest.mark.parametrize("style", STYLES)
def test_styles_and_how_many_may_be_selected(style: str) -> None:
    """Radio buttons and drop-down lists offer one selection; the other styles any number."""
    one = f"<MaxSelectionCount>1</MaxSelectionCount><StyleSuggestion>{style}</StyleSuggestion>"
    two = one.replace("1", "2")
    assert len(check_test(form(question(selections(one)))).questions) == 1
    if style in SINGLE_STYLES:
        assert f"{style} takes 1 at most" in refusal(form(question(selections(two))))
    else:
        assert len(check_test(form(question(selections(two)))).questions) == 1


@pytest.mark.parametrize(
    "xml",
    [
        block("<FormattedContent>&lt;script/></FormattedContent>"),
        form(question(selections(within=selection(content="<FormattedContent>&lt;b></FormattedContent>")))),
    ],
)
def test_bad_formatted_content_is_told_apart(xml: str) -> None:
    """Trouble with formatted content, wherever it stands, has a class of its own and says where it is."""
    with pytest.raises(XHTMLError) as caught:
        check_test(xml)
    assert "FormattedContent" in str(caught.value)
    assert "1" in str(caught.value)


def test_long_names_are_shortened() -> None:
    """Nobody gets a document back for an error text."""
    assert len(refusal(form(f"<{'a' * 100_000}/>"))) < 300
    assert len(refusal(form(question(identifier="b" * 100_000).replace(CONTENT, "")))) < 300


def test_large_forms_cost_no_more_than_their_size() -> None:
    """Twice the questions take twice the calls, for none is compared with all others."""

    def calls(number: int) -> int:
        xml = form("".join(question(selections(), str(each)) for each in range(number)))
        count = 0

        def profile(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal count
            count += event == "call"

        sys.setprofile(profile)
        try:
            check_test(xml)
        finally:
            sys.setprofile(None)
        return count

    assert calls(200) < 2.2 * calls(100)


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_reading_raises_nothing_else(text: str) -> None:
    """Whatever a document holds, it is a form or an `XMLError`."""
    for xml in (text, form(text), form(f"<Overview><FormattedContent>{text}</FormattedContent></Overview>")):
        with suppress(XMLError):
            check_test(xml)


# Every form that the table can make, and every way to break it.

BLANK = st.sampled_from(["", " ", "\n  "])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
TEXTS: dict[str, st.SearchStrategy[str]] = {
    "DataURL": st.sampled_from(["http://example.org/", " https://example.org/a?b=c&d "]),
    "FormattedContent": st.sampled_from(["", "plain", "<p>a<br/><a href='http://example.org/'>b</a></p>"]),
    "IsRequired": st.sampled_from(["true", "false", "1", "0"]),
    "MaxSelectionCount": st.just("1"),
    "MinSelectionCount": st.sampled_from(["0", "1", " 01 "]),
    "NumberOfLinesSuggestion": st.integers(1, 2**31 - 1).map(str),
    "StyleSuggestion": st.sampled_from(STYLES),
}
"""Texts that the checks of the table pass; all others are words."""
ATTRIBUTES = {
    "minValue": st.integers(-(2**31), 0),
    "maxValue": st.integers(0, 2**31 - 1),
    "minLength": st.integers(0, 5),
    "maxLength": st.integers(5, 2**31 - 1),
    "regex": WORDS,
    "errorText": WORDS,
    "flags": st.sampled_from(["i", ""]),
}


class Made:
    """An element that was made by the table, with what the table says about it."""

    def __init__(self, name: str, content: Content) -> None:
        self.name = name
        self.content = content
        self.attributes: dict[str, str] = {}
        self.text = ""
        self.children: list[tuple[Part, Made]] = []

    def xml(self, more: str = "") -> str:
        """Return its XML."""
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        within = escape(self.text) + "".join(each.xml() for _, each in self.children)
        return f"<{self.name}{more}{attributes}>{within}</{self.name}>"

    def everything(self) -> Iterator[Made]:
        """Walk through it and all that is in it."""
        yield self
        for _, each in self.children:
            yield from each.everything()


@st.composite
def made(draw: Callable[[st.SearchStrategy[Any]], Any], name: str = "QuestionForm", content: Content = FORM) -> Made:
    """Make an element by the table."""
    element = Made(name, content)
    if isinstance(content, Text):
        element.text = draw(TEXTS.get(name, WORDS))
        if name.endswith("Identifier"):
            element.text = f"i{draw(st.uuids())}"
        elif name == "Type" and content.check is not None:
            element.text = draw(st.sampled_from(["image", "audio", "video"]))
        return element
    assert isinstance(content, Elements)
    for key, attribute in content.attributes.items():
        if attribute.required or draw(st.booleans()):
            element.attributes[key] = str(draw(ATTRIBUTES[key])).replace('"', "")
    for part in content.parts:
        choices = [each for each, inner in part.choices.items() if not isinstance(inner, Withdrawn)]
        for _ in range(draw(st.integers(part.least, part.most or part.least + 2))):
            chosen = draw(st.sampled_from(choices))
            element.children.append((part, draw(made(chosen, part.choices[chosen]))))
    return element


def document(root: Made) -> str:
    """Return the document of a form that was made."""
    return root.xml(f' xmlns="{NAMESPACE}"')


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(made())
def test_all_that_the_table_makes_is_a_form(root: Made) -> None:
    """
    A form with any choice of the table's elements is read, its parts are those in the document in the same order, and
    what is read is written such that it is read again.
    """
    read = check_test(document(root))
    tree = ElementTree.fromstring(document(root))
    assert [type(part).__name__ for part in read.parts] == [each.tag.partition("}")[2] for each in tree]
    asked = tree.findall(f"{{{NAMESPACE}}}Question")
    assert [each.question_identifier for each in read.questions] == [each[0].text for each in asked]
    assert check_test(read.to_xml()) == read


def drop(parent: Made, choose: random.Random) -> bool:
    """Leave out what has to be there."""
    demanded = [part for part in parts_of(parent) if part.least]
    if not demanded:
        return False
    part = choose.choice(demanded)
    parent.children = [pair for pair in parent.children if pair[0] is not part]
    return True


def swap(parent: Made, choose: random.Random) -> bool:
    """Let two neighbours of different parts change places."""
    at = [
        index
        for index, (one, two) in enumerate(zip(parent.children, parent.children[1:], strict=False))
        if one[0] is not two[0]
    ]
    if not at:
        return False
    index = choose.choice(at)
    parent.children[index : index + 2] = reversed(parent.children[index : index + 2])
    return True


def duplicate(parent: Made, choose: random.Random) -> bool:
    """Repeat what may stand once."""
    single = [index for index, (part, _) in enumerate(parent.children) if part.most == 1]
    if not single:
        return False
    index = choose.choice(single)
    parent.children.insert(index, parent.children[index])
    return True


def intrude(parent: Made, choose: random.Random) -> bool:
    """Put in what the table does not know."""
    stranger = Made(choose.choice(["Stranger", "questionIdentifier", "Question_"]), Text())
    parent.children.insert(choose.randint(0, len(parent.children)), (Part({}), stranger))
    return True


def misattribute(parent: Made, _choose: random.Random) -> bool:
    """Add an attribute that the table does not know."""
    parent.attributes["stranger"] = ""
    return True


def misspell(parent: Made, choose: random.Random) -> bool:
    """Give a checked child a text that is none of its kind."""
    checked = [each for _, each in parent.children if isinstance(each.content, Text) and each.content.check is not None]
    if not checked:
        return False
    spoilt = choose.choice(checked)
    spoilt.text = " " if spoilt.name.endswith("Identifier") else "</what?>"
    return True


def parts_of(element: Made) -> tuple[Part, ...]:
    """Return what the table says that an element holds."""
    return element.content.parts if isinstance(element.content, Elements) else ()


@pytest.mark.parametrize("mutate", [drop, swap, duplicate, intrude, misattribute, misspell])
# Forms are large, and that a machine is busy is no fact about them.
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(root=made(), choose=st.randoms(use_true_random=False))
def test_every_single_mistake_is_noticed(
    mutate: Callable[[Made, random.Random], bool], root: Made, choose: random.Random
) -> None:
    """A form with one thing missing, out of order, doubled, unknown or misspelt is refused, wherever it is."""
    parents = [each for each in root.everything() if isinstance(each.content, Elements)]
    choose.shuffle(parents)
    assume(any(mutate(parent, choose) for parent in parents))
    assert refusal(document(root))
