"""
What holds for every call of a requester, whichever door it comes through: the gateway of the API, or the site.

A call has to fit the API's model, and its key has to be good for the operation; only then it gets to the service
(:mod:`aioturk.marketplace.service`), which sees well-formed requests only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from aioturk._core import codec
from aioturk._core.schema import Kind, Shape, Violation, violations
from aioturk._core.wire import Structure
from aioturk._generated.service import ROUTES
from aioturk._generated.tables import SHAPES
from aioturk.errors import AccessDenied, ValidationException
from aioturk.marketplace import refusals
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store.records import Key

__all__ = [
    "Method",
    "Operations",
    "check_permission",
    "first_violations",
    "path_text",
    "refuse_nul",
    "refuse_violations",
]

Method = Callable[[RequesterContext, Any], Structure | None]

_TOLD = 20
"""How many violations of the model are looked for: a body can hold a million of them."""

_READING = ("Get", "List")
"""What the names of operations begin with that change nothing."""


def check_permission(key: Key, operation: str) -> None:
    """
    Make sure that a key is good for an operation.

    Raises:
        AccessDenied: It is not.
    """
    if key.read_only and not operation.startswith(_READING):
        # Worded like IAM's refusals, which programs search for the name of the action.
        raise AccessDenied(
            f"User: {key.access_key} is not authorized to perform: mechanicalturk:{operation} "
            "because the access key is read-only"
        )


class Operations:
    """
    The operations by name, as acts of a requester.

    Args:
        service: What does them.
    """

    def __init__(self, service: MarketService | None = None) -> None:
        service = service or MarketService()
        self._methods: Mapping[str, Method] = {
            name: getattr(service, route.method.__name__) for name, route in ROUTES.items()
        }

    def call(self, context: RequesterContext, operation: str, request: Structure) -> Structure | None:
        """
        Call an operation within an act, with a request that fits the model.

        Raises:
            AccessDenied: The key of the act is not good for it.
            ServiceError: It is declined.
        """
        if context.key is not None:
            check_permission(context.key, operation)
        return self._methods[operation](context, request)

    def call_checked(self, context: RequesterContext, request: Structure) -> Any:
        """
        Call the operation that a request belongs to, after making sure that the request fits the model.

        Args:
            context: Whose act it is.
            request: The request, put together by us.

        Returns:
            What the operation returns: the response that belongs to the request, or None.

        Raises:
            ValidationException: The request does not fit the model.
            AccessDenied: The key of the act is not good for it.
            ServiceError: It is declined.
        """
        operation = type(request).__name__.removesuffix("Request")
        shape = ROUTES[operation].operation.request
        document = codec.to_wire(request)
        refuse_violations(first_violations(shape, document))
        refuse_nul(shape, document, codec.encode(document))
        return self.call(context, operation, request)


# Whether a request fits the model.


def first_violations(shape: Shape, document: Any) -> list[Violation]:
    """Return what about a document violates its shape; enough to tell, not all."""
    return list(islice(violations(SHAPES, shape, document), _TOLD))


def refuse_violations(broken: Sequence[Violation]) -> None:
    """
    Refuse a document that violates its shape.

    Raises:
        ValidationException: It does.
    """
    if broken:
        raise ValidationException(_validation_text([_constraint(violation) for violation in broken]))


def refuse_nul(shape: Shape, document: Any, body: bytes) -> None:
    """
    Refuse texts with U+0000 in them: PostgreSQL keeps none, and no two stores should tell apart what is valid.

    Raises:
        ValidationException: There is one.
    """
    if b"\\u0000" not in body:  # JSON has no other spelling for it
        return
    for path, text in _texts(shape, document, ()):
        if "\0" in text:
            rule = "Member must not hold the character U+0000"
            raise ValidationException(
                _validation_text([f"Value at '{path_text(path)}' failed to satisfy constraint: {rule}"])
            )


def _texts(shape: Shape, value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts of a document that fits its shape, and where they are; what the model does not know is not."""
    if isinstance(value, str):
        yield path, value
    elif shape.kind is Kind.STRUCTURE:
        for member in shape.members:
            if value.get(member.wire) is not None:
                yield from _texts(SHAPES[member.shape], value[member.wire], (*path, member.wire))
    elif shape.kind is Kind.LIST and shape.item is not None:
        for position, item in enumerate(value, 1):
            yield from _texts(SHAPES[shape.item], item, (*path, position))


def _validation_text(constraints: list[str]) -> str:
    count = len(constraints)
    return f"{count} validation error{'s' if count > 1 else ''} detected: {'; '.join(constraints)}"


def _constraint(violation: Violation) -> str:
    value = "null" if violation.value is None else f"'{refusals.shown(violation.value)}'"
    rule = violation.rule.value.replace("{bound}", str(violation.bound))
    return f"Value {value} at '{path_text(violation.path)}' failed to satisfy constraint: {rule}"


def path_text(path: tuple[str | int, ...]) -> str:
    """Write a path as AWS's front ends do: the first letter small ("hITId"), positions in lists as "1.member"."""
    return ".".join(f"{part}.member" if isinstance(part, int) else part[:1].lower() + part[1:] for part in path)
