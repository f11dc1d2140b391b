"""Listening to a queue: each event once, and nothing lost, whatever ends the loop."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from aioturk._core.messages import Request, Response
from aioturk.errors import (
    AccessDenied,
    ConfigurationError,
    ConnectFailed,
    CredentialsError,
    InvalidNotification,
    ServiceError,
    UnexpectedResponse,
)
from aioturk.notifications import Event, Listener, listen
from aioturk.testing import CREDENTIALS, error_reply, reply
from tests import queues as queue_server
from tests.notifications.support import Clock, body, document, envelope, event, send
from tests.queues import KEYS, Queues

URL = "https://sqs.eu-west-3.amazonaws.com/123456789012/events"


@dataclass
class Held:
    """A message in a queue of the tests."""

    text: str
    number: int
    visible_at: float = 0.0
    receives: int = 0


@dataclass
class QueueTransport:
    """A queue behind a transport, whose time is that of a clock; it hands out its messages in order."""

    clock: Clock
    messages: list[Held] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    trouble: Callable[[str, dict[str, Any]], Response | None] | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0

    def put(self, *texts: str) -> None:
        for text in texts:
            self.messages.append(Held(text, len(self.requests) * 1000 + len(self.messages)))
        self.arrived.set()

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (dict(request.headers)["X-Amz-Target"].rpartition(".")[2], json.loads(request.body))
            for request in self.requests
        ]

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]

    def visible(self) -> list[str]:
        return [each.text for each in self.messages if each.visible_at <= self.clock.now]

    async def send(self, request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        self.requests.append(request)
        self.timeouts.append(timeout)
        name, members = self.calls[-1]
        troubled = self.trouble(name, members) if self.trouble is not None else None
        if troubled is not None:
            return troubled
        if name == "ReceiveMessage":
            while not self.visible():
                self.arrived.clear()
                await self.arrived.wait()
            return reply({"Messages": self._taken(members)})
        if name == "DeleteMessage":
            self.messages = [each for each in self.messages if f"h{each.number}" != members["ReceiptHandle"]]
            return Response(200, {}, b"")
        failed = []
        for entry in members["Entries"]:
            found = [each for each in self.messages if f"h{each.number}" == entry["ReceiptHandle"]]
            for each in found:
                each.visible_at = self.clock.now + entry["VisibilityTimeout"]
            if not found:
                failed.append({"Id": entry["Id"], "Code": "ReceiptHandleIsInvalid", "SenderFault": True})
        return reply({"Successful": [], "Failed": failed})

    def _taken(self, members: dict[str, Any]) -> list[dict[str, Any]]:
        now = self.clock.now
        taken = [each for each in self.messages if each.visible_at <= now][: members["MaxNumberOfMessages"]]
        for each in taken:
            each.visible_at = now + members["VisibilityTimeout"]
            each.receives += 1
        return [
            {"MessageId": f"m{each.number}", "ReceiptHandle": f"h{each.number}", "Body": each.text} for each in taken
        ]

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> QueueTransport:
    return QueueTransport(clock)


def listening(queue: QueueTransport, **arguments: Any) -> Listener:
    """Listen to a queue of the tests."""
    return listen(URL, credentials=CREDENTIALS, transport=queue, clock=queue.clock, **arguments)


async def some(listener: Listener, number: int) -> list[Event]:
    """Take so many events, all dealt with."""
    events: list[Event] = []
    async with listener:
        async for each in listener:
            events.append(each)
            if len(events) == number:
                await listener.done()
                break
    return events


async def into(seen: list[str], listener: Listener) -> None:
    """Deal with events until something ends it, and note the ids of their messages."""
    async for each in listener:
        seen.append(each.document_id)


def tasks_left() -> set[str]:
    """The names of our tasks that are still there."""
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("aioturk")}


# The rule.


async def test_requests(queue: QueueTransport) -> None:
    """The queue is asked by long polling, signed for the region of its host, and told when a message is done."""
    queue.put(body("a"))
    assert [each.document_id for each in await some(listening(queue, visibility=90, batch=4), 1)] == ["a"]
    assert queue.calls == [
        (
            "ReceiveMessage",
            {"QueueUrl": URL, "MaxNumberOfMessages": 4, "WaitTimeSeconds": 20, "VisibilityTimeout": 90},
        ),
        ("DeleteMessage", {"QueueUrl": URL, "ReceiptHandle": "h0"}),
    ]
    for request in queue.requests:
        headers = dict(request.headers)
        assert (request.method, request.url) == ("POST", "https://sqs.eu-west-3.amazonaws.com/")
        assert headers["Content-Type"] == "application/x-amz-json-1.0"
        assert "/eu-west-3/sqs/aws4_request" in headers["Authorization"]
    assert queue.timeouts == [40, 20]  # waiting for messages is not being late
    assert queue.closed == 1
    assert tasks_left() == set()


async def test_a_message_is_deleted_when_the_next_event_is_asked_for(queue: QueueTransport) -> None:
    """Until the loop's body has ended the message stays; a message of several events until the last one's has."""
    queue.put(json.dumps(document(event(HITId="3A"), event(HITId="3B"), doc="a")), body("b"))
    left: list[int] = []
    async with listening(queue) as events:
        async for each in events:
            left.append(len(queue.messages))
            if each.document_id == "b":
                break
    assert left == [2, 2, 1]
    assert queue.visible() == [body("b")]


@pytest.mark.parametrize("how", ["break", "error", "return"])
async def test_leaving_gives_back(queue: QueueTransport, how: str) -> None:
    """However the loop is left, what it was at and what it had not come to goes back at once."""
    queue.put(*(body(doc) for doc in "abcd"))

    async def leave() -> None:
        async with listening(queue) as events:
            async for each in events:
                if each.document_id != "b":
                    continue
                if how == "error":
                    raise ValueError("no")
                if how == "return":
                    return
                break

    if how == "error":
        with pytest.raises(ValueError, match="no"):
            await leave()
    else:
        await leave()
    assert queue.visible() == [body(doc) for doc in "bcd"]
    assert queue.names() == ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibilityBatch"]
    assert tasks_left() == set()


async def test_leaving_without_a_block(queue: QueueTransport) -> None:
    """Without `async with`, what was taken goes back soon after the loop was left."""
    queue.put(*(body(doc) for doc in "abc"))
    async for each in listening(queue):
        assert each.document_id == "a"
        break
    gc.collect()  # for interpreters that do not count references
    while queue.closed == 0:  # noqa: ASYNC110 - what ends is nobody's but the loop's
        await asyncio.sleep(0)
    assert queue.visible() == [body(doc) for doc in "abc"]
    assert tasks_left() == set()


async def test_done(queue: QueueTransport) -> None:
    """What was said to be done is not given back; of several events, the message goes with the last one."""
    queue.put(body("a"), json.dumps(document(event(HITId="3A"), event(HITId="3B"), doc="b")), body("c"))
    listener = listening(queue)
    await listener.done()  # nothing was handed out
    async with listener:
        async for each in listener:
            await listener.done()
            await listener.done()
            if each.document_id == "b":
                break
    assert queue.visible() == [json.dumps(document(event(HITId="3A"), event(HITId="3B"), doc="b")), body("c")]
    assert [(each.document_id, each.hit_id) for each in await some(listener, 2)] == [("b", "3B"), ("c", "3HIT")]
    assert queue.messages == []


async def test_done_with_a_short_memory(queue: QueueTransport) -> None:
    """A message is done with its last event, even if the first ones are not remembered any more."""
    queue.put(json.dumps(document(event(HITId="3A"), event(HITId="3B"), event(HITId="3C"), doc="a")))
    assert [each.hit_id for each in await some(listening(queue, remember=1), 3)] == ["3A", "3B", "3C"]
    assert queue.messages == []


async def test_going_on(queue: QueueTransport) -> None:
    """Inside of the block another loop goes on where the first one was left."""
    queue.put(*(body(doc) for doc in "abc"))
    seen: list[str] = []
    async with listening(queue) as events:
        for last in "bc":
            async for each in events:
                seen.append(each.document_id)
                if each.document_id == last:
                    break
        with pytest.raises(ConfigurationError, match="entered already"):
            await events.__aenter__()
    assert seen == ["a", "b", "c"]
    assert queue.visible() == [body("c")]
    assert queue.names().count("ReceiveMessage") == 1


async def test_going_on_after_an_end(queue: QueueTransport) -> None:
    """A loop inside of the block begins anew when the one before was ended by whoever it was handed to, or failed."""
    queue.put(body("a"), body("b"))
    seen: list[str] = []
    async with listening(queue) as listener:
        await cast("AsyncGenerator[Event, None]", aiter(listener)).aclose()  # before it began
        for how in ("closed", "cancelled", "failed"):
            events = cast("AsyncGenerator[Event, None]", aiter(listener))
            seen.append((await anext(events)).document_id)
            if how == "closed":
                await events.aclose()
            elif how == "cancelled":
                await listener.done()
                with pytest.raises(asyncio.CancelledError):
                    await events.athrow(asyncio.CancelledError())
            else:
                queue.trouble = lambda name, _: error_reply(kind="AccessDenied") if name == "DeleteMessage" else None
                with pytest.raises(AccessDenied):
                    await anext(events)
                queue.trouble = None
                queue.put(body("c"))
            assert queue.closed == len(seen)  # given back, and nothing left open
        async for each in listener:
            seen.append(each.document_id)
            break
    assert seen == ["a", "a", "b", "c"]


async def test_cancellation_while_working(queue: QueueTransport) -> None:
    """Cancelled in its body, the loop gives back what it has, and nothing of it is left."""
    queue.put(body("a"), body("b"))
    working = asyncio.Event()

    async def work() -> None:
        async with listening(queue) as events:
            async for _ in events:
                working.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await working.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queue.visible() == [body("a"), body("b")]
    assert queue.closed == 1
    assert tasks_left() == set()


async def test_cancellation_while_waiting(queue: QueueTransport) -> None:
    """Cancelled while it waits for messages, the loop ends at once."""

    async def work() -> None:
        async for _ in listening(queue):
            pytest.fail("there is nothing")

    task = asyncio.create_task(work())
    while not queue.requests:  # noqa: ASYNC110 - the queue of the tests tells nobody
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queue.names() == ["ReceiveMessage"]
    assert queue.closed == 1
    assert tasks_left() == set()


async def test_cancellation_again(queue: QueueTransport) -> None:
    """Who cancels once more, while messages are given back, does not stop it."""
    queue.put(body("a"))
    gate = asyncio.Event()
    working = asyncio.Event()
    leaving = asyncio.Event()
    send = queue.send

    async def slowly(request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        if "Visibility" in dict(request.headers)["X-Amz-Target"]:
            leaving.set()
            await gate.wait()
        return await send(request, timeout=timeout)

    queue.send = slowly  # type: ignore[method-assign]

    async def work() -> None:
        async with listening(queue) as events:
            async for _ in events:
                working.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await working.wait()
    task.cancel()
    await leaving.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not task.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queue.visible() == [body("a")]
    assert tasks_left() == set()


def test_the_end_of_a_program(clock: Clock) -> None:
    """What is being given back when a program ends, and all its tasks are cancelled, is given back."""
    queue = QueueTransport(clock)
    queue.put(body("a"), body("b"))

    async def program() -> None:
        leaving = asyncio.Event()
        send = queue.send

        async def hangs_once(request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
            if "Visibility" in dict(request.headers)["X-Amz-Target"] and not leaving.is_set():
                leaving.set()
                await asyncio.Event().wait()
            return await send(request, timeout=timeout)

        queue.send = hangs_once  # type: ignore[method-assign]
        async for _ in listening(queue):
            break
        gc.collect()  # for interpreters that do not count references
        await leaving.wait()

    asyncio.run(program())
    assert queue.visible() == [body("a"), body("b")]


# Time.


async def test_a_message_is_held_while_it_is_worked_on(queue: QueueTransport, clock: Clock) -> None:
    """However long the body takes, nobody else gets the message, nor those that wait behind it."""
    queue.put(body("a"), body("b"))
    async with listening(queue, visibility=timedelta(minutes=1)) as events:
        async for each in events:
            if each.document_id == "b":
                break
            for _ in range(10):
                await clock.someone_waits()
                clock.turn(20)
                asked = len(queue.requests)
                while len(queue.requests) == asked:  # noqa: ASYNC110 - the queue of the tests tells nobody
                    await asyncio.sleep(0)
                assert queue.visible() == []
        assert [each.receives for each in queue.messages] == [1]
    assert queue.visible() == [body("b")]
    beats = [members["Entries"] for name, members in queue.calls if name == "ChangeMessageVisibilityBatch"]
    assert [len(each) for each in beats] == [2] * 10 + [1]
    assert clock.waiting == 0


@pytest.mark.parametrize("trouble", ["lost", "refused"])
async def test_a_message_that_cannot_be_held(
    queue: QueueTransport, clock: Clock, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    """When others may get a message the log says so, and the work goes on."""
    queue.put(body("a"))
    async with listening(queue, retries=False) as events:
        async for _ in events:
            if trouble == "lost":
                queue.messages.clear()
            else:
                queue.trouble = lambda name, _: error_reply(kind="ServiceFault", status=500) if "Vis" in name else None
            await clock.someone_waits()
            clock.turn(31)
            while "may come to others" not in caplog.text:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0)
            queue.trouble = None
            await events.done()
            break
    assert queue.names()[-1] == "DeleteMessage"


async def test_what_is_deleted_meanwhile_is_not_missed(
    queue: QueueTransport, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that is dealt with while the queue is told to hold it is not complained about."""
    queue.put(body("a"))
    asked, answer = asyncio.Event(), asyncio.Event()
    send = queue.send

    async def slowly(request: Request, *, timeout: float, fresh_connection: bool = False) -> Response:
        if "Visibility" in dict(request.headers)["X-Amz-Target"]:
            asked.set()
            await answer.wait()
        return await send(request, timeout=timeout)

    queue.send = slowly  # type: ignore[method-assign]
    async with listening(queue) as events:
        async for _ in events:
            await clock.someone_waits()
            clock.turn(20)
            await asked.wait()
            await events.done()
            answer.set()
            await clock.someone_waits()
            break
    assert queue.messages == []
    assert "may come to others" not in caplog.text


async def test_nothing_is_held_while_there_is_nothing(queue: QueueTransport, clock: Clock) -> None:
    """While the queue is empty it is only asked for messages."""
    queue.put(body("a"))
    listener = listening(queue)
    task = asyncio.create_task(some(listener, 2))
    while len(queue.requests) < 3:  # noqa: ASYNC110 - the queue of the tests tells nobody
        await asyncio.sleep(0)
    for _ in range(3):
        await clock.someone_waits()
        clock.turn(20)
        await asyncio.sleep(0)
    queue.put(body("b"))
    await task
    assert queue.names() == ["ReceiveMessage", "DeleteMessage", "ReceiveMessage", "DeleteMessage"]
    await listener.done()  # the loop is over
    async with listener:
        pass
    assert len(queue.requests) == 4


async def test_holding_that_breaks(queue: QueueTransport, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Should holding end by a mistake of ours it is logged, and messages go back all the same."""
    queue.put(body("a"))
    troubles = iter([RuntimeError("ours")])

    def fail(name: str, _: dict[str, Any]) -> Response | None:
        if "Visibility" in name:
            for trouble in troubles:
                raise trouble
        return None

    queue.trouble = fail
    async with listening(queue) as events:
        async for _ in events:
            await clock.someone_waits()
            clock.turn(20)
            while len(queue.requests) < 2:  # noqa: ASYNC110 - the queue of the tests tells nobody
                await asyncio.sleep(0)
            break
    assert "holding messages had ended before its time" in caplog.text
    assert queue.visible() == [body("a")]


async def test_what_went_to_others_is_not_given_back(queue: QueueTransport, caplog: pytest.LogCaptureFixture) -> None:
    """Messages that are not ours any more when the loop is left are none of our business."""
    caplog.set_level(logging.DEBUG)
    queue.put(body("a"))
    async with listening(queue) as events:
        async for _ in events:
            queue.messages.clear()
            break
    assert "not ours any more" in caplog.text
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


async def test_a_queue_that_does_not_wait(clock: Clock) -> None:
    """A service that answers at once that there is nothing is not asked without end."""
    queue = QueueTransport(clock, trouble=lambda *_: reply({}))
    task = asyncio.create_task(some(listening(queue, wait=0), 1))
    for asked in range(1, 5):
        await clock.someone_waits()
        assert len(queue.requests) == asked
        clock.turn(1)
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


# Twice.


async def test_repeats(queue: QueueTransport) -> None:
    """A message that comes again after it was dealt with is deleted, and not handed out."""
    queue.put(body("a"), body("a"), body("b"))
    assert [each.document_id for each in await some(listening(queue), 2)] == ["a", "b"]
    assert queue.messages == []


async def test_repeats_of_what_was_not_dealt_with(queue: QueueTransport) -> None:
    """While the first one is not dealt with, a repeat is kept like any other message."""
    queue.put(body("a"), body("a"))
    listener = listening(queue)
    async with listener:
        async for _ in listener:
            break
    assert queue.visible() == [body("a")] * 2
    assert len(await some(listener, 1)) == 1


async def test_the_memory_has_its_size(queue: QueueTransport) -> None:
    """What was dealt with long ago is handed out again."""
    queue.put(*(body(doc) for doc in "aba"))
    assert [each.document_id for each in await some(listening(queue, remember=1), 3)] == ["a", "b", "a"]


async def test_a_message_that_cannot_be_deleted_yet(queue: QueueTransport, caplog: pytest.LogCaptureFixture) -> None:
    """When the queue fails after the work the loop goes on; the message comes again, is known, and is deleted."""
    queue.put(body("a"), body("b"))
    fails = iter([error_reply(kind="ServiceFault", status=500), None, None])
    queue.trouble = lambda name, _: next(fails) if name == "DeleteMessage" else None
    listener = listening(queue, retries=False)
    seen = []
    async with listener:
        async for each in listener:
            seen.append(each.document_id)
            if each.document_id == "b":
                queue.clock.turn(61)
                queue.put(body("c"))
            if each.document_id == "c":
                break
    assert seen == ["a", "b", "c"]
    assert [each.text for each in queue.messages] == [body("c")]
    assert "could not be deleted yet" in caplog.text


# What cannot be read.


async def test_messages_that_cannot_be_read(queue: QueueTransport, caplog: pytest.LogCaptureFixture) -> None:
    """They are logged and stay where they are, for as long as others are held, and stop nobody."""
    queue.put("hello", "[]", body("a"), json.dumps({"Type": "SubscriptionConfirmation", "TopicArn": "arn"}))
    assert [each.document_id for each in await some(listening(queue), 1)] == ["a"]
    assert [each.text for each in queue.messages][:2] == ["hello", "[]"]
    assert queue.visible() == [queue.messages[-1].text]  # it was not come to
    assert caplog.text.count("cannot be read, and stays in its queue") == 2
    assert "hello" not in caplog.text


async def test_who_takes_them(queue: QueueTransport) -> None:
    """A function that takes them over has them deleted; when it raises they stay, and the loop ends."""
    queue.put("hello", body("a"), "again")
    taken: list[str] = []

    async def take(text: str, reason: InvalidNotification) -> None:
        assert "is not JSON" in str(reason)
        if text == "again":
            raise ValueError("no")
        taken.append(text)

    seen: list[str] = []
    with pytest.raises(ValueError, match="no"):
        await into(seen, listening(queue, on_unreadable=take))
    assert (taken, seen) == (["hello"], ["a"])
    assert queue.visible() == ["again"]


async def test_a_message_without_events(queue: QueueTransport) -> None:
    """A message that tells nothing is deleted."""
    queue.put(json.dumps({"EventDocId": "e", "Events": []}), body("a"))
    assert len(await some(listening(queue), 1)) == 1
    assert queue.messages == []


async def test_envelopes(queue: QueueTransport) -> None:
    """A queue behind a topic holds envelopes."""
    queue.put(json.dumps(envelope(body("a"))))
    assert [each.document_id for each in await some(listening(queue), 1)] == ["a"]


# Trouble.


async def test_trouble_that_passes(queue: QueueTransport) -> None:
    """A queue that is out of reach for a while is asked again."""
    queue.put(body("a"))
    outcomes: Iterator[Response | None] = iter([error_reply(kind="ServiceFault", status=500), None])
    queue.trouble = lambda name, _: next(outcomes) if name == "ReceiveMessage" else None
    task = asyncio.create_task(some(listening(queue), 1))
    await queue.clock.someone_waits()
    queue.clock.turn(60)
    assert len(await task) == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("com.amazonaws.sqs#QueueDoesNotExist", ServiceError),
        ("AccessDeniedException", AccessDenied),
        ("InvalidClientTokenId", CredentialsError),
    ],
)
async def test_trouble_that_stays(queue: QueueTransport, kind: str, error: type[Exception]) -> None:
    """What waiting does not mend ends the loop with an error."""
    queue.trouble = lambda *_: error_reply(kind=kind, message="No.")
    with pytest.raises(error, match=r"No\.") as caught:
        await some(listening(queue), 1)
    assert "money" not in str(caught.value)
    if error is AccessDenied:
        assert "sqs:DeleteMessage" in str(caught.value)
    assert queue.closed == 1


async def test_no_right_to_delete(queue: QueueTransport) -> None:
    """Without the right to delete the loop ends with an error, and does not hand out the same again and again."""
    queue.put(body("a"), body("b"))
    queue.trouble = lambda name, _: error_reply(kind="AccessDenied") if name == "DeleteMessage" else None
    seen: list[str] = []
    with pytest.raises(AccessDenied, match="sqs:DeleteMessage"):
        await into(seen, listening(queue))
    assert seen == ["a"]
    assert queue.visible() == [body("b")]


async def test_answers_of_another_shape(queue: QueueTransport) -> None:
    """An answer that is not the queue service's is told as such."""
    queue.trouble = lambda *_: reply({"Messages": "none"})
    with pytest.raises(UnexpectedResponse, match="agreed shape"):
        await some(listening(queue), 1)


async def test_no_way_back(queue: QueueTransport, caplog: pytest.LogCaptureFixture) -> None:
    """When messages cannot be given back the log says when they come again, and the loop's own error comes out."""
    queue.put(body("a"))

    def fail(name: str, _: dict[str, Any]) -> Response | None:
        if "Visibility" in name:
            raise ConnectFailed("gone")
        return None

    queue.trouble = fail

    async def work() -> None:
        async with listening(queue, retries=False) as events:
            async for _ in events:
                raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await work()
    assert "could not be given back, and come again after 60 s" in caplog.text
    assert queue.closed == 1


# Arguments.


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://sqs.us-east-1.amazonaws.com/1/q", "us-east-1"),
        ("https://SQS.eu-west-1.amazonaws.com/1/q", "eu-west-1"),
        ("https://queue.amazonaws.com/1/q", "us-east-1"),
        ("https://ap-south-1.queue.amazonaws.com/1/q", "ap-south-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/1/q", "cn-north-1"),
        ("https://sqs-fips.us-east-2.amazonaws.com/1/q", "us-east-2"),
        ("https://vpce-1-2.sqs.us-west-2.vpce.amazonaws.com/1/q", "us-west-2"),
        ("https://sqs.eu-north-1.api.aws/1/q", "eu-north-1"),
        ("http://127.0.0.1:4566/1/q", "xx-home-1"),
    ],
)
async def test_regions(url: str, region: str, queue: QueueTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """The region is the one of the queue's host, else the environment's; an argument goes before both."""
    monkeypatch.setenv("AWS_REGION", "xx-home-1")
    for given, signed in ((None, region), ("mars-1", "mars-1")):
        queue.put(body("a"))
        listener = listen(url, credentials=CREDENTIALS, region=given, transport=queue, clock=queue.clock)
        await some(listener, 1)
        assert f"/{signed}/sqs/aws4_request" in dict(queue.requests[-1].headers)["Authorization"]


async def test_another_service(queue: QueueTransport) -> None:
    """The queue service may be elsewhere than the queue's URL says."""
    queue.put(body("a"))
    listener = listen(
        URL, endpoint="http://localhost:9324", credentials=CREDENTIALS, transport=queue, clock=queue.clock
    )
    await some(listener, 1)
    assert {request.url for request in queue.requests} == {"http://localhost:9324/"}
    assert queue.calls[0][1]["QueueUrl"] == URL


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"queue_url": "events"}, "is not the URL of a queue"),
        ({"queue_url": "ftp://127.0.0.1/q"}, "is not the URL of a queue"),
        ({"queue_url": "https://k:s@sqs.example.org/1/q"}, "is not the URL of a queue"),
        ({"queue_url": "https://sqs.example.org/1/q?Action=x"}, "is not the URL of a queue"),
        ({"queue_url": "https://sqs.example.org/1/q\n"}, "is not the URL of a queue"),
        ({"queue_url": "https://sqs.example.org:port/1/q"}, "is not the URL of a queue"),
        ({"queue_url": "https://[/1/q"}, "is not the URL of a queue"),
        ({"queue_url": ["https://sqs.example.org/1/q"]}, "is not the URL of a queue"),
        ({"queue_url": "https://sqs.example.org/"}, "names no queue"),
        ({"queue_url": "http://sqs.example.org/1/q"}, "plain http to another computer"),
        ({"endpoint": "http://sqs.example.org/"}, "endpoint is plain http"),
        ({"wait": 21}, "wait is 21; it can be 0 to 20"),
        ({"wait": 0.5}, "whole number"),
        ({"wait": "20"}, "wait is '20'"),
        ({"wait": float("nan")}, "wait is nan"),
        ({"visibility": 0}, "visibility is 0"),
        ({"visibility": timedelta(hours=13)}, "visibility is"),
        ({"batch": 11}, "batch is 11"),
        ({"batch": True}, "batch is True"),
        ({"remember": 0}, "remember is 0"),
        ({"timeout": 0}, "timeout is 0"),
        ({"profile": "p"}, "credentials and profile were both given"),
    ],
)
def test_arguments(arguments: dict[str, Any], said: str) -> None:
    """What cannot work is refused at once, without showing what may be a password."""
    with pytest.raises(ConfigurationError, match=said) as caught:
        listen(**{"queue_url": URL, "credentials": CREDENTIALS, **arguments})
    assert "k:s" not in str(caught.value)


def test_plain_http() -> None:
    """Plain http is for this computer, and for those who say so."""
    listen("http://127.0.0.1:9324/1/q", credentials=CREDENTIALS)
    listen("http://sqs.example.org/1/q", credentials=CREDENTIALS, allow_http=True)


# With a queue service.


@pytest.fixture(scope="module")
def queues() -> Iterator[Queues]:
    """Amazon's queues, as moto plays them."""
    with queue_server.serve() as server:
        yield server


@pytest.fixture
async def url(queues: Queues) -> str:
    """A queue."""
    return await queues.queue()


async def test_with_a_queue_service(queues: Queues, url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Thirty messages are each handed out once, over several rounds, and the queue is empty then."""
    caplog.set_level(logging.WARNING)
    await send(queues, url, *(body(f"doc-{number}") for number in range(30)))
    listener = listen(url, credentials=KEYS, wait=1)
    async with asyncio.timeout(60):
        events = await some(listener, 30)
    assert sorted(each.document_id for each in events) == sorted(f"doc-{number}" for number in range(30))
    assert await queues.received(url) == []
    assert [record for record in caplog.records if record.name.startswith("aioturk")] == []


async def test_what_goes_back_is_there_at_once(queues: Queues, url: str) -> None:
    """After an error in the body all that was not dealt with is there for the next one, at once."""
    await send(queues, url, *(body(doc) for doc in "abc"))

    async def fail() -> None:
        async with listen(url, credentials=KEYS, visibility=600) as events:
            async for each in events:
                if each.document_id == "b":
                    raise ValueError("no")

    async with asyncio.timeout(60):
        with pytest.raises(ValueError, match="no"):
            await fail()
        again = await some(listen(url, credentials=KEYS, wait=1), 2)
    assert [each.document_id for each in again] == ["b", "c"]
