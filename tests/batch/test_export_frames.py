"""Results as tables of pandas: typed, a line for each submission; and the error of those who do not have it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas
import pytest

from aioturk.batch.export import Label, labels_to_pandas, to_pandas, write_csv
from aioturk.errors import ConfigurationError

from .results import ANNA, BERT, Filled, a_result, filled_from, told


@pytest.fixture
async def batch(tmp_path: Path) -> AsyncIterator[Filled]:
    """An empty batch."""
    async with filled_from(tmp_path) as batch:
        yield batch


async def test_a_table(batch: Filled) -> None:
    """A line for each submission, with times as times, money as Decimals, numbers as numbers, and rows' own values."""
    hit = await batch.publish("img_1", {"url": "https://example.org/1.jpg", "n": 7})
    for worker in (ANNA, BERT):
        await batch.submit(hit, worker, {"age": "36"})
        await batch.market.advance(timedelta(seconds=90))
    await batch.collect(hit)
    frame = await to_pandas(batch.results, ["url", "n"])

    moment = datetime(2019, 3, 1, 12, 34, 56, 250_000, tzinfo=UTC)
    assert list(frame["SubmitTime"]) == [moment, moment + timedelta(seconds=90)]
    assert str(frame["SubmitTime"].dtype) == "datetime64[us, UTC]"
    assert frame["ApprovalTime"].isna().all()
    assert str(frame["ApprovalTime"].dtype) == "datetime64[us, UTC]"
    assert frame["Reward"].sum() == Decimal("0.10")
    assert list(frame["AssignmentDurationInSeconds"]) == [300, 300]
    assert list(frame["WorkerId"]) == [ANNA, BERT]
    assert list(frame["Input.n"]) == [7, 7]
    assert list(frame["Answer.age"]) == ["36", "36"]
    assert list(frame["Key"]) == ["img_1", "img_1"]


async def test_the_names_are_those_of_the_file(batch: Filled, tmp_path: Path) -> None:
    """The table has the file's columns in its order, without those that are always empty, and the row's key."""
    hit = await batch.publish("row", {"a": "1"})
    await batch.submit(hit, ANNA, {"age": "36"})
    await batch.collect(hit)
    await write_csv(batch.results, tmp_path / "results.csv")
    file = pandas.read_csv(tmp_path / "results.csv")
    empty = {"NumberOfSimilarHITs", "LifetimeInSeconds", "Approve", "Reject"}
    told_by_file = [name for name in file.columns if name not in empty and not name.endswith("ApprovalRate")]
    frame = await to_pandas(batch.results)
    assert [name for name in frame.columns if name != "Key"] == told_by_file


def test_what_is_missing() -> None:
    """Where a line lacks an answer, a value or a HIT, it says so, and the others are in their places."""
    results = [
        a_result({"a": "1"}, row={"x": 1}),
        replace(a_result({"b": "2"}, row=None), hit=None),
        a_result({"a": "3"}, row={"y": 2}),
    ]
    frame = asyncio.run(to_pandas(told(*results), ["z"]))
    names = ["Input.z", "Input.x", "Input.y", "Answer.a", "Answer.b"]
    assert [list(frame[name]) for name in names] == [
        [None, None, None],
        [1, None, None],
        [None, None, 2],
        ["1", None, "3"],
        [None, "2", None],
    ]
    assert list(frame["HITId"]) == ["3HIT"] * 3
    assert list(frame["MaxAssignments"].isna()) == [False, True, False]
    assert list(frame["CreationTime"].isna()) == [False, True, False]


def test_no_results() -> None:
    """A batch without results makes a table with its columns and no lines."""
    frame = asyncio.run(to_pandas(told(), ["a"]))
    assert len(frame) == 0
    assert {"HITId", "WorkerId", "Input.a", "Key"} <= set(frame.columns)


def test_the_long_table() -> None:
    """The long table has the columns that crowd-kit takes."""
    labels = [Label("t1", ANNA, "cat"), Label("t1", BERT, "dog")]
    frame = labels_to_pandas(labels)
    assert list(frame.columns) == ["task", "worker", "label"]
    assert list(frame.itertuples(index=False, name=None)) == labels
    assert list(labels_to_pandas([]).columns) == ["task", "worker", "label"]


async def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no pandas is told how to install it, before anything is read."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'pandas"):
        await to_pandas(lambda: pytest.fail("it was read"))
    with pytest.raises(ConfigurationError, match=r"pip install 'pandas"):
        labels_to_pandas([])


def test_pandas_is_imported_late() -> None:
    """Importing the exports does not import pandas."""
    code = "import sys, aioturk.batch.export, aioturk.batch.votes; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
