"""Decides on every call to the AWS endpoint by the policies of the stack."""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

import orjson

from cloudworthy.local.endpoint.authorization.context import global_keys, service_caller_keys
from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.authorization.requirements import authorization_of
from cloudworthy.local.endpoint.call import Operation, Protocol
from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.decision import ApiCall, ApiInvocation, Decision, KeyObstacle
from cloudworthy.local.iam.denial import denial_message, smallest_statement
from cloudworthy.local.iam.evaluation import Evaluation, Outcome, evaluate
from cloudworthy.local.iam.policy import parse_policy
from cloudworthy.local.iam.principals import is_root, is_service
from cloudworthy.local.iam.request import AuthorizationRequest, ContextValue
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.permissions.current_policies import CurrentPolicies
from cloudworthy.local.permissions.implied_calls import ImpliedCalls, KeyCall
from cloudworthy.local.permissions.resource_policies import owner_of
from cloudworthy.local.permissions.stack_policies import StackPolicies
from cloudworthy.local.permissions.usage import (
    ALLOWED,
    DENIED,
    WOULD_BE_DENIED,
    UsageStore,
    Use,
)

_log = logging.getLogger(__name__)
_ALLOWED = Decision(allowed=True)
_GRANTED = CompiledPolicy(
    parse_policy(
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
        name="API",
    ),
    PolicyKind.RESOURCE,
)
"""Of an API, in the place of its own policy, which API Gateway has found to let the caller in."""
_OF_ROOT = frozenset({"s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"})
"""What the root of an account may whatever the policy of its bucket says.

Source: Amazon S3 API reference, "PutBucketPolicy" (documented).
"""
_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}


class Mode(enum.StrEnum):
    """What becomes of a call that no policy allows."""

    ENFORCE = "enforce"
    AUDIT = "audit"
    OFF = "off"


_DESCRIPTIONS = {
    Mode.ENFORCE: "IAM: enforced. A call that the role of its function does not allow is refused.",
    Mode.AUDIT: "IAM: audited. A call that the role of its function does not allow goes through; "
    "cloudworthy iam lists it.",
}


class PolicyDecider:
    """A ``Decider`` by roles and resource policies.

    The person at the machine is the account's root: only an explicit deny of a resource policy
    stops a call of theirs, whatever it is.

    Parameters
    ----------
    mode
        ``ENFORCE`` or ``AUDIT``.
    account
        Whose resources a request names when it does not say.
    current
        What programs put in the place of the template's policies.
    """

    def __init__(
        self,
        mode: Mode,
        account: str,
        uses: UsageStore,
        clock: Clock,
        current: CurrentPolicies,
    ) -> None:
        self._mode = mode
        self._current = current
        self._account = account
        self._uses = uses
        self._clock = clock
        self._policies = StackPolicies(account)
        self._implied: ImpliedCalls | None = None

    @property
    def description(self) -> str:
        return _DESCRIPTIONS[self._mode]

    @property
    def policies(self) -> StackPolicies:
        """What is decided by."""
        return self._policies

    def use(self, policies: StackPolicies) -> None:
        """Decide by these from the next call on."""
        self._policies = policies

    def imply(self, implied: ImpliedCalls) -> None:
        """Decide, besides each call, on what it implies."""
        self._implied = implied

    async def decide(self, call: ApiCall) -> Decision:
        try:
            requests = list(await self._requests(call))
            owners = {owner_of(arn) for request in requests for arn in request.resources}
            current = await self._current.of(owners)
        except UnclassifiedRequestError as error:
            return self._unclassified(call, error)
        for request in requests:
            evaluation = evaluate(
                request, self._policies.applicable(request.principal, request.resources, current)
            )
            quiet = call.implied and is_service(call.principal)
            decision = self._decision(request, evaluation, quiet=quiet)
            if not decision.allowed:
                return decision
        if self._implied is None:
            return _ALLOWED
        return await self._decide_on_keys(await self._implied.of(call, requests))

    async def decide_answer(self, call: ApiCall, response: Response) -> Decision:
        """Whether the caller may have the answer to a call that was allowed."""
        if self._implied is None:
            return _ALLOWED
        return await self._decide_on_keys(await self._implied.of_answer(call, response))

    async def decide_invocation(self, invocation: ApiInvocation) -> Decision:
        arn, principal = invocation.method_arn, invocation.principal
        keys = global_keys(
            invocation.request,
            principal,
            account=self._account,
            region=invocation.region,
            now=self._clock.now(),
        )
        keys |= self._policies.tags_of(principal)
        request = AuthorizationRequest(principal, invocation.action, (arn,), keys)
        policies = self._policies.applicable(principal, ())
        if invocation.granted:
            policies = replace(policies, resource_policies={arn: _GRANTED})
        return self._decision(request, evaluate(request, policies))

    async def _requests(self, call: ApiCall) -> Iterable[AuthorizationRequest]:
        return await authorization_of(
            call.request,
            Operation(call.service, call.operation, _PROTOCOLS[call.content_type]),
            call.principal,
            account=self._account,
            region=call.region,
            lookup=self._policies.lookup,
            now=self._clock.now(),
            caller_keys=self._caller_keys(call.principal),
            via=call.via,
        )

    async def _decide_on_keys(self, uses: Iterable[KeyCall]) -> Decision:
        """A key that is not in use stands in the way of whoever may use it."""
        for use in uses:
            decision = await self.decide(use.call)
            if not decision.allowed:
                return replace(decision, key=KeyObstacle.ACCESS_DENIED)
            obstacle = use.key.obstacle
            if obstacle is not None and self._mode is Mode.ENFORCE:
                return Decision(allowed=False, message=use.key.complaint, key=obstacle)
        return _ALLOWED

    def _caller_keys(self, principal: Principal) -> Mapping[str, ContextValue]:
        if not principal.source_arn:
            return self._policies.tags_of(principal)
        keys = service_caller_keys(principal.arn, principal.source_arn)
        return {**keys, "AWS:SourceOwner": keys.get("aws:SourceAccount", "")}

    def _decision(
        self, request: AuthorizationRequest, evaluation: Evaluation, *, quiet: bool = False
    ) -> Decision:
        principal = request.principal
        if is_root(principal) and (
            evaluation.outcome is not Outcome.EXPLICIT_DENY or request.action in _OF_ROOT
        ):
            return _ALLOWED
        if evaluation.allowed:
            for resource in request.resources:
                self._uses.put(_use(principal, request.action, resource, ALLOWED))
            return _ALLOWED
        message = denial_message(request, evaluation)
        kind = evaluation.kind.value if evaluation.kind else ""
        fresh = [
            self._put_denied(principal, request.action, resource, kind)
            for resource in evaluation.denied_resources or (evaluation.resource,)
        ]
        if any(fresh) and not quiet:
            via = request.context.get("kms:ViaService")
            said = f"{self._said} by way of {via}" if via else self._said
            _log.warning("%s: %s.%s", said, message, self._hint(request, evaluation))
        return self._refusal(message)

    def _unclassified(self, call: ApiCall, error: UnclassifiedRequestError) -> Decision:
        """Nothing allows what cannot be told; root needs no permission for it."""
        if is_root(call.principal):
            return _ALLOWED
        action = f"{call.service}:{call.operation}"[:200]
        message = f"User: {call.principal.arn or 'anonymous'} is not authorized to perform: "
        message += f"{action}. {error}"
        if self._put_denied(call.principal, action, "*", ""):
            _log.warning("%s: %s", self._said, message)
        return self._refusal(message)

    def _put_denied(self, principal: Principal, action: str, resource: str, kind: str) -> bool:
        outcome = DENIED if self._mode is Mode.ENFORCE else WOULD_BE_DENIED
        return self._uses.put(_use(principal, action, resource, outcome, kind))

    def _refusal(self, message: str) -> Decision:
        if self._mode is Mode.AUDIT:
            return _ALLOWED
        return Decision(allowed=False, message=message)

    @property
    def _said(self) -> str:
        return "IAM refused a call" if self._mode is Mode.ENFORCE else "IAM would refuse a call"

    def _hint(self, request: AuthorizationRequest, evaluation: Evaluation) -> str:
        """The smallest statement that would help, and where it belongs."""
        if not self._policies.knows(request.principal):
            return " The role is none of this stack, so its policies are not known"
        statement = smallest_statement(request, evaluation)
        if statement is None or evaluation.kind is None:
            return ""
        return f" This would allow it in the {evaluation.kind.value}: " + (
            orjson.dumps(statement).decode()
        )


def _use(
    principal: Principal, action: str, resource: str, outcome: str, missing_in: str = ""
) -> Use:
    caller = principal.role_arn or principal.arn or "anonymous"
    return Use(caller, principal.function_logical_id, action, resource, outcome, missing_in)
