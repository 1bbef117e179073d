"""From the properties of an alarm, which CloudFormation and CloudWatch's API name alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.observe.alarms.definition import (
    Alarm,
    Comparison,
    CompositeAlarm,
    MetricAlarm,
    MissingData,
    State,
)
from cloudworthy.local.observe.alarms.rule import parse_rule
from cloudworthy.local.observe.metrics.expression import ExpressionError
from cloudworthy.local.observe.metrics.mathematics import Query, parse_expression, period_of
from cloudworthy.local.observe.metrics.series import MetricStat
from cloudworthy.local.observe.metrics.statistics import is_statistic
from cloudworthy.local.observe.metrics.store import Metric
from cloudworthy.local.observe.metrics.units import UNITS

_ONLY_METRIC = "m1"


class InvalidAlarmError(Exception):
    """A property of an alarm that cannot be honoured.

    Parameters
    ----------
    property_name
        Where it stands, e.g. ``Metrics.Expression``.
    """

    def __init__(self, property_name: str, found: str, expected: str) -> None:
        super().__init__(f"{property_name}: found {found}, expected {expected}")
        self.property_name = property_name
        self.found = found
        self.expected = expected


def parse_metric_alarm(properties: Mapping[str, Any], arn: str) -> MetricAlarm:
    """Read a metric alarm.

    Raises
    ------
    InvalidAlarmError
    """
    queries = _queries(properties)
    watched = _watched(queries)
    periods = _integer(properties, "EvaluationPeriods")
    return MetricAlarm(
        **_basics(properties, arn),
        queries=queries,
        query_id=watched.query_id,
        period_s=period_of(queries, watched),
        evaluation_periods=periods,
        datapoints_to_alarm=_integer(properties, "DatapointsToAlarm", periods),
        comparison=_comparison(properties),
        threshold=_threshold(properties),
        missing_data=_missing_data(properties),
        ignores_low_samples=properties.get("EvaluateLowSampleCountPercentile") == "ignore",
    )


def parse_composite_alarm(properties: Mapping[str, Any], arn: str) -> CompositeAlarm:
    """Read a composite alarm.

    Raises
    ------
    InvalidAlarmError
    """
    rule = str(properties.get("AlarmRule", ""))
    if "ActionsSuppressor" in properties:
        raise InvalidAlarmError("ActionsSuppressor", "a suppressor", "an alarm without one")
    try:
        parse_rule(rule)
    except ExpressionError as error:
        raise InvalidAlarmError("AlarmRule", str(error), "a rule of alarm states") from error
    return CompositeAlarm(**_basics(properties, arn), rule=rule)


def parse_query(definition: Mapping[str, Any]) -> Query:
    """Read a ``MetricDataQuery``.

    Raises
    ------
    InvalidAlarmError
    """
    stat, text = definition.get("MetricStat"), definition.get("Expression")
    if stat is not None:
        parsed = Query(str(definition["Id"]), stat=_metric_stat(stat["Metric"], stat))
    else:
        try:
            parsed = Query(str(definition["Id"]), expression=parse_expression(str(text)))
        except ExpressionError as error:
            raise InvalidAlarmError("Metrics.Expression", str(error), "metric math") from error
    return Query(
        parsed.query_id,
        parsed.stat,
        parsed.expression,
        label=str(definition.get("Label") or ""),
        return_data=flag(definition.get("ReturnData", True)),
    )


def dimensions_of(listed: object) -> tuple[tuple[str, str], ...]:
    """Dimensions as templates and requests list them, in the order of their names."""
    pairs = listed if isinstance(listed, list) else []
    return tuple(sorted((str(it["Name"]), str(it["Value"])) for it in pairs))


def flag(value: object) -> bool:
    """A boolean, which templates and the query protocol may write as a text."""
    return str(value).lower() == "true"


def _basics(properties: Mapping[str, Any], arn: str) -> dict[str, Any]:
    actions = {
        State.OK: "OKActions",
        State.ALARM: "AlarmActions",
        State.INSUFFICIENT_DATA: "InsufficientDataActions",
    }
    return {
        "name": str(properties["AlarmName"]),
        "arn": arn,
        "properties": properties,
        "description": str(properties.get("AlarmDescription") or ""),
        "actions_enabled": flag(properties.get("ActionsEnabled", True)),
        "actions": {state: tuple(properties.get(it) or ()) for state, it in actions.items()},
    }


def _queries(properties: Mapping[str, Any]) -> tuple[Query, ...]:
    definitions = properties.get("Metrics")
    if definitions:
        if "ThresholdMetricId" in properties:
            raise InvalidAlarmError("ThresholdMetricId", "a band", "a Threshold that is a number")
        return tuple(parse_query(it) for it in definitions)
    return (Query(_ONLY_METRIC, stat=_metric_stat(properties, properties)),)


def _metric_stat(metric: Mapping[str, Any], stat: Mapping[str, Any]) -> MetricStat:
    """Source: CloudWatch API reference, "MetricStat" and "PutMetricAlarm" (documented)."""
    statistic = str(
        stat.get("Stat") or stat.get("ExtendedStatistic") or stat.get("Statistic") or ""
    )
    if not is_statistic(statistic):
        raise InvalidAlarmError("Statistic", repr(statistic), "a statistic of CloudWatch")
    period_s = _integer(stat, "Period")
    if period_s % 60:
        expected = "a multiple of 60, because metrics are kept by the minute"
        raise InvalidAlarmError("Period", str(period_s), expected)
    key = Metric(
        str(metric.get("Namespace", "")),
        str(metric.get("MetricName", "")),
        dimensions_of(metric.get("Dimensions")),
    )
    return MetricStat(key, statistic, period_s, _unit(stat))


def _unit(stat: Mapping[str, Any]) -> str | None:
    """Source: CloudWatch API reference, "PutMetricAlarm": Unit (documented)."""
    unit = stat.get("Unit")
    if unit is not None and str(unit) not in UNITS:
        raise InvalidAlarmError("Unit", str(unit), "a unit of CloudWatch")
    return None if unit is None else str(unit)


def _watched(queries: tuple[Query, ...]) -> Query:
    returned = [it for it in queries if it.return_data]
    if len(returned) != 1:
        found = ", ".join(it.query_id for it in returned) or "none"
        raise InvalidAlarmError("Metrics.ReturnData", found, "exactly one metric that returns data")
    return returned[0]


def _integer(properties: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = properties.get(name, default)
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if number < 1:
        raise InvalidAlarmError(name, str(value), "a whole number from 1")
    return number


def _threshold(properties: Mapping[str, Any]) -> float:
    try:
        return float(str(properties.get("Threshold")))
    except ValueError:
        found = str(properties.get("Threshold"))
        raise InvalidAlarmError("Threshold", found, "a number") from None


def _comparison(properties: Mapping[str, Any]) -> Comparison:
    value = str(properties.get("ComparisonOperator"))
    if value not in set(Comparison):
        raise InvalidAlarmError("ComparisonOperator", value, f"one of {', '.join(Comparison)}")
    return Comparison(value)


def _missing_data(properties: Mapping[str, Any]) -> MissingData:
    """Alarms on DynamoDB's metrics ignore missing data unless they say otherwise.

    Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data"
    (documented).
    """
    value = properties.get("TreatMissingData")
    if value is None:
        of_dynamodb = properties.get("Namespace") == "AWS/DynamoDB"
        return MissingData.IGNORE if of_dynamodb else MissingData.MISSING
    if str(value) not in set(MissingData):
        raise InvalidAlarmError("TreatMissingData", str(value), f"one of {', '.join(MissingData)}")
    return MissingData(str(value))


def parse_alarm(kind: str, properties: Mapping[str, Any], arn: str) -> Alarm:
    """Read an alarm of a CloudFormation type."""
    composite = kind == "AWS::CloudWatch::CompositeAlarm"
    return (
        parse_composite_alarm(properties, arn) if composite else parse_metric_alarm(properties, arn)
    )
