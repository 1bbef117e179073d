"""From a definition to the API that serves it, with everything worked out in advance."""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.access_log import AccessLogFormat
from cloudworthy.local.apigateway.definition import (
    Integration,
    IntegrationType,
    Method,
    MethodSettings,
    Resource,
    RestApi,
    Stage,
    Throttle,
)
from cloudworthy.local.apigateway.exchange import LiveApi, LiveStage, Route
from cloudworthy.local.apigateway.gateway_response import GatewayResponses
from cloudworthy.local.apigateway.media_types import BinaryMediaTypes
from cloudworthy.local.apigateway.mock import MockIntegration
from cloudworthy.local.apigateway.routing import RouteTable
from cloudworthy.local.apigateway.validation import RequestValidator

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


def compile_api(definition: RestApi) -> LiveApi:
    """Prepare one API for serving."""
    return LiveApi(
        definition=definition,
        stages={stage.name: _live_stage(definition, stage) for stage in definition.stages},
        binary=BinaryMediaTypes(definition.binary_media_types),
        render_error=GatewayResponses(definition.gateway_responses).render,
    )


def _live_stage(api: RestApi, stage: Stage) -> LiveStage:
    routes = [
        _route(api, stage, resource, method)
        for resource in api.resources
        for method in resource.methods
    ]
    return LiveStage(
        definition=stage,
        match=RouteTable(routes).match,
        access_log_group=stage.access_log.log_group if stage.access_log else "",
        access_log_line=AccessLogFormat(stage.access_log.format).line if stage.access_log else None,
        default_logging_level=_settings(stage, "/*", "*").logging_level or "OFF",
    )


def _route(api: RestApi, stage: Stage, resource: Resource, method: Method) -> Route:
    settings = _settings(stage, resource.path, method.http_method)
    integration = method.integration
    source_arn = (
        f"arn:aws:execute-api:{api.region}:{api.account}:{api.api_id}/{stage.name}/"
        f"{'*' if method.http_method == 'ANY' else method.http_method}{resource.path}"
    )
    is_mock = integration.type is IntegrationType.MOCK
    return Route(
        resource=resource,
        method=method,
        source_arn=source_arn,
        function_arn=_with_stage_variables(integration.function_arn, stage),
        may_invoke=_may_invoke(integration, source_arn),
        validate=RequestValidator(method.validation).check,
        mock=MockIntegration(integration).answer if is_mock else None,
        throttle=_throttle(settings),
        logging_level=settings.logging_level or "OFF",
        data_trace=bool(settings.data_trace),
        metrics=bool(settings.metrics),
    )


def _settings(stage: Stage, path: str, verb: str) -> MethodSettings:
    """The settings for a method, the more specific value before the stage's default."""
    merged = MethodSettings(path, verb)
    for wanted in ((path, verb), (path, "*"), ("/*", verb), ("/*", "*")):
        for settings in stage.settings:
            if (settings.resource_path, settings.http_method) == wanted:
                merged = _or_else(merged, settings)
    return merged


def _or_else(first: MethodSettings, second: MethodSettings) -> MethodSettings:
    names = ("logging_level", "data_trace", "metrics", "throttling_rate_per_s", "throttling_burst")
    chosen = {
        name: getattr(second if getattr(first, name) is None else first, name) for name in names
    }
    return MethodSettings(first.resource_path, first.http_method, **chosen)


def _throttle(settings: MethodSettings) -> Throttle | None:
    """A limit below zero means the account's own limit, which one machine does not have."""
    rate, burst = settings.throttling_rate_per_s, settings.throttling_burst
    rate = None if rate is None or rate < 0 else rate
    burst = None if burst is None or burst < 0 else burst
    if rate is None and burst is None:
        return None
    return Throttle(
        rate_per_s=float("inf") if rate is None else rate,
        burst=max(1, int(rate or 1)) if burst is None else burst,
    )


def _with_stage_variables(function_arn: str, stage: Stage) -> str:
    names = _STAGE_VARIABLE.findall(function_arn)
    if any(name not in stage.variables for name in names):
        return ""
    return _STAGE_VARIABLE.sub(lambda found: stage.variables[found[1]], function_arn)


def _may_invoke(integration: Integration, source_arn: str) -> bool:
    return any(_arn_like(pattern, source_arn) for pattern in integration.permitted_sources)


def _arn_like(pattern: str, arn: str) -> bool:
    """``ArnLike`` as far as SourceArn needs it: ``*`` and ``?`` over the whole text."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), arn) is not None
