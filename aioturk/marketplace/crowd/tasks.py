"""
A task's life: made by PUT, answered by code or people, read by GET, forgotten by DELETE.

What code answers is begun as soon as there is a task, beside everything else; a claim in the store says that some
process is at it, and ends after the function's time. A process that dies meanwhile leaves a claim that ends, and
another one, or the same when it is back, begins anew. A twin (``x-test``) begins when it is asked for, and whoever asks
waits for it.

What people answer is looked at whenever somebody asks, and by each process now and then, so that they are paid
although nobody asks. The HIT is made in the act that makes the task.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, TypeVar

from aioturk._core import codec
from aioturk._generated.shapes import CreateHITRequest
from aioturk.errors import InsufficientFunds, ParameterValidationError, ValidationException
from aioturk.marketplace.calls import Operations
from aioturk.marketplace.crowd import documents, refusals, results
from aioturk.marketplace.crowd.answering import call
from aioturk.marketplace.crowd.functions import ByCode, ByPeople, Function, Functions
from aioturk.marketplace.house import House
from aioturk.marketplace.service import RequesterContext, crowd_tasks
from aioturk.marketplace.service.crowd_tasks import PROCESSING, Outcome, Work
from aioturk.marketplace.store.crowd_tasks import Unfinished
from aioturk.marketplace.store.records import CrowdTask, Key

__all__ = ["ENVIRONMENT", "Caller", "Tasks"]

T = TypeVar("T")

_log = logging.getLogger(__name__)

ENVIRONMENT = "sandbox"
"""Where tasks count: the Crowd API has one host, and no sandbox; here none of its HITs may cost real money."""

_ACTOR = "crowd"
"""Who acts, in the audit log, when a task is finished."""

_LOOK = 1.0
"""Seconds between looks at what is unfinished."""
_AT_ONCE = 32
"""How many functions run at once for tasks that nobody waits for; the others wait their turn."""
_GRACE = 5.0
"""Seconds for which a claim lasts longer than the function may."""


class Caller(NamedTuple):
    """Who asks, with which request."""

    key: Key
    request_id: str


class Tasks:
    """
    Makes, finishes and forgets tasks.

    Args:
        house: Where they are kept.
        functions: What answers them.
        alone: Whether no other process serves the same store, so that claims from before are void.
    """

    def __init__(self, house: House, functions: Functions, *, alone: bool) -> None:
        self._house = house
        self._functions = functions
        self._alone = alone
        self._operations = Operations()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._running: dict[int, asyncio.Task[CrowdTask | None]] = {}
        self._attendant: asyncio.Task[None] | None = None

    # Beginning and end.

    async def open(self) -> None:
        """Begin to look after what is unfinished."""
        if self._alone:
            await self._house.act(lambda context: context.store.crowd_tasks.unclaim(None))
        self._turns = asyncio.Semaphore(_AT_ONCE)  # for the loop that runs now
        self._attendant = asyncio.create_task(self._attend(), name="aioturk-crowd")

    async def close(self) -> None:
        """Leave what is unfinished to others. Harmless when it is closed already."""
        attendant, self._attendant = self._attendant, None
        stopped = [task for task in (attendant, *self._running.values()) if task is not None]
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)  # what went wrong was told before

    async def _attend(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("unfinished tasks could not be seen to; the next look is in %g s", _LOOK)
            # The computer's own time: nobody waits for it, so it need not be injected.
            await asyncio.sleep(_LOOK)

    async def look(self) -> None:
        """Look at everything that is unfinished, and see to it."""
        unfinished = await self._house.act(lambda context: crowd_tasks.unfinished(context, _real_now()))
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def see_to(found: Unfinished) -> None:
            # Each by itself: one that cannot be finished, or takes long, does not hold up the others' pay.
            async with at_once:
                try:
                    await self._see_to(found)
                except Exception:
                    _log.exception(
                        "the task %s of %s could not be seen to, and is looked at again", found.name, found.function
                    )

        async with asyncio.TaskGroup() as group:
            for found in unfinished:
                if found.seq not in self._running:
                    group.create_task(see_to(found))

    async def _see_to(self, found: Unfinished) -> None:
        function = self._functions.find(found.function)
        if function is None:
            return  # it may be known in another process, or later
        if isinstance(function.work, ByPeople):
            if found.hit_seq is not None:
                await self._ask_people(function.work, found.seq, found.hit_seq, found.name)
        elif found.hit_seq is None and not function.work.when_asked:
            self._begin(function.work, found.seq, found.function, found.name, found.input)

    async def idle(self) -> None:
        """Return when no function runs any more."""
        while self._running:
            await asyncio.wait(self._running.values())
            await asyncio.sleep(0)  # for those who hear of it

    # What requesters ask for.

    async def put(self, caller: Caller, name: str, task_name: str, given: Mapping[str, Any]) -> tuple[CrowdTask, bool]:
        """
        Make a task, unless there is one of that name with the same input.

        Returns:
            The task, and whether it is new.

        Raises:
            ServiceError: There is no such function, it does not take this input, or the name is taken.
        """
        function = self._functions.find(name)
        if function is None:
            raise refusals.unknown_function(name)
        found = await self._act(caller, lambda context: crowd_tasks.read(context, name, task_name))
        if found is None:
            # Outside of the act, because code of the owner's is run.
            hit = await self._prepared(function, given, name, task_name)
            found, is_new = await self._add(caller, name, task_name, given, hit)
            if is_new:
                if isinstance(function.work, ByCode) and not function.work.when_asked:
                    self._begin(function.work, found.seq, name, task_name, found.input)
                return found, True
        if not documents.same(codec.decode(found.input.encode()), given):
            raise refusals.name_taken(task_name)
        return await self._brought_up_to_date(found), False

    async def get(self, caller: Caller, name: str, task_name: str) -> CrowdTask:
        """
        Return a task as it is now.

        Raises:
            ServiceError: There is none.
        """
        found = await self._brought_up_to_date(await self._read(caller, name, task_name))
        if found.state == PROCESSING and found.hit_seq is None:
            function = self._functions.find(name)
            if function is not None and isinstance(function.work, ByCode) and function.work.when_asked:
                running = self._begin(function.work, found.seq, name, task_name, found.input)
                # Whoever asks may leave; others may be waiting, too. What somebody else was at may have come to an end
                # since it was read.
                return await asyncio.shield(running) or await self._read(caller, name, task_name)
        return found

    async def _read(self, caller: Caller, name: str, task_name: str) -> CrowdTask:
        found = await self._act(caller, lambda context: crowd_tasks.read(context, name, task_name))
        if found is None:
            raise refusals.unknown_task(task_name)
        return found

    async def delete(self, caller: Caller, name: str, task_name: str) -> None:
        """
        Forget a task.

        Raises:
            ServiceError: There is none, or it is being processed.
        """
        found = await self._act(caller, lambda context: crowd_tasks.read(context, name, task_name))
        if found is not None:
            await self._brought_up_to_date(found)
            found = await self._act(
                caller, lambda context: crowd_tasks.forget(context, name, task_name), changing="DeleteTask"
            )
        if found is None:
            raise refusals.unknown_task(task_name)
        if found.state == PROCESSING:
            raise refusals.still_processing(task_name)

    async def _act(self, caller: Caller, act: Callable[[RequesterContext], T], *, changing: str = "") -> T:
        def permitted(context: RequesterContext) -> T:
            # The key is looked at again: it may be good for less since it was looked up.
            if changing and context.key is not None and context.key.read_only:
                raise refusals.read_only(context.key.access_key, changing)
            return act(context)

        return await self._house.act_for(caller.key, ENVIRONMENT, caller.request_id, permitted)

    # Making a task.

    async def _prepared(
        self, function: Function, given: Mapping[str, Any], name: str, task_name: str
    ) -> CreateHITRequest | None:
        """Return the HIT that an input becomes, if it becomes one."""
        work = function.work
        if function.check is None and isinstance(work, ByCode):
            return None

        def prepare(given: Mapping[str, Any]) -> CreateHITRequest | None:
            if function.check is not None:
                function.check(given)
            return work.request(given, f"{name}/{task_name}") if isinstance(work, ByPeople) else None

        try:
            hit: CreateHITRequest | None = await call(prepare, given, work.timeout)
        except ValueError as trouble:  # InvalidRequest is one, too
            raise refusals.input_refused(name, trouble) from None
        return hit

    async def _add(
        self, caller: Caller, name: str, task_name: str, given: Mapping[str, Any], hit: CreateHITRequest | None
    ) -> tuple[CrowdTask, bool]:
        text = codec.encode(given).decode()

        def publish(context: RequesterContext) -> str:
            made: str = self._operations.call_checked(context, hit).hit.hit_id if hit is not None else ""
            return made

        def add(outcome: Outcome | None = None) -> Coroutine[Any, Any, tuple[CrowdTask, bool]]:
            make = None if hit is None or outcome is not None else publish
            return self._act(
                caller,
                lambda context: crowd_tasks.add(context, name, task_name, text, hit=make, outcome=outcome),
                changing="PutTask",
            )

        try:
            return await add()
        except InsufficientFunds as trouble:
            # A problem with the account, and none of the request: the service makes such a task, and lets it fail.
            text_of_it = f"{trouble.message} No HIT was made, and nothing was paid."
            return await add(results.failed("InsufficientFunds", text_of_it))
        except (ParameterValidationError, ValidationException) as trouble:
            raise refusals.input_refused(name, trouble.message) from None

    # Finishing one.

    async def _brought_up_to_date(self, task: CrowdTask) -> CrowdTask:
        """Look whether people have finished a task; return it as it is then."""
        if task.state != PROCESSING or task.hit_seq is None:
            return task
        function = self._functions.find(task.function)
        if function is None or not isinstance(function.work, ByPeople):
            return task
        return await self._ask_people(function.work, task.seq, task.hit_seq, task.name) or task

    async def _ask_people(self, work: ByPeople, seq: int, hit_seq: int, name: str) -> CrowdTask | None:
        done = await self._house.act(lambda context: crowd_tasks.work_of(context, hit_seq), environment=ENVIRONMENT)
        if done is None:
            return None
        outcome, pays = await self._outcome(work, done, name)
        return await self._finish(seq, outcome, pays)

    async def _outcome(self, work: ByPeople, done: Work, name: str) -> tuple[Outcome, frozenset[str]]:
        given = results.given(done.finished, work.task.answer)
        pays = given.assignment_ids if work.approves else frozenset[str]()
        wanted = done.wanted if work.enough is None else work.enough
        if len(given.answers) < wanted:
            text = f"{len(given.answers)} of {wanted} answers were given in time that could be read."
            return results.failed("NotEnoughAnswers", text), pays
        return await self._worked_out(work.result or results.plurality, given.answers, work.timeout, name), pays

    def _begin(self, work: ByCode, seq: int, function: str, name: str, given: str) -> asyncio.Task[CrowdTask | None]:
        """Have code answer a task, if it is not at it already."""
        running = self._running.get(seq)
        if running is None:
            running = asyncio.create_task(self._ask_code(work, seq, name, given), name=f"aioturk-crowd {function}")
            self._running[seq] = running
            running.add_done_callback(lambda done: self._ended(seq, done))
        return running

    def _ended(self, seq: int, done: asyncio.Task[CrowdTask | None]) -> None:
        del self._running[seq]
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.error("a task could not be finished, and is begun anew when its claim ends", exc_info=error)

    async def _ask_code(self, work: ByCode, seq: int, name: str, given: str) -> CrowdTask | None:
        if work.when_asked:
            return await self._claimed(work, seq, name, given)
        async with self._turns:
            return await self._claimed(work, seq, name, given)

    async def _claimed(self, work: ByCode, seq: int, name: str, given: str) -> CrowdTask | None:
        now = _real_now()
        until = now + int((work.timeout + _GRACE) * 1000)
        claim = asyncio.create_task(
            self._house.act(lambda context: context.store.crowd_tasks.claim(seq, now, until)),
            name="aioturk-crowd-claim",
        )
        try:
            if not await asyncio.shield(claim):
                return None  # somebody else is at it, or has done it
            outcome = await self._worked_out(work.answer, documents.read(given), work.timeout, name)
        except asyncio.CancelledError:
            if await claim:  # an act that has begun is not given up
                await self._house.act(lambda context: context.store.crowd_tasks.unclaim(seq))
            raise
        return await self._finish(seq, outcome)

    async def _worked_out(self, function: Callable[[Any], Any], argument: Any, timeout: float, name: str) -> Outcome:
        """Run a function of the owner's, and return what came of it; its faults are the owner's to read, in the log."""
        try:
            return results.completed(await call(function, argument, timeout))
        except TimeoutError:
            _log.warning("the function for the task %s took longer than %g s", name, timeout)
            return results.failed("Timeout", f"The function gave no answer within {timeout:g} seconds.")
        except documents.NotJson as trouble:
            _log.warning("the function for the task %s returned no object in JSON: %s", name, trouble)
            return results.failed("InvalidResult", "The function returned something that is no object in JSON.")
        except Exception:
            _log.exception("the function for the task %s failed", name)
            return results.failed("FunctionFailed", "The function failed.")

    async def _finish(self, seq: int, outcome: Outcome, pays: frozenset[str] = frozenset()) -> CrowdTask | None:
        return await self._house.act(
            lambda context: crowd_tasks.finish(context, seq, outcome, pays=pays),
            environment=ENVIRONMENT,
            actor=_ACTOR,
        )


def _real_now() -> int:
    return int(time.time() * 1000)
