"""The operations about alarms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cloudworthy.local.model.operations import OperationError
from cloudworthy.local.observe.alarms.definition import (
    Alarm,
    CompositeAlarm,
    MetricAlarm,
    State,
)
from cloudworthy.local.observe.alarms.evaluation import Verdict
from cloudworthy.local.observe.alarms.evaluator import AlarmEvaluator
from cloudworthy.local.observe.alarms.parsing import InvalidAlarmError, dimensions_of
from cloudworthy.local.observe.cloudwatch.parameters import (
    date,
    invalid,
    page,
    required,
    with_token,
)
from cloudworthy.local.observe.metrics.store import Metric

_MOST_RECORDS = 100
_METRIC, _COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
_NUMBERS = {
    "DatapointsToAlarm": int,
    "EvaluationPeriods": int,
    "Period": int,
    "Threshold": float,
}
_TEXTS = (
    "AlarmRule",
    "ComparisonOperator",
    "EvaluateLowSampleCountPercentile",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Statistic",
    "TreatMissingData",
    "Unit",
)

Operation = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class AlarmOperations:
    """The operations about alarms, by name."""

    def __init__(self, evaluator: AlarmEvaluator) -> None:
        self._evaluator = evaluator
        self.by_name: dict[str, Operation] = {
            "DescribeAlarms": self.describe_alarms,
            "DescribeAlarmsForMetric": self.describe_alarms_for_metric,
            "DescribeAlarmHistory": self.describe_alarm_history,
            "SetAlarmState": self.set_alarm_state,
            "PutMetricAlarm": self.put_metric_alarm,
            "PutCompositeAlarm": self.put_composite_alarm,
            "DeleteAlarms": self.delete_alarms,
            "EnableAlarmActions": self.enable_alarm_actions,
            "DisableAlarmActions": self.disable_alarm_actions,
        }

    async def describe_alarms(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        names, prefix = parameters.get("AlarmNames"), parameters.get("AlarmNamePrefix", "")
        kinds = parameters.get("AlarmTypes") or ["MetricAlarm"]
        wanted = [
            it
            for name, it in sorted(self._evaluator.alarms.items())
            if (not names or name in names)
            and name.startswith(prefix)
            and type(it).__name__ in kinds
            and parameters.get("StateValue") in (None, self._evaluator.state(name).value)
            and _has_action(it, parameters.get("ActionPrefix"))
        ]
        alarms, token = page(wanted, parameters, _MOST_RECORDS)
        answer = {
            "MetricAlarms": [self._described(it) for it in alarms if isinstance(it, MetricAlarm)],
            "CompositeAlarms": [
                self._described(it) for it in alarms if isinstance(it, CompositeAlarm)
            ],
        }
        return with_token(answer, token)

    async def describe_alarms_for_metric(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        metric = Metric(
            str(required(parameters, "Namespace")),
            str(required(parameters, "MetricName")),
            dimensions_of(parameters.get("Dimensions")),
        )
        found = [
            self._described(it)
            for _, it in sorted(self._evaluator.alarms.items())
            if isinstance(it, MetricAlarm) and it.watched.stat and it.watched.stat.metric == metric
        ]
        return {"MetricAlarms": found}

    async def describe_alarm_history(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = parameters.get("HistoryItemType")
        items = [
            it
            for it in self._evaluator.states.history(parameters.get("AlarmName"))
            if kind in (None, it.kind)
        ]
        if parameters.get("ScanBy") == "TimestampAscending":
            items.reverse()
        shown, token = page(items, parameters, _MOST_RECORDS)
        listed = [
            {
                "AlarmName": it.name,
                "AlarmType": self._evaluator.states.alarm_type(it.name),
                "Timestamp": date(it.at_s),
                "HistoryItemType": it.kind,
                "HistorySummary": it.summary,
                "HistoryData": it.data,
            }
            for it in shown
        ]
        return with_token({"AlarmHistoryItems": listed}, token)

    async def set_alarm_state(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        alarm = self._alarm(str(required(parameters, "AlarmName")))
        value = str(required(parameters, "StateValue"))
        if value not in set(State):
            raise invalid("StateValue", f"must be one of {', '.join(State)}: {value}")
        reason = str(required(parameters, "StateReason"))
        data = str(parameters.get("StateReasonData") or "")
        self._evaluator.set_state(alarm, Verdict(State(value), reason, data))
        await self._evaluator.carry_out_actions()
        return {}

    async def put_metric_alarm(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._create(_METRIC, parameters)

    async def put_composite_alarm(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._create(_COMPOSITE, parameters)

    async def delete_alarms(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        names = required(parameters, "AlarmNames")
        for name in names:
            self._alarm(str(name))
        for name in names:
            self._evaluator.delete(str(name))
        return {}

    async def enable_alarm_actions(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._enable(parameters, enabled=True)

    async def disable_alarm_actions(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._enable(parameters, enabled=False)

    def _create(self, kind: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        required(parameters, "AlarmName")
        try:
            self._evaluator.create(kind, dict(parameters))
        except InvalidAlarmError as error:
            raise OperationError("ValidationError", str(error)) from error
        return {}

    def _enable(self, parameters: Mapping[str, Any], *, enabled: bool) -> Mapping[str, Any]:
        for name in required(parameters, "AlarmNames"):
            self._evaluator.states.enable_actions(str(name), enabled=enabled)
        return {}

    def _alarm(self, name: str) -> Alarm:
        alarm = self._evaluator.alarms.get(name)
        if alarm is None:
            raise OperationError("ResourceNotFound", f"Unknown alarm: {name}", 404)
        return alarm

    def _described(self, alarm: Alarm) -> dict[str, Any]:
        """Source: CloudWatch API reference, "MetricAlarm" and "CompositeAlarm" (documented)."""
        state = self._evaluator.state(alarm.name)
        described: dict[str, Any] = {
            "AlarmName": alarm.name,
            "AlarmArn": alarm.arn,
            "AlarmDescription": alarm.description,
            "AlarmConfigurationUpdatedTimestamp": date(state.configured_s),
            "ActionsEnabled": self._evaluator.is_enabled(alarm),
            "OKActions": list(alarm.actions.get(State.OK, ())),
            "AlarmActions": list(alarm.actions.get(State.ALARM, ())),
            "InsufficientDataActions": list(alarm.actions.get(State.INSUFFICIENT_DATA, ())),
            "StateValue": str(state.value),
            "StateReason": state.reason,
            "StateUpdatedTimestamp": date(state.since_s),
            "StateTransitionedTimestamp": date(state.since_s),
        }
        if state.data:
            described["StateReasonData"] = state.data
        return described | _configuration(alarm.properties)


def _configuration(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What the alarm was configured with, in the types of the API."""
    told: dict[str, Any] = {it: str(properties[it]) for it in _TEXTS if it in properties}
    told |= {it: kind(properties[it]) for it, kind in _NUMBERS.items() if it in properties}
    if properties.get("MetricName"):
        told["Dimensions"] = list(properties.get("Dimensions") or ())
    if properties.get("Metrics"):
        told["Metrics"] = list(properties["Metrics"])
    return told


def _has_action(alarm: Alarm, prefix: str | None) -> bool:
    if not prefix:
        return True
    return any(arn.startswith(prefix) for arns in alarm.actions.values() for arn in arns)
