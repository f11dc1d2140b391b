"""Fixtures of the marketplace's own tests; those that others need too are one folder up."""

from __future__ import annotations

import pytest

from .machines import Databases, InMemory, OnServer


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where state machines keep one market after the other: either kind of store."""
    return InMemory() if request.param == "sqlite" else OnServer(request.getfixturevalue("postgres"))
