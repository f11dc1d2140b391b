"""What callers may write, what becomes of it on the wire, and what is refused before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import Client
from aioturk._core.arguments import Converters
from aioturk._core.wire import Keywords
from aioturk._generated.tables import OPERATIONS, SHAPES
from aioturk.errors import InvalidRequest
from aioturk.models import (
    Comparator,
    HITLayoutParameter,
    Locale,
    NotificationSpecification,
    QualificationRequirement,
    ReviewPolicy,
)
from aioturk.testing import CREDENTIALS, StubTransport

CONVERTERS = Converters(SHAPES)
HIT_ID = "3X7837UUADRXYCA1K7JAJLKC66DJ60"
WORKER_ID = "A143XRCI1YXAFE"
CREATE_HIT: Mapping[str, Any] = {
    "title": "Guess the age",
    "description": "Look at a picture.",
    "reward": "0.25",
    "lifetime": 3600,
    "assignment_duration": 300,
    "question": "<ExternalQuestion/>",
}
BONUS: Mapping[str, Any] = {"assignment_id": HIT_ID, "worker_id": WORKER_ID, "reason": "Careful work."}
QUALIFICATION_TYPE: Mapping[str, Any] = {
    "name": "Ages",
    "description": "Good at ages.",
    "qualification_type_status": "Active",
}
NOTIFICATION: Mapping[str, Any] = {
    "Destination": "arn:aws:sns:us-east-1:123456789012:mturk",
    "Transport": "SNS",
    "Version": "2014-08-15",
    "EventTypes": ["AssignmentSubmitted"],
}
REQUIREMENT = {"QualificationTypeId": "00000000000000000071", "Comparator": "EqualTo"}


async def refusal(call: Callable[[Client], Any]) -> InvalidRequest:
    """The refusal of a call, after making sure that nothing was sent and that the text says what it has to."""
    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(InvalidRequest) as caught:
            await call(mturk)
    assert transport.requests == []
    error = caught.value
    assert isinstance(error, ValueError)
    assert not error.ambiguous
    assert str(error).endswith("Nothing was sent.")
    return error


def wire(operation: str, **given_members: Any) -> dict[str, Any]:
    """The wire values of an operation's arguments, given under the service's names."""
    return CONVERTERS.request(OPERATIONS[operation], given_members)


def wire_hit(**members: Any) -> dict[str, Any]:
    """The wire values of a HIT with these members besides those it needs."""
    needed = {
        "Title": "t",
        "Description": "d",
        "Reward": "0.10",
        "LifetimeInSeconds": 60,
        "AssignmentDurationInSeconds": 60,
        "Question": "<ExternalQuestion/>",
    }
    return wire("CreateHIT", **{**needed, **members})


REFUSED: list[tuple[str, Mapping[str, Any], str, str]] = [
    # operation, arguments, the argument that is named, and the rule and remedy in the text
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": datetime(2026, 9, 30)}, "expire_at", "time zone"),
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": "tomorrow"}, "expire_at", "aware datetime"),
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": True}, "expire_at", "aware datetime"),
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": float("nan")}, "expire_at", "aware datetime"),
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": float("inf")}, "expire_at", "aware datetime"),
    ("update_expiration_for_hit", {"hit_id": HIT_ID, "expire_at": 10**400}, "expire_at", "aware datetime"),
    ("create_hit", {"reward": "0.005"}, "reward", "finer than a cent; round it"),
    ("create_hit", {"reward": Decimal("0.2501")}, "reward", "finer than a cent"),
    ("create_hit", {"reward": Decimal("1e-999999")}, "reward", "finer than a cent"),
    ("create_hit", {"reward": 0.1 + 0.2}, "reward", "finer than a cent"),
    ("create_hit", {"reward": "-0.25"}, "reward", "zero or more"),
    ("create_hit", {"reward": -1}, "reward", "zero or more"),
    ("create_hit", {"reward": float("nan")}, "reward", "zero or more"),
    ("create_hit", {"reward": float("inf")}, "reward", "zero or more"),
    ("create_hit", {"reward": Decimal("NaN")}, "reward", "zero or more"),
    ("create_hit", {"reward": Decimal("sNaN")}, "reward", "zero or more"),
    ("create_hit", {"reward": Decimal("-Infinity")}, "reward", "zero or more"),
    ("create_hit", {"reward": Decimal("1e400")}, "reward", "at most 16 digits"),
    ("create_hit", {"reward": 10**16}, "reward", "at most 16 digits"),
    ("create_hit", {"reward": 10**5000}, "reward", "at most 16 digits"),
    ("create_hit", {"reward": "9" * 5000}, "reward", "at most 16 digits"),
    ("create_hit", {"reward": True}, "reward", "Decimal, int or str"),
    ("create_hit", {"reward": b"0.25"}, "reward", "Decimal, int or str"),
    ("create_hit", {"reward": "$0.25"}, "reward", "plain digits, such as '0.25'"),
    ("create_hit", {"reward": "1e-1"}, "reward", "plain digits"),
    ("create_hit", {"reward": " 0.25"}, "reward", "plain digits"),
    ("create_hit", {"reward": "1_000"}, "reward", "plain digits"),
    ("create_hit", {"reward": "0,25"}, "reward", "plain digits"),
    ("create_hit", {"reward": "\uff11"}, "reward", "plain digits"),
    ("create_hit", {"reward": ""}, "reward", "plain digits"),
    ("create_hit", {"reward": "."}, "reward", "plain digits"),
    ("create_hit", {"reward": None}, "reward", "missing"),
    ("send_bonus", {"bonus_amount": 0.125}, "bonus_amount", "finer than a cent"),
    ("create_hit", {"lifetime": timedelta(seconds=-60)}, "lifetime", "cannot be negative"),
    ("create_hit", {"lifetime": -60}, "lifetime", "cannot be negative"),
    ("create_hit", {"lifetime": timedelta(seconds=60, microseconds=1)}, "lifetime", "whole seconds"),
    ("create_hit", {"lifetime": 60.5}, "lifetime", "whole number of seconds"),
    ("create_hit", {"lifetime": "60"}, "lifetime", "whole number of seconds"),
    ("create_hit", {"lifetime": True}, "lifetime", "whole number of seconds"),
    ("create_hit", {"lifetime": float("inf")}, "lifetime", "whole number of seconds"),
    ("create_hit", {"lifetime": 29}, "lifetime", "29 seconds; it has to be from 30 to 31536000 seconds"),
    ("create_hit", {"lifetime": timedelta(days=366)}, "lifetime", "from 30 to 31536000 seconds"),
    ("create_hit", {"lifetime": 10**5000}, "lifetime", "no duration is that long"),
    ("create_qualification_type", {"retry_delay": timedelta.max}, "retry_delay", "whole seconds"),
    ("create_qualification_type", {"retry_delay": 10**20}, "retry_delay", "no duration is that long"),
    ("create_hit", {"auto_approval_delay": timedelta(days=31)}, "auto_approval_delay", "from 0 to 2592000"),
    ("create_hit", {"question": "x" * 65_536}, "question", "65536 bytes; it has to be from 1 to 65535 bytes"),
    ("create_hit", {"question": "\u00e9" * 32_768}, "question", "65536 bytes"),
    ("create_hit", {"question": ""}, "question", "0 bytes"),
    ("create_hit", {"question": 5}, "question", "or its XML as a string"),
    ("create_hit", {"question": b"<x/>"}, "question", "or its XML as a string"),
    ("create_hit", {"hit_layout_id": "3LAYOUT"}, "question", "both question and hit_layout_id"),
    ("create_hit", {"question": None}, "question", "neither question nor hit_layout_id"),
    (
        "create_hit",
        {"hit_layout_parameters": [HITLayoutParameter(name="a", value="b")]},
        "hit_layout_parameters",
        "without hit_layout_id",
    ),
    ("create_hit", {"unique_request_token": "x" * 65}, "unique_request_token", "65 characters; at most 64"),
    ("create_hit", {"unique_request_token": ""}, "unique_request_token", "empty"),
    ("send_bonus", {"unique_request_token": "x" * 65}, "unique_request_token", "65 characters; at most 64"),
    ("create_hit", {"title": "x" * 129}, "title", "129 characters; it has to be from 1 to 128"),
    ("create_hit", {"title": ""}, "title", "0 characters"),
    ("create_hit", {"title": None}, "title", "missing"),
    ("create_hit", {"title": b"bytes"}, "title", "give a string"),
    ("create_hit", {"title": "\ud800 half"}, "title", "UTF-8 cannot carry"),
    ("create_hit", {"question": "<x>\udfff</x>"}, "question", "UTF-8 cannot carry"),
    ("create_hit", {"keywords": ["a", "\udfff"]}, "keywords", "UTF-8 cannot carry"),
    ("create_hit", {"keywords": ["a,b"]}, "keywords", "the comma separates"),
    ("create_hit", {"keywords": ["a", 5]}, "keywords", "keywords are strings"),
    ("create_hit", {"keywords": 5}, "keywords", "comma-separated"),
    ("create_hit", {"keywords": {"a": "b"}}, "keywords", "comma-separated"),
    ("create_hit", {"keywords": b"ab"}, "keywords", "keywords are strings"),
    ("create_hit", {"keywords": ["x" * 1001]}, "keywords", "at most 1000 characters"),
    ("create_hit", {"requester_annotation": "x" * 256}, "requester_annotation", "at most 255 characters"),
    ("create_hit", {"max_assignments": 0}, "max_assignments", "is 0; it has to be from 1 to 1000000000"),
    ("create_hit", {"max_assignments": True}, "max_assignments", "whole number"),
    ("create_hit", {"max_assignments": 3.0}, "max_assignments", "whole number"),
    ("create_hit", {"max_assignments": "3"}, "max_assignments", "whole number"),
    ("create_hit", {"max_assignments": 10**5000}, "max_assignments", "it has to be"),
    ("create_hit", {"qualification_requirements": "EqualTo"}, "qualification_requirements", "give a list"),
    ("create_hit", {"qualification_requirements": REQUIREMENT}, "qualification_requirements", "give a list"),
    ("create_hit", {"qualification_requirements": [REQUIREMENT] * 11}, "qualification_requirements", "at most 10"),
    ("create_hit", {"qualification_requirements": ["x"]}, "qualification_requirements[0]", "QualificationRequirement"),
    (
        "create_hit",
        {"qualification_requirements": [REQUIREMENT, {**REQUIREMENT, "Comparator": "="}]},
        "qualification_requirements[1].comparator",
        "choose one of LessThan, ",
    ),
    (
        "create_hit",
        {"qualification_requirements": [{"Comparator": "Exists"}]},
        "qualification_requirements[0].qualification_type_id",
        "missing",
    ),
    (
        "create_hit",
        {"qualification_requirements": [{**REQUIREMENT, "Value": 5}]},
        "qualification_requirements[0]",
        "no member 'Value'; there are QualificationTypeId, ",
    ),
    (
        "create_hit",
        {
            "qualification_requirements": [
                QualificationRequirement(
                    qualification_type_id="1", comparator=Comparator.IN, locale_values=(Locale(country="USA"),)
                )
            ]
        },
        "qualification_requirements[0].locale_values[0].country",
        "at most 2",
    ),
    (
        "create_hit",
        {"qualification_requirements": [{**REQUIREMENT, "IntegerValues": [1, True]}]},
        "qualification_requirements[0].integer_values[1]",
        "whole number",
    ),
    (
        "create_hit",
        {"hit_review_policy": {"PolicyName": "SimplePlurality/2011-09-01", "Parameters": [{"Values": [5]}]}},
        "hit_review_policy.parameters[0].values[0]",
        "give a string",
    ),
    ("create_hit", {"hit_review_policy": "SimplePlurality"}, "hit_review_policy", "ReviewPolicy or a mapping"),
    ("get_hit", {"hit_id": "not an id"}, "hit_id", "does not look like an id"),
    ("get_hit", {"hit_id": HIT_ID.lower()}, "hit_id", "does not look like an id"),
    ("get_hit", {"hit_id": HIT_ID + "\n"}, "hit_id", "does not look like an id"),
    ("get_hit", {"hit_id": ""}, "hit_id", "empty"),
    ("get_hit", {"hit_id": "A" * 65}, "hit_id", "65 characters; at most 64"),
    ("get_hit", {"hit_id": 5}, "hit_id", "give a string"),
    ("get_hit", {"hit_id": None}, "hit_id", "missing"),
    ("create_worker_block", {"worker_id": "B12", "reason": "r"}, "worker_id", "does not look like an id"),
    ("list_hits", {"max_results": 0}, "max_results", "is 0; it has to be from 1 to 100"),
    ("list_hits", {"max_results": 101}, "max_results", "from 1 to 100"),
    ("list_hits", {"max_results": True}, "max_results", "whole number"),
    ("list_hits", {"next_token": ""}, "next_token", "empty"),
    ("list_hits", {"next_token": "x" * 256}, "next_token", "at most 255"),
    (
        "list_assignments_for_hit",
        {"hit_id": HIT_ID, "assignment_statuses": "Submitted"},
        "assignment_statuses",
        "give a list",
    ),
    (
        "list_assignments_for_hit",
        {"hit_id": HIT_ID, "assignment_statuses": ["Submitted", "Done"]},
        "assignment_statuses[1]",
        "choose one of Submitted, Approved, Rejected",
    ),
    ("notify_workers", {"subject": "s", "message_text": "m", "worker_ids": WORKER_ID}, "worker_ids", "give a list"),
    ("notify_workers", {"subject": "s", "message_text": "m", "worker_ids": []}, "worker_ids", "0 items"),
    (
        "notify_workers",
        {"subject": "s", "message_text": "m", "worker_ids": [WORKER_ID] * 101},
        "worker_ids",
        "101 items; it has to be from 1 to 100",
    ),
    ("approve_assignment", {"assignment_id": HIT_ID, "override_rejection": 1}, "override_rejection", "True or False"),
    ("reject_assignment", {"assignment_id": HIT_ID, "requester_feedback": ""}, "requester_feedback", "from 1 to 1024"),
    (
        "accept_qualification_request",
        {"qualification_request_id": "1", "integer_value": 2**31},
        "integer_value",
        "it has to be from -2147483648 to 2147483647",
    ),
    (
        "send_test_event_notification",
        {"notification": {**NOTIFICATION, "EventTypes": ["Pong"]}, "test_event_type": "Ping"},
        "notification.event_types[0]",
        "choose one of AssignmentAccepted, ",
    ),
    (
        "send_test_event_notification",
        {"notification": {**NOTIFICATION, "Destination": None}, "test_event_type": "Ping"},
        "notification.destination",
        "missing",
    ),
]
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "create_hit": CREATE_HIT,
    "send_bonus": {**BONUS, "bonus_amount": "1"},
    "create_qualification_type": QUALIFICATION_TYPE,
}


@pytest.mark.parametrize(
    ("method", "arguments", "named", "says"),
    REFUSED,
    ids=[f"{number}-{method}-{named}" for number, (method, _, named, _) in enumerate(REFUSED)],
)
async def test_refusals(method: str, arguments: Mapping[str, Any], named: str, says: str) -> None:
    """What breaks a rule is refused before the network; a short text names argument, rule and remedy."""
    everything = {**NEEDED.get(method, {}), **arguments}
    error = await refusal(lambda mturk: getattr(mturk, method)(**everything))
    assert error.operation is not None
    assert OPERATIONS[error.operation].python == method
    assert error.argument == named
    assert str(error).startswith(f"{error.operation} {named}: ")
    assert says in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("method", "arguments", "says"),
    [
        ("list_bonus_payments", {}, "give hit_id or assignment_id"),
        ("update_notification_settings", {"hit_type_id": HIT_ID}, "give notification or active"),
    ],
)
async def test_refusals_of_nothing_at_all(method: str, arguments: Mapping[str, Any], says: str) -> None:
    """Where the service wants one of several arguments, giving none is refused with their names."""
    error = await refusal(lambda mturk: getattr(mturk, method)(**arguments))
    assert says in str(error)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("create_hit", {**CREATE_HIT, "tittle": "Guess the age"}),
        ("create_hit", {key: value for key, value in CREATE_HIT.items() if key != "reward"}),
        ("list_hits", {"page_size": 10}),
        ("get_hit", {"HITId": HIT_ID}),
        ("get_account_balance", {"account": "mine"}),
    ],
)
async def test_unknown_keywords_are_type_errors(method: str, arguments: Mapping[str, Any]) -> None:
    """An unknown or missing keyword argument is a TypeError, as everywhere in Python, and nothing is sent."""
    transport = StubTransport()
    async with Client("sandbox", credentials=CREDENTIALS, transport=transport) as mturk:
        with pytest.raises(TypeError, match="argument"):
            await getattr(mturk, method)(**arguments)
    assert transport.requests == []


BONUS = {"WorkerId": "A143XRCI1YXAFE", "AssignmentId": HIT_ID, "Reason": "Careful work."}


@pytest.mark.parametrize(
    ("operation", "request_", "named", "says"),
    [
        ("GetHit", {"HITId": HIT_ID}, "operation", "names are the service's"),
        ("get_hit", {"HITId": HIT_ID}, "operation", "names are the service's"),
        ("GetHIT", {"hit_id": HIT_ID}, "hit_id", "not a member of this request; there are HITId"),
        ("GetHIT", {"HITId": HIT_ID, "Title": "t"}, "Title", "not a member"),
        ("GetAccountBalance", {"HITId": HIT_ID}, "HITId", "there are none at all"),
        ("GetHIT", {}, "HITId", "missing"),
        ("GetHIT", None, "HITId", "missing"),
        ("GetHIT", {"HITId": None}, "HITId", "missing"),
        ("GetHIT", [HIT_ID], "request", "not a mapping"),
        ("GetHIT", {5: HIT_ID}, "5", "not a member"),
        ("ListHITs", {"MaxResults": 101}, "MaxResults", "from 1 to 100"),
        ("UpdateExpirationForHIT", {"HITId": HIT_ID, "ExpireAt": datetime(2026, 9, 30)}, "ExpireAt", "time zone"),
        ("SendBonus", {**BONUS, "BonusAmount": "0.00"}, "bonus_amount", "at least a cent"),
    ],
)
async def test_refusals_of_plain_calls(operation: str, request_: Any, named: str, says: str) -> None:
    """`call` refuses unknown operations and members, and whatever the typed methods refuse."""
    error = await refusal(lambda mturk: mturk.call(operation, request_))
    assert error.argument == named
    assert says in str(error)


# Money.


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**15, places=2))
def test_cents_survive(amount: Decimal) -> None:
    """Any amount of whole cents arrives exactly, as the digits that the service takes, from every type."""
    forms: list[Any] = [amount, f"{amount:f}", f"{amount:.2f}", amount.normalize(), f"{amount:f}000"]
    if amount == amount.to_integral_value():
        forms.append(int(amount))
    if amount < 10**12:
        forms.append(float(amount))
    for form in forms:
        text = wire_hit(Reward=form)["Reward"]
        assert re.fullmatch(r"[0-9]+\.[0-9]{2}", text)
        assert Decimal(text) == amount


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**12, allow_nan=False, places=6))
def test_anything_finer_than_a_cent_is_refused(amount: Decimal) -> None:
    """Nothing is rounded: an amount is sent exactly or not at all."""
    if amount == round(amount, 2):
        assert Decimal(wire_hit(Reward=amount)["Reward"]) == amount
        return
    for form in (amount, f"{amount:f}"):
        with pytest.raises(InvalidRequest, match="finer than a cent"):
            wire_hit(Reward=form)


@settings(deadline=None)
@given(st.floats())
def test_floats_are_what_they_look_like(amount: float) -> None:
    """A float is taken for the shortest decimal that it is; it is sent as that, or refused."""
    try:
        text = wire_hit(Reward=amount)["Reward"]
    except InvalidRequest:
        return
    assert Decimal(text) == Decimal(repr(amount))
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", text)


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, "0", "-0", Decimal("-0"), Decimal("0E+3"), Decimal("0E-9"), ".0"])
def test_nothing_is_nothing(zero: Any) -> None:
    """Zero has no sign on the wire, whatever it had before."""
    assert wire_hit(Reward=zero)["Reward"] == "0.00"


# The other generous forms.


@settings(deadline=None)
@given(st.integers(30, 31_536_000))
def test_durations(seconds: int) -> None:
    """Durations are timedeltas, or whole seconds of any type."""
    for form in (seconds, float(seconds), timedelta(seconds=seconds)):
        assert wire_hit(LifetimeInSeconds=form)["LifetimeInSeconds"] == seconds


@pytest.mark.parametrize(
    ("given_words", "text"),
    [
        ("image, age", "image, age"),
        (["image", "age"], "image, age"),
        (("image", "age"), "image, age"),
        (iter(["image", "age"]), "image, age"),
        ([], ""),
        (Keywords.parse("image,age ,, "), "image,age ,, "),
        (Keywords(["image", "age"]), "image, age"),
    ],
)
def test_keywords(given_words: Any, text: str) -> None:
    """Words are joined; a text goes as it is, and so do keywords that were read from one (HIT types differ by it)."""
    assert wire_hit(Keywords=given_words)["Keywords"] == text


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(2026, 9, 30, tzinfo=UTC), 1790726400),
        (datetime(2026, 9, 30, 2, tzinfo=timezone(timedelta(hours=2))), 1790726400),
        (datetime(2026, 9, 30, 0, 0, 0, 678_000, tzinfo=UTC), 1790726400.678),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (0, 0),
        (1.5, 1.5),
    ],
)
def test_moments(moment: Any, number: float) -> None:
    """Moments are aware datetimes of any zone, or seconds since 1970."""
    document = wire("UpdateExpirationForHIT", HITId=HIT_ID, ExpireAt=moment)
    assert document["ExpireAt"] == number
    assert type(document["ExpireAt"]) is type(number)


def test_sizes_are_counted_in_bytes_where_the_service_does() -> None:
    """A question may have 65,535 bytes of UTF-8; a title 128 characters, however many bytes they have."""
    assert wire_hit(Question="\u00e9" * 32_767)["Question"]
    assert wire_hit(Title="\U0001f600" * 128)["Title"]


def test_documents_write_themselves() -> None:
    """Whatever writes a question's document with `to_xml` is a question; its size is checked as well."""

    class Question:
        def __init__(self, text: str) -> None:
            self.text = text

        def to_xml(self) -> str:
            return self.text

    assert wire_hit(Question=Question("<HTMLQuestion/>"))["Question"] == "<HTMLQuestion/>"
    with pytest.raises(InvalidRequest, match="65536 bytes"):
        wire_hit(Question=Question("<HTMLQuestion/>".ljust(65_536)))


def test_structures_are_shapes_or_mappings() -> None:
    """Structures may be our shapes or mappings with the service's names, mixed as one likes."""
    plain = {
        "QualificationTypeId": "00000000000000000071",
        "Comparator": "In",
        "LocaleValues": [{"Country": "US", "Subdivision": "WA"}, {"Country": "GB"}],
    }
    shaped = QualificationRequirement(
        qualification_type_id="00000000000000000071",
        comparator=Comparator.IN,
        locale_values=(Locale(country="US", subdivision="WA"), Locale(country="GB")),
    )
    mixed = {**plain, "Comparator": Comparator.IN, "LocaleValues": (shaped.locale_values[0], {"Country": "GB"})}
    document = wire_hit(QualificationRequirements=(one for one in (plain, shaped, mixed)))
    assert document["QualificationRequirements"] == [plain, plain, plain]
    policy = ReviewPolicy(policy_name="SimplePlurality/2011-09-01")
    assert wire_hit(HITReviewPolicy=policy)["HITReviewPolicy"] == {"PolicyName": "SimplePlurality/2011-09-01"}
    notification = NotificationSpecification(
        destination=NOTIFICATION["Destination"],
        transport=NOTIFICATION["Transport"],
        version=NOTIFICATION["Version"],
        event_types=tuple(NOTIFICATION["EventTypes"]),
    )
    assert wire("UpdateNotificationSettings", HITTypeId=HIT_ID, Notification=notification)["Notification"] == dict(
        NOTIFICATION
    )


def test_words_are_sent_as_plain_strings() -> None:
    """Members of an enumeration go out as the strings that they are."""
    document = wire("ListAssignmentsForHIT", HITId=HIT_ID, AssignmentStatuses=["Submitted"])
    assert document["AssignmentStatuses"] == ["Submitted"]
    assert type(wire_hit(QualificationRequirements=[QUALIFIED])["QualificationRequirements"][0]["Comparator"]) is str


QUALIFIED = QualificationRequirement(qualification_type_id="1", comparator=Comparator.EXISTS)


def test_left_out_is_left_out() -> None:
    """None means that an argument is not sent; false values are."""
    document = wire("ApproveAssignment", AssignmentId=HIT_ID, RequesterFeedback="", OverrideRejection=False)
    assert document == {"AssignmentId": HIT_ID, "RequesterFeedback": "", "OverrideRejection": False}
    assert wire("ApproveAssignment", AssignmentId=HIT_ID, RequesterFeedback=None) == {"AssignmentId": HIT_ID}
