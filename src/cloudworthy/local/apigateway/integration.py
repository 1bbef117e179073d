"""Integration request, call and integration response of a method."""

from __future__ import annotations

from cloudworthy.local.apigateway.errors import DEFAULT_5XX, REQUEST_TOO_LARGE, GatewayError
from cloudworthy.local.apigateway.event import build_event
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.function_call import (
    FunctionCalls,
    check_configuration,
)
from cloudworthy.local.apigateway.integrations.backends import Backends
from cloudworthy.local.apigateway.integrations.forwarding import check_mapped_headers
from cloudworthy.local.apigateway.integrations.service_calls import ServiceCalls
from cloudworthy.local.apigateway.proxy_response import parse_proxy_response
from cloudworthy.local.apigateway.response_headers import remap
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import MAX_PAYLOAD_BYTES, InvocationResult, Invoker
from cloudworthy.local.model.http import Outbound


class Integrations:
    """Answers a routed request from its method's integration.

    Parameters
    ----------
    outbound, services
        Reach the web servers and AWS services of other integrations than the proxy.
    """

    def __init__(
        self, invoker: Invoker, clock: Clock, *, outbound: Outbound, services: ServiceCalls
    ) -> None:
        self._functions = FunctionCalls(invoker, clock)
        self._backends = Backends(self._functions, outbound, services, clock)

    async def answer(self, exchange: Exchange) -> None:
        """Fill in the response.

        Raises
        ------
        GatewayError
            The integration cannot be called, or did not answer as it must.
        """
        route = exchange.known_route
        if route.mock is not None:
            exchange.response = route.mock(exchange)
        elif route.mapped is not None:
            exchange.response = await route.mapped(exchange, self._backends.send)
        else:
            await self._ask_function(exchange)

    async def _ask_function(self, exchange: Exchange) -> None:
        """The proxy to a function: it gets the whole request and gives the whole answer."""
        check_configuration(exchange)
        check_mapped_headers(exchange.known_route.method.integration.request_parameters)
        payload = build_event(exchange)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise GatewayError(REQUEST_TOO_LARGE)
        result = await self._functions.invoke(payload, exchange)
        accepts_binary = exchange.api.binary.matches(exchange.headers.get("accept"))
        response = parse_proxy_response(_payload(result), accepts_binary=accepts_binary)
        exchange.function_status = response.status
        response.headers = remap(response.headers)
        exchange.response = response


def _payload(result: InvocationResult) -> bytes:
    """The function's answer, unless it failed or is too long.

    Sources: rest-proxy-response-033, -034 (documented).
    """
    if result.function_error is not None:
        reason = (
            "Lambda execution failed with status 200 due to customer function error: "
            f"{result.error_message}. Lambda request id: {result.request_id}"
        )
        raise GatewayError(DEFAULT_5XX, status=502, reason=reason)
    if len(result.payload) > MAX_PAYLOAD_BYTES:
        reason = "Execution failed due to configuration error: body size is too long"
        raise GatewayError(DEFAULT_5XX, status=502, reason=reason)
    return result.payload
