"""Lists of work in more detail."""

from __future__ import annotations

from aioturk.marketplace import Marketplace
from aioturk.marketplace.service.browsing import Wish, find

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
