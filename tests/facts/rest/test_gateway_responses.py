"""Answers of the gateway itself, customised."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import GatewayResponse, RestApi
from cloudworthy.local.apigateway.gateway_response import DEFAULT_TEMPLATE
from facts.facts import fact
from local.apigateway.authorizing import authorized_api, lambda_authorizer
from local.apigateway.serving import rest_api, serving


def customised(*responses: GatewayResponse) -> RestApi:
    return rest_api("/x", gateway_responses={each.response_type: each for each in responses})


def malformed(_event: Any) -> str:
    return "not an answer"


def test_rest_gateway_responses_001_default_template() -> None:
    expect = fact("rest-gateway-responses-001").expect
    assert expect["responseTemplates"] == {"application/json": DEFAULT_TEMPLATE}


async def test_rest_gateway_responses_003_types_inherit_from_the_default() -> None:
    assert "inherit statusCode" in fact("rest-gateway-responses-003").expect["effect"]
    api = customised(
        GatewayResponse("DEFAULT_5XX", 599, {"X-From": "'5XX'"}, {"application/json": "five"}),
        GatewayResponse("DEFAULT_4XX", 499, {"X-From": "'4XX'"}, {"application/json": "four"}),
        GatewayResponse("INVALID_API_KEY", 403, {"X-From": "'own'"}),
    )
    async with serving(api, malformed) as served:
        five, four, own = [
            await served.get(target) for target in ("/stage/x", "/stage/y", "/other/x")
        ]
    assert [(five.status, five.header("x-from")), five.body] == [(599, "5XX"), b"five"]
    assert [(four.status, four.header("x-from")), four.body] == [(499, "4XX"), b"four"]
    assert [(own.status, own.header("x-from")), own.body] == [
        (403, "own"),
        b'{"message":"Forbidden"}',
    ]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'*'", "*"),
        ("context.error.responseType", "MISSING_AUTHENTICATION_TOKEN"),
        ("method.request.header.Origin", "https://a.example"),
    ],
)
async def test_rest_gateway_responses_004_headers(expression: str, value: str) -> None:
    assert fact("rest-gateway-responses-004").expect["effect"].startswith("header added")
    api = customised(GatewayResponse("DEFAULT_4XX", header_values={"X-Added": expression}))
    async with serving(api) as served:
        response = await served.get("/stage/y", ("Origin", "https://a.example"))
    assert response.header("x-added") == value
    assert response.body == b'{"message":"Missing Authentication Token"}'


async def test_rest_gateway_responses_005_variables_of_templates() -> None:
    names = [
        re.findall(r"\$context\.[\w.]+", entry)[0]
        for entry in fact("rest-gateway-responses-005").expect["context"]
    ]
    template = "\n".join([*names, "#set($x = 1)"])
    api = customised(GatewayResponse("DEFAULT_4XX", templates={"application/json": template}))
    async with serving(api) as served:
        response = await served.get("/stage/y")
    values = dict(zip(names, response.body.decode().split("\n"), strict=False))
    assert values == {
        "$context.error.message": "Missing Authentication Token",
        "$context.error.messageString": '"Missing Authentication Token"',
        "$context.error.validationErrorString": "",
        "$context.error.responseType": "MISSING_AUTHENTICATION_TOKEN",
        "$context.requestId": response.header("x-amzn-requestid"),
    }
    assert response.body.endswith(b"#set($x = 1)")


async def test_rest_gateway_responses_006_error_without_a_message() -> None:
    expect = fact("rest-gateway-responses-006").expect
    # The function of the authorizer is not there.
    async with serving(authorized_api(authorizer=lambda_authorizer())) as served:
        response = await served.get("/stage/x", ("Authorization", "token"))
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    for name, value in expect["headers"].items():
        assert response.header(name) == value
