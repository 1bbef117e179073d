"""Mapping expressions: where a value is in a request, an answer or what surrounds them.

Source: Amazon API Gateway developer guide, "Parameter mapping source examples for REST APIs"
(documented).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cloudworthy.local.apigateway.context import lookup
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integrations.messages import IntegrationAnswer
from cloudworthy.local.apigateway.json_path import value_at
from cloudworthy.local.apigateway.query import parse_query

_METHOD_REQUEST = "method.request."
_INTEGRATION_RESPONSE = "integration.response."


def request_values(expression: str, exchange: Exchange) -> list[str]:
    """The values that a mapping takes out of the caller's request; none when it has none."""
    if not expression.startswith(_METHOD_REQUEST):
        return _constant(expression, exchange)
    place, _, name = expression.removeprefix(_METHOD_REQUEST).partition(".")
    if place == "body":
        return _in_body(exchange.request.body, name)
    if place in ("header", "multivalueheader"):
        wanted = name.lower()
        values = [value for key, value in exchange.request.headers if key.lower() == wanted]
    elif place in ("querystring", "multivaluequerystring"):
        values = parse_query(exchange.request.query).get(name, [])
    else:
        values = [exchange.path_parameters[name]] if name in exchange.path_parameters else []
    return values if place.startswith("multivalue") else values[-1:]


def request_value(expression: str, exchange: Exchange) -> str | None:
    """The last of the values in the caller's request; None when it has none."""
    values = request_values(expression, exchange)
    return values[-1] if values else None


def response_value(expression: str, exchange: Exchange, answer: IntegrationAnswer) -> str | None:
    """The value that a mapping takes out of the backend's answer."""
    values = _response_values(expression, exchange, answer)
    return values[0] if values else None


def _response_values(
    expression: str, exchange: Exchange, answer: IntegrationAnswer
) -> Sequence[str]:
    if not expression.startswith(_INTEGRATION_RESPONSE):
        return _constant(expression, exchange)
    place, _, name = expression.removeprefix(_INTEGRATION_RESPONSE).partition(".")
    if place == "body":
        return _in_body(answer.body, name)
    values = answer.values_of(name)
    return [",".join(values)] if place == "multivalueheader" and values else values[:1]


def _constant(expression: str, exchange: Exchange) -> list[str]:
    """``'text'``, ``context.<name>`` or ``stageVariables.<name>``."""
    if expression.startswith("'") and expression.endswith("'"):
        return [expression[1:-1]]
    kind, _, name = expression.partition(".")
    value = None
    if kind == "context":
        value = lookup(exchange, name)
    elif kind == "stageVariables":
        value = _variables(exchange).get(name)
    return [] if value is None else [value]


def _variables(exchange: Exchange) -> Mapping[str, str]:
    return {} if exchange.stage is None else exchange.stage.definition.variables


def _in_body(body: bytes, path: str) -> list[str]:
    """The body as it is, or a part of a JSON body; a text is not quoted."""
    if not path:
        return [body.decode("utf-8", "replace")]
    try:
        value = value_at(json.loads(body), path)
    except ValueError:
        return []
    if value is None:
        return []
    return [value if isinstance(value, str) else json.dumps(value)]
