"""Lists of work in more detail."""

from __future__ import annotations

from decimal import Decimal

from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.browsing import ORDERS, Wish, find, listing
from aioturk.marketplace.store.system_types import MASTERS_SANDBOX

from .acts import act
from .support import ANNA, Requester


async def test_the_work_of_one_requester(market: Marketplace, turk: Requester) -> None:
    """A list can be of one requester's work alone; of one who is unknown, or has none, it is empty."""
    keys = await market.add_requester("other")
    other = Requester(url=market.url, access_key=keys.access_key, secret_key=keys.secret_key)
    for requester, title in ((turk, "mine"), (other, "theirs"), (other, "theirs, too")):
        await requester.hit(Title=title)
    ids = {group.title: group.requester_id for group in await market.worker(ANNA).find()}

    async def titles(wish: Wish) -> set[str]:
        return {group.title for group in await act(market, find, ANNA, wish)}

    assert len(set(ids.values())) == 2
    assert await titles(Wish(requester_id=ids["mine"])) == {"mine"}
    assert await titles(Wish(requester_id=ids["theirs"])) == {"theirs", "theirs, too"}
    assert await titles(Wish(query="too", requester_id=ids["theirs"])) == {"theirs, too"}
    assert await titles(Wish(requester_id="A0NOBODY")) == set()
    assert await titles(Wish()) == set(ids)


async def test_a_part_of_a_list(market: Marketplace, turk: Requester) -> None:
    """Parts of a list, one after the other, are the list; each says how many there are in all."""
    for number in range(7):
        await turk.hit(Title=f"Kind {number}", Reward=f"0.0{number % 3 + 1}")
    for sort in ORDERS:
        whole = await act(market, find, ANNA, Wish(sort=sort))
        parts = [await act(market, listing, ANNA, Wish(sort=sort, limit=3, offset=at)) for at in (0, 3, 6, 9)]
        assert [len(part.groups) for part in parts] == [3, 3, 1, 0]
        assert {part.total for part in parts} == {7}
        assert [group for part in parts for group in part.groups] == whole
    some = await act(market, listing, ANNA, Wish(min_reward=Decimal("0.03"), limit=1))
    assert (len(some.groups), some.total) == (1, 2)


async def test_words_in_keywords(market: Marketplace, turk: Requester) -> None:
    """A word is found in any keyword, and none is found that only two of them make together."""
    await turk.hit(Title="one", Keywords="old photo,street map")
    for words, is_found in (("photo", True), ("STREET", True), ("photo,street", False), ("photostreet", False)):
        assert bool(await act(market, find, ANNA, Wish(query=words))) is is_found


async def test_only_for_masters(market: Marketplace, turk: Requester) -> None:
    """What requires Masters can be asked for alone, and is counted alone."""
    await turk.hit(Title="for all")
    masters = {"QualificationTypeId": MASTERS_SANDBOX, "Comparator": "Exists"}
    await turk.hit(Title="for Masters", QualificationRequirements=[masters])
    found = await act(market, listing, ANNA, Wish(masters=True))
    assert ([group.title for group in found.groups], found.total) == (["for Masters"], 1)
    assert (await act(market, listing, ANNA, Wish(masters=True, qualified=True))).total == 0
