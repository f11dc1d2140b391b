"""
The way of the messages to one place, so that none waits for a place that is not its own.

What a message looks like is in `carriers`; who begins and ends a round is in `courier`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from aioturk.clock import Clock
from aioturk.marketplace.delivery.carriers import Carrier, Gone, Undelivered
from aioturk.marketplace.house import House
from aioturk.marketplace.service import Context
from aioturk.marketplace.store.records import Letter

__all__ = ["CLAIM", "Round"]

_log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Messages of one round that are on their way at the same time."""

_ATTEMPTS = 17
"""After so many a message is given up: 18 hours, as the waits between them double from one second on."""

CLAIM = 30_000
"""Milliseconds for which a message is ours; longer than an attempt can take."""

_LOOK = 1.0
"""Seconds between looks at what is to be tried again."""

_GRACE = 2.0
"""Seconds that attempts under way get to end when the market closes."""

_LONGEST_ANSWER = 65536
_LONGEST_TROUBLE = 500


class _Outcome(NamedTuple):
    """What became of an attempt."""

    letter: Letter
    trouble: str | None = None
    made: bool = True
    """False when it was called off."""
    final: bool = False
    """True when there is no use in another one."""


class Round:
    """
    Brings the messages that take one way.

    Args:
        house: The market.
        carrier: The way.
        clock: What tells when to try again.
        session: What calls are made with.
    """

    def __init__(self, house: House, carrier: Carrier, clock: Clock, session: aiohttp.ClientSession) -> None:
        self._house = house
        self._carrier = carrier
        self._clock = clock
        self._session = session
        self._woken = asyncio.Event()
        self._settled = asyncio.Event()
        self._stopping = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._outcomes: list[_Outcome] = []

    # Going round.

    def wake(self) -> None:
        """There is something to do, perhaps."""
        self._woken.set()

    def stop(self) -> None:
        """Come to an end."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Send what is to be sent, until it is stopped."""
        while not self._stopping:
            self._woken.clear()
            await self._turn(_AT_ONCE - len(self._under_way))
            await self._first_of(self._woken.wait(), self._clock.sleep(_LOOK))
        await self._call_off()
        await self._turn(0)

    async def _turn(self, free: int) -> None:
        """Keep what became of messages, and take as many new ones as there is room for, in one act."""
        outcomes = tuple(self._outcomes)
        now = int(self._clock.time() * 1000)
        try:
            letters = await self._house.act(lambda context: self._exchange(context, outcomes, now, free))
        except Exception:
            # They are not lost: what was done is kept at the next turn, or else done again when the claim has ended.
            _log.exception("messages about events wait, as the store could not be used; next look in %g s", _LOOK)
            return
        del self._outcomes[: len(outcomes)]
        if outcomes:
            settled, self._settled = self._settled, asyncio.Event()
            settled.set()
        for letter in letters:
            task = asyncio.create_task(self._bring(letter), name="aioturk-letter")
            self._under_way.add(task)

    def _exchange(self, context: Context, outcomes: tuple[_Outcome, ...], now: int, free: int) -> list[Letter]:
        for outcome in outcomes:
            _settle(context, outcome, now)
        if not free:
            return []
        transport, destination = self._carrier.transport, self._carrier.destination
        return context.store.notifications.claim(transport, now, now + CLAIM, free, destination=destination)

    async def _call_off(self) -> None:
        """Let attempts under way end; those that take long are made again the next time."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(set(self._under_way), timeout=_GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until no message is left that is to be sent this way."""
        while True:
            settled = self._settled  # before the question, so that no answer is missed
            if self._stopping or not await self._house.act(self._is_busy):
                return
            await self._first_of(settled.wait(), self._clock.sleep(_LOOK))

    def _is_busy(self, context: Context) -> bool:
        transport, destination = self._carrier.transport, self._carrier.destination
        return context.store.notifications.any_waiting(transport, destination=destination)

    async def _first_of(self, *awaitables: Coroutine[Any, Any, Any]) -> None:
        tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # One message.

    async def _bring(self, letter: Letter) -> None:
        outcome = _Outcome(letter, made=False)
        try:
            await self._send(letter)
            outcome = _Outcome(letter)
        except (Undelivered, aiohttp.ClientError, OSError, TimeoutError) as trouble:
            outcome = _Outcome(letter, _described(trouble), final=isinstance(trouble, Gone))
        except Exception as trouble:
            _log.exception("a message about an event could not be written as a request")
            outcome = _Outcome(letter, _described(trouble))
        finally:
            self._outcomes.append(outcome)
            # Here and not when the task is done: whoever is woken at once has to find the room that there is now.
            task = asyncio.current_task()
            assert task is not None
            self._under_way.discard(task)
            self._woken.set()

    async def _send(self, letter: Letter) -> None:
        request = self._carrier.write(letter, datetime.fromtimestamp(self._clock.time(), UTC))
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=[*request.headers, ("Accept-Encoding", "identity")],
            data=request.body,
            allow_redirects=False,
        ) as answer:
            if self._carrier.is_receipt(answer.status):
                return
            text = self._carrier.hide(await _beginning(answer))
        self._carrier.judge(answer.status, text)


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    data = b""
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > _LONGEST_ANSWER:
            break
    return data.decode("utf-8", "replace")


def _described(trouble: Exception) -> str:
    text = str(trouble) or ("it took too long" if isinstance(trouble, TimeoutError) else type(trouble).__name__)
    # Whoever answered chose the words: one line, of what a database takes.
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_LONGEST_TROUBLE]


def _settle(context: Context, outcome: _Outcome, now: int) -> None:
    """Keep what became of a message."""
    letter, trouble, keep = outcome.letter, outcome.trouble, context.store.notifications.settle
    attempts = letter.attempts + outcome.made
    if not outcome.made:
        keep(letter, "waiting", attempts=attempts, next_at=now)
    elif trouble is None:
        keep(letter, "delivered", attempts=attempts)
    elif attempts < _ATTEMPTS and not outcome.final:
        keep(letter, "waiting", attempts=attempts, next_at=now + 1000 * 2 ** (attempts - 1), trouble=trouble)
    else:
        keep(letter, "failed", attempts=attempts, trouble=trouble)
        context.note("NotificationFailed", None, message=letter.seq, attempts=attempts)
