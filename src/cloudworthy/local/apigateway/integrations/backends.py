"""Calls of backends: functions, web servers and AWS services."""

from __future__ import annotations

import json

from cloudworthy.local.apigateway.definition import AwsService
from cloudworthy.local.apigateway.errors import (
    DEFAULT_4XX,
    INTEGRATION_FAILURE,
    REQUEST_TOO_LARGE,
    GatewayError,
    misconfigured,
)
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.function_call import (
    FunctionCalls,
    check_configuration,
)
from cloudworthy.local.apigateway.integration_time import within_time
from cloudworthy.local.apigateway.integrations.aws_protocols import answers_xml, name_action
from cloudworthy.local.apigateway.integrations.messages import (
    IntegrationAnswer,
    IntegrationRequest,
)
from cloudworthy.local.apigateway.integrations.service_calls import ServiceCalls
from cloudworthy.local.apigateway.integrations.xml_as_json import as_json
from cloudworthy.local.apigateway.size_limits import MAX_BODY_BYTES
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import InvocationType
from cloudworthy.local.model.http import (
    Outbound,
    Request,
    Response,
    UnknownHostError,
    UnreachableError,
)


class Backends:
    """Has the backend of a method answer."""

    def __init__(
        self,
        functions: FunctionCalls,
        outbound: Outbound,
        services: ServiceCalls,
        clock: Clock,
    ) -> None:
        self._functions = functions
        self._outbound = outbound
        self._services = services
        self._clock = clock

    async def send(self, request: IntegrationRequest, exchange: Exchange) -> IntegrationAnswer:
        """Send a request to the backend of the exchange's method.

        Raises
        ------
        GatewayError
            It cannot be reached, does not answer in time, or may not be called.
        """
        integration = exchange.known_route.method.integration
        exchange.integration_url, exchange.integration_body = request.url, request.body
        if integration.function_arn:
            return await self._invoke(request, exchange)
        if integration.service is not None:
            answer = await self._call(request, integration.service, exchange)
        else:
            answer = await self._forward(request, exchange)
        if len(answer.body) > MAX_BODY_BYTES:
            raise misconfigured("body size is too long")
        return IntegrationAnswer(answer.status, answer.headers, answer.body, str(answer.status))

    async def _invoke(self, request: IntegrationRequest, exchange: Exchange) -> IntegrationAnswer:
        """Source: AWS Lambda developer guide, "Invoke" (documented)."""
        check_configuration(exchange)
        payload = request.body or b"{}"
        kind = _invocation_type(request.headers.get("X-Amz-Invocation-Type"))
        if len(payload) > kind.max_payload_bytes:
            raise GatewayError(REQUEST_TOO_LARGE)
        _check_json(payload)
        result = await self._functions.invoke(payload, exchange, kind)
        failed = result.function_error is not None
        return IntegrationAnswer(
            200,
            [("Content-Type", "application/json")],
            result.payload,
            result.error_message if failed else "",
        )

    async def _call(
        self, request: IntegrationRequest, service: AwsService, exchange: Exchange
    ) -> Response:
        if not service.assumable:
            raise misconfigured(
                "API Gateway does not have permission to assume the provided role "
                f"{service.role_arn}"
            )
        if service.action:
            name_action(request, service.name, service.action)
        call = Request(request.method, request.url, request.headers.pairs(), request.body)
        async with within_time(exchange, self._clock):
            response = await self._services.send(call, service)
        exchange.integration_status = exchange.function_status = response.status
        exchange.function_request_id = response.header("x-amzn-requestid") or ""
        wants_xml = "xml" in (request.headers.get("accept") or "")
        if answers_xml(service.name) and not wants_xml:
            response.body = as_json(response.body)
        return response

    async def _forward(self, request: IntegrationRequest, exchange: Exchange) -> Response:
        """Sources: rest-aws-http-integrations-017 (recorded); the other fault is assumed."""
        try:
            async with within_time(exchange, self._clock):
                response = await self._outbound.send(
                    request.method, request.url, request.headers.pairs(), request.body
                )
        except UnknownHostError as error:
            raise misconfigured("Invalid endpoint address") from error
        except UnreachableError as error:
            message = "Network error communicating with endpoint"
            reason = f"Execution failed due to a network error communicating with endpoint: {error}"
            raise GatewayError(INTEGRATION_FAILURE, message=message, reason=reason) from error
        exchange.integration_status = exchange.function_status = response.status
        return response


def _check_json(payload: bytes) -> None:
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise GatewayError(DEFAULT_4XX, message=message, reason=message) from error


def _invocation_type(header: str | None) -> InvocationType:
    try:
        return InvocationType(header or InvocationType.REQUEST_RESPONSE)
    except ValueError as error:
        raise misconfigured(f"there is no invocation type {header!r}") from error
