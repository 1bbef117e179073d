"""What a Lambda authorizer is asked, what is kept of its answer and for whom, and that nothing
is served where there is none to ask.

Sources: facts rest-authorizers-003 to -013, httpapi-behaviour-019 to -021 (documented).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callers.tokens import GARBAGE, MUTATIONS, mutations
from cloudworthy.local.apigateway.definition import Stage, build_rest_apis
from cloudworthy.local.apigateway.http.definition import build_http_apis
from cloudworthy.local.apigateway.http.definition.types import LambdaAuthorizer as HttpAuthorizer
from cloudworthy.local.apigateway.http.definition.types import PayloadFormat
from cloudworthy.local.model.errors import TemplateError
from local.apigateway import deploying as rest_stack
from local.apigateway.authorizing import (
    API_ARN,
    AUTHORIZER_ARN,
    answer,
    asking,
    authorized_api,
    authorized_method,
    calls,
    event_of,
    lambda_authorizer,
    policy,
)
from local.apigateway.http import deploying as http_stack
from local.apigateway.http import serving as http
from local.apigateway.serving import FUNCTION, Served, rest_api, serving

SECRET = "sesame-4TzVb8Qw"
TOKEN = ("Authorization", SECRET)
UNAUTHORIZED = (401, b'{"message":"Unauthorized"}')
EXPLICIT_DENY = (
    403,
    b'{"Message":"User is not authorized to access this resource with an explicit deny"}',
)
HTTP_ARN = "arn:aws:execute-api:us-east-1:000000000000:abcde12345/$default"
NOT_IDENTITIES: list[list[tuple[str, str]]] = [
    [],
    [("Authorization", "")],
    [("Authorization", "  ")],
    [("X-Authorization", SECRET)],
    [("Cookie", f"Authorization={SECRET}")],
]
WRONG: list[list[tuple[str, str]]] = [
    [("Authorization", SECRET.upper())],
    [("Authorization", f"{SECRET} ,")],
    [("Authorization", f"{SECRET},{SECRET}")],
    [("Authorization", f"Bearer {SECRET}")],
    [("Authorization", GARBAGE)],
    [("Authorization", SECRET), ("Authorization", "wrong")],
]


def gate(event: Any) -> Any:
    """Lets in who shows the secret, by any kind of event."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    shown = event.get("authorizationToken") or headers.get("authorization")
    good = shown == SECRET
    if "routeArn" in event:
        return {"isAuthorized": good}
    return answer(policyDocument=policy("*", "Allow" if good else "Deny"))


async def status_of(served: Served, target: str, *headers: tuple[str, str]) -> int:
    return (await served.get(target, *headers)).status


# who is asked about


@pytest.mark.parametrize("kind", ["TOKEN", "REQUEST"])
async def test_callers_of_a_rest_method(kind: str) -> None:
    api = authorized_api(authorizer=lambda_authorizer(kind))
    async with asking(gate, api) as served:
        for headers in NOT_IDENTITIES:
            response = await served.get("/stage/x", *headers)
            assert (response.status, response.body) == UNAUTHORIZED, headers
        assert calls(served) == 0, "nobody is asked about nobody"
        for headers in WRONG:
            response = await served.get("/stage/x", *headers)
            assert (response.status, response.body) == EXPLICIT_DENY, headers
        assert calls(served, FUNCTION) == 0
        for name in ("authorization", "AUTHORIZATION"):
            assert await status_of(served, "/stage/x", (name, SECRET)) == 200
        twice = (("Authorization", "wrong"), TOKEN)
        assert await status_of(served, "/stage/x", *twice) == 200
        assert event_of(served, FUNCTION)["headers"]["Authorization"] == SECRET


SIMPLE = replace(http.AUTHORIZER, ttl_s=300.0)
BY_POLICY = replace(SIMPLE, simple_responses=False)
BY_POLICY_V1 = replace(BY_POLICY, payload_format=PayloadFormat.V1)


def http_gate(authorizer: HttpAuthorizer) -> Any:
    def decide(event: Any) -> Any:
        (shown,) = (
            [event["identitySource"]]
            if isinstance(event["identitySource"], str)
            else event["identitySource"]
        )
        if authorizer.simple_responses:
            return {"isAuthorized": shown == SECRET}
        return answer(policyDocument=policy("*", "Allow" if shown == SECRET else "Deny"))

    return decide


@pytest.mark.parametrize("authorizer", [SIMPLE, BY_POLICY, BY_POLICY_V1])
async def test_callers_of_an_http_route(authorizer: HttpAuthorizer) -> None:
    api = http.http_api(http.route("GET /x", authorization=authorizer))
    async with http.serving(api, authorizer=http_gate(authorizer)) as served:
        for headers in NOT_IDENTITIES:
            response = await served.get("/x", *headers)
            assert (response.status, response.body) == UNAUTHORIZED, headers
        assert served.functions.requests == []
        for headers in WRONG:
            response = await served.get("/x", *headers)
            assert (response.status, response.body) == (403, b'{"message":"Forbidden"}'), headers
        assert served.events() == []
        assert (await served.get("/x", ("aUTHORIZATION", SECRET))).status == 200


async def test_no_mutation_of_a_token_gets_through_the_cache() -> None:
    """The decision about one token is kept; it is not given to one that is nearly the same."""
    samples: list[str] = []

    @settings(max_examples=MUTATIONS, deadline=None)
    @given(mutated=mutations(SECRET).filter(lambda it: it != SECRET))
    def draw(mutated: str) -> None:
        samples.append(mutated)

    draw()
    api = authorized_api(authorizer=lambda_authorizer())
    async with asking(gate, api) as served:
        assert await status_of(served, "/stage/x", TOKEN) == 200
        statuses = {
            await status_of(served, "/stage/x", ("Authorization", it)) for it in samples if it
        }
        assert statuses <= {401, 403}
        assert calls(served, FUNCTION) == 1


# what is kept


async def test_what_is_kept_is_kept_for_a_stage() -> None:
    stages = (Stage("Stage", "stage"), Stage("Other", "other"))
    api = authorized_api(authorizer=lambda_authorizer(), stages=stages)
    everywhere = answer(policyDocument=policy("*"))
    async with asking(lambda _: everywhere, api) as served:
        for target in ("/stage/x", "/other/x", "/stage/x", "/other/x"):
            assert await status_of(served, target, TOKEN) == 200
        assert calls(served) == 2


async def test_two_authorizers_keep_apart_what_the_same_function_says() -> None:
    first = lambda_authorizer()
    second = replace(first, logical_id="Second", authorizer_id="auth99")
    resources = [
        replace(rest_api(path, methods=(authorized_method(it),)).resources[0])
        for path, it in (("/a", first), ("/b", second))
    ]
    async with asking(lambda _: answer(), rest_api(resources=tuple(resources))) as served:
        for target in ("/stage/a", "/stage/b", "/stage/a", "/stage/b"):
            assert await status_of(served, target, TOKEN) == 200
        assert calls(served) == 2


async def test_every_identity_source_tells_callers_apart() -> None:
    sources = ("method.request.header.Authorization", "method.request.querystring.tenant")
    authorizer = lambda_authorizer("REQUEST", identity_sources=sources)

    def decide(event: Any) -> Any:
        mine = event["queryStringParameters"]["tenant"] == "mine"
        return answer(policyDocument=policy("*", "Allow" if mine else "Deny"))

    async with asking(decide, authorized_api(authorizer=authorizer)) as served:
        targets = ("mine", "yours", "mine", "yours", "")
        statuses = [await status_of(served, f"/stage/x?tenant={it}", TOKEN) for it in targets]
        assert statuses == [200, 403, 200, 403, 401]
        assert calls(served) == 2
        # Values that would be the same text when put together are two identities.
        for header, tenant in (("a,b", "c"), ("a", "b,c")):
            await status_of(served, f"/stage/x?tenant={tenant}", ("Authorization", header))
        assert calls(served) == 4


@pytest.mark.parametrize("kind", ["TOKEN", "REQUEST"])
async def test_a_refusal_is_kept_like_a_permission(kind: str) -> None:
    """The answer of a moment ago counts until its time is over, whatever the function says now."""
    say = ["Deny"]
    api = authorized_api(authorizer=lambda_authorizer(kind, ttl_s=60))
    async with asking(lambda _: answer(policyDocument=policy("*", say[0])), api) as served:
        statuses = []
        for pause_s, effect in (
            (0, "Deny"),
            (59, "Allow"),
            (1, "Allow"),
            (59, "Deny"),
            (1, "Deny"),
        ):
            served.clock.seconds += pause_s
            say[0] = effect
            statuses.append(await status_of(served, "/stage/x", TOKEN))
        assert statuses == [403, 403, 200, 200, 403]
        assert calls(served) == 3


async def test_a_failure_is_not_kept() -> None:
    answers: list[Any] = [{"no": "policy"}, answer()]
    api = authorized_api(authorizer=lambda_authorizer())
    async with asking(lambda _: answers.pop(0), api) as served:
        statuses = [await status_of(served, "/stage/x", TOKEN) for _ in range(3)]
        assert statuses == [500, 200, 200]


async def test_without_a_ttl_nothing_is_kept() -> None:
    say = ["Allow", "Deny", "Allow"]
    api = authorized_api(authorizer=lambda_authorizer(ttl_s=0))
    async with asking(lambda _: answer(policyDocument=policy("*", say.pop(0))), api) as served:
        assert [await status_of(served, "/stage/x", TOKEN) for _ in range(3)] == [200, 403, 200]


@settings(max_examples=25, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["ann", "bob"]),
            st.sampled_from(["/stage/a", "/stage/b"]),
            st.integers(0, 40),
        ),
        max_size=12,
    )
)
async def test_a_kept_decision_is_what_was_said_about_this_caller(
    steps: list[tuple[str, str, int]],
) -> None:
    """Ann may call /a, Bob may call /b, whoever asked first and whatever was kept since."""
    allowed = {"ann": "/stage/a", "bob": "/stage/b"}

    def decide(event: Any) -> Any:
        path = allowed[event["authorizationToken"]].removeprefix("/stage")
        return answer(policyDocument=policy(f"{API_ARN}/GET{path}"))

    api = authorized_api("/a", "/b", authorizer=lambda_authorizer(ttl_s=60))
    asked_at: dict[str, float] = {}
    async with asking(decide, api) as served:
        expected_calls = 0
        for who, target, pause_s in steps:
            served.clock.seconds += pause_s
            now = served.clock.seconds
            if now - asked_at.get(who, -60) >= 60:
                asked_at[who] = now
                expected_calls += 1
            status = await status_of(served, target, ("Authorization", who))
            assert status == (200 if allowed[who] == target else 403)
        assert calls(served) == expected_calls


# none to ask


CUSTOM = {"AuthorizationType": "CUSTOM", "AuthorizerId": "Authorizer"}
AUTHORIZER = {
    "RestApiId": rest_stack.API_ID,
    "Type": "TOKEN",
    "IdentitySource": "method.request.header.Authorization",
    "AuthorizerUri": rest_stack.INVOKE_URI.replace(":echo/", ":authorizer/"),
}
JWT_ROUTE = {"AuthorizationType": "JWT", "AuthorizerId": "authorizer"}


@pytest.mark.parametrize(
    ("method", "others"),
    [
        (CUSTOM, []),
        (CUSTOM, [rest_stack.resource("Authorizer", "Another", **AUTHORIZER)]),
        (
            CUSTOM,
            [
                rest_stack.resource(
                    "Authorizer", "Authorizer", **AUTHORIZER | {"RestApiId": "other"}
                )
            ],
        ),
        (
            CUSTOM | {"AuthorizationType": "COGNITO_USER_POOLS"},
            [rest_stack.resource("Authorizer", "Authorizer", **AUTHORIZER)],
        ),
        ({"AuthorizationType": "CUSTOM"}, []),
        ({"AuthorizationType": "OPENID"}, []),
        ({"AuthorizationType": "NONE", "AuthorizerId": "Authorizer"}, []),
    ],
)
def test_a_method_whose_authorizer_is_not_there_is_refused_by_name(
    method: dict[str, Any], others: list[Any]
) -> None:
    with pytest.raises(TemplateError, match=r"AWS::ApiGateway::Method.*\(GET/x\)"):
        build_rest_apis(rest_stack.deployment({"/x": {"GET": method}}, *others))


@pytest.mark.parametrize(
    ("route", "others"),
    [
        (JWT_ROUTE, []),
        (JWT_ROUTE, [http_stack.lambda_authorizer()]),
        (JWT_ROUTE, [http_stack.jwt_authorizer(ApiId="another")]),
        (JWT_ROUTE | {"AuthorizerId": "gone"}, [http_stack.jwt_authorizer()]),
        (JWT_ROUTE | {"AuthorizationType": "CUSTOM"}, [http_stack.jwt_authorizer()]),
        (JWT_ROUTE | {"AuthorizationType": "NONE"}, [http_stack.jwt_authorizer()]),
        ({"AuthorizationType": "AWS"}, []),
    ],
)
def test_a_route_whose_authorizer_is_not_there_is_refused_by_name(
    route: dict[str, Any], others: list[Any]
) -> None:
    with pytest.raises(TemplateError, match=r"AWS::ApiGatewayV2::Route.*\(route GET /x\)"):
        build_http_apis(http_stack.deployment({"GET /x": route}, *others))


async def test_an_authorizer_without_its_function_or_permission_serves_nothing() -> None:
    gone = replace(lambda_authorizer(), function_arn=AUTHORIZER_ARN + "-gone")
    for authorizer in (gone, replace(lambda_authorizer(), invocable=False)):
        api = authorized_api(authorizer=authorizer)
        async with serving(api) as served:
            for _ in range(2):
                response = await served.get("/stage/x", TOKEN)
                assert (response.status, response.body) == (500, b'{"message":null}')
            assert calls(served, FUNCTION) == 0
    gone_http = replace(SIMPLE, function_arn=AUTHORIZER_ARN + "-gone")
    for http_authorizer in (gone_http, replace(SIMPLE, invocable=False)):
        http_api = http.http_api(http.route("GET /x", authorization=http_authorizer))
        async with http.serving(http_api) as by_http:
            for _ in range(2):
                http_response = await by_http.get("/x", TOKEN)
                assert http_response.status == 500
                assert http.message_of(http_response) == "Internal Server Error"
            assert by_http.events() == []
