"""Alarms: recorded here, evaluated by the runtime, which checks the values."""

from __future__ import annotations

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _alarm_name(wanted: Wanted) -> str:
    return wanted.name("AlarmName", longest=255)


def _alarm_attributes(wanted: Wanted, name: str) -> dict[str, TemplateValue]:
    return {"Arn": wanted.site.arn("cloudwatch", f"alarm:{name}")}


# Source of Ref, GetAtt and replacement: CloudFormation template reference, CloudWatch
# (documented).
TYPES = (
    Recorded(
        "AWS::CloudWatch::Alarm",
        honoured="ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator "
        "DatapointsToAlarm Dimensions EvaluateLowSampleCountPercentile EvaluationPeriods "
        "ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace OKActions "
        "Period Statistic Threshold ThresholdMetricId TreatMissingData Unit",
        inert="Tags",
        replaced_by="AlarmName",
        identify=_alarm_name,
        attributes=_alarm_attributes,
    ),
    Recorded(
        "AWS::CloudWatch::CompositeAlarm",
        honoured="ActionsEnabled ActionsSuppressor ActionsSuppressorExtensionPeriod "
        "ActionsSuppressorWaitPeriod AlarmActions AlarmDescription AlarmName AlarmRule "
        "InsufficientDataActions OKActions",
        inert="Tags",
        replaced_by="AlarmName",
        identify=_alarm_name,
        attributes=_alarm_attributes,
    ),
    Recorded(
        "AWS::CloudWatch::Dashboard",
        inert="DashboardBody DashboardName Tags",
        replaced_by="DashboardName",
        declared_only=True,
        identify=lambda wanted: wanted.name("DashboardName", longest=255),
    ),
)
