"""HIT types that nobody uses any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aioturk.marketplace import Marketplace

from .support import HIT, Requester, StillClock

DAY = timedelta(days=1)
TYPE = {name: HIT[name] for name in ("Title", "Description", "Reward", "AssignmentDurationInSeconds")}
OF_TYPE = {name: HIT[name] for name in ("LifetimeInSeconds", "Question")}


async def made(turk: Requester, **members: Any) -> str:
    """Create a HIT type; return its id."""
    type_id: str = (await turk("CreateHITType", **{**TYPE, **members}))["HITTypeId"]
    return type_id


async def test_unused_types_vanish(market: Marketplace, turk: Requester) -> None:
    """After 120 days a type is unknown, and the same properties make a new one."""
    hit = await turk.hit(Title="Another", LifetimeInSeconds=130 * 24 * 3600)
    old = await made(turk)
    await market.advance(120 * DAY)

    gone = await turk.refused("CreateHITWithHITType", HITTypeId=old, **OF_TYPE)
    moved = await turk.refused("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=old)
    told = await turk.refused("UpdateNotificationSettings", HITTypeId=old, Active=True)
    new = await made(turk)

    assert gone.code == moved.code == told.code == "HITTypeDoesNotExist"
    assert new != old
    assert (await turk.hit())["HITTypeId"] == new == await made(turk)
    assert (await turk.refused("CreateHITWithHITType", HITTypeId=old, **OF_TYPE)).code == "HITTypeDoesNotExist"


async def test_asking_for_a_type_again_is_use(market: Marketplace, turk: Requester) -> None:
    """CreateHITType with equal properties keeps it for another 120 days, though a use a day is not written down."""
    type_id = await made(turk)
    for days in (0.5, 100, 119):
        await market.advance(days * DAY)
        assert await made(turk) == type_id
    await market.advance(120 * DAY)
    assert await made(turk) != type_id


@pytest.mark.parametrize(("days", "kept"), [(339, True), (340, False)])
async def test_types_are_used_by_their_hits(market: Marketplace, turk: Requester, days: int, kept: bool) -> None:
    """A HIT uses its type until it is disposed of: here 100 days of its own and 120 as Reviewable; then 120 more."""
    hit = await turk.hit(LifetimeInSeconds=100 * 24 * 3600)
    await market.advance(days * DAY)

    assert (await turk.get(hit["HITId"]))["HITStatus"] == "Disposed"
    assert (await made(turk) == hit["HITTypeId"]) is kept


async def test_a_hit_may_be_moved_to_a_type_and_away(market: Marketplace, turk: Requester) -> None:
    """Both types have been used until then."""
    hit = await turk.hit(LifetimeInSeconds=300 * 24 * 3600)
    other = await made(turk, Title="Another")
    await market.advance(119 * DAY)
    await turk("UpdateHITTypeOfHIT", HITId=hit["HITId"], HITTypeId=other)
    await market.advance(119 * DAY)

    assert await made(turk) == hit["HITTypeId"]
    assert await made(turk, Title="Another") == other


async def test_a_house_keeps_its_types(database: str | None) -> None:
    """With the rules of a house nothing vanishes."""
    async with Marketplace(database, rules="house", clock=StillClock()) as market:
        turk = Requester(market)
        type_id = await made(turk)
        layout_id = await market.add_layout("<p>")
        await market.advance(1000 * DAY)
        asked = {name: value for name, value in HIT.items() if name != "Question"}

        assert await made(turk) == type_id
        assert (await turk("CreateHIT", **asked, HITLayoutId=layout_id))["HIT"]["HITTypeId"] == type_id
