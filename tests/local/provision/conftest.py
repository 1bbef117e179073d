from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from local.provision.engine_children import Bench, EngineUrls, running_engines


@pytest.fixture(scope="session")
def engine_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineUrls]:
    """Engines that the tests share: each test's stack has a name of its own."""
    with running_engines(tmp_path_factory.mktemp("engines")) as urls:
        yield urls


@pytest.fixture
def bench(engine_urls: EngineUrls, tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    name = f"stack-{crc32(request.node.nodeid.encode()):08x}"
    return Bench(engine_urls, tmp_path / "state", name)
