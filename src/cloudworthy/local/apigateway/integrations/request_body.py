"""The body of an integration request: passed through, or made by a template.

Sources: rest-errors-016 to -018, rest-mock-cors-006, -007 (recorded and documented).
"""

from __future__ import annotations

from cloudworthy.local.apigateway.definition import Integration
from cloudworthy.local.apigateway.errors import UNSUPPORTED_MEDIA_TYPE, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integrations.content import (
    TO_BINARY,
    TO_TEXT,
    decoded,
    encoded,
    text_of,
)
from cloudworthy.local.apigateway.template import MappingTemplate, Overrides, compiled

_JSON = "application/json"


class RequestBody:
    """Makes the body that a backend gets."""

    def __init__(self, integration: Integration) -> None:
        self._passthrough = integration.passthrough
        self._content_handling = integration.content_handling
        self._templates = compiled(integration.request_templates)

    def of(self, exchange: Exchange, overrides: Overrides) -> bytes:
        """The body for one request.

        Raises
        ------
        GatewayError
            415 when no template is for the content type and it may not pass through, 400 or
            500 when the template or the conversion fails.
        """
        template = self._template(exchange)
        is_binary = exchange.api.binary.matches(exchange.headers.get("content-type"))
        body = exchange.request.body
        if is_binary and self._content_handling == TO_TEXT:
            body, is_binary = encoded(body), False
        if template is not None:
            body = template.render(exchange, overrides, text_of(body, is_binary=is_binary)).encode()
        if self._content_handling == TO_BINARY and not is_binary:
            return decoded(body)
        return body

    def _template(self, exchange: Exchange) -> MappingTemplate | None:
        """The template for the content type; None for a body that passes through."""
        header = exchange.headers.get("content-type") or _JSON
        template = self._templates.get(header.partition(";")[0].strip().lower())
        if template is not None:
            return template
        with_templates = self._passthrough == "WHEN_NO_TEMPLATES" and self._templates
        if self._passthrough == "NEVER" or with_templates:
            raise GatewayError(UNSUPPORTED_MEDIA_TYPE)
        return None
