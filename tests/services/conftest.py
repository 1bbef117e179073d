from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.api import Api
from services.between import Between
from services.engine import create_tables, running_engine
from services.systems import WEB, System

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of one engine with the tables of all systems, shared by all tests."""
    with running_engine(tmp_path_factory.mktemp("dynamodb")) as endpoint:
        create_tables(endpoint)
        yield endpoint


@pytest.fixture(scope="session", params=[WEB], ids=str)
def system(request: pytest.FixtureRequest) -> System:
    """The system that a test is about: web-app, unless the test says otherwise."""
    system: System = request.param
    return system


@pytest.fixture(scope="session")
def api(system: System, dynamodb: str) -> Api:
    return Api(system.handler(dynamodb), system)


@pytest.fixture
def between(dynamodb: str) -> Iterator[Between]:
    """A counter before the engine."""
    with Between(dynamodb) as between:
        yield between


@pytest.fixture
def watched(system: System, between: Between) -> Api:
    """The API with a counter between it and the engine."""
    return Api(system.handler(between.url), system)
