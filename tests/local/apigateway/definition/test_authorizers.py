"""Authorizers of a template, and whether API Gateway may invoke their functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    AuthorizationType,
    CognitoAuthorizer,
    LambdaAuthorizer,
    MethodAuthorization,
    UserPool,
    build_rest_apis,
)
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import ProvisionedResource
from local.apigateway.deploying import API_ID, INVOKE_URI, deployment, permission, resource
from local.apigateway.serving import ACCOUNT, FUNCTION_ARN, REGION

TOKEN = {
    "Type": "TOKEN",
    "RestApiId": API_ID,
    "AuthorizerUri": INVOKE_URI,
    "IdentitySource": "method.request.header.Authorization",
}
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/us-east-1_Abc"
COGNITO = {"Type": "COGNITO_USER_POOLS", "RestApiId": API_ID, "ProviderARNs": [POOL_ARN]}
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/invoker"


def authorization(
    properties: dict[str, Any], *others: ProvisionedResource, **method: Any
) -> MethodAuthorization:
    kind = "CUSTOM" if properties["Type"] in ("TOKEN", "REQUEST") else properties["Type"]
    values = {"AuthorizationType": kind, "AuthorizerId": "Authorizer", **method}
    authorizer = resource("Authorizer", "Authorizer", **properties)
    (api,) = build_rest_apis(deployment({"/x": {"GET": values}}, authorizer, *others))
    return next(m.authorization for r in api.resources for m in r.methods)


def lambda_authorizer(*others: ProvisionedResource, **changes: Any) -> LambdaAuthorizer:
    found = authorization(TOKEN | changes, *others).authorizer
    assert isinstance(found, LambdaAuthorizer)
    return found


def test_a_token_authorizer() -> None:
    found = lambda_authorizer(IdentityValidationExpression="Bearer .+")
    assert found == LambdaAuthorizer(
        logical_id="Authorizer",
        authorizer_id="Authorizer",
        kind="TOKEN",
        function_arn=FUNCTION_ARN,
        identity_sources=("method.request.header.Authorization",),
        validation_expression="Bearer .+",
    )


def test_a_request_authorizer_has_several_sources() -> None:
    sources = "method.request.querystring.a, stageVariables.b,context.httpMethod"
    found = lambda_authorizer(Type="REQUEST", IdentitySource=sources)
    assert found.identity_sources == (
        "method.request.querystring.a",
        "stageVariables.b",
        "context.httpMethod",
    )


def test_a_cognito_authorizer() -> None:
    found = authorization(COGNITO, AuthorizationScopes=["items/read"])
    assert found.type is AuthorizationType.COGNITO_USER_POOLS
    assert found.scopes == ("items/read",)
    assert found.authorizer == CognitoAuthorizer(
        "Authorizer", "Authorizer", (UserPool(REGION, "us-east-1_Abc"),)
    )


@pytest.mark.parametrize(
    "properties",
    [
        TOKEN | {"Type": "JWT"},
        TOKEN | {"AuthorizerUri": "arn:aws:apigateway:us-east-1:sqs:path/queue"},
        TOKEN | {"IdentitySource": "method.request.querystring.token"},
        TOKEN | {"IdentitySource": "method.request.header.A,method.request.header.B"},
        TOKEN | {"IdentitySource": ""},
        TOKEN | {"IdentityValidationExpression": "("},
        TOKEN | {"AuthorizerResultTtlInSeconds": -1},
        TOKEN | {"Type": "REQUEST", "IdentitySource": ""},
        TOKEN | {"FutureProperty": 1},
        TOKEN | {"RestApiId": "another"},
        COGNITO | {"ProviderARNs": []},
        COGNITO | {"ProviderARNs": [POOL_ARN, "arn:aws:s3:::bucket"]},
        COGNITO | {"IdentitySource": "method.request.querystring.token"},
    ],
)
def test_authorizers_that_cannot_work(properties: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match=r"Authorizer|GET/x"):
        authorization(properties)


def test_a_method_names_an_authorizer_of_its_own_type() -> None:
    with pytest.raises(TemplateError, match="AuthorizerId"):
        authorization(COGNITO, AuthorizationType="CUSTOM")


@pytest.mark.parametrize(
    ("source", "invocable"),
    [
        ("*", True),
        (f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/authorizers/Authorizer", True),
        (f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/*", True),
        (f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/*/GET/x", False),
        (f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}/authorizers/other", False),
    ],
)
def test_a_permission_names_the_authorizer(source: str, *, invocable: bool) -> None:
    assert lambda_authorizer(permission(source)).invocable is invocable


def role(statement: dict[str, Any], service: str = "apigateway.amazonaws.com") -> Any:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    properties = {
        "AssumeRolePolicyDocument": {"Statement": [trust]},
        "Policies": [{"PolicyDocument": {"Statement": statement}}],
    }
    return ProvisionedResource("Role", "AWS::IAM::Role", "invoker", properties, {"Arn": ROLE_ARN})


INVOKES = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": FUNCTION_ARN}


@pytest.mark.parametrize(
    ("given", "invocable"),
    [
        (role(INVOKES), True),
        (role(INVOKES | {"Action": ["lambda:*"], "Resource": ["*"]}), True),
        (role(INVOKES, "lambda.amazonaws.com"), False),
        (role(INVOKES | {"Resource": f"{FUNCTION_ARN}-other"}), False),
        (role(INVOKES | {"Action": "lambda:GetFunction"}), False),
        (role(INVOKES | {"Effect": "Deny"}), False),
        (role(INVOKES | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}), False),
        (replace(role(INVOKES), attributes={"Arn": f"{ROLE_ARN}-other"}), False),
    ],
)
def test_a_role_takes_the_place_of_a_permission(
    given: ProvisionedResource, *, invocable: bool
) -> None:
    authorizer = lambda_authorizer(given, permission("none"), AuthorizerCredentials=ROLE_ARN)
    assert authorizer.invocable is invocable


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_policy_of_its_own_counts_for_a_role(effect: str) -> None:
    document = {"Statement": [INVOKES | {"Effect": effect}]}
    properties = {"Roles": ["invoker"], "PolicyDocument": document}
    policy = ProvisionedResource("Policy", "AWS::IAM::Policy", "policy", properties)
    given = role(INVOKES | {"Action": "lambda:GetFunction"})
    authorizer = lambda_authorizer(given, policy, AuthorizerCredentials=ROLE_ARN)
    assert authorizer.invocable is (effect == "Allow")
