"""Roles and policies: kept as resolved documents, for the policy engine to read."""

from __future__ import annotations

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import UPPERCASE
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _path(wanted: Wanted) -> str:
    return wanted.text("Path", "/")


def _role_attributes(wanted: Wanted, name: str) -> dict[str, TemplateValue]:
    return {
        "Arn": wanted.site.arn("iam", f"role{_path(wanted)}{name}", region=""),
        "RoleId": "AROA" + wanted.token(17, UPPERCASE, purpose="RoleId"),
    }


def _managed_policy_arn(wanted: Wanted) -> str:
    name = wanted.name("ManagedPolicyName", longest=128)
    return wanted.site.arn("iam", f"policy{_path(wanted)}{name}", region="")


def _managed_policy_attributes(wanted: Wanted, arn: str) -> dict[str, TemplateValue]:
    return {
        "PolicyArn": arn,
        "PolicyId": "ANPA" + wanted.token(17, UPPERCASE, purpose="PolicyId"),
        "DefaultVersionId": "v1",
        "IsAttachable": True,
    }


# Source of Ref, GetAtt and replacement: CloudFormation template reference, IAM (documented).
TYPES = (
    Recorded(
        "AWS::IAM::Role",
        honoured="AssumeRolePolicyDocument ManagedPolicyArns Path PermissionsBoundary Policies "
        "RoleName Tags",
        inert="Description MaxSessionDuration",
        replaced_by="Path RoleName",
        identify=lambda wanted: wanted.name("RoleName", longest=64),
        attributes=_role_attributes,
    ),
    Recorded(
        "AWS::IAM::Policy",
        honoured="PolicyDocument PolicyName Roles",
        identify=lambda wanted: wanted.name("", longest=128),
        attributes=lambda _wanted, physical_id: {"Id": physical_id},
    ),
    Recorded(
        "AWS::IAM::ManagedPolicy",
        honoured="ManagedPolicyName Path PolicyDocument Roles",
        inert="Description",
        replaced_by="Description ManagedPolicyName Path",
        identify=_managed_policy_arn,
        attributes=_managed_policy_attributes,
    ),
)
