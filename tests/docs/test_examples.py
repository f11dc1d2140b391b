"""The documentation's examples run, as they stand, against a marketplace."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aioturk._core.endpoints import LocalMarketplace
from aioturk.marketplace import Marketplace
from aioturk.marketplace.in_thread import _LoopThread
from tests.docs.pages import PAGES, README, ROOT, blocks, languages, run

T = TypeVar("T")


@dataclass(frozen=True)
class Served:
    """A marketplace that is being served on this computer, on the event loop of a thread."""

    market: Marketplace
    thread: _LoopThread

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine beside the marketplace and wait for its result."""
        return self.thread.run(coroutine)


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A marketplace where `Client("local")` looks, and nothing else in the environment that decides on anything."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "AIOTURK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    thread, market = _LoopThread(), Marketplace()
    thread.run(market.start())
    try:
        file.touch(mode=0o600)
        file.write_bytes(LocalMarketplace(market.url, market.access_key, market.secret_key).to_json())
        yield Served(market, thread)
    finally:
        thread.run(market.close())
        thread.close()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != "README.rst" and languages(ROOT / page) & {"python"}]
)
def test_page(page: str, local: Served) -> None:
    """A page's blocks run from top to bottom, and print what the page says they print."""
    assert run(ROOT / page) == len(blocks(ROOT / page, "python")) + len(blocks(ROOT / page, "text"))


def test_readme_first_screen(local: Served) -> None:
    """The README's code, unmodified and in a process of its own, publishes a HIT and then approves what came in."""
    (code,) = blocks(README, "python")

    first = execute(code)
    assert first.startswith("published ")
    hit_id = first.split()[1]

    async def submit() -> str:
        worker = local.market.worker("A1EXAMPLEWORKER")
        assignment_id = await worker.accept(hit_id)
        await worker.submit(assignment_id, {"season": "autumn"})
        return assignment_id

    assignment_id = local.run(submit())
    assert f"approved {assignment_id} by A1EXAMPLEWORKER" in execute(code)

    async def decision() -> tuple[str, str | None]:
        async with local.market.client() as mturk:
            assignment = (await mturk.get_assignment(assignment_id)).assignment
            return assignment.assignment_status, assignment.requester_feedback

    assert local.run(decision()) == ("Approved", "Thank you!")


@pytest.mark.parametrize("page", PAGES)
def test_languages(page: str) -> None:
    """No block escapes being run by being called something else."""
    assert languages(ROOT / page) <= {"python", "text", "console"}


@pytest.mark.parametrize(
    "command",
    sorted(
        {
            line.removeprefix("$ aioturk ")
            for page in PAGES
            for block in blocks(ROOT / page, "console")
            for line in block.splitlines()
            if line.startswith("$ aioturk ")
        }
    ),
)
def test_command(command: str) -> None:
    """The commands that the documentation shows exist, with their options."""
    done = subprocess.run(
        [sys.executable, "-m", "aioturk", *shlex.split(command), "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def execute(code: str) -> str:
    """Run a program in a fresh interpreter, with warnings as errors, and return what it prints."""
    done = subprocess.run([sys.executable, "-W", "error", "-"], input=code, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
