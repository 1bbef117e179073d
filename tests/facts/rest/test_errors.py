"""Errors of the gateway itself: keys, limits, validation, sizes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    ApiKey,
    MethodSettings,
    Quota,
    RequestValidation,
    RestApi,
    Stage,
    Throttle,
    UsagePlan,
    UsagePlanStage,
    build_rest_apis,
)
from cloudworthy.local.apigateway.front_door import MAX_URL_BYTES
from cloudworthy.local.apigateway.quota import period_start
from cloudworthy.local.apigateway.size_limits import MAX_BODY_BYTES, MAX_HEADER_BYTES
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.deploying import deployment, model, validator
from local.apigateway.raw_client import Headers
from local.apigateway.serving import FUNCTION_ARN, PROXY, proxy_method, rest_api, serving

_A_FRIDAY = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
KEY = ApiKey("Key", "key-id", "a-secret-value-for-the-key")
WITH_KEY: Headers = [("x-api-key", KEY.value)]


def keyed_api(**limits: Any) -> RestApi:
    plan = UsagePlan("Plan", "plan", {"stage": UsagePlanStage("stage")}, {KEY.value: KEY}, **limits)
    return rest_api("/x", methods=(proxy_method(api_key_required=True),), usage_plans=(plan,))


def assert_answer(response: Response, expect: dict[str, Any]) -> None:
    """Status, JSON body and headers as the fact has them; ``present`` is any value."""
    assert response.status == expect["status"]
    if "body" in expect:
        assert json.loads(response.body) == expect["body"]
    for name, value in expect.get("headers", {}).items():
        found = response.header(name)
        assert found is not None, name
        assert value in ("present", found), name


async def test_rest_errors_001_no_api_key() -> None:
    async with serving(keyed_api()) as served:
        response = await served.get("/stage/x")
        wrong = await served.get("/stage/x", ("x-api-key", "some-other-value"))
        assert served.functions.requests == []
    assert_answer(response, fact("rest-errors-001").expect)
    assert_answer(wrong, fact("rest-errors-001").expect)


async def test_rest_errors_003_an_api_key_of_a_usage_plan() -> None:
    async with serving(keyed_api()) as served:
        assert_answer(await served.get("/stage/x", *WITH_KEY), fact("rest-errors-003").expect)


@pytest.mark.parametrize("where", ["usage plan", "stage"])
async def test_rest_errors_005_throttled(where: str) -> None:
    case = fact("rest-errors-005")
    assert where in case.precondition
    settings = MethodSettings("/*", "*", throttling_rate_per_s=1, throttling_burst=2)
    api = keyed_api(throttle=Throttle(1, 2) if where == "usage plan" else None)
    if where == "stage":
        api = replace(api, stages=(Stage("Stage", "stage", settings=(settings,)),))
    async with serving(api) as served:
        responses = [await served.get("/stage/x", *WITH_KEY) for _ in range(3)]
        served.clock.seconds += 1
        later = await served.get("/stage/x", *WITH_KEY)
    assert [response.status for response in responses[:2]] == [200, 200]
    assert_answer(responses[2], case.expect)
    assert later.status == 200


async def test_rest_errors_006_quota_exhausted() -> None:
    async with serving(keyed_api(quota=Quota(1, "DAY"))) as served:
        first = await served.get("/stage/x", *WITH_KEY)
        second = await served.get("/stage/x", *WITH_KEY)
        served.clock.seconds += 24 * 3600
        next_day = await served.get("/stage/x", *WITH_KEY)
    assert (first.status, next_day.status) == (200, 200)
    assert_answer(second, fact("rest-errors-006").expect)


async def test_rest_errors_007_throttled_requests_use_no_quota() -> None:
    expect = fact("rest-errors-007").expect
    starts = {period: period_start(_A_FRIDAY, period).isoformat() for period in expect["period"]}
    assert starts == {"DAY": "2026-01-02", "WEEK": "2025-12-28", "MONTH": "2026-01-01"}
    async with serving(keyed_api(throttle=Throttle(1, 1), quota=Quota(2, "DAY"))) as served:
        statuses = []
        for pause_s in (0, 0, 1, 1):
            served.clock.seconds += pause_s
            statuses.append((await served.get("/stage/x", *WITH_KEY)).status)
    assert statuses == [200, 429, 200, 429]


def validated(**validation: Any) -> RestApi:
    method = proxy_method("POST", validation=RequestValidation(**validation))
    return rest_api("/x", methods=(method,))


async def test_rest_errors_009_missing_parameters() -> None:
    expect = fact("rest-errors-009").expect
    names = [re.findall(r"\[(.+)\]", body["message"])[0] for body in expect["body"]]
    api = validated(required=(("header", names[0]), ("querystring", names[1])))
    async with serving(api) as served:
        no_header = await served.send("POST", f"/stage/x?{names[1]}=1")
        no_query = await served.send("POST", "/stage/x", [(names[0].title(), "1")])
        both = await served.send("POST", f"/stage/x?{names[1]}=1", [(names[0], "1")])
    for response, body in zip((no_header, no_query), expect["body"], strict=True):
        assert_answer(response, {"status": expect["status"], "body": body})
    assert both.status == 200


OBJECT_WITH_A = {"application/json": {"type": "object", "required": ["a"]}}


async def test_rest_errors_011_parameters_before_the_body() -> None:
    expect = fact("rest-errors-011").expect
    api = validated(
        required=(("querystring", "qs1"),), validates_body=True, body_models=OBJECT_WITH_A
    )
    async with serving(api) as served:
        response = await served.send("POST", "/stage/x", [], b"{}")
    assert response.status == expect["status"]
    assert json.loads(response.body)["message"].startswith(expect["body"].partition(" …")[0])


async def test_rest_errors_013_model_that_refers_to_another() -> None:
    case = fact("rest-errors-013")
    reference = re.findall(r"https://\S+/", case.precondition)[0].replace("<id>", "abcde12345")
    api = _with_models(
        {"Named": {"type": "object", "required": ["name"]}}, {"$ref": f"{reference}Named"}
    )
    async with serving(api) as served:
        valid = await served.send("POST", "/stage/x", [], b'{"name": "x"}')
        invalid = await served.send("POST", "/stage/x", [], b'{"nome": "x"}')
    assert valid.status == case.expect["valid"]
    assert_answer(invalid, case.expect["invalid"])


async def test_rest_errors_014_one_of_several_models() -> None:
    case = fact("rest-errors-014")
    prefix = "https://apigateway.amazonaws.com/restapis/abcde12345/models/"
    one_of = {"oneOf": [{"$ref": f"{prefix}Cat"}, {"$ref": f"{prefix}Dog"}]}
    api = _with_models({"Cat": {"required": ["meow"]}, "Dog": {"required": ["bark"]}}, one_of)
    async with serving(api) as served:
        valid = await served.send("POST", "/stage/x", [], b'{"bark": 1}')
        invalid = await served.send("POST", "/stage/x", [], b'{"moo": 1}')
    assert valid.status == 200
    assert_answer(invalid, case.expect)


def _with_models(others: dict[str, Any], schema: dict[str, Any]) -> RestApi:
    resources = [model(name, definition) for name, definition in others.items()]
    resources += [model("Body", schema), validator("Validator", body=True)]
    settings = {"RequestModels": {"application/json": "Body"}, "RequestValidatorId": "Validator"}
    (api,) = build_rest_apis(deployment({"/x": {"POST": settings}}, *resources))
    return api


async def test_rest_errors_015_blank_parameter() -> None:
    case = fact("rest-errors-015")
    query = case.request.split(" ")[1]
    async with serving(validated(required=(("querystring", "qs1"),))) as served:
        assert_answer(await served.send("POST", f"/stage/x{query}"), case.expect)


async def test_rest_errors_019_too_long_for_the_front_door() -> None:
    expect = fact("rest-errors-019").expect
    async with serving(rest_api("/x")) as served:
        response = await served.send("POST", "/stage/x", [], b"x" * (MAX_BODY_BYTES + 1))
    assert response.status == expect["status"]
    assert response.body.decode() == expect["body"]
    assert response.header("content-type") == expect["headers"]["content-type"]
    assert not [name for name, _ in response.headers if name.lower().startswith("x-am")]


async def test_rest_errors_020_too_long_for_a_function() -> None:
    async with serving(rest_api("/x")) as served:
        response = await served.send("POST", "/stage/x", [], b'"' * (4 * 1024 * 1024))
        assert served.functions.requests == []
    assert_answer(response, fact("rest-errors-020").expect)


async def test_rest_errors_021_long_urls_and_headers() -> None:
    limits = fact("rest-errors-021").expect["limits"]
    assert limits == {
        "headers_total_bytes": MAX_HEADER_BYTES,
        "url_regional": MAX_URL_BYTES["REGIONAL"],
        "url_edge": MAX_URL_BYTES["EDGE"],
    }
    async with serving(rest_api("/x")) as served:
        url = await served.get(f"/stage/x?a={'x' * limits['url_edge']}")
        headers = await served.get("/stage/x", ("X-Long", "x" * limits["headers_total_bytes"]))
    assert (url.status, headers.status) == (414, 431)
    assert headers.body == b"HTTP header is larger than 10240 bytes."


async def test_rest_errors_022_authorization_on_an_unknown_path() -> None:
    expect = fact("rest-errors-022").expect
    async with serving(rest_api("/x")) as served:
        response = await served.get("/stage/nowhere", ("Authorization", "Bearer abc"))
    assert response.status == expect["status"]
    assert response.body.decode() == expect["body"].replace("<token>", "abc")


async def test_rest_errors_023_missing_stage_variable() -> None:
    arn = FUNCTION_ARN.replace("echo", "${stageVariables.x}")
    method = proxy_method(integration=replace(PROXY, function_arn=arn))
    api = rest_api("/x", methods=(method,))
    with_variable = (Stage("Stage", "stage", variables={"x": "echo"}),)
    async with serving(api) as served:
        response = await served.get("/stage/x")
        served.gateway.update([replace(api, stages=with_variable)])
        assert (await served.get("/stage/x")).status == 200
    assert_answer(response, fact("rest-errors-023").expect)


async def test_rest_errors_025_headers_of_every_error() -> None:
    expect = fact("rest-errors-025").expect
    async with serving(rest_api("/x"), lambda _: "malformed") as served:
        responses = [await served.get("/stage/nowhere"), await served.get("/stage/x")]
    for response in responses:
        names = {name for name, _ in response.headers}
        assert set(expect["headers"]) <= names
        assert response.header("content-type") == expect["headers"]["Content-Type"]
        assert "X-Amzn-Trace-Id" not in names
