"""Looking at calls that have been answered: for metrics, for e-mail, for who may have them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cloudworthy.local.endpoint.call import Operation
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.http import Request, Response


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call and its answer, which has not been sent yet."""

    request: Request
    operation: Operation
    response: Response
    latency_ms: float


Watcher = Callable[[AnsweredCall], Awaitable[None]]
"""Called with each answered call of a service; the answer waits for it."""

AnswerCheck = Callable[[ApiCall, Response], Awaitable[None]]
"""Raises ``AwsError`` in the place of an answer that the caller may not have."""
