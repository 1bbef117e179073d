"""One running system for each file, whose ``SYSTEM`` and ``CONCURRENCY`` say which and how.

Functions that stand still do so for most of their 30 seconds. A file says in ``stand_still`` what
happens meanwhile; those of all files are played at once, each against its own system.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import ModuleType

import pytest

from alarms.listener import SPEED, AlarmListener
from running_system import RunningSystem, start_system

_Watched = tuple[RunningSystem, AlarmListener]


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[ModuleType], _Watched]]:
    """The system of a file, and who listens to its alarms."""
    known: dict[str, _Watched] = {}
    with ExitStack() as started:

        def of(module: ModuleType) -> _Watched:
            if module.SYSTEM not in known:
                arguments = (
                    module.SYSTEM,
                    *("--clock-speed", SPEED),
                    *("--capacity", "enforce"),
                    *("--account-concurrency", str(module.CONCURRENCY)),
                )
                directory = tmp_path_factory.mktemp("alarms")
                system = started.enter_context(start_system(directory, *arguments))
                known[module.SYSTEM] = system, AlarmListener(system)
            return known[module.SYSTEM]

        yield of


@pytest.fixture(scope="module")
def system(
    request: pytest.FixtureRequest, watched: Callable[[ModuleType], _Watched]
) -> RunningSystem:
    return watched(request.module)[0]


@pytest.fixture(scope="module")
def alarms(
    request: pytest.FixtureRequest, watched: Callable[[ModuleType], _Watched]
) -> AlarmListener:
    return watched(request.module)[1]


@pytest.fixture(scope="session")
def scenes(
    request: pytest.FixtureRequest, watched: Callable[[ModuleType], _Watched]
) -> Iterator[dict[str, Future[None]]]:
    """``stand_still`` of every file of which there is a test to run, under way."""
    modules = [it.module for it in request.session.items if isinstance(it, pytest.Function)]
    slow = {it.SYSTEM: it for it in modules if hasattr(it, "stand_still")}
    with ThreadPoolExecutor(len(slow)) as executor:
        playing = {}
        for name, module in slow.items():
            system, alarms = watched(module)
            playing[name] = executor.submit(module.stand_still, system, alarms)
        yield playing


@pytest.fixture
def scene(request: pytest.FixtureRequest, scenes: dict[str, Future[None]]) -> Future[None]:
    """``stand_still`` of this file; its result is its end, or what went wrong."""
    return scenes[request.module.SYSTEM]
