"""Where a request carries its caller's identity."""

from __future__ import annotations

from cloudworthy.local.apigateway.context import lookup
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.query import parse_query

_HEADER = "method.request.header."
_QUERY = "method.request.querystring."


def identity_of(source: str, exchange: Exchange) -> str:
    """The value of one identity source; empty when the request has none.

    A source is ``method.request.header.<name>``, ``method.request.querystring.<name>``,
    ``stageVariables.<name>`` or ``context.<name>``.
    """
    if source.startswith(_HEADER):
        return exchange.headers.get(source.removeprefix(_HEADER).lower()) or ""
    if source.startswith(_QUERY):
        values = parse_query(exchange.request.query).get(source.removeprefix(_QUERY))
        return values[-1] if values else ""
    kind, _, name = source.partition(".")
    if kind == "stageVariables":
        return exchange.known_stage.definition.variables.get(name, "")
    return lookup(exchange, name) or ""
