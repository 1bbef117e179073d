"""Metrics as log lines in embedded metric format.

Source: Amazon CloudWatch user guide, "Specification: Embedded metric format" (documented).
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNITS = {"Latency": "Milliseconds"}


class Metrics:
    """Collects the metrics of an invocation and writes them as one line.

    Every metric has the dimensions `service` and `function_name`: the function's name keeps
    two copies of a stack in one account apart.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        write: Callable[[str], object],
        *,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._namespace = environment.get("POWERTOOLS_METRICS_NAMESPACE", "Cloudworthy")
        self._dimensions = {
            "service": environment.get("POWERTOOLS_SERVICE_NAME", "service"),
            "function_name": environment.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        }
        self._write = write
        self._now_s = now_s
        self._values: dict[str, float] = {}

    def add(self, name: str, value: float = 1) -> None:
        """Add to a metric: a count, or milliseconds for `Latency`."""
        self._values[name] = self._values.get(name, 0) + value

    def flush(self, **properties: object) -> None:
        """Write what was added since the last time; properties are searchable, not dimensions."""
        if not self._values:
            return
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [list(self._dimensions)],
            "Metrics": [{"Name": n, "Unit": _UNITS.get(n, "Count")} for n in self._values],
        }
        line = {
            "_aws": {"Timestamp": int(self._now_s() * 1000), "CloudWatchMetrics": [directive]},
            **self._dimensions,
            **properties,
            **self._values,
        }
        self._values = {}
        self._write(json.dumps(line, ensure_ascii=False) + "\n")
