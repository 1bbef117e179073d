"""Integrations of a method with a backend: request, call and response, in this order."""

from __future__ import annotations

from collections.abc import Mapping

from cloudworthy.local.apigateway.definition import Integration, IntegrationType
from cloudworthy.local.apigateway.exchange import Exchange, Send
from cloudworthy.local.apigateway.integrations.requests import IntegrationRequests
from cloudworthy.local.apigateway.integrations.responses import IntegrationResponses, converted
from cloudworthy.local.apigateway.response_headers import remap
from cloudworthy.local.apigateway.template import Overrides
from cloudworthy.local.model.http import Response


class MappedIntegration:
    """``HTTP`` and ``AWS``: parameters and templates on the way there and back."""

    def __init__(self, integration: Integration, variables: Mapping[str, str]) -> None:
        self._requests = IntegrationRequests(integration, variables)
        self._responses = IntegrationResponses(integration.responses)

    async def answer(self, exchange: Exchange, send: Send) -> Response:
        """The method's answer.

        Raises
        ------
        GatewayError
            The backend did not answer, or the mapping there or back fails.
        """
        overrides = Overrides()
        answer = await send(self._requests.make(exchange, overrides), exchange)
        return self._responses.respond(exchange, answer, overrides)


class HttpProxyIntegration:
    """``HTTP_PROXY``: the answer of the web server is the method's.

    Sources: rest-aws-http-integrations-005, -006 (recorded).
    """

    def __init__(self, integration: Integration, variables: Mapping[str, str]) -> None:
        self._requests = IntegrationRequests(integration, variables)
        self._content_handling = next((r.content_handling for r in integration.responses), "")

    async def answer(self, exchange: Exchange, send: Send) -> Response:
        """The method's answer; see ``MappedIntegration``."""
        answer = await send(self._requests.make(exchange, Overrides()), exchange)
        kind = next(iter(answer.values_of("content-type")), None)
        body = converted(
            exchange,
            answer.body,
            self._content_handling,
            is_binary=exchange.api.binary.matches(kind),
        )
        return Response(answer.status, remap(answer.headers), body)


def mapped_integration(
    integration: Integration, variables: Mapping[str, str]
) -> MappedIntegration | HttpProxyIntegration | None:
    """How a method calls its backend; None for a proxy to a function and a MOCK."""
    if integration.type is IntegrationType.HTTP_PROXY:
        return HttpProxyIntegration(integration, variables)
    if integration.type in (IntegrationType.HTTP, IntegrationType.AWS):
        return MappedIntegration(integration, variables)
    return None
