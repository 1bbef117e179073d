"""Deployments written down as tables of resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack

ACCOUNT = "123456789012"
REGION = "eu-central-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/worker"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"


def resource(
    kind: str,
    logical_id: str,
    physical_id: str,
    properties: Mapping[str, Any] | None = None,
    **attributes: str,
) -> ProvisionedResource:
    return ProvisionedResource(logical_id, kind, physical_id, properties or {}, attributes)


def role(**properties: Any) -> ProvisionedResource:
    return resource("AWS::IAM::Role", "Role", "worker", properties, Arn=ROLE_ARN)


def deployment(*resources: ProvisionedResource) -> Deployment:
    stack = Stack("Small", ACCOUNT, REGION, {}, {})
    return Deployment(stack, {it.logical_id: it for it in resources}, {})


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, target: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": target, **more}
