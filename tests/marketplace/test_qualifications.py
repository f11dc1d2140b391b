"""Qualifications in their details: types and who sees them, granting, asking, tests, retention, races."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import make_url

from aioturk.answers import Answers, read_answers
from aioturk.errors import (
    InvalidParameterValue,
    InvalidQualificationRequestState,
    InvalidQualificationTypeState,
    MissingParameter,
    QualificationAlreadyExists,
    QualificationRequestDoesNotExist,
    QualificationTypeDoesNotAllowRetake,
    QualificationTypeDoesNotExist,
    QualificationTypeRetryDelayNotElapsed,
    RequestError,
)
from aioturk.marketplace import Faults, Marketplace, Rules
from aioturk.marketplace.rules import AMAZON, HOUSE
from aioturk.marketplace.service.asking import lapse
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.store.qualifications import _LISTED_ALL

from .exams import KEY, TEST, TYPE, exam, new_type, question, score, waiting
from .support import ANNA, BERT, CARA, DORA, HIT, PRODUCTION, QUESTION, SCHEMAS, Requester, StillClock, done, post

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FRACTION = timedelta(milliseconds=1)
TESTED = {"Test": TEST, "TestDurationInSeconds": 600}
MASTERS = {"sandbox": "2ARFPLSP75KLA8M8DH1HTEQVJT3SY6", "production": "2F1QJWKUDD8XADTFD2Q0G6UTO95ALH"}


async def other_requester(market: Marketplace) -> Requester:
    """Somebody else."""
    keys = await market.add_requester("other")
    return Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)


async def refused(market: Marketplace, operation: str, members: dict[str, Any]) -> tuple[str, str]:
    """The code, and the parameter, of a ParameterValidationError, which boto3 does not show."""
    answer = await post(market, operation, members)
    assert answer.status == 400
    assert answer.json["__type"] == "ParameterValidationError"
    return answer.json["TurkErrorCode"].rpartition(".")[2], answer.json["Parameter"]


# Making and changing types.


async def test_a_plain_type(market: Marketplace, turk: Requester) -> None:
    """A type without anything special shows just what it has; Keywords come back as they were sent."""
    made = (await turk("CreateQualificationType", **TYPE))["QualificationType"]

    assert made == {
        **TYPE,
        "QualificationTypeId": made["QualificationTypeId"],
        "CreationTime": market.now(),
        "IsRequestable": True,
        "AutoGranted": False,
    }
    other = await turk("CreateQualificationType", **{**TYPE, "Name": "other", "Keywords": "a,b , c"})
    assert other["QualificationType"]["Keywords"] == "a,b , c"


async def test_a_type_with_everything(turk: Requester) -> None:
    """Whatever was given comes back, to its owner the answer key, too."""
    members = {**TYPE, **TESTED, "AnswerKey": KEY, "RetryDelayInSeconds": 0, "Keywords": "cities"}
    made = (await turk("CreateQualificationType", **members))["QualificationType"]

    assert {name: made[name] for name in members} == members
    read = await turk("GetQualificationType", QualificationTypeId=made["QualificationTypeId"])
    assert read["QualificationType"] == made


@pytest.mark.parametrize(
    ("members", "code", "parameter"),
    [
        ({"Name": "x" * 201}, "InvalidParameterValue", "Name"),
        ({"Name": ""}, "InvalidParameterValue", "Name"),
        ({"Description": "x" * 2001}, "InvalidParameterValue", "Description"),
        ({"Keywords": "x" * 1001}, "InvalidParameterValue", "Keywords"),
        ({"RetryDelayInSeconds": -1}, "ParameterValueOutOfRange", "RetryDelayInSeconds"),
        ({"Test": TEST, "TestDurationInSeconds": 0}, "ParameterValueOutOfRange", "TestDurationInSeconds"),
        ({"Test": TEST, "TestDurationInSeconds": 31_536_001}, "ParameterValueOutOfRange", "TestDurationInSeconds"),
        ({"TestDurationInSeconds": 60}, "MissingParameter", "Test"),
        ({"AutoGranted": True, "AutoGrantedValue": 2**31}, "ParameterValueOutOfRange", "AutoGrantedValue"),
        ({**TESTED, "Test": "<QuestionForm>"}, "XMLParseError", "Test"),
        ({**TESTED, "Test": QUESTION}, "XMLParseError", "Test"),
        ({**TESTED, "Test": ""}, "InvalidParameterValue", "Test"),
        ({**TESTED, "Test": TEST + " " * (65536 - len(TEST))}, "InvalidParameterValue", "Test"),
        ({**TESTED, "AnswerKey": "<AnswerKey/>"}, "XMLParseError", "AnswerKey"),
        ({**TESTED, "AnswerKey": KEY + " " * (65536 - len(KEY))}, "InvalidParameterValue", "AnswerKey"),
        ({**TESTED, "AnswerKey": KEY.replace("paris", "pisa")}, "XMLParseError", "AnswerKey"),
        ({**TESTED, "Test": exam(question("france")), "AnswerKey": KEY}, "XMLParseError", "AnswerKey"),
    ],
)
async def test_what_a_type_cannot_be(market: Marketplace, members: dict[str, Any], code: str, parameter: str) -> None:
    """Each bound names the parameter that breaks it, and nothing is made."""
    assert await refused(market, "CreateQualificationType", {**TYPE, **members}) == (code, parameter)
    assert await new_type(Requester(market))


async def test_formatted_content_in_a_test(market: Marketplace) -> None:
    """A script in a test is refused as bad XHTML."""
    form = (
        f'<QuestionForm xmlns="{SCHEMAS}/2017-11-06/QuestionForm.xsd"><Overview><FormattedContent>'
        "<![CDATA[<script>steal()</script>]]></FormattedContent></Overview></QuestionForm>"
    )
    members = {**TYPE, **TESTED, "Test": form}
    assert await refused(market, "CreateQualificationType", members) == ("XHTMLParseError", "Test")


async def test_the_largest_documents(turk: Requester) -> None:
    """A test and an answer key may have 65,535 bytes each."""
    members = {**TESTED, "Test": TEST + " " * (65535 - len(TEST)), "AnswerKey": KEY + " " * (65535 - len(KEY))}
    assert await new_type(turk, **members)


async def test_the_value_that_is_granted(turk: Requester) -> None:
    """It is 1 when nobody says; it counts only while the type is AutoGranted."""
    plain = (await turk("CreateQualificationType", **TYPE, AutoGrantedValue=5))["QualificationType"]
    assert "AutoGrantedValue" not in plain
    type_id = plain["QualificationTypeId"]

    values = []
    for members in ({"AutoGranted": True}, {"AutoGrantedValue": 0}, {"Description": "x"}, {"AutoGranted": False}):
        changed = await turk("UpdateQualificationType", QualificationTypeId=type_id, **members)
        values.append(changed["QualificationType"].get("AutoGrantedValue"))
    assert values == [1, 0, 0, None]


async def test_changing_a_type(turk: Requester) -> None:
    """Only what is given changes; a retry delay can be added and changed."""
    made = (await turk("CreateQualificationType", **TYPE, **TESTED, AnswerKey=KEY))["QualificationType"]
    type_id = made["QualificationTypeId"]
    for change in (
        {"RetryDelayInSeconds": 60},
        {"RetryDelayInSeconds": 0},
        {"Description": "New.", "QualificationTypeStatus": "Inactive"},
        {},
    ):
        made |= change
        changed = await turk("UpdateQualificationType", QualificationTypeId=type_id, **change)
        assert changed["QualificationType"] == made


@pytest.mark.parametrize(
    ("before", "change", "code", "parameter"),
    [
        ({}, {"AnswerKey": KEY}, "MissingParameter", "Test"),
        (TESTED, {"AnswerKey": KEY}, "MissingParameter", "Test"),
        (TESTED, {"TestDurationInSeconds": 60}, "MissingParameter", "Test"),
        ({}, {"Test": TEST}, "MissingParameter", "TestDurationInSeconds"),
        (TESTED, {"AutoGranted": True}, "InvalidParameterValue", "AutoGranted"),
        ({}, {**TESTED, "AutoGranted": True}, "InvalidParameterValue", "Test"),
        ({"AutoGranted": True}, TESTED, "InvalidParameterValue", "Test"),
        ({}, {"Description": ""}, "InvalidParameterValue", "Description"),
        ({}, {"RetryDelayInSeconds": -1}, "ParameterValueOutOfRange", "RetryDelayInSeconds"),
    ],
)
async def test_what_a_type_cannot_become(
    market: Marketplace, turk: Requester, before: dict[str, Any], change: dict[str, Any], code: str, parameter: str
) -> None:
    """A test changes as a whole, and nobody is granted for asking what has a test; refused, nothing changes."""
    made = (await turk("CreateQualificationType", **TYPE, **before))["QualificationType"]
    members = {"QualificationTypeId": made["QualificationTypeId"], **change}

    assert await refused(market, "UpdateQualificationType", members) == (code, parameter)
    read = await turk("GetQualificationType", QualificationTypeId=made["QualificationTypeId"])
    assert read["QualificationType"] == made


async def test_from_granted_to_tested(turk: Requester) -> None:
    """A type can get a test in the same call that ends its being granted to everybody."""
    type_id = await new_type(turk, AutoGranted=True)
    changed = await turk("UpdateQualificationType", QualificationTypeId=type_id, AutoGranted=False, **TESTED)
    assert changed["QualificationType"]["Test"] == TEST


# Names, deletion, retention.


async def test_names_belong_to_one_requester(market: Marketplace, turk: Requester) -> None:
    """Another requester, and another environment, may use the same name; capitals make another one."""
    await new_type(turk)
    await new_type(turk, Name=TYPE["Name"].upper())
    await new_type(await other_requester(market))
    assert (await post(market, "CreateQualificationType", TYPE, host=PRODUCTION)).status == 200


async def test_of_many_at_once_one_gets_the_name(turk: Requester) -> None:
    """However many try at the same time, there is one type of a name."""
    results = await asyncio.gather(*(new_type(turk) for _ in range(8)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["Refused"] * 7 + ["str"]
    listed = await turk("ListQualificationTypes", MustBeRequestable=True, MustBeOwnedByCaller=True)
    assert listed["NumResults"] == 1


async def test_deleting_twice(market: Marketplace, turk: Requester) -> None:
    """While the deletion is in progress, which is as long as the name is taken, it succeeds again."""
    type_id = await new_type(turk)
    for wait in (timedelta(0), 48 * HOUR - FRACTION):
        await market.advance(wait)
        await turk("DeleteQualificationType", QualificationTypeId=type_id)
    await market.advance(FRACTION)
    refusal = await turk.refused("DeleteQualificationType", QualificationTypeId=type_id)
    assert refusal.code == "QualificationTypeDoesNotExist"


async def test_a_deleted_type_is_gone(market: Marketplace, turk: Requester) -> None:
    """Nothing can be asked of a deleted type, nor it be required, asked for or granted; what was held is still held."""
    type_id = await new_type(turk)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=7)
    await turk("DeleteQualificationType", QualificationTypeId=type_id)

    refusals = {
        operation: (await turk.refused(operation, QualificationTypeId=type_id, **members)).code
        for operation, members in (
            ("GetQualificationType", {}),
            ("UpdateQualificationType", {}),
            ("AssociateQualificationWithWorker", {"WorkerId": ANNA}),
            ("DisassociateQualificationFromWorker", {"WorkerId": ANNA}),
            ("ListWorkersWithQualificationType", {}),
            ("ListQualificationRequests", {}),
            ("ListHITsForQualificationType", {}),
        )
    }
    assert set(refusals.values()) == {"QualificationTypeDoesNotExist"}
    refusal = await turk.refused("GetQualificationScore", QualificationTypeId=type_id, WorkerId=ANNA)
    assert refusal.code == "QualificationDoesNotExist"
    with pytest.raises(QualificationTypeDoesNotExist):
        await market.worker(BERT).request_qualification(type_id)
    held = await market._house.act(lambda context: _held(context, type_id, ANNA))
    assert held == ("Granted", 7)


def _held(context: Any, type_id: str, worker_id: str) -> tuple[str, int | None]:
    kind = context.store.qualification_types.find(type_id, "sandbox")
    held = context.store.qualifications.find(kind.seq, context.store.workers.find(worker_id, "sandbox"))
    return held.status, held.value


@pytest.mark.parametrize("rules", [AMAZON, replace(HOUSE, unused_after=1000)], ids=["amazon", "own"])
async def test_unused_types_go(database: str | None, rules: Rules) -> None:
    """A type that nobody uses for as long as the rules say is gone, and its name is free as if it had been deleted."""
    assert rules.unused_after is not None
    patience = timedelta(seconds=rules.unused_after)
    async with Marketplace(database, rules=rules, clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await new_type(turk)
        asked = await market.worker(ANNA).request_qualification(type_id)
        await market.advance(patience - FRACTION)
        assert await turk("GetQualificationType", QualificationTypeId=type_id)
        assert len(await waiting(turk)) == 1

        await market.advance(FRACTION)
        refusal = await turk.refused("GetQualificationType", QualificationTypeId=type_id)
        assert refusal.code == "QualificationTypeDoesNotExist"
        listed = await turk("ListQualificationTypes", MustBeRequestable=True)
        assert listed["QualificationTypes"] == []
        assert await waiting(turk) == []
        late = await turk.refused("AcceptQualificationRequest", QualificationRequestId=asked.request_id)
        assert late.code == "InvalidQualificationRequestState"
        assert (await turk.refused("CreateQualificationType", **TYPE)).code == "QualificationTypeAlreadyExists"
        await market.advance(timedelta(seconds=rules.name_release))
        assert await new_type(turk) != type_id


async def test_strangers_are_not_granted_anything_where_workers_have_to_be_known(database: str | None) -> None:
    """The refusal is the service's, without the owner's remedy."""
    async with Marketplace(database, strict_workers=True, clock=StillClock()) as market:
        turk = Requester(market)
        granting = {"QualificationTypeId": await new_type(turk), "WorkerId": ANNA}
        refusal = await turk.refused("AssociateQualificationWithWorker", **granting)
        assert refusal.type == "ParameterValidationError"
        assert refusal.message.startswith(f'The value "{ANNA}" is not valid for the parameter WorkerId.')
        assert "add_worker" not in refusal.message
        await market.add_worker(ANNA)
        await turk("AssociateQualificationWithWorker", **granting)


async def _granted(market: Marketplace, turk: Requester, type_id: str) -> None:
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=BERT)


async def _changed(market: Marketplace, turk: Requester, type_id: str) -> None:
    await turk("UpdateQualificationType", QualificationTypeId=type_id)


async def _asked(market: Marketplace, turk: Requester, type_id: str) -> None:
    await market.worker(BERT).request_qualification(type_id)


async def _required(market: Marketplace, turk: Requester, type_id: str) -> None:
    await turk.hit(QualificationRequirements=[{"QualificationTypeId": type_id, "Comparator": "Exists"}])


@pytest.mark.parametrize("use", [_granted, _changed, _asked, _required])
async def test_types_in_use_stay(market: Marketplace, turk: Requester, use: Callable[..., Any]) -> None:
    """Each kind of use begins the time again."""
    type_id = await new_type(turk)
    await market.advance(100 * DAY)
    await use(market, turk, type_id)
    await market.advance(100 * DAY)
    assert await turk("GetQualificationType", QualificationTypeId=type_id)


async def test_the_house_keeps_what_nobody_uses() -> None:
    """In an owner's own place nothing goes by itself."""
    async with Marketplace(rules="house", clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await new_type(turk)
        await market.advance(1000 * DAY)
        assert await turk("GetQualificationType", QualificationTypeId=type_id)


# Whose types.


async def test_types_of_others(market: Marketplace, turk: Requester) -> None:
    """They can be read and required while they are active, without the answer key; everything else is denied."""
    type_id = await new_type(turk, **TESTED, AnswerKey=KEY)
    asked = await market.worker(BERT).request_qualification(await new_type(turk, Name="plain"))
    other = await other_requester(market)

    read = (await other("GetQualificationType", QualificationTypeId=type_id))["QualificationType"]
    assert read["Test"] == TEST
    assert "AnswerKey" not in read
    assert await other.hit(QualificationRequirements=[{"QualificationTypeId": type_id, "Comparator": "Exists"}])
    for operation, members in (
        ("UpdateQualificationType", {}),
        ("DeleteQualificationType", {}),
        ("AssociateQualificationWithWorker", {"WorkerId": ANNA}),
        ("DisassociateQualificationFromWorker", {"WorkerId": ANNA}),
        ("GetQualificationScore", {"WorkerId": ANNA}),
        ("ListWorkersWithQualificationType", {}),
        ("ListQualificationRequests", {}),
    ):
        refusal = await other.refused(operation, QualificationTypeId=type_id, **members)
        assert refusal.code == "PermissionDenied"
        assert refusal.message.startswith("This user is not authorized to perform the requested operation. (")
    assert await waiting(other) == []
    for operation in ("AcceptQualificationRequest", "RejectQualificationRequest"):
        refusal = await other.refused(operation, QualificationRequestId=asked.request_id)
        assert refusal.code == "QualificationRequestDoesNotExist"
    assert len(await waiting(turk)) == 1


async def test_inactive_types_of_others(market: Marketplace, turk: Requester) -> None:
    """They do not exist, for others."""
    type_id = await new_type(turk, QualificationTypeStatus="Inactive")
    other = await other_requester(market)

    assert await turk("GetQualificationType", QualificationTypeId=type_id)
    for operation in ("GetQualificationType", "UpdateQualificationType", "DeleteQualificationType"):
        refusal = await other.refused(operation, QualificationTypeId=type_id)
        assert refusal.code == "QualificationTypeDoesNotExist"


async def test_the_services_types_are_nobodys(turk: Requester) -> None:
    """Nobody changes, deletes or grants them."""
    locale = "00000000000000000071"
    for operation, members in (
        ("UpdateQualificationType", {"Description": "x"}),
        ("DeleteQualificationType", {}),
        ("AssociateQualificationWithWorker", {"WorkerId": ANNA}),
        ("GetQualificationScore", {"WorkerId": ANNA}),
    ):
        assert (await turk.refused(operation, QualificationTypeId=locale, **members)).code == "PermissionDenied"


@pytest.mark.parametrize("environment", ["sandbox", "production"])
async def test_worlds_apart(market: Marketplace, turk: Requester, environment: str) -> None:
    """Types of one environment are unknown in the other, its Masters included."""
    host = PRODUCTION if environment == "production" else None
    made = await post(market, "CreateQualificationType", TYPE, host=host)
    elsewhere = None if host else PRODUCTION
    for type_id in (made.json["QualificationType"]["QualificationTypeId"], MASTERS[environment]):
        asked = {"QualificationTypeId": type_id}
        assert (await post(market, "GetQualificationType", asked, host=host)).status == 200
        assert (await post(market, "GetQualificationType", asked, host=elsewhere)).status == 400
        hit = {**HIT, "QualificationRequirements": [{**asked, "Comparator": "Exists"}]}
        assert (await post(market, "CreateHIT", hit, host=host)).status == 200
        refusal = await post(market, "CreateHIT", hit, host=elsewhere)
        assert refusal.json["TurkErrorCode"] == "AWS.MechanicalTurk.QualificationTypeDoesNotExist"
    listed = await post(market, "ListQualificationTypes", {"MustBeRequestable": False, "MaxResults": 100}, host=host)
    found = {kind["QualificationTypeId"] for kind in listed.json["QualificationTypes"]}
    assert found & set(MASTERS.values()) == {MASTERS[environment]}


# Lists.


async def names(turk: Requester, **members: Any) -> list[str]:
    """The names in a list of types, all pages of it."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = await turk("ListQualificationTypes", **{"MustBeRequestable": True, **members, **token})
        assert page["NumResults"] == len(page["QualificationTypes"])
        found += [kind["Name"] for kind in page["QualificationTypes"]]
        if "NextToken" not in page:
            assert not page["QualificationTypes"]
            return found
        token = {"NextToken": page["NextToken"]}


async def test_types_by_name(market: Marketplace, turk: Requester) -> None:
    """All types that workers can ask for, by name; with the same name the older first; own ones alone on request."""
    other = await other_requester(market)
    for name in ("b", "d", "a"):
        await new_type(turk, Name=name)
    for name in ("c", "b"):
        await new_type(other, Name=name)
    await new_type(other, Name="hidden", QualificationTypeStatus="Inactive")
    await new_type(turk, Name="e", QualificationTypeStatus="Inactive")
    await turk("DeleteQualificationType", QualificationTypeId=await new_type(turk, Name="deleted"))

    for size in (1, 2, 100):
        assert await names(turk, MaxResults=size) == ["a", "b", "b", "c", "d", "e"]
    assert await names(turk, MustBeOwnedByCaller=True, MaxResults=2) == ["a", "b", "d", "e"]
    assert await names(other, MustBeOwnedByCaller=True) == ["b", "c", "hidden"]
    everything = await names(turk, MustBeRequestable=False, MaxResults=4)
    assert {"a", "b", "c", "d", "e", "Masters", "Worker_Locale"} < set(everything)
    assert everything.count("Masters") == 1


async def test_names_are_sorted_by_their_bytes(turk: Requester) -> None:
    """Capital letters come before small ones, and both before letters with accents."""
    texts = ["b", "B", "é", "a", "Z", "e f", "ef", "_", "\uffee"]
    for name in texts:
        await new_type(turk, Name=name)
    for size in (1, 2, 100):
        assert await names(turk, MaxResults=size) == sorted(texts, key=str.encode)


def test_no_language_has_a_say_in_the_order_of_names() -> None:
    """PostgreSQL is told to sort by bytes, as SQLite does, because most databases are made for some language."""
    words = {
        name: str(_LISTED_ALL.compile(dialect=make_url(f"{name}://").get_dialect()()))
        for name in ("postgresql+psycopg", "sqlite")
    }
    assert words["postgresql+psycopg"].count('(qualification_type.name COLLATE "C"), qualification_type.seq') == 2
    assert "COLLATE" not in words["sqlite"]


async def test_searching(turk: Requester) -> None:
    """Every word of a query has to be, or be part of one, in the name, the keywords or the description."""
    await new_type(turk, Name="Reads Français", Description="Good at reading.")
    await new_type(turk, Name="Writes", Keywords="FRANÇAIS, poems", Description="Good at writing.")
    await new_type(turk, Name="Counts 50% of sheep", Description="Sleepy_one.")

    assert await names(turk, Query="français") == ["Reads Français", "Writes"]
    assert await names(turk, Query="WRIT good", MaxResults=1) == ["Writes"]
    assert await names(turk, Query="good françai", MaxResults=1) == ["Reads Français", "Writes"]
    assert await names(turk, Query="50%") == ["Counts 50% of sheep"]
    assert await names(turk, Query="%") == ["Counts 50% of sheep"]
    assert await names(turk, Query="y_o") == ["Counts 50% of sheep"]
    assert await names(turk, Query="swims") == []
    assert len(await names(turk, Query=" ")) == 3


async def test_a_token_is_for_its_own_search(turk: Requester) -> None:
    """A token of one search is no good for another."""
    await new_type(turk)
    page = await turk("ListQualificationTypes", MustBeRequestable=True, Query="capitals")
    for members in ({"MustBeRequestable": True}, {"MustBeRequestable": False, "Query": "capitals"}):
        refusal = await turk.refused("ListQualificationTypes", **members, NextToken=page["NextToken"])
        assert refusal.type == "ParameterValidationError"


async def test_new_types_are_listed_after_the_lag() -> None:
    """With listing lag a new type can be read at once, and is listed later."""
    async with Marketplace(faults=Faults(lag=5), clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await new_type(turk)
        assert await turk("GetQualificationType", QualificationTypeId=type_id)
        assert await names(turk) == []
        await market.advance(timedelta(seconds=5))
        assert await names(turk) == [TYPE["Name"]]


async def test_workers_by_the_time_of_the_grant(market: Marketplace, turk: Requester) -> None:
    """Who has a type, in pages, the earliest grant first; who had it, on request; a new value is a new grant."""
    type_id = await new_type(turk)
    for worker_id in (CARA, ANNA, BERT, DORA):
        await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=worker_id)
        await market.advance(MINUTE)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=CARA, IntegerValue=-3)
    await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=DORA)

    async def listed(**members: Any) -> list[list[tuple[str, int]]]:
        pages: list[list[tuple[str, int]]] = []
        token: dict[str, str] = {}
        while not pages or pages[-1]:
            page = await turk("ListWorkersWithQualificationType", QualificationTypeId=type_id, **members, **token)
            pages.append([(each["WorkerId"], each["IntegerValue"]) for each in page["Qualifications"]])
            token = {"NextToken": page.get("NextToken", "")}
        return pages

    assert await listed(MaxResults=2) == [[(ANNA, 1), (BERT, 1)], [(CARA, -3)], []]
    assert await listed(Status="Granted") == [[(ANNA, 1), (BERT, 1), (CARA, -3)], []]
    assert await listed(Status="Revoked") == [[(DORA, 1)], []]


async def test_requests_by_the_time_of_their_submission(market: Marketplace, turk: Requester) -> None:
    """Those of one type or of all, the earliest submission first; tests that are still taken are not there."""
    plain, tested = await new_type(turk), await new_type(turk, Name="tested", **TESTED)
    begun = await market.worker(ANNA).begin_test(tested)
    await market.worker(CARA).begin_test(tested)
    await market.advance(MINUTE)
    await market.worker(BERT).request_qualification(plain)
    await market.advance(MINUTE)
    await market.worker(ANNA).submit_test(begun.request_id, {})

    first = await turk("ListQualificationRequests", MaxResults=1)
    second = await turk("ListQualificationRequests", MaxResults=1, NextToken=first["NextToken"])
    third = await turk("ListQualificationRequests", MaxResults=1, NextToken=second["NextToken"])
    pages = (first, second, third)
    assert [[each["WorkerId"] for each in page["QualificationRequests"]] for page in pages] == [[BERT], [ANNA], []]
    assert "NextToken" not in third
    assert [each["WorkerId"] for each in await waiting(turk, QualificationTypeId=plain)] == [BERT]
    assert [each["WorkerId"] for each in await waiting(turk, QualificationTypeId=tested)] == [ANNA]
    assert not {"Test", "Answer"} & first["QualificationRequests"][0].keys()


async def test_hits_that_require_a_type(market: Marketplace, turk: Requester) -> None:
    """The caller's own, the newest first, in every state but Disposed; the service's types can be asked about, too."""
    type_id = await new_type(turk)
    other = await other_requester(market)
    requirements = [
        {"QualificationTypeId": type_id, "Comparator": "GreaterThan", "IntegerValues": [3]},
        {"QualificationTypeId": type_id, "Comparator": "LessThan", "IntegerValues": [9]},
        {"QualificationTypeId": MASTERS["sandbox"], "Comparator": "DoesNotExist"},
    ]
    hits = [await turk.hit(QualificationRequirements=requirements, Reward=reward) for reward in ("0.1", "0.2", "0.1")]
    await turk.hit()
    await other.hit(QualificationRequirements=requirements)
    disposed = await turk.hit(QualificationRequirements=requirements)
    await turk("UpdateExpirationForHIT", HITId=disposed["HITId"], ExpireAt=0)
    await turk("DeleteHIT", HITId=disposed["HITId"])
    await turk("UpdateQualificationType", QualificationTypeId=type_id, QualificationTypeStatus="Inactive")

    for asked in (type_id, MASTERS["sandbox"]):
        page = await turk("ListHITsForQualificationType", QualificationTypeId=asked, MaxResults=2)
        assert page["HITs"] == [hits[2], hits[1]]
        token = page["NextToken"]
        page = await turk("ListHITsForQualificationType", QualificationTypeId=asked, MaxResults=2, NextToken=token)
        assert page["HITs"] == [hits[0]]
    unknown = await turk.refused("ListHITsForQualificationType", QualificationTypeId="3NOSUCHTYPE")
    assert unknown.code == "QualificationTypeDoesNotExist"


# Requirements of HIT types.


async def test_hit_types_that_require_a_deleted_type(turk: Requester) -> None:
    """They are gone, and cannot be made again; HITs that have them go on."""
    type_id = await new_type(turk)
    required = {"QualificationRequirements": [{"QualificationTypeId": type_id, "Comparator": "Exists"}]}
    hit, free = await turk.hit(**required), await turk.hit()
    await turk("DeleteQualificationType", QualificationTypeId=type_id)

    members = {"LifetimeInSeconds": 60, "Question": QUESTION, "HITTypeId": hit["HITTypeId"]}
    assert (await turk.refused("CreateHITWithHITType", **members)).code == "HITTypeDoesNotExist"
    moved = await turk.refused("UpdateHITTypeOfHIT", HITId=free["HITId"], HITTypeId=hit["HITTypeId"])
    assert moved.code == "HITTypeDoesNotExist"
    assert (await turk.refused("CreateHIT", **{**HIT, **required})).code == "InvalidQualificationTypeState"
    assert await turk.get(hit["HITId"]) == hit
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit["HITId"], NumberOfAdditionalAssignments=1)


async def test_hit_types_that_require_an_inactive_type(turk: Requester) -> None:
    """No HIT can be made with them until it is active again; those that are there keep using it."""
    type_id = await new_type(turk)
    hit = await turk.hit(QualificationRequirements=[{"QualificationTypeId": type_id, "Comparator": "Exists"}])
    members = {"LifetimeInSeconds": 60, "Question": QUESTION, "HITTypeId": hit["HITTypeId"]}
    await turk("UpdateQualificationType", QualificationTypeId=type_id, QualificationTypeStatus="Inactive")
    assert (await turk.refused("CreateHITWithHITType", **members)).code == "InvalidQualificationTypeState"
    assert await turk.get(hit["HITId"]) == hit

    await turk("UpdateQualificationType", QualificationTypeId=type_id, QualificationTypeStatus="Active")
    assert await turk("CreateHITWithHITType", **members)


# Granting.


async def test_who_was_revoked_cannot_be_revoked(turk: Requester) -> None:
    """Nor can who never had it."""
    held = {"QualificationTypeId": await new_type(turk), "WorkerId": ANNA}
    assert (await turk.refused("DisassociateQualificationFromWorker", **held)).code == "QualificationDoesNotExist"
    await turk("AssociateQualificationWithWorker", **held)
    await turk("DisassociateQualificationFromWorker", **held)
    assert (await turk.refused("DisassociateQualificationFromWorker", **held)).code == "InvalidQualificationState"


async def test_inactive_types_can_be_granted(turk: Requester) -> None:
    """Granting a type that workers cannot ask for works."""
    type_id = await new_type(turk, QualificationTypeStatus="Inactive")
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=0)
    assert await score(turk, type_id, ANNA) == 0


async def test_values_have_32_bits(market: Marketplace, turk: Requester) -> None:
    """Larger ones are out of range, wherever they are given."""
    type_id = await new_type(turk)
    asked = await market.worker(ANNA).request_qualification(type_id)
    for operation, members in (
        ("AssociateQualificationWithWorker", {"QualificationTypeId": type_id, "WorkerId": ANNA}),
        ("AcceptQualificationRequest", {"QualificationRequestId": asked.request_id}),
    ):
        assert await refused(market, operation, {**members, "IntegerValue": 2**31}) == (
            "ParameterValueOutOfRange",
            "IntegerValue",
        )
        await turk(operation, **members, IntegerValue=-(2**31))
        assert await score(turk, type_id, ANNA) == -(2**31)


async def test_requests_are_decided_once(market: Marketplace, turk: Requester) -> None:
    """A second decision is refused, and one about a request that is not there, or not submitted yet."""
    type_id, tested = await new_type(turk), await new_type(turk, Name="tested", **TESTED)
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("AcceptQualificationRequest", QualificationRequestId=asked.request_id)
    assert await score(turk, type_id, ANNA) == 1
    begun = await market.worker(ANNA).begin_test(tested)
    for operation in ("AcceptQualificationRequest", "RejectQualificationRequest"):
        again = await turk.refused(operation, QualificationRequestId=asked.request_id)
        assert again.code == "InvalidQualificationRequestState"
        for unknown in (begun.request_id, "none at all, " * 100):
            refusal = await turk.refused(operation, QualificationRequestId=unknown)
            assert refusal.code == "QualificationRequestDoesNotExist"


async def test_a_rejection_takes_nothing_away(market: Marketplace, turk: Requester) -> None:
    """Who has a qualification and asks again keeps it when that is rejected; accepted, the value is the new one."""
    type_id = await new_type(turk, RetryDelayInSeconds=0)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=5)
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("RejectQualificationRequest", QualificationRequestId=asked.request_id)
    assert await score(turk, type_id, ANNA) == 5
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=6)
    assert len(await waiting(turk)) == 1
    await turk("AcceptQualificationRequest", QualificationRequestId=asked.request_id, IntegerValue=7)
    assert await score(turk, type_id, ANNA) == 7


async def test_workers_are_told(market: Marketplace, turk: Requester) -> None:
    """A grant unless the requester does not want it, a revocation and a decision, with the reasons that were given."""
    type_id = await new_type(turk, RetryDelayInSeconds=0)
    held = {"QualificationTypeId": type_id, "WorkerId": ANNA}
    await turk("AssociateQualificationWithWorker", **held, SendNotification=False)
    await turk("AssociateQualificationWithWorker", **held)
    await turk("DisassociateQualificationFromWorker", **held, Reason="Too long ago.")
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("RejectQualificationRequest", QualificationRequestId=asked.request_id, Reason="Not yet.")
    asked = await market.worker(ANNA).request_qualification(type_id)
    await turk("AcceptQualificationRequest", QualificationRequestId=asked.request_id)

    told = await market._house.act(
        lambda context: context.store.messages.to(context.store.workers.find(ANNA, "sandbox") or 0)
    )
    assert {(each.kind, each.subject) for each in told} == {("qualification", TYPE["Name"])}
    texts = [each.text for each in told]
    assert len(texts) == 4
    assert texts[1:3] == ["Too long ago.", "Not yet."]


# Asking.


async def test_asking_for_what_cannot_be_asked_for(market: Marketplace, turk: Requester) -> None:
    """Unknown, inactive and the service's own types are each refused; an id of nobody is no worker's."""
    anna = market.worker(ANNA)
    with pytest.raises(QualificationTypeDoesNotExist):
        await anna.request_qualification("3NOSUCHTYPE")
    inactive = await new_type(turk, QualificationTypeStatus="Inactive")
    for type_id in (inactive, "00000000000000000071"):
        with pytest.raises(InvalidQualificationTypeState, match="cannot be asked for"):
            await anna.request_qualification(type_id)
    with pytest.raises(QualificationTypeDoesNotExist):
        await market.worker(ANNA, environment="production").request_qualification(inactive)


async def test_asking_again_for_what_everybody_gets(market: Marketplace, turk: Requester) -> None:
    """Who has it need not ask; who lost it may ask again by the rule for second attempts."""
    once = await new_type(turk, AutoGranted=True, AutoGrantedValue=4)
    again = await new_type(turk, Name="again", AutoGranted=True, RetryDelayInSeconds=60)
    anna = market.worker(ANNA)
    for type_id in (once, again):
        await anna.request_qualification(type_id)
        with pytest.raises(QualificationAlreadyExists):
            await anna.request_qualification(type_id)
        await turk("DisassociateQualificationFromWorker", QualificationTypeId=type_id, WorkerId=ANNA)
    with pytest.raises(QualificationTypeRetryDelayNotElapsed, match="UTC"):
        await anna.request_qualification(again)
    await market.advance(MINUTE)
    assert (await anna.request_qualification(again)).value == 1
    with pytest.raises(QualificationTypeDoesNotAllowRetake):
        await anna.request_qualification(once)


async def test_answers_belong_to_tests(market: Marketplace, turk: Requester) -> None:
    """A test needs answers, even none at all; what has no test takes none; refused, it is no attempt."""
    tested = await new_type(turk, Name="tested", **TESTED)
    anna = market.worker(ANNA)
    with pytest.raises(MissingParameter, match="has a test"):
        await anna.request_qualification(tested)
    for type_id in (await new_type(turk), await new_type(turk, Name="granted", AutoGranted=True)):
        with pytest.raises(InvalidParameterValue, match="has no test"):
            await anna.request_qualification(type_id, {})
        with pytest.raises(InvalidParameterValue, match="has no test"):
            await anna.begin_test(type_id)
        await anna.request_qualification(type_id)
    assert (await anna.request_qualification(tested, {})).status == "pending"


@pytest.mark.parametrize(
    "answers",
    [{"spain": "madrid"}, {"france": "pisa"}, {"france": ["paris", "pisa"]}, Answers({}, {"france": "Pisa"})],
)
async def test_answers_to_what_was_not_asked(market: Marketplace, turk: Requester, answers: Any) -> None:
    """Unknown questions and selections are refused, and it was no attempt."""
    type_id = await new_type(turk, **TESTED, AnswerKey=KEY)
    with pytest.raises(InvalidParameterValue, match="The form has no"):
        await market.worker(ANNA).request_qualification(type_id, answers)
    assert (await market.worker(ANNA).request_qualification(type_id, {"france": "paris"})).value == 11


async def test_a_test_is_begun_once(market: Marketplace, turk: Requester) -> None:
    """Beginning it again goes on with it, and its time with it; asking with answers submits it."""
    type_id = await new_type(turk, **TESTED, AnswerKey=KEY)
    anna = market.worker(ANNA)
    begun = await anna.begin_test(type_id)
    assert begun.deadline - market.now() == timedelta(minutes=10)
    await market.advance(MINUTE)
    assert await anna.begin_test(type_id) == begun
    with pytest.raises(MissingParameter):
        await anna.request_qualification(type_id)
    asked = await anna.request_qualification(type_id, {"france": ["paris", ""], "italy": ""})

    assert (asked.status, asked.value, asked.request_id) == ("granted", 11, begun.request_id)
    with pytest.raises(InvalidQualificationRequestState, match="submitted it already"):
        await anna.submit_test(begun.request_id, {})
    with pytest.raises(QualificationTypeDoesNotAllowRetake):
        await anna.begin_test(type_id)


async def test_a_test_whose_time_is_over(market: Marketplace, turk: Requester) -> None:
    """It yields nothing, and was an attempt, made when it was begun."""
    once = await new_type(turk, **TESTED, AnswerKey=KEY)
    again = await new_type(turk, Name="again", **TESTED, RetryDelayInSeconds=601)
    anna = market.worker(ANNA)
    begun, last = await anna.begin_test(once), await anna.begin_test(again)
    await market.advance(timedelta(minutes=10) - FRACTION)
    assert (await anna.submit_test(last.request_id, {})).status == "pending"
    await market.advance(FRACTION)
    with pytest.raises(InvalidQualificationRequestState, match="its time is over"):
        await anna.submit_test(begun.request_id, {"france": "paris"})
    with pytest.raises(QualificationTypeDoesNotAllowRetake):
        await anna.begin_test(once)
    assert [each["QualificationRequestId"] for each in await waiting(turk)] == [last.request_id]
    held = await turk.refused("GetQualificationScore", QualificationTypeId=once, WorkerId=ANNA)
    assert held.code == "QualificationDoesNotExist"


async def test_a_test_that_is_submitted_at_the_last_moment(market: Marketplace, turk: Requester) -> None:
    """When the clock finds its time over, but somebody has just submitted it, it stays submitted."""
    asked = await market.worker(ANNA).request_qualification(await new_type(turk, **TESTED), {})

    def look(context: Context) -> None:
        request = context.store.qualification_requests.to_change(asked.request_id)
        assert request is not None
        lapse(context, request.seq)

    await market._house.act(look)
    assert len(await waiting(turk)) == 1


async def test_the_delay_begins_with_the_asking(market: Marketplace, turk: Requester) -> None:
    """Not with the submission of a test, nor with the decision."""
    type_id = await new_type(turk, **TESTED, AnswerKey=KEY, RetryDelayInSeconds=300)
    anna = market.worker(ANNA)
    begun = await anna.begin_test(type_id)
    await market.advance(4 * MINUTE)
    await anna.submit_test(begun.request_id, {"france": "lyon"})
    assert await score(turk, type_id, ANNA) == -1
    await market.advance(MINUTE)
    assert (await anna.request_qualification(type_id, {"france": "paris"})).value == 11
    assert await score(turk, type_id, ANNA) == 11


async def test_tests_of_others(market: Marketplace, turk: Requester) -> None:
    """Nobody submits what somebody else has begun, nor what nobody has."""
    begun = await market.worker(ANNA).begin_test(await new_type(turk, **TESTED))
    for worker in (market.worker(BERT), market.worker(ANNA, environment="production")):
        with pytest.raises(QualificationRequestDoesNotExist):
            await worker.submit_test(begun.request_id, {})
    with pytest.raises(QualificationRequestDoesNotExist):
        await market.worker(ANNA).submit_test("3NOSUCHREQUEST", {})
    assert (await market.worker(ANNA).submit_test(begun.request_id, {})).status == "pending"


async def test_a_test_that_changes_while_it_is_taken(market: Marketplace, turk: Requester) -> None:
    """It is submitted as it was begun; the new key is not for it, so that the requester has to decide."""
    type_id = await new_type(turk, **TESTED, AnswerKey=KEY)
    begun = await market.worker(ANNA).begin_test(type_id)
    other = exam(question("france", "paris", "lyon"), question("italy", "rome", "milan"), question("spain", "madrid"))
    change = {**TESTED, "Test": other, "AnswerKey": KEY, "QualificationTypeStatus": "Inactive"}
    await turk("UpdateQualificationType", QualificationTypeId=type_id, **change)
    asked = await market.worker(ANNA).submit_test(begun.request_id, {"italy": "zurich"})

    assert asked.status == "pending"
    [request] = await waiting(turk)
    assert request["Test"] == TEST
    assert read_answers(request["Answer"]) == {"italy": ("zurich",)}


@pytest.mark.parametrize("how", ["deleted", "unused"])
async def test_a_type_that_goes_while_its_test_is_taken(database: str | None, how: str) -> None:
    """The test cannot be submitted any more."""
    async with Marketplace(database, rules=replace(AMAZON, unused_after=300), clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await new_type(turk, **TESTED)
        begun = await market.worker(ANNA).begin_test(type_id)
        if how == "deleted":
            await turk("DeleteQualificationType", QualificationTypeId=type_id)
        else:
            await market.advance(6 * MINUTE)
        with pytest.raises(InvalidQualificationRequestState):
            await market.worker(ANNA).submit_test(begun.request_id, {})
        await market.advance(timedelta(minutes=10))
        assert await waiting(turk) == []


async def test_texts_of_workers(market: Marketplace, turk: Requester) -> None:
    """What XML cannot carry is dropped; what is written beside "other" stands where it belongs."""
    test = exam(question("why"), question("where", "here", more="<OtherSelection/>"))
    type_id = await new_type(turk, **{**TESTED, "Test": test})
    answers = Answers({"why": "a\x0b<b>\r\n😀]]>", "where": ("here",)}, {"where": "there & then"})
    await market.worker(ANNA).request_qualification(type_id, answers)
    [request] = await waiting(turk)
    read = read_answers(request["Answer"])

    assert read == {"why": "a<b>\r\n😀]]>", "where": ("here",)}
    assert read.other == {"where": "there & then"}


@pytest.mark.parametrize("members", [{"AutoGranted": True}, {}, {**TESTED, "AnswerKey": KEY}])
async def test_one_worker_in_many_tabs(market: Marketplace, turk: Requester, members: dict[str, Any]) -> None:
    """However often a worker asks at the same time, it is one attempt."""
    type_id = await new_type(turk, **members)
    answers = {"france": "paris"} if "Test" in members else None
    await market.worker(ANNA).request_qualification(await new_type(turk, Name="to be known"))
    results = await asyncio.gather(
        *(market.worker(ANNA).request_qualification(type_id, answers) for _ in range(24)), return_exceptions=True
    )

    refusals = [result for result in results if isinstance(result, BaseException)]
    assert len(refusals) == 23
    assert all(isinstance(refusal, RequestError) for refusal in refusals)


async def test_workers_who_ask_while_the_type_is_deleted(market: Marketplace, turk: Requester) -> None:
    """Whoever was first: in the end no request is open, and nothing else went wrong."""
    type_id = await new_type(turk)
    workers = [market.worker(f"A1WORKER{number:06}") for number in range(12)]
    results = await asyncio.gather(
        *(worker.request_qualification(type_id) for worker in workers[:6]),
        turk("DeleteQualificationType", QualificationTypeId=type_id),
        *(worker.request_qualification(type_id) for worker in workers[6:]),
        return_exceptions=True,
    )

    failures = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(failure, QualificationTypeDoesNotExist) for failure in failures)
    assert await market._house.act(lambda context: _open_requests(context, type_id)) == []


def _open_requests(context: Any, type_id: str) -> list[int]:
    kind = context.store.qualification_types.find(type_id, "sandbox")
    found: list[int] = context.store.qualification_requests.open_of_type(kind.seq)
    return found


async def test_work_done_with_a_qualification(market: Marketplace, turk: Requester) -> None:
    """Somebody who has what a HIT requires accepts it."""
    type_id = await new_type(turk, AutoGranted=True)
    hit = await turk.hit(QualificationRequirements=[{"QualificationTypeId": type_id, "Comparator": "Exists"}])
    await market.worker(ANNA).request_qualification(type_id)
    assert await done(market, hit["HITId"], ANNA)


@pytest.mark.parametrize(
    ("parameter", "documents"),
    [
        ("Test", {**TESTED, "Test": TEST.replace("<Text>", "<Text>\U0001f600", 1)}),
        ("AnswerKey", {**TESTED, "AnswerKey": KEY + "<!-- \U0001f600 -->"}),
    ],
)
async def test_characters_above_u_ffff_in_tests(market: Marketplace, parameter: str, documents: dict[str, str]) -> None:
    """Tests and answer keys are documents like questions: emoji are refused in them, but not by the house."""
    answer = await post(market, "CreateQualificationType", {**TYPE, **documents})

    assert (answer.status, answer.json["Parameter"]) == (400, parameter)
    assert f"is not valid for the parameter {parameter}." in answer.json["Message"]
    async with Marketplace(rules=HOUSE, clock=StillClock()) as house:
        assert (await post(house, "CreateQualificationType", {**TYPE, **documents})).status == 200
