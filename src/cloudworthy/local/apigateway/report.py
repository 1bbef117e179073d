"""After the answer: access log, execution log, metrics and trace of a request."""

from __future__ import annotations

from cloudworthy.local.apigateway import execution_log
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.observer import RequestObserver, RequestRecord
from cloudworthy.local.apigateway.xray import segment
from cloudworthy.local.model.records import LogSink, TraceSink


class Reporter:
    """Hands what is known about a finished request to the sinks."""

    def __init__(self, log_sink: LogSink, trace_sink: TraceSink, observer: RequestObserver) -> None:
        self._log_sink = log_sink
        self._trace_sink = trace_sink
        self._observer = observer

    def report(self, exchange: Exchange) -> None:
        self._log(exchange)
        self._observer.observe(_record(exchange))
        if exchange.sampled:
            self._trace_sink.put(segment(exchange))

    def _log(self, exchange: Exchange) -> None:
        stage = exchange.stage
        if stage is None:
            return
        api_id, name = exchange.api.definition.api_id, stage.definition.name
        started_ms = int(exchange.started_at.timestamp() * 1000)
        group = execution_log.log_group(api_id, name)
        for line in execution_log.lines(exchange):
            self._put(group, line, started_ms, exchange.request_id)
        if stage.access_log_line is not None:
            line = stage.access_log_line(exchange)
            self._put(stage.access_log_group, line, started_ms, exchange.request_id)

    def _put(self, group: str, line: str, timestamp_ms: int, request_id: str) -> None:
        self._log_sink.put(
            group,
            execution_log.log_stream(group),
            line,
            timestamp_ms=timestamp_ms,
            request_id=request_id,
        )


def _record(exchange: Exchange) -> RequestRecord:
    api, route = exchange.api.definition, exchange.route
    return RequestRecord(
        api_id=api.api_id,
        api_name=api.name,
        stage=exchange.stage.definition.name if exchange.stage else "",
        method=exchange.method,
        resource_path=route.resource.path if route else "",
        status=exchange.known_response.status,
        latency_ms=exchange.latency_ms,
        integration_latency_ms=exchange.integration_latency_ms,
        detailed=route.metrics if route else False,
        cache_hit=exchange.cache_hit,
    )
