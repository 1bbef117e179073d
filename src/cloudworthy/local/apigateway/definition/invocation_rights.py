"""Whether API Gateway may invoke a function: by the function's permissions, or by a role."""

from __future__ import annotations

from collections.abc import Iterator

from cloudworthy.local.apigateway.arn_pattern import matches
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.functions import invocation_target
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_GATEWAY = "apigateway.amazonaws.com"
_INVOKE = "lambda:InvokeFunction"
_INVOKING = frozenset({_INVOKE, "lambda:*", "*"})


def permitted_sources(function_arn: str, deployment: Deployment) -> tuple[str, ...]:
    """The ``SourceArn`` patterns under which API Gateway may invoke the function.

    Source: AWS Lambda developer guide, "Resource-based policies" (documented).
    """
    sources = []
    for resource in deployment.of_type("AWS::Lambda::Permission"):
        permission = Properties.of(resource)
        named = permission.text("FunctionName")
        same = named == function_arn or named == invocation_target(function_arn)
        invokes = permission.text("Action") in _INVOKING
        if same and invokes and permission.text("Principal") in (_GATEWAY, "*"):
            sources.append(permission.text("SourceArn", "*"))
    return tuple(sources)


def may_invoke_by_permission(source_arn: str, function_arn: str, deployment: Deployment) -> bool:
    """Whether a permission of the function names this source."""
    patterns = permitted_sources(function_arn, deployment)
    return any(matches(pattern, source_arn) for pattern in patterns)


def may_invoke_by_role(role_arn: str, function_arn: str, deployment: Deployment) -> bool:
    """Whether API Gateway may assume this role, and the role invoke the function.

    Only roles of the same stack are known here; conditions are not looked at, so a statement
    with one allows nothing and denies always.
    """
    for role in deployment.of_type("AWS::IAM::Role"):
        if role.attributes.get("Arn") == role_arn:
            policies = list(_policies(role, deployment))
            return _trusts_gateway(role) and _allows(policies, function_arn)
    return False


def may_assume(role_arn: str, deployment: Deployment) -> bool:
    """Whether API Gateway may assume this role, which is one of the same stack."""
    roles = deployment.of_type("AWS::IAM::Role")
    return any(r.attributes.get("Arn") == role_arn and _trusts_gateway(r) for r in roles)


def _trusts_gateway(role: ProvisionedResource) -> bool:
    for statement in _statements(role.properties.get("AssumeRolePolicyDocument")):
        services = _list((statement.get("Principal") or {}).get("Service"))
        if statement.get("Effect") == "Allow" and _GATEWAY in services:
            return True
    return False


def _policies(role: ProvisionedResource, deployment: Deployment) -> Iterator[TemplateValue]:
    for policy in role.properties.get("Policies") or []:
        yield policy.get("PolicyDocument")
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for resource in deployment.of_type(kind):
            attached = resource.physical_id in _list(role.properties.get("ManagedPolicyArns"))
            if attached or role.physical_id in _list(resource.properties.get("Roles")):
                yield resource.properties.get("PolicyDocument")


def _allows(policies: list[TemplateValue], function_arn: str) -> bool:
    effects = set()
    for statement in (found for policy in policies for found in _statements(policy)):
        acts = any(matches(str(a).lower(), _INVOKE.lower()) for a in _list(statement.get("Action")))
        covers = any(matches(str(r), function_arn) for r in _list(statement.get("Resource")))
        effect = statement.get("Effect")
        if acts and covers and (effect == "Deny" or not statement.get("Condition")):
            effects.add(effect)
    return effects == {"Allow"}


def _statements(document: TemplateValue) -> list[dict[str, TemplateValue]]:
    return _list((document or {}).get("Statement"))


def _list(value: TemplateValue) -> list[TemplateValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
