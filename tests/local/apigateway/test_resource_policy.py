"""Resource policies, from the template to the answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    LambdaAuthorizer,
    RestApi,
    build_rest_apis,
)
from cloudworthy.local.model.errors import TemplateError
from local.apigateway.authorizing import (
    AUTHORIZER,
    AUTHORIZER_ARN,
    answer,
    asking,
    calls,
    policy,
)
from local.apigateway.deploying import API_ID, deployment, permission, resource
from local.apigateway.serving import serving

ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}
HERE = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
ELSEWHERE = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}
NOT_HERE = {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}


def statement(resource_name: str = "execute-api:/*", **changes: Any) -> dict[str, Any]:
    return ANYBODY | {"Resource": resource_name} | changes


def api_with(*statements: Any, **method: Any) -> RestApi:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    authorizer = resource(
        "Authorizer",
        "Authorizer",
        RestApiId=API_ID,
        Type="TOKEN",
        IdentitySource="method.request.header.Authorization",
        AuthorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"{AUTHORIZER_ARN}/invocations",
    )
    may_ask = replace(permission(function=AUTHORIZER_ARN), logical_id="MayAsk")
    (api,) = build_rest_apis(
        deployment({"/x": {"GET": method}}, authorizer, permission(), may_ask, Policy=document)
    )
    return api


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([statement()], 200),
        ([statement("execute-api:/stage/GET/x")], 200),
        ([statement(f"arn:aws:execute-api:us-east-1:000000000000:{API_ID}/*")], 200),
        ([statement("*", Principal={"AWS": "*"}, Action="execute-api:*")], 200),
        ([statement("execute-api:/other/*")], 403),
        ([statement(Principal={"AWS": "000000000000"})], 403),
        ([statement(Principal={"Service": "lambda.amazonaws.com"})], 403),
        ([statement(), statement(Effect="Deny", Condition=HERE)], 403),
        ([statement(), statement(Effect="Deny", Condition=ELSEWHERE)], 200),
        ([statement(), statement(Effect="Deny", Condition=NOT_HERE)], 200),
        ([statement(Condition=HERE)], 200),
        ([statement(Condition=ELSEWHERE)], 403),
        ([statement(Condition={"Bool": {"aws:SecureTransport": True}})], 200),
        ([statement(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})], 403),
        ([statement(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}})], 200),
        ([statement(Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}})], 200),
        ([statement(Condition={"Null": {"aws:SourceVpc": "true"}})], 200),
        ([statement(Condition={"StringLike": {"aws:UserAgent": "curl/*"}})], 200),
        ([statement(Condition={"StringLike": {"aws:UserAgent": "wget/*"}})], 403),
    ],
)
async def test_who_may_call_an_open_method(statements: list[Any], status: int) -> None:
    async with serving(api_with(*statements)) as served:
        response = await served.get("/stage/x", ("User-Agent", "curl/8.0"))
    assert response.status == status


async def test_an_explicit_deny_is_named() -> None:
    async with serving(api_with(statement(), statement(Effect="Deny"))) as served:
        response = await served.get("/stage/x")
    assert json.loads(response.body)["Message"].endswith("/stage/GET/x with an explicit deny")


CUSTOM = {"AuthorizationType": "CUSTOM", "AuthorizerId": "Authorizer"}
ELSE = "execute-api:/stage/POST/*"


@pytest.mark.parametrize(
    ("of_resource", "of_authorizer", "status", "asked"),
    [
        (statement(), policy(), 200, 1),
        (statement(ELSE), policy(), 200, 1),
        (statement(), policy("arn:other"), 200, 1),
        (statement(ELSE), policy("arn:other"), 403, 1),
        (statement(), policy(effect="Deny"), 403, 1),
        (statement(Effect="Deny"), policy(), 403, 0),
    ],
)
async def test_with_a_lambda_authorizer_either_may_let_in(
    of_resource: Any, of_authorizer: Any, status: int, asked: int
) -> None:
    api = api_with(of_resource, **CUSTOM)
    method = api.resources[1].methods[0]
    assert method.authorization.type is AuthorizationType.CUSTOM
    assert isinstance(method.authorization.authorizer, LambdaAuthorizer)
    given = answer(policyDocument=of_authorizer)
    async with asking(lambda _: given, api) as served:
        response = await served.get("/stage/x", ("Authorization", "token"))
        assert calls(served, AUTHORIZER) == asked
    assert response.status == status


def test_a_policy_may_be_a_text() -> None:
    document = json.dumps({"Statement": statement()})
    (api,) = build_rest_apis(deployment({}, Policy=document))
    assert api.policy is not None
    assert api.policy[0].resources == (f"arn:aws:execute-api:us-east-1:000000000000:{API_ID}/*",)


@pytest.mark.parametrize(
    "wrong",
    [
        statement(Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}),
        statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        statement(Effect="allow"),
        statement(Action=[]),
        {"Effect": "Allow", "Principal": "*", "NotAction": "x", "Resource": "*"},
    ],
)
def test_what_is_not_evaluated_is_refused(wrong: Any) -> None:
    with pytest.raises(TemplateError, match="Policy"):
        api_with(wrong)


def test_a_policy_that_is_no_json_is_refused() -> None:
    with pytest.raises(TemplateError, match="JSON object"):
        build_rest_apis(deployment({}, Policy="{"))
