"""MOCK integrations, CORS preflight, and the trace header."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cloudworthy.local.apigateway.definition import (
    Integration,
    IntegrationResponse,
    IntegrationType,
    Method,
    RestApi,
    build_rest_apis,
)
from facts.facts import fact
from local.apigateway.deploying import deployment
from local.apigateway.serving import PREFLIGHT, rest_api, serving

STATUS_200 = {"application/json": '{"statusCode": 200}'}
# As the CDK writes it for several origins.
SEVERAL_ORIGINS = """#set($origin = $input.params().header.get("Origin"))
#if($origin == "")
  #set($origin = $input.params().header.get("origin"))
#end
#if($origin == "https://b.example")
  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end"""


def mock_api(integration: Integration, verb: str = "OPTIONS") -> RestApi:
    return rest_api("/x", methods=(Method("Mock", verb, integration),))


async def test_rest_mock_cors_002_override_in_the_request_template() -> None:
    expect = fact("rest-mock-cors-002").expect
    template = (
        f"#set($context.responseOverride.status = {expect['status']})"
        '#set($context.responseOverride.header.foo = "bar"){"statusCode": 200}'
    )
    integration = replace(PREFLIGHT, request_templates={"application/json": template})
    async with serving(mock_api(integration, "GET")) as served:
        response = await served.get("/stage/x")
    assert response.status == expect["status"]
    assert all(response.header(name) for name in expect["headers"])


async def test_rest_mock_cors_003_headers_of_a_mock() -> None:
    expect = fact("rest-mock-cors-003").expect
    integration = Integration(
        IntegrationType.MOCK, request_templates=STATUS_200, responses=(IntegrationResponse(200),)
    )
    async with serving(mock_api(integration, "GET")) as served:
        response = await served.get("/stage/x")
    names = {name.lower() for name, _ in response.headers}
    assert sorted(names) == sorted(expect["headers_present"])
    assert not {name.lower() for name in expect["headers_absent"]} & names


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Root=1-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    ],
)
async def test_rest_mock_cors_004_trace_header_of_a_function(sent: str) -> None:
    form = fact("rest-mock-cors-004").expect["headers"]["x-amzn-trace-id"]
    async with serving(rest_api("/x")) as served:
        response = await served.get("/stage/x", *([("X-Amzn-Trace-Id", sent)] if sent else []))
    header = response.header("x-amzn-trace-id") or ""
    names = [part.partition("=")[0] for part in header.split(";")]
    assert names == [part.partition("=")[0] for part in form.split(" ")[0].split(";")]
    assert header.startswith(sent)


async def test_rest_mock_cors_005_a_preflight_method_in_openapi() -> None:
    expect = fact("rest-mock-cors-005").expect["integration"]
    parameters = expect["responseParameters"]
    integration = {
        "type": expect["type"].lower(),
        "requestTemplates": STATUS_200,
        "responses": {
            "default": {"statusCode": 200, "responseParameters": dict.fromkeys(parameters, "'x'")}
        },
    }
    operation = {"x-amazon-apigateway-integration": integration}
    document = {"openapi": "3.0.1", "paths": {"/x": {"options": operation}}}
    (api,) = build_rest_apis(deployment({}, Body=document))
    async with serving(api) as served:
        response = await served.send("OPTIONS", "/stage/x")
    names = [parameter.removeprefix("method.response.header.") for parameter in parameters]
    assert [response.header(name) for name in names] == ["x"] * len(names)


@pytest.mark.parametrize("content_type", ["application/json", None])
async def test_rest_mock_cors_006_preflight(content_type: str | None) -> None:
    expect = fact("rest-mock-cors-006").expect
    headers = dict.fromkeys(expect["headers"], "'x'")
    integration = replace(PREFLIGHT, responses=(IntegrationResponse(204, header_values=headers),))
    sent = [("Content-Type", content_type)] if content_type else []
    async with serving(mock_api(integration)) as served:
        response = await served.send("OPTIONS", "/stage/x", sent)
    assert response.status == expect["status"]
    assert [response.header(name) for name in expect["headers"]] == ["x"] * len(headers)
    assert response.body.decode() == expect["body"]


async def test_rest_mock_cors_007_preflight_with_another_content_type() -> None:
    expect = fact("rest-mock-cors-007").expect
    async with serving(mock_api(PREFLIGHT)) as served:
        response = await served.send("OPTIONS", "/stage/x", [("Content-Type", "text/plain")])
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]


@pytest.mark.parametrize(
    ("header", "origin", "allowed"),
    [
        ("Origin", "https://b.example", "https://b.example"),
        ("origin", "https://b.example", "https://b.example"),
        ("Origin", "https://c.example", "https://a.example"),
        ("X-Other", "https://b.example", "https://a.example"),
    ],
)
async def test_rest_mock_cors_008_several_origins(header: str, origin: str, allowed: str) -> None:
    assert "$context.responseOverride.header" in fact("rest-mock-cors-008").expect["effect"]
    answer = IntegrationResponse(
        204,
        header_values={"Access-Control-Allow-Origin": "'https://a.example'", "Vary": "'Origin'"},
        templates={"application/json": SEVERAL_ORIGINS},
    )
    async with serving(mock_api(replace(PREFLIGHT, responses=(answer,)))) as served:
        response = await served.send("OPTIONS", "/stage/x", [(header, origin)])
    assert response.header("access-control-allow-origin") == allowed
    assert response.header("vary") == "Origin"


async def test_rest_mock_cors_009_no_cors_headers_of_its_own() -> None:
    assert "API Gateway adds NO CORS headers" in fact("rest-mock-cors-009").expect["effect"]
    async with serving(rest_api("/x")) as served:
        origin = ("Origin", "https://a.example")
        responses = [await served.get("/stage/x", origin), await served.get("/stage/y", origin)]
    names = {name.lower() for response in responses for name, _ in response.headers}
    assert not [name for name in names if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [(("4..", "2.."), 202), (("4..", ""), 202), (("", "2.."), 202), (("4..", "5.."), 500)],
)
async def test_rest_mock_cors_010_selection(patterns: tuple[str, str], expected: int) -> None:
    assert "no default → 500" in fact("rest-mock-cors-010").expect["effect"]
    statuses = [202 if pattern in ("", "2..") else 499 for pattern in patterns]
    if patterns == ("", "2.."):
        statuses[0] = 499
    integration = Integration(
        IntegrationType.MOCK,
        request_templates=STATUS_200,
        responses=tuple(
            IntegrationResponse(status, selection_pattern=pattern)
            for status, pattern in zip(statuses, patterns, strict=True)
        ),
    )
    async with serving(mock_api(integration, "GET")) as served:
        assert (await served.get("/stage/x")).status == expected
