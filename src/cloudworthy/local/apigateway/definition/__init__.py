"""REST APIs as they are configured: frozen types, and how a deployment becomes them."""

from cloudworthy.local.apigateway.definition.build import build_rest_apis
from cloudworthy.local.apigateway.definition.types import (
    AccessLog,
    ApiKey,
    GatewayResponse,
    Integration,
    IntegrationResponse,
    IntegrationType,
    Method,
    MethodSettings,
    Quota,
    RequestValidation,
    Resource,
    RestApi,
    Stage,
    Throttle,
    UsagePlan,
    UsagePlanStage,
)

__all__ = [
    "AccessLog",
    "ApiKey",
    "GatewayResponse",
    "Integration",
    "IntegrationResponse",
    "IntegrationType",
    "Method",
    "MethodSettings",
    "Quota",
    "RequestValidation",
    "Resource",
    "RestApi",
    "Stage",
    "Throttle",
    "UsagePlan",
    "UsagePlanStage",
    "build_rest_apis",
]
