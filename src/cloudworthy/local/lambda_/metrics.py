"""Lambda's own metrics."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.records import MetricDatum, MetricSink

_NAMESPACE = "AWS/Lambda"


class InvocationMetrics:
    """Puts what Lambda counts and measures: by function, by resource, and across all functions.

    Source: developer guide, "Types of metrics for Lambda functions" (documented).
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink

    def admitted(self, function: Function, in_flight: int, across_functions: int) -> None:
        """An invocation begins."""
        self._put(function, "Invocations", 1.0, "Count")
        *of_function, of_all = lambda_data(
            function.name, "ConcurrentExecutions", in_flight, "Count"
        )
        for datum in of_function:
            self._sink.put(datum)
        self._sink.put(replace(of_all, value=float(across_functions)))

    def throttled(self, function: Function) -> None:
        """An invocation was refused, which counts as no invocation."""
        self._put(function, "Throttles", 1.0, "Count")

    def ended(self, function: Function, duration_ms: float, *, failed: bool) -> None:
        """An invocation has its answer; one without an error puts an error count of 0."""
        # Hundredths, as in the report line: few different values, which is what makes data small.
        self._put(function, "Duration", round(duration_ms, 2), "Milliseconds")
        self._put(function, "Errors", float(failed), "Count")
        self._put(function, "Throttles", 0.0, "Count")

    def _put(self, function: Function, name: str, value: float, unit: str) -> None:
        for datum in lambda_data(function.name, name, value, unit):
            self._sink.put(datum)


@lru_cache(maxsize=4096)
def lambda_data(function_name: str, name: str, value: float, unit: str) -> tuple[MetricDatum, ...]:
    """By function, by resource, and last across all functions; most values come again."""
    by_name = (("FunctionName", function_name),)
    by_resource = (*by_name, ("Resource", function_name))
    return tuple(
        MetricDatum(_NAMESPACE, name, dimensions, float(value), unit)
        for dimensions in (by_name, by_resource, ())
    )
