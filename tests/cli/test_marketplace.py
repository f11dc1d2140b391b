"""``aioturk marketplace serve``, where it is not what `test_app` tells."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aioturk._core.endpoints import LocalMarketplace
from aioturk.cli.app import app
from aioturk.cli.marketplace import _serve
from aioturk.marketplace import Marketplace


@pytest.fixture
def handlers() -> Iterator[None]:
    """Puts the handlers of signals back."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_loops_without_signals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    """On an event loop that knows no signals, as on Windows, a signal ends it all the same."""

    def add_signal_handler(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", add_signal_handler)
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    serving = asyncio.ensure_future(_serve(Marketplace(), None, {}))
    while not file.exists() and not serving.done():  # noqa: ASYNC110  # a file sets no event
        await asyncio.sleep(0)
    if not serving.done():
        os.kill(os.getpid(), number)
    await serving

    assert not file.exists()


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("goes_on", [True, False])
async def test_the_one_before_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], goes_on: bool
) -> None:
    """Who tries a second marketplace beside the first finds the first again, unless it has ended meanwhile."""
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    async with Marketplace() as first:
        url = first.url
        before = LocalMarketplace(first.url, first.access_key, first.secret_key).to_json()
        file.touch(mode=0o600)
        file.write_bytes(before)
        serving = asyncio.ensure_future(_serve(Marketplace(), None, {}))
        while file.read_bytes() == before and not serving.done():  # noqa: ASYNC110  # a file sets no event
            await asyncio.sleep(0)
        if not goes_on:
            await first.close()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
        assert (file.exists() and file.read_bytes() == before) is goes_on
        assert f"Until now it found {url}" in capsys.readouterr().out


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(
    "left",
    [
        b"",
        b'{"url": "http://127.0.0.1:1", "access_key": "AK", "secret_key": "s"}',
        b'{"url": "http://127.0.0.1:port", "access_key": "AK", "secret_key": "s"}',
    ],
)
async def test_what_a_crash_left_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], left: bytes
) -> None:
    """The file of a marketplace that is no more, or half a file, is replaced without a word, and not put back."""
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    file.write_bytes(left)
    serving = asyncio.ensure_future(_serve(Marketplace(), None, {}))
    while file.read_bytes() == left and not serving.done():  # noqa: ASYNC110  # a file sets no event
        await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    assert not file.exists()
    assert "Until now" not in capsys.readouterr().out


ADDRESSES = ["--accounts", "--site-url", "https://work.example.org", "--tasks-url", "https://tasks.example.net"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "accounts"),
        (["--host", "0.0.0.0", "--accounts"], "with --site-url and --tasks-url"),
        (["--accounts", "--site-url", "https://work.example.org"], "Give --site-url and --tasks-url together"),
        (["--accounts", "--site-url", "work.example.org", "--tasks-url", "b.example"], "--site-url is 'work.example"),
        (ADDRESSES, "(--trusted-proxy)"),
        ([*ADDRESSES, "--trusted-proxy", "::/0"], "would trust everybody"),
        ([*ADDRESSES, "--certificate", "a.pem"], "--certificate and --key"),
        (["--environment", "both"], "--environment is 'both'"),
    ],
)
def test_what_is_not_served(options: list[str], told: str) -> None:
    """What would let strangers in is refused before anything listens, by the names of options."""
    done = CliRunner().invoke(app, ["marketplace", "serve", "--port", "0", *options])
    assert done.exit_code == 1
    assert told in done.output
    assert not any(argument in done.output for argument in ("site_url", "tasks_url", "trusted_prox"))
