"""Alarms as the template, or a call of PutMetricAlarm, configures them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cloudworthy.local.observe.metrics.mathematics import Query


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Comparison(StrEnum):
    """How a data point stands to the threshold when it breaches."""

    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    GREATER = "GreaterThanThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"

    def breaches(self, value: float, threshold: float) -> bool:
        match self:
            case Comparison.GREATER_OR_EQUAL:
                return value >= threshold
            case Comparison.GREATER:
                return value > threshold
            case Comparison.LESS:
                return value < threshold
            case Comparison.LESS_OR_EQUAL:
                return value <= threshold


class MissingData(StrEnum):
    """How periods without a data point are treated."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What alarms of both kinds have.

    ``properties`` are as they were given, for those who ask for the alarm's configuration.
    """

    name: str
    arn: str
    properties: Mapping[str, Any]
    description: str = ""
    actions_enabled: bool = True
    actions: Mapping[State, Sequence[str]] = field(default_factory=dict)
    """ARNs by the state that they are called in."""


@dataclass(frozen=True, slots=True)
class MetricAlarm(Alarm):
    """An alarm on a metric or on an expression over metrics."""

    queries: tuple[Query, ...] = ()
    query_id: str = ""
    """The query whose result is watched."""
    period_s: int = 60
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    comparison: Comparison = Comparison.GREATER_OR_EQUAL
    threshold: float = 0.0
    missing_data: MissingData = MissingData.MISSING
    ignores_low_samples: bool = False
    """Whether percentiles of few values leave the state as it is."""

    @property
    def watched(self) -> Query:
        return next(it for it in self.queries if it.query_id == self.query_id)


@dataclass(frozen=True, slots=True)
class CompositeAlarm(Alarm):
    """An alarm on the states of other alarms."""

    rule: str = ""
