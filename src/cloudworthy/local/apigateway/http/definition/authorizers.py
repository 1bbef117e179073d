"""``AWS::ApiGatewayV2::Authorizer``."""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.definition.invocation_rights import (
    may_invoke_by_permission,
    may_invoke_by_role,
)
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.integrations import (
    function_arn_of,
    payload_format,
)
from cloudworthy.local.apigateway.http.definition.types import JwtAuthorizer, LambdaAuthorizer
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_KNOWN = (
    "ApiId AuthorizerCredentialsArn AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds "
    "AuthorizerType AuthorizerUri EnableSimpleResponses IdentitySource "
    "IdentityValidationExpression JwtConfiguration Name"
)
_SOURCE = re.compile(
    r"\$(request\.(header|querystring)\.[\w-]+|context\.[\w.]+|stageVariables\.\w+)"
)


def build_authorizers(
    api_id: str, deployment: Deployment
) -> dict[str, JwtAuthorizer | LambdaAuthorizer]:
    """The authorizers of an API by their ids.

    Raises
    ------
    UnsupportedError
    TemplateError
    """
    return {
        resource.physical_id: _authorizer(resource, deployment)
        for resource in deployment.of_type("AWS::ApiGatewayV2::Authorizer")
        if resource.properties.get("ApiId") == api_id
    }


def _authorizer(
    resource: ProvisionedResource, deployment: Deployment
) -> JwtAuthorizer | LambdaAuthorizer:
    properties = Properties.of(resource)
    properties.allow_only(_KNOWN)
    properties.refuse("IdentityValidationExpression", supported="nothing: it is for other APIs")
    kind = properties.text("AuthorizerType")
    if kind == "JWT":
        return _jwt(properties)
    if kind == "REQUEST":
        return _lambda(resource.physical_id, properties, deployment)
    raise properties.invalid(
        "AuthorizerType", found=repr(kind), expected="JWT or REQUEST", action="Choose one"
    )


def _jwt(properties: Properties) -> JwtAuthorizer:
    configuration = properties.child("JwtConfiguration")
    issuer, audience = configuration.text("Issuer"), configuration.values("Audience")
    if not issuer or not audience:
        raise properties.invalid(
            "JwtConfiguration",
            found=f"issuer {issuer!r} and audience {audience}",
            expected="an issuer and at least one audience",
            action="Name the issuer of the tokens and the audiences they are meant for",
        )
    sources = _identity_sources(properties)
    if len(sources) != 1 or not sources[0].startswith("$request."):
        raise properties.invalid(
            "IdentitySource",
            found=repr(list(sources)),
            expected="one header or query string parameter",
            action="Give $request.header.Authorization, for example",
        )
    return JwtAuthorizer(
        properties.logical_id, issuer, tuple(str(name) for name in audience), sources[0]
    )


def _lambda(authorizer_id: str, properties: Properties, deployment: Deployment) -> LambdaAuthorizer:
    function_arn = function_arn_of(properties, "AuthorizerUri")
    sources = _identity_sources(properties)
    ttl_s = properties.number("AuthorizerResultTtlInSeconds") or 0.0
    if ttl_s and not sources:
        raise properties.invalid(
            "AuthorizerResultTtlInSeconds",
            found=f"{ttl_s:g} without an identity source",
            expected="identity sources, by which answers are kept",
            action="Add an IdentitySource, or set the time to 0",
        )
    return LambdaAuthorizer(
        logical_id=properties.logical_id,
        authorizer_id=authorizer_id,
        function_arn=function_arn,
        payload_format=payload_format(properties, "AuthorizerPayloadFormatVersion"),
        simple_responses=properties.flag("EnableSimpleResponses"),
        identity_sources=sources,
        ttl_s=ttl_s,
        invocable=_invocable(authorizer_id, function_arn, properties, deployment),
    )


def _invocable(
    authorizer_id: str, function_arn: str, properties: Properties, deployment: Deployment
) -> bool:
    role_arn = properties.text("AuthorizerCredentialsArn")
    if role_arn:
        return may_invoke_by_role(role_arn, function_arn, deployment)
    stack = deployment.stack
    resource = f"{properties.text('ApiId')}/authorizers/{authorizer_id}"
    source_arn = arn_of("execute-api", stack.region, stack.account, resource)
    return may_invoke_by_permission(source_arn, function_arn, deployment)


def _identity_sources(properties: Properties) -> tuple[str, ...]:
    sources = tuple(str(source) for source in properties.values("IdentitySource"))
    for source in sources:
        if not _SOURCE.fullmatch(source):
            raise properties.invalid(
                "IdentitySource",
                found=repr(source),
                expected="$request.header.<name>, $request.querystring.<name>, "
                "$context.<name> or $stageVariables.<name>",
                action="Write the identity source so",
            )
    return sources
