"""``AWS::ApiGatewayV2::Stage`` and the deployments that fill it."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition import AccessLog
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.types import RouteSettings, Stage
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "AccessLogSettings AccessPolicyId ApiId AutoDeploy ClientCertificateId DefaultRouteSettings "
    "DeploymentId Description RouteSettings StageName StageVariables Tags"
)
_SETTINGS_KNOWN = (
    "DataTraceEnabled DetailedMetricsEnabled LoggingLevel ThrottlingBurstLimit ThrottlingRateLimit"
)


def build_stages(api_id: str, deployment: Deployment) -> tuple[Stage, ...]:
    """The stages of an API.

    Raises
    ------
    UnsupportedError
        A setting with an effect that the local runtime does not have.
    """
    filled = {
        properties.text("StageName")
        for resource in deployment.of_type("AWS::ApiGatewayV2::Deployment")
        if (properties := Properties.of(resource)).text("ApiId") == api_id
    }
    return tuple(
        _stage(Properties.of(resource), filled)
        for resource in deployment.of_type("AWS::ApiGatewayV2::Stage")
        if resource.properties.get("ApiId") == api_id
    )


def _stage(properties: Properties, filled: set[str]) -> Stage:
    properties.allow_only(_KNOWN)
    properties.refuse("ClientCertificateId", supported="no client certificate")
    name = properties.text("StageName")
    deployed = properties.flag("AutoDeploy") or "DeploymentId" in properties or name in filled
    routes = properties.child("RouteSettings")
    return Stage(
        logical_id=properties.logical_id,
        name=name,
        deployed=deployed,
        variables=properties.texts("StageVariables"),
        default_settings=_settings(properties.child("DefaultRouteSettings")),
        route_settings={
            key: _settings(routes.child(key)) for key in properties.mapping("RouteSettings")
        },
        access_log=_access_log(properties.child("AccessLogSettings")),
    )


def _settings(properties: Properties) -> RouteSettings:
    properties.allow_only(_SETTINGS_KNOWN)
    for name in ("DataTraceEnabled", "LoggingLevel"):
        properties.refuse(
            name, unless=(False, "false", "OFF"), supported="nothing: it is for WebSocket APIs"
        )
    burst = properties.number("ThrottlingBurstLimit")
    return RouteSettings(
        throttling_rate_per_s=properties.number("ThrottlingRateLimit"),
        throttling_burst=None if burst is None else int(burst),
        detailed_metrics=properties.optional_flag("DetailedMetricsEnabled"),
    )


def _access_log(properties: Properties) -> AccessLog | None:
    destination = properties.text("DestinationArn")
    if not destination:
        return None
    if ":log-group:" not in destination:
        raise properties.unsupported(
            "DestinationArn", found=repr(destination), supported="a CloudWatch log group"
        )
    group = destination.partition(":log-group:")[2]
    return AccessLog(log_group=group.removesuffix(":*"), format=properties.text("Format"))
