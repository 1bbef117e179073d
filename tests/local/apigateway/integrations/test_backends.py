from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    AwsService,
    Integration,
    IntegrationResponse,
    IntegrationType,
    MethodSettings,
    Stage,
)
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.endpoint.identify import Identifier
from cloudworthy.local.endpoint.parse import parse_signature
from cloudworthy.local.gateway_services import GatewayServices
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.outbound import OutboundHttp
from local.apigateway.backends import (
    LAMBDA,
    ROLE,
    Services,
    WebServer,
    api_of,
    behind,
    service_integration,
)
from local.apigateway.serving import serving

HTTP = Integration(IntegrationType.HTTP, http_method="POST", responses=(IntegrationResponse(200),))
BODY = b'{"a": {"b": [1]}, "text": "it\'s"}'


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$input.json('$.a.b')", b"[1]"),
        ("$input.json('$.a.b[0]')", b"1"),
        ("$input.json(\"$['a']['b']\")", b"[1]"),
        ("$input.path('$.text')", b"it's"),
        ("$util.escapeJavaScript($input.path('$.text'))", b"it\\'s"),
    ],
)
async def test_templates_read_the_body(template: str, expected: bytes) -> None:
    web = WebServer()
    integration = replace(HTTP, request_templates={"application/json": template})
    async with behind(web, integration) as served:
        await served.send("POST", "/stage/x", [], BODY)
        bad = await served.send("POST", "/stage/x", [], b"no json")
    assert (web.request.body, bad.status) == (expected, 400)


@pytest.mark.parametrize(
    ("override", "status"),
    [
        ("$context.responseOverride.status = $input.params('s')", 500),
        ("$context.responseOverride.status = 99", 500),
        ("$context.responseOverride.status = 600", 500),
        ("$context.responseOverride.status = [404]", 500),
        ("$context.responseOverride = 'x'", 500),
        ("$context.responseOverride.header = 'x'", 500),
        ("$context.requestOverride.path = 5", 500),
        ("$context.responseOverride.status = '404'", 404),
        ("$context.responseOverride.status = ''", 200),
    ],
)
async def test_overrides_that_cannot_be(override: str, status: int) -> None:
    template = {"application/json": f"#set({override})"}
    responses = (IntegrationResponse(200, templates=template),)
    stage = Stage("Stage", "stage", settings=(MethodSettings("/*", "*", "ERROR"),))
    integration = replace(HTTP, responses=responses)
    async with behind(WebServer(), integration, stages=(stage,)) as served:
        response = await served.get("/stage/x?s=oops")
        logs = "".join(served.logs.groups.get("API-Gateway-Execution-Logs_abcde12345/stage", []))
    assert response.status == status
    assert ("configuration error" in logs) is (status == 500)


async def test_parameters_go_where_they_are_mapped_to() -> None:
    web = WebServer()
    integration = replace(
        HTTP,
        address="/to/{name}",
        request_parameters={
            "path.name": "method.request.path.id",
            "querystring.q": "method.request.multivaluequerystring.q",
            "header.X-Body": "method.request.body.a.b",
            "header.X-Text": "'static'",
            "header.X-Stage": "context.stage",
            "header.X-None": "method.request.header.none",
        },
    )
    async with behind(web, integration, "/{id}") as served:
        await served.send("POST", "/stage/a%20b?q=1&q=2&r=3", [], BODY)
    assert web.request.target == "/to/a%20b?q=1&q=2"
    names = ("x-body", "x-text", "x-stage", "x-none")
    assert [web.request.header(name) for name in names] == ["[1]", "static", "stage", None]


async def test_a_proxy_passes_everything_on() -> None:
    web = WebServer(response=Response(201, [("X-Own", "1"), ("Content-Type", "text/x")], b"made"))
    proxy = Integration(
        IntegrationType.HTTP_PROXY,
        http_method="ANY",
        address="/{proxy}",
        request_parameters={"path.proxy": "method.request.path.proxy"},
    )
    async with behind(web, proxy, "/{proxy+}") as served:
        response = await served.send("PUT", "/stage/a/b?c=d", [("X-Sent", "1")], b"\xff\x00")
    assert (web.request.method, web.request.target) == ("PUT", "/a/b?c=d")
    assert (web.request.header("x-sent"), web.request.body) == ("1", b"\xff\x00")
    assert (response.status, response.header("x-own"), response.body) == (201, "1", b"made")


async def test_servers_that_do_not_answer() -> None:
    unreachable = replace(HTTP, address="http://127.0.0.1:1/")
    async with serving(api_of(unreachable), outbound=OutboundHttp()) as served:
        response = await served.get("/stage/x")
    assert response.status == 504
    assert json.loads(response.body) == {"message": "Network error communicating with endpoint"}


async def test_a_function_that_takes_too_long() -> None:
    async def slow(_event: Any) -> None:
        await asyncio.Event().wait()

    async with serving(api_of(replace(LAMBDA, timeout_s=0.05)), slow) as served:
        response = await served.get("/stage/x")
    assert response.status == 504
    assert json.loads(response.body) == {"message": "Endpoint request timed out"}


async def test_the_error_of_a_function_selects_the_response() -> None:
    responses = (
        IntegrationResponse(200),
        IntegrationResponse(
            404,
            selection_pattern="Not found.*",
            header_values={"X-Message": "integration.response.body.errorMessage"},
            templates={"application/json": "{\"why\": $input.json('$.errorMessage')}"},
        ),
    )

    def fail(event: Any) -> InvocationResult:
        failure = json.dumps({"errorMessage": event["say"]}).encode()
        return InvocationResult("request", failure, function_error="Unhandled")

    async with serving(api_of(replace(LAMBDA, responses=responses)), fail) as served:
        missing = await served.send("POST", "/stage/x", [], b'{"say": "Not found: a"}')
        other = await served.send("POST", "/stage/x", [], b'{"say": "broken"}')
        no_json = await served.send("POST", "/stage/x", [], b"{")
    assert (missing.status, missing.header("x-message")) == (404, "Not found: a")
    assert json.loads(missing.body) == {"why": "Not found: a"}
    assert (other.status, json.loads(other.body)) == (200, {"errorMessage": "broken"})
    assert no_json.status == 400


async def test_no_response_for_an_answer() -> None:
    only = (IntegrationResponse(404, selection_pattern="4\\d\\d"),)
    async with serving(api_of(replace(LAMBDA, responses=only)), lambda _event: 1) as served:
        assert (await served.get("/stage/x")).status == 500


@pytest.mark.parametrize(
    ("service", "action", "header", "value"),
    [
        ("dynamodb", "GetItem", "x-amz-target", "DynamoDB_20120810.GetItem"),
        ("states", "StartExecution", "x-amz-target", "AWSStepFunctions.StartExecution"),
        ("sns", "Publish", "content-type", "application/x-www-form-urlencoded"),
    ],
)
async def test_actions(service: str, action: str, header: str, value: str) -> None:
    services = Services()
    integration = service_integration(
        service, action, request_parameters={"querystring.Message": "'a b'"}
    )
    async with serving(api_of(integration), services=services) as served:
        response = await served.send("POST", "/stage/x", [], BODY)
    assert response.status == 200
    assert services.call.header(header) == value
    if service == "sns":
        assert services.call.body == b"Action=Publish&Version=2010-03-31&Message=a+b"
    else:
        assert services.call.body == BODY


async def test_a_role_that_does_not_trust_api_gateway() -> None:
    integration = service_integration("sqs", path="/queue")
    assert integration.service is not None
    refused = replace(integration, service=replace(integration.service, assumable=False))
    services = Services()
    async with serving(api_of(refused), services=services) as served:
        assert (await served.get("/stage/x")).status == 500
    assert services.calls == []


async def test_calls_are_signed_as_the_role() -> None:
    store, clock = CredentialStore("000000000000"), SystemClock()
    operation = Operation("dynamodb", "GetItem", Protocol.JSON_1_0)
    arns: list[str] = []

    async def endpoint(request: Request) -> Response:
        principal = Identifier(store, clock).identify(request, parse_signature(request), operation)
        arns.append(principal.arn)
        return Response(200, [], request.body)

    services = GatewayServices(endpoint, store)
    service = AwsService("dynamodb", "us-east-1", ROLE, "GetItem")
    request = Request("POST", "/a%20b?c=d", [("X-Amz-Target", "DynamoDB_20120810.GetItem")], b"{}")
    assert (await services.send(request, service)).body == b"{}"
    assert arns == ["arn:aws:sts::000000000000:assumed-role/gateway/BackplaneAssumeRoleSession"]


@pytest.mark.parametrize(
    ("integration", "query", "header"),
    [
        (
            replace(
                HTTP,
                request_templates={
                    "application/json": "#set($context.requestOverride.header.X = "
                    "$input.params('q'))"
                },
            ),
            "a%0d%0aX-Admin:1",
            "a  X-Admin:1",
        ),
        (
            replace(HTTP, request_parameters={"header.X": "method.request.querystring.q"}),
            "a%0d%0aX-Admin:1",
            "a  X-Admin:1",
        ),
        (
            replace(HTTP, request_parameters={"header.X": "method.request.querystring.q"}),
            "%E4%B8%AD",
            "?",
        ),
    ],
)
async def test_what_a_caller_says_stays_within_its_header(
    integration: Integration, query: str, header: str
) -> None:
    web = WebServer()
    async with behind(web, integration) as served:
        response = await served.get(f"/stage/x?q={query}")
    assert response.status == 200
    assert (web.request.header("x"), web.request.header("x-admin")) == (header, None)
