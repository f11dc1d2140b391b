"""What the documentation takes from the code is complete."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from aioturk import batch, marketplace, models
from aioturk._core.repetition import SUCCESS_WHEN
from aioturk._generated.tables import OPERATIONS
from aioturk.marketplace import AMAZON, HOUSE, Faults, Range, Rules
from tests.docs.pages import ROOT

WRITTEN: dict[str, Any] = runpy.run_path(str(ROOT / "docs" / "_extensions" / "from_code.py"))
REFERENCE = ROOT / "docs" / "reference"
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


def test_every_rule_is_in_the_table() -> None:
    """Each rule stands in the table, once, with what it says; those in which the profiles differ in the other table."""
    table, differences = WRITTEN["rules_table"](), WRITTEN["differences_table"]()
    for field in fields(Rules):
        differs = getattr(AMAZON, field.name) != getattr(HOUSE, field.name)
        assert table.count(f"   * - ``{field.name}``\n") == 1
        assert differences.count(f"   * - ``{field.name}``\n") == differs


@pytest.mark.parametrize("units", ["SECONDS", "CENTS"])
def test_units_are_those_of_rules(units: str) -> None:
    """Only rules are written as durations or as money."""
    assert {field.name for field in fields(Rules)} >= WRITTEN[units]


def test_durations_are_written_as_durations() -> None:
    """Whatever is a number of whole days, and no small one, is a duration."""
    for field in fields(Rules):
        value = getattr(AMAZON, field.name)
        number = value.most if isinstance(value, Range) else value
        if isinstance(number, int) and number and not number % 86400:
            assert field.name in WRITTEN["SECONDS"]


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("lifetime", AMAZON.lifetime, "30 seconds to 365 days"),
        ("extension", AMAZON.extension, "1 minute to 365 days"),
        ("token_lifetime", 86400, "1 day"),
        ("name_release", 90, "90 seconds"),
        ("test_duration", 1, "1 second"),
        ("bonus", AMAZON.bonus, "$0.01 to $1,000,000.00"),
        ("annotation", AMAZON.annotation, "up to 255"),
        ("auto_approval", True, "yes"),
        ("disposal_after", None, "None"),
        ("fee", AMAZON.fee, "0.20"),
        ("premium", {"3ONE": 25, "3TWO": 25, "3THREE": 50}, "$0.25 or $0.50"),
        ("premium", {}, "nothing"),
    ],
)
def test_values_are_written_for_people(name: str, value: object, written: str) -> None:
    """Durations have units, money has a dollar sign."""
    write: Callable[[str, object], str] = WRITTEN["_value"]
    assert write(name, value) == written


def test_every_fault_is_in_the_table() -> None:
    """Each trouble that can be ordered stands in the table, once, with what it does."""
    table = WRITTEN["faults_table"]()
    for field in fields(Faults):
        assert table.count(f"   * - ``{field.name}``\n") == 1


def test_every_command_is_written() -> None:
    """Each command stands in the reference, with its options."""
    written = WRITTEN["commands"]()
    commands = ("serve", "run", "backup", "revoke-key", "invite")
    for command in ("demo", "preview", *(f"marketplace {name}" for name in commands)):
        assert f".. rubric:: aioturk {command}" in written
    assert "``--spending-cap``\n   Dollars" in written
    assert "None" not in written


@pytest.mark.parametrize(
    ("page", "directive"),
    [
        ("money", "repetition-table"),
        ("money", "settled-table"),
        ("rules", "differences-table"),
        ("rules", "rules-table"),
        ("testing", "faults-table"),
        ("reference/commands", "commands"),
        ("project", "unreleased-changes"),
    ],
)
def test_pages_show_what_is_written(page: str, directive: str) -> None:
    """A page takes what it shows from the code, and holds no table of its own."""
    assert f".. {directive}::" in (ROOT / "docs" / f"{page}.rst").read_text(encoding="utf-8")


def test_every_model_is_in_the_reference() -> None:
    """No public structure or enumeration is missing in the reference."""
    page = (REFERENCE / "models.rst").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\.\. autoclass:: (\w+)", page, re.M)) == sorted(models.__all__)


@pytest.mark.parametrize("name", marketplace.__all__)
def test_every_name_of_the_marketplace_is_in_the_reference(name: str) -> None:
    """No public name of the marketplace is missing in the reference."""
    page = (REFERENCE / "marketplace.rst").read_text(encoding="utf-8")
    kinds = r"(?:auto(?:class|function):: aioturk\.marketplace\.|data:: )"
    assert len(re.findall(rf"^\.\. {kinds}{name}\b", page, re.M)) == 1


@pytest.mark.parametrize("name", batch.__all__)
def test_every_name_of_batches_is_in_the_reference(name: str) -> None:
    """No public name of batches is missing in the reference."""
    page = (REFERENCE / "batch.rst").read_text(encoding="utf-8")
    assert len(re.findall(rf"^\.\. [a-z:]+:: (?:aioturk\.batch\.|aioturk\.)?{name}\b", page, re.M)) == 1


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: path.name)
def test_fragment_of_the_changelog(fragment: object) -> None:
    """A fragment's name ends in a kind of change that the release tool knows."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in settings["type"]}
    assert str(fragment).split(".")[-2] in kinds
