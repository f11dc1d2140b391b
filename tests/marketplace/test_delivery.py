"""Bringing messages to queues and topics: moto's, and servers that are slow, wrong, or not there."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from aioturk._core.messages import Request
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace
from aioturk.marketplace.delivery import Delivery
from aioturk.marketplace.delivery.carriers import carriers
from aioturk.marketplace.delivery.rounds import Round
from aioturk.marketplace.house import House
from aioturk.marketplace.notifications import Notification
from aioturk.marketplace.store.records import Letter
from aioturk.sigv4 import Credentials, verify

from .. import queues as queue_server
from ..postgres import Postgres
from ..queues import KEYS, Queues
from .support import ANNA, BERT, Requester, StillClock, done
from .test_notifications import QUEUE, TOPIC, specification, subscribed

ACCEPTED = '{"MessageId": "1", "MD5OfMessageBody": "0"}'
PUBLISHED = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult></PublishResponse>"
)


class HandClock:
    """A clock that is turned by hand, and wakes those whose time has come."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0
        self._turned = asyncio.Event()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            await self._turned.wait()

    def turn(self, seconds: float) -> None:
        self.now += seconds
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()


Answer = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


class Service:
    """A queue or topic service that answers as it is told, and remembers what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Request] = []
        self.answers: list[Answer] = []

    @property
    def bodies(self) -> list[str]:
        """The messages that came to queues, attempts and all."""
        return [json.loads(request.body)["MessageBody"] for request in self.requests]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = tuple(request.headers.items())
        self.requests.append(Request(request.method, f"http://{request.host}{request.raw_path}", headers, body))
        answer = self.answers.pop(0) if self.answers else accept
        return await answer(request, body)


async def accept(_request: web.Request, body: bytes) -> web.StreamResponse:
    return web.Response(text=PUBLISHED if b"Action=Publish" in body else ACCEPTED)


def saying(text: str, status: int) -> Answer:
    async def answer(_request: web.Request, _body: bytes) -> web.StreamResponse:
        return web.Response(text=text, status=status)

    return answer


@asynccontextmanager
async def served() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield service
    finally:
        await runner.cleanup()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service of our own."""
    async with served() as service:
        yield service


@pytest.fixture
def clock() -> HandClock:
    """What the courier's time is turned with."""
    return HandClock()


@pytest.fixture
async def sending(database: str | None, service: Service, clock: HandClock) -> AsyncIterator[Marketplace]:
    """A marketplace on either store that sends everything to our service."""
    async with Marketplace(database, clock=StillClock(), delivery=to(service, clock)) as market:
        yield market


@pytest.fixture(scope="module")
def queues() -> Iterator[Queues]:
    """Moto's queues and topics."""
    with queue_server.serve() as queues:
        yield queues


@pytest.fixture
def dead() -> str:
    """The URL of nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def to(service: Service, clock: HandClock | None = None) -> Delivery:
    return Delivery(sqs=service.url, sns=service.url, credentials=KEYS, clock=clock or HandClock())


async def ping(turk: Requester, transport: str = "SQS", destination: str = QUEUE, count: int = 1) -> None:
    wanted = specification(transport=transport, destination=destination)
    for _ in range(count):
        await turk("SendTestEventNotification", Notification=wanted, TestEventType="Ping")


async def until(market: Marketplace, true: Callable[[list[Notification]], bool]) -> list[Notification]:
    """Look at the log until it is as it has to become."""
    async with asyncio.timeout(30):
        while True:
            messages = await market.notifications  # takes a turn of the store's thread, so others get on
            if true(messages):
                return messages


def turn(market: Marketplace, clock: HandClock, seconds: float) -> None:
    """Turn the courier's clock, and let it look, whether it is asleep already or not."""
    clock.turn(seconds)
    assert market._courier is not None
    market._courier._wake()


def tried(times: int) -> Callable[[list[Notification]], bool]:
    """Every message was tried so often, and what came of it was kept."""
    return lambda messages: all(message.attempts == times and message.trouble for message in messages)


async def delivered(market: Marketplace) -> list[Notification]:
    async with asyncio.timeout(30):
        await market.notifications.delivered()
    return await market.notifications


# To services as they are.


async def test_a_queue_gets_the_message_word_for_word(database: str | None, queues: Queues) -> None:
    """What moto's queue holds is what the log shows, once each."""
    queue = await queues.queue()
    async with Marketplace(database, delivery=Delivery(sqs=queues.url, credentials=KEYS)) as market:
        turk = Requester(market)
        await subscribed(turk, destination=queue)
        await done(market, (await turk.hit())["HITId"], ANNA)
        messages = await delivered(market)

    assert [message.event for message in messages] == [
        "HITCreated",
        "AssignmentAccepted",
        "AssignmentSubmitted",
        "HITReviewable",
    ]
    assert {(message.state, message.attempts, message.trouble) for message in messages} == {("delivered", 1, None)}
    assert Counter(await queues.received(queue)) == Counter(message.body for message in messages)


async def test_a_topic_wraps_the_same_message(database: str | None, queues: Queues) -> None:
    """SNS puts the document into an envelope with a number as its subject; with raw delivery there is none."""
    wrapped, bare = await queues.queue(), await queues.queue()
    async with Marketplace(database, delivery=Delivery(sns=queues.url, credentials=KEYS)) as market:
        turk = Requester(market)
        await ping(turk, "SNS", await queues.topic(wrapped))
        await ping(turk, "SNS", await queues.topic(bare, raw=True))
        first, second = await delivered(market)

    (envelope,) = map(json.loads, await queues.received(wrapped))
    assert (envelope["Type"], envelope["Message"]) == ("Notification", first.body)
    assert envelope["Subject"].isdecimal()
    assert await queues.received(bare) == [second.body]


async def test_a_queue_that_is_not_there_is_trouble(queues: Queues) -> None:
    """The service's own words are kept, and the message waits."""
    clock = HandClock()
    delivery = Delivery(sqs=queues.url, credentials=KEYS, clock=clock)
    async with Marketplace(delivery=delivery) as market:
        await ping(Requester(market), destination=f"{queues.url}/123456789012/no-such-queue")
        (message,) = await until(market, tried(1))

    assert message.state == "waiting"
    assert message.trouble is not None
    assert "HTTP 400" in message.trouble
    assert "QueueDoesNotExist" in message.trouble


# What is sent.


@pytest.mark.parametrize("token", [None, "FwoGZXIvYXdzEBY"])
async def test_requests_are_signed(service: Service, token: str | None) -> None:
    """For the services' own names and the region, so that both verify."""
    keys = Credentials(KEYS.access_key, KEYS.secret_key, token)
    delivery = Delivery(sqs=service.url, sns=service.url + "/topics/", credentials=keys, region="eu-west-1")
    async with Marketplace(delivery=delivery) as market:
        turk = Requester(market)
        await ping(turk)
        await ping(turk, "SNS", TOPIC)
        await delivered(market)

    claims = {verify(request, keys, now=datetime.now(UTC)).service: request.url for request in service.requests}
    assert claims == {"sqs": service.url + "/", "sns": service.url + "/topics/"}
    assert {verify(request, keys, now=datetime.now(UTC)).region for request in service.requests} == {"eu-west-1"}


async def test_destinations_are_arguments(sending: Marketplace, service: Service) -> None:
    """The queue's URL and the topic's ARN are told to the service, in its own protocol."""
    turk = Requester(sending)
    await ping(turk)
    await ping(turk, "SNS", TOPIC)
    first, second = await delivered(sending)

    queue, topic = sorted(service.requests, key=lambda request: b"Action" in request.body)
    assert json.loads(queue.body) == {"QueueUrl": QUEUE, "MessageBody": first.body}
    assert dict(queue.headers)["X-Amz-Target"] == "AmazonSQS.SendMessage"
    assert parse_qs(topic.body.decode()) == {
        "Action": ["Publish"],
        "Version": ["2010-03-31"],
        "TopicArn": [TOPIC],
        "Subject": ["2"],
        "Message": [second.body],
    }


async def test_no_host_is_called_that_a_requester_wrote(sending: Marketplace, service: Service) -> None:
    """A queue URL that names another server reaches only the configured one, which alone is followed nowhere."""
    async with served() as victim:

        async def redirect(_request: web.Request, _body: bytes) -> web.StreamResponse:
            return web.Response(status=307, headers={"Location": victim.url + "/"})

        turk = Requester(sending)
        await ping(turk, destination=f"{victim.url}/123456789012/queue")
        await delivered(sending)
        service.answers = [redirect]
        await ping(turk)
        messages = await until(sending, lambda messages: bool(messages[-1].trouble))

        assert len(service.requests) == 2
        assert victim.requests == []
        assert (messages[-1].trouble or "").startswith("HTTP 307")


async def test_transports_without_an_endpoint_are_logged(service: Service) -> None:
    """A market that serves queues only keeps what is for topics and mailboxes."""
    async with Marketplace(delivery=Delivery(sqs=service.url, credentials=KEYS)) as market:
        turk = Requester(market)
        await ping(turk)
        await ping(turk, "SNS", TOPIC)
        await ping(turk, "Email", "requester@example.org")
        messages = await delivered(market)

    assert [message.state for message in messages] == ["delivered", "logged", "logged"]


# Trouble.


async def test_what_fails_is_tried_again_with_growing_waits(
    sending: Marketplace, service: Service, clock: HandClock
) -> None:
    """One second, two, four: not a moment earlier; then it is delivered once."""
    service.answers = [saying("busy", 503), saying("busy", 503), saying("busy", 503)]
    await ping(Requester(sending))
    for attempt, wait in enumerate([1, 2, 4], 1):
        (message,) = await until(sending, tried(attempt))
        assert (message.state, message.trouble) == ("waiting", "HTTP 503: busy")
        # A look that comes a moment too early finds nothing to do.
        turn(sending, clock, wait - 0.001)
        await until(sending, lambda _messages: True)
        assert len(service.requests) == attempt
        turn(sending, clock, 0.001)
    (message,) = await delivered(sending)

    assert (message.state, message.attempts, message.trouble) == ("delivered", 4, None)
    assert service.bodies == [message.body] * 4


async def test_nobody_there_means_failed_in_the_end(database: str | None, dead: str) -> None:
    """Attempts end after most of a day of real time; meanwhile and afterwards the market serves as ever."""
    clock = HandClock()
    start = clock.now
    delivery = Delivery(sqs=dead, credentials=KEYS, clock=clock)
    async with Marketplace(database, clock=StillClock(), delivery=delivery) as market:
        turk = Requester(market)
        await subscribed(turk, "HITCreated")
        await turk.hit()
        for attempt in range(1, 17):
            await until(market, tried(attempt))
            turn(market, clock, 2 ** (attempt - 1))
        (message,) = await delivered(market)
        assert await turk("GetAccountBalance")

    assert (message.state, message.attempts) == ("failed", 17)
    assert message.trouble
    assert 12 * 3600 < clock.now - start < 24 * 3600


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (saying("<html>Welcome to nginx</html>", 200), "HTTP 200, but not the answer"),
        (saying("MessageId", 201), "HTTP 201"),
        (saying("one\x00line\r\nonly", 400), "HTTP 400: one line only"),
        (saying("x" * 1_000_000, 400), "HTTP 400: xxx"),
        (saying(f"{KEYS.secret_key} is your secret", 403), "HTTP 403: *** is your secret"),
    ],
)
async def test_only_a_services_own_word_counts(
    sending: Marketplace, service: Service, answer: Answer, trouble: str
) -> None:
    """Anything else is trouble, kept in one line that is neither long nor secret."""
    service.answers = [answer]
    await ping(Requester(sending))
    (message,) = await until(sending, tried(1))

    assert message.trouble is not None
    assert message.trouble.startswith(trouble)
    assert len(message.trouble) <= 500


async def test_an_answer_that_breaks_off_is_trouble(sending: Marketplace, service: Service) -> None:
    """Whether it was accepted nobody knows, so it is sent again."""

    async def hang_up(request: web.Request, _body: bytes) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    service.answers = [hang_up]
    await ping(Requester(sending))
    (message,) = await until(sending, tried(1))

    assert message.state == "waiting"


async def test_an_endpoint_that_hangs_holds_up_nothing_else(service: Service) -> None:
    """Neither requests nor the other transport, and no more than eight calls at once are made."""
    release, full = asyncio.Event(), asyncio.Event()

    async def hang(_request: web.Request, _body: bytes) -> web.StreamResponse:
        if len(slow.requests) == 8:
            full.set()
        await release.wait()
        return web.Response(text=ACCEPTED)

    async with served() as slow:
        slow.answers = [hang] * 12
        delivery = Delivery(sqs=slow.url, sns=service.url, credentials=KEYS)
        async with Marketplace(delivery=delivery) as market:
            turk = Requester(market)
            await ping(turk, count=12)
            await ping(turk, "SNS", TOPIC)
            messages = await until(market, lambda messages: messages[-1].state == "delivered")
            async with asyncio.timeout(30):
                await full.wait()
            assert [message.state for message in messages[:-1]] == ["waiting"] * 12
            assert len(slow.requests) == 8
            release.set()
            messages = await delivered(market)

    assert {message.state for message in messages} == {"delivered"}
    assert len(slow.requests) == 12


async def test_a_store_in_trouble_delays_and_loses_nothing(
    sending: Marketplace,
    service: Service,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """When acts fail, that is logged, and the next look goes on where this one stopped."""
    act = House.act
    failing = True
    failed = asyncio.Event()

    async def sometimes(self: House, function: Callable[..., Any], **options: Any) -> Any:
        if failing and "_exchange" in function.__code__.co_names:
            failed.set()
            raise OSError("the disk is full")
        return await act(self, function, **options)

    monkeypatch.setattr(House, "act", sometimes)
    await ping(Requester(sending))
    async with asyncio.timeout(30):
        await failed.wait()
    assert service.requests == []
    failing = False
    turn(sending, clock, 1)
    (message,) = await delivered(sending)

    assert message.state == "delivered"
    assert "the disk is full" in caplog.text


# Several, and again.


async def test_of_two_markets_on_one_store_one_sends(postgres: Postgres, service: Service) -> None:
    """Whichever wrote a message, it is sent once."""
    url = postgres.fresh()
    async with (
        Marketplace(url, delivery=Delivery(sqs=service.url, credentials=KEYS)) as one,
        Marketplace(url, delivery=Delivery(sqs=service.url, credentials=KEYS)) as two,
    ):
        turks = [Requester(one), Requester(two, access_key=one.access_key, secret_key=one.secret_key)]
        await subscribed(turks[0])
        hits = await asyncio.gather(*(turks[i % 2].hit() for i in range(20)))
        await asyncio.gather(*(done(one if i % 2 else two, hits[i]["HITId"], ANNA) for i in range(20)))
        messages = await delivered(one)

    assert len(messages) == 80
    assert Counter(service.bodies) == Counter(message.body for message in messages)
    assert {(message.state, message.attempts) for message in messages} == {("delivered", 1)}


async def test_what_was_not_sent_is_sent_after_the_next_start(tmp_path: Path, service: Service, dead: str) -> None:
    """A message that waits when the market closes is not lost, and needs no new event."""
    path, clock = tmp_path / "market.db", HandClock()
    async with Marketplace(path, delivery=Delivery(sqs=dead, credentials=KEYS, clock=clock)) as market:
        await ping(Requester(market))
        await until(market, tried(1))
    async with Marketplace(path) as market:
        (message,) = await market.notifications
        assert message.state == "waiting"
    clock.turn(1)
    async with Marketplace(path, delivery=to(service, clock)) as market:
        (message,) = await delivered(market)

    assert (message.state, message.attempts) == ("delivered", 2)
    assert service.bodies == [message.body]


async def test_closing_does_not_wait_for_an_endpoint_that_hangs(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is called off, does not count, and is made at once after the next start."""
    monkeypatch.setattr("aioturk.marketplace.delivery.rounds._GRACE", 0)
    came = asyncio.Event()

    async def hang(_request: web.Request, _body: bytes) -> web.StreamResponse:
        came.set()
        await asyncio.Event().wait()
        raise AssertionError

    service.answers = [hang]
    path, clock = tmp_path / "market.db", HandClock()
    async with Marketplace(path, delivery=to(service, clock)) as market:
        await ping(Requester(market))
        async with asyncio.timeout(30):
            await came.wait()
    async with Marketplace(path, delivery=to(service, clock)) as market:
        (message,) = await delivered(market)

    assert (message.state, message.attempts) == ("delivered", 1)


async def test_attempts_under_way_may_end_when_the_market_closes(tmp_path: Path, service: Service) -> None:
    """What was taken by the other side in time is not sent again."""
    came, release = asyncio.Event(), asyncio.Event()

    async def linger(_request: web.Request, _body: bytes) -> web.StreamResponse:
        came.set()
        await release.wait()
        return web.Response(text=ACCEPTED)

    service.answers = [linger]
    path = tmp_path / "market.db"
    market = Marketplace(path, delivery=to(service))
    await market.start()
    await ping(Requester(market))
    async with asyncio.timeout(30):
        await came.wait()
    closing = asyncio.create_task(market.close())
    await asyncio.sleep(0)
    release.set()
    await closing
    async with Marketplace(path) as market:
        (message,) = await market.notifications

    assert (message.state, message.attempts) == ("delivered", 1)


async def test_a_claim_of_the_dead_ends(database: str | None, service: Service, clock: HandClock) -> None:
    """A message that a killed process was about to send is anybody's after half a minute, and not before."""
    market = Marketplace(database, clock=StillClock(), delivery=to(service, clock))
    async with market:
        house: House = market._house
        house.on_post = None
        await ping(Requester(market))
        now = int(clock.now * 1000)
        claimed = await house.act(lambda context: context.store.notifications.claim("SQS", now, now + 30_000, 8))
        turn(market, clock, 29.9)
        assert [message.state for message in await market.notifications] == ["waiting"]
        assert service.requests == []
        turn(market, clock, 0.1)
        (message,) = await delivered(market)
        # The dead was only slow: what it has to say comes too late.
        await house.act(lambda context: context.store.notifications.settle(claimed[0], "failed", attempts=9))
        assert await market.notifications == [message]

    assert (message.state, message.attempts) == ("delivered", 1)
    assert service.bodies == [message.body]


async def test_claims_take_each_message_once(database: str | None) -> None:
    """The earliest first, as many as are asked for, and none twice."""
    async with Marketplace(database, clock=StillClock()) as market:
        house: House = market._house
        house.delivers = frozenset({"SQS"})
        await ping(Requester(market), count=5)
        first = await house.act(lambda context: context.store.notifications.claim("SQS", 1000, 2000, 3))
        second = await house.act(lambda context: context.store.notifications.claim("SQS", 1000, 2000, 3))
        third = await house.act(lambda context: context.store.notifications.claim("SQS", 1000, 2000, 3))
        messages = await market.notifications

    assert [letter.body for letter in first + second] == [message.body for message in messages]
    assert third == []


async def test_a_market_can_be_opened_again(service: Service) -> None:
    """The courier begins and ends with it, each time."""
    market = Marketplace(delivery=to(service))
    for _ in range(2):
        async with market:
            await ping(Requester(market))
            assert [message.state for message in await delivered(market)] == ["delivered"]


async def test_many_messages_are_all_delivered(sending: Marketplace, service: Service) -> None:
    """More than can be under way at once, written by workers at the same time."""
    turk = Requester(sending)
    await subscribed(turk, "AssignmentSubmitted", "AssignmentAccepted")
    hits = [(await turk.hit(MaxAssignments=2))["HITId"] for _ in range(10)]
    await asyncio.gather(*(done(sending, hit_id, ANNA, BERT) for hit_id in hits))
    messages = await delivered(sending)

    assert len(messages) == 40
    assert Counter(service.bodies) == Counter(message.body for message in messages)


class Desk:
    """A house, and all that is in it for couriers: its acts take one turn of the event loop, whatever the machine."""

    def __init__(self, letters: int) -> None:
        self.letters = [Letter(number, QUEUE, "{}", 0, 0) for number in range(letters)]
        self.delivered = 0
        self.store = self.notifications = self

    async def act(self, act: Callable[[Any], Any]) -> Any:
        await asyncio.sleep(0)
        return act(self)

    def claim(self, _transport: str, _now: int, _until: int, free: int, **_where: Any) -> list[Letter]:
        claimed, self.letters = self.letters[:free], self.letters[free:]
        return claimed

    def settle(self, _letter: Letter, state: str, **_facts: Any) -> None:
        self.delivered += state == "delivered"


class HeldBack(Round):
    """A courier's round, whose messages arrive when they are let go."""

    def __init__(self, desk: Desk) -> None:
        nobody: Any = None
        house: Any = desk
        (carrier,) = carriers(Delivery(sqs="http://127.0.0.1:1", credentials=KEYS))
        super().__init__(house, carrier, HandClock(), nobody)
        self.sent: list[int] = []
        self.let_go: dict[int, asyncio.Event] = defaultdict(asyncio.Event)

    async def _send(self, letter: Letter) -> None:
        self.sent.append(letter.seq)
        await self.let_go[letter.seq].wait()


async def turns(count: int) -> None:
    """Let everybody else have so many turns of the event loop."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("between", range(24))
async def test_room_is_found_by_whoever_looks_right_then(between: int) -> None:
    """A message that arrives while the courier looks makes room for the next, whichever step it is in: no waiting."""
    desk = Desk(9)
    round_ = HeldBack(desk)
    running = asyncio.create_task(round_.run())
    await turns(50)
    assert round_.sent == list(range(8))

    round_.wake()  # because a message was posted
    await turns(between)
    round_.let_go[0].set()
    await turns(50)
    assert round_.sent == list(range(9))  # and the clock stood still

    for number in range(9):
        round_.let_go[number].set()
    await turns(50)
    round_.stop()
    await running
    assert desk.delivered == 9


# What can be asked for.


@pytest.mark.parametrize("url", ["localhost:5000", "ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1?a=b"])
def test_an_endpoint_is_a_url(url: str) -> None:
    """Anything else is refused when it is written."""
    with pytest.raises(ConfigurationError, match="http or https"):
        Delivery(sqs=url, credentials=KEYS)


def test_an_endpoint_needs_credentials() -> None:
    """Requests are always signed."""
    with pytest.raises(ConfigurationError, match="credentials"):
        Delivery(sns="http://127.0.0.1:5000")


def test_a_delivery_shows_no_secret() -> None:
    """Its repr can be logged."""
    assert KEYS.secret_key not in repr(Delivery(sqs="http://127.0.0.1:5000", credentials=KEYS))


async def test_a_delivery_to_nowhere_delivers_nothing() -> None:
    """Without endpoints there is nothing to do."""
    async with Marketplace(delivery=Delivery()) as market:
        await ping(Requester(market))
        assert [message.state for message in await delivered(market)] == ["logged"]
