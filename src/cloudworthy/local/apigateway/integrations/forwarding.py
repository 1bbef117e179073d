"""Headers that go to a web server behind an integration, and those that may not be mapped.

Sources: rest-aws-http-integrations-002, -004, -005 (recorded 2024-12-11).
"""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.apigateway.errors import misconfigured
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.host import port
from cloudworthy.local.apigateway.integrations.messages import Headers
from cloudworthy.local.apigateway.trace import HEADER as TRACE_HEADER

ILLEGAL_FOR_HTTP = frozenset({"content-length", "transfer-encoding"})
ILLEGAL_FOR_AWS = ILLEGAL_FOR_HTTP | {
    "authorization",
    "connection",
    "expect",
    "proxy-authenticate",
    "te",
}
"""Headers whose mapping makes every request fail."""

_NOT_FORWARDED = ILLEGAL_FOR_HTTP | {
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "upgrade",
    "via",
}
_REPLACED = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port"}) | {
    "x-forwarded-proto",
    "x-amzn-apigateway-api-id",
}


def forward_headers(exchange: Exchange, headers: Headers) -> None:
    """Add the caller's headers, and who sent them."""
    hops = []
    for name, value in exchange.request.headers:
        lowered = name.lower()
        if lowered == "x-forwarded-for":
            hops.append(value)
        elif lowered not in _NOT_FORWARDED and lowered not in _REPLACED:
            headers.add(name, value)
    headers.set("X-Forwarded-For", [", ".join([*hops, exchange.request.client_ip])])
    headers.set("X-Forwarded-Port", [port(exchange)])
    headers.set("X-Forwarded-Proto", ["http"])


def name_gateway(exchange: Exchange, headers: Headers) -> None:
    """Say which API calls."""
    api_id = exchange.api.definition.api_id
    headers.set_default("Accept", "application/json")
    headers.set_default("User-Agent", f"AmazonAPIGateway_{api_id}")
    headers.set("X-Amzn-Apigateway-Api-Id", [api_id])
    headers.set(TRACE_HEADER, [exchange.trace.to_function(tracing=exchange.tracing)])


def check_mapped_headers(
    parameters: Mapping[str, str], illegal: frozenset[str] = ILLEGAL_FOR_AWS
) -> None:
    """Refuse a mapping of headers that API Gateway keeps for itself.

    Raises
    ------
    GatewayError
        500, whatever the request is.
    """
    for target in parameters:
        place, _, name = target.partition(".")
        if place == "header" and name.lower() in illegal:
            raise misconfigured(f"the header {name} of the integration request is reserved")
