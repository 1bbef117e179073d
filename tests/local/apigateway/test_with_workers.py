"""The gateway in front of real workers."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.wire.server import HttpServer
from local.apigateway.raw_client import RawClient
from local.apigateway.serving import (
    FUNCTION_ARN,
    PROXY,
    forgotten_quotas,
    proxy_method,
    rest_api,
    rest_gateway,
)
from local.lambda_.running import Running, running

SOURCE = """
    import json
    def handler(event, context):
        if event["path"] == "/fails":
            raise ValueError("boom")
        return {"statusCode": 200, "body": json.dumps([event["path"], context.aws_request_id])}
"""
ARN = FUNCTION_ARN.replace("echo", "function")
API = rest_api("/{proxy+}", methods=(proxy_method(integration=replace(PROXY, function_arn=ARN)),))


@asynccontextmanager
async def client_of_workers() -> AsyncIterator[tuple[RawClient, Running]]:
    async with running(SOURCE) as served:
        with forgotten_quotas() as quotas:
            gateway = rest_gateway(API, served.pool, quotas, clock=SystemClock())
            server = HttpServer(gateway.handler(API.api_id))
            try:
                yield RawClient(await server.start(0)), served
            finally:
                await server.stop()


async def test_requests_are_answered_by_worker_processes() -> None:
    async with client_of_workers() as (client, _):
        response = await client.request("GET", "/stage/hello", [])
        failure = await client.request("GET", "/stage/fails", [])
    path, request_id = json.loads(response.body)
    assert (response.status, path, len(request_id)) == (200, "/hello", 36)
    assert (failure.status, failure.body) == (502, b'{"message": "Internal server error"}')


async def test_code_that_is_gone_is_an_error_of_the_api() -> None:
    async with client_of_workers() as (client, served):
        shutil.rmtree(served.code)
        response = await client.request("GET", "/stage/hello", [])
    assert (response.status, response.body) == (500, b'{"message": "Internal server error"}')
    assert response.header("x-amzn-requestid")
