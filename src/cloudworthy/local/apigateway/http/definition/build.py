"""From the provisioned resources of a stack to its HTTP APIs."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.domains import build_domains
from cloudworthy.local.apigateway.http.definition.routes import build_routes
from cloudworthy.local.apigateway.http.definition.stages import build_stages
from cloudworthy.local.apigateway.http.definition.types import Cors, HttpApi
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_KNOWN = (
    "ApiKeySelectionExpression BasePath Body BodyS3Location CorsConfiguration CredentialsArn "
    "Description DisableExecuteApiEndpoint DisableSchemaValidation FailOnWarnings IpAddressType "
    "Name ProtocolType RouteKey RouteSelectionExpression Tags Target Version"
)
_CORS_KNOWN = "AllowCredentials AllowHeaders AllowMethods AllowOrigins ExposeHeaders MaxAge"


def build_http_apis(deployment: Deployment) -> list[HttpApi]:
    """Every HTTP API of a stack, checked and ready to be served.

    Raises
    ------
    UnsupportedError
        Something in the template would change behaviour and is not served locally. An API is
        never served more openly than the template says.
    TemplateError
        The template contradicts itself, or AWS would refuse it.
    """
    return [
        _http_api(resource, deployment) for resource in deployment.of_type("AWS::ApiGatewayV2::Api")
    ]


def _http_api(resource: ProvisionedResource, deployment: Deployment) -> HttpApi:
    properties = Properties.of(resource)
    _check(properties)
    api_id = resource.physical_id
    return HttpApi(
        logical_id=resource.logical_id,
        api_id=api_id,
        name=properties.text("Name", resource.logical_id),
        account=deployment.stack.account,
        region=deployment.stack.region,
        routes=build_routes(api_id, deployment),
        stages=build_stages(api_id, deployment),
        cors=_cors(properties),
        domains=build_domains(api_id, deployment),
        execute_api_endpoint=not properties.flag("DisableExecuteApiEndpoint"),
    )


def _check(properties: Properties) -> None:
    properties.allow_only(_KNOWN)
    properties.refuse("ProtocolType", unless=("HTTP",), supported="HTTP")
    for name in ("Body", "BodyS3Location", "BasePath"):
        properties.refuse(name, supported="routes and integrations in the template")
    for name in ("Target", "RouteKey", "CredentialsArn"):
        properties.refuse(name, supported="a route, an integration and a stage of their own")


def _cors(api: Properties) -> Cors | None:
    """The CORS configuration.

    Source: httpapi-behaviour-014 (captured): credentials and every origin exclude each other.
    """
    if "CorsConfiguration" not in api:
        return None
    properties = api.child("CorsConfiguration")
    properties.allow_only(_CORS_KNOWN)
    max_age_s = properties.number("MaxAge")
    cors = Cors(
        allow_origins=_texts(properties, "AllowOrigins"),
        allow_methods=_texts(properties, "AllowMethods"),
        allow_headers=_texts(properties, "AllowHeaders"),
        expose_headers=_texts(properties, "ExposeHeaders"),
        max_age_s=None if max_age_s is None else int(max_age_s),
        allow_credentials=properties.flag("AllowCredentials"),
    )
    if cors.allow_credentials and "*" in cors.allow_origins:
        raise properties.invalid(
            "AllowCredentials",
            found="true together with the origin *",
            expected="origins by name (allow-credentials is not supported if 'allow-origin' is *)",
            action="Name the origins, or leave AllowCredentials out",
        )
    return cors


def _texts(properties: Properties, name: str) -> tuple[str, ...]:
    return tuple(str(value) for value in properties.values(name))
