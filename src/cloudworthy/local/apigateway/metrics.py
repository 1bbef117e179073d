"""API Gateway's metrics of REST APIs."""

from __future__ import annotations

from functools import lru_cache

from cloudworthy.local.apigateway.observer import RequestRecord
from cloudworthy.local.model.records import MetricDatum, MetricSink

_NAMESPACE = "AWS/ApiGateway"


class RequestMetrics:
    """The observer that puts a request's metrics: by API, by stage, and by method if asked.

    Source: API Gateway developer guide, "Amazon API Gateway dimensions and metrics"
    (documented).
    """

    def __init__(self, sink: MetricSink) -> None:
        self._sink = sink

    def observe(self, record: RequestRecord) -> None:
        values = [
            ("Count", 1.0, "Count"),
            ("4XXError", float(400 <= record.status < 500), "Count"),
            ("5XXError", float(record.status >= 500), "Count"),
            ("Latency", float(record.latency_ms), "Milliseconds"),
        ]
        if record.integration_latency_ms is not None:
            latency_ms = float(record.integration_latency_ms)
            values.append(("IntegrationLatency", latency_ms, "Milliseconds"))
        if record.cache_hit is not None:
            name = "CacheHitCount" if record.cache_hit else "CacheMissCount"
            values.append((name, 1.0, "Count"))
        for dimensions in _dimensions(record):
            for name, value, unit in values:
                self._sink.put(_datum(name, dimensions, value, unit))


@lru_cache(maxsize=4096)
def _datum(
    name: str, dimensions: tuple[tuple[str, str], ...], value: float, unit: str
) -> MetricDatum:
    """Most values come again: a count is 0 or 1, a latency some milliseconds."""
    return MetricDatum(_NAMESPACE, name, dimensions, value, unit)


def _dimensions(record: RequestRecord) -> list[tuple[tuple[str, str], ...]]:
    by_api = (("ApiName", record.api_name),)
    if not record.stage:
        return [by_api]
    by_stage = (*by_api, ("Stage", record.stage))
    if not record.detailed:
        return [by_api, by_stage]
    by_method = (
        *by_api,
        ("Method", record.method),
        ("Resource", record.resource_path),
        ("Stage", record.stage),
    )
    return [by_api, by_stage, by_method]
