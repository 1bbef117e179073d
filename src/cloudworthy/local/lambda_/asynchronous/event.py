"""An event that was accepted, and what has become of it so far."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cloudworthy.local.model.functions import InvocationResult


class Condition(StrEnum):
    """How it ended, in the words of Lambda's invocation records.

    Source: recorded on AWS 2023-03-22, 2024-03-21 and 2025-11-25.
    """

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the function answered the last time it ran."""

    payload: bytes
    function_error: str = ""
    executed_version: str = "$LATEST"
    trace_header: str = ""
    """The trace as the function saw it."""

    @classmethod
    def of(cls, result: InvocationResult) -> Answer:
        return cls(
            result.payload,
            result.function_error or "",
            result.executed_version,
            result.trace_header,
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the queue."""

    request_id: str
    """The same in every attempt (lambda-invoke-021)."""
    function_name: str
    qualifier: str
    payload: bytes
    client_context: str | None
    trace_header: str
    accepted_ms: int
    due_ms: int
    number: int = 0
    """Given by the queue."""
    attempts: int = 0
    """How often the function has run with it."""
    refusals: int = 0
    """How often in a row it could not be run: throttles, and failures that are not the
    function's."""
    answer: Answer | None = None
    condition: Condition | None = None
    """Set once nothing is left to do but to send its records on."""
    buried: bool = False
    """The dead-letter queue has heard of it."""

    @property
    def target(self) -> str:
        """The function as the caller named it: ``name`` or ``name:qualifier``."""
        return f"{self.function_name}:{self.qualifier}" if self.qualifier else self.function_name
