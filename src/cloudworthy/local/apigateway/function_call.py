"""The call of a function as an integration, whether it is a proxy or not."""

from __future__ import annotations

from cloudworthy.local.apigateway.errors import DEFAULT_5XX, GatewayError, misconfigured
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.integration_time import within_time
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    Invoker,
    TooManyRequestsError,
)


class FunctionCalls:
    """Invokes the functions of methods."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock

    async def invoke(
        self,
        payload: bytes,
        exchange: Exchange,
        invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE,
    ) -> InvocationResult:
        """Run the method's function.

        Raises
        ------
        GatewayError
            It may not be invoked, is not there, is throttled, cannot run or takes too long.
        """
        route = exchange.known_route
        request = InvocationRequest(
            route.function_name,
            payload,
            invocation_type,
            trace_header=exchange.trace.to_function(tracing=exchange.tracing),
        )
        try:
            async with within_time(exchange, self._clock):
                result = await self._invoker.invoke(request)
        except FunctionNotFoundError as error:
            raise misconfigured("Invalid permissions on Lambda function") from error
        except TooManyRequestsError as error:
            # Source: AWS Lambda developer guide, "Handling Lambda errors with an API Gateway
            # API": a rejected invocation is answered with 500 (documented).
            reason = f"Lambda invocation failed with status: 429. {error.reason}"
            raise GatewayError(DEFAULT_5XX, reason=reason) from error
        except CloudworthyError as error:
            reason = f"Lambda invocation failed with status: 500. {error}"
            raise GatewayError(DEFAULT_5XX, reason=reason) from error
        exchange.integration_status = 200
        exchange.function_request_id = result.request_id
        return result


def check_configuration(exchange: Exchange) -> None:
    """Faults of the template that AWS finds out only when a request comes.

    Sources: rest-proxy-response-028 (recorded), -031 (documented), rest-errors-023 (recorded).

    Raises
    ------
    GatewayError
        API_CONFIGURATION_ERROR, which is 500.
    """
    route = exchange.known_route
    if not route.function_arn:
        reason = "a stage variable of the integration URI is missing"
    elif route.method.integration.http_method != "POST":
        reason = "IntegrationHttpMethod of a Lambda function must be POST"
    elif not route.may_invoke:
        reason = (
            "Invalid permissions on Lambda function: no AWS::Lambda::Permission "
            f"lets {route.source_arn} invoke {route.function_name}"
        )
    else:
        return
    raise misconfigured(reason)
