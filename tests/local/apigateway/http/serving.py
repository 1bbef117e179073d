"""An HTTP API served over a real socket, with functions that are Python callables."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cloudworthy.local.apigateway.authorizers.iam import Signatures
from cloudworthy.local.apigateway.authorizers.user_pool_keys import UserPoolKeys
from cloudworthy.local.apigateway.http.definition import (
    DEFAULT_STAGE,
    Authorization,
    HttpApi,
    Integration,
    LambdaAuthorizer,
    LambdaIntegration,
    PayloadFormat,
    Route,
    Stage,
)
from cloudworthy.local.apigateway.http.gateway import HttpApiGateway
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.records import MetricDatum
from cloudworthy.local.wire.outbound import OutboundHttp
from cloudworthy.local.wire.server import HttpServer
from local.apigateway.nobody import NoSignatures, NoUserPools
from local.apigateway.raw_client import Headers, RawClient
from local.apigateway.serving import ACCOUNT, FUNCTION, REGION, Functions, Logs, ManualClock, echo

API_ID = "abcde12345"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
AUTHORIZER_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:authorizer"
V2 = LambdaIntegration(FUNCTION_ARN, PayloadFormat.V2, permitted_sources=("*",))
V1 = replace(V2, payload_format=PayloadFormat.V1)
AUTHORIZER = LambdaAuthorizer(
    "Authorizer",
    "auth01",
    AUTHORIZER_ARN,
    PayloadFormat.V2,
    simple_responses=True,
    identity_sources=("$request.header.Authorization",),
)
TOKEN = ("Authorization", "Bearer token")


def route(
    route_key: str,
    integration: Integration = V2,
    authorization: Authorization = None,
    *,
    scopes: tuple[str, ...] = (),
) -> Route:
    return Route(f"Route{route_key}", route_key, integration, authorization, scopes)


def http_api(*routes: Route | str, **changes: Any) -> HttpApi:
    """An API with its default stage; a route may be given as its key alone."""
    found = tuple(route(entry) if isinstance(entry, str) else entry for entry in routes)
    stages = (Stage("Stage", DEFAULT_STAGE),)
    return replace(HttpApi("Api", API_ID, "api", ACCOUNT, REGION, found, stages), **changes)


class Metrics:
    """A MetricSink that keeps what it is given."""

    def __init__(self) -> None:
        self.data: list[MetricDatum] = []

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)


@dataclass
class Served:
    """A gateway behind a socket, and what it told its sinks."""

    client: RawClient
    gateway: HttpApiGateway
    functions: Functions
    logs: Logs = field(default_factory=Logs)
    metrics: Metrics = field(default_factory=Metrics)
    clock: ManualClock = field(default_factory=ManualClock)

    async def send(
        self, method: str, target: str, headers: Headers | None = None, body: bytes = b""
    ) -> Response:
        return await self.client.request(method, target, list(headers or []), body)

    async def get(self, target: str, *headers: tuple[str, str]) -> Response:
        return await self.send("GET", target, list(headers))

    def events(self, function: str = FUNCTION) -> list[dict[str, Any]]:
        """The events that a function got."""
        requests = self.functions.requests
        return [json.loads(r.payload) for r in requests if r.function_name == function]


@asynccontextmanager
async def serving(
    api: HttpApi,
    function: Callable[[Any], Any] = echo,
    *,
    authorizer: Callable[[Any], Any] = echo,
    signatures: Signatures | None = None,
    user_pools: UserPoolKeys | None = None,
) -> AsyncIterator[Served]:
    """Serve an API with a function and an authorizer on a free port."""
    functions = Functions({FUNCTION: function, "authorizer": authorizer})
    logs, metrics, clock, outbound = Logs(), Metrics(), ManualClock(), OutboundHttp()
    gateway = HttpApiGateway(
        functions,
        logs,
        clock,
        outbound=outbound,
        metric_sink=metrics,
        signatures=signatures or NoSignatures(),
        user_pools=user_pools or NoUserPools(),
    )
    gateway.update([api])
    server = HttpServer(gateway.handler(api.api_id))
    client = RawClient(await server.start(0))
    try:
        yield Served(client, gateway, functions, logs, metrics, clock)
    finally:
        await server.stop()
        outbound.close()


def message_of(response: Response) -> str:
    """The ``message`` of an answer of the gateway itself."""
    return str(json.loads(response.body)["message"])
