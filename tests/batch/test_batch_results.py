"""A batch's results as its methods give them: with and without the service, and what counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from aioturk.batch import Batch
from aioturk.client import Client
from aioturk.errors import ConfigurationError, ConnectFailed
from aioturk.marketplace import Marketplace
from aioturk.testing import Trouble

from .batches import Line, batch_of, submissions_of, worked
from .tasks import Guess, guess_age, rows

pytest.importorskip("pandas")

Read = Callable[[Batch[Guess], Path, bool], Awaitable[Any]]

READ: dict[str, Read] = {
    "csv": lambda batch, folder, refresh: batch.export(folder / "a.csv", refresh=refresh),
    "json": lambda batch, folder, refresh: batch.export(folder / "a.jsonl", refresh=refresh),
    "labels": lambda batch, folder, refresh: batch.labels("age", refresh=refresh),
    "votes": lambda batch, folder, refresh: batch.votes("age", refresh=refresh),
    "pandas": lambda batch, folder, refresh: batch.to_pandas(refresh=refresh),
    "status": lambda batch, folder, refresh: batch.status(refresh=refresh),
}


def found(read: Any) -> int:
    """Say how many submissions there are in whatever was read."""
    if isinstance(read, int):
        return read
    return int(read.submitted) if hasattr(read, "submitted") else len(read)


@pytest.mark.parametrize("what", READ)
async def test_results_without_the_service(market: Marketplace, ledger: str, tmp_path: Path, what: str) -> None:
    """A new program whose service cannot be reached reads what the ledger has, and makes no call at all."""
    async with market.client() as mturk, batch_of(mturk, ledger) as batch:
        await batch.upload(rows(2))
        await worked(market, 1)
        await submissions_of(batch)
    line = Line(lambda operation: Trouble.REFUSED)
    async with market.client(retries=False, transport=line) as mturk:
        async with batch_of(mturk, ledger) as batch:
            assert found(await READ[what](batch, tmp_path, False)) == 2
            assert line.calls == []
            with pytest.raises(ConnectFailed):
                await READ[what](batch, tmp_path, True)


async def test_reading_without_the_service_does_not_make_the_ledger_right(market: Marketplace, file: str) -> None:
    """A ledger of another marketplace can be read; whatever is sent after that is refused as it always is."""
    async with market.client() as mturk, batch_of(mturk, file) as batch:
        await batch.upload(rows(1))
    async with Marketplace() as other, other.client() as mturk, batch_of(mturk, file) as batch:
        assert (await batch.status(refresh=False)).published == 1
        with pytest.raises(ConfigurationError, match="belongs to"):
            await batch.upload(rows(2))


async def test_votes_count_all_labels_of_a_row(market: Marketplace, mturk: Client, file: str) -> None:
    """Three votes are enough for a row that needs three, though the winner has two of them."""
    async with batch_of(mturk, file, task=guess_age(max_assignments=3), key="url") as batch:
        await batch.upload(rows(1))
        for worker, age in (("A1EXAMPLEANNA", 1), ("A1EXAMPLEBERT", 2), ("A1EXAMPLECARL", 2)):
            await worked(market, [worker], age=age)
        [vote] = await batch.votes("age", minimum_votes=3)
        assert (vote.label, vote.votes, vote.total) == ("2", 2, 3)
        [vote] = await batch.votes("age", minimum_votes=4)
        assert vote.label is None
        for one in await submissions_of(batch):
            if one.worker_id == "A1EXAMPLEANNA":
                await one.reject("No.")
        assert [vote.total for vote in await batch.votes("age")] == [2]
        assert [vote.total for vote in await batch.votes("age", rejected=True)] == [3]


async def test_votes_for_several_labels(market: Marketplace, mturk: Client, file: str) -> None:
    """Where a text holds several labels, each is a vote."""
    ages = {"A1EXAMPLEANNA": "1|2", "A1EXAMPLEBERT": "2|3"}
    async with batch_of(mturk, file, key="url") as batch:
        await batch.upload(rows(1))
        await market.work(lambda hit, worker: {"age": ages[worker]}, workers=list(ages))
        [vote] = await batch.votes("age", separator="|")
    assert (vote.label, vote.votes, vote.total) == ("2", 2, 4)
