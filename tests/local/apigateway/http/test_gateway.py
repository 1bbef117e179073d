from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.apigateway.http.answer import parse_answer
from cloudworthy.local.apigateway.http.definition import (
    Cors,
    DomainMapping,
    HttpIntegration,
    PayloadFormat,
    Stage,
)
from cloudworthy.local.apigateway.http.errors import HttpApiError
from cloudworthy.local.apigateway.size_limits import MAX_BODY_BYTES
from cloudworthy.local.model.functions import InvocationResult, ServiceError, TooManyRequestsError
from local.apigateway.http.serving import (
    API_ID,
    AUTHORIZER,
    TOKEN,
    V2,
    Served,
    http_api,
    message_of,
    route,
    serving,
)
from local.apigateway.serving import echo

EVERYTHING = http_api("$default")
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def reasons(served: Served) -> str:
    """What the log says about errors of the gateway."""
    return "\n".join(served.logs.groups[f"API-Gateway-Execution-Logs_{API_ID}/$default"])


@pytest.mark.parametrize(
    ("path", "expected"), [("/x", 200), ("/x/", 404), ("//x", 404), ("/%78", 200), ("/x?a", 200)]
)
async def test_paths(path: str, expected: int) -> None:
    async with serving(http_api("GET /x")) as served:
        assert (await served.get(path)).status == expected


@pytest.mark.parametrize(
    ("path", "value"), [("/a/b/c", "b/c"), ("/a/b%2Fc", "b/c"), ("/a/b/", "b/"), ("/a/", None)]
)
async def test_greedy_variables(path: str, value: str | None) -> None:
    async with serving(http_api("ANY /a/{proxy+}")) as served:
        response = await served.get(path)
        events = served.events()
    found = [event["pathParameters"]["proxy"] for event in events]
    assert (response.status, found) == ((404, []) if value is None else (200, [value]))


async def test_a_stage_that_nothing_was_deployed_to_has_no_routes() -> None:
    api = http_api("$default", stages=(Stage("Stage", "$default", deployed=False),))
    async with serving(api) as served:
        assert (await served.get("/x")).status == 404


async def test_custom_domains() -> None:
    stages = (Stage("Default", "$default"), Stage("V2", "v2"))
    domains = (
        DomainMapping("api.example", "new", "v2"),
        DomainMapping("api.example", "", "$default"),
        DomainMapping("*.wild.example", "only", "v2"),
    )
    api = http_api("ANY /items", stages=stages, domains=domains)
    calls = {
        ("api.example", "/items"): "$default",
        ("API.example:8080", "/new/items"): "v2",
        ("api.example", "/newer/items"): None,
        ("a.wild.example", "/only/items"): "v2",
        ("a.wild.example", "/items"): None,
        ("a.b.wild.example", "/v2/items"): "v2",
        ("localhost", "/v2/items"): "v2",
    }
    async with serving(api) as served:
        for (host, path), stage in calls.items():
            response = await served.get(path, ("Host", host))
            assert response.status == (404 if stage is None else 200), (host, path)
            if stage is not None:
                context = served.functions.event["requestContext"]
                assert (context["stage"], context["domainName"]) == (stage, host)
                assert served.functions.event["rawPath"] == path
        served.gateway.update([replace(api, execute_api_endpoint=False)])
        statuses = [
            (await served.get("/items", ("Host", host))).status
            for host in ("api.example", "localhost")
        ]
    assert statuses == [200, 404]


async def test_a_body_that_is_too_long() -> None:
    async with serving(EVERYTHING) as served:
        front = await served.send("POST", "/", [], b"x" * (MAX_BODY_BYTES + 1))
        event = await served.send("POST", "/", [], b"x" * (5 * 1024 * 1024))
        assert served.functions.requests == []
    assert [front.status, event.status] == [413, 413]
    assert message_of(front) == message_of(event) == "Request Entity Too Large"


async def test_an_integration_that_takes_too_long() -> None:
    async def forever(_event: Any) -> None:
        await asyncio.Event().wait()

    api = http_api(route("GET /x", replace(V2, timeout_s=0.05)))
    async with serving(api, forever) as served:
        response = await served.get("/x")
    assert (response.status, message_of(response)) == (503, "Service Unavailable")


async def test_a_refused_invocation() -> None:
    def refuse(_event: Any) -> None:
        raise TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")

    async with serving(EVERYTHING, refuse) as served:
        assert (await served.get("/x")).status == 503
        assert "ReservedFunction" in reasons(served)


async def test_a_function_that_does_not_exist() -> None:
    async with serving(EVERYTHING) as served:
        served.functions.functions.clear()
        assert (await served.get("/x")).status == 500


@pytest.mark.parametrize(
    "error", [ServiceError("the code is gone"), OSError(28, "No space left on device")]
)
@pytest.mark.parametrize("failing", ["function", "authorizer"])
async def test_what_cannot_be_run_is_an_error_of_the_api(error: Exception, failing: str) -> None:
    def fail(_event: Any) -> None:
        raise error

    api = http_api(route("GET /x", authorization=AUTHORIZER), cors=Cors(allow_origins=("*",)))
    function = fail if failing == "function" else echo
    authorizer = fail if failing == "authorizer" else (lambda _: {"isAuthorized": True})
    async with serving(api, function, authorizer=authorizer) as served:
        response = await served.get("/x", TOKEN, ("Origin", "https://x.example"))
        assert str(error) in reasons(served)
    assert (response.status, message_of(response)) == (500, "Internal Server Error")
    assert response.header("access-control-allow-origin") == "*"
    assert response.header("apigw-requestid")
    assert {datum.name: datum.value for datum in served.metrics.data}["5xx"] == 1


async def test_a_backend_that_is_not_there() -> None:
    api = http_api(route("GET /x", HttpIntegration("http://127.0.0.1:1/")))
    async with serving(api) as served:
        response = await served.get("/x")
    assert (response.status, message_of(response)) == (503, "Service Unavailable")


async def test_the_reason_of_an_error_is_logged_under_the_request_id() -> None:
    failed = InvocationResult("r1", b'{"errorMessage": "boom"}', function_error="Unhandled")
    async with serving(EVERYTHING, lambda _: failed) as served:
        response = await served.get("/x")
        assert reasons(served) == (
            f"({response.header('apigw-requestid')}) The Lambda function returned the following "
            "error: boom. Lambda request id: r1"
        )


async def test_a_missing_permission_is_named() -> None:
    async with serving(http_api(route("ANY /a/{id}", replace(V2, permitted_sources=())))) as served:
        await served.get("/a/1")
        assert f"{API_ID}/$default/*/a/{{id}} invoke echo" in reasons(served)


async def test_the_trace_goes_on_to_the_function() -> None:
    async with serving(EVERYTHING) as served:
        await served.get("/", ("X-Amzn-Trace-Id", TRACE))
        await served.get("/")
        given, made = (request.trace_header for request in served.functions.requests)
    assert given == TRACE
    assert made.startswith("Root=1-")
    assert "Sampled" not in made


async def test_an_answer_without_content_has_no_body() -> None:
    async with serving(EVERYTHING, lambda _: {"statusCode": 204, "body": "x"}) as served:
        response = await served.get("/")
        head = await served.send("HEAD", "/")
    assert (response.status, response.body) == (204, b"")
    assert head.status == 204


async def test_headers_of_the_connection_are_not_the_functions_to_set() -> None:
    headers = {"Content-Length": "99", "Transfer-Encoding": "chunked", "X-A": "b\r\nX-C: d"}
    answer = {"statusCode": 200, "headers": headers, "body": "abc"}
    async with serving(EVERYTHING, lambda _: answer) as served:
        response = await served.get("/")
    assert response.body == b"abc"
    assert response.header("x-a") == "b  X-C: d"
    assert response.header("x-c") is None


async def test_several_values_in_format_1() -> None:
    answer = {
        "statusCode": 200,
        "headers": {"X-One": "a", "X-Two": 2},
        "multiValueHeaders": {"x-one": ["b", "a"]},
        "cookies": ["ignored"],
    }
    response = parse_answer(json.dumps(answer).encode(), PayloadFormat.V1)
    assert response.headers[:3] == [("x-one", "b"), ("x-one", "a"), ("X-Two", "2")]
    assert response.header("set-cookie") is None


async def test_an_update_serves_the_new_definition() -> None:
    async with serving(http_api("GET /x")) as served:
        served.gateway.update([http_api("GET /y")])
        statuses = [(await served.get(path)).status for path in ("/x", "/y")]
        served.gateway.update([])
        gone = await served.get("/y")
    assert (statuses, gone.status) == ([404, 200], 404)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
KEYS = ("statusCode", "headers", "multiValueHeaders", "cookies", "body", "isBase64Encoded")
ANSWERS = st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON))


@settings(deadline=None)
@given(JSON | ANSWERS, st.sampled_from(list(PayloadFormat)))
def test_whatever_a_function_answers(answer: Any, payload_format: PayloadFormat) -> None:
    try:
        response = parse_answer(json.dumps(answer).encode(), payload_format)
    except HttpApiError as error:
        response = error.response()
    assert 200 <= response.status <= 599
    assert response.header("content-type") is not None
