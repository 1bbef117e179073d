"""Where a template keeps the policies of identities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.proof.values import listed

# Source: CloudFormation template reference, AWS Identity and Access Management (documented).
POLICIES = frozenset(
    f"AWS::IAM::{kind}"
    for kind in ("GroupPolicy", "ManagedPolicy", "Policy", "RolePolicy", "UserPolicy")
)
_IDENTITIES = frozenset({"AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"})


def statements(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy, or of the policies that stand in an identity itself."""
    properties = resource.get("Properties", {})
    if resource.get("Type") in POLICIES:
        policies = [properties]
    elif resource.get("Type") in _IDENTITIES:
        policies = listed(properties.get("Policies"))
    else:
        return
    for policy in policies:
        yield from listed(policy.get("PolicyDocument", {}).get("Statement"))
