"""Lambda authorizers of HTTP APIs.

Sources: httpapi-behaviour-019 to -022 (documented); Amazon API Gateway developer guide, "Control
access to HTTP APIs with AWS Lambda authorizers" (documented).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from cloudworthy.local.apigateway.authorizers.policy import (
    PolicyDecision,
    PolicyError,
    evaluate_policy,
)
from cloudworthy.local.apigateway.http.authorizers.identity_source import identity_of
from cloudworthy.local.apigateway.http.caller import LambdaCaller
from cloudworthy.local.apigateway.http.definition import LambdaAuthorizer, PayloadFormat
from cloudworthy.local.apigateway.http.errors import (
    FORBIDDEN,
    INTERNAL,
    UNAUTHORIZED,
    HttpApiError,
)
from cloudworthy.local.apigateway.http.event import authorizer_event
from cloudworthy.local.apigateway.http.event_v1 import authorizer_event_v1
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
    TooManyRequestsError,
)

_TIMEOUT_S = 10.0
"""Source: quotas of HTTP APIs, "Lambda authorizer response timeout" (documented)."""


class _MalformedError(Exception):
    """The function's answer is not what an authorizer answers."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a function said, as long as it is kept; a policy is asked for each request anew."""

    caller: LambdaCaller
    allowed: bool = False
    policy: object = None

    def allows(self, method_arn: str) -> bool:
        if self.policy is None:
            return self.allowed
        return evaluate_policy(self.policy, method_arn) is PolicyDecision.ALLOWED


class LambdaAuthorizers:
    """Asks the functions of authorizers, and remembers what they said."""

    def __init__(self, invoker: Invoker, clock: Clock) -> None:
        self._invoker = invoker
        self._answers: TtlCache[_Answer] = TtlCache(clock)

    async def authorize(self, authorizer: LambdaAuthorizer, exchange: HttpExchange) -> None:
        """Let the request pass, with its caller known.

        Raises
        ------
        HttpApiError
            UNAUTHORIZED without an identity; FORBIDDEN; INTERNAL when the function failed.
        """
        identity = tuple(identity_of(source, exchange) for source in authorizer.identity_sources)
        if not all(identity):
            raise HttpApiError(UNAUTHORIZED, "an identity source of the authorizer is missing")
        key = (exchange.api.definition.api_id, exchange.stage_name, authorizer, identity)
        answer = self._answers.get(key)
        if answer is None:
            answer = _parsed(await self._ask(authorizer, identity, exchange), authorizer, exchange)
            self._answers.put(key, answer, authorizer.ttl_s)
        if not answer.allows(exchange.method_arn):
            raise HttpApiError(FORBIDDEN, f"the authorizer does not allow {exchange.method_arn}")
        exchange.caller = answer.caller

    async def _ask(
        self, authorizer: LambdaAuthorizer, identity: tuple[str, ...], exchange: HttpExchange
    ) -> InvocationResult:
        if not authorizer.invocable:
            raise _failure(
                exchange,
                "neither an AWS::Lambda::Permission nor a role lets API Gateway invoke the "
                f"authorizer {authorizer.logical_id}",
            )
        is_v1 = authorizer.payload_format is PayloadFormat.V1
        event = (authorizer_event_v1 if is_v1 else authorizer_event)(exchange, identity)
        trace_header = exchange.trace.to_function(tracing=False)
        request = InvocationRequest(authorizer.function_name, event, trace_header=trace_header)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await self._invoker.invoke(request)
        except TimeoutError as error:
            raise _failure(exchange, "the authorizer timed out") from error
        except FunctionNotFoundError as error:
            raise _failure(exchange, f"{authorizer.function_name} does not exist") from error
        except TooManyRequestsError as error:
            raise _failure(exchange, f"Lambda refused the call: {error.reason}") from error
        except CloudworthyError as error:
            raise _failure(exchange, f"the authorizer cannot be run: {error}") from error


def _failure(exchange: HttpExchange, reason: str) -> HttpApiError:
    exchange.authorizer_error = reason
    return HttpApiError(INTERNAL, f"Authorizer error: {reason}")


def _parsed(
    result: InvocationResult, authorizer: LambdaAuthorizer, exchange: HttpExchange
) -> _Answer:
    """What the function said.

    Raises
    ------
    HttpApiError
        INTERNAL: it failed, or its answer is malformed.
    """
    text = result.payload[:200].decode("utf-8", "replace")
    if result.function_error is not None:
        raise _failure(exchange, f"the function failed: {text}")
    try:
        document = orjson.loads(result.payload)
        return _simple(document) if authorizer.simple_responses else _policy(document, exchange)
    except (ValueError, PolicyError, _MalformedError) as error:
        raise _failure(exchange, f"malformed answer ({error}): {text}") from error


def _simple(document: object) -> _Answer:
    if not isinstance(document, dict) or not isinstance(document.get("isAuthorized"), bool):
        raise _MalformedError("isAuthorized is neither true nor false")
    return _Answer(LambdaCaller(_context(document)), allowed=document["isAuthorized"])


def _policy(document: object, exchange: HttpExchange) -> _Answer:
    if not isinstance(document, dict):
        raise _MalformedError("it is not an object")
    policy = document.get("policyDocument")
    evaluate_policy(policy, exchange.method_arn)
    principal_id = document.get("principalId")
    caller = LambdaCaller(_context(document), None if principal_id is None else str(principal_id))
    return _Answer(caller, policy=policy)


def _context(document: Mapping[str, Any]) -> Mapping[str, Any]:
    context = document.get("context")
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise _MalformedError("context is not an object")
    return context
