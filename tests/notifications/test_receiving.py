"""The web handler: it believes what is verified, calls once for each event, and answers so that nothing gets lost."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDict

from aioturk._core.webhooks import Secret, sign
from aioturk.errors import ConfigurationError, InvalidNotification
from aioturk.notifications import Certificates, Event, SubscriptionConfirmation, handler
from aioturk.notifications.reading import LIMIT
from tests.notifications.support import MOMENT, TOPIC, Clock, Fetcher, body, confirmation, document, envelope, event
from tests.notifications.test_webhooks import SECRET


class Receiver:
    """A server with the handler, and what was called."""

    def __init__(self, **arguments: Any) -> None:
        self.events: list[Event] = []
        self.fetcher = Fetcher()
        self.trouble: list[Exception | None] = []
        self.gate: asyncio.Event | None = None
        arguments = {"secret": SECRET, **arguments}
        certificates = Certificates(transport=self.fetcher, clock=Clock())
        app = web.Application()
        app.router.add_route("*", "/", handler(self.call, clock=Clock(), certificates=certificates, **arguments))
        self.client = TestClient(TestServer(app))

    async def call(self, event: Event) -> None:
        if self.gate is not None:
            await self.gate.wait()
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None:
            raise trouble
        self.events.append(event)

    async def __aenter__(self) -> Receiver:
        await self.client.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def post(self, data: Any, headers: Mapping[str, str] | None = None, method: str = "POST") -> tuple[int, str]:
        async with self.client.request(method, "/", data=data, headers=headers) as answer:
            return answer.status, await answer.text()

    async def webhook(self, message: str | bytes | Mapping[str, Any], doc: str = "doc-1") -> int:
        """Post as our marketplace does."""
        text = json.dumps(message) if isinstance(message, Mapping) else message
        data = text.encode() if isinstance(text, str) else text
        status, _ = await self.post(data, dict(sign(Secret.parse(SECRET), doc, MOMENT, data)))
        return status


async def test_webhooks() -> None:
    """Both forms of webhooks reach the callback."""
    async with Receiver() as receiver:
        assert await receiver.webhook(body("doc-1")) == 204
        wrapped = {"Type": "Notification", "TopicArn": "x", "Message": body("doc-2", HITId="3OTHER")}
        assert await receiver.webhook(wrapped, "doc-2") == 204
    assert [(each.document_id, each.hit_id) for each in receiver.events] == [("doc-1", "3HIT"), ("doc-2", "3OTHER")]
    assert receiver.fetcher.asked == []


async def test_topics() -> None:
    """With a topic named, Amazon's own posts reach the callback; both kinds may come to one address."""
    async with Receiver(topic=TOPIC) as receiver:
        assert (await receiver.post(json.dumps(envelope(body("doc-1")))))[0] == 204
        assert await receiver.webhook(body("doc-2")) == 204
        other = envelope(TopicArn="arn:aws:sns:us-east-1:999999999999:events")
        assert (await receiver.post(json.dumps(other)))[0] == 401
    async with Receiver(secret=None, topic=TOPIC) as alone:
        assert (await alone.post(json.dumps(envelope(body("doc-1")))))[0] == 204
        assert await alone.webhook(body("doc-2")) == 400  # no envelope, and there is no secret to check
    assert [each.document_id for each in receiver.events] == ["doc-1", "doc-2"]
    assert [each.document_id for each in alone.events] == ["doc-1"]


async def test_amazons_posts_need_a_topic() -> None:
    """Without a topic, a good envelope of Amazon's is as good as nothing."""
    async with Receiver() as receiver:
        assert (await receiver.post(json.dumps(envelope())))[0] == 401
    assert receiver.fetcher.asked == []
    assert receiver.events == []


async def test_forgeries(caplog: pytest.LogCaptureFixture) -> None:
    """What is not signed as it should be is refused, and changes nothing for the true one."""
    async with Receiver(topic=TOPIC) as receiver:
        forged = dict(sign(Secret.parse(SECRET), "doc-1", MOMENT, b"{}"))
        assert (await receiver.post(body(), forged))[0] == 401
        assert (await receiver.post(json.dumps({**envelope(), "Message": body("doc-9")})))[0] == 401
        assert (await receiver.post(json.dumps({**envelope(), "SigningCertURL": "https://evil.example/a.pem"})))[
            0
        ] == 401
        assert receiver.events == []
        assert await receiver.webhook(body()) == 204
    assert len(receiver.events) == 1
    assert "doc-9" not in caplog.text
    assert SECRET not in caplog.text


async def test_repeats() -> None:
    """A message that comes again, in either form, is answered with success and dropped."""
    async with Receiver(topic=TOPIC) as receiver:
        for _ in range(3):
            assert await receiver.webhook(body()) == 204
        assert (await receiver.post(json.dumps(envelope(body()))))[0] == 204
    assert len(receiver.events) == 1


async def test_the_window() -> None:
    """Only so many events are remembered as were asked for."""
    async with Receiver(remember=1) as receiver:
        for doc in ("doc-1", "doc-2", "doc-2", "doc-1"):
            assert await receiver.webhook(body(doc), doc) == 204
    assert [each.document_id for each in receiver.events] == ["doc-1", "doc-2", "doc-1"]


async def test_a_callback_that_raises(caplog: pytest.LogCaptureFixture) -> None:
    """The sender is told to try again, and then it is dealt with; what was dealt with before is not repeated."""
    message = document(event(HITId="3A"), event(HITId="3B"))
    async with Receiver() as receiver:
        # An error of our own family is the callback's own, and says nothing about the sender.
        receiver.trouble = [None, InvalidNotification("is something else.")]
        assert await receiver.webhook(message) == 500
        assert [each.hit_id for each in receiver.events] == ["3A"]
        assert await receiver.webhook(message) == 204
    assert [each.hit_id for each in receiver.events] == ["3A", "3B"]
    assert "its sender will try again" in caplog.text


async def test_two_at_once() -> None:
    """Of two posts of one message at once the callback runs for one, and both are answered when it has ended."""
    async with Receiver() as receiver:
        receiver.gate = asyncio.Event()
        posts = [asyncio.create_task(receiver.webhook(body())) for _ in range(2)]
        done, _ = await asyncio.wait(posts, timeout=0.05)
        assert not done
        receiver.gate.set()
        assert await asyncio.gather(*posts) == [204, 204]
        assert len(receiver.events) == 1

        receiver.gate, receiver.trouble = asyncio.Event(), [ValueError("no")]
        posts = [asyncio.create_task(receiver.webhook(body("doc-2"), "doc-2")) for _ in range(2)]
        await asyncio.wait(posts, timeout=0.05)
        receiver.gate.set()
        assert await asyncio.gather(*posts) == [500, 500]
        assert len(receiver.events) == 1


async def test_in_another_order() -> None:
    """Messages need no order."""
    async with Receiver() as receiver:
        for doc in ("doc-3", "doc-1", "doc-2"):
            assert await receiver.webhook(body(doc), doc) == 204
    assert len(receiver.events) == 3


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"[]", b'{"Events": "all"}', b"\x00" * 9, body(HITId="\x00").encode(), b"{}" * 3]
)
async def test_signed_nonsense(data: bytes) -> None:
    """What is signed but cannot be read is the sender's mistake."""
    async with Receiver() as receiver:
        assert await receiver.webhook(data) == 400
    assert receiver.events == []


async def test_bodies(caplog: pytest.LogCaptureFixture) -> None:
    """Bodies that are too large, packed, or not posted are refused before anything looks at them."""
    async with Receiver() as receiver:
        assert (await receiver.post(b" " * (LIMIT + 1)))[0] == 413

        async def endless() -> Any:
            for _ in range(LIMIT // 1024 + 2):
                yield b" " * 1024

        assert (await receiver.post(endless()))[0] == 413
        packed = gzip.compress(body().encode())
        for codings in (["gzip"], ["identity", "gzip"], ["gzip", "identity"], ["identity, gzip"]):
            for data in (packed, b"broken"):
                headers = CIMultiDict([("Content-Encoding", coding) for coding in codings])
                assert (await receiver.post(data, headers))[0] == 415
        assert "Traceback" not in caplog.text
        assert (await receiver.post(None, method="GET"))[0] == 405
    assert receiver.events == []


async def test_a_body_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever brings half a message is not waited for."""
    monkeypatch.setattr("aioturk.notifications.receiving._READING", 0.01)
    async with Receiver() as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.client.port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert (await reader.readline()).split()[1] == b"408"
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("half", [b"Content-Length: 100\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf"])
async def test_a_body_that_breaks_off(half: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A message of which the rest does not come is not taken for whole, and no error of the program's."""
    caplog.set_level(logging.INFO)
    answers: asyncio.Queue[int] = asyncio.Queue()
    begun = asyncio.Event()
    receive = handler(call, secret=SECRET, clock=Clock())

    async def noted(request: web.Request) -> web.Response:
        begun.set()
        answer = await receive(request)
        answers.put_nowait(answer.status)
        return answer

    app = web.Application()
    app.router.add_post("/", noted)
    # Not aiohttp's server for tests: that one cancels handlers whose client has gone, which others do not.
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\n" + half)
        await begun.wait()
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(5):
            assert await answers.get() == 400
    finally:
        await runner.cleanup()
    assert "did not arrive in one piece" in caplog.text
    assert "Traceback" not in caplog.text


async def test_certificates_out_of_reach() -> None:
    """While the certificate cannot be fetched nothing is decided: the sender shall try again."""
    async with Receiver(topic=TOPIC) as receiver:
        receiver.fetcher.status = 503
        assert (await receiver.post(json.dumps(envelope())))[0] == 503
        receiver.fetcher.status = 200
        assert (await receiver.post(json.dumps(envelope())))[0] == 204
    assert len(receiver.events) == 1


async def test_subscriptions() -> None:
    """A verified question is offered to the program, and otherwise refused; nobody is called."""
    offered: list[SubscriptionConfirmation] = []

    async def take(question: SubscriptionConfirmation) -> None:
        offered.append(question)
        if len(offered) == 2:
            raise ValueError("not now")

    async with Receiver(topic=TOPIC, on_subscription=take) as receiver:
        assert (await receiver.post(json.dumps(confirmation())))[0] == 204
        assert (await receiver.post(json.dumps(confirmation())))[0] == 500
        assert (await receiver.post(json.dumps({**confirmation(), "Token": "other"})))[0] == 401
        assert [each.token for each in offered] == ["2336412f37"] * 2
        assert len(receiver.fetcher.asked) == 1
    async with Receiver(topic=TOPIC) as deaf:
        status, said = await deaf.post(json.dumps(confirmation()))
        assert status == 400
        assert "was not answered" in said
    assert receiver.events == deaf.events == []


async def test_questions_are_amazons_alone() -> None:
    """Whoever knows the webhooks' secret cannot have a topic confirmed: that takes Amazon's signature."""
    offered: list[SubscriptionConfirmation] = []

    async def take(question: SubscriptionConfirmation) -> None:
        offered.append(question)

    async with Receiver(topic=TOPIC, on_subscription=take) as receiver:
        assert await receiver.webhook(confirmation()) == 401
        assert await receiver.webhook(confirmation(Type="UnsubscribeConfirmation")) == 401
        assert offered == []
        assert (await receiver.post(json.dumps(confirmation())))[0] == 204
    assert len(offered) == 1


async def call(event: Event) -> None:
    """A callback."""


def test_who_may_send(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler for nobody, with a bad secret, or without what it needs to check, is refused at once."""
    nobody: list[dict[str, Any]] = [{}, {"topic": ""}, {"topic": []}, {"secret": "secret"}, {"secret": []}]
    nobody += [{"topic": "events"}, {"topic": [TOPIC, ""]}, {"topic": TOPIC.replace(":sns:", ":sqs:")}]
    nobody += [{"secret": SECRET, "on_subscription": call}]  # no topic could ask
    for arguments in nobody:
        with pytest.raises(ConfigurationError):
            handler(call, **arguments)
    with pytest.raises(ConfigurationError, match="remember"):
        handler(call, secret=SECRET, remember=0)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ConfigurationError, match=r"aioturk\[notifications\]"):
        handler(call, topic=TOPIC)
    handler(call, secret=SECRET)
