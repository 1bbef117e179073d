"""Every policy of one deployment, ready to decide by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cloudworthy.local.iam.compiled import CompiledPolicy
from cloudworthy.local.iam.evaluation import ApplicablePolicies
from cloudworthy.local.iam.request import ContextValue
from cloudworthy.local.model.arns import service_of
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.identity import RolePolicies, role_policies
from cloudworthy.local.permissions.lookup import StackResources
from cloudworthy.local.permissions.resource_policies import (
    default_key_policy,
    owner_of,
    resource_policies,
)

_NO_ROLE = RolePolicies("", (), ())


@dataclass(frozen=True, slots=True)
class StackPolicies:
    """Policies by the ARNs of roles and of resources; before anything is deployed, none."""

    account: str
    roles: Mapping[str, RolePolicies] = field(default_factory=dict)
    resources: Mapping[str, CompiledPolicy] = field(default_factory=dict)
    lookup: StackResources = field(default_factory=StackResources)

    @classmethod
    def of(cls, deployment: Deployment) -> StackPolicies:
        """Gather and compile the policies of a deployment.

        Raises
        ------
        TemplateError
            AWS would refuse one of them, or its contents are not known.
        """
        return cls(
            deployment.stack.account,
            role_policies(deployment),
            resource_policies(deployment),
            StackResources(deployment),
        )

    def over(self, older: StackPolicies) -> StackPolicies:
        """These, and of an older version what these do not replace."""
        return StackPolicies(
            self.account,
            {**older.roles, **self.roles},
            {**older.resources, **self.resources},
            self.lookup,
        )

    def knows(self, principal: Principal) -> bool:
        """Whether the caller is no role, or one of the stack."""
        return not principal.role_arn or principal.role_arn in self.roles

    def tags_of(self, principal: Principal) -> Mapping[str, ContextValue]:
        """The tags of a caller's role, as condition keys."""
        return self.roles.get(principal.role_arn, _NO_ROLE).tags

    def applicable(
        self,
        principal: Principal,
        resources: Iterable[str],
        current: Mapping[str, CompiledPolicy | None] = MappingProxyType({}),
    ) -> ApplicablePolicies:
        """What has to be asked about a caller and resources.

        ``current`` are the policies that are now in the place of the template's.
        """
        role = self.roles.get(principal.role_arn, _NO_ROLE)
        found = ((resource, self._policy_of(resource, current)) for resource in resources)
        return ApplicablePolicies(
            identity=role.identity,
            boundary=role.boundary,
            resource_policies={resource: policy for resource, policy in found if policy},
        )

    def _policy_of(
        self, resource: str, current: Mapping[str, CompiledPolicy | None]
    ) -> CompiledPolicy | None:
        owner = owner_of(resource)
        policy = current[owner] if owner in current else self.resources.get(owner)
        if policy is None and service_of(resource) == "kms" and ":key/" in resource:
            return default_key_policy(self.account)
        return policy
