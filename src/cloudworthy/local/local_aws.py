"""AWS on this machine, without the data planes: endpoint, engines, and what they report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.endpoint.server import AwsEndpoint
from cloudworthy.local.engines.dynoxide import Dynoxide
from cloudworthy.local.engines.external import ExternalEndpoint
from cloudworthy.local.engines.moto import MotoServer
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.observe.calls import CallLog
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.wire.server import HttpServer

_LARGEST_BODY_BYTES = 5 * 1024**3
"""Source: Amazon S3 user guide, "Uploading objects" (documented): 5 GB in one request."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Where the engines' binaries are, and another AWS-compatible server in the place of moto."""

    tools: Path
    services_endpoint: str | None = None


class LocalAws:
    """The AWS endpoint of one account and region, with its engines as child processes.

    Parameters
    ----------
    directory
        Where the engines keep their data.
    """

    def __init__(
        self,
        directory: Path,
        options: EngineOptions,
        guard: ProcessGuard,
        *,
        account: str,
        region: str,
        clock: Clock,
    ) -> None:
        self.credentials = CredentialStore(account, clock=clock)
        self.decider = AllowAll()
        self._calls = CallLog(directory)
        self._dynamodb = Dynoxide(
            options.tools, directory, guard=guard, account=account, region=region, clock=clock
        )
        self._services: MotoServer | ExternalEndpoint
        if options.services_endpoint is None:
            self._services = MotoServer(
                directory, guard=guard, account=account, region=region, clock=clock
            )
        else:
            self._services = ExternalEndpoint(options.services_endpoint)
        self._lambda_api: Handler = _no_functions
        self._endpoint = AwsEndpoint(
            dynamodb=self._dynamodb,
            services=self._services,
            lambda_api=self._call_lambda,
            credentials=self.credentials,
            decider=self.decider,
            calls=self._calls,
            region=region,
            clock=clock,
        )
        self._server = HttpServer(self._endpoint.handle, max_body_bytes=_LARGEST_BODY_BYTES)
        self.url = ""

    @property
    def services(self) -> Backend:
        """The engine of every service but DynamoDB, for calls of the runtime itself."""
        return self._services

    async def listen(self, port: int) -> str:
        """Open the endpoint's port; calls wait for the engines."""
        number = await self._server.start(port, option="--endpoint-port")
        self.url = f"http://127.0.0.1:{number}"
        return self.url

    async def start_engines(self) -> None:
        await asyncio.gather(self._dynamodb.start(), self._services.start())

    def serve_lambda(self, handler: Handler) -> None:
        """Hand the calls of Lambda's own API to this."""
        self._lambda_api = handler

    async def stop(self) -> None:
        await self._server.stop()
        await asyncio.gather(self._dynamodb.stop(), self._services.stop())
        self._calls.close()

    async def _call_lambda(self, request: Request) -> Response:
        return await self._lambda_api(request)


async def _no_functions(_request: Request) -> Response:
    headers = [("Content-Type", "application/json"), ("Retry-After", "1")]
    return Response(503, headers, b'{"message":"The functions have not been started yet"}')
