"""One running system for each file, whose `SYSTEM` and `ARGUMENTS` say which and how."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.control import Faults
from faults.items_api import SHAPES, ItemsApi
from running_system import RunningSystem, start_system


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSystem]:
    system: str = request.module.SYSTEM
    arguments: tuple[str, ...] = getattr(request.module, "ARGUMENTS", ())
    with start_system(tmp_path_factory.mktemp(f"{system}-faults"), system, *arguments) as running:
        yield running


@pytest.fixture(scope="module")
def faults(running: RunningSystem) -> Faults:
    return Faults(running.state)


@pytest.fixture(scope="module")
def api(request: pytest.FixtureRequest, running: RunningSystem) -> ItemsApi:
    return ItemsApi(running, SHAPES[request.module.SYSTEM])
