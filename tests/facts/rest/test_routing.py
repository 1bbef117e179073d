"""Which method a path leads to."""

from __future__ import annotations

import json

from cloudworthy.local.apigateway.definition import Method, Resource, RestApi
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.serving import PREFLIGHT, proxy_method, rest_api, serving


def api_with(verbs_by_path: dict[str, str]) -> RestApi:
    """An API with proxy methods: ``{"/jobs": "", "/jobs/{op}": "GET POST"}``."""
    resources = tuple(
        Resource(f"id{path}", path, tuple(proxy_method(verb) for verb in verbs.split()))
        for path, verbs in verbs_by_path.items()
    )
    return rest_api(resources=resources)


async def routes_to(api: RestApi, *lines: str) -> list[str]:
    """The resource that each of some request lines without a stage leads to."""
    found = []
    async with serving(api) as served:
        for line in lines:
            method, path = line.split(" ")
            response = await served.send(method, f"/stage{path}")
            resource = served.functions.event["resource"] if response.status == 200 else "none"
            found.append(str(resource))
    return found


def assert_missing_token(response: Response, fact_id: str) -> None:
    expect = fact(fact_id).expect
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    for name, value in expect["headers"].items():
        assert response.header(name) == value


async def test_rest_routing_001_unknown_path() -> None:
    async with serving(api_with({"/items": "GET"})) as served:
        assert_missing_token(await served.get("/stage/nowhere"), "rest-routing-001")


async def test_rest_routing_002_unknown_verb() -> None:
    async with serving(api_with({"/items": "GET"})) as served:
        assert_missing_token(await served.send("PUT", "/stage/items"), "rest-routing-002")


async def test_rest_routing_005_literal_before_greedy() -> None:
    case = fact("rest-routing-005")
    first, second = case.expect["routes_to"]
    lines = case.request.split(", ")
    for paths in ((first, second), (second, first)):
        api = api_with(dict.fromkeys(paths, "GET"))
        assert await routes_to(api, *lines) == case.expect["routes_to"]


async def test_rest_routing_006_pairs_of_resource_and_verb() -> None:
    case = fact("rest-routing-006")
    api = api_with({"/jobs": "", "/jobs/{op}": "GET", "/{proxy+}": "ANY"})
    assert await routes_to(api, *case.request.split(" ; ")) == case.expect["routes_to"]


async def test_rest_routing_007_preflight_hides_no_other_verb() -> None:
    case = fact("rest-routing-007")
    preflight = Resource("id/cors_only", "/cors_only", (Method("Options", "OPTIONS", PREFLIGHT),))
    greedy = Resource("id/{proxy+}", "/{proxy+}", (proxy_method(),))
    api = rest_api(resources=(preflight, greedy))
    assert await routes_to(api, case.request) == [case.expect["routes_to"]]


async def test_rest_routing_009_precedence() -> None:
    expect = fact("rest-routing-009").expect
    segments = {"literal segment": "a", "{param}": "{param}", "{proxy+}": "{proxy+}"}
    order = [f"/{segments[name]}" for name in expect["order"]]
    for count in range(len(order)):
        remaining = dict.fromkeys(reversed(order[count:]), "ANY")
        assert await routes_to(api_with(remaining), "GET /a") == [order[count]]
    assert await routes_to(api_with({"/p/{proxy+}": "ANY"}), "GET /p", "GET /p/") == ["none"] * 2


async def test_rest_routing_010_verbs_of_any() -> None:
    case = fact("rest-routing-010")
    verbs = case.request.removeprefix("any of ").split(", ")
    api = api_with({"/x": "ANY"})
    found = await routes_to(api, *(f"{verb} /x" for verb in verbs), "TRACE /x")
    assert found == ["/x"] * len(verbs) + ["none"]


async def test_rest_routing_011_method_override() -> None:
    header, _, verb = fact("rest-routing-011").request.split(" ", 2)[2].partition(": ")
    async with serving(api_with({"/x": verb})) as served:
        response = await served.send("POST", "/stage/x", [(header, verb)])
        assert response.status == 200
        assert served.functions.event["httpMethod"] == verb


async def test_rest_routing_012_semicolons_separate_parameters() -> None:
    assert "';' treated as separator" in fact("rest-routing-012").expect["effect"]
    async with serving(api_with({"/x": "GET"})) as served:
        await served.get("/stage/x?a=1;b=2")
        assert served.functions.event["queryStringParameters"] == {"a": "1", "b": "2"}
