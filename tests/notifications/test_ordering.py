"""Having events told: `Client.notify_on`, and the policies that let the service in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aioturk import Client
from aioturk.errors import InvalidRequest
from aioturk.models import EventType
from aioturk.notifications import queue_policy, topic_policy
from aioturk.testing import CREDENTIALS, StubTransport, reply

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/events"
QUEUE_ARN = "arn:aws:sqs:us-east-1:123456789012:events"
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"


async def sent(**arguments: Any) -> dict[str, Any]:
    """What `notify_on` sends."""
    transport = StubTransport(reply())
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        await mturk.notify_on("3TYPE", **arguments)
    ((operation, document),) = transport.calls
    assert (operation, document.pop("HITTypeId")) == ("UpdateNotificationSettings", "3TYPE")
    return document


async def test_destinations() -> None:
    """A queue or a topic gets all events unless some are named, in the newest form."""
    every = [str(event) for event in EventType if event is not EventType.PING]
    told = {"Destination": QUEUE, "Transport": "SQS", "Version": "2014-08-15", "EventTypes": every}
    assert await sent(queue=QUEUE) == {"Notification": told, "Active": True}
    told = {"Destination": TOPIC, "Transport": "SNS", "Version": "2014-08-15", "EventTypes": ["HITExpired"]}
    assert await sent(topic=TOPIC, events=[EventType.HIT_EXPIRED]) == {"Notification": told, "Active": True}
    some = (await sent(queue=QUEUE, events=("HITCreated", EventType.HIT_CREATED, "HITExpired")))["Notification"]
    assert some["EventTypes"] == ["HITCreated", "HITExpired"]


async def test_the_switch() -> None:
    """Without a destination the one that is there is switched; with one it may begin in silence."""
    assert await sent(active=False) == {"Active": False}
    assert await sent(active=True) == {"Active": True}
    assert (await sent(queue=QUEUE, active=False))["Active"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "give queue or topic"),
        ({"events": ["HITCreated"]}, "give queue or topic"),
        ({"events": ["HITCreated"], "active": False}, "events: needs the destination"),
        ({"queue": QUEUE, "topic": TOPIC}, "both queue and topic"),
        ({"queue": "events"}, "queue: is not the URL of a queue"),
        ({"queue": ""}, "queue: is not the URL of a queue"),
        ({"queue": "https://sqs.us-east-1.amazonaws.com/"}, "queue: is not the URL of a queue"),
        ({"queue": "https://[/events"}, "queue: is not the URL of a queue"),
        ({"queue": "sqs://host/events"}, "queue: is not the URL of a queue"),
        ({"queue": QUEUE_ARN}, "queue: is not the URL of a queue"),
        ({"queue": QUEUE + " "}, "queue: is not the URL of a queue"),
        ({"queue": 7}, "queue: is not the URL of a queue"),
        ({"queue": QUEUE + ".fifo"}, "keeps the order"),
        ({"topic": QUEUE}, "topic: is not the ARN of a topic"),
        ({"topic": TOPIC + "\n"}, "topic: is not the ARN of a topic"),
        ({"topic": TOPIC + ".fifo"}, "keeps the order"),
        ({"queue": QUEUE, "events": "HITCreated"}, "events: is a single string"),
        ({"queue": QUEUE, "events": []}, "events: is empty"),
        ({"queue": QUEUE, "events": ["Ping"]}, "events: holds Ping"),
        ({"queue": QUEUE, "events": ["HITPainted"]}, "events: holds 'HITPainted'; there are AssignmentAccepted"),
        ({"queue": QUEUE, "events": 7}, "events: holds something that is no event"),
        ({"queue": QUEUE, "events": [7]}, "events: holds something that is no event"),
    ],
)
async def test_what_cannot_be(arguments: dict[str, Any], said: str) -> None:
    """Nothing is sent that the service would refuse, or that nobody can have meant."""
    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(InvalidRequest, match=said):
            await mturk.notify_on("3TYPE", **arguments)
    assert transport.requests == []


def test_policies() -> None:
    """A policy lets in the service and nobody else, over TLS, and to a topic for one account's HITs."""
    service = {"Service": "mturk-requester.amazonaws.com"}
    secure = {"Bool": {"aws:SecureTransport": "true"}}
    assert json.loads(json.dumps(queue_policy(QUEUE_ARN))) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "sqs:SendMessage",
                "Resource": QUEUE_ARN,
                "Condition": secure,
            }
        ],
    }
    (statement,) = topic_policy(TOPIC, "123456789012")["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": service,
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {**secure, "StringEquals": {"aws:SourceAccount": "123456789012"}},
    }
    (statement,) = queue_policy(QUEUE_ARN, topic=TOPIC)["Statement"]
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((QUEUE,), "queue_arn: is not a queue's ARN"),
        ((None,), "queue_arn: is not a queue's ARN"),
        (("arn:aws:sqs:*:123456789012:events",), "queue_arn: is not a queue's ARN"),
        (("arn:aws:sqs:us-east-1:123456789012:events.fifo",), "keeps the order"),
    ],
)
def test_queues_that_cannot_be(arguments: Any, said: str) -> None:
    """A policy is for one queue."""
    with pytest.raises(InvalidRequest, match=said):
        queue_policy(*arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((QUEUE_ARN, "123456789012"), "topic_arn: is not a topic's ARN"),
        ((TOPIC, "12345"), "account_id: is not the twelve digits"),
        ((TOPIC, 123456789012), "account_id: is not the twelve digits"),
        ((TOPIC, "*"), "account_id: is not the twelve digits"),
    ],
)
def test_topics_that_cannot_be(arguments: Any, said: str) -> None:
    """A policy is for one topic and one account."""
    with pytest.raises(InvalidRequest, match=said):
        topic_policy(*arguments)
    with pytest.raises(InvalidRequest, match="topic: is not a topic's ARN"):
        queue_policy(QUEUE_ARN, topic="*")
