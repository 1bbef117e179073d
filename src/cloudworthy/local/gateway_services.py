"""Calls of AWS services that API Gateway makes, with credentials of the roles it assumes."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition import AwsService
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.lambda_.aws_call import AwsCall, signed
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Credentials

_SESSION = "BackplaneAssumeRoleSession"
"""As API Gateway names its sessions in CloudTrail."""


class GatewayServices:
    """Signs calls as the role of an integration and hands them to the endpoint.

    So whatever decides there about the calls of a function decides about these.
    """

    def __init__(self, endpoint: Handler, credentials: CredentialStore) -> None:
        self._endpoint = endpoint
        self._store = credentials
        self._of_role: dict[str, Credentials] = {}

    async def send(self, request: Request, service: AwsService) -> Response:
        """Send an unsigned request to a service as the role that the integration names."""
        call = AwsCall(
            service=service.name,
            region=service.region,
            method=request.method,
            target=request.target,
            headers=dict(request.headers),
            body=request.body,
        )
        return await self._endpoint(await signed(call, self._credentials_of(service.role_arn)))

    def _credentials_of(self, role_arn: str) -> Credentials:
        if role_arn not in self._of_role:
            self._of_role[role_arn] = self._store.issue(role_arn, session_name=_SESSION)
        return self._of_role[role_arn]
