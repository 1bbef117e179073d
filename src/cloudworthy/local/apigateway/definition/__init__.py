"""REST APIs as they are configured: frozen types, and how a deployment becomes them."""

from cloudworthy.local.apigateway.definition.authorization import (
    AuthorizationType,
    CognitoAuthorizer,
    LambdaAuthorizer,
    MethodAuthorization,
    UserPool,
)
from cloudworthy.local.apigateway.definition.build import build_rest_apis
from cloudworthy.local.apigateway.definition.domains import BasePathMapping
from cloudworthy.local.apigateway.definition.resource_policy import Condition, PolicyStatement
from cloudworthy.local.apigateway.definition.types import (
    AccessLog,
    ApiKey,
    AwsService,
    CacheKey,
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
    "AuthorizationType",
    "AwsService",
    "BasePathMapping",
    "CacheKey",
    "CognitoAuthorizer",
    "Condition",
    "GatewayResponse",
    "Integration",
    "IntegrationResponse",
    "IntegrationType",
    "LambdaAuthorizer",
    "Method",
    "MethodAuthorization",
    "MethodSettings",
    "PolicyStatement",
    "Quota",
    "RequestValidation",
    "Resource",
    "RestApi",
    "Stage",
    "Throttle",
    "UsagePlan",
    "UsagePlanStage",
    "UserPool",
    "build_rest_apis",
]
