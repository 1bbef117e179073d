"""The first stage: which stage is called, under which path and verb."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition import BasePathMapping, RestApi
from cloudworthy.local.apigateway.errors import INVALID_API_KEY, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.host import domain_name, is_of_domain
from cloudworthy.local.apigateway.route_tree import ANY_VERBS
from cloudworthy.local.model.http import Request


async def parse_request(exchange: Exchange) -> None:
    """Find the stage and the path below it, by the host's base path or the first segment.

    Raises
    ------
    GatewayError
        No such stage exists: 403 Forbidden, as on AWS.
    """
    request = exchange.request
    exchange.method = _verb(exchange)
    exchange.full_path = "/" + request.path.lstrip("/")
    definition, host = exchange.api.definition, domain_name(exchange)
    mappings = [it for it in definition.base_path_mappings if is_of_domain(it.domain_name, host)]
    if mappings:
        _by_domain(exchange, mappings)
    elif definition.execute_api_endpoint:
        _by_path(exchange, exchange.full_path)
    else:
        reason = "the API answers under its custom domains only"
        raise GatewayError(INVALID_API_KEY, reason=reason)


def _by_path(exchange: Exchange, path: str) -> None:
    """``/<stage>/<rest>``."""
    name, slash, rest = path[1:].partition("/")
    _enter(exchange, name)
    # Sources: rest-proxy-event-013 to -015: slashes before the resource's path collapse.
    exchange.path = "/" + rest.lstrip("/") if slash else "/"


def _by_domain(exchange: Exchange, mappings: list[BasePathMapping]) -> None:
    """``/<base path>/<rest>`` of a custom domain, whose mapping names the stage.

    Source: rest-proxy-event-022 (captured).
    """
    path = exchange.full_path
    for mapping in mappings:
        base_path = f"/{mapping.base_path}" if mapping.base_path else ""
        if path == base_path or path.startswith(f"{base_path}/"):
            exchange.base_path = base_path
            rest = path[len(base_path) :] or "/"
            if not mapping.stage:
                _by_path(exchange, rest)
                return
            _enter(exchange, mapping.stage)
            exchange.path = "/" + rest.lstrip("/")
            return
    raise GatewayError(INVALID_API_KEY, reason=f"no base path of the domain begins {path!r}")


def _enter(exchange: Exchange, name: str) -> None:
    exchange.stage = exchange.api.stages.get(name)
    if exchange.stage is None:
        raise GatewayError(INVALID_API_KEY, reason=f"no stage is called {name!r}")


def is_health_check(request: Request, definition: RestApi) -> bool:
    """Whether a request is for API Gateway's own health check of a custom domain.

    Source: rest-routing-013 (documented): ``/ping`` and ``/sping`` are never routed there.
    """
    if not definition.base_path_mappings or request.path not in ("/ping", "/sping"):
        return False
    host = request.header("host") or ""
    return any(is_of_domain(it.domain_name, host) for it in definition.base_path_mappings)


def _verb(exchange: Exchange) -> str:
    """The method, or what ``X-HTTP-Method-Override`` says.

    Source: rest-routing-011 (documented).
    """
    override = exchange.headers.get("x-http-method-override")
    if override and override.upper() in ANY_VERBS:
        return override.upper()
    return exchange.request.method
