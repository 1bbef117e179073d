"""Where log lines, metrics and traces of the data planes go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class LogSink(Protocol):
    """CloudWatch Logs as its writers see it."""

    def put(
        self, group: str, stream: str, message: str, *, timestamp_ms: int, request_id: str = ""
    ) -> None:
        """Append one log event; ``group`` is the log group's name, not its ARN."""
        ...


class TraceSink(Protocol):
    """X-Ray as its writers see it."""

    def put(self, segment: Mapping[str, Any]) -> None:
        """Keep one segment document."""
        ...


Sampler = Callable[[], bool]
"""Whether to trace a request about which no caller has decided."""


def every_request() -> bool:
    """A sampler that leaves nothing out."""
    return True


@dataclass(frozen=True, slots=True)
class MetricDatum:
    """One value of a CloudWatch metric; the sink says when, by its own clock.

    ``dimensions`` are pairs of name and value, sorted by name; ``unit`` is CloudWatch's word.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    value: float
    unit: str = "None"


class MetricSink(Protocol):
    """CloudWatch metrics as their writers see them."""

    def put(self, datum: MetricDatum) -> None:
        """Keep one value; must return at once."""
        ...


class NoMetrics:
    """A sink for data planes whose metrics nobody reads."""

    def put(self, datum: MetricDatum) -> None:
        """Forget the value."""


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where the data planes tell what happens, and whose decision it is what they trace."""

    logs: LogSink
    traces: TraceSink
    metrics: MetricSink
    sampler: Sampler


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of an AWS API, as CloudTrail would remember it."""

    time_ms: int
    principal_arn: str
    function_logical_id: str
    """The function whose role made the call; empty for the person at the machine."""
    service: str
    operation: str
    status: int
    latency_ms: float


class CallSink(Protocol):
    """Where the AWS endpoint reports the calls that passed it."""

    def put(self, record: CallRecord) -> None:
        """Keep one record; must return at once."""
        ...
