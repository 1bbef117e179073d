"""After the answer: access log and metrics of a request."""

from __future__ import annotations

from cloudworthy.local.apigateway.execution_log import log_group, log_stream
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.http.metrics import put_metrics
from cloudworthy.local.model.records import LogSink, MetricSink


class Reporter:
    """Hands what is known about a finished request to the sinks."""

    def __init__(self, log_sink: LogSink, metric_sink: MetricSink) -> None:
        self._log_sink = log_sink
        self._metric_sink = metric_sink

    def report(self, exchange: HttpExchange) -> None:
        put_metrics(exchange, self._metric_sink)
        stage = exchange.stage
        if stage is None:
            return
        if stage.access_log_line is not None:
            self._put(stage.access_log_group, stage.access_log_line(exchange), exchange)
        if exchange.error is not None and exchange.error.reason:
            # HTTP APIs have no execution log on AWS; a developer needs the reason all the same.
            group = log_group(exchange.api.definition.api_id, stage.definition.name)
            self._put(group, f"({exchange.request_id}) {exchange.error.reason}", exchange)

    def _put(self, group: str, line: str, exchange: HttpExchange) -> None:
        self._log_sink.put(
            group,
            log_stream(group),
            line,
            timestamp_ms=int(exchange.started_at.timestamp() * 1000),
            request_id=exchange.request_id,
        )
