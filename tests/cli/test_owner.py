"""What owners type: backups, a look through, layouts, requesters and keys, while the marketplace is served."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from aioturk._core.endpoints import LocalMarketplace
from aioturk.cli.app import app

LAYOUT = "<!DOCTYPE html><html><body><form><p>${word}</p><input name='answer'></form></body></html>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[LocalMarketplace]:
    """A marketplace that is served by another process, with accounts and a database."""
    file = tmp_path / "state.json"
    command = [sys.executable, "-m", "aioturk", "marketplace", "serve", "--port", "0", "--balance", "100"]
    with subprocess.Popen(
        [*command, "--database", str(tmp_path / "mturk.db"), "--access-key", "AKIAMINE", "--secret-key", "mine"],
        env={**os.environ, "AIOTURK_LOCAL_FILE": str(file), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        assert "AKIAMINE" in lines[1]
        yield LocalMarketplace.from_json(file.read_bytes())
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., Result]:
    """Types commands where that marketplace is the one that is served."""
    runner = CliRunner(env={"AIOTURK_LOCAL_FILE": str(tmp_path / "state.json"), "NO_COLOR": "1"})

    def type_(*arguments: object) -> Result:
        return runner.invoke(app, ["marketplace", *map(str, arguments)])

    return type_


def client(served: LocalMarketplace, access_key: str = "AKIAMINE", secret_key: str = "mine") -> Any:
    """A boto3 client of it."""
    return boto3.client(
        "mturk",
        region_name="us-east-1",
        endpoint_url=served.url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def keys(result: Result) -> list[str]:
    """The keys that were printed."""
    assert result.exit_code == 0, result.output
    return [line.split()[-1] for line in result.output.splitlines()]


def test_backups_of_what_is_served(served: LocalMarketplace, typed: Callable[..., Result], tmp_path: Path) -> None:
    """Nothing has to be named: what is served is copied while it goes on, looked through, and restored."""
    client(served).get_account_balance()
    copy = tmp_path / "copy.db"
    assert typed("backup", copy).output == f"{copy}: {copy.stat().st_size:,} bytes\n"
    assert "All is well" in typed("check").output
    assert typed("restore", tmp_path / "copy.db", "--database", tmp_path / "again.db").exit_code == 0
    assert "All is well" in typed("check", "--database", tmp_path / "again.db").output

    refused = typed("backup", tmp_path / "copy.db")
    assert refused.exit_code == 1
    assert "already" in refused.stderr


def test_what_is_wrong_is_told(served: LocalMarketplace, typed: Callable[..., Result], tmp_path: Path) -> None:
    """The exit status is 1, and what does not agree is said."""
    typed("backup", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as file, file:
        file.execute("UPDATE account SET available = available - 1")
    found = typed("check", "--database", tmp_path / "copy.db")
    assert found.exit_code == 1
    assert "and the ledger 10000" in found.output


def test_layouts(served: LocalMarketplace, typed: Callable[..., Result], tmp_path: Path) -> None:
    """A page becomes a layout, of which HITs can be made at once."""
    (tmp_path / "page.html").write_text(LAYOUT)
    done = typed("add-layout", tmp_path / "page.html", "--height", 300)
    layout_id = done.output.strip()
    hit = client(served).create_hit(
        Title="t",
        Description="d",
        Reward="0.01",
        LifetimeInSeconds=60,
        AssignmentDurationInSeconds=60,
        HITLayoutId=layout_id,
        HITLayoutParameters=[{"Name": "word", "Value": "tree"}],
    )["HIT"]
    assert hit["HITLayoutId"] == layout_id
    assert "<p>tree</p>" in hit["Question"]
    assert typed("add-layout", tmp_path / "page.html", "--environment", "moon").exit_code == 1
    (tmp_path / "page.html").write_bytes(LAYOUT.replace("word", "caf\xe9").encode("latin-1"))
    refused = typed("add-layout", tmp_path / "page.html")
    assert refused.exit_code == 1
    assert "page.html is not in UTF-8: save it in that encoding" in refused.output


def test_money(served: LocalMarketplace, typed: Callable[..., Result]) -> None:
    """Dollars that are put into an account can be spent at once, and are in no other account."""
    assert typed("add-money", "12.50").output == "default can spend 112.50 dollars in sandbox now.\n"
    assert client(served).get_account_balance()["AvailableBalance"] == "112.50"
    done = typed("add-money", "1", "--environment", "production")
    assert done.output == "default can spend 101.00 dollars in production now.\n"
    for arguments, told in {
        ("ten",): "'ten' is no sum of money",
        ("-5",): "",
        ("1", "--requester", "nobody"): "no requester 'nobody'",
        ("1", "--environment", "moon"): "sandbox or production",
    }.items():
        refused = typed("add-money", *arguments)
        assert refused.exit_code != 0
        assert told in refused.output
    assert client(served).get_account_balance()["AvailableBalance"] == "112.50"


def test_requesters_and_keys(served: LocalMarketplace, typed: Callable[..., Result]) -> None:
    """Another requester, a key that only reads, one with a cap, and a key taken back: all count at once."""
    assert client(served, *keys(typed("add-requester", "lab", "--balance", "7"))).get_account_balance()[
        "AvailableBalance"
    ] == ("7.00")
    assert client(served, *keys(typed("add-requester", "other"))).get_account_balance()["AvailableBalance"] == "100.00"
    reading = keys(typed("add-key", "--read-only"))
    assert client(served, *reading).list_hits()["NumResults"] == 0
    with pytest.raises(ClientError, match="read-only"):
        client(served, *reading).delete_worker_block(WorkerId="A123")
    capped = keys(typed("add-key", "--requester", "lab", "--spending-cap", "2.50"))
    assert client(served, *capped).get_account_balance()["AvailableBalance"] == "2.50"

    assert "no longer" in typed("revoke-key", reading[0]).output
    with pytest.raises(ClientError, match="UnrecognizedClient"):
        client(served, *reading).list_hits()
    assert typed("add-key", "--requester", "nobody").exit_code == 1


def test_without_a_database_it_is_said(tmp_path: Path) -> None:
    """Nothing is served here, or what is named is not there: a sentence that says what to do."""
    runner = CliRunner(env={"AIOTURK_LOCAL_FILE": str(tmp_path / "none.json"), "NO_COLOR": "1"})
    for arguments, told in (
        (["check"], "--database"),
        (["check", "--database", str(tmp_path / "none.db")], "none.db"),
        (["add-key", "--database", str(tmp_path / "none.db")], "serving one makes it"),
        (["backup", str(tmp_path / "b"), "--database", "sqlite://"], "in memory"),
    ):
        done = runner.invoke(app, ["marketplace", *arguments])
        assert done.exit_code == 1
        assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("rules", "kept"), [(None, "house"), ("amazon", "amazon")])
def test_rules_are_remembered(tmp_path: Path, rules: str | None, kept: str) -> None:
    """What is served is the owner's place, unless it was said otherwise, once."""
    database = tmp_path / "mturk.db"
    for given in (rules, None):
        command = [sys.executable, "-m", "aioturk", "marketplace", "serve", "--port", "0", "--database", str(database)]
        with subprocess.Popen(
            [*command, *(["--rules", given] if given else [])],
            env={**os.environ, "AIOTURK_LOCAL_FILE": str(tmp_path / "state.json"), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        with closing(sqlite3.connect(database)) as file:
            assert file.execute("SELECT value FROM setting WHERE name = 'rules'").fetchone() == (kept,)
