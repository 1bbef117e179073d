"""What CloudWatch tells about a transition: to SNS, by e-mail, and to a function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cloudworthy.local.observe.alarms.definition import (
    Alarm,
    CompositeAlarm,
    MetricAlarm,
    State,
)
from cloudworthy.local.observe.alarms.evaluation import timestamp
from cloudworthy.local.observe.alarms.store import AlarmState
from cloudworthy.local.observe.metrics.mathematics import Query
from cloudworthy.local.observe.metrics.series import MetricStat

_LONGEST_SUBJECT = 100
"""Source: Amazon SNS API reference, "Publish" (documented)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An alarm's way from one state to another."""

    alarm: Alarm
    before: AlarmState
    after: AlarmState

    @property
    def account(self) -> str:
        return self.alarm.arn.split(":")[4]

    @property
    def region(self) -> str:
        return self.alarm.arn.split(":")[3]


@cache
def region_name(region: str) -> str:
    """``US East (N. Virginia)`` for ``us-east-1``."""
    from botocore.loaders import Loader  # noqa: PLC0415 - wanted once in a while

    for partition in Loader().load_data("partitions")["partitions"]:
        if region in partition["regions"]:
            return str(partition["regions"][region]["description"])
    return region


def subject(transition: Transition) -> str:
    """Source: recorded in messages of AWS: ``ALARM: "name" in US East (N. Virginia)``."""
    alarm, state = transition.alarm, transition.after.value
    text = f'{state}: "{alarm.name}" in {region_name(transition.region)}'
    return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 3]}..."


def message(transition: Transition) -> str:
    """The JSON that SNS gets.

    Source: CloudWatch user guide, "Notifying users on alarm changes", and messages of AWS.
    """
    alarm, after = transition.alarm, transition.after
    content: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": transition.account,
        "AlarmConfigurationUpdatedTimestamp": timestamp(after.configured_s),
        "NewStateValue": after.value,
        "NewStateReason": after.reason,
        "StateChangeTime": timestamp(after.since_s),
        "Region": region_name(transition.region),
        "AlarmArn": alarm.arn,
        "OldStateValue": transition.before.value,
        "OKActions": list(alarm.actions.get(State.OK, ())),
        "AlarmActions": list(alarm.actions.get(State.ALARM, ())),
        "InsufficientDataActions": list(alarm.actions.get(State.INSUFFICIENT_DATA, ())),
    }
    if isinstance(alarm, MetricAlarm):
        content["Trigger"] = _trigger(alarm)
    elif isinstance(alarm, CompositeAlarm):
        content["AlarmRule"] = alarm.rule
    return json.dumps(content, separators=(",", ":"))


def _trigger(alarm: MetricAlarm) -> dict[str, Any]:
    trigger: dict[str, Any] = {
        "Period": alarm.period_s,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "ComparisonOperator": alarm.comparison,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.missing_data,
        "EvaluateLowSampleCountPercentile": "ignore" if alarm.ignores_low_samples else "",
    }
    stat = alarm.watched.stat
    if stat is None or len(alarm.queries) > 1:
        definitions = alarm.properties.get("Metrics") or ()
        texts = {it["Id"]: it.get("Expression") for it in definitions}
        return trigger | {"Metrics": [_metric(it, texts) for it in alarm.queries]}
    extended = stat.statistic[0].islower()
    return {
        "MetricName": stat.metric.name,
        "Namespace": stat.metric.namespace,
        "StatisticType": "ExtendedStatistic" if extended else "Statistic",
        ("ExtendedStatistic" if extended else "Statistic"): (
            stat.statistic if extended else stat.statistic.upper()
        ),
        "Unit": stat.unit,
        "Dimensions": _dimensions(stat),
        **trigger,
    }


def _metric(query: Query, texts: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"Id": query.query_id, "ReturnData": query.return_data}
    if query.label:
        described["Label"] = query.label
    if query.stat is None:
        return described | {"Expression": texts.get(query.query_id)}
    metric = query.stat.metric
    stat: dict[str, Any] = {
        "Metric": {
            "Dimensions": _dimensions(query.stat),
            "MetricName": metric.name,
            "Namespace": metric.namespace,
        },
        "Period": query.stat.period_s,
        "Stat": query.stat.statistic,
    }
    return described | {"MetricStat": stat | ({"Unit": query.stat.unit} if query.stat.unit else {})}


def _dimensions(stat: MetricStat) -> list[dict[str, str]]:
    return [{"value": value, "name": name} for name, value in stat.metric.dimensions]


def email(transition: Transition) -> str:
    """What a person reads.

    Source: e-mails of AWS; the order and the words, not every space, are theirs.
    """
    alarm, before, after = transition.alarm, transition.before, transition.after
    changed = f"{datetime.fromtimestamp(after.since_s, UTC):%A %d %B, %Y %H:%M:%S UTC}"
    place = region_name(transition.region)
    opening = (
        f'You are receiving this email because your Amazon CloudWatch Alarm "{alarm.name}" in the '
        f'{place} region has entered the {after.value} state, because "{after.reason}" at '
        f'"{changed}".'
    )
    lines = [
        opening,
        "",
        "Alarm Details:",
        f"- Name:                       {alarm.name}",
        f"- Description:                {alarm.description}",
        f"- State Change:               {before.value} -> {after.value}",
        f"- Reason for State Change:    {after.reason}",
        f"- Timestamp:                  {changed}",
        f"- AWS Account:                {transition.account}",
        f"- Alarm Arn:                  {alarm.arn}",
        "",
    ]
    if isinstance(alarm, MetricAlarm):
        lines += _threshold_lines(alarm)
    lines += ["State Change Actions:"]
    for state in State:
        lines.append(f"- {state}: {''.join(f'[{it}]' for it in alarm.actions.get(state, ()))}")
    return "\n".join(lines) + "\n"


def _threshold_lines(alarm: MetricAlarm) -> list[str]:
    stat = alarm.watched.stat
    condition = (
        f"- The alarm is in the ALARM state when the metric is {alarm.comparison} "
        f"{alarm.threshold} for at least {alarm.datapoints_to_alarm} of the last "
        f"{alarm.evaluation_periods} period(s) of {alarm.period_s} seconds."
    )
    lines = ["Threshold:", condition, ""]
    if stat is None:
        return lines
    dimensions = ", ".join(f"{name} = {value}" for name, value in stat.metric.dimensions)
    return [
        *lines,
        "Monitored Metric:",
        f"- MetricNamespace:            {stat.metric.namespace}",
        f"- MetricName:                 {stat.metric.name}",
        f"- Dimensions:                 [{dimensions}]",
        f"- Period:                     {stat.period_s} seconds",
        f"- Statistic:                  {stat.statistic}",
        f"- Unit:                       {stat.unit or 'not specified'}",
        f"- TreatMissingData:           {alarm.missing_data}",
        "",
    ]


def notification_messages(for_all: str, for_email: str) -> str:
    """The two texts in the form of a publication with ``MessageStructure`` ``json``."""
    return json.dumps({"default": for_all, "email": for_email})


def function_event(transition: Transition) -> dict[str, Any]:
    """The event of a function that is an action.

    Source: CloudWatch user guide, "Invoke a Lambda function from an alarm" (documented).
    """
    alarm, before, after = transition.alarm, transition.before, transition.after
    return {
        "source": "aws.cloudwatch",
        "alarmArn": alarm.arn,
        "accountId": transition.account,
        "time": timestamp(after.since_s),
        "region": transition.region,
        "alarmData": {
            "alarmName": alarm.name,
            "state": _state(after),
            "previousState": _state(before),
            "configuration": {"description": alarm.description},
        },
    }


def _state(state: AlarmState) -> dict[str, Any]:
    told: dict[str, Any] = {
        "value": state.value,
        "reason": state.reason,
        "timestamp": timestamp(state.since_s),
    }
    return told | ({"reasonData": state.data} if state.data else {})
