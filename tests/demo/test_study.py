"""The requester's whole job: with a good line and with a bad one, undisturbed and killed."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aioturk.batch import Progress
from aioturk.demo import study
from aioturk.demo.digits import load
from aioturk.demo.study import Reading, Report
from aioturk.errors import ConfigurationError

from .killed import ROWS, Moment, run

DIGIT = load(1)[0]


async def in_memory(folder: Path, **options: Any) -> Report:
    """Run the study in memory."""
    return await study.run(ledger=folder / "ledger.db", submissions=folder / "submissions.csv", **options)


async def in_files(folder: Path, **options: Any) -> Report:
    """Run the study in a folder, or finish the one that is there."""
    return await in_memory(folder, database=folder / "database.db", rows=ROWS, workers=4, **options)


def totals(report: Report) -> tuple[object, ...]:
    """What is the same on every run."""
    answers = [(each.digit.number, each.majority, sorted(each.answers.values())) for each in report.readings]
    return report.assignments, report.cost, report.accuracy, answers


async def test_the_whole_job(tmp_path: Path) -> None:
    """Every picture is read three times, paid, and decided by majority; the results file has a line for each."""
    told: list[Progress] = []
    report = await in_memory(tmp_path, rows=25, workers=5, progress=told.append)
    ended = [(each.what, each.done) for each in told if each.ended]
    assert ended == [("publishing", 25), ("working", 75), ("approving", 75)]
    assert len(report.readings) == 25
    assert all(len(reading.answers) == 3 for reading in report.readings)
    assert report.assignments == 75
    # 75 x ($0.05 and one cent of fee), and the bonus with its fifth.
    assert report.cost == 75 * Decimal("0.06") + Decimal("1.20")
    assert report.accuracy > 0.9
    assert (report.throttled, report.retries) == (0, 0)
    # 25 HITs, a page or two of the work on each and once more of what was decided, 75 approvals, the bonus, the
    # balance; and some lists of all HITs.
    assert 25 + 25 + 75 + 2 < report.calls < 25 + 100 + 75 + 2 + 25

    file = tmp_path / "results.csv"
    study.write_results(report, file)
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["digit"]) for row in rows] == [digit.value for digit in load(25)]
    assert sum(row["right"] == "yes" for row in rows) == round(report.accuracy * 25)
    assert all(len(row["answers"].split("|")) == 3 for row in rows)


async def test_submissions_are_exported(tmp_path: Path) -> None:
    """What workers submitted stands in a file with the requester site's columns, all of it approved."""
    await in_files(tmp_path)
    with (tmp_path / "submissions.csv").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == 3 * ROWS
    assert {line["AssignmentStatus"] for line in lines} == {"Approved"}
    assert sorted({line["Input.number"] for line in lines}) == [str(number) for number in range(ROWS)]
    assert all(line["Answer.digit"].isdecimal() for line in lines)


async def test_faults_change_no_total(tmp_path: Path) -> None:
    """With throttling, failures and lost replies the same work is done, paid and found right."""
    folders = [tmp_path / name for name in ("good", "bad")]
    for folder in folders:
        folder.mkdir()
    good = await in_memory(folders[0], rows=25, workers=5)
    bad = await in_memory(folders[1], rows=25, workers=5, faults=True)
    assert bad.retries > 0
    assert bad.throttled > 0
    assert totals(bad) == totals(good)


MOMENTS = [
    Moment("CreateHITType", 1, after=True),
    Moment("CreateHITWithHITType", 1, after=True),
    Moment("CreateHITWithHITType", 5),
    Moment("submit", 1),
    Moment("submit", 2, after=True),
    Moment("submit", 13),
    Moment("submit", 3 * ROWS, after=True),
    Moment("ApproveAssignment", 1, after=True),
    Moment("ApproveAssignment", 12),
    Moment("SendBonus", 1),
    Moment("SendBonus", 1, after=True),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
async def test_killed_and_finished(moment: Moment, tmp_path: Path) -> None:
    """Wherever the study is killed, running it again with the same files ends with the same totals."""
    folders = [tmp_path / name for name in ("undisturbed", "killed")]
    for folder in folders:
        folder.mkdir()
    assert await run(folders[1], moment) == -9
    finished = await in_files(folders[1])
    assert totals(finished) == totals(await in_files(folders[0]))


async def test_killed_at_every_stage_in_turn(tmp_path: Path) -> None:
    """A study that is killed once in every stage comes to the same end, and stays there."""
    for moment in MOMENTS[1::3]:
        assert await run(tmp_path, moment) == -9
    assert await run(tmp_path) == 0
    results = (tmp_path / "results.csv").read_bytes()
    again = await in_files(tmp_path)
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    assert totals(again) == totals(await in_files(undisturbed))
    study.write_results(again, tmp_path / "results.csv")
    assert (tmp_path / "results.csv").read_bytes() == results


async def test_another_marketplace_is_refused(tmp_path: Path) -> None:
    """A ledger whose marketplace is gone does nothing on another one."""
    await in_memory(tmp_path, rows=1, workers=3)
    with pytest.raises(ConfigurationError, match="ledger"):
        await in_memory(tmp_path, rows=1, workers=3)


@pytest.mark.parametrize(("majority", "is_right"), [("0", True), ("6", False), (None, False)])
def test_right_or_wrong(majority: str | None, is_right: bool) -> None:
    """A picture is read right when the majority says the digit that was written; without one it is not."""
    assert DIGIT.value == 0
    assert Reading(DIGIT, "3HIT", majority).is_right is is_right
