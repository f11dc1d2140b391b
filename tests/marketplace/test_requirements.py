"""What requirements of HITs do to the types that they name, and what they cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from aioturk import errors
from aioturk.marketplace import AMAZON, HOUSE, Marketplace
from aioturk.marketplace.store.system_types import (
    AGE_18_TO_25,
    BLOGGER_PRODUCTION,
    BLOGGER_SANDBOX,
    LOCALE,
    MASTERS_SANDBOX,
    PREMIUM,
)

from .exams import TYPE, new_type, waiting
from .support import ANNA, BERT, HIT, PRODUCTION, QUESTION, Refused, Requester, StillClock, done, post

DAY = timedelta(days=1)
FRACTION = timedelta(milliseconds=1)


def requiring(*type_ids: str, **members: Any) -> dict[str, Any]:
    """Requirements that name types, for CreateHIT."""
    return {
        "QualificationRequirements": [
            {"QualificationTypeId": type_id, "Comparator": "Exists", **members} for type_id in type_ids
        ]
    }


async def is_there(turk: Requester, type_id: str) -> bool:
    """Whether a type can be read."""
    try:
        await turk("GetQualificationType", QualificationTypeId=type_id)
    except Refused as refusal:
        if refusal.code != "QualificationTypeDoesNotExist":
            raise
        return False
    return True


# Types that HITs require.


async def test_hits_keep_the_types_that_they_require(market: Marketplace, turk: Requester) -> None:
    """While a HIT is not disposed of, everything can be done with a type that it requires, however long it is."""
    type_id = await new_type(turk)
    await turk("AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA)
    asked = await market.worker(BERT).request_qualification(type_id)
    hit = await turk.hit(LifetimeInSeconds=365 * 24 * 3600, MaxAssignments=2, **requiring(type_id))
    await market.advance(60 * DAY)
    await done(market, hit["HITId"], ANNA)
    await market.advance(61 * DAY)

    named = {"QualificationTypeId": type_id}
    assert await is_there(turk, type_id)
    assert (await turk("ListQualificationTypes", MustBeRequestable=True))["NumResults"] == 1
    assert (await turk("ListHITsForQualificationType", **named))["NumResults"] == 1
    assert (await turk("ListWorkersWithQualificationType", **named))["NumResults"] == 1
    assert (await turk("GetQualificationScore", **named, WorkerId=ANNA))["Qualification"]
    assert len(await waiting(turk)) == len(await waiting(turk, **named)) == 1
    assert (await turk.refused("CreateQualificationType", **TYPE)).code == "QualificationTypeAlreadyExists"
    members = {"HITTypeId": hit["HITTypeId"], "LifetimeInSeconds": 60, "Question": QUESTION}
    await turk("AcceptQualificationRequest", QualificationRequestId=asked.request_id)
    assert await market.worker(BERT).accept(hit["HITId"])
    assert await turk("CreateHITWithHITType", **members)


async def test_types_go_some_time_after_their_last_hit(market: Marketplace, turk: Requester) -> None:
    """A HIT of 100 days is disposed of 120 days later; another 120 days later its type goes, and then its name."""
    type_id = await new_type(turk)
    await turk.hit(LifetimeInSeconds=100 * 24 * 3600, **requiring(type_id))
    await market.advance(340 * DAY - FRACTION)
    assert await is_there(turk, type_id)
    await market.advance(FRACTION)
    assert not await is_there(turk, type_id)
    assert (await turk("ListQualificationTypes", MustBeRequestable=True))["NumResults"] == 0
    await market.advance(timedelta(hours=48) - FRACTION)
    assert (await turk.refused("CreateQualificationType", **TYPE)).code == "QualificationTypeAlreadyExists"
    await market.advance(FRACTION)
    assert await new_type(turk) != type_id


async def test_a_hit_that_is_moved_has_used_the_type(market: Marketplace, turk: Requester) -> None:
    """When it gets another HIT type, the qualification type was in use until then."""
    type_id = await new_type(turk)
    hit = await turk.hit(LifetimeInSeconds=300 * 24 * 3600, **requiring(type_id))
    await market.advance(119 * DAY)
    other = (await turk.hit(Title="Another"))["HITTypeId"]
    await turk("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=other)
    await market.advance(120 * DAY - FRACTION)
    assert await is_there(turk, type_id)
    await market.advance(FRACTION)
    assert not await is_there(turk, type_id)


async def test_the_hits_of_a_deleted_type(turk: Requester) -> None:
    """They are listed for as long as there are any, as they go on requiring it; then nobody knows the type."""
    type_id = await new_type(turk)
    hits = [(await turk.hit(Title=title, **requiring(type_id)))["HITId"] for title in ("one", "two")]
    await turk("DeleteQualificationType", QualificationTypeId=type_id)

    listed = await turk("ListHITsForQualificationType", QualificationTypeId=type_id, MaxResults=1)
    again = await turk(
        "ListHITsForQualificationType", QualificationTypeId=type_id, MaxResults=1, NextToken=listed["NextToken"]
    )
    assert [listed["HITs"][0]["HITId"], again["HITs"][0]["HITId"]] == hits[::-1]
    for hit_id in hits:
        await turk("UpdateExpirationForHIT", HITId=hit_id, ExpireAt=0)
        await turk("DeleteHIT", HITId=hit_id)
    refusal = await turk.refused("ListHITsForQualificationType", QualificationTypeId=type_id)
    assert refusal.code == "QualificationTypeDoesNotExist"


# Places.


@pytest.mark.parametrize(
    ("country", "subdivision"),
    [
        ("us", None),
        ("U1", None),
        ("ÄÖ", None),
        ("XY\n", None),
        ("DE", "BY"),
        ("US", "wa"),
        ("US", "W"),
        ("US", "WAX"),
        ("US", ""),
    ],
)
async def test_places_that_are_none(market: Marketplace, country: str, subdivision: str | None) -> None:
    """Countries are two capital letters; the US alone have states, of two capital letters, too."""
    place = {"Country": country} if subdivision is None else {"Country": country, "Subdivision": subdivision}
    required = requiring(LOCALE, Comparator="In", LocaleValues=[{"Country": "FR"}, place])
    answer = await post(market, "CreateHIT", {**HIT, **required})

    assert answer.status == 400
    if answer.json["__type"] == "ParameterValidationError":
        assert answer.json["Parameter"] == "QualificationRequirements"
    else:
        assert len(country) != 2 or (subdivision is not None and len(subdivision) != 2), answer.json
    assert (await Requester(market)("ListHITs"))["HITs"] == []


# Premium qualifications.


@pytest.fixture
async def rich(database: str | None) -> AsyncIterator[Marketplace]:
    """A market with accounting, whose requester has ten dollars."""
    async with Marketplace(database, balance="10", clock=StillClock()) as market:
        yield market


async def on_hold(turk: Requester) -> str:
    """What is held for all HITs."""
    held: str = (await turk("GetAccountBalance")).get("OnHoldBalance", "0")
    return held


async def test_premium_qualifications_cost_a_fixed_sum(rich: Marketplace) -> None:
    """Each type that is required costs its price for each assignment, once, on top of the fee on the reward."""
    turk = Requester(rich)
    hit = await turk.hit(Reward="1.00", MaxAssignments=2, **requiring(BLOGGER_SANDBOX, AGE_18_TO_25, BLOGGER_SANDBOX))
    assert await on_hold(turk) == "3.90"  # 2 * (1.00 + 0.20 + 0.25 + 0.50)
    await turk("CreateAdditionalAssignmentsForHIT", HITId=hit["HITId"], NumberOfAdditionalAssignments=1)
    assert await on_hold(turk) == "5.85"

    await rich.worker(ANNA).configure(premium=[BLOGGER_SANDBOX, AGE_18_TO_25])
    (assignment_id,) = await done(rich, hit["HITId"], ANNA)
    await turk("ApproveAssignment", AssignmentId=assignment_id)
    balance = await turk("GetAccountBalance")
    assert (balance["AvailableBalance"], balance["OnHoldBalance"]) == ("4.15", "3.90")


async def test_a_hit_that_is_moved_has_the_new_price(rich: Marketplace) -> None:
    """The price of a HIT is that of its type."""
    turk = Requester(rich)
    dear = await turk("CreateHITType", **_properties(), **requiring(MASTERS_SANDBOX, AGE_18_TO_25))
    hit = await turk.hit(Reward="1.00")
    await turk("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=dear["HITTypeId"])
    assert await on_hold(turk) == "1.75"  # 1.00 + 0.25 with Masters + 0.50


def _properties() -> dict[str, Any]:
    names = ("Title", "Description", "AssignmentDurationInSeconds")
    return {**{name: HIT[name] for name in names}, "Reward": "1.00"}


async def test_what_is_premium_is_a_rule() -> None:
    """The service's prices are Amazon's; in the house nothing costs anything."""
    assert AMAZON.premium == {BLOGGER_PRODUCTION: 25, BLOGGER_SANDBOX: 25, AGE_18_TO_25: 50}
    assert set(AMAZON.premium) == PREMIUM
    assert hash(AMAZON) != hash(HOUSE)
    async with Marketplace(rules="house", balance="10") as market:
        turk = Requester(market)
        await turk.hit(Reward="1.00", **requiring(BLOGGER_SANDBOX, AGE_18_TO_25))
        assert await on_hold(turk) == "1.00"


async def test_who_has_premium_qualifications(market: Marketplace, turk: Requester) -> None:
    """Nobody, until the owner says so; what is said is all that there is. A requester cannot grant them."""
    hit_id = (await turk.hit(**requiring(AGE_18_TO_25)))["HITId"]
    compared = requiring(BLOGGER_SANDBOX, Comparator="EqualTo", IntegerValues=[1])
    other_id = (await turk.hit(**compared))["HITId"]
    anna = market.worker(ANNA)
    with pytest.raises(errors.DoesNotMeetRequirements):
        await anna.accept(hit_id)
    granted = await turk.refused("AssociateQualificationWithWorker", QualificationTypeId=AGE_18_TO_25, WorkerId=ANNA)
    assert granted.code == "PermissionDenied"

    await anna.configure(premium=[AGE_18_TO_25, BLOGGER_SANDBOX])
    await anna.return_assignment(await anna.accept(hit_id))
    assert await anna.accept(other_id)
    await anna.configure(locale="US")
    await anna.return_assignment(await anna.accept(hit_id))
    await anna.configure(premium=[])
    with pytest.raises(errors.DoesNotMeetRequirements):
        await anna.accept(hit_id)
    for unknown in (MASTERS_SANDBOX, BLOGGER_PRODUCTION):
        with pytest.raises(errors.InvalidRequest, match=BLOGGER_SANDBOX):
            await anna.configure(premium=[unknown])


async def test_premium_types_of_the_other_environment(market: Marketplace, turk: Requester) -> None:
    """Each environment knows its own twin alone; the one whose twin is not known is known in both."""
    assert await is_there(turk, BLOGGER_SANDBOX)
    assert not await is_there(turk, BLOGGER_PRODUCTION)
    refusal = await turk.refused("CreateHIT", **{**HIT, **requiring(BLOGGER_PRODUCTION)})
    assert refusal.code == "QualificationTypeDoesNotExist"
    found = {
        type_id: (await post(market, "GetQualificationType", {"QualificationTypeId": type_id}, host=PRODUCTION)).status
        for type_id in sorted(PREMIUM)
    }
    assert found == {BLOGGER_PRODUCTION: 200, BLOGGER_SANDBOX: 400, AGE_18_TO_25: 200}
    names = [
        kind["Name"]
        for kind in (await turk("ListQualificationTypes", MustBeRequestable=False, MaxResults=100))[
            "QualificationTypes"
        ]
    ]
    assert names.count("Blogger") == names.count("Age 18-25") == 1
