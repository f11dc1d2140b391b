"""What state machines have in common that compare the marketplace with a model: the house, acts, and agreement."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import psycopg
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from aioturk._core import codec
from aioturk._generated.service import ROUTES
from aioturk._generated.tables import OPERATIONS
from aioturk.errors import ServiceError
from aioturk.marketplace import Rules
from aioturk.marketplace.house import House
from aioturk.marketplace.service import MarketService, RequesterContext
from aioturk.marketplace.store import Store, inspection
from aioturk.marketplace.store.records import Key
from aioturk.marketplace.store.tables import metadata
from aioturk.marketplace.workers import Worker

from ..postgres import Postgres
from .support import StillClock

T = TypeVar("T")
Document = dict[str, Any]

EXAMPLES = "AIOTURK_MACHINE_EXAMPLES"
"""The environment variable that says how many examples to try, by chance, instead of the usual ones."""


class Databases(Protocol):
    """Where one market after the other can be kept."""

    def make(self) -> str | None:
        """Return the URL of an empty one."""
        ...

    def drop(self, url: str | None) -> None:
        """Be done with it."""
        ...


class InMemory:
    """SQLite's."""

    def make(self) -> str | None:
        return None

    def drop(self, url: str | None) -> None:
        pass


class OnServer:
    """PostgreSQL's: one that is emptied each time, as making one takes longer than an example."""

    def __init__(self, server: Postgres) -> None:
        self._url = server.fresh()

    def make(self) -> str | None:
        return self._url

    def drop(self, url: str | None) -> None:
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY".encode())


class ComparingMachine(RuleBasedStateMachine):
    """
    Does things to a marketplace and to a model.

    Args:
        databases: Where to keep the market.
        rules: The market's rules.
        balance: What its requesters begin with, in cents; None for a balance that never changes.
    """

    refusal: type[Exception]
    """What the model raises when the service has to refuse."""

    def __init__(self, databases: Databases, rules: Rules, *, balance: int | None) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._databases = databases
        self._url = databases.make()
        self._store = Store(self._url)
        self._house = House(self._store, rules, clock=StillClock(), balance=balance)
        self._service = MarketService()
        self._requests = 0
        self._run(self._house.open())
        self._key = self._run(self._new_key("default"))
        self._others_key = self._run(self._new_key("somebody else"))

    def fits(self, refusal: Any, error: ServiceError) -> bool:
        """Say whether the market has refused as the model said that it would."""
        raise NotImplementedError

    def look_once_more(self) -> None:
        """Compare what is compared at the end only."""

    async def _new_key(self, name: str) -> Key:
        keys = await self._house.add_requester(name, None)
        key = await self._house.key(keys.access_key)
        assert key is not None
        return key

    def teardown(self) -> None:
        """See that what the store keeps twice agrees, unless something is known not to."""
        try:
            if sys.exception() is None:
                self.look_once_more()
                assert self._store._engine is not None
                with self._store._engine.connect() as connection:
                    assert list(inspection._problems(connection)) == []
        finally:
            self._run(self._house.close())
            self._loop.close()
            self._databases.drop(self._url)

    # Doing the same to both.

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(coroutine)

    async def _act(self, act: Callable[[RequesterContext], T], key: Key | None = None) -> T:
        return await self._house.act_for(key or self._key, "sandbox", self._request_id, act)

    @property
    def _request_id(self) -> str:
        return f"request-{self._requests}"

    def _ask(self, context: RequesterContext, operation: str, document: Document) -> Any:
        members = {name: value for name, value in document.items() if value is not None}
        request = codec.from_wire(ROUTES[operation].request, members)
        return getattr(self._service, OPERATIONS[operation].python)(context, request)

    def _agree(self, predict: Callable[[], T], act: Coroutine[Any, Any, Any]) -> tuple[T, Any] | None:
        """Return what the model and the marketplace say, or None when both refuse, and the refusals fit."""
        refusal: Exception | None = None
        error: ServiceError | None = None
        predicted: Any = None
        answer: Any = None
        try:
            predicted = predict()
        except self.refusal as refused:
            refusal = refused
        try:
            answer = self._run(act)
        except ServiceError as declined:
            error = declined
        if error is None and refusal is None:
            return predicted, answer
        assert error is not None, f"the market did not refuse, the model did: {refusal!r}"
        assert refusal is not None, f"the model did not refuse, the market did: {error}"
        assert self.fits(refusal, error), f"the market refused with {error}; not {refusal!r}"
        return None

    def _call(
        self, predict: Callable[[], T], operation: str, document: Document, *, key: Key | None = None
    ) -> tuple[T, Any] | None:
        self._requests += 1
        return self._agree(predict, self._act(lambda context: self._ask(context, operation, document), key))

    def _worker(self, worker: str) -> Worker:
        return Worker(self._house, worker)


def run_machine(
    machine: Callable[[Databases], ComparingMachine], databases: Databases, *, usual: int, steps: int
) -> None:
    """Run a machine: the same examples each time, unless the environment asks for so many by chance."""
    wanted = os.environ.get(EXAMPLES)
    run: Any = lambda: machine(databases)  # noqa: E731 - hypothesis asks for a class, and takes any callable
    run_state_machine_as_test(
        run,
        settings=settings(
            max_examples=int(wanted or usual),
            stateful_step_count=steps,
            derandomize=wanted is None,
            deadline=None,
            phases=set(Phase) - {Phase.explain},  # which takes as long as everything else, and says less
            suppress_health_check=list(HealthCheck),
        ),
    )
