"""``aioturk marketplace moments``: when people did what, for the owner of a database."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aioturk.cli import moments as command
from aioturk.cli.app import app
from aioturk.marketplace import Marketplace
from aioturk.marketplace.moments_files import COLUMNS
from tests.marketplace.support import ANNA, BERT, Requester


def typed(database: Path, *arguments: str) -> Result:
    """Type the command."""
    return CliRunner().invoke(app, ["marketplace", "moments", "--database", str(database), *arguments])


async def test_what_was_submitted_to_a_requester(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    While the marketplace is served, everything that was submitted is printed, as CSV or JSON Lines, or some of it.

    More than is read at a time comes in full; another requester's is printed only if that one is named.
    """
    monkeypatch.setattr(command, "_AT_ONCE", 1)
    database = tmp_path / "market.db"
    async with Marketplace(database) as market:
        turk = Requester(url=market.url, access_key=market.access_key, secret_key=market.secret_key)
        await market.add_requester("other")
        hits = [await turk.hit(Title=title) for title in ("One", "Two")]
        ids = []
        for hit, name in zip(hits, (ANNA, BERT), strict=True):
            worker = market.worker(name)
            ids.append(await worker.accept(hit["HITId"]))
            await market.advance(timedelta(seconds=20))
            await worker.submit(ids[-1], {"age": "36"})

        printed = list(csv.DictReader(io.StringIO(typed(database).stdout)))
        assert [(row["assignment_id"], row["worker_id"]) for row in printed] == list(
            zip(ids, (ANNA, BERT), strict=True)
        )
        assert [(row["duration_seconds"], row["first_input"]) for row in printed] == [("20", ""), ("20", "")]
        by_line = [json.loads(line) for line in typed(database, "--format", "jsonl").stdout.splitlines()]
        assert [{name: str(value or "") for name, value in row.items()} for row in by_line] == printed
        for option, hit in (("--hit", hits[0]["HITId"]), ("--hit-type", hits[0]["HITTypeId"])):
            [line] = typed(database, option, hit, "--format", "jsonl").stdout.splitlines()
            assert json.loads(line) == by_line[0]
        nothing = [typed(database, *more).stdout.splitlines() for more in (("--requester", "other"), ("--hit", "3X"))]
        assert nothing == 2 * [[",".join(COLUMNS)]]
        assert typed(database, "--environment", "production").stdout.count("\n") == 1


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    """A format, an environment or a requester that there is not is said to be none, and nothing is printed."""
    for arguments, said in (
        (("--format", "xml"), "csv or jsonl"),
        (("--environment", "moon"), "sandbox or production"),
        (("--hit", "3A", "--hit-type", "3B"), "not both"),
        ((), "There is no database"),
    ):
        done = typed(tmp_path / "none.db", *arguments)
        assert (done.exit_code, done.stdout) == (1, "")
        assert said in done.stderr


async def test_a_requester_whom_nobody_knows(tmp_path: Path) -> None:
    """Their name is told, and nothing is printed."""
    async with Marketplace(tmp_path / "market.db"):
        pass
    done = typed(tmp_path / "market.db", "--requester", "nobody")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "There is no requester 'nobody'" in done.stderr
