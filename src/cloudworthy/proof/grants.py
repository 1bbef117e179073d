"""Which services the code of a function is granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.local.template.graph import references
from cloudworthy.proof.finding import Template
from cloudworthy.proof.identity_policies import POLICIES, statements
from cloudworthy.proof.values import listed, target, targets

# Lambda calls these itself with the function's role, over a network of its own.
# Source: AWS Lambda developer guide, "Defining Lambda function permissions with an execution
# role" (documented).
_MADE_BY_LAMBDA = frozenset(
    {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:UnassignPrivateIpAddresses",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:GetSamplingRules",
        "xray:GetSamplingStatisticSummaries",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)


def granted_services(template: Template, function_id: str) -> dict[str, list[str]]:
    """Services that a function's own code may call, each with the actions.

    Left out are the actions that Lambda makes itself: logs, traces, network interfaces, the
    dead-letter queue, destinations, and reading of event sources. Policies that are not in the
    template are not known.
    """
    resources = template["Resources"]
    role = target(resources[function_id].get("Properties", {}).get("Role"))
    by_lambda = _served_by_lambda(resources, function_id)
    granted: dict[str, set[str]] = {}
    for statement in _statements(resources, role):
        places = set(references(statement.get("Resource")))
        if places and places <= by_lambda:
            continue
        for action in _actions(statement):
            granted.setdefault(action.partition(":")[0], set()).add(action)
    return {service: sorted(actions) for service, actions in sorted(granted.items())}


def _actions(statement: Mapping[str, Any]) -> Iterator[str]:
    if statement.get("Effect") != "Allow":
        return
    for action in listed(statement.get("Action")):
        if ":" in action and action not in _MADE_BY_LAMBDA:
            yield action


def _statements(resources: Mapping[str, Any], role: str | None) -> Iterator[Mapping[str, Any]]:
    yield from statements(resources.get(role or "", {}))
    for resource in resources.values():
        properties = resource.get("Properties", {})
        attached = targets(properties.get("Roles")) | targets(properties.get("RoleName"))
        if resource["Type"] in POLICIES and role in attached:
            yield from statements(resource)


def _served_by_lambda(resources: Mapping[str, Any], function_id: str) -> set[str]:
    """Queues, topics and streams that Lambda writes to and reads from for a function."""
    function = resources[function_id].get("Properties", {})
    found = set(references(function.get("DeadLetterConfig")))
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if target(properties.get("FunctionName")) != function_id:
            continue
        if resource["Type"] == "AWS::Lambda::EventInvokeConfig":
            found |= set(references(properties.get("DestinationConfig")))
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            found |= set(references(properties.get("EventSourceArn")))
    return found
