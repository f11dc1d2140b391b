"""Templates in Liquid: what Ground Truth's language does here, and that pages stay what they are whatever rows hold."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import HTMLTemplate, Task
from aioturk._core.xml import carried
from aioturk.batch.plan import make_plan
from aioturk.errors import InvalidRequest
from aioturk.marketplace import Marketplace
from aioturk.questions import Fillable, HTMLQuestion, LiquidTemplate, Raw
from tests.questions.test_template import HOSTILE

LIQUID = ["{{ task.input.b }}", "{% if", "%}", "}}", "{{", "{% raw %}", "${L0_0}"]
TEXTS = st.lists(st.text(max_size=5) | st.sampled_from(HOSTILE + LIQUID), max_size=6).map("".join)
CARRIED = TEXTS.map(carried).map(lambda text: re.sub(r"[\U0001fffe-\U0010ffff]", "", text))
"""
Texts that a page can hold, and rich in what ends something in one.

Without the last characters of a plane, and the planes where only such and private ones are: html5lib replaces them.
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def fill(text: str, row: Mapping[str, object] | None = None, /, **values: object) -> str:
    """The page that a template makes of a row."""
    return HTMLTemplate.from_liquid(text).fill(values if row is None else row).html_content


def refusal(text: Any, row: Any = None, /, **options: Any) -> InvalidRequest:
    """The error with which a template, or a row, is refused."""
    with pytest.raises(InvalidRequest) as caught:
        HTMLTemplate.from_liquid(text, **options).fill({} if row is None else row)
    return caught.value


def tree(page: str) -> Element:
    """The page as browsers read it."""
    read: Element = html5lib.parse(page, namespaceHTMLElements=False)
    return read


def named(page: str, name: str) -> list[Element]:
    """The elements of a page of that name."""
    return list(tree(page).iter(name))


# What is put out.


@given(CARRIED)
@settings(deadline=None)  # the first example loads python-liquid
def test_browsers_show_exactly_the_value(value: str) -> None:
    """In a text and in attributes, with quotes or without, a browser finds the very value, whatever is in it."""
    page = fill(
        "<!DOCTYPE html><p title=\"{{ task.input.a }}\" lang='{{ task.input.a }}'>{{ task.input.a }}</p>", a=value
    )
    (found,) = named(page, "p")
    assert found.attrib == {"title": value, "lang": value}
    assert "".join(found.itertext()) == value
    assert not list(found)
    if value:
        (found,) = named(fill("<p title={{ task.input.a }} lang=b>", a=value), "p")
        assert found.attrib == {"title": value, "lang": "b"}


@given(st.lists(CARRIED, max_size=4))
@settings(deadline=None)  # the first example loads python-liquid
def test_loops_captures_and_conditions_keep_it(values: list[str]) -> None:
    """However a value comes to where it is put out, it is escaped once."""
    page = fill(
        "<ul>{% for each in task.input.all %}{% assign again = each %}{% capture whole %}<li title='{{ each }}'>"
        "{{ again }}</li>{% endcapture %}{% if each != nil %}{{ whole }}{% endif %}{% endfor %}</ul>"
        "{% for each in task.input.all %}{% capture text %}[{{ each }}]{% endcapture %}<b title='{{ text }}'>"
        "{{ text | append: '!' }}{% echo each %}</b>{% endfor %}",
        all=values,
    )
    found = named(page, "li")
    assert [(each.get("title"), "".join(each.itertext())) for each in found] == [(each, each) for each in values]
    found = named(page, "b")
    assert [each.get("title") for each in found] == [f"[{each}]" for each in values]
    assert ["".join(each.itertext()) for each in found] == [f"[{each}]!{each}" for each in values]


@given(CARRIED)
@settings(deadline=None)  # the first example loads python-liquid
def test_escaping_in_so_many_words(value: str) -> None:
    """`escape` says what happens anyway, alone and behind `to_json`."""
    assert fill("a{{ task.input.a | escape }}", a=value) == fill("a{{ task.input.a }}", a=value)
    plain, escaped = (f"<p title='{{{{ task.input.a | to_json{more} }}}}'>" for more in ("", " | escape"))
    assert fill(plain, a=value) == fill(escaped, a=value)


@given(CARRIED)
@settings(deadline=None)  # the first example loads python-liquid
def test_line_breaks(value: str) -> None:
    """`newline_to_br` puts breaks between lines, and the lines are texts all the same."""
    page = fill("<!DOCTYPE html><p>{{ task.input.a | newline_to_br }}</p>", a=value)
    (found,) = named(page, "p")
    assert {each.tag for each in found.iter()} <= {"p", "br"}
    assert page == fill(
        "<!DOCTYPE html><p>{% capture a %}{{ task.input.a | newline_to_br }}{% endcapture %}{{ a }}</p>", a=value
    )
    lines = [found.text or "", *((each.tail or "").removeprefix("\n") for each in found)]
    assert lines == re.split("\r\n|\n|\r", value)


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_json(value: object) -> None:
    """What `to_json` writes is the value, in an attribute, in a script, and where it is let in as it is."""
    carriable = json.loads(carried(json.dumps(value, ensure_ascii=False)))
    page = fill("<p title='{{ task.input.a | to_json }}'>", a=carriable)
    if not re.search(r"[\U0001fffe-\U0010ffff]", page):
        assert json.loads(named(page, "p")[0].attrib["title"]) == carriable
    before, after = "<script type='application/json'>", "</script>"
    for filters in ("to_json", "to_json | skip_autoescape"):
        page = fill(f"{before}{{{{ task.input.a | {filters} }}}}{after}", a=value)
        inside = page.removeprefix(before).removesuffix(after)
        assert not re.search("[<>&']", inside)
        assert json.loads(inside) == value


@given(TEXTS)
@settings(deadline=None)  # the first example loads python-liquid
def test_scripts_keep_their_end(value: str) -> None:
    """In a string of a script a value is its text, and elsewhere a string of its own."""
    before, between, after = '<script>let a = "', '", b = ', "; let c = `${ a }`</script>"
    page = fill(f"{before}{{{{ task.input.a }}}}{between}{{{{ task.input.a }}}}{after}", a=value)
    written = re.fullmatch(f"{re.escape(before)}(.*?){re.escape(between)}(.*){re.escape(after)}", page, re.DOTALL)
    assert written is not None
    assert json.loads(f'"{written[1]}"') == json.loads(written[2]) == value
    assert re.fullmatch(r"(?:\w|\\u[0-9a-f]{4})*", written[1])


SHAPES = [
    "<p title='{{ task.input.a }}' {% if task.input.a %}lang='b'{% endif %}>{{ task.input.a | upcase | append: '<' }}",
    "{% capture c %}<i title='{{ task.input.a }}'>{{ task.input.a }}</i>{% endcapture %}{{ c }}{{ c | strip }}",
    "<textarea>{{ task.input.a }}</textarea><title>{{ task.input.a }}</title><!-- {{ task.input.a }} -->",
    "<a href='https://example.org/?q={{ task.input.a | url_encode }}'>{{ task.input.a | truncate: 9 }}</a>",
    "<p onclick=\"f('{{ task.input.a }}', {{ task.input.a | to_json }})\"><style>p{a:'{{task.input.a}}'}</style>",
    "{% for c in (1..2) %}<b>{% cycle task.input.a,'x' %}</b>{% endfor %}<u>{{ task.input.a | split: '' | join: '-' }}",
    "{% assign parts = task.input.a | escape | split: ';' %}{% for each in parts %}<b>{{ each }}</b>{% endfor %}<hr>",
    "{% tablerow each in task.input.all cols:2 %}{{ each }}{% endtablerow %}{{ task.input.all }}",
    "{{ task.input.a | newline_to_br | append: task.input.a }}{{ task.input.a | escape_once }}",
    "{{ task.input.a | date: '%Y' }}{{ task.input.a|strip_html }}<i lang={{ task.input.a|default: 'x'|to_json }}>",
]


@pytest.mark.parametrize("text", SHAPES)
@given(value=CARRIED)
@settings(max_examples=30, deadline=None)
def test_no_value_makes_a_tag(text: str, value: str) -> None:
    """No filter, loop or capture lets a value begin or end anything: the page has the elements that it was given."""
    page = f"<!DOCTYPE html><body>{text}"

    def values(a: str) -> dict[str, object]:
        return {"all": ["x", a]} if "task.input.all" in text else {"a": a}

    pages = [fill(page, values(a)) for a in ("x", value)]
    before, after = (
        [(each.tag, sorted(each.attrib)) for each in tree(page).iter() if each.tag != "b"] for page in pages
    )
    assert before == after
    assert not re.search(r"\$\{L[0-9a-f]{12}_", pages[1])


def test_addresses_that_are_scripts() -> None:
    """`javascript:` is refused where browsers follow it, however it comes there."""
    for text in (
        "<a href='{{ task.input.u }}'>",
        "<a href=' {{ task.input.u | strip }}'>",
        "{% capture u %}{{ task.input.u }}{% endcapture %}<a href='{{ u }}'>",
        "{% assign u = task.input.u | grant_read_access %}<a href='{{ u }}'>",
    ):
        assert "the address in href of <a> would be a script" in refusal(text, {"u": "java\nscript:alert(1)"}).text
        assert fill(text, u="https://example.org/").endswith("https://example.org/'>")


def test_places_where_nothing_is_safe() -> None:
    """Tags and scripts of other types take what is said to be safe, and nothing else."""
    assert (
        "{{ task.input.a }} (line 2), in <option>" in refusal("\n<option {{ task.input.a }}>", {"a": "selected"}).text
    )
    assert fill("<option {{ task.input.a | skip_autoescape }}>", a="selected") == "<option selected>"
    assert fill("<option {{ task.input.a }}>", a=Raw("selected")) == "<option selected>"
    other = "<script type='text/x'>{{ task.input.a }}</script>"
    assert "{{ task.input.a }} (line 1), in a <script> that is none" in refusal(other, {"a": "x"}).text


def test_what_is_let_in() -> None:
    """`skip_autoescape` and Raw values go in as they are, until another filter makes a text of them again."""
    assert fill("{{ task.input.a | skip_autoescape }}", a="<b>&") == "<b>&"
    assert fill("{{ task.input.a }}", a=Raw("<b>&")) == "<b>&"
    assert fill("{{ task.input.a | upcase }}", a=Raw("<b>&")) == "&lt;B&gt;&amp;"
    assert fill("{{ task.input.a | skip_autoescape | append: '' }}", a="<b>&") == "&lt;b&gt;&amp;"
    assert fill("{{ task.input.a | escape | skip_autoescape }}", a="<b>&") == "&lt;b&gt;&amp;"
    assert fill("{{ task.input.a | escape }}", a=Raw("<b>")) == "&lt;b&gt;"
    assert fill("{% capture c %}<i>{{ task.input.a }}</i>{% endcapture %}{{ c | skip_autoescape }}", a="<b>") == (
        "<i>&lt;b&gt;</i>"
    )
    assert fill("{{ task.input.a | newline_to_br }}", a=Raw("<b>\n")) == "<b><br />\n"
    captured = "{% capture c %}<i>{{ task.input.a }}\n</i>{% endcapture %}{{ c | newline_to_br }}"
    assert fill(captured, a="<b>\n") == "<i>&lt;b&gt;\n<br />\n</i>"


class Colour(StrEnum):
    """A kind of string that has another name."""

    RED = "r&d"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.50, "1.5"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (False, "false"),
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 12, tzinfo=UTC), "2024-05-01T12:00:00+00:00"),
        (Colour.RED, "r&amp;d"),
        ([1, "a"], "[1, &quot;a&quot;]"),
        ((1, 2), "[1, 2]"),
        ({"a": None}, "{&quot;a&quot;: null}"),
        ("", ""),
        ("\U0001f600\r", "&#128512;&#13;"),
    ],
)
def test_values(value: object, text: str) -> None:
    """Values have the texts that they have in other templates."""
    assert fill("a{{ task.input.a }}", a=value) == f"a{text}"
    assert HTMLTemplate("a${a}").fill({"a": value}).html_content == f"a{text}"


def test_values_in_scripts() -> None:
    """Where an expression stands, numbers, lists and texts are what they are in JavaScript."""
    row = {"n": 3, "l": ["</script>", None], "t": "it's", "y": True, "d": [date(2024, 5, 1), Decimal("0.5")]}
    text = "<script>{% for each in task.input %}x({{ each[1] }});{% endfor %}y({{ task.input.d | to_json }})</script>"
    row_without = {name: value for name, value in row.items() if name != "d"}
    assert fill(text.replace("task.input.d", "task.input.l"), row_without) == (
        r'<script>x(3);x(["\u003c\u002fscript\u003e", null]);x("it\u0027s");x(true);'
        r'y(["\u003c\u002fscript\u003e", null])</script>'
    )
    assert fill("<script>y({{ task.input.d | to_json }}, {{ nil | to_json }})</script>", d=row["d"]) == (
        r'<script>y(["2024\u002d05\u002d01", 0.5], null)</script>'
    )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "a is nan"),
        (object(), "a is of the type object"),
        ([object()], "a is of the type object"),
        (None, "{{ task.input.a }} (line 1) is nothing (null); write | default"),
        ("\x00", "holds U+0000"),
    ],
)
def test_values_that_are_refused(value: object, why: str) -> None:
    """What has no text of its own is refused, by its name."""
    assert why in refusal("{{ task.input.a }}", {"a": value}).text


def test_lists_within_themselves() -> None:
    """A value without an end is refused."""
    value: list[object] = []
    value.append(value)
    assert "without an end" in refusal("{{ task.input.a }}", {"a": value}).text


# What is there, and what is not.


def test_missing_values() -> None:
    """All that is missing is named at once, with the lines."""
    error = refusal("{{ task.input.a }}\n{{ task.input.b.c }}{{ task.input.d[0] }}", {"d": []})
    assert error.text == "has no value for task.input.a (line 1), task.input.b.c (line 2), task.input.d[0] (line 2)."
    assert error.argument == "row"
    assert "photo (line 1), which nothing in the template sets, while a row's values" in refusal("{{ photo }}").text


def test_strict_about_use() -> None:
    """Whatever does something with a missing value fails, filters and loops included."""
    for text in (
        "{{ task.input.a | upcase }}",
        "{{ task.input.a | to_json }}",
        "{{ task.input.a | skip_autoescape }}",
        "{{ task.input.a | escape }}",
        "{{ task.input.a | newline_to_br }}",
        "{{ task.input.a | grant_read_access }}",
        "{{ task.input.a | size }}",
        "{{ 'x' | append: task.input.a }}",
        "{% for each in task.input.a %}{% endfor %}",
        "{% assign b = task.input.a %}{{ b }}",
        "{% assign b = task.input.a %}{{ b.c.d }}",
        "{% cycle task.input.a, 'x' %}",
        "{{ task.input.a | escape_once }}",
        "{{ task.input.a | reverse | to_json }}",
        "{{ task.input.a | plus: 1 }}",
        "{{ 1 | plus: task.input.a }}",
        "{{ 'x' | default: task.input.a, allow_false: task.input.a | append: task.input.a }}",
        "{{ '' | default: task.input.a }}",
        "{{ 'x y' | split: task.input.a }}",
        "{% for b in (1..task.input.a) %}{% endfor %}",
        "{% for b in (1..3) limit: task.input.a %}{% endfor %}",
    ):
        assert "has no value for task.input.a" in refusal(text).text, text


@pytest.mark.parametrize("name", ["size", "first", "last"])
def test_columns_with_names_of_liquids_own(name: str) -> None:
    """A column may be called as what Liquid knows of any list; missing, it is no number of columns."""
    text = f"<p>{{{{ task.input.{name} }}}} {{{{ task.input.label }}}}</p>"
    assert fill(text, {name: "XL", "label": "shirt"}) == "<p>XL shirt</p>"
    assert f"has no value for task.input.{name}" in refusal(text, {"label": "shirt"}).text
    assert fill(f"<p>{{% if task.input.{name} %}}a{{% else %}}b{{% endif %}}</p>", {}) == "<p>b</p>"
    assert fill(f"<p>{{{{ task.input.labels.{name} }}}}</p>", {"labels": [2, 2]}) == "<p>2</p>"


def test_asking_for_what_may_be_missing() -> None:
    """Conditions and defaults take what is not there as Liquid does."""
    text = (
        "{% if task.input.a %}1{% endif %}{% unless task.input.a.b %}2{% endunless %}{{ task.input.a | default: '3' }}"
        "{% if task.input.a == nil and task.input.a != 'x' %}4{% endif %}{% if task.input.a contains 'x' %}5{% endif %}"
        "{% case task.input.a %}{% when 'x' %}6{% else %}7{% endcase %}"
        "{% assign b = task.input.a %}{% if b.c %}8{% endif %}"
    )
    assert fill(text) == "2347"
    assert fill(text, a=None) == "2347"
    assert fill("{{ task.input.a | default: 'none' }}", a="") == "none"


def test_names() -> None:
    """A template names the members of `task.input` that it uses, in their order, and takes no others."""
    template = LiquidTemplate(
        "{% if task.input.b %}{% for each in task.input['c d'] %}{{ each.name }}{% endfor %}{% endif %}"
        "{{ task['input'].a | append: task.input.e.f }}{% assign g = 1 %}{{ g }}{{ task.other }}{{ task.input.b }}"
    )
    assert template.names == ("b", "c d", "a", "e")
    assert template.takes("a")
    assert not template.takes("name")
    assert "has name, x, which the template never names" in refusal(template.text, {"name": 1, "b": 2, "x": 3}).text


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("{{ task.input | to_json }}", "{&quot;a&quot;: 1, &quot;b&quot;: &quot;a&quot;}"),
        ("{% assign row = task.input %}{{ row.a }}", "1"),
        ("{% for pair in task.input %}{{ pair[0] }}{% endfor %}", "ab"),
        ("{{ task.input[task.input.b] }}", "1"),
        ("{{ task | to_json }}", "{&quot;input&quot;: {&quot;a&quot;: 1, &quot;b&quot;: &quot;a&quot;}}"),
    ],
)
def test_the_row_as_a_whole(text: str, page: str) -> None:
    """Where a template uses the row as a whole, any column may matter, and all are taken."""
    assert fill(text, a=1, b="a") == page


def test_columns_that_only_some_rows_have() -> None:
    """A column that is named in a branch may be there or not."""
    text = "a{% if task.input.hint %}: {{ task.input.hint }}{% endif %}"
    assert [fill(text, hint="b"), fill(text)] == ["a: b", "a"]


@pytest.mark.parametrize("name", ["escape", "escape_once", "skip_autoescape", "newline_to_br", "grant_read_access"])
def test_nothing_stays_nothing(name: str) -> None:
    """A null goes through filters, and is refused where it is put out, or has a default."""
    assert "is nothing (null)" in refusal(f"{{{{ task.input.a | {name} }}}}", {"a": None}).text
    assert fill(f"{{{{ task.input.a | {name} | default: '-' }}}}", a=None) == "-"


def test_rows_that_are_none() -> None:
    """A row is a mapping."""
    assert refusal("{{ task.input.a }}", ["a"]).text.startswith("is list")


# The language.


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n{{ task.input.a", "line 2"),
        ("a\n{{ task.input.a | }}", "line 2"),
        ("a\n\n{% if task.input.a %}b\n\n", "expected tag endif, found end of expression (line 3)"),
        ("{% nothing %}", "unexpected tag 'nothing' (line 1)"),
        ("\n{{ 'x' | nothing }}", "uses a filter that there is not, 'nothing' (line 2)"),
        ("\n{{ 'x' | safe }}", "'safe' (line 2)"),
        ("\n{% include 'x.html' %}", "{% include %} would read another file, and a page is a single one"),
        ("{% render '/etc/passwd' %}", "{% render %} would read another file"),
        ("{% if true %}" * 900 + "{% endif %}" * 900, "is no Liquid template"),
        ("", "is empty"),
        (" \n", "is empty"),
        ("a\x00", "holds U+0000"),
        (7, "is int"),
    ],
)
def test_texts_that_are_refused(text: object, why: str) -> None:
    """What cannot be read is refused when the template is made, with the line."""
    error = refusal(text)
    assert why in error.text
    assert error.argument == "text"


def test_files(tmp_path: Path) -> None:
    """A template comes from a file, with a byte order mark and other line ends as well."""
    path = tmp_path / "page.liquid.html"
    path.write_bytes("\ufeffé\r\n{{ task.input.a }}".encode())
    template = HTMLTemplate.from_liquid_file(path, frame_height=7)
    assert template == HTMLTemplate.from_liquid("é\n{{ task.input.a }}", frame_height=7)
    assert template.fill({"a": 1}) == HTMLQuestion("é\n1", frame_height=7)
    path.write_bytes(b"\xff")
    with pytest.raises(InvalidRequest, match="UTF-8"):
        HTMLTemplate.from_liquid_file(path)
    assert "frame_height" in str(refusal("a", frame_height=-1))


def test_the_same_row_makes_the_same_page() -> None:
    """There is no present day, and days are those of UTC."""
    assert "tomorrow" in refusal("{{ 'now' | date: '%Y' }}").text
    assert "tomorrow" in refusal("{{ 'today' | date: '%Y' }}").text
    assert "now (line 1)" in refusal("{{ now }}").text
    assert fill("{{ task.input.d | date: '%d.%m.%Y %H' }}", d=86_399) == "01.01.1970 23"
    assert fill("{{ task.input.d | date: '%Y' }}", d=date(2024, 5, 1)) == "2024"
    assert fill("{{ '2024-05-01' | date: '%d' }}{{ '86399' | date: '%H' }}") == "0123"


def test_work_is_bounded() -> None:
    """Loops and pages have an end, whatever a template or a row says."""
    assert (
        "loop more than 100000 times"
        in refusal("{% for a in (1..99999) %}{% for b in (1..9) %}{% endfor %}{% endfor %}").text
    )
    for number in (9_999, 90_000):
        assert "65535" in str(refusal(f"{{% for a in (1..{number}) %}}a page that is long enough{{% endfor %}}"))
    assert "65535" in refusal("{% for a in (1..9999) %}{{ task.input.a }}{% endfor %}", {"a": "x" * 50_000}).text
    assert "more than 40000 values" in refusal("{% for a in (1..60000) %}{{ a }}{% endfor %}").text
    growing = "{% assign a = 'abcdefgh' %}{% for b in (1..60) %}{% assign a = a | append: a %}{% endfor %}"
    assert "does not fit the template" in refusal(growing).text
    captured = (
        "{% capture a %}{{ task.input.a }}{% endcapture %}"
        "{% for b in (1..60) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}"
    )
    assert refusal(captured, {"a": "x" * 50_000}).argument == "row"
    assert refusal("{{ task.input.a }}", {"a": "x" * 65_500}).argument == "html_content"


def test_filters_that_fail() -> None:
    """A value that a filter was not made for is the row's mistake, with the line."""
    assert refusal("\n{{ task.input.a | divided_by: 0 }}", {"a": 1}).text.startswith("does not fit the template: ")
    assert "(line 2)" in refusal("\n{{ task.input.a | join: '' | slice: 'x' }}", {"a": [1]}).text
    assert "base64" in refusal("{{ task.input.a | base64_decode }}", {"a": "x"}).text
    assert "does not fit the template" in refusal("{{ task.input.a | base64_decode }}", {"a": "gICA"}).text
    assert "no address of an object in S3" in refusal("{{ 's3://bucket' | grant_read_access }}").text


def test_tags() -> None:
    """The rest of Liquid is there: literal text, comments, counters, and groups of lines."""
    assert fill(
        "{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}{% increment c %}{% decrement d %}"
    ) == ("{{ a }}0-1")
    assert fill("{% for a in task.input.l %}{% ifchanged %}{{ a }}{% endifchanged %}{% endfor %}", l=[1, 1, 2]) == "12"
    assert fill("{% liquid\n assign a = 'x&'\n echo a %}{{- 'b' }} {{ (1..3) }}{{ (1..3) | to_json }}") == (
        "x&amp;b 1..3[1, 2, 3]"
    )
    assert (
        fill("{% for a in (1..3) %}{{ forloop.index }}{% unless forloop.last %},{% endunless %}{% endfor %}") == "1,2,3"
    )
    for filters in ("", "| escape", "| to_json"):
        assert "ForLoop" in refusal(f"{{% for a in (1..3) %}}{{{{ forloop {filters} }}}}{{% endfor %}}").text


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("s3://pictures/cats/tom and kitty.png", "https://pictures.s3.amazonaws.com/cats/tom%20and%20kitty.png"),
        ("s3://my.pictures/a?b#c.png", "https://s3.amazonaws.com/my.pictures/a%3Fb%23c.png"),
        ("https://example.org/a b?c=d", "https://example.org/a b?c=d"),
        ("http://s3.amazonaws.com/pictures/a.png", "http://s3.amazonaws.com/pictures/a.png"),
        ("a.png", "a.png"),
    ],
)
@pytest.mark.parametrize("name", ["grant_read_access", "s3_presign"])
def test_addresses_in_s3(name: str, address: str, becomes: str) -> None:
    """Nothing is signed; addresses in S3 are those under which everybody finds what is public."""
    (picture,) = named(fill(f"<img src='{{{{ task.input.a | {name} }}}}'>", a=address), "img")
    assert picture.get("src") == becomes


# Pages as they are written for Amazon's tools.

BOXES = """<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <crowd-bounding-box
    name="boxes"
    src="{{ task.input.taskObject | grant_read_access }}"
    header="{{ task.input.header }}"
    labels="{{ task.input.labels | to_json | escape }}"
  >
    <full-instructions header="How to draw">{{ task.input.help | skip_autoescape }}</full-instructions>
    <short-instructions>{% if task.input.short %}{{ task.input.short }}{% else %}Draw.{% endif %}</short-instructions>
  </crowd-bounding-box>
</crowd-form>
"""
MODERATION = """{% capture address %}s3://{{ task.input.image.bucket }}/{{ task.input.image.name }}{% endcapture %}
<crowd-form><crowd-moderation categories='[
{% for each in task.input.found %}{ "name": "{{ each.name }}", "parent": "{{ each.parent | default: "none" }}" }
{%- unless forloop.last %},{% endunless %}
{% endfor %}]' src="{{ address | grant_read_access }}"></crowd-moderation></crowd-form>"""
REVIEW = """<select name="kind">{% for each in task.input.kinds %}
  <option value="{{ each.value | escape }}" {% if each.value == task.input.kind %}selected{% endif %}>
    {{- each.label -}}
  </option>
{% endfor %}</select>
{% for pair in task.input.pairs %}{% assign place = forloop.index0 %}
<div data-box="{{ task.input.boxes[place].box | to_json | escape }}" onclick="show(this)">
  <crowd-input name="{{ pair.key | escape }}" value="{{ pair.value | escape }}"></crowd-input>
</div>{% endfor %}
<script>const first = "{{ task.input.kind }}", boxes = {{ task.input.boxes | to_json }};</script>"""


def test_drawing_boxes() -> None:
    """A page of Ground Truth's for boxes: a picture in S3, labels as JSON, instructions in HTML."""
    page = fill(
        BOXES,
        taskObject="s3://pictures/street 1.jpg",
        header='Cars & "trucks"',
        labels=["car", 'it\'s a "truck"'],
        help="<p>Draw <b>tightly</b>.</p>",
    )
    (boxes,) = named(page, "crowd-bounding-box")
    assert boxes.get("src") == "https://pictures.s3.amazonaws.com/street%201.jpg"
    assert boxes.get("header") == 'Cars & "trucks"'
    assert json.loads(boxes.attrib["labels"]) == ["car", 'it\'s a "truck"']
    assert boxes.findtext("full-instructions/p/b") == "tightly"
    assert boxes.findtext("short-instructions") == "Draw."


def test_moderating() -> None:
    """A page of Augmented AI's: a loop writes an attribute, and an address is captured piece by piece."""
    found = [{"name": "Fire & smoke"}, {"name": "it's odd", "parent": "Other"}]
    page = fill(MODERATION, image={"bucket": "pictures", "name": "a/it's.jpg"}, found=found)
    (element,) = named(page, "crowd-moderation")
    assert element.get("src") == "https://pictures.s3.amazonaws.com/a/it%27s.jpg"
    assert json.loads(element.attrib["categories"]) == [
        {"name": "Fire & smoke", "parent": "none"},
        {"name": "it's odd", "parent": "Other"},
    ]


def test_reviewing_pairs() -> None:
    """A page for keys and values of documents: choices, boxes by their index, and a script that has some of it."""
    page = fill(
        REVIEW,
        kinds=[{"value": "a", "label": "<A>"}, {"value": 'b"', "label": "B"}],
        kind='b"',
        pairs=[{"key": "Name", "value": "O'Hara & Co"}],
        boxes=[{"box": {"left": 0.25, "text": "'"}}],
    )
    assert [("selected" in each.attrib, each.text) for each in named(page, "option")] == [(False, "<A>"), (True, "B")]
    assert json.loads(named(page, "div")[0].attrib["data-box"]) == {"left": 0.25, "text": "'"}
    assert named(page, "crowd-input")[0].get("value") == "O'Hara & Co"
    assert r'const first = "b\u0022", boxes = [{"box": {"left": 0.25, "text": "\u0027"}}];' in page


# As a template among others.


def test_it_goes_where_templates_go() -> None:
    """It is Fillable, can be compared, copied and pickled, and says in short what it is."""
    template = HTMLTemplate.from_liquid("{{ task.input.a }}", frame_height=7)
    assert isinstance(template, Fillable)
    for other in (pickle.loads(pickle.dumps(template)), copy.deepcopy(template), dataclasses.replace(template)):
        assert other == template
        assert hash(other) == hash(template)
        assert other.fill({"a": 1}) == template.fill({"a": 1})
    assert template != HTMLTemplate.from_liquid("{{ task.input.a }}")
    assert repr(template) == "LiquidTemplate('{{ task.input.a }}', names=('a',), frame_height=7)"
    assert repr(LiquidTemplate("x" * 99)) == "LiquidTemplate(99 characters, names=(), frame_height=0)"


def test_completing_a_page() -> None:
    """The inside of a form becomes a page, with what fills it kept."""
    whole = HTMLTemplate.from_liquid(
        "{% for each in task.input.fields %}<input name='{{ each }}'>{% endfor %}"
    ).complete(environment="sandbox", title="Fields")
    page = whole.fill({"fields": ["a", "b"]})
    assert [each.get("name") for each in named(page.html_content, "input")] == ["assignmentId", "a", "b"]
    assert page.lint("sandbox") == whole.lint("sandbox") == ()


def task_of(text: str) -> Task[Any]:
    """A task that asks with a template."""
    return Task(
        title="Draw boxes",
        description="Draw a box around each car.",
        reward="0.10",
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(days=1),
        question=HTMLTemplate.from_liquid(text),
    )


ROW = {"taskObject": "https://example.org/1.jpg", "header": "Cars", "labels": ["car"], "help": ""}


async def test_tasks_and_plans() -> None:
    """Rows are published once, with a column that only tells them apart; plans and rows that do not fit say so."""
    rows: list[dict[str, object]] = [
        {**ROW, "id": "a"},
        {**ROW, "id": "b", "labels": ["car", "bus"]},
        {"id": "c", "header": "Cars"},
    ]
    task = task_of(BOXES)
    async with Marketplace() as market, market.client() as mturk:
        first = await task.publish_many(mturk, rows, batch="boxes", key="id")
        again = await task.publish_many(mturk, rows, batch="boxes", key="id")
        assert [each.hit and each.hit.hit_id for each in first] == [each.hit and each.hit.hit_id for each in again]
        assert [each.hit is not None for each in first] == [True, True, False]
        assert first[1].hit is not None
        assert "&quot;bus&quot;" in (first[1].hit.question or "")
        assert "has no value for task.input.taskObject" in str(first[2].error)
    plan = await make_plan(task, rows, batch="boxes", key="id")
    assert (plan.rows, plan.hits, plan.problem_count) == (3, 2, 1)


@pytest.mark.parametrize("text", ["{{ task.input.id }}", "{{ task.input | to_json }}"])
async def test_a_key_that_the_template_may_use(text: str) -> None:
    """The column that tells rows apart is kept where the template names it, or uses the row as a whole."""
    task = task_of(text)
    async with Marketplace() as market, market.client() as mturk:
        (only,) = await task.publish_many(mturk, [{"id": "the-key"}], batch="b", key="id")
        assert only.hit is not None
        assert "the-key" in (only.hit.question or "")


# The linter.


def findings(text: str, **options: Any) -> set[tuple[int, str]]:
    """What is found about a template: lines and codes."""
    return {(each.line, each.code) for each in LiquidTemplate(text).lint(**options)}


def test_what_is_found_about_pages() -> None:
    """The page's own rules hold for it, with the lines of the template, whatever its tags take away."""
    text = (
        "<!DOCTYPE html>\n{% comment %}\n<input>\n{% endcomment %}\n{%- if task.input.a %}\n<form method='post'>\n"
        "{% for each in task.input.l -%}\n\n<input value='{{ each }}'>\n{% endfor %}\n"
        "<button>{% raw %}{{ x }}{% endraw %}</button></form>{% endif %}"
    )
    found = findings(text, environment="sandbox")
    assert (9, "unnamed-field") in found
    assert (6, "submit-url") in found
    assert not {code for _, code in found} & {"no-doctype", "no-form", "no-submit", "odd-placeholder"}
    assert (1, "no-doctype") in findings("{{ task.input.a }}")
    assert "no-field" not in {code for _, code in findings("<form>{{ task.input.a | skip_autoescape }}</form>")}
    assert "no-field" in {code for _, code in findings("<form>{{ task.input.a }}</form>")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<p title={{ task.input.a }}>", "unquoted-placeholder"),
        ("<option {{ task.input.a }}>", "unsafe-placeholder"),
        ("<p @click='{{ task.input.a }}'>", "unsafe-placeholder"),
        ("<{{ task.input.a }}", "after-bracket"),
        ("<script>let a = '{{ task.input.a }}'</script>", "value-in-script"),
        ("<p onclick='f({{ task.input.a }})'>", "whole-value"),
        ("<script>let a = {% echo task.input.a %}</script>", "whole-value"),
        ("<script src='{{ task.input.a }}'></script>", "script-address"),
    ],
)
def test_what_is_found_about_values(text: str, code: str) -> None:
    """What Ground Truth would do otherwise, and what is not safe, is said of the place; not where it is said so."""
    assert (2, code) in findings(f"\n{text}")
    finding = next(each for each in LiquidTemplate(text).lint() if each.code == code)
    assert "task.input.a" in finding.text
    assert "${" not in finding.text
    assert code not in {each for _, each in findings(text.replace("task.input.a", "task.input.a | skip_autoescape"))}


def test_nothing_is_found_about_json_in_scripts() -> None:
    """An expression that `to_json` writes is the same in Ground Truth."""
    codes = {code for _, code in findings("<script>let a = {{ task.input.a | to_json }}, b = `${a.b}`</script>")}
    assert codes == {"no-doctype", "no-form"}


def test_findings_name_what_is_written() -> None:
    """A finding about the page shows the template's words, and emoji are no finding."""
    (found,) = (
        each
        for each in LiquidTemplate("<img src='http://{{ task.input.host }}/a.png'>\U0001f600").lint()
        if each.code == "insecure-address"
    )
    assert "http://{{ task.input.host }}/a.png" in found.text
    assert "character" not in {code for _, code in findings("\U0001f600")}
    assert "character" in {code for _, code in findings("<script>'\U0001f600'</script>")}


# The package.


def take_away(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a Python without a package, in which nothing of Liquid is loaded."""
    ours = ("aioturk.questions._liquid", "aioturk.questions._liquid_language")
    for name in [name for name in sys.modules if name.split(".")[0] in ("liquid", package) or name in ours]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks python-liquid is told what to install."""
    take_away("liquid", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'aioturk\[liquid\]'"):
        HTMLTemplate.from_liquid("a")


def test_without_what_the_package_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something else is missing, that is what is said."""
    take_away("dateutil", monkeypatch)
    with pytest.raises(ModuleNotFoundError, match="dateutil"):
        HTMLTemplate.from_liquid("a")


def test_other_templates_do_not_load_it() -> None:
    """Templates and tasks, and the class for Liquid itself, cost nothing of python-liquid."""
    program = (
        "import sys; from aioturk import HTMLTemplate, Task; from aioturk.questions import LiquidTemplate\n"
        "HTMLTemplate('a'); print('liquid' in sys.modules)\nLiquidTemplate('a'); print('liquid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
