from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.endpoint.served import Served, served


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An AWS endpoint with its engines, for what functions leave in queues and topics."""
    with served(tmp_path_factory.mktemp("aws")) as system:
        yield system
