"""Lambda authorizers of HTTP APIs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import Stage
from cloudworthy.local.model.functions import InvocationResult
from facts.facts import fact
from local.apigateway.http.serving import AUTHORIZER, TOKEN, http_api, route, serving

API = http_api(route("GET /items/{id}", authorization=AUTHORIZER))


async def test_httpapi_behaviour_019_not_authorized() -> None:
    expect = fact("httpapi-behaviour-019").expect
    answer = json.loads(
        fact("httpapi-behaviour-019").request.replace("isA", '"isA').replace(":", '":')
    )
    async with serving(API, authorizer=lambda _: answer) as served:
        response = await served.get("/items/1", TOKEN)
        assert served.events() == []
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]


async def test_httpapi_behaviour_020_identity_source_missing() -> None:
    expect = fact("httpapi-behaviour-020").expect
    async with serving(API) as served:
        response = await served.get("/items/1")
        assert bool(served.events("authorizer")) is expect["authorizer_invoked"]
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]


@pytest.mark.parametrize(
    "answer",
    [
        InvocationResult("r", b'{"errorMessage": "Unauthorized"}', function_error="Unhandled"),
        "yes",
        {"isAuthorized": "true"},
        {"isAuthorized": True, "context": "x"},
    ],
)
async def test_httpapi_behaviour_021_authorizer_fails(answer: Any) -> None:
    expect = fact("httpapi-behaviour-021").expect
    async with serving(API, authorizer=lambda _: answer) as served:
        response = await served.get("/items/1", TOKEN)
        assert served.events() == []
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]


async def test_httpapi_behaviour_022_event_of_the_authorizer() -> None:
    expect = fact("httpapi-behaviour-022").expect
    stage = Stage("Stage", "$default", variables={"a": "b"})
    api = http_api(*API.routes, stages=(stage,))
    async with serving(api, authorizer=lambda _: {"isAuthorized": True}) as served:
        await served.get("/items/1?a=b", TOKEN, ("Cookie", "a=b"))
        (event,) = served.events("authorizer")
    assert set(event) == {key.partition(" ")[0] for key in expect["authorizer_event_keys"]}
    assert event["type"] == expect["type"]
    assert event["identitySource"] == [TOKEN[1]]
    assert event["routeArn"] == (
        "arn:aws:execute-api:us-east-1:000000000000:abcde12345/$default/GET/items/1"
    )
