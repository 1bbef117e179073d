"""Stands in for what a gateway asks, where a test has none of it: nobody is known or answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.apigateway.authorizers.iam import NotPermittedError
from cloudworthy.local.apigateway.authorizers.policy import INVOKE
from cloudworthy.local.apigateway.authorizers.user_pool_keys import KeySetUnavailableError
from cloudworthy.local.apigateway.caller import Signer
from cloudworthy.local.apigateway.definition import AwsService, UserPool
from cloudworthy.local.model.http import Request, Response, UnreachableError


class NoSignatures:
    """No request counts as signed."""

    def signer_of(self, request: Request) -> Signer | None:  # noqa: ARG002 - the Protocol's
        return None

    async def permit(
        self,
        signer: Signer,
        method_arn: str,
        request: Request,  # noqa: ARG002 - the Protocol's
        *,
        granted: bool = False,  # noqa: ARG002 - the Protocol's
        action: str = INVOKE,
    ) -> None:
        raise NotPermittedError(f"{signer.arn}: {action} on {method_arn}")


class NoUserPools:
    """No token is good."""

    async def key_set(self, pool: UserPool) -> Mapping[str, Any]:
        raise KeySetUnavailableError(f"{pool.issuer} is not known here")


class NoServers:
    """No web server answers."""

    async def send(
        self,
        method: str,
        url: str,
        headers: list[tuple[str, str]],  # noqa: ARG002 - the Protocol's
        body: bytes = b"",  # noqa: ARG002 - the Protocol's
    ) -> Response:
        raise UnreachableError(f"{method} {url}: there is no way out")


class NoServices:
    """No AWS service answers."""

    async def send(self, request: Request, service: AwsService) -> Response:
        raise AssertionError(f"{service.name} is called: {request.target}")
