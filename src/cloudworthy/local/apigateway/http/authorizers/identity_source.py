"""Where a request to an HTTP API carries its caller's identity."""

from __future__ import annotations

from cloudworthy.local.apigateway.http.context import lookup
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.query import parse_query

_HEADER = "$request.header."
_QUERY = "$request.querystring."
_STAGE = "$stageVariables."
_CONTEXT = "$context."


def identity_of(source: str, exchange: HttpExchange) -> str:
    """The value of one identity source; empty when the request has none."""
    if source.startswith(_HEADER):
        return exchange.headers.get(source.removeprefix(_HEADER).lower(), "")
    if source.startswith(_QUERY):
        values = parse_query(exchange.request.query).get(source.removeprefix(_QUERY), [])
        return ",".join(values)
    if source.startswith(_STAGE):
        return exchange.known_stage.definition.variables.get(source.removeprefix(_STAGE), "")
    return lookup(exchange, source.removeprefix(_CONTEXT)) or ""
