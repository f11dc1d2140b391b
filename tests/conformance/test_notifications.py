"""What requesters are told of, and how: the reference's lines 112-114."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

from aioturk.marketplace import Marketplace
from aioturk.marketplace.delivery import Delivery
from tests import queues as queue_server
from tests.marketplace.support import ANNA, BERT, CARA, HIT, Requester, StillClock

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/events"
EVENTS = [
    "AssignmentAccepted",
    "AssignmentAbandoned",
    "AssignmentReturned",
    "AssignmentSubmitted",
    "AssignmentRejected",
    "AssignmentApproved",
    "HITCreated",
    "HITExpired",
    "HITReviewable",
    "HITExtended",
    "HITDisposed",
]
"""All that there are, but Ping."""


def _specification(*events: str, transport: str = "SQS", destination: str = QUEUE) -> dict[str, Any]:
    wanted = {"Destination": destination, "Transport": transport, "Version": "2014-08-15"}
    return {**wanted, "EventTypes": list(events or EVENTS)}


async def _hit_type(turk: Requester) -> str:
    """Make the type that CreateHIT makes of the usual members."""
    names = ("Title", "Description", "Reward", "AssignmentDurationInSeconds")
    type_id: str = (await turk("CreateHITType", **{name: HIT[name] for name in names}))["HITTypeId"]
    return type_id


async def test_112_each_event_once_per_cause(market: Marketplace, turk: Requester) -> None:
    """One HIT lives through everything: each cause is told once, in order, with the documented members."""
    type_id = await _hit_type(turk)
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=_specification())
    told: list[tuple[str, str | None]] = []

    hit = await turk.hit(MaxAssignments=3)
    hit_id = hit["HITId"]
    told.append(("HITCreated", None))

    anna, bert, cara = (market.worker(name) for name in (ANNA, BERT, CARA))
    returned = await anna.accept(hit_id)
    await anna.return_assignment(returned)
    told += [("AssignmentAccepted", returned), ("AssignmentReturned", returned)]

    abandoned = await bert.accept(hit_id)
    await market.advance(timedelta(seconds=HIT["AssignmentDurationInSeconds"]))
    told += [("AssignmentAccepted", abandoned), ("AssignmentAbandoned", abandoned)]

    good = await anna.accept(hit_id)
    await anna.submit(good, {"age": "36"})
    bad = await bert.accept(hit_id)
    await bert.submit(bad, {"age": "one"})
    told += [("AssignmentAccepted", good), ("AssignmentSubmitted", good)]
    told += [("AssignmentAccepted", bad), ("AssignmentSubmitted", bad)]

    await turk("ApproveAssignment", AssignmentId=good)
    await turk("RejectAssignment", AssignmentId=bad, RequesterFeedback="That is no age.")
    told += [("AssignmentApproved", good), ("AssignmentRejected", bad)]

    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    told += [("HITExpired", None), ("HITReviewable", None)]
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=market.now() + timedelta(hours=1))
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=1)
    told += [("HITExtended", None)] * 2

    late = await cara.accept(hit_id)
    await cara.submit(late, {"age": "37"})
    told += [("AssignmentAccepted", late), ("AssignmentSubmitted", late)]
    await market.advance(timedelta(hours=1))
    told += [("HITExpired", None), ("HITReviewable", None)]
    await market.advance(timedelta(days=30))
    told += [("AssignmentApproved", late)]
    await turk("DeleteHIT", HITId=hit_id)
    told += [("HITDisposed", None)]

    messages = await market.notifications
    assert [(message.event, message.assignment_id) for message in messages] == told
    assert [message.worker_id for message in messages if message.assignment_id] == [
        *(ANNA, ANNA, BERT, BERT, ANNA, ANNA, BERT, BERT, ANNA, BERT),
        *(CARA, CARA, CARA),
    ]
    assert {message.event for message in messages} == set(EVENTS)
    for message in messages:
        assert message.document.keys() == {"EventDocVersion", "EventDocId", "CustomerId", "SourceAccount", "Events"}
        assert message.document["EventDocVersion"] == "2014-08-15"
        assert re.fullmatch("A[A-Z0-9]+", message.document["CustomerId"])
        assert message.document["SourceAccount"] == "123456789012"
        (event,) = message.document["Events"]
        optional = {"AssignmentId", "WorkerId"} if message.event.startswith("Assignment") else set()
        assert event.keys() == {"EventType", "EventTimestamp", "HITTypeId", "HITGroupId", "HITId"} | optional
        assert event["EventTimestamp"] == f"{message.at:%Y-%m-%dT%H:%M:%SZ}"
        assert (event["HITTypeId"], event["HITGroupId"], event["HITId"]) == (type_id, hit["HITGroupId"], hit_id)
    assert len({message.document["EventDocId"] for message in messages}) == len(messages)


async def test_113_the_switch(market: Marketplace, turk: Requester) -> None:
    """Active silences, and needs a specification; test messages ask for neither it nor the list of events."""
    type_id = await _hit_type(turk)
    for active in (True, False):
        refusal = await turk.refused("UpdateNotificationSettings", HITTypeId=type_id, Active=active)
        assert refusal.type == "ParameterValidationError"

    await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=_specification("HITCreated"))
    await turk.hit()
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Active=False)
    await turk.hit()
    assert len(await market.notifications) == 1

    for event in ("Ping", "AssignmentSubmitted", "HITCreated"):
        wanted = _specification("HITCreated")
        await turk("SendTestEventNotification", Notification=wanted, TestEventType=event)
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Active=True)
    await turk.hit()

    told = [message.event for message in await market.notifications]
    assert told == ["HITCreated", "Ping", "AssignmentSubmitted", "HITCreated", "HITCreated"]


async def test_114_sqs_and_sns_say_the_same(database: str | None) -> None:
    """What a queue gets and what a topic's envelope holds differ in nothing but what tells messages apart."""
    with queue_server.serve() as queues:
        direct, behind_topic = await queues.queue(), await queues.queue()
        topic = await queues.topic(behind_topic)
        delivery = Delivery(sqs=queues.url, sns=queues.url, credentials=queue_server.KEYS)
        async with Marketplace(database, clock=StillClock(), delivery=delivery) as market:
            turk = Requester(market)
            hit = await turk.hit(MaxAssignments=2)
            for worker_id, transport, destination in ((ANNA, "SQS", direct), (BERT, "SNS", topic)):
                wanted = _specification("AssignmentAccepted", transport=transport, destination=destination)
                await turk("UpdateNotificationSettings", HITTypeId=hit["HITTypeId"], Notification=wanted)
                await market.worker(worker_id).accept(hit["HITId"])
            async with asyncio.timeout(30):
                await market.notifications.delivered()
        (body,) = await queues.received(direct)
        (wrapped,) = await queues.received(behind_topic)

    envelope = json.loads(wrapped)
    assert envelope["Type"] == "Notification"
    assert envelope["TopicArn"] == topic
    plain, inner = json.loads(body), json.loads(envelope["Message"])
    assert plain["EventDocId"] != inner["EventDocId"]
    for document in (plain, inner):
        del document["EventDocId"], document["Events"][0]["AssignmentId"], document["Events"][0]["WorkerId"]
    assert plain == inner
