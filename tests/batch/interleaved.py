"""
Programs that work on one ledger at the same time, in every order that chance chooses.

All of them run in this process, each with a client, a connection to the ledger and a name of its own. Whatever money
depends on waits for its turn: each transaction on the ledger before it begins, on PostgreSQL also before it is
committed, each request before it arrives and after it was answered. When nobody can move any more, one of those who
wait is chosen, or time passes up to the next moment that somebody waits for. So a seed stands for an order of events.

Chance may also end a program, as if by a power cut: from then on nothing that it does reaches ledger or service, what
it had on the way may still arrive, and others can see that it is gone. It may break a program off, lose requests and
answers, deliver requests late, and throttle.

What programs do, and what has to be true afterwards, is in `tests.batch.test_interleaving`.
"""

from __future__ import annotations

import asyncio
import random
import selectors
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, TypeVar
from unittest import mock

import msgspec
import psycopg
from sqlalchemy import Connection, Engine, event

from aioturk._core.messages import Request, Response
from aioturk.batch import Batch
from aioturk.batch.ledger.opening import LedgerThread
from aioturk.batch.ledger.processes import Process
from aioturk.client import Client
from aioturk.errors import AttemptTimedOut, ConfigurationError, ConnectionLost
from aioturk.marketplace import Marketplace
from aioturk.marketplace.gateway import Gateway
from aioturk.marketplace.house import House
from aioturk.marketplace.rules import AMAZON
from aioturk.pricing import bonus
from aioturk.testing import error_reply

from .batches import batch_of, operation_of
from .tasks import Guess

__all__ = ["ASSIGNMENT", "LONGEST", "MOST_STEPS", "Program", "World", "explore"]

T = TypeVar("T")

START = 1_900_000_000.0
ASSIGNMENT = 6
"""Cents that an assignment costs, the fee included."""
MOST_STEPS = 30_000
"""Steps after which it goes on for ever."""
LONGEST = 1_800.0
"""Seconds, of a clock on which waiting takes no time, after which somebody waits for ever."""
_LOOK = 0.003
"""Seconds after which it is looked whether whoever is at work waits for a lock."""


class Killed(BaseException):
    """The program is gone."""


@dataclass(eq=False)
class Program:
    """
    A program.

    Attributes:
        number: Its number.
        is_elsewhere: Whether it is on another computer, where only its heartbeats tell that it is alive.
        is_dead: Whether it was killed.
        is_buried: Whether what is left of it is being cleared away.
    """

    number: int
    is_elsewhere: bool = False
    is_dead: bool = False
    is_buried: bool = False
    main: asyncio.Task[None] | None = None
    ended: asyncio.Future[None] | None = None
    """Is done when the program is, in whichever way."""
    weight: float = 1.0
    held_until: int = 0
    points: int = 0
    ledgers: list[SteppedLedger] = field(default_factory=list)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    def has_ended(self, _: object = None) -> None:
        """Be told that it is done."""
        if self.ended is not None and not self.ended.done():
            self.ended.set_result(None)

    @property
    def process(self) -> Process:
        """What it is known by in the ledger."""
        return Process("elsewhere" if self.is_elsewhere else "here", self.number, 1)


_PROGRAM: ContextVar[Program] = ContextVar("program")


@dataclass(eq=False)
class Point:
    """Where somebody waits for his turn."""

    program: Program
    number: int
    what: str
    go: Callable[[str], None]
    """Lets him go on, with what happens to him: ``"on"``, ``"killed"``, or a trouble of a request."""
    request: Request | None = None
    is_new: bool = True


_BETWEEN = {
    "ledger: commit": 0.5,
    "-> SendBonus": 0.2,
    "<- SendBonus": 0.2,
    "<- ApproveAssignment": 0.2,
    "<- CreateHITWithHITType": 0.2,
    "<- GetHIT": 0.2,
}
"""How often somebody is stopped for a while just where others may get in between."""


class World:
    """
    A service, a ledger, and the programs that work on them.

    Args:
        seed: What chance is made of.
        ledger: The ledger's path or URL.
        budget: The most that the batch may cost, in cents.
        troubles: How often a request comes to grief.
        kills: How many programs may be killed.
        breaks: How many programs may be broken off.
    """

    def __init__(
        self,
        seed: int,
        ledger: str,
        *,
        budget: int | None = None,
        troubles: float = 0.0,
        kills: int = 0,
        breaks: int = 0,
    ) -> None:
        self.chance = random.Random(seed)
        self.ledger = ledger
        self.is_postgres = "://" in ledger
        self.budget = budget
        self.troubles = troubles
        self.kills = kills
        self.breaks = breaks
        self.is_quiet: bool = not (troubles or kills)
        """Whether all requests arrive in time."""
        self.is_calm = True
        """Whether everything goes on in its order, and nothing happens to anybody."""
        self.now = 0.0
        self.steps = 0
        self.trace: list[str] = []
        self.broken: list[str] = []
        """What should not have happened at the service."""
        self.is_watched = False
        """Whether turns are taken; else everybody goes on by himself."""
        self.cents = 0
        """What everything that the service has done can cost."""
        self.hit_ids: list[str] = []
        self._programs: list[Program] = []
        self._parked: list[Point] = []
        self._late: list[Request] = []
        self._tombs: list[asyncio.Future[str]] = []
        self._lock = threading.RLock()
        self._active: set[SteppedLedger] = set()
        self._hops = 0
        self._until_shift = 0
        self._monitor: Any = None
        self.market: Marketplace = Marketplace(rules=replace(AMAZON, signature_window=10**9), clock=self)

    # A clock.

    def time(self) -> float:
        """Return the seconds since 1970."""
        return START + self.now

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return 1000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    # Programs.

    def program(self, *, is_elsewhere: bool = False) -> Program:
        """Make a program."""
        made = Program(len(self._programs) + 1, is_elsewhere)
        self._programs.append(made)
        return made

    def batch(self, program: Program, *, retries: bool = False, **options: Any) -> Batch[Guess]:
        """Make a program's batch, with a client of its own."""
        mturk = Client(
            self.market.url,
            credentials=self.market.credentials,
            transport=_Wire(self, program),
            retries=retries,
            clock=self,
        )
        budget = None if self.budget is None else Decimal(self.budget).scaleb(-2)
        return batch_of(mturk, self.ledger, clock=self, budget=budget, **options)

    async def run(self, *works: tuple[Program, Callable[[], Awaitable[None]]]) -> None:
        """Let programs do their work at the same time, until those that live are done."""
        loop = asyncio.get_running_loop()
        for program, work in works:
            token = _PROGRAM.set(program)
            program.main = loop.create_task(_as_coroutine(work))
            _PROGRAM.reset(token)
            program.ended = loop.create_future()
            program.main.add_done_callback(program.has_ended)
        self.is_watched = True
        try:
            for program, _ in works:
                assert program.ended is not None
                await program.ended
        finally:
            self.is_watched = False
        for program, _ in works:
            if program.main is not None and not (program.is_dead or program.main.cancelled()):
                program.main.result()

    async def clear_away(self) -> None:
        """Clear away what is left of the dead, and have arrive what was on the way."""
        self.is_calm = self.is_watched = True
        try:
            for program in self._programs:
                program.is_buried = program.is_dead
            with self._lock:
                for point in [point for point in self._parked if point.program.is_dead]:
                    self._parked.remove(point)
                    point.go("killed")
            for ledger in [ledger for program in self._programs if program.is_dead for ledger in program.ledgers]:
                ledger.join()
            for tomb in self._tombs:
                tomb.cancel()
            self._tombs.clear()
            for program in self._programs:
                for ledger in program.ledgers if program.is_dead else ():
                    ledger.forget()
            await self._end([task for program in self._programs if program.is_dead for task in program.tasks])
            while self._late:
                await self.arrive(self._late.pop())
        finally:
            self.is_watched = False

    async def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for _ in range(50):
            tasks = [task for task in tasks if not task.done()]
            if not tasks:
                return
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)
        raise AssertionError(f"what is left of the dead goes on: {tasks}")

    async def abandon(self) -> None:
        """Clear everything away, because it cannot go on."""
        for program in self._programs:
            program.is_dead = True
        self._late.clear()
        self.steps = 0
        self.now = 0.0
        await self.clear_away()

    # Taking turns.

    async def at(self, program: Program, what: str, request: Request | None = None) -> str:
        """Wait for the turn."""
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        if program.is_buried:
            raise asyncio.CancelledError
        if program.is_dead:
            self._tombs.append(waiting)
            return await waiting

        def go(fate: str) -> None:
            if fate == "killed":
                self._tombs.append(waiting)
            elif not waiting.done():
                waiting.set_result(fate)

        point = self._park(program, what, go, request)
        try:
            return await waiting
        finally:
            with self._lock:
                if point in self._parked:  # cancelled
                    self._parked.remove(point)

    def in_thread(self, ledger: SteppedLedger, what: str) -> None:
        """Wait for the turn, in the ledger's thread."""
        turn = threading.Event()
        told: list[str] = []

        def go(fate: str) -> None:
            told.append(fate)
            self._active.add(ledger)
            turn.set()

        with self._lock:
            if ledger.program.is_dead:
                raise Killed
            self._park(ledger.program, what, go)
            self._active.discard(ledger)
        self._wake()
        turn.wait()
        if told[0] == "killed":
            raise Killed

    def works(self, ledger: SteppedLedger) -> None:
        """Be told that a ledger's thread has something to do."""
        with self._lock:
            if not any(point.program is ledger.program and point.what.startswith("ledger") for point in self._parked):
                self._active.add(ledger)

    def rests(self, ledger: SteppedLedger) -> None:
        """Be told that a ledger's thread has nothing to do."""
        with self._lock:
            self._active.discard(ledger)
        self._wake()

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(lambda: None)

    def _park(self, program: Program, what: str, go: Callable[[str], None], request: Request | None = None) -> Point:
        with self._lock:
            program.points += 1
            point = Point(program, program.points, what, go, request)
            self._parked.append(point)
            return point

    @property
    def is_busy(self) -> bool:
        """Whether somebody is at work who need not wait for his turn."""
        with self._lock:
            return bool(self._active or self._hops)

    @property
    def is_blocked(self) -> bool:
        """Whether all who are at work wait for locks that others have."""
        with self._lock:
            active = {ledger.pid for ledger in self._active}
            if self._hops or not self.is_postgres or None in active:
                return False
        return active <= self._waiting_for_locks()

    def _waiting_for_locks(self) -> set[int | None]:
        if self._monitor is None:
            self._monitor = psycopg.connect(self.ledger, autocommit=True)
        return {row[0] for row in self._monitor.execute("SELECT pid FROM pg_locks WHERE NOT granted")}

    def step(self, seconds: float | None) -> None:
        """Choose who goes on; nobody can do so by himself."""
        self.steps += 1
        assert self.steps < MOST_STEPS, "it goes on for ever"
        assert self.now < LONGEST, "somebody waits for ever"
        with self._lock:
            parked = sorted(self._parked, key=lambda point: (point.program.number, point.number))
            stuck = bool(self._active)
        if not parked:
            if stuck:
                time.sleep(0.001)  # the database finds out that two wait for each other
                return
            assert seconds is not None, "nobody can go on"
            self.now += seconds
            return
        if self.is_calm:
            self._release(parked[0], "on")
            return
        if self.kills and self.chance.random() < 0.004 and self._kill():
            return
        if self.breaks and self.chance.random() < 0.004 and self._break():
            return
        if seconds is not None and self.chance.random() < 0.03:
            self._log("time passes")
            self.now += seconds
            return
        if self._late and self.chance.random() < 0.05:
            late = self._late.pop(self.chance.randrange(len(self._late)))
            self._log(f"late: {operation_of(late)}")
            self._arriving(late)
            return
        point = self._chosen(parked)
        self._release(point, self._fate(point))

    def _chosen(self, parked: list[Point]) -> Point:
        """Choose a program by a weight that changes, and then where it goes on."""
        if self._until_shift <= 0:
            self._until_shift = self.chance.randrange(1, 60)
            for program in self._programs:
                program.weight = 10 ** self.chance.uniform(-2.5, 0)
        self._until_shift -= 1
        for point in parked:
            if point.is_new and self.chance.random() < _BETWEEN.get(point.what, 0.0):
                point.program.held_until = self.steps + self.chance.randrange(2, 80)
            point.is_new = False
        programs = list({point.program: None for point in parked})
        programs = [one for one in programs if one.held_until <= self.steps] or programs
        [program] = self.chance.choices(programs, [one.weight for one in programs])
        return self.chance.choice([point for point in parked if point.program is program])

    def _fate(self, point: Point) -> str:
        if point.request is None or self.chance.random() >= self.troubles:
            return "on"
        return self.chance.choice(["lost", "answer lost", "late", "throttled", "fault"])

    def _release(self, point: Point, fate: str) -> None:
        self._log(f"{point.what}{'' if fate == 'on' else f' ({fate})'}", point.program)
        with self._lock:
            self._parked.remove(point)
            point.go(fate)

    def _log(self, what: str, program: Program | None = None) -> None:
        self.trace.append(f"{self.steps} {self.now:.2f} {program.number if program else '-'} {what}")

    def _victims(self) -> list[Program]:
        with self._lock:
            busy = {ledger.program for ledger in self._active}
        return [
            one
            for one in self._programs
            if one.main is not None and not (one.main.done() or one.is_dead or one in busy)
        ]

    def _kill(self) -> bool:
        victims = self._victims()
        if not victims:
            return False
        self.kills -= 1
        victim = self.chance.choice(victims)
        self._log("is killed", victim)
        with self._lock:
            points = [point for point in self._parked if point.program is victim]
            for point in points:
                self._parked.remove(point)
            for point in points:
                if point.request is not None and self.chance.random() < 0.5:
                    self._late.append(point.request)
                in_time = point.what.startswith("ledger") and self.chance.random() < 0.5
                point.go("on" if in_time else "killed")
            victim.is_dead = True
        victim.has_ended()
        return True

    def _break(self) -> bool:
        victims = self._victims()
        if not victims:
            return False
        self.breaks -= 1
        victim = self.chance.choice(victims)
        self._log("is broken off", victim)
        assert victim.main is not None
        victim.main.cancel()
        return True

    # The service.

    def _arriving(self, request: Request) -> None:
        self._hops += 1  # until it has arrived
        task = self._loop.create_task(self.arrive(request))

        def arrived(_: object) -> None:
            self._hops -= 1

        task.add_done_callback(arrived)

    _loop: asyncio.AbstractEventLoop

    async def arrive(self, request: Request) -> Response:
        """Have the service answer a request, and keep books of what it can cost."""
        house = self.market._house
        response = await Gateway(house, mischief=self.market._mischief).handle(request)
        assert isinstance(response, Response)
        if response.status == 200:
            self._count(operation_of(request), msgspec.json.decode(request.body), msgspec.json.decode(response.body))
        return response

    def _count(self, operation: str, asked: Any, answered: Any) -> None:
        if operation == "CreateHITWithHITType":
            hit = answered["HIT"]
            if hit["HITId"] in self.hit_ids:
                return
            self.hit_ids.append(hit["HITId"])
            self.cents += hit["MaxAssignments"] * ASSIGNMENT
        elif operation == "CreateAdditionalAssignmentsForHIT":
            self.cents += asked["NumberOfAdditionalAssignments"] * ASSIGNMENT
        elif operation == "SendBonus":
            self.cents += bonus(asked["BonusAmount"]).cents
        else:
            return
        if self.budget is not None and self.cents > self.budget:
            self.broken.append(f"{self.cents} cents with {operation}")


def _task(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
    """Make a task that its program knows of."""
    task = asyncio.Task(work, loop=loop, **options)
    if (owner := _PROGRAM.get(None)) is not None:
        owner.tasks.append(task)
    return task


async def _as_coroutine(work: Callable[[], Awaitable[None]]) -> None:
    await work()


class _Wire:
    """Carries a program's requests."""

    def __init__(self, world: World, program: Program) -> None:
        self._world = world
        self._program = program

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        """Send a request, or let it come to grief."""
        operation = operation_of(request)
        fate = await self._world.at(self._program, f"-> {operation}", request)
        if fate == "lost":
            raise ConnectionLost("connection reset by peer")
        if fate == "throttled":
            return error_reply(message="Rate exceeded", kind="ThrottlingException")
        if fate == "late":
            self._world._late.append(request)
            raise AttemptTimedOut("no answer in time")
        response = await asyncio.shield(self._world.arrive(request))
        await self._world.at(self._program, f"<- {operation}")
        if fate == "answer lost":
            raise ConnectionLost("connection reset by peer")
        if fate == "fault":
            return error_reply("ServiceFault", "Try again later.", kind="ServiceFault", status=500)
        return response

    async def close(self) -> None:
        """Do nothing."""


_HERE = threading.local()


class SteppedLedger(LedgerThread):
    """A ledger whose thread waits for its turn."""

    world: World

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.program = _PROGRAM.get()
        self.pid: int | None = None
        self._outstanding: list[Future[Any]] = []
        self._writes = False
        self.program.ledgers.append(self)

    def submit(self, act: Callable[[Connection], T]) -> Future[T]:
        """Hand an act in."""
        if self.program.is_dead:
            nobody: Future[T] = Future()
            nobody.set_running_or_notify_cancel()
            if self.program.is_buried:
                nobody.set_exception(ConfigurationError("the program is gone"))
            return nobody
        with self._wake:
            outcome = super().submit(act)
            self.world.works(self)
        self._outstanding = [each for each in self._outstanding if not each.done()]
        self._outstanding.append(outcome)
        return outcome

    def join(self) -> None:
        """Wait for the thread of a dead program to see that it is over."""
        while self in self.world._active:
            time.sleep(0.0005)

    def forget(self) -> None:
        """Let nobody wait any more for what a dead program has asked for."""
        for outcome in self._outstanding:
            if not outcome.done():
                outcome.set_exception(ConfigurationError("the program is gone"))

    async def close(self) -> None:
        """Disconnect."""
        if self.program.is_dead:
            await self.world.at(self.program, "closing")
        if self._thread is None:
            return
        await self.perform(lambda _: None)
        self.world._hops += 1
        try:
            await super().close()
        finally:
            self.world._hops -= 1

    def _work(self) -> None:
        _HERE.ledger = self
        try:
            super()._work()
        except Killed:
            self.world.rests(self)

    def _next(self) -> Any:
        with self._wake:
            while not self._acts:
                self.world.rests(self)
                if self._closing:
                    self._thread = None
                    return None
                self._wake.wait()
        self.world.in_thread(self, "ledger: begin")
        with self._wake:
            # Mostly one by one: what others do in between is what matters.
            together = self.world.chance.choice((1, 1, 2, 64))
            return [self._acts.popleft() for _ in range(min(together, len(self._acts)))]

    def _connected(self) -> Engine:
        engine = super()._connected()
        if self.is_postgres:
            event.listen(engine, "connect", self._remember)
            event.listen(engine, "begin", self._begins)
            event.listen(engine, "before_cursor_execute", self._looks_at)
            event.listen(engine, "commit", self._before_commit)
        return engine

    def _remember(self, connection: Any, _: object) -> None:
        self.pid = connection.info.backend_pid

    def _begins(self, _: Connection) -> None:
        self._writes = False

    def _looks_at(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._writes = self._writes or not statement.startswith("SELECT") or " FOR " in statement

    def _before_commit(self, _: Connection) -> None:
        if self._writes:
            self.world.in_thread(self, "ledger: commit")


def _paused(_: float) -> None:
    ledger: SteppedLedger = _HERE.ledger
    ledger.world.in_thread(ledger, "ledger: again")


# The loop.


class _Selector(selectors.SelectSelector):
    """Lets somebody go on when nobody does so by himself."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> list[Any]:
        if not self._world.is_watched or (timeout is not None and timeout <= 0):
            found = super().select(timeout)
            if not (found or timeout is None):
                self._world.now += max(timeout, 0.0)
            return found
        if found := super().select(0):
            return found
        while self._world.is_busy:
            if found := super().select(_LOOK):
                return found
            if self._world.is_blocked:
                break
        if found := super().select(0):
            return found
        self._world.step(timeout)
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, world: World) -> None:
        self._world = world
        self._chooser = _Selector(world)
        super().__init__(self._chooser)
        self.set_task_factory(_task)

    def time(self) -> float:
        return self._world.now

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        await super().shutdown_default_executor()


@contextmanager
def _replaced(world: World) -> Iterator[None]:
    hop = House._hop

    async def counted(house: House, function: Any) -> Any:
        world._hops += 1
        try:
            return await hop(house, function)
        finally:
            world._hops -= 1

    def is_dead(process: Process) -> bool | None:
        if process.host == "elsewhere":
            return None
        return world._programs[process.pid - 1].is_dead

    kind = type("Ledger", (SteppedLedger,), {"world": world})
    clocks = SimpleNamespace(time=world.time, monotonic=world.monotonic)
    ids = SimpleNamespace(urandom=world.chance.randbytes)
    tokens = SimpleNamespace(token_hex=lambda length: world.chance.randbytes(length).hex())
    with ExitStack() as stack:
        for name, value in (
            ("aioturk.batch.batch.LedgerThread", kind),
            ("aioturk.batch.holding.time", clocks),
            ("aioturk.batch.holding.secrets", tokens),
            ("aioturk.batch.holding.own_process", lambda: _PROGRAM.get().process),
            ("aioturk.batch.ledger.holders.is_dead", is_dead),
            ("aioturk.batch.ledger.holders._now", lambda _: int(world.time() * 1000)),
            ("aioturk.batch.ledger.opening.time", SimpleNamespace(sleep=_paused)),
            ("aioturk.marketplace.identifiers.os", ids),
            ("aioturk.marketplace.house.House._hop", counted),
        ):
            stack.enter_context(mock.patch(name, value))
        yield


def explore(world: World, story: Callable[[], Awaitable[None]]) -> None:
    """Let a story happen in a world."""
    random.seed(world.chance.random())  # the waits before repeats

    async def happen() -> None:
        world._loop = asyncio.get_running_loop()
        async with world.market:
            try:
                await story()
            except BaseException:
                await world.abandon()
                raise

    with _replaced(world):
        loops: list[_Loop] = []

        def make() -> _Loop:
            loops.append(_Loop(world))
            return loops[-1]

        with asyncio.Runner(loop_factory=make) as runner:
            try:
                runner.run(happen())
            finally:
                if world._monitor is not None:
                    world._monitor.close()
