"""The policies of resources as they are now, whoever put them there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from cloudworthy.local.endpoint.authorization.errors import UnclassifiedRequestError
from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.watching import AnswerCheck, Watcher
from cloudworthy.local.iam.compiled import CompiledPolicy, PolicyKind
from cloudworthy.local.iam.policy import MalformedPolicyDocumentError, parse_policy
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.permissions.bucket_policies import BucketPolicies, BucketPolicyApi
from cloudworthy.local.permissions.engine_policies import SERVICES, EnginePolicies
from cloudworthy.local.permissions.function_policies import FunctionPolicies
from cloudworthy.local.permissions.put_documents import PUT_POLICIES_FILE, PutDocuments

_OF_ROLES = (
    "AttachRolePolicy", "CreatePolicyVersion", "DeleteRolePermissionsBoundary", "DeleteRolePolicy",
    "DetachRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy", "SetDefaultPolicyVersion",
    "TagRole", "UntagRole", "UpdateAssumeRolePolicy",
)  # fmt: skip
"""What would change what roles may do: no engine knows the roles of a stack."""


class Endpoint(Protocol):
    """Where policies are put: the AWS endpoint."""

    def watch(self, service: str, watcher: Watcher) -> None:
        """Show this the answered calls of a service."""
        ...

    def answer(self, service: str, operation: str, handler: Handler) -> None:
        """Have this carry out an operation from now on."""
        ...

    def check(self, service: str, check: AnswerCheck) -> None:
        """Have this look at the answers of a service before their callers do."""
        ...


class CurrentPolicies:
    """What programs put on resources while the stack runs, over what the template says.

    Parameters
    ----------
    directory
        The state directory of the stack.
    """

    def __init__(self, directory: Path) -> None:
        put = PutDocuments(directory / PUT_POLICIES_FILE)
        self._buckets = BucketPolicies(put)
        self._functions = FunctionPolicies(put)
        self._engine: EnginePolicies | None = None
        self._compiled: dict[str, tuple[Mapping[str, Any], CompiledPolicy]] = {}

    def follow(self, endpoint: Endpoint, engine: Backend, region: str) -> None:
        """Answer for the policies of buckets and functions, and see when others change."""
        known = self._engine = EnginePolicies(engine)
        for service in SERVICES:
            endpoint.watch(service, known.forget_changed)
        endpoint.watch("s3", self._buckets.forget_deleted)
        buckets = BucketPolicyApi(self._buckets, engine, region)
        endpoint.answer("s3", "PutBucketPolicy", buckets.put)
        endpoint.answer("s3", "GetBucketPolicy", buckets.get)
        endpoint.answer("s3", "DeleteBucketPolicy", buckets.delete)
        endpoint.answer("s3", "GetBucketPolicyStatus", buckets.status)
        for operation in _OF_ROLES:
            endpoint.answer("iam", operation, _refuse_of_role)
        endpoint.answer("dynamodb", "PutResourcePolicy", _refuse_of_table)
        endpoint.answer("lambda", "AddPermission", self._functions.add)
        endpoint.answer("lambda", "RemovePermission", self._functions.remove)
        endpoint.answer("lambda", "GetPolicy", self._functions.get)

    def declare(self, deployment: Deployment) -> None:
        """What the template says from now on."""
        self._buckets.declare(deployment)
        self._functions.declare(deployment)

    async def of(self, owners: Iterable[str]) -> dict[str, CompiledPolicy | None]:
        """The policies that are not, or may not be, the template's.

        Raises
        ------
        AwsError
            The engine is down: nothing can be decided without it.
        UnclassifiedRequestError
            One is no policy that AWS would take, so that nothing allows the request.
        """
        found: dict[str, CompiledPolicy | None] = {}
        for owner in owners:
            if self._buckets.changed(owner):
                found[owner] = self._policy(owner, self._buckets.of(owner))
            elif self._functions.changed(owner):
                found[owner] = self._policy(owner, self._functions.of(owner))
            elif self._engine is not None and self._engine.keeps(owner):
                kept = await self._engine.of(owner)
                if kept is not None:
                    found[owner] = self._policy(owner, kept.policy)
        return found

    def _policy(self, owner: str, document: Mapping[str, Any] | None) -> CompiledPolicy | None:
        if document is None:
            return None
        known = self._compiled.get(owner)
        if known is not None and known[0] == document:
            return known[1]
        try:
            policy = parse_policy(document, name=owner.rpartition(":")[2])
        except MalformedPolicyDocumentError as error:
            raise UnclassifiedRequestError(f"the policy of {owner} is none: {error}") from error
        compiled = CompiledPolicy(policy, PolicyKind.RESOURCE)
        self._compiled[owner] = (document, compiled)
        return compiled


async def _refuse_of_role(_request: Request) -> Response:
    message = "The policies of roles come from the template on this machine"
    raise AwsError("NotImplemented", message, 501)


async def _refuse_of_table(_request: Request) -> Response:
    message = "A resource policy of tables is not decided by on this machine"
    raise AwsError("NotImplemented", message, 501)
