"""Many tasks at once: so many under way, each outcome as it comes, memory flat however many there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from aioturk.crowd.errors import CrowdFunctionDoesNotExist, CrowdTaskFailed, CrowdTaskUnfinished
from aioturk.crowd.task import CrowdTask, check_name, task_name
from aioturk.errors import (
    AccessDenied,
    ConfigurationError,
    CredentialsError,
    InvalidRequest,
    ServiceFault,
    Throttled,
    TransportError,
    TurkError,
)

__all__ = ["Given", "Outcome", "run_many"]

Given: TypeAlias = "Mapping[str, Any] | tuple[str, Mapping[str, Any]]"
"""An input, or what its task is to be called and the input."""

_ABOUT_ALL: Final = (AccessDenied, ConfigurationError, CredentialsError, CrowdFunctionDoesNotExist)
"""What would be said of every other input as well."""
_UNREACHED: Final = (ServiceFault, Throttled, TransportError)
"""What means, when it comes again and again, that the service is not to be reached now."""

_END: Final = object()
"""What comes after the last input; None may be one, by mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What became of an input.

    Attributes:
        name: What its task is called; empty when no name could be made of the input.
        input: The input.
        task: The task as it was seen last, if it was.
        error: Why there is no result; None when there is one.
    """

    name: str
    input: Mapping[str, Any]
    task: CrowdTask | None = None
    error: TurkError | None = None

    @property
    def result(self) -> Mapping[str, Any]:
        """
        What the function returned.

        Raises:
            TurkError: There is no result: the `error`.
        """
        if self.error is not None:
            raise self.error
        return (self.task.result if self.task is not None else None) or {}


Perform: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[CrowdTask]]


def run_many(
    perform: Perform, inputs: Iterable[Given] | AsyncIterable[Given], concurrency: int
) -> AsyncGenerator[Outcome, None]:
    """
    Perform tasks for inputs: see `CrowdClient.run`.

    Args:
        perform: Performs the task of a name and an input.
        inputs: The inputs.
        concurrency: How many are under way at once.

    Raises:
        InvalidRequest: An argument breaks a rule.
    """
    most: object = concurrency
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise InvalidRequest(f"is {most!r}; give a whole number from 1.", argument="concurrency")
    given: object = inputs
    if not (isinstance(given, Iterable | AsyncIterable) or hasattr(given, "__getitem__")):
        raise InvalidRequest(
            f"is {type(given).__name__}; give a list, or anything else that can be walked.", argument="inputs"
        )
    if isinstance(inputs, Mapping | str | bytes):
        raise InvalidRequest(
            "is a single one; give a list of them, or anything else that can be walked.", argument="inputs"
        )
    return _walk(perform, inputs, concurrency)


async def _walk(
    perform: Perform, inputs: Iterable[Given] | AsyncIterable[Given], most: int
) -> AsyncGenerator[Outcome, None]:
    under_way: set[asyncio.Task[Outcome]] = set()
    following: asyncio.Task[Any] | None = None
    ended = False
    failed_in_a_row = 0
    async with aclosing(_each(inputs)) as source:
        try:
            while True:
                if following is None and not ended and len(under_way) < most:
                    following = asyncio.ensure_future(anext(source, _END))
                waited_for: set[asyncio.Task[Any]] = {*under_way, *([following] if following is not None else [])}
                if not waited_for:
                    return
                done, _ = await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
                if following is not None and following in done:
                    given, following = following.result(), None
                    ended = given is _END
                    if not ended:
                        under_way.add(asyncio.create_task(_outcome(perform, given)))
                for finished in done & under_way:
                    under_way.discard(finished)
                    outcome = finished.result()
                    failed_in_a_row = failed_in_a_row + 1 if isinstance(outcome.error, _UNREACHED) else 0
                    if isinstance(outcome.error, _ABOUT_ALL) or (outcome.error is not None and failed_in_a_row > most):
                        raise outcome.error
                    yield outcome
        finally:
            # When this is over, no call of it is on its way any more.
            left = [*under_way, *([following] if following is not None else [])]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


async def _each(inputs: Iterable[Given] | AsyncIterable[Given]) -> AsyncGenerator[Given, None]:
    if isinstance(inputs, AsyncGenerator):
        async with aclosing(inputs):
            async for given in inputs:
                yield given
    elif isinstance(inputs, AsyncIterable):
        async for given in inputs:
            yield given
    else:
        for given in inputs:
            yield given


async def _outcome(perform: Perform, given: Given) -> Outcome:
    """Perform one task, and tell what became of it; errors that are not ours go through."""
    name, input_ = "", cast("Mapping[str, Any]", given)
    try:
        if isinstance(given, tuple):
            if len(cast("tuple[object, ...]", given)) != 2:
                raise InvalidRequest("is a tuple of other than two; give a name and an input.", argument="inputs")
            name, input_ = given
        else:
            name = task_name(given)
        name = check_name(name, "name")
        return Outcome(name=name, input=input_, task=await perform(name, input_))
    except TurkError as error:
        task = error.task if isinstance(error, CrowdTaskFailed | CrowdTaskUnfinished) else None
        return Outcome(name=name, input=input_, task=task, error=error)
