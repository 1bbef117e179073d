"""From a definition to the HTTP API that serves it, with everything worked out in advance."""

from __future__ import annotations

from collections.abc import Callable

from cloudworthy.local.apigateway.access_log import AccessLogFormat
from cloudworthy.local.apigateway.arn_pattern import matches
from cloudworthy.local.apigateway.http.context import getter_of
from cloudworthy.local.apigateway.http.definition import (
    HttpApi,
    Integration,
    LambdaIntegration,
    Route,
    RouteSettings,
    Stage,
)
from cloudworthy.local.apigateway.http.exchange import (
    HttpExchange,
    LiveHttpApi,
    LiveRoute,
    LiveStage,
)
from cloudworthy.local.apigateway.route_tree import RouteTree


def compile_http_api(definition: HttpApi) -> LiveHttpApi:
    """Prepare one API for serving."""
    stages = {stage.name: _live_stage(definition, stage) for stage in definition.stages}
    return LiveHttpApi(definition, stages)


def _live_stage(api: HttpApi, stage: Stage) -> LiveStage:
    tree, default = RouteTree[LiveRoute](), None
    for route in api.routes if stage.deployed else ():
        live = _live_route(route, stage)
        if route.is_default:
            default = live
        else:
            tree.add(route.path, route.verb, live)
    return LiveStage(
        definition=stage,
        routes=tree,
        default_route=default,
        access_log_group=stage.access_log.log_group if stage.access_log else "",
        access_log_line=_access_log_line(stage),
    )


def _access_log_line(stage: Stage) -> Callable[[HttpExchange], str] | None:
    if stage.access_log is None:
        return None
    return AccessLogFormat(stage.access_log.format, getter_of).line


def _live_route(route: Route, stage: Stage) -> LiveRoute:
    own = stage.route_settings.get(route.route_key, RouteSettings())
    default = stage.default_settings
    detailed = default.detailed_metrics if own.detailed_metrics is None else own.detailed_metrics
    return LiveRoute(
        definition=route,
        may_invoke=_may_invoke(route.integration),
        throttle=own.throttle() or default.throttle(),
        detailed_metrics=bool(detailed),
    )


def _may_invoke(integration: Integration) -> Callable[[str], bool]:
    if not isinstance(integration, LambdaIntegration):
        return lambda _: True
    if integration.invocable_by_role:
        return lambda _: True
    patterns = integration.permitted_sources
    return lambda source_arn: any(matches(pattern, source_arn) for pattern in patterns)
