"""
Liquid templates: pages as SageMaker Ground Truth and Augmented AI fill them, of which each row makes a question.

`HTMLTemplate` with its ``${name}`` is in `aioturk.questions.template`; here are pages with ``{{ task.input.name }}``,
conditions and loops. What Liquid itself does is in `aioturk.questions._liquid`, which needs the package python-liquid
and is loaded with the first template.

Ground Truth's manual: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-custom-templates-step2-automate.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aioturk._core.xml import unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import check_frame_height, described
from aioturk.questions._finding import Finding
from aioturk.questions._places import Syntax, Wrapping
from aioturk.questions.html import HTMLQuestion, carriable

if TYPE_CHECKING:
    from aioturk.questions._liquid import Program, StaticPlace

__all__ = ["LiquidTemplate"]


@dataclass(frozen=True, slots=True, repr=False)
class LiquidTemplate:
    r"""
    A page in Liquid, as written for Ground Truth and Augmented AI; `HTMLTemplate.from_liquid` makes one.

    A row is ``task.input``: ``{{ task.input.photo }}`` puts out its value of that name, ``{% if %}``, ``{% for %}``,
    ``{% assign %}``, ``{% capture %}`` and Liquid's other tags and filters work as its manual says. Pages are single
    files, so ``{% include %}`` and ``{% render %}`` are refused. It takes the extra ``aioturk[liquid]``.

    Whatever a value holds, the page around it stays what it is. All that is put out is written for the place where it
    stands, as by `HTMLTemplate`, which tells the rules: texts and attributes show exactly the value, and strings of
    scripts have it as their text. Ground Truth only escapes for HTML, everywhere; what differs because of that,
    scripts and styles, `lint` points out. Of Ground Truth's filters

    * ``to_json`` writes a value as JSON. In a text or an attribute that is escaped as all texts are, with or without
      ``escape`` behind it; in a script, ``let labels = {{ task.input.labels | to_json }};``, it is an expression.
    * ``skip_autoescape`` lets a value in as it is, wherever that is, scripts included: never say so of what somebody
      else wrote. The same holds for values that are `Raw`. Any other filter behind it makes a plain text of it again.
    * ``escape`` and ``escape_once`` say what happens anyway; the latter takes references in the value for what they
      stand for.
    * ``grant_read_access`` and ``s3_presign`` sign nothing here. Addresses are left as they are, and ``s3://BUCKET/KEY``
      becomes ``https://BUCKET.s3.amazonaws.com/KEY``, which workers can open if everybody can. Otherwise fill in an
      address that is signed, for as long as the task lasts.

    What is captured without tags is a text. With tags it is HTML, until a filter changes it. Lists and mappings are put
    out as JSON. There is no present day, since the same row has to make the same page again.

    A value that is missing may be asked for (``{% if task.input.note %}``) and have a ``default``; putting it out, or
    looping over it, is an error. So is a column that the template never names, which is mostly a name misspelt; not if
    the template uses ``task.input`` as a whole somewhere (``{{ task.input | to_json }}``,
    ``{% assign row = task.input %}``, ``task.input[name]``), for then any column may matter.

    Args:
        text: The page.
        frame_height: The frame's height in pixels; 0 lets the site size it.

    Attributes:
        names: The members of ``task.input`` that the template names, each once, in the order in which they first come.

    Raises:
        InvalidRequest: It is not written as Liquid is; the text says in which line, and why.
        ModuleNotFoundError: python-liquid is not installed.
    """

    text: str
    frame_height: int = field(default=0, kw_only=True)
    names: tuple[str, ...] = field(init=False, compare=False)
    _program: Program = field(init=False, compare=False)

    def __post_init__(self) -> None:
        check_frame_height(self.frame_height)
        text = _checked(self.text)
        program = _program_class()(text)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "names", program.names)
        object.__setattr__(self, "_program", program)

    def takes(self, name: str) -> bool:
        """Whether rows may have a value of this name."""
        return self._program.takes_all or name in self.names

    def fill(self, row: Mapping[str, object]) -> HTMLQuestion:
        """
        Return the question that a row makes.

        Args:
            row: What is ``task.input``.

        Raises:
            InvalidRequest: Values are missing, there are some that the template never names, or some cannot be put
                where they go; or the template fails, or makes too large a page.
        """
        if not isinstance(row, Mapping):
            raise InvalidRequest(f"is {type(row).__name__}; give a mapping of names to values.", argument="row")
        unused = [str(name) for name in row if not self.takes(name)]
        if unused:
            raise InvalidRequest(
                f"has {', '.join(unused)}, which the template never names as a member of task.input: leave it out, or "
                "see whether a name is misspelt.",
                argument="row",
            )
        return HTMLQuestion(self._program.page(row), frame_height=self.frame_height)

    def lint(self, environment: str | None = None) -> tuple[Finding, ...]:
        """
        Look for what goes wrong on the real site, as `HTMLQuestion.lint` does, and what Ground Truth does otherwise.

        It looks at all branches of the template as one page. What a row makes of it is seen by ``fill(row).lint()``.

        Args:
            environment: Where the page is to be shown: ``"production"``, ``"sandbox"``, ``"local"`` or a marketplace's
                URL. None means that either of Amazon's sites is as good.

        Returns:
            What was found, in the order of the page.

        Raises:
            InvalidRequest: The environment is none of these.
        """
        from aioturk.questions.lint import lint

        outline, static = self._program.outline()
        live = [each.place for each in static if each.is_live]
        trusted = frozenset(place.name for place in live)
        found = [
            replace(finding, text=self._program.in_words(finding.text, static))
            for finding in lint(_as_carried(outline), environment, places=live, trusted=trusted)
            if finding.code != "odd-placeholder"  # as ${...} is JavaScript's own here
        ]
        for each in static:
            line = outline.count("\n", 0, each.place.start) + 1
            found += [
                Finding(code, f"{each.words:.80}, in {each.place.where}, {text}", line)
                for code, holds, text in _PLACE_RULES
                if not each.is_live and holds(each)
            ]
        return tuple(sorted(found, key=lambda finding: finding.line))

    def complete(self, *, environment: str = "sandbox", title: str = "Task", submit: str = "Submit") -> LiquidTemplate:
        """
        Return a whole page around this one, which has to be the inside of a form, as `HTMLTemplate.complete` does.

        Args:
            environment: ``"production"``, ``"sandbox"``, ``"local"``, or the URL of a marketplace's worker site.
            title: The page's title.
            submit: What is written on the submit button; fragments with a button of their own keep that.

        Raises:
            InvalidRequest: It is a page already, or has a form of its own; or the environment is none of these.
        """
        from aioturk.questions._page import whole_page

        return replace(self, text=whole_page(self.text, environment=environment, title=title, submit=submit))

    def __reduce__(self) -> tuple[object, ...]:
        return _made, (self.text, self.frame_height)

    def __repr__(self) -> str:
        size = f"{len(self.text)} characters" if len(self.text) > _LOOK else repr(self.text)
        return f"LiquidTemplate({size}, names={self.names!r}, frame_height={self.frame_height!r})"


_LOOK = 60


def _made(text: str, frame_height: int) -> LiquidTemplate:
    return LiquidTemplate(text, frame_height=frame_height)


def _program_class() -> type[Program]:
    try:
        from aioturk.questions._liquid import Program
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "liquid":
            raise
        raise ModuleNotFoundError(
            "Liquid templates are read by python-liquid, which is not installed: pip install 'aioturk[liquid]'.",
            name=missing.name,
        ) from None
    return Program


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidRequest(f"is {type(text).__name__}; give the template as a string.", argument="text")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise InvalidRequest("is empty; give a whole page with a form.", argument="text")
    found = unsupported(text)
    if found is not None:
        raise InvalidRequest(
            f"holds {described(found, text)}, which XML cannot carry, not even as a reference: leave it out.",
            argument="text",
        )
    return text


def _as_carried(page: str) -> str:
    try:
        return carriable(page, "text")
    except InvalidRequest:
        return page  # of which the linter says what is wrong


_PLACE_RULES: tuple[tuple[str, Callable[[StaticPlace], bool], str], ...] = (
    (
        "unquoted-placeholder",
        lambda each: each.place.wrapping is Wrapping.OPEN,
        "has no quotes around it: in Ground Truth a space in the value would end it. Put quotes around it.",
    ),
    (
        "unsafe-placeholder",
        lambda each: each.place.syntax in (Syntax.TAG, Syntax.UNKNOWN),
        "stands where no value is safe: filling it takes Raw values, or | skip_autoescape behind it.",
    ),
    (
        "after-bracket",
        lambda each: each.place.exposed and each.place.syntax is Syntax.TEXT,
        "stands right behind a <: values become a text there, and never a tag. Write &lt; if that is meant.",
    ),
    (
        "value-in-script",
        lambda each: each.place.syntax is Syntax.SCRIPT_STRING,
        "stands in a string of a script, for which it is escaped here. Ground Truth escapes it for HTML: quotes arrive "
        "as &quot; there, backslashes and line ends break the string.",
    ),
    (
        "whole-value",
        lambda each: each.place.syntax is Syntax.SCRIPT and not each.is_json,
        "becomes a whole expression, a text with its quotes, while Ground Truth puts the text there as a part of the "
        "program: write | to_json behind it.",
    ),
    (
        "script-address",
        lambda each: each.place.where == "src of <script>",
        "decides which script is run: never fill it with what somebody else wrote.",
    ),
)
