"""The decisions on one running stack: in which mode, by which policies, and what came of them."""

from __future__ import annotations

from pathlib import Path

from cloudworthy.local.iam.decision import AllowAll, Decider
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.current_policies import CurrentPolicies, Endpoint
from cloudworthy.local.permissions.decider import Mode, PolicyDecider
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
        self._uses: UsageStore | None = None
        self._policies: PolicyDecider | None = None
        if mode is not Mode.OFF:
            self._uses = UsageStore(directory / IAM_FILE)
            self._policies = PolicyDecider(mode, account, self._uses, clock, self._current)

    @property
    def decider(self) -> Decider:
        return self._policies or AllowAll()

    def follow(self, endpoint: Endpoint, engine: Backend, region: str) -> None:
        """See what policies programs put on resources; ``engine`` keeps some of them."""
        self._current.follow(endpoint, engine, region)

    def add(self, deployment: Deployment) -> None:
        """Decide by the policies of this deployment too, which is about to replace another.

        Raises
        ------
        TemplateError
            AWS would refuse a policy, or its contents are not known. Nothing has changed.
        """
        self._current.declare(deployment)
        if self._policies is not None:
            policies = StackPolicies.of(deployment)
            self._policies.use(policies.over(self._policies.policies))

    def replace(self, deployment: Deployment) -> None:
        """Decide by the policies of this deployment only."""
        self._current.declare(deployment)
        if self._policies is not None:
            self._policies.use(StackPolicies.of(deployment))

    def close(self) -> None:
        if self._uses is not None:
            self._uses.close()
