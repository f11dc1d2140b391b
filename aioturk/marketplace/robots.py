"""
Scripted workers, for demonstrations and tests: a crowd that works until nothing is left for it.

A robot takes the oldest HIT that it may accept and has not done, thinks, asks the script, submits or returns, and goes
on. How time passes meanwhile is in :mod:`aioturk.marketplace.robot_clock`.

Everything that is random comes from one seed. Robots act one after another in an order that does not depend on how long
anything really takes, so that on SQLite, which does one thing at a time, the same seed leads to the same work.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import string
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar

from aioturk._generated.shapes import HIT
from aioturk.clock import Clock
from aioturk.errors import AssignmentDoesNotExist, ExceedsMaxAssignmentsPerWorker, InvalidRequest
from aioturk.marketplace.house import House
from aioturk.marketplace.robot_clock import RobotClock, TurnedClock, WaitedClock
from aioturk.marketplace.service import people, work
from aioturk.marketplace.service.present import hit_shape
from aioturk.marketplace.workers import Worker

__all__ = ["Manners", "Mistake", "Script", "ThinkTime", "WorkDone", "run"]

_log = logging.getLogger(__name__)

T = TypeVar("T")

Script: TypeAlias = Callable[..., work.Fields | Awaitable[work.Fields | None] | None]
"""``answer(hit)`` or ``answer(hit, worker_id)``: the fields to submit, or None to return it. May be async."""

Mistake: TypeAlias = Callable[[HIT, work.Fields, random.Random], work.Fields]
"""``mistake(hit, fields, random)``: a wrong version of right fields."""

Duration: TypeAlias = float | timedelta
"""Seconds, or a timedelta."""

ThinkTime: TypeAlias = Duration | tuple[Duration, Duration] | Callable[[HIT, random.Random], Duration]
"""How long a robot thinks: always as long, from ``(least, most)``, or ``think_time(hit, random)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """
    How robots work. See `Marketplace.work`.

    Raises:
        InvalidRequest: A rate is none, or a duration cannot be.
    """

    error_rate: float = 0.0
    mistake: Mistake | None = None
    think_time: ThinkTime = 0.0
    abandonment: float = 0.0
    no_shows: float = 0.0

    def __post_init__(self) -> None:
        for name in ("error_rate", "abandonment", "no_shows"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRequest("a rate lies between 0 and 1.", argument=name)
        if self.error_rate and self.mistake is None:
            raise InvalidRequest(
                "say how robots go wrong: mistake=a function of hit, fields, random.", argument="mistake"
            )
        if not callable(self.think_time):
            least, most = _bounds(self.think_time)
            if least > most:
                raise InvalidRequest("write the pair as (least, most).", argument="think_time")

    def thinks(self, hit: HIT, source: random.Random) -> int:
        """Return for how many milliseconds a robot thinks about a HIT."""
        if callable(self.think_time):
            return _milliseconds(self.think_time(hit, source))
        least, most = _bounds(self.think_time)
        return least if least == most else source.randint(least, most)


def _bounds(think_time: Duration | tuple[Duration, Duration]) -> tuple[int, int]:
    if isinstance(think_time, tuple):
        if len(think_time) != 2:
            raise InvalidRequest("write seconds, or a pair (least, most).", argument="think_time")
        return _milliseconds(think_time[0]), _milliseconds(think_time[1])
    always = _milliseconds(think_time)
    return always, always


def _milliseconds(duration: Duration) -> int:
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not 0 <= seconds < float("inf"):
        raise InvalidRequest("nobody thinks for less than no time, or for ever.", argument="think_time")
    return round(seconds * 1000)


@dataclass(frozen=True, slots=True)
class WorkDone:
    """
    What a crowd has done.

    Attributes:
        submitted: How many assignments were submitted.
        returned: How many were returned, because the script did not want them. Those that ran into their deadline while
            the robot was thinking are in neither number.
        by_worker: How many each worker submitted, by id; those who found nothing or never turned up included.
        abandoned: How many were accepted and then left alone on purpose.
    """

    submitted: int
    returned: int
    by_worker: dict[str, int]
    abandoned: int = 0


async def run(
    house: House,
    answer: Script,
    *,
    workers: int | Sequence[str],
    environment: str,
    manners: Manners,
    seed: int | None,
    clock: Clock | None,
) -> WorkDone:
    """
    Let robots work until none of them finds anything to do.

    Args:
        house: Where.
        answer: The script.
        workers: How many, or who.
        environment: Where in it.
        manners: How they work.
        seed: Where everything random comes from.
        clock: What robots wait by; None turns the market's clock ahead instead.
    """
    source = random.Random(seed)
    if isinstance(workers, int):
        names = _names(workers, source)
        if house.rules.strict_workers:
            for name in names:
                await house.act(partial(people.add, worker_id=name, origin="script"), environment=environment)
    else:
        names = list(workers)
    script = _Script(answer)
    crowd = [
        _Robot(house, Worker(house, name, environment), script, manners, random.Random(source.random()))
        for name in names
    ]
    at_work = [robot for robot in crowd if not (manners.no_shows and robot.random.random() < manners.no_shows)]
    time: RobotClock = TurnedClock(house) if clock is None else WaitedClock(house, clock)
    # What one robot returns or abandons, another that had found nothing may want: go round until that brings nothing.
    while await _round(at_work, time) or await time.pass_until_more():
        pass
    return WorkDone(
        submitted=sum(robot.submitted for robot in crowd),
        returned=sum(robot.returned for robot in crowd),
        by_worker={robot.worker.worker_id: robot.submitted for robot in crowd},
        abandoned=sum(robot.abandoned for robot in crowd),
    )


async def _round(crowd: list[_Robot], time: RobotClock) -> bool:
    before = sum(len(robot.passed) for robot in crowd)
    time.begin(len(crowd))
    tasks = [asyncio.ensure_future(robot.run(time)) for robot in crowd]
    tasks.append(asyncio.ensure_future(time.run()))
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


async def _whole(act: Awaitable[T], undo: Callable[[T], Awaitable[None]] | None = None) -> T:
    """
    Await an act that is not to be left half-way: whoever is cancelled meanwhile waits for its end.

    Args:
        act: The act.
        undo: What to do with its result then.
    """
    doing = asyncio.ensure_future(act)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await _stubbornly(doing)
        if undo is not None and not doing.cancelled() and doing.exception() is None:
            await _stubbornly(asyncio.ensure_future(undo(doing.result())))
        raise


async def _stubbornly(task: asyncio.Future[Any]) -> None:
    """Wait for a task, however often that is cancelled: acts are short."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue


class _Robot:
    """One scripted worker."""

    def __init__(self, house: House, worker: Worker, script: _Script, manners: Manners, source: random.Random) -> None:
        self.worker = worker
        self.random = source
        self.passed: set[int] = set()
        self.submitted = 0
        self.returned = 0
        self.abandoned = 0
        self._house = house
        self._script = script
        self._manners = manners

    async def run(self, time: RobotClock) -> None:
        """Work through everything that is there."""
        try:
            after = 0
            while (taken := await self._take(after)) is not None:
                after = taken.hit.seq
                await self._work_on(taken, time)
        finally:
            time.leave()

    async def _work_on(self, taken: work.Taken, time: RobotClock) -> None:
        hit = hit_shape(taken.hit)
        if self._manners.abandonment and self.random.random() < self._manners.abandonment:
            self.passed.add(taken.hit.seq)
            self.abandoned += 1
            time.abandoned(taken.hit.type.assignment_duration * 1000)
            return
        try:
            await self._hand_in(taken, await self._think(hit, time))
        except BaseException:
            await self._give_up(taken)
            raise

    async def _think(self, hit: HIT, time: RobotClock) -> work.Fields | None:
        pause = self._manners.thinks(hit, self.random)
        if not pause:
            return await self._fields(hit)
        # Asked now, so that scripts which themselves wait for something do so side by side.
        answering = asyncio.ensure_future(self._fields(hit))
        try:
            await time.pause(pause)
            return await answering
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _fields(self, hit: HIT) -> work.Fields | None:
        fields = await self._script(hit, self.worker.worker_id)
        mistake = self._manners.mistake
        if fields is not None and mistake is not None and self.random.random() < self._manners.error_rate:
            return mistake(hit, fields, self.random)
        return fields

    # Acts. All of them are awaited in the same way, which takes the same turns of the event loop: a way that is shorter
    # for some would have robots overtake each other by chance.

    async def _take(self, after: int) -> work.Taken | None:
        passed = frozenset(self.passed)
        name = self.worker.worker_id
        taking = self._house.act(
            lambda context: work.take(context, name, after, passed, "script"),
            environment=self.worker.environment,
            actor=name,
        )
        try:
            return await _whole(taking, self._give_up)
        except ExceedsMaxAssignmentsPerWorker:
            return None

    async def _hand_in(self, taken: work.Taken, fields: work.Fields | None) -> None:
        try:
            if fields is not None:
                await _whole(self.worker.submit(taken.assignment_id, fields))
                self.submitted += 1
            else:
                await _whole(self.worker.return_assignment(taken.assignment_id))
                self.returned += 1
        except AssignmentDoesNotExist:
            _log.debug("%s was too slow for assignment %s", self.worker.worker_id, taken.assignment_id)
        self.passed.add(taken.hit.seq)

    async def _give_up(self, taken: work.Taken | None) -> None:
        """Return what a broken robot holds. Its own error is told, not what goes wrong here."""
        if taken is None:
            return
        try:
            await _whole(self.worker.return_assignment(taken.assignment_id))
        except Exception:
            _log.debug("assignment %s could not be returned", taken.assignment_id, exc_info=True)
