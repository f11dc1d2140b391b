"""
From a caller's arguments to wire values: generous in what is understood, exact in what is sent.

Every member of a request has a converter, made once from the model's bounds and the manual's. A converter
takes what a caller may reasonably write (a `timedelta` or seconds, a `Decimal` or a string, a question or
its XML) and returns the JSON value, or refuses with the rule and the remedy before anything is sent.

The converters of single values are in `aioturk._core.values` and `aioturk._core.money`, the rules about several
members in `aioturk._core.together`, and what arguments may be, for annotations, in `aioturk._core.accepted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from aioturk._core import values
from aioturk._core.accepted import Structured
from aioturk._core.codec import to_wire
from aioturk._core.money import money
from aioturk._core.refusal import Refusal, described
from aioturk._core.schema import Kind, Member, Operation, Shape
from aioturk._core.together import check_key, check_together, without_layout
from aioturk._core.values import Convert
from aioturk._core.wire import Structure
from aioturk.errors import InvalidRequest

__all__ = ["Converters"]


class _Argument(NamedTuple):
    wire: str
    python: str
    required: bool
    convert: Convert


class Converters:
    """
    The converters of all operations, made on first use.

    Args:
        shapes: All shapes of the model by name.
    """

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._shapes = shapes
        self._arguments: dict[str, tuple[_Argument, ...]] = {}

    def request(self, operation: Operation, given: Mapping[str, Any], *, as_written: bool = False) -> dict[str, Any]:
        """
        Turn arguments under the service's names into the request's wire values; None means left out.

        Args:
            operation: What the request is for.
            given: The arguments.
            as_written: Whether refusals use the service's names, because the caller wrote these, and not Python's.

        Raises:
            InvalidRequest: An argument breaks a rule, or a needed one is missing. Nothing was sent.
        """
        arguments = self._arguments.get(operation.name)
        if arguments is None:
            arguments = self._arguments[operation.name] = self._make(operation.request)
        if "Question" in given:
            given = without_layout(operation, given)
        if "AnswerKey" in given:
            check_key(operation, given)
        try:
            document = _converted(arguments, given, as_written=as_written)
        except Refusal as refused:
            raise InvalidRequest(refused.text, argument=refused.path, operation=operation.name) from None
        check_together(operation, document)
        return document

    def wire_request(self, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
        """
        Like `request`, for a dictionary that a caller wrote by hand: unknown names are refused.

        Raises:
            InvalidRequest: A name is not one of the operation's, or a value breaks a rule. Nothing was sent.
        """
        known = {member.wire for member in operation.request.members}
        for name in given:
            if name not in known:
                choices = ", ".join(sorted(known)) or "none at all"
                raise InvalidRequest(
                    f"is not a member of this request; there are {choices}.",
                    argument=str(name),
                    operation=operation.name,
                )
        return self.request(operation, given, as_written=True)

    def _make(self, shape: Shape) -> tuple[_Argument, ...]:
        return tuple(
            _Argument(member.wire, member.python, member.required, self._converter(member)) for member in shape.members
        )

    def _converter(self, member: Member) -> Convert:
        limit = member.limit
        if limit is None:
            return self._of_shape(member)
        return values.bounded(self._of_shape(member), limit.minimum, limit.maximum, limit.unit)

    def _of_shape(self, member: Member) -> Convert:
        shape = self._shapes[member.shape]
        if member.wire.endswith("InSeconds"):
            return values.seconds
        if member.wire == "Keywords":
            return values.keywords
        roots = _DOCUMENTS.get(member.wire)
        if roots is not None:
            return values.document(roots)
        if shape.name == "CurrencyAmount":
            return money
        return self._plain(shape)

    def _plain(self, shape: Shape) -> Convert:
        if shape.kind is Kind.STRING:
            return values.text(shape)
        if shape.kind is Kind.INTEGER:
            return values.integer(shape)
        if shape.kind is Kind.BOOLEAN:
            return values.boolean
        if shape.kind is Kind.TIMESTAMP:
            return values.moment
        if shape.kind is Kind.LIST:
            assert shape.item is not None
            return values.items(self._plain(self._shapes[shape.item]))
        return self._structure(shape)

    def _structure(self, shape: Shape) -> Convert:
        arguments: dict[str, _Argument] = {}

        def convert(value: Any) -> Any:
            if not isinstance(value, Structure | Mapping) and isinstance(value, Structured):
                value = value.to_structure()
            if isinstance(value, Structure):
                value = to_wire(value)
            elif not isinstance(value, Mapping):
                raise Refusal(f"is {described(value)}; give a {shape.name} or a mapping with the service's names.")
            if not arguments:  # made late, because structures may hold themselves
                arguments.update((argument.wire, argument) for argument in self._make(shape))
            for name in value:
                if name not in arguments:
                    raise Refusal(f"has no member {name!r}; there are {', '.join(arguments)}.")
            return _converted(arguments.values(), value)

        return convert


def _converted(arguments: Iterable[_Argument], given: Mapping[str, Any], *, as_written: bool = False) -> dict[str, Any]:
    """Convert the members of a request or a structure; None means left out."""
    document: dict[str, Any] = {}
    for wire, python, required, convert in arguments:
        value = given.get(wire)
        if value is None:
            if required:
                raise Refusal("is missing, and the service demands it.", wire if as_written else python)
            continue
        try:
            document[wire] = convert(value)
        except Refusal as refused:
            raise refused.below(wire if as_written else python) from None
    return document


_DOCUMENTS = {
    "Question": ("ExternalQuestion", "HTMLQuestion", "QuestionForm"),
    "Test": ("QuestionForm",),
    "AnswerKey": ("AnswerKey",),
}
"""What the roots of documents are that the service takes, by member."""
