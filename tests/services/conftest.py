from __future__ import annotations

import io
import uuid
from typing import TYPE_CHECKING

import pytest

from items.handlers.wiring import application
from services.api import Api, environment
from services.engine import Between, create_tables, running_engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of one engine with the tables of web-app, shared by all tests."""
    with running_engine(tmp_path_factory.mktemp("dynamodb")) as endpoint:
        create_tables(endpoint)
        yield endpoint


@pytest.fixture(scope="session")
def api(dynamodb: str) -> Api:
    name = f"items-{uuid.uuid4()}"
    return Api(application(environment(dynamodb, POWERTOOLS_SERVICE_NAME=name), io.StringIO()))


@pytest.fixture
def between(dynamodb: str) -> Iterator[Between]:
    """A counter before the engine."""
    with Between(dynamodb) as between:
        yield between


@pytest.fixture
def watched(between: Between) -> Api:
    """The API with a counter between it and the engine."""
    name = f"items-{uuid.uuid4()}"
    variables = environment(between.endpoint, POWERTOOLS_SERVICE_NAME=name)
    return Api(application(variables, io.StringIO()))
