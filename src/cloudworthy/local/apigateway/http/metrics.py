"""The CloudWatch metrics of an HTTP API.

Source: Amazon API Gateway developer guide, "Monitor CloudWatch metrics for HTTP APIs"
(documented).
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudworthy.local.apigateway.http.context import data_processed
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.model.records import MetricDatum, MetricSink

_NAMESPACE = "AWS/ApiGateway"
Dimensions = tuple[tuple[str, str], ...]


def put_metrics(exchange: HttpExchange, sink: MetricSink) -> None:
    """Count a finished request for its API, its stage and, where asked for, its route."""
    for name, value, unit in _values(exchange):
        for dimensions in _dimensions(exchange):
            sink.put(MetricDatum(_NAMESPACE, name, dimensions, value, unit))


def _values(exchange: HttpExchange) -> Iterator[tuple[str, float, str]]:
    """Errors are counted as 0 as well, so that their average is a rate."""
    status = exchange.known_response.status
    yield "Count", 1, "Count"
    yield "4xx", float(400 <= status < 500), "Count"
    yield "5xx", float(status >= 500), "Count"
    yield "Latency", exchange.latency_ms, "Milliseconds"
    yield "DataProcessed", data_processed(exchange), "Bytes"
    if exchange.integration_latency_ms is not None:
        yield "IntegrationLatency", exchange.integration_latency_ms, "Milliseconds"


def _dimensions(exchange: HttpExchange) -> Iterator[Dimensions]:
    """Sets of dimensions, each sorted by name."""
    api = (("ApiId", exchange.api.definition.api_id),)
    yield api
    if exchange.stage is None:
        return
    stage = (("Stage", exchange.stage.definition.name),)
    yield api + stage
    route = exchange.route
    if route is not None and route.detailed_metrics:
        method = ("Method", exchange.method)
        path = route.definition.route_key if route.definition.is_default else route.definition.path
        yield (*api, method, ("Resource", path), *stage)
