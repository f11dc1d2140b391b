"""Messages are read whatever way they came, and whatever does not fit is one kind of error."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.errors import InvalidNotification, SubscriptionOffered
from aioturk.marketplace.service import notifications as marketplace
from aioturk.models import EventType
from aioturk.notifications import Event, parse
from aioturk.notifications.reading import LIMIT
from tests.notifications.support import body, confirmation, document, envelope, event

READ = Event(
    type="AssignmentSubmitted",
    time=datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC),
    hit_id="3HIT",
    hit_type_id="3TYPE",
    assignment_id="3ASSIGNMENT",
    document_id="doc-1",
    customer_id="A3EXAMPLE",
)


@pytest.mark.parametrize(
    "message",
    [
        body(),
        body().encode(),
        document(),
        json.dumps(envelope(body())),
        envelope(body()),
        {"Type": "Notification", "Message": body()},
    ],
    ids=["text", "bytes", "object", "envelope", "envelope's object", "unsigned envelope"],
)
def test_every_form(message: str | bytes | Mapping[str, Any]) -> None:
    """The bare document and the envelope, as text, bytes or objects, come to the same event."""
    assert parse(message) == (READ,)


def test_several_events() -> None:
    """All events of a document are read in order, and share its id."""
    kinds = [*EventType]
    events = parse(document(*(event(EventType=kind) for kind in kinds)))
    assert [each.type for each in events] == kinds
    assert {each.document_id for each in events} == {"doc-1"}
    assert all(isinstance(each.type, EventType) for each in events)
    assert parse({**document(), "Events": []}) == ()


def test_what_is_not_known_is_kept() -> None:
    """Unknown kinds of events and unknown members survive, the event's before the document's."""
    strange = event(EventType="HITPainted", Colour={"r": [1, None]}, SourceAccount="2", HITGroupId="3G", WorkerId="A1")
    (read,) = parse(document(strange, SourceAccount="1", Extra=True))
    assert (read.type, str(read.type)) == ("HITPainted", "HITPainted")
    assert read.more == {"Colour": {"r": [1, None]}, "SourceAccount": "2", "Extra": True}
    assert (read.hit_group_id, read.worker_id) == ("3G", "A1")


def test_an_event_is_a_value() -> None:
    """Events can be compared, put into sets, and carried to other processes."""
    (read,) = parse(document(event(Colour=[1])))
    assert read in {read}
    assert pickle.loads(pickle.dumps(read)) == read
    assert read != READ


def test_pings_and_tests() -> None:
    """A ping needs no HIT, and what our marketplace sends as a test is known for one."""
    (ping,) = parse(document({"EventType": "Ping", "EventTimestamp": "2026-01-31T23:59:59Z", "HITId": ""}))
    assert (ping.is_test, ping.hit_id) == (True, None)
    (sample,) = parse(document(event(HITId=marketplace._SAMPLE_HIT)))
    assert sample.is_test
    assert not READ.is_test


@pytest.mark.parametrize(
    ("members", "moment"),
    [
        ({"EventTimestamp": None, "EventTime": "2026-01-31T23:59:59Z"}, READ.time),
        ({"EventTime": "2020-01-01T00:00:00Z"}, READ.time),
        ({"EventTimestamp": "2026-01-31T23:59:59"}, READ.time),
        ({"EventTimestamp": "2026-02-01T05:29:59+05:30"}, READ.time),
        ({"EventTimestamp": "2026-01-31T23:59:59.250Z"}, READ.time.replace(microsecond=250_000)),
    ],
)
def test_times(members: dict[str, Any], moment: datetime) -> None:
    """Both names of the time are read, the newer one first; all are UTC, one without a zone too."""
    (read,) = parse(document(event(**members)))
    assert read.time == moment
    assert read.time.tzinfo is UTC


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        (b"\xff\xfe{}", "is not JSON"),
        ("\ud800", "is not JSON: it has half a character"),
        ('{"EventDocId": "\\ud800"}', "is not JSON"),
        ("[]", "is JSON, but a list and not an object"),
        ("null", "is JSON, but nothing and not an object"),
        ('"Events"', "is JSON, but a string"),
        ("17", "is JSON, but a number"),
        ("true", "is JSON, but a boolean"),
        (17, "is a number; the text"),
        (None, "is nothing; the text"),
        ("{}", "has no EventDocId"),
        (" " * (LIMIT + 1), f"has {LIMIT + 1} characters"),
        ("é" * LIMIT, f"has {2 * LIMIT} bytes"),
        ("[" * 100_000, "is not JSON"),
        (json.dumps(document(event(Deep=json.loads("[" * 40 + "]" * 40)))), "is nested deeper than 32 levels"),
        ({**document(), "EventDocId": ["doc-1"]}, "has a list for its EventDocId"),
        ({**document(), "EventDocId": "a\x00b"}, "has characters in its EventDocId that cannot be printed"),
        ({**document(), "EventDocId": "\udc80"}, "has characters in its EventDocId that cannot be printed"),
        ({**document(), "EventDocId": "d" * 257}, "has 257 characters in its EventDocId"),
        ({**document(), "CustomerId": {}}, "has an object for its CustomerId"),
        ({**document(), "Events": "AssignmentSubmitted"}, "has a string for its Events, where a list belongs"),
        ({**document(), "Events": {"EventType": "Ping"}}, "has an object for its Events"),
        ({**document(), "Events": None}, "has nothing for its Events"),
        (document(*[event()] * 1001), "has 1001 events"),
        (document(["AssignmentSubmitted"]), "has a list for event 0"),  # type: ignore[arg-type]
        (document(event(), "Ping"), "has a string for event 1"),  # type: ignore[arg-type]
        (document(event(EventType=None)), "has an event without an EventType"),
        (document(event(EventType=7)), "has a number for its EventType"),
        (document(event(HITId=["3HIT"])), "has a list for its HITId"),
        (document(event(EventTimestamp=None)), "has an event without an EventTimestamp"),
        (document(event(EventTimestamp=1_800_000_000)), "has a number for its EventTimestamp"),
        (document(event(EventTimestamp="yesterday")), "is not a time such as"),
        (document(event(EventTimestamp="2026-01-31")), "is not a time such as"),
        (document(event(EventTimestamp="2026-13-31T00:00:00Z")), "is not a time such as"),
        (document(event(EventTimestamp="0001-01-01T00:00:00+23:59")), "is not a time such as"),
        (document(event(EventTimestamp="٢٠٢٦-01-31T23:59:59Z")), "is not a time such as"),
        ({**document(), **{f"m{number}": 0 for number in range(101)}}, "has 101 members that are not known"),
        (dict([*document().items(), (7, 7)]), "has a member whose name is not a string"),
        ({"Type": "Notification"}, "has nothing for its Message"),
        ({"Type": "Notification", "Message": document()}, "has an object for its Message"),
        ({"Type": "Notification", "Message": "Hello"}, "holds a Message that is not JSON"),
        ({"Type": "Notification", "Message": "[]"}, "holds a Message that is JSON, but a list"),
        ({"Type": "Notification", "Message": json.dumps(envelope(body()))}, "is an envelope in an envelope"),
        ({"Type": "Advertisement", "Message": body()}, "is an envelope of an unknown type, 'Advertisement'"),
        ({"Type": ["Notification"], "Message": body()}, "has a list for its Type"),
        ({**document(), "Type": "Notification", "Message": body()}, "is an envelope and a document at once"),
    ],
)
def test_what_cannot_be_read(message: Any, said: str) -> None:
    """Each way to be wrong is told in words."""
    with pytest.raises(InvalidNotification) as caught:
        parse(message)
    assert str(caught.value).startswith("The notification ")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_topics_question_is_not_an_event() -> None:
    """Whoever asks to subscribe is named, nothing else happens, and the token is not told."""
    for kind in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        question = confirmation(Type=kind)
        with pytest.raises(SubscriptionOffered, match=f"a topic's {kind}") as caught:
            parse(json.dumps(question))
        assert caught.value.topic_arn == question["TopicArn"]
        assert question["Token"] not in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["Notification", body()]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
NAMES = ["Type", "Message", "Events", "EventDocId", "CustomerId", "EventType", "EventTimestamp", "HITId", "EventTime"]
MESSAGES = st.one_of(
    st.text(),
    st.binary(),
    VALUES,
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.dictionaries(st.sampled_from(NAMES), VALUES).map(lambda members: document(event(**members))),
    st.dictionaries(st.sampled_from(NAMES), VALUES).map(lambda members: {**document(), **members}),
    st.text().map(lambda text: body(HITId=text, EventTimestamp=text)),
    st.tuples(st.integers(0, 200), st.binary(max_size=4)).map(
        lambda cut: body().encode()[: cut[0]] + cut[1] + body().encode()[cut[0] + len(cut[1]) :]
    ),
)


@given(MESSAGES)
def test_never_another_error(message: Any) -> None:
    """Whatever is read becomes events or the one error."""
    try:
        events = parse(message)
    except InvalidNotification:
        return
    for each in events:
        assert each.document_id.isprintable()
        assert each.time.tzinfo is UTC
