"""Where log lines, metrics and traces of the data planes go."""

from __future__ import annotations

from collections.abc import Mapping
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
