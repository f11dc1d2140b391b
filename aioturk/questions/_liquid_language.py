"""
Liquid as Ground Truth and Augmented AI speak it: the filters and tags, what rows are in it, and what may be put out.

The language itself is python-liquid's, which is imported with this module only; its own escaping is off. How a page
comes of what is put out is in `aioturk.questions._liquid`.

Ground Truth's filters: https://docs.aws.amazon.com/sagemaker/latest/dg/sms-custom-templates-step2-automate.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache, wraps
from io import StringIO
from numbers import Number
from typing import Any, NamedTuple, NoReturn, TextIO
from urllib.parse import quote

from liquid import BoundTemplate, Environment, Node, RenderContext, Tag, Token, TokenStream
from liquid.builtin.filters.misc import date as date_filter
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.capture_tag import CaptureNode, CaptureTag
from liquid.builtin.tags.cycle_tag import CycleNode, CycleTag
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import FilterArgumentError, LiquidError, LiquidSyntaxError, ResourceLimitError, UndefinedError
from liquid.filter import with_context, with_environment
from liquid.undefined import UNDEFINED, Undefined
from liquid.utils import ReadOnlyChainMap

from aioturk.questions._document import SIZE_LIMIT
from aioturk.questions._markup import PLACEHOLDER, decoded
from aioturk.questions._values import Raw, Unfit, references, text_of_value

__all__ = ["LOOPS", "Json", "Run", "environment", "given", "line_of"]

LOOPS = 100_000
"""How many times loops within each other may go around."""

# A placeholder is longer than most of what it stands for.
_WRITTEN = 16 * SIZE_LIMIT
_OUTPUTS = 40_000


def line_of(text: str, position: int) -> int:
    """Return the number of a line, counted from 1."""
    return text.count("\n", 0, position) + 1


# Values.


class Live(str):
    """HTML that goes in as it is."""

    __slots__ = ()


class Json(str):
    """A value that was written as JSON."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The JSON."""
        return str.__str__(self)


class Escaped(str):
    """A value that was escaped, and is not to be escaped again."""

    __slots__ = ("value",)
    value: object

    def __new__(cls, value: object) -> Escaped:
        made = super().__new__(cls, references(_text(value)))
        made.value = value
        return made


class Written(str):
    """
    A part of the page, with placeholders in it.

    As a string it is what the placeholders stand for: a text, or HTML where there are tags around them.
    """

    __slots__ = ("is_html", "skeleton")
    skeleton: str
    is_html: bool

    def __new__(cls, text: str, skeleton: str, is_html: bool) -> Written:
        made = super().__new__(cls, text)
        made.skeleton = skeleton
        made.is_html = is_html
        return made

    def __sizeof__(self) -> int:
        return super().__sizeof__() + len(self.skeleton)


class Missing(Undefined):
    """What is not there. It may be asked for in a condition and have a default, and nothing else."""

    __slots__ = ("label",)
    force_liquid_default = True

    def __init__(self, name: str, *, token: Token | None = None, obj: object = UNDEFINED, hint: str | None = None):
        super().__init__(name, token=token, obj=obj, hint=hint)
        self.label = ""

    def told(self) -> str:
        """Return what is missing, and in which line it is asked for."""
        label = self.label or self.name
        where = "" if self.token is None else f" (line {line_of(self.token.source, self.token.start_index)})"
        if not label.startswith("task.input"):
            return f"{label}{where}, which nothing in the template sets, while a row's values are in task.input"
        return f"{label}{where}"

    def _raise(self, *_: object) -> NoReturn:
        raise UndefinedError(self.told(), token=self.token)

    def __getitem__(self, key: object) -> object:
        return self

    def __len__(self) -> int:
        self._raise()

    def __str__(self) -> str:
        self._raise()

    def __int__(self) -> int:
        self._raise()

    def poke(self) -> bool:
        """Refuse to be used as if it were there."""
        self._raise()


def given(value: object) -> object:
    """
    Return a value of a row as programs have it: with nothing about it that Liquid could take for its own.

    Raises:
        Unfit: It is none that templates take.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return (Live if isinstance(value, Raw) else str)(str.__str__(value))
    try:
        if isinstance(value, Mapping):
            return {str.__str__(key) if isinstance(key, str) else key: given(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [given(inner) for inner in value]
    except RecursionError:
        raise Unfit("holds lists and mappings in each other without an end") from None
    text_of_value(value)
    return value


def _text(value: object) -> str:
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, Mapping) and not isinstance(value, dict):
        raise Unfit(f"is Liquid's own {type(value).__name__}, which has no text: name a member of it")
    return text_of_value(value)


def _json(value: object) -> Json:
    try:
        return Json(json.dumps(value, ensure_ascii=False, allow_nan=False, default=_in_json))
    except (TypeError, ValueError, RecursionError) as error:
        raise Unfit(f"cannot be written as JSON ({error})") from None


def _in_json(value: object) -> object:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, range):
        return list(value)
    if isinstance(value, Number):
        real: Any = value
        return int(real) if real == int(real) else float(real)
    raise TypeError(f"{type(value).__name__} has no such form")


# Running.


class Put(NamedTuple):
    """Something that is put out: the name of its placeholder, its value, and the words for it in the template."""

    name: str
    value: object
    words: str


class Run(RenderContext):
    """
    One run of a program over a row.

    Attributes:
        outputs: What was put out, by the names of the placeholders.
        missing: What was missing.
        problems: What else was wrong.
    """

    __slots__ = ("_mark", "_row", "missing", "outputs", "problems")

    def __init__(self, template: BoundTemplate, row: Mapping[str, object], mark: str) -> None:
        super().__init__(template, globals={"task": {"input": row}})
        # Without the built-in `now` and `today`, with which no page could be made again.
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self._mark = mark
        self._row = row
        self.outputs: dict[str, Put] = {}
        self.missing: list[str] = []
        self.problems: list[str] = []

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Look up a path, and remember it where it leads nowhere."""
        found = super().get(path, token=token, default=default)
        if isinstance(found, Missing) and not found.label:
            first, *others = path
            found.label = f"{first}" + "".join(
                f".{each}" if isinstance(each, str) and each.isidentifier() else f"[{each!r}]" for each in others
            )
        return found

    def get_item(self, obj: Any, key: Any) -> Any:
        """Take a member; of the row itself, a column: how many there are, or the first, is never meant by its name."""
        if obj is self._row and isinstance(key, str):
            return obj[key]
        return super().get_item(obj, key)

    def ifchanged(self, val: str) -> bool:
        """Compare what placeholders stand for, since each is another one."""
        return super().ifchanged(self.meant(val))

    def meant(self, skeleton: str) -> str:
        """Return a part of the page with the texts of its placeholders."""
        return PLACEHOLDER.sub(lambda match: self._text_of(match[1], match[0]), skeleton)

    def _text_of(self, name: str, otherwise: str) -> str:
        return _text(self.outputs[name].value) if name in self.outputs else otherwise

    def captured(self, skeleton: str) -> Written:
        """Return a captured part of the page."""
        literal = PLACEHOLDER.split(skeleton)
        is_html = "<" in skeleton
        # The odd ones are names.
        parts = [
            (references if is_html else str)(self._text_of(part, f"${{{part}}}"))
            if place % 2
            else part
            if is_html
            else decoded(part)
            for place, part in enumerate(literal)
        ]
        if sum(map(len, parts)) > _WRITTEN:
            raise ResourceLimitError("more is captured than a page can hold", token=None)
        return Written("".join(parts), skeleton, is_html)

    def placeholder(self, value: object, words: str) -> str:
        """Return what stands for a value until its place is known."""
        if len(self.outputs) == _OUTPUTS:
            raise ResourceLimitError(f"more than {_OUTPUTS} values are put out", token=None)
        name = f"{self._mark}{len(self.outputs)}"
        self.outputs[name] = Put(name, value, words)
        return f"${{{name}}}"

    def put(self, value: object, node: Node) -> str:
        """Return what is written of a value."""
        if isinstance(value, Missing):
            self.missing.append(value.told())
            return ""
        if isinstance(value, Written):
            return value.skeleton
        if isinstance(value, Live):
            return str.__str__(value)
        words = f"{node!s:.80} (line {line_of(node.token.source, node.token.start_index)})"
        if isinstance(value, Escaped):
            value = value.value
        if value is None:
            self.problems.append(f'{words} is nothing (null); write | default: "" if nothing is to be shown')
            return ""
        try:
            return self.placeholder(value if isinstance(value, Json) else _plain(value), words)
        except Unfit as unfit:
            self.problems.append(f"{words} {unfit}")
            return ""


def _plain(value: object) -> object:
    """Return a value that pages take, or refuse it."""
    text = _text(value)
    return text if isinstance(value, str | range) else value


def _run(context: RenderContext) -> Run:
    assert isinstance(context, Run)
    return context


class _OutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(_run(context).put(self.expression.evaluate(context), self))


class _Output(Output):
    node_class = _OutputNode


class _EchoNode(EchoNode):
    render_to_output = _OutputNode.render_to_output


class _Echo(EchoTag):
    node_class = _EchoNode


class _CycleNode(CycleNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        chosen = StringIO()
        super().render_to_output(context, chosen)
        return buffer.write(_run(context).put(chosen.getvalue(), self))


class _Cycle(CycleTag):
    node_class = _CycleNode


class _CaptureNode(CaptureNode):
    def _assign(self, context: RenderContext, buf: StringIO) -> None:
        context.assign(self.name, _run(context).captured(buf.getvalue()))


class _Capture(CaptureTag):
    node_class = _CaptureNode


class _NoFiles(Tag):
    """A tag that would read another file."""

    block = False

    def parse(self, stream: TokenStream) -> Node:
        raise LiquidSyntaxError(
            f"{{% {self.name} %}} would read another file, and a page is a single one: put its text here",
            token=stream.current,
        )


class _Include(_NoFiles):
    name = "include"


class _Render(_NoFiles):
    name = "render"


# Filters. Those of Liquid itself return plain texts of texts, so that what they were made of is escaped once more.


def _skip_autoescape(value: object) -> object:
    if value is None or isinstance(value, Live | Written):
        return value
    if isinstance(value, Json):
        # The same JSON, of characters that end no script, and no attribute between single quotes.
        return Live(_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(json.loads(value.text))))
    return Live(_sound(value))


_ENDS = re.compile("[<>&']")


def _sound(value: object) -> str:
    try:
        return _text(value)
    except Unfit as unfit:
        raise FilterArgumentError(f"a value {unfit}", token=None) from None


def _to_json(value: object) -> object:
    try:
        return _json(value.value if isinstance(value, Escaped) else value)
    except Unfit as unfit:
        raise FilterArgumentError(f"a value {unfit}", token=None) from None


def _escape(value: object) -> object:
    if value is None or isinstance(value, Escaped):
        return value
    return Escaped(value if isinstance(value, Json) else _sound(value))


def _escape_once(value: object) -> object:
    if value is None or isinstance(value, Escaped):
        return value
    return Escaped(decoded(_sound(value)))


@with_context
def _newline_to_br(value: object, *, context: RenderContext) -> object:
    if value is None:
        return value
    if isinstance(value, Live):
        return Live(_LINE_END.sub(_BREAK, value))
    if isinstance(value, Written):
        return Written(_LINE_END.sub(_BREAK, value), _LINE_END.sub(_BREAK, value.skeleton), True)
    lines = _LINE_END.split(_sound(value.value if isinstance(value, Escaped) else value))
    words = "what newline_to_br is applied to"
    skeleton = _BREAK.join(_run(context).placeholder(line, words) for line in lines)
    return Written(_BREAK.join(map(references, lines)), skeleton, True)


_LINE_END = re.compile("\r\n|\n|\r")
_BREAK = "<br />\n"


def _grant_read_access(value: object) -> object:
    """Nobody signs addresses here: those in S3 become the ones under which the service offers what is public."""
    if value is None:
        return value
    address = _sound(value)
    found = _IN_S3.fullmatch(address)
    if found is None:
        if address.startswith("s3://"):
            raise FilterArgumentError(f"{address!r:.80} is no address of an object in S3", token=None)
        return address
    bucket, key = found.groups()
    # The certificate of the service does not hold for names with dots in them.
    host = f"s3.amazonaws.com/{bucket}" if "." in bucket else f"{bucket}.s3.amazonaws.com"
    return f"https://{host}/{quote(key, safe='/~')}"


_IN_S3 = re.compile(r"s3://([a-z0-9][a-z0-9.-]*)/(.+)", re.IGNORECASE | re.DOTALL | re.ASCII)


@with_environment
def _date(value: Any, form: Any = None, *, environment: Environment) -> object:
    if value in ("now", "today"):
        raise FilterArgumentError(
            "the date filter is given the present day, and the same row would make another page tomorrow: fill in a "
            "date",
            token=None,
        )
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value, UTC)  # which would be another day elsewhere
    return date_filter(value, form, environment=environment)


def _strict(used: Callable[..., Any]) -> Callable[..., Any]:
    """Make a filter refuse what is missing, which Liquid's own take for nothing, or for a zero."""

    @wraps(used)
    def strict(*values: Any, **options: Any) -> Any:
        for value in (*values, *options.values()):
            if isinstance(value, Missing):
                value.poke()
        return used(*values, **options)

    return strict


class _Environment(Environment):
    loop_iteration_limit = LOOPS
    local_namespace_limit = _WRITTEN
    output_stream_limit = _WRITTEN

    def add_tag(self, tag: type[Tag]) -> None:
        """Add a tag whose mistakes are known by their line, as those at the end of something else are not."""
        super().add_tag(tag)
        made = self.tags[tag.name]
        parse = made.parse

        def located(stream: TokenStream) -> Node:
            token = stream.current
            try:
                return parse(stream)
            except LiquidError as error:
                if error.token is None or error.token.start_index < 0:
                    error.token = token
                raise

        made.parse = located  # type: ignore[method-assign]


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the language."""
    made = _Environment(undefined=Missing)
    for tag in (_Output, _Echo, _Cycle, _Capture, _Include, _Render):
        made.add_tag(tag)
    for name in ("safe", "escapejs"):  # python-liquid's own, of which Amazon's templates know nothing
        made.filters.pop(name, None)
    made.add_filter("date", _date)
    made.add_filter("escape", _escape)
    made.add_filter("escape_once", _escape_once)
    made.add_filter("grant_read_access", _grant_read_access)
    made.add_filter("newline_to_br", _newline_to_br)
    made.add_filter("s3_presign", _grant_read_access)
    made.add_filter("skip_autoescape", _skip_autoescape)
    made.add_filter("to_json", _to_json)
    for name, used in made.filters.items():
        if name != "default":
            made.filters[name] = _strict(used)
    return made
