"""What backends beside functions are reached through."""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.apigateway.definition import AwsService
from cloudworthy.local.model.http import Request, Response, UnreachableError


class ServiceCalls(Protocol):
    """Signs calls of AWS services as a role and has them carried out."""

    async def send(self, request: Request, service: AwsService) -> Response:
        """Send an unsigned request to a service as the role that the integration names."""
        ...


class NoServices:
    """For a gateway without an AWS endpoint."""

    async def send(self, request: Request, service: AwsService) -> Response:  # noqa: ARG002
        return Response(503, [], b'{"message":"There is no AWS endpoint"}')


class NoServers:
    """For a gateway without a way out: no web server answers."""

    async def send(
        self,
        method: str,
        url: str,
        headers: list[tuple[str, str]],  # noqa: ARG002
        body: bytes = b"",  # noqa: ARG002
    ) -> Response:
        raise UnreachableError(f"{method} {url}: there is no way out")
