"""Integration request, call and integration response of a method."""

from __future__ import annotations

import asyncio
import json

from cloudworthy.local.apigateway.errors import (
    API_CONFIGURATION_ERROR,
    DEFAULT_5XX,
    INTEGRATION_TIMEOUT,
    REQUEST_TOO_LARGE,
    GatewayError,
)
from cloudworthy.local.apigateway.event import build_event
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.proxy_response import parse_proxy_response
from cloudworthy.local.apigateway.response_headers import remap
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
    TooManyRequestsError,
)

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024
_CONFIGURATION = "Execution failed due to configuration error: "


class Integrations:
    """Answers a routed request from its method's integration."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock

    async def answer(self, exchange: Exchange) -> None:
        """Fill in the response.

        Raises
        ------
        GatewayError
            The integration cannot be called, or did not answer as it must.
        """
        mock = exchange.known_route.mock
        if mock is not None:
            exchange.response = mock(exchange)
            return
        _check_configuration(exchange)
        payload = build_event(exchange)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise GatewayError(REQUEST_TOO_LARGE)
        result = await self._timed_call(payload, exchange)
        accepts_binary = exchange.api.binary.matches(exchange.headers.get("accept"))
        response = parse_proxy_response(_payload(result), accepts_binary=accepts_binary)
        exchange.function_status = response.status
        response.headers = remap(response.headers)
        exchange.response = response

    async def _timed_call(self, payload: bytes, exchange: Exchange) -> InvocationResult:
        exchange.integration_started_s = self._clock.monotonic_s()
        try:
            result = await self._call(payload, exchange)
        finally:
            elapsed_s = self._clock.monotonic_s() - exchange.integration_started_s
            exchange.integration_latency_ms = round(elapsed_s * 1000)
        exchange.integration_status = 200
        exchange.function_request_id = result.request_id
        return result

    async def _call(self, payload: bytes, exchange: Exchange) -> InvocationResult:
        route = exchange.known_route
        request = InvocationRequest(
            route.function_name,
            payload,
            trace_header=exchange.trace.to_function(tracing=exchange.tracing),
        )
        try:
            async with asyncio.timeout(route.method.integration.timeout_s):
                return await self._invoker.invoke(request)
        except TimeoutError as error:
            reason = "Execution failed due to a timeout error"
            raise GatewayError(INTEGRATION_TIMEOUT, reason=reason) from error
        except FunctionNotFoundError as error:
            reason = f"{_CONFIGURATION}Invalid permissions on Lambda function"
            raise GatewayError(API_CONFIGURATION_ERROR, reason=reason) from error
        except TooManyRequestsError as error:
            # Source: AWS Lambda developer guide, "Handling Lambda errors with an API Gateway
            # API": a rejected invocation is answered with 500 (documented).
            reason = f"Lambda invocation failed with status: 429. {error.reason}"
            raise GatewayError(DEFAULT_5XX, reason=reason) from error


def _check_configuration(exchange: Exchange) -> None:
    """Faults of the template that AWS finds out only when a request comes.

    Sources: rest-proxy-response-028 (recorded), -031 (documented), rest-errors-023 (recorded).

    Raises
    ------
    GatewayError
        API_CONFIGURATION_ERROR, which is 500.
    """
    route = exchange.known_route
    if not route.function_arn:
        reason = f"{_CONFIGURATION}a stage variable of the integration URI is missing"
    elif route.method.integration.http_method != "POST":
        reason = f"{_CONFIGURATION}IntegrationHttpMethod of a Lambda function must be POST"
    elif not route.may_invoke:
        reason = (
            f"{_CONFIGURATION}Invalid permissions on Lambda function: no AWS::Lambda::Permission "
            f"lets {route.source_arn} invoke {route.function_name}"
        )
    else:
        return
    raise GatewayError(API_CONFIGURATION_ERROR, reason=reason)


def _payload(result: InvocationResult) -> bytes:
    """The function's answer, unless it failed or is too long.

    Sources: rest-proxy-response-033, -034 (documented).
    """
    if result.function_error is not None:
        reason = (
            "Lambda execution failed with status 200 due to customer function error: "
            f"{_error_message(result.payload)}. Lambda request id: {result.request_id}"
        )
        raise GatewayError(DEFAULT_5XX, status=502, reason=reason)
    if len(result.payload) > MAX_PAYLOAD_BYTES:
        reason = "Execution failed due to configuration error: body size is too long"
        raise GatewayError(DEFAULT_5XX, status=502, reason=reason)
    return result.payload


def _error_message(payload: bytes) -> str:
    try:
        return str(json.loads(payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return payload[:200].decode("utf-8", "replace")
