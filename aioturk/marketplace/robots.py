"""
Scripted workers, for demonstrations and tests: a crowd that works until nothing is left for it.

A robot takes the oldest HIT that it can accept and has not done, asks the script, submits or returns, and so on.
Whatever robots do besides answering (taking time to think, walking away, never turning up) belongs into `_Robot.run`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import string
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from aioturk._generated.shapes import HIT
from aioturk.errors import AssignmentDoesNotExist, InvalidRequest
from aioturk.marketplace.house import House
from aioturk.marketplace.service import work
from aioturk.marketplace.service.present import hit_shape
from aioturk.marketplace.workers import Worker

__all__ = ["Mistake", "Script", "WorkDone", "run"]

_log = logging.getLogger(__name__)

Script: TypeAlias = Callable[..., work.Fields | Awaitable[work.Fields | None] | None]
"""``answer(hit)`` or ``answer(hit, worker_id)``: the fields to submit, or None to return it. May be async."""

Mistake: TypeAlias = Callable[[HIT, work.Fields, random.Random], work.Fields]
"""``mistake(hit, fields, random)``: a wrong version of right fields."""


@dataclass(frozen=True, slots=True)
class WorkDone:
    """
    What a crowd has done.

    Attributes:
        submitted: How many assignments were submitted.
        returned: How many were returned, because the script did not want them. Those that ran into their deadline while
            the script was thinking are in neither number.
        by_worker: How many each worker submitted, by id; those who found nothing included.
    """

    submitted: int
    returned: int
    by_worker: dict[str, int]


async def run(
    house: House,
    answer: Script,
    *,
    workers: int | Sequence[str],
    environment: str,
    error_rate: float,
    mistake: Mistake | None,
    seed: int | None,
) -> WorkDone:
    """Let robots work until none of them finds anything to do. See `Marketplace.work` for the arguments."""
    if not 0 <= error_rate <= 1:
        raise InvalidRequest("a rate lies between 0 and 1.", argument="error_rate")
    if error_rate and mistake is None:
        raise InvalidRequest("say how robots go wrong: mistake=a function of hit, fields, random.", argument="mistake")
    source = random.Random(seed)
    names = _names(workers, source) if isinstance(workers, int) else list(workers)
    script = _Script(answer)
    crowd = [
        _Robot(house, Worker(house, name, environment), script, error_rate, mistake, random.Random(source.random()))
        for name in names
    ]
    # What one robot returns, another that had found nothing may want: go round until a round brings nothing.
    while await _round(crowd):
        pass
    return WorkDone(
        submitted=sum(robot.submitted for robot in crowd),
        returned=sum(robot.returned for robot in crowd),
        by_worker={robot.worker.worker_id: robot.submitted for robot in crowd},
    )


async def _round(crowd: list[_Robot]) -> bool:
    before = sum(len(robot.passed) for robot in crowd)
    tasks = [asyncio.ensure_future(robot.run()) for robot in crowd]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return sum(len(robot.passed) for robot in crowd) > before


def _names(count: int, source: random.Random) -> list[str]:
    if count < 1:
        raise InvalidRequest("at least one worker is needed.", argument="workers")
    letters = string.ascii_uppercase + string.digits
    return ["A" + "".join(source.choices(letters, k=13)) for _ in range(count)]


class _Script:
    """The caller's function, whose form is looked at once."""

    def __init__(self, answer: Script) -> None:
        self._answer = answer
        try:
            inspect.signature(answer).bind(None, None)
            self._takes_worker = True
        except TypeError:
            self._takes_worker = False

    async def __call__(self, hit: HIT, worker_id: str) -> work.Fields | None:
        fields: Any = self._answer(hit, worker_id) if self._takes_worker else self._answer(hit)
        if inspect.isawaitable(fields):
            fields = await fields
        return fields  # type: ignore[no-any-return]  # the caller's word for it


class _Robot:
    """One scripted worker."""

    def __init__(
        self,
        house: House,
        worker: Worker,
        script: _Script,
        error_rate: float,
        mistake: Mistake | None,
        source: random.Random,
    ) -> None:
        self.worker = worker
        self.passed: set[int] = set()
        self.submitted = 0
        self.returned = 0
        self._house = house
        self._script = script
        self._error_rate = error_rate
        self._mistake = mistake
        self._random = source

    async def run(self) -> None:
        """Work through everything that is there."""
        after = 0
        while (taken := await self._take(after)) is not None:
            after = taken.hit.seq
            try:
                fields = await self._fields(hit_shape(taken.hit))
                await self._hand_in(taken, fields)
            except BaseException:
                await self._give_up(taken.assignment_id)
                raise

    async def _hand_in(self, taken: work.Taken, fields: work.Fields | None) -> None:
        try:
            if fields is not None:
                await self.worker.submit(taken.assignment_id, fields)
                self.submitted += 1
                return
            await self.worker.return_assignment(taken.assignment_id)
            self.returned += 1
        except AssignmentDoesNotExist:
            _log.debug("%s was too slow for assignment %s", self.worker.worker_id, taken.assignment_id)
        self.passed.add(taken.hit.seq)

    async def _give_up(self, assignment_id: str) -> None:
        """Return what a broken robot holds. Its own error is told, not what goes wrong here."""
        try:
            await self.worker.return_assignment(assignment_id)
        except Exception:
            _log.debug("assignment %s could not be returned", assignment_id, exc_info=True)

    async def _take(self, after: int) -> work.Taken | None:
        passed = frozenset(self.passed)
        name = self.worker.worker_id
        return await self._house.act(
            lambda context: work.take(context, name, after, passed, "script"),
            environment=self.worker.environment,
            actor=name,
        )

    async def _fields(self, hit: HIT) -> work.Fields | None:
        fields = await self._script(hit, self.worker.worker_id)
        if fields is not None and self._mistake is not None and self._random.random() < self._error_rate:
            return self._mistake(hit, fields, self._random)
        return fields
