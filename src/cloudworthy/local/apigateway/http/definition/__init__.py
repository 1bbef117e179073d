"""HTTP APIs as they are configured: frozen types, and how a deployment becomes them."""

from cloudworthy.local.apigateway.http.definition.build import build_http_apis
from cloudworthy.local.apigateway.http.definition.types import (
    DEFAULT_ROUTE,
    DEFAULT_STAGE,
    Authorization,
    Cors,
    DomainMapping,
    HttpApi,
    HttpIntegration,
    IamAuthorization,
    Integration,
    JwtAuthorizer,
    LambdaAuthorizer,
    LambdaIntegration,
    PayloadFormat,
    Route,
    RouteSettings,
    Stage,
)

__all__ = [
    "DEFAULT_ROUTE",
    "DEFAULT_STAGE",
    "Authorization",
    "Cors",
    "DomainMapping",
    "HttpApi",
    "HttpIntegration",
    "IamAuthorization",
    "Integration",
    "JwtAuthorizer",
    "LambdaAuthorizer",
    "LambdaIntegration",
    "PayloadFormat",
    "Route",
    "RouteSettings",
    "Stage",
    "build_http_apis",
]
