from __future__ import annotations

import json
from typing import Any

from cloudworthy.local.apigateway.definition import AccessLog
from cloudworthy.local.apigateway.http.definition import RouteSettings, Stage
from local.apigateway.http.serving import (
    API_ID,
    AUTHORIZER,
    TOKEN,
    Served,
    http_api,
    route,
    serving,
)


def logged(text: str) -> Any:
    stage = Stage("Stage", "$default", access_log=AccessLog("access", text))
    guarded = route("GET /items/{id}", authorization=AUTHORIZER)
    return http_api(guarded, stages=(stage,))


async def test_an_access_log() -> None:
    text = json.dumps(
        {
            "id": "$context.requestId",
            "route": "$context.routeKey",
            "status": "$context.status",
            "agent": "$context.identity.userAgent",
            "who": "$context.authorizer.name",
            "why": "$context.error.message",
            "integration": "$context.integrationErrorMessage",
            "unknown": "$context.nonsense",
        }
    )
    agent = 'a"b'
    allowed = {"isAuthorized": True, "context": {"name": "me"}}
    async with serving(logged(text), authorizer=lambda _: allowed) as served:
        response = await served.get("/items/1", TOKEN, ("User-Agent", agent))
        await served.get("/nowhere", ("User-Agent", agent))
        first, second = (json.loads(line) for line in served.logs.groups["access"])
    assert first == {
        "id": response.header("apigw-requestid"),
        "route": "GET /items/{id}",
        "status": "200",
        "agent": agent,
        "who": "me",
        "why": "-",
        "integration": "-",
        "unknown": "-",
    }
    assert (second["route"], second["status"], second["why"]) == ("-", "404", "Not Found")


def values(served: Served, name: str, **dimensions: str) -> list[float]:
    wanted = tuple(sorted({"ApiId": API_ID, **dimensions}.items()))
    return [d.value for d in served.metrics.data if (d.name, d.dimensions) == (name, wanted)]


async def test_metrics_of_api_and_stage() -> None:
    async with serving(http_api("POST /x"), lambda _: {"statusCode": 500, "body": "abc"}) as served:
        await served.send("POST", "/x", [], b"12345")
        await served.get("/nowhere")
        for dimensions in ({}, {"Stage": "$default"}):
            assert values(served, "Count", **dimensions) == [1, 1]
            assert values(served, "5xx", **dimensions) == [1, 0]
            assert values(served, "4xx", **dimensions) == [0, 1]
            assert values(served, "DataProcessed", **dimensions) == [8, 23]
            assert len(values(served, "IntegrationLatency", **dimensions)) == 1
            assert len(values(served, "Latency", **dimensions)) == 2
        assert values(served, "Count", Method="POST", Resource="/x", Stage="$default") == []
        assert {d.namespace for d in served.metrics.data} == {"AWS/ApiGateway"}


async def test_detailed_metrics_of_a_route() -> None:
    detailed = Stage("S", "$default", default_settings=RouteSettings(detailed_metrics=True))
    async with serving(http_api("ANY /x/{id}", "$default", stages=(detailed,))) as served:
        await served.get("/x/1")
        await served.get("/other")
        found = {"Method": "GET", "Resource": "/x/{id}", "Stage": "$default"}
        assert values(served, "Count", **found) == [1]
        assert values(served, "Count", **(found | {"Resource": "$default"})) == [1]
