"""A marketplace where the documentation's programs look for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aioturk._core.endpoints import LocalMarketplace
from aioturk.marketplace import MarketplaceInThread


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MarketplaceInThread]:
    """A marketplace where `Client("local")` looks, and nothing else in the environment that decides on anything."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "AIOTURK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    file = tmp_path / "marketplace.json"
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", str(file))
    with MarketplaceInThread() as market:
        file.touch(mode=0o600)
        file.write_bytes(LocalMarketplace(market.url, market.access_key, market.secret_key).to_json())
        yield market
