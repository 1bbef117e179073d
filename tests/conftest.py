"""What tests of several rooms share: one running web-app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from running_system import RunningSystem, start_system


@pytest.fixture(scope="session")
def web_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """web-app, started once for all tests that only use it.

    Tests that use it carry the mark ``xdist_group("web-app")``, so that one test process
    starts it.
    """
    with start_system(tmp_path_factory.mktemp("web-app")) as system:
        yield system
