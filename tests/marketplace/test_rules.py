"""The rule table, and the walls between the rooms."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest

import aioturk.marketplace
from aioturk._generated.tables import OPERATIONS
from aioturk.errors import ConfigurationError
from aioturk.marketplace import AMAZON, HOUSE, Marketplace, Range

from .support import Requester


@pytest.mark.parametrize(
    ("member", "bounds"),
    [
        ("LifetimeInSeconds", AMAZON.lifetime),
        ("AssignmentDurationInSeconds", AMAZON.assignment_duration),
        ("AutoApprovalDelayInSeconds", AMAZON.auto_approval_delay),
        ("MaxAssignments", AMAZON.max_assignments),
        ("Title", AMAZON.title),
        ("Description", AMAZON.description),
        ("Keywords", AMAZON.keywords),
        ("Question", AMAZON.question),
        ("RequesterAnnotation", AMAZON.annotation),
    ],
)
def test_amazons_rules_are_the_ones_that_the_client_checks(member: str, bounds: Range) -> None:
    """The marketplace's bounds and the client's own checks agree."""
    limit = next(found.limit for found in OPERATIONS["CreateHIT"].request.members if found.wire == member)

    assert limit is not None
    assert (limit.minimum or 0, limit.maximum) == (bounds.least, bounds.most)


def test_rules_are_values() -> None:
    """They cannot be changed, and own ones are made from them."""
    with pytest.raises(FrozenInstanceError):
        AMAZON.default_page_size = 5  # type: ignore[misc]
    assert replace(AMAZON, default_page_size=5) != AMAZON
    assert {field.name for field in fields(AMAZON)} == {field.name for field in fields(HOUSE)}


def test_unknown_profiles() -> None:
    """A name that is no profile is refused with those that are."""
    with pytest.raises(ConfigurationError, match="'amazon' or 'house'"):
        Marketplace(rules="motel")


async def test_own_rules() -> None:
    """A marketplace goes by the rules it is given."""
    async with Marketplace(rules=replace(AMAZON, default_page_size=2, lifetime=Range(1, 5))) as market:
        turk = Requester(market)
        for _ in range(3):
            await turk.hit(LifetimeInSeconds=5)
        assert (await turk("ListHITs"))["NumResults"] == 2


async def test_the_house_lets_hits_grow() -> None:
    """There is no step at ten assignments, and no fee."""
    async with Marketplace(rules="house", balance=100) as market:
        turk = Requester(market)
        hit_id = (await turk.hit(MaxAssignments=9, Reward="1.00", RequesterAnnotation="größer"))["HITId"]
        await turk("CreateAdditionalAssignmentsForHIT", HITId=hit_id, NumberOfAdditionalAssignments=1)
        assert (await turk("GetAccountBalance"))["OnHoldBalance"] == "10.00"


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_the_store_speaks_sql_and_only_the_doors_speak_http() -> None:
    """SQLAlchemy is imported in store/ alone, aiohttp where requests come in, pages too, and messages go out."""
    root = Path(aioturk.marketplace.__file__).parent
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        if not name.startswith("store/") and name != "__init__.py":
            assert "sqlalchemy" not in _imports(path), name
        doors = {"app.py", "runner.py", "delivery/courier.py", "delivery/rounds.py"}
        if not name.startswith("site/") and name not in doors:
            assert "aiohttp" not in _imports(path), name
