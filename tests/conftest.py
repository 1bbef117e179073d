"""What tests of several rooms share: the five systems, running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from running_system import RunningSystem, start_system

_LONGEST = {"durability", "alarms"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the groups first that wait most: at the end the other processes would wait for them."""

    def is_short(item: pytest.Item) -> bool:
        mark = item.get_closest_marker("xdist_group")
        return mark is None or mark.args[0] not in _LONGEST

    items.sort(key=is_short)


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], RunningSystem]]:
    """The system of a name with its default settings, started when it is first asked for.

    It is for all tests that only use it. They carry the mark ``xdist_group`` with the system's
    name, so that one test process starts it.
    """
    known: dict[str, RunningSystem] = {}
    with ExitStack() as started:

        def of(name: str) -> RunningSystem:
            if name not in known:
                directory = tmp_path_factory.mktemp(name)
                known[name] = started.enter_context(start_system(directory, name))
            return known[name]

        yield of


@pytest.fixture(scope="session")
def web_app(systems: Callable[[str], RunningSystem]) -> RunningSystem:
    """web-app; see ``systems``."""
    return systems("web-app")
