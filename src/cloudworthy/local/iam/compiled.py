"""Policies made ready once, so that deciding on a request takes microseconds."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from cloudworthy.local.iam.conditions import compile_condition
from cloudworthy.local.iam.pattern import (
    ARN_COLONS,
    Pattern,
    arn_pattern,
    is_everything,
    is_literal,
    text_pattern,
)
from cloudworthy.local.iam.policy import Effect, Element, Policy, Statement
from cloudworthy.local.iam.principals import PrincipalMatcher
from cloudworthy.local.iam.request import Context


class PolicyKind(enum.Enum):
    """Where a policy stands; the value is what AWS calls it in a refusal."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"


@dataclass(frozen=True, slots=True)
class StatementReference:
    """Which statement decided."""

    kind: PolicyKind
    policy: str
    index: int
    sid: str

    def __str__(self) -> str:
        return f"{self.policy}.{self.sid or f'Statement[{self.index}]'}"


class CompiledPolicy:
    """A policy of one kind, ready to be evaluated."""

    __slots__ = ("allows", "denies", "kind", "name")

    def __init__(self, policy: Policy, kind: PolicyKind) -> None:
        self.kind = kind
        self.name = policy.name
        compiled = [CompiledStatement(policy, kind, one) for one in policy.statements]
        self.allows = tuple(one for one in compiled if one.effect is Effect.ALLOW)
        self.denies = tuple(one for one in compiled if one.effect is Effect.DENY)


class CompiledStatement:
    """A statement, ready to be compared; the cheapest comparison comes first."""

    __slots__ = ("_actions", "_conditions", "_resources", "effect", "principal", "reference")

    def __init__(self, policy: Policy, kind: PolicyKind, statement: Statement) -> None:
        variables = policy.has_variables
        self.effect = statement.effect
        self.reference = StatementReference(kind, policy.name, statement.index, statement.sid)
        self.principal = PrincipalMatcher(statement.principal)
        self._actions = _Actions(statement.action)
        self._resources = _Resources(statement.resource, kind, variables=variables)
        self._conditions = tuple(
            compile_condition(condition, variables=variables) for condition in statement.conditions
        )

    def applies(self, action: str, resource: str, context: Context) -> bool:
        """Whether it is about an action, in lower case, on a resource in these circumstances."""
        return (
            self._actions.match(action)
            and self._resources.match(resource, context)
            and all(meets(context) for meets in self._conditions)
        )


class _Actions:
    """``Action`` or ``NotAction``: names in a set, patterns in one expression for a service."""

    __slots__ = ("_everything", "_exact", "_negated", "_patterns")

    def __init__(self, element: Element) -> None:
        values = {value.lower() for value in element.values}
        patterned = sorted(value for value in values if "*" in value or "?" in value)
        self._negated = element.negated
        self._everything = any(is_everything(value) for value in values)
        self._exact = frozenset(values - set(patterned))
        by_service: dict[str, list[str]] = {}
        for value in patterned:
            by_service.setdefault(value.partition(":")[0], []).append(_expression_of(value))
        self._patterns = {s: re.compile("|".join(found)) for s, found in by_service.items()}

    def match(self, action: str) -> bool:
        return self._contains(action) is not self._negated

    def _contains(self, action: str) -> bool:
        if self._everything or action in self._exact:
            return True
        pattern = self._patterns.get(action.partition(":")[0])
        return pattern is not None and pattern.fullmatch(action) is not None


class _Resources:
    """``Resource`` or ``NotResource``; a statement without either is about every resource."""

    __slots__ = ("_dynamic", "_everything", "_exact", "_negated", "_static")

    def __init__(self, element: Element | None, kind: PolicyKind, *, variables: bool) -> None:
        values = element.values if element else ("*",)
        self._negated = element is not None and element.negated
        self._everything = any(is_everything(value) for value in values)
        self._exact = frozenset(value for value in values if _is_whole_arn(value))
        others = (v for v in values if v not in self._exact and not is_everything(v))
        found = (_resource_pattern(value, kind, variables=variables) for value in others)
        patterns = [pattern for pattern in found if pattern is not None]
        self._dynamic = tuple(pattern for pattern in patterns if pattern.source is None)
        static = [pattern.source for pattern in patterns if pattern.source is not None]
        self._static = re.compile("|".join(static), re.DOTALL) if static else None

    def match(self, resource: str, context: Context) -> bool:
        """A variable without a value makes the whole element match nothing, negated or not."""
        if self._is_named(resource):
            return not self._negated
        results = [pattern.matches(resource, context) for pattern in self._dynamic]
        if self._negated:
            return not any(result is None or result for result in results)
        return any(results)

    def _is_named(self, resource: str) -> bool:
        if self._everything or resource in self._exact:
            return True
        return self._static is not None and self._static.fullmatch(resource) is not None


def _is_whole_arn(value: str) -> bool:
    return is_literal(value) and value.count(":") >= ARN_COLONS


def _expression_of(action: str) -> str:
    return text_pattern(action, variables=False, wildcards=True).source or ""


def _resource_pattern(value: str, kind: PolicyKind, *, variables: bool) -> Pattern | None:
    """A short ARN is completed in the policies of a caller, elsewhere only if it has a wildcard."""
    pad = kind is not PolicyKind.RESOURCE or "*" in value
    return arn_pattern(value, variables=variables, pad=pad)
