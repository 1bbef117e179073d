"""MOCK integrations, as CORS preflight uses them.

Sources: rest-mock-cors-002 to -010 (recorded, captured and documented).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cloudworthy.local.apigateway.context import lookup
from cloudworthy.local.apigateway.definition import Integration, IntegrationResponse
from cloudworthy.local.apigateway.errors import (
    DEFAULT_5XX,
    UNSUPPORTED_MEDIA_TYPE,
    GatewayError,
)
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.response_headers import remap
from cloudworthy.local.apigateway.template import MappingTemplate, Overrides
from cloudworthy.local.model.http import Response

_JSON = "application/json"
# CDK writes { statusCode: 204 }, without quotes, and API Gateway reads it.
_STATUS = re.compile(r"""["']?statusCode["']?\s*:\s*["']?(\d{3})\b""")


class MockIntegration:
    """Answers without a backend: request template -> status -> integration response."""

    def __init__(self, integration: Integration) -> None:
        self._passthrough = integration.passthrough
        self._request_templates = _compiled(integration.request_templates)
        self._responses = [_MockResponse(response) for response in integration.responses]

    def answer(self, exchange: Exchange) -> Response:
        """The response of the integration.

        Raises
        ------
        GatewayError
            500 when the request template names no status or no response fits it, 415 when
            the content type is refused.
        """
        overrides = Overrides()
        status = _STATUS.search(self._rendered_request(exchange, overrides))
        chosen = self._chosen(status[1]) if status else None
        if chosen is None:
            reason = (
                "Execution failed due to configuration error: Unable to parse statusCode. "
                "It should be an integer that is defined in the request template."
                if status is None
                else "Execution failed due to configuration error: No match for output mapping "
                "and no default output mapping configured."
            )
            raise GatewayError(DEFAULT_5XX, reason=reason)
        return chosen.response(exchange, overrides)

    def _rendered_request(self, exchange: Exchange, overrides: Overrides) -> str:
        header = exchange.headers.get("content-type") or _JSON
        template = self._request_templates.get(header.partition(";")[0].strip().lower())
        if template is not None:
            return template.render(exchange, overrides)
        with_templates = self._passthrough == "WHEN_NO_TEMPLATES" and self._request_templates
        if self._passthrough == "NEVER" or with_templates:
            raise GatewayError(UNSUPPORTED_MEDIA_TYPE)
        return exchange.request.body.decode("utf-8", "replace")

    def _chosen(self, status: str) -> _MockResponse | None:
        """The response whose pattern matches, else the one without a pattern."""
        default = None
        for response in self._responses:
            if response.pattern is None:
                default = default or response
            elif response.pattern.fullmatch(status):
                return response
        return default


class _MockResponse:
    """One integration response, compiled."""

    def __init__(self, definition: IntegrationResponse) -> None:
        pattern = definition.selection_pattern
        self.pattern = re.compile(pattern) if pattern else None
        self._status = definition.status
        self._header_values = definition.header_values
        self._templates = _compiled(definition.templates)

    def response(self, exchange: Exchange, overrides: Overrides) -> Response:
        content_type, template = self._template(exchange)
        body = "" if template is None else template.render(exchange, overrides)
        headers = {"content-type": ("Content-Type", content_type)}
        for name, expression in self._header_values.items():
            value = _header_value(expression, exchange)
            if value is not None:
                headers[name.lower()] = (name, value)
        for name, value in overrides.headers.items():
            headers[name.lower()] = (name, value)
        status = overrides.status or self._status
        return Response(status, remap(list(headers.values())), body.encode())

    def _template(self, exchange: Exchange) -> tuple[str, MappingTemplate | None]:
        accept = (exchange.headers.get("accept") or "").partition(",")[0].partition(";")[0]
        if accept in self._templates:
            return accept, self._templates[accept]
        if _JSON in self._templates or not self._templates:
            return _JSON, self._templates.get(_JSON)
        return next(iter(self._templates.items()))


def _compiled(templates: Mapping[str, str]) -> dict[str, MappingTemplate]:
    return {kind.lower(): MappingTemplate(source) for kind, source in templates.items()}


def _header_value(expression: str, exchange: Exchange) -> str | None:
    """``'text'``, ``context.<name>`` or ``stageVariables.<name>``."""
    if expression.startswith("'") and expression.endswith("'"):
        return expression[1:-1]
    kind, _, name = expression.partition(".")
    if kind == "context":
        return lookup(exchange, name)
    if kind == "stageVariables" and exchange.stage is not None:
        return exchange.stage.definition.variables.get(name)
    return None
