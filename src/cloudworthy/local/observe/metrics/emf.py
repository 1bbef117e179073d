"""Embedded metric format: metrics that functions write into their logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from cloudworthy.local.model.records import LogSink, MetricDatum, MetricSink

_MARK = '"_aws"'
_MOST_VALUES = 100


class EmbeddedMetricLog:
    """A log sink that also puts the metrics which log events carry."""

    def __init__(self, logs: LogSink, metrics: MetricSink) -> None:
        self._logs = logs
        self._metrics = metrics

    def put(
        self, group: str, stream: str, message: str, *, timestamp_ms: int, request_id: str = ""
    ) -> None:
        self._logs.put(group, stream, message, timestamp_ms=timestamp_ms, request_id=request_id)
        if _MARK in message:
            for datum in embedded_metrics(message):
                self._metrics.put(datum)


def embedded_metrics(message: str) -> Iterator[MetricDatum]:
    """The metrics of a log event; none when it is no valid document.

    Source: CloudWatch user guide, "Specification: Embedded metric format" (documented).
    """
    try:
        document = orjson.loads(message)
    except ValueError:
        return
    if not isinstance(document, dict):
        return
    for directive in _objects(_member(document.get("_aws"), "CloudWatchMetrics")):
        if isinstance(directive.get("Namespace"), str):
            yield from _directive(document, directive)


def _directive(document: Mapping[str, Any], directive: Mapping[str, Any]) -> Iterator[MetricDatum]:
    dimension_sets = directive.get("Dimensions") or [[]]
    for definition in _objects(directive.get("Metrics")):
        name, unit = definition.get("Name"), str(definition.get("Unit", "None"))
        if not isinstance(name, str):
            continue
        numbers = _numbers(document.get(name))
        for dimensions in _dimensions(document, dimension_sets):
            for value in numbers[:_MOST_VALUES]:
                yield MetricDatum(directive["Namespace"], name, dimensions, value, unit)


def _dimensions(
    document: Mapping[str, Any], dimension_sets: object
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Names with their values; a set that has a name without a value names no metric."""
    for names in dimension_sets if isinstance(dimension_sets, list) else ():
        if isinstance(names, list) and all(isinstance(it, str) for it in names):
            values = [document.get(it) for it in names]
            if all(isinstance(it, str) for it in values):
                yield tuple(sorted(zip(names, map(str, values), strict=True)))


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [it for it in value if isinstance(it, dict)] if isinstance(value, list) else []


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _numbers(value: object) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [float(it) for it in values if isinstance(it, int | float) and not isinstance(it, bool)]
