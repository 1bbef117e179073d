"""AWS on this machine, without the data planes: endpoint, engines, and what they report."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from cloudworthy.local.endpoint.capacity import ProvisionedCapacity
from cloudworthy.local.endpoint.server import AwsEndpoint, CallFaults
from cloudworthy.local.endpoint.watching import AnswerCheck, Watcher
from cloudworthy.local.engines.dynoxide import Dynoxide
from cloudworthy.local.engines.external import ExternalEndpoint
from cloudworthy.local.engines.moto import MotoServer
from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import Decider
from cloudworthy.local.model.arns import partition_of
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.identity import Principal, Workers
from cloudworthy.local.model.resources import Deployment
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
    decider
        Whether a principal may make a call.
    workers
        Tells functions from the person at the machine.
    capacity_clock
        By which tables with provisioned capacity throttle; they do not when there is none.
    faults
        What becomes of the calls that are allowed.
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
        decider: Decider,
        workers: Workers | None = None,
        capacity_clock: Clock | None = None,
        faults: CallFaults | None = None,
    ) -> None:
        self.credentials = CredentialStore(
            account, partition=partition_of(region), clock=clock, workers=workers
        )
        self.decider = decider
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
        self._own: dict[str, Handler] = {"lambda": _no_functions}
        self._capacity = ProvisionedCapacity(self._dynamodb, capacity_clock or clock)
        self._endpoint = AwsEndpoint(
            dynamodb=self._capacity if capacity_clock else self._dynamodb,
            services=self._services,
            own=self._own,
            credentials=self.credentials,
            decider=self.decider,
            calls=self._calls,
            region=region,
            clock=clock,
            faults=faults,
        )
        self._server = HttpServer(self._endpoint.handle, max_body_bytes=_LARGEST_BODY_BYTES)
        self.url = ""

    @property
    def services(self) -> Backend:
        """The engine of every service but DynamoDB, for calls of the runtime itself."""
        return self._services

    @property
    def tables(self) -> Backend:
        """The engine of DynamoDB, for calls of the runtime itself."""
        return self._dynamodb

    async def call(self, request: Request, caller: Principal | None = None) -> Response:
        """Carry out a call of the runtime's own as one that came through the port.

        It is signed, or comes from a service of AWS: then ``caller`` says from which.
        """
        response = await self._endpoint.handle(request, caller)
        # Without a connection that could be closed, a lost answer is the failure that it holds.
        return replace(response, lost=False) if response.lost else response

    async def listen(self, port: int) -> str:
        """Open the endpoint's port; calls wait for the engines."""
        number = await self._server.start(port, option="--endpoint-port")
        self.url = f"http://127.0.0.1:{number}"
        return self.url

    async def start_engines(self) -> None:
        await asyncio.gather(self._dynamodb.start(), self._services.start())

    def serve(self, service: str, handler: Handler) -> None:
        """Hand the calls of a service to this from now on, by the service's signing name."""
        self._own[service] = handler

    def answer(self, service: str, operation: str, handler: Handler) -> None:
        """Hand the calls of one operation to this from now on."""
        self._endpoint.answer(service, operation, handler)

    def watch(self, service: str, watcher: Watcher) -> None:
        """Show this the answered calls of a service."""
        self._endpoint.watch(service, watcher)

    def check(self, service: str, check: AnswerCheck) -> None:
        """Have this look at the answers of a service before their callers do."""
        self._endpoint.check(service, check)

    def serves(self, deployment: Deployment) -> None:
        """The tables that there are from now on."""
        self._capacity.update(deployment)

    async def stop(self) -> None:
        await self._server.stop()
        await asyncio.gather(self._dynamodb.stop(), self._services.stop())
        self._calls.close()


async def _no_functions(_request: Request) -> Response:
    headers = [("Content-Type", "application/json"), ("Retry-After", "1")]
    return Response(503, headers, b'{"message":"The functions have not been started yet"}')
