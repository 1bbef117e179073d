"""The smallest policy that still allows what was seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from cloudworthy.local.iam.compiled import PolicyKind
from cloudworthy.local.iam.policy import (
    CURRENT_VERSION,
    Condition,
    Effect,
    Element,
    Policy,
    Statement,
)
from cloudworthy.local.permissions.globs import Glob, without_narrower
from cloudworthy.local.permissions.grants import (
    Grant,
    Part,
    conditions_of,
    part_of_use,
    parts_used,
)
from cloudworthy.local.permissions.usage import ALLOWED, DENIED, Use

JsonStatement = Mapping[str, object]
Conditions = tuple[Condition, ...]


def smallest_policy(
    policies: Sequence[Policy], grants: Sequence[Grant], uses: Iterable[Use]
) -> dict[str, object] | None:
    """A policy to put in the place of all policies of a role.

    It allows the calls that were carried out, those of an audit included that no policy allows,
    and what Lambda needs; each under the conditions under which the role has it. What the role is
    explicitly denied stays denied. A call that was refused adds nothing.

    Returns
    -------
    dict or None
        A policy document; None when nothing needs to be allowed, as AWS takes no empty policy.
    """
    parts = needed_parts(grants, uses)
    if not parts:
        return None
    denies = [
        _as_json(policy, statement)
        for policy in policies
        for statement in policy.statements
        if statement.effect is Effect.DENY
    ]
    return {"Version": CURRENT_VERSION, "Statement": [*_statements(parts), *denies]}


def needed_parts(grants: Iterable[Grant], uses: Iterable[Use]) -> set[Part]:
    """What :func:`smallest_policy` allows, without what other parts include."""
    parts = [grant.whole for grant in grants if grant.reason]
    for use in uses:
        if use.outcome == DENIED:
            continue
        found = parts_used(grants, use)
        if found or use.action == "*":
            parts += found
        else:
            parts.append(part_of_use(use))
    resources_of: defaultdict[Part, set[str]] = defaultdict(set)
    for part in parts:
        resources_of[part._replace(resource="")].add(part.resource)
    return {
        part._replace(resource=resource)
        for part, resources in resources_of.items()
        for resource in without_narrower(resources)
    }


def missing_statements(uses: Iterable[Use]) -> list[JsonStatement]:
    """What would allow the calls that were not allowed, as far as a policy of the role can."""
    return _statements(
        part_of_use(use)
        for use in uses
        if use.outcome != ALLOWED and use.missing_in == PolicyKind.IDENTITY.value
    )


def _statements(parts: Iterable[Part]) -> list[JsonStatement]:
    """One for each set of resources and conditions, with all actions that have the same."""
    resources_of: defaultdict[Part, set[str]] = defaultdict(set)
    for part in parts:
        resources_of[part._replace(resource="")].add(part.resource)
    actions_of: defaultdict[tuple[Part, tuple[str, ...]], list[str]] = defaultdict(list)
    for part, resources in sorted(resources_of.items(), key=repr):
        actions_of[part._replace(action=""), tuple(sorted(resources))].append(part.action)
    return [
        _statement(actions, resources, part) for (part, resources), actions in actions_of.items()
    ]


def _statement(actions: Sequence[str], resources: Sequence[str], part: Part) -> dict[str, object]:
    found: dict[str, object] = {"Effect": Effect.ALLOW.value, "Action": list(actions)}
    if part.not_resources:
        found["NotResource"] = list(part.not_resources)
    else:
        found["Resource"] = list(resources)
    if part.conditions:
        found["Condition"] = _conditions(part.conditions)
    return found


def _as_json(policy: Policy, statement: Statement) -> dict[str, object]:
    found: dict[str, object] = {"Effect": statement.effect.value}
    action, resource = statement.action, statement.resource
    found[_name("Action", action)] = list(action.values)
    if resource is not None:
        globs = [Glob(one, variables=policy.has_variables) for one in resource.values]
        found[_name("Resource", resource)] = [glob.written for glob in globs]
    conditions = conditions_of(policy, statement)
    if conditions:
        found["Condition"] = _conditions(conditions)
    return found


def _name(name: str, element: Element) -> str:
    return f"Not{name}" if element.negated else name


def _conditions(conditions: Conditions) -> dict[str, dict[str, list[str]]]:
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for condition in conditions:
        found[condition.operator.name][condition.key] = list(condition.values)
    return dict(found)
