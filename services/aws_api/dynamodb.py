from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pydynox import DynamoDBClient

from aws_api.region import region_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def dynamodb_client(
    environment: Mapping[str, str], *, connect_s: float, read_s: float
) -> DynamoDBClient:
    """A client with the region, endpoint and credentials of a function's environment.

    One attempt a call: who calls knows what may be repeated. Of its log only errors are kept.
    """
    logging.getLogger("pydynox").setLevel(logging.ERROR)
    return DynamoDBClient(
        region=region_of(environment),
        endpoint_url=environment.get("AWS_ENDPOINT_URL_DYNAMODB")
        or environment.get("AWS_ENDPOINT_URL"),
        access_key=environment.get("AWS_ACCESS_KEY_ID"),
        secret_key=environment.get("AWS_SECRET_ACCESS_KEY"),
        session_token=environment.get("AWS_SESSION_TOKEN"),
        connect_timeout=connect_s,
        read_timeout=read_s,
        max_retries=1,
    )
