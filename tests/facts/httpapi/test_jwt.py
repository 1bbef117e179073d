"""JWT authorizers of HTTP APIs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import HttpApi, JwtAuthorizer
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.http.issuer import NOW_S, Issuer, issuing
from local.apigateway.http.serving import V1, V2, http_api, route, serving


def api(issuer: Issuer, *scopes: str, payload_v1: bool = False) -> HttpApi:
    authorizer = JwtAuthorizer("Jwt", issuer.url, ("client",), "$request.header.Authorization")
    return http_api(route("GET /x", V1 if payload_v1 else V2, authorizer, scopes=scopes))


async def answer_to(*scopes: str, **token: Any) -> Response:
    async with issuing() as issuer, serving(api(issuer, *scopes)) as served:
        return await served.get("/x", issuer.bearer(**token))


def assert_answer(response: Response, expect: dict[str, Any]) -> None:
    assert response.status == expect["status"]
    assert json.loads(response.body) == expect["body"]
    for name, value in expect["headers"].items():
        found = response.header(name)
        assert found is not None, name
        assert value in ("<id>", found), name


async def test_httpapi_event_013_claims() -> None:
    recorded = fact("httpapi-event-013").expect["requestContext.authorizer"]
    claims = recorded["jwt"]["claims"]
    given = {name: int(value) if value.isdigit() else value for name, value in claims.items()}
    given |= {"iat": NOW_S, "exp": NOW_S + 60, "groups": ["a", "b"], "ok": True}
    async with issuing() as issuer, serving(api(issuer)) as served:
        await served.get("/x", issuer.bearer(**given))
        found = served.functions.event["requestContext"]["authorizer"]
    assert found["jwt"]["scopes"] is recorded["jwt"]["scopes"]
    assert set(claims) <= set(found["jwt"]["claims"])
    assert all(isinstance(value, str) for value in found["jwt"]["claims"].values())
    assert found["jwt"]["claims"]["exp"] == str(NOW_S + 60)
    assert found["jwt"]["claims"]["groups"] == "[a b]"


async def test_claims_in_format_1() -> None:
    async with issuing() as issuer, serving(api(issuer, "a", payload_v1=True)) as served:
        await served.get("/x", issuer.bearer(scope="b a"))
        found = served.functions.event["requestContext"]["authorizer"]
    assert found["claims"]["sub"] == "someone"
    assert found["scopes"] == ["a"]


@pytest.mark.parametrize("headers", [[], [("Authorization", "Bearer nonsense")]])
async def test_httpapi_behaviour_016_no_token(headers: list[tuple[str, str]]) -> None:
    async with issuing() as issuer, serving(api(issuer)) as served:
        response = await served.get("/x", *headers)
        assert (served.functions.requests, issuer.targets) == ([], [])
    assert_answer(response, fact("httpapi-behaviour-016").expect)


@pytest.mark.parametrize(
    ("rule", "token"),
    [
        ("kid/RS256 signature via JWKS", {"signed_by": "other"}),
        ("kid/RS256 signature via JWKS", {"key_id": "unknown"}),
        ("iss == issuer", {"iss": "https://other.example"}),
        ("aud or client_id in audience", {"aud": None, "client_id": "other"}),
        ("exp > now", {"exp": NOW_S}),
        ("nbf <= now", {"nbf": NOW_S + 60}),
        ("iat <= now", {"iat": NOW_S + 60}),
    ],
)
async def test_httpapi_behaviour_018_rules(rule: str, token: dict[str, Any]) -> None:
    assert rule in fact("httpapi-behaviour-018").expect["checked"]
    response = await answer_to(**token)
    assert response.status == 401
    assert 'error="invalid_token"' in (response.header("www-authenticate") or "")


@pytest.mark.parametrize(
    ("token", "status"),
    [
        ({"scope": "x b"}, 200),
        ({"scp": ["b"]}, 200),
        ({"scp": "a"}, 200),
        ({"scope": "ab"}, 403),
        ({}, 403),
    ],
)
async def test_httpapi_behaviour_018_scopes(token: dict[str, Any], status: int) -> None:
    rules = fact("httpapi-behaviour-018").expect["checked"]
    assert "scope or scp contains one route scope" in rules
    response = await answer_to("a", "b", **token)
    assert response.status == status


@pytest.mark.parametrize(
    ("algorithm", "of_key", "status"),
    [
        ("RS384", "", 200),
        ("RS512", "", 200),
        ("RS512", "RS512", 200),
        ("RS512", "RS256", 401),
        ("PS256", "PS256", 401),
    ],
)
async def test_httpapi_behaviour_018_algorithms(algorithm: str, of_key: str, status: int) -> None:
    assert fact("httpapi-behaviour-018").expect["algorithms"] == "RSA only"
    async with issuing() as issuer, serving(api(issuer)) as served:
        issuer.key_algorithm = of_key
        response = await served.get("/x", issuer.bearer(algorithm=algorithm))
    assert response.status == status


async def test_httpapi_behaviour_018_audience_by_client_id() -> None:
    assert (await answer_to(aud=None, client_id="client")).status == 200
    assert (await answer_to(aud=["other", "client"])).status == 200
    assert (await answer_to(aud="other", client_id="client")).status == 401


async def test_httpapi_behaviour_018_keys_within_their_time() -> None:
    assert fact("httpapi-behaviour-018").expect["jwks_timeout_ms"] == 1500
    async with issuing() as issuer, serving(api(issuer)) as served:
        issuer.silent = True
        response = await served.get("/x", issuer.bearer())
    assert response.status == 401


async def test_httpapi_behaviour_038_audience_mismatch() -> None:
    assert_answer(await answer_to(aud="other"), fact("httpapi-behaviour-038").expect)
