"""
The one shape of all answers: a mapping from questions to texts and selections.

It does not know documents; `aioturk.answers.reading` fills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias, Union

__all__ = ["JSON", "Answer", "Answers"]

Answer: TypeAlias = str | tuple[str, ...]
"""What a worker typed, or the identifiers that a worker selected."""

JSON: TypeAlias = Union[str, int, float, bool, list["JSON"], dict[str, "JSON"], None]  # noqa: UP007
"""What a field of a ``crowd-form`` holds, before it is flattened."""


_NONE: Mapping[str, Any] = {}
"""Most answers have nothing beside them, and share this; nobody changes it."""


class Answers(Mapping[str, Answer]):
    """
    The answers of one assignment by question identifier, in the order of the document.

    They do not change, compare equal to a mapping of the same values, and like a dictionary have no hash.

    * A field of a page of your own, or a free text: a string, empty when it was left blank. Several fields of one
      name are one string, joined with ``|``, as the service joins them; a typed field takes them apart.
    * A selection: a tuple of the selected identifiers, empty when nothing was selected. What the worker wrote beside
      "other" stands in `other`, not among the identifiers, so that nobody can type an identifier into being.
    * An uploaded file: its key.
    * A ``crowd-form``, which arrives as one answer named ``taskAnswers``: each of its fields under its own name, as in
      the requester site's results. Objects are flattened, ``sentiment.label``; true and false, numbers and null are
      their texts ``true``, ``36`` and ``""``; a list of texts is a tuple, any other list is its JSON text. The values
      as they came stand in `nested`, and what the document says in `original`. What is no such form stays one text
      under its name: a JSON array of two objects, say, or one that is longer than a mebibyte.

    A question that the worker left blank may also be missing: use `get`.

    Args:
        values: The answers.
        other: The texts that workers wrote beside "other", by question identifier.
        nested: The fields of a crowd-form, with their values in JSON.
        original: The answers as the document has them, if that differs.
    """

    __slots__ = ("_nested", "_original", "_other", "_values")

    def __init__(
        self,
        values: Mapping[str, Answer],
        other: Mapping[str, str] | None = None,
        *,
        nested: Mapping[str, JSON] | None = None,
        original: Answers | None = None,
    ) -> None:
        self._values = dict(values)
        self._other: Mapping[str, str] = dict(other) if other else _NONE
        self._nested: Mapping[str, JSON] = dict(nested) if nested else _NONE
        self._original = original

    @property
    def other(self) -> Mapping[str, str]:
        """The texts written beside "other" in selections, by question identifier."""
        return MappingProxyType(self._other)

    @property
    def nested(self) -> Mapping[str, JSON]:
        """The fields of a ``crowd-form`` with the values that it sent, objects and lists included; else empty."""
        return MappingProxyType(self._nested)

    @property
    def original(self) -> Answers:
        """The answers as they stand in the document, where a ``crowd-form`` is the single answer ``taskAnswers``."""
        return self if self._original is None else self._original

    def _raw(self, question: str) -> Answer | JSON:
        """Return what a typed field is made of: the value in JSON where there is one, else the answer, else None."""
        return self._nested[question] if question in self._nested else self._values.get(question)

    def __getitem__(self, name: str) -> Answer:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Answers):
            return (self._values, self._other, self._nested) == (other._values, other._other, other._nested)
        return self._values == other if isinstance(other, Mapping) else NotImplemented

    def __repr__(self) -> str:
        parts = [repr(self._values)]
        parts += [
            f"{name}={value!r}"
            for name, value in (("other", self._other), ("nested", self._nested), ("original", self._original))
            if value
        ]
        return f"Answers({', '.join(parts)})"
