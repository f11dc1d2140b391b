"""
`CrowdTask`, what the Crowd API says of one call of a function, and what may stand in such a call.

Names and inputs are looked at here, before anything is sent. Sending is in `aioturk.crowd.client`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from aioturk._core.codec import Misshapen, read_document
from aioturk.errors import InvalidRequest

__all__ = ["CrowdTask", "TaskState", "body_of", "canonical", "check_name", "read_task", "task_name"]

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_LARGEST: Final = 256 * 1024
"""Bytes of a request; what Amazon's service takes is not known, and a marketplace of ours takes as much."""
_DEEPEST: Final = 50


class TaskState(StrEnum):
    """How far a task is."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


_STATES: Final[Mapping[str, TaskState]] = {state.value: state for state in TaskState}


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdTask:
    """
    A call of a function that people answer.

    Attributes:
        name: What the task is called, for its function and account.
        input: What the function was called with.
        state: How far it is, one of :class:`TaskState`; words that are not known yet are plain strings.
        result: What the function returned, once it is completed.
        problem_details: Why there is no result, once it is failed.
    """

    name: str
    input: Mapping[str, Any]
    state: TaskState | str
    result: Mapping[str, Any] | None = None
    problem_details: Mapping[str, Any] | None = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing is going to change any more."""
        return self.state in (TaskState.COMPLETED, TaskState.FAILED)


def read_task(body: bytes) -> CrowdTask:
    """
    Read a task as the service writes it.

    Raises:
        Malformed: It is not JSON.
        Misshapen: It is, and no task.
    """
    document = read_document(body)
    state = _member(document, "state", str)
    return CrowdTask(
        name=_member(document, "taskName", str),
        input=_member(document, "input", dict),
        state=_STATES.get(state, state),
        result=_member(document, "result", dict, may_be_missing=True),
        problem_details=_member(document, "problemDetails", dict, may_be_missing=True),
    )


def _member(document: Mapping[str, Any], name: str, kind: type, *, may_be_missing: bool = False) -> Any:
    value = document.get(name)
    if isinstance(value, kind) or (value is None and may_be_missing):
        return value
    raise Misshapen(f"{name} is {type(value).__name__}, not {kind.__name__}")


def check_name(name: object, argument: str) -> str:
    """
    Return a name of a function or task that can stand in a request.

    Raises:
        InvalidRequest: It cannot. Nothing was sent.
    """
    if isinstance(name, str) and _NAME.fullmatch(name):
        if name.strip("."):
            return name
        raise InvalidRequest(
            f"is {name!r}, which means another place when it stands in a URL: use a letter or digit.", argument=argument
        )
    raise InvalidRequest(
        f"is {name!r}; use 1 to 64 letters without accents, digits, periods, hyphens and underscores.",
        argument=argument,
    )


def task_name(input: Mapping[str, Any]) -> str:  # noqa: A002 - the service's word
    """
    Return a name for the task with this input: the same one for the same input, wherever it is computed.

    It is the hexadecimal SHA-256 of the input as JSON (UTF-8), with the members of every object sorted, without blanks,
    and with whole numbers, as far as a float is exact (2**53), written without a decimal point. So the order of
    members does not matter, and 1 and 1.0 are the same number; the order of a list's items does matter.

    Args:
        input: What the function is called with.

    Raises:
        InvalidRequest: It is no object of JSON.
    """
    return sha256(canonical(input).encode()).hexdigest()


def body_of(given: Mapping[str, Any]) -> bytes:
    """
    Return the body of the request that makes a task with this input.

    Raises:
        InvalidRequest: The input is no object of JSON, or too large. Nothing was sent.
    """
    text = json.dumps({"input": _plain_object(given)}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    body = text.encode()
    if len(body) > _LARGEST:
        raise _refused(f"has {len(body)} bytes as JSON; {_LARGEST} are the most: put what is large behind a URL")
    return body


def canonical(given: Mapping[str, Any]) -> str:
    """Return an input as JSON in the one form that `task_name` describes."""
    plain = _plain_object(given, whole=True)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)


def _plain_object(given: object, *, whole: bool = False) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _refused(f"is {type(given).__name__}; give a mapping, which becomes an object of JSON")
    plain: dict[str, Any] = _plain(given, "", 0, whole)
    return plain


def _plain(value: object, where: str, depth: int, whole: bool) -> Any:
    """Return a value made of nothing but what JSON has; `where` is the way to it, for the error."""
    if depth > _DEEPEST:
        raise _refused(f"is nested more than {_DEEPEST} levels deep")
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(item, f"{where}[{key!r}]", depth + 1, whole) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{place}]", depth + 1, whole) for place, item in enumerate(value)]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, int):
        return _integer(int(value), where)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(f"holds {value!r}{_at(where)}, and JSON has no such number: leave it out, or give None")
        return int(value) if whole and value.is_integer() and abs(value) < 2**53 else float(value)
    raise _refused(f"holds {type(value).__name__}{_at(where)}, and JSON has no such thing: make it text or a number")


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise _refused(f"has a member called {key!r}{_at(where)}; names are strings")
    return _text(key, where)


def _text(text: str, where: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused(f"holds half a character{_at(where)}, which UTF-8 cannot carry") from None
    return str(text)


def _integer(number: int, where: str) -> int:
    if not -(2**63) <= number < 2**64:
        raise _refused(f"holds a number{_at(where)} that is beyond 64 bits: write it as text")
    return number


def _at(where: str) -> str:
    return f" at {where[:200]}" if where else ""


def _refused(rule: str) -> InvalidRequest:
    return InvalidRequest(f"{rule}.", argument="input")
