"""``AWS::ApiGatewayV2::Route``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.authorizers import build_authorizers
from cloudworthy.local.apigateway.http.definition.integrations import build_integrations
from cloudworthy.local.apigateway.http.definition.types import (
    DEFAULT_ROUTE,
    Authorization,
    IamAuthorization,
    Integration,
    JwtAuthorizer,
    LambdaAuthorizer,
    Route,
)
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "ApiId ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId "
    "ModelSelectionExpression OperationName RequestModels RequestParameters RouteKey "
    "RouteResponseSelectionExpression Target"
)
_ROUTE_KEY = re.compile(
    r"(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) (/|(/[^/{}]+|/\{[^/{}+]+\+?\})+)"
)
_TARGET = "integrations/"

Authorizers = Mapping[str, JwtAuthorizer | LambdaAuthorizer]


def build_routes(api_id: str, deployment: Deployment) -> tuple[Route, ...]:
    """The routes of an API with their integrations and authorizers.

    Raises
    ------
    UnsupportedError
    TemplateError
        A route that leads nowhere, or names an authorizer that is not there.
    """
    integrations = build_integrations(api_id, deployment)
    authorizers = build_authorizers(api_id, deployment)
    return tuple(
        _route(Properties.of(resource), integrations, authorizers)
        for resource in deployment.of_type("AWS::ApiGatewayV2::Route")
        if resource.properties.get("ApiId") == api_id
    )


def _route(
    properties: Properties, integrations: Mapping[str, Integration], authorizers: Authorizers
) -> Route:
    properties.allow_only(_KNOWN)
    for name in ("ApiKeyRequired", "RequestModels", "RequestParameters"):
        properties.refuse(
            name, unless=(False, "false"), supported="nothing: it is for WebSocket APIs"
        )
    return Route(
        logical_id=properties.logical_id,
        route_key=_route_key(properties),
        integration=_integration(properties, integrations),
        authorization=_authorization(properties, authorizers),
        scopes=tuple(str(scope) for scope in properties.values("AuthorizationScopes")),
    )


def _route_key(properties: Properties) -> str:
    route_key = properties.text("RouteKey")
    if route_key != DEFAULT_ROUTE and not _ROUTE_KEY.fullmatch(route_key):
        raise properties.invalid(
            "RouteKey",
            found=repr(route_key),
            expected="'$default', or a method and a path such as 'GET /items/{id}'",
            action="Write the route key so",
        )
    return route_key


def _integration(properties: Properties, integrations: Mapping[str, Integration]) -> Integration:
    target = properties.text("Target")
    integration = integrations.get(target.removeprefix(_TARGET))
    if integration is None or not target.startswith(_TARGET):
        raise properties.invalid(
            "Target",
            found=repr(target),
            expected="integrations/<id> of an integration of the same API",
            action="Refer to an AWS::ApiGatewayV2::Integration of this API",
        )
    return integration


def _authorization(properties: Properties, authorizers: Authorizers) -> Authorization:
    """Who may call the route.

    Raises
    ------
    TemplateError
        The type and the authorizer do not go together: fail closed.
    """
    kind = properties.text("AuthorizationType", "NONE")
    if kind == "AWS_IAM":
        return IamAuthorization()
    authorizer = authorizers.get(properties.text("AuthorizerId"))
    wanted = {"JWT": JwtAuthorizer, "CUSTOM": LambdaAuthorizer}.get(kind)
    if wanted is not None and isinstance(authorizer, wanted):
        return authorizer
    if kind == "NONE" and "AuthorizerId" not in properties:
        return None
    raise properties.invalid(
        "AuthorizationType",
        found=f"{kind} with the authorizer {properties.text('AuthorizerId', 'none')!r}",
        expected="NONE, AWS_IAM, or JWT or CUSTOM with an authorizer of this API of that type",
        action="Refer to an AWS::ApiGatewayV2::Authorizer of this API",
    )
