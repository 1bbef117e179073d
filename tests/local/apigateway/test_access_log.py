from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cloudworthy.local.apigateway.context import GETTERS
from cloudworthy.local.apigateway.definition import AccessLog, RestApi, Stage
from local.apigateway.serving import Served, rest_api, serving


def logged(text: str) -> RestApi:
    stage = Stage("Stage", "stage", "dep", access_log=AccessLog("access", text))
    return replace(rest_api("/items/{id}"), stages=(stage,))


def lines(served: Served) -> list[str]:
    return served.logs.groups["access"]


async def test_the_common_log_format() -> None:
    text = (
        "$context.identity.sourceIp $context.identity.caller [$context.requestTime] "
        '"$context.httpMethod $context.resourcePath $context.protocol" '
        "$context.status $context.responseLength $context.requestId."
    )
    async with serving(logged(text)) as served:
        response = await served.get("/stage/items/7")
    assert lines(served) == [
        (
            "127.0.0.1 - [02/Jan/2026:03:04:05 +0000] "
            f'"GET /items/{{id}} HTTP/1.1" 200 2 {response.header("x-amzn-requestid")}.'
        )
    ]


async def test_a_json_format_stays_json() -> None:
    text = json.dumps({"id": "$context.requestId", "agent": "$context.identity.userAgent"})
    agent = 'a"b\\c\td'
    async with serving(logged(text)) as served:
        await served.get("/stage/items/7", ("User-Agent", agent))
    assert json.loads(lines(served)[0])["agent"] == agent


async def test_an_error_is_logged_with_its_reason() -> None:
    text = '{"error":$context.error.messageString,"type":"$context.error.responseType"}'
    async with serving(logged(text)) as served:
        await served.get("/stage/nowhere")
    assert json.loads(lines(served)[0]) == {
        "error": "Missing Authentication Token",
        "type": "MISSING_AUTHENTICATION_TOKEN",
    }


@pytest.mark.parametrize("name", sorted(GETTERS))
async def test_every_variable_has_a_text(name: str) -> None:
    async with serving(logged(f"$context.{name}|")) as served:
        await served.get("/stage/items/7")
        await served.get("/stage/nowhere")
        await served.get("/other")
    assert len(lines(served)) == 2
    assert all(line.endswith("|") and "$" not in line for line in lines(served))


async def test_a_variable_without_a_value() -> None:
    async with serving(logged("$context.authorizer.principalId $context.unheard.of")) as served:
        await served.get("/stage/items/7")
    assert lines(served) == ["- -"]
