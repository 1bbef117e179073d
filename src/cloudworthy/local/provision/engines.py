"""Clients of the engines that hold the resources."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.identity import OWN_ACCESS_KEY

AwsClient = Any
"""A botocore client; its operations are made at run time."""


class ProvisionError(CloudworthyError):
    """An engine refused what a resource asks for, or did not answer."""


class Engines:
    """botocore clients, one a service, made when first asked for.

    botocore is imported only then: a start that changes nothing does without it.

    Parameters
    ----------
    dynamodb_url
        Where DynamoDB calls go.
    services_url
        Where the calls of every other service go.
    region
        The stack's region.
    """

    def __init__(self, dynamodb_url: str, services_url: str, region: str) -> None:
        self._urls = {"dynamodb": dynamodb_url}
        self._services_url = services_url
        self._region = region
        self._clients: dict[str, AwsClient] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> AwsClient:
        """The client of a service; safe to call, and to use, in several threads."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._connect(service)
            return self._clients[service]

    def _connect(self, service: str) -> AwsClient:
        import botocore.session  # noqa: PLC0415 - a second start does without it
        from botocore.config import Config  # noqa: PLC0415

        session = botocore.session.Session()
        session.set_config_variable("config_file", None)
        session.set_config_variable("credentials_file", None)
        return session.create_client(
            service,
            region_name=self._region,
            endpoint_url=self._urls.get(service, self._services_url),
            aws_access_key_id=OWN_ACCESS_KEY,
            aws_secret_access_key=OWN_ACCESS_KEY,
            config=Config(
                connect_timeout=5,
                read_timeout=60,
                retries={"max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path"},
                max_pool_connections=16,
            ),
        )


def error_code(error: Exception) -> str:
    """AWS's code of a botocore ``ClientError``; empty for any other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


@contextmanager
def unless(*codes: str) -> Iterator[None]:
    """Let an AWS error with one of these codes pass: what was asked for is so already."""
    try:
        yield
    except Exception as error:
        if error_code(error) not in codes:
            raise
