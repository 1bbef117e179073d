"""The first stage: which stage is called, under which path and verb."""

from __future__ import annotations

from cloudworthy.local.apigateway.errors import (
    DEFAULT_4XX,
    INVALID_API_KEY,
    GatewayError,
)
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.routing import ANY_VERBS

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 10_240
MAX_URL_BYTES = {"EDGE": 8_192, "REGIONAL": 10_240}


async def parse_request(exchange: Exchange) -> None:
    """Split the path into the stage and the rest.

    Raises
    ------
    GatewayError
        The URL or the headers are too long, or no such stage exists: 403 Forbidden, as on AWS.
    """
    request = exchange.request
    exchange.method = _verb(exchange)
    exchange.full_path = "/" + request.path.lstrip("/")
    _check_limits(exchange)
    name, slash, rest = exchange.full_path[1:].partition("/")
    stage = exchange.api.stages.get(name)
    if stage is None:
        raise GatewayError(INVALID_API_KEY, reason=f"no stage is called {name!r}")
    exchange.stage = stage
    # Sources: rest-proxy-event-013 to -015: slashes before the resource's path collapse.
    exchange.path = "/" + rest.lstrip("/") if slash else "/"


def _verb(exchange: Exchange) -> str:
    """The method, or what ``X-HTTP-Method-Override`` says.

    Source: rest-routing-011 (documented).
    """
    override = exchange.headers.get("x-http-method-override")
    if override and override.upper() in ANY_VERBS:
        return override.upper()
    return exchange.request.method


def _check_limits(exchange: Exchange) -> None:
    """Refuse too long a URL or too many headers.

    Sources: rest-errors-021 for the limits (documented); the answers are assumed.
    """
    request = exchange.request
    if len(request.target) > MAX_URL_BYTES.get(exchange.api.definition.endpoint_type, 10_240):
        raise GatewayError(DEFAULT_4XX, status=414, message="Request-URI Too Long")
    size = sum(len(name) + len(value) for name, value in request.headers)
    if size > MAX_HEADER_BYTES:
        raise GatewayError(DEFAULT_4XX, status=431, message="Request Header Fields Too Large")
