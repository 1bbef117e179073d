"""``AWS::ApiGateway::Stage``, and the stage that a ``Deployment`` may name itself."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.types import AccessLog, MethodSettings, Stage
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "AccessLogSetting CacheClusterEnabled CacheClusterSize CanarySetting ClientCertificateId "
    "DeploymentId Description DocumentationVersion MethodSettings RestApiId StageName Tags "
    "TracingEnabled Variables"
)
_SETTINGS_KNOWN = (
    "CacheDataEncrypted CacheTtlInSeconds CachingEnabled DataTraceEnabled HttpMethod "
    "LoggingLevel MetricsEnabled ResourcePath ThrottlingBurstLimit ThrottlingRateLimit"
)
_LONGEST_TTL_S = 3600
_LOGGED_IDS = ("$context.requestId", "$context.extendedRequestId")


def build_stages(api_id: str, deployment: Deployment) -> tuple[Stage, ...]:
    """The stages of an API.

    Raises
    ------
    UnsupportedError
        A setting with an effect that the local runtime does not have (canary).
    """
    stages = [
        _stage(Properties.of(resource))
        for resource in deployment.of_type("AWS::ApiGateway::Stage")
        if resource.properties.get("RestApiId") == api_id
    ]
    for resource in deployment.of_type("AWS::ApiGateway::Deployment"):
        properties = Properties.of(resource)
        if properties.text("RestApiId") == api_id and "StageName" in properties:
            properties.refuse("StageDescription", supported="an AWS::ApiGateway::Stage instead")
            properties.refuse("DeploymentCanarySettings", supported="no canary")
            name = properties.text("StageName")
            stages.append(Stage(resource.logical_id, name, deployment_id=resource.physical_id))
    return tuple(stages)


def _stage(properties: Properties) -> Stage:
    properties.allow_only(_KNOWN)
    properties.refuse("CanarySetting", supported="no canary")
    return Stage(
        logical_id=properties.logical_id,
        name=properties.text("StageName"),
        deployment_id=properties.text("DeploymentId"),
        variables=properties.texts("Variables"),
        settings=tuple(_settings(child) for child in properties.children("MethodSettings")),
        access_log=_access_log(properties.child("AccessLogSetting")),
        tracing=properties.flag("TracingEnabled"),
        cache_cluster=properties.flag("CacheClusterEnabled"),
    )


def _settings(properties: Properties) -> MethodSettings:
    properties.allow_only(_SETTINGS_KNOWN)
    burst, ttl_s = properties.number("ThrottlingBurstLimit"), _cache_ttl_s(properties)
    return MethodSettings(
        resource_path=_resource_path(properties.text("ResourcePath", "/*")),
        http_method=properties.text("HttpMethod", "*"),
        logging_level=properties.text("LoggingLevel") or None,
        data_trace=properties.optional_flag("DataTraceEnabled"),
        metrics=properties.optional_flag("MetricsEnabled"),
        throttling_rate_per_s=properties.number("ThrottlingRateLimit"),
        throttling_burst=None if burst is None else int(burst),
        caching=properties.optional_flag("CachingEnabled"),
        cache_ttl_s=ttl_s,
    )


def _cache_ttl_s(properties: Properties) -> int | None:
    """Source: Amazon API Gateway developer guide, "Cache settings for REST APIs" (documented)."""
    ttl_s = properties.number("CacheTtlInSeconds")
    if ttl_s is not None and not 0 <= ttl_s <= _LONGEST_TTL_S:
        raise properties.invalid(
            "CacheTtlInSeconds",
            found=str(ttl_s),
            expected=f"0 to {_LONGEST_TTL_S}",
            action="Choose a lifetime that API Gateway accepts",
        )
    return None if ttl_s is None else int(ttl_s)


def _resource_path(path: str) -> str:
    """``/~1items~1{id}`` as CloudFormation escapes it, or ``/items/{id}``, as the latter."""
    if "~1" not in path:
        return path
    return path.removeprefix("/").replace("~1", "/")


def _access_log(properties: Properties) -> AccessLog | None:
    destination = properties.text("DestinationArn")
    if not destination:
        return None
    if ":log-group:" not in destination:
        raise properties.unsupported(
            "DestinationArn", found=repr(destination), supported="a CloudWatch log group"
        )
    template = properties.text("Format")
    if not any(logged_id in template for logged_id in _LOGGED_IDS):
        raise properties.invalid(
            "Format",
            found=repr(template),
            expected="a format with $context.requestId or $context.extendedRequestId",
            action="Add the request id to the format, as API Gateway demands",
        )
    group = destination.partition(":log-group:")[2]
    return AccessLog(log_group=group.removesuffix(":*"), format=template)
