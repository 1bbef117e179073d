"""What backends beside functions are reached through."""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.apigateway.definition import AwsService
from cloudworthy.local.model.http import Request, Response


class ServiceCalls(Protocol):
    """Signs calls of AWS services as a role and has them carried out."""

    async def send(self, request: Request, service: AwsService) -> Response:
        """Send an unsigned request to a service as the role that the integration names."""
        ...
