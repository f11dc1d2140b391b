"""Looking at pages: what goes wrong on the real site is noticed, sound pages are not, and nothing is raised."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import HTMLQuestion, HTMLTemplate, questions
from aioturk.demo import digits
from aioturk.errors import InvalidRequest
from aioturk.questions import Finding
from aioturk.questions._document import SIZE_LIMIT
from aioturk.questions.html import NAMESPACE

PRODUCTION = "https://www.mturk.com/mturk/externalSubmit"
SANDBOX = "https://workersandbox.mturk.com/mturk/externalSubmit"
CROWD = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'


JQUERY = '<script src="https://code.jquery.com/jquery-3.7.1.min.js"></script>'


def page(
    fields: str = '<input name="q">',
    *,
    start: str = "<!DOCTYPE html>",
    form: str = f'method="post" action="{SANDBOX}"',
    assignment: str = '<input type="hidden" name="assignmentId" id="assignmentId">',
    button: str = "<button>Submit</button>",
    script: str = '<script>document.getElementById("assignmentId").value = "?"</script>',
) -> str:
    """A sound page, or one with a fault in a part of it."""
    return f"{start}\n<form {form}>\n{assignment}\n{fields}\n{button}\n</form>\n{script}"


def crowd(fields: str, script: str = CROWD) -> str:
    """A page with crowd elements."""
    return f"<!DOCTYPE html>{script}<crowd-form>{fields}</crowd-form>"


def codes(text: str, environment: str | None = "sandbox") -> list[str]:
    """The codes of what is found in a page, as a question and as a template."""
    found = [finding.code for finding in HTMLQuestion(text).lint(environment)]
    assert [finding.code for finding in HTMLTemplate(text).lint(environment)] == found
    return found


SOUND = {
    "sound": page(),
    "comment first": page(start="\n<!-- by us -->\n<!doctype HTML>"),
    "input as button": page(button='<input type="SUBMIT">'),
    "picture as button": page(button='<input type="image" alt="Submit">'),
    "button of the crowd elements": page(button=f"{CROWD}<crowd-button form-action=submit>Submit</crowd-button>"),
    "submitted by a script": page(button="<button type=button onclick='this.form.submit()'>"),
    "script of the manual": page(
        script='<script src="https://s3.amazonaws.com/mturk-public/externalHIT_v1.js"></script>'
        "<script>turkSetAssignmentID()</script>"
    ),
    "filled by its own value": page(assignment='<input type=hidden name=assignmentId value="x">', script=""),
    "field made by a script": page(assignment="", script="<script>add('assignmentId')</script>"),
    "radio buttons share a name": page("<input type=radio name=a value=1><input type=radio name=a value=2>"),
    "several choices": page("<select name=a multiple><option>1<option>2</select><textarea name=b></textarea>"),
    "field of the form elsewhere": page(script='<script>assignmentId</script><input name=z form="f">'),
    "goes where a script says": page(form="", script="<script>turkSubmitTo; assignmentId</script>"),
    "link to plain http": page("<input name=q><a href='http://example.org'>more</a><img src='http://127.0.0.1/a.png'>"),
    "button elsewhere": page(form=f"method=post action={SANDBOX} id=f", button="") + "<button form=f>Submit</button>",
    "button switched on": page(
        button="<button disabled>Submit</button>", script="<script>assignmentId; button.disabled = false</script>"
    ),
    "fields made by a script": page("", script="<script>assignmentId; document.createElement('input')</script>"),
    "crowd form": crowd("<crowd-input name=a></crowd-input><crowd-checkbox name=b></crowd-checkbox>"),
    "crowd button": crowd('<crowd-input name=a></crowd-input><crowd-button form-action="submit"></crowd-button>'),
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_sound_pages(text: str) -> None:
    """Nothing is found in a page that works, whatever way it does."""
    assert codes(text) == []


def test_the_demonstrations_page_is_sound() -> None:
    """The page of our own demonstration is made for production, and says so when it is to be shown elsewhere."""
    text = digits.task_page(digits.load(1)[0])
    assert codes(text, "production") == codes(text, None) == []
    assert codes(text, "sandbox") == ["submit-url"]


FAULTS: dict[str, tuple[str, list[str]]] = {
    "no doctype": (page(start="<html>"), ["no-doctype"]),
    "doctype too late": (page(start="x<!DOCTYPE html>"), ["no-doctype"]),
    "no form": ("<!DOCTYPE html><p>", ["no-form"]),
    "form in a comment": ("<!DOCTYPE html><!-- <form> -->", ["no-form"]),
    "form in a form": (page("<form></form>"), ["nested-form", "no-submit", "no-field"]),
    "no button": (page(button="<button type=button>x</button><input type=reset>"), ["no-submit"]),
    "button outside": (page(button="") + "<button>Submit</button>", ["no-submit"]),
    "button of another form": (page(button="<button form=other>Submit</button>"), ["no-submit"]),
    "button switched off": (page(button="<button disabled>Submit</button>"), ["disabled-submit"]),
    "no field": (page(""), ["no-field"]),
    "no crowd field": (crowd("<p>"), ["no-field"]),
    "file": (page("<input type=file name=f>"), ["file-field"]),
    "another form": (
        page() + f"<form method=post action='{SANDBOX}'><input name=z></form>".replace("assignmentId", ""),
        ["no-submit"],
    ),
    "another form without a script": (
        page(assignment='<input type=hidden name=assignmentId value="x">', script="")
        + f"<form method=post action='{SANDBOX}'><input name=z></form>",
        ["no-submit", "no-assignment-id"],
    ),
    "assignmentId in comments": (
        page(assignment="", script="<script>/* assignmentId */ // assignmentId\n'//'</script>"),
        ["no-assignment-id"],
    ),
    "script of others": (page(assignment="", button="", script=JQUERY), ["no-submit", "no-assignment-id"]),
    "script of others, not filled": (page(script=JQUERY), ["assignment-id-not-filled"]),
    "crowd with a script of others": (crowd("<crowd-input name=a></crowd-input>", JQUERY), ["no-crowd-script"]),
    "no method": (page(form=f"action='{SANDBOX}'"), ["submit-method"]),
    "get": (page(form=f"action='{SANDBOX}' method=GET"), ["submit-method"]),
    "no action": (page(form="method=post"), ["submit-url"]),
    "relative": (page(form="method=post action=/mturk/externalSubmit"), ["submit-url"]),
    "production": (page(form=f"method=post action={PRODUCTION}"), ["submit-url"]),
    "another site": (page(form="method=post action=https://example.org/mturk/externalSubmit"), ["submit-url"]),
    "plain http": (page(form=f"method=post action={SANDBOX.replace('https', 'http')}"), ["submit-url"]),
    "another path": (page(form=f"method=post action={SANDBOX}s"), ["submit-url"]),
    "no URL at all": (page(form="method=post action='https://[x'"), ["submit-url"]),
    "no assignmentId": (page(assignment="", script=""), ["no-assignment-id"]),
    "assignmentId stays empty": (page(script=""), ["assignment-id-not-filled"]),
    "no name": (page("<input><select></select><textarea name=''></textarea>"), ["unnamed-field"] * 3),
    "hitId": (page("<input name=hitId>"), ["reserved-name"]),
    "same name": (page("<input name=a><textarea name=a></textarea>"), ["duplicate-name"]),
    "radio and text": (page("<input type=radio name=a value=1><input name=a>"), ["duplicate-name"]),
    "check boxes": (
        page("<input type=checkbox name=a value=1><input type=checkbox name=a value=2>"),
        ["joined-checkboxes"],
    ),
    "radio without value": (page("<input type=radio name=a><input type=radio name=a value=2>"), ["no-value"]),
    "outside": (page() + "<input name=z>", ["field-outside-form"]),
    "http": (page("<input name=q><img src='http://example.org/a.png'>"), ["insecure-address"]),
    "http in a set": (page("<input name=q><img srcset='https://x/a 1x, http://x/b 2x'>"), ["insecure-address"]),
    "http style": (page("<input name=q><link rel=stylesheet href=http://x/a.css>"), ["insecure-address"]),
    "comment without end": (page() + "<!-- ", ["unclosed"]),
    "script without end": (page() + "<script>", ["unclosed"]),
    "tag without end": (page() + "<p title='", ["unclosed"]),
    "crowd without script": (crowd("<crowd-input name=a></crowd-input>", ""), ["no-crowd-script"]),
    "crowd without name": (crowd("<crowd-input></crowd-input>"), ["unnamed-field"]),
    "crowd without form": (
        f"<!DOCTYPE html>{CROWD}<crowd-input name=a></crowd-input>",
        ["no-form", "crowd-outside-crowd-form"],
    ),
    "crowd in a form": (page(f"{CROWD}<crowd-input name=a></crowd-input>"), ["crowd-outside-crowd-form"]),
    "crowd names": (crowd("<crowd-input name=a></crowd-input><crowd-input name=a></crowd-input>"), ["duplicate-name"]),
    "nearly too large": (page() + "x" * 60_000, ["nearly-too-large"]),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_faults(text: str, expected: list[str]) -> None:
    """Each fault is found, and nothing besides."""
    assert sorted(codes(text)) == sorted(expected)


def test_a_finding_says_where_and_what_to_do() -> None:
    """It has a line, a sentence with the remedy, and a name; as a string it is all of them."""
    (finding,) = HTMLQuestion(page(form=f"method=post action={PRODUCTION}")).lint("sandbox")
    assert finding == Finding(
        "submit-url", f"The form posts to '{PRODUCTION}', which is another site's address: write {SANDBOX}.", 2
    )
    assert str(finding) == f"line 2: {finding.text} [submit-url]"


def test_what_a_loaded_script_may_do_is_said() -> None:
    """A script that nobody has looked at hides no fault; findings say that it may see to it."""
    found = HTMLQuestion(page("", assignment="", button="", script=JQUERY)).lint("sandbox")
    assert [finding.code for finding in found] == ["no-submit", "no-field", "no-assignment-id"]
    for finding in found:
        assert ", unless the script 'https://code.jquery.com/jquery-3.7.1.min.js' does it" in finding.text
    (crowded,) = HTMLQuestion(crowd("<crowd-input name=a></crowd-input>", JQUERY)).lint("sandbox")
    assert "jquery-3.7.1.min.js' does it: add <script" in crowded.text


@pytest.mark.parametrize(
    ("action", "right_in"),
    [
        (PRODUCTION, {"production", None}),
        (SANDBOX, {"sandbox", None}),
        ("/mturk/externalSubmit", {"local"}),
        (
            "https://turk.example.org/mturk/externalSubmit",
            {"https://turk.example.org", "https://turk.example.org/", "local"},
        ),
        ("http://127.0.0.1:7700/mturk/externalSubmit", {"http://127.0.0.1:7700", "local"}),
        ("${site}", {"production", "sandbox", "local", "https://turk.example.org", None}),
    ],
)
def test_each_environment_has_its_address(action: str, right_in: set[str | None]) -> None:
    """An address is right where its workers are: Amazon's two sites, this computer, a marketplace of one's own."""
    text = page(form=f'method="post" action="{action}"')
    for environment in (
        "production",
        "sandbox",
        "local",
        "https://turk.example.org",
        "https://turk.example.org/",
        "http://127.0.0.1:7700",
        None,
    ):
        expected = [] if environment in right_in else ["submit-url"]
        if action != "${site}" or environment in right_in:
            assert [finding.code for finding in HTMLTemplate(text).lint(environment)] == expected, environment


@pytest.mark.parametrize("environment", ["Sandbox", "", "https://x/path", "https://a@x", "ftp://x", "https://[x", 5])
def test_environments_that_are_none(environment: str) -> None:
    """Only the environment itself is an error."""
    with pytest.raises(InvalidRequest) as caught:
        HTMLQuestion("x").lint(environment)
    assert caught.value.argument == "environment"
    assert "sent" not in str(caught.value)  # nothing was going to be
    with pytest.raises(InvalidRequest):
        HTMLTemplate("x").complete(environment=environment)


def test_questions_that_were_read() -> None:
    """What the service keeps may be too large, or hold characters that it refuses today: both are noticed."""
    text = page("<input name=q><p>\U0001f600</p>" + "x" * SIZE_LIMIT)
    question = questions.parse(
        f'<HTMLQuestion xmlns="{NAMESPACE}"><HTMLContent><![CDATA[{text}]]></HTMLContent>'
        "<FrameHeight>0</FrameHeight></HTMLQuestion>"
    )
    assert isinstance(question, HTMLQuestion)
    assert [finding.code for finding in question.lint("sandbox")] == ["too-large", "character"]


PLACES: dict[str, tuple[str, list[str]]] = {
    "text and attributes": ("<p title='${a}' class=\"${a}\">${a}</p>", []),
    "strings of scripts": ("<script>let a = '${a}'</script><p onclick=\"x('${a}')\">", []),
    "no quotes": ("<img src=${a}>", ["unquoted-placeholder"]),
    "in a tag": ("<option ${a}>", ["unsafe-placeholder"]),
    "raw in a tag": ("<option ${html}>", []),
    "behind a bracket": ("<${a}", ["after-bracket"]),
    "whole expression": ("<script>let a = ${a}</script>", ["whole-value"]),
    "which script": ("<script src='${a}'></script>", ["script-address"]),
    "odd name": ("<p>${a} ${b c}</p><script>`${d e}`</script>", ["odd-placeholder"]),
}


@pytest.mark.parametrize(("part", "expected"), PLACES.values(), ids=PLACES)
def test_placeholders(part: str, expected: list[str]) -> None:
    """What may surprise about a placeholder's place is said, with its name; what is raw on purpose is not."""
    template = HTMLTemplate(page(f"<input name=q value='${{html}}'>{part}"), raw={"html"})
    found = template.lint("sandbox")
    assert [finding.code for finding in found] == expected
    assert all(("${a}" in finding.text or "${b c}" in finding.text) and finding.line == 4 for finding in found)


PIECES = [
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<form",
    "<input ",
    "<script>",
    "</script>",
    "${",
    "}",
    "${a}",
    "'",
    '"',
    "=",
    "name=",
    "\n",
]


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=20).map("".join), st.sampled_from(["local", None])
)
@settings(max_examples=300)
def test_no_page_is_too_broken(text: str, environment: str | None) -> None:
    """Every page that a question can hold can be looked at, and the lines are the page's."""
    try:
        template = HTMLTemplate(text)
    except InvalidRequest:
        return
    for findings in (template.lint(environment), HTMLQuestion(text).lint(environment)):
        assert [finding.line for finding in findings] == sorted(finding.line for finding in findings)
        assert all(1 <= finding.line <= text.count("\n") + text.count("\r") + 1 for finding in findings)


# A whole page around a fragment.


@pytest.mark.parametrize("environment", ["production", "sandbox", "local", "https://turk.example.org"])
@pytest.mark.parametrize(
    "fragment",
    [
        "<p>${text}</p><textarea name='answer'></textarea>",
        "<input name='answer'><input type=submit value='Go'>",
        "<input name='answer'><button form=other type=button></button>",
        "<input type=hidden name=assignmentId><input name='answer'>",
        "<crowd-input name='answer' label='${text}'></crowd-input>",
        f"{CROWD}<crowd-form><crowd-input name='answer'></crowd-input></crowd-form>",
        "<crowd-form><crowd-input name='answer'></crowd-input></crowd-form>",
    ],
)
def test_completed_pages_are_sound(fragment: str, environment: str) -> None:
    """A whole page is made of a fragment, and nothing is found in it, in the environment that it is for."""
    if "crowd-input" in fragment and "crowd-form" not in fragment:
        fragment = f"<crowd-form>{fragment}</crowd-form>"
    template = HTMLTemplate(fragment, frame_height=300)
    whole = template.complete(environment=environment, title="<Ages> & more", submit="Send “it”")
    assert whole.lint(environment) == ()
    assert (whole.names, whole.frame_height) == (template.names, 300)
    assert whole.text.startswith("<!DOCTYPE html>\n<html>")
    assert "<title>&lt;Ages&gt; &amp; more</title>" in whole.text
    assert whole.text.count("assets.crowd.aws") == ("crowd" in fragment)
    assert whole.text.lower().count("type=submit value") + whole.text.count('<button type="submit"') == (
        "crowd" not in fragment
    )
    assert whole.fill(dict.fromkeys(whole.names, "x")).lint(environment) == ()


def test_completing_keeps_the_options() -> None:
    """Names that are raw, or no placeholders, stay so."""
    whole = HTMLTemplate("${a}${b}<input name=q>", raw={"a"}, ignore={"b"}).complete()
    assert whole.names == ("a",)
    assert "<i>${b}<input" in whole.fill({"a": "<i>"}).html_content


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!DOCTYPE html><p>", "is a whole page already"),
        ("<body><p>", "is a whole page already"),
        ("</html>", "is a whole page already"),
        ("<form><input></form>", "has a form of its own"),
        ("<input></form>", "has a form of its own"),
        ("<input><!-- ", "ends within a tag, a comment"),
        ("<input><textarea>", "ends within"),
        ("<input><textarea>x", "ends within"),
        ("<input name='a", "ends within"),
    ],
)
def test_fragments_that_are_refused(text: str, reason: str) -> None:
    """What is a page already, or would swallow what comes after it, is not completed."""
    with pytest.raises(InvalidRequest) as caught:
        HTMLTemplate(text).complete()
    assert reason in caught.value.text


PROGRAM = r"""
const {script, search} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const field = {}, buttons = [{}, {}], form = {
  action: field, id: field,
  setAttribute(name, value) { this['set ' + name] = value; },
  querySelector(selector) { return selector === '[name=assignmentId]' ? field : null; },
  querySelectorAll() { return buttons; },
};
const window = {location: {search}};
const document = {getElementById: (id) => id === 'mturk_form' ? form : null};
new Function('window', 'document', script)(window, document);
console.log(JSON.stringify([field.value, form['set action'] || null, buttons.map((button) => !!button.disabled)]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on PATH")
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (
            "?assignmentId=3ABC&hitId=3H&workerId=A1&turkSubmitTo=https%3A%2F%2Fwww.mturk.com",
            ["3ABC", PRODUCTION, [False, False]],
        ),
        (
            "?assignmentId=3ABC&turkSubmitTo=http%3A%2F%2F127.0.0.1%3A7700%2F",
            ["3ABC", "http://127.0.0.1:7700/mturk/externalSubmit", [False, False]],
        ),
        ("?assignmentId=3ABC", ["3ABC", None, [False, False]]),
        ("?assignmentId=3ABC&turkSubmitTo=javascript:alert()", ["3ABC", None, [False, False]]),
        ("?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=3H", ["ASSIGNMENT_ID_NOT_AVAILABLE", None, [True, True]]),
        ("", ["ASSIGNMENT_ID_NOT_AVAILABLE", None, [True, True]]),
    ],
)
def test_the_completed_pages_script(search: str, expected: list[object]) -> None:
    """Run by Node.js: the id is filled in, answers go to the site that shows the page, and previews submit nothing."""
    text = HTMLTemplate("<input name='action'>").complete().text
    script = text.partition("<script>")[2].partition("</script>")[0]
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, "-e", PROGRAM],
        input=json.dumps({"script": script, "search": search}),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == expected
