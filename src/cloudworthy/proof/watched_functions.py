"""Functions whose logs are kept for ever, and functions that may fail unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.local.template.graph import references
from cloudworthy.proof.acceptance import is_accepted
from cloudworthy.proof.finding import Finding, Template, resource_name

_FUNCTION = "AWS::Lambda::Function"
_LOG_GROUP = "AWS::Logs::LogGroup"
_ALARM = "AWS::CloudWatch::Alarm"
_NO_RETENTION = "found no log group with RetentionInDays, expected one: lines are kept for ever."
_NO_ALARM = "found no alarm on a metric of this function, expected one at least, on its Errors."


def watched_functions(template: Template) -> Iterator[Finding]:
    """Functions without log retention or without an alarm.

    A function that serves a custom resource runs in deployments, which fail with it: it needs
    no alarm.
    """
    resources: Mapping[str, Mapping[str, Any]] = template.get("Resources", {})
    alarmed = _named_in(resources, _ALARM)
    serving = _serving_custom_resources(resources)
    for logical_id, resource in resources.items():
        if resource.get("Type") != _FUNCTION:
            continue
        if not _keeps_logs_for_a_time(logical_id, resource, resources):
            yield from _finding(logical_id, resource, "log-retention", _NO_RETENTION)
        if logical_id not in alarmed | serving:
            yield from _finding(logical_id, resource, "function-alarm", _NO_ALARM)


def _finding(
    logical_id: str, resource: Mapping[str, Any], rule: str, message: str
) -> Iterator[Finding]:
    if not is_accepted(resource, rule):
        yield Finding("cloudworthy", rule, resource_name(logical_id, resource), message)


def _keeps_logs_for_a_time(
    logical_id: str, function: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Its own group, the group of its name, or the CDK's resource that sets a retention."""
    properties = function.get("Properties", {})
    own = set(references(properties.get("LoggingConfig", {}).get("LogGroup")))
    for group_id, group in resources.items():
        settings = group.get("Properties", {})
        if "RetentionInDays" not in settings:
            continue
        if group.get("Type") == _LOG_GROUP and group_id in own:
            return True
        named = settings.get("LogGroupName")
        if named is not None and "/aws/lambda/" in json.dumps(named):
            name = properties.get("FunctionName")
            if logical_id in set(references(named)) or named == f"/aws/lambda/{name}":
                return True
    return False


def _named_in(resources: Mapping[str, Mapping[str, Any]], kind: str) -> set[str]:
    """Logical ids that resources of a type refer to."""
    return {
        name
        for resource in resources.values()
        if resource.get("Type") == kind
        for name in references(resource.get("Properties", {}))
    }


def _serving_custom_resources(resources: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Functions that are a ServiceToken, and those that such a provider calls in turn."""
    tokens = [r["Properties"]["ServiceToken"] for r in resources.values() if _has_token(r)]
    serving = {name for token in tokens for name in references(token)}
    for name in tuple(serving):
        serving |= set(references(resources.get(name, {}).get("Properties", {})))
    return serving


def _has_token(resource: Mapping[str, Any]) -> bool:
    return "ServiceToken" in resource.get("Properties", {})
