"""What policies allow, one action on one resource at a time, and which calls that may have let in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from cloudworthy.local.iam.pattern import Pattern, is_everything, text_pattern
from cloudworthy.local.iam.policy import Condition, Effect, Element, Policy, Statement
from cloudworthy.local.iam.request import Context
from cloudworthy.local.permissions.globs import Glob
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
    """What of a grant, or all of it, a call has used: text of a policy of the version of 2012."""

    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()


class Grant:
    """One action that one Allow statement names on one of its resources.

    ``NotAction`` and ``NotResource``, which name what is not allowed, make one grant of all else.
    """

    def __init__(self, policy: Policy, statement: Statement, action: str, resource: str) -> None:
        self.action = action
        self.resource = resource
        self.conditions = statement.conditions
        self._not_actions = statement.action.negated
        self._actions = statement.action.values if self._not_actions else (action,)
        element = statement.resource
        self._not_resources = element is not None and element.negated
        named = element.values if element and self._not_resources else (resource,)
        self._globs = tuple(Glob.of(one, variables=policy.has_variables) for one in named)

    @property
    def text(self) -> str:
        return f"{self.action} on {self.resource}"

    @property
    def has_wildcard(self) -> bool:
        return any(sign in self.text for sign in "*?") or self._not_actions or self._not_resources

    @property
    def is_about_circumstances(self) -> bool:
        """Whether it allows some calls of one kind and others not."""
        return bool(self.conditions) or any(glob.has_variables for glob in self._globs)

    @property
    def reason(self) -> str:
        """Why the role has to have it though no call of the function uses it; mostly empty."""
        return _USED_BY_LAMBDA.get(self.action.lower(), "")

    @property
    def whole(self) -> Part:
        return Part(self.action, self.resource, self.conditions)

    def covers(self, use: Use) -> bool:
        """Whether it may have been what allowed a use; conditions are not looked at."""
        return self._is_about(use.action) and bool(self._common(use.resource))

    def parts(self, use: Use) -> Iterator[Part]:
        """What of it covers a use, and nothing else."""
        action = self.action if use.action == "*" else use.action
        for resource in self._common(use.resource):
            yield Part(action, resource, self.conditions)

    def _is_about(self, action: str) -> bool:
        return action == "*" or self._not_actions is not any(
            bool(pattern.matches(action.lower(), _NOTHING)) for pattern in self._patterns
        )

    @cached_property
    def _patterns(self) -> tuple[Pattern, ...]:
        return tuple(
            text_pattern(one.lower(), variables=False, wildcards=True) for one in self._actions
        )

    def _common(self, seen: str) -> tuple[str, ...]:
        """The resources of both, as a policy writes them."""
        if self._not_resources:
            excluded = any(glob.common_with(seen) for glob in self._globs)
            return () if excluded else (Glob.of_seen(seen).written,)
        return self._globs[0].common_with(seen)


def grants_of(policies: Iterable[Policy]) -> list[Grant]:
    """All that some policies allow, each text once."""
    found = {}
    for policy in policies:
        for statement in policy.statements:
            if statement.effect is Effect.ALLOW:
                for grant in _grants(policy, statement):
                    found.setdefault((grant.text, grant.conditions), grant)
    return list(found.values())


def _grants(policy: Policy, statement: Statement) -> Iterator[Grant]:
    resources = ("*",) if statement.resource is None else _written(statement.resource, "Resource")
    for action in _written(statement.action, "Action"):
        for resource in resources:
            yield Grant(policy, statement, action, resource)


def _written(element: Element, name: str) -> tuple[str, ...]:
    return (f"Not{name} {', '.join(element.values)}",) if element.negated else element.values


def covering(grants: Iterable[Grant], use: Use) -> list[Grant]:
    """The grants that may have allowed a use, only those sure to have if there are any."""
    found = [grant for grant in grants if grant.covers(use)]
    if use.resource == "*":
        found = [grant for grant in found if is_everything(grant.resource)] or found
    return [grant for grant in found if not grant.is_about_circumstances] or found
