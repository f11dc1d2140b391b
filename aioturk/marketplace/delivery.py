"""
Delivery: bringing messages about events to a queue service and a topic service.

`Delivery` is what a program asks for, `Courier` what does it, beside everything else and outside of any transaction:
it claims some messages in a short act, sends them, and keeps in the next act what became of them. A message whose
sender died is anybody's when the claim has ended, so each arrives at least once; of several processes on one store,
one sends it.

What the messages say is decided in :mod:`aioturk.marketplace.service.notifications`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import aiohttp
from yarl import URL

from aioturk._core.codec import encode
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError
from aioturk.marketplace.house import House
from aioturk.marketplace.service import Context
from aioturk.marketplace.store.records import Letter
from aioturk.sigv4 import sign

__all__ = ["Courier", "Delivery"]

_log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Messages of one transport that are on their way at the same time."""

_ATTEMPTS = 17
"""After so many a message is given up: 18 hours, as the waits between them double from one second on."""

_CLAIM = 30_000
"""Milliseconds for which a message is ours; longer than an attempt can take."""

_TIMEOUT = 10.0
"""Seconds that an attempt may take."""

_LOOK = 1.0
"""Seconds between looks at what is to be tried again."""

_GRACE = 2.0
"""Seconds that attempts under way get to end when the market closes."""

_LONGEST_ANSWER = 65536
_LONGEST_TROUBLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    Where messages about events are sent, whatever host a requester's queue URL names.

    Args:
        sqs: The URL of a queue service: Amazon's for a region, or a compatible one of yours. The queue's own URL is
            told to it. None sends nothing to queues.
        sns: The URL of a topic service, likewise.
        credentials: What requests to them are signed with.
        region: The region that they are signed for.
        clock: What tells when to try again: real time, in which the other side lives, whatever the market's clock says.

    Raises:
        ConfigurationError: A URL is none, or there are no credentials.
    """

    sqs: str | None = None
    sns: str | None = None
    credentials: Credentials | None = None
    region: str = "us-east-1"
    clock: Clock = field(default_factory=SystemClock, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("sqs", "sns"):
            url = getattr(self, name)
            if url is not None and not _is_endpoint(url):
                raise ConfigurationError(f"Delivery({name}={url!r}): write the URL of the service, http or https.")
            if url is not None and self.credentials is None:
                raise ConfigurationError(
                    f"Delivery({name}=...) needs credentials to sign with; for stand-ins that do not check, "
                    'Credentials("any", "thing") will do.'
                )


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        return False


# How a message looks on the way. The destination is an argument in each: no host that a requester wrote is ever called.


class _Carrier(NamedTuple):
    """A transport: whom to call, and how."""

    service: str
    url: str
    write: Callable[[Letter], tuple[str, list[tuple[str, str]], bytes]]


def _write_sqs(letter: Letter) -> tuple[str, list[tuple[str, str]], bytes]:
    body = encode({"QueueUrl": letter.destination, "MessageBody": letter.body})
    return "POST", [("Content-Type", "application/x-amz-json-1.0"), ("X-Amz-Target", "AmazonSQS.SendMessage")], body


def _write_sns(letter: Letter) -> tuple[str, list[tuple[str, str]], bytes]:
    members = {
        "Action": "Publish",
        "Version": "2010-03-31",
        "TopicArn": letter.destination,
        # The service's own subjects are numbers, too. This one stays the same however often the message is sent.
        "Subject": letter.seq,
        "Message": letter.body,
    }
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    return "POST", [("Content-Type", kind)], urlencode(members).encode("ascii")


def _carriers(delivery: Delivery) -> Mapping[str, _Carrier]:
    carriers = {}
    if delivery.sqs is not None:
        carriers["SQS"] = _Carrier("sqs", delivery.sqs, _write_sqs)
    if delivery.sns is not None:
        carriers["SNS"] = _Carrier("sns", delivery.sns, _write_sns)
    return carriers


class _Undelivered(Exception):
    """An attempt has failed; the text says how."""


class _Outcome(NamedTuple):
    """What became of an attempt."""

    letter: Letter
    trouble: str | None = None
    made: bool = True
    """False when it was called off."""


class Courier:
    """
    Sends messages about events for as long as the market is open.

    Args:
        house: The market.
        delivery: Where to.
    """

    def __init__(self, house: House, delivery: Delivery) -> None:
        self._house = house
        self._delivery = delivery
        self._carriers = _carriers(delivery)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._rounds: list[_Round] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin: what has waited since the last time is sent, too."""
        self._loop = asyncio.get_running_loop()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT),
        )
        self._rounds = [
            _Round(self._house, self._delivery, transport, carrier, self._session)
            for transport, carrier in self._carriers.items()
        ]
        self._tasks = [asyncio.create_task(round_.run(), name="aioturk-courier") for round_ in self._rounds]
        self._house.delivers = frozenset(self._carriers)
        self._house.on_post = self._wake

    def _wake(self) -> None:
        # Called on the threads of acts.
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._wake_rounds)
        except RuntimeError:
            _log.debug("the event loop was closed before the courier")

    def _wake_rounds(self) -> None:
        for round_ in self._rounds:
            round_.wake()

    async def idle(self) -> None:
        """Wait until nothing is left to be sent by the configured transports, now or later."""
        for round_ in self._rounds:
            await round_.idle()

    async def close(self) -> None:
        """End; what is not sent yet waits for the next time. Harmless when it has ended already."""
        self._house.on_post = None
        for round_ in self._rounds:
            round_.stop()
        tasks, self._tasks = self._tasks, []
        try:
            await asyncio.gather(*tasks)
        finally:
            session, self._session = self._session, None
            if session is not None:
                await session.close()


class _Round:
    """The way of the messages of one transport, so that none waits for an endpoint that is not its own."""

    def __init__(
        self,
        house: House,
        delivery: Delivery,
        transport: str,
        carrier: _Carrier,
        session: aiohttp.ClientSession,
    ) -> None:
        assert delivery.credentials is not None
        self._credentials: Credentials = delivery.credentials
        self._house = house
        self._region = delivery.region
        self._clock = delivery.clock
        self._transport = transport
        self._carrier = carrier
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
        return context.store.notifications.claim(self._transport, now, now + _CLAIM, free) if free else []

    async def _call_off(self) -> None:
        """Let attempts under way end; those that take long are made again the next time."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(set(self._under_way), timeout=_GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until no message of this transport is left to be sent."""
        while True:
            settled = self._settled  # before the question, so that no answer is missed
            if self._stopping or not await self._house.act(self._is_busy):
                return
            await self._first_of(settled.wait(), self._clock.sleep(_LOOK))

    def _is_busy(self, context: Context) -> bool:
        return context.store.notifications.any_waiting(self._transport)

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
        except (_Undelivered, aiohttp.ClientError, OSError, TimeoutError) as trouble:
            outcome = _Outcome(letter, _described(trouble))
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
        method, headers, body = self._carrier.write(letter)
        request = sign(
            Request(method, self._carrier.url.rstrip("/") + "/", headers, body),
            self._credentials,
            service=self._carrier.service,
            region=self._region,
            now=datetime.fromtimestamp(self._clock.time(), UTC),
        )
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=[*request.headers, ("Accept-Encoding", "identity")],
            data=request.body,
            allow_redirects=False,
        ) as answer:
            text = self._without_secrets(await _beginning(answer))
        if answer.status != 200:
            raise _Undelivered(f"HTTP {answer.status}: {text}")
        if "MessageId" not in text:
            raise _Undelivered(f"HTTP 200, but not the answer of such a service: {text}")

    def _without_secrets(self, text: str) -> str:
        # Services repeat the headers of requests whose signatures they do not like.
        for secret in (self._credentials.secret_key, self._credentials.session_token):
            if secret:
                text = text.replace(secret, "***")
        return text


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
    elif attempts < _ATTEMPTS:
        keep(letter, "waiting", attempts=attempts, next_at=now + 1000 * 2 ** (attempts - 1), trouble=trouble)
    else:
        keep(letter, "failed", attempts=attempts, trouble=trouble)
        context.note("NotificationFailed", None, message=letter.seq, attempts=attempts)
