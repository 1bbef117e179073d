"""What a function behind a Lambda proxy integration is given."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import ApiKey, Stage, UsagePlan, UsagePlanStage
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.raw_client import Headers
from local.apigateway.serving import Served, proxy_method, rest_api, serving

PROXY_API = rest_api("/{proxy+}", "/hardcoded")
AWS_HOST = "abcde12345.execute-api.us-east-1.amazonaws.com"


async def event_of(target: str, method: str = "GET", *, body: bytes = b"") -> dict[str, Any]:
    async with serving(PROXY_API) as served:
        await served.send(method, target, [("Host", AWS_HOST)], body)
        return served.functions.event


def part(event: dict[str, Any], path: str) -> Any:
    """A value of the event by a path that a fact uses, such as ``requestContext.path``."""
    value: Any = event
    for key in path.removeprefix("event.").split("."):
        value = value[key]
    return value


def target_of(fact_id: str) -> str:
    """The target in a fact's request line: ``GET //stage/x with no body`` -> ``//stage/x``."""
    return str(fact(fact_id).request).split(" ")[1]


async def test_rest_proxy_event_001_top_level_keys() -> None:
    expect = fact("rest-proxy-event-001").expect
    event = await event_of(target_of("rest-proxy-event-001"))
    assert set(event) == set(expect["event_top_level_keys"])
    assert not set(event) & set(expect["absent_keys"])


@pytest.mark.parametrize(
    "fact_id",
    [
        "rest-proxy-event-002",
        "rest-proxy-event-011",
        "rest-proxy-event-012",
        "rest-proxy-event-013",
        "rest-proxy-event-014",
        "rest-proxy-event-015",
        "rest-proxy-event-016",
        "rest-proxy-event-019",
    ],
)
async def test_values_of_the_event(fact_id: str) -> None:
    line = str(fact(fact_id).request).split(" ")
    event = await event_of(line[1], line[0])
    for path, value in fact(fact_id).expect["event"].items():
        assert part(event, path) == value, path


async def test_rest_proxy_event_015_routes_to_the_literal_resource() -> None:
    event = await event_of(target_of("rest-proxy-event-015"))
    assert event["resource"] == fact("rest-proxy-event-015").expect["routes_to"]


async def test_rest_proxy_event_005_keys_of_the_request_context() -> None:
    event = await event_of("/stage/x")
    expected = fact("rest-proxy-event-005").expect["event.requestContext keys"]
    assert sorted(event["requestContext"]) == sorted(expected)


async def test_rest_proxy_event_006_identity_of_an_unauthenticated_caller() -> None:
    async with serving(PROXY_API) as served:
        await served.get("/stage/x", ("User-Agent", "agent/1"))
        identity = served.functions.event["requestContext"]["identity"]
    expected = dict(fact("rest-proxy-event-006").expect["event.requestContext.identity"])
    assert identity.pop("sourceIp") == "127.0.0.1"
    assert identity.pop("userAgent") == "agent/1"
    assert {expected.pop("sourceIp"), expected.pop("userAgent")} == {
        "<ip string>",
        "<User-Agent header>",
    }
    assert identity == expected


async def test_rest_proxy_event_007_names_of_the_host() -> None:
    context = (await event_of("/stage/x"))["requestContext"]
    expected = fact("rest-proxy-event-007").expect["event.requestContext"]
    assert set(expected) <= set(context)
    assert context["domainName"] == AWS_HOST
    assert context["domainPrefix"] == context["apiId"] == PROXY_API.api_id
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", context["requestId"])
    assert re.fullmatch(r"\d{12}", context["accountId"])


async def test_rest_proxy_event_008_times_and_extended_id() -> None:
    expected = fact("rest-proxy-event-008").expect["event.requestContext"]
    async with serving(PROXY_API) as served:
        response = await served.get("/stage/x")
        context = served.functions.event["requestContext"]
    example = re.search(r"'(.+?)'", expected["requestTime"])
    assert example is not None
    form = re.sub(r"\\?[A-Za-z]", "[A-Za-z]", re.sub(r"\d", "0", re.escape(example[1])))
    assert re.fullmatch(form.replace("0", r"\d"), context["requestTime"])
    assert context["requestTime"] == "02/Jan/2026:03:04:05 +0000"
    assert context["requestTimeEpoch"] == 1767323045678
    assert context["extendedRequestId"] == response.header("x-amz-apigw-id")


async def test_rest_proxy_event_017_query_values_are_decoded() -> None:
    event = await event_of("/stage/x?dateTimeOffset=2023-06-12T18:05:10.123456+00:00&b=1%2B1")
    expected = fact("rest-proxy-event-017").expect["event.queryStringParameters value"]
    assert event["queryStringParameters"] == {"dateTimeOffset": expected, "b": "1+1"}


async def test_rest_proxy_event_020_path_parameter_and_raw_body() -> None:
    expected = fact("rest-proxy-event-020").expect["event"]
    body = b'{"raw": "request string"}'
    async with serving(rest_api("/{pathVariable}", methods=(proxy_method("POST"),))) as served:
        await served.send("POST", "/stage/foobar", [("Content-Type", "application/json")], body)
        event = served.functions.event
    assert event["resource"] == expected["resource"]
    assert event["pathParameters"] == expected["pathParameters"]
    assert event["body"] == body.decode()


@pytest.mark.parametrize("binary_type", ["image/png", "image/*", "*/*"])
async def test_rest_proxy_event_021_binary_bodies_are_base64(binary_type: str) -> None:
    expected = fact("rest-proxy-event-021").expect["event"]
    api = replace(PROXY_API, binary_media_types=(binary_type,))
    async with serving(api) as served:
        await served.send("POST", "/stage/x", [("Content-Type", "image/png")], b"\x89PNG")
        event = served.functions.event
    assert event["isBase64Encoded"] is expected["isBase64Encoded"]
    assert event["body"] == base64.b64encode(b"\x89PNG").decode()


async def test_rest_proxy_event_021_other_bodies_are_text() -> None:
    async with serving(replace(PROXY_API, binary_media_types=("image/png",))) as served:
        await served.send("POST", "/stage/x", [("Content-Type", "text/plain")], b"text")
        event = served.functions.event
    assert (event["isBase64Encoded"], event["body"]) == (False, "text")


async def test_rest_proxy_event_025_identity_of_a_caller_with_an_api_key() -> None:
    expected = fact("rest-proxy-event-025").expect["event.requestContext.identity"]
    key = ApiKey("Key", "key-id", "secret-value-of-the-key")
    plan = UsagePlan("Plan", "plan", {"stage": UsagePlanStage("stage")}, {key.value: key})
    api = rest_api("/x", methods=(proxy_method(api_key_required=True),), usage_plans=(plan,))
    async with serving(api) as served:
        await served.get("/stage/x", ("x-api-key", key.value))
        identity = served.functions.event["requestContext"]["identity"]
    assert {name: identity[name] for name in expected} == {
        "apiKey": key.value,
        "apiKeyId": key.key_id,
    }


async def test_rest_proxy_event_027_encoded_query() -> None:
    event = await event_of("/stage/x" + str(fact("rest-proxy-event-027").request))
    for name, value in fact("rest-proxy-event-027").expect.items():
        assert event[name] == value


async def test_rest_proxy_event_029_no_user_agent() -> None:
    expected = fact("rest-proxy-event-029").expect
    event = await event_of("/stage/x")
    assert part(event, "requestContext.identity.userAgent") is None
    assert expected["requestContext.identity.userAgent"] is None
    assert "User-Agent" not in event["headers"]


ALL_HEADERS: Headers = [
    ("Accept", "*/*"),
    ("Accept-Charset", "utf-8"),
    ("Accept-Encoding", "gzip"),
    ("Age", "1"),
    ("Authorization", "Bearer x"),
    ("Content-Encoding", "identity"),
    ("Content-Type", "text/plain"),
    ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"),
    ("Host", AWS_HOST),
    ("Pragma", "no-cache"),
    ("Range", "bytes=0-1"),
    ("Referer", "http://example.com"),
    ("User-Agent", "agent/1"),
    ("Via", "1.1 proxy"),
    ("Warn", "1"),
    ("Connection", "keep-alive"),
    ("Content-MD5", "x"),
    ("Expect", "100-continue"),
    ("Max-Forwards", "1"),
    ("Proxy-Authenticate", "Basic"),
    ("Server", "x"),
    ("TE", "trailers"),
    ("Trailer", "Expires"),
    ("WWW-Authenticate", "Basic"),
]


async def test_rest_aws_http_integrations_001_headers_that_reach_the_function() -> None:
    """Of the neighbouring area, but about AWS_PROXY."""
    expected = fact("rest-aws-http-integrations-001").expect
    async with serving(PROXY_API) as served:
        await _send_all(served)
        headers = served.functions.event["headers"]
    assert set(expected["kept"]) <= set(headers)
    assert not {name.lower() for name in expected["dropped_from_event"]} & {
        name.lower() for name in headers
    }


async def _send_all(served: Served) -> Response:
    return await served.send("POST", "/stage/x", ALL_HEADERS, b"body")


async def test_stage_variables_are_part_of_the_event() -> None:
    stage = Stage("Stage", "stage", variables={"table": "items"})
    async with serving(replace(PROXY_API, stages=(stage,))) as served:
        await served.get("/stage/x")
        assert served.functions.event["stageVariables"] == {"table": "items"}
