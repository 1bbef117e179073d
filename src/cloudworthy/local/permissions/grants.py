"""What policies allow, one action on one resource at a time, and which calls it may have let in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from cloudworthy.local.iam.pattern import Pattern, text_pattern
from cloudworthy.local.iam.policy import Condition, Effect, Element, Policy, Statement
from cloudworthy.local.iam.request import Context
from cloudworthy.local.permissions.globs import Glob, escaped
from cloudworthy.local.permissions.usage import Use

_NOTHING = Context({})

_WRITES_LOG = "Lambda writes the function's log with it"
_SENDS_TRACES = "the X-Ray daemon sends the function's traces with it"
_CONNECTS = "Lambda connects the function to its VPC with it"
_USED_BY_LAMBDA: Mapping[str, str] = {
    "logs:createloggroup": _WRITES_LOG,
    "logs:createlogstream": _WRITES_LOG,
    "logs:putlogevents": _WRITES_LOG,
    "xray:puttracesegments": _SENDS_TRACES,
    "xray:puttelemetryrecords": _SENDS_TRACES,
    "ec2:createnetworkinterface": _CONNECTS,
    "ec2:describenetworkinterfaces": _CONNECTS,
    "ec2:deletenetworkinterface": _CONNECTS,
    "ec2:describesubnets": _CONNECTS,
    "ec2:assignprivateipaddresses": _CONNECTS,
    "ec2:unassignprivateipaddresses": _CONNECTS,
}
"""Actions that no call of the function itself needs, by why it has to have them.

Source: AWS Lambda developer guide, "Execution role permissions" (documented).
"""


class Part(NamedTuple):
    """One action on one resource under the same conditions, as a policy of 2012 writes them."""

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()
    not_resources: tuple[str, ...] = ()
    """What of the resource it is not about."""


class Grant:
    """One action that one Allow statement names, on one of its resources.

    What names only what it does not allow (``NotAction``, ``NotResource``) is one grant of all
    the rest.
    """

    def __init__(self, policy: Policy, statement: Statement, action: str, resource: str) -> None:
        self.action = action
        self.resource = resource
        self.conditions = conditions_of(policy, statement)
        excluded_actions = _excluded(statement.action)
        self._excluded_actions = [_action_pattern(one) for one in excluded_actions]
        self._action = _action_pattern(action)
        variables = policy.has_variables
        self._glob = Glob(resource, variables=variables)
        excluded = _excluded(statement.resource)
        self._excluded_resources = [Glob(one, variables=variables) for one in excluded]
        self.shown_action = (
            f"NotAction {', '.join(excluded_actions)}" if excluded_actions else action
        )
        self.shown_resource = f"NotResource {', '.join(excluded)}" if excluded else resource

    @property
    def has_wildcard(self) -> bool:
        return any(sign in self.action + self.resource for sign in "*?")

    @property
    def depends_on_request(self) -> bool:
        """Whether it allows one call and not another of the same action on the same resource."""
        globs = (self._glob, *self._excluded_resources)
        return bool(self.conditions) or any(glob.has_variables for glob in globs)

    @property
    def reason(self) -> str:
        """Why the role has to have it though no call of the function uses it; mostly empty."""
        return _USED_BY_LAMBDA.get(self.action.lower(), "")

    @property
    def whole(self) -> Part:
        excluded = tuple(glob.written for glob in self._excluded_resources)
        return Part(self.action, self._glob.written, self.conditions, excluded)

    def covers(self, use: Use) -> bool:
        """Whether it may have been what allowed a use; conditions are not looked at."""
        return bool(self.parts(use))

    def parts(self, use: Use) -> tuple[Part, ...]:
        """What of it a use may have needed; all where ``NotResource`` excludes some of the use."""
        if not self._is_about(use.action) or self._excludes(use):
            return ()
        action = self.action if use.action == "*" else use.action
        if any(it.has_variables or it.overlaps(use.resource) for it in self._excluded_resources):
            return (self.whole._replace(action=action),)
        return tuple(
            Part(action, resource, self.conditions)
            for resource in self._glob.common_with(use.resource)
        )

    def _is_about(self, action: str) -> bool:
        lower = action.lower()
        if any(pattern.matches(lower, _NOTHING) for pattern in self._excluded_actions):
            return False
        return action == "*" or bool(self._action.matches(lower, _NOTHING))

    def _excludes(self, use: Use) -> bool:
        whole = part_of_use(use).resource
        return use.resource != "*" and any(
            whole in glob.common_with(use.resource)
            for glob in self._excluded_resources
            if not glob.has_variables
        )


def grants_of(policies: Iterable[Policy]) -> list[Grant]:
    """All that policies allow, in their order."""
    return [
        grant
        for policy in policies
        for statement in policy.statements
        if statement.effect is Effect.ALLOW
        for grant in _grants(policy, statement)
    ]


def conditions_of(policy: Policy, statement: Statement) -> tuple[Condition, ...]:
    """A statement's conditions as a policy of 2012, where ``${`` begins a variable, has them."""
    if policy.has_variables:
        return statement.conditions
    return tuple(
        replace(one, values=tuple(value.replace("${", "${$}{") for value in one.values))
        for one in statement.conditions
    )


def parts_used(grants: Iterable[Grant], use: Use) -> list[Part]:
    """What of some grants has allowed a use; what surely has if there is such a grant.

    Nothing, if the policy of a resource or no policy at all has allowed it.
    """
    found = [grant for grant in grants if grant.covers(use)]
    whole = part_of_use(use).resource
    sure = [
        grant
        for grant in found
        if not grant.depends_on_request and any(it.resource == whole for it in grant.parts(use))
    ]
    return [part for grant in sure or found for part in grant.parts(use)]


def part_of_use(use: Use) -> Part:
    """All that is known of a use, as a policy names it."""
    has_wildcard = use.resource == "*" or use.resource.endswith("/*")
    resource = escaped(use.resource[:-1]) + "*" if has_wildcard else escaped(use.resource)
    return Part(use.action, resource)


def _grants(policy: Policy, statement: Statement) -> Iterator[Grant]:
    for action in _written(statement.action):
        for resource in _written(statement.resource):
            yield Grant(policy, statement, action, resource)


def _written(element: Element | None) -> tuple[str, ...]:
    """``*`` for what is not named; a statement without a resource is about every one."""
    return ("*",) if element is None or element.negated else element.values


def _action_pattern(action: str) -> Pattern:
    return text_pattern(action.lower(), variables=False, wildcards=True)


def _excluded(element: Element | None) -> tuple[str, ...]:
    return element.values if element is not None and element.negated else ()
