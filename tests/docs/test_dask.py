"""
The page about Dask, run as it stands.

Dask is no part of what the tests need: it would be installed by everybody, with all that it brings along, for one page.
Where it is not there, something stands in for the little of it that the page uses; where it is, both are used, so that
the one is known to be like the other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.pages import ROOT, blocks, run

PAGE = ROOT / "docs" / "dask.rst"


@dataclass(frozen=True)
class Bag:
    """
    Parts, and what is done to each of them in turn.

    Attributes:
        parts: The parts.
    """

    parts: list[Callable[[], Iterable[Any]]]

    def map(self, function: Callable[[Any], Any]) -> Bag:
        """Return a bag of what a function makes of each thing."""
        return self.map_partitions(lambda things: map(function, things))

    def map_partitions(self, function: Callable[[Iterable[Any]], Iterable[Any]]) -> Bag:
        """Return a bag of what a function makes of each part."""
        return Bag([lambda part=part: function(part()) for part in self.parts])  # type: ignore[misc]

    def compute(self, *, scheduler: str) -> list[Any]:
        """Do it, all parts at once."""
        assert scheduler == "threads"
        with ThreadPoolExecutor() as pool:
            made = list(pool.map(lambda part: list(part()), self.parts))
        return [thing for part in made for thing in part]


def read_text(path: str, *, blocksize: int) -> Bag:
    """Return the lines of a file in parts of about so many bytes."""
    lines = Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
    each = max(blocksize // len(lines[0]), 1)
    return Bag([lambda start=start: lines[start : start + each] for start in range(0, len(lines), each)])  # type: ignore[misc]


@pytest.fixture(params=["Dask", "a stand-in"])
def dask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask, or what stands in for it."""
    if request.param == "Dask":
        if find_spec("dask") is None:
            pytest.skip("Dask is not installed")
        return
    package, bag = ModuleType("dask"), ModuleType("dask.bag")
    package.bag = bag  # type: ignore[attr-defined]
    bag.read_text = read_text  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dask", package)
    monkeypatch.setitem(sys.modules, "dask.bag", bag)


@pytest.mark.usefixtures("local", "dask")
def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts that run side by side, and one of them twice, publish each row once."""
    monkeypatch.chdir(tmp_path)
    assert run(PAGE) == len(blocks(PAGE, "python")) + len(blocks(PAGE, "text"))
