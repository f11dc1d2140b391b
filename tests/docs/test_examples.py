"""The documentation's examples run, as they stand, against a marketplace."""

from __future__ import annotations

import asyncio
import importlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from aioturk.marketplace import MarketplaceInThread
from aioturk.marketplace.redirect import Door, redirected
from tests.docs.pages import PAGES, README, ROOT, blocks, languages, run


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page not in ("README.rst", "docs/dask.rst") and languages(ROOT / page) & {"python"}],
)
def test_page(page: str, local: MarketplaceInThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page's blocks run from top to bottom, in a folder of their own, and print what the page says they print."""
    monkeypatch.chdir(tmp_path)
    assert run(ROOT / page) == len(blocks(ROOT / page, "python")) + len(blocks(ROOT / page, "text"))


def test_readme_first_screen(local: MarketplaceInThread) -> None:
    """The README's code, unmodified and in a process of its own, publishes a HIT and then approves what came in."""
    code, *_ = blocks(README, "python")

    first = execute(code)
    assert first.startswith("published ")
    hit_id = first.split()[1]

    async def submit() -> str:
        worker = local.worker("A1EXAMPLEWORKER")
        assignment_id = await worker.accept(hit_id)
        await worker.submit(assignment_id, {"season": "autumn"})
        return assignment_id

    assignment_id = local.run(submit())
    assert f"approved {assignment_id} by A1EXAMPLEWORKER" in execute(code)

    async def decision() -> tuple[str, str | None]:
        async with local.client() as mturk:
            assignment = (await mturk.get_assignment(assignment_id)).assignment
            return assignment.assignment_status, assignment.requester_feedback

    assert local.run(decision()) == ("Approved", "Thank you!")


def test_readme_task(local: MarketplaceInThread) -> None:
    """The README's task, run three times, publishes each row once, and reads and approves what came in between."""
    _, _, code, *_ = blocks(README, "python")
    assert execute(code) == ""

    async def answer() -> None:
        async with local.client() as mturk:
            hits = [hit.hit_id async for hit in mturk.list_hits()]
            worker = local.worker("A1EXAMPLEWORKER")
            for hit_id, year in zip(hits, ("1969", "", "the sixties"), strict=True):
                await worker.submit(await worker.accept(hit_id), {"season": "autumn", "year": year})

    local.run(answer())
    nine, eight, seven = execute(code).splitlines()[:3]
    assert (nine, eight) == ("3 autumn 1969", "2 autumn None")
    assert "year: 'the sixties' is not a whole number" in seven

    async def decisions() -> list[str]:
        async with local.client() as mturk:
            return sorted(
                [
                    work.assignment_status
                    async for hit in mturk.list_hits()
                    async for work in mturk.list_assignments_for_hit(hit.hit_id)
                ]
            )

    assert local.run(decisions()) == ["Approved", "Approved", "Submitted"]
    assert execute(code).startswith("Assignment ")


def test_readme_batch(local: MarketplaceInThread, tmp_path: Path) -> None:
    """The README's batch, with the task above it, publishes a file, approves what came in, and writes the results."""
    _, _, task, batch, _, _ = blocks(README, "python")
    code = task.replace("asyncio.run(main())\n", "") + batch
    (tmp_path / "photos.csv").write_text(
        "photo\n" + "".join(f"https://example.org/{number}.jpg\n" for number in range(3)), encoding="utf-8"
    )
    assert "total                $0.54" in execute(code, tmp_path)  # three times 15 cents, and a fifth of that
    local.run(work(local))
    assert "3  before, and not again" in execute(code, tmp_path)
    results = (tmp_path / "results.csv").read_text(encoding="utf-8")
    assert results.count('"Approved"') == 3
    assert results.count('"autumn"') == 3


async def test_readme_ask(local: MarketplaceInThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's question, with the task above it, is answered by the two of three people who agree."""
    _, _, task, _, ask, _ = blocks(README, "python")
    (tmp_path / "readme_ask.py").write_text(task.replace("asyncio.run(main())\n", "") + ask, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    season_of = importlib.import_module("readme_ask").season_of

    async def people() -> None:
        for number, season in enumerate(("autumn", "summer", "autumn")):
            worker = local.worker(f"A1EXAMPLE{number}")
            groups = await worker.find()
            while not groups:
                groups = await worker.find()
            accepted = await worker.accept_from(groups[0].group_id)
            await worker.submit(accepted.assignment_id, {"season": season, "year": ""})

    answering = asyncio.get_running_loop().run_in_executor(None, local.run, people())
    assert await season_of("https://example.org/7.jpg") == "autumn"
    await answering


async def work(local: MarketplaceInThread) -> None:
    """Have a worker do everything that there is."""
    async with local.client() as mturk:
        worker = local.worker("A1EXAMPLEWORKER")
        async for hit in mturk.list_hits():
            await worker.submit(await worker.accept(hit.hit_id), {"season": "autumn", "year": "1969"})


def test_readme_three_lines() -> None:
    """The README's three lines put boto3 on a marketplace that was served with these keys."""
    *_, code = blocks(README, "python")
    names: dict[str, Any] = {"boto3": boto3}
    with MarketplaceInThread(access_key="AKIDEXAMPLE", secret_key="the-secret-key") as market:
        exec(code.replace("http://127.0.0.1:7700", market.url), names)
        assert names["mturk"].get_account_balance()["AvailableBalance"] == "10000.00"
        names["mturk"].close()


def test_what_programs_are_told() -> None:
    """The page about `run` names every variable that it sets for a program, changes or takes away."""
    page = (ROOT / "docs" / "programs.rst").read_text(encoding="utf-8")
    others = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
    before = {
        **dict.fromkeys((*others, "AWS_CREDENTIAL_EXPIRATION"), "of others"),
        **dict.fromkeys(("AWS_ENDPOINT_URL_MTURK", "AIOTURK_ENVIRONMENT"), "http://elsewhere.example"),
    }
    file = Path("any")
    door = Door(
        proxy="http://proxy",
        tls="127.0.0.1:1",
        certificate="00",
        market="http://market",
        access_key="AKIDEXAMPLE",
        secret_key="secret",
        bundle=file,
        added=file,
        local_file=file,
        keys_file=file,
        config_file=file,
    )
    after = redirected(before, door)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed >= {"HTTPS_PROXY", "AWS_PROFILE", "AIOTURK_ENVIRONMENT"}
    for name in changed:
        assert f"``{name.upper()}``" in page


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
            for line in block.replace("\\\n", "").splitlines()
            if line.startswith("$ aioturk ")
        }
    ),
)
def test_command(command: str) -> None:
    """The commands that the documentation shows exist, with their options."""
    ours, _, _ = command.partition(" -- ")  # what follows is another program's
    done = subprocess.run(
        [sys.executable, "-m", "aioturk", *shlex.split(ours), "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def execute(code: str, folder: Path = ROOT) -> str:
    """Run a program in a fresh interpreter, with warnings as errors, and return what it prints."""
    command = [sys.executable, "-W", "error", "-"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(command, input=code, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
