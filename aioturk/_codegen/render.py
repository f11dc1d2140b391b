"""
The text of the generated modules: tables, shapes, operations and the service interface.

Each ``render_*`` function returns a whole module. Facts come from the model, names and presence from
`names`, sentences from `words`; nothing is decided here but form.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aioturk._codegen import names, words
from aioturk._core.repetition import MEANING, RETRY_CLASSES, SUCCESS_WHEN, RetryClass

__all__ = ["Model", "render_all"]

_WIDTH = 116


@dataclass(frozen=True)
class Model:
    """The service model, as read from ``model.json``."""

    facts: dict[str, Any]

    @cached_property
    def operations(self) -> dict[str, Any]:
        """All operations by name, in order."""
        return dict(sorted(self.facts["operations"].items()))

    @cached_property
    def shapes(self) -> dict[str, Any]:
        """All shapes by name, in order; the two error shapes are the subject of `errors.py`."""
        return {name: shape for name, shape in sorted(self.facts["shapes"].items()) if not shape.get("exception")}

    def request(self, operation: str) -> str:
        """The name of the structure that an operation takes."""
        return str(self.operations[operation]["input"]["shape"])

    def response(self, operation: str) -> str:
        """The name of the structure that an operation answers with."""
        return str(self.operations[operation]["output"]["shape"])

    def members(self, structure: str) -> dict[str, str]:
        """The members of a structure with their shapes' names, in the model's order."""
        return {name: member["shape"] for name, member in self.shapes[structure]["members"].items()}

    def required(self, structure: str) -> frozenset[str]:
        """The members that the model demands."""
        return frozenset(self.shapes[structure].get("required", ()))

    def kind(self, shape: str) -> str:
        """The model's type of a shape; integers of either size are alike in Python."""
        kind = str(self.shapes[shape]["type"])
        return "integer" if kind == "long" else kind

    def is_paginated(self, operation: str) -> bool:
        """Whether an operation answers with a page of a list."""
        return "NextToken" in self.members(self.response(operation))

    def list_member(self, structure: str) -> str | None:
        """The member that holds a page's items, if there is exactly one list."""
        lists = [name for name, shape in self.members(structure).items() if self.kind(shape) == "list"]
        return lists[0] if len(lists) == 1 else None

    @property
    def banner(self) -> str:
        """The first lines of every generated module."""
        origin, metadata = self.facts["origin"], self.facts["metadata"]
        return (
            "# Written by `python -m aioturk._codegen`: change that, not this.\n"
            f"# {metadata['serviceFullName']} {metadata['apiVersion']}; facts with SHA-256 {origin['sha256'][:16]}.\n\n"
        )


def render_all(model: Model) -> dict[str, str]:
    """Return the text of every generated module by file name."""
    return {
        "__init__.py": model.banner + '"""Modules written by `aioturk._codegen`; see the package of that name."""\n',
        "tables.py": render_tables(model),
        "shapes.py": render_shapes(model),
        "operations.py": render_operations(model),
        "service.py": render_service(model),
    }


# Tables.


def render_tables(model: Model) -> str:
    """The data model as values of :mod:`aioturk._core.schema`."""
    lines = [
        model.banner,
        '"""\nThe service\'s shapes and operations as data, for converting arguments and judging requests.\n"""\n\n',
        "from __future__ import annotations\n\n",
        "from collections.abc import Mapping\n\n",
        "from aioturk._core.repetition import RetryClass\n",
        "from aioturk._core.schema import Kind, Limit, Member, Operation, Shape\n\n",
        '__all__ = ["OPERATIONS", "SHAPES"]\n\n',
        "SHAPES: Mapping[str, Shape] = {\n    shape.name: shape\n    for shape in (\n",
    ]
    for name, shape in model.shapes.items():
        lines.append(_table_shape(model, name, shape))
    lines.append("    )\n}\n\n\n")
    lines.append(
        textwrap.dedent(
            """\
            def _operation(
                name: str,
                python: str,
                retry_class: RetryClass,
                *,
                result: str | None = None,
                has_output: bool = True,
                takes_token: bool = False,
            ) -> Operation:
                return Operation(
                    name=name,
                    python=python,
                    request=SHAPES[name + "Request"],
                    response=SHAPES[name + "Response"],
                    retry_class=retry_class,
                    result=result,
                    has_output=has_output,
                    takes_token=takes_token,
                )


            """
        )
    )
    for name in model.operations:
        lines.append(_table_operation(model, name))
    lines.append("\nOPERATIONS: Mapping[str, Operation] = {\n    operation.name: operation\n    for operation in (\n")
    lines += [f"        {_constant(name)},\n" for name in model.operations]
    lines.append("    )\n}\n")
    return "".join(lines)


def _constant(operation: str) -> str:
    return names.python_name(operation).upper()


def _table_shape(model: Model, name: str, shape: dict[str, Any]) -> str:
    parts = [repr(name), f"Kind.{model.kind(name).upper()}"]
    parts += [
        f"{ours}={shape[theirs]!r}"
        for theirs, ours in (("min", "minimum"), ("max", "maximum"), ("pattern", "pattern"))
        if theirs in shape
    ]
    if "enum" in shape:
        parts.append(f"values={tuple(shape['enum'])!r}")
    if model.kind(name) == "list":
        parts.append(f"item={shape['member']['shape']!r}")
    if not shape.get("members"):
        return f"        Shape({', '.join(parts)}),\n"
    members = "".join(_table_member(model, name, member) for member in shape["members"])
    return (
        f"        Shape(\n            {', '.join(parts)},\n            members=(\n{members}            ),\n        ),\n"
    )


def _table_member(model: Model, structure: str, member: str) -> str:
    parts = [repr(member), repr(names.python_name(member)), repr(model.members(structure)[member])]
    if member in model.required(structure):
        parts.append("required=True")
    limit = names.LIMITS.get(structure, {}).get(member)
    if limit is not None:
        parts.append(f"limit=Limit({', '.join(map(repr, limit))})")
    if _is_always_there(model, structure, member):
        parts.append("always=True")
    return f"                Member({', '.join(parts)}),\n"


def _is_always_there(model: Model, structure: str, member: str) -> bool:
    if model.kind(model.members(structure)[member]) != "list":
        return False
    return structure.endswith("Response") or (structure, member) in names.ALWAYS_PRESENT_LISTS


def _table_operation(model: Model, name: str) -> str:
    parts = [repr(name), repr(names.python_name(name)), f"RetryClass.{RETRY_CLASSES[name].name}"]
    output = list(model.members(model.response(name)))
    if len(output) == 1:
        parts.append(f"result={names.python_name(output[0])!r}")
    if not output:
        parts.append("has_output=False")
    if "UniqueRequestToken" in model.members(model.request(name)):
        parts.append("takes_token=True")
    return f"{_constant(name)} = _operation({', '.join(parts)})\n"


# Shapes.


def render_shapes(model: Model) -> str:
    """Enumerations and structures as Python classes."""
    body = [_enumeration(model, name) for name, shape in model.shapes.items() if "enum" in shape]
    body += [_structure(model, name) for name in _structures_in_order(model)]
    exported = sorted(
        [name for name, shape in model.shapes.items() if "enum" in shape] + list(_structures_in_order(model))
    )
    return "".join(
        [
            model.banner,
            '"""\nThe service\'s structures and enumerations, under Python names.\n"""\n\n',
            "from __future__ import annotations\n\n",
            "from datetime import timedelta\nfrom decimal import Decimal\nfrom typing import ClassVar\n\n",
            "from msgspec import field\n\n",
            "from aioturk._core.wire import Keywords, Moment, OpenEnum, Structure\n",
            f"from aioturk.answers.answered import {', '.join(sorted(set(names.BASES.values())))}\n\n",
            "__all__ = [\n",
            *(f'    "{name}",\n' for name in exported),
            "]\n\n\n",
            "\n\n".join(body),
        ]
    )


def _structures_in_order(model: Model) -> Iterator[str]:
    """Yield the structures that become classes, each after those it holds."""
    done: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in done:
            return
        done.add(name)
        for shape in model.members(name).values() if name in model.shapes else ():
            inner = model.shapes[shape]["member"]["shape"] if model.kind(shape) == "list" else shape
            if model.kind(inner) == "structure":
                yield from visit(inner)
        yield name

    for name in model.shapes:
        if model.kind(name) == "structure" and (model.members(name) or name.endswith("Request")):
            yield from visit(name)
        if name == "ReviewReport":
            yield "ReviewableHIT"


def _enumeration(model: Model, name: str) -> str:
    lines = [f"class {name}(OpenEnum):\n", f'    """{words.ENUMS[name]}"""\n\n']
    for value in model.shapes[name]["enum"]:
        lines.append(f"    {names.python_name(value).upper()} = {value!r}\n")
        explained = words.ENUM_VALUES.get((name, value))
        if explained:
            lines.append(f'    """{explained}"""\n')
    return "".join(lines)


_REVIEWABLE_HIT = '''\
class ReviewableHIT(Structure, kw_only=True, frozen=True):
    """
    A reviewable HIT as the service lists it: its id alone.

    Attributes:
        hit_id: The HIT's id; `get_hit` reads the rest.
    """

    hit_id: str = field(name="HITId")
'''


def _structure(model: Model, name: str) -> str:
    if name == "ReviewableHIT":
        return _REVIEWABLE_HIT
    base = names.BASES.get(name, "Structure")
    lines = [f"class {name}({base}, kw_only=True, frozen=True):\n", _structure_docstring(model, name)]
    always = [names.python_name(member) for member in model.members(name) if _is_always_there(model, name, member)]
    if always:
        lines.append(
            f"    __always__: ClassVar[frozenset[str]] = frozenset({{{', '.join(repr(word) for word in always)}}})\n\n"
        )
    for member in model.members(name):
        lines.append(_field(model, name, member))
    lines.append(_items_property(model, name))
    return "".join(lines)


def _structure_docstring(model: Model, name: str) -> str:
    if name.endswith("Request") and name.removesuffix("Request") in model.operations:
        return f'    """What :meth:`~aioturk.Client.{names.python_name(name.removesuffix("Request"))}` sends."""\n\n'
    summary = words.STRUCTURES.get(name) or f"The answer of {name.removesuffix('Response')}."
    lines = [f"    {line}\n" for line in textwrap.wrap(summary, _WIDTH - 4)]
    lines.append("\n    Attributes:\n")
    for member in model.members(name):
        text = words.FIELDS_OF.get((name, member)) or words.FIELDS[member]
        lines += _entry(names.python_name(member), text, indent=8)
    return '    """\n' + "".join(lines) + '    """\n\n'


def _entry(name: str, text: str, indent: int, width: int = _WIDTH) -> list[str]:
    return [
        line + "\n"
        for line in textwrap.wrap(
            f"{name}: {text}", width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 4)
        )
    ]


def _field(model: Model, structure: str, member: str) -> str:
    python, kind = names.python_name(member), _field_type(model, structure, member)
    facts = [f"name={member!r}"]
    if kind.startswith("tuple["):
        facts.append("default=()")
    elif member == "Keywords" and structure in names.OPTIONAL:
        facts.append("default=Keywords()")
    elif member == "NumResults":
        facts.append("default=0")
    elif not _is_required(model, structure, member):
        kind += " | None"
        facts.append("default=None")
    return f"    {python}: {kind} = field({', '.join(facts)})\n"


def _is_required(model: Model, structure: str, member: str) -> bool:
    if structure in names.OPTIONAL:
        return member not in names.OPTIONAL[structure]
    if structure.endswith("Response"):
        return member != "NextToken"
    return member in model.required(structure)


def _field_type(model: Model, structure: str, member: str) -> str:
    if names.is_duration(member):
        return "timedelta"
    if member == "Keywords":
        return "Keywords"
    shape = model.members(structure)[member]
    if model.kind(shape) == "list":
        item = names.LIST_ITEMS.get((structure, member)) or _plain_type(model, model.shapes[shape]["member"]["shape"])
        return f"tuple[{item}, ...]"
    return _plain_type(model, shape)


def _plain_type(model: Model, shape: str) -> str:
    if shape == "CurrencyAmount":
        return "Decimal"
    if "enum" in model.shapes[shape] or model.kind(shape) == "structure":
        return shape
    return {"string": "str", "integer": "int", "boolean": "bool", "timestamp": "Moment"}[model.kind(shape)]


_REVIEW_ITEMS = '''
    @property
    def items(self) -> tuple[ReviewResultDetail | ReviewActionDetail, ...]:
        """All result and action details of the page, in the order of the answer."""
        details: list[ReviewResultDetail | ReviewActionDetail] = []
        for report in (self.assignment_review_report, self.hit_review_report):
            if report is not None:
                details += report.review_results
                details += report.review_actions
        return tuple(details)
'''


def _items_property(model: Model, name: str) -> str:
    if name == "ListReviewPolicyResultsForHITResponse":
        return _REVIEW_ITEMS
    member = model.list_member(name)
    if not name.startswith("List") or not name.endswith("Response") or member is None:
        return ""
    return (
        "\n    @property\n"
        f"    def items(self) -> {_field_type(model, name, member)}:\n"
        '        """The items of the page."""\n'
        f"        return self.{names.python_name(member)}\n"
    )


# Operations.


def render_operations(model: Model) -> str:
    """One typed coroutine for each operation, and one method returning a listing for each list."""
    used = sorted(_used_shapes(model))
    head = [
        model.banner,
        '"""\nThe service\'s operations as typed methods, for the client to inherit.\n"""\n\n',
        "from __future__ import annotations\n\n",
        "from collections.abc import Iterable, Mapping\nfrom datetime import datetime\n",
        "from typing import Any, TypeVar\n\n",
        "from aioturk._core.accepted import Document, Duration, Layout, Money, Text\n",
        "from aioturk._core.schema import Operation\nfrom aioturk._core.wire import Structure\n",
        "from aioturk._generated import tables\n",
        "from aioturk._generated.shapes import (\n",
        *(f"    {name},\n" for name in used),
        ")\nfrom aioturk.paginate import Listing, Page\n\n",
        '__all__ = ["Operations"]\n\n',
        'S = TypeVar("S", bound=Structure)\n',
        'I = TypeVar("I")\n',
        'P = TypeVar("P", bound=Page[Any])\n\n\n',
        _OPERATIONS_BASE,
    ]
    return "".join(head) + "".join(_method(model, name) for name in model.operations)


_OPERATIONS_BASE = '''\
class Operations:
    """
    The 39 operations of the requester API.

    Members of a request are arguments under their Python names. The client supplies the three ways to perform one.
    """

    __slots__ = ()

    async def _do(self, operation: Operation, given: Mapping[str, Any]) -> None:
        """Perform an operation that answers nothing."""
        raise NotImplementedError

    async def _ask(self, operation: Operation, shape: type[S], given: Mapping[str, Any]) -> S:
        """Perform an operation and return its answer."""
        raise NotImplementedError

    def _list(self, operation: Operation, shape: type[P], given: Mapping[str, Any]) -> Listing[I, P]:
        """Return the listing that performs an operation page by page."""
        raise NotImplementedError
'''


def _used_shapes(model: Model) -> set[str]:
    used: set[str] = {"ReviewableHIT"}
    for operation in model.operations:
        response = model.response(operation)
        if model.members(response):
            used.add(response)
        for member in model.members(response):
            used |= _shape_names(model, response, member)
        for member in model.members(model.request(operation)):
            used |= _shape_names(model, model.request(operation), member)
    used |= {"ReviewResultDetail", "ReviewActionDetail"}
    reachable = "".join(_method(model, name) for name in model.operations)
    return {name for name in used if f"{name}" in _words_of(reachable)}


def _words_of(text: str) -> frozenset[str]:
    for sign in "[](){}|,.:='\"`~/ \n":
        text = text.replace(sign, "\n")
    return frozenset(text.split("\n"))


def _shape_names(model: Model, structure: str, member: str) -> set[str]:
    shape = model.members(structure)[member]
    inner = model.shapes[shape]["member"]["shape"] if model.kind(shape) == "list" else shape
    return {inner} if "enum" in model.shapes[inner] or model.kind(inner) == "structure" else set()


def _method(model: Model, name: str) -> str:
    python, response = names.python_name(name), model.response(name)
    arguments, listed = _arguments(model, name), model.is_paginated(name)
    head = "def" if listed else "async def"
    lines = ["\n", f"    {head} {python}(\n        self,\n"]
    lines += [f"        {argument},\n" for argument in arguments]
    lines.append(f"    ) -> {_return_type(model, name)}:\n")
    lines.append(_method_docstring(model, name))
    given = [
        f"                {member!r}: {names.python_name(member)},\n" for member in model.members(model.request(name))
    ]
    passed = "{\n" + "".join(given) + "            }" if given else "{}"
    constant = f"tables.{_constant(name)}"
    if listed:
        lines.append(
            f"        return self._list(\n            {constant},\n            {response},\n"
            f"            {passed},\n        )\n"
        )
    elif not model.members(response):
        lines.append(f"        await self._do(\n            {constant},\n            {passed},\n        )\n")
    else:
        result = list(model.members(response))
        attribute = f".{names.python_name(result[0])}" if len(result) == 1 else ""
        lines.append(
            f"        answer = await self._ask(\n            {constant},\n            {response},\n"
            f"            {passed},\n        )\n"
        )
        lines.append(f"        return answer{attribute}\n")
    return "".join(lines)


def _arguments(model: Model, name: str) -> list[str]:
    request = model.request(name)
    members, required = model.members(request), model.required(request)
    positional = [member for member in members if member in required and member.endswith("Id")]
    keyword = [member for member in members if member not in positional]
    keyword.sort(key=lambda member: (member not in required, _place(member)))
    arguments = [f"{names.python_name(member)}: {_argument_type(model, request, member)}" for member in positional]
    if keyword:
        arguments.append("*")
    for member in keyword:
        kind = _argument_type(model, request, member)
        default = "" if member in required else " | None = None"
        arguments.append(f"{names.python_name(member)}: {kind}{default}")
    return arguments


_LAST = ("UniqueRequestToken", "MaxResults", "NextToken")
_FIRST = ("Title", "Description", "Reward", "Name", "MaxAssignments", "Question", "Keywords")


def _place(member: str) -> int:
    """Where an argument stands: what one thinks of first comes first, housekeeping last, the rest as in the model."""
    if member in _FIRST:
        return _FIRST.index(member) - len(_FIRST)
    return _LAST.index(member) + 1 if member in _LAST else 0


def _argument_type(model: Model, request: str, member: str) -> str:
    if names.is_duration(member):
        return "Duration"
    if member == "Keywords":
        return "Text"
    if member in ("Question", "Test", "AnswerKey"):
        return "str | Document | Layout" if member == "Question" else "str | Document"
    shape = model.members(request)[member]
    if model.kind(shape) == "list":
        return f"Iterable[{_generous_type(model, model.shapes[shape]['member']['shape'])}]"
    return _generous_type(model, shape)


def _generous_type(model: Model, shape: str) -> str:
    if shape == "CurrencyAmount":
        return "Money"
    if "enum" in model.shapes[shape]:
        return f"{shape} | str"
    if model.kind(shape) == "structure":
        return f"{shape} | Mapping[str, Any]"
    return {"string": "str", "integer": "int", "boolean": "bool", "timestamp": "datetime | float"}[model.kind(shape)]


def _item_type(model: Model, name: str) -> str:
    response = model.response(name)
    member = model.list_member(response)
    if member is None:
        return "ReviewResultDetail | ReviewActionDetail"
    return _field_type(model, response, member).removeprefix("tuple[").removesuffix(", ...]")


def _return_type(model: Model, name: str) -> str:
    response = model.response(name)
    if model.is_paginated(name):
        return f"Listing[{_item_type(model, name)}, {response}]"
    members = list(model.members(response))
    if not members:
        return "None"
    if len(members) > 1:
        return response
    return _field_type(model, response, members[0])


def _method_docstring(model: Model, name: str) -> str:
    text = words.OPERATIONS[name]
    paragraphs = [text.summary, *text.notes]
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*textwrap.wrap(paragraph, _WIDTH - 8), ""]
    lines += [*textwrap.wrap(_retry_sentence(name), _WIDTH - 8), "", f"Manual: {names.manual_page(name)}", ""]
    request = model.request(name)
    ordered = [argument.split(":")[0] for argument in _arguments(model, name) if argument != "*"]
    wire = {names.python_name(member): member for member in model.members(request)}
    if ordered:
        lines.append("Args:")
        for python in ordered:
            member = wire[python]
            sentence = words.ARGUMENTS_OF.get((name, member)) or words.ARGUMENTS[member]
            lines += [line.rstrip("\n") for line in _entry(python, sentence, indent=4, width=_WIDTH - 8)]
        lines.append("")
    if text.returns:
        lines += [
            "Returns:",
            *textwrap.wrap(text.returns, _WIDTH - 12, initial_indent="    ", subsequent_indent="    "),
            "",
        ]
    if text.raises:
        lines.append("Raises:")
        for error, when in text.raises:
            lines += [line.rstrip("\n") for line in _entry(error, when, indent=4, width=_WIDTH - 8)]
        lines.append("")
    body = "".join(f"        {line}".rstrip() + "\n" for line in lines[:-1])
    return f'        """\n{body}        """\n'


def _retry_sentence(name: str) -> str:
    retry_class = RETRY_CLASSES[name]
    sentence = f"Retry class: {retry_class.value}. {MEANING[retry_class]}"
    if retry_class is RetryClass.SETTLED:
        sentence += f" Success is: {SUCCESS_WHEN[name]}."
    return sentence


# The service interface.


def render_service(model: Model) -> str:
    """The operations as the marketplace implements them."""
    used: set[str] = set()
    body: list[str] = []
    routes: list[str] = []
    for name in model.operations:
        python, request, response = names.python_name(name), model.request(name), model.response(name)
        used.add(request)
        result = response if model.members(response) else "None"
        if model.members(response):
            used.add(response)
        body.append(
            f"\n    def {python}(self, context: C, request: {request}, /) -> {result}:\n"
            f'        """{words.OPERATIONS[name].summary}"""\n'
            f'        raise UnknownOperation("{name} is not offered here.")\n'
        )
        routes.append(f'    "{name}": Route(tables.{_constant(name)}, {request}, Service.{python}),\n')
    return "".join(
        [
            model.banner,
            '"""\nThe service\'s operations as an interface: what a marketplace overrides, it offers.\n"""\n\n',
            "from __future__ import annotations\n\n",
            "from collections.abc import Callable, Mapping\nfrom dataclasses import dataclass\n",
            "from typing import Any, Generic, TypeVar\n\n",
            "from aioturk._core.schema import Operation\nfrom aioturk._core.wire import Structure\n",
            "from aioturk._generated import tables\nfrom aioturk._generated.shapes import (\n",
            *(f"    {name},\n" for name in sorted(used)),
            ")\nfrom aioturk.errors import UnknownOperation\n\n",
            '__all__ = ["ROUTES", "Route", "Service"]\n\n',
            'C = TypeVar("C", contravariant=True)\n\n\n',
            'class Service(Generic[C]):\n    """\n'
            "    The 39 operations as plain functions of a context and a request.\n\n"
            "    They are not coroutines: an implementation does its work in one transaction, wherever its caller\n"
            "    runs it.\n"
            '    """\n',
            *body,
            "\n\n@dataclass(frozen=True, slots=True)\nclass Route:\n"
            '    """How an operation\'s name leads to its method."""\n\n'
            "    operation: Operation\n    request: type[Structure]\n    method: Callable[..., Any]\n\n\n",
            "ROUTES: Mapping[str, Route] = {\n",
            *routes,
            "}\n",
        ]
    )
