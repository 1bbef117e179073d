"""What a caller of an HTTP API is answered."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import (
    HttpIntegration,
    RouteSettings,
    Stage,
)
from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.server import HttpServer
from facts.facts import fact
from local.apigateway.http.serving import V1, V2, http_api, route, serving

EVERYTHING = http_api(route("$default"))


async def answer_to(answer: Any, *, payload_v1: bool = False) -> Response:
    """What a caller gets when the function returns this."""
    api = http_api(route("$default", V1 if payload_v1 else V2))
    async with serving(api, lambda _: answer) as served:
        return await served.get("/")


def assert_error(response: Response, expect: dict[str, Any]) -> None:
    body = expect["body"]
    assert response.status == expect["status"]
    assert json.loads(response.body) == (json.loads(body) if isinstance(body, str) else body)
    assert response.header("content-type") == "application/json"


@pytest.mark.parametrize("value", [{"message": "hi"}, ["a", 1], 5, None, True, {"a": {"b": None}}])
async def test_httpapi_behaviour_001_inferred_response(value: Any) -> None:
    expect = fact("httpapi-behaviour-001").expect
    response = await answer_to(value)
    assert response.status == expect["status"]
    assert response.header("content-type") == expect["headers"]["content-type"]
    assert json.loads(response.body) == value


async def test_httpapi_behaviour_002_plain_string() -> None:
    expect = fact("httpapi-behaviour-002").expect
    response = await answer_to('He said "hi"')
    assert response.status == expect["status"]
    assert response.header("content-type") == expect["headers"]["content-type"]
    assert response.body == b'He said "hi"'


async def test_httpapi_behaviour_003_full_response() -> None:
    expect = fact("httpapi-behaviour-003").expect
    assert "one set-cookie header" in expect["cookies"]
    body = base64.b64encode(b"\x89PNG").decode()
    response = await answer_to(
        {
            "statusCode": 201,
            "headers": {"Content-Type": "image/png", "X-One": "1"},
            "cookies": ["a=b; Path=/", "c=d"],
            "body": body,
            "isBase64Encoded": True,
        }
    )
    cookies = [value for name, value in response.headers if name.lower() == "set-cookie"]
    assert (response.status, response.body) == (201, b"\x89PNG")
    assert cookies == ["a=b; Path=/", "c=d"]
    assert response.header("x-one") == "1"


async def test_httpapi_behaviour_004_no_permission() -> None:
    elsewhere = "arn:aws:execute-api:us-east-1:000000000000:abcde12345/*/*/other"
    api = http_api(route("GET /x", replace(V2, permitted_sources=(elsewhere,))))
    async with serving(api) as served:
        response = await served.get("/x")
        assert served.functions.requests == []
    assert_error(response, fact("httpapi-behaviour-004").expect)


async def test_httpapi_behaviour_005_no_route() -> None:
    case = fact("httpapi-behaviour-005")
    async with serving(http_api("GET /x")) as served:
        response = await served.get("/y")
    assert_error(response, case.expect)
    assert len(response.body) == int(case.note.partition(" ")[0])
    assert response.header("apigw-requestid")


async def test_httpapi_behaviour_006_route_of_another_method() -> None:
    async with serving(http_api("GET /x")) as served:
        assert_error(await served.send("POST", "/x"), fact("httpapi-behaviour-006").expect)


async def test_httpapi_behaviour_007_priority() -> None:
    order = fact("httpapi-behaviour-007").expect["order"]
    assert [entry.partition(" ")[0] for entry in order] == ["full", "path", "$default"]
    keys = ["$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /pets/dog/{id}",
            "ANY /pets/dog/1", "GET /pets/dog/1"]  # fmt: skip
    cases = {
        "GET /pets/dog/1": "GET /pets/dog/1",
        "POST /pets/dog/1": "ANY /pets/dog/1",
        "GET /pets/dog/2": "GET /pets/dog/{id}",
        "GET /pets/cat/1": "GET /pets/{proxy+}",
        "POST /test/5": "ANY /{proxy+}",
        "GET /": "$default",
    }
    async with serving(http_api(*keys)) as served:
        for request in cases:
            method, path = request.split(" ")
            await served.send(method, path)
        assert [event["routeKey"] for event in served.events()] == list(cases.values())


async def test_httpapi_behaviour_008_stages() -> None:
    assert "first path segment" in fact("httpapi-behaviour-008").expect["effect"]
    stages = (Stage("Dev", "dev"), Stage("Default", "$default"))
    async with serving(http_api(route("$default"), stages=stages)) as served:
        for path in ("/dev/x", "/dev", "/developer/x", "/$default/x"):
            await served.get(path)
        found = [event["requestContext"]["stage"] for event in served.events()]
        served.gateway.update([http_api(route("$default"), stages=stages[:1])])
        missing = await served.get("/other/x")
    assert found == ["dev", "dev", "$default", "$default"]
    assert_error(missing, {"status": 404, "body": {"message": "Not Found"}})


async def test_httpapi_behaviour_009_headers_of_every_answer() -> None:
    expect = fact("httpapi-behaviour-009").expect
    async with serving(http_api("GET /x")) as served:
        responses = [await served.get("/x"), await served.get("/nowhere")]
    for response in responses:
        names = {name.lower() for name, _ in response.headers}
        assert set(expect["headers"]) <= names
        assert not {name.lower() for name in expect["absent"]} & names


async def test_httpapi_behaviour_024_throttled() -> None:
    case = fact("httpapi-behaviour-024")
    assert "stage/route" in case.request
    limited = RouteSettings(throttling_rate_per_s=1, throttling_burst=1)
    stages = [
        Stage("Stage", "$default", default_settings=limited),
        Stage("Stage", "$default", route_settings={"GET /x": limited}),
    ]
    for stage in stages:
        async with serving(http_api("GET /x", "GET /y", stages=(stage,))) as served:
            first, second = await served.get("/x"), await served.get("/x")
            other_route = await served.get("/y")
            served.clock.seconds += 1
            later = await served.get("/x")
        assert [first.status, other_route.status, later.status] == [200, 200, 200]
        assert_error(second, case.expect)


async def test_httpapi_behaviour_025_http_backend() -> None:
    assert "replaced by a Forwarded header" in fact("httpapi-behaviour-025").expect["header"]
    requests: list[Request] = []

    async def backend(request: Request) -> Response:
        requests.append(request)
        return Response(202, [("X-Backend", "1"), ("Content-Type", "text/plain")], b"done")

    server = HttpServer(backend)
    port = await server.start(0)
    try:
        to_backend = HttpIntegration(f"http://127.0.0.1:{port}/base/{{proxy}}")
        async with serving(http_api(route("ANY /api/{proxy+}", to_backend))) as served:
            response = await served.send(
                "PUT", "/api/a%20b/c?d=e", [("X-Forwarded-For", "1.2.3.4")], b"body"
            )
            host = f"127.0.0.1:{served.client.port}"
    finally:
        await server.stop()
    (request,) = requests
    assert (request.method, request.target) == ("PUT", "/base/a%20b/c?d=e")
    assert request.body == b"body"
    assert not [name for name, _ in request.headers if name.lower().startswith("x-forwarded-")]
    assert request.header("forwarded") == f"for=127.0.0.1;host={host};proto=http"
    assert (response.status, response.body) == (202, b"done")
    assert response.header("x-backend") == "1"


async def test_httpapi_behaviour_027_default_content_type() -> None:
    expect = fact("httpapi-behaviour-027").expect
    response = await answer_to({"statusCode": 200, "body": "Hello"}, payload_v1=True)
    assert response.header("content-type") == expect["headers"]["Content-Type"]


async def test_httpapi_behaviour_029_status_zero() -> None:
    response = await answer_to({"statusCode": 0, "body": "x"}, payload_v1=True)
    assert_error(response, fact("httpapi-behaviour-029").expect)


@pytest.mark.parametrize(
    "answer",
    [
        InvocationResult("r", b'{"errorMessage": "no"}', function_error="Unhandled"),
        {"statusCode": 200, "headers": "none"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": "teapot"},
        {"statusCode": 200, "body": "%", "isBase64Encoded": True},
    ],
)
async def test_httpapi_behaviour_035_function_fails(answer: Any) -> None:
    assert_error(await answer_to(answer), fact("httpapi-behaviour-035").expect)


async def test_httpapi_behaviour_035_format_1_wants_a_status() -> None:
    response = await answer_to({"body": "x"}, payload_v1=True)
    assert_error(response, fact("httpapi-behaviour-035").expect)
