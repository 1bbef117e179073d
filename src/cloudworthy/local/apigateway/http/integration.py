"""Integration request, call and integration response of a route."""

from __future__ import annotations

import asyncio

from cloudworthy.local.apigateway.http.answer import parse_answer
from cloudworthy.local.apigateway.http.definition import (
    HttpIntegration,
    LambdaIntegration,
    PayloadFormat,
)
from cloudworthy.local.apigateway.http.errors import (
    INTEGRATION_FAILURE,
    TOO_LARGE,
    UNAVAILABLE,
    HttpApiError,
)
from cloudworthy.local.apigateway.http.event import build_event
from cloudworthy.local.apigateway.http.event_v1 import build_event_v1
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.http.http_proxy import forward
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    MAX_PAYLOAD_BYTES,
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
    TooManyRequestsError,
)
from cloudworthy.local.model.http import Outbound, Response, UnreachableError


class Integrations:
    """Answers a routed request from its route's integration."""

    def __init__(self, invoker: Invoker, outbound: Outbound, clock: Clock) -> None:
        self._invoker = invoker
        self._outbound = outbound
        self._clock = clock

    async def answer(self, exchange: HttpExchange) -> None:
        """Fill in the response.

        Sources: httpapi-behaviour-004, -035 (documented): 500; 503 for a timeout and for
        refused calls is assumed from reports of users.

        Raises
        ------
        HttpApiError
            The integration cannot be called, or did not answer as it must.
        """
        integration = exchange.known_route.definition.integration
        began_s = self._clock.monotonic_s()
        try:
            async with asyncio.timeout(integration.timeout_s):
                exchange.response = await self._call(integration, exchange)
        except TimeoutError as error:
            raise HttpApiError(UNAVAILABLE, "The integration timed out") from error
        except UnreachableError as error:
            raise HttpApiError(UNAVAILABLE, f"The integration is not there: {error}") from error
        finally:
            elapsed_s = self._clock.monotonic_s() - began_s
            exchange.integration_latency_ms = round(elapsed_s * 1000)

    async def _call(
        self, integration: LambdaIntegration | HttpIntegration, exchange: HttpExchange
    ) -> Response:
        if isinstance(integration, HttpIntegration):
            response = await forward(integration, exchange, self._outbound)
            exchange.integration_status = response.status
            return response
        _check_permission(integration, exchange)
        result = await self._invoke(integration, exchange)
        exchange.function_request_id = result.request_id
        exchange.integration_status = 200
        response = parse_answer(_payload(result), integration.payload_format)
        exchange.function_status = response.status
        return response

    async def _invoke(
        self, integration: LambdaIntegration, exchange: HttpExchange
    ) -> InvocationResult:
        is_v1 = integration.payload_format is PayloadFormat.V1
        payload = build_event_v1(exchange) if is_v1 else build_event(exchange)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise HttpApiError(TOO_LARGE, "the event is longer than a function may get")
        request = InvocationRequest(
            integration.function_name,
            payload,
            trace_header=exchange.trace.to_function(tracing=False),
        )
        try:
            return await self._invoker.invoke(request)
        except FunctionNotFoundError as error:
            reason = f"the function {integration.function_name} does not exist"
            raise HttpApiError(INTEGRATION_FAILURE, reason) from error
        except TooManyRequestsError as error:
            reason = f"Lambda refused the invocation: {error.reason}"
            raise HttpApiError(UNAVAILABLE, reason) from error
        except CloudworthyError as error:
            reason = f"the function {integration.function_name} cannot be run: {error}"
            raise HttpApiError(INTEGRATION_FAILURE, reason) from error


def _check_permission(integration: LambdaIntegration, exchange: HttpExchange) -> None:
    """Source: httpapi-behaviour-004 (documented); the sentence is AWS's, its end is ours."""
    source_arn = exchange.source_arn
    if not exchange.known_route.may_invoke(source_arn):
        reason = (
            "The IAM role configured on the integration or API Gateway doesn't have permissions "
            "to call the integration: neither an AWS::Lambda::Permission nor a role lets "
            f"{source_arn} invoke {integration.function_name}"
        )
        raise HttpApiError(INTEGRATION_FAILURE, reason)


def _payload(result: InvocationResult) -> bytes:
    """The function's answer, unless it failed or is too long."""
    if result.function_error is not None:
        reason = (
            "The Lambda function returned the following error: "
            f"{result.error_message}. Lambda request id: {result.request_id}"
        )
        raise HttpApiError(INTEGRATION_FAILURE, reason)
    if len(result.payload) > MAX_PAYLOAD_BYTES:
        raise HttpApiError(INTEGRATION_FAILURE, "The answer of the function is too long")
    return result.payload
