"""Authorizers of REST APIs: what they are asked, and what their answers mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    ApiKey,
    LambdaAuthorizer,
    RequestValidation,
    UsagePlan,
    UsagePlanStage,
    build_rest_apis,
)
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.http import Response
from facts.facts import fact
from local.apigateway.authorizing import (
    ANY_METHOD,
    API_ARN,
    AUTHORIZER,
    answer,
    asking,
    authorized_api,
    authorized_method,
    calls,
    event_of,
    lambda_authorizer,
    policy,
)
from local.apigateway.deploying import API_ID, INVOKE_URI, deployment, resource
from local.apigateway.serving import FUNCTION, rest_api

TOKEN = ("Authorization", "a-token")
KEY = ApiKey("Key", "key-id", "a-secret-value-for-the-key")


def assert_answer(response: Response, expect: dict[str, Any]) -> None:
    """Status, body and headers as the fact has them."""
    assert response.status == expect["status"]
    body = expect.get("body", json.loads(response.body))
    assert json.loads(response.body) == (json.loads(body) if isinstance(body, str) else body)
    for name, value in expect.get("headers", {}).items():
        assert response.header(name) == value


async def asked(
    authorizer: LambdaAuthorizer, given: Any, *headers: tuple[str, str], target: str = "/stage/x"
) -> tuple[Response, int]:
    """The answer to one request, and how often the authorizer was asked for it."""
    async with asking(lambda _: given, authorized_api(authorizer=authorizer)) as served:
        return await served.get(target, *headers), calls(served)


async def test_rest_authorizers_001_event_of_a_token_authorizer() -> None:
    expect = fact("rest-authorizers-001").expect["authorizer_event"]
    api = authorized_api("/items/{id}", authorizer=lambda_authorizer())
    async with asking(lambda _: answer(), api) as served:
        response = await served.get("/stage/items/7?x=1", TOKEN)
        event = event_of(served)
    assert response.status == 200
    assert event.keys() == expect.keys()
    assert event["type"] == expect["type"]
    assert event["authorizationToken"] == "a-token"
    assert event["methodArn"] == f"{API_ARN}/GET/items/7"


async def test_rest_authorizers_002_event_of_a_request_authorizer() -> None:
    expect = fact("rest-authorizers-002").expect
    api = authorized_api("/items/{id}", authorizer=lambda_authorizer("REQUEST"))
    async with asking(lambda _: answer(), api) as served:
        await served.send("POST", "/stage/items/7?x=1", [TOKEN], b"a body")
        event = event_of(served)
    assert list(event) == expect["authorizer_event_keys"]
    assert event["type"] == expect["type"]
    assert (event["httpMethod"], event["resource"]) == ("POST", "/items/{id}")
    assert event["pathParameters"] == {"id": "7"}
    assert event["queryStringParameters"] == {"x": "1"}
    assert event["headers"]["Authorization"] == "a-token"
    assert event["requestContext"]["resourcePath"] == "/items/{id}"


@pytest.mark.parametrize("headers", [[], [("Authorization", "")]])
async def test_rest_authorizers_003_no_token(headers: list[tuple[str, str]]) -> None:
    response, asked_times = await asked(lambda_authorizer(), answer(), *headers)
    assert_answer(response, fact("rest-authorizers-003").expect)
    assert asked_times == 0


async def test_rest_authorizers_004_token_does_not_match_the_expression() -> None:
    authorizer = lambda_authorizer(validation_expression="Bearer [a-z]+")
    response, asked_times = await asked(authorizer, answer(), ("Authorization", "Bearer 12"))
    assert_answer(response, fact("rest-authorizers-004").expect)
    assert asked_times == 0
    matching, _ = await asked(authorizer, answer(), ("authorization", "Bearer abc"))
    assert matching.status == 200


@pytest.mark.parametrize("ttl_s", [300, 0])
async def test_rest_authorizers_005_an_identity_source_is_missing(ttl_s: int) -> None:
    case = fact("rest-authorizers-005")
    sources = ("method.request.header.Authorization", "method.request.querystring.who")
    authorizer = lambda_authorizer("REQUEST", identity_sources=sources, ttl_s=ttl_s)
    response, asked_times = await asked(authorizer, answer(), TOKEN, target="/stage/x?who=")
    if ttl_s:
        assert_answer(response, case.expect)
        assert asked_times == 0
    else:
        assert "ttl 0" in case.note
        assert (response.status, asked_times) == (200, 1)


def failure(message: str) -> InvocationResult:
    payload = json.dumps({"errorMessage": message, "errorType": "Exception"}).encode()
    return InvocationResult("request", payload, function_error="Unhandled")


async def test_rest_authorizers_006_the_authorizer_says_unauthorized() -> None:
    response, _ = await asked(lambda_authorizer(), failure("Unauthorized"), TOKEN)
    assert_answer(response, fact("rest-authorizers-006").expect)


@pytest.mark.parametrize("message", ["unauthorized", "Task timed out after 3.00 seconds"])
async def test_rest_authorizers_007_the_authorizer_fails(message: str) -> None:
    response, _ = await asked(lambda_authorizer(), failure(message), TOKEN)
    assert_answer(response, fact("rest-authorizers-007").expect)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "Allow",
        {"policyDocument": policy()},
        answer(policyDocument=None),
        answer(policyDocument={"Statement": [{"Effect": "Allow"}]}),
        answer(policyDocument=policy(effect="allow")),
        answer(context={"nested": {"a": 1}}),
    ],
)
async def test_rest_authorizers_008_malformed_answer(given: Any) -> None:
    response, _ = await asked(lambda_authorizer(), given, TOKEN)
    assert_answer(response, fact("rest-authorizers-008").expect)


async def test_rest_authorizers_010_the_policy_is_for_other_methods() -> None:
    given = answer(policyDocument=policy(f"{API_ARN}/GET/other"))
    response, _ = await asked(lambda_authorizer(), given, TOKEN)
    assert_answer(response, fact("rest-authorizers-010").expect)
    assert response.body.decode() == fact("rest-authorizers-010").expect["body"]


def deployed(**properties: Any) -> LambdaAuthorizer:
    """The authorizer of a template."""
    values = {
        "Type": "TOKEN",
        "RestApiId": API_ID,
        "AuthorizerUri": INVOKE_URI,
        "IdentitySource": "method.request.header.Authorization",
        **properties,
    }
    method = {"AuthorizationType": "CUSTOM", "AuthorizerId": "Authorizer"}
    built = deployment({"/x": {"GET": method}}, resource("Authorizer", "Authorizer", **values))
    (api,) = build_rest_apis(built)
    (found,) = [m.authorization.authorizer for r in api.resources for m in r.methods]
    assert isinstance(found, LambdaAuthorizer)
    return found


async def test_rest_authorizers_011_how_long_results_are_kept() -> None:
    expect = fact("rest-authorizers-011").expect
    default = deployed().ttl_s
    assert default == expect["default_ttl_s"]
    assert deployed(AuthorizerResultTtlInSeconds=expect["max_ttl_s"]).ttl_s == 3600
    with pytest.raises(TemplateError, match="AuthorizerResultTtlInSeconds"):
        deployed(AuthorizerResultTtlInSeconds=expect["max_ttl_s"] + 1)
    times = []
    for ttl_s in (default, int(next(key for key in expect if key.isdigit()))):
        api = authorized_api(authorizer=lambda_authorizer(ttl_s=ttl_s))
        async with asking(lambda _: answer(), api) as served:
            for pause_s in (0, default - 1, 1):
                served.clock.seconds += pause_s
                await served.get("/stage/x", TOKEN)
            await served.get("/stage/x", ("Authorization", "another"))
            times.append(calls(served))
    assert times == [3, 4]


async def test_rest_authorizers_013_a_kept_policy_counts_for_every_method() -> None:
    expect = fact("rest-authorizers-013").expect
    api = authorized_api("/a", "/b", authorizer=lambda_authorizer())
    given = answer(policyDocument=policy(f"{API_ARN}/GET/a"))
    async with asking(lambda _: given, api) as served:
        first = await served.get("/stage/a", TOKEN)
        second = await served.get("/stage/b", TOKEN)
        assert first.status == 200
        assert_answer(second, expect)
        assert calls(served) == 1


async def test_rest_authorizers_014_values_of_the_context() -> None:
    expect = fact("rest-authorizers-014").expect
    values = {"string": "x", "number": 1.5, "boolean": True}
    assert list(values) == expect["allowed_value_types"]
    api = authorized_api(authorizer=lambda_authorizer())
    async with asking(lambda _: answer(context=values), api) as served:
        await served.get("/stage/x", TOKEN)
        authorizer = event_of(served, FUNCTION)["requestContext"]["authorizer"]
    assert {name: authorizer[name] for name in values} == {
        "string": "x",
        "number": "1.5",
        "boolean": "true",
    }
    response, _ = await asked(lambda_authorizer(), answer(context={"a": [1]}), TOKEN)
    assert response.status == 500
    assert response.header("x-amzn-ErrorType") in expect["invalid"]


async def test_rest_authorizers_015_the_authorizer_gives_the_api_key() -> None:
    assert "AUTHORIZER" in fact("rest-authorizers-015").expect["effect"]
    plan = UsagePlan("Plan", "plan", {"stage": UsagePlanStage("stage")}, {KEY.value: KEY})
    method = authorized_method(lambda_authorizer(), api_key_required=True)
    api = rest_api("/x", methods=(method,), usage_plans=(plan,), api_key_source="AUTHORIZER")

    def authorize(event: Any) -> Any:
        key = KEY.value if event["authorizationToken"] == "a-token" else "unknown"
        return answer(usageIdentifierKey=key)

    async with asking(authorize, api) as served:
        known = await served.get("/stage/x", TOKEN)
        identity = event_of(served, FUNCTION)["requestContext"]["identity"]
        other = await served.get("/stage/x", ("Authorization", "b"), ("x-api-key", KEY.value))
    assert (known.status, other.status) == (200, 403)
    assert identity["apiKeyId"] == KEY.key_id


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        (ANY_METHOD, 200),
        (f"{API_ARN}/GET/*", 200),
        (f"{API_ARN}/G?T/*/7", 200),
        ("arn:aws:execute-api:*/7", 200),
        (f"{API_ARN}/GET/items", 403),
        (f"{API_ARN}/POST/*", 403),
        (f"{API_ARN}/GET/items.7", 403),
    ],
)
async def test_rest_authorizers_016_wildcards(pattern: str, status: int) -> None:
    assert "crosses '/'" in fact("rest-authorizers-016").expect["match"]
    api = authorized_api("/items/{id}", authorizer=lambda_authorizer())
    async with asking(lambda _: answer(policyDocument=policy(pattern)), api) as served:
        assert (await served.get("/stage/items/7", TOKEN)).status == status


async def test_rest_authorizers_019_order() -> None:
    order = fact("rest-authorizers-019").expect["order"]
    assert [step.partition(" ")[0] for step in order] == [
        "routing", "authorizer", "API", "request", "integration",
    ]  # fmt: skip
    plan = UsagePlan("Plan", "plan", {"stage": UsagePlanStage("stage")}, {KEY.value: KEY})
    validation = RequestValidation(required=(("querystring", "q"),))
    method = authorized_method(api_key_required=True, validation=validation)
    api = rest_api("/x", methods=(method,), usage_plans=(plan,))
    key = ("x-api-key", KEY.value)
    async with asking(lambda _: answer(), api) as served:
        statuses = [
            (await served.get(target, *headers)).status
            for target, headers in (
                ("/stage/y", ()),
                ("/stage/x", ()),
                ("/stage/x", (TOKEN,)),
                ("/stage/x", (TOKEN, key)),
                ("/stage/x?q=1", (TOKEN, key)),
            )
        ]
        invoked = [request.function_name for request in served.functions.requests]
    assert statuses == [403, 401, 403, 400, 200]
    assert invoked == [AUTHORIZER, FUNCTION]


async def test_rest_proxy_event_024_what_the_function_sees() -> None:
    expect = fact("rest-proxy-event-024").expect["event.requestContext.authorizer"]
    api = authorized_api(authorizer=lambda_authorizer())

    async def authorize(_event: Any) -> Any:
        served.clock.seconds += 0.25
        return answer(context={"plan": 3})

    async with asking(authorize, api) as served:
        await served.get("/stage/x", TOKEN)
        authorizer = event_of(served, FUNCTION)["requestContext"]["authorizer"]
    assert authorizer == {"principalId": "somebody", "plan": "3", "integrationLatency": 250}
    assert authorizer.keys() - {"plan"} == expect.keys() - {"<contextKey>"}


async def test_without_a_permission_the_authorizer_is_not_asked() -> None:
    authorizer = replace(lambda_authorizer(), invocable=False)
    response, asked_times = await asked(authorizer, answer(), TOKEN)
    assert (response.status, asked_times) == (500, 0)
    assert response.header("x-amzn-ErrorType") == "AuthorizerConfigurationException"
