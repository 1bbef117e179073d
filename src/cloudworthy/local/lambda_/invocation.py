"""One run of a handler: what goes in, and how it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How an invocation ended, in the words of Lambda's own log records."""

    SUCCESS = "success"
    ERROR = "error"
    """The handler raised, or could not be loaded."""
    FAILURE = "failure"
    """The process ended: it exited, crashed or was killed for its memory."""
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Invocation:
    """An event on its way to a handler."""

    request_id: str
    payload: bytes
    trace_header: str
    function_arn: str
    """As it was invoked: with a version or alias if it was named."""
    client_context: str | None = None
    """JSON, as the caller gave it in base64."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker answered, or what Lambda answers in its place."""

    status: Status
    payload: bytes
    error_type: str = ""
    reason: str = ""
    """Why the process ended, when it did."""

    @property
    def failed(self) -> bool:
        return self.status is not Status.SUCCESS


def platform_error(request_id: str, error_type: str, message: str, status: Status) -> Outcome:
    """The answer that Lambda writes itself when the runtime could not.

    Source: recorded on AWS 2025-11-24, ``Runtime.ExitError`` and ``Sandbox.Timedout``.
    """
    text = f"RequestId: {request_id} Error: {message}"
    body = json.dumps({"errorType": error_type, "errorMessage": text}, separators=(",", ":"))
    return Outcome(status, body.encode(), error_type, message)
