"""Alarms that nobody hears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.proof.acceptance import is_accepted
from cloudworthy.proof.finding import Finding, Template, resource_name

_ALARMS = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"}


def alarm_actions(template: Template) -> Iterator[Finding]:
    """Alarms that tell nobody, and alarms for which silence was not thought of."""
    for logical_id, resource in template.get("Resources", {}).items():
        if resource.get("Type") not in _ALARMS:
            continue
        for rule, message in _problems(resource["Type"], resource.get("Properties", {})):
            if not is_accepted(resource, rule):
                yield Finding("cloudworthy", rule, resource_name(logical_id, resource), message)


def _problems(kind: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    enabled = str(properties.get("ActionsEnabled", True)).lower() != "false"
    if not properties.get("AlarmActions") or not enabled:
        yield (
            "alarm-action",
            "found no action when it fires, expected one at least. Add AlarmActions.",
        )
    if kind == "AWS::CloudWatch::Alarm" and "TreatMissingData" not in properties:
        yield (
            "alarm-missing-data",
            "found no TreatMissingData, expected a choice: what does silence mean here?",
        )
