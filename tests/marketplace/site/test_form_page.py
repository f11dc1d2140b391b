"""The pages of question forms, as a parser of HTML sees them, and the answers in what they send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, tostring

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioturk._core.xml import carried
from aioturk.answers import Answers
from aioturk.errors import InvalidParameterValue
from aioturk.marketplace.site.form_content import block, element
from aioturk.marketplace.site.form_page import MARKER, answers_in, form_page
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
)
from aioturk.questions.answer_specification import STYLES
from aioturk.questions.content import Block
from aioturk.questions.formatted import ATTRIBUTES

from ...questions.test_form_values import FORMS

PICTURE = Binary("https://example.org/cat.png", "A cat")
CONTROLS = ("input", "select", "textarea", "button")

Fields = list[tuple[str, str]]


def page_of(form: Any, *, preview: bool = False, **hidden: str) -> Element:
    """Return the page of a form, or of the form with these parts, as a browser understands it."""
    form = form if isinstance(form, QuestionForm) else QuestionForm(form)
    text = form_page(form, action="https://site.example/submit", hidden=hidden, preview=preview, title="Cats")
    return parsed(text)


def parsed(page: str) -> Element:
    """Return a page's tree."""
    tree: Element = html5lib.parse(page, treebuilder="etree", namespaceHTMLElements=False)
    return tree


def answering(answer: Any, content: Any = "Well?", **more: Any) -> Question:
    """Return a question that takes this answer."""
    return Question("q", content, answer, **more)


def controls(page: Element, name: str) -> list[Element]:
    """Return the fields of a page that have a name."""
    return [each for each in page.iter() if each.tag in CONTROLS and each.get("name") == name]


def only(page: Element, tag: str, **attributes: str) -> Element:
    """Return the one element of a page like this."""
    found = [each for each in page.iter(tag) if attributes.items() <= dict(each.items()).items()]
    assert len(found) == 1, (tag, attributes, found)
    return found[0]


def words(element: Element) -> str:
    """Return all text in an element."""
    return " ".join("".join(element.itertext()).split())


def sent(page: Element) -> Fields:
    """Return what a browser sends of a page whose `value`, `checked` and `selected` are as they are."""
    return [pair for each in page.iter() if (name := each.get("name")) for pair in values_of(each, name)]


def values_of(field: Element, name: str) -> Iterator[tuple[str, str]]:
    if field.tag == "textarea":
        yield name, re.sub("\r\n|\r|\n", "\r\n", "".join(field.itertext()))
    elif field.tag == "select":
        options = list(field.iter("option"))
        chosen = [each for each in options if each.get("selected") is not None]
        if not chosen and field.get("multiple") is None and field.get("size") is None:
            chosen = options[:1]
        yield from ((name, each.get("value", "")) for each in chosen)
    elif field.tag == "input" and (field.get("type") not in ("radio", "checkbox") or field.get("checked") is not None):
        yield name, field.get("value", "")


def choose(page: Element, name: str, value: str) -> None:
    """Choose one of the selections."""
    (button,) = (each for field in controls(page, name) for each in field.iter() if each.get("value") == value)
    button.set("selected" if button.tag == "option" else "checked", "")


def write(page: Element, name: str, text: str) -> None:
    """Write a text into its field."""
    (field,) = controls(page, name)
    if field.tag == "textarea":
        field.text = text
    else:
        field.set("value", text)


# What comes back.

# Forms are large, and that a machine is busy is no fact about them.
SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
ANSWERS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20).map(carried)


@SLOW
@given(FORMS, st.data())
def test_what_is_entered_comes_back(form: QuestionForm, data: st.DataObject) -> None:
    """Whatever the form and its identifiers, each answer is that to its question, and "other" stands beside it."""
    page = page_of(form, assignmentId="A1")
    expected: dict[str, str | tuple[str, ...]] = {}
    other = {}
    for number, question in enumerate(form.questions):
        answer, name = question.answer_specification, f"question.{number}"
        identifier = question.question_identifier
        if isinstance(answer, FreeTextAnswer):
            expected[identifier] = text = data.draw(ANSWERS)
            write(page, name, text)
            continue
        most = min(answer.max_selection_count, len(answer.selections))
        chosen = data.draw(st.sets(st.integers(0, len(answer.selections) - 1), max_size=most))
        expected[identifier] = tuple(answer.selection_identifiers[at] for at in sorted(chosen))
        for at in chosen:
            choose(page, name, str(at))
        if answer.other_selection is not None and data.draw(st.booleans()):
            other[identifier] = text = data.draw(ANSWERS)
            choose(page, name, "other")
            write(page, f"{name}.other", text)
    answers = answers_in(form, sent(page))
    assert answers == Answers(expected, other)
    assert list(answers) == [each.question_identifier for each in form.questions]


@SLOW
@given(FORMS)
def test_nothing_entered(form: QuestionForm) -> None:
    """A page that is sent as it is has its default texts for answers, line by line, and nothing chosen."""
    answers = answers_in(form, sent(page_of(form)))
    assert not answers.other
    for question in form.questions:
        answer = question.answer_specification
        if isinstance(answer, FreeTextAnswer):
            text = answers[question.question_identifier]
            assert isinstance(text, str)
            # Which line ends a text has is the browser's choice.
            assert re.split("\r\n", text) == re.split("\r\n|\r|\n", answer.default_text)
        else:
            assert answers[question.question_identifier] == ()


def test_selections_are_numbered_as_they_stand() -> None:
    """The label of each choice, in each style, is that of the selection whose identifier is sent."""
    for style in (None, *STYLES):
        form = QuestionForm(answering(SelectionAnswer({"c": "Cat", "d": "Dog"}, style_suggestion=style)))
        page = page_of(form)
        labels = {
            words(each): [*each.iter("input"), each][0].get("value")
            for each in page.iter()
            if each.tag == "option" or (each.tag == "label" and each.find("input") is not None)
        }
        for label, identifier in (("Cat", "c"), ("Dog", "d")):
            assert answers_in(form, [("question.0", labels[label] or "")]) == {"q": (identifier,)}


@pytest.mark.parametrize("style", STYLES)
def test_other_that_was_only_written(style: Any) -> None:
    """What was written counts although nobody ticked "other"; what stood there before does not."""
    specification = SelectionAnswer(
        ["a"], style_suggestion=style, other_selection=OtherSelection(default_text="one\ntwo")
    )
    form = QuestionForm(answering(specification))
    for text, chosen, expected in [
        ("mine", [], {"q": "mine"}),
        ("mine", ["0"], {"q": "mine"}),
        ("one\r\ntwo", [], {}),
        ("one\r\ntwo", ["other"], {"q": "one\r\ntwo"}),
        ("", ["other"], {"q": ""}),
        (" \r\n", ["0"], {}),
    ]:
        fields = [("question.0", each) for each in chosen] + [("question.0.other", text)]
        answers = answers_in(form, fields)
        assert answers.other == expected
        assert answers["q"] == (("a",) if "0" in chosen else ())


@pytest.mark.parametrize("value", ["2", "-1", "a", "²", "00000", "9" * 10_000, "0 ", "Other"])
def test_selections_that_the_form_does_not_have(value: str) -> None:
    """What a page of ours cannot have sent is refused, and the refusal is short."""
    form = QuestionForm(answering(SelectionAnswer(["a", "b"])))
    with pytest.raises(InvalidParameterValue, match="The form has no selection ") as caught:
        answers_in(form, [("question.0", value)])
    assert len(str(caught.value)) < 1000


def test_other_where_there_is_none() -> None:
    """A text beside a question that offers no "other" is no answer."""
    form = QuestionForm([answering(SelectionAnswer(["a"])), Question("t", "Why?", FreeTextAnswer())])
    fields = [("question.0.other", "x"), ("question.1.other", "x")]
    assert answers_in(form, fields) == Answers({"q": (), "t": ""})


def test_fields_of_others() -> None:
    """Fields that are no question's are passed over, and an identifier that looks like one of them is none."""
    form = QuestionForm([Question(each, "?", FreeTextAnswer()) for each in ("assignmentId", "question.0", MARKER)])
    page = page_of(form, assignmentId="A1", hitId="H1")
    write(page, "question.1", "mine")
    fields = sent(page)
    assert fields[:3] == [("assignmentId", "A1"), ("hitId", "H1"), (MARKER, "1")]
    assert answers_in(form, [*fields, ("question.7", "x"), ("submit", "y")]) == {
        "assignmentId": "",
        "question.0": "mine",
        MARKER: "",
    }


# Texts stay texts.

HOSTILE = [
    "<script>alert(1)</script>",
    "</textarea></title></label></legend></fieldset></form><script>alert(1)</script>",
    '" onfocus=alert(1) autofocus x="',
    "' onmouseover='alert(1)",
    "--><img src=x onerror=alert(1)><!--",
    "]]><svg onload=alert(1)>",
    "&lt;b&gt; &amp; &#60; &nbsp;",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} {% raw %}",
    "<plaintext>",
    "\u2028\u2029\u202e\ufeff",
]


def filled_with(text: str) -> QuestionForm:
    """Return a form that has this text wherever it may have one."""
    rules: dict[str, Any] = {
        "answer_format_regex": AnswerFormatRegex(text, error_text=text),
        "default_text": text,
    }
    picture = Binary("https://example.org/x", text)
    content: list[Block] = [
        Text(text),
        Title(text),
        BulletList([text]),
        picture,
        replace(picture, mime_type="video"),
        replace(picture, mime_type="audio/" + text),
        EmbeddedBinary(
            "https://example.org/x",
            text,
            mime_type="a/" + text,
            width=1,
            height=1,
            application_parameters=[(text, text)],
        ),
        EmbeddedBinary("https://example.org/x", text, mime_type="x/x-java", width=1, height=1),
        FormattedContent(f"<p title='{(quoted := escaped(text))}'>{quoted}</p>"),
    ]
    asked = [
        Question(
            f"{text}{style}",
            text,
            SelectionAnswer({text: text, "b": text}, style_suggestion=style, other_selection=OtherSelection(**rules)),
            display_name=text,
        )
        for style in (None, *STYLES)
    ]
    return QuestionForm([Overview(content), Question(f"{text}t", content, FreeTextAnswer(**rules)), *asked])


def escaped(text: str) -> str:
    """Write a text as XML, between tags and in attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&apos;")


def skeleton(element: Element) -> list[Any]:
    """Return the elements and attributes of a page, without texts and values."""
    return [element.tag, sorted(element.keys()), [skeleton(each) for each in element]]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str) -> None:
    """Whatever stands in any text, the page has the same elements and attributes as with a harmless one."""
    assert skeleton(whole_page(text)) == skeleton(whole_page("x"))


@SLOW
@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cc", "Cs", "Zs"]), min_size=1).map(carried))
def test_any_texts(text: str) -> None:
    """The same, for texts that nobody thought of; and each of them can be read in the page as it is."""
    text = f"x{text}"
    page = whole_page(text)
    assert skeleton(page) == skeleton(whole_page("x"))
    assert only(page, "title").text == text
    assert only(page, "input", name="assignmentId").get("value") == text
    assert [each.text for each in page.iter("h2")] == [text]
    assert [each.text for each in page.iter("li")] == [text, text]
    assert {each.get("alt") for each in page.iter("img")} == {text}
    assert {each.get("value") for each in page.iter("input") if each.get("type") == "text"} == {text}
    for each in page.iter("input"):
        if each.get("data-rules"):
            assert json.loads(each.get("data-rules", "")) == {"patterns": [[text, "", text]]}


def whole_page(text: str) -> Element:
    """Return a page that has this text wherever it may have one, the parts that the site gives included."""
    form = filled_with(text)
    return parsed(form_page(form, action=text, hidden={"assignmentId": text}, preview=False, title=text, submit=text))


@SLOW
@given(FORMS)
def test_pages_run_no_scripts_but_ours(form: QuestionForm) -> None:
    """Any form's page has our three scripts, no styles, nothing that reacts to events, and leads to the web alone."""
    page = page_of(form)
    assert [dict(each.items()) for each in page.iter("script")] == [
        {"src": "/static/frame.js", "data-own": ""},
        {"src": "/static/drafts.js"},
        {"src": "/static/question-form.js", "defer": ""},
    ]
    assert not list(page.iter("style"))
    for each in page.iter():
        assert not [name for name in each.keys() if name.startswith("on") or name == "style"]  # noqa: SIM118
        for name in ("href", "src", "data"):
            if each.tag not in ("script", "link") and (address := each.get(name)):
                assert address.lower().startswith(("http://", "https://"))


# Formatted content.

TAGS = sorted(ATTRIBUTES.keys() - {"area", "img", "map"})
EMPTY_TAGS = ("br", "hr", "col")


def formatted_trees() -> st.SearchStrategy[str]:
    """Make well-formed markup of the tags that are permitted, nested in any way."""

    def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        parts = st.lists(inner, max_size=3).map("".join)
        return st.builds(lambda tag, within: f"<{tag}>{within}</{tag}>", st.sampled_from(TAGS), parts)

    return st.recursive(st.sampled_from(["x", " ", *(f"<{tag}/>" for tag in EMPTY_TAGS)]), around, max_leaves=8)


def outside(element: Element) -> list[Any]:
    """Return the skeleton of a page without what stands in formatted content."""
    inner = [] if element.get("class") == "formatted" else [outside(each) for each in element]
    return [element.tag, sorted(element.items()), inner]


@SLOW
@given(formatted_trees())
def test_formatted_content_stays_in_its_place(xhtml: str) -> None:
    """However tags are nested, also as HTML does not have them, what stands around them is as without them."""
    assert outside(page_of(surrounded(f"x{xhtml}"))) == outside(page_of(surrounded("x")))


def surrounded(xhtml: str) -> list[Any]:
    """Return parts of a form with the same formatted content in all places where it may stand."""
    content = FormattedContent(xhtml)
    return [
        Overview(["before", content, "after"]),
        answering(FreeTextAnswer(), ["before", content, "after"]),
        Question("r", content, SelectionAnswer({"a": content, "b": "B"})),
        Question("m", "Which?", SelectionAnswer({"a": content, "b": "B"}, max_selection_count=2)),
    ]


def test_formatted_content_is_shown_as_it_is() -> None:
    """Each permitted tag is there with each attribute that it may have; links get a window of their own."""
    examples = []
    for tag, names in ATTRIBUTES.items():
        attributes = {name: "http://example.org/" if name in ("href", "src") else "1" for name in names}
        examples.append((tag, attributes))
    for tag, attributes in examples:
        written = "".join(f" {name}='{value}'" for name, value in attributes.items())
        made = f"<{tag}{written}/>"
        shown = block(FormattedContent(made))[0]
        if "href" in attributes:
            attributes = {**attributes, "target": "_blank", "rel": "noopener noreferrer"}
        assert (shown.tag, dict(shown.items())) == (tag, attributes)


def test_formatted_texts() -> None:
    """Texts between tags, references, sections and white space at the beginning of `pre` are kept."""
    xhtml = "a &lt;b&gt; <p>c<b>d</b>e<br/>f</p><![CDATA[<g>]]><pre>\n\n h</pre>\ni"
    (shown,) = (each for each in page_of(FormattedContent(xhtml)).iter("div") if each.get("class") == "formatted")
    assert "".join(shown.itertext()) == "a <b> cdef<g>\n\n h\ni"


@pytest.mark.parametrize(
    "xhtml",
    [
        "<script>alert(1)</script>",
        "<p onclick='alert(1)'>x</p>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java&#9;script:alert(1)'>x</a>",
        "<img alt='' src='data:text/html,x'/>",
        "<p style='position:fixed'>x</p>",
        "<div>x</div>",
        "<!-- x -->",
        "<?php x ?>",
        "<p>x",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<x:p xmlns:x='http://example.org/'/>",
        "</FormattedContent><script/><FormattedContent>",
        "<!DOCTYPE x><p/>",
    ],
)
def test_formatted_content_that_is_none(xhtml: str) -> None:
    """Markup that may not be shown, however it came to be there, is shown as the text that it is."""
    shown = block(FormattedContent(xhtml))
    assert list(shown) == []
    assert shown.text == xhtml


# What it looks like.


def test_texts_and_elements_keep_their_order() -> None:
    """An element holds what it was made of in the order in which it was given."""
    made = element("p", {"a": True, "b": False, "c": None, "d": "e"}, "f", element("b", None, "g"), "h", None, "i")
    assert tostring(made, encoding="unicode") == '<p a="" d="e">f<b>g</b>hi</p>'


def test_documents_are_shown_in_their_order() -> None:
    """Overviews and questions stand in the order of the form."""
    page = page_of([Title("One"), Question("2", "Two", FreeTextAnswer()), "Three", Question("4", "Four", ANY)])
    text = words(only(page, "form"))
    assert re.findall("One|Two|Three|Four", text) == ["One", "Two", "Three", "Four"]


ANY = FreeTextAnswer()


def test_a_field_has_a_name() -> None:
    """It is its display name and the words that the question begins with, or else its number; "required" follows."""
    for content, display_name, required, expected in [
        ("Why?", None, False, "Why?"),
        ("Why?", "First", True, "First Why? (required)"),
        ([Title("Big"), "Why?", PICTURE, "Hm?"], " ", False, "Big Why?"),
        (PICTURE, None, True, "Question 1 (required)"),
        ([" "], None, False, "Question 1"),
    ]:
        made = answering(ANY, content, display_name=display_name, is_required=required)
        assert words(only(page_of(made), "label", **{"for": "question.0"})) == expected
        chosen = answering(SelectionAnswer(["a"]), content, display_name=display_name, is_required=required)
        assert words(only(page_of(chosen), "legend")) == expected


def test_what_belongs_to_a_field_describes_it() -> None:
    """Content that cannot be a name, and what is asked of an answer, are connected with the field."""
    page = page_of(answering(FreeTextAnswer(is_numeric=IsNumeric(1, 5)), ["Why?", PICTURE]))
    field = controls(page, "question.0")[0]
    assert field.get("aria-describedby") == "question.0.content question.0.hint"
    for identifier in (field.get("aria-describedby") or "").split():
        assert len([each for each in page.iter() if each.get("id") == identifier]) == 1
    assert words(only(page, "p", id="question.0.hint")) == "A whole number from 1 to 5."


@pytest.mark.parametrize(
    ("style", "most", "tag", "kind"),
    [
        (None, 1, "input", "radio"),
        (None, 2, "input", "checkbox"),
        ("radiobutton", 1, "input", "radio"),
        ("checkbox", 1, "input", "checkbox"),
        ("checkbox", 2, "input", "checkbox"),
        ("multichooser", 1, "input", "checkbox"),
        ("multichooser", 2, "input", "checkbox"),
        ("list", 1, "select", None),
        ("list", 2, "select", None),
        ("dropdown", 1, "select", None),
        ("combobox", 1, "select", None),
        ("combobox", 2, "select", None),
    ],
)
def test_styles(style: Any, most: int, tag: str, kind: str | None) -> None:
    """Each style has a look of its own; a list holds pictures in none of them, so that buttons take its place."""
    page = page_of(answering(SelectionAnswer(["a", "b"], style_suggestion=style, max_selection_count=most)))
    fields = controls(page, "question.0")
    assert {each.tag for each in fields} == {tag}
    assert fields[0].get("type") == kind
    if tag == "select":
        assert (fields[0].get("multiple") is not None) == (most == 2)
        assert (fields[0].get("size") is not None) == (style == "list" or most == 2)
    pictures = SelectionAnswer({"a": PICTURE, "b": "B"}, style_suggestion=style, max_selection_count=most)
    fields = controls(page_of(answering(pictures)), "question.0")
    assert [each.get("type") for each in fields] == [kind or ("radio" if most == 1 else "checkbox")] * 2


def test_what_browsers_check_by_themselves() -> None:
    """Constraints that HTML knows are attributes of the field; all of them are there for the script."""
    page = page_of(
        answering(
            FreeTextAnswer(
                is_numeric=IsNumeric(0, 100), length=Length(1, 3), answer_format_regex=["a|b", AnswerFormatRegex("c")]
            )
        )
    )
    field = controls(page, "question.0")[0]
    told = {name: field.get(name) for name in ("required", "minlength", "maxlength", "inputmode", "pattern")}
    assert told == {
        "required": "",
        "minlength": "1",
        "maxlength": "3",
        "inputmode": "numeric",
        "pattern": r"\s*[+\-]?\d+\s*",
    }
    assert json.loads(field.get("data-rules", "")) == {
        "number": [0, 100],
        "length": [1, 3],
        "patterns": [["a|b", "", "Invalid input supplied."], ["c", "", "Invalid input supplied."]],
    }


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ({"is_numeric": True}, "A whole number."),
        ({"is_numeric": IsNumeric(min_value=0)}, "A whole number of at least 0."),
        ({"is_numeric": IsNumeric(max_value=0)}, "A whole number of at most 0."),
        ({"is_numeric": IsNumeric(3, 3)}, "A whole number of exactly 3."),
        ({"is_numeric": IsNumeric(-1, 3), "length": Length(2)}, "A whole number from -1 to 3. Characters: at least 2."),
        ({"length": Length(1, 9)}, "Characters: at most 9."),
        ({"length": Length(2, 9)}, "Characters: from 2 to 9."),
        ({"length": Length(2, 2)}, "Characters: exactly 2."),
        ({"length": Length(1)}, None),
        ({"length": Length()}, None),
        ({"answer_format_regex": "x"}, None),
    ],
)
def test_what_is_asked_of_a_text(answer: dict[str, Any], hint: str | None) -> None:
    """What can be said of a text beforehand stands before its field, also before that beside "other"."""
    page = page_of(
        [
            answering(FreeTextAnswer(**answer)),
            Question("s", "?", SelectionAnswer(["a"], other_selection=OtherSelection(**answer))),
        ]
    )
    hints = [words(each) for each in page.iter("p") if each.get("class") == "hint"]
    assert hints == ([hint] * 2 if hint else [])


@pytest.mark.parametrize(
    ("regexes", "expected"),
    [
        ([r"^\d{5}$"], r"^\d{5}$"),
        (["^[a-z]+$"], None),
        (["^a|b$"], None),
        (["abc"], None),
        (["^(a)$"], None),
        (["^a$", "^b$"], None),
        ([AnswerFormatRegex("^a$", flags="i")], None),
        (["^a\\$"], None),
        (["^{2}$"], None),
    ],
)
def test_patterns_that_browsers_take(regexes: Any, expected: str | None) -> None:
    """A pattern becomes an attribute only if it is sure to mean the same there; the script checks the others."""
    page = page_of(answering(FreeTextAnswer(answer_format_regex=regexes)))
    assert controls(page, "question.0")[0].get("pattern") == expected


def test_lines() -> None:
    """One line is a line, more are an area that does not grow without end; a default text is not cut to one line."""
    for lines, default, expected in [(1, "a", None), (3, "", "3"), (2**31 - 1, "", "40"), (1, "a\nb\nc", "3")]:
        answer = FreeTextAnswer(number_of_lines_suggestion=lines, default_text=default)
        field = controls(page_of(answering(answer)), "question.0")[0]
        assert (field.tag, field.get("rows")) == ("textarea" if expected else "input", expected)


def test_media() -> None:
    """Pictures, sounds and films, also embedded ones, are shown by the browser's own means, with words for each."""
    page = page_of([replace(PICTURE, mime_type=kind) for kind in ("image/png", "audio", "video/mp4")])
    assert dict(only(page, "img").items()) == {"class": "medium", "src": PICTURE.data_url, "alt": "A cat"}
    for tag in ("audio", "video"):
        player = only(page, tag)
        assert (player.get("src"), player.get("aria-label")) == (PICTURE.data_url, "A cat")
        assert player.get("controls") == ""
    assert [words(each) for each in page.iter("figcaption")] == ["A cat", "A cat"]
    for kind in ("image", "audio", "video"):
        embedded = EmbeddedBinary(PICTURE.data_url, "A cat", mime_type=f"{kind}/x", width=30, height="20")
        player = only(page_of(embedded), {"image": "img"}.get(kind, kind))
        assert player.get("src") == PICTURE.data_url
        assert player.get("width") == (None if kind == "audio" else "30")


def test_embedded_objects() -> None:
    """Other types are objects with their sizes, if these are any, and their parameters; else a link."""
    parameters = {"a": "1", "b": "2"}
    embedded = EmbeddedBinary(
        "https://example.org/x",
        "A map",
        mime_type="text/html",
        width=300,
        height="20",
        application_parameters=parameters,
    )
    shown = only(page_of(embedded), "object")
    assert {name: shown.get(name) for name in ("data", "type", "width", "height", "aria-label")} == {
        "data": "https://example.org/x",
        "type": "text/html",
        "width": "300",
        "height": "20",
        "aria-label": "A map",
    }
    assert {each.get("name"): each.get("value") for each in shown.iter("param")} == parameters
    assert only(shown, "a").get("href") == "https://example.org/x"
    wide = block(replace_sizes(embedded, " 100% ", "tall"))
    assert (wide.get("width"), wide.get("height")) == ("100%", None)


def replace_sizes(embedded: EmbeddedBinary, width: str, height: str) -> EmbeddedBinary:
    """Return the same in another size, as documents have it that are older than the rules."""
    return EmbeddedBinary(
        embedded.data_url, embedded.alt_text, mime_type=embedded.mime_type, width=width, height=height
    )


@pytest.mark.parametrize(
    "mime_type", ["application/x-shockwave-flash", "application/x-java-applet", "Application/X-Java"]
)
def test_flash_and_java(mime_type: str) -> None:
    """What no browser shows any more is named instead."""
    page = page_of(EmbeddedBinary("https://example.org/x", "A game", mime_type=mime_type, width=1, height=1))
    assert not list(page.iter("object"))
    assert words(only(page, "p", **{"class": "notice"})) == (
        "Flash and Java applets are no longer shown by any browser: A game"
    )


def test_choices_without_words() -> None:
    """A choice of which nothing can be read aloud is called by its number."""
    silent = Binary("https://example.org/x", " ")
    answer = SelectionAnswer(
        {"a": "A", "b": silent, "c": replace(silent, mime_type="video"), "d": FormattedContent("<b/>")}
    )
    names = [each.get("aria-label") for each in controls(page_of(answering(answer)), "question.0")]
    assert names == [None, "Choice 2", "Choice 3", "Choice 4"]
    blank = SelectionAnswer({"a": " ", "b": "B"}, style_suggestion="dropdown")
    assert [words(each) for each in page_of(answering(blank)).iter("option")] == ["Choose…", "Choice 1", "B"]


def test_counts() -> None:
    """How many to choose is told where it may be more than one, and to the script; never more than there are."""
    for least, most, hint, data in [
        (0, 2, "Choose up to 2.", ("1", "2")),
        (2, 2, "Choose 2.", ("2", "2")),
        (2, 9, "Choose from 2 to 3.", ("2", "3")),
    ]:
        page = page_of(answering(SelectionAnswer(["a", "b", "c"], min_selection_count=least, max_selection_count=most)))
        assert words(only(page, "p", **{"class": "hint"})) == hint
        question = only(page, "fieldset")
        assert (question.get("data-least"), question.get("data-most")) == data


def test_a_preview_cannot_be_sent() -> None:
    """It has the same fields, but no form, no button, nothing hidden, and no word of what the page around it says."""
    parts = [answering(FreeTextAnswer()), Question("s", "?", SelectionAnswer([Selection("a", "A")]))]
    page = page_of(parts, preview=True, assignmentId="ASSIGNMENT_ID_NOT_AVAILABLE")
    assert [each.get("name") for each in page.iter("input")] == ["question.0", "question.1"]
    assert not list(page.iter("form"))
    assert not list(page.iter("button"))
    assert "preview" not in words(page).lower()


def test_the_form_itself() -> None:
    """It is posted to where the site says, with what the site says, and with the mark of our pages."""
    form = QuestionForm("Look.")
    text = form_page(
        form, action="/a?b=1&c=2", hidden={"assignmentId": "A1"}, preview=False, title="A & B", submit="Send <it>"
    )
    page = parsed(text)
    assert text.startswith("<!DOCTYPE html>")
    assert (only(page, "form").get("method"), only(page, "form").get("action")) == ("post", "/a?b=1&c=2")
    assert sent(only(page, "form")) == [("assignmentId", "A1"), (MARKER, "1")]
    assert (words(only(page, "title")), words(only(page, "button"))) == ("A & B", "Send <it>")
