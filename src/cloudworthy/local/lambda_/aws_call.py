"""Calls of AWS APIs that Lambda itself makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Credentials

CredentialsOf = Callable[[Function], Credentials]

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class AwsCall:
    """A request to a service, not signed yet."""

    service: str
    """By its signing name."""
    region: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class RoleCaller:
    """Signs calls with the credentials of a function's role and hands them to the endpoint.

    So whatever decides there about the calls of a function decides about these.
    """

    def __init__(self, endpoint: Handler, credentials_of: CredentialsOf) -> None:
        self._endpoint = endpoint
        self._credentials_of = credentials_of

    async def send(self, call: AwsCall, function: Function) -> Response:
        return await self._endpoint(await signed(call, self._credentials_of(function)))


async def signed(call: AwsCall, credentials: Credentials) -> Request:
    """The call as a request with its signature."""
    # In a thread because botocore takes a while to import.
    return await asyncio.to_thread(_sign, call, credentials)


def _sign(call: AwsCall, credentials: Credentials) -> Request:
    from botocore import auth, awsrequest  # noqa: PLC0415 - most runs do without it
    from botocore.credentials import ReadOnlyCredentials  # noqa: PLC0415

    keys = ReadOnlyCredentials(
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token or None,
    )
    signer = auth.S3SigV4Auth if call.service == "s3" else auth.SigV4Auth
    unsigned = awsrequest.AWSRequest(
        call.method, f"http://{_HOST}{call.target}", {**call.headers}, call.body
    )
    unsigned.headers["Host"] = _HOST
    signer(keys, call.service, call.region).add_auth(unsigned)
    return Request(call.method, call.target, list(unsigned.headers.items()), call.body)
