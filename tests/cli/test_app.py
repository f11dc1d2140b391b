"""The command line: what people type, and what they see."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aioturk import Client, __version__
from aioturk._core.endpoints import LocalMarketplace
from aioturk.cli.app import app
from aioturk.demo import study


@pytest.fixture
def type_() -> CliRunner:
    """Types commands."""
    return CliRunner(env={"COLUMNS": "120", "NO_COLOR": "1"})


def test_version(type_: CliRunner) -> None:
    """The version is the package's."""
    assert type_.invoke(app, ["--version"]).output == f"aioturk {__version__}\n"


def test_help_names_the_commands(type_: CliRunner) -> None:
    """Without a command the help is shown, and it names them all."""
    shown = type_.invoke(app, []).output
    assert "demo" in shown
    assert "marketplace" in shown


def test_demo(type_: CliRunner, tmp_path: Path) -> None:
    """The demo prints its table and writes its results."""
    file = tmp_path / "out.csv"
    done = type_.invoke(app, ["demo", "--rows", "5", "--workers", "4", "--faults", "--output", str(file)])
    assert done.exit_code == 0, done.output
    for line in (
        "HITs",
        "assignments approved",
        "calls per second",
        "throttles",
        "retries",
        "cost",
        "right by majority",
    ):
        assert line in done.output
    assert len(file.read_text().splitlines()) == 6
    assert len((tmp_path / "out-submissions.csv").read_text().splitlines()) == 16


def test_demo_that_is_kept(type_: CliRunner, tmp_path: Path) -> None:
    """With a ledger and a database, the same command finds what there is, and comes to the same end."""
    kept = ["--ledger", str(tmp_path / "l.db"), "--database", str(tmp_path / "m.db")]
    file = tmp_path / "out.csv"
    command = ["demo", "--rows", "3", "--workers", "3", "--output", str(file), *kept]
    results = []
    for _ in range(2):
        done = type_.invoke(app, command)
        assert done.exit_code == 0, done.output
        # $0.54 for nine assignments with their fees, and the bonus with its own.
        assert "$1.74" in done.output
        results.append(file.read_text())
    assert results[0] == results[1]


@pytest.mark.parametrize(("kept", "told"), [([], True), (["--database", "market.db"], False)], ids=["memory", "file"])
def test_demo_that_is_broken_off(
    type_: CliRunner, kept: list[str], told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever breaks off a demo that nobody can go on with is told how it would be kept."""

    async def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "run", interrupted)
    done = type_.invoke(app, ["demo", "--output", str(tmp_path / "out.csv"), *kept])
    assert done.exit_code != 0
    assert ("--ledger" in done.output) is told


@pytest.mark.parametrize("arguments", [["demo", "--rows", "0"], ["demo", "--rows", "301"], ["demo", "--workers", "2"]])
def test_wrong_usage(type_: CliRunner, arguments: list[str]) -> None:
    """Options out of range are refused with the usual exit code for wrong usage."""
    assert type_.invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "told"), [(["--host", "0.0.0.0"], "with accounts"), (["--rules", "none", "--port", "0"], "house")]
)
def test_what_cannot_be_served_is_a_sentence(type_: CliRunner, arguments: list[str], told: str) -> None:
    """An error of ours is a sentence on stderr and exit code 1, not a traceback."""
    done = type_.invoke(app, ["marketplace", "serve", *arguments])
    assert done.exit_code == 1
    assert told in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["demo", "--output", "/nowhere/out.csv"], "no folder /nowhere"),
        (["demo", "--ledger", "ledger.db"], "--ledger needs --database"),
        (["marketplace", "serve", "--port", "0"], "/dev/null/state"),
    ],
)
def test_files_that_will_not_do_are_a_sentence(tmp_path: Path, arguments: list[str], told: str) -> None:
    """What is wrong with a file is told before any work is done, and without a traceback."""
    environment = {**os.environ, "AIOTURK_LOCAL_FILE": "/dev/null/state/marketplace.json"}
    command = [sys.executable, "-m", "aioturk", *arguments]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


class TestServe:
    """``aioturk marketplace serve``, as its own process."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """Where the address and the keys are kept."""
        return tmp_path / "state" / "marketplace.json"

    @pytest.fixture
    def served(self, file: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
        """A served marketplace that has said that it is ready."""
        command = [sys.executable, "-m", "aioturk", "marketplace", "serve", "--port", "0"]
        environment = {**os.environ, "AIOTURK_LOCAL_FILE": str(file), "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            [*command, "--database", str(tmp_path / "mturk.db")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            self.lines = [process.stdout.readline() for _ in range(4)]
            yield process
            process.kill()

    def test_local_clients_find_it(
        self, served: subprocess.Popen[str], file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Client("local") works with nothing copied; the file is its owner's alone, and goes with the server."""
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        local = LocalMarketplace.from_json(file.read_bytes())
        assert local.url in self.lines[0]
        assert local.access_key in self.lines[1]
        assert local.pid == served.pid
        monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))

        async def ask() -> None:
            async with Client("local") as mturk:
                await mturk.get_account_balance()

        asyncio.run(ask())
        served.send_signal(signal.SIGINT)
        _, errors = served.communicate(timeout=30)
        assert served.returncode == 0
        assert errors == ""
        assert not file.exists()

    def test_another_server_keeps_its_file(self, served: subprocess.Popen[str], file: Path) -> None:
        """A server that ends does not remove the file of one that has taken its place."""
        other = LocalMarketplace("http://127.0.0.1:1", "AKOTHER", "secret", 1).to_json()
        file.write_bytes(other)
        served.send_signal(signal.SIGTERM)
        served.communicate(timeout=30)
        assert file.read_bytes() == other


def test_without_the_extra_the_remedy_is_told() -> None:
    """Without typer the command says what to install."""
    program = "import sys; sys.modules['typer'] = None; from aioturk.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'pip install "aioturk[all]"' in done.stderr
