"""What each function was granted, and what it made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cloudworthy.local.iam.policy import Policy
from cloudworthy.local.lambda_.definition import is_cdk_provider
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from cloudworthy.local.permissions.grants import Grant, grants_of
from cloudworthy.local.permissions.identity import role_policies
from cloudworthy.local.permissions.names import ResourceNames
from cloudworthy.local.permissions.smallest import (
    JsonStatement,
    missing_statements,
    needed_parts,
    smallest_policy,
)
from cloudworthy.local.permissions.usage import ALLOWED, IAM_FILE, Use, read_uses
from cloudworthy.local.provision.deployer import deployment_of
from cloudworthy.local.provision.state import StateFile


@dataclass(frozen=True, slots=True)
class Permission:
    """One action on one resource."""

    action: str
    resource: str
    """As the policy has it, or as the call named it."""
    name: str
    """The resource by its construct."""
    reason: str = ""
    """Why it is there though no call uses it, or what kind of policy does not allow it."""


@dataclass(frozen=True, slots=True)
class FunctionPermissions:
    """The answer about one function."""

    function: str
    role: str
    used: tuple[Permission, ...]
    """Granted, and used by a call that was seen."""
    used_by_lambda: tuple[Permission, ...]
    """Granted for what Lambda does in the function's name, and why."""
    unused: tuple[Permission, ...]
    denied: tuple[Permission, ...]
    """Refused, or carried out in an audit though nothing allows it."""
    wildcards: tuple[Permission, ...]
    """Those of the granted ones that name an action or a resource by a pattern."""
    smallest_policy: Mapping[str, object] | None
    """What the calls that were carried out need, and what Lambda does."""
    is_smallest: bool
    """Whether the policies that the role has allow just that."""
    missing: Sequence[JsonStatement]
    """What would allow the calls that are denied."""

    @property
    def granted(self) -> int:
        """How many actions on resources the role may carry out."""
        return len(self.used) + len(self.used_by_lambda) + len(self.unused)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read_report(directory: Path, *, since_start: bool) -> list[FunctionPermissions]:
    """The report on the stack whose state is in a directory, running or not."""
    state = StateFile(directory).load()
    if state is None:
        return []
    template = {"Resources": dict.fromkeys(state.resources)}
    stack = Stack(state.stack_name, state.account, state.region, template, {})
    uses = read_uses(directory / IAM_FILE, since_start=since_start)
    return report(deployment_of(stack, state), uses)


def report(deployment: Deployment, uses: Iterable[Use]) -> list[FunctionPermissions]:
    """What is known of the role of each function of a stack, by the functions' names.

    The CDK's own functions are left out: the runtime does their work itself.
    """
    roles = role_policies(deployment)
    names = ResourceNames(deployment)
    seen = sorted(uses)
    found = []
    for function in deployment.of_type("AWS::Lambda::Function"):
        if is_cdk_provider(function.construct_path):
            continue
        role_arn = str(function.properties.get("Role", ""))
        role = roles.get(role_arn)
        own = [
            use
            for use in seen
            if use.role_arn == role_arn and use.function in ("", function.logical_id)
        ]
        policies = role.policies if role else ()
        found.append(_permissions(_name(function), role_arn, policies, own, names))
    return sorted(found, key=lambda one: one.function)


def _name(function: ProvisionedResource) -> str:
    return function.construct_path.removesuffix("/Resource") or function.logical_id


def _permissions(
    function: str,
    role: str,
    policies: Sequence[Policy],
    uses: Sequence[Use],
    names: ResourceNames,
) -> FunctionPermissions:
    grants = grants_of(policies)
    allowed = [use for use in uses if use.outcome == ALLOWED]
    used = [grant for grant in grants if any(grant.covers(use) for use in allowed)]
    left = [grant for grant in grants if grant not in used]

    def shown(some: Iterable[Grant]) -> tuple[Permission, ...]:
        found = (
            Permission(it.shown_action, it.shown_resource, names.of(it.shown_resource), it.reason)
            for it in some
        )
        return tuple(dict.fromkeys(found))

    return FunctionPermissions(
        function=function,
        role=role,
        used=shown(used),
        used_by_lambda=shown(it for it in left if it.reason),
        unused=shown(it for it in left if not it.reason),
        denied=tuple(
            Permission(use.action, use.resource, names.of(use.resource), use.missing_in)
            for use in uses
            if use.outcome != ALLOWED
        ),
        wildcards=shown(grant for grant in grants if grant.has_wildcard),
        smallest_policy=smallest_policy(policies, grants, uses),
        is_smallest=needed_parts(grants, uses) == {grant.whole for grant in grants},
        missing=missing_statements(uses),
    )
