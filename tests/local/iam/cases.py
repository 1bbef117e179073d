"""One request with all policies that apply to it, in the form of each evaluator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.evaluation import ApplicablePolicies, Evaluation, evaluate
from cloudworthy.local.iam.policy import parse_policy
from cloudworthy.local.iam.request import AuthorizationRequest, ContextValue
from cloudworthy.local.model.identity import Principal

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    session: Document | None = None
    resource_policy: Document | None = None

    def evaluate(self) -> Evaluation:
        """What our evaluator says."""
        resource_policy = _compiled(self.resource_policy, PolicyKind.RESOURCE)
        policies = ApplicablePolicies(
            identity=tuple(
                compiled(document, PolicyKind.IDENTITY, f"identity{i}")
                for i, document in enumerate(self.identity)
            ),
            boundary=_compiled(self.boundary, PolicyKind.BOUNDARY),
            session=_compiled(self.session, PolicyKind.SESSION),
            resource_policies={self.resource: resource_policy} if resource_policy else {},
        )
        request = AuthorizationRequest(
            self.principal, self.action, (self.resource,), self.context, self.resource_account
        )
        return evaluate(request, policies)

    def for_oracle(self) -> Document:
        """The same for the other evaluator, as JSON."""
        return {
            "principal": self.principal.arn,
            "action": self.action,
            "resource": self.resource,
            "resourceAccount": self.resource_account,
            "context": {
                key: value if isinstance(value, str) else list(value)
                for key, value in self.context.items()
            },
            "identity": list(self.identity),
            "boundary": self.boundary,
            "session": self.session,
            "resourcePolicy": self.resource_policy,
        }


def compiled(document: object, kind: PolicyKind, name: str = "") -> CompiledPolicy:
    return CompiledPolicy(parse_policy(document, name=name or kind.name.lower()), kind)


def _compiled(document: Document | None, kind: PolicyKind) -> CompiledPolicy | None:
    return None if document is None else compiled(document, kind)
