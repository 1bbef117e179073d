"""Backends of REST APIs other than functions: a web server, and AWS services that are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from cloudworthy.local.apigateway.definition import (
    AwsService,
    Integration,
    IntegrationResponse,
    IntegrationType,
    Method,
    RestApi,
)
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.outbound import OutboundHttp
from cloudworthy.local.wire.server import HttpServer
from local.apigateway.serving import FUNCTION_ARN, Served, rest_api, serving

ROLE = "arn:aws:iam::000000000000:role/gateway"
LAMBDA = Integration(
    IntegrationType.AWS,
    FUNCTION_ARN,
    permitted_sources=("*",),
    address="invocations",
    responses=(IntegrationResponse(200),),
)
"""A function behind an integration that is no proxy."""


def api_of(integration: Integration, path: str = "/x", verb: str = "ANY") -> RestApi:
    return rest_api(path, methods=(Method("Method", verb, integration),))


@dataclass
class WebServer:
    """A web server that answers as told and keeps what it got."""

    port: int = 0
    response: Response = field(default_factory=lambda: Response(200, [], b"{}"))
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def request(self) -> Request:
        return self.requests[-1]

    async def handle(self, request: Request) -> Response:
        self.requests.append(request)
        answer = self.response
        return Response(answer.status, list(answer.headers), answer.body)


@asynccontextmanager
async def behind(
    web: WebServer, integration: Integration, path: str = "/x", **api: object
) -> AsyncIterator[Served]:
    """Serve an API whose methods call the web server; ``address`` is below its URL."""
    server = HttpServer(web.handle)
    web.port = await server.start(0)
    outbound = OutboundHttp(shows_connection=True)
    integration = replace(integration, address=f"{web.url}{integration.address}")
    definition = replace(api_of(integration, path), **api)  # type: ignore[arg-type]
    try:
        async with serving(definition, outbound=outbound) as served:
            yield served
    finally:
        outbound.close()
        await server.stop()


@dataclass
class Services:
    """AWS services that answer as told."""

    answer: Callable[[Request], Response] = lambda _request: Response(200, [], b"{}")
    calls: list[tuple[Request, AwsService]] = field(default_factory=list)

    @property
    def call(self) -> Request:
        return self.calls[-1][0]

    async def send(self, request: Request, service: AwsService) -> Response:
        self.calls.append((request, service))
        return self.answer(request)


def service_integration(
    name: str, action: str = "", path: str = "/", **changes: object
) -> Integration:
    service = AwsService(name, "us-east-1", ROLE, action)
    integration = Integration(
        IntegrationType.AWS,
        address=path,
        service=service,
        responses=(IntegrationResponse(200),),
    )
    return replace(integration, **changes)  # type: ignore[arg-type]
