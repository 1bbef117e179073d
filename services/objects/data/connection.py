"""Requests to S3 through botocore: timeouts, repeats, traces."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from aws_api.repeats import Repeats
    from aws_api.session import AwsSession
    from observability.tracing import Recording, Tracing

T = TypeVar("T")

_CONNECT_S = 1.0
_READ_S = 4.0
_BUSY = {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded"}
_UNDONE = {"ConditionalRequestConflict", "OperationAborted", "RequestTimeout"}


class UnavailableError(Exception):
    """S3 is busy or not to be reached; the same request may succeed later."""


class RefusedError(Exception):
    """S3 answered with an error; the message quotes no key and no content."""

    def __init__(self, operation: str, status: int, code: str) -> None:
        super().__init__(f"{operation}: {code}")
        self.status = status
        self.code = code


class Connection:
    """Sends requests, each in a span of its own.

    What S3 turned away did nothing and is always repeated. What got no answer is repeated only
    if doing it twice is the same as doing it once: a write under a condition would meet its own
    result.
    """

    def __init__(self, session: AwsSession, tracing: Tracing, repeats: Repeats) -> None:
        self._tracing = tracing
        self._repeats = repeats
        self._region = session.region
        self.client = cast("S3Client", session.client("s3", connect_s=_CONNECT_S, read_s=_READ_S))

    def send(
        self, operation: str, bucket_name: str, request: Callable[[], T], *, repeatable: bool = True
    ) -> T:
        """Carry out one operation; `request` sends it and reads the whole answer.

        Raises
        ------
        UnavailableError
            It did not succeed and may later.
        RefusedError
            S3 refused it.
        """
        for attempts in count(1):
            try:
                return self._traced(operation, bucket_name, request)
            except ClientError as error:
                problem, again = _problem(operation, error), _is_undone(error) or repeatable
            except BotoCoreError as error:
                problem, again = _unavailable(operation, error), repeatable
            again = again and not isinstance(problem, RefusedError)
            if not (again and self._repeats.wait(attempts, _CONNECT_S + _READ_S)):
                break
        raise problem

    def _traced(self, operation: str, bucket_name: str, request: Callable[[], T]) -> T:
        resource = {"region": self._region, "bucket_name": bucket_name}
        with self._tracing.call("S3", operation, resource) as span:
            try:
                answer = request()
            except ClientError as error:
                _describe(span, error)
                raise
            except BotoCoreError as error:
                span.failed(error)
                raise
            span.answered(200)
        return answer


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _is_undone(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _BUSY | _UNDONE or _status(error) in (429, 503)


def _problem(operation: str, error: ClientError) -> UnavailableError | RefusedError:
    if _is_undone(error) or _status(error) >= 500:
        return _unavailable(operation, error)
    refused = RefusedError(operation, _status(error), error.response["Error"]["Code"])
    refused.__cause__ = error
    return refused


def _unavailable(operation: str, error: Exception) -> UnavailableError:
    unavailable = UnavailableError(operation)
    unavailable.__cause__ = error
    return unavailable


def _describe(span: Recording, error: ClientError) -> None:
    throttled = error.response["Error"]["Code"] in _BUSY or _status(error) in (429, 503)
    span.answered(_status(error), throttled=throttled)
