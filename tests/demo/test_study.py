"""The requester's whole job, with a good line and with a bad one."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from aioturk.demo import study
from aioturk.demo.digits import load
from aioturk.demo.study import Reading

DIGIT = load(1)[0]


async def test_the_whole_job(tmp_path: Path) -> None:
    """Every picture is read three times, paid, and decided by majority; the results file has a line for each."""
    stages: dict[str, tuple[int, int]] = {}
    report = await study.run(rows=20, workers=5, progress=lambda stage, *steps: stages.update({stage: steps}))
    assert stages == {"publishing": (20, 20), "working": (60, 60), "approving": (60, 60)}
    assert len(report.readings) == 20
    assert all(len(reading.answers) == 3 for reading in report.readings)
    assert report.assignments == 60
    # 60 x ($0.05 and one cent of fee), and the bonus with its fifth.
    assert report.cost == 60 * Decimal("0.06") + Decimal("1.20")
    assert report.accuracy > 0.9
    assert (report.throttled, report.retries) == (0, 0)
    # 20 HITs, a full and an empty page for each, 60 approvals, the bonus, the balance.
    assert report.calls == 20 + 40 + 60 + 2

    file = tmp_path / "results.csv"
    study.write_results(report, file)
    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["digit"]) for row in rows] == [digit.value for digit in load(20)]
    assert sum(row["right"] == "yes" for row in rows) == round(report.accuracy * 20)
    assert all(len(row["answers"].split("|")) == 3 for row in rows)


async def test_faults_change_no_total() -> None:
    """With throttling, failures and lost replies the same work is done, paid and found right."""
    good = await study.run(rows=20, workers=5)
    bad = await study.run(rows=20, workers=5, faults=True)
    assert bad.retries > 0
    assert bad.throttled > 0
    for name in ("assignments", "cost", "accuracy"):
        assert getattr(bad, name) == getattr(good, name)
    answers = [sorted(reading.answers.values()) for reading in good.readings]
    assert [sorted(reading.answers.values()) for reading in bad.readings] == answers


@pytest.mark.parametrize(
    ("answers", "majority"),
    [((), None), (("7",), "7"), (("7", "1", "7"), "7"), (("7", "1", "4"), None), (("7", "7", "1", "1"), None)],
)
def test_majority(answers: tuple[str, ...], majority: str | None) -> None:
    """The majority is the answer given more often than any other, and nothing when there is none."""
    reading = Reading(DIGIT, "3HIT", {f"A{number}": answer for number, answer in enumerate(answers)})
    assert reading.majority == majority
    assert reading.is_right is (majority == str(DIGIT.value))
