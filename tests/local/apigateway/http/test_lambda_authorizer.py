from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.http.definition import HttpApi, LambdaAuthorizer, PayloadFormat
from local.apigateway.http.serving import AUTHORIZER, TOKEN, http_api, message_of, route, serving

KEPT = replace(AUTHORIZER, ttl_s=300.0)
BY_POLICY = replace(KEPT, payload_format=PayloadFormat.V1, simple_responses=False)
ARN = "arn:aws:execute-api:us-east-1:000000000000:abcde12345/$default"


def api(authorizer: LambdaAuthorizer) -> HttpApi:
    return http_api(
        route("GET /x", authorization=authorizer), route("GET /y", authorization=authorizer)
    )


def policy(effect: str, resource: str) -> Callable[[Any], dict[str, Any]]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    answer = {
        "principalId": "me",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"a": 1},
    }
    return lambda _: answer


async def test_an_answer_is_kept_for_its_time_and_identity() -> None:
    async with serving(api(KEPT), authorizer=lambda _: {"isAuthorized": True}) as served:
        for header in (TOKEN, TOKEN, ("Authorization", "other")):
            assert (await served.get("/x", header)).status == 200
        assert len(served.events("authorizer")) == 2
        served.clock.seconds += 300
        await served.get("/y", TOKEN)
        assert len(served.events("authorizer")) == 3


async def test_a_refusal_is_kept_too() -> None:
    async with serving(api(KEPT), authorizer=lambda _: {"isAuthorized": False}) as served:
        statuses = [(await served.get("/x", TOKEN)).status for _ in range(2)]
        assert len(served.events("authorizer")) == 1
    assert statuses == [403, 403]


async def test_without_a_ttl_every_request_asks() -> None:
    async with serving(api(AUTHORIZER), authorizer=lambda _: {"isAuthorized": True}) as served:
        for _ in range(2):
            await served.get("/x", TOKEN)
        assert len(served.events("authorizer")) == 2


async def test_a_failure_is_not_kept() -> None:
    answers: list[Any] = ["nonsense", {"isAuthorized": True}]
    async with serving(api(KEPT), authorizer=lambda _: answers.pop(0)) as served:
        statuses = [(await served.get("/x", TOKEN)).status for _ in range(2)]
    assert statuses == [500, 200]


async def test_routes_are_told_apart_by_an_identity_source() -> None:
    sources = ("$request.header.Authorization", "$context.routeKey", "$request.querystring.q")
    authorizer = replace(KEPT, identity_sources=sources)
    async with serving(api(authorizer), authorizer=lambda _: {"isAuthorized": True}) as served:
        for path in ("/x?q=1", "/y?q=1", "/x?q=1"):
            assert (await served.get(path, TOKEN)).status == 200
        assert (await served.get("/x", TOKEN)).status == 401
        events = served.events("authorizer")
    assert [event["identitySource"] for event in events] == [
        [TOKEN[1], "GET /x", "1"],
        [TOKEN[1], "GET /y", "1"],
    ]


async def test_a_policy_is_evaluated_for_each_request() -> None:
    async with serving(api(BY_POLICY), authorizer=policy("Allow", f"{ARN}/GET/x")) as served:
        responses = [await served.get(path, TOKEN) for path in ("/x", "/y")]
        assert len(served.events("authorizer")) == 1
        (event,) = served.events()
    assert [response.status for response in responses] == [200, 403]
    assert event["requestContext"]["authorizer"] == {"lambda": {"a": 1}}


@pytest.mark.parametrize(
    ("authorizer", "status", "message"),
    [
        (policy("Deny", "*"), 403, "Forbidden"),
        (policy("Allow", "arn:other"), 403, "Forbidden"),
        (lambda _: {"policyDocument": {}}, 500, "Internal Server Error"),
    ],
)
async def test_policies_that_do_not_allow(
    authorizer: Callable[[Any], Any], status: int, message: str
) -> None:
    async with serving(api(BY_POLICY), authorizer=authorizer) as served:
        response = await served.get("/x", TOKEN)
        assert served.events() == []
    assert (response.status, message_of(response)) == (status, message)


async def test_the_event_of_format_1() -> None:
    async with serving(api(BY_POLICY), authorizer=policy("Allow", "*")) as served:
        await served.get("/x?a=1&a=2", TOKEN)
        (event,) = served.events("authorizer")
    assert (event["version"], event["type"]) == ("1.0", "REQUEST")
    assert event["methodArn"] == f"{ARN}/GET/x"
    assert event["identitySource"] == event["authorizationToken"] == TOKEN[1]
    assert event["queryStringParameters"] == {"a": "2"}
    assert event["requestContext"]["resourceId"] == "GET /x"


async def test_an_authorizer_that_may_not_be_invoked() -> None:
    async with serving(api(replace(AUTHORIZER, invocable=False))) as served:
        response = await served.get("/x", TOKEN)
        assert served.functions.requests == []
    assert response.status == 500
