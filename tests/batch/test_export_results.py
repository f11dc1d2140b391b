"""Reading results from the ledger: all of them, once, in the order of their rows, however the pages fall."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, event

from aioturk.batch.ledger.results import FIRST, Place, page_of_results
from aioturk.models import HIT

from .results import ANNA, BERT, CARL, Filled, all_of, filled_from

WORKERS = [ANNA, BERT, CARL]


@pytest.fixture(params=["sqlite", "postgresql"])
async def batch(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Filled]:
    """An empty batch, in a ledger of either kind."""
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    async with filled_from(tmp_path, server and server.empty()) as batch:
        yield batch


async def read_in_pages(batch: Filled, most: int) -> list[str]:
    """Read the assignments' ids in pages of a size."""
    read: list[str] = []
    place: Place | None = FIRST
    while place is not None:
        page = await batch.ledger.perform(page_of_results(batch.batch_seq, place, most))
        assert len(page.results) <= most
        read += [result.assignment.assignment_id for result in page.results]
        assert len(read) < 100, "the pages never end"
        place = page.next
    return read


async def submit_all(batch: Filled, hits: list[HIT]) -> list[list[str]]:
    """Have every worker do every HIT; return the assignments' ids by HIT."""
    made: list[list[str]] = [[] for _ in hits]
    for worker in WORKERS:  # in the order of time, every HIT comes first once a round
        for number, hit in reversed(list(enumerate(hits))):
            made[number].append(await batch.submit(hit, worker, {"age": str(number)}))
            await batch.market.advance(timedelta(seconds=1))
    await batch.collect(*hits)
    return made


@pytest.mark.parametrize("most", [1, 2, 3, 4, 100])
async def test_order_and_pages(batch: Filled, most: int) -> None:
    """Results come by row, then by the time of submission, and pages of any size hold each of them once."""
    hits = [await batch.publish(f"row {number}", {"n": number}) for number in range(4)]
    made = await submit_all(batch, hits)
    assert await read_in_pages(batch, most) == [each for ids in made for each in ids]


async def test_what_a_result_has(batch: Filled) -> None:
    """A result has its HIT, its assignment as the service has it, its row and the row's key."""
    hit = await batch.publish("img_1", {"url": "https://example.org/ä.png", "n": 1, "tags": ["a", {"b": None}]})
    await batch.submit(hit, ANNA, {"age": "36"})
    await batch.collect(hit)
    [result] = await all_of(batch.results)
    assert result.row == {"url": "https://example.org/ä.png", "n": 1, "tags": ["a", {"b": None}]}
    assert result.key == "img_1"
    assert result.hit == msgspec.structs.replace(hit, question=None)
    assert [result.assignment] == [each async for each in batch.mturk.list_assignments_for_hit(hit.hit_id)]
    assert result.assignment.answers == {"age": "36"}


async def test_submissions_of_one_moment(batch: Filled) -> None:
    """Submissions of the same millisecond come by their ids, so that no page repeats or leaves out one."""
    hit = await batch.publish("row", {})
    made = [await batch.submit(hit, worker, {"age": "1"}) for worker in WORKERS]
    await batch.collect(hit)
    assert await read_in_pages(batch, 1) == sorted(made)


async def test_rows_without_values_and_without_results(batch: Filled) -> None:
    """A row that was found on the service has no values; a HIT without submissions has no results."""
    await batch.publish("nobody", {"n": 1})
    hit = await batch.publish("found", None)
    await batch.submit(hit, ANNA, {"age": "1"})
    await batch.collect(hit)
    [result] = await all_of(batch.results)
    assert (result.key, result.row) == ("found", None)


async def test_strays_come_last(batch: Filled) -> None:
    """What was submitted for a HIT beside the row's own, or for none of the rows, is a result like the others."""
    for number in range(2):  # a HIT of no row, and a second one of the first row, both with two submissions
        stray = await batch.make_hit(f"stray {number}")
        if number:
            twice = stray
        else:
            await batch.write_hit(stray, None)
            stranger = stray
    own = await batch.publish("row 0", {"n": 0})
    await batch.write_hit(twice, batch.units["row 0"])
    undone = await batch.publish("row 1", {"n": 1})
    await batch.change_unit("row 1", state="unknown")
    for worker in (ANNA, BERT):
        for hit in (stranger, twice, own, undone):
            await batch.submit(hit, worker, {"age": "1"})
    await batch.collect(stranger, twice, own, undone)

    found = [(each.assignment.hit_id, each.key, each.row) for each in await all_of(batch.results)]
    strays = sorted(
        [(stranger.hit_id, None, None), (twice.hit_id, "row 0", {"n": 0}), (undone.hit_id, "row 1", {"n": 1})] * 2,
        key=lambda each: each[0],
    )
    assert found == [(own.hit_id, "row 0", {"n": 0})] * 2 + strays
    for most in (1, 2, 3, 5):
        assert len(set(await read_in_pages(batch, most))) == 8


async def test_only_this_batch(batch: Filled) -> None:
    """Other batches in the same ledger have their own results."""
    hit, stray = await batch.publish("row", {}), await batch.make_hit("stray")
    await batch.write_hit(stray, None)
    for each in (hit, stray):
        await batch.submit(each, ANNA, {"age": "1"})
    await batch.collect(hit, stray)
    assert len(await all_of(batch.results)) == 2
    other = Filled(batch.ledger, batch.batch_seq + 1, batch.mturk, batch.market)
    assert await all_of(other.results) == []


async def test_a_page_costs_the_same_everywhere(batch: Filled) -> None:
    """The database finds a page by indexes alone, and sorts no more than the submissions of a HIT."""
    if batch.ledger.is_postgres:
        pytest.skip("PostgreSQL plans by the numbers of rows, of which there are none here")

    def explain(connection: Connection) -> list[str]:
        plans: list[str] = []

        def listen(_: object, cursor: Any, statement: str, values: Any, *__: object) -> None:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(" / ".join(detail for *_, detail in cursor.fetchall()))

        event.listen(connection, "before_cursor_execute", listen)
        for place in (Place(False, 5, 7, "3X"), Place(True, "3H", 7, "3X")):
            page_of_results(batch.batch_seq, place)(connection)
        event.remove(connection, "before_cursor_execute", listen)
        return plans

    rows, strays = await batch.ledger.perform(explain)
    assert "unit USING INDEX unit_of_batch (batch_seq=? AND kind=? AND state=? AND seq>?)" in rows
    assert "submission USING INDEX submission_of_hit (hit_id>?)" in strays
    for plan in (rows, strays):
        assert "SCAN" not in plan
        assert " FOR ORDER BY" not in plan
