"""
What goes wrong with pages on the real site, found by looking at them: `HTMLQuestion.lint` and `HTMLTemplate.lint`.

The service takes nearly every page, and workers then see one that cannot be submitted, or that loses answers. Nothing
found here is an error, and nothing is refused for it: a script may do what no look at a page can tell. What the
service is known to refuse is checked where questions are made, in `aioturk.questions.html`.

The rules of the page: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLQuestionArticle.html
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from aioturk._core.hosts import is_loopback
from aioturk._core.xml import beyond_bmp
from aioturk.questions._document import SIZE_LIMIT, described
from aioturk.questions._finding import Finding
from aioturk.questions._markup import PLACEHOLDER, Kind, Token, decoded, tokens
from aioturk.questions._places import Place, Syntax, Wrapping
from aioturk.questions._submitting import SUBMIT_PATH, is_submit_button, submit_host

__all__ = ["lint"]


def lint(
    page: str,
    environment: str | None = None,
    *,
    size: int = 0,
    places: Sequence[Place] = (),
    trusted: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """
    Look at a page.

    Args:
        page: The page.
        environment: Where it is to be shown; None means that either of Amazon's sites is as good.
        size: The size of its whole document in bytes; 0 for that of the page.
        places: Its placeholders.
        trusted: The names of those whose values go in as they are.

    Returns:
        What was found, in the order of the page.

    Raises:
        InvalidRequest: The environment is none.
    """
    hosts = None if environment is None else submit_host(environment)
    look = _Look(page, hosts, size or len(page.encode(errors="replace")), places, trusted)
    found = [Finding(code, text, look.line(position)) for rule in _RULES for position, code, text in rule(look)]
    return tuple(sorted(found, key=lambda finding: finding.line))


class _Tag:
    """A start tag, and the form that it stands in."""

    __slots__ = ("attributes", "form", "name", "position", "token")

    def __init__(self, page: str, token: Token, form: _Tag | None) -> None:
        self.token = token
        self.name = token.name
        self.position = token.start
        self.form = form
        self.attributes: Mapping[str, str] = {
            each.name: decoded(page[each.start : each.end]) for each in reversed(token.attributes)
        }

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Look:
    """A page, taken apart once for all rules."""

    def __init__(
        self, page: str, host: str | None, size: int, places: Sequence[Place], trusted: frozenset[str]
    ) -> None:
        self.page = page
        self.host = host
        self.size = size
        self.places = places
        self.trusted = trusted
        self.tokens = list(tokens(page))
        self.tags: list[_Tag] = []
        self.forms: list[_Tag] = []
        self.crowd_forms: list[_Tag] = []
        self.nested: list[_Tag] = []
        self._line_starts = [match.end() for match in re.finditer("\n", page)]
        form: _Tag | None = None
        for token in self.tokens:
            if token.kind is Kind.START:
                tag = _Tag(page, token, form)
                self.tags.append(tag)
                if token.name not in _FORMS:
                    continue
                if form is None:
                    form = tag
                    (self.forms if token.name == "form" else self.crowd_forms).append(tag)
                else:
                    self.nested.append(tag)
            elif token.kind is Kind.END and form is not None and token.name == form.name:
                form = None
        # Handlers in attributes are scripts as well.
        script = "\n".join(
            [
                page[token.start : token.end]
                for token in self.tokens
                if token.name == "script" and token.kind is Kind.RAW
            ]
            + [value for tag in self.tags for name, value in tag.attributes.items() if name.startswith("on")]
        )
        self.script = _STRING_OR_COMMENT.sub(lambda match: match[1] or "", script)
        self.loads = [tag.get("src").strip() for tag in self.tags if tag.name == "script" and "src" in tag.attributes]
        self.fields = [tag for tag in self.tags if _is_field(tag)]

    def line(self, position: int) -> int:
        return bisect_right(self._line_starts, position) + 1

    def submits_to_turk(self) -> bool:
        """Whether a script may set where the form goes."""
        return "turkSubmitTo" in self.script or "turkGetSubmitToHost" in self.script

    def unless(self) -> str:
        """Return the end of a sentence about what a script may do of which nothing is known here, if any is loaded."""
        strangers = [address for address in self.loads if _CROWD_SCRIPT not in address]
        return f", unless the script {strangers[0]!r:.80} does it" if strangers else ""

    def buttons(self, form: _Tag) -> Iterator[_Tag]:
        """Find the buttons that submit a form, which need not stand in it."""
        for tag in self.tags:
            if not is_submit_button(self.page, tag.token):
                continue
            if tag.get("form") == form.get("id") if "form" in tag.attributes else tag.form is form:
                yield tag

    def fields_of(self, form: _Tag) -> Iterator[_Tag]:
        """Find the fields of a form, which need not stand in it."""
        for tag in self.fields:
            if tag.get("form") == form.get("id") if "form" in tag.attributes else tag.form is form:
                yield tag


_CROWD_SCRIPT = "crowd-html-elements"
# Nearly: regular expressions are not told from divisions, as nothing depends on it.
_STRING_OR_COMMENT = re.compile(
    r"""("(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`)|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
_FORMS = frozenset({"form", "crowd-form"})
_BUTTONS = frozenset({"button", "image", "reset", "submit"})
# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLCustomElementsArticle.html
_CROWD_FIELDS = frozenset(
    {
        "crowd-bounding-box",
        "crowd-checkbox",
        "crowd-classifier",
        "crowd-classifier-multi-select",
        "crowd-entity-annotation",
        "crowd-image-classifier",
        "crowd-image-classifier-multi-select",
        "crowd-input",
        "crowd-instance-segmentation",
        "crowd-keypoint",
        "crowd-line",
        "crowd-point",
        "crowd-polygon",
        "crowd-polyline",
        "crowd-radio-button",
        "crowd-semantic-segmentation",
        "crowd-slider",
        "crowd-text-area",
        "crowd-toggle-button",
    }
)
_Found = tuple[int, str, str]


def _kind(tag: _Tag) -> str:
    return tag.get("type").strip().lower() if tag.name == "input" else tag.name


def _is_field(tag: _Tag) -> bool:
    """Whether a worker's answer may be in it: crowd elements count, buttons do not."""
    if tag.name == "input":
        return _kind(tag) not in _BUTTONS
    return tag.name in ("select", "textarea") or tag.name in _CROWD_FIELDS


def _beginning(look: _Look) -> Iterator[_Found]:
    for token in look.tokens:
        text = look.page[token.start : token.end]
        if token.kind is Kind.DOCTYPE:
            return
        if token.kind is not Kind.COMMENT and text.strip():
            break
    yield (
        0,
        "no-doctype",
        "The page does not begin with <!DOCTYPE html>, which the service asks of whole pages: begin it so, or let "
        "HTMLTemplate.complete() make a page of it.",
    )


def _endings(look: _Look) -> Iterator[_Found]:
    for token in look.tokens:
        if not token.closed and token.name != "plaintext":
            what = "A comment" if token.kind is Kind.COMMENT else f"<{token.name}>" if token.name else "A declaration"
            yield (
                token.start,
                "unclosed",
                f"{what} has no end here: browsers take the rest of the page for a part of it.",
            )


def _forms(look: _Look) -> Iterator[_Found]:
    if not look.forms and not look.crowd_forms:
        yield (
            0,
            "no-form",
            "There is no form, so nothing can be submitted: put the fields into one, or into a crowd-form, or let "
            "HTMLTemplate.complete() do it.",
        )
    for tag in look.nested:
        yield (
            tag.position,
            "nested-form",
            "A form stands in another one, and browsers leave it out: end the first before.",
        )


def _submission(look: _Look) -> Iterator[_Found]:
    for form in look.forms:
        method = form.get("method").strip().lower()
        if method != "post" and not look.submits_to_turk():
            yield (
                form.position,
                "submit-method",
                f"The form's method is {method or 'not given, which means get'}, so answers would go into an address, "
                'where long ones are cut off: write method="post".',
            )
        if not look.submits_to_turk():
            problem = _address_problem(form, look.host)
            if problem:
                yield form.position, "submit-url", problem
    if look.crowd_forms or re.search(r"\b(submit|requestSubmit|click)\s*\(", look.script):
        return
    for form in look.forms:
        buttons = list(look.buttons(form))
        if not buttons:
            yield (
                form.position,
                "no-submit",
                "The form has no submit button in it, and nothing is seen to submit it"
                f'{look.unless()}: add <button type="submit">.',
            )
        elif all("disabled" in tag.attributes for tag in buttons) and "disabled" not in look.script:
            yield (
                buttons[0].position,
                "disabled-submit",
                f"The submit button is disabled, and nothing is seen to enable it{look.unless()}: leave disabled out.",
            )


def _contents(look: _Look) -> Iterator[_Found]:
    for tag in look.fields:
        if _kind(tag) == "file":
            yield (
                tag.position,
                "file-field",
                "The site takes no files: of this field no more than a file's name arrives. Let a script of the page "
                "upload the file to a server of yours, and send its address in a hidden field.",
            )
    if _MAKES_FIELDS.search(look.script) or any(place.name in look.trusted for place in look.places):
        return
    for form in (*look.forms, *look.crowd_forms):
        if all(tag.get("name") == "assignmentId" for tag in look.fields_of(form)):
            yield (
                form.position,
                "no-field",
                "The form has no field for answers, and the site refuses submissions with none but the assignmentId"
                f"{look.unless()}: add one, which may be hidden.",
            )


# Ways for scripts to put fields into forms.
_MAKES_FIELDS = re.compile(
    r"createElement|innerHTML|outerHTML|insertAdjacentHTML|cloneNode|append|prepend|\.html\(|formdata"
)


def _address_problem(form: _Tag, host: str | None) -> str:
    action = form.get("action").strip()
    if PLACEHOLDER.search(action):
        return ""
    remedy = f"{host or 'https://www.mturk.com'}{SUBMIT_PATH}"
    if host is None:
        remedy += f" (in the sandbox, {submit_host('sandbox')}{SUBMIT_PATH})"
    url = _split(action)
    if url is None or not url.netloc:
        if host == "" and action == SUBMIT_PATH:
            return ""
        wrong = f"The form posts to {action!r:.80}, which is relative" if action else "The form has no action"
        return f"{wrong}, so that answers do not reach the site: write {remedy}."
    origin = f"{url.scheme}://{url.netloc}".lower()
    amazon = [submit_host("production"), submit_host("sandbox")]
    if host == "":
        if origin in amazon:
            return f"The form posts to Amazon ({action!r:.80}), not to this computer's marketplace: write {remedy}."
    elif origin not in ([host.lower()] if host else amazon):
        return f"The form posts to {action!r:.80}, which is another site's address: write {remedy}."
    if url.path != SUBMIT_PATH:
        return f"The form posts to {action!r:.80}, where nothing is submitted: write {remedy}."
    return ""


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None


def _assignment_id(look: _Look) -> Iterator[_Found]:
    if not look.forms or look.crowd_forms:
        return
    if re.search(r"assignmentId|turkSetAssignmentID", look.script):
        return
    for form in look.forms:
        there = [tag for tag in look.fields_of(form) if tag.get("name") == "assignmentId"]
        if not there:
            yield (
                form.position,
                "no-assignment-id",
                "The form has no field assignmentId, without which the site refuses every submission"
                f'{look.unless()}: add <input type="hidden" name="assignmentId">, and a script that fills it from the '
                "address of the page.",
            )
        elif not there[0].get("value"):
            yield (
                there[0].position,
                "assignment-id-not-filled",
                "Nothing is seen to fill in the field assignmentId, which the site puts into the address of the page"
                f'{look.unless()}: do it with new URLSearchParams(location.search).get("assignmentId").',
            )


def _names(look: _Look) -> Iterator[_Found]:
    for tag in look.fields:
        name = tag.get("name")
        if not name:
            yield (
                tag.position,
                "unnamed-field",
                f"This <{tag.name}> has no name, so its value is not sent: give it one.",
            )
        if name == "hitId":
            yield (
                tag.position,
                "reserved-name",
                "The service takes no notice of a field named hitId: name it otherwise.",
            )
        if tag.form is None and (look.forms or look.crowd_forms) and "form" not in tag.attributes:
            yield (
                tag.position,
                "field-outside-form",
                f"This <{tag.name}> stands outside of the form, so its value is not sent.",
            )
        if tag.name in _CROWD_FIELDS and tag.form is not None and tag.form.name == "form":
            yield (
                tag.position,
                "crowd-outside-crowd-form",
                f"<{tag.name}> stands in a form that is no crowd-form, where its value may not be sent.",
            )
    yield from _duplicates(look)


def _duplicates(look: _Look) -> Iterator[_Found]:
    by_name: dict[str, list[_Tag]] = {}
    for tag in look.fields:
        if tag.get("name"):
            by_name.setdefault(tag.get("name"), []).append(tag)
    for name, tags in by_name.items():
        kinds = Counter(map(_kind, tags))
        if set(kinds) == {"radio"}:
            for tag in tags:
                if "value" not in tag.attributes:
                    yield (
                        tag.position,
                        "no-value",
                        f"This choice of {name!r:.60} has no value: all such are sent as 'on'.",
                    )
        elif len(tags) > 1 and set(kinds) == {"checkbox"}:
            yield (
                tags[1].position,
                "joined-checkboxes",
                f"{len(tags)} check boxes share the name {name!r:.60}: what is ticked arrives as one answer, joined "
                "with |, which typed answers take apart again. With a name each they stay apart.",
            )
        elif len(tags) > 1 and set(kinds) != {"crowd-radio-button"}:
            yield (
                tags[1].position,
                "duplicate-name",
                f"{len(tags)} fields share the name {name!r:.60}: their values arrive as one answer, or only one of "
                "them does. Give each a name of its own.",
            )


def _crowd(look: _Look) -> Iterator[_Found]:
    used = [tag for tag in look.tags if tag.name.startswith("crowd-")]
    if used and not any(_CROWD_SCRIPT in address for address in look.loads):
        yield (
            used[0].position,
            "no-crowd-script",
            f"<{used[0].name}> means nothing to browsers without its script{look.unless()}: add "
            '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>.',
        )
    if look.crowd_forms or not used or look.forms:
        return
    yield used[0].position, "crowd-outside-crowd-form", f"<{used[0].name}> stands in no crowd-form: put it into one."


_LOADED = frozenset({"background", "data", "poster", "src", "srcset"})


def _addresses(look: _Look) -> Iterator[_Found]:
    for tag in look.tags:
        for name, value in tag.attributes.items():
            if name not in _LOADED and not (name == "href" and tag.name == "link"):
                continue
            for address in re.findall(
                r"\bhttp://[^\s,]+" if name == "srcset" else r"\A\s*http://\S+", value, re.IGNORECASE
            ):
                url = _split(address.strip())
                if url is None or not is_loopback((url.hostname or "").lower()):
                    yield (
                        tag.position,
                        "insecure-address",
                        f"{name} of <{tag.name}> is {address.strip()!r:.80}: the worker site is https, and browsers "
                        "load nothing from plain http inside it. Serve it over https.",
                    )


def _characters(look: _Look) -> Iterator[_Found]:
    found = beyond_bmp(look.page)
    if found is not None:
        yield (
            found[0],
            "character",
            f"The page holds {described(found, look.page)}; the service takes no characters above U+FFFF. Write a "
            "numeric reference in HTML, an escape in scripts and styles.",
        )


_NEARLY = SIZE_LIMIT * 9 // 10


def _size(look: _Look) -> Iterator[_Found]:
    values = ", the values in it not counted" if look.places else ""
    if look.size > SIZE_LIMIT:
        yield 0, "too-large", f"The page has {look.size} bytes{values}; the service takes at most {SIZE_LIMIT}."
    elif look.size > _NEARLY:
        yield (
            0,
            "nearly-too-large",
            f"The page has {look.size} bytes{values}; the service takes at most {SIZE_LIMIT}. Move scripts and styles "
            "into files of their own on the web.",
        )


def _placeholders(look: _Look) -> Iterator[_Found]:
    for place in look.places:
        for code, holds, text in _PLACE_RULES:
            if place.name not in look.trusted and holds(place):
                yield place.start, code, f"${{{place.name}}}, in {place.where}, {text}"
    if not look.places:
        return
    for token in look.tokens:
        if token.kind is Kind.RAW:
            continue  # scripts have a ${...} of their own
        for odd in _ODD.finditer(look.page, token.start, token.end):
            yield (
                odd.start(),
                "odd-placeholder",
                f"{odd[0]!r:.60} is no placeholder, and workers see it as it stands: names have letters, digits and "
                "underscores only.",
            )


_ODD = re.compile(r"\$\{(?!\w+\})[^{}<>\n]*\}")
_PLACE_RULES: tuple[tuple[str, Callable[[Place], bool], str], ...] = (
    (
        "unquoted-placeholder",
        lambda place: place.wrapping is Wrapping.OPEN,
        "has no quotes around it: on the requester site a space in the value would end it. Put quotes around it.",
    ),
    (
        "unsafe-placeholder",
        lambda place: place.syntax in (Syntax.TAG, Syntax.UNKNOWN),
        "stands where no value is safe: filling it takes Raw values, or its name in raw.",
    ),
    (
        "after-bracket",
        lambda place: place.exposed and place.syntax is Syntax.TEXT,
        "stands right behind a <: values become a text there, and never a tag. Write &lt; if that is meant.",
    ),
    (
        "whole-value",
        lambda place: place.syntax is Syntax.SCRIPT,
        "becomes a whole expression, a text with its quotes, while the requester site puts the text there as it is: "
        "put quotes around it if it is a text, or fill in a number or a list.",
    ),
    (
        "script-address",
        lambda place: place.where == "src of <script>",
        "decides which script is run: never fill it with what somebody else wrote.",
    ),
)

_RULES: tuple[Callable[[_Look], Iterator[_Found]], ...] = (
    _beginning,
    _endings,
    _forms,
    _submission,
    _contents,
    _assignment_id,
    _names,
    _crowd,
    _addresses,
    _characters,
    _size,
    _placeholders,
)
