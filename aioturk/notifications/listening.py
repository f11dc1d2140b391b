"""
`listen`: the events of a queue, one after the other.

The rule behind all the others: a message leaves the queue only when all its events have been dealt with. Whatever goes
wrong before that, it comes again, so an event may come twice, and is never lost.

A message is held for as long as it is worked on, by telling the queue again and again that nobody else is to have it.
The requests themselves are in :mod:`aioturk.notifications.queues`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import AsyncGeneratorType, TracebackType
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

from aioturk.calling import Neighbour
from aioturk.clock import Clock, SystemClock
from aioturk.credentials import Credentials, CredentialsProvider, keyring
from aioturk.errors import AccessDenied, ConfigurationError, CredentialsError, InvalidNotification, TurkError
from aioturk.notifications.events import Event
from aioturk.notifications.queues import Message, Queue, origin_of, refusal, region_of
from aioturk.notifications.reading import parse
from aioturk.notifications.seen import REMEMBERED, Seen, key_of
from aioturk.retries import RetryPolicy
from aioturk.transport import Transport

__all__ = ["Listener", "OnUnreadable", "listen"]

_log = logging.getLogger(__name__)

_LONGEST_WAIT: Final = 20
_LONGEST_VISIBILITY: Final = 12 * 3600
_LARGEST_BATCH: Final = 10

_PAUSE: Final = 1.0
"""Seconds between two questions at the least, when the answer is that there is nothing."""
_FAREWELL: Final = 5.0
"""Seconds that giving messages back may take; then they come back by themselves."""

OnUnreadable: TypeAlias = Callable[[str, InvalidNotification], Awaitable[object]]
"""What is called with the body of a message that cannot be read, and the reason."""


def listen(
    queue_url: str,
    *,
    credentials: Credentials | CredentialsProvider | None = None,
    profile: str | None = None,
    region: str | None = None,
    endpoint: str | None = None,
    wait: float | timedelta = 20,
    visibility: float | timedelta = 60,
    batch: int = 10,
    timeout: float | timedelta = 300.0,
    retries: RetryPolicy | bool | None = None,
    on_unreadable: OnUnreadable | None = None,
    remember: int = REMEMBERED,
    allow_http: bool = False,
    transport: Transport | None = None,
    clock: Clock | None = None,
) -> Listener:
    """
    Listen to a queue into which the service, or a topic, writes its messages.

    ::

        async for event in notifications.listen(queue_url):
            print(event.type, event.hit_id)

    An event has been dealt with when the next one is asked for: then, if it was the last one of its message, the
    message is deleted. While you work on it nobody else gets it, however long that takes, up to the twelve hours that
    the queue service allows. When the loop ends, by an error, by cancellation or by ``break``, the event that it was at
    counts as not dealt with: its message goes back, as do all others that were taken and not handed out, and comes
    again. `Listener.done` says that it has been dealt with. Leave the loop inside of ``async with`` if going back is to
    be over when the block is left; otherwise it happens soon after.

    Messages that come again although they were dealt with are deleted and not handed out; that is known by their
    ``EventDocId``, for the last `remember` events of this listener. Events come in no particular order.

    A message that cannot be read is logged, and left where it is: it comes again when its `visibility` ends, until the
    queue's own rules (a redrive policy, the end of its retention) take it away.

    Args:
        queue_url: The queue.
        credentials: Keys, or an async function that returns them. Without any: the environment variables, else
            everything that botocore knows.
        profile: The name of a profile in the AWS configuration files, instead of `credentials`.
        region: The region for signatures. Without one: that of the queue's host, else ``AWS_REGION``, else
            ``us-east-1``.
        endpoint: The URL of the queue service, if it is not where the queue's URL says.
        wait: For how long the queue waits for messages before it answers that there are none: up to 20 seconds.
        visibility: For how long a message is kept away from others at a time. When this process is killed, its messages
            come again after so long.
        batch: How many messages are taken at once: up to 10.
        timeout: For how long the queue may be out of reach before the loop ends with an error.
        retries: False for a single attempt, True for the usual patience, or a :class:`~aioturk.RetryPolicy`.
        on_unreadable: Called with the body of a message that cannot be read, and the reason. When it returns, the
            message is deleted.
        remember: How many events are remembered.
        allow_http: Permits plain ``http://`` to other hosts than this computer.
        transport: What sends requests, instead of aiohttp; for tests.
        clock: What tells the time and waits; for tests.

    Raises:
        ConfigurationError: An argument cannot work.
    """
    origin = origin_of(queue_url, "queue_url", allow_http=allow_http)
    if not urlsplit(queue_url).path.strip("/"):
        raise ConfigurationError("queue_url names no queue: it ends with the name of one. Nothing was sent.")
    if endpoint is not None:
        origin = origin_of(endpoint, "endpoint", allow_http=allow_http)
    clock = clock or SystemClock()

    def open_queue() -> Queue:
        service = Neighbour(
            "sqs",
            errors=refusal,
            keys=keyring(credentials, profile=profile, clock=clock),
            region=region or region_of(origin),
            timeout=timeout,
            retries=retries,
            transport=transport,
            clock=clock,
        )
        return Queue(queue_url, origin, service)

    open_queue()  # which does nothing yet, but complains about what cannot work
    manner = _Manner(
        wait=_whole("wait", wait, 0, _LONGEST_WAIT),
        visibility=_whole("visibility", visibility, 1, _LONGEST_VISIBILITY),
        batch=_whole("batch", batch, 1, _LARGEST_BATCH),
        on_unreadable=on_unreadable,
        clock=clock,
    )
    return Listener(open_queue, manner, Seen(remember))


def _whole(name: str, value: float | timedelta, least: int, most: int) -> int:
    number: Any = value.total_seconds() if isinstance(value, timedelta) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not least <= number <= most:
        raise ConfigurationError(f"{name} is {value!r}; it can be {least} to {most}.")
    if number != int(number):
        raise ConfigurationError(f"{name} is {value!r}; it has to be a whole number.")
    return int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How to listen."""

    wait: int
    visibility: int
    batch: int
    on_unreadable: OnUnreadable | None
    clock: Clock


class Listener:
    """
    The events of a queue, for ``async for``; made by `listen`.

    Inside of ``async with`` a loop may be left and another one begun, which goes on where the first one was; leaving
    the block gives back what was not dealt with, and closes the connections. A loop that was ended, by an error of the
    queue's or by whoever it was handed to, such as a batch, has given it back already; the next one begins anew.
    Without ``async with`` each loop is by itself.
    """

    def __init__(self, open_queue: Callable[[], Queue], manner: _Manner, seen: Seen) -> None:
        self._open_queue = open_queue
        self._manner = manner
        self._seen = seen
        self._entered = False
        self._kept: AsyncGenerator[Event, None] | None = None
        self._round: _Round | None = None

    async def __aenter__(self) -> Self:
        if self._entered:
            raise ConfigurationError("This listener was entered already: make one for each place where you listen.")
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        kept, self._kept = self._kept, None
        self._entered = False
        if kept is not None:
            await kept.aclose()

    def __aiter__(self) -> AsyncIterator[Event]:
        if not self._entered:
            # Nobody else holds it, so that it ends when its loop is left.
            return self._begin()
        if self._kept is None or _is_over(self._kept):
            self._kept = self._begin()
        return self._kept

    async def done(self) -> None:
        """
        Say that the event which was handed out last has been dealt with, before the next one is asked for.

        Call it before ``break``. If it was the last event of its message, the message is deleted now.

        Raises:
            TurkError: The message could not be deleted: it will come again.
        """
        if self._round is not None:
            await self._round.done()

    def _begin(self) -> AsyncGenerator[Event, None]:
        self._round = _Round(self._open_queue(), self._manner, self._seen)
        return self._round.events()


def _is_over(events: AsyncGenerator[Event, None]) -> bool:
    """Say whether a generator has ended, be it before it began: then it has no frame any more."""
    assert isinstance(events, AsyncGeneratorType)
    return events.ag_frame is None


class _Round:
    """One loop: what it has taken out of the queue, and how far it has come with it."""

    def __init__(self, queue: Queue, manner: _Manner, seen: Seen) -> None:
        self._queue = queue
        self._manner = manner
        self._seen = seen
        self._held: list[Message] = []
        self._at: tuple[Message, tuple[Event, ...], int] | None = None
        self._holding: asyncio.Task[None] | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Hand out events until somebody ends it."""
        try:
            while True:
                await self._take()
                while self._held:
                    message = self._held[0]
                    for place, event in enumerate(events := await self._read(message)):
                        if key_of(event, place) in self._seen:
                            continue
                        self._at = (message, events, place)
                        yield event
                        self._seen.add(key_of(event, place))
                        self._at = None
                    if message in self._held:
                        await self._finish(message)
        finally:
            self._at = None
            await self._leave()

    async def done(self) -> None:
        """Count the event that was handed out last as dealt with."""
        if self._at is None:
            return
        message, events, place = self._at
        self._seen.add(key_of(events[place], place))
        # Those before it were dealt with, whether or not they are still remembered.
        later = list(enumerate(events))[place + 1 :]
        if message in self._held and all(key_of(each, number) in self._seen for number, each in later):
            self._held.remove(message)
            await self._queue.delete(message)

    async def _take(self) -> None:
        """Take messages out of the queue; there may be none."""
        manner, clock = self._manner, self._manner.clock
        began = clock.monotonic()
        taken = await self._queue.receive(most=manner.batch, wait=manner.wait, visibility=manner.visibility)
        self._held.extend(taken)
        if taken and self._holding is None:
            self._holding = asyncio.create_task(self._hold(), name="aioturk-listener")
        # A service that does not wait must not be asked without end.
        early = _PAUSE - (clock.monotonic() - began)
        if not taken and early > 0:
            await clock.sleep(early)

    async def _read(self, message: Message) -> tuple[Event, ...]:
        """Return the events of a message; none when it cannot be read, and then it is not held any more."""
        try:
            return parse(message.body)
        except InvalidNotification as problem:
            if self._manner.on_unreadable is not None:
                await self._manner.on_unreadable(message.body, problem)
                return ()
            self._held.remove(message)
            _log.warning(
                "message %s cannot be read, and stays in its queue: %s",
                message.message_id.encode("ascii", "backslashreplace").decode()[:100],
                problem,
            )
            return ()

    async def _finish(self, message: Message) -> None:
        """Delete a message of which all is dealt with."""
        self._held.remove(message)
        try:
            await self._queue.delete(message)
        except (AccessDenied, CredentialsError):
            raise
        except TurkError as error:
            # It comes again, is known then, and is deleted.
            _log.warning("a message that was dealt with could not be deleted yet: %s", error)

    async def _hold(self) -> None:
        """Keep what is held away from others."""
        every = self._manner.visibility / 3  # so that one that fails is not one too late
        while True:
            await self._manner.clock.sleep(every)
            held = tuple(self._held)
            if not held:
                continue
            try:
                lost = await self._queue.hide(held, self._manner.visibility, timeout=every)
            except TurkError as error:
                lost = dict.fromkeys((message.message_id for message in held), type(error).__name__)
            # Meanwhile some may have been dealt with, and deleted.
            lost = {
                message.message_id: lost[message.message_id] for message in self._held if message.message_id in lost
            }
            if lost:
                _log.warning("messages may come to others while they are worked on here: %s", lost)

    async def _leave(self) -> None:
        """Give back what is held, and close; to the end, even if somebody loses patience."""
        cancelled = False
        for _ in range(2):
            leaving = asyncio.create_task(self._give_back(), name="aioturk-listener-leaves")
            while not leaving.done():
                try:
                    await asyncio.wait([leaving])
                except asyncio.CancelledError:
                    cancelled = True
            if not leaving.cancelled():
                break
            # At the end of a program asyncio.run cancels whatever there is, and waits for it: time to do it anew.
        if cancelled:
            raise asyncio.CancelledError
        leaving.result()

    async def _give_back(self) -> None:
        if self._holding is not None:
            self._holding.cancel()
            await asyncio.wait([self._holding])
            if not self._holding.cancelled():
                _log.error("holding messages had ended before its time", exc_info=self._holding.exception())
        try:
            async with asyncio.timeout(_FAREWELL):
                lost = await self._queue.hide(self._held, 0, timeout=_FAREWELL) if self._held else {}
                self._held = []
                if lost:
                    _log.debug("messages were not given back, as they were not ours any more: %s", lost)
        except (TurkError, TimeoutError) as error:
            _log.warning(
                "messages could not be given back, and come again after %d s: %s", self._manner.visibility, error
            )
        finally:
            await self._queue.close()
