"""
What the operations' arguments may be, for annotations: amounts, durations, and the values that know what they send.

How each of them becomes a wire value is in `aioturk._core.arguments` and the modules that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Protocol, TypeAlias, runtime_checkable

from aioturk._core.wire import Structure

__all__ = ["Document", "Duration", "Fillable", "Key", "Layout", "Money", "Structured", "Text"]

Money: TypeAlias = Decimal | int | str | float
"""US dollars: a `Decimal`, an `int`, a string such as ``"0.25"``, or a float that is exact to the cent."""

Duration: TypeAlias = timedelta | int
"""A `timedelta` of whole seconds, or seconds."""

Text: TypeAlias = str | Iterable[str]
"""Keywords: one comma-separated string, or the words."""


@runtime_checkable
class Document(Protocol):
    """A value that writes itself as XML: a question, a test, an answer key."""

    def to_xml(self) -> str:
        """Return the XML document."""
        ...


@runtime_checkable
class Layout(Protocol):
    """A page that the service keeps, with values for its placeholders: a question that is two other members."""

    @property
    def layout_id(self) -> str:
        """The ``HITLayoutId``."""
        ...

    @property
    def parameters(self) -> Mapping[str, str]:
        """The ``HITLayoutParameters``, by name."""
        ...


@runtime_checkable
class Key(Protocol):
    """A value that grades tests, and knows which."""

    def misfit(self, test: object) -> str:
        """Return why a test cannot be graded with it; empty if it can."""
        ...


@runtime_checkable
class Structured(Protocol):
    """A value that writes itself as one of the service's structures, or says why it cannot."""

    def to_structure(self) -> Structure:
        """Return the structure."""
        ...


@runtime_checkable
class Fillable(Protocol):
    """A template: what makes a question of a row."""

    def fill(self, row: Mapping[str, object]) -> object: ...
