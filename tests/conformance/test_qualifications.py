"""Qualification types, qualifications, and workers who ask for them: the reference's lines 96-106."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aioturk.errors import (
    InvalidQualificationRequestState,
    QualificationTypeDoesNotAllowRetake,
    QualificationTypeRetryDelayNotElapsed,
)
from aioturk.marketplace import Marketplace
from tests.marketplace.exams import KEY, TEST, TYPE, answer_key, exam, new_type, question, score, waiting
from tests.marketplace.support import ANNA, BERT, CARA, HIT, Requester, post

HOUR = timedelta(hours=1)
FRACTION = timedelta(milliseconds=1)


async def test_96_names_are_unique(turk: Requester) -> None:
    """A name that the requester has used already is refused, with the whole sentence."""
    await new_type(turk)
    refusal = await turk.refused("CreateQualificationType", **{**TYPE, "Description": "Another one."})

    assert (refusal.type, refusal.code, refusal.status) == ("RequestError", "QualificationTypeAlreadyExists", 400)
    assert refusal.message.startswith(
        "You have already created a QualificationType with this name. A QualificationType's name must be unique among "
        "all of the QualificationTypes created by the same user. ("
    )


@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"Test": TEST}, "TestDurationInSeconds"),
        ({"AnswerKey": KEY}, "Test"),
        ({"Test": TEST, "TestDurationInSeconds": 60, "AutoGranted": True}, "Test"),
    ],
    ids=["no-duration", "key-without-test", "test-and-granted"],
)
async def test_97_what_belongs_together(market: Marketplace, members: dict[str, Any], parameter: str) -> None:
    """A test needs a duration, an answer key a test, and who takes a test is not granted anything just so."""
    answer = await post(market, "CreateQualificationType", {**TYPE, **members})

    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    assert answer.json["Parameter"] == parameter


async def test_98_granted_to_whoever_asks(market: Marketplace, turk: Requester) -> None:
    """A request for an AutoGranted type yields Granted with the value 1 at once, and no request waits."""
    type_id = await new_type(turk, AutoGranted=True)
    asked = await market.worker(ANNA).request_qualification(type_id)
    held = await turk("GetQualificationScore", QualificationTypeId=type_id, WorkerId=ANNA)

    assert (asked.status, asked.value) == ("granted", 1)
    assert (held["Qualification"]["Status"], held["Qualification"]["IntegerValue"]) == ("Granted", 1)
    assert await waiting(turk) == []


RANGES = (
    "<RangeMapping>"
    "<SummedScoreRange><InclusiveLowerBound>0</InclusiveLowerBound><InclusiveUpperBound>10</InclusiveUpperBound>"
    "<QualificationValue>50</QualificationValue></SummedScoreRange>"
    "<SummedScoreRange><InclusiveLowerBound>10</InclusiveLowerBound><InclusiveUpperBound>15</InclusiveUpperBound>"
    "<QualificationValue>100</QualificationValue></SummedScoreRange>"
    "<OutOfRangeQualificationValue>-1</OutOfRangeQualificationValue></RangeMapping>"
)


@pytest.mark.parametrize(
    ("mapping", "values"),
    [
        ("", (15, 11, -1)),
        ("<PercentageMapping><MaximumSummedScore>15</MaximumSummedScore></PercentageMapping>", (100, 73, -7)),
        ("<ScaleMapping><SummedScoreMultiplier>0.5</SummedScoreMultiplier></ScaleMapping>", (8, 6, 0)),
        (RANGES, (100, 100, -1)),
    ],
    ids=["sum", "percentage", "scale", "ranges"],
)
async def test_99_tests_are_graded(
    market: Marketplace, turk: Requester, mapping: str, values: tuple[int, int, int]
) -> None:
    """With an answer key the score is there at once, mapped as the key says."""
    type_id = await new_type(turk, Test=TEST, TestDurationInSeconds=60, AnswerKey=answer_key(mapping))
    answers: tuple[dict[str, str | list[str]], ...] = (
        {"france": "paris", "italy": ["milan", "rome"]},  # 10 + 5
        {"france": "paris", "italy": "rome"},  # 10 + 1
        {"france": "lyon", "italy": ["rome", "milan", "zurich"]},  # -2 + 1
    )

    for worker_id, given, value in zip((ANNA, BERT, CARA), answers, values, strict=True):
        asked = await market.worker(worker_id).request_qualification(type_id, given)
        assert (asked.status, asked.value) == ("granted", value)
        assert await score(turk, type_id, worker_id) == value
    assert await waiting(turk) == []


async def test_100_tests_without_a_key_wait(market: Marketplace, turk: Requester) -> None:
    """The request shows Test, Answer and SubmitTime; accepting it grants, rejecting it removes it."""
    test = exam(question("france", "paris", "lyon"), question("why"))
    type_id = await new_type(turk, Test=test, TestDurationInSeconds=60)
    for worker_id in (ANNA, BERT):
        begun = await market.worker(worker_id).begin_test(type_id)
        assert begun.test == test
        await market.advance(timedelta(seconds=30))
        await market.worker(worker_id).submit_test(begun.request_id, {"france": "paris", "why": "I <3 it"})
    anna, bert = await waiting(turk, QualificationTypeId=type_id)

    assert (anna["WorkerId"], anna["Test"], anna["QualificationTypeId"]) == (ANNA, test, type_id)
    assert "<SelectionIdentifier>paris</SelectionIdentifier>" in anna["Answer"]
    assert "<FreeText>I &lt;3 it</FreeText>" in anna["Answer"]
    assert bert["SubmitTime"] == market.now()
    assert bert["SubmitTime"] - anna["SubmitTime"] == timedelta(seconds=30)

    await turk("AcceptQualificationRequest", QualificationRequestId=anna["QualificationRequestId"], IntegerValue=80)
    await turk("RejectQualificationRequest", QualificationRequestId=bert["QualificationRequestId"], Reason="No.")
    assert await waiting(turk) == []
    assert await score(turk, type_id, ANNA) == 80
    refusal = await turk.refused("GetQualificationScore", QualificationTypeId=type_id, WorkerId=BERT)
    assert refusal.code == "QualificationDoesNotExist"


async def test_101_second_attempts(market: Marketplace, turk: Requester) -> None:
    """Without a RetryDelayInSeconds there is one attempt, whatever came of it; with it, another one after the delay."""
    once = await new_type(turk, Name="once")
    again = await new_type(turk, Name="again", RetryDelayInSeconds=3600)
    anna = market.worker(ANNA)
    for type_id in (once, again):
        asked = await anna.request_qualification(type_id)
        with pytest.raises(InvalidQualificationRequestState):
            await anna.request_qualification(type_id)
        await turk("RejectQualificationRequest", QualificationRequestId=asked.request_id)

    await market.advance(HOUR - FRACTION)
    with pytest.raises(QualificationTypeRetryDelayNotElapsed):
        await anna.request_qualification(again)
    await market.advance(FRACTION)
    assert (await anna.request_qualification(again)).status == "pending"
    with pytest.raises(QualificationTypeDoesNotAllowRetake):
        await anna.request_qualification(once)


async def test_102_granting_and_revoking(market: Marketplace, turk: Requester) -> None:
    """The last value wins; what was revoked has no score, and can be granted again, with a new GrantTime."""
    held = {"QualificationTypeId": await new_type(turk), "WorkerId": ANNA}
    for value in (1, 2):
        await turk("AssociateQualificationWithWorker", **held, IntegerValue=value)
    first = (await turk("GetQualificationScore", **held))["Qualification"]
    assert (first["IntegerValue"], first["GrantTime"]) == (2, market.now())

    await turk("DisassociateQualificationFromWorker", **held, Reason="Enough.")
    refusal = await turk.refused("GetQualificationScore", **held)
    assert refusal.code == "InvalidQualificationState"
    assert refusal.message.startswith("This operation can be called with a status of: Granted (")

    await market.advance(HOUR)
    await turk("AssociateQualificationWithWorker", **held, IntegerValue=3)
    second = (await turk("GetQualificationScore", **held))["Qualification"]
    assert (second["IntegerValue"], second["Status"]) == (3, "Granted")
    assert second["GrantTime"] - first["GrantTime"] == HOUR


async def test_103_never_granted(turk: Requester) -> None:
    """The score of a worker who never had the qualification does not exist, nor does one of an unknown type."""
    for type_id in (await new_type(turk), "3NOSUCHTYPE"):
        refusal = await turk.refused("GetQualificationScore", QualificationTypeId=type_id, WorkerId=ANNA)
        assert (refusal.type, refusal.code) == ("RequestError", "QualificationDoesNotExist")
        assert refusal.message.startswith("You requested a Qualification that does not exist. (")


async def test_104_changing_tests(market: Marketplace, turk: Requester) -> None:
    """A Test without an AnswerKey drops the key that there was; an AutoGranted type takes no Test."""
    type_id = await new_type(turk, Test=TEST, TestDurationInSeconds=60, AnswerKey=KEY)
    other = exam(question("france", "paris", "nice"))
    members = {"QualificationTypeId": type_id, "Test": other, "TestDurationInSeconds": 30}
    changed = (await turk("UpdateQualificationType", **members))["QualificationType"]
    assert (changed["Test"], changed["TestDurationInSeconds"]) == (other, 30)
    assert "AnswerKey" not in changed
    assert (await turk("GetQualificationType", QualificationTypeId=type_id))["QualificationType"] == changed

    granted = await new_type(turk, Name="granted", AutoGranted=True)
    refusal = await post(market, "UpdateQualificationType", {**members, "QualificationTypeId": granted})
    assert (refusal.status, refusal.json["__type"]) == (400, "ParameterValidationError")
    assert refusal.json["Parameter"] == "Test"
    assert refusal.json["TurkErrorCode"] == "AWS.MechanicalTurk.InvalidParameterValue"
    assert refusal.json["Message"].startswith(f'The value "{other[:100]}')
    assert '" is not valid for the parameter Test. (' in refusal.json["Message"]


async def test_105_deleting_types(market: Marketplace, turk: Requester) -> None:
    """Requests that wait are rejected, what is held stays, HITs go on; the name is free again after the delay only."""
    type_id = await new_type(turk)
    requirements = [{"QualificationTypeId": type_id, "Comparator": "Exists"}]
    hit = await turk.hit(QualificationRequirements=requirements, LifetimeInSeconds=7 * 86400)
    for worker_id in (ANNA, BERT):
        asked = await market.worker(worker_id).request_qualification(type_id)
        if worker_id == ANNA:
            await turk("AcceptQualificationRequest", QualificationRequestId=asked.request_id)
    assert await turk("DeleteQualificationType", QualificationTypeId=type_id)

    assert await waiting(turk) == []
    late = await turk.refused("AcceptQualificationRequest", QualificationRequestId=asked.request_id)
    assert late.code == "InvalidQualificationRequestState"
    gone = await turk.refused("GetQualificationType", QualificationTypeId=type_id)
    assert gone.code == "QualificationTypeDoesNotExist"
    assert (await turk.get(hit["HITId"]))["QualificationRequirements"][0]["QualificationTypeId"] == type_id
    members = {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60, "Question": HIT["Question"]}
    assert (await turk.refused("CreateHITWithHITType", **members)).code == "HITTypeDoesNotExist"
    assert await market.worker(ANNA).accept(hit["HITId"])

    await market.advance(48 * HOUR - FRACTION)
    assert (await turk.refused("CreateQualificationType", **TYPE)).code == "QualificationTypeAlreadyExists"
    await market.advance(FRACTION)
    assert await new_type(turk) != type_id


async def test_106_the_services_own_types(turk: Requester) -> None:
    """They can be read, and are listed only when it does not matter whether workers can ask for them."""
    type_id = await new_type(turk)
    locale = (await turk("GetQualificationType", QualificationTypeId="00000000000000000071"))["QualificationType"]
    assert (locale["Name"], locale["IsRequestable"]) == ("Worker_Locale", False)

    listed = {}
    for requestable in (True, False):
        page = await turk("ListQualificationTypes", MustBeRequestable=requestable, MaxResults=100)
        listed[requestable] = [each["QualificationTypeId"] for each in page["QualificationTypes"]]
    assert listed[True] == [type_id]
    assert {type_id, "00000000000000000071", "000000000000000000L0"} < set(listed[False])
