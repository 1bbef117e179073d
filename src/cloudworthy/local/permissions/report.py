"""What each function was granted, and what it made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cloudworthy.local.iam.pattern import arn_pattern, is_everything, text_pattern
from cloudworthy.local.iam.policy import Effect, Element, Policy, Statement
from cloudworthy.local.iam.request import Context
from cloudworthy.local.lambda_.definition import is_cdk_provider
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.permissions.identity import role_policies
from cloudworthy.local.permissions.usage import ALLOWED, IAM_FILE, Use, read_uses
from cloudworthy.local.provision.deployer import deployment_of
from cloudworthy.local.provision.state import StateFile

_NOTHING = Context({})

_USED_BY_LAMBDA: Mapping[str, str] = {
    "logs:createloggroup": "Lambda writes the function's log with it",
    "logs:createlogstream": "Lambda writes the function's log with it",
    "logs:putlogevents": "Lambda writes the function's log with it",
    "xray:puttracesegments": "the X-Ray daemon sends the function's traces with it",
    "xray:puttelemetryrecords": "the X-Ray daemon sends the function's traces with it",
    "ec2:createnetworkinterface": "Lambda connects the function to its VPC with it",
    "ec2:describenetworkinterfaces": "Lambda connects the function to its VPC with it",
    "ec2:deletenetworkinterface": "Lambda connects the function to its VPC with it",
    "ec2:describesubnets": "Lambda connects the function to its VPC with it",
    "ec2:assignprivateipaddresses": "Lambda connects the function to its VPC with it",
    "ec2:unassignprivateipaddresses": "Lambda connects the function to its VPC with it",
}
"""Actions that no call of the function itself needs, by why it has to have them.

Source: AWS Lambda developer guide, "Execution role permissions" (documented).
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """One action that one statement allows on one resource."""

    action: str
    resource: str
    policy: str

    def covers(self, use: Use) -> bool:
        """Whether it may have been what allowed a use; conditions are not looked at."""
        action = text_pattern(self.action.lower(), variables=False, wildcards=True)
        return bool(action.matches(use.action.lower(), _NOTHING)) and (
            _covers(self.resource, use.resource)
        )


@dataclass(frozen=True, slots=True)
class FunctionPermissions:
    """The answer about one function; grants and uses as ``action on resource``."""

    function: str
    role: str
    used: tuple[str, ...]
    """Granted, and used by a call that was seen."""
    used_by_lambda: Mapping[str, str]
    """Granted for what Lambda does in the function's name, and why."""
    unused: tuple[str, ...]
    denied: tuple[str, ...]
    wildcards: tuple[str, ...]
    smallest_policy: Mapping[str, object]
    """What the calls that were seen need, those included that were denied."""

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
    """What is known of the role of each function of a stack.

    The CDK's own functions are left out: the runtime does their work itself.
    """
    roles = role_policies(deployment)
    seen = list(uses)
    found = []
    for function in deployment.of_type("AWS::Lambda::Function"):
        if is_cdk_provider(function.construct_path):
            continue
        role_arn = str(function.properties.get("Role", ""))
        role = roles.get(role_arn)
        grants = [grant for policy in role.policies for grant in _grants(policy)] if role else []
        own = [
            use
            for use in seen
            if use.role_arn == role_arn and use.function in ("", function.logical_id)
        ]
        name = function.construct_path.removesuffix("/Resource") or function.logical_id
        found.append(_permissions(name, role_arn, grants, own))
    return found


def _permissions(
    function: str, role_arn: str, grants: list[Grant], uses: list[Use]
) -> FunctionPermissions:
    allowed = [use for use in uses if use.outcome == ALLOWED]
    used = [grant for grant in grants if any(grant.covers(use) for use in allowed)]
    left = [grant for grant in grants if grant not in used]
    by_lambda = {_text(it): reason for it in left if (reason := _reason(it))}
    return FunctionPermissions(
        function=function,
        role=role_arn,
        used=_texts(used),
        used_by_lambda=by_lambda,
        unused=_texts(it for it in left if not _reason(it)),
        denied=_denied(uses),
        wildcards=_texts(it for it in grants if "*" in it.action or "*" in it.resource),
        smallest_policy=_smallest(uses, [it for it in left if _reason(it)]),
    )


def _grants(policy: Policy) -> Iterator[Grant]:
    """What a policy allows; ``NotAction`` and ``NotResource`` allow nearly everything."""
    for statement in policy.statements:
        if statement.effect is Effect.ALLOW:
            for action in _written(statement.action):
                for resource in _resources(statement):
                    yield Grant(action, resource, policy.name)


def _resources(statement: Statement) -> tuple[str, ...]:
    element = statement.resource
    return ("*",) if element is None else _written(element)


def _written(element: Element) -> tuple[str, ...]:
    return ("*",) if element.negated else element.values


def _covers(granted: str, seen: str) -> bool:
    """Uses of objects are kept by prefix, so that one may be all that a narrower grant is for."""
    if is_everything(granted) or granted == seen:
        return True
    if seen.endswith("/*") and granted.startswith(seen[:-1]):
        return True
    pattern = arn_pattern(granted, variables=False)
    return pattern is not None and bool(pattern.matches(seen, _NOTHING))


def _reason(grant: Grant) -> str:
    return _USED_BY_LAMBDA.get(grant.action.lower(), "")


def _denied(uses: Iterable[Use]) -> tuple[str, ...]:
    return tuple(
        f"{use.action} on {use.resource}" + (f" ({use.missing_in})" if use.missing_in else "")
        for use in uses
        if use.outcome != ALLOWED
    )


def _smallest(uses: Iterable[Use], for_lambda: Iterable[Grant]) -> dict[str, object]:
    """A statement for each set of resources, with all actions that have the same."""
    resources_of: dict[str, set[str]] = {}
    for use in uses:
        resources_of.setdefault(use.action, set()).add(use.resource)
    for grant in for_lambda:
        resources_of.setdefault(grant.action, set()).add(grant.resource)
    actions_of: dict[tuple[str, ...], list[str]] = {}
    for action, resources in sorted(resources_of.items()):
        actions_of.setdefault(tuple(sorted(resources)), []).append(action)
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
        for resources, actions in sorted(actions_of.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _texts(grants: Iterable[Grant]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(grant) for grant in grants))


def _text(grant: Grant) -> str:
    return f"{grant.action} on {grant.resource}"
