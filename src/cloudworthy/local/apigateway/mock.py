"""MOCK integrations, as CORS preflight uses them.

Sources: rest-mock-cors-002 to -010 (recorded, captured and documented).
"""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.definition import Integration
from cloudworthy.local.apigateway.errors import DEFAULT_5XX, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integrations.messages import IntegrationAnswer
from cloudworthy.local.apigateway.integrations.request_body import RequestBody
from cloudworthy.local.apigateway.integrations.responses import IntegrationResponses
from cloudworthy.local.apigateway.template import Overrides
from cloudworthy.local.model.http import Response

# CDK writes { statusCode: 204 }, without quotes, and API Gateway reads it.
_STATUS = re.compile(r"""["']?statusCode["']?\s*:\s*["']?(\d{3})\b""")
_NO_STATUS = (
    "Execution failed due to configuration error: Unable to parse statusCode. "
    "It should be an integer that is defined in the request template."
)


class MockIntegration:
    """Answers without a backend: request template -> status -> integration response."""

    def __init__(self, integration: Integration) -> None:
        self._request_body = RequestBody(integration)
        self._responses = IntegrationResponses(integration.responses)

    def answer(self, exchange: Exchange) -> Response:
        """The response of the integration.

        Raises
        ------
        GatewayError
            500 when the request template names no status or no response fits it, 415 when
            the content type is refused.
        """
        overrides = Overrides()
        request = self._request_body.of(exchange, overrides).decode("utf-8", "replace")
        status = _STATUS.search(request)
        if status is None:
            raise GatewayError(DEFAULT_5XX, reason=_NO_STATUS)
        answer = IntegrationAnswer(int(status[1]), selection=status[1])
        return self._responses.respond(exchange, answer, overrides)
