"""
Bytes in, bytes out: what happens to a request of the Crowd API between the socket and the tasks.

It is the gateway of a second service at the same house, with the same troubles on purpose. It answers as AWS's REST
services do: the status tells, and a refusal is ``{"message": "..."}``, with its kind in ``x-amzn-ErrorType``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec

from aioturk._core import codec
from aioturk._core.endpoints import MARKETPLACE_HEADER
from aioturk._core.messages import Request, Response
from aioturk.errors import CredentialsRefused, ServiceError, ServiceFault, Throttled
from aioturk.marketplace import identifiers
from aioturk.marketplace.callers import caller
from aioturk.marketplace.crowd import documents, refusals
from aioturk.marketplace.crowd.functions import is_name
from aioturk.marketplace.crowd.tasks import ENVIRONMENT, Caller, Tasks
from aioturk.marketplace.faults import CROWD_OPERATIONS, Mischief, Trouble
from aioturk.marketplace.gateway import Accident, Ending, lost
from aioturk.marketplace.house import House
from aioturk.marketplace.store.records import CrowdTask, Key

__all__ = ["PATH", "CrowdDoor", "operation_of"]

_log = logging.getLogger(__name__)

PATH = "/{account}/functions/{function}/tasks/{task}"
"""Where tasks are, for the application's routes; that the account is one is looked at here."""

_PATH = re.compile(r"/(?P<account>[0-9]{12})/functions/(?P<function>[^/]+)/tasks/(?P<task>[^/]+)", re.ASCII)
_SIGNING_NAME = "crowd"
_OPERATIONS: Mapping[str, str] = dict(zip(("PUT", "GET", "DELETE"), CROWD_OPERATIONS, strict=True))


def operation_of(method: str) -> str:
    """Return what a method does to a task; there are no names of operations in requests."""
    return _OPERATIONS.get(method, "unknown operation")


class _Place(NamedTuple):
    """What a path says."""

    account: str
    function: str
    task: str


class _Answer(NamedTuple):
    """A status, and a document; None is no body."""

    status: int
    body: bytes


class CrowdDoor:
    """
    Turns requests into steps of tasks.

    Args:
        house: Where everything is kept.
        tasks: The tasks.
        mischief: What goes wrong on purpose.
    """

    def __init__(self, house: House, tasks: Tasks, *, mischief: Mischief) -> None:
        self._house = house
        self._tasks = tasks
        self._mischief = mischief

    async def handle(self, request: Request) -> Response | Accident:
        """
        Answer a request, whatever is wrong with it.

        Args:
            request: The request as it came, its path after ``http://`` and any host. The `Host` header counts.
        """
        request_id = identifiers.request_id()
        market = None
        try:
            # 1. What is asked for.
            place = _place(request.url)
            operation = _OPERATIONS.get(request.method)
            if operation is None:
                raise refusals.no_such_method(request.method)
            # 2. Who asks, and whether it is theirs.
            key = await self._caller(request)
            market = await self._house.place(key, ENVIRONMENT)
            _check_permission(key, place.account, operation)
            # 3. Throttling comes before the work that it protects from.
            trouble = self._mischief.next(operation)
            if trouble.throttle:
                raise Throttled("Rate exceeded", status=429)
            await self._mischief.wait(trouble)
            if trouble.reset:
                return Accident(Ending.RESET)
            # 4. The step itself.
            answer = await self._executed(operation, place, request.body, Caller(key, request_id), trouble)
            return lost(_response(answer.status, answer.body, request_id, market), trouble)
        except ServiceError as error:
            return _decline(error, request_id, market)
        except Exception:
            _log.exception("request %s failed", request_id)
            return _decline(ServiceFault("The service failed by itself."), request_id, market)

    async def _caller(self, request: Request) -> Key:
        key, _ = await caller(self._house, request, _SIGNING_NAME)
        return key

    async def _executed(self, operation: str, place: _Place, body: bytes, who: Caller, trouble: Trouble) -> _Answer:
        if not is_name(place.task):
            raise refusals.bad_request(
                "The name of a task has 1 to 64 letters, digits, periods, hyphens and underscores."
            )
        given = documents.input_in(body, self._house.rules) if operation == "PutTask" else {}
        if trouble.fail_before:
            raise ServiceFault("The service failed on purpose, before the request was executed.")
        answer = await self._done(operation, place, given, who)
        if trouble.fail_after:
            raise ServiceFault("The service failed on purpose, after the request was executed.")
        return answer

    async def _done(self, operation: str, place: _Place, given: Mapping[str, object], who: Caller) -> _Answer:
        if operation == "PutTask":
            task, is_new = await self._tasks.put(who, place.function, place.task, given)
            return _Answer(201 if is_new else 200, _shown(task))
        if operation == "GetTask":
            return _Answer(200, _shown(await self._tasks.get(who, place.function, place.task)))
        await self._tasks.delete(who, place.function, place.task)
        return _Answer(204, b"")


def _place(url: str) -> _Place:
    found = _PATH.fullmatch(urlsplit(url).path)
    if found is None:
        raise refusals.nothing_here()
    function, task = unquote(found["function"]), unquote(found["task"])
    if not is_name(function):
        raise refusals.unknown_function(function[:80])
    return _Place(found["account"], function, task)


def _check_permission(key: Key, account: str, operation: str) -> None:
    if account != identifiers.account_number(key.requester_seq):
        raise refusals.another_account(key.access_key, account)
    if key.read_only and operation != "GetTask":
        raise refusals.read_only(key.access_key, operation)


def _shown(task: CrowdTask) -> bytes:
    return codec.encode(
        {
            "taskName": task.name,
            "input": msgspec.Raw(task.input.encode()),
            "problemDetails": None if task.problem is None else msgspec.Raw(task.problem.encode()),
            "state": task.state,
            "result": None if task.result is None else msgspec.Raw(task.result.encode()),
        }
    )


def _decline(error: ServiceError, request_id: str, market: str | None) -> Response:
    # Those who are not known get a 403 from REST services, whatever is wrong with their signature.
    status = 403 if isinstance(error, CredentialsRefused) else error.status
    response = _response(status, codec.encode({"message": error.message}), request_id, market)
    headers = {**response.headers, "x-amzn-ErrorType": error.code}
    if status == 405:
        headers["Allow"] = ", ".join(_OPERATIONS)
    return Response(status, headers, response.body)


def _response(status: int, body: bytes, request_id: str, market: str | None) -> Response:
    headers = {"x-amzn-RequestId": request_id}
    if status != 204:
        headers["Content-Type"] = "application/json"
    if market is not None:  # only who has proven to be the requester is told
        headers[MARKETPLACE_HEADER] = market
    return Response(status, headers, body)
