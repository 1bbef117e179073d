from __future__ import annotations

import io
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from objects.handlers.wiring import application
from services.between import Between
from services.storage.aws import CREDENTIALS, admin, running_aws
from services.storage.http_api import ObjectsApi

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "Zq3" * 16


@dataclass(frozen=True)
class Storage:
    """A bucket and a secret of their own."""

    endpoint: str
    bucket_name: str
    secret_arn: str

    def environment(self, endpoint: str, **more: str) -> dict[str, str]:
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": endpoint,
            "BUCKET_NAME": self.bucket_name,
            "SECRET_ARN": self.secret_arn,
            "POWERTOOLS_SERVICE_NAME": f"objects-{uuid.uuid4()}",
            **more,
        }

    def rotate(self, token: str) -> None:
        client = admin("secretsmanager", self.endpoint)
        client.put_secret_value(SecretId=self.secret_arn, SecretString=json.dumps({"token": token}))


def storage_at(endpoint: str) -> Storage:
    name = f"objects-{uuid.uuid4()}"
    s3 = admin("s3", endpoint)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    secret = admin("secretsmanager", endpoint).create_secret(
        Name=name, SecretString=json.dumps({"token": TOKEN})
    )
    return Storage(endpoint, name, secret["ARN"])


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of one engine, shared by all tests."""
    with running_aws(tmp_path_factory.mktemp("aws")) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def shared(aws: str) -> Storage:
    """For tests that do not mind other objects in the bucket."""
    return storage_at(aws)


@pytest.fixture
def storage(aws: str) -> Storage:
    return storage_at(aws)


@pytest.fixture(scope="session")
def api(shared: Storage) -> ObjectsApi:
    return ObjectsApi(application(shared.environment(shared.endpoint), io.StringIO()))


@pytest.fixture(scope="session")
def counter(aws: str) -> Iterator[Between]:
    with Between(aws) as counter:
        yield counter


@pytest.fixture
def counting(counter: Between) -> Between:
    """A counter before the engine, at zero."""
    counter.asked.clear()
    counter.failures.clear()
    return counter


@pytest.fixture(scope="session")
def watched(shared: Storage, counter: Between) -> ObjectsApi:
    """The API with a counter between it and the engine."""
    return ObjectsApi(application(shared.environment(counter.url), io.StringIO()))
