"""HTMLTemplate: where values go, what becomes of them there, and that the page around them stays what it is."""

from __future__ import annotations

import dataclasses
import json
import pickle
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import HTMLTemplate
from aioturk._core.accepted import Document
from aioturk._core.xml import carried
from aioturk.errors import InvalidRequest
from aioturk.questions import Fillable, HITLayout, HTMLQuestion, Raw, escaped
from aioturk.questions._markup import PLACEHOLDER, Kind, tokens
from aioturk.questions._places import runs_script
from aioturk.questions._scripts import placeholders_of

HOSTILE = [
    '"',
    "'",
    "`",
    "\\",
    "</script>",
    "<script>",
    "</textarea>",
    "</style>",
    "</title>",
    "</svg>",
    "<img src=x onerror=y>",
    " b=c",
    "-->",
    "--",
    "<!--",
    "]]>",
    "${b}",
    "&amp;",
    "&#39;",
    "javascript:",
    " onclick=x()",
    "*/",
    "\n",
    "\r\n",
    "\u2028",
    "script",
    "style",
    "img src=x",
    "/",
    ">",
    "\U0001f600",
    "url(",
    "\\u0022",
    "${",
    "}",
]
TEXTS = st.lists(st.text(max_size=5) | st.sampled_from(HOSTILE), max_size=6).map("".join)
"""Values rich in what ends something, or begins it, in one of a page's languages."""
CARRIED = TEXTS.map(carried)
"""The same, without what no XML document can hold."""


def fill(text: str, row: Mapping[str, object] | None = None, /, **values: object) -> str:
    """The page that a template makes of a row."""
    return HTMLTemplate(text).fill(row or values).html_content


def refusal(text: Any, row: Any = None, /, **options: Any) -> InvalidRequest:
    """The error with which a template, or a row, is refused."""
    with pytest.raises(InvalidRequest) as caught:
        HTMLTemplate(text, **options).fill({} if row is None else row)
    return caught.value


class Reader(HTMLParser):
    """Python's own reader of pages, as a judge of what a browser would see."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> str:
    """What Python's decoder makes of a text whose references are all shown by browsers."""
    # It drops references to noncharacters, which browsers keep.
    return "".join(unescape(f"&#{ord(each)};") if each > "\uffff" else each for each in text)


# What a value becomes, place by place.


@given(CARRIED)
def test_browsers_show_exactly_the_value(value: str) -> None:
    """In a text and in attributes with either quotes, a reader of the page finds the very value, whatever is in it."""
    page = fill("<p title=\"${a}\" lang='${a}'>${a}</p>", a=value)
    reader = Reader(page)
    assert reader.text == read(value)
    assert reader.attributes == [("p", "title", read(value)), ("p", "lang", read(value))]


@given(CARRIED.filter(bool))
def test_values_without_quotes(value: str) -> None:
    """An attribute without quotes around it takes any value that is not empty; white space and all."""
    page = fill("<p lang=${a} title=b>", a=value)
    assert page.startswith("<p lang=")
    assert page.endswith(" title=b>")
    written = page.removeprefix("<p lang=").removesuffix(" title=b>")
    assert unescape(written) == read(value)
    assert not re.search(r"[ \t\n\r\f\"'`=<>/]", written)


@pytest.mark.parametrize(
    "text",
    [
        "<svg><title>${a}</title><text>${a}</text><style>p { x: '${a}' }</style></svg><title><b>${a}</title>",
        "<svg/><title><b>${a}</title>",
        "<svg viewBox='0 0 1 1'><path d='x'/></svg><script>if (1 < 2) x('${a}')</script>",
        "<svg><foreignObject><div><img>${a}</div></foreignObject></svg><style>p { x: '<${a}' }</style>",
        "<select><option>${a}</select><xmp><b>${a}</xmp>",
        "<svg><![CDATA[${a}]]>${a}</svg>",
    ],
)
def test_pictures_in_pages(text: str) -> None:
    """Pictures, formulas and lists of choices take values as the rest of a page does, and so does what follows them."""
    assert "abc" in fill(text, a="abc")


def test_an_empty_value_needs_quotes() -> None:
    """Without quotes around it, nothing would make a value of what follows."""
    assert "lang of <p>, is empty where there are no quotes" in refusal("<p lang=${a} title=b>", {"a": ""}).text
    assert fill("<p lang='${a}' title=b>", a="") == "<p lang='' title=b>"


SCRIPTS = [
    '<script>let a = "${a}"</script>',
    "<script>let a = '${a}'</script>",
    "<script>let a = `${a}`</script>",
    "<script>let a = 'it\\'s ${a}'.slice(5)</script>",
    "<script>if (/[\"'/]\\//.test('')) {} /* don't */ // can't\nlet a = '${a}'</script>",
    '<script type="module">let a = "${a}"</script>',
    "<p onclick=\"let a = '${a}'\">",
    "<p onclick='let a = &quot;${a}&quot;'>",
    '<p onclick="let a = ${a}">',
    "<script>let a = ${a}</script>",
    "<script>let [a] = [${a}]; // isn't\n</script>",
]


@pytest.mark.parametrize("text", SCRIPTS)
@given(value=TEXTS)
@settings(max_examples=30)
def test_scripts_keep_their_end(text: str, value: str) -> None:
    """Nothing of a value can end a string, a line or a script: it is letters, digits and escapes."""
    page = fill(text, a=value)
    before, _, after = text.partition("${a}")
    assert page.startswith(before)
    assert page.endswith(after)
    written = unescape(page[len(before) : len(page) - len(after)])
    if "= ${a}" in text or "[${a}]" in text:
        assert written[0] == written[-1] == '"'
        written = written[1:-1]
    assert json.loads(f'"{written}"') == value
    assert re.fullmatch(r"(?:\w|\\u[0-9a-f]{4})*", written)
    assert not re.search("[\u2028\u2029\U00010000-\U0010ffff]", written)


MISLEADING = {
    "arrow": 'let f = s => /"/.test(s); let name = "${a}";',
    "brackets of if": 'if (1) /"/.test(""); let name = "${a}";',
    "brackets of for": 'for (const x of [1]) /"/.test(x); let name = "${a}";',
    "typeof": 'let f = typeof /"/; let name = "${a}";',
    "plus": 'let f = 1 + /"/; let name = "${a}";',
    "string in a string": 'let f = `a ${ 1 ? `b"` : ""} c`; let name = "${a}";',
    "object in a string": 'let f = `a ${ {b: "}"}.b } c"`; let name = "${a}";',
    "else": 'if (0) {} else /"/.test(""); let name = "${a}";',
    "block": 'if (1) {} /"/.test(""); let name = "${a}";',
    "over lines": "let f = s => /`/.test(s);\n\nlet b = 1; let name = `${a}`;",
    "code": "let f = s => /'/.test(s); let name = ${a};",
    "a name with a dot": 'let o = {return: 4}, g = 2; let f = o.return / 2; let name = "${a}"; f = 1 / g;',
    "a comment of HTML": "let f = 1; <!-- it's\nlet name = '${a}';",
    "another": "let f = 1;\n--> it's\nlet name = '${a}';",
    "prefix": "let f = 1;\n++/'/.lastIndex; let name = '${a}';",
    "a class": "let f = /[/'\"]/; let name = '${a}';",
    "line separator": 'let f = 1; // "\u2028let name = "${a}";',
}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on PATH")
@pytest.mark.parametrize("script", MISLEADING.values(), ids=MISLEADING)
def test_javascript_runs_no_value(script: str) -> None:
    """Scripts in which a quote is no string's run no value: they find it as it is, or it is refused."""
    values = [
        "plain",
        ",delete window.foo,",
        "window.foo",
        ";window.foo=0;",
        ["+(window.foo=0)+"],
        {"k": "+(window.foo=0)+"},
        ["',window.foo=0,'"],
    ]
    checks = []
    for value in values:
        try:
            page = fill(f"<script>{script}</script>", a=value)
        except InvalidRequest as error:
            if "would be read in a way that cannot be told here" not in error.text:
                raise
            continue
        # In a string a structure is its JSON, in code it is itself.
        expected = value if isinstance(value, str) or " = ${a}" in script else json.dumps(value)
        checks.append({"script": Reader(page).text, "expected": expected})
    program = (
        "for (const {script, expected} of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {"
        " const window = {foo: 1};"
        " const found = require('vm').runInNewContext(script + '\\n;name', {window});"
        " if (JSON.stringify(found) !== JSON.stringify(expected) || window.foo !== 1) throw new Error(script); }"
    )
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run([node, "-e", program], input=json.dumps(checks), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("script", "readings"),
    [
        (MISLEADING["arrow"], "S"),
        (MISLEADING["brackets of if"], "S"),
        (MISLEADING["typeof"], "S"),
        (MISLEADING["plus"], "S"),
        (MISLEADING["else"], "S"),
        (MISLEADING["string in a string"], "S"),
        (MISLEADING["code"], "C"),
        (MISLEADING["block"], "U"),
        ("let x = (a + b) / 2; // it's\nlet n = '${a}', m = ${b}", "SC"),
        ("let x = i++ / 2; // it's 5/6 '${a}'", "S"),
        ("let x = a[0] / 2; // it's ${a}", "S"),
        ("f({}) / 2; '${a}' + ${b}", "SC"),
        ("let x = {} / 2; '${a}'", "S"),
        ("/* ' */ `${a} ${ b } ${c}` + ${d}", "SSC"),
        ("yield /'/; '${a}'", "U"),
        ("let \\u{61} = '${a}'", "S"),
        ("#! it's\n'${a}'", "S"),
        # What no script is.
        ("} '${a}'", "U"),
        ("( } '${a}'", "U"),
        ("`${a}", "U"),
        ("'\n${a}'", "U"),
        ("/* ${a}", "U"),
        # More ways to read it than are followed.
        ("{}/1;" * 40 + "'${a}'", None),
    ],
)
def test_where_strings_of_scripts_are(script: str, readings: str | None) -> None:
    """Each placeholder of a script is in a string, in code, or nobody knows: S, C or U."""
    found = "".join(reading.name[0] for reading in placeholders_of(script))
    assert found == readings if readings is not None else found in ("S", "U")


@given(st.lists(st.sampled_from(["/", "'", '"', "`", "${", "}", "${a}", "{", "(", ")", "\n", "x", "if", "<!--", "++"])))
@settings(max_examples=300)
def test_every_script_can_be_read(pieces: list[str]) -> None:
    """Whatever the script, there is one reading for each placeholder."""
    script = "".join(pieces)
    assert len(placeholders_of(script)) == len(PLACEHOLDER.findall(script))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on PATH")
def test_javascript_reads_the_value() -> None:
    """Node.js, running the scripts of filled pages, finds the values in them."""
    values = [*HOSTILE, "".join(HOSTILE), "é\u00a0ß中", ""]
    checks = []
    for text in SCRIPTS:
        for value in values:
            page = fill(text, a=value)
            script = Reader(page).attributes[0][2] if text.startswith("<p") else Reader(page).text
            checks.append({"script": script, "value": value})
    program = (
        "for (const {script, value} of JSON.parse(require('fs').readFileSync(0, 'utf8')))"
        " { const found = new Function(script + '\\n;return a')(); if (found !== value) throw new Error(script); }"
    )
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run([node, "-e", program], input=json.dumps(checks), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("value", "expression"),
    [
        (12, "12"),
        (-0.5, "-0.5"),
        (Decimal("1E+2"), "1E+2"),
        (Fraction(1, 3), '"1\\u002f3"'),
        (True, "true"),
        ("12", '"12"'),
        (date(2026, 9, 30), '"2026\\u002d09\\u002d30"'),
        ([1, "</script>", None], '[1, "\\u003c\\u002fscript\\u003e", null]'),
        (["+x.y, z"], '["\\u002bx\\u002ey\\u002c\\u0020z"]'),
        ({"a b": 1}, '{"a\\u0020b": 1}'),
        ({"é'": ["\u2028\U0001f600"]}, '{"é\\u0027": ["\\u2028\\ud83d\\ude00"]}'),
    ],
)
def test_whole_expressions(value: object, expression: str) -> None:
    """Outside of a script's strings a value is written with its own quotes, or as JSON: so scripts of JSON take it."""
    assert fill("<script>let a = ${a};</script>", a=value) == f"<script>let a = {expression};</script>"
    page = fill('<script type="application/json">{"a": ${a}}</script>', a=value)
    found = json.loads(Reader(page).text)["a"]
    assert found == (value if isinstance(value, str | int | list | dict) else json.loads(expression))


@given(CARRIED)
def test_strings_of_styles(value: str) -> None:
    """In a string or an address of a style, CSS reads exactly the value."""
    page = fill(
        '<style>p::after { content: "${a}"; background: url(${a}) } /* ${a} */</style><p style="--a: url(${a})">',
        a=value,
    )
    written = re.findall(r'content: "(.*?)"|url\((.*?)\)|/\* (.*?) \*/', page)
    assert len(written) == 4
    for each in written:
        assert _css("".join(each)) == value


def _css(text: str) -> str:
    assert re.fullmatch(r"(?:[\w,.]|\\[0-9a-f]+ )*", text)  # a space of its own would end an address
    return re.sub(r"\\([0-9a-f]+) ", lambda match: chr(int(match[1], 16)), text)


@pytest.mark.parametrize("value", ["red", "#ff0000", "12.5px", "50%", "-1em", "Times New Roman, serif", 12])
def test_simple_styles(value: object) -> None:
    """Colours, lengths and names go into styles as they are."""
    assert fill("<style>p { x: ${a} }</style>", a=value) == f"<style>p {{ x: {value} }}</style>"
    assert fill('<p style="x: ${a}">', a=value) == f'<p style="x: {value}">'


@pytest.mark.parametrize("value", ["red; x: y", "} *", "url(x)", "</style>", "/*", "'", '"', "\\", "a:b", "@x", "\n"])
def test_styles_that_are_refused(value: str) -> None:
    """What could end a declaration is refused outside of quotes, with the rule."""
    for text in ("<style>p { x: ${a} }</style>", '<p style="x: ${a}">'):
        assert "is put into CSS, where outside of quotes" in refusal(text, {"a": value}).text


@pytest.mark.parametrize(
    "text",
    [
        "<option ${a}>",
        "<p ${a}='x'>",
        "<p${a}>",
        "<p data-${a}=b>",
        "</p${a}>",
        "<iframe srcdoc='${a}'></iframe>",
        "<script type='text/template'><b>${a}</b></script>",
        "<script type=text/x-handlebars>${a}</script>",
        "<p onclick='&#36;{b} ${a}'>",
        "<p title='${a}",
        "<button @click=\"say('${a}')\">",
        "<b v-on:click=\"say('${a}')\">",
        "<b :title=\"'${a}'\">",
        "<b x-data=\"{n: '${a}'}\">",
        "<b ng-click=\"f('${a}')\">",
        "<b data-ng-click=\"f('${a}')\">",
        "<b hx-on:click=\"f('${a}')\">",
        "<b hx-vals='js:{a: \"${a}\"}'>",
        "<b (click)=\"f('${a}')\">",
        "<b data-bind=\"text: '${a}'\">",
        "<svg><animate attributeName='href' to='${a}'/></svg>",
        "<svg><set attributeName='onclick' to='${a}'/></svg>",
        "<svg><animate attributeName='href' values='x;${a}'/></svg>",
        "<script type='text/babel'><p>it's</p>; let a = '${a}'</script>",
        # Read by other rules than those of HTML.
        "<svg><title><a href=x title=${a}>i</a></title></svg>",
        "<svg><style><b title=${a}></style></svg>",
        "<svg><style>p { x: '<b>' } /* ${a} */</style></svg>",
        "<svg><style>p { x: '&quot;${a}' }</style></svg>",
        "<svg a=b/><title><b title=${a}></title></svg>",
        "<svg><desc></svg><title><b title=${a}></title>",
        "<math><title><b></title></math>${a}",
        "<svg><![CDATA[<b title=${a}>]]></svg>",
        "<select><xmp><b title=${a}></xmp></select>",
        "<frameset><style><b title=${a}></style>",
    ],
)
def test_places_where_no_value_is_safe(text: str) -> None:
    """Where a value could become anything it is refused, unless its author says that it is meant to."""
    assert "only Raw values are put" in refusal(text, {"a": "selected"}).text
    assert fill(text, a=Raw("selected")) == text.replace("${a}", "selected")
    assert HTMLTemplate(text, raw={"a"}).fill({"a": "x"}).html_content == text.replace("${a}", "x")


@pytest.mark.parametrize(
    "text",
    ["<a href='${a}'>", "<iframe src='${a}'>", "<form action=${a}>", "<button formaction='${a}'>", "<a href=' ${a}'>"],
)
def test_addresses_that_are_scripts(text: str) -> None:
    """A javascript: address is refused in all spellings that browsers understand; others are taken."""
    for value in ("javascript:x()", " JavaScript:x", "java\nscript:x", "\x01javascript:x", "vbscript:x"):
        if value[0] == "\x01":
            assert runs_script(value)
        else:
            said = refusal(text, {"a": value}).text
            assert "would be a script, and an address that is a script takes Raw values only: give the" in said
    for value in ("https://example.org/?javascript:x", "javascript", "data:image/png;base64,AA", "/x", "#javascript:"):
        fill(text, a=value)
    fill(text, a=Raw("javascript:x()"))


@pytest.mark.parametrize(
    "text", ["<script src='${a}'></script>", "<embed src='${a}'>", "<svg><script xlink:href='${a}'></script></svg>"]
)
def test_scripts_within_addresses(text: str) -> None:
    """Where what an address names is run, it may not hold the script itself."""
    for value in ("data:text/javascript,x()", " DATA:,x", "javascript:x()"):
        assert "would be a script, and" in refusal(text, {"a": value}).text
    fill(text, a="https://example.org/x.js?data:")


def test_addresses_with_raw_parts() -> None:
    """Only an address of nothing but raw values is the author's own; one more value, and it is looked at."""
    text = '<a href="${base}${path}">'
    for row in (
        {"base": Raw(""), "path": "javascript:x()"},
        {"base": "javascript:x()//", "path": Raw("?a=1&amp;b=2")},
        {"base": Raw("java&#115;cript:"), "path": "x()"},
    ):
        assert "base, path: the address in href of <a> would be a script" in refusal(text, row).text
    assert "would be a script" in refusal(text, {"base": "", "path": "javascript:x()"}, raw={"base"}).text
    fill(text, base=Raw("https://example.org/?a=1&amp;b="), path="javascript:x()")
    fill(text, base=Raw("javascript:"), path=Raw("x()"))


def test_addresses_in_parts() -> None:
    """It is the whole address that counts, and not one value of it."""
    text = "<a href='${a}${b}'>"
    assert "a, b: the address in href of <a> would be a script" in refusal(text, {"a": "java", "b": "script:x"}).text
    # The template's own script is one whatever the value.
    assert "a: the address in" in refusal("<a href='javascript:go(${a})'>", {"a": "7"}).text
    fill("<a href='https://example.org/${a}'>", a="javascript:x")
    fill("<p title='${a}'>", a="javascript:x")


# The page around the values.

PIECES = [
    "${a}",
    "${b}",
    "<",
    "</",
    "<!--",
    "-->",
    "<!",
    "<?",
    ">",
    "/",
    '"',
    "'",
    "=",
    " ",
    "\n",
    "<p ",
    "<p title=",
    "<a href='",
    "</p>",
    "<script>",
    "</script>",
    "<script",
    "<style>",
    "</style>",
    "<textarea>",
    "</textarea>",
    "<title>",
    "</title>",
    "<xmp>",
    "</xmp>",
    "<noscript>",
    "</noscript>",
    "<svg>",
    "<svg/>",
    "</svg>",
    "<math>",
    "<mi>",
    "<desc>",
    "<foreignObject>",
    "<select>",
    "<template>",
    "<table>",
    "<![CDATA[",
    "]]>",
    "</scr",
    "-",
    "x",
    "&",
    "<!doctype html>",
    " onclick=",
    "`",
    "//",
    "\\",
]


def structure(page: str) -> list[tuple[object, ...]]:
    """What of a page is markup, as browsers read it: its elements with their attributes' names, and its comments."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"))
    # As in browsers, where <noscript> holds text only.
    return list(_nodes(parser.parse(page, scripting=True), 0))


def _nodes(node: Any, depth: int) -> Iterator[tuple[object, ...]]:
    name = node.tag if isinstance(node.tag, str) else "a comment"
    yield depth, name, *sorted(map(str, node.attrib))
    for each in node:
        yield from _nodes(each, depth + 1)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), CARRIED, CARRIED)
@settings(max_examples=1500)
def test_values_change_nothing_around_them(text: str, a: str, b: str) -> None:
    """Whatever the page and the values, another reader finds the elements, attributes and comments of a plain word."""
    if not text or text.isspace():
        return
    template = HTMLTemplate(text)
    try:
        plain = template.fill(dict.fromkeys(template.names, "zz")).html_content
        # The letter in front, because text and white space make different trees, and so does nothing.
        page = template.fill({name: {"a": f"z{a}", "b": f"z{b}"}[name] for name in template.names}).html_content
    except InvalidRequest:
        return
    assert structure(page) == structure(plain)


@pytest.mark.parametrize("text", ["<${a} x>", "</${a}>", "<textarea></${a}></textarea>", "<script>'</${a}>'</script>"])
@pytest.mark.parametrize("value", ["script", "img src=x", "textarea", "/textarea"])
def test_a_bracket_and_a_value_make_no_tag(text: str, value: str) -> None:
    """A value that stands right behind a < is a text, even if it is the name of an element."""
    page = fill(text, a=value)
    assert structure(page) == structure(text)
    assert "would make a tag" in refusal(text, {"a": ""}).text


def test_brackets_in_scripts_and_styles() -> None:
    """Neither a script nor a style is ended by a value behind a </; comparisons are left alone."""
    assert fill("<script>let a = '</${a}'</script>", a="script") == "<script>let a = '</\\u0073cript'</script>"
    assert fill("<style>p { x: '</${a}' }</style>", a="style") == "<style>p { x: '</\\73 tyle' }</style>"
    assert "would make a tag" in refusal("<style></${a}</style>", {"a": "style"}).text
    assert fill("<script>if (1 <${a}) x()</script>", a=2) == "<script>if (1 <2) x()</script>"


@given(st.lists(st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True), min_size=1, unique=True), TEXTS)
def test_names_found_are_names_filled(names: list[str], between: str) -> None:
    """Each placeholder is found once, in order, and filled wherever it stands; nothing else is."""
    between = carried(between).replace("<", "").replace("$", "")
    text = between.join(f"${{{name}}}" for name in [*names, *names])
    template = HTMLTemplate(text)
    assert template.names == tuple(names)
    page = template.fill({name: f"[{name}]" for name in names}).html_content
    assert page == re.sub(r"\$\{(\w+)\}", r"[\1]", template.text)


@given(TEXTS)
def test_filling_is_done_once(value: str) -> None:
    """What looks like a placeholder in a value stays what it looks like."""
    value = carried(value) + "${b}${a}"
    page = fill("<p>${a}</p>${b}", a=value, b="B")
    assert Reader(page).text == read(value) + "B"


def test_what_is_a_placeholder() -> None:
    """Letters of any script, digits and underscores make a name; all else stays, JavaScript's own included."""
    text = "<p>$a {a} ${} ${a-b} ${ a } $${a} ${größe_1} ${A}</p><script>`${ x } ${x.y} ${f(x)}`; $('#p')</script>"
    template = HTMLTemplate(text)
    assert template.names == ("a", "größe_1", "A")
    page = template.fill({"a": 1, "größe_1": 2, "A": 3}).html_content
    assert page == text.replace("${a}", "1").replace("${größe_1}", "2").replace("${A}", "3")


def test_names_that_are_no_placeholders() -> None:
    """A name in `ignore` stays as it is, and takes no value."""
    template = HTMLTemplate("<p>${a}</p><script>`${x}`</script>", ignore=["x"])
    assert template.names == ("a",)
    assert template.fill({"a": "b"}).html_content == "<p>b</p><script>`${x}`</script>"
    assert "has x, for which the page has no placeholder" in refusal(template.text, {"a": 1, "x": 2}, ignore={"x"}).text


@pytest.mark.parametrize("option", ["ignore", "raw"])
def test_options_name_placeholders(option: str) -> None:
    """A name that the page does not have is a slip of the pen; a string is no collection of names."""
    for names, reason in (({"a", "z", "y"}, "has y, z, which are no placeholders"), ("a", "is 'a'; give"), (5, "is 5")):
        error = refusal("${a}", **{option: names})
        assert error.argument == option
        assert reason in error.text


# Rows.


def test_all_problems_at_once() -> None:
    """Missing values, unused columns and values that do not fit are told together, by their names."""
    text = "<p title='${a}'>${b} ${c} ${d}</p><style>p { x: ${e} }</style>"
    error = refusal(text, {"d": None, "e": ";", "f": 1, "g": 2, "c": float("nan")})
    assert error.argument == "row"
    assert error.text == (
        "has no value for a, b; has f, g, for which the page has no placeholder; "
        "c is nan, as libraries for tables write an empty cell: give an empty string instead; "
        "d is None; give an empty string if nothing is to be shown; "
        "e, in <style>, is put into CSS, where outside of quotes and url() only letters, digits, spaces and #%.,+_- "
        "are taken."
    )


def test_columns_without_a_place() -> None:
    """A column too many is told with what can be done about it; a name with blanks at its end is seen to have them."""
    assert refusal("${a}", {"a": 1, "id": 2}).text == (
        "has id, for which the page has no placeholder: leave it out, or write ${id} where it belongs. A column that "
        "only tells rows apart can be the key of a batch."
    )
    error = refusal("${a}", {" a": 1, "a;b": 2, "a-b": 3})
    assert error.text == "has no value for a; has ' a', 'a;b', a-b, for which the page has no placeholder."


class Colour(StrEnum):
    RED = "red"


class Letter(str, Enum):  # noqa: UP042 - whose str() is "Letter.A"
    A = "a<"


class NotATime(datetime):
    """As pandas has it."""

    def isoformat(self, *_: object, **__: object) -> str:
        return "NaT"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (0, "0"),
        (1234567, "1234567"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (Decimal("2.50"), "2.50"),
        (True, "true"),
        (False, "false"),
        (date(2026, 9, 30), "2026-09-30"),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), "2026-09-30T12:00:00+00:00"),
        (time(9, 5), "09:05:00"),
        (Colour.RED, "red"),
        (Letter.A, "a&lt;"),
        ([1, "é"], "[1, &quot;é&quot;]"),
        ({"a": (True, None)}, "{&quot;a&quot;: [true, null]}"),
        (Raw("<b>"), "<b>"),
        (escaped("<b>"), "&lt;b&gt;"),
    ],
)
def test_values(value: object, text: str) -> None:
    """Strings, numbers, dates, truth and structures have one text each."""
    assert fill("<p>${a}</p>", a=value) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "is None; give an empty string"),
        (float("inf"), "is inf, as libraries for tables"),
        (Decimal("sNaN"), "is sNaN, as libraries"),
        (NotATime(2026, 1, 1), "is NaT, as libraries"),
        (object(), "is of the type object, which has no text of its own"),
        (b"x", "is of the type bytes"),
        ({1, 2}, "is of the type set"),
        ([object()], "cannot be written as JSON"),
        ([float("nan")], "cannot be written as JSON"),
        pytest.param(10**5000, "thousands of digits", id="long"),
        ("a\x07", "holds U+0007 at character 2, which XML cannot carry"),
        ("\ud83d", "holds U+D83D at character 1"),
    ],
)
def test_values_that_are_refused(value: object, reason: str) -> None:
    """A value without a text that could be meant is refused, with its name."""
    assert refusal("<p>${a}</p>", {"a": value}).text.startswith(("a is ", "a cannot", "a, in <", "a, in the text, "))
    assert reason in refusal("<p>${a}</p>", {"a": value}).text


def test_structures_that_hold_themselves() -> None:
    """A list in itself is an error about the row, and none of Python's."""
    endless: list[object] = []
    endless.append(endless)
    assert "cannot be written as JSON" in refusal("${a}", {"a": endless}).text


@pytest.mark.parametrize("row", [[("a", 1)], "a", 5])
def test_rows_that_are_none(row: Any) -> None:
    """A row is a mapping."""
    assert "give a mapping of names to values" in refusal("${a}", row).text


def test_pages_that_would_fill_the_memory() -> None:
    """One long value in thousands of places is refused before the page is made."""
    error = refusal("${a}" * 10_000, {"a": "x" * 10_000_000})
    assert "makes a page of 100000000000 characters" in error.text
    assert "makes a document of" in refusal("${a}", {"a": "é" * 40_000}).text


def test_escaping_for_the_service() -> None:
    """`escaped` is for pages that the service fills; what it returns is not escaped again."""
    assert escaped("<b> & \"x\" 'y' \U0001f600\r") == "&lt;b&gt; &amp; &quot;x&quot; &#39;y&#39; &#128512;&#13;"
    assert repr(escaped("<")) == "Raw('&lt;')"
    assert escaped(12) == "12"
    for value in (None, "\x00"):
        with pytest.raises(InvalidRequest) as caught:
            escaped(value)
        assert "sent" not in str(caught.value)  # nothing was going to be


# Templates as values, and where they come from.


def test_the_question() -> None:
    """A filled template is an HTMLQuestion with the template's frame height."""
    question = HTMLTemplate("<p>${a}</p>", frame_height=450).fill({"a": "x"})
    assert question == HTMLQuestion("<p>x</p>", frame_height=450)


def test_templates_are_values() -> None:
    """Templates compare, hash and pickle by what they say, and do not change."""
    template = HTMLTemplate("<p>${a}${b}${c}</p>", frame_height=450, ignore=["c"], raw=("b",))
    assert template == HTMLTemplate("<p>${a}${b}${c}</p>", frame_height=450, ignore={"c"}, raw={"b"})
    assert template != HTMLTemplate("<p>${a}${b}${c}</p>", frame_height=450, ignore={"c"})
    assert len({template, dataclasses.replace(template)}) == 1
    copy = pickle.loads(pickle.dumps(template))
    assert copy == template
    assert copy.fill({"a": 1, "b": "<"}) == template.fill({"a": 1, "b": "<"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        template.text = ""  # type: ignore[misc]


def test_templates_are_fillable_and_no_questions() -> None:
    """Templates and layouts are filled alike; a template is nothing to send before that."""
    assert isinstance(HTMLTemplate("x"), Fillable)
    assert isinstance(HITLayout("3"), Fillable)
    assert not isinstance(HTMLQuestion("x"), Fillable)
    assert not isinstance(HTMLTemplate("x"), Document)


def test_a_long_template_is_shown_in_short() -> None:
    """The repr shows a short text, or the length of a long one, and the names."""
    assert repr(HTMLTemplate("<p>${a}")) == "HTMLTemplate('<p>${a}', names=('a',), frame_height=0)"
    assert repr(HTMLTemplate("x" * 5000)) == "HTMLTemplate(5000 characters, names=(), frame_height=0)"


def test_line_ends_marks_and_emoji() -> None:
    """Byte order marks go, line ends become line feeds, emoji references: templates compare as their pages do."""
    assert HTMLTemplate("\ufeff<p>\r\n\U0001f600\r${a}") == HTMLTemplate("<p>\n&#128512;\n${a}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (b"<p>", "is bytes"),
        ("<p>\x00", "U+0000 at character 4"),
        ("<script>'\U0001f600'</script>", "U+1F600 at character 10, inside <script>"),
    ],
)
def test_texts_that_are_refused(text: Any, reason: str) -> None:
    """What no page could be made of is refused when the template is made."""
    error = refusal(text)
    assert error.argument == "text"
    assert reason in error.text
    assert refusal("<p>", frame_height=-1).argument == "frame_height"


def test_from_a_file(tmp_path: Path) -> None:
    """A file in UTF-8 makes a template, with a byte order mark or without, and with any line ends."""
    path = tmp_path / "page.html"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_bytes("<p>é\r\n${a}${b}".encode(encoding))
        assert HTMLTemplate.from_file(path, frame_height=9, ignore={"a"}, raw={"b"}) == HTMLTemplate(
            "<p>é\n${a}${b}", frame_height=9, ignore={"a"}, raw={"b"}
        )
    assert HTMLTemplate.from_file(str(path)).names == ("a", "b")


def test_files_that_are_refused(tmp_path: Path) -> None:
    """Another encoding is told with the line; a missing file is Python's own error."""
    path = tmp_path / "page.html"
    path.write_bytes("<p>\né".encode("latin-1"))
    with pytest.raises(InvalidRequest, match=r"page\.html is not in UTF-8 \(line 2\)"):
        HTMLTemplate.from_file(path)
    with pytest.raises(FileNotFoundError):
        HTMLTemplate.from_file(tmp_path / "other.html")


def test_from_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is installed with a package is found through it."""
    folder = tmp_path / "pages_of_a_study" / "html"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "page.html").write_bytes(b"\xef\xbb\xbf<p>${a}")
    monkeypatch.syspath_prepend(tmp_path)

    assert HTMLTemplate.from_package("pages_of_a_study", "html/page.html", frame_height=5) == HTMLTemplate(
        "<p>${a}", frame_height=5
    )
    with pytest.raises(FileNotFoundError):
        HTMLTemplate.from_package("pages_of_a_study", "other.html")
    with pytest.raises(ModuleNotFoundError):
        HTMLTemplate.from_package("pages_of_nobody", "page.html")


# How pages are cut.


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=20).map("".join))
def test_the_pieces_are_the_page(page: str) -> None:
    """Whatever the page, its pieces follow each other without a gap, and no placeholder is lost."""
    end = 0
    for token in tokens(page):
        assert token.start == end
        assert token.end > token.start or not token.closed
        end = token.end
    assert end == len(page)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("a<b", [(Kind.TEXT, "a"), (Kind.START, "<b")]),
        ("1 < 2", [(Kind.TEXT, "1 "), (Kind.TEXT, "< 2")]),
        ("<!-- > -- > --!>x", [(Kind.COMMENT, "<!-- > -- > --!>"), (Kind.TEXT, "x")]),
        ("<!-->x-->", [(Kind.COMMENT, "<!-->"), (Kind.TEXT, "x-->")]),
        ("<!--->x", [(Kind.COMMENT, "<!--->"), (Kind.TEXT, "x")]),
        ("<!x><?y></3>", [(Kind.COMMENT, "<!x>"), (Kind.COMMENT, "<?y>"), (Kind.COMMENT, "</3>")]),
        ("<!DocType html>", [(Kind.DOCTYPE, "<!DocType html>")]),
        ("<p a='>' b=\"'>\" c=> >", [(Kind.START, "<p a='>' b=\"'>\" c=>"), (Kind.TEXT, " >")]),
        ("<br/></br x='>'>", [(Kind.START, "<br/>"), (Kind.END, "</br x='>'>")]),
        ("<title><b></Title >", [(Kind.START, "<title>"), (Kind.TITLE, "<b>"), (Kind.END, "</Title >")]),
        (
            "<script>'</scripts>'</SCRIPT\n>",
            [(Kind.START, "<script>"), (Kind.RAW, "'</scripts>'"), (Kind.END, "</SCRIPT\n>")],
        ),
        (
            "<script><!--<script></script>--></script>x",
            [
                (Kind.START, "<script>"),
                (Kind.RAW, "<!--<script></script>-->"),
                (Kind.END, "</script>"),
                (Kind.TEXT, "x"),
            ],
        ),
        (
            "<script><!--></script>x",
            [(Kind.START, "<script>"), (Kind.RAW, "<!-->"), (Kind.END, "</script>"), (Kind.TEXT, "x")],
        ),
        ("<style>", [(Kind.START, "<style>"), (Kind.RAW, "")]),
        ("<plaintext></plaintext>", [(Kind.START, "<plaintext>"), (Kind.RAW, "</plaintext>")]),
    ],
)
def test_pieces(page: str, expected: list[tuple[Kind, str]]) -> None:
    """Pages are cut where browsers cut them."""
    assert [(token.kind, page[token.start : token.end]) for token in tokens(page)] == expected


def test_attributes() -> None:
    """Attributes are found with their values and quotes, in the odd forms that browsers take, too."""
    page = "<p A=1 b = '2' c d=\"3\"e=4/5 =f g=>"
    (tag,) = tokens(page)
    assert [(each.name, page[each.start : each.end], each.quote) for each in tag.attributes] == [
        ("a", "1", ""),
        ("b", "2", "'"),
        ("c", "", ""),
        ("d", "3", '"'),
        ("e", "4/5", ""),
        ("=f", "", ""),
        ("g", "", ""),
    ]


def test_placeholders_are_the_marketplaces() -> None:
    """The marketplace's layouts have the same placeholders as templates."""
    from aioturk.marketplace.service import layouts

    assert layouts._PLACEHOLDER.pattern == PLACEHOLDER.pattern
