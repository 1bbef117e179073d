"""Whether a request is allowed, and which statement of which policy decides.

Source: IAM user guide, "Policy evaluation logic", "Cross-account policy evaluation logic" and
"Permissions boundaries for IAM entities"; KMS developer guide, "Key policies" (documented).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind, StatementReference
from cloudworthy.local.iam.principals import Match, is_root, is_service
from cloudworthy.local.iam.request import AuthorizationRequest, Context


class Outcome(enum.Enum):
    ALLOWED = "Allowed"
    EXPLICIT_DENY = "ExplicitlyDenied"
    IMPLICIT_DENY = "ImplicitlyDenied"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to a request.

    For several resources it is that of the first one denied, an explicit deny before any other.
    """

    outcome: Outcome
    resource: str
    kind: PolicyKind | None
    """Where it was decided; in an implicit deny, where an Allow is missing. None for what needs
    no policy: the root of the account."""
    statement: StatementReference | None = None
    """The Allow or Deny that decided; None if there is none, as in an implicit deny."""
    denied_resources: tuple[str, ...] = ()
    """All resources of the request with the same outcome and reason."""

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED


@dataclass(frozen=True, slots=True)
class ApplicablePolicies:
    """All that has to be asked about one caller and the resources of a request.

    Parameters
    ----------
    boundary
        None without a permissions boundary.
    session
        None without a policy of the session.
    resource_policies
        By the ARN the request names, e.g. a bucket's policy under the ARN of the object.
    """

    identity: tuple[CompiledPolicy, ...] = ()
    boundary: CompiledPolicy | None = None
    session: CompiledPolicy | None = None
    resource_policies: Mapping[str, CompiledPolicy] = field(default_factory=dict)


def evaluate(request: AuthorizationRequest, policies: ApplicablePolicies) -> Evaluation:
    """Decide on a request; every resource has to be allowed."""
    context = Context(request.context)
    action = request.action.lower()
    results = [
        _Decision(request, policies, action, resource, context).make()
        for resource in request.resources
    ]
    worst = min(results, key=lambda result: _SEVERITY[result.outcome])
    if worst.allowed:
        return worst
    alike = (r.resource for r in results if (r.outcome, r.kind) == (worst.outcome, worst.kind))
    return Evaluation(worst.outcome, worst.resource, worst.kind, worst.statement, tuple(alike))


_NEEDS_NO_PERMISSION = "sts:getcalleridentity"
"""Answered even to whom it is denied. Source: STS API reference, GetCallerIdentity (documented)."""
_SEVERITY = {Outcome.EXPLICIT_DENY: 0, Outcome.IMPLICIT_DENY: 1, Outcome.ALLOWED: 2}


@dataclass(frozen=True, slots=True)
class _Grant:
    """The most direct Allow of a resource policy."""

    match: Match = Match.NONE
    statement: StatementReference | None = None


class _Decision:
    """One action on one resource."""

    __slots__ = ("_action", "_context", "_policies", "_request", "_resource", "_resource_policy")

    def __init__(
        self,
        request: AuthorizationRequest,
        policies: ApplicablePolicies,
        action: str,
        resource: str,
        context: Context,
    ) -> None:
        self._request = request
        self._policies = policies
        self._action = action
        self._resource = resource
        self._context = context
        self._resource_policy = policies.resource_policies.get(resource)

    def make(self) -> Evaluation:
        if self._action == _NEEDS_NO_PERMISSION and self._request.principal.arn:
            return self._allow(None)
        denied = self._explicit_deny()
        if denied is not None:
            return Evaluation(Outcome.EXPLICIT_DENY, self._resource, denied.kind, denied)
        grant = self._grant_of_resource()
        principal = self._request.principal
        if not principal.arn or is_service(principal):
            enough = grant.match is Match.DIRECT
            return self._allow(grant.statement) if enough else self._missing(PolicyKind.RESOURCE)
        if self._request.account_of(self._resource) != principal.account:
            return self._across_accounts(grant)
        return self._within_account(grant)

    def _across_accounts(self, grant: _Grant) -> Evaluation:
        """Both accounts have to agree."""
        missing = self._first_limit_not_met()
        if missing is None and not self._is_allowed_by_identity():
            missing = PolicyKind.IDENTITY
        if missing is None and grant.match is Match.NONE:
            missing = PolicyKind.RESOURCE
        return self._missing(missing) if missing else self._allow(grant.statement)

    def _within_account(self, grant: _Grant) -> Evaluation:
        """Either is enough; what is granted to the caller itself is not limited any further."""
        if grant.match is Match.DIRECT:
            return self._allow(grant.statement)
        limit = self._first_limit_not_met()
        by_identity = self._is_allowed_by_identity() and self._trusts_identity(grant)
        if grant.match < Match.ROLE and not by_identity:
            untrusted = self._resource_decides() and grant.match is Match.NONE
            return self._missing(PolicyKind.RESOURCE if untrusted else PolicyKind.IDENTITY)
        if limit is not None:
            return self._missing(limit)
        if by_identity:
            return self._allow(self._allow_of(self._policies.identity))
        return self._allow(grant.statement)

    def _explicit_deny(self) -> StatementReference | None:
        policies = self._policies
        limits = (one for one in (policies.boundary, policies.session) if one is not None)
        for policy in (*policies.identity, *limits):
            for statement in policy.denies:
                if statement.applies(self._action, self._resource, self._context):
                    return statement.reference
        return self._deny_of_resource()

    def _deny_of_resource(self) -> StatementReference | None:
        for statement in self._resource_policy.denies if self._resource_policy else ():
            # With a permissions boundary, NotPrincipal denies whomever it names. Source: IAM user
            # guide, "Permissions boundaries for IAM entities" (documented).
            everyone = statement.principal.negated and self._policies.boundary is not None
            if (
                everyone or statement.principal.match(self._request.principal)
            ) and statement.applies(self._action, self._resource, self._context):
                return statement.reference
        return None

    def _grant_of_resource(self) -> _Grant:
        best = _Grant()
        for statement in self._resource_policy.allows if self._resource_policy else ():
            match = statement.principal.match(self._request.principal)
            if match > best.match and statement.applies(
                self._action, self._resource, self._context
            ):
                best = _Grant(match, statement.reference)
        return best

    def _first_limit_not_met(self) -> PolicyKind | None:
        for limit in (self._policies.session, self._policies.boundary):
            if limit is not None and self._allow_of((limit,)) is None:
                return limit.kind
        return None

    def _is_allowed_by_identity(self) -> bool:
        if is_root(self._request.principal):
            return True
        return self._allow_of(self._policies.identity) is not None

    def _allow_of(self, policies: Iterable[CompiledPolicy]) -> StatementReference | None:
        for policy in policies:
            for statement in policy.allows:
                if statement.applies(self._action, self._resource, self._context):
                    return statement.reference
        return None

    def _trusts_identity(self, grant: _Grant) -> bool:
        return not self._resource_decides() or grant.match is Match.ACCOUNT

    def _resource_decides(self) -> bool:
        """Keys, and roles to be assumed, trust identity policies only if their policy says so."""
        if self._action.startswith("kms:"):
            return ":key/" in self._resource
        return self._action.startswith("sts:") and self._resource_policy is not None

    def _allow(self, statement: StatementReference | None) -> Evaluation:
        kind = statement.kind if statement else None
        return Evaluation(Outcome.ALLOWED, self._resource, kind, statement)

    def _missing(self, kind: PolicyKind) -> Evaluation:
        return Evaluation(Outcome.IMPLICIT_DENY, self._resource, kind)
