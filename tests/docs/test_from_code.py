"""What the documentation takes from the code is complete."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Callable

import pytest

from aioturk import models
from aioturk._core.repetition import SUCCESS_WHEN
from aioturk._generated.tables import OPERATIONS
from tests.docs.pages import ROOT

WRITTEN: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "_extensions" / "from_code.py"))
FRAGMENTS = sorted((ROOT / "docs" / "changes").glob("*.*.rst"))


def test_every_operation_has_its_class_in_the_table() -> None:
    """Each of the 39 operations stands in the table of repetition, once."""
    table = WRITTEN["repetition_table"]()
    assert len(OPERATIONS) == 39
    for operation in OPERATIONS.values():
        assert table.count(f"<aioturk.Client.{operation.python}>") == 1, operation.name


def test_every_settled_operation_says_what_success_is() -> None:
    """Each settled operation stands in the table of what counts as success."""
    table = WRITTEN["settled_table"]()
    for name in SUCCESS_WHEN:
        assert f"<aioturk.Client.{OPERATIONS[name].python}>" in table


@pytest.mark.parametrize("directive", ["repetition-table", "settled-table"])
def test_the_page_about_money_shows_the_tables(directive: str) -> None:
    """The page takes the tables from the code, and holds none of its own."""
    assert f".. {directive}::" in (ROOT / "docs" / "money.rst").read_text(encoding="utf-8")


def test_every_model_is_in_the_reference() -> None:
    """No public structure or enumeration is missing in the reference."""
    page = (ROOT / "docs" / "reference" / "models.rst").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\.\. autoclass:: (\w+)", page, re.M)) == sorted(models.__all__)


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_fragment_of_the_changelog(fragment: object) -> None:
    """A fragment's name ends in a kind of change that the release tool knows."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in settings["type"]}
    assert str(fragment).split(".")[-2] in kinds
