"""A REST API served over a real socket, with functions that are Python callables."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cloudworthy.local.apigateway.definition import (
    Integration,
    IntegrationResponse,
    IntegrationType,
    Method,
    Resource,
    RestApi,
    Stage,
)
from cloudworthy.local.apigateway.observer import RequestRecord
from cloudworthy.local.apigateway.quota import SqliteQuotaStore
from cloudworthy.local.apigateway.rest import RestApiGateway
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    Invoker,
)
from cloudworthy.local.model.http import Response
from cloudworthy.local.model.records import every_request
from cloudworthy.local.wire.server import HttpServer
from local.apigateway.nobody import NoServers, NoServices, NoSignatures, NoUserPools
from local.apigateway.raw_client import Headers, RawClient

ACCOUNT = "000000000000"
REGION = "us-east-1"
FUNCTION = "echo"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
PROXY = Integration(IntegrationType.AWS_PROXY, FUNCTION_ARN, permitted_sources=("*",))
PREFLIGHT = Integration(
    IntegrationType.MOCK,
    request_templates={"application/json": "{ statusCode: 200 }"},
    responses=(IntegrationResponse(204, header_values={"Access-Control-Allow-Origin": "'*'"}),),
)


class Functions:
    """An Invoker whose functions are Python callables from event to answer."""

    def __init__(self, functions: Mapping[str, Callable[[Any], Any]]) -> None:
        self.functions = dict(functions)
        self.requests: list[InvocationRequest] = []

    @property
    def event(self) -> dict[str, Any]:
        """The event of the last invocation."""
        event: dict[str, Any] = json.loads(self.requests[-1].payload)
        return event

    def event_of(self, function: str) -> dict[str, Any]:
        """The event of the last invocation of one function."""
        found = [each for each in self.requests if each.function_name == function]
        event: dict[str, Any] = json.loads(found[-1].payload)
        return event

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        self.requests.append(request)
        function = self.functions.get(request.function_name)
        if function is None:
            raise FunctionNotFoundError(request.function_name)
        answer = function(json.loads(request.payload))
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, InvocationResult):
            return answer
        return InvocationResult("function-request", json.dumps(answer).encode())


class Logs:
    """A LogSink that keeps messages by log group."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}

    def put(
        self,
        group: str,
        stream: str,  # noqa: ARG002 - the Protocol's
        message: str,
        *,
        timestamp_ms: int,  # noqa: ARG002
        request_id: str = "",  # noqa: ARG002
    ) -> None:
        self.groups.setdefault(group, []).append(message)


class Traces:
    def __init__(self) -> None:
        self.segments: list[Mapping[str, Any]] = []

    def put(self, segment: Mapping[str, Any]) -> None:
        self.segments.append(segment)


class Records:
    """A RequestObserver that keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[RequestRecord] = []

    def observe(self, record: RequestRecord) -> None:
        self.records.append(record)


class ManualClock:
    """Time that passes only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


def proxy_method(verb: str = "ANY", **changes: Any) -> Method:
    return replace(Method(f"{verb}Method", verb, PROXY), **changes)


def rest_api(*paths: str, methods: tuple[Method, ...] | None = None, **changes: Any) -> RestApi:
    """An API with a stage ``stage`` and the same methods on every path."""
    each = (proxy_method(),) if methods is None else methods
    resources = tuple(Resource(f"id{path}", path, each) for path in paths)
    api = RestApi(
        "Api", "abcde12345", "api", ACCOUNT, REGION, resources, (Stage("Stage", "stage"),)
    )
    return replace(api, **changes)


@dataclass
class Served:
    """A gateway behind a socket, and what it told its sinks."""

    client: RawClient
    gateway: RestApiGateway
    functions: Functions
    logs: Logs = field(default_factory=Logs)
    traces: Traces = field(default_factory=Traces)
    observer: Records = field(default_factory=Records)
    clock: ManualClock = field(default_factory=ManualClock)

    async def send(
        self, method: str, target: str, headers: Headers | None = None, body: bytes = b""
    ) -> Response:
        return await self.client.request(method, target, list(headers or []), body)

    async def get(self, target: str, *headers: tuple[str, str]) -> Response:
        return await self.send("GET", target, list(headers))


def echo(_event: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": "{}"}


def rest_gateway(
    api: RestApi, invoker: Invoker, quotas: SqliteQuotaStore, **others: Any
) -> RestApiGateway:
    """A gateway that serves an API; what is not given is there, but nobody is behind it."""
    parts: dict[str, Any] = {
        "log_sink": Logs(),
        "clock": ManualClock(),
        "trace_sink": Traces(),
        "sampler": every_request,
        "observer": Records(),
        "signatures": NoSignatures(),
        "user_pools": NoUserPools(),
        "outbound": NoServers(),
        "services": NoServices(),
    }
    gateway = RestApiGateway(invoker, quotas=quotas, **(parts | others))
    gateway.update([api])
    return gateway


@contextmanager
def forgotten_quotas() -> Iterator[SqliteQuotaStore]:
    """Quotas that are in no file."""
    quotas = SqliteQuotaStore(Path(":memory:"))
    try:
        yield quotas
    finally:
        quotas.close()


@asynccontextmanager
async def serving(
    api: RestApi,
    function: Callable[[Any], Any] = echo,
    *,
    others: Mapping[str, Callable[[Any], Any]] | None = None,
    **parts: Any,
) -> AsyncIterator[Served]:
    """Serve an API with one function on a free port; ``others`` are there besides.

    ``parts`` are the gateway's: ``sampler``, ``signatures``, ``outbound`` and so on.
    """
    functions = Functions({FUNCTION: function, **(others or {})})
    logs, traces, records, clock = Logs(), Traces(), Records(), ManualClock()
    sinks = {"log_sink": logs, "trace_sink": traces, "observer": records}
    with forgotten_quotas() as quotas:
        gateway = rest_gateway(api, functions, quotas, clock=clock, **sinks, **parts)
        server = HttpServer(gateway.handler(api.api_id))
        client = RawClient(await server.start(0))
        try:
            yield Served(client, gateway, functions, logs, traces, records, clock)
        finally:
            await server.stop()
