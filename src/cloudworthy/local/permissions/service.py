"""The decisions on one running stack: in which mode, by which policies, and what came of them."""

from __future__ import annotations

from pathlib import Path

from cloudworthy.local.endpoint.key_refusals import key_refusal
from cloudworthy.local.iam.decision import AllowAll, ApiCall, Decider
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.current_policies import CurrentPolicies, Endpoint
from cloudworthy.local.permissions.decider import Mode, PolicyDecider
from cloudworthy.local.permissions.implied_calls import READ_BY_ANSWER, ImpliedCalls
from cloudworthy.local.permissions.stack_policies import StackPolicies
from cloudworthy.local.permissions.usage import IAM_FILE, UsageStore


class Permissions:
    """Gives the endpoint its decider, and the decider the policies of what is deployed.

    Parameters
    ----------
    directory
        The state directory of the stack.
    """

    def __init__(self, mode: Mode, directory: Path, account: str, clock: Clock) -> None:
        self._current = CurrentPolicies(directory)
        self._implied: ImpliedCalls | None = None
        self._uses: UsageStore | None = None
        self._policies: PolicyDecider | None = None
        if mode is not Mode.OFF:
            self._uses = UsageStore(directory / IAM_FILE)
            self._policies = PolicyDecider(mode, account, self._uses, clock, self._current)

    @property
    def decider(self) -> Decider:
        return self._policies or AllowAll()

    def follow(self, endpoint: Endpoint, services: Backend, tables: Backend, region: str) -> None:
        """See what policies programs put on resources, and under which keys these are.

        ``services`` and ``tables`` are the engines, that of DynamoDB and that of all others.
        """
        self._current.follow(endpoint, services, region)
        decider = self._policies
        if decider is None:
            return
        self._implied = ImpliedCalls(services, tables, region)
        self._implied.follow(endpoint)
        decider.imply(self._implied)

        async def check(call: ApiCall, response: Response) -> None:
            decision = await decider.decide_answer(call, response)
            if decision.key is not None:
                raise key_refusal(call.service, decision.key, decision.message)

        for service in READ_BY_ANSWER:
            endpoint.check(service, check)

    def add(self, deployment: Deployment) -> None:
        """Decide by the policies of this deployment too, which is about to replace another.

        Raises
        ------
        TemplateError
            AWS would refuse a policy, or its contents are not known. Nothing has changed.
        """
        self._declare(deployment)
        if self._policies is not None:
            policies = StackPolicies.of(deployment)
            self._policies.use(policies.over(self._policies.policies))

    def replace(self, deployment: Deployment) -> None:
        """Decide by the policies of this deployment only."""
        self._declare(deployment)
        if self._policies is not None:
            self._policies.use(StackPolicies.of(deployment))

    def _declare(self, deployment: Deployment) -> None:
        self._current.declare(deployment)
        if self._implied is not None:
            self._implied.declare(deployment)

    def close(self) -> None:
        if self._uses is not None:
            self._uses.close()
