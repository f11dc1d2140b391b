"""Judging qualification requirements."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk import errors
from aioturk._generated.shapes import Comparator, HITAccessActions, Locale, QualificationRequirement
from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.eligibility import Action, Value, described, is_met, unmet
from aioturk.marketplace.store.system_types import (
    ADULT,
    FOREIGN,
    LOCALE,
    MASTERS_PRODUCTION,
    MASTERS_SANDBOX,
    NUMBER_APPROVED,
    PERCENT_APPROVED,
    PREMIUM,
    SYSTEM_TYPES,
)

from .support import ANNA, PRODUCTION, Requester, post

TYPE = "3TYPE"
WASHINGTON = Locale(country="US", subdivision="WA")
US = Locale(country="US")


def requirement(comparator: str, *values: int | Locale, guards: str | None = None) -> QualificationRequirement:
    """A requirement of one type."""
    return QualificationRequirement(
        qualification_type_id=TYPE,
        comparator=Comparator(comparator),
        integer_values=tuple(value for value in values if isinstance(value, int)),
        locale_values=tuple(value for value in values if isinstance(value, Locale)),
        actions_guarded=None if guards is None else HITAccessActions(guards),
    )


@pytest.mark.parametrize(
    ("comparator", "met_by"),
    [
        ("LessThan", [4]),
        ("LessThanOrEqualTo", [4, 5]),
        ("GreaterThan", [6]),
        ("GreaterThanOrEqualTo", [5, 6]),
        ("EqualTo", [5]),
        ("NotEqualTo", [4, 6]),
    ],
)
def test_comparing_with_a_number(comparator: str, met_by: list[int]) -> None:
    """Six comparators compare with one number."""
    assert [value for value in (4, 5, 6) if is_met(requirement(comparator, 5), {TYPE: value})] == met_by


def test_comparing_with_several_numbers() -> None:
    """In wants the value to be among them, NotIn wants it not to be."""
    assert [value for value in range(4) if is_met(requirement("In", 0, 2), {TYPE: value})] == [0, 2]
    assert [value for value in range(4) if is_met(requirement("NotIn", 0, 2), {TYPE: value})] == [1, 3]


@pytest.mark.parametrize(
    ("comparator", "places", "met_by"),
    [
        ("EqualTo", [US], ["US", "US-WA", "US-NY"]),
        ("EqualTo", [WASHINGTON], ["US-WA"]),
        ("NotEqualTo", [US], ["DE"]),
        ("NotEqualTo", [WASHINGTON], ["DE", "US", "US-NY"]),
        ("In", [WASHINGTON, Locale(country="DE")], ["DE", "US-WA"]),
        ("NotIn", [WASHINGTON, Locale(country="DE")], ["US", "US-NY"]),
    ],
)
def test_comparing_places(comparator: str, places: list[Locale], met_by: list[str]) -> None:
    """A country is all of its states; a state is that state alone, and not a country of which no state is known."""
    found = []
    for name in ("DE", "US", "US-WA", "US-NY"):
        country, _, state = name.partition("-")
        if is_met(requirement(comparator, *places), {TYPE: Locale(country=country, subdivision=state or None)}):
            found.append(name)
    assert found == met_by


numbers = st.integers(-5, 5)
places = st.builds(Locale, country=st.sampled_from(["US", "DE"]), subdivision=st.sampled_from([None, "WA", "NY"]))
requirements = st.one_of(
    st.builds(requirement, st.sampled_from(["Exists", "DoesNotExist"])),
    st.builds(
        requirement,
        st.sampled_from(
            ["LessThan", "LessThanOrEqualTo", "GreaterThan", "GreaterThanOrEqualTo", "EqualTo", "NotEqualTo"]
        ),
        numbers,
    ),
    st.builds(requirement, st.sampled_from(["In", "NotIn", "EqualTo", "NotEqualTo"]), places),
    st.lists(numbers, min_size=1).flatmap(
        lambda some: st.sampled_from([requirement("In", *some), requirement("NotIn", *some)])
    ),
)


@given(requirements)
def test_who_lacks_a_qualification_meets_doesnotexist_alone(required: QualificationRequirement) -> None:
    """Whatever is compared: whoever has nothing fails, unless nothing is to be had."""
    assert is_met(required, {}) == (required.comparator == "DoesNotExist")


@given(requirements)
def test_a_qualification_without_a_value_only_exists(required: QualificationRequirement) -> None:
    """There is nothing to compare in it."""
    assert is_met(required, {TYPE: None}) == (required.comparator == "Exists")


OPPOSITES = {
    "LessThan": "GreaterThanOrEqualTo",
    "LessThanOrEqualTo": "GreaterThan",
    "EqualTo": "NotEqualTo",
    "In": "NotIn",
    "Exists": "DoesNotExist",
}


@given(st.sampled_from(sorted(OPPOSITES)), st.lists(numbers, min_size=1), numbers)
def test_opposites_exclude_each_other(comparator: str, values: list[int], value: int) -> None:
    """For whoever has a value, exactly one of two opposite requirements is met."""
    if not comparator.endswith(("In", "Exists")):
        values = values[:1]
    held: dict[str, Value] = {TYPE: value}

    assert is_met(requirement(comparator, *values), held) != is_met(requirement(OPPOSITES[comparator], *values), held)


@given(st.lists(st.sampled_from(["Accept", "PreviewAndAccept", "DiscoverPreviewAndAccept", None])))
def test_each_action_is_guarded_by_its_own_and_by_what_guards_more(guards: list[str | None]) -> None:
    """Who may accept may preview, and who may preview may discover; Accept is what guards when nothing is said."""
    all_of_them = [requirement("Exists", guards=name) for name in guards]
    discover, preview, accept = (unmet(all_of_them, {}, action) for action in Action)

    assert accept == tuple(all_of_them)
    assert len(preview) == len([name for name in guards if name not in ("Accept", None)])
    assert len(discover) == guards.count("DiscoverPreviewAndAccept")
    assert set(discover) <= set(preview) <= set(accept)


def test_requirements_in_words() -> None:
    """They are written with the name, if it is known, and everything that is compared with."""
    assert described(requirement("Exists"), {TYPE: "Reading"}) == "Reading Exists"
    assert described(requirement("In", 1, 2), {}) == "3TYPE In 1, 2"
    assert described(requirement("NotIn", WASHINGTON, US), {TYPE: "Place"}) == "Place NotIn US-WA, US"


# What workers have.


async def accepts(market: Marketplace, turk: Requester, type_id: str, comparator: str, *values: Any) -> bool:
    """Whether Anna may accept a HIT that requires this."""
    name = "LocaleValues" if type_id == LOCALE else "IntegerValues"
    required = {"QualificationTypeId": type_id, "Comparator": comparator, **({name: list(values)} if values else {})}
    hit = await turk.hit(QualificationRequirements=[required], RequesterAnnotation="eligibility")
    try:
        await market.worker(ANNA).accept(hit["HITId"])
    except errors.DoesNotMeetRequirements:
        return False
    return True


async def test_what_workers_have_of_whom_nothing_was_said(market: Marketplace, turk: Requester) -> None:
    """They are in the US, have not agreed to adult content, are no Masters, and have a clean slate."""
    assert await accepts(market, turk, LOCALE, "EqualTo", {"Country": "US"})
    assert await accepts(market, turk, ADULT, "EqualTo", 0)
    assert await accepts(market, turk, MASTERS_SANDBOX, "DoesNotExist")
    assert await accepts(market, turk, NUMBER_APPROVED, "EqualTo", 0)
    assert await accepts(market, turk, PERCENT_APPROVED, "EqualTo", 100)


async def test_what_was_said_of_a_worker(market: Marketplace, turk: Requester) -> None:
    """It counts instead of what is usual and of what really happened, and can be said again, bit by bit."""
    anna = market.worker(ANNA)
    await anna.configure(locale="US-WA", approved=120, percent_approved=97, adult=True, masters=True)

    assert await accepts(market, turk, LOCALE, "EqualTo", {"Country": "US", "Subdivision": "WA"})
    assert await accepts(market, turk, NUMBER_APPROVED, "EqualTo", 120)
    assert await accepts(market, turk, PERCENT_APPROVED, "EqualTo", 97)
    assert await accepts(market, turk, ADULT, "EqualTo", 1)
    assert await accepts(market, turk, MASTERS_SANDBOX, "Exists")
    await anna.configure(locale="DE", masters=False)
    assert not await accepts(market, turk, MASTERS_SANDBOX, "Exists")
    assert await accepts(market, turk, LOCALE, "EqualTo", {"Country": "DE"})
    assert await accepts(market, turk, NUMBER_APPROVED, "EqualTo", 120)


async def test_masters_have_an_id_in_each_environment() -> None:
    """Who is a Master in production has the production's id."""
    async with Marketplace() as market:
        required = [{"QualificationTypeId": MASTERS_PRODUCTION, "Comparator": "Exists"}]
        body = {
            "Title": "t",
            "Description": "d",
            "Reward": "0.01",
            "AssignmentDurationInSeconds": 60,
            "LifetimeInSeconds": 60,
            "QualificationRequirements": required,
            "Question": (await Requester(market).hit())["Question"],
        }
        hit = (await post(market, "CreateHIT", body, host=PRODUCTION)).json["HIT"]
        anna = market.worker(ANNA, environment="production")
        with pytest.raises(errors.DoesNotMeetRequirements):
            await anna.accept(hit["HITId"])
        await anna.configure(masters=True)
        assert await anna.accept(hit["HITId"])


async def test_what_really_happened() -> None:
    """
    Approvals are counted as they happen. From the hundredth submission on the shares are the real ones, rounded down;
    the retired types have theirs, too.
    """
    async with Marketplace() as market:
        turk, anna = Requester(market), market.worker(ANNA)
        hit_type = (await turk.hit())["HITTypeId"]
        submitted = []

        async def submit(count: int) -> None:
            for _ in range(count):
                await turk.hit()
                task = await anna.accept_from(hit_type)
                await anna.submit(task.assignment_id, {"a": "b"})
                submitted.append(task.assignment_id)

        await submit(99)
        for assignment_id in submitted[:2]:
            await turk("ApproveAssignment", AssignmentId=assignment_id)
        await turk("RejectAssignment", AssignmentId=submitted[2], RequesterFeedback="no")
        assert await accepts(market, turk, NUMBER_APPROVED, "EqualTo", 2)
        assert await accepts(market, turk, PERCENT_APPROVED, "EqualTo", 100)
        await anna.return_assignment((await anna.queue())[0].assignment_id)

        await submit(1)
        assert await accepts(market, turk, PERCENT_APPROVED, "EqualTo", 66)
        # 100 submitted, 1 returned, 2 in work: 103 accepted. Now there are 3, 4 and 5 in work.
        assert await accepts(market, turk, "00000000000000000000", "EqualTo", 100 * 100 // 103)
        assert await accepts(market, turk, "000000000000000000E0", "EqualTo", 0)
        assert await accepts(market, turk, "00000000000000000070", "EqualTo", 0)
        assert await accepts(market, turk, "000000000000000000S0", "EqualTo", 33)


async def test_every_system_type_can_be_required(market: Marketplace, turk: Requester) -> None:
    """Anybody meets at least one of having it and not having it, retired or not."""
    for type_id in sorted(SYSTEM_TYPES - FOREIGN["sandbox"]):
        has = await accepts(market, turk, type_id, "Exists")
        assert has != await accepts(market, turk, type_id, "DoesNotExist")
        assert has == (type_id not in {MASTERS_SANDBOX, *PREMIUM})


async def test_many_groups_with_many_requirements(market: Marketplace, turk: Requester) -> None:
    """A list of work judges more types than one question asks for."""
    types = [
        (
            await turk(
                "CreateQualificationType", Name=f"Type {number}", Description="d", QualificationTypeStatus="Active"
            )
        )["QualificationType"]["QualificationTypeId"]
        for number in range(12)
    ]
    for number, type_id in enumerate(types):
        required = {"QualificationTypeId": type_id, "Comparator": "EqualTo", "IntegerValues": [number]}
        await turk.hit(Title=f"HIT {number}", QualificationRequirements=[required])
        if number % 2:
            await turk(
                "AssociateQualificationWithWorker", QualificationTypeId=type_id, WorkerId=ANNA, IntegerValue=number
            )
    groups = await market.worker(ANNA).find()

    assert {group.title for group in groups if group.can_accept} == {f"HIT {number}" for number in range(1, 12, 2)}
    assert len(groups) == 12
    assert groups[0].requirements[0].name == "Type 11"
    await turk("DisassociateQualificationFromWorker", QualificationTypeId=types[11], WorkerId=ANNA, Reason="for a test")
    assert not (await market.worker(ANNA).find())[0].can_accept
