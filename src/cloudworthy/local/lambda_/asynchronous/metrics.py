"""Lambda's own metrics about asynchronous invocation."""

from __future__ import annotations

from cloudworthy.local.lambda_.metrics import lambda_data
from cloudworthy.local.model.records import MetricSink


class AsynchronousMetrics:
    """Puts them under the names that the developer guide has for them.

    Source: developer guide, "Asynchronous invocation metrics" (documented).
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink

    def received(self, function_name: str) -> None:
        """An event was queued."""
        self._put("AsyncEventsReceived", function_name)

    def invoked(self, function_name: str, age_ms: int) -> None:
        """The function is about to run with an event of this age."""
        self._put("AsyncEventAge", function_name, age_ms, "Milliseconds")

    def dropped(self, function_name: str) -> None:
        """An event is given up, whether or not it is sent somewhere then."""
        self._put("AsyncEventsDropped", function_name)

    def dead_letter_failed(self, function_name: str) -> None:
        self._put("DeadLetterErrors", function_name)

    def destination_failed(self, function_name: str) -> None:
        self._put("DestinationDeliveryFailures", function_name)

    def _put(self, name: str, function_name: str, value: float = 1, unit: str = "Count") -> None:
        for datum in lambda_data(function_name, name, value, unit):
            self._sink.put(datum)
