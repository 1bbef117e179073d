from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.session import get_session

from aws_api.region import region_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.client import BaseClient

_ENDPOINT_VARIABLES = {
    "s3": "AWS_ENDPOINT_URL_S3",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
}

_SIGNATURE_VERSIONS = {"s3": "s3v4", "secretsmanager": "v4"}
"""botocore would sign URLs of S3 with version 2, which newer buckets do not take."""


class AwsSession:
    """Makes clients with the region, endpoint and credentials of a function's environment.

    botocore rather than boto3, which adds 0.1 s to a cold start. One session makes all clients
    of a function: what it has read of the services' descriptions is read once.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._session = get_session()
        self.region = region_of(environment)

    def client(self, service: str, *, connect_s: float, read_s: float) -> BaseClient:
        """A client that repeats nothing: who calls knows what may be repeated (`Repeats`)."""
        config = Config(
            connect_timeout=connect_s,
            read_timeout=read_s,
            retries={"total_max_attempts": 1, "mode": "standard"},
            signature_version=_SIGNATURE_VERSIONS[service],
        )
        environment = self._environment
        return self._session.create_client(
            service,
            region_name=self.region,
            endpoint_url=environment.get(_ENDPOINT_VARIABLES[service])
            or environment.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=environment.get("AWS_SESSION_TOKEN"),
            config=config,
        )
