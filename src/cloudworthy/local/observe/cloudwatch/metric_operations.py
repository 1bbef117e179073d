"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cloudworthy.local.model.operations import OperationError
from cloudworthy.local.observe.alarms.parsing import InvalidAlarmError, dimensions_of, parse_query
from cloudworthy.local.observe.cloudwatch.parameters import (
    date,
    finite,
    invalid,
    moment_s,
    number,
    page,
    required,
    whole,
    with_token,
)
from cloudworthy.local.observe.metrics.clock import MetricClock, minute_of
from cloudworthy.local.observe.metrics.expression import ExpressionError
from cloudworthy.local.observe.metrics.mathematics import Evaluation, Query
from cloudworthy.local.observe.metrics.series import Series, Window, statistic_sets
from cloudworthy.local.observe.metrics.statistics import StatisticSet, is_statistic
from cloudworthy.local.observe.metrics.store import Metric, MetricStore, MetricValues
from cloudworthy.local.observe.metrics.units import UNITS

_MOST_METRICS = 500
_MOST_DATAPOINTS = 1440
"""Source: CloudWatch API reference, "ListMetrics" and "GetMetricStatistics" (documented)."""

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class MetricOperations:
    """The operations about metrics, by name."""

    def __init__(self, store: MetricStore, clock: MetricClock) -> None:
        self._store = store
        self._clock = clock
        self.by_name: dict[str, Operation] = {
            "PutMetricData": self.put_metric_data,
            "GetMetricData": self.get_metric_data,
            "GetMetricStatistics": self.get_metric_statistics,
            "ListMetrics": self.list_metrics,
        }

    def put_metric_data(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep values; all of a request or, when one is wrong, none."""
        namespace = str(required(parameters, "Namespace"))
        if namespace.startswith("AWS/"):
            raise invalid("Namespace", "must not begin with AWS/")
        data = required(parameters, "MetricData")
        self._store.add([self._metric_values(namespace, it) for it in data])
        return {}

    def get_metric_data(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        window = _window(parameters)
        queries = _queries(required(parameters, "MetricDataQueries"))
        evaluation = Evaluation(self._store, queries, window)
        newest_first = parameters.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results: list[dict[str, Any]] = []
        for query in queries:
            if query.return_data:
                results += _results(query, evaluation, newest_first=newest_first)
        return {"MetricDataResults": results, "Messages": []}

    def get_metric_statistics(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        window = _window(parameters)
        metric = Metric(
            str(required(parameters, "Namespace")),
            str(required(parameters, "MetricName")),
            dimensions_of(parameters.get("Dimensions")),
        )
        period_s = whole(parameters, "Period", 60)
        if period_s < 60 or period_s % 60:
            raise invalid("Period", f"must be a multiple of 60: {period_s}")
        if (window.end_s - window.start_s) / period_s > _MOST_DATAPOINTS:
            raise OperationError(
                "InvalidParameterCombination",
                f"You have requested more than {_MOST_DATAPOINTS} datapoints. "
                "You may reduce the datapoints requested by increasing Period, or decreasing "
                "the time range.",
            )
        simple = list(parameters.get("Statistics") or ())
        extended = list(parameters.get("ExtendedStatistics") or ())
        if not (simple or extended) or not all(map(is_statistic, [*simple, *extended])):
            raise invalid("Statistics", "must name statistics of CloudWatch")
        points = [
            _datapoint(t, it, simple, extended, unit)
            for unit in self._store.units(metric)
            if parameters.get("Unit") in (None, unit)
            for t, it in statistic_sets(self._store, metric, period_s, window, unit).items()
        ]
        return {"Label": metric.name, "Datapoints": points}

    def list_metrics(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted = parameters.get("Dimensions") or ()
        found = [
            it
            for it in self._store.metrics()
            if parameters.get("Namespace") in (None, it.namespace)
            and parameters.get("MetricName") in (None, it.name)
            and all(_has_dimension(it, dimension) for dimension in wanted)
        ]
        metrics, token = page(found, parameters, _MOST_METRICS)
        return with_token({"Metrics": [described(it) for it in metrics]}, token)

    def _metric_values(self, namespace: str, datum: Mapping[str, Any]) -> MetricValues:
        metric = Metric(
            namespace,
            str(required(datum, "MetricName")),
            dimensions_of(datum.get("Dimensions")),
        )
        unit = str(datum.get("Unit", "None"))
        if unit not in UNITS:
            raise invalid("Unit", f"must be a unit of CloudWatch: {unit}")
        return MetricValues(metric, _values(datum), self._time(datum), unit)

    def _time(self, datum: Mapping[str, Any]) -> float:
        if datum.get("Timestamp") is None:
            return self._clock.now_s()
        return self._clock.at(moment_s(datum, "Timestamp"))


def described(metric: Metric) -> dict[str, Any]:
    """A metric as the API lists it."""
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
    }


def _values(datum: Mapping[str, Any]) -> StatisticSet:
    """Source: CloudWatch API reference, "MetricDatum" (documented)."""
    summary, listed = datum.get("StatisticValues"), datum.get("Values")
    values = StatisticSet()
    if summary is not None:
        return StatisticSet(
            number(summary, "SampleCount"),
            number(summary, "Sum"),
            number(summary, "Minimum"),
            number(summary, "Maximum"),
            None,
        )
    if listed:
        counts = datum.get("Counts") or [1] * len(listed)
        if len(counts) != len(listed):
            raise invalid("Counts", "must have as many elements as Values")
        for value, count in zip(listed, counts, strict=True):
            values.add(finite(value, "Values"), finite(count, "Counts"))
        return values
    values.add(number(datum, "Value"))
    return values


def _window(parameters: Mapping[str, Any]) -> Window:
    """The time asked for; its beginning is rounded down to a minute.

    Source: CloudWatch API reference, "GetMetricData": StartTime (documented).
    """
    start_s, end_s = moment_s(parameters, "StartTime"), moment_s(parameters, "EndTime")
    if start_s >= end_s:
        message = "The parameter StartTime must be less than the parameter EndTime."
        raise OperationError("InvalidParameterCombination", message)
    return Window(minute_of(start_s), math.ceil(end_s))


def _queries(definitions: list[Mapping[str, Any]]) -> list[Query]:
    try:
        return [parse_query(it) for it in definitions]
    except InvalidAlarmError as error:
        raise OperationError("ValidationError", str(error)) from error


def _results(query: Query, evaluation: Evaluation, *, newest_first: bool) -> list[dict[str, Any]]:
    try:
        several = evaluation.result(query.query_id)
    except ExpressionError as error:
        message = f"Error in expression '{query.query_id}': {error}"
        raise OperationError("ValidationError", message) from error
    default = query.stat.metric.name if query.stat else query.query_id
    return [_result(query, query.label or default, it, newest_first) for it in several]


def _result(query: Query, label: str, series: Series, newest_first: bool) -> dict[str, Any]:  # noqa: FBT001
    points = sorted(series.items(), reverse=newest_first)
    return {
        "Id": query.query_id,
        "Label": label,
        "Timestamps": [date(time_s) for time_s, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def _datapoint(
    time_s: int, values: StatisticSet, simple: list[str], extended: list[str], unit: str
) -> dict[str, Any]:
    point: dict[str, Any] = {"Timestamp": date(time_s), "Unit": unit}
    point |= {it: values.statistic(it) for it in simple}
    percentiles = {it: values.statistic(it) for it in extended}
    known = {name: value for name, value in percentiles.items() if value is not None}
    return point | ({"ExtendedStatistics": known} if known else {})


def _has_dimension(metric: Metric, wanted: Mapping[str, Any]) -> bool:
    return any(
        name == wanted["Name"] and wanted.get("Value") in (None, value)
        for name, value in metric.dimensions
    )
