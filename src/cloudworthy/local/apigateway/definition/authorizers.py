"""``AWS::ApiGateway::Authorizer``, and which one a method names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cloudworthy.local.apigateway.definition.authorization import (
    AuthorizationType,
    CognitoAuthorizer,
    LambdaAuthorizer,
    MethodAuthorization,
    MethodAuthorizer,
    UserPool,
)
from cloudworthy.local.apigateway.definition.invocation_rights import (
    may_invoke_by_permission,
    may_invoke_by_role,
)
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "AuthType AuthorizerCredentials AuthorizerResultTtlInSeconds AuthorizerUri IdentitySource "
    "IdentityValidationExpression Name ProviderARNs RestApiId Type"
)
_LAMBDA_URI = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<arn>.+)/invocations"
)
_USER_POOL = re.compile(r"arn:[\w-]+:cognito-idp:(?P<region>[\w-]+):\d*:userpool/(?P<pool>[\w-]+)")
_REQUEST_SOURCE = re.compile(
    r"(method\.request\.(header|querystring)|stageVariables|context)\.[^\s,]+"
)
_HEADER_SOURCE = re.compile(r"method\.request\.header\.[^\s,]+")
_LONGEST_TTL_S = 3600


def build_authorizers(api_id: str, deployment: Deployment) -> dict[str, MethodAuthorizer]:
    """The authorizers of an API by their ids.

    Raises
    ------
    UnsupportedError, TemplateError
        An authorizer that cannot work here as it does on AWS.
    """
    found = {}
    for resource in deployment.of_type("AWS::ApiGateway::Authorizer"):
        properties = Properties.of(resource)
        if properties.text("RestApiId") == api_id:
            authorizer_id = str(resource.attributes.get("AuthorizerId", resource.physical_id))
            found[authorizer_id] = _authorizer(properties, api_id, authorizer_id, deployment)
    return found


def method_authorization(
    method: Properties, authorizers: Mapping[str, MethodAuthorizer]
) -> MethodAuthorization:
    """Who may call a method.

    Raises
    ------
    TemplateError
        The authorizer is missing, or of another type: the method is never served openly.
    """
    text = method.text("AuthorizationType", "NONE")
    if text not in set(AuthorizationType):
        supported = " or ".join(AuthorizationType)
        raise method.unsupported("AuthorizationType", found=repr(text), supported=supported)
    kind = AuthorizationType(text)
    scopes = tuple(str(scope) for scope in method.values("AuthorizationScopes"))
    if kind is not AuthorizationType.COGNITO_USER_POOLS:
        method.refuse("AuthorizationScopes", supported="scopes with COGNITO_USER_POOLS only")
    if kind in (AuthorizationType.NONE, AuthorizationType.AWS_IAM):
        method.refuse("AuthorizerId", supported="an authorizer with CUSTOM or COGNITO_USER_POOLS")
        return MethodAuthorization(kind)
    return MethodAuthorization(kind, _named(method, kind, authorizers), scopes)


def _named(
    method: Properties, kind: AuthorizationType, authorizers: Mapping[str, MethodAuthorizer]
) -> MethodAuthorizer:
    authorizer = authorizers.get(method.text("AuthorizerId"))
    wanted = LambdaAuthorizer if kind is AuthorizationType.CUSTOM else CognitoAuthorizer
    if isinstance(authorizer, wanted):
        return authorizer
    raise method.invalid(
        "AuthorizerId",
        found=repr(method.text("AuthorizerId")),
        expected=f"an authorizer of this API that goes with {kind}",
        action="Refer to an AWS::ApiGateway::Authorizer of the same API",
    )


def _authorizer(
    properties: Properties, api_id: str, authorizer_id: str, deployment: Deployment
) -> MethodAuthorizer:
    properties.allow_only(_KNOWN)
    kind = properties.text("Type")
    if kind in ("TOKEN", "REQUEST"):
        return _lambda_authorizer(properties, kind, api_id, authorizer_id, deployment)
    if kind == "COGNITO_USER_POOLS":
        return _cognito_authorizer(properties, authorizer_id)
    raise properties.unsupported(
        "Type", found=repr(kind), supported="TOKEN, REQUEST or COGNITO_USER_POOLS"
    )


def _lambda_authorizer(
    properties: Properties, kind: str, api_id: str, authorizer_id: str, deployment: Deployment
) -> LambdaAuthorizer:
    function_arn = _function_arn(properties)
    ttl_s = _ttl_s(properties)
    role_arn = properties.text("AuthorizerCredentials")
    stack = deployment.stack
    resource = f"{api_id}/authorizers/{authorizer_id}"
    source_arn = arn_of("execute-api", stack.region, stack.account, resource)
    return LambdaAuthorizer(
        logical_id=properties.logical_id,
        authorizer_id=authorizer_id,
        kind=kind,
        function_arn=function_arn,
        identity_sources=_identity_sources(properties, kind, ttl_s),
        validation_expression=_expression(properties),
        ttl_s=ttl_s,
        invocable=may_invoke_by_role(role_arn, function_arn, deployment)
        if role_arn
        else may_invoke_by_permission(source_arn, function_arn, deployment),
    )


def _function_arn(properties: Properties) -> str:
    uri = properties.text("AuthorizerUri")
    match = _LAMBDA_URI.fullmatch(uri)
    if match is None:
        raise properties.unsupported(
            "AuthorizerUri", found=repr(uri), supported="the invocation URI of a Lambda function"
        )
    return match["arn"]


def _ttl_s(properties: Properties) -> int:
    """Source: rest-authorizers-011 (documented): 300 seconds unless said, 3600 at the most."""
    number = properties.number("AuthorizerResultTtlInSeconds")
    ttl_s = 300 if number is None else int(number)
    if not 0 <= ttl_s <= _LONGEST_TTL_S:
        raise properties.invalid(
            "AuthorizerResultTtlInSeconds",
            found=str(ttl_s),
            expected=f"0 to {_LONGEST_TTL_S}",
            action="Choose a lifetime that API Gateway accepts",
        )
    return ttl_s


def _identity_sources(properties: Properties, kind: str, ttl_s: int) -> tuple[str, ...]:
    text = properties.text("IdentitySource")
    sources = tuple(source.strip() for source in text.split(",") if source.strip())
    if kind == "TOKEN":
        allowed, needed = _HEADER_SOURCE, True
        expected = "one header, method.request.header.<name>"
    else:
        allowed, needed = _REQUEST_SOURCE, ttl_s > 0
        expected = (
            "method.request.header.<name>, method.request.querystring.<name>, "
            "stageVariables.<name> or context.<name>, at least one while results are cached"
        )
    too_many = kind == "TOKEN" and len(sources) > 1
    if too_many or (needed and not sources) or not all(map(allowed.fullmatch, sources)):
        raise properties.invalid(
            "IdentitySource",
            found=repr(text),
            expected=expected,
            action="Say where the caller's identity is in a request",
        )
    return sources


def _expression(properties: Properties) -> str:
    expression = properties.text("IdentityValidationExpression")
    try:
        re.compile(expression)
    except re.error as error:
        raise properties.invalid(
            "IdentityValidationExpression",
            found=repr(expression),
            expected="a regular expression",
            action="Correct the expression",
        ) from error
    return expression


def _cognito_authorizer(properties: Properties, authorizer_id: str) -> CognitoAuthorizer:
    arns = [str(arn) for arn in properties.values("ProviderARNs")]
    matches = [_USER_POOL.fullmatch(arn) for arn in arns]
    pools = tuple(UserPool(match["region"], match["pool"]) for match in matches if match)
    source = properties.text("IdentitySource", "method.request.header.Authorization")
    if not pools or len(pools) < len(arns):
        raise properties.invalid(
            "ProviderARNs",
            found=repr(arns),
            expected="the ARNs of one or more Cognito user pools",
            action="Name the user pools whose tokens are accepted",
        )
    if not _HEADER_SOURCE.fullmatch(source):
        raise properties.unsupported(
            "IdentitySource", found=repr(source), supported="method.request.header.<name>"
        )
    return CognitoAuthorizer(
        properties.logical_id, authorizer_id, pools, source, _expression(properties)
    )
