"""Which hosts are this computer."""

from __future__ import annotations

import pytest

from aioturk._core.hosts import is_loopback


@pytest.mark.parametrize(
    "host", ["localhost", "market.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"]
)
def test_this_computer(host: str) -> None:
    """Names below localhost, and all loopback addresses in every form, are this computer."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "notlocalhost", "128.0.0.1", "::2", "::ffff:10.0.0.1", "", "127.1"]
)
def test_other_computers(host: str) -> None:
    """What only looks like it is not."""
    assert not is_loopback(host)
