"""
`CrowdClient`: functions that people answer.

A function is called by making a task with a name and an input; the task is looked at until it is finished. Making it is
safe to repeat, because the name stands for it: so there are no tokens here. What a call is, is in
:mod:`aioturk.calling`, what may stand in one in `aioturk.crowd.task`, many at once in `aioturk.crowd.many`.
"""

from __future__ import annotations

import math
import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aioturk._core import endpoints
from aioturk._core.messages import Request, Response
from aioturk._core.repetition import RetryClass
from aioturk.calling import Neighbour, keys_for
from aioturk.clock import Clock, SystemClock
from aioturk.credentials import Credentials, CredentialsProvider
from aioturk.crowd.account import Account
from aioturk.crowd.errors import (
    CrowdRefused,
    CrowdTaskAlreadyExists,
    CrowdTaskDoesNotExist,
    CrowdTaskFailed,
    CrowdTaskUnfinished,
)
from aioturk.crowd.faults import error_of
from aioturk.crowd.many import Given, Outcome, run_many
from aioturk.crowd.task import CrowdTask, TaskState, body_of, canonical, check_name, read_task
from aioturk.crowd.waiting import pauses, seconds_of
from aioturk.errors import DeadlineExceeded, InvalidRequest, TurkError
from aioturk.retries import RetryPolicy
from aioturk.transport import AiohttpTransport, Transport

if TYPE_CHECKING:
    import aiohttp

__all__ = ["CrowdClient"]

T = TypeVar("T")

_JSON: Final = (("Content-Type", "application/json"),)
_A_DAY: Final = 24 * 3600.0
_LAST_LOOK: Final = 1.0
_LONGEST_TOLD: Final = 500
"""Characters of problem details that an error repeats; all of them are in its `problem_details`."""


class CrowdClient(Neighbour):
    """
    The Crowd API: a person answers a function call.

    Use it as an async context manager, or create it anywhere and call `close` in the end. Creating it does no I/O.
    One client serves any number of concurrent callers.

    Args:
        environment: ``"production"`` (Amazon's, real money), ``"local"`` (the marketplace being served on this
            computer), or the URL of a marketplace. None takes ``AIOTURK_ENVIRONMENT``, ``AWS_ENDPOINT_URL_CROWD`` or
            ``AWS_ENDPOINT_URL`` from the environment variables, else the local marketplace if one is being served.
            There is no sandbox: functions whose names end in ``-test`` answer without workers.
        account_id: The twelve digits of the AWS account. Without them the service is asked once whose keys these are.
        endpoint: The URL of a marketplace, instead of an environment.
        region: The region for signatures; Amazon's service is in ``"us-east-1"`` alone.
        credentials: Keys, or an async function that returns them; else found as by :class:`~aioturk.Client`.
        profile: The name of a profile in the AWS configuration files, instead of `credentials`.
        timeout: Bounds every call with all its attempts and waits: seconds or a timedelta, 60 seconds unless given.
        retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
        rate: A ceiling, in calls a second. Without one the client goes as fast as the service lets it.
        max_connections: How many requests may be under way at once.
        session: An aiohttp session to send with, instead of an own one; it stays yours to close.
        allow_http: Permits plain ``http://`` to other hosts than this computer.
        transport: What sends requests, instead of aiohttp; for tests.
        clock: What tells the time and waits; for tests.

    Raises:
        ConfigurationError: An argument, or the environment variable it stands in for, cannot work.
        InvalidRequest: The account id is not one.
    """

    __slots__ = ("_account",)

    def __init__(
        self,
        environment: str | None = None,
        *,
        account_id: str | None = None,
        endpoint: str | None = None,
        region: str = endpoints.DEFAULT_REGION,
        credentials: Credentials | CredentialsProvider | None = None,
        profile: str | None = None,
        timeout: float | timedelta = 60.0,
        retries: RetryPolicy | bool | None = None,
        rate: float | None = None,
        max_connections: int = 50,
        session: aiohttp.ClientSession | None = None,
        allow_http: bool = False,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        clock = clock or SystemClock()
        place = endpoints.resolve_crowd(
            environment, endpoint=endpoint, environ=os.environ, region=region, allow_http=allow_http
        )
        self._account = Account(account_id)
        super().__init__(
            "crowd",
            errors=error_of,
            keys=keys_for(place, credentials, profile, clock),
            place=place,
            region=region,
            timeout=timeout,
            retries=retries,
            rate=rate,
            transport=transport or AiohttpTransport(max_connections=max_connections, session=session),
            clock=clock,
            allow_http=allow_http,
        )

    async def account_id(self) -> str:
        """
        Return the account that tasks belong to. When it was not given, it is asked, once for all who want to know.

        Raises:
            TurkError: It was to be asked, and that failed.
        """
        return await self._account.number(self)

    async def put_task(self, function: str, name: str, input: Mapping[str, Any]) -> CrowdTask:  # noqa: A002
        """
        Call a function: make the task of this name, or find it, if it was made with the same input.

        So it may be repeated at will: a task that is there is returned as it is, finished or not.

        Money: a function that people answer costs what its owner says, once for each task.

        Args:
            function: The function's name, for example ``"sentiment-analysis"``.
            name: What the task is called: 1 to 64 letters, digits, periods, hyphens and underscores.
                :func:`~aioturk.crowd.task_name` derives one from the input.
            input: What the function is called with: a mapping that can be written as an object of JSON.

        Raises:
            InvalidRequest: A name or the input cannot be sent.
            CrowdTaskAlreadyExists: There is a task of that name with another input.
            CrowdFunctionDoesNotExist: There is no such function.
            CrowdRefused: The function does not take this input.
        """
        body = body_of(input)
        try:
            return await self._exchange("PutTask", "PUT", function, name, RetryClass.HARMLESS, read=_task, body=body)
        except CrowdRefused as refused:
            # Bad input and a name in use have the same status, and the text is anybody's.
            if refused.status not in (400, 409):
                raise
            taken = await self._taken(function, name, input, refused)
            if taken is None:
                raise
            raise taken from refused

    async def get_task(self, function: str, name: str) -> CrowdTask:
        """
        Look at a task.

        Args:
            function: The function's name.
            name: The task's name.

        Raises:
            InvalidRequest: A name cannot be sent.
            CrowdTaskDoesNotExist: There is no such task.
        """
        return await self._exchange("GetTask", "GET", function, name, RetryClass.READ, read=_task)

    async def delete_task(self, function: str, name: str) -> None:
        """
        Delete a task that is finished; its name can be used again.

        When an answer was lost and the repeat finds no task, the task was deleted: that is success. No task at the
        first attempt is an error.

        Args:
            function: The function's name.
            name: The task's name.

        Raises:
            InvalidRequest: A name cannot be sent.
            CrowdTaskDoesNotExist: There is no such task.
            CrowdRefused: The task is still being processed.
        """

        async def settle(refusal: TurkError) -> None:
            if not isinstance(refusal, CrowdTaskDoesNotExist):
                raise refusal

        await self._exchange("DeleteTask", "DELETE", function, name, RetryClass.SETTLED, read=_nothing, settle=settle)

    async def wait_for_task(
        self,
        function: str,
        name: str,
        *,
        timeout: timedelta | float | None = _A_DAY,
        longest_wait: timedelta | float = 30.0,
    ) -> CrowdTask:
        """
        Wait until a task is completed, and return it with its result.

        The task is looked at at once, then after half a second, and less and less often. Looking costs nothing.

        Args:
            function: The function's name.
            name: The task's name.
            timeout: How long to wait in all: seconds or a timedelta, a day unless given. None is as long as it takes:
                the service gives up by itself when nobody answers.
            longest_wait: The longest wait between two looks, in seconds or as a timedelta.

        Raises:
            InvalidRequest: An argument breaks a rule.
            CrowdTaskFailed: The task ended without a result.
            CrowdTaskUnfinished: Time is up. The task goes on.
            CrowdTaskDoesNotExist: There is no such task.
        """
        deadline = None if timeout is None else self.clock.monotonic() + seconds_of(timeout, "timeout")
        task: CrowdTask | None = None
        for pause in pauses(seconds_of(longest_wait, "longest_wait")):
            task = await self._look(function, name, deadline, task)
            if task.is_finished:
                break
            left = math.inf if deadline is None else deadline - self.clock.monotonic()
            if left <= 0:
                raise _unfinished(function, name, task)
            await self.clock.sleep(min(pause, left))
        assert task is not None
        return completed(function, task)

    async def _look(self, function: str, name: str, deadline: float | None, before: CrowdTask | None) -> CrowdTask:
        """Look at a task within the time that is left, however long the service is away meanwhile."""
        # The last look is when time is up, and takes a moment too.
        left = _A_DAY if deadline is None else max(deadline - self.clock.monotonic(), _LAST_LOOK)
        try:
            return await self._exchange("GetTask", "GET", function, name, RetryClass.READ, read=_task, timeout=left)
        except TurkError as error:
            # What is repeated comes out only when there is no time left for another attempt.
            time_is_up = (error.transient or isinstance(error, DeadlineExceeded)) and self._options.policy is not None
            if deadline is None or not time_is_up:
                raise
            raise _unfinished(function, name, before) from error

    def run(
        self,
        function: str,
        inputs: Iterable[Given] | AsyncIterable[Given],
        *,
        concurrency: int = 50,
        timeout: timedelta | float | None = _A_DAY,
        longest_wait: timedelta | float = 30.0,
    ) -> AsyncGenerator[Outcome, None]:
        """
        Call a function for many inputs, so many at a time, and walk what comes of them, as they are finished.

        ::

            async with aclosing(crowd.run("sentiment-analysis", reviews)) as outcomes:
                async for outcome in outcomes:
                    print(outcome.name, outcome.result if outcome.error is None else outcome.error)

        Inputs are taken when there is room for them, so that any number may come. A task that fails is an outcome like
        any other, with its error, and does not stop the others. What would be said of each of them does: an unknown
        function, keys that are refused, a service that is not reached any more; then that error is raised.

        Running again with the same inputs finds the tasks that were made, and makes those that are missing. Leaving the
        loop early, and cancelling it, stops looking; the tasks that were made go on.

        Args:
            function: The function's name.
            inputs: Inputs, or pairs of a name and an input, from anything that can be walked. An input alone is called
                by :func:`~aioturk.crowd.task_name`.
            concurrency: How many tasks are under way at once.
            timeout: How long to wait for each task: seconds or a timedelta, a day unless given; None is as long as it
                takes.
            longest_wait: The longest wait between two looks at a task.

        Raises:
            InvalidRequest: An argument breaks a rule. Nothing was sent.
            TurkError: What concerns all inputs.
        """
        check_name(function, "function")
        longest = seconds_of(longest_wait, "longest_wait")
        limit = None if timeout is None else seconds_of(timeout, "timeout")

        async def perform(name: str, given: Mapping[str, Any]) -> CrowdTask:
            task = await self.put_task(function, name, given)
            if task.is_finished:
                return completed(function, task)
            return await self.wait_for_task(function, name, timeout=limit, longest_wait=longest)

        return run_many(perform, inputs, concurrency)

    async def close(self) -> None:
        """
        Close the connections.

        Calls that are under way fail. A later call opens new ones. On a view made by `with_options` it does nothing,
        since the connections are the original client's.
        """
        if self._owner:
            self._account.stop_asking()
        await super().close()

    async def _exchange(
        self,
        operation: str,
        method: str,
        function: str,
        name: str,
        retry_class: RetryClass,
        *,
        read: Callable[[Response], T],
        body: bytes = b"",
        settle: Callable[[TurkError], Awaitable[T]] | None = None,
        timeout: float | None = None,
    ) -> T:
        path = f"functions/{check_name(function, 'function')}/tasks/{check_name(name, 'name')}"
        endpoint = await self.endpoint()
        url = f"{endpoint.url.rstrip('/')}/{await self._account.number(self)}/{path}"
        request = Request(method, url, _JSON if body else (), body)
        return await self.exchange(
            operation, request, retry_class=retry_class, read=read, settle=settle, timeout=timeout
        )

    async def _taken(
        self, function: str, name: str, given: Mapping[str, Any], refused: CrowdRefused
    ) -> CrowdTaskAlreadyExists | None:
        """Find out whether a task was refused because of another one of its name."""
        try:
            there = await self.get_task(function, name)
        except CrowdTaskDoesNotExist:
            return None
        except TurkError as failure:
            # Without an answer to this question the refusal is what is known.
            raise refused from failure
        try:
            is_same = canonical(there.input) == canonical(given)
        except InvalidRequest:
            # Others may have put what is not sent from here, such as a number of more than 64 bits.
            is_same = False
        if is_same:
            return None
        error = CrowdTaskAlreadyExists(
            refused.message,
            code=refused.code,
            status=refused.status,
            operation=refused.operation,
            request_id=refused.request_id,
        )
        error.task = there
        error.ambiguous, error.attempts = refused.ambiguous, refused.attempts
        return error


def completed(function: str, task: CrowdTask) -> CrowdTask:
    """
    Return a finished task, if it has a result.

    Raises:
        CrowdTaskFailed: It has none.
    """
    if task.state == TaskState.COMPLETED:
        return task
    raise CrowdTaskFailed(
        f"The task {task.name!r} of {function!r} failed: {_told(task.problem_details or {})}. To try again, delete it "
        "first, or take another name.",
        task=task,
    )


def _told(details: Mapping[str, Any]) -> str:
    """Return in a line what problem details say; they have no documented members, so the usual ones are looked for."""
    # "title" and "detail" are RFC 7807's, "message" is what errors of AWS have.
    sentences = [details.get(name) for name in ("title", "detail", "message")]
    said = ": ".join(each.strip().rstrip(".") for each in sentences if isinstance(each, str) and each.strip())
    text = said or (str(dict(details)) if details else "no details")
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= _LONGEST_TOLD else text[:_LONGEST_TOLD] + "…"


def _unfinished(function: str, name: str, task: CrowdTask | None) -> CrowdTaskUnfinished:
    return CrowdTaskUnfinished(
        f"The task {name!r} of {function!r} was not finished in the time that was given. It goes on: wait again, and "
        "what it costs is not paid twice.",
        task=task,
    )


def _task(response: Response) -> CrowdTask:
    return read_task(response.body)


def _nothing(response: Response) -> None:
    """Read the answer to a deletion, which is empty."""
