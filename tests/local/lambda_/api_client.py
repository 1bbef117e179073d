"""boto3's Lambda client, talking to the API over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import boto3
from botocore.config import Config

from cloudworthy.local.lambda_.api import LambdaApi
from cloudworthy.local.model.functions import Invoker
from cloudworthy.local.wire.server import HttpServer
from local.lambda_.running import ACCOUNT, REGION, Running


@asynccontextmanager
async def client_of(served: Running, invoker: Invoker | None = None) -> AsyncIterator[Any]:
    """A client whose calls run the functions; ``invoker`` is asked in the place of the pool."""
    api = LambdaApi(served.pool, invoker or served.pool, region=REGION, account=ACCOUNT)
    server = HttpServer(api.handle)
    port = await server.start(0)
    client = boto3.client(
        "lambda",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    try:
        yield client
    finally:
        client.close()
        await server.stop()
