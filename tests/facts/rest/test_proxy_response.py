"""How the answer of a function behind a Lambda proxy integration becomes the response."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import MethodSettings, RestApi, Stage
from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.serving import FUNCTION_ARN, PROXY, proxy_method, rest_api, serving

API = rest_api("/x", endpoint_type="REGIONAL")
TEXT = "dGVzdC1kYXRh"


async def answered(
    returned: Any, *headers: tuple[str, str], api: RestApi = API, with_body: bool = True
) -> Response:
    async with serving(api, lambda _event: returned) as served:
        return await served.send("POST" if with_body else "GET", "/stage/x", list(headers))


def values(response: Response, name: str) -> list[str]:
    return [value for key, value in response.headers if key.lower() == name.lower()]


def assert_body(response: Response, expected: object) -> None:
    if isinstance(expected, dict):
        assert json.loads(response.body) == expected
    else:
        assert response.body == str(expected).encode()


@pytest.mark.parametrize(
    "fact_id",
    [
        "rest-proxy-response-002",
        "rest-proxy-response-003",
        "rest-proxy-response-004",
        "rest-proxy-response-005",
        "rest-proxy-response-007",
        "rest-proxy-response-009",
        "rest-proxy-response-010",
        "rest-proxy-response-014",
        "rest-proxy-response-015",
    ],
)
async def test_answers_that_the_fact_gives_in_full(fact_id: str) -> None:
    case = fact(fact_id)
    response = await answered(case.request["lambda_returns"])
    assert response.status == case.expect["status"]
    if "body" in case.expect:
        assert_body(response, case.expect["body"])
    for name, value in case.expect.get("headers", {}).items():
        assert values(response, name) == [value]


@pytest.mark.parametrize("fact_id", ["rest-proxy-response-011", "rest-proxy-response-012"])
async def test_several_values_are_header_lines_of_their_own(fact_id: str) -> None:
    case = fact(fact_id)
    response = await answered(case.request["lambda_returns"])
    expected = case.expect["headers"]["test-multi"].partition(" (")[0]
    assert ", ".join(values(response, "test-multi")) == expected
    assert len(values(response, "test-multi")) == 2


async def test_rest_proxy_response_017_headers_of_every_answer() -> None:
    response = await answered({"statusCode": 200})
    expected = fact("rest-proxy-response-017").expect["response_header_names"]
    assert sorted(name for name, _ in response.headers) == sorted(expected)


BINARY = {"statusCode": 200, "isBase64Encoded": True, "body": TEXT}


@pytest.mark.parametrize(
    ("fact_id", "binary_types", "accept", "returned"),
    [
        ("rest-proxy-response-018", (), "image/png", BINARY),
        ("rest-proxy-response-018", (), "*/*", BINARY),
        ("rest-proxy-response-019", ("image/png",), "image/png", BINARY),
        ("rest-proxy-response-021", ("image/png",), "image/webp,image/png,*/*;q=0.8", BINARY),
        ("rest-proxy-response-022", ("image/png",), "image/png,image/*,*/*;q=0.8", BINARY),
        ("rest-proxy-response-024", ("*/test",), "any/test", BINARY),
        (
            "rest-proxy-response-025",
            ("image/png",),
            "image/png",
            BINARY | {"isBase64Encoded": False},
        ),
    ],
)
async def test_base64_bodies(
    fact_id: str, binary_types: tuple[str, ...], accept: str, returned: object
) -> None:
    case = fact(fact_id)
    assert all(f"'{name}'" in case.request for name in binary_types if fact_id.endswith("19"))
    api = replace(API, binary_media_types=binary_types)
    response = await answered(returned, ("Accept", accept), api=api)
    is_decoded = case.expect["body"] == "decoded bytes"
    assert response.body == (base64.b64decode(TEXT) if is_decoded else TEXT.encode())


async def test_rest_proxy_response_026_body_that_is_not_base64() -> None:
    expect = fact("rest-proxy-response-026").expect
    api = replace(API, binary_media_types=("image/png",))
    response = await answered(BINARY | {"body": "not base64!"}, ("Accept", "image/png"), api=api)
    assert response.status == expect["status"]
    assert_body(response, expect["body"])


async def test_rest_proxy_response_027_any_status_and_content_type() -> None:
    expect = fact("rest-proxy-response-027").expect
    response = await answered({"statusCode": 300, "headers": {"Content-Type": "application/xml"}})
    assert response.status == expect["status"]
    assert response.header("content-type") == expect["headers"]["Content-Type"]


async def test_rest_proxy_response_028_integration_verb_other_than_post() -> None:
    expect = fact("rest-proxy-response-028").expect
    wrong = proxy_method(integration=replace(PROXY, http_method="GET"))
    response = await answered({}, api=rest_api("/x", methods=(wrong,)))
    assert response.status == expect["status"]
    assert_body(response, expect["body"])


async def test_rest_proxy_response_029_body_that_is_an_object() -> None:
    expect = fact("rest-proxy-response-029").expect
    returned = {"statusCode": 200, "headers": {}, "body": {"hey": "dude"}}
    async with serving(_logged(), lambda _event: returned) as served:
        response = await served.get("/stage/x")
        log = served.logs.groups[f"API-Gateway-Execution-Logs_{API.api_id}/stage"]
    assert response.status == expect["status"]
    assert_body(response, expect["body"])
    assert any(expect["execution_log"] in line for line in log)


def _logged() -> RestApi:
    stage = Stage("Stage", "stage", settings=(MethodSettings("/*", "*", "INFO"),))
    return replace(API, stages=(stage,))


async def test_rest_proxy_response_030_bytes_of_errors() -> None:
    case = fact("rest-proxy-response-030")
    response = await answered("malformed")
    assert response.body == case.expect["body_bytes"].encode()
    assert len(response.body) == case.expect["content_length"]
    async with serving(API) as served:
        forbidden = await served.get("/stage/nowhere")
    assert f"{forbidden.body.decode()} = {len(forbidden.body)} bytes" in case.note


async def test_rest_proxy_response_031_no_permission_to_invoke() -> None:
    expect = fact("rest-proxy-response-031").expect
    method = proxy_method(integration=replace(PROXY, permitted_sources=()))
    async with serving(rest_api("/x", methods=(method,))) as served:
        response = await served.get("/stage/x")
        invoked = served.functions.requests
    assert response.status == expect["status"]
    assert_body(response, expect["body"])
    assert invoked == []


@pytest.mark.parametrize(
    ("fact_id", "result"),
    [
        (
            "rest-proxy-response-033",
            InvocationResult("r", b'{"errorMessage": "Task timed out after 3.00 s"}', "Unhandled"),
        ),
        (
            "rest-proxy-response-034",
            InvocationResult("r", b'{"body": "%s"}' % (b"x" * (6 * 1024 * 1024))),
        ),
    ],
)
async def test_failed_invocations(fact_id: str, result: InvocationResult) -> None:
    expect = fact(fact_id).expect
    response = await answered(result)
    assert response.status == expect["status"]
    assert_body(response, expect["body"])


@pytest.mark.parametrize("fact_id", ["rest-proxy-response-035", "rest-proxy-response-040"])
async def test_content_type_that_the_function_leaves_out(fact_id: str) -> None:
    response = await answered({"statusCode": 200, "body": "{}"})
    expected = fact(fact_id).expect["headers"]["Content-Type"]
    assert response.header("content-type") == expected


async def test_rest_proxy_response_038_everything_is_binary() -> None:
    assert "'*/*'" in fact("rest-proxy-response-038").precondition
    api = replace(API, binary_media_types=("*/*",))
    async with serving(api, lambda _event: BINARY) as served:
        response = await served.send("POST", "/stage/x", [("Accept", "text/html")], b"{}")
        event = served.functions.event
    assert (event["isBase64Encoded"], event["body"]) == (True, "e30=")
    assert response.body == base64.b64decode(TEXT)


async def test_rest_proxy_response_039_status_zero() -> None:
    expect = fact("rest-proxy-response-039").expect
    response = await answered({"statusCode": 0})
    assert response.status == expect["status"]
    assert response.body == expect["body"].encode()
    for name, value in expect["headers"].items():
        assert values(response, name) == [value]
    assert all(response.header(name) is None for name in expect["absent"])


async def test_rest_proxy_response_041_both_kinds_of_header() -> None:
    expected = fact("rest-proxy-response-041").expect["Combined-Header"]
    returned = {
        "headers": {"Combined-Header": "single-value"},
        "multiValueHeaders": {"Combined-Header": ["multi-value1", "multi-value2"]},
    }
    assert values(await answered(returned), "Combined-Header") == expected


async def test_rest_proxy_response_042_case_of_header_names() -> None:
    expected = fact("rest-proxy-response-042").expect["headers"]
    names = expected.partition("(")[2].rstrip(")").split(", ")
    response = await answered({"headers": dict.fromkeys(names, "x")})
    assert set(names) <= {name for name, _ in response.headers}


async def test_rest_aws_http_integrations_003_renamed_headers() -> None:
    """Of the neighbouring area; what is renamed there is renamed for AWS_PROXY too."""
    expect = fact("rest-aws-http-integrations-003").expect
    renamed = expect["headers"]["x-amzn-Remapped-<H>"]
    everything = renamed + expect["not_remapped"] + expect["dropped"]
    response = await answered({"headers": dict.fromkeys(everything, "x")})
    names = {name for name, _ in response.headers}
    assert {f"x-amzn-Remapped-{name}" for name in renamed} <= names
    assert set(expect["not_remapped"]) <= names
    assert not set(expect["dropped"]) & names


async def test_the_function_is_called_by_its_name() -> None:
    async with serving(API) as served:
        await served.get("/stage/x")
        assert FUNCTION_ARN.endswith(f":{served.functions.requests[0].function_name}")
