"""Requests to DynamoDB through pydynox: timeouts, repeats, traces.

pydynox (Rust core) rather than botocore: start to first answer 170 ms against 470 ms, a GetItem
0.30 ms against 1.1 ms, 34 MB against 45 MB (Python 3.13, 2 cores). botocore would return the
item of a cancelled transaction, which pydynox drops (see `idempotency`).
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from pydynox.exceptions import (
    AccessDeniedException,
    ConditionalCheckFailedException,
    ConnectionException,
    CredentialsException,
    ProvisionedThroughputExceededException,
    PydynoxException,
    ResourceNotFoundException,
    TransactionCanceledException,
    ValidationException,
)

from aws_api.dynamodb import dynamodb_client
from aws_api.region import region_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydynox import DynamoDBClient

    from aws_api.repeats import Repeats
    from observability.tracing import Recording, Tracing

T = TypeVar("T")

TELLABLE: tuple[type[Exception], ...] = (
    AccessDeniedException,
    ConnectionException,
    CredentialsException,
    ProvisionedThroughputExceededException,
    ResourceNotFoundException,
)
"""Errors whose messages quote no value of an item."""

_REFUSALS = (
    AccessDeniedException,
    ConditionalCheckFailedException,
    CredentialsException,
    ResourceNotFoundException,
    TransactionCanceledException,
    ValidationException,
)
_UNDONE = frozenset(
    {
        "None",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
"""Why a part of a transaction was not done, when the same transaction may be done later."""
_REASONS = re.compile(r"\[(.+)\]$")
_CONNECT_S = 1.0
_READ_S = 3.0


class UnavailableError(Exception):
    """DynamoDB is busy or not to be reached; the same request may succeed later."""


class Connection:
    """Sends requests, each in a span of its own.

    What DynamoDB turned away did nothing and is always repeated. What got no answer, or one that
    leaves open whether it was done, is repeated only if doing it twice is the same as doing it
    once: a counter that is counted up twice is not.
    """

    def __init__(self, environment: Mapping[str, str], tracing: Tracing, repeats: Repeats) -> None:
        self._tracing = tracing
        self._repeats = repeats
        self._region = region_of(environment)
        self._client = dynamodb_client(environment, connect_s=_CONNECT_S, read_s=_READ_S)

    def send(
        self,
        operation: str,
        table_name: str,
        request: Callable[[DynamoDBClient], T],
        *,
        repeatable: bool,
    ) -> T:
        """Carry out one operation.

        `request` sends it, with the client that it is given.

        Raises
        ------
        UnavailableError
            It did not succeed and may later.
        PydynoxException
            DynamoDB refused it.
        """
        for attempts in count(1):
            answer, error = self._traced(operation, table_name, request)
            if error is None:
                return answer[0]
            undone = _is_undone(error)
            again = undone or (repeatable and not isinstance(error, _REFUSALS))
            if not (again and self._repeats.wait(attempts, _CONNECT_S + _READ_S)):
                break
        if isinstance(error, _REFUSALS) and not undone:
            raise error
        raise UnavailableError(operation) from error

    def _traced(
        self,
        operation: str,
        table_name: str,
        request: Callable[[DynamoDBClient], T],
    ) -> tuple[list[T], PydynoxException | None]:
        resource = {"region": self._region, "table_name": table_name}
        with self._tracing.call("DynamoDB", operation, resource) as span:
            try:
                answer = [request(self._client)]
            except PydynoxException as error:
                _describe(span, error)
                return [], error
            span.answered(200)
        return answer, None


def _is_undone(error: PydynoxException) -> bool:
    """Whether DynamoDB was too busy to begin; of a transaction, which part of it was too busy.

    Source: Amazon DynamoDB API reference, "TransactWriteItems", cancellation reasons (documented).
    """
    if isinstance(error, TransactionCanceledException):
        reasons = _REASONS.search(str(error))
        return reasons is not None and set(reasons[1].split(", ")) <= _UNDONE
    return isinstance(error, ProvisionedThroughputExceededException)


def _describe(span: Recording, error: PydynoxException) -> None:
    """Give the status, which pydynox drops: a class of its own stands for one of the 400s."""
    if isinstance(error, ConnectionException):
        span.failed(error)
    elif isinstance(error, ProvisionedThroughputExceededException):
        span.answered(400, throttled=True)
    else:
        span.answered(400 if isinstance(error, _REFUSALS) else 500)
