"""How an error of the gateway becomes an answer: default or customised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.apigateway.context import lookup
from cloudworthy.local.apigateway.definition import GatewayResponse
from cloudworthy.local.apigateway.errors import ACCESS_DENIED, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.mapping_expressions import request_value
from cloudworthy.local.model.http import Response

DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
_SPACED_TEMPLATE = '{"message": $context.error.messageString}'
_CAPITAL_TEMPLATE = '{"Message":$context.error.messageString}'
_JSON = "application/json"
# $context.name or ${context.name}; the brace is closed only where one was opened.
_VARIABLE = re.compile(
    r"\$(\{)?(?P<kind>context|stageVariables)\.(?P<name>\w[\w-]*(?:\.\w[\w-]*)*)(?(1)\})"
)


@dataclass(frozen=True, slots=True)
class _Rendering:
    status: int | None
    header_values: Mapping[str, str]
    templates: Mapping[str, str]


class GatewayResponses:
    """The gateway responses of one API.

    A type that is not customised takes everything from a customised DEFAULT_4XX or
    DEFAULT_5XX.

    Source: rest-gateway-responses-003 (recorded 2024-06-20).
    """

    def __init__(self, customised: Mapping[str, GatewayResponse]) -> None:
        self._customised = customised

    def render(self, error: GatewayError, exchange: Exchange) -> Response:
        """The answer for an error, with the headers common to all of them."""
        rendering = self._rendering(error)
        content_type, template = self._template(rendering.templates, exchange)
        headers = [
            ("Content-Type", content_type),
            ("x-amzn-ErrorType", error.response_type.error_type),
        ]
        for name, expression in rendering.header_values.items():
            value = request_value(expression, exchange)
            if value is not None:
                headers = [(key, old) for key, old in headers if key.lower() != name.lower()]
                headers.append((name, value))
        if not template:
            template = _default_template(error)
        body = self._substitute(template, exchange)
        return Response(rendering.status or error.status, headers, body.encode())

    def _rendering(self, error: GatewayError) -> _Rendering:
        fallback = "DEFAULT_5XX" if error.status >= 500 else "DEFAULT_4XX"
        found = self._customised.get(error.response_type.name) or self._customised.get(fallback)
        if found is None:
            return _Rendering(None, {}, {})
        return _Rendering(found.status, found.header_values, found.templates)

    @staticmethod
    def _template(templates: Mapping[str, str], exchange: Exchange) -> tuple[str, str]:
        """The template whose content type the client accepts, else the JSON one."""
        accept = (exchange.headers.get("accept") or "").partition(",")[0].partition(";")[0]
        if accept in templates:
            return accept, templates[accept]
        if _JSON in templates or not templates:
            return _JSON, templates.get(_JSON, "")
        return next(iter(templates.items()))

    def _substitute(self, template: str, exchange: Exchange) -> str:
        """Replace variables; a gateway response has no other template language.

        Source: rest-gateway-responses-005 (documented).
        """
        return _VARIABLE.sub(lambda found: self._value(found, exchange), template)

    def _value(self, found: re.Match[str], exchange: Exchange) -> str:
        if found["kind"] == "stageVariables":
            variables = exchange.stage.definition.variables if exchange.stage else {}
            return variables.get(found["name"], "")
        value = lookup(exchange, found["name"])
        return "" if value is None else value


def _default_template(error: GatewayError) -> str:
    """The template of a type that is not customised.

    Sources: rest-errors-026, rest-authorizers-010 (documented): a policy's denial is worded by
    IAM, with a capital letter.
    """
    if error.response_type is ACCESS_DENIED:
        return _CAPITAL_TEMPLATE
    return _SPACED_TEMPLATE if error.response_type.spaced else DEFAULT_TEMPLATE
