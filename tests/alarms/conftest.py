"""One running system for each file, whose ``SYSTEM`` and ``CONCURRENCY`` say which and how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alarms.listener import SPEED, AlarmListener
from running_system import RunningSystem, start_system


@pytest.fixture(scope="module")
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSystem]:
    arguments = (
        request.module.SYSTEM,
        *("--clock-speed", SPEED),
        *("--capacity", "enforce"),
        *("--account-concurrency", str(request.module.CONCURRENCY)),
    )
    with start_system(tmp_path_factory.mktemp("alarms"), *arguments) as running:
        yield running


@pytest.fixture(scope="module")
def alarms(system: RunningSystem) -> AlarmListener:
    return AlarmListener(system)
