"""Cross-origin requests to an HTTP API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import Cors, build_http_apis
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.http.deploying import deployment
from local.apigateway.http.serving import AUTHORIZER, http_api, route, serving
from local.apigateway.raw_client import Headers

ORIGIN = ("Origin", "https://a.example")
PREFLIGHT: Headers = [ORIGIN, ("Access-Control-Request-Method", "GET")]
CORS = Cors(
    allow_origins=("https://a.example",),
    allow_methods=("GET", "POST"),
    allow_headers=("Content-Type", "Authorization"),
    expose_headers=("ETag",),
    max_age_s=600,
)
API = http_api("GET /x", cors=CORS)


def cors_headers(response: Response) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in response.headers
        if name.lower().startswith("access-control-")
    }


async def test_httpapi_behaviour_010_preflight() -> None:
    expect = fact("httpapi-behaviour-010").expect
    async with serving(API) as served:
        response = await served.send("OPTIONS", "/x", PREFLIGHT)
        assert bool(served.functions.requests) is expect["integration_invoked"]
    assert (response.status, response.body) == (expect["status"], b"")
    headers = cors_headers(response)
    assert set(expect["headers"]) <= set(headers)
    assert headers["access-control-allow-origin"] == "https://a.example"
    assert headers["access-control-allow-methods"] == "GET,POST"
    assert headers["access-control-max-age"] == "600"


async def test_httpapi_behaviour_011_headers_of_the_function_are_ignored() -> None:
    assert "overwrites" in fact("httpapi-behaviour-011").expect["effect"]

    def function(_event: Any) -> dict[str, Any]:
        headers = {"Access-Control-Allow-Origin": "*", "access-control-allow-methods": "TRACE"}
        return {"statusCode": 200, "headers": headers}

    async with serving(API, function) as served:
        response = await served.get("/x", ORIGIN)
        without_origin = await served.get("/x")
    assert cors_headers(response) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-expose-headers": "ETag",
    }
    assert cors_headers(without_origin) == {}


async def test_httpapi_behaviour_012_another_origin() -> None:
    assert "no access-control-* headers" in fact("httpapi-behaviour-012").expect["effect"]
    async with serving(API) as served:
        response = await served.get("/x", ("Origin", "https://b.example"))
        preflight = await served.send(
            "OPTIONS", "/x", [("Origin", "https://b.example"), PREFLIGHT[1]]
        )
    assert response.status == 200
    assert cors_headers(response) == cors_headers(preflight) == {}


async def test_httpapi_behaviour_013_no_cors_configuration() -> None:
    assert "404" in fact("httpapi-behaviour-013").expect["effect"]
    async with serving(http_api("GET /x", "ANY /y")) as served:
        statuses = [(await served.send("OPTIONS", p, PREFLIGHT)).status for p in ("/x", "/y")]
    assert statuses == [404, 200]


def test_httpapi_behaviour_014_credentials_of_every_origin() -> None:
    error = fact("httpapi-behaviour-014").expect["error"]
    configuration = {"AllowOrigins": ["*"], "AllowCredentials": True}
    with pytest.raises(TemplateError) as refused:
        build_http_apis(deployment({"GET /x": {}}, CorsConfiguration=configuration))
    assert error in str(refused.value)


@pytest.mark.parametrize("route_key", ["$default", "ANY /{proxy+}"])
async def test_httpapi_behaviour_015_preflight_of_a_route_with_an_authorizer(
    route_key: str,
) -> None:
    assert "hits authorizer" in fact("httpapi-behaviour-015").expect["effect"]
    guarded = http_api(route(route_key, authorization=AUTHORIZER), cors=CORS)
    opened = replace(guarded, routes=(*guarded.routes, route("OPTIONS /{proxy+}")))
    async with serving(guarded) as served:
        refused = await served.send("OPTIONS", "/x", PREFLIGHT)
        served.gateway.update([opened])
        answered = await served.send("OPTIONS", "/x", PREFLIGHT)
    assert refused.status == 401
    assert answered.status == 200
    assert cors_headers(answered)["access-control-allow-methods"] == "GET,POST"
