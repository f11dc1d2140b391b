"""How an upload keeps to the pace that a service allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from .paced import Service, upload


@pytest.mark.parametrize(("rate", "seconds"), [(5, 120), (20, 120), (100, 90)])
def test_an_upload_keeps_to_the_pace_that_the_service_allows(rate: int, seconds: int, tmp_path: Path) -> None:
    """After a minute it publishes nine tenths of what is allowed, or more, and few calls are throttled."""
    service = Service(rate)
    upload(service, seconds * rate, tmp_path / "ledger.db")
    assert 0.9 * rate <= service.pace <= 1.1 * rate
    assert 0 < service.share_throttled < 0.05
