"""A Lambda function and what an invocation of it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from cloudworthy.local.model.errors import CloudworthyError

MAX_PAYLOAD_BYTES: Final = 6_291_456
"""Of an event whose sender waits for the answer, and of the answer where a gateway reads it.

Source: AWS Lambda developer guide, "Lambda quotas" (documented).
"""
MAX_EVENT_BYTES: Final = 1_048_576
"""Of an asynchronous invocation.

Source: AWS announcement of October 2025, "AWS Lambda increases maximum payload size from
256 KB to 1 MB for asynchronous invocations".
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function as the template configures it."""

    logical_id: str
    construct_path: str
    name: str
    arn: str
    role_arn: str
    runtime: str
    """AWS's identifier, e.g. ``python3.13``."""
    handler: str
    code: Path
    """The directory that ``/var/task`` would be."""
    layers: tuple[Path, ...] = ()
    """Directories that ``/opt`` would be made of, in the order of the template."""
    environment: Mapping[str, str] = field(default_factory=dict)
    architecture: str = "x86_64"
    memory_mib: int = 128
    timeout_s: int = 3
    reserved_concurrency: int | None = None
    log_group: str = ""
    log_format: str = "Text"
    """``Text`` or ``JSON``."""
    application_log_level: str = "INFO"
    system_log_level: str = "INFO"
    tracing_active: bool = False
    dead_letter_arn: str = ""
    """The queue or topic that gets events no attempt succeeded with."""
    version: str = "$LATEST"


def invocation_target(function_arn: str) -> str:
    """``name``, ``name:version`` or ``name:alias`` of an ARN."""
    return function_arn.partition(":function:")[2]


class InvocationType(StrEnum):
    """The values of the header ``X-Amz-Invocation-Type``."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    DRY_RUN = "DryRun"

    @property
    def max_payload_bytes(self) -> int:
        """How long an event of this type may be."""
        return MAX_EVENT_BYTES if self is InvocationType.EVENT else MAX_PAYLOAD_BYTES


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """One call of a function.

    ``function_name`` may carry a version or an alias: ``name:1``, ``name:live``.
    ``trace_header`` is the value of ``X-Amzn-Trace-Id``; one is made when it is empty.
    """

    function_name: str
    payload: bytes = b"{}"
    invocation_type: InvocationType = InvocationType.REQUEST_RESPONSE
    client_context: str | None = None
    trace_header: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What Lambda's Invoke answers.

    ``function_error`` is ``Unhandled`` when the function failed, and the payload then
    holds ``errorMessage``, ``errorType`` and so on.
    """

    request_id: str
    payload: bytes
    function_error: str | None = None
    log_tail: bytes = b""
    """The last 4 KiB of the invocation's log, for ``LogType: Tail``."""
    duration_ms: float = 0.0
    billed_ms: int = 0
    init_ms: float | None = None
    """How long the worker took to start, when this invocation waited for it."""
    max_memory_mib: int = 0
    executed_version: str = "$LATEST"
    trace_header: str = ""
    """The trace as the function saw it in ``_X_AMZN_TRACE_ID``."""

    @property
    def error_message(self) -> str:
        """What a failed function says; the beginning of the payload when it says it otherwise."""
        try:
            return str(json.loads(self.payload)["errorMessage"])
        except (ValueError, KeyError, TypeError):
            return self.payload[:200].decode("utf-8", "replace")


class FunctionNotFoundError(Exception):
    """``ResourceNotFoundException``: no function has that name, version or alias."""


class TooManyRequestsError(Exception):
    """``TooManyRequestsException``; ``reason`` is AWS's own word for the limit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ServiceError(CloudworthyError):
    """``ServiceException``: Lambda itself failed, here because the disk is full."""


class Invoker(Protocol):
    """What the API data plane and the AWS endpoint call functions through."""

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        """Run the function and wait for its answer; of an ``Event``, until it is kept.

        The invocation goes on when the caller is cancelled, as on AWS.

        Raises
        ------
        FunctionNotFoundError, TooManyRequestsError, ServiceError
        CloudworthyError
            The function cannot be run on this machine: its code is gone, for example.
        """
        ...
