"""What a Lambda authorizer of a REST API answers.

Source: Amazon API Gateway developer guide, "Output from an API Gateway Lambda authorizer"
(documented); rest-authorizers-006 to -008, -014.
"""

from __future__ import annotations

import json

from cloudworthy.local.apigateway.authorizers.policy import PolicyError, evaluate_policy
from cloudworthy.local.apigateway.caller import Caller
from cloudworthy.local.apigateway.errors import (
    AUTHORIZER_CONFIGURATION_ERROR,
    AUTHORIZER_FAILURE,
    UNAUTHORIZED,
    GatewayError,
)
from cloudworthy.local.model.functions import InvocationResult

_UNAUTHORIZED = "Unauthorized"


def parse_answer(result: InvocationResult, method_arn: str) -> Caller:
    """The caller that the function names.

    Raises
    ------
    GatewayError
        UNAUTHORIZED: the function failed with exactly that word. AUTHORIZER_FAILURE: it
        failed otherwise. AUTHORIZER_CONFIGURATION_ERROR: the answer is malformed.
    """
    document = _document(result.payload)
    if result.function_error is not None:
        _refuse(document)
    if not isinstance(document, dict):
        raise malformed("the answer is not an object")
    principal_id, policy = document.get("principalId"), document.get("policyDocument")
    if not isinstance(principal_id, str) or not principal_id:
        raise malformed("principalId is missing or not a text")
    try:
        evaluate_policy(policy, method_arn)
    except PolicyError as error:
        raise malformed(str(error)) from error
    return Caller(
        principal_id=principal_id,
        context=_context(document.get("context")),
        policy=policy,
        usage_identifier_key=str(document.get("usageIdentifierKey") or ""),
    )


def malformed(reason: str) -> GatewayError:
    """The error for an answer that API Gateway cannot use."""
    return GatewayError(
        AUTHORIZER_CONFIGURATION_ERROR,
        reason=f"Execution failed due to configuration error: Invalid JSON in response: {reason}",
    )


def _document(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise malformed("the answer is not JSON") from error


def _refuse(document: object) -> None:
    message = document.get("errorMessage") if isinstance(document, dict) else None
    if message == _UNAUTHORIZED:
        raise GatewayError(UNAUTHORIZED, reason=_UNAUTHORIZED)
    raise GatewayError(
        AUTHORIZER_FAILURE,
        reason=f"Execution failed due to an authorizer error: {message}",
    )


def _context(context: object) -> dict[str, str]:
    """The authorizer's own values, each as text; lists and objects are not allowed."""
    if context is None:
        return {}
    if not isinstance(context, dict):
        raise malformed("context is not an object")
    return {name: _text(name, value) for name, value in context.items() if value is not None}


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise malformed(f"context.{name} is neither a text, a number nor a boolean")
