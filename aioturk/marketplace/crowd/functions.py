"""
Which functions there are, and what each does with an input: run code, or ask people.

A function ``x`` may have a twin ``x-test``, which answers without people, when its task is asked for first.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

from aioturk._conversion import CONVERTERS
from aioturk._core.accepted import Document, Layout
from aioturk._core.codec import from_wire
from aioturk._generated.shapes import CreateHITRequest
from aioturk._generated.tables import CREATE_HIT
from aioturk.errors import ConfigurationError, InvalidRequest

__all__ = [
    "ByCode",
    "ByPeople",
    "CrowdAnswer",
    "CrowdCheck",
    "CrowdResult",
    "Function",
    "Functions",
    "TaskDefinition",
    "is_name",
    "made",
]

CrowdAnswer: TypeAlias = Callable[[Mapping[str, Any]], object | Awaitable[object]]
"""``answer(input)``, plain or async: an object that JSON can hold; a mapping, a dataclass and so on."""

CrowdCheck: TypeAlias = Callable[[Mapping[str, Any]], object]
"""``check(input)``: raises `ValueError`, with a sentence for the caller, when the input does not fit."""

CrowdResult: TypeAlias = Callable[[Sequence[Any]], object | Awaitable[object]]
"""``result(answers)``, plain or async: one object made of what several people answered."""

TWIN = "-test"
"""How the name of a twin ends."""

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def is_name(text: object) -> bool:
    """Say whether a task, or a function, can be called so; what paths read as "here" and "above" are no names."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None and text not in (".", "..")


class TaskDefinition(Protocol):
    """What people are asked: an `aioturk.Task`, or whatever else has these."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """The arguments of `create_hit`, but for the question."""
        ...

    @property
    def answer(self) -> type[Any]:
        """The type of an answer; `aioturk.answers.Answers` for answers as they come."""
        ...

    def fill(self, row: Mapping[str, Any] | None = None, /) -> str | Document | Layout:
        """Return the question for an input."""
        ...


@dataclass(frozen=True, slots=True)
class ByCode:
    """
    Code answers.

    Attributes:
        answer: The code.
        timeout: How many seconds it gets.
        when_asked: Whether it is run when the task is asked for, and not as soon as there is one.
    """

    answer: CrowdAnswer
    timeout: float
    when_asked: bool = False


@dataclass(frozen=True, slots=True)
class ByPeople:
    """
    People answer.

    Attributes:
        task: What they are asked.
        result: What makes one result of their answers; None takes, for each field, what most of them said.
        enough: How many answers make a result; None means all that were asked for.
        approves: Whether their work is approved when the task is finished.
        timeout: How many seconds each function of the owner's gets.
    """

    task: TaskDefinition
    result: CrowdResult | None
    enough: int | None
    approves: bool
    timeout: float

    def request(self, given: Mapping[str, Any], note: str) -> CreateHITRequest:
        """
        Return the HIT that an input becomes.

        Args:
            given: The input.
            note: What the requester reads beside the HIT.

        Raises:
            InvalidRequest: The input does not fit the question.
        """
        arguments = {**self.task.properties, "question": self.task.fill(given), "requester_annotation": note}
        named = {member.wire: arguments.get(member.python) for member in CREATE_HIT.request.members}
        return from_wire(CreateHITRequest, CONVERTERS.request(CREATE_HIT, named))


@dataclass(frozen=True, slots=True)
class Function:
    """
    A function.

    Attributes:
        work: What answers it.
        check: What refuses inputs that do not fit; None takes every object.
        twin: What answers it without people.
    """

    work: ByCode | ByPeople
    check: CrowdCheck | None = None
    twin: ByCode | None = None


@dataclass(frozen=True, slots=True)
class Functions:
    """Functions by their names."""

    _known: dict[str, Function] = field(default_factory=dict)

    def add(self, name: str, function: Function) -> None:
        """
        Make a function known, in the place of one of the same name.

        Raises:
            ConfigurationError: It cannot be called that.
        """
        if not is_name(name):
            raise ConfigurationError(
                f"{name!r} names no function: write 1 to 64 letters, digits, periods, hyphens and underscores."
            )
        self._known[name] = function

    def find(self, name: str) -> Function | None:
        """Return the function of a name, or the twin of one; None if there is none."""
        found = self._known.get(name)
        if found is not None or not name.endswith(TWIN):
            return found
        original = self._known.get(name.removesuffix(TWIN))
        if original is None or original.twin is None:
            return None
        return Function(original.twin, original.check)


def made(
    *,
    answer: CrowdAnswer | None,
    task: TaskDefinition | None,
    check: CrowdCheck | None,
    result: CrowdResult | None,
    enough: int | None,
    approve: bool,
    test_answer: CrowdAnswer | None,
    timeout: float | timedelta,
) -> Function:
    """
    Make a function of what a program says about one.

    Raises:
        ConfigurationError: It makes no sense.
    """
    for name, given in {"answer": answer, "check": check, "result": result, "test_answer": test_answer}.items():
        if given is not None and not callable(given):
            raise ConfigurationError(f"{name}={given!r}: write a function.")
    seconds = _seconds(timeout)
    if answer is not None and task is None:
        if result is not None or enough is not None:
            raise ConfigurationError("result and enough are about the answers of people: give them with a task.")
        return Function(ByCode(answer, seconds), check, ByCode(test_answer or answer, seconds, when_asked=True))
    if task is None or answer is not None:
        raise ConfigurationError("A function is answered by code or by people: give an answer or a task.")
    most = _most(task)
    if enough is not None and enough not in range(1, most + 1):
        raise ConfigurationError(f"enough={enough!r}: write how many of the task's answers ({most}) make a result.")
    twin = None if test_answer is None else ByCode(test_answer, seconds, when_asked=True)
    return Function(ByPeople(task, result, enough, approve, seconds), check, twin)


def _seconds(timeout: float | timedelta) -> float:
    seconds: object = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= 24 * 60 * 60:
        raise ConfigurationError(f"timeout={timeout!r}: write seconds, or a timedelta, of at most a day.")
    return float(seconds)


_PLACEHOLDER = "looked at for each input"


def _most(task: TaskDefinition) -> int:
    """Return how many people a task asks, if HITs can be made of it."""
    try:
        arguments = {**task.properties, "question": _PLACEHOLDER}
        fill: object = task.fill
        kind: object = task.answer
    except (AttributeError, TypeError):
        raise _no_task(task) from None
    if not callable(fill) or not isinstance(kind, type):
        raise _no_task(task)
    named = {member.wire: arguments.get(member.python) for member in CREATE_HIT.request.members}
    try:
        document = CONVERTERS.request(CREATE_HIT, named)
    except InvalidRequest as trouble:
        raise ConfigurationError(f"task: no HIT can be made of it: {trouble}") from None
    most: int = document.get("MaxAssignments") or 1
    return most


def _no_task(given: object) -> ConfigurationError:
    return ConfigurationError(
        f"task={given!r}: write an aioturk.Task, or whatever has its properties, answer and fill."
    )
