"""Integrations with web servers, AWS services, and functions that are no proxies."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    Integration,
    IntegrationResponse,
    IntegrationType,
    MethodSettings,
    Stage,
    build_rest_apis,
)
from cloudworthy.local.model.functions import InvocationResult, InvocationType
from cloudworthy.local.model.http import Response
from cloudworthy.local.wire.outbound import OutboundHttp
from facts.facts import fact
from local.apigateway.backends import (
    LAMBDA,
    Services,
    WebServer,
    api_of,
    behind,
    service_integration,
)
from local.apigateway.deploying import deployment
from local.apigateway.serving import PROXY, rest_api, serving

HTTP = Integration(IntegrationType.HTTP, http_method="ANY", responses=(IntegrationResponse(200),))
HTTP_PROXY = Integration(IntegrationType.HTTP_PROXY, http_method="ANY")
SQS_ANSWER = b"""<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">
<SendMessageResult><MessageId>an-id</MessageId></SendMessageResult>
<ResponseMetadata><RequestId>a-request</RequestId></ResponseMetadata></SendMessageResponse>"""


def as_json(template: str) -> dict[str, str]:
    return {"application/json": template}


async def test_rest_aws_http_integrations_001_headers_of_an_event() -> None:
    expect = fact("rest-aws-http-integrations-001").expect
    names = [*expect["dropped_from_event"], *expect["kept"]]
    # Of these the connection to the gateway itself makes use.
    sent = [(n, "x") for n in names if n not in ("Content-Length", "Transfer-Encoding", "Expect")]
    async with serving(rest_api("/x", endpoint_type="REGIONAL")) as served:
        await served.get("/stage/x", *[(n, v) for n, v in sent if n != "Upgrade"])
        headers = served.functions.event["headers"]
    assert set(expect["kept"]) <= set(headers)
    assert not set(expect["dropped_from_event"]) & set(headers)


@pytest.mark.parametrize("kind", ["AWS", "AWS_PROXY"])
async def test_rest_aws_http_integrations_002_headers_that_may_not_be_mapped(kind: str) -> None:
    case = fact("rest-aws-http-integrations-002")
    names = case.precondition.partition(" for H in ")[2].partition(" (")[0].split(", ")
    assert len(names) == 7
    for name in names:
        integration = replace(
            LAMBDA if kind == "AWS" else PROXY, request_parameters={f"header.{name}": "'x'"}
        )
        async with serving(api_of(integration)) as served:
            response = await served.get("/stage/x")
            assert served.functions.requests == []
        assert response.status == case.expect["status"]
        assert json.loads(response.body) == case.expect["body"]
        for header, value in case.expect["headers"].items():
            assert response.header(header) == value
        assert [response.header(header) for header in case.expect["absent"]] == [None]


async def test_rest_aws_http_integrations_003_headers_of_an_answer() -> None:
    expect = fact("rest-aws-http-integrations-003").expect
    remapped = expect["headers"]["x-amzn-Remapped-<H>"]
    names = [*remapped, *expect["not_remapped"], *expect["dropped"]]
    mapped = IntegrationResponse(200, header_values={name: f"'{name}-mapped'" for name in names})
    async with serving(api_of(replace(LAMBDA, responses=(mapped,)))) as served:
        response = await served.get("/stage/x")
    for name in remapped:
        assert response.header(f"x-amzn-Remapped-{name}") == f"{name}-mapped"
    for name in expect["not_remapped"]:
        assert response.header(name) == f"{name}-mapped"
    for name in expect["dropped"]:
        assert response.header(name) is None
        assert response.header(f"x-amzn-Remapped-{name}") is None


async def test_rest_aws_http_integrations_004_headers_that_a_web_server_gets() -> None:
    expect = fact("rest-aws-http-integrations-004").expect["sent_to_backend"]
    web = WebServer()
    async with behind(web, HTTP) as served:
        await served.get("/stage/x", ("User-Agent", "curl"), ("X-Other", "1"))
    for name, value in expect.items():
        found = web.request.header(name)
        assert found is not None
        assert value in ("…", found.replace("abcde12345", "<apiId>"))
    assert web.request.header("x-other") is None


async def test_rest_aws_http_integrations_005_headers_of_a_web_servers_answer() -> None:
    expect = fact("rest-aws-http-integrations-005").expect
    web = WebServer(response=Response(200, [("Server", "nginx"), ("Connection", "keep-alive")]))
    async with behind(web, HTTP_PROXY) as served:
        response = await served.get("/stage/x")
    for name in expect["response_remapped"]:
        assert response.header(name) is not None, name
    assert response.header(expect["absent"][0].partition(" ")[0]) is None


@pytest.mark.parametrize("kind", ["HTTP", "HTTP_PROXY"])
async def test_rest_aws_http_integrations_006_status_of_a_web_server(kind: str) -> None:
    expect = fact("rest-aws-http-integrations-006").expect[kind]
    web = WebServer(response=Response(400, [], b"refused"))
    async with behind(web, HTTP if kind == "HTTP" else HTTP_PROXY) as served:
        response = await served.get("/stage/x")
    assert str(response.status) in expect
    assert response.body == b"refused"


async def test_rest_aws_http_integrations_008_a_function_without_templates() -> None:
    assert fact("rest-aws-http-integrations-008").expect["event"].endswith("as-is")
    body = b'{"a": [1, {"b": null}]}'
    async with serving(api_of(LAMBDA), lambda event: {"got": event}) as served:
        response = await served.send("POST", "/stage/x", [], body)
        assert served.functions.event == json.loads(body)
    assert json.loads(response.body) == {"got": json.loads(body)}


async def test_rest_aws_http_integrations_010_an_asynchronous_invocation() -> None:
    expect = fact("rest-aws-http-integrations-010").expect
    integration = replace(LAMBDA, request_parameters={"header.X-Amz-Invocation-Type": "'Event'"})
    async with serving(api_of(integration), _accepted) as served:
        response = await served.send("POST", "/stage/x", [], b"{}")
        (request,) = served.functions.requests
    assert request.invocation_type is InvocationType.EVENT
    assert (response.status, response.body.decode()) == (expect["status"], expect["body"])


def _accepted(_event: Any) -> InvocationResult:
    return InvocationResult("accepted", b"")


async def _rendered(template: str, body: bytes) -> str:
    """What a request template makes of a body."""
    web = WebServer()
    async with behind(web, replace(HTTP, request_templates=as_json(template))) as served:
        await served.send("POST", "/stage/x", [], body)
    return web.request.body.decode()


async def test_rest_aws_http_integrations_011_an_empty_body_in_a_template() -> None:
    for template, expected in fact("rest-aws-http-integrations-011").expect.items():
        assert await _rendered(template, b"") == expected


async def test_rest_aws_http_integrations_012_url_encoding_in_a_template() -> None:
    case = fact("rest-aws-http-integrations-012")
    body = case.request.partition("'")[2].rstrip("'").encode()
    assert await _rendered("$util.urlEncode($input.body)", body) == case.expect["renders"]


def test_rest_aws_http_integrations_014_defaults() -> None:
    expect = fact("rest-aws-http-integrations-014").expect
    mock = {"Integration": {"Type": "MOCK"}}
    (api,) = build_rest_apis(deployment({"/x": {"GET": mock}}))
    (method,) = next(resource for resource in api.resources if resource.path == "/x").methods
    assert method.integration.passthrough == expect["passthroughBehavior"]
    assert method.integration.timeout_s * 1000 == expect["timeoutInMillis"]
    # Without a namespace of its own, a method's answers are kept under its resource.
    assert method.cache_key.namespace == ""


async def test_rest_aws_http_integrations_015_a_message_for_a_queue() -> None:
    expect = fact("rest-aws-http-integrations-015").expect
    integration = service_integration(
        "sqs",
        path="/000000000000/queue",
        request_parameters={"header.Content-Type": "'application/x-www-form-urlencoded'"},
        request_templates=as_json("Action=SendMessage&MessageBody=$util.urlEncode($input.body)"),
    )
    services = Services(lambda _request: Response(200, [("Content-Type", "text/xml")], SQS_ANSWER))
    async with serving(api_of(integration), services=services) as served:
        response = await served.send("POST", "/stage/x", [], b'{"a": 1}')
    assert response.status == expect["status"]
    assert services.call.target == "/000000000000/queue"
    assert services.call.body == b"Action=SendMessage&MessageBody=%7B%22a%22%3A+1%7D"
    result = json.loads(response.body)["SendMessageResponse"]["SendMessageResult"]
    assert result == {"MessageId": "an-id"}


async def test_rest_aws_http_integrations_017_an_address_that_is_none() -> None:
    expect = fact("rest-aws-http-integrations-017").expect
    logged = Stage("Stage", "stage", settings=(MethodSettings("/*", "*", logging_level="ERROR"),))
    api = replace(api_of(replace(HTTP_PROXY, address="http://no..host/")), stages=(logged,))
    async with serving(api, outbound=OutboundHttp()) as served:
        response = await served.get("/stage/x")
        ((line,),) = served.logs.groups.values()
    assert response.status == expect["status"]
    assert line.endswith(expect["log"])


async def test_rest_aws_http_integrations_018_a_body_that_is_not_base64() -> None:
    expect = fact("rest-aws-http-integrations-018").expect
    web = WebServer()
    async with behind(web, replace(HTTP, content_handling="CONVERT_TO_BINARY")) as served:
        binary = await served.send("POST", "/stage/x", [], b"/wA=")
        response = await served.send("POST", "/stage/x", [], b"no base64!")
    assert (binary.status, web.request.body, len(web.requests)) == (200, b"\xff\x00", 1)
    assert response.status == expect["status"]


async def test_rest_aws_http_integrations_018_an_answer_that_is_not_base64() -> None:
    expect = fact("rest-aws-http-integrations-018").expect
    integration = service_integration(
        "s3",
        path="/bucket/key",
        responses=(IntegrationResponse(200, content_handling="CONVERT_TO_BINARY"),),
    )
    services = Services(lambda request: Response(200, [], request.body))
    async with serving(api_of(integration), services=services) as served:
        binary = await served.send("POST", "/stage/x", [], b"/wA=")
        response = await served.send("POST", "/stage/x", [], b"no base64!")
    assert (binary.status, binary.body) == (200, b"\xff\x00")
    assert response.status == expect["status"]


OTHER_TYPE = ("Content-Type", "text/plain")


@pytest.mark.parametrize("kind", ["AWS", "HTTP"])
@pytest.mark.parametrize("passthrough", ["NEVER", "WHEN_NO_TEMPLATES"])
async def test_rest_errors_016_a_content_type_without_a_template(
    kind: str, passthrough: str
) -> None:
    expect = fact("rest-errors-016").expect
    integration = replace(
        replace(HTTP, address="http://127.0.0.1:1/") if kind == "HTTP" else LAMBDA,
        passthrough=passthrough,
        request_templates=as_json("{}"),
    )
    async with serving(api_of(integration)) as served:
        response = await served.send("POST", "/stage/x", [OTHER_TYPE], b"text")
        assert served.functions.requests == []
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    assert response.header("x-amzn-ErrorType") == expect["headers"]["x-amzn-ErrorType"]


async def test_rest_errors_017_a_body_that_passes_through() -> None:
    assert fact("rest-errors-017").expect["effect"].startswith("body passed through")
    web = WebServer()
    integration = replace(HTTP, passthrough="WHEN_NO_MATCH", request_templates=as_json("changed"))
    async with behind(web, integration) as served:
        await served.send("POST", "/stage/x", [OTHER_TYPE], b"as it was")
    assert web.request.body == b"as it was"


async def test_rest_errors_018_a_request_without_a_content_type() -> None:
    assert fact("rest-errors-018").expect["effect"] == "treated as application/json"
    integration = replace(LAMBDA, request_templates=as_json('{"from": "template"}'))
    async with serving(api_of(integration)) as served:
        await served.send("POST", "/stage/x", [], b'{"a": 1}')
        assert served.functions.event == {"from": "template"}
