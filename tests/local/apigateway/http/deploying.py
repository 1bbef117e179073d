"""Deployments with an HTTP API, as provisioning leaves them: resolved properties and ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from local.apigateway.deploying import permission
from local.apigateway.http.serving import API_ID, AUTHORIZER_ARN, FUNCTION_ARN
from local.apigateway.serving import ACCOUNT, REGION

Routes = Mapping[str, Mapping[str, Any]]
"""Properties by route key."""


def resource(kind: str, logical_id: str, **properties: Any) -> ProvisionedResource:
    """A resource whose physical id is its logical id; None leaves a property out."""
    given = {name: value for name, value in properties.items() if value is not None}
    return ProvisionedResource(logical_id, f"AWS::ApiGatewayV2::{kind}", logical_id, given)


def integration(**properties: Any) -> ProvisionedResource:
    values = {
        "ApiId": API_ID,
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": FUNCTION_ARN,
        "PayloadFormatVersion": "2.0",
        **properties,
    }
    return resource("Integration", "integration", **values)


def stage(name: str = "$default", **properties: Any) -> ProvisionedResource:
    values = {"ApiId": API_ID, "StageName": name, "AutoDeploy": True, **properties}
    return resource("Stage", f"stage-{name}", **values)


def jwt_authorizer(**properties: Any) -> ProvisionedResource:
    values = {
        "ApiId": API_ID,
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://issuer.example", "Audience": ["a"]},
        **properties,
    }
    return resource("Authorizer", "authorizer", **values)


def lambda_authorizer(**properties: Any) -> ProvisionedResource:
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{AUTHORIZER_ARN}"
    values = {
        "ApiId": API_ID,
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": f"{uri}/invocations",
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
        **properties,
    }
    return resource("Authorizer", "authorizer", **values)


def deployment(routes: Routes, *others: ProvisionedResource, **api_properties: Any) -> Deployment:
    """An API with routes to one integration, a default stage and other resources."""
    api = ProvisionedResource(
        "Api",
        "AWS::ApiGatewayV2::Api",
        API_ID,
        {"Name": "api", "ProtocolType": "HTTP", **api_properties},
    )
    kinds = {other.type.rpartition("::")[2] for other in others}
    found = [api, *others]
    defaults: dict[str, Callable[[], ProvisionedResource]] = {
        "Stage": stage,
        "Integration": integration,
        "Permission": permission,
    }
    found += [make() for kind, make in defaults.items() if kind not in kinds]
    found += [_route(route_key, properties) for route_key, properties in routes.items()]
    stack = Stack("probe", ACCOUNT, REGION, {}, {})
    return Deployment(stack, {entry.logical_id: entry for entry in found}, {})


def _route(route_key: str, properties: Mapping[str, Any]) -> ProvisionedResource:
    values = {
        "ApiId": API_ID,
        "RouteKey": route_key,
        "Target": "integrations/integration",
        **properties,
    }
    return resource("Route", f"route {route_key}", **values)
