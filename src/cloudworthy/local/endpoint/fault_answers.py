"""What services answer to calls that a fault hits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from cloudworthy.local.endpoint.call import AwsError, Operation, Protocol
from cloudworthy.local.endpoint.capacity_answers import canceled_as_a_whole, throttled_as_a_whole
from cloudworthy.local.endpoint.item_operations import ITEM_OPERATIONS
from cloudworthy.local.endpoint.respond import error_response
from cloudworthy.local.model.faults import Effect
from cloudworthy.local.model.http import Request, Response


class _Answer(NamedTuple):
    code: str
    status: int
    message: str


_RATE = "Rate exceeded"
_UNKNOWN = "The request processing has failed because of an unknown error, exception or failure."
_SERVER_SIDE = "An error occurred on the server side."

# Sources: the error shapes of the services' API models, and what is named with an entry.
_THROTTLED: Mapping[str, _Answer] = {
    "apigateway": _Answer("TooManyRequestsException", 429, _RATE),
    "cognito-idp": _Answer("TooManyRequestsException", 400, _RATE),
    # Of operations on tables themselves; those on items are throttled by capacity. DynamoDB
    # developer guide, "Error handling with DynamoDB" (documented).
    "dynamodb": _Answer(
        "ThrottlingException", 400, "Rate of requests exceeds the allowed throughput."
    ),
    # KMS developer guide, "Throttling AWS KMS requests" (documented).
    "kms": _Answer(
        "ThrottlingException",
        400,
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    ),
    # Issue 10538 of pingcap/tiflash has the answer whole (recorded on AWS 2025-11-07).
    "s3": _Answer("SlowDown", 503, "Please reduce your request rate."),
    # Issue 3438 of Particular/docs.particular.net (recorded on AWS 2017-11-14); the code and its
    # status are those that botocore tries again for SQS.
    "sqs": _Answer("RequestThrottled", 403, "Request is throttled."),
}
_FAILED: Mapping[str, _Answer] = {
    "cognito-idp": _Answer("InternalErrorException", 500, _SERVER_SIDE),
    # DynamoDB developer guide, "Error handling with DynamoDB" (documented).
    "dynamodb": _Answer(
        "InternalServerError",
        500,
        "The server encountered an internal error trying to fulfill the request.",
    ),
    "events": _Answer("InternalException", 500, _SERVER_SIDE),
    "kms": _Answer(
        "KMSInternalException",
        500,
        "The request was rejected because an internal exception occurred. The request can be "
        "retried.",
    ),
    "monitoring": _Answer("InternalServiceError", 500, _UNKNOWN),
    # Amazon S3 API reference, "Error responses" (documented).
    "s3": _Answer("InternalError", 500, "We encountered an internal error. Please try again."),
    "scheduler": _Answer("InternalServerException", 500, _SERVER_SIDE),
    "secretsmanager": _Answer("InternalServiceError", 500, _SERVER_SIDE),
    "sns": _Answer("InternalError", 500, _UNKNOWN),
    "ssm": _Answer("InternalServerError", 500, _SERVER_SIDE),
}
_STREAMS = "dynamodbstreams"
_TRANSACTIONS = frozenset({"TransactGetItems", "TransactWriteItems"})

# Of all other services. Source: "Common errors" of the services' API references (documented);
# REST services answer 429 where they model the throttle.
_THROTTLED_OTHERS: Mapping[Protocol, _Answer] = {
    Protocol.QUERY: _Answer("Throttling", 400, _RATE),
    Protocol.REST_JSON: _Answer("ThrottlingException", 429, _RATE),
    Protocol.REST_XML: _Answer("Throttling", 400, _RATE),
}
_THROTTLED_ELSE = _Answer("ThrottlingException", 400, _RATE)
_FAILED_ELSE = _Answer("InternalFailure", 500, _UNKNOWN)


def struck_answer(effect: Effect, operation: Operation, request: Request) -> Response | None:
    """The answer to a call that is not to be carried out; None for one that is."""
    match effect:
        case Effect.THROTTLE if operation.name in _TRANSACTIONS:
            return canceled_as_a_whole(request)
        case Effect.THROTTLE if _uses_capacity(operation):
            return throttled_as_a_whole(operation.name)
        case Effect.THROTTLE:
            return error_response(_error(_throttled_answer(operation)), operation)
        case Effect.FAIL:
            return error_response(_error(_failed_answer(operation)), operation)
    return None


def lost_answer(operation: Operation) -> Response:
    """In the place of the answer to a call that was carried out.

    It closes the connection; a caller inside the runtime, which has none, gets the failure.
    """
    return replace(error_response(_error(_failed_answer(operation)), operation), lost=True)


def _throttled_answer(operation: Operation) -> _Answer:
    otherwise = _THROTTLED_OTHERS.get(operation.protocol, _THROTTLED_ELSE)
    return _THROTTLED.get(_service(operation), otherwise)


def _uses_capacity(operation: Operation) -> bool:
    return operation.service == "dynamodb" and operation.name in ITEM_OPERATIONS


def _failed_answer(operation: Operation) -> _Answer:
    return _FAILED.get(_service(operation), _FAILED_ELSE)


def _service(operation: Operation) -> str:
    return "dynamodb" if operation.service == _STREAMS else operation.service


def _error(answer: _Answer) -> AwsError:
    return AwsError(answer.code, answer.message, answer.status)
