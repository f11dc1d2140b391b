"""Settings, messages and the log of notifications; delivery has its own tests, and lines 112 to 114 theirs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aioturk.errors import ConfigurationError
from aioturk.marketplace import AMAZON, Marketplace

from .support import ANNA, BERT, HIT, Requester, StillClock, done

QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/events"
TOPIC = "arn:aws:sns:us-east-1:123456789012:events"
ASSIGNMENT_EVENTS = [f"Assignment{what}" for what in ("Accepted", "Abandoned", "Returned", "Submitted")] + [
    "AssignmentRejected",
    "AssignmentApproved",
]
HIT_EVENTS = ["HITCreated", "HITExpired", "HITReviewable", "HITExtended", "HITDisposed"]
TYPE = {name: HIT[name] for name in ("Title", "Description", "Reward", "AssignmentDurationInSeconds")}


def specification(*events: str, transport: str = "SQS", destination: str = QUEUE, **members: Any) -> dict[str, Any]:
    """A specification; of all events unless it says which."""
    wanted = list(events or ASSIGNMENT_EVENTS + HIT_EVENTS)
    return {
        "Destination": destination,
        "Transport": transport,
        "Version": "2014-08-15",
        "EventTypes": wanted,
        **members,
    }


async def subscribed(turk: Requester, *events: str, **members: Any) -> str:
    """Make the HIT type of `turk.hit()`, with a specification; return its id."""
    type_id: str = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=specification(*events, **members))
    return type_id


async def events(market: Marketplace) -> list[str]:
    """The types of all events so far."""
    return [message.event for message in await market.notifications]


# Settings.


async def test_a_hit_type_of_nobodys_is_refused(turk: Requester) -> None:
    """An unknown HIT type has its own code."""
    refusal = await turk.refused("UpdateNotificationSettings", HITTypeId="3NONE", Notification=specification())

    assert refusal.code == "HITTypeDoesNotExist"


async def test_something_has_to_be_set(turk: Requester) -> None:
    """A request with neither specification nor switch is refused."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    refusal = await turk.refused("UpdateNotificationSettings", HITTypeId=type_id)

    assert refusal.type == "ParameterValidationError"
    assert "Notification, Active" in refusal.message


@pytest.mark.parametrize("active", [True, False])
async def test_a_switch_needs_something_to_switch(turk: Requester, active: bool) -> None:
    """Active alone, with no specification there, is refused."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    refusal = await turk.refused("UpdateNotificationSettings", HITTypeId=type_id, Active=active)

    assert "Notification" in refusal.message


async def test_a_new_specification_is_active_and_replaces_the_old_one(market: Marketplace, turk: Requester) -> None:
    """Without Active it is sent from now on, even if the old one was switched off."""
    type_id = await subscribed(turk, "HITCreated")
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Active=False)
    await turk.hit()
    other = specification("HITCreated", transport="SNS", destination=TOPIC)
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=other)
    await turk.hit()

    (message,) = await market.notifications
    assert (message.transport, message.destination) == ("SNS", TOPIC)


async def test_a_specification_can_be_set_without_being_active(market: Marketplace, turk: Requester) -> None:
    """Active False with a specification keeps it for later."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    wanted = specification("HITCreated")
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Notification=wanted, Active=False)
    await turk.hit()
    assert await events(market) == []
    await turk("UpdateNotificationSettings", HITTypeId=type_id, Active=True)
    await turk.hit()
    assert await events(market) == ["HITCreated"]


async def test_settings_count_for_hits_that_are_there_already(market: Marketplace, turk: Requester) -> None:
    """They belong to the type, not to the HITs that are made afterwards."""
    hit = await turk.hit()
    wanted = specification("AssignmentAccepted")
    await turk("UpdateNotificationSettings", HITTypeId=hit["HITTypeId"], Notification=wanted)
    await market.worker(ANNA).accept(hit["HITId"])

    assert await events(market) == ["AssignmentAccepted"]


@pytest.mark.parametrize("version", ["2006-05-05", "2014-08-15"])
async def test_both_versions_are_taken(market: Marketplace, turk: Requester, version: str) -> None:
    """The message has the version that was asked for."""
    await subscribed(turk, "HITCreated", Version=version)
    await turk.hit()

    (message,) = await market.notifications
    assert message.document["EventDocVersion"] == version


async def test_other_versions_are_refused(turk: Requester) -> None:
    """There are two."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    refusal = await turk.refused(
        "UpdateNotificationSettings", HITTypeId=type_id, Notification=specification(Version="2017-01-17")
    )

    assert "2017-01-17" in refusal.message
    assert refusal.status == 400


@pytest.mark.parametrize("listed", [["Ping"], ["HITCreated", "Ping"], [], ["HITBurnt"]])
async def test_events_that_cannot_be_subscribed(turk: Requester, listed: list[str]) -> None:
    """Ping, nothing at all, and words that are no events are refused."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    refusal = await turk.refused(
        "UpdateNotificationSettings", HITTypeId=type_id, Notification={**specification(), "EventTypes": listed}
    )

    assert refusal.status == 400


@pytest.mark.parametrize(
    ("transport", "destination"),
    [
        ("SQS", TOPIC),
        ("SQS", "events"),
        ("SQS", "ftp://example.org/queue"),
        ("SQS", "https://example.org"),
        ("SQS", "https://example.org/a queue"),
        ("SQS", "https://[::1/queue"),
        ("SQS", f"https://example.org/{'q' * 1024}"),
        ("SNS", QUEUE),
        ("SNS", "arn:aws:sqs:us-east-1:123456789012:events"),
        ("SNS", "arn:aws:sns:us-east-1:12345:events"),
        ("SNS", f"{TOPIC}\n"),
        ("Email", "nobody"),
        ("Email", "two@at@example.org"),
        ("SQS", ""),
        ("SQS", "https://queue.amazonaws.com/123456789012/events.fifo"),
        ("SQS", "https://queue.amazonaws.com/123456789012/events.fifo/"),
        ("SNS", f"{TOPIC}.fifo"),
    ],
)
async def test_a_destination_has_the_form_of_its_transport(turk: Requester, transport: str, destination: str) -> None:
    """What cannot be one has a code of its own, in both operations."""
    type_id = (await turk("CreateHITType", **TYPE))["HITTypeId"]
    bad = specification(transport=transport, destination=destination)
    update = await turk.refused("UpdateNotificationSettings", HITTypeId=type_id, Notification=bad)
    test = await turk.refused("SendTestEventNotification", Notification=bad, TestEventType="Ping")

    assert (update.code, test.code) == ("InvalidTransportEndpoint",) * 2


@pytest.mark.parametrize(
    ("transport", "destination"),
    [
        ("SQS", "http://127.0.0.1:9324/000000000000/events"),
        ("SQS", "https://queue.amazonaws.com/123456789012/fifo"),
        ("SNS", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:my_events-1"),
        ("Email", "requester@example.org"),
    ],
)
async def test_destinations_that_are_taken(
    market: Marketplace, turk: Requester, transport: str, destination: str
) -> None:
    """Queues of stand-ins and topics of other partitions, too; mail is accepted and only kept."""
    await subscribed(turk, "HITCreated", transport=transport, destination=destination)
    await turk.hit()

    (message,) = await market.notifications
    assert (message.transport, message.destination, message.state) == (transport, destination, "logged")


async def test_an_unknown_transport_is_refused(turk: Requester) -> None:
    """REST and SOAP were the old API's."""
    refusal = await turk.refused(
        "SendTestEventNotification",
        Notification=specification(transport="REST", destination="https://example.org/"),
        TestEventType="Ping",
    )

    assert refusal.status == 400


async def test_a_refused_specification_leaves_the_old_one(market: Marketplace, turk: Requester) -> None:
    """Nothing of a refused request happens."""
    type_id = await subscribed(turk, "HITCreated")
    bad = specification("HITDisposed", destination="nowhere")
    await turk.refused("UpdateNotificationSettings", HITTypeId=type_id, Notification=bad, Active=False)
    await turk.hit()

    assert await events(market) == ["HITCreated"]


# Messages.


async def test_only_listed_events_are_sent(market: Marketplace, turk: Requester) -> None:
    """The others are not even kept."""
    await subscribed(turk, "AssignmentSubmitted")
    hit = await turk.hit()
    await done(market, hit["HITId"], ANNA)

    assert await events(market) == ["AssignmentSubmitted"]


async def test_a_message_says_what_happened(market: Marketplace, turk: Requester) -> None:
    """Everything that a log's reader wants to know, without reading JSON."""
    type_id = await subscribed(turk, "AssignmentSubmitted")
    hit = await turk.hit()
    await market.advance(timedelta(seconds=77))
    (assignment_id,) = await done(market, hit["HITId"], ANNA)

    (message,) = await market.notifications
    assert message.event == "AssignmentSubmitted"
    assert (message.hit_id, message.hit_type_id, message.assignment_id) == (hit["HITId"], type_id, assignment_id)
    assert (message.hit_group_id, message.worker_id) == (hit["HITGroupId"], ANNA)
    assert (message.transport, message.destination) == ("SQS", QUEUE)
    assert (message.state, message.attempts, message.trouble) == ("logged", 0, None)
    assert message.at == market.now()
    assert json.loads(message.body) == message.document
    assert message.document["Events"][0]["EventTimestamp"] == f"{market.now():%Y-%m-%dT%H:%M:%SZ}"


async def test_messages_have_different_ids(market: Marketplace, turk: Requester) -> None:
    """Readers drop what they have seen by EventDocId."""
    await subscribed(turk, "HITCreated")
    for _ in range(5):
        await turk.hit()

    ids = {message.document["EventDocId"] for message in await market.notifications}
    assert len(ids) == 5


async def test_events_happen_at_their_own_time(market: Marketplace, turk: Requester) -> None:
    """However far the clock is turned at once, each message has the time of its event."""
    await subscribed(turk, "HITCreated", "HITExpired", "HITDisposed")
    await turk.hit()
    start = market.now()
    await market.advance(timedelta(days=200))

    messages = await market.notifications
    assert [(message.event, message.at - start) for message in messages] == [
        ("HITCreated", timedelta(0)),
        ("HITExpired", timedelta(hours=1)),
        ("HITDisposed", timedelta(hours=1, days=120)),
    ]


async def test_a_hit_that_was_done_in_time_does_not_expire(market: Marketplace, turk: Requester) -> None:
    """HITExpired tells that not everything was submitted when the lifetime ended."""
    await subscribed(turk, "HITExpired", "HITReviewable")
    await done(market, (await turk.hit())["HITId"], ANNA)
    unfinished = (await turk.hit(MaxAssignments=2))["HITId"]
    await done(market, unfinished, ANNA)
    in_work = (await turk.hit(AssignmentDurationInSeconds=300))["HITId"]
    await market.advance(timedelta(minutes=59))
    await market.worker(BERT).accept(in_work)
    await market.advance(timedelta(hours=1))

    expired = [message.hit_id for message in await market.notifications if message.event == "HITExpired"]
    assert expired == [unfinished, in_work]


async def test_work_submitted_after_the_expiry_makes_the_hit_reviewable_once(
    market: Marketplace, turk: Requester
) -> None:
    """Expiry with open work is told at once, HITReviewable with the last submission."""
    await subscribed(turk, "HITExpired", "AssignmentSubmitted", "HITReviewable")
    hit_id = (await turk.hit())["HITId"]
    worker = market.worker(ANNA)
    assignment_id = await worker.accept(hit_id)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
    await worker.submit(assignment_id, {"age": "36"})

    assert await events(market) == ["HITExpired", "AssignmentSubmitted", "HITReviewable"]


async def test_marking_a_hit_as_reviewing_tells_nobody(market: Marketplace, turk: Requester) -> None:
    """A HIT that goes to Reviewing and back was reviewable all the time."""
    await subscribed(turk)
    hit_id = (await turk.hit())["HITId"]
    await done(market, hit_id, ANNA)
    before = await events(market)
    await turk("UpdateHITReviewStatus", HITId=hit_id)
    await turk("UpdateHITReviewStatus", HITId=hit_id, Revert=True)

    assert await events(market) == before


async def test_a_refused_request_causes_no_event(market: Marketplace, turk: Requester) -> None:
    """A repeated creation, a second decision, a deletion that is too early."""
    await subscribed(turk)
    hit_id = (await turk.hit(UniqueRequestToken="once"))["HITId"]
    (assignment_id,) = await done(market, hit_id, ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    before = await events(market)
    await turk.refused("CreateHIT", **HIT, UniqueRequestToken="once")
    await turk.refused("ApproveAssignment", AssignmentId=assignment_id)
    await turk.refused("DeleteHIT", HITId=(await turk.hit(MaxAssignments=2))["HITId"])

    assert await events(market) == [*before, "HITCreated"]


async def test_a_hit_follows_the_settings_of_its_new_type(market: Marketplace, turk: Requester) -> None:
    """UpdateHITTypeOfHIT moves it under the other type's specification."""
    old = await subscribed(turk)
    hit_id = (await turk.hit())["HITId"]
    new = (await turk("CreateHITType", **{**TYPE, "Title": "Guess the year"}))["HITTypeId"]
    wanted = specification("AssignmentAccepted", transport="SNS", destination=TOPIC)
    await turk("UpdateNotificationSettings", HITTypeId=new, Notification=wanted)
    await turk("UpdateHITTypeOfHIT", HITId=hit_id, HITTypeId=new)
    await done(market, hit_id, ANNA)

    first, *rest = await market.notifications
    assert (first.event, first.hit_type_id) == ("HITCreated", old)
    assert [(message.event, message.hit_type_id, message.destination) for message in rest] == [
        ("AssignmentAccepted", new, TOPIC)
    ]


async def test_requesters_are_told_of_their_own(market: Marketplace, turk: Requester) -> None:
    """Equal types of two requesters are two types; CustomerId is the owner's id, SourceAccount their AWS account's."""
    keys = await market.add_requester("second")
    other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
    await subscribed(turk, "HITCreated")
    type_id = await subscribed(other, "HITCreated", destination=f"{QUEUE}-2")
    await other.hit()
    await turk.hit()
    refusal = await turk.refused("UpdateNotificationSettings", HITTypeId=type_id, Active=False)

    second, first = await market.notifications
    assert (second.destination, first.destination) == (f"{QUEUE}-2", QUEUE)
    assert second.document["CustomerId"] != first.document["CustomerId"]
    assert (second.document["SourceAccount"], first.document["SourceAccount"]) == ("123456789013", "123456789012")
    assert refusal.code == "HITTypeDoesNotExist"


# Test messages.


@pytest.mark.parametrize("event", [*ASSIGNMENT_EVENTS, *HIT_EVENTS, "Ping"])
async def test_a_test_message_of_every_event(market: Marketplace, turk: Requester, event: str) -> None:
    """It has the members of a real one, and is about nothing that exists."""
    await turk("SendTestEventNotification", Notification=specification("HITCreated"), TestEventType=event)

    (message,) = await market.notifications
    assert message.event == event == message.document["Events"][0]["EventType"]
    assert (message.assignment_id is not None) == event.startswith("Assignment")
    assert (message.worker_id is not None) == event.startswith("Assignment")
    assert message.document["SourceAccount"] == "123456789012"
    assert message.hit_group_id
    assert (await turk.refused("GetHIT", HITId=message.hit_id)).code == "HITDoesNotExist"


async def test_an_unknown_event_cannot_be_tested(turk: Requester) -> None:
    """There are twelve."""
    refusal = await turk.refused("SendTestEventNotification", Notification=specification(), TestEventType="HITBurnt")

    assert refusal.status == 400


# The log.


async def test_the_log_is_read_whole_or_walked(market: Marketplace, turk: Requester) -> None:
    """Both ways give the same messages in the same order, again and again."""
    await subscribed(turk, "HITCreated", "AssignmentSubmitted")
    for _ in range(3):
        await done(market, (await turk.hit())["HITId"], ANNA)

    log = market.notifications
    read = await log
    assert [message async for message in log] == read == await market.notifications
    assert [message.event for message in read] == ["HITCreated", "AssignmentSubmitted"] * 3


async def test_the_log_is_walked_page_by_page(
    market: Marketplace, turk: Requester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No message is lost or repeated where two pages meet, nor one that comes while the log is walked."""
    monkeypatch.setattr("aioturk.marketplace.notifications._PAGE", 2)
    await subscribed(turk, "HITCreated")
    hits = [(await turk.hit())["HITId"] for _ in range(4)]
    walked = []
    async for message in market.notifications:
        walked.append(message.hit_id)
        if len(walked) == 1:
            hits.append((await turk.hit())["HITId"])

    assert walked == hits


async def test_the_log_belongs_to_an_open_market() -> None:
    """Outside of `async with` there is nothing to read."""
    with pytest.raises(ConfigurationError):
        await Marketplace().notifications


async def test_events_that_nobody_wants_leave_no_message(market: Marketplace, turk: Requester) -> None:
    """The log is empty until somebody asks for notifications."""
    await done(market, (await turk.hit())["HITId"], ANNA)

    assert await market.notifications == []


async def test_nothing_waits_where_nothing_is_delivered(market: Marketplace, turk: Requester) -> None:
    """Without endpoints all messages have been seen to when they are written."""
    await subscribed(turk, "HITCreated")
    await turk.hit()
    await market.notifications.delivered()

    assert [message.state for message in await market.notifications] == ["logged"]


async def test_the_log_survives_the_market(tmp_path: Path) -> None:
    """It is in the database, and what was changed about settings is in the audit log."""
    path = tmp_path / "market.db"
    async with Marketplace(path, clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await subscribed(turk, "HITCreated")
        await turk.hit()
        before = await market.notifications
    async with Marketplace(path, clock=StillClock()) as market:
        assert await market.notifications == before
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT subject FROM audit WHERE what = 'NotificationSettingsUpdated'").fetchall()
    assert found == [(type_id,)]


async def test_the_length_of_a_destination_is_a_rule() -> None:
    """Whoever has longer queue URLs changes one number."""
    longer = replace(AMAZON.notification_destination, most=5000)
    async with Marketplace(rules=replace(AMAZON, notification_destination=longer), clock=StillClock()) as market:
        turk = Requester(market)
        long = f"{QUEUE}{'q' * 2000}"
        await turk("SendTestEventNotification", Notification=specification(destination=long), TestEventType="Ping")

        assert [message.destination for message in await market.notifications] == [long]
