"""The documentation's pictures: each is shown, with words for whoever does not see it, and none is missing."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.pages import PAGES, ROOT

SHOWN = [
    (page, name, alt)
    for page in PAGES
    for name, alt in re.findall(
        r"^\.\. screenshot:: (\S+)\n(?:   :alt: ((?:.+\n)(?:      .+\n)*))?",
        (ROOT / page).read_text(encoding="utf-8"),
        re.M,
    )
]


@pytest.fixture
def screenshots(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The extension, as Sphinx imports it."""
    monkeypatch.syspath_prepend(ROOT / "docs" / "_extensions")
    yield import_module("screenshots")
    for name in ("screenshots", "pictures"):
        del sys.modules[name]


def test_every_picture_is_shown(screenshots: ModuleType) -> None:
    """Pages show the pictures that are taken, all of them, each once."""
    assert sorted(name for _, name, _ in SHOWN) == sorted(screenshots.PICTURES)


@pytest.mark.parametrize(("page", "name", "alt"), SHOWN, ids=[name for _, name, _ in SHOWN])
def test_every_picture_has_words(page: str, name: str, alt: str) -> None:
    """What is on a picture is said in a sentence."""
    assert len(alt.split()) > 10, f"{page}: {name}"
    assert alt.rstrip().endswith(".")


def test_what_is_missing(screenshots: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where there is no browser, nothing is tried; one that is named in the environment is taken."""
    monkeypatch.setattr(screenshots, "find_spec", lambda name: name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("AIOTURK_CHROMIUM", raising=False)
    assert screenshots.what_is_missing() == "Chromium"
    monkeypatch.setenv("AIOTURK_CHROMIUM", "/opt/chrome")
    assert (screenshots.what_is_missing(), screenshots.chromium()) == (None, "/opt/chrome")
    monkeypatch.setattr(screenshots, "find_spec", lambda name: None)
    assert screenshots.what_is_missing() == "Playwright"


def test_pictures_are_taken_again_when_the_site_changes(screenshots: ModuleType, tmp_path: Path) -> None:
    """Pictures that are there and newer than the site stay; one that is missing has all of them taken."""
    for name in screenshots.files():
        (tmp_path / name).touch()
    assert screenshots.are_new(tmp_path)
    (tmp_path / "list.png").unlink()
    assert not screenshots.are_new(tmp_path)
