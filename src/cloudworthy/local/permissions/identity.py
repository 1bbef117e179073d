"""The policies of roles, as a template declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.managed_policies import is_managed_by_aws, managed_policy
from cloudworthy.local.iam.policy import Policy, parse_policy
from cloudworthy.local.iam.request import ContextValue
from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_ROLE = "AWS::IAM::Role"
_POLICY = "AWS::IAM::Policy"
_MANAGED_POLICY = "AWS::IAM::ManagedPolicy"


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """All that limits what a role may do."""

    logical_id: str
    policies: tuple[Policy, ...]
    identity: tuple[CompiledPolicy, ...]
    boundary: CompiledPolicy | None = None
    tags: Mapping[str, ContextValue] = field(default_factory=dict)
    """As condition keys: ``aws:PrincipalTag/<key>``."""


def role_policies(deployment: Deployment) -> dict[str, RolePolicies]:
    """The policies of each role of a stack, by the role's ARN.

    Raises
    ------
    TemplateError
        A policy is none, or is a managed one whose contents are not known.
    """
    managed = {it.physical_id: it for it in deployment.of_type(_MANAGED_POLICY)}
    found = {}
    for role in deployment.of_type(_ROLE):
        policies = tuple(_policies_of(role, deployment, managed))
        boundary = role.properties.get("PermissionsBoundary")
        found[str(role.attributes["Arn"])] = RolePolicies(
            role.logical_id,
            policies,
            tuple(CompiledPolicy(policy, PolicyKind.IDENTITY) for policy in policies),
            CompiledPolicy(
                _managed(str(boundary), role, managed, "PermissionsBoundary"), PolicyKind.BOUNDARY
            )
            if boundary
            else None,
            {f"aws:PrincipalTag/{it['Key']}": str(it["Value"]) for it in _tags(role)},
        )
    return found


def trust_policies(deployment: Deployment) -> dict[str, CompiledPolicy]:
    """Who may assume each role of a stack, by the role's ARN."""
    found = {}
    for role in deployment.of_type(_ROLE):
        document = role.properties.get("AssumeRolePolicyDocument")
        if document:
            policy = parse_policy(
                document,
                name=f"{_ROLE}.AssumeRolePolicyDocument",
                logical_id=role.logical_id,
            )
            found[str(role.attributes["Arn"])] = CompiledPolicy(policy, PolicyKind.RESOURCE)
    return found


def _tags(role: ProvisionedResource) -> list[Mapping[str, TemplateValue]]:
    return role.properties.get("Tags") or []


def _policies_of(
    role: ProvisionedResource, deployment: Deployment, managed: Mapping[str, ProvisionedResource]
) -> Iterator[Policy]:
    for written in role.properties.get("Policies") or ():
        yield _parsed(written.get("PolicyDocument"), str(written.get("PolicyName")), role)
    for resource in deployment.of_type(_POLICY):
        if role.physical_id in _list(resource.properties.get("Roles")):
            name = str(resource.properties.get("PolicyName"))
            yield _parsed(resource.properties.get("PolicyDocument"), name, resource)
    attached = [str(arn) for arn in _list(role.properties.get("ManagedPolicyArns"))]
    attached += [
        arn
        for arn, resource in managed.items()
        if role.physical_id in _list(resource.properties.get("Roles"))
    ]
    for arn in dict.fromkeys(attached):
        yield _managed(arn, role, managed, "ManagedPolicyArns")


def _managed(
    arn: str, role: ProvisionedResource, managed: Mapping[str, ProvisionedResource], where: str
) -> Policy:
    if arn in managed:
        resource = managed[arn]
        return _parsed(resource.properties.get("PolicyDocument"), arn.rpartition("/")[2], resource)
    if is_managed_by_aws(arn):
        return managed_policy(arn, where=f"{_ROLE}.{where}", logical_id=role.logical_id)
    raise UnsupportedError(
        f"{_ROLE}.{where}",
        role.logical_id,
        found=f"the managed policy {arn}, whose contents are not known",
        supported="a policy of the stack or of AWS, or a start with --iam off",
    )


def _parsed(document: TemplateValue, name: str, resource: ProvisionedResource) -> Policy:
    return parse_policy(document, name=name, logical_id=resource.logical_id)


def _list(value: TemplateValue) -> list[TemplateValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
