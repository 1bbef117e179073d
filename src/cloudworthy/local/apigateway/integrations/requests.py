"""Integration requests: what a method's request becomes before a backend gets it.

Source: Amazon API Gateway developer guide, "Set up an integration request in API Gateway"
(documented).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from cloudworthy.local.apigateway.definition import Integration, IntegrationType
from cloudworthy.local.apigateway.errors import misconfigured
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integrations.forwarding import (
    ILLEGAL_FOR_AWS,
    ILLEGAL_FOR_HTTP,
    check_mapped_headers,
    forward_headers,
    name_gateway,
)
from cloudworthy.local.apigateway.integrations.messages import IntegrationRequest
from cloudworthy.local.apigateway.integrations.request_body import RequestBody
from cloudworthy.local.apigateway.mapping_expressions import request_values
from cloudworthy.local.apigateway.query import parse_query
from cloudworthy.local.apigateway.stage_variables import filled
from cloudworthy.local.apigateway.template import Overrides

_VARIABLE = re.compile(r"\{(\w[\w.-]*)\+?\}")
# What a path may have besides letters and digits; % because values come as they were sent.
_SAFE = "/%:@!$&'()*+,;=~"
_HTTP = (IntegrationType.HTTP, IntegrationType.HTTP_PROXY)


class IntegrationRequests:
    """Makes the integration requests of a method."""

    def __init__(self, integration: Integration, variables: Mapping[str, str]) -> None:
        self._type = integration.type
        self._method = integration.http_method
        self._address = filled(integration.address, variables)
        self._parameters = integration.request_parameters
        self._body = RequestBody(integration)

    def make(self, exchange: Exchange, overrides: Overrides) -> IntegrationRequest:
        """The request for the backend.

        Raises
        ------
        GatewayError
            The template asks for what cannot be, or the body cannot be made.
        """
        self._check()
        is_proxy = self._type is IntegrationType.HTTP_PROXY
        method = exchange.method if self._method == "ANY" else self._method
        request = IntegrationRequest(method, "")
        request.body = exchange.request.body if is_proxy else self._body.of(exchange, overrides)
        if is_proxy:
            forward_headers(exchange, request.headers)
            request.query = parse_query(exchange.request.query)
        elif request.body or exchange.headers.get("content-type"):
            kind = exchange.headers.get("content-type") or "application/json"
            request.headers.set("Content-Type", [kind])
        path = self._mapped(exchange, request) | overrides.request_path
        for name, value in overrides.request_headers.items():
            request.headers.set(name, [value])
        request.query |= {name: [value] for name, value in overrides.request_query.items()}
        if self._type in _HTTP:
            name_gateway(exchange, request.headers)
        request.address = _filled_in(self._address, path)
        return request

    def _check(self) -> None:
        if not self._address:
            raise misconfigured("a stage variable of the integration URI is missing")
        illegal = ILLEGAL_FOR_HTTP if self._type in _HTTP else ILLEGAL_FOR_AWS
        check_mapped_headers(self._parameters, illegal)

    def _mapped(self, exchange: Exchange, request: IntegrationRequest) -> dict[str, str]:
        """Set headers and query parameters from mappings; returns the path parameters."""
        path = {}
        for target, expression in self._parameters.items():
            place, _, name = target.partition(".")
            values = request_values(expression, exchange)
            if not values:
                continue
            if place == "header":
                request.headers.set(name, values)
            elif place == "querystring":
                request.query[name] = values
            else:
                path[name] = values[-1]
        return path


def _filled_in(address: str, path: Mapping[str, str]) -> str:
    """The address with its path variables."""
    return _VARIABLE.sub(lambda found: quote(path.get(found[1], ""), safe=_SAFE), address)
