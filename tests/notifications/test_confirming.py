"""A topic's question is answered when the program says so, and where the topic lives, whatever the question says."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from aioturk._core.messages import Response
from aioturk.errors import (
    ConfigurationError,
    InvalidNotification,
    ServiceError,
    UnexpectedResponse,
    UnreadableResponse,
)
from aioturk.notifications import SubscriptionConfirmation, confirm_subscription, read_confirmation
from aioturk.testing import StubTransport
from tests.notifications.support import TOPIC, confirmation, envelope

ANSWER = (
    b'<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>'
    b"<SubscriptionArn>arn:aws:sns:us-east-1:123456789012:events:1</SubscriptionArn></ConfirmSubscriptionResult>"
    b"</ConfirmSubscriptionResponse>"
)
REFUSAL = (
    b'<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
    b"<Code>InvalidParameter</Code><Message>Invalid token</Message></Error></ErrorResponse>"
)
QUESTION = read_confirmation(confirmation(SubscribeURL="https://evil.example/?steal"))


def test_reading() -> None:
    """The question is a value, and does not show what one could answer it with."""
    question = read_confirmation(confirmation())
    assert (question.topic_arn, question.token, question.farewell) == (TOPIC, "2336412f37", False)
    assert question.subscribe_url.startswith("https://sns.us-east-1.amazonaws.com/")
    assert question.token not in repr(question)
    assert read_confirmation(confirmation(Type="UnsubscribeConfirmation")).farewell


@pytest.mark.parametrize(
    "message", [envelope(), {"Type": "Other"}, {}, "no", confirmation(Token=None), confirmation(SubscribeURL=["x"])]
)
def test_what_is_no_question(message: Any) -> None:
    """Anything else is the one error."""
    with pytest.raises(InvalidNotification):
        read_confirmation(message)


async def test_the_topics_own_host_is_called() -> None:
    """What is called is the host of the topic's region, and never the address in the message."""
    transport = StubTransport(Response(200, {}, ANSWER))
    assert await confirm_subscription(QUESTION, transport=transport) == "arn:aws:sns:us-east-1:123456789012:events:1"
    (request,) = transport.requests
    assert (request.method, request.url) == ("POST", "https://sns.us-east-1.amazonaws.com/")
    assert parse_qs(request.body.decode()) == {
        "Action": ["ConfirmSubscription"],
        "Version": ["2010-03-31"],
        "TopicArn": [TOPIC],
        "Token": [QUESTION.token],
    }


async def test_china() -> None:
    """The Chinese regions have a host of their own kind."""
    transport = StubTransport(Response(200, {}, ANSWER))
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:events"
    question = SubscriptionConfirmation(topic_arn=topic, token="t", subscribe_url="u")
    await confirm_subscription(question, transport=transport)
    assert transport.requests[0].url == "https://sns.cn-north-1.amazonaws.com.cn/"


@pytest.mark.parametrize(
    "topic",
    [
        "arn:aws:sns:us-east-1.evil.example/:123456789012:events",
        "arn:aws:sns:evil:123456789012:events",
        "arn:aws:sns:us-east-1@evil-1:123456789012:events",
        "arn:evil:sns:us-east-1:123456789012:events",
        "arn:aws:sqs:us-east-1:123456789012:events",
        "arn:aws:sns:us-east-1:123456789012:events\n",
        "",
    ],
)
async def test_topics_that_cannot_be(topic: str) -> None:
    """A name that is not a topic's leads nowhere."""
    transport = StubTransport()
    question = SubscriptionConfirmation(topic_arn=topic, token="t", subscribe_url="u")
    with pytest.raises(InvalidNotification, match="cannot be one of Amazon's"):
        await confirm_subscription(question, transport=transport)


async def test_a_farewell_is_not_answered() -> None:
    """Answering a farewell would subscribe again, so it is refused."""
    with pytest.raises(ConfigurationError, match="subscribe again"):
        await confirm_subscription(
            read_confirmation(confirmation(Type="UnsubscribeConfirmation")), transport=StubTransport()
        )


@pytest.mark.parametrize(
    "endpoint",
    [
        "sns.example.org",
        "http://sns.example.org/",
        "ftp://127.0.0.1/",
        "https://u:p@sns.example.org/",
        "https://sns.example.org/?a",
        "https://sns.example.org/path",
        "https://",
        "https://[",
        "",
    ],
)
async def test_endpoints_that_cannot_be(endpoint: str) -> None:
    """Another service is named by a plain URL; plain http is for this computer."""
    with pytest.raises(ConfigurationError, match="endpoint is not the URL") as caught:
        await confirm_subscription(QUESTION, endpoint=endpoint, transport=StubTransport())
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Response(400, {}, REFUSAL), ServiceError, "Invalid token"),
        (Response(502, {}, b"<html>"), UnreadableResponse, "HTTP 502"),
        (Response(302, {"location": "https://evil.example/"}, b""), UnreadableResponse, "HTTP 302"),
        (Response(200, {}, b"{}"), UnexpectedResponse, "names no subscription"),
        (Response(200, {}, b"<!DOCTYPE a><a/>"), UnexpectedResponse, "names no subscription"),
    ],
)
async def test_answers(answer: Response, kind: type[Exception], said: str) -> None:
    """Whatever else is answered is an error of the service's, and no redirect is followed."""
    transport = StubTransport(answer)
    with pytest.raises(kind, match=said):
        await confirm_subscription(QUESTION, transport=transport)
    assert len(transport.requests) == 1


async def test_over_the_wire() -> None:
    """A service that the program names is called on its own address, and the connection is closed."""
    asked: list[str] = []

    async def receive(request: web.Request) -> web.Response:
        asked.append(await request.text())
        return web.Response(body=ANSWER, content_type="text/xml")

    app = web.Application()
    app.router.add_post("/", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        # Not moto: it does not know whose a request without a signature is.
        endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        arn = await confirm_subscription(QUESTION, endpoint=endpoint)
    finally:
        await runner.cleanup()
    assert arn == "arn:aws:sns:us-east-1:123456789012:events:1"
    assert len(asked) == 1
