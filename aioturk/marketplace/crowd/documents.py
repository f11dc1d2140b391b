"""JSON of the Crowd API: what is taken as input and result, and when two inputs are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from aioturk._core import codec
from aioturk.marketplace.crowd import refusals
from aioturk.marketplace.gateway import holds_too_much
from aioturk.marketplace.rules import Rules

__all__ = ["NotJson", "input_in", "read", "same", "written"]


class NotJson(ValueError):
    """A value that is no object in JSON."""


def input_in(body: bytes, rules: Rules) -> dict[str, Any]:
    """
    Return the input in the body of a request.

    Raises:
        ServiceError: There is none, or it is too long or nested too deeply.
    """
    if len(body) > rules.crowd_input:
        raise refusals.bad_request(f"The request has {len(body)} bytes; at most {rules.crowd_input} are taken.")
    try:
        document = codec.decode(body)
    except codec.Malformed:
        raise refusals.bad_request('The body is not JSON: write {"input": {...}}.') from None
    if not isinstance(document, dict) or not isinstance(document.get("input"), dict):
        raise refusals.bad_request('The body has no object "input": write {"input": {...}}.')
    given: dict[str, Any] = document["input"]
    if holds_too_much(given, len(body)):
        raise refusals.bad_request("The input holds too many values.")
    if _is_deeper(given, rules.crowd_nesting):
        raise refusals.bad_request(f"The input is nested more than {rules.crowd_nesting} levels deep.")
    return given


def _is_deeper(document: dict[str, Any], most: int) -> bool:
    level: list[Any] = [document]
    for _ in range(most):
        level = [
            each
            for container in level
            for each in (container.values() if isinstance(container, dict) else container)
            if isinstance(each, dict | list)
        ]
        if not level:
            return False
    return True


def same(one: Any, other: Any) -> bool:
    """
    Say whether two values are the same in JSON.

    The order of an object's members does not matter. Numbers are the same when they are equal, however they are
    written (``1``, ``1.0``, ``10e-1``), because JSON has one kind of numbers; true is no number. All of this is
    unverified.
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def written(value: object) -> str:
    """
    Write an object in JSON.

    Args:
        value: A mapping with texts as keys, a dataclass, a msgspec structure, and so on.

    Raises:
        NotJson: It is none, or holds what JSON does not have.
    """
    try:
        plain = msgspec.to_builtins(value)
        if not isinstance(plain, Mapping):
            raise NotJson(f"it is {type(value).__name__}, not an object")
        # Not by msgspec, which writes null for numbers that are none.
        text = json.dumps(plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        text.encode()
    except (TypeError, ValueError, RecursionError) as trouble:
        raise NotJson(str(trouble)) from None
    return text


def read(text: str | None) -> Any:
    """Read what was written."""
    return None if text is None else json.loads(text)
