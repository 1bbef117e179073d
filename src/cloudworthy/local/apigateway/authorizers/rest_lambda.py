"""Lambda authorizers of REST APIs, of the types TOKEN and REQUEST.

Source: Amazon API Gateway developer guide, "Use API Gateway Lambda authorizers" (documented);
rest-authorizers-001 to -016.
"""

from __future__ import annotations

import asyncio
import re

import orjson

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from cloudworthy.local.apigateway.authorizers.rest_answer import parse_answer
from cloudworthy.local.apigateway.caller import AuthorizerCall, Caller
from cloudworthy.local.apigateway.definition import LambdaAuthorizer
from cloudworthy.local.apigateway.errors import (
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    UNAUTHORIZED,
    GatewayError,
)
from cloudworthy.local.apigateway.event import authorizer_event
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.mapping_expressions import request_value
from cloudworthy.local.apigateway.stage_variables import filled
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
    TooManyRequestsError,
    invocation_target,
)

_TIMEOUT_S = 29.0
_CONFIGURATION = "Execution failed due to configuration error: "


class LambdaAuthorizers:
    """Asks the functions of authorizers, and remembers what they said.

    A result is kept for the stage and the caller's identity, not for the method: its policy
    is evaluated for each request anew.
    """

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._clock = clock
        self._results: TtlCache[Caller] = TtlCache(clock)

    async def identify(self, authorizer: LambdaAuthorizer, exchange: Exchange) -> Caller:
        """The caller that the function names, or named a short while ago.

        Raises
        ------
        GatewayError
            UNAUTHORIZED, or an error of the authorizer itself.
        """
        identity = _identity(authorizer, exchange)
        api_id, stage = exchange.api.definition.api_id, exchange.known_stage.definition.name
        key = (api_id, stage, authorizer, identity)
        caller = self._results.get(key)
        if caller is None:
            event = _event(authorizer, identity, exchange)
            result = await self._timed_call(authorizer, event, exchange)
            caller = parse_answer(result, exchange.method_arn)
            self._results.put(key, caller, authorizer.ttl_s)
        return caller

    async def _timed_call(
        self, authorizer: LambdaAuthorizer, event: bytes, exchange: Exchange
    ) -> InvocationResult:
        function_arn = _function_arn(authorizer, exchange)
        began_s = self._clock.monotonic_s()
        request = InvocationRequest(
            invocation_target(function_arn),
            event,
            trace_header=exchange.trace.to_function(tracing=exchange.tracing),
        )
        result = await self._call(request)
        latency_ms = round((self._clock.monotonic_s() - began_s) * 1000)
        exchange.authorizer_call = AuthorizerCall(latency_ms, result.request_id)
        return result

    async def _call(self, request: InvocationRequest) -> InvocationResult:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await self._invoker.invoke(request)
        except TimeoutError as error:
            reason = "Execution failed due to a timeout error of the authorizer"
            raise GatewayError(AUTHORIZER_FAILURE, reason=reason) from error
        except TooManyRequestsError as error:
            reason = f"Authorizer invocation failed with status: 429. {error.reason}"
            raise GatewayError(AUTHORIZER_FAILURE, reason=reason) from error
        except FunctionNotFoundError as error:
            reason = f"{_CONFIGURATION}Invalid permissions on Lambda function"
            raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, reason=reason) from error
        except CloudworthyError as error:
            reason = f"Authorizer invocation failed with status: 500. {error}"
            raise GatewayError(AUTHORIZER_FAILURE, reason=reason) from error


def _identity(authorizer: LambdaAuthorizer, exchange: Exchange) -> tuple[str, ...]:
    """The values of the identity sources.

    Sources: rest-authorizers-003 to -005 (documented): a REQUEST authorizer whose results are
    not cached is asked even when they are missing.
    """
    sources = authorizer.identity_sources
    values = tuple(request_value(source, exchange) or "" for source in sources)
    needed = authorizer.kind == "TOKEN" or authorizer.ttl_s > 0
    if needed and not all(values):
        raise GatewayError(UNAUTHORIZED, reason="Unauthorized: an identity source is missing")
    expression = authorizer.validation_expression
    if authorizer.kind == "TOKEN" and expression and not re.fullmatch(expression, values[0]):
        reason = "Unauthorized: the token does not match the validation expression"
        raise GatewayError(UNAUTHORIZED, reason=reason)
    return values


def _event(authorizer: LambdaAuthorizer, identity: tuple[str, ...], exchange: Exchange) -> bytes:
    if authorizer.kind == "REQUEST":
        return authorizer_event(exchange)
    event = {
        "type": "TOKEN",
        "methodArn": exchange.method_arn,
        "authorizationToken": identity[0],
    }
    return orjson.dumps(event)


def _function_arn(authorizer: LambdaAuthorizer, exchange: Exchange) -> str:
    """The function to ask, once it is known that API Gateway may."""
    function_arn = filled(authorizer.function_arn, exchange.known_stage.definition.variables)
    if not function_arn:
        reason = f"{_CONFIGURATION}a stage variable of the authorizer URI is missing"
    elif not authorizer.invocable:
        reason = (
            f"{_CONFIGURATION}Invalid permissions on Lambda function: neither an "
            "AWS::Lambda::Permission nor a role lets API Gateway invoke the authorizer "
            f"{authorizer.logical_id}"
        )
    else:
        return function_arn
    raise GatewayError(AUTHORIZER_CONFIGURATION_ERROR, reason=reason)
