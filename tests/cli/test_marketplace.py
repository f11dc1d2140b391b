"""``aioturk marketplace serve``, where it is not what `test_app` tells."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

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
