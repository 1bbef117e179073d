"""From a definition to the API that serves it, with everything worked out in advance."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cloudworthy.local.apigateway.access_log import AccessLogFormat
from cloudworthy.local.apigateway.arn_pattern import matches
from cloudworthy.local.apigateway.context import getter_of
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
from cloudworthy.local.apigateway.exchange import (
    Exchange,
    LiveApi,
    LiveStage,
    MethodCaching,
    Route,
)
from cloudworthy.local.apigateway.gateway_response import GatewayResponses
from cloudworthy.local.apigateway.integrations.mapped import mapped_integration
from cloudworthy.local.apigateway.media_types import BinaryMediaTypes
from cloudworthy.local.apigateway.mock import MockIntegration
from cloudworthy.local.apigateway.routing import RouteTable
from cloudworthy.local.apigateway.stage_variables import filled
from cloudworthy.local.apigateway.validation import RequestValidator
from cloudworthy.local.model.arns import arn_of


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
        access_log_line=_access_log_line(stage),
        default_logging_level=_settings(stage, "/*", "*").logging_level or "OFF",
    )


def _access_log_line(stage: Stage) -> Callable[[Exchange], str] | None:
    if stage.access_log is None:
        return None
    return AccessLogFormat(stage.access_log.format, getter_of).line


def _route(api: RestApi, stage: Stage, resource: Resource, method: Method) -> Route:
    settings = _settings(stage, resource.path, method.http_method)
    integration = method.integration
    verb = "*" if method.http_method == "ANY" else method.http_method
    called = f"{api.api_id}/{stage.name}/{verb}{resource.path}"
    source_arn = arn_of("execute-api", api.region, api.account, called)
    mapped = mapped_integration(integration, stage.variables)
    is_mock = integration.type is IntegrationType.MOCK
    return Route(
        resource=resource,
        method=method,
        source_arn=source_arn,
        function_arn=filled(integration.function_arn, stage.variables),
        may_invoke=_may_invoke(integration, source_arn),
        validate=RequestValidator(method.validation).check,
        mock=MockIntegration(integration).answer if is_mock else None,
        mapped=mapped.answer if mapped is not None else None,
        throttle=_throttle(settings),
        logging_level=settings.logging_level or "OFF",
        data_trace=bool(settings.data_trace),
        metrics=bool(settings.metrics),
        caching=_caching(stage, resource.path, method.http_method),
    )


def _settings(stage: Stage, path: str, verb: str) -> MethodSettings:
    """The settings for a method, the more specific value before the stage's default."""
    merged = MethodSettings(path, verb)
    for settings in _applying(stage, path, verb):
        merged = _or_else(merged, settings)
    return merged


def _applying(stage: Stage, path: str, verb: str) -> Iterator[MethodSettings]:
    """The settings that hold for a method, the most specific first."""
    for wanted in ((path, verb), (path, "*"), ("/*", verb), ("/*", "*")):
        for settings in stage.settings:
            if (settings.resource_path, settings.http_method) == wanted:
                yield settings


def _caching(stage: Stage, path: str, verb: str) -> MethodCaching | None:
    """How answers are cached; only those to GET unless a setting names the verb.

    Source: Amazon API Gateway developer guide, "Cache settings for REST APIs" (documented).
    """
    if not stage.cache_cluster:
        return None
    ttl_s = _settings(stage, path, verb).cache_ttl_s
    for settings in _applying(stage, path, verb):
        if settings.caching is not None:
            only_get = settings.http_method == "*"
            caching = MethodCaching(300 if ttl_s is None else ttl_s, only_get)
            return caching if settings.caching and caching.ttl_s else None
    return None


def _or_else(first: MethodSettings, second: MethodSettings) -> MethodSettings:
    names = (
        "logging_level",
        "data_trace",
        "metrics",
        "throttling_rate_per_s",
        "throttling_burst",
        "caching",
        "cache_ttl_s",
    )
    chosen = {
        name: getattr(second if getattr(first, name) is None else first, name) for name in names
    }
    return MethodSettings(first.resource_path, first.http_method, **chosen)


def _throttle(settings: MethodSettings) -> Throttle | None:
    """A limit below zero means the account's own limit, which one machine does not have."""
    rate, burst = settings.throttling_rate_per_s, settings.throttling_burst
    return Throttle.of(
        None if rate is None or rate < 0 else rate,
        None if burst is None or burst < 0 else burst,
    )


def _may_invoke(integration: Integration, source_arn: str) -> bool:
    permitted = any(matches(pattern, source_arn) for pattern in integration.permitted_sources)
    return permitted or integration.invocable_by_role
