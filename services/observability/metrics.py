"""Metrics as log lines in embedded metric format, by Powertools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from observability.logger import service_name

if TYPE_CHECKING:
    from collections.abc import Mapping


class Metrics:
    """Collects the metrics of an invocation and writes them as one line.

    Every metric has the dimensions `service` and `function_name`: the function's name keeps
    two copies of a stack in one account apart.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME", "local")
        self._metrics = EphemeralMetrics(
            namespace=environment.get("POWERTOOLS_METRICS_NAMESPACE", "Cloudworthy"),
            service=service_name(environment),
            default_dimensions={"function_name": function_name},
        )

    def count(self, name: str) -> None:
        self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=1)

    def milliseconds(self, name: str, value: float) -> None:
        self._metrics.add_metric(name=name, unit=MetricUnit.Milliseconds, value=value)

    def flush(self, **properties: str | int) -> None:
        """Write what was added since the last time; properties are searchable, not dimensions."""
        for name, value in properties.items():
            self._metrics.add_metadata(key=name, value=value)
        self._metrics.flush_metrics()
