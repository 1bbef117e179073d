"""Integration responses: how an answer of a backend becomes the method's answer.

Sources: rest-aws-http-integrations-003, -006 (recorded), rest-mock-cors-002 to -010; Amazon API
Gateway developer guide, "Set up an integration response in API Gateway" (documented).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cloudworthy.local.apigateway.definition import IntegrationResponse
from cloudworthy.local.apigateway.errors import misconfigured
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integrations.content import (
    TO_BINARY,
    TO_TEXT,
    decoded,
    encoded,
    text_of,
)
from cloudworthy.local.apigateway.integrations.messages import IntegrationAnswer
from cloudworthy.local.apigateway.mapping_expressions import response_value
from cloudworthy.local.apigateway.response_headers import remap
from cloudworthy.local.apigateway.template import MappingTemplate, Overrides, compiled
from cloudworthy.local.model.http import Response

_JSON = "application/json"
_NO_MATCH = "No match for output mapping and no default output mapping configured."


class IntegrationResponses:
    """The integration responses of a method."""

    def __init__(self, definitions: Sequence[IntegrationResponse]) -> None:
        self._responses = [_IntegrationResponse(definition) for definition in definitions]

    def respond(
        self, exchange: Exchange, answer: IntegrationAnswer, overrides: Overrides
    ) -> Response:
        """The method's answer.

        Raises
        ------
        GatewayError
            500: no response is for this answer, or its template or conversion fails.
        """
        return self._chosen(answer.selection).respond(exchange, answer, overrides)

    def _chosen(self, selection: str) -> _IntegrationResponse:
        """The first whose pattern matches all of the text, else the one without a pattern."""
        default = None
        for response in self._responses:
            if response.pattern is None:
                default = default or response
            elif selection and response.pattern.fullmatch(selection):
                return response
        if default is None:
            raise misconfigured(_NO_MATCH)
        return default


class _IntegrationResponse:
    """One of them, compiled."""

    def __init__(self, definition: IntegrationResponse) -> None:
        pattern = definition.selection_pattern
        self.pattern = re.compile(pattern) if pattern else None
        self._status = definition.status
        self._header_values = definition.header_values
        self._content_handling = definition.content_handling
        self._templates = compiled(definition.templates)

    def respond(
        self, exchange: Exchange, answer: IntegrationAnswer, overrides: Overrides
    ) -> Response:
        content_type, template = self._template(exchange)
        body = self._body(exchange, answer, template, overrides)
        headers = {"content-type": ("Content-Type", content_type)}
        for name, expression in self._header_values.items():
            value = response_value(expression, exchange, answer)
            if value is not None:
                headers[name.lower()] = (name, value)
        for name, value in overrides.headers.items():
            headers[name.lower()] = (name, value)
        return Response(overrides.status or self._status, remap(list(headers.values())), body)

    def _template(self, exchange: Exchange) -> tuple[str, MappingTemplate | None]:
        accept = (exchange.headers.get("accept") or "").partition(",")[0].partition(";")[0]
        if accept in self._templates:
            return accept, self._templates[accept]
        if _JSON in self._templates or not self._templates:
            return _JSON, self._templates.get(_JSON)
        return next(iter(self._templates.items()))

    def _body(
        self,
        exchange: Exchange,
        answer: IntegrationAnswer,
        template: MappingTemplate | None,
        overrides: Overrides,
    ) -> bytes:
        kind = next(iter(answer.values_of("content-type")), None)
        is_binary = exchange.api.binary.matches(kind)
        to_text = self._content_handling == TO_TEXT
        if template is not None:
            body = encoded(answer.body) if is_binary and to_text else answer.body
            text = text_of(body, is_binary=is_binary and not to_text)
            made = template.render(exchange, overrides, text).encode()
            return decoded(made) if self._content_handling == TO_BINARY else made
        return converted(exchange, answer.body, self._content_handling, is_binary=is_binary)


def converted(exchange: Exchange, body: bytes, handling: str, *, is_binary: bool) -> bytes:
    """The body of an answer as the client gets it, when no template makes it.

    Without a content handling, the client's ``Accept`` decides.
    """
    accepts_binary = exchange.api.binary.matches(exchange.headers.get("accept"))
    wants_binary = handling == TO_BINARY or (handling != TO_TEXT and accepts_binary)
    if wants_binary == is_binary:
        return body
    return decoded(body) if wants_binary else encoded(body)
