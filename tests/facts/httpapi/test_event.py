"""What a function behind an HTTP API is given."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import Stage, build_http_apis
from cloudworthy.local.model.errors import TemplateError
from facts.facts import fact
from local.apigateway.http.deploying import deployment, integration
from local.apigateway.http.serving import (
    AUTHORIZER,
    TOKEN,
    V1,
    http_api,
    route,
    serving,
)
from local.apigateway.raw_client import Headers

EVERYTHING = http_api(route("$default"))
OPTIONAL = re.compile(r"^([\w]+)")


async def event_of(
    target: str,
    method: str = "GET",
    headers: Headers | None = None,
    body: bytes = b"",
    *,
    api: Any = EVERYTHING,
) -> dict[str, Any]:
    async with serving(api) as served:
        await served.send(method, target, headers, body)
        return served.functions.event


def split_keys(keys: list[str]) -> tuple[set[str], set[str]]:
    """Keys that are always there, and those that may be."""
    optional = {key.removesuffix("?") for key in keys if key.endswith("?")}
    return {key for key in keys if not key.endswith("?")}, optional


async def test_httpapi_event_001_keys() -> None:
    expect = fact("httpapi-event-001").expect
    required, optional = split_keys(expect["event_keys"])
    full = await event_of(
        "/items/1?a=b",
        "POST",
        [("Cookie", "a=b")],
        b"x",
        api=http_api(
            route("POST /items/{id}"),
            stages=(Stage("Stage", "$default", variables={"a": "b"}),),
        ),
    )
    bare = await event_of("/")
    assert (set(full), set(bare)) == (required | optional, required)
    assert full["version"] == expect["version"]


async def test_httpapi_event_002_what_is_empty_is_absent() -> None:
    expect = dict(fact("httpapi-event-002").expect)
    event = await event_of("/")
    assert not set(expect.pop("absent_keys")) & set(event)
    assert {name: event[name] for name in expect} == expect


async def test_httpapi_event_003_keys_of_the_request_context() -> None:
    expect = fact("httpapi-event-003").expect
    required, _ = split_keys(expect["requestContext_keys"])
    context = (await event_of("/"))["requestContext"]
    assert set(context) == required
    assert set(context["http"]) == set(expect["http_keys"])


async def test_httpapi_event_004_time_and_request_id() -> None:
    expect = fact("httpapi-event-004").expect
    async with serving(EVERYTHING) as served:
        response = await served.get("/")
        context = served.functions.event["requestContext"]
    form = re.sub(r"[A-Za-z]", "[A-Za-z]", re.sub(r"\d", "0", expect["requestContext.time"]))
    assert re.fullmatch(form.replace("0", r"\d").replace("+", r"\+"), context["time"])
    assert context["timeEpoch"] == 1767323045678
    assert len(context["requestId"]) == len("HBhapgCqoAMEJ0w=")
    assert re.fullmatch(r"[\w-]+=", context["requestId"])
    assert response.header("apigw-requestid") == context["requestId"]


async def test_httpapi_event_005_headers() -> None:
    assert "joined with ','" in fact("httpapi-event-005").expect["headers"]
    event = await event_of("/", headers=[("X-One", "1"), ("x-ONE", "2"), ("Accept", "a/b")])
    assert event["headers"]["x-one"] == "1,2"
    assert event["headers"]["accept"] == "a/b"
    assert event["headers"]["content-length"] == "0"
    assert all(name == name.lower() for name in event["headers"])


@pytest.mark.parametrize(
    ("fact_id", "stage"), [("httpapi-event-006", "$default"), ("httpapi-event-007", "dev")]
)
async def test_paths_of_a_stage(fact_id: str, stage: str) -> None:
    case = fact(fact_id)
    api = http_api(route("GET /pets/{id}"), stages=(Stage("Stage", stage),))
    event = await event_of(str(case.request).split(" ")[1], api=api)
    assert event["rawPath"] == case.expect["rawPath"]
    assert event["requestContext"]["http"]["path"] == case.expect["requestContext.http.path"]
    assert event["requestContext"]["stage"] == case.expect["requestContext.stage"]


async def test_httpapi_event_008_route_and_path_parameters() -> None:
    expect = fact("httpapi-event-008").expect
    event = await event_of("/pets/6", api=http_api(expect["routeKey"]))
    assert event["routeKey"] == expect["routeKey"]
    assert event["pathParameters"] == expect["pathParameters"]
    assert event["requestContext"]["routeKey"] == expect["requestContext.routeKey"]


async def test_httpapi_event_009_default_route() -> None:
    expect = fact("httpapi-event-009").expect
    event = await event_of("/pets/6")
    assert event["routeKey"] == expect["routeKey"]
    assert "pathParameters" not in event


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "text/csv; charset=utf-8", "application/json", "application/xml",
     "application/javascript"],
)  # fmt: skip
async def test_httpapi_event_010_texts(content_type: str) -> None:
    expect = fact("httpapi-event-010").expect
    event = await event_of("/", "POST", [("Content-Type", content_type)], b"text")
    assert event["isBase64Encoded"] is expect["isBase64Encoded"]
    assert event["body"] == expect["body"]


@pytest.mark.parametrize(
    "headers",
    [[], [("Content-Type", "application/x-www-form-urlencoded")], [("Content-Type", "image/png")]],
)
async def test_httpapi_event_011_all_other_bodies(headers: Headers) -> None:
    expect = fact("httpapi-event-011").expect
    event = await event_of("/", "POST", headers, b"a=b")
    assert event["isBase64Encoded"] is expect["isBase64Encoded"]
    assert event["body"] == "YT1i"


def test_httpapi_event_012_the_payload_format_is_needed() -> None:
    assert "must be specified" in fact("httpapi-event-012").expect["rule"]
    without = integration(PayloadFormatVersion=None)
    with pytest.raises(TemplateError, match="PayloadFormatVersion"):
        build_http_apis(deployment({"GET /x": {}}, without))


async def authorized_event(answer: dict[str, Any], *, payload_v1: bool = False) -> dict[str, Any]:
    protected = route("GET /x", V1 if payload_v1 else route("GET /x").integration, AUTHORIZER)

    def authorizer(_event: Any) -> dict[str, Any]:
        return {"isAuthorized": True, "context": answer}

    async with serving(http_api(protected), authorizer=authorizer) as served:
        await served.get("/x", TOKEN)
        (event,) = served.events()
        return event


async def test_httpapi_event_014_values_of_a_lambda_authorizer() -> None:
    (kind,) = fact("httpapi-event-014").expect["requestContext.authorizer"]
    values = {"text": "a", "number": 1, "flag": True, "list": ["a", {"b": None}]}
    event = await authorized_event(values)
    assert event["requestContext"]["authorizer"] == {kind: values}
    as_v1 = await authorized_event(values, payload_v1=True)
    assert as_v1["requestContext"]["authorizer"] == {
        "text": "a",
        "number": "1",
        "flag": "true",
        "list": '["a",{"b":null}]',
    }


def recorded_request(fact_id: str) -> tuple[str, Headers]:
    """The path of a recorded request, and the headers that its fact tells of."""
    query = str(fact(fact_id).request).partition("?")[2].partition(" ")[0]
    path = fact(fact_id).expect.get("rawPath") or fact(fact_id).expect["path"]
    return f"{path}?{query}", [
        ("Cookie", "session=abc123; theme=dark"),
        ("User-Agent", "TestAgent"),
    ]


async def test_httpapi_event_016_recorded_event() -> None:
    expect = fact("httpapi-event-016").expect
    target, headers = recorded_request("httpapi-event-016")
    event = await event_of(target, "POST", headers, api=http_api(expect["routeKey"]))
    for name in ("version", "routeKey", "rawPath", "rawQueryString", "queryStringParameters",
                 "cookies", "pathParameters", "isBase64Encoded"):  # fmt: skip
        assert event[name] == expect[name], name
    assert "cookie" not in event["headers"]
    context, recorded = event["requestContext"], expect["requestContext"]
    assert context["stage"] == recorded["stage"]
    assert {name: context["http"][name] for name in recorded["http"]} == recorded["http"]
    assert len(context["requestId"]) == len(recorded["requestId"])


async def test_httpapi_event_017_no_body() -> None:
    expect = fact("httpapi-event-017").expect
    event = await event_of("/", "POST")
    assert event["headers"]["content-length"] == expect["headers.content-length"]
    assert event["isBase64Encoded"] is expect["isBase64Encoded"]
    assert "body" not in event


async def test_httpapi_event_018_decoded_paths() -> None:
    expect = fact("httpapi-event-018").expect
    api = http_api("POST /test13/api/users/{username}/orders/{orderName}")
    target = expect["rawPath"].replace(" ", "%20")
    event = await event_of(target, "POST", api=api)
    assert event["rawPath"] == expect["rawPath"]
    assert event["requestContext"]["http"]["path"] == expect["requestContext.http.path"]
    assert event["pathParameters"] == expect["pathParameters"]


async def test_httpapi_event_021_binary_body() -> None:
    expect = fact("httpapi-event-021").expect
    headers = [("Content-Type", "application/octet-stream")]
    event = await event_of("/", "POST", headers, b"\x01\x02\x03\x04\x05")
    assert (event["isBase64Encoded"], event["body"]) == (expect["isBase64Encoded"], expect["body"])
    assert event["headers"]["content-length"] == expect["headers.content-length"]


async def test_httpapi_event_022_recorded_event_of_format_1() -> None:
    expect = fact("httpapi-event-022").expect
    target, headers = recorded_request("httpapi-event-022")
    api = http_api(route(f"POST {expect['resource']}", V1))
    event = await event_of(target, "POST", headers, api=api)
    for name in ("resource", "path", "queryStringParameters", "body"):
        assert event[name] == expect[name], name
    recorded = expect["multiValueQueryStringParameters"]
    assert event["multiValueQueryStringParameters"] == recorded
    assert {name: event["headers"][name] for name in expect["headers"]} == expect["headers"]
    context = event["requestContext"]
    for name in ("resourceId", "path", "stage"):
        assert context[name] == expect["requestContext"][name], name
    assert context["requestId"] == context["extendedRequestId"]


async def test_httpapi_event_025_format_1() -> None:
    assert "'1.0'" in fact("httpapi-event-025").expect["event"]
    event = await event_of("/x", api=http_api(route("GET /x", V1)))
    assert event["version"] == "1.0"
    assert event["requestContext"]["authorizer"] == {"claims": None, "scopes": None}
