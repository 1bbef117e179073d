"""Alarms as another process reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudworthy.local.observe.alarms.listing import list_alarms
from cloudworthy.local.observe.alarms.store import UNCHECKED, AlarmStore


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41"])
def test_the_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "alarms.sqlite"
    store = AlarmStore(path, now_s=0)
    store.state("High", now_s=0)
    store.close()
    (listed,) = list_alarms(path)
    assert listed == {
        "name": "High",
        "state": "INSUFFICIENT_DATA",
        "reason": UNCHECKED,
        "since": "1970-01-01T00:00:00Z",
    }
