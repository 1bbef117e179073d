"""One endpoint for all tests of the room that only use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.endpoint.served import Served, served


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws")) as system:
        yield system
