"""
Shapes ⇄ JSON 1.1, both directions.

Reading has two speeds. The quick way is one pass of msgspec, which knows epoch numbers, seconds and
decimals. What it refuses goes through the careful way, which forgives what services and their
stand-ins have been seen to do: naive ISO times (taken as UTC), numbers where texts belong, ``null`` in lists.
Writing walks the shape, because msgspec writes times as ISO text and the service wants numbers.

HTTP statuses and errors are the subject of :mod:`aioturk._core.faults`, not of this module.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

import msgspec

from aioturk._core.wire import Keywords, Structure, dollars, epoch, moment_of, whole_seconds

__all__ = ["Malformed", "Misshapen", "decode", "encode", "from_wire", "read_document", "reader", "to_wire"]

S = TypeVar("S", bound=Structure)

Malformed = msgspec.DecodeError
"""What reading raises when the bytes are not JSON at all."""


class Misshapen(ValueError):
    """What reading raises when the bytes are JSON, but not of the shape."""


encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
"""Write plain JSON values (dicts, lists, strings, numbers) as bytes."""


def _hook(kind: type, value: Any) -> Any:
    if kind is Keywords and isinstance(value, str):
        return Keywords.parse(value)
    raise ValueError(f"Expected `str`, got `{type(value).__name__}`")  # msgspec turns it into a ValidationError


@cache
def reader(shape: type[S]) -> Callable[[bytes], S]:
    """
    Return the function that reads JSON bytes as a shape.

    It raises `Malformed` when the bytes are not JSON, and `Misshapen` when they are, but do not fit.
    """
    quick = msgspec.json.Decoder(shape, strict=False, dec_hook=_hook).decode

    def read(body: bytes) -> S:
        try:
            try:
                return quick(body)
            except msgspec.ValidationError:
                return _read_carefully(shape, body)
        except (RecursionError, UnicodeDecodeError) as problem:
            raise Malformed(str(problem)) from None
        except (Malformed, Misshapen):
            raise
        except (ValueError, OverflowError) as problem:
            # msgspec lets the calendar's own complaint through, for times just beyond the year 9999.
            raise Misshapen(str(problem)) from problem

    return read


def decode(body: bytes) -> Any:
    """
    Read JSON bytes as plain values, whatever they are.

    Raises:
        Malformed: The bytes are not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (RecursionError, UnicodeDecodeError) as problem:
        raise Malformed(str(problem)) from None


def read_document(body: bytes) -> dict[str, Any]:
    """
    Read JSON bytes as plain values, of which so much is certain that they are an object.

    Raises:
        Malformed: The bytes are not JSON.
        Misshapen: They are, but not an object.
    """
    document = decode(body)
    if not isinstance(document, dict):
        raise Misshapen(f"expected an object, got {type(document).__name__}")
    return document


def _read_carefully(shape: type[S], body: bytes) -> S:
    # The quick decoder stops at the first misfit, so whether the rest is JSON has to be seen first.
    document = decode(body)
    try:
        return from_wire(shape, document)
    except msgspec.ValidationError as misfit:
        raise Misshapen(str(misfit)) from misfit


def from_wire(shape: type[S], document: Any) -> S:
    """
    Turn decoded JSON values into a shape, forgiving what can be understood.

    Raises:
        msgspec.ValidationError: The document does not fit the shape.
    """
    return msgspec.convert(_forgiven(shape, document), shape, strict=False, dec_hook=_hook)


def _forgiven(shape: Any, value: Any) -> Any:
    """Return the value with the understandable misfits mended, following the shape's annotations."""
    if isinstance(value, dict) and isinstance(shape, msgspec.inspect.StructType):
        return {
            known.encode_name: _forgiven(known.type, value[known.encode_name])
            for known in shape.fields
            if value.get(known.encode_name) is not None
        }
    if isinstance(shape, type):
        return _forgiven(msgspec.inspect.type_info(shape), value)
    if isinstance(shape, msgspec.inspect.UnionType):
        inner = [kind for kind in shape.types if not isinstance(kind, msgspec.inspect.NoneType)]
        return _forgiven(inner[0], value) if len(inner) == 1 else value
    if isinstance(shape, msgspec.inspect.Metadata):
        return _forgiven(shape.type, value)
    if isinstance(shape, msgspec.inspect.VarTupleType) and isinstance(value, list):
        return [_forgiven(shape.item_type, item) for item in value if item is not None]
    if isinstance(shape, msgspec.inspect.DateTimeType) and isinstance(value, str):
        return _aware(value)
    is_text = isinstance(shape, msgspec.inspect.StrType | msgspec.inspect.CustomType)  # Keywords are a custom type
    if is_text and isinstance(value, int | float) and not isinstance(value, bool):
        return format(value)
    return value


def _aware(text: str) -> Any:
    try:
        return moment_of(text)
    except ValueError:
        return text  # a number in a string, perhaps; msgspec judges


def to_wire(structure: Structure) -> dict[str, Any]:
    """
    Turn a shape into plain JSON values under the service's names.

    What has no value is left out; empty lists too, except those that the service always sends.
    """
    document: dict[str, Any] = {}
    for attribute, name, always in _plan(type(structure)):
        value = getattr(structure, attribute)
        if value is None or (not value and not always and isinstance(value, tuple)):
            continue
        document[name] = _plain(value)
    return document


@cache
def _plan(shape: type[Structure]) -> tuple[tuple[str, str, bool], ...]:
    always: frozenset[str] = getattr(shape, "__always__", frozenset())
    return tuple(
        (attribute, name, attribute in always)
        for attribute, name in zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    )


def _plain(value: Any) -> Any:
    convert = _PLAIN.get(type(value))
    if convert is not None:
        return convert(value)
    if isinstance(value, Structure):
        return to_wire(value)
    return value


def _plain_list(values: tuple[Any, ...]) -> list[Any]:
    return [_plain(value) for value in values]


def _keywords(words: Keywords) -> str:
    return words.text


_PLAIN: dict[type, Callable[[Any], Any]] = {
    datetime: epoch,
    timedelta: whole_seconds,
    Decimal: dollars,
    tuple: _plain_list,
    list: _plain_list,
    Keywords: _keywords,
}
